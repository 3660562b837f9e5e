//! What the audit log is told of a refund: that it was ordered, and what came of it.

use crate::ledger::{AccountId, Cents, PurchaseId};

/// How far a refund has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStep<'a> {
    /// It is written down, and Stripe is asked next.
    Ordered,
    /// Stripe has taken it on.
    Made,
    /// Stripe has refused it, and why.
    Refused(&'a str),
}

/// One step of one refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundTold<'a> {
    /// Whose money it is.
    pub account: AccountId,
    /// Of which purchase.
    pub purchase: PurchaseId,
    /// Of which payment, where it is not the one that brought the credits.
    pub payment: Option<&'a str>,
    /// How much.
    pub amount: Cents,
    /// What the operator gave as the reason.
    pub reason: &'a str,
    /// How far it has come.
    pub step: RefundStep<'a>,
}

impl RefundTold<'_> {
    /// The stable name of the step, in the past tense.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self.step {
            RefundStep::Ordered => "money_refund_ordered",
            RefundStep::Made => "money_refunded",
            RefundStep::Refused(_) => "money_refund_refused",
        }
    }

    /// The step in words.
    #[must_use]
    pub fn detail(&self) -> String {
        let payment = self.payment.map(|payment| format!(" (payment {payment})")).unwrap_or_default();
        let refused = match self.step {
            RefundStep::Refused(why) => format!("; {why}"),
            RefundStep::Ordered | RefundStep::Made => String::new(),
        };
        format!("{} of {}{payment}: {}{refused}", self.amount, self.purchase, self.reason)
    }
}
