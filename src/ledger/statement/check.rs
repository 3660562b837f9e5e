//! Checks a statement by itself: chain, routes, sums, grants, cents and totals, each fault named with its entry.

use std::collections::BTreeSet;

use super::lot::Lots;
use super::{Lot, Standing, Statement, Totals};
use crate::ledger::{Account, Balances, Cents, Entry, Fault, GrantKind, Hash, Law, Replay, Tier, Timestamp};

impl Statement {
    /// Everything that is wrong with it, the signature apart. Nothing, when it is what a ledger that obeys the laws makes.
    #[must_use]
    pub fn check(&self) -> Vec<Fault> {
        let account = Account::open(self.account, self.name.clone(), Tier::Free, self.from);
        let lots = self.grants.iter().map(|grant| {
            let lot = grant.opening;
            (grant.id, i128::from(lot.remaining.get()), i128::from(lot.owed.get()))
        });
        let mut replay = Replay::resume(&account, &self.opening, lots);
        let mut finder = Finder { statement: self, faults: Vec::new() };
        finder.opening();
        finder.lines();
        for line in &self.lines {
            replay.step(&line.entry);
        }
        if replay.standing() != self.closing {
            finder.find(self.closing.seq, Law::Balances, "the closing is not where the lines lead from the opening");
        }
        finder.grants();
        finder.totals();
        let mut faults = replay.faults();
        faults.extend(finder.faults);
        faults.sort_by_key(|fault| fault.seq);
        faults
    }
}

struct Finder<'a> {
    statement: &'a Statement,
    faults: Vec<Fault>,
}

impl Finder<'_> {
    fn find(&mut self, seq: i64, law: Law, what: impl Into<String>) {
        self.faults.push(Fault { account: self.statement.account.to_string(), seq, law, what: what.into() });
    }

    fn opening(&mut self) {
        let Statement { opening, month, from, to, .. } = self.statement;
        let seq = opening.seq;
        if (*from, *to) != (month.start(), month.end()) {
            self.find(seq, Law::Chain, format!("{month} does not begin and end when the statement says"));
        }
        if !opening.balances.lawful() {
            self.find(
                seq,
                Law::Conservation,
                "the opening balances do not sum to zero, or one is on the wrong side of it",
            );
        }
        let nothing =
            (opening.head, opening.at, opening.balances) == (Hash::ZERO, Timestamp::default(), Balances::default());
        if seq < 0 || (seq == 0) != nothing {
            self.find(seq, Law::Chain, "the opening is neither the beginning of a chain nor after an entry");
        }
        if opening.at >= *from && seq > 0 {
            self.find(seq, Law::Chain, "the opening lies within the month");
        }
    }

    fn lines(&mut self) {
        let mut lots = Lots::opening(&self.statement.grants);
        for line in &self.statement.lines {
            let entry = &line.entry;
            if entry.at < self.statement.from || entry.at >= self.statement.to {
                self.find(entry.seq, Law::Chain, "the entry is of another month");
            }
            match lots.post(entry) {
                Some(paid) if paid == line.paid_cents => {}
                Some(paid) => {
                    let what =
                        format!("the line says its credits were paid {}, the grants say {paid}", line.paid_cents);
                    self.find(entry.seq, Law::Grants, what);
                }
                None => {
                    self.find(entry.seq, Law::Grants, "the entry names a grant that is missing or does not cover it")
                }
            }
            self.brought(entry);
        }
        for grant in &self.statement.grants {
            if lots.lot(grant.id) != Some(grant.closing) {
                let what = format!("grant {} does not close as its lines make it", grant.id);
                self.find(self.statement.closing.seq, Law::Grants, what);
            }
        }
    }

    /// A grant that an entry brings in is the one listed: as large, of no later moment and of that purchase.
    fn brought(&mut self, entry: &Entry) {
        use crate::ledger::Bucket::{Available, Issued};
        if (entry.from, entry.to) != (Issued, Available) {
            return;
        }
        let grants = &self.statement.grants;
        let found = grants.iter().find(|grant| entry.grants.first().is_some_and(|part| part.grant == grant.id));
        let same = found.is_some_and(|grant| {
            // Where the clock was set back, the entry carries a later moment than the grant.
            (grant.size, grant.purchase, grant.opening) == (entry.amount, entry.purchase, Lot::default())
                && grant.granted_at <= entry.at
        });
        if !same {
            self.find(entry.seq, Law::Grants, "the grant it brought in is not the one that is listed");
        }
    }

    fn grants(&mut self) {
        let Statement { opening, closing, grants, .. } = self.statement;
        let mut ids = BTreeSet::new();
        for grant in grants {
            let came = grant.opening != Lot::default();
            let whole = |lot: Lot| lot.remaining.checked_add(lot.gone) == Some(grant.size);
            let kind = match grant.kind {
                GrantKind::Gift => grant.paid_cents == Cents::ZERO && grant.purchase.is_none(),
                GrantKind::Paid => grant.paid_cents >= Cents::ZERO && grant.purchase.is_some(),
            };
            let lawful = kind && (!came || whole(grant.opening)) && whole(grant.closing);
            if !lawful || !ids.insert(grant.id) {
                self.find(closing.seq, Law::Grants, format!("grant {} is not one that can be", grant.id));
            }
        }
        for (name, standing, lots) in [
            ("opening", opening, grants.iter().map(|grant| grant.opening).collect::<Vec<_>>()),
            ("closing", closing, grants.iter().map(|grant| grant.closing).collect()),
        ] {
            if !agree(standing, &lots) {
                let what = format!("the grants of the {name} do not sum to what is available, held and owed");
                self.find(standing.seq, Law::Grants, what);
            }
        }
    }

    fn totals(&mut self) {
        if Totals::of(&self.statement.lines, &self.statement.grants).as_ref() != Some(&self.statement.totals) {
            self.find(self.statement.closing.seq, Law::Usage, "the totals are not the sums of the lines");
        }
    }
}

/// Whether the grants sum to what is available, held and owed.
fn agree(standing: &Standing, lots: &[Lot]) -> bool {
    let Balances { available, held, owed, .. } = standing.balances;
    let remaining: i128 = lots.iter().map(|lot| i128::from(lot.remaining.get())).sum();
    let still_owed: i128 = lots.iter().map(|lot| i128::from(lot.owed.get())).sum();
    remaining == i128::from(available.get()) + i128::from(held.get()) && still_owed == -i128::from(owed.get())
}
