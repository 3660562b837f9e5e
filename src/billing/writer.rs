//! The writer: whatever has gathered becomes one transaction, decided by the pure ledger.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::order::{KernelError, Order, Receipt};
use super::store::{self, Database, Loaded, RequestRow, Statement, StoreError, UsageRow};
use crate::ledger::{
    Account, AccountId, Clock, Command, Credits, Entry, EntryKind, PriceBook, Refusal, Request, Timestamp, apply,
};

/// The most orders in one transaction: enough to make the disk's wait small change, few enough to answer soon.
const BATCH_MAX: usize = 512;
/// A roll-up slot: 15 minutes, which every time zone's offset is a multiple of.
const SLOT_MILLIS: i64 = 900_000;

/// An order and where its answer goes.
pub struct Job {
    /// What to do.
    pub order: Order,
    /// Who waits.
    pub answer: oneshot::Sender<Result<Receipt, KernelError>>,
}

type Outcome = Result<Receipt, KernelError>;

/// Turns queued orders into transactions, one at a time.
pub struct Writer {
    database: Database,
    prices: Arc<PriceBook>,
    clock: Arc<dyn Clock>,
}

impl Writer {
    /// A writer for one shard.
    pub fn new(database: Database, prices: Arc<PriceBook>, clock: Arc<dyn Clock>) -> Self {
        Self { database, prices, clock }
    }

    /// Works until the last sender is gone.
    pub async fn run(self, mut queue: mpsc::Receiver<Job>) {
        let mut jobs = Vec::with_capacity(BATCH_MAX);
        while queue.recv_many(&mut jobs, BATCH_MAX).await > 0 {
            // Nothing has happened to an order yet whose caller is gone: it is dropped rather than done unseen.
            jobs.retain(|job| !job.answer.is_closed());
            let (orders, answers): (Vec<Order>, Vec<_>) = jobs.drain(..).map(|job| (job.order, job.answer)).unzip();
            for (outcome, answer) in self.carry_out(&orders).await.into_iter().zip(answers) {
                // A caller that no longer waits has its effect all the same; a retry gets the same answer.
                let _gone = answer.send(outcome);
            }
        }
    }

    async fn carry_out(&self, orders: &[Order]) -> Vec<Outcome> {
        if orders.is_empty() {
            return Vec::new();
        }
        match self.commit(orders).await {
            Ok(outcomes) => outcomes,
            Err(error) if error.is_of_the_statement() => {
                // One order may have spoilt the transaction for all, or another server was quicker: each gets one
                // of its own, which sees what has been committed in between.
                tracing::warn!(error = ?error, orders = orders.len(), "a batch was not committed; trying one by one");
                let mut outcomes = Vec::with_capacity(orders.len());
                for order in orders {
                    outcomes.push(self.carry_out_alone(order).await);
                }
                outcomes
            }
            Err(error) => {
                // The store itself is away: waiting for it once for each order would keep everybody waiting for hours.
                tracing::error!(error = ?error, orders = orders.len(), "a batch was not committed");
                orders.iter().map(|_| Err(KernelError::Unavailable)).collect()
            }
        }
    }

    async fn carry_out_alone(&self, order: &Order) -> Outcome {
        match self.commit(std::slice::from_ref(order)).await {
            Ok(mut outcomes) => outcomes.pop().unwrap_or(Err(KernelError::Unavailable)),
            Err(error) => {
                tracing::error!(error = ?error, account = %order.account, "an order was not committed");
                Err(KernelError::Unavailable)
            }
        }
    }

