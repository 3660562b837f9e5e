//! One run: a real kernel over a real SQLite file, a clock moved by hand, and faults and crashes from a seed.
//!
//! Everything runs on one thread and every choice follows from the seed, so that a run can be had again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use aethel::billing::store::{Database, Row, Sql, Statement, Value};
use aethel::billing::{AuditReport, Kernel, KernelError, Order, Receipt, Together, prices_from};
use aethel::ledger::testing::{CountingIds, ManualClock};
use aethel::ledger::{AccountId, Clock, Entry, Hash, PriceBook, PurchaseId};
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

use crate::chance::Chance;
use crate::faults::{Fault, Plan};
use crate::model::{Sums, Till};

const ALL_ACCOUNTS: Sql = Sql::both(
    "select issued, available, held, spent, expired, reversed, owed, suspended, tier, head, id from accounts
     order by id",
);
const ALL_GRANTS: Sql =
    Sql::both("select remaining, held, reversed, owed, id, account_id from grants order by account_id, id");
const ITS_ENTRY: Sql = Sql::both(
    "select e.id from entries e join requests r on r.request = e.request and r.scope in ($1, 'accounts')
       and r.outcome like '%' || e.id || '%'
     where e.account_id = $1 and e.id = $2 and e.request = $3",
);
const ANSWERS: Sql =
    Sql::both("select scope, request, outcome from requests where request in (select value from json_each($1))");
/// The audit reads every entry again, so it comes after every fault and after every so many steps.
const STEPS_BETWEEN_AUDITS: usize = 8;

pub type Outcome = Result<Receipt, KernelError>;

/// Orders that travel together.
#[derive(Clone, Debug)]
pub struct Job {
    pub orders: Vec<Order>,
    pub together: Together,
}

/// What was first answered under an idempotency key.
#[derive(Clone, Debug)]
pub struct Kept {
    pub fingerprint: Hash,
    pub receipt: Receipt,
}

/// The process that a crash ends.
pub struct Life {
    pub kernel: Kernel,
    pub database: Database,
    pub runtime: Runtime,
}

/// Something that happened to the kernel, to be told to another.
#[derive(Clone, Debug)]
pub enum Happening {
    /// So many seconds went by.
    Passed(i64),
    /// Jobs were sent, and answered.
    Sent(Vec<Job>, Vec<Vec<Outcome>>),
    /// What time had ended was posted.
    Settled,
}

/// What a run was like, told when it is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    pub trace: String,
    pub simulated_seconds: i64,
    pub orders: usize,
    pub acknowledged: usize,
    pub unknown: usize,
    pub crashes: usize,
    pub refusals: BTreeMap<&'static str, usize>,
}

pub struct World {
    pub chance: Chance,
    pub clock: Arc<ManualClock>,
    pub ids: Arc<CountingIds>,
    pub plan: Arc<Plan>,
    pub life: Option<Life>,
    pub tills: BTreeMap<AccountId, Till>,
    pub kept: BTreeMap<(String, String), Kept>,
    pub sent: Vec<Order>,
    pub bought: Vec<(AccountId, PurchaseId)>,
    pub story: Story,
    pub number: usize,
    /// Whether nothing fails and nobody crashes.
    pub is_calm: bool,
    pub history: Vec<Happening>,
    path: PathBuf,
    trace: Sha256,
    log: Vec<String>,
}

impl World {
    pub fn new(seed: u64, directory: &Path) -> Self {
        let path = directory.join(format!("{seed}.db"));
        std::fs::copy(template(), &path).expect("a copy of the empty database");
        let mut world = Self {
            chance: Chance::new(seed),
            clock: Arc::default(),
            ids: Arc::default(),
            plan: Arc::default(),
            life: None,
            tills: BTreeMap::new(),
            kept: BTreeMap::new(),
            sent: Vec::new(),
            bought: Vec::new(),
            story: Story::default(),
            number: 0,
            is_calm: false,
            history: Vec::new(),
            path,
            trace: Sha256::new(),
            log: Vec::new(),
        };
        world.start();
        world
    }

    /// A world in which nothing fails.
    pub fn calm(seed: u64, directory: &Path) -> Self {
        Self { is_calm: true, ..Self::new(seed, directory) }
    }

