//! Quotes: a price promised for a while. What is charged under one never costs more, and costs less when it got cheaper.

use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store;
use crate::ledger::{AccountId, Credits, Operation, Promise, QuoteId, Refusal, Timestamp};

/// How long a promise holds: time to ask a person, too short to speculate on prices.
const QUOTE_SECONDS: i64 = 900;
/// How long an expired quote is kept, so that a late retry still finds the promise it was made under.
const KEPT_DAYS: i64 = 30;

/// A promised price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Names the quote.
    pub id: QuoteId,
    /// Whom it was promised to.
    pub account: AccountId,
    /// For what.
    pub operation: Operation,
    /// How many units of it.
    pub quantity: i64,
    /// What one unit costs.
    pub unit_price: Credits,
    /// What all of them cost at most.
    pub credits: Credits,
    /// The price book that it was read from.
    pub price_book: u32,
    /// Until when the promise holds.
    pub expires_at: Timestamp,
}

/// What is about to be charged under a quote.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a> {
    /// Who pays.
    pub account: AccountId,
    /// For what.
    pub operation: Operation,
    /// How many units of it.
    pub quantity: i64,
    /// The idempotency key of the charge: a retry of what was done under the promise needs it no longer to hold.
    pub request: &'a str,
}

/// Why a quote does not cover a charge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// The account has no such quote.
    #[error("there is no such quote for this account")]
    NotFound,
    /// It was given for something else.
    #[error("this quote is for {quantity} × {}; ask for one of what you want to charge", operation.name())]
    ForSomethingElse {
        /// What it was given for.
        operation: Operation,
        /// How many units of it.
        quantity: i64,
    },
    /// Its time is over.
    #[error("this quote has expired; ask for a new one")]
    Expired,
    /// The kernel did not answer.
    #[error(transparent)]
    Kernel(#[from] KernelError),
}

impl Kernel {
    /// Promises the account's present price, and says whether the same request had this quote before.
    ///
    /// # Errors
    /// When there is no such account, the quantity is not one that is sold, the key was used for another quote, or the
    /// store is out of reach.
    pub async fn quote(
        &self,
        account: AccountId,
        operation: Operation,
        quantity: i64,
        request: &str,
    ) -> Result<(Quote, bool), KernelError> {
        let tier = self.account(account).await?.ok_or(Refusal::NoSuchAccount)?.tier;
        let (prices, now) = (self.price_book(), self.now());
        let quote = Quote {
            id: QuoteId::from_ulid(self.next_ulid()),
            account,
            operation,
            quantity,
            unit_price: prices.unit_price(operation, tier),
            credits: prices.cost(operation, tier, quantity)?,
            price_book: prices.version,
            expires_at: now.plus_seconds(QUOTE_SECONDS),
        };
        let forget = store::forget_quotes(now.plus_days(-KEPT_DAYS));
        let writes = vec![forget, store::write_quote(&quote, request, now)];
        self.database().write(writes).await.map_err(unavailable)?;
        let kept = store::quote_by_request(self.database(), account, request).await.map_err(unavailable)?;
        let kept = kept.ok_or(KernelError::Unavailable)?;
        if (kept.operation, kept.quantity) != (operation, quantity) {
            return Err(KernelError::IdempotencyConflict);
        }
        let replayed = kept.id != quote.id;
        Ok((kept, replayed))
    }

    /// What a charge under a quote may cost at most.
    ///
    /// # Errors
    /// When the quote is not the account's, is for something else, or has expired before the charge was first made.
    pub async fn promised(&self, id: QuoteId, charge: Quoted<'_>) -> Result<Promise, QuoteError> {
        let quote = self.quote_of(id, charge.account).await?;
        if (quote.operation, quote.quantity) != (charge.operation, charge.quantity) {
            return Err(QuoteError::ForSomethingElse { operation: quote.operation, quantity: quote.quantity });
        }
        self.standing(&quote, charge).await
    }

    /// The budget that a quote is for one piece of work of its operation: all that it promises, however many units it
    /// was given for.
    ///
    /// # Errors
    /// As [`Kernel::promised`].
    pub async fn promised_budget(&self, id: QuoteId, charge: Quoted<'_>) -> Result<Promise, QuoteError> {
        let quote = self.quote_of(id, charge.account).await?;
        if quote.operation != charge.operation {
            return Err(QuoteError::ForSomethingElse { operation: quote.operation, quantity: quote.quantity });
        }
        self.standing(&quote, charge).await
    }

    async fn quote_of(&self, id: QuoteId, account: AccountId) -> Result<Quote, QuoteError> {
        let quote = store::quote_by_id(self.database(), id).await.map_err(unavailable)?;
        quote.filter(|quote| quote.account == account).ok_or(QuoteError::NotFound)
    }

    /// What a quote still promises.
    async fn standing(&self, quote: &Quote, charge: Quoted<'_>) -> Result<Promise, QuoteError> {
        if quote.expires_at <= self.now() && self.receipt(charge.account, charge.request).await?.is_none() {
            return Err(QuoteError::Expired);
        }
        Ok(Promise { credits: quote.credits, price_book: quote.price_book })
    }
}
