//! Refunds whose answer is missing: their server died after the order was written down, or Stripe was away. They are sent
//! again under the same key; where Stripe may have forgotten the key, it is asked whether it has them.

use super::refund::told;
use super::store::{self, Ordered};
use super::told::{RefundStep, RefundTold};
use crate::billing::store::Statement;
use crate::payments::{PaymentError, Payments, RefundError};

/// Whoever ordered it is at it for so long.
const LEAVE_ALONE_SECONDS: i64 = 60;
/// Orders taken up in one round; operators refund by hand, so there are hardly ever two.
const ROUND: i64 = 50;
/// What the log says of an order that Stripe never had.
const NOT_SENT: &str = "it did not reach the payment provider in time; order it again";

impl Payments {
    /// Takes up the refunds that were ordered and not answered. `line` makes the audit log's lines.
    ///
    /// # Errors
    /// When the store or Stripe does not answer; what is left waits for the next round.
    pub async fn resume_refunds(
        &self,
        line: impl Fn(&RefundTold<'_>) -> Statement + Send + Sync,
    ) -> Result<(), PaymentError> {
        let before = self.inner.clock.now().plus_seconds(-LEAVE_ALONE_SECONDS);
        for ordered in store::unanswered(&self.inner.store.database, before, ROUND).await? {
            let resumed = if self.is_stale(&ordered) {
                self.look_up(&ordered, &line).await
            } else {
                self.send_again(&ordered, &line).await
            };
            match resumed {
                Ok(()) => {}
                Err(error @ (PaymentError::Unreachable | PaymentError::Unavailable | PaymentError::KeyRefused)) => {
                    return Err(error);
                }
                // Noted with the order, and told in the audit log.
                Err(error) => tracing::warn!(refund = %ordered.id, %error, "a refund that was ordered is refused"),
            }
        }
        Ok(())
    }

    async fn send_again(
        &self,
        ordered: &Ordered,
        line: &(impl Fn(&RefundTold<'_>) -> Statement + Send + Sync),
    ) -> Result<(), PaymentError> {
        let Some(purchase) = self.any_purchase(ordered.purchase).await? else { return Ok(()) };
        match self.carry_out(&purchase, ordered, line).await {
            Ok(()) => Ok(()),
            Err(RefundError::Payment(error)) => Err(error),
            Err(other) => Err(PaymentError::Refused { message: other.to_string() }),
        }
    }

    /// Asks Stripe whether it has an old order's refund, and notes what it says.
    async fn look_up(
        &self,
        ordered: &Ordered,
        line: &(impl Fn(&RefundTold<'_>) -> Statement + Send + Sync),
    ) -> Result<(), PaymentError> {
        let Some(purchase) = self.any_purchase(ordered.purchase).await? else { return Ok(()) };
        let Some(intent) = ordered.payment.as_deref().or(purchase.stripe_intent.as_deref()) else { return Ok(()) };
        match self.inner.stripe.refund_of_ours(intent, ordered.id).await? {
            Some(stripe) => self.note_made(ordered, &stripe, line).await,
            None => {
                let refused = line(&told(ordered, RefundStep::Refused(NOT_SENT)));
                self.note_answer(store::refused(ordered.id, NOT_SENT), refused).await
            }
        }
    }
}
