//! What is left of each grant, and what the credits that left it were paid for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::audit::effect;
use crate::ledger::{Bucket, Cents, Credits, Entry, Grant, GrantId, GrantKind, PurchaseId, Timestamp};

/// How a grant's credits stand at one moment. All zero before it came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lot {
    /// Available or held.
    pub remaining: Credits,
    /// Spent, expired or taken back.
    pub gone: Credits,
    /// Taken back although spent before.
    pub owed: Credits,
}

impl Lot {
    /// How a grant stands by its row.
    #[must_use]
    pub fn now(grant: &Grant) -> Self {
        let gone = grant.size.checked_sub(grant.remaining).unwrap_or(Credits::ZERO);
        Self { remaining: grant.remaining, gone, owed: grant.owed }
    }

    /// Whether credits are left, or owed.
    #[must_use]
    pub const fn holds_something(&self) -> bool {
        self.remaining.is_positive() || self.owed.is_positive()
    }

    /// What an entry makes of it; `None` when more leaves than there is.
    fn moved(self, entry: &Entry, amount: Credits) -> Option<Self> {
        let (remaining, gone, owed) = moves(entry);
        let add = |to: Credits, effect: i128| {
            let change = amount.checked_mul(i64::try_from(effect).ok()?)?;
            to.checked_add(change).filter(|sum| *sum >= Credits::ZERO)
        };
        Some(Self {
            remaining: add(self.remaining, remaining)?,
            gone: add(self.gone, gone)?,
            owed: add(self.owed, owed)?,
        })
    }
}

/// What each credit of an entry does to what remains of its grant, to what is gone of it, and to what is owed for it.
pub(super) fn moves(entry: &Entry) -> (i128, i128, i128) {
    let (remaining, owed) = effect(entry.from, entry.to);
    // What is issued comes from nowhere; all else that comes back had gone.
    let gone = if entry.from == Bucket::Issued { 0 } else { -remaining };
    (remaining, gone, owed)
}

/// A grant in a statement, and how it stood before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementGrant {
    /// Names it.
    pub id: GrantId,
    /// Given or paid for.
    pub kind: GrantKind,
    /// How many credits it brought.
    pub size: Credits,
    /// What was paid for all of it.
    pub paid_cents: Cents,
    /// The purchase that brought it.
    pub purchase: Option<PurchaseId>,
    /// When it came in.
    pub granted_at: Timestamp,
    /// When what is left of it is lost.
    pub expires_at: Option<Timestamp>,
    /// How it stood before the month's first entry.
    pub opening: Lot,
    /// How it stood after the last.
    pub closing: Lot,
}

impl StatementGrant {
    pub(super) fn of(grant: &Grant, opening: Lot) -> Self {
        Self {
            id: grant.id,
            kind: grant.kind,
            size: grant.size,
            paid_cents: grant.paid,
            purchase: grant.purchase,
            granted_at: grant.granted_at,
            expires_at: grant.expires_at,
            opening,
            closing: opening,
        }
    }
}

/// The grants of a statement while its lines are gone through.
pub(super) struct Lots(BTreeMap<GrantId, (Credits, Cents, Lot)>);

impl Lots {
    /// As they stood before the first line.
    pub fn opening(grants: &[StatementGrant]) -> Self {
        Self(grants.iter().map(|grant| (grant.id, (grant.size, grant.paid_cents, grant.opening))).collect())
    }

    /// How a grant stands by now.
    pub fn lot(&self, grant: GrantId) -> Option<Lot> {
        self.0.get(&grant).map(|(_, _, lot)| *lot)
    }

    /// Goes on by one entry, and says what its credits were paid for. `None` when it names a grant that is not there
    /// or takes more than there was.
    pub fn post(&mut self, entry: &Entry) -> Option<Cents> {
        let mut paid = Cents::ZERO;
        for part in &entry.grants {
            let (size, price, lot) = self.0.get_mut(&part.grant)?;
            let after = lot.moved(entry, part.amount)?;
            let difference = share(*price, after.gone, *size)?.checked_sub(share(*price, lot.gone, *size)?)?;
            paid = paid.checked_add(difference)?;
            *lot = after;
        }
        Some(paid)
    }
}

/// What `gone` credits of a grant were paid for in all: `floor(paid × gone / size)`.
fn share(paid: Cents, gone: Credits, size: Credits) -> Option<Cents> {
    let exact = (i128::from(paid.get()) * i128::from(gone.get())).checked_div_euclid(i128::from(size.get()))?;
    Cents::new(i64::try_from(exact).ok()?)
}
