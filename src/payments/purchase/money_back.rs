//! What money that goes back, and comes again, means for a purchase: the state it is in and the credits that go along.
//!
//! Pure. It reads what Stripe says about the whole payment now, never a single refund or dispute, so it does not matter
//! which news led here, in which order, how often, or which were lost.

use super::{Purchase, PurchaseState};
use crate::ledger::{Cents, Credits};

/// What of a purchase has gone back, as it was booked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// Of its money.
    pub money: Cents,
    /// Of its credits; the ledger has the same figure in the purchase's grant.
    pub credits: Credits,
    /// Counts the answers of Stripe's that were booked.
    pub looks: i64,
}

/// What Stripe says about a payment's money, all in all. In cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Refunds that have neither failed nor been cancelled; those under way count.
    pub refunded: i64,
    /// What the customer's bank has taken for disputes and not given back.
    pub withdrawn: i64,
    /// Whether a dispute is lost whose money is gone.
    pub lost: bool,
    /// Whether a dispute's money was taken and has come again.
    pub reinstated: bool,
}

/// What happens to the credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// Nothing.
    None,
    /// So many are taken back.
    TakeBack(Credits),
    /// So many are given again.
    GiveAgain(Credits),
}

/// Where a purchase stands with what Stripe says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The state from now on.
    pub state: PurchaseState,
    /// What has gone back of the money, all in all.
    pub money: Cents,
    /// What has gone back of the credits, all in all.
    pub credits: Credits,
    /// What leads there from where the purchase stands.
    pub movement: Movement,
}

/// Decides where a paid purchase stands.
///
/// The credits that are back are floor(credits × money back / money received), so a part never takes more than its
/// share, and all of them when all of the money is back.
pub fn follow(purchase: &Purchase, facts: &Facts) -> Standing {
    let received = purchase.received.get();
    let back = facts.refunded.max(0).saturating_add(facts.withdrawn.max(0)).min(received.max(0));
    let money = Cents::new(back).unwrap_or(Cents::ZERO);
    let credits = share(purchase.credits, back, received);
    let state = if facts.withdrawn > 0 {
        if facts.lost { PurchaseState::Lost } else { PurchaseState::Disputed }
    } else if facts.refunded > 0 {
        if back >= received { PurchaseState::Refunded } else { PurchaseState::PartlyRefunded }
    } else if facts.reinstated {
        PurchaseState::Reinstated
    } else {
        PurchaseState::Paid
    };
    Standing { state, money, credits, movement: movement(purchase.returned.credits, credits) }
}

/// The part of the credits that belongs to the part of the money, rounded down.
fn share(credits: Credits, back: i64, received: i64) -> Credits {
    if back >= received {
        return credits;
    }
    let part = i128::from(credits.get()) * i128::from(back) / i128::from(received);
    // A part of what fits, fits.
    i64::try_from(part).ok().and_then(Credits::new).unwrap_or(Credits::ZERO)
}

fn movement(now: Credits, then: Credits) -> Movement {
    match (then.checked_sub(now), now.checked_sub(then)) {
        (Some(more), _) if more.is_positive() => Movement::TakeBack(more),
        (_, Some(less)) if less.is_positive() => Movement::GiveAgain(less),
        _ => Movement::None,
    }
}

impl Purchase {
    /// What of its money can still be refunded: nothing before it is paid, nor while a dispute has taken it.
    #[must_use]
    pub fn refundable(&self) -> Cents {
        let open = self.state.was_paid() && !matches!(self.state, PurchaseState::Disputed | PurchaseState::Lost);
        let left = self.received.checked_sub(self.returned.money).filter(|_| open);
        left.filter(|left| left.is_positive()).unwrap_or(Cents::ZERO)
    }
}

#[cfg(test)]
mod tests;
