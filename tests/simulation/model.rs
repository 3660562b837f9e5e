//! The reference: what the till should say, written down once more in the plainest way, from DESIGN and not from `src`.
//!
//! Knows no SQL, no chain and no batch. Shares with the real ledger nothing but the names of things.

use std::collections::BTreeMap;

use aethel::ledger::{Command, GrantId, HoldId, KeyId, Operation, PurchaseId, Tier, Timestamp, TransactionId};

mod corrections;
mod spending;

/// What came of a command: how many credits it moved and, when it was a sale, what a refund must know of it.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    pub amount: i64,
    pub sale: Option<Sale>,
}

/// A refusal, by its code.
pub type Said = Result<Effect, &'static str>;

/// Credits that came in together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    pub id: GrantId,
    pub paid: bool,
    pub size: i64,
    pub remaining: i64,
    pub held: i64,
    pub reversed: i64,
    pub owed: i64,
    pub purchase: Option<PurchaseId>,
    pub expires: Option<i64>,
    pub came: i64,
}

#[derive(Clone, Debug)]
pub struct Held {
    pub id: HoldId,
    pub amount: i64,
    pub parts: Vec<(GrantId, i64)>,
    pub state: &'static str,
    pub expires: i64,
    pub since: i64,
    pub key: Option<KeyId>,
}

/// A charge or capture.
#[derive(Clone, Debug)]
pub struct Sale {
    pub parts: Vec<(GrantId, i64)>,
    pub refunded: i64,
    pub at: i64,
    pub key: Option<KeyId>,
}

/// Which counter a budget reads: the day's, the month's, or a key's month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    Day(i64),
    Month(i64),
    Key(KeyId, i64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub issued: i64,
    pub available: i64,
    pub held: i64,
    pub spent: i64,
    pub expired: i64,
    pub reversed: i64,
    pub owed: i64,
}

/// One customer's till.
#[derive(Clone, Debug)]
pub struct Till {
    pub tier: Tier,
    pub suspended: bool,
    pub lots: Vec<Lot>,
    pub holds: Vec<Held>,
    pub sales: BTreeMap<TransactionId, Sale>,
    pub sums: Sums,
    pub day_limit: Option<i64>,
    pub month_limit: Option<i64>,
    pub key_limits: BTreeMap<KeyId, Option<i64>>,
    used: BTreeMap<Window, i64>,
    /// What the reports say each key spent in a month, budget or not.
    reported: BTreeMap<(KeyId, i64), i64>,
    now: i64,
}

/// The list price and what each tier pays of it, as DESIGN's table has them.
pub fn unit_price(operation: Operation, tier: Tier) -> i64 {
    let base = match operation.name() {
        "proof_verification" | "state_storage" => 1,
        "batch_verification" => 500,
        "sentinel_monitoring" => 10,
        "conservation_oracle" => 5,
        "ghost_identity" => 20,
        "sovereign_identity" => 15,
        "consensus_participation" => 100,
        other => panic!("DESIGN has no price for {other}"),
    };
    let percent = match tier {
        Tier::Free | Tier::Developer => 100,
        Tier::Fintech => 85,
        Tier::Enterprise => 70,
    };
    (base * percent / 100).max(1)
}

fn day(at: i64) -> i64 {
    at.div_euclid(86_400_000)
}

fn month(at: i64) -> i64 {
    use jiff::tz::TimeZone;
    let date = jiff::Timestamp::from_millisecond(at).expect("a moment").to_zoned(TimeZone::UTC).date();
    i64::from(date.year()) * 12 + i64::from(date.month())
}

impl Till {
    fn new(tier: Tier, now: i64) -> Self {
        Self {
            tier,
            suspended: false,
            lots: Vec::new(),
            holds: Vec::new(),
            sales: BTreeMap::new(),
            sums: Sums::default(),
            day_limit: None,
            month_limit: None,
            key_limits: BTreeMap::new(),
            used: BTreeMap::new(),
            reported: BTreeMap::new(),
            now,
        }
    }

    /// Opens a till; its free credits come with it.
    pub fn open(command: &Command, now: Timestamp) -> (Self, Effect) {
        let Command::Open { tier, free, .. } = command else { panic!("only an opening opens") };
        let mut till = Self::new(*tier, now.millis());
        let amount = free.map_or(0, |(grant, credits)| {
            till.bring_in(till.gift(grant, credits.get(), None));
            credits.get()
        });
        (till, Effect { amount, sale: None })
    }

