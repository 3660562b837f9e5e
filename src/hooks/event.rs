//! What a customer's own server can be told, and the rows that tell it.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use super::store;
use crate::billing::store::Statement;
use crate::ledger::{AccountId, BudgetName, Cents, Credits, EventId, KeyId, PurchaseId, Timestamp};

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Few credits are left.
    BalanceLow,
    /// A budget is used to 80 % or 100 %.
    BudgetReached,
    /// Credits expire within a week.
    CreditsExpiring,
    /// The automatic top-up has stopped.
    TopUpStopped,
    /// A purchase is paid and its credits are granted.
    PurchasePaid,
    /// A purchase's money went back, and credits with it.
    PurchaseReversed,
    /// Money that had gone back came again, and credits with it.
    PurchaseReinstated,
    /// A monitor has raised an alert.
    MonitorAlert,
    /// Somebody pressed the test button.
    Test,
}

impl EventKind {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Self; 9] = [
        Self::BalanceLow,
        Self::BudgetReached,
        Self::CreditsExpiring,
        Self::TopUpStopped,
        Self::PurchasePaid,
        Self::PurchaseReversed,
        Self::PurchaseReinstated,
        Self::MonitorAlert,
        Self::Test,
    ];

    /// The stable name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BalanceLow => "balance.low",
            Self::BudgetReached => "budget.reached",
            Self::CreditsExpiring => "credits.expiring",
            Self::TopUpStopped => "top_up.stopped",
            Self::PurchasePaid => "purchase.paid",
            Self::PurchaseReversed => "purchase.reversed",
            Self::PurchaseReinstated => "purchase.reinstated",
            Self::MonitorAlert => "monitor.alert",
            Self::Test => "endpoint.test",
        }
    }

    /// What it means, for people who choose.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::BalanceLow => "The balance is low",
            Self::BudgetReached => "A budget is used to 80 % or 100 %",
            Self::CreditsExpiring => "Credits expire within a week",
            Self::TopUpStopped => "The automatic top-up has stopped",
            Self::PurchasePaid => "A purchase is paid",
            Self::PurchaseReversed => "A purchase's money goes back, with credits",
            Self::PurchaseReinstated => "A purchase's money comes again, with credits",
            Self::MonitorAlert => "A monitor raises an alert",
            Self::Test => "A test, sent on request",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text names no kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no event of this name")]
pub struct UnknownKind;

impl FromStr for EventKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(UnknownKind)
    }
}

/// Something that happened on an account, as its owner's server is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Which kind.
    pub kind: EventKind,
    /// The particulars, a JSON object. Never a secret: it is stored and sent as it stands.
    pub data: Value,
}

impl News {
    /// Anything, with its particulars.
    #[must_use]
    pub const fn new(kind: EventKind, data: Value) -> Self {
        Self { kind, data }
    }

    /// Few credits are left.
    #[must_use]
    pub fn low_balance(available: Credits, threshold: Credits) -> Self {
        Self::new(EventKind::BalanceLow, json!({"available": available.get(), "threshold": threshold.get()}))
    }

    /// A budget is used to a mark.
    #[must_use]
    pub fn budget(budget: BudgetName, key: Option<KeyId>, percent: i64, used: Credits, limit: Credits) -> Self {
        let data = json!({
            "budget": budget, "key_id": key, "percent": percent, "used": used.get(), "limit": limit.get(),
        });
        Self::new(EventKind::BudgetReached, data)
    }

    /// Credits run out of time within a week.
    #[must_use]
    pub fn expiring(credits: Credits, first_at: Timestamp) -> Self {
        let data = json!({"credits": credits.get(), "first_at": time_text(first_at)});
        Self::new(EventKind::CreditsExpiring, data)
    }

    /// A purchase is paid and its credits are granted.
    #[must_use]
    pub fn purchase_paid(purchase: PurchaseId, package: &str, credits: Credits, amount: Cents) -> Self {
        let data = json!({
            "purchase_id": purchase, "package": package, "credits": credits.get(), "amount_cents": amount.get(),
            "currency": "usd",
        });
        Self::new(EventKind::PurchasePaid, data)
    }

    /// A purchase's money went back, or came again: the credits that moved with it now, and all in all what is back of
    /// the credits and of the money.
    #[must_use]
    pub fn money_moved(
        kind: EventKind,
        purchase: PurchaseId,
        state: &str,
        credits: Credits,
        back: (Credits, Cents),
    ) -> Self {
        let data = json!({
            "purchase_id": purchase, "state": state, "credits": credits.get(), "credits_back": back.0.get(),
            "amount_back_cents": back.1.get(), "currency": "usd",
        });
        Self::new(kind, data)
    }

    /// The body that is signed and sent.
    #[must_use]
    pub(super) fn payload(&self, id: EventId, account: AccountId, at: Timestamp) -> String {
        json!({
            "id": id, "type": self.kind.name(), "timestamp": time_text(at), "account_id": account, "data": self.data,
        })
        .to_string()
    }
}

/// `2026-11-23T12:41:05.123Z`.
fn time_text(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default().to_string()
}

/// The rows that tell every endpoint of the account that wants this kind. Write them in the transaction in which it
/// happened: then it is told if and only if it did.
#[must_use]
pub fn announce(account: AccountId, news: &News, id: EventId, at: Timestamp) -> Vec<Statement> {
    vec![
        store::add_event(id, account, news.kind, &news.payload(id, account, at), at),
        store::add_deliveries(id, account, news.kind, at),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_by_its_name_and_no_name_hides_in_another() {
        for kind in EventKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert!(!kind.name().contains([' ', '*', '%', '_']) || kind == EventKind::TopUpStopped);
        }
        assert_eq!("balance".parse::<EventKind>(), Err(UnknownKind));
    }
}
