//! Refunds that an operator orders: written down first, then asked of Stripe once, then followed like any other.

use super::store::{self, Ordered, RefundState};
use crate::billing::store::{Statement, claim_request};
use crate::ledger::{Cents, IdError, PurchaseId, RefundId};
use crate::payments::purchase::{Purchase, PurchaseState};
use crate::payments::stripe::CallError;
use crate::payments::{PaymentError, Payments};

/// Stripe remembers idempotency keys for at least a day; an order whose answer was lost is not sent again later than
/// this, as it could then be done twice.
const CONTINUE_WITHIN_SECONDS: i64 = 20 * 3_600;
/// What an order's request key is claimed for in the ledger, so that it can do nothing else.
const CLAIM: &str = "money_refund";

/// What an operator orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundOrder<'a> {
    /// Of which purchase.
    pub purchase: PurchaseId,
    /// How much; all that is left when not said.
    pub amount: Option<Cents>,
    /// Why: one line, for the audit log.
    pub reason: &'a str,
    /// The idempotency key: one refund each.
    pub request: &'a str,
}

impl RefundOrder<'_> {
    /// What tells a repetition of the order from another one.
    fn asked(&self) -> String {
        self.amount.map_or_else(|| "all".to_owned(), |amount| amount.get().to_string())
    }
}

/// A refund that Stripe has taken on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// Names it.
    pub refund: RefundId,
    /// How much of the money goes back with it.
    pub amount: Cents,
    /// The purchase as it stands now.
    pub purchase: Purchase,
    /// Whether the same order was carried out before.
    pub replayed: bool,
}

/// Why money is not refunded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundError {
    /// Nothing of this id was ever bought.
    #[error("there is no such purchase")]
    NoSuchPurchase,
    /// No money has come.
    #[error("nothing was paid for this purchase, so there is nothing to refund")]
    NotPaid,
    /// All of it is back.
    #[error("all of this purchase's money has gone back already")]
    NothingLeft,
    /// The customer's bank has it.
    #[error("this payment is disputed: the bank decides about the money, and a refund would pay it twice")]
    Disputed,
    /// An amount of nothing, or of less.
    #[error("the amount must be at least 1 cent")]
    AmountNotPositive,
    /// More than is left.
    #[error("{asked} cannot be refunded: {left} of this purchase are left")]
    TooMuch {
        /// What was asked for.
        asked: Cents,
        /// What can still be refunded.
        left: Cents,
    },
    /// As the payment room says.
    #[error(transparent)]
    Payment(#[from] PaymentError),
}

impl RefundError {
    /// A stable name for programs and pages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            RefundError::NoSuchPurchase => "purchase_not_found",
            RefundError::NotPaid => "purchase_not_paid",
            RefundError::NothingLeft => "nothing_to_refund",
            RefundError::Disputed => "payment_disputed",
            RefundError::AmountNotPositive => "amount_not_positive",
            RefundError::TooMuch { .. } => "refund_exceeds_payment",
            RefundError::Payment(error) => error.code(),
        }
    }
}

impl From<IdError> for RefundError {
    fn from(_: IdError) -> Self {
        RefundError::NoSuchPurchase
    }
}