    /// Plays so many steps and returns all that happened, and the entries it left.
    pub fn live(mut self, steps: usize) -> (Vec<Happening>, Vec<(AccountId, Vec<Entry>)>) {
        for step in 0..steps {
            self.step(step);
        }
        self.inspect();
        let life = self.life.take().expect("alive");
        let entries = self.tills.keys().map(|id| {
            let entries = life.runtime.block_on(life.kernel.entries(*id, None, i64::MAX));
            (*id, entries.expect("the database answers"))
        });
        (self.history, entries.collect())
    }

    /// Plays so many steps and tells what happened.
    pub fn play(mut self, steps: usize) -> Story {
        let start = self.clock.now().millis();
        for step in 0..steps {
            let upset = self.step(step);
            self.check();
            if upset || step % STEPS_BETWEEN_AUDITS == 0 || step + 1 == steps {
                self.audit();
            }
        }
        self.nothing_twice();
        let life = self.life.take().expect("alive");
        life.runtime.block_on(life.database.close());
        self.story.simulated_seconds = (self.clock.now().millis() - start) / 1_000;
        self.story.trace = hex::encode(self.trace.finalize());
        self.story
    }

    /// Changes the store behind the kernel's back.
    pub fn tamper(&self, statement: Sql) {
        let life = self.life();
        let statements = vec![Statement::new(statement, Vec::new())];
        let touched = life.runtime.block_on(life.database.write(statements)).expect("the store lets it pass");
        assert!(touched[0] > 0, "nothing was there to tamper with");
    }

    /// Looks at everything that can be looked at.
    pub fn inspect(&mut self) {
        self.check();
        self.audit();
        self.nothing_twice();
    }

    fn start(&mut self) {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let database = runtime
            .block_on(Database::rehearse_sqlite(&self.path, self.plan.clone()))
            .expect("the database opens, whatever happened before");
        let prices = prices_from(PriceBook::STANDARD).expect("the shipped prices");
        let guard = runtime.enter();
        let kernel = Kernel::start(database.clone(), prices, self.clock.clone(), self.ids.clone());
        drop(guard);
        self.life = Some(Life { kernel, database, runtime });
    }

    /// Ends the process where it stands and starts another over the same file.
    pub fn crash(&mut self) {
        let Life { kernel, database, runtime } = self.life.take().expect("alive");
        let guard = runtime.enter();
        drop((kernel, database));
        drop(guard);
        drop(runtime);
        self.story.crashes += 1;
        self.start();
    }

    /// Sends jobs at one moment. No answer means that the process crashed, and another has been started.
    pub fn send(&mut self, jobs: &[Job], faults: Vec<Fault>) -> Option<Vec<Vec<Outcome>>> {
        let plan = Arc::clone(&self.plan);
        plan.arm(faults);
        let life = self.life();
        let answers = life.runtime.block_on(async {
            let sent = jobs.iter().map(|job| life.kernel.submit_all(job.orders.clone(), job.together));
            tokio::select! {
                answers = futures::future::join_all(sent) => Some(answers),
                () = plan.crashed() => None,
            }
        });
        plan.arm(Vec::new());
        if answers.is_none() {
            self.crash();
        }
        answers
    }

    /// Posts what time has ended, through whatever fails, until nothing is due.
    pub fn settle(&mut self, faults: Vec<Fault>) {
        let plan = Arc::clone(&self.plan);
        plan.arm(faults);
        let life = self.life();
        let done = life.runtime.block_on(async {
            tokio::select! {
                done = life.kernel.settle_due() => Some(done),
                () = plan.crashed() => None,
            }
        });
        plan.arm(Vec::new());
        if done.is_none() {
            self.crash();
        }
        let life = self.life();
        let again = life.runtime.block_on(async { [life.kernel.settle_due().await, life.kernel.settle_due().await] });
        assert!(again[0].is_ok(), "{}", self.told());
        assert_eq!(again[1], Ok(0), "something stayed due\n{}", self.told());
        let now = self.clock.now();
        self.tills.values_mut().filter(|till| till.is_due(now)).for_each(|till| till.settle(now));
    }