    /// Does what is asked, or says why not and stays as it was.
    pub fn ask(&mut self, command: &Command, key: Option<KeyId>, now: Timestamp) -> Said {
        let before = self.clone();
        self.now = now.millis();
        self.let_time_pass();
        let said = self.obey(command, key);
        self.expire();
        if said.is_err() {
            *self = before;
        }
        said
    }

    /// What time alone does.
    pub fn settle(&mut self, now: Timestamp) {
        self.now = now.millis();
        self.let_time_pass();
    }

    /// Whether a settlement would change anything.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let now = now.millis();
        self.holds.iter().any(|hold| hold.state == "open" && hold.expires <= now)
            || self.lots.iter().any(|lot| lot.expires.is_some_and(|at| at <= now) && lot.remaining > lot.held)
    }

    fn obey(&mut self, command: &Command, key: Option<KeyId>) -> Said {
        match command {
            Command::Open { .. } => Err("account_exists"),
            Command::Purchase { grant, purchase, credits, .. } => self.buy(*grant, *purchase, credits.get()),
            Command::Grant { grant, credits, expires_at, .. } => {
                self.give(*grant, credits.get(), expires_at.map(Timestamp::millis))
            }
            Command::Add { grant, credits, .. } => self.give(*grant, credits.get(), None),
            Command::Charge { operation, quantity, at_most, .. } => {
                self.charge((*operation, *quantity, at_most.map(|most| most.credits.get())), key)
            }
            Command::Hold { hold, operation, quantity, at_most, expires_at, .. } => self.hold(
                *hold,
                (*operation, *quantity, at_most.map(|most| most.credits.get())),
                expires_at.millis(),
                key,
            ),
            Command::Capture { hold, amount, .. } => self.capture(*hold, amount.map(|amount| amount.get()), key),
            Command::Release { hold, .. } => self.release(*hold),
            Command::Refund { charge, credits, .. } => self.refund(*charge, credits.map(|credits| credits.get()), key),
            Command::Reverse { purchase, credits, .. } => self.reverse(*purchase, credits.get()),
            Command::Reinstate { purchase, credits, .. } => self.reinstate(*purchase, credits.get()),
            Command::Take { credits, .. } => self.take(credits.get()),
            Command::Forgive { purchase, credits, .. } => self.forgive(*purchase, credits.get()),
            Command::SetTier { tier } => {
                self.tier = *tier;
                Ok(Effect::default())
            }
            Command::SetSuspended { suspended, .. } => {
                self.suspended = *suspended;
                Ok(Effect::default())
            }
            Command::SetBudgets { day, month } => {
                (self.day_limit, self.month_limit) = (day.map(|day| day.get()), month.map(|month| month.get()));
                Ok(Effect::default())
            }
            // What the command says was used is not believed: the store counts.
            Command::SetKeyBudget { key, month: limit, .. } => {
                let limit = limit.map(|limit| limit.get());
                if self.key_limits.insert(*key, limit).is_none() {
                    self.used.insert(Window::Key(*key, month(self.now)), self.used_before(*key));
                }
                Ok(Effect::default())
            }
            Command::Settle => Ok(Effect::default()),
        }
    }

    /// What a key without a budget has spent this month, and what it holds since then.
    fn used_before(&self, key: KeyId) -> i64 {
        let month_now = month(self.now);
        let open = self.holds.iter().filter(|hold| hold.state == "open" && hold.key == Some(key));
        let held: i64 = open.filter(|hold| month(hold.since) == month_now).map(|hold| hold.amount).sum();
        self.reported.get(&(key, month_now)).copied().unwrap_or(0) + held
    }

    /// Adds to what the reports say a key spent.
    pub(super) fn report(&mut self, key: Option<KeyId>, amount: i64) {
        if let Some(key) = key {
            *self.reported.entry((key, month(self.now))).or_insert(0) += amount;
        }
    }

    fn let_time_pass(&mut self) {
        for index in 0..self.holds.len() {
            if self.holds[index].state == "open" && self.holds[index].expires <= self.now {
                self.give_back(index, "expired");
            }
        }
        self.expire();
    }

    fn expire(&mut self) {
        for lot in &mut self.lots {
            if lot.expires.is_some_and(|at| at <= self.now) {
                let lost = lot.remaining - lot.held;
                lot.remaining = lot.held;
                self.sums.available -= lost;
                self.sums.expired += lost;
            }
        }
    }

    fn lot(&mut self, id: GrantId) -> &mut Lot {
        self.lots.iter_mut().find(|lot| lot.id == id).expect("a lot once named is never forgotten")
    }
}
