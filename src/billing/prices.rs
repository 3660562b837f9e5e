//! Reads a price book from TOML: the shipped one, or an operator's.

use crate::ledger::{PriceBook, PriceBookError};

/// Why a price book was not taken.
pub type PricesError = PriceBookError;

/// The price book in a TOML text, checked.
///
/// # Errors
/// Says what cannot be read, or which price is missing or out of range.
///
/// ```
/// let prices = aethel::billing::prices_from(aethel::ledger::PriceBook::STANDARD)?;
/// assert_eq!(prices.package("starter").map(|package| package.credits.get()), Some(100));
/// # Ok::<(), aethel::billing::PricesError>(())
/// ```
pub fn prices_from(text: &str) -> Result<PriceBook, PricesError> {
    toml::from_str::<PriceBook>(text).map_err(|error| PriceBookError::Unreadable(error.to_string()))?.checked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_book_that_misses_a_price_is_refused_by_name() {
        let text = PriceBook::STANDARD.replace("state_storage = 1\n", "");
        assert!(prices_from(&text).unwrap_err().to_string().contains("base_credits.state_storage is missing"));
        let text = PriceBook::STANDARD.replace("fintech = 15", "fintech = 150");
        assert!(prices_from(&text).unwrap_err().to_string().contains("discount of fintech is 150"));
        assert!(matches!(prices_from("version = 1"), Err(PriceBookError::Unreadable(_))));
    }
}
