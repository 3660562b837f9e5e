//! A payment whose bank wants its customer present: the same intent is confirmed on the bank's page, so that there is
//! never a second one beside it.

use super::buying::NEEDS_OWNER;
use super::purchase::{Purchase, PurchaseState, Way};
use super::store::Links;
use super::stripe::{CallError, Intent};
use super::{PaymentError, Payments};
use crate::ledger::{AccountId, PurchaseId};

/// Stripe's word for a customer who was asked by the bank and did not pass.
const NOT_PASSED: &str = "payment_intent_authentication_failure";

/// How a payment goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// On this page of the bank's.
    BankPage(String),
    /// It needs no confirmation any more: paid, or on its way.
    Done,
}

/// Whether the purchase waits for its customer to be asked by the bank.
pub(super) fn needs_owner(purchase: &Purchase) -> bool {
    let code = purchase.failure.as_ref().map(|failure| failure.code.as_str());
    purchase.state == PurchaseState::Failed && matches!(code, Some(NEEDS_OWNER | NOT_PASSED))
}

impl Purchase {
    /// Whether its customer can confirm it on the bank's page.
    #[must_use]
    pub fn can_be_confirmed(&self) -> bool {
        self.way == Way::SavedCard && (needs_owner(self) || self.state == PurchaseState::Pending)
    }
}

impl Payments {
    /// Where the customer confirms the payment of a purchase by saved card. `request` makes pressing twice one try.
    ///
    /// # Errors
    /// `Over` when it can no longer be paid or is not for the customer to confirm; else as [`PaymentError`] says.
    pub async fn confirm(
        &self,
        account: AccountId,
        id: PurchaseId,
        request: &str,
    ) -> Result<Option<Confirmation>, PaymentError> {
        let Some(purchase) = self.purchase(account, id).await? else { return Ok(None) };
        if purchase.state.was_paid() || purchase.state == PurchaseState::Processing {
            return Ok(Some(Confirmation::Done));
        }
        let (true, Some(intent), Some(card)) =
            (purchase.can_be_confirmed(), &purchase.stripe_intent, &purchase.payment_method)
        else {
            return Err(PaymentError::Over);
        };
        let known = self.inner.stripe.intent(intent).await?;
        self.hear(&purchase, &known).await?;
        if known.bank_page.is_some() {
            return Ok(Some(read(known)));
        }
        let back = format!("{}/buy/return?purchase={id}", self.inner.config.public_url);
        match self.inner.stripe.confirm(&purchase, intent, card, &back, request).await {
            Ok(intent) => {
                self.hear(&purchase, &intent).await?;
                Ok(Some(read(intent)))
            }
            Err(CallError::Declined { failure, intent }) => {
                let error = PaymentError::CardDeclined { message: failure.message.clone() };
                self.settle_decline(&purchase, failure, intent).await?;
                Err(error)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes sure that a purchase by saved card can no longer be paid, or learns that it was.
    pub(super) async fn cancel_intent(&self, purchase: &Purchase) -> Result<(), PaymentError> {
        let Some(id) = &purchase.stripe_intent else { return Err(PaymentError::Over) };
        let intent = match self.inner.stripe.cancel(purchase, id).await {
            // It is at its end already; which one it is, the intent tells.
            Err(CallError::Refused { .. } | CallError::NotFound { .. }) => self.inner.stripe.intent(id).await?,
            other => other?,
        };
        self.hear(purchase, &intent).await
    }

    /// As if a webhook had told it.
    async fn hear(&self, purchase: &Purchase, intent: &Intent) -> Result<(), PaymentError> {
        let links = Links { intent: Some(&intent.id), ..Links::default() };
        self.inner.settle(purchase.id, &intent.event, links, None).await?;
        Ok(())
    }
}

fn read(intent: Intent) -> Confirmation {
    intent.bank_page.map_or(Confirmation::Done, Confirmation::BankPage)
}
