//! The kernel's front: takes orders into a bounded queue and answers questions about what is durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::alerting::Touched;
use super::order::{KernelError, Order, Receipt, Together};
use super::store::{self, Database, Gather, Statement, StoreError, Unanswered};
use super::writer::{Job, Writer};
use crate::ledger::{
    Account, AccountId, Clock, Command, Credits, Entry, GrantId, HoldId, IdSource, KeyId, PriceBook, Tier, Timestamp,
};

/// Orders that may wait before a writer; past that a caller is told to come back rather than kept hanging.
pub(super) const QUEUE_MAX: usize = 8_192;
/// Free credits that an account opens with.
const FREE_CREDITS: i64 = 10;
/// Accounts settled in one round, so that a long list never keeps the queue busy at a stretch.
const SETTLE_ROUND: i64 = 256;
/// Entries on one page.
const PAGE_MAX: i64 = 500;

/// A writer's queue, and the room left in it, counted in orders: one job may hold many.
struct Shard {
    queue: mpsc::Sender<Job>,
    room: Arc<Semaphore>,
}

/// The billing kernel. Cheap to clone; all clones share one queue.
#[derive(Clone)]
pub struct Kernel {
    database: Database,
    shards: Arc<[Shard]>,
    accounts: Gather<AccountId, AccountSummary>,
    prices: Arc<PriceBook>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    touched: Arc<Touched>,
}

/// An account to open.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What the customer is called.
    pub name: String,
    /// What it pays by.
    pub tier: Tier,
    /// Credits it opens with.
    pub free: Credits,
}

impl NewAccount {
    /// An account opened by an operator: a free one starts with its free credits.
    #[must_use]
    pub fn by_operator(name: String, tier: Tier) -> Self {
        let free = if tier == Tier::Free { Kernel::free_credits() } else { Credits::ZERO };
        Self { name, tier, free }
    }

    /// An account opened by signing up: empty until the address is confirmed.
    #[must_use]
    pub const fn by_sign_up(name: String) -> Self {
        Self { name, tier: Tier::Free, free: Credits::ZERO }
    }
}

/// An account as pages and programs see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSummary {
    /// Names the account.
    pub id: AccountId,
    /// What the customer is called.
    pub name: String,
    /// What it pays by.
    pub tier: Tier,
    /// May read, but not spend.
    pub suspended: bool,
    /// What can be spent now.
    pub available: Credits,
    /// What is set aside.
    pub held: Credits,
    /// What was ever spent.
    pub spent: Credits,
    /// What ran out of time.
    pub expired: Credits,
    /// What was taken back because its money was.
    pub reversed: Credits,
    /// What was taken back but spent before, counted downwards: nothing, or less.
    pub owed: Credits,
    /// What was ever brought in, counted downwards: nothing, or less.
    pub issued: Credits,
    /// When it was opened.
    pub opened_at: Timestamp,
}

impl AccountSummary {
    pub(super) fn of(account: Account) -> Self {
        Self {
            id: account.id,
            name: account.name,
            tier: account.tier,
            suspended: account.suspended,
            available: account.balances.available,
            held: account.balances.held,
            spent: account.balances.spent,
            expired: account.balances.expired,
            reversed: account.balances.reversed,
            owed: account.balances.owed,
            issued: account.balances.issued,
            opened_at: account.opened_at,
        }
    }
}

impl Kernel {
    /// Starts the writers, one a shard. They end when the last clone of the kernel is dropped.
    #[must_use]
    pub fn start(database: Database, prices: PriceBook, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        let accounts = summaries(database.clone());
        let (prices, touched) = (Arc::new(prices), Arc::new(Touched::default()));
        let shards = (0..database.writers().max(1)).map(|_| {
            // A job holds at least one order, so the room ends before the queue does.
            let (queue, receiver) = mpsc::channel(QUEUE_MAX);
            let (prices, clock, touched) = (Arc::clone(&prices), Arc::clone(&clock), Arc::clone(&touched));
            database.start_writer(|database| Writer::new(database, prices, clock, touched).run(receiver));
            Shard { queue, room: Arc::new(Semaphore::new(QUEUE_MAX)) }
        });
        Self { shards: shards.collect(), accounts, database, prices, clock, ids, touched }
    }

