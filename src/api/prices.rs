//! Prices: the price book in force and those that were, for anyone.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::ProblemBody;
use super::fields::OperationName;
use super::problem::Problem;
use super::query::Parameters;
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

/// Every price of a price book.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prices)]
pub struct PricesAnswer {
    /// Each ledger entry names the version that priced it.
    version: u32,
    operations: Vec<OperationPrice>,
    packages: Vec<PackagePrice>,
}

/// Reads the price book in force, or the one of a version that was. Needs no key.
#[utoipa::path(get, path = "/api/billing/prices", operation_id = "list_prices", tag = "prices", security(()),
    params(("version" = Option<u32>, Query, minimum = 1,
        description = "The version that an entry names; the one in force when not given")),
    responses((status = 200, body = PricesAnswer, description = "The price book"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json",
            description = "No price book of that version was ever in force")))]
pub async fn list(State(app): State<App>, parameters: Parameters) -> Result<Json<PricesAnswer>, Problem> {
    let version = parameters.number("version", 1, i64::from(u32::MAX))?.and_then(|version| u32::try_from(version).ok());
    let Some(version) = version else { return Ok(Json(answer(app.kernel.price_book()))) };
    let book = app.kernel.price_book_of(version).await?.ok_or_else(|| {
        let sentence = format!("No price book of version {version} was ever in force");
        Problem::new(StatusCode::NOT_FOUND, "price_book_not_found", sentence)
    })?;
    Ok(Json(answer(&book)))
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