    async fn commit(&self, orders: &[Order]) -> Result<Vec<Outcome>, StoreError> {
        let accounts: BTreeSet<AccountId> = orders.iter().map(|order| order.account).collect();
        let requests: Vec<(String, String)> = orders
            .iter()
            .filter(|order| order.is_recorded())
            .map(|order| (order.scope(), order.request.clone()))
            .collect();
        let holds = orders.iter().filter_map(|order| order.command.hold()).collect();
        let purchases = orders.iter().filter_map(|order| order.command.purchase()).collect();
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        let loaded = store::load(&mut transaction, &accounts, &requests, &holds, &purchases, now).await?;
        let mut batch = Batch::new(loaded, &self.prices, now);
        let outcomes: Vec<Outcome> = orders.iter().map(|order| batch.decide(order)).collect();
        debug_assert!(batch.after.values().all(Account::lawful), "a batch broke a law: {:?}", batch.after);
        if batch.is_unchanged() {
            // Dropping the transaction gives the locks back; there is nothing to keep.
            return Ok(outcomes);
        }
        let Batch { before, after, entries, requests, usage, along, .. } = batch;
        store::save(&mut transaction, &before, &after, &entries, &requests, &usage, now).await?;
        for statement in along {
            transaction.execute(statement).await?;
        }
        // Commit before answering: a crash here must not give the work away.
        transaction.commit().await?;
        Ok(outcomes)
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
    usage: UsageRow,
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
            usage: UsageRow::new(),
            along: Vec::new(),
        }
    }

    fn is_unchanged(&self) -> bool {
        self.entries.is_empty() && self.requests.is_empty() && self.along.is_empty()
    }

    fn decide(&mut self, order: &Order) -> Outcome {
        let fingerprint = order.command.fingerprint();
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
        self.count_usage(&posted);
        self.entries.extend(posted);
        self.along.extend(order.along.iter().cloned());
        if order.is_recorded() {
            let outcome = serde_json::json!(receipt).to_string();
            self.answered.insert(place.clone(), (fingerprint.to_string(), outcome.clone()));
            self.requests.push(RequestRow { scope: place.0, request: place.1, fingerprint, outcome });
        }
        Ok(receipt)
    }

    fn count_usage(&mut self, posted: &[Entry]) {
        for entry in posted.iter().filter(|entry| matches!(entry.kind, EntryKind::Charge | EntryKind::Capture)) {
            let Some(operation) = entry.operation else { continue };
            let slot = entry.at.millis().div_euclid(SLOT_MILLIS).saturating_mul(SLOT_MILLIS);
            let key = entry.key.map_or_else(String::new, |key| key.to_string());
            let place = (entry.account.to_string(), slot, operation.name(), key);
            let (charges, quantity, credits) = self.usage.entry(place).or_insert((0, 0, 0));
            *charges = charges.saturating_add(1);
            *quantity = quantity.saturating_add(entry.quantity);
            *credits = credits.saturating_add(entry.amount.get());
        }
    }
}

/// Sums up what a command did, by the entry that stands for it: what time alone did comes before and is not it.
fn receipt(account: &Account, command: &Command, posted: &[Entry], now: Timestamp) -> Receipt {
    let kind = match command {
        Command::Open { .. } | Command::Grant { .. } => Some(EntryKind::Grant),
        Command::Purchase { .. } => Some(EntryKind::Purchase),
        Command::Charge { .. } => Some(EntryKind::Charge),
        Command::Hold { .. } => Some(EntryKind::Hold),
        Command::Capture { .. } => Some(EntryKind::Capture),
        Command::Release { .. } => Some(EntryKind::Release),
        Command::SetTier { .. } | Command::Settle => None,
    };
    let own = posted.iter().rev().find(|entry| Some(entry.kind) == kind && entry.hold == command.hold());
    Receipt {
        account: account.id,
        transaction: own.map(|entry| entry.id),
        seq: account.seq,
        at: now,
        amount: own.map_or(Credits::ZERO, |entry| entry.amount),
        available: account.balances.available,
        held: account.balances.held,
        hash: own.map_or(account.head, |entry| entry.hash),
        hold: command.hold(),
        grant: match command {
            Command::Purchase { grant, .. } | Command::Grant { grant, .. } => Some(*grant),
            Command::Open { free, .. } => free.map(|(grant, _)| grant),
            _ => None,
        },
        replayed: false,
    }
}
