//! Prices: the price book, for anyone.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::OperationName;
use crate::ledger::{Operation, PriceBook, Tier};
use crate::server::state::App;

/// One operation and what a unit of it costs each tier.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationPrice {
    operation: OperationName,
    title: &'static str,
    unit: &'static str,
    /// Credits a unit, by tier.
    credits: BTreeMap<&'static str, i64>,
}

/// Credits sold together.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackagePrice {
    name: String,
    credits: i64,
    /// In US cents.
    price_cents: i64,
    #[schema(example = "$10.00")]
    price: String,
}

/// Every price in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prices)]
pub struct PricesAnswer {
    /// Each ledger entry names the version that priced it.
    version: u32,
    operations: Vec<OperationPrice>,
    packages: Vec<PackagePrice>,
}

/// Reads the price book. Needs no key.
#[utoipa::path(get, path = "/api/billing/prices", operation_id = "list_prices", tag = "prices", security(()),
    responses((status = 200, body = PricesAnswer, description = "The price book")))]
pub async fn list(State(app): State<App>) -> Json<PricesAnswer> {
    Json(answer(app.kernel.price_book()))
}

fn answer(book: &PriceBook) -> PricesAnswer {
    let operation = |operation: &Operation| OperationPrice {
        operation: OperationName(*operation),
        title: operation.title(),
        unit: operation.unit(),
        credits: Tier::ALL.iter().map(|tier| (tier.name(), book.unit_price(*operation, *tier).get())).collect(),
    };
    let packages = book.packages().iter().map(|package| PackagePrice {
        name: package.name.clone(),
        credits: package.credits.get(),
        price_cents: package.price.get(),
        price: package.price.to_string(),
    });
    PricesAnswer {
        version: book.version,
        operations: Operation::ALL.iter().map(operation).collect(),
        packages: packages.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_shows_every_operation_tier_and_package() {
        let prices = serde_json::to_value(answer(&crate::ledger::testing::price_book())).expect("serializable");
        assert_eq!(prices["operations"].as_array().map(Vec::len), Some(8));
        assert_eq!(prices["operations"][1]["credits"]["fintech"], 425);
        assert_eq!(prices["packages"][0]["name"], "Starter");
        assert_eq!(prices["packages"][0]["price"], "$10.00");
        assert_eq!(prices["packages"][3]["price_cents"], 600_000);
    }
}
