//! The laws of DESIGN's ledger, and the three known stories.

use super::*;
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{
    BudgetName, Cents, Clock, EntryKind, GrantId, GrantKind, IdSource, KeyId, Tier, TransactionId, audit,
};

mod corrections;
mod laws;

/// One account with a clock, ids and everything it ever posted.
struct Till {
    clock: ManualClock,
    ids: CountingIds,
    prices: PriceBook,
    id: AccountId,
    slot: Option<Account>,
    entries: Vec<Entry>,
    /// The API key that asks.
    key: Option<KeyId>,
}

impl Till {
    fn open(tier: Tier, free: i64) -> Self {
        let (clock, ids) = (ManualClock::default(), CountingIds::default());
        let id = AccountId::from_ulid(ids.next(clock.now()));
        let mut till = Self { clock, ids, prices: price_book(), id, slot: None, entries: Vec::new(), key: None };
        let free = (free > 0).then(|| (till.grant_id(), credits(free)));
        till.run(&Command::Open { name: "Acme".into(), tier, free }).unwrap();
        till
    }

    fn run(&mut self, command: &Command) -> Result<Vec<Entry>, Refusal> {
        let request = Request { id: format!("request-{}", self.entries.len()), key: self.key };
        let posted = apply(&mut self.slot, self.id, command, &request, &self.prices, self.clock.now())?;
        self.entries.extend(posted.iter().cloned());
        Ok(posted)
    }

    fn account(&self) -> &Account {
        self.slot.as_ref().unwrap()
    }

    fn available(&self) -> i64 {
        self.account().balances.available.get()
    }

    fn grant_id(&self) -> GrantId {
        GrantId::from_ulid(self.ids.next(self.clock.now()))
    }

    fn hold_id(&self) -> HoldId {
        HoldId::from_ulid(self.ids.next(self.clock.now()))
    }

    fn buy(&mut self, package: &str) -> PurchaseId {
        let package = self.prices.package(package).unwrap().clone();
        let purchase = PurchaseId::from_ulid(self.ids.next(self.clock.now()));
        let grant = self.grant_id();
        self.run(&Command::Purchase { grant, purchase, credits: package.credits, paid: package.price }).unwrap();
        purchase
    }

    fn give(&mut self, amount: i64, expires_in_days: Option<i64>) {
        let expires_at = expires_in_days.map(|days| self.clock.now().plus_days(days));
        let grant = self.grant_id();
        self.run(&Command::Grant { grant, credits: credits(amount), reason: "gift".into(), expires_at }).unwrap();
    }

    fn charge(&mut self, operation: Operation, quantity: i64) -> Result<Vec<Entry>, Refusal> {
        self.run(&Command::Charge { operation, quantity, at_most: None, metadata: "{}".into() })
    }

    fn hold(&mut self, operation: Operation, quantity: i64, seconds: i64) -> Result<HoldId, Refusal> {
        let (hold, expires_at) = (self.hold_id(), self.clock.now().plus_seconds(seconds));
        self.run(&Command::Hold { hold, operation, quantity, at_most: None, expires_at, metadata: "{}".into() })?;
        Ok(hold)
    }

    fn refund(&mut self, charge: TransactionId, amount: Option<i64>) -> Result<Vec<Entry>, Refusal> {
        self.name_charge(charge);
        self.run(&Command::Refund { charge, credits: amount.map(credits), reason: "sorry".into() })
    }

    /// Brings a charge along, as the store does.
    fn name_charge(&mut self, id: TransactionId) {
        let refunded: i64 =
            self.entries.iter().filter(|entry| entry.refunds == Some(id)).map(|entry| entry.amount.get()).sum();
        let found = self.entries.iter().find(|entry| entry.id == id);
        let charge = found.and_then(|entry| crate::ledger::Charge::of(entry, credits(refunded)));
        if let Some(account) = self.slot.as_mut() {
            account.charges = charge.into_iter().collect();
        }
    }

    fn assert_lawful(&self) {
        assert!(self.account().lawful(), "{:?}", self.account());
        assert_eq!(audit(self.account(), &self.entries), []);
    }
}

fn credits(amount: i64) -> Credits {
    Credits::new(amount).unwrap()
}

#[test]
fn a_developer_with_starter_has_75_left_after_5_proofs_and_a_ghost() {
    let mut till = Till::open(Tier::Developer, 0);
    till.buy("Starter");
    till.charge(Operation::ProofVerification, 5).unwrap();
    till.charge(Operation::GhostIdentity, 1).unwrap();
    assert_eq!(till.available(), 75);
    till.assert_lawful();
}

#[test]
fn a_fintech_with_business_spends_2357() {
    let mut till = Till::open(Tier::Fintech, 0);
    till.buy("business");
    till.charge(Operation::BatchVerification, 5).unwrap();
    till.charge(Operation::SentinelMonitoring, 24).unwrap();
    till.charge(Operation::ConservationOracle, 10).unwrap();
    assert_eq!((till.account().balances.spent.get(), till.available()), (2_357, 7_643));
    till.assert_lawful();
}