    /// The free credits of a new customer.
    #[must_use]
    pub fn free_credits() -> Credits {
        Credits::new(FREE_CREDITS).unwrap_or(Credits::ZERO)
    }

    /// The prices in force.
    #[must_use]
    pub fn price_book(&self) -> &PriceBook {
        &self.prices
    }

    /// The present moment, by the kernel's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id for a hold.
    #[must_use]
    pub fn next_hold(&self) -> HoldId {
        HoldId::from_ulid(self.ids.next(self.clock.now()))
    }

    /// A fresh id for a grant.
    #[must_use]
    pub fn next_grant(&self) -> GrantId {
        GrantId::from_ulid(self.ids.next(self.clock.now()))
    }

    /// Carries an order out. The answer comes after the commit: what it says has happened and stays so.
    ///
    /// # Errors
    /// When the ledger refuses, the key was used for something else or the queue is full: nothing has happened then.
    /// When the store is out of reach it may have happened all the same; the same order again tells, and does it once.
    pub async fn submit(&self, order: Order) -> Result<Receipt, KernelError> {
        let account = order.account;
        let outcomes = self.enqueue(account, vec![order], Together::EachForItself).await?;
        outcomes.into_iter().next().unwrap_or(Err(KernelError::Unavailable))
    }

    /// Carries many orders out and answers each, in their order. All-or-none orders are one transaction.
    ///
    /// # Errors
    /// Each order's own, as [`Kernel::submit`]; the others of an all-or-none job are [`KernelError::Undone`] then.
    pub async fn submit_all(&self, orders: Vec<Order>, together: Together) -> Vec<Result<Receipt, KernelError>> {
        let count = orders.len();
        let mut jobs: BTreeMap<usize, (Vec<usize>, Vec<Order>)> = BTreeMap::new();
        for (index, order) in orders.into_iter().enumerate() {
            // All-or-none orders stay one job and go where the first one goes; its writer locks what it touches, wherever
            // that belongs.
            let group = match together {
                Together::EachForItself => self.place(order.account),
                Together::AllOrNone => 0,
            };
            let job = jobs.entry(group).or_default();
            job.0.push(index);
            job.1.push(order);
        }
        let mut outcomes = vec![Err(KernelError::Unavailable); count];
        let sent = jobs.into_values().filter_map(|(places, orders)| {
            let first = orders.first()?.account;
            Some(async move { (places, self.enqueue(first, orders, together).await) })
        });
        for (places, answered) in futures::future::join_all(sent).await {
            match answered {
                Ok(answers) => places.into_iter().zip(answers).for_each(|(place, answer)| outcomes[place] = answer),
                Err(error) => places.into_iter().for_each(|place| outcomes[place] = Err(error.clone())),
            }
        }
        outcomes
    }

