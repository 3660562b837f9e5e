//! The customer's Stripe side: one Stripe customer per account, and the cards saved there. Stripe keeps the cards; we
//! keep which one is charged.

use super::purchase::Purchase;
use super::store::{self, Customer};
use super::stripe::{CallError, SavedCard};
use super::{Inner, PaymentError, Payments, topup};
use crate::billing::store::Statement;
use crate::ledger::AccountId;

/// A customer that vanished at Stripe is made anew once; a second loss is somebody's mistake and not ours to repeat.
pub(super) const CUSTOMER_TRIES: u32 = 2;

/// A card as the customer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCard {
    /// Brand, last digits and Stripe's id.
    pub card: SavedCard,
    /// The month it runs out with, 1 to 12.
    pub exp_month: i64,
    /// And the year.
    pub exp_year: i64,
    /// Whether it is the one that is charged.
    pub is_default: bool,
}

impl Payments {
    /// The account's cards, newest first, as Stripe keeps them.
    ///
    /// # Errors
    /// When the store or Stripe does not answer.
    pub async fn cards(&self, account: AccountId) -> Result<Vec<KeptCard>, PaymentError> {
        let known = self.inner.store.customer(account).await?.unwrap_or_default();
        let Some(customer) = &known.customer else { return Ok(Vec::new()) };
        let listed = match self.inner.stripe.cards(customer).await {
            Err(CallError::CustomerMissing) => Vec::new(),
            other => other?,
        };
        let default = known.card.map(|card| card.payment_method);
        let kept = listed.into_iter().map(|listed| KeptCard {
            is_default: default.as_deref() == Some(listed.card.payment_method.as_str()),
            card: listed.card,
            exp_month: listed.exp_month,
            exp_year: listed.exp_year,
        });
        Ok(kept.collect())
    }

    /// Has this card charged from now on, and writes `along` with it. Saying it again changes nothing.
    ///
    /// # Errors
    /// `NoSuchCard` when the account has no such card, whoever else may.
    pub async fn make_default(
        &self,
        account: AccountId,
        card: &str,
        along: Vec<Statement>,
    ) -> Result<KeptCard, PaymentError> {
        let (kept, customer, revision) = self.own_card(account, card).await?;
        if !kept.is_default {
            self.inner.stripe.set_default(account, &customer, card, revision).await?;
            let rows = vec![store::save_card(account, &kept.card), topup::forgive(account)];
            self.inner.store.write([rows, along].concat()).await?;
        }
        Ok(KeptCard { is_default: true, ..kept })
    }

    /// Removes a card at Stripe and here. If it was the one that is charged, none is until another is chosen: nobody
    /// expects a charge on a card that they did not name. `along` is written with it.
    ///
    /// # Errors
    /// `NoSuchCard` when the account has no such card, whoever else may.
    pub async fn remove_card(&self, account: AccountId, card: &str, along: Vec<Statement>) -> Result<(), PaymentError> {
        let (_, _, revision) = self.own_card(account, card).await?;
        self.inner.stripe.detach(account, card, revision).await?;
        Ok(self.inner.store.write([vec![store::forget_card(account, card)], along].concat()).await?)
    }

    /// One of the account's own cards, with its customer and the revision for keys at Stripe.
    async fn own_card(&self, account: AccountId, card: &str) -> Result<(KeptCard, String, i64), PaymentError> {
        let known = self.inner.store.customer(account).await?.unwrap_or_default();
        let cards = self.cards(account).await?;
        let kept = cards.into_iter().find(|kept| kept.card.payment_method == card);
        kept.zip(known.customer)
            .map(|(kept, customer)| (kept, customer, known.revision))
            .ok_or(PaymentError::NoSuchCard)
    }

    /// Stripe's page for saving a card; it becomes the one that is charged. `request` makes pressing twice one page.
    ///
    /// # Errors
    /// As [`PaymentError`] says.
    pub async fn add_card(
        &self,
        account: AccountId,
        email: Option<&str>,
        request: &str,
    ) -> Result<String, PaymentError> {
        for _ in 0..CUSTOMER_TRIES {
            let (_, customer) = self.inner.customer(account, email).await?;
            match self.inner.stripe.open_setup(account, &customer, &self.inner.config.public_url, request).await {
                Err(CallError::CustomerMissing) => self.inner.forget_customer(account, &customer).await?,
                other => return Ok(other?),
            }
        }
        Err(CallError::CustomerMissing.into())
    }

    /// Stripe's portal for this account: invoices, cards and the subscription.
    ///
    /// # Errors
    /// As [`PaymentError`] says.
    pub async fn portal(&self, account: AccountId, email: Option<&str>, request: &str) -> Result<String, PaymentError> {
        for _ in 0..CUSTOMER_TRIES {
            let (_, customer) = self.inner.customer(account, email).await?;
            match self.inner.stripe.open_portal(account, &customer, &self.inner.config.public_url, request).await {
                Err(CallError::CustomerMissing) => self.inner.forget_customer(account, &customer).await?,
                other => return Ok(other?),
            }
        }
        Err(CallError::CustomerMissing.into())
    }

    /// Notes the card that a customer saved on Stripe's page. Whose it is, our own row of the Stripe customer says.
    ///
    /// # Errors
    /// When the store or Stripe does not answer; the event waits then.
    pub(super) async fn card_was_saved(&self, customer: &str, setup: &str) -> Result<bool, PaymentError> {
        let Some(account) = self.inner.store.account_of(customer).await? else { return Ok(false) };
        let Some(card) = self.inner.stripe.card_of_setup(setup).await? else { return Ok(false) };
        let known = self.inner.store.customer(account).await?.unwrap_or_default();
        self.inner.stripe.set_default(account, customer, &card.payment_method, known.revision).await?;
        self.inner.store.write(vec![store::save_card(account, &card), topup::forgive(account)]).await?;
        Ok(true)
    }

    /// The card that is charged when the customer is not present.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn saved_card(&self, account: AccountId) -> Result<Option<SavedCard>, PaymentError> {
        Ok(self.inner.store.customer(account).await?.and_then(|customer| customer.card))
    }

    /// Saves a card (a `pm_…` that Stripe's form made) and makes it the one that is charged. `along` is written with it.
    ///
    /// # Errors
    /// `CardDeclined` when the bank refuses it, `Refused` when it is no card of Stripe's.
    pub async fn attach_payment_method(
        &self,
        account: AccountId,
        payment_method: &str,
        along: Vec<Statement>,
    ) -> Result<SavedCard, PaymentError> {
        for _ in 0..CUSTOMER_TRIES {
            let (customer, id) = self.inner.customer(account, None).await?;
            match self.inner.stripe.attach(account, &id, payment_method, customer.revision).await {
                Ok(card) => {
                    let rows = vec![store::save_card(account, &card), topup::forgive(account)];
                    self.inner.store.write([rows, along].concat()).await?;
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
