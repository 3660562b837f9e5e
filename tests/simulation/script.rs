//! What happens next: orders of every kind, most of them sensible, some not, some sent before.

use aethel::billing::store::{Failure, When};
use aethel::billing::{Order, Together};
use aethel::ledger::{
    AccountId, Cents, Clock, Command, Credits, GrantId, HoldId, IdSource, KeyId, Operation, Promise, PurchaseId, Tier,
    TransactionId,
};

use crate::faults::{Fault, Place};
use crate::world::{Happening, Job, World};

const ACCOUNTS_MAX: usize = 3;
/// API keys of one account; an order comes by one of them or by none.
const KEYS: usize = 2;
/// A batch takes about this many steps of the store, so a fault beyond them is a batch without one.
const STEPS_OF_A_BATCH: usize = 16;

fn credits(amount: i64) -> Credits {
    Credits::new(amount).expect("small")
}

impl World {
    /// Lets the next thing happen; says whether something failed.
    pub fn step(&mut self, step: usize) -> bool {
        let seconds = [0, 0, 1, 45, 900, 7_200, 86_400, 5 * 86_400][self.chance.below(8)];
        self.clock.advance(seconds);
        self.history.push(Happening::Passed(seconds));
        let faults = if !self.is_calm && self.chance.percent(30) { self.faults() } else { Vec::new() };
        let upset = !faults.is_empty();
        match self.chance.below(20) {
            0 if step > 0 && !self.is_calm => {
                self.note(format!("{step}: crash"));
                self.crash();
                true
            }
            1..4 if step > 0 => {
                self.note(format!("{step}: settle, {faults:?}"));
                self.settle(faults);
                self.history.push(Happening::Settled);
                upset
            }
            _ => {
                let jobs = self.jobs(&faults);
                self.story.orders += jobs.iter().map(|job| job.orders.len()).sum::<usize>();
                let answers = self.send(&jobs, faults.clone());
                self.note(format!("{step}: {seconds} s later, {jobs:?}\n{faults:?}\n{answers:?}"));
                self.reckon(&jobs, answers.as_deref());
                self.history.extend(answers.map(|answers| Happening::Sent(jobs, answers)));
                upset
            }
        }
    }

    fn faults(&mut self) -> Vec<Fault> {
        let place = |world: &mut Self| {
            if world.chance.percent(50) { Place::Commit } else { Place::Nth(world.chance.below(STEPS_OF_A_BATCH)) }
        };
        let when = if self.chance.percent(50) { When::Before } else { When::After };
        match self.chance.below(3) {
            0 => vec![Fault { place: place(self), when, failure: Failure::Outage }],
            1 => vec![Fault { place: place(self), when, failure: Failure::Silence }],
            _ => {
                // A statement that is refused makes the kernel try each job alone, and the second fault meets those.
                let first = Fault { place: place(self), when: When::Before, failure: Failure::Statement };
                let later = Place::Nth(STEPS_OF_A_BATCH + self.chance.below(2 * STEPS_OF_A_BATCH));
                vec![first, Fault { place: later, when, failure: Failure::Outage }]
            }
        }
    }

    /// The jobs of one moment, as several clients would send them.
    fn jobs(&mut self, faults: &[Fault]) -> Vec<Job> {
        // Where jobs may be tried one by one, the same key twice could settle in either place.
        let doubles = faults.iter().all(|fault| fault.failure != Failure::Statement);
        let mut jobs: Vec<Job> = Vec::new();
        let mut taken: Vec<(String, String)> = Vec::new();
        for _ in 0..=self.chance.below(4) {
            let together = if self.chance.percent(25) { Together::AllOrNone } else { Together::EachForItself };
            let many = self.chance.percent(40);
            let mut orders = Vec::new();
            for _ in 0..if many { 2 + self.chance.below(4) } else { 1 } {
                let order = self.order();
                let place = (order.scope(), order.request.clone());
                if !taken.contains(&place) {
                    taken.push(place);
                    self.sent.push(order.clone());
                    orders.push(order);
                }
            }
            if !orders.is_empty() {
                jobs.push(Job { orders, together });
            }
        }
        if doubles && self.chance.percent(30) {
            let again = self.chance.pick(&jobs).cloned();
            jobs.extend(again);
        }
        jobs
    }