    async fn enqueue(
        &self,
        account: AccountId,
        orders: Vec<Order>,
        together: Together,
    ) -> Result<Vec<Result<Receipt, KernelError>>, KernelError> {
        let (answer, answered) = oneshot::channel();
        let shard = self.shards.get(self.place(account)).ok_or(KernelError::Unavailable)?;
        let room = u32::try_from(orders.len().max(1)).map_err(|_| KernelError::Busy)?;
        let room = Arc::clone(&shard.room).try_acquire_many_owned(room).map_err(|_| KernelError::Busy)?;
        shard.queue.try_send(Job { orders, together, answer, room }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => KernelError::Busy,
            mpsc::error::TrySendError::Closed(_) => KernelError::Unavailable,
        })?;
        answered.await.map_err(|_| KernelError::Unavailable)
    }

    /// Which writer works for an account.
    fn place(&self, account: AccountId) -> usize {
        let place =
            account.to_string().bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        place % self.shards.len().max(1)
    }

    /// Opens an account under an idempotency key of the caller's.
    ///
    /// # Errors
    /// As [`Kernel::submit`].
    pub async fn open(&self, account: NewAccount, request: &str, key: Option<KeyId>) -> Result<Receipt, KernelError> {
        self.open_along(account, request, key, |_| Vec::new()).await
    }

    /// The same, with what is written along with the account of this id.
    ///
    /// # Errors
    /// As [`Kernel::open`].
    pub async fn open_along(
        &self,
        account: NewAccount,
        request: &str,
        key: Option<KeyId>,
        along: impl FnOnce(AccountId) -> Vec<Statement>,
    ) -> Result<Receipt, KernelError> {
        let NewAccount { name, tier, free } = account;
        let id = AccountId::from_ulid(self.ids.next(self.clock.now()));
        let free = free.is_positive().then(|| (self.next_grant(), free));
        let order = Order::new(id, request, Command::Open { name, tier, free }).with_key(key);
        self.submit(order.along(along(id))).await
    }

    /// One account as it stands.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn account(&self, id: AccountId) -> Result<Option<AccountSummary>, KernelError> {
        match self.accounts.ask(id).await {
            Ok(account) => Ok(account),
            // One account that cannot be read must not keep those from an answer who asked together with its owner.
            Err(Unanswered) => {
                let account = store::account(&self.database, id).await.map_err(unavailable)?;
                Ok(account.map(AccountSummary::of))
            }
        }
    }

    /// Entries before the given seq, newest first; from the newest when none is given. At most 500.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn entries(&self, id: AccountId, before: Option<i64>, limit: i64) -> Result<Vec<Entry>, KernelError> {
        let (before, limit) = (before.unwrap_or(i64::MAX), limit.clamp(1, PAGE_MAX));
        store::entries_before(&self.database, id, before, limit).await.map_err(unavailable)
    }

    /// The receipt that was given under an idempotency key of the account's.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn receipt(&self, id: AccountId, request: &str) -> Result<Option<Receipt>, KernelError> {
        store::receipt(&self.database, id, request).await.map_err(unavailable)
    }

    /// Whether every writer works and the store answers.
    pub async fn is_reachable(&self) -> bool {
        self.shards.iter().all(|shard| !shard.queue.is_closed()) && store::ping(&self.database).await.is_ok()
    }

    /// Posts what time alone has done, and says how many accounts it touched.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn settle_due(&self) -> Result<usize, KernelError> {
        let due = store::due_accounts(&self.database, self.clock.now(), SETTLE_ROUND).await.map_err(unavailable)?;
        let settle = due.iter().map(|account| self.submit(Order::new(*account, "clock", Command::Settle)));
        let mut settled = 0;
        for (outcome, account) in futures::future::join_all(settle).await.into_iter().zip(&due) {
            match outcome {
                Ok(_) => settled += 1,
                // One account that cannot be settled must not keep the others from it.
                Err(error) => tracing::error!(%error, %account, "what time has ended could not be posted"),
            }
        }
        Ok(settled)
    }

    pub(super) fn next_ulid(&self) -> ulid::Ulid {
        self.ids.next(self.clock.now())
    }

    pub(super) fn touched(&self) -> &Touched {
        &self.touched
    }

    pub(super) const fn database(&self) -> &Database {
        &self.database
    }
}

/// Reads accounts as they stand, all that are asked for at once.
fn summaries(database: Database) -> Gather<AccountId, AccountSummary> {
    Gather::over(&database.clone(), move |ids| {
        let database = database.clone();
        async move {
            let accounts = store::accounts(&database, &ids).await?;
            Ok(accounts.into_iter().map(|account| (account.id, AccountSummary::of(account))).collect())
        }
    })
}

/// Logs what the store said, here where it stops being the store's matter.
pub(super) fn unavailable(error: StoreError) -> KernelError {
    match error {
        StoreError::Corrupt(what) => {
            tracing::error!(what, "a row of the ledger cannot be read");
            KernelError::Corrupt
        }
        error => {
            tracing::error!(error = ?error, "the ledger's store did not answer");
            KernelError::Unavailable
        }
    }
}