impl Payments {
    /// A purchase, whoever's it is: for the back office.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn any_purchase(&self, id: PurchaseId) -> Result<Option<Purchase>, PaymentError> {
        Ok(self.inner.store.purchase(id).await?)
    }

    /// Gives money back at Stripe, and has the credits follow. Sent again with the same key it is done once.
    ///
    /// `line` is given the purchase and the amount and makes the audit log's line, which commits with the order.
    ///
    /// # Errors
    /// As [`RefundError`] says. Where Stripe did not answer, the same order again continues it.
    pub async fn refund(
        &self,
        order: RefundOrder<'_>,
        line: impl FnOnce(&Purchase, Cents) -> Statement + Send,
    ) -> Result<Refunded, RefundError> {
        let known = self.any_purchase(order.purchase).await?.ok_or(RefundError::NoSuchPurchase)?;
        let database = &self.inner.store.database;
        let stands = store::by_request(database, known.account, order.request).await.map_err(PaymentError::from)?;
        let replayed = stands.is_some();
        let ordered = match stands {
            Some(ordered) => ordered,
            None => self.write_down(&known, &order, line).await?,
        };
        if ordered.purchase != order.purchase || ordered.asked != order.asked() || ordered.reason != order.reason {
            return Err(PaymentError::Conflict.into());
        }
        match &ordered.state {
            RefundState::Asked => self.carry_out(&known, &ordered).await?,
            RefundState::Made => {}
            RefundState::Refused(message) => return Err(PaymentError::Refused { message: message.clone() }.into()),
        }
        let purchase = self.any_purchase(order.purchase).await?.ok_or(RefundError::NoSuchPurchase)?;
        let replayed = replayed && ordered.state == RefundState::Made;
        Ok(Refunded { refund: ordered.id, amount: ordered.amount, purchase, replayed })
    }

    /// Checks an order against what Stripe says is left, and writes it down with its line in the audit log.
    async fn write_down(
        &self,
        known: &Purchase,
        order: &RefundOrder<'_>,
        line: impl FnOnce(&Purchase, Cents) -> Statement + Send,
    ) -> Result<Ordered, RefundError> {
        let intent = known.stripe_intent.as_deref().filter(|_| known.state.was_paid()).ok_or(RefundError::NotPaid)?;
        // What the dashboard refunded a moment ago counts too.
        self.follow_money(known.id, intent, None).await?;
        let purchase = self.any_purchase(known.id).await?.ok_or(RefundError::NoSuchPurchase)?;
        let amount = amount_of(&purchase, order.amount)?;
        let now = self.inner.clock.now();
        let ordered = Ordered {
            id: RefundId::from_ulid(self.inner.ids.next(now)),
            account: purchase.account,
            purchase: purchase.id,
            amount,
            asked: order.asked(),
            reason: order.reason.to_owned(),
            state: RefundState::Asked,
            created_at: now,
        };
        let database = &self.inner.store.database;
        let mut transaction = database.begin().await.map_err(PaymentError::from)?;
        let claimed = claim_request(&mut transaction, purchase.account, order.request, CLAIM, now).await;
        if !claimed.map_err(PaymentError::from)? {
            return Err(PaymentError::Conflict.into());
        }
        let written = transaction.execute(store::add(&ordered, order.request)).await.map_err(PaymentError::from)?;
        if written > 0 {
            transaction.execute(line(&purchase, amount)).await.map_err(PaymentError::from)?;
        }
        transaction.commit().await.map_err(PaymentError::from)?;
        let stands = store::by_request(database, purchase.account, order.request).await.map_err(PaymentError::from)?;
        Ok(stands.ok_or(PaymentError::Unavailable)?)
    }

    /// Asks Stripe for the refund, under its own id, and notes the answer; then the purchase follows.
    async fn carry_out(&self, purchase: &Purchase, ordered: &Ordered) -> Result<(), RefundError> {
        let intent = purchase.stripe_intent.as_deref().ok_or(RefundError::NotPaid)?;
        if self.inner.clock.now() > ordered.created_at.plus_seconds(CONTINUE_WITHIN_SECONDS) {
            return Err(PaymentError::Conflict.into());
        }
        let answer = self.inner.stripe.refund(purchase.id, intent, ordered.id, ordered.amount).await;
        match answer {
            Ok(stripe) => {
                let made = store::made(ordered.id, &stripe);
                self.inner.store.write(vec![made]).await.map_err(PaymentError::from)?;
                tracing::info!(purchase = %purchase.id, refund = %ordered.id, amount = ordered.amount.get(), "money is refunded");
            }
            Err(CallError::Unreachable) => return Err(PaymentError::Unreachable.into()),
            Err(error) => {
                let error = PaymentError::from(error);
                let refused = store::refused(ordered.id, &error.to_string());
                self.inner.store.write(vec![refused]).await.map_err(PaymentError::from)?;
                return Err(error.into());
            }
        }
        // The refund is made whatever becomes of this look; its events bring the next one.
        if let Err(error) = self.follow_money(purchase.id, intent, None).await {
            tracing::warn!(purchase = %purchase.id, %error, "a refund is made and its credits follow later");
        }
        Ok(())
    }
}

/// What an order comes to, if it can be refunded.
fn amount_of(purchase: &Purchase, asked: Option<Cents>) -> Result<Cents, RefundError> {
    let left = purchase.refundable();
    if matches!(purchase.state, PurchaseState::Disputed | PurchaseState::Lost) {
        return Err(RefundError::Disputed);
    }
    if !left.is_positive() {
        return Err(RefundError::NothingLeft);
    }
    match asked {
        None => Ok(left),
        Some(asked) if !asked.is_positive() => Err(RefundError::AmountNotPositive),
        Some(asked) if asked > left => Err(RefundError::TooMuch { asked, left }),
        Some(asked) => Ok(asked),
    }
}
