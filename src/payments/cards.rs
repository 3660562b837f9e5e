//! The customer's Stripe side: one Stripe customer per account, and the card saved there.

use super::purchase::Purchase;
use super::store::{self, Customer};
use super::stripe::{CallError, SavedCard};
use super::{Inner, PaymentError, Payments};
use crate::ledger::AccountId;

/// A customer that vanished at Stripe is made anew once; a second loss is somebody's mistake and not ours to repeat.
pub(super) const CUSTOMER_TRIES: u32 = 2;

impl Payments {
    /// The card that is charged when the customer is not present.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn saved_card(&self, account: AccountId) -> Result<Option<SavedCard>, PaymentError> {
        Ok(self.inner.store.customer(account).await?.and_then(|customer| customer.card))
    }

    /// Saves a card (a `pm_…` that Stripe's form made) and makes it the one that is charged.
    ///
    /// # Errors
    /// `CardDeclined` when the bank refuses it, `Refused` when it is no card of Stripe's.
    pub async fn attach_payment_method(
        &self,
        account: AccountId,
        payment_method: &str,
    ) -> Result<SavedCard, PaymentError> {
        for _ in 0..CUSTOMER_TRIES {
            let (customer, id) = self.inner.customer(account, None).await?;
            match self.inner.stripe.attach(account, &id, payment_method, customer.revision).await {
                Ok(card) => {
                    self.inner.store.write(vec![store::save_card(account, &card)]).await?;
                    return Ok(card);
                }
                Err(CallError::CustomerMissing) => self.inner.forget_customer(account, &id).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CallError::CustomerMissing.into())
    }

    /// Notes the cards that paid these checkouts (purchase and payment intent).
    pub(super) async fn remember_cards(self, finished: Vec<(Purchase, String)>) {
        for (purchase, intent) in finished {
            self.remember_card(&purchase, &intent).await;
        }
    }

    /// Best effort: without it the next purchase goes to the checkout page again. A saved card stays the saved one.
    async fn remember_card(&self, purchase: &Purchase, intent: &str) {
        match self.inner.stripe.card_of(intent).await {
            Ok(Some(card)) => {
                if let Err(error) = self.inner.store.write(vec![store::remember_card(purchase.account, &card)]).await {
                    tracing::warn!(%error, purchase = %purchase.id, "a card could not be remembered");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(?error, purchase = %purchase.id, "a card could not be asked for"),
        }
    }
}

impl Inner {
    /// The account's customer at Stripe, made if there is none yet.
    pub(super) async fn customer(
        &self,
        account: AccountId,
        email: Option<&str>,
    ) -> Result<(Customer, String), PaymentError> {
        let reserve = store::reserve_customer(account, email, self.clock.now());
        self.store.write(vec![reserve]).await?;
        let known = self.store.customer(account).await?.unwrap_or_default();
        if let Some(id) = known.customer.clone() {
            return Ok((known, id));
        }
        // With the stored address, so that a retry is word for word the same request.
        let made = self.stripe.create_customer(account, known.email.as_deref(), known.revision).await?;
        self.store.write(vec![store::set_customer(account, &made)]).await?;
        Ok((known, made))
    }

    pub(super) async fn forget_customer(&self, account: AccountId, customer: &str) -> Result<(), PaymentError> {
        tracing::warn!(%account, "stripe does not know this customer any more; a new one is made");
        Ok(self.store.write(vec![store::forget_customer(account, customer)]).await?)
    }
}
