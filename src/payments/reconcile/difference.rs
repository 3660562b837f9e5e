//! What can differ between Stripe's books and ours, each with its name, and what can be done about it. Pure.

use std::fmt;
use std::str::FromStr;

use crate::ledger::{AccountId, PurchaseId};
use crate::payments::purchase::UnknownName;

/// The name of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Paid at Stripe, and no credits were granted.
    PaidNotGranted,
    /// Credits were granted, and the payment has not succeeded.
    GrantedWithoutMoney,
    /// Another amount or currency was paid than our row says.
    OtherAmount,
    /// A second payment of one purchase.
    PaidTwice,
    /// Money was refunded, and the credits are not where they should be.
    RefundNotFollowed,
    /// A bank took money for a dispute or gave it back, and the credits are not where they should be.
    DisputeNotFollowed,
    /// An invoice of a subscription was paid, and we do not know of its period.
    SubscriptionNotFollowed,
    /// A payment names a purchase that we do not have.
    UnknownPurchase,
    /// Stripe does not know the payment of a purchase that we have as paid.
    StripeDoesNotKnow,
    /// The ledger's grant is missing or another than the purchase says.
    GrantDiffers,
    /// Stripe knows that a purchase is on its way or over, and we do not.
    NotHeard,
    /// A payment is not in Stripe's balance as it should be.
    NotInBalance,
}

impl Difference {
    /// Every name, the gravest first.
    pub const ALL: [Difference; 12] = [
        Difference::PaidNotGranted,
        Difference::GrantedWithoutMoney,
        Difference::OtherAmount,
        Difference::PaidTwice,
        Difference::RefundNotFollowed,
        Difference::DisputeNotFollowed,
        Difference::SubscriptionNotFollowed,
        Difference::UnknownPurchase,
        Difference::StripeDoesNotKnow,
        Difference::GrantDiffers,
        Difference::NotHeard,
        Difference::NotInBalance,
    ];

    /// The name that is stored and shown to programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Difference::PaidNotGranted => "paid_not_granted",
            Difference::GrantedWithoutMoney => "granted_without_money",
            Difference::OtherAmount => "other_amount",
            Difference::PaidTwice => "paid_twice",
            Difference::RefundNotFollowed => "refund_not_followed",
            Difference::DisputeNotFollowed => "dispute_not_followed",
            Difference::SubscriptionNotFollowed => "subscription_not_followed",
            Difference::UnknownPurchase => "unknown_purchase",
            Difference::StripeDoesNotKnow => "stripe_does_not_know",
            Difference::GrantDiffers => "grant_differs",
            Difference::NotHeard => "not_heard",
            Difference::NotInBalance => "not_in_balance",
        }
    }

    /// The name that people read.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Difference::PaidNotGranted => "Paid at Stripe, not granted",
            Difference::GrantedWithoutMoney => "Granted without money",
            Difference::OtherAmount => "Another amount was paid",
            Difference::PaidTwice => "Paid a second time",
            Difference::RefundNotFollowed => "Credits did not follow a refund",
            Difference::DisputeNotFollowed => "Credits did not follow a dispute",
            Difference::SubscriptionNotFollowed => "A subscription did not follow its invoice",
            Difference::UnknownPurchase => "A purchase unknown to us",
            Difference::StripeDoesNotKnow => "Stripe does not know the payment",
            Difference::GrantDiffers => "The grant differs from the purchase",
            Difference::NotHeard => "News that was not heard",
            Difference::NotInBalance => "Not in Stripe's balance",
        }
    }

    /// What to do about it, in a sentence.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Difference::PaidNotGranted => {
                "Repair it: the payment is asked for at Stripe and settled as if its webhook had come."
            }
            Difference::GrantedWithoutMoney => {
                "Look the payment up at Stripe; take the credits back by a correction if no money came."
            }
            Difference::OtherAmount => {
                "Look the payment up at Stripe; refund it on the purchase's page, or grant by hand what it is worth."
            }
            Difference::PaidTwice => "Refund the second payment, on the purchase's page or at Stripe.",
            Difference::RefundNotFollowed => "Repair it: the credits then follow all refunds as Stripe tells them now.",
            Difference::DisputeNotFollowed => {
                "Repair it: the credits then follow the payment's disputes as Stripe tells them now."
            }
            Difference::SubscriptionNotFollowed => {
                "Repair it: the invoice is asked for at Stripe and heard as if its webhook had come."
            }
            Difference::UnknownPurchase => {
                "Look the payment up at Stripe: it may be of another server with the same keys, or of a lost database."
            }
            Difference::StripeDoesNotKnow => "Check the keys: the payment may be of another Stripe account or mode.",
            Difference::GrantDiffers => "Audit the ledger: a purchase and its grant are written together.",
            Difference::NotHeard => "Repair it: the purchase then stands where Stripe says.",
            Difference::NotInBalance => {
                "Look the payment up at Stripe's balance; it may be settled in another currency."
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Difference {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Difference::ALL.into_iter().find(|known| known.name() == text).ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// One difference, with whatever names it and the money on both sides. Amounts are cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub difference: Difference,
    /// Our purchase; for an unknown one, the id that Stripe's object names.
    pub purchase: Option<PurchaseId>,
    /// Whose purchase it is.
    pub account: Option<AccountId>,
    /// Stripe's checkout session.
    pub session: Option<String>,
    /// Stripe's payment intent.
    pub intent: Option<String>,
    /// Stripe's charge.
    pub charge: Option<String>,
    /// Stripe's refund, dispute, movement or invoice, where it is about one.
    pub object: Option<String>,
    /// What Stripe says; none where it has nothing.
    pub at_stripe: Option<i64>,
    /// What our books say; none where they have nothing.
    pub in_books: Option<i64>,
}

impl Finding {
    /// The type of event by which Stripe's present word is heard again, where hearing it can mend the difference.
    #[must_use]
    pub fn mended_by(&self) -> Option<&'static str> {
        match self.difference {
            Difference::PaidNotGranted => Some("payment_intent.succeeded"),
            Difference::NotHeard if self.intent.is_none() => Some("checkout.session.expired"),
            Difference::NotHeard => Some("payment_intent.canceled"),
            Difference::RefundNotFollowed => Some("charge.refunded"),
            Difference::DisputeNotFollowed => Some("charge.dispute.updated"),
            Difference::SubscriptionNotFollowed => Some("invoice.paid"),
            _ => None,
        }
    }
}
