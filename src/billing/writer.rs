//! The writer: whatever has gathered becomes one transaction, decided by the pure ledger.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::alerting::Touched;
use super::order::{KernelError, Order, Receipt, Together};
use super::store::{self, Changes, Database, Loaded, Named, RequestRow, Statement, StoreError, UsageRow};
use crate::ledger::{
    Account, AccountId, Bucket, Clock, Command, Credits, Entry, EntryKind, PriceBook, Refusal, Request, Timestamp,
    apply,
};

/// The most orders in one transaction, if no single job has more: enough to make the disk's wait small change, few
/// enough to answer soon.
const BATCH_MAX: usize = 512;
/// A roll-up slot: 15 minutes, which every time zone's offset is a multiple of.
pub(super) const SLOT_MILLIS: i64 = 900_000;

/// Orders that are carried out together, and where their answers go.
pub struct Job {
    /// What to do.
    pub orders: Vec<Order>,
    /// What one refusal means for the others.
    pub together: Together,
    /// Who waits.
    pub answer: oneshot::Sender<Vec<Outcome>>,
    /// Its room in the queue, given back when it is answered.
    pub room: OwnedSemaphorePermit,
}

/// A job's orders, to be decided.
type Group<'a> = (&'a [Order], Together);

/// What became of an order.
pub type Outcome = Result<Receipt, KernelError>;

/// Turns queued orders into transactions, one at a time.
pub struct Writer {
    database: Database,
    prices: Arc<PriceBook>,
    clock: Arc<dyn Clock>,
    touched: Arc<Touched>,
}

impl Writer {
    /// A writer for one shard.
    pub fn new(database: Database, prices: Arc<PriceBook>, clock: Arc<dyn Clock>, touched: Arc<Touched>) -> Self {
        Self { database, prices, clock, touched }
    }

    /// Works until the last sender is gone.
    pub async fn run(self, mut queue: mpsc::Receiver<Job>) {
        let mut waiting = Vec::with_capacity(BATCH_MAX);
        while queue.recv_many(&mut waiting, BATCH_MAX).await > 0 {
            // Nothing has happened to an order yet whose caller is gone: it is dropped rather than done unseen.
            waiting.retain(|job| !job.answer.is_closed());
            let mut rest = waiting.drain(..).peekable();
            while rest.peek().is_some() {
                let mut orders = 0;
                let jobs: Vec<Job> = std::iter::from_fn(|| {
                    let fits = rest.peek().is_some_and(|job| orders == 0 || orders + job.orders.len() <= BATCH_MAX);
                    let job = fits.then(|| rest.next()).flatten()?;
                    orders += job.orders.len();
                    Some(job)
                })
                .collect();
                for (outcomes, job) in self.carry_out(&jobs).await.into_iter().zip(jobs) {
                    // A caller that no longer waits has its effect all the same; a retry gets the same answer.
                    let _gone = job.answer.send(outcomes);
                    drop(job.room);
                }
            }
        }
    }

    async fn carry_out(&self, jobs: &[Job]) -> Vec<Vec<Outcome>> {
        let groups: Vec<Group<'_>> = jobs.iter().map(|job| (job.orders.as_slice(), job.together)).collect();
        match self.commit(&groups).await {
            Ok(outcomes) => outcomes,
            Err(error) if error.is_of_the_statement() => {
                // One job may have spoilt the transaction for all, or another server was quicker: each gets one
                // of its own, which sees what has been committed in between.
                tracing::warn!(error = ?error, jobs = jobs.len(), "a batch was not committed; trying one by one");
                let mut outcomes = Vec::with_capacity(jobs.len());
                for job in jobs {
                    outcomes.push(self.carry_out_alone(job).await);
                }
                outcomes
            }
            Err(error) => {
                // The store itself is away: waiting for it once for each order would keep everybody waiting for hours.
                tracing::error!(error = ?error, jobs = jobs.len(), "a batch was not committed");
                jobs.iter().map(|job| unavailable(&job.orders)).collect()
            }
        }
    }

    /// One job by itself; and if even that spoils its transaction, each of its orders that stands for itself.
    async fn carry_out_alone(&self, job: &Job) -> Vec<Outcome> {
        let error = match self.attempt((&job.orders, job.together)).await {
            Ok(outcomes) => return outcomes,
            Err(error) => error,
        };
        if !error.is_of_the_statement() || job.together == Together::AllOrNone || job.orders.len() == 1 {
            return not_committed(&job.orders, &error);
        }
        let mut outcomes = Vec::with_capacity(job.orders.len());
        for order in job.orders.chunks(1) {
            let attempt = self.attempt((order, job.together)).await;
            outcomes.extend(attempt.unwrap_or_else(|error| not_committed(order, &error)));
        }
        outcomes
    }