#[test]
fn an_enterprise_with_enterprise_spends_36200() {
    let mut till = Till::open(Tier::Enterprise, 0);
    till.buy("ENTERPRISE");
    till.charge(Operation::BatchVerification, 100).unwrap();
    till.charge(Operation::ConsensusParticipation, 10).unwrap();
    till.charge(Operation::SovereignIdentity, 50).unwrap();
    assert_eq!((till.account().balances.spent.get(), till.available()), (36_200, 63_800));
    till.assert_lawful();
}

#[test]
fn the_first_purchase_makes_a_free_account_a_developers() {
    let mut till = Till::open(Tier::Free, 10);
    till.buy("Starter");
    assert_eq!((till.account().tier, till.available()), (Tier::Developer, 110));
}

#[test]
fn soonest_to_expire_goes_first_then_gifts_then_oldest() {
    let mut till = Till::open(Tier::Developer, 0);
    till.buy("Starter");
    till.clock.advance(1);
    till.give(10, None);
    till.give(10, Some(5));
    let grants: Vec<GrantId> = till.account().grants.iter().map(|grant| grant.id).collect();
    let posted = till.charge(Operation::StateStorage, 25).unwrap();
    let eaten: Vec<(GrantId, i64)> = posted[0].grants.iter().map(|part| (part.grant, part.amount.get())).collect();
    assert_eq!(eaten, [(grants[2], 10), (grants[1], 10), (grants[0], 5)]);
    till.assert_lawful();
}

#[test]
fn a_hold_is_captured_in_part_and_the_rest_goes_back() {
    let mut till = Till::open(Tier::Developer, 100);
    let hold = till.hold(Operation::SentinelMonitoring, 5, 60).unwrap();
    assert_eq!(till.available(), 50);
    till.run(&Command::Capture { hold, amount: Some(credits(20)), metadata: "{}".into() }).unwrap();
    assert_eq!((till.available(), till.account().balances.spent.get()), (80, 20));
    let again = till.run(&Command::Release { hold, reason: "late".into() });
    assert_eq!(again, Err(Refusal::HoldSettled { state: "captured".into() }));
    till.assert_lawful();
}

#[test]
fn a_hold_expires_after_its_time() {
    let mut till = Till::open(Tier::Developer, 10);
    let hold = till.hold(Operation::ProofVerification, 10, 60).unwrap();
    till.clock.advance(60);
    till.run(&Command::Settle).unwrap();
    assert_eq!(till.available(), 10);
    let late = till.run(&Command::Capture { hold, amount: None, metadata: "{}".into() });
    assert_eq!(late, Err(Refusal::HoldSettled { state: "expired".into() }));
    till.assert_lawful();
}

#[test]
fn what_has_expired_is_never_spent_and_what_is_held_does_not_expire() {
    let mut till = Till::open(Tier::Developer, 0);
    till.give(10, Some(1));
    let hold = till.hold(Operation::ProofVerification, 4, 10 * 86_400).unwrap();
    till.clock.advance(2 * 86_400);
    let refused = till.charge(Operation::ProofVerification, 1);
    let none = Refusal::InsufficientCredits { required: credits(1), available: credits(0) };
    assert_eq!(refused, Err(none));
    till.run(&Command::Capture { hold, amount: None, metadata: "{}".into() }).unwrap();
    let balances = till.account().balances;
    assert_eq!((balances.spent.get(), balances.expired.get()), (4, 6));
    till.assert_lawful();
}

#[test]
fn a_suspended_account_does_not_spend() {
    let mut till = Till::open(Tier::Developer, 10);
    till.run(&Command::SetSuspended { suspended: true, reason: "looks stolen".into() }).unwrap();
    assert_eq!(till.charge(Operation::ProofVerification, 1), Err(Refusal::Suspended));
    assert_eq!(till.hold(Operation::ProofVerification, 1, 60), Err(Refusal::Suspended));
    till.give(5, None);
    till.run(&Command::SetSuspended { suspended: false, reason: "it was not".into() }).unwrap();
    till.charge(Operation::ProofVerification, 15).unwrap();
    till.assert_lawful();
}

#[test]
fn a_purchase_grants_once() {
    let mut till = Till::open(Tier::Developer, 0);
    let purchase = PurchaseId::from_ulid(till.ids.next(till.clock.now()));
    let command = |grant| Command::Purchase { grant, purchase, credits: credits(100), paid: Cents::ZERO };
    till.run(&command(till.grant_id())).unwrap();
    assert_eq!(till.run(&command(till.grant_id())), Err(Refusal::AlreadyGranted));
    assert_eq!(till.available(), 100);
}

#[test]
fn the_audit_names_every_kind_of_corruption() {
    let mut till = Till::open(Tier::Developer, 100);
    till.charge(Operation::ProofVerification, 5).unwrap();
    till.charge(Operation::GhostIdentity, 1).unwrap();
    let spoil: [fn(&mut Vec<Entry>, &mut Account); 6] = [
        |entries, _| entries[1].amount = credits(4),
        |entries, _| entries[1].memo = "changed".into(),
        |entries, _| drop(entries.remove(1)),
        |entries, _| entries.swap(1, 2),
        |_, account| account.balances.available = credits(76),
        |_, account| account.grants[0].remaining = credits(1),
    ];
    for (index, spoil) in spoil.into_iter().enumerate() {
        let (mut entries, mut account) = (till.entries.clone(), till.account().clone());
        spoil(&mut entries, &mut account);
        assert!(!audit(&account, &entries).is_empty(), "corruption {index} went unseen");
    }
}
