//! Reads a price book from TOML, the shipped one or an operator's, and keeps each that was in force.

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store::{self, StoreError};
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

/// Why the price book in force was not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PricesNotKept {
    /// Entries name the version, and mean the prices it had.
    #[error(
        "version {version} of the price book was in force with other prices, and entries name it; give the changed \
         book a higher version"
    )]
    Changed {
        /// Which version.
        version: u32,
    },
    /// The store did not answer.
    #[error(transparent)]
    Kernel(#[from] KernelError),
}

impl Kernel {
    /// Keeps the price book in force, so that what it priced can be looked up however often prices change.
    ///
    /// # Errors
    /// When its version was in force with other prices, or the store is out of reach.
    pub async fn keep_prices(&self) -> Result<(), PricesNotKept> {
        let book = self.price_book();
        let version = book.version;
        let text = serde_json::to_string(book).map_err(|_| KernelError::Unavailable)?;
        let kept = store::keep_price_book(self.database(), version, &text, self.now()).await.map_err(unavailable)?;
        let same = kept.as_deref().map(read).transpose().map_err(unavailable)?.as_ref() == Some(book);
        if same { Ok(()) } else { Err(PricesNotKept::Changed { version }) }
    }

    /// The price book of a version: the one in force, or one that was.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn price_book_of(&self, version: u32) -> Result<Option<PriceBook>, KernelError> {
        if version == self.price_book().version {
            return Ok(Some(self.price_book().clone()));
        }
        let kept = store::price_book(self.database(), version).await.map_err(unavailable)?;
        kept.as_deref().map(read).transpose().map_err(unavailable)
    }
}

fn read(text: &str) -> Result<PriceBook, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("a price book: {error}")))
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