    async fn attempt(&self, group: Group<'_>) -> Result<Vec<Outcome>, StoreError> {
        Ok(self.commit(&[group]).await?.pop().unwrap_or_default())
    }

    async fn commit(&self, jobs: &[Group<'_>]) -> Result<Vec<Vec<Outcome>>, StoreError> {
        let mut named = Named::default();
        for order in jobs.iter().flat_map(|(orders, _)| *orders) {
            named.add(order.account, &order.command);
            if order.is_recorded() {
                named.requests.push((order.scope(), order.request.clone()));
            }
        }
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        let loaded = store::load(&mut transaction, &named, now).await?;
        let mut batch = Batch::new(loaded, &self.prices, now);
        let outcomes: Vec<Vec<Outcome>> = jobs.iter().map(|job| batch.decide_all(*job)).collect();
        debug_assert!(batch.after.values().all(Account::lawful), "a batch broke a law: {:?}", batch.after);
        if batch.is_unchanged() {
            // Dropping the transaction gives the locks back; there is nothing to keep.
            return Ok(outcomes);
        }
        let usage = usage_of(&batch.entries);
        let Batch { before, after, entries, requests, along, .. } = batch;
        let changes = Changes::between(&before, &after);
        store::save(&mut transaction, changes, &entries, &requests, &usage, now).await?;
        for statement in along {
            transaction.execute(statement).await?;
        }
        // Commit before answering: a crash here must not give the work away.
        transaction.commit().await?;
        self.touched.add(named.accounts);
        Ok(outcomes)
    }
}

fn unavailable(orders: &[Order]) -> Vec<Outcome> {
    orders.iter().map(|_| Err(KernelError::Unavailable)).collect()
}

/// Says in the log why, and tells whoever waits that the store did not take it.
fn not_committed(orders: &[Order], error: &StoreError) -> Vec<Outcome> {
    let account = orders.first().map(|order| order.account.to_string());
    tracing::error!(?error, account, orders = orders.len(), "orders were not committed");
    match error {
        StoreError::Corrupt(_) => orders.iter().map(|_| Err(KernelError::Corrupt)).collect(),
        _ => unavailable(orders),
    }
}

/// A batch being decided, in memory.
struct Batch<'a> {
    prices: &'a PriceBook,
    now: Timestamp,
    before: HashMap<AccountId, Account>,
    after: HashMap<AccountId, Account>,
    answered: HashMap<(String, String), (String, String)>,
    entries: Vec<Entry>,
    requests: Vec<RequestRow>,
    along: Vec<Statement>,
}

impl<'a> Batch<'a> {
    fn new(loaded: Loaded, prices: &'a PriceBook, now: Timestamp) -> Self {
        let Loaded { accounts, answered } = loaded;
        Self {
            prices,
            now,
            after: accounts.clone(),
            before: accounts,
            answered,
            entries: Vec::new(),
            requests: Vec::new(),
            along: Vec::new(),
        }
    }

    fn is_unchanged(&self) -> bool {
        self.entries.is_empty() && self.requests.is_empty() && self.along.is_empty()
    }

    fn decide_all(&mut self, (orders, together): Group<'_>) -> Vec<Outcome> {
        match together {
            Together::EachForItself => orders.iter().map(|order| self.decide(order)).collect(),
            Together::AllOrNone => self.decide_all_or_none(orders),
        }
    }

    /// Decides until the first refusal, and then takes everything back that was decided before it.
    fn decide_all_or_none(&mut self, orders: &[Order]) -> Vec<Outcome> {
        let (entries, requests, along) = (self.entries.len(), self.requests.len(), self.along.len());
        let touched: BTreeSet<AccountId> = orders.iter().map(|order| order.account).collect();
        let saved: Vec<(AccountId, Option<Account>)> =
            touched.into_iter().map(|id| (id, self.after.get(&id).cloned())).collect();
        let mut outcomes = Vec::with_capacity(orders.len());
        for order in orders {
            outcomes.push(self.decide(order));
            if outcomes.last().is_some_and(Result::is_err) {
                break;
            }
        }
        if outcomes.last().is_none_or(Result::is_ok) {
            return outcomes;
        }
        for (id, account) in saved {
            match account {
                Some(account) => self.after.insert(id, account),
                None => self.after.remove(&id),
            };
        }
        for row in self.requests.drain(requests..) {
            self.answered.remove(&(row.scope, row.request));
        }
        self.entries.truncate(entries);
        self.along.truncate(along);
        let refused = outcomes.len() - 1;
        let undone = |(index, outcome)| if index == refused { outcome } else { Err(KernelError::Undone) };
        let rest = std::iter::repeat_with(|| Err(KernelError::Undone));
        outcomes.into_iter().chain(rest).take(orders.len()).enumerate().map(undone).collect()
    }

