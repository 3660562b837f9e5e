//! Packages, prices and the calculator's answer.

use std::str::FromStr;

use crate::app::format::{credits, grouped};
use crate::app::views::{ChoiceView, FrameView, PackageView, PriceRow, PricingView, QuoteView};
use crate::ledger::{Cents, Operation, Package, PriceBook, Tier};

/// A price as one reads it: `$10`, and `$12.50` where there are cents.
pub fn price(amount: Cents) -> String {
    let text = amount.to_string();
    text.strip_suffix(".00").map(ToOwned::to_owned).unwrap_or(text)
}

/// The packages of the price book.
pub fn packages(book: &PriceBook) -> Vec<PackageView> {
    book.packages().iter().map(|package| package_view(book, package)).collect()
}

fn package_view(book: &PriceBook, package: &Package) -> PackageView {
    let credits = package.credits.get();
    let unit = |operation| book.unit_price(operation, Tier::Developer).get().max(1);
    let proofs = credits / unit(Operation::ProofVerification);
    let hours = credits / unit(Operation::SentinelMonitoring);
    PackageView {
        name: package.name.clone(),
        credits,
        price: price(package.price),
        per_credit: per_credit(package),
        buys: format!("{} proofs, or {} hours of monitoring", grouped(proofs), grouped(hours)),
    }
}

/// The price of one credit in cents with one decimal, rounded down: `7.0¢`.
fn per_credit(package: &Package) -> String {
    let tenths = package.price.get().saturating_mul(10) / package.credits.get().max(1);
    format!("{}.{}¢", grouped(tenths / 10), tenths % 10)
}

/// What a quantity of an operation costs. Empty fields are the first visit: an example is shown.
pub fn quote(book: &PriceBook, operation: &str, tier: &str, quantity: &str) -> QuoteView {
    let operation_name = if operation.is_empty() { Operation::ProofVerification.name() } else { operation };
    let tier_name = if tier.is_empty() { Tier::Developer.name() } else { tier };
    let quantity = if quantity.is_empty() { "1,000" } else { quantity };
    let refuse = |code: &str| QuoteView {
        operation: operation_name.to_owned(),
        tier: tier_name.to_owned(),
        quantity: quantity.to_owned(),
        cost: 0,
        sentence: String::new(),
        error: code.to_owned(),
    };
    let (Ok(operation), Ok(tier)) = (Operation::from_str(operation_name), Tier::from_str(tier_name)) else {
        return refuse("choice_invalid");
    };
    // People write 1,000 as they read it.
    let digits: String = quantity.chars().filter(|letter| *letter != ',' && *letter != ' ').collect();
    let Ok(number) = digits.parse::<i64>() else { return refuse("quantity_invalid") };
    let Ok(cost) = book.cost(operation, tier, number) else { return refuse("quantity_invalid") };
    let unit = book.unit_price(operation, tier).get();
    QuoteView {
        operation: operation.name().to_owned(),
        tier: tier.name().to_owned(),
        quantity: grouped(number),
        cost: cost.get(),
        sentence: format!("{} × {} per {}", grouped(number), credits(unit), operation.unit()),
        error: String::new(),
    }
}

/// The pricing page.
pub fn pricing(frame: FrameView, book: &PriceBook, quote: QuoteView) -> PricingView {
    let prices = Operation::ALL
        .iter()
        .map(|operation| PriceRow {
            operation: operation.name().to_owned(),
            title: operation.title().to_owned(),
            unit: operation.unit().to_owned(),
            base: book.unit_price(*operation, Tier::Developer).get(),
            fintech: book.unit_price(*operation, Tier::Fintech).get(),
            enterprise: book.unit_price(*operation, Tier::Enterprise).get(),
        })
        .collect();
    let tiers = Tier::ALL
        .iter()
        .map(|tier| ChoiceView { value: tier.name().to_owned(), title: tier.title().to_owned() })
        .collect();
    PricingView { frame, packages: packages(book), prices, tiers, price_book: i64::from(book.version), quote }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::testing::price_book;

    #[test]
    fn a_package_says_what_one_credit_costs() {
        let shown: Vec<(String, String)> =
            packages(&price_book()).into_iter().map(|package| (package.price, package.per_credit)).collect();
        let expected = [("$10", "10.0¢"), ("$80", "8.0¢"), ("$700", "7.0¢"), ("$6,000", "6.0¢")];
        assert_eq!(shown, expected.map(|(price, each)| (price.to_owned(), each.to_owned())));
    }

    #[test]
    fn the_calculator_uses_the_published_prices() {
        let quote = quote(&price_book(), "sentinel_monitoring", "fintech", "24");
        assert_eq!((quote.cost, quote.error.as_str()), (192, ""));
        assert_eq!(quote.sentence, "24 × 8 credits per hour");
    }

    #[test]
    fn the_calculator_refuses_what_cannot_be_bought_and_keeps_what_was_typed() {
        for typed in ["0", "-1", "1.5", "1000001", "many", "99999999999999999999"] {
            let quote = quote(&price_book(), "state_storage", "free", typed);
            assert_eq!((quote.error.as_str(), quote.quantity.as_str()), ("quantity_invalid", typed));
        }
        assert_eq!(quote(&price_book(), "magic", "free", "1").error, "choice_invalid");
        assert_eq!(quote(&price_book(), "", "gold", "1").error, "choice_invalid");
    }
}
