//! Every cent: the sums of Stripe's balance, and how they divide among purchases. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::books::{Booked, Progress, StripeBooks};
use crate::ledger::PurchaseId;
use crate::payments::purchase::CURRENCY;

/// The sums of a window, in cents. Gross, refunds, disputes and the rest, less the fees, are the net.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// What customers paid.
    pub gross: i64,
    /// Of it, for purchases of ours.
    pub gross_purchases: i64,
    /// Of it, for payments that are no purchase of ours: subscriptions, or other things sold with the same keys.
    pub gross_other: i64,
    /// Refunds, less those that came back: zero or less.
    pub refunds: i64,
    /// What banks took for disputes, less what they gave back: zero or less.
    pub disputes: i64,
    /// Whatever else moved: adjustments, transfers.
    pub other: i64,
    /// What Stripe kept.
    pub fees: i64,
    /// What is left of all that.
    pub net: i64,
    /// What was paid out to the bank; in none of the sums above.
    pub payouts: i64,
    /// By our books, what customers paid for the purchases of `gross_purchases`.
    pub booked: i64,
    /// How many movements there were.
    pub movements: i64,
    /// How many of them are in another currency, and in no sum.
    pub other_currency: i64,
    /// How many payments have succeeded.
    pub payments: i64,
    /// How many purchases of ours were compared.
    pub purchases: i64,
}

/// Adds up. `owner` is the purchase of each payment intent.
pub fn sum_up(stripe: &StripeBooks, ours: &[Booked], owner: &BTreeMap<&str, PurchaseId>) -> Totals {
    let succeeded = stripe.payments.iter().filter(|payment| payment.progress == Progress::Succeeded);
    let mut totals = Totals {
        payments: count(succeeded.count()),
        movements: count(stripe.movements.len()),
        purchases: count(ours.len()),
        ..Totals::default()
    };
    let intents: BTreeMap<&str, &str> =
        stripe.charges.iter().filter_map(|charge| Some((charge.id.as_str(), charge.intent.as_deref()?))).collect();
    let mut counted: BTreeMap<PurchaseId, ()> = BTreeMap::new();
    for movement in &stripe.movements {
        if movement.currency != CURRENCY {
            add(&mut totals.other_currency, 1);
            continue;
        }
        if movement.category.starts_with("payout") {
            add(&mut totals.payouts, movement.net);
            continue;
        }
        add(&mut totals.net, movement.net);
        add(&mut totals.fees, movement.fee);
        match movement.category.as_str() {
            "charge" => {
                add(&mut totals.gross, movement.amount);
                let intent = movement.source.as_deref().and_then(|charge| intents.get(charge));
                match intent.and_then(|intent| owner.get(intent)) {
                    Some(purchase) => {
                        add(&mut totals.gross_purchases, movement.amount);
                        counted.insert(*purchase, ());
                    }
                    None => add(&mut totals.gross_other, movement.amount),
                }
            }
            "refund" | "refund_failure" | "partial_capture_reversal" => add(&mut totals.refunds, movement.amount),
            "dispute" | "dispute_reversal" => add(&mut totals.disputes, movement.amount),
            // A fee that is a movement of its own is negative.
            "fee" | "network_cost" => add(&mut totals.fees, movement.amount.saturating_neg()),
            _ => add(&mut totals.other, movement.amount),
        }
    }
    let paid = ours.iter().filter(|booked| booked.state.was_paid() && counted.contains_key(&booked.purchase));
    for booked in paid {
        add(&mut totals.booked, booked.total());
    }
    totals
}

/// Sums of what fits a bank; they stay at the end of what can be counted rather than wrapping.
fn add(sum: &mut i64, amount: i64) {
    *sum = sum.saturating_add(amount);
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