    /// An order: a new one, one sent before (perhaps long ago, perhaps with a fresh id), or another under its key.
    fn order(&mut self) -> Order {
        match self.chance.below(100) {
            0..18 => match self.chance.pick(&self.sent).cloned() {
                Some(order) => self.sent_again(order),
                None => self.opening(),
            },
            18..21 => match self.chance.pick(&self.sent).cloned() {
                Some(sent) => Order { request: sent.request, ..self.fresh(sent.account) },
                None => self.opening(),
            },
            chosen => {
                let account = self.chance.pick(&self.tills.keys().copied().collect::<Vec<_>>()).copied();
                match account {
                    Some(account) if chosen > 22 || self.tills.len() >= ACCOUNTS_MAX => self.fresh(account),
                    _ => self.opening(),
                }
            }
        }
    }

    /// A client that asks again makes its ids anew, as the server does for it.
    fn sent_again(&mut self, mut order: Order) -> Order {
        match &mut order.command {
            Command::Grant { grant, .. } | Command::Add { grant, .. } => *grant = self.grant_id(),
            Command::Hold { hold, .. } => *hold = self.hold_id(),
            Command::Open { .. } => order.account = self.account_id(),
            _ => {}
        }
        order
    }

    fn opening(&mut self) -> Order {
        let tier = *self.chance.pick(Tier::ALL).expect("there are tiers");
        let amount = self.chance.between(0, 60);
        let free = (amount > 0).then(|| (self.grant_id(), credits(amount)));
        let account = self.account_id();
        Order::new(account, self.request(), Command::Open { name: "Simulated Ltd".into(), tier, free })
    }

    fn fresh(&mut self, account: AccountId) -> Order {
        let chosen = self.chance.below(100);
        let request = self.request();
        if chosen < 12 {
            return self.webhook(account);
        }
        let command = match chosen {
            12..34 => self.charge(),
            34..50 => self.hold(),
            50..58 => self.capture(account),
            58..62 => Command::Release { hold: self.some_hold(account), reason: "given up".into() },
            62..70 => {
                let credits = self.maybe(40).map(credits);
                Command::Refund { charge: self.some_sale(account), credits, reason: "sorry".into() }
            }
            70..84 => self.correction(account),
            84..90 => {
                let expires_at = self.maybe(20).map(|days| self.clock.now().plus_days(days - 1));
                let (grant, credits) = (self.grant_id(), credits(self.chance.between(1, 80)));
                Command::Grant { grant, credits, reason: "a present".into(), expires_at }
            }
            90..93 => Command::SetBudgets { day: self.maybe(300).map(credits), month: self.maybe(900).map(credits) },
            93..95 => {
                let used = credits(self.chance.between(0, 20));
                let Some(key) = self.key(account) else { return self.fresh(account) };
                Command::SetKeyBudget { key, month: self.maybe(400).map(credits), used }
            }
            95..97 => Command::SetTier { tier: *self.chance.pick(Tier::ALL).expect("there are tiers") },
            _ => Command::SetSuspended { suspended: self.chance.percent(40), reason: "to see".into() },
        };
        Order::new(account, request, command).with_key(self.key(account))
    }

    /// What a webhook brings: a payment announced by several events, under one key or under another.
    fn webhook(&mut self, account: AccountId) -> Order {
        let known = self.chance.pick(&self.bought).copied().filter(|_| self.chance.percent(40));
        let (account, purchase) = known.unwrap_or_else(|| {
            let purchase = PurchaseId::from_ulid(self.ids.next(self.clock.now()));
            self.bought.push((account, purchase));
            (account, purchase)
        });
        let request =
            if self.chance.percent(80) { format!("purchase {purchase}") } else { format!("again {}", self.request()) };
        let (size, paid) = (credits(100), Cents::new(1_000).expect("small"));
        let command = Command::Purchase { grant: self.grant_id(), purchase, credits: size, paid };
        Order::new(account, request, command)
    }

