//! Statements of random histories: they check, they meet, and their cents are what was paid.

use super::*;
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{
    Account, Clock, Command, HoldId, IdSource, PriceBook, Request, Tier, Timestamp, TransactionId, apply,
};

/// A history under a seed: every kind of command over some months.
struct History {
    seed: u64,
    clock: ManualClock,
    ids: CountingIds,
    prices: PriceBook,
    id: AccountId,
    slot: Option<Account>,
    grants: BTreeMap<GrantId, Grant>,
    entries: Vec<Entry>,
    holds: Vec<HoldId>,
    charges: Vec<TransactionId>,
    purchases: Vec<PurchaseId>,
}

fn credits(amount: i64) -> Credits {
    Credits::new(amount).unwrap()
}

impl History {
    fn new(seed: u64) -> Self {
        let (clock, ids) = (ManualClock::default(), CountingIds::default());
        let id = AccountId::from_ulid(ids.next(clock.now()));
        let mut history = Self {
            seed,
            clock,
            ids,
            prices: price_book(),
            id,
            slot: None,
            grants: BTreeMap::new(),
            entries: Vec::new(),
            holds: Vec::new(),
            charges: Vec::new(),
            purchases: Vec::new(),
        };
        let grant = GrantId::from_ulid(history.ids.next(history.clock.now()));
        history.run(&Command::Open { name: "Acme".into(), tier: Tier::Developer, free: Some((grant, credits(10))) });
        history
    }

    /// The next number of a fixed sequence, below `most`.
    fn roll(&mut self, most: u64) -> i64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.seed >> 33) % most).unwrap()
    }

    fn run(&mut self, command: &Command) {
        let request = Request { id: format!("request-{}", self.entries.len()), key: None };
        let posted = apply(&mut self.slot, self.id, command, &request, &self.prices, self.clock.now());
        for entry in posted.unwrap_or_default() {
            if entry.to == Bucket::Spent {
                self.charges.push(entry.id);
            }
            self.entries.push(entry);
        }
        for grant in &self.slot.as_ref().unwrap().grants {
            self.grants.insert(grant.id, grant.clone());
        }
    }

    fn step(&mut self) {
        self.clock.advance(self.seed as i64 & 0x3_ffff);
        let grant = GrantId::from_ulid(self.ids.next(self.clock.now()));
        let pick = self.roll(10);
        let index = self.roll(1_000_000) as usize;
        let command = match pick {
            0 => {
                let purchase = PurchaseId::from_ulid(self.ids.next(self.clock.now()));
                self.purchases.push(purchase);
                let paid = Cents::new(self.roll(9_999)).unwrap();
                Command::Purchase { grant, purchase, credits: credits(1 + self.roll(97)), paid }
            }
            1 => {
                let expires_at = Some(self.clock.now().plus_days(1 + self.roll(40)));
                Command::Grant { grant, credits: credits(1 + self.roll(30)), reason: "gift".into(), expires_at }
            }
            2 => {
                let hold = HoldId::from_ulid(self.ids.next(self.clock.now()));
                self.holds.push(hold);
                Command::Hold {
                    hold,
                    operation: Operation::ConservationOracle,
                    quantity: 1 + self.roll(3),
                    at_most: None,
                    expires_at: self.clock.now().plus_days(9),
                    metadata: "{}".into(),
                }
            }
            3 if !self.holds.is_empty() => {
                let hold = self.holds.swap_remove(index % self.holds.len());
                Command::Capture { hold, amount: Some(credits(1 + self.roll(5))), metadata: "{}".into() }
            }
            4 if !self.charges.is_empty() => {
                let charge = self.charges[index % self.charges.len()];
                Command::Refund { charge, credits: Some(credits(1 + self.roll(3))), reason: "sorry".into() }
            }
            5 if !self.purchases.is_empty() => {
                let purchase = self.purchases[index % self.purchases.len()];
                Command::Reverse { purchase, credits: credits(1 + self.roll(40)), reason: "dispute".into() }
            }
            6 if !self.purchases.is_empty() => {
                let purchase = self.purchases[index % self.purchases.len()];
                Command::Reinstate { purchase, credits: credits(1 + self.roll(40)), reason: "won".into() }
            }
            7 => Command::Take { credits: credits(1 + self.roll(4)), reason: "by hand".into() },
            _ => Command::Charge {
                operation: Operation::ProofVerification,
                quantity: 1 + self.roll(12),
                at_most: None,
                metadata: "{\"n\":1}".into(),
            },
        };
        self.name(&command);
        self.run(&command);
    }

    /// `apply` wants the charge that a refund names beside the account.
    fn name(&mut self, command: &Command) {
        let Some(id) = command.charge() else { return };
        let entry = self.entries.iter().find(|entry| entry.id == id).unwrap();
        let account = self.slot.as_mut().unwrap();
        if account.charges.iter().all(|known| known.id != id) {
            account.charges.extend(crate::ledger::Charge::of(entry, Credits::ZERO));
        }
    }

    fn statement(&self, month: Month) -> Statement {
        let account = self.slot.as_ref().unwrap();
        let before = self.entries.iter().rev().find(|entry| entry.at < month.start());
        let beginning = Standing { seq: 0, head: Hash::ZERO, at: Timestamp::default(), balances: Balances::default() };
        let last =
            before.map_or(beginning, |entry| Standing { seq: entry.seq, head: entry.hash, at: entry.at, ..beginning });
        let mut rewind = Rewind::new(account.balances);
        let since: Vec<&Entry> = self.entries.iter().filter(|entry| entry.at >= month.start()).collect();
        since.iter().for_each(|entry| rewind.undo(entry).unwrap());
        let (opening, grants) = rewind.opening(last, self.grants.values().cloned().collect()).unwrap();
        let entries = since.into_iter().filter(|entry| entry.at < month.end()).cloned().collect();
        let name = "Acme".into();
        Statement::of(StatementParts { account: self.id, name, month, complete: true, opening, grants, entries })
            .unwrap()
    }

    fn months(&self) -> Vec<Statement> {
        let last = Month::of(self.clock.now());
        let mut month = Month::of(self.entries[0].at);
        let mut statements = Vec::new();
        while month <= last {
            statements.push(self.statement(month));
            month = month.next();
        }
        statements
    }
}

