//! The usage roll-ups, made anew from the entries and compared a stretch at a time.

use std::collections::BTreeMap;

use crate::billing::store::{self, Reader, StoreError};
use crate::billing::writer::SLOT_MILLIS;
use crate::ledger::{AccountId, Entry, EntryKind, Faults, KeyId, Law, Operation};

/// Roll-ups made before they are compared: few enough to be kept, whatever the ledger's length.
const STRETCH: usize = 2_000;
/// Roll-ups that no entry makes, read beyond those that some do. One is a fault already.
const STRAYS: usize = 100;

/// What entries add to the roll-ups that were not compared yet.
pub(super) struct Slots {
    made: BTreeMap<(i64, Operation, Option<KeyId>), [i64; 3]>,
    /// What lies before was compared.
    from: i64,
    /// The slot of the last entry: time does not run backwards, so those before it are complete.
    current: i64,
    /// Whether every entry could be read.
    is_known: bool,
}

impl Slots {
    pub(super) const fn new() -> Self {
        Self { made: BTreeMap::new(), from: i64::MIN, current: i64::MIN, is_known: true }
    }

    /// Makes no comparison any more: an entry could not be read.
    pub(super) fn give_up(&mut self) {
        self.is_known = false;
        self.made.clear();
    }

    pub(super) fn add(&mut self, entry: &Entry) {
        let (sign, charge) = match entry.kind {
            EntryKind::Charge | EntryKind::Capture => (1, 1),
            EntryKind::Refund => (-1, 0),
            _ => return,
        };
        let (Some(operation), true) = (entry.operation, self.is_known) else { return };
        let slot = entry.at.millis().div_euclid(SLOT_MILLIS).saturating_mul(SLOT_MILLIS);
        self.current = self.current.max(slot);
        let sums = self.made.entry((slot, operation, entry.key)).or_insert([0; 3]);
        let adds = [charge, entry.quantity.saturating_mul(sign), entry.amount.get().saturating_mul(sign)];
        for (sum, add) in sums.iter_mut().zip(adds) {
            *sum = sum.saturating_add(add);
        }
    }

    /// Compares what is complete, once it is much.
    pub(super) async fn compare_much(
        &mut self,
        reader: &mut Reader<'_>,
        id: AccountId,
        faults: &mut Faults,
        seq: i64,
    ) -> Result<(), StoreError> {
        if self.made.len() < STRETCH || self.current <= self.from {
            return Ok(());
        }
        self.compare(reader, id, self.current, faults, seq).await
    }

    /// Compares all that is left.
    pub(super) async fn compare_rest(
        &mut self,
        reader: &mut Reader<'_>,
        id: AccountId,
        faults: &mut Faults,
        seq: i64,
    ) -> Result<(), StoreError> {
        self.compare(reader, id, i64::MAX, faults, seq).await
    }

    async fn compare(
        &mut self,
        reader: &mut Reader<'_>,
        id: AccountId,
        until: i64,
        faults: &mut Faults,
        seq: i64,
    ) -> Result<(), StoreError> {
        if !self.is_known {
            return Ok(());
        }
        let mut made = BTreeMap::new();
        self.made.retain(|(slot, operation, key), sums| {
            let complete = *slot < until;
            if complete {
                let key = key.map_or_else(String::new, |key| key.to_string());
                made.insert((*slot, operation.name().to_owned(), key), *sums);
            }
            !complete
        });
        let limit = made.len().saturating_add(STRAYS);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = match store::slots_between(reader, id, (self.from, until), limit).await {
            Err(StoreError::Corrupt(why)) => {
                faults.add(seq, Law::Usage, format!("a usage roll-up cannot be read: {why}"));
                Vec::new()
            }
            rows => rows?,
        };
        for (place, kept) in rows {
            let sums = made.remove(&place).unwrap_or([0; 3]);
            let is_stray = sums == [0; 3] && kept == [0; 3];
            if sums != kept || is_stray {
                faults.add(seq, Law::Usage, differs(&place, kept, sums));
            }
        }
        for (place, sums) in made {
            faults.add(seq, Law::Usage, differs(&place, [0; 3], sums));
        }
        self.from = until;
        Ok(())
    }
}

fn differs((slot, operation, key): &(i64, String, String), kept: [i64; 3], made: [i64; 3]) -> String {
    let key = if key.is_empty() { "no key" } else { key.as_str() };
    let said =
        |[charges, quantity, credits]: [i64; 3]| format!("{charges} charges, {quantity} units, {credits} credits");
    format!(
        "the usage roll-ups say of {operation} by {key} in the quarter of an hour from {slot}: {}; the entries make it {}",
        said(kept),
        said(made)
    )
}
