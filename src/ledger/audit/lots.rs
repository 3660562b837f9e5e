//! What the entries make of each grant and of each open hold, and so what their rows must say.

use std::collections::BTreeMap;

use crate::ledger::{
    Bucket, Credits, Entry, EntryKind, Grant, GrantId, GrantKind, GrantPart, Hold, HoldId, KeyId, Operation,
    PurchaseId, Timestamp,
};

/// What the entries leave of a grant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lot {
    pub remaining: i128,
    pub owed: i128,
    held: i128,
    reversed: i128,
    birth: Option<Birth>,
}

/// How a grant came in.
#[derive(Clone, Copy, Debug)]
struct Birth {
    seq: i64,
    size: Credits,
    kind: GrantKind,
    purchase: Option<PurchaseId>,
    moment: Moment,
}

/// When something was done, as its entry tells: while the clock stands behind the chain, it can have been earlier.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub at: Timestamp,
    pub exact: bool,
}

impl Moment {
    fn is(self, said: Timestamp) -> bool {
        if self.exact { said == self.at } else { said <= self.at }
    }
}

impl Lot {
    /// A grant that came in before the replay began.
    pub const fn known(remaining: i128, owed: i128) -> Self {
        Self { remaining, owed, held: 0, reversed: 0, birth: None }
    }

    /// Whether rows may leave it out when they list what still matters.
    pub const fn is_empty(&self) -> bool {
        self.remaining == 0 && self.owed == 0
    }

    /// The entry that brought it in.
    pub fn seq(&self) -> Option<i64> {
        self.birth.map(|birth| birth.seq)
    }

    /// Takes what an entry does to it, and says what that breaks.
    pub fn take(&mut self, entry: &Entry, part: &GrantPart, moment: Moment) -> Option<&'static str> {
        let amount = i128::from(part.amount.get());
        let (remaining, owed) = effect(entry.from, entry.to);
        self.remaining += remaining * amount;
        self.owed += owed * amount;
        self.held += amount * i128::from(entry.to == Bucket::Held) - amount * i128::from(entry.from == Bucket::Held);
        self.reversed +=
            amount * i128::from(entry.to == Bucket::Reversed) - amount * i128::from(entry.from == Bucket::Reversed);
        let comes_in = (entry.from, entry.to) == (Bucket::Issued, Bucket::Available);
        if comes_in && self.birth.is_some() {
            return Some("came in twice");
        }
        if comes_in {
            let kind = if entry.kind == EntryKind::Purchase { GrantKind::Paid } else { GrantKind::Gift };
            let (seq, size, purchase) = (entry.seq, part.amount, entry.purchase);
            self.birth = Some(Birth { seq, size, kind, purchase, moment });
        }
        (self.remaining < 0 || self.owed < 0).then_some("gave more than it held")
    }

    /// Every way in which a row says otherwise.
    pub fn compare(&self, row: &Grant) -> Vec<String> {
        let mut wrong = Vec::new();
        let Self { remaining, owed, .. } = *self;
        if (i128::from(row.remaining.get()), i128::from(row.owed.get())) != (remaining, owed) {
            wrong.push(format!("grant {} should have {remaining} left and {owed} owed", row.id));
        }
        let Some(birth) = self.birth else { return wrong };
        if i128::from(row.held.get()) != self.held {
            wrong.push(format!("grant {} should have {} held", row.id, self.held));
        }
        if i128::from(row.reversed.get()) != self.reversed {
            wrong.push(format!("grant {} should have {} taken back", row.id, self.reversed));
        }
        if row.size != birth.size {
            wrong.push(format!(
                "grant {} brought {} credits, its row says {}",
                row.id,
                birth.size.get(),
                row.size.get()
            ));
        }
        if (row.kind, row.purchase) != (birth.kind, birth.purchase) {
            wrong.push(format!("grant {} did not come in as its row says", row.id));
        }
        if !birth.moment.is(row.granted_at) {
            wrong.push(format!("grant {} did not come in when its row says", row.id));
        }
        wrong
    }
}

/// What a movement does to the grants it names: to what remains of them, and to what is owed for them.
pub(in crate::ledger) const fn effect(from: Bucket, to: Bucket) -> (i128, i128) {
    use Bucket::{Available, Expired, Held, Issued, Owed, Reversed, Spent};
    match (from, to) {
        (Issued | Spent | Reversed, Available) => (1, 0),
        (Available | Held, Spent | Expired | Issued) | (Available, Reversed) => (-1, 0),
        (Available, Owed) => (-1, -1),
        (Owed, Reversed) => (0, 1),
        (Reversed | Issued, Owed) => (0, -1),
        _ => (0, 0),
    }
}

/// A hold that the entries have not ended.
#[derive(Debug)]
pub(super) struct OpenHold {
    pub seq: i64,
    amount: Credits,
    left: i128,
    operation: Option<Operation>,
    quantity: i64,
    parts: Vec<GrantPart>,
    key: Option<KeyId>,
    price_book: u32,
    moment: Moment,
}

impl OpenHold {
    /// Whether a row says what the entry said.
    pub fn is(&self, row: &Hold) -> bool {
        (row.amount, Some(row.operation), row.quantity) == (self.amount, self.operation, self.quantity)
            && (&row.parts, row.key, row.price_book) == (&self.parts, self.key, self.price_book)
            && self.moment.is(row.held_at)
    }
}

/// Takes an entry that makes a hold or settles one, and says what that breaks.
pub(super) fn follow(holds: &mut BTreeMap<HoldId, OpenHold>, entry: &Entry, moment: Moment) -> Option<&'static str> {
    match (entry.kind, entry.hold) {
        (EntryKind::Hold, Some(id)) => {
            let hold = OpenHold {
                seq: entry.seq,
                amount: entry.amount,
                left: entry.amount.get().into(),
                operation: entry.operation,
                quantity: entry.quantity,
                parts: entry.grants.clone(),
                key: entry.key,
                price_book: entry.price_book,
                moment,
            };
            holds.insert(id, hold).is_some().then_some("the hold was made before")
        }
        (EntryKind::Capture | EntryKind::Release, Some(id)) => {
            let Some(hold) = holds.get_mut(&id) else { return Some("the hold it settles is not open") };
            hold.left -= i128::from(entry.amount.get());
            let left = hold.left;
            if left <= 0 || entry.kind == EntryKind::Release {
                holds.remove(&id);
            }
            (left < 0 || (left > 0 && entry.kind == EntryKind::Release)).then_some("the hold held another amount")
        }
        (EntryKind::Hold | EntryKind::Capture | EntryKind::Release, None) => Some("the entry names no hold"),
        (_, None) => None,
        (_, Some(_)) => Some("the entry names a hold and has nothing to do with one"),
    }
}

/// The grants of a replay.
pub(super) type Lots = BTreeMap<GrantId, Lot>;