    fn decide(&mut self, order: &Order) -> Outcome {
        let fingerprint = order.fingerprint();
        let place = (order.scope(), order.request.clone());
        if let Some((first, outcome)) = self.answered.get(&place).filter(|_| order.is_recorded()) {
            if *first != fingerprint.to_string() {
                return Err(KernelError::IdempotencyConflict);
            }
            return match serde_json::from_str::<Receipt>(outcome) {
                Ok(receipt) => Ok(Receipt { replayed: true, ..receipt }),
                Err(error) => {
                    tracing::error!(%error, "a stored receipt cannot be read");
                    Err(KernelError::Unavailable)
                }
            };
        }
        let request = Request { id: order.request.clone(), key: order.key };
        let mut slot = self.after.remove(&order.account);
        let posted = apply(&mut slot, order.account, &order.command, &request, self.prices, self.now);
        if let Some(account) = slot {
            self.after.insert(order.account, account);
        }
        let posted = posted?;
        let account = self.after.get(&order.account).ok_or(Refusal::NoSuchAccount)?;
        let receipt = receipt(account, &order.command, &posted, self.now);
        self.entries.extend(posted);
        self.along.extend(order.along.iter().cloned());
        if order.is_recorded() {
            let outcome = serde_json::json!(receipt).to_string();
            self.answered.insert(place.clone(), (fingerprint.to_string(), outcome.clone()));
            self.requests.push(RequestRow { scope: place.0, request: place.1, fingerprint, outcome });
        }
        Ok(receipt)
    }
}

/// What the entries add to the roll-ups; a refund takes away again.
fn usage_of(entries: &[Entry]) -> UsageRow {
    let mut usage = UsageRow::new();
    for entry in entries {
        let (sign, charge) = match entry.kind {
            EntryKind::Charge | EntryKind::Capture => (1, 1),
            EntryKind::Refund => (-1, 0),
            _ => continue,
        };
        let Some(operation) = entry.operation else { continue };
        let slot = entry.at.millis().div_euclid(SLOT_MILLIS).saturating_mul(SLOT_MILLIS);
        let key = entry.key.map_or_else(String::new, |key| key.to_string());
        let place = (entry.account.to_string(), slot, operation.name(), key);
        let (charges, quantity, credits) = usage.entry(place).or_insert((0, 0, 0));
        *charges += charge;
        *quantity += sign * entry.quantity;
        *credits += sign * entry.amount.get();
    }
    usage
}

/// Sums up what a command did, by the entries that stand for it: what time alone did comes before and is not it.
fn receipt(account: &Account, command: &Command, posted: &[Entry], now: Timestamp) -> Receipt {
    let kind = match command {
        Command::Open { .. } | Command::Grant { .. } => Some(EntryKind::Grant),
        Command::Purchase { .. } => Some(EntryKind::Purchase),
        Command::Charge { .. } => Some(EntryKind::Charge),
        Command::Hold { .. } => Some(EntryKind::Hold),
        Command::Capture { .. } => Some(EntryKind::Capture),
        Command::Release { .. } => Some(EntryKind::Release),
        Command::Refund { .. } => Some(EntryKind::Refund),
        Command::Reverse { .. } => Some(EntryKind::Reversal),
        Command::Reinstate { .. } => Some(EntryKind::Reinstatement),
        Command::Add { .. } | Command::Take { .. } | Command::Forgive { .. } => Some(EntryKind::Adjustment),
        Command::SetTier { .. }
        | Command::SetSuspended { .. }
        | Command::SetBudgets { .. }
        | Command::SetKeyBudget { .. }
        | Command::Settle => None,
    };
    // What came back and was owed is a reversal too, and follows from another command.
    let repaid = |entry: &Entry| (entry.from, entry.to) == (Bucket::Available, Bucket::Owed);
    let is_own = |entry: &&Entry| Some(entry.kind) == kind && entry.hold == command.hold() && !repaid(entry);
    let own = posted.iter().rev().find(is_own);
    let sum = posted.iter().filter(is_own).map(|entry| entry.amount.get()).sum();
    Receipt {
        account: account.id,
        transaction: own.map(|entry| entry.id),
        seq: account.seq,
        at: now,
        amount: Credits::new(sum).unwrap_or(Credits::ZERO),
        available: account.balances.available,
        held: account.balances.held,
        hash: own.map_or(account.head, |entry| entry.hash),
        hold: command.hold(),
        grant: command.grant(),
        replayed: false,
    }
}
