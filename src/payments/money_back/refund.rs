//! Refunds that an operator orders: written down first, then asked of Stripe once, then followed like any other.

use super::store::{self, Ordered, RefundState};
use super::told::{RefundStep, RefundTold};
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
    /// Of which payment of it; of the one that brought the credits when not said.
    pub payment: Option<&'a str>,
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
        let amount = self.amount.map_or_else(|| "all".to_owned(), |amount| amount.get().to_string());
        self.payment.map_or_else(|| amount.clone(), |payment| format!("{amount} of {payment}"))
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
    /// No other payment of this name was found to be of the purchase.
    #[error("no such payment was found to be of this purchase and to have brought no credits")]
    NoSuchPayment,
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
            RefundError::NoSuchPayment => "payment_not_found",
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

    /// Payments of a purchase beside the one that brought its credits: of another amount, or a second one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn other_payments(&self, purchase: &Purchase) -> Result<Vec<String>, PaymentError> {
        let mut found = store::other_payments(&self.inner.store.database, purchase.id).await?;
        found.retain(|payment| !is_its_own(purchase, payment));
        Ok(found)
    }

    /// Gives money back at Stripe, and has the credits follow. Sent again with the same key it is done once.
    ///
    /// `line` makes the audit log's lines: the first commits with the order, the second with Stripe's answer.
    ///
    /// # Errors
    /// As [`RefundError`] says. Where Stripe did not answer, the same order again continues it, or else
    /// [`Payments::resume_refunds`].
    pub async fn refund(
        &self,
        order: RefundOrder<'_>,
        line: impl Fn(&RefundTold<'_>) -> Statement + Send + Sync,
    ) -> Result<Refunded, RefundError> {
        let known = self.any_purchase(order.purchase).await?.ok_or(RefundError::NoSuchPurchase)?;
        let database = &self.inner.store.database;
        let stands = store::by_request(database, known.account, order.request).await.map_err(PaymentError::from)?;
        let replayed = stands.is_some();
        let ordered = match stands {
            Some(ordered) => ordered,
            None => self.write_down(&known, &order, &line).await?,
        };
        if ordered.purchase != order.purchase || ordered.asked != order.asked() || ordered.reason != order.reason {
            return Err(PaymentError::Conflict.into());
        }
        match &ordered.state {
            RefundState::Asked if self.is_stale(&ordered) => return Err(PaymentError::Conflict.into()),
            RefundState::Asked => self.carry_out(&known, &ordered, &line).await?,
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
        line: &(impl Fn(&RefundTold<'_>) -> Statement + Send + Sync),
    ) -> Result<Ordered, RefundError> {
        let other = order.payment.filter(|payment| !is_its_own(known, payment));
        let amount = match other {
            Some(payment) => self.left_of_other(known, payment, order.amount).await?,
            None => self.left_of_own(known, order.amount).await?,
        };
        let now = self.inner.clock.now();
        let ordered = Ordered {
            id: RefundId::from_ulid(self.inner.ids.next(now)),
            account: known.account,
            purchase: known.id,
            amount,
            asked: order.asked(),
            reason: order.reason.to_owned(),
            payment: other.map(str::to_owned),
            state: RefundState::Asked,
            created_at: now,
        };
        let database = &self.inner.store.database;
        let mut transaction = database.begin().await.map_err(PaymentError::from)?;
        let claimed = claim_request(&mut transaction, known.account, order.request, CLAIM, now).await;
        if !claimed.map_err(PaymentError::from)? {
            return Err(PaymentError::Conflict.into());
        }
        let written = transaction.execute(store::add(&ordered, order.request)).await.map_err(PaymentError::from)?;
        if written > 0 {
            let line = line(&told(&ordered, RefundStep::Ordered));
            transaction.execute(line).await.map_err(PaymentError::from)?;
        }
        transaction.commit().await.map_err(PaymentError::from)?;
        let stands = store::by_request(database, known.account, order.request).await.map_err(PaymentError::from)?;
        Ok(stands.ok_or(PaymentError::Unavailable)?)
    }

    /// What an order for the payment that brought the credits comes to.
    async fn left_of_own(&self, known: &Purchase, asked: Option<Cents>) -> Result<Cents, RefundError> {
        let intent = known.stripe_intent.as_deref().filter(|_| known.state.was_paid()).ok_or(RefundError::NotPaid)?;
        // What the dashboard refunded a moment ago counts too.
        self.follow_money(known.id, intent, None).await?;
        let purchase = self.any_purchase(known.id).await?.ok_or(RefundError::NoSuchPurchase)?;
        amount_of(&purchase, asked)
    }

    /// What an order for another payment comes to: one that was found to be of this purchase and to bring no credits.
    async fn left_of_other(&self, known: &Purchase, payment: &str, asked: Option<Cents>) -> Result<Cents, RefundError> {
        if !self.other_payments(known).await?.iter().any(|found| found == payment) {
            return Err(RefundError::NoSuchPayment);
        }
        let told = self.inner.stripe.payment(payment).await.map_err(PaymentError::from)?;
        let (told, charge, disputes) = told.ok_or(RefundError::NoSuchPayment)?;
        if disputes.iter().any(|dispute| dispute.withdrawn > 0) {
            return Err(RefundError::Disputed);
        }
        let refunded = charge.map_or(0, |charge| charge.refunded);
        let left = told.received.checked_sub(refunded).and_then(Cents::new).unwrap_or(Cents::ZERO);
        within(left, asked)
    }

    /// Whether Stripe may have forgotten the order's key, so that it cannot be sent again.
    pub(super) fn is_stale(&self, ordered: &Ordered) -> bool {
        self.inner.clock.now() > ordered.created_at.plus_seconds(CONTINUE_WITHIN_SECONDS)
    }

    /// Asks Stripe for the refund, under its own id, and notes the answer; then the purchase follows.
    pub(super) async fn carry_out(
        &self,
        purchase: &Purchase,
        ordered: &Ordered,
        line: &(impl Fn(&RefundTold<'_>) -> Statement + Send + Sync),
    ) -> Result<(), RefundError> {
        let intent = ordered.payment.as_deref().or(purchase.stripe_intent.as_deref()).ok_or(RefundError::NotPaid)?;
        match self.inner.stripe.refund(purchase.id, intent, ordered.id, ordered.amount).await {
            Ok(stripe) => self.note_made(ordered, &stripe, line).await?,
            // Whether it was done is unknown, or nothing is done for now: the order stays open.
            Err(error @ (CallError::Unreachable | CallError::KeyRefused)) => {
                return Err(PaymentError::from(error).into());
            }
            Err(error) => {
                let error = PaymentError::from(error);
                let why = error.to_string();
                let refused = line(&told(ordered, RefundStep::Refused(&why)));
                self.note_answer(store::refused(ordered.id, &why), refused).await?;
                return Err(error.into());
            }
        }
        if ordered.payment.is_some() {
            // It brought no credits, so none follow.
            return Ok(());
        }
        // The refund is made whatever becomes of this look; its events bring the next one.
        if let Err(error) = self.follow_money(purchase.id, intent, None).await {
            tracing::warn!(purchase = %purchase.id, %error, "a refund is made and its credits follow later");
        }
        Ok(())
    }

    /// Notes that Stripe has taken a refund on.
    pub(super) async fn note_made(
        &self,
        ordered: &Ordered,
        stripe: &str,
        line: &(impl Fn(&RefundTold<'_>) -> Statement + Send + Sync),
    ) -> Result<(), PaymentError> {
        let (purchase, refund, amount) = (ordered.purchase, ordered.id, ordered.amount.get());
        tracing::info!(%purchase, %refund, amount, "money is refunded");
        self.note_answer(store::made(ordered.id, stripe), line(&told(ordered, RefundStep::Made))).await
    }

    /// Commits Stripe's answer with its line in the audit log, once.
    pub(super) async fn note_answer(&self, answer: Statement, line: Statement) -> Result<(), PaymentError> {
        let mut transaction = self.inner.store.database.begin().await?;
        if transaction.execute(answer).await? > 0 {
            transaction.execute(line).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// What the audit log is told of an order.
pub(super) fn told<'a>(ordered: &'a Ordered, step: RefundStep<'a>) -> RefundTold<'a> {
    RefundTold {
        account: ordered.account,
        purchase: ordered.purchase,
        payment: ordered.payment.as_deref(),
        amount: ordered.amount,
        reason: &ordered.reason,
        step,
    }
}

/// Whether a payment is the one that brought the purchase's credits.
fn is_its_own(purchase: &Purchase, payment: &str) -> bool {
    purchase.state.was_paid() && purchase.stripe_intent.as_deref() == Some(payment)
}

/// What an order comes to, if it can be refunded.
fn amount_of(purchase: &Purchase, asked: Option<Cents>) -> Result<Cents, RefundError> {
    let left = purchase.refundable();
    if matches!(purchase.state, PurchaseState::Disputed | PurchaseState::Lost) {
        return Err(RefundError::Disputed);
    }
    within(left, asked)
}

/// What was asked for, or all that is left.
fn within(left: Cents, asked: Option<Cents>) -> Result<Cents, RefundError> {
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