    /// The receipts kept under the orders' keys.
    pub fn answers_kept(&self, jobs: &[Job]) -> BTreeMap<(String, String), Receipt> {
        let requests: Vec<&str> = jobs.iter().flat_map(|job| &job.orders).map(|order| order.request.as_str()).collect();
        let rows = self.read(ANSWERS, vec![serde_json::json!(requests).to_string().into()]);
        let kept = rows.iter().map(|row| {
            let text = |column| row.text(column).expect("text");
            ((text(0), text(1)), serde_json::from_str(&text(2)).expect("a receipt"))
        });
        kept.collect()
    }

    pub fn life(&self) -> &Life {
        self.life.as_ref().expect("alive")
    }

    fn read(&self, sql: Sql, args: Vec<Value>) -> Vec<Row> {
        let life = self.life();
        life.runtime.block_on(life.database.fetch(sql, args)).expect("the database answers between faults")
    }

    /// Writes down what happened: part of the trace, and told when something is wrong.
    pub fn note(&mut self, line: String) {
        self.trace.update(line.as_bytes());
        self.log.push(line);
    }

    /// The last things that happened, for whoever looks for the fault.
    pub fn told(&self) -> String {
        self.log[self.log.len().saturating_sub(12)..].join("\n")
    }

    /// Every balance and every grant is what the reference says.
    fn check(&mut self) {
        let rows = self.read(ALL_ACCOUNTS, Vec::new());
        let kept: Vec<_> = rows.iter().map(account_of).collect();
        let expected: Vec<_> = self
            .tills
            .iter()
            .map(|(id, till)| (id.to_string(), till.sums.clone(), till.suspended, till.tier.to_string()))
            .collect();
        assert_eq!(kept, expected, "the store and the reference differ\n{}", self.told());
        let grants = self.read(ALL_GRANTS, Vec::new());
        let kept: Vec<_> = grants
            .iter()
            .map(|row| {
                let id = |column| row.text(column).expect("an id");
                (id(5), id(4), [0, 1, 2, 3].map(|column| row.int(column).expect("a number")))
            })
            .collect();
        let mut expected: Vec<_> = self
            .tills
            .iter()
            .flat_map(|(id, till)| till.lots.iter().map(move |lot| (id, lot)))
            .map(|(id, lot)| (id.to_string(), lot.id.to_string(), [lot.remaining, lot.held, lot.reversed, lot.owed]))
            .collect();
        expected.sort();
        assert_eq!(kept, expected, "the grants differ\n{}", self.told());
        let heads: Vec<String> = rows.iter().map(|row| row.text(9).expect("a hash")).collect();
        self.note(format!("heads {heads:?}"));
    }

    fn audit(&self) {
        let life = self.life();
        let report = life.runtime.block_on(AuditReport::of(&life.database)).expect("the database answers");
        assert_eq!(report.faults, [], "{}", self.told());
    }

    /// Every answer that was ever given stands in the ledger, once.
    fn nothing_twice(&self) {
        for ((_, request), kept) in &self.kept {
            let Some(transaction) = kept.receipt.transaction else { continue };
            let account = kept.receipt.account.to_string();
            let args = vec![account.into(), transaction.to_string().into(), request.as_str().into()];
            assert_eq!(self.read(ITS_ENTRY, args).len(), 1, "{request}\n{}", self.told());
        }
    }
}

/// An account's row: its id, its sums, and whether and what it may spend by.
fn account_of(row: &Row) -> (String, Sums, bool, String) {
    let sum = |index| row.int(index).expect("a number");
    let text = |index| row.text(index).expect("a text");
    let sums = Sums {
        issued: sum(0),
        available: sum(1),
        held: sum(2),
        spent: sum(3),
        expired: sum(4),
        reversed: sum(5),
        owed: sum(6),
    };
    (text(10), sums, sum(7) == 1, text(8))
}

/// An empty database with its schema, made once: each run starts from a copy.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let path = tempfile::tempdir().expect("a directory").keep().join("empty.db");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            Database::rehearse_sqlite(&path, Arc::new(Plan::default())).await.expect("a database").close().await;
        });
        path
    })
}