    fn charge(&mut self) -> Command {
        let (operation, quantity) = self.ask();
        let at_most = self.maybe(60).filter(|_| self.chance.percent(30));
        let at_most = at_most.map(|most| Promise { credits: credits(most), price_book: 1 });
        Command::Charge { operation, quantity, at_most, metadata: format!("{{\"n\":{}}}", self.chance.below(3)) }
    }

    fn hold(&mut self) -> Command {
        let (operation, quantity) = self.ask();
        let seconds = [0, 60, 3_600, 40 * 86_400][self.chance.below(4)];
        let expires_at = self.clock.now().plus_seconds(seconds);
        let hold = self.hold_id();
        Command::Hold { hold, operation, quantity, at_most: None, expires_at, metadata: "{}".into() }
    }

    fn capture(&mut self, account: AccountId) -> Command {
        let amount = self.maybe(40).map(credits);
        Command::Capture { hold: self.some_hold(account), amount, metadata: "{}".into() }
    }

    fn correction(&mut self, account: AccountId) -> Command {
        let (credits, reason) = (credits(self.chance.between(0, 110)), "put right".to_owned());
        let own: Vec<PurchaseId> =
            self.bought.iter().filter(|(owner, _)| *owner == account).map(|(_, purchase)| *purchase).collect();
        let nobody = PurchaseId::from_ulid(ulid::Ulid::from_parts(0, 7));
        let purchase = self.chance.pick(&own).copied().unwrap_or(nobody);
        match self.chance.below(8) {
            0..3 => Command::Reverse { purchase, credits, reason },
            3..5 => Command::Reinstate { purchase, credits, reason },
            5 => Command::Forgive { purchase, credits, reason },
            6 => Command::Take { credits, reason },
            _ => Command::Add { grant: self.grant_id(), credits, reason },
        }
    }

    fn ask(&mut self) -> (Operation, i64) {
        let operation = *self.chance.pick(Operation::ALL).expect("there are operations");
        let quantity = if self.chance.percent(3) { 0 } else { self.chance.between(1, 6) };
        (operation, quantity)
    }

    fn maybe(&mut self, most: i64) -> Option<i64> {
        self.chance.percent(60).then(|| self.chance.between(0, most))
    }

    /// A hold of the account's, open if there is one; now and then one that never was.
    fn some_hold(&mut self, account: AccountId) -> HoldId {
        let holds = self.tills.get(&account).map_or(&[][..], |till| &till.holds);
        let open: Vec<HoldId> = holds.iter().filter(|hold| hold.state == "open").map(|hold| hold.id).collect();
        let all: Vec<HoldId> = holds.iter().map(|hold| hold.id).collect();
        let among = if open.is_empty() || self.chance.percent(10) { all } else { open };
        self.chance.pick(&among).copied().unwrap_or_else(|| self.hold_id())
    }

    fn some_sale(&mut self, account: AccountId) -> TransactionId {
        let sales: Vec<TransactionId> =
            self.tills.get(&account).map(|till| till.sales.keys().copied().collect()).unwrap_or_default();
        let never = TransactionId::of(account, 9_999, self.clock.now());
        self.chance.pick(&sales).copied().unwrap_or(never)
    }

    /// One of the account's API keys, or none. Accounts are named in the order they open, so places stay.
    fn key(&mut self, account: AccountId) -> Option<KeyId> {
        let place = self.tills.keys().position(|known| *known == account).unwrap_or(ACCOUNTS_MAX);
        let number = self.chance.below(KEYS + 1);
        let name = u128::try_from(place * KEYS + number).expect("small");
        (number < KEYS).then(|| KeyId::from_ulid(ulid::Ulid::from_parts(1, name)))
    }

    fn request(&mut self) -> String {
        self.number += 1;
        format!("r{}", self.number)
    }

    fn grant_id(&self) -> GrantId {
        GrantId::from_ulid(self.ids.next(self.clock.now()))
    }

    fn hold_id(&self) -> HoldId {
        HoldId::from_ulid(self.ids.next(self.clock.now()))
    }

    fn account_id(&self) -> AccountId {
        AccountId::from_ulid(self.ids.next(self.clock.now()))
    }
}