fn long(seed: u64) -> History {
    let mut history = History::new(seed);
    (0..160).for_each(|_| history.step());
    history
}

#[test]
fn the_statements_of_any_history_check_and_meet() {
    for seed in 1..=25 {
        let history = long(seed);
        let statements = history.months();
        assert!(statements.len() > 3, "seed {seed}: {}", statements.len());
        for statement in &statements {
            assert_eq!(statement.check(), [], "seed {seed}, {}", statement.month);
            let text = serde_json::to_string(statement).unwrap();
            assert_eq!(&serde_json::from_str::<Statement>(&text).unwrap(), statement);
        }
        for pair in statements.windows(2) {
            assert_eq!(pair[0].closing, pair[1].opening, "seed {seed}");
        }
        let lines: usize = statements.iter().map(|statement| statement.lines.len()).sum();
        assert_eq!(lines, history.entries.len());
        assert_eq!(statements.last().unwrap().closing.head, history.slot.as_ref().unwrap().head);
    }
}

#[test]
fn the_lines_of_a_grant_sum_to_what_was_paid_for_the_part_that_is_gone() {
    for seed in 1..=25 {
        let history = long(seed);
        let mut paid: i64 = 0;
        let mut bought: i64 = 0;
        for statement in history.months() {
            paid += statement.lines.iter().map(|line| line.paid_cents.get()).sum::<i64>();
            bought += statement.totals.bought_cents.get();
        }
        let gone: i64 = history
            .grants
            .values()
            .map(|grant| grant.paid.get() * (grant.size.get() - grant.remaining.get()) / grant.size.get())
            .sum();
        assert_eq!(paid, gone, "seed {seed}");
        assert_eq!(bought, history.grants.values().map(|grant| grant.paid.get()).sum::<i64>());
    }
}

#[test]
fn a_grant_spent_in_uneven_parts_costs_exactly_what_was_paid() {
    let mut history = History::new(1);
    history.run(&Command::Take { credits: credits(10), reason: "the gift first".into() });
    let grant = GrantId::from_ulid(history.ids.next(history.clock.now()));
    let purchase = PurchaseId::from_ulid(history.ids.next(history.clock.now()));
    let paid = Cents::new(1_000).unwrap();
    history.run(&Command::Purchase { grant, purchase, credits: credits(7), paid });
    for quantity in [1, 2, 1, 3] {
        let operation = Operation::ProofVerification;
        history.run(&Command::Charge { operation, quantity, at_most: None, metadata: "{}".into() });
    }
    let statement = history.statement(Month::of(history.clock.now()));
    let cents: Vec<i64> = statement.lines.iter().map(|line| line.paid_cents.get()).collect();
    // floor(1000 × n / 7) for n = 1, 3, 4, 7 is 142, 428, 571, 1000.
    assert_eq!(cents, [0, 0, 0, 142, 286, 143, 429]);
    assert_eq!((statement.totals.spent_cents, statement.totals.bought_cents), (paid, paid));
    let total = statement.totals.by_operation[&Operation::ProofVerification];
    assert_eq!((total.charges, total.quantity, total.credits, total.paid_cents), (4, 7, credits(7), paid));
}

#[test]
fn a_fault_is_named_with_its_entry() {
    let history = long(3);
    let whole = history.months().into_iter().max_by_key(|statement| statement.lines.len()).unwrap();
    let said = |change: &dyn Fn(&mut Statement)| {
        let mut statement = whole.clone();
        change(&mut statement);
        let faults = statement.check();
        faults.iter().map(|fault| (fault.seq, fault.what.clone())).collect::<Vec<_>>()
    };
    let seq = whole.lines[5].entry.seq;
    let faults = said(&|statement| statement.lines[5].paid_cents = Cents::new(123_456).unwrap());
    assert!(faults.iter().any(|(at, what)| *at == seq && what.contains("$1,234.56")), "{faults:?}");
    let faults = said(&|statement| statement.lines[5].entry.memo.push('x'));
    assert!(faults.iter().any(|(at, what)| *at == seq && what.contains("sealed")), "{faults:?}");
    let faults = said(&|statement| drop(statement.lines.remove(5)));
    assert!(faults.iter().any(|(at, what)| *at == seq + 1 && what.contains("missing")), "{faults:?}");
    let faults = said(&|statement| statement.opening.balances.spent = credits(1_000));
    assert!(faults.iter().any(|(_, what)| what.contains("opening balances")), "{faults:?}");
    let faults = said(&|statement| statement.totals.spent_cents = Cents::new(1).unwrap());
    assert!(faults.iter().any(|(_, what)| what.contains("totals")), "{faults:?}");
    let faults = said(&|statement| statement.grants.truncate(1));
    assert!(!faults.is_empty());
}
