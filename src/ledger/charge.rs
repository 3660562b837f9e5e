//! A charge as a refund sees it: what it took from which grants, and how much of that has gone back.

use serde::{Deserialize, Serialize};

use super::{Credits, Entry, EntryKind, GrantPart, HoldId, KeyId, Operation, Timestamp, TransactionId};

/// A charge or capture that a command names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The entry that recorded it.
    pub id: TransactionId,
    /// What was paid for.
    pub operation: Operation,
    /// How many units of it.
    pub quantity: i64,
    /// The version of the price book that priced it.
    pub price_book: u32,
    /// When a budget counted it: when it was charged, or held.
    pub at: Timestamp,
    /// The API key whose budget counted it: the one that charged, or held.
    pub key: Option<KeyId>,
    /// The hold that was captured.
    pub hold: Option<HoldId>,
    /// Which grants it ate, in that order.
    pub parts: Vec<GrantPart>,
    /// How much of it has been refunded.
    pub refunded: Credits,
}

impl Charge {
    /// What it took.
    #[must_use]
    pub fn charged(&self) -> i128 {
        self.parts.iter().map(|part| i128::from(part.amount.get())).sum()
    }

    /// The charge that an entry records, if it records one. Of a capture, the hold knows better when and for whom.
    #[must_use]
    pub fn of(entry: &Entry, refunded: Credits) -> Option<Self> {
        let operation = entry.operation?;
        matches!(entry.kind, EntryKind::Charge | EntryKind::Capture).then(|| Self {
            id: entry.id,
            operation,
            quantity: entry.quantity,
            price_book: entry.price_book,
            at: entry.at,
            key: entry.key,
            hold: entry.hold,
            parts: entry.grants.clone(),
            refunded,
        })
    }
}
