//! Where the bench writes SQL of its own: a schema to measure in, the usual ways to charge on PostgreSQL, and ledgers
//! that are made up because nobody would wait for ten million real charges.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aethel::billing::store::{Database, Sql, Statement};
use aethel::ledger::{AccountId, PurchaseId};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// Rows of one batch of the rival that writes in batches.
pub const BATCH: u64 = 256;

/// A schema of its own on a PostgreSQL, with the rivals' tables.
pub struct Schema {
    pub url: String,
    name: String,
    server: String,
}

impl Schema {
    pub async fn fresh(server: &str) -> Self {
        let name = format!("bench_{}", std::process::id());
        let separator = if server.contains('?') { '&' } else { '?' };
        let schema = Self {
            url: format!("{server}{separator}options=-csearch_path%3D{name}"),
            server: server.to_owned(),
            name: name.clone(),
        };
        schema.administer(format!("drop schema if exists {name} cascade; create schema {name}")).await;
        schema
    }

    pub async fn drop(self) {
        self.administer(format!("drop schema if exists {} cascade", self.name)).await;
    }

    async fn administer(&self, sql: String) {
        let pool = PgPool::connect(&self.server).await.expect("the PostgreSQL of AETHEL_TEST_POSTGRES answers");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("a schema can be made and dropped");
        pool.close().await;
    }

    /// So many connections that charge as others do.
    pub async fn rival(&self, connections: u32) -> Rival {
        let options = PgPoolOptions::new().max_connections(connections).min_connections(connections);
        let pool = options.connect(&self.url).await.expect("the PostgreSQL of AETHEL_TEST_POSTGRES answers");
        sqlx::raw_sql(
            "create table if not exists rival_accounts (id bigint primary key, balance bigint not null check (balance >= 0));
             create table if not exists rival_entries (request text primary key, account bigint not null,
               amount bigint not null, at bigint not null, memo text not null);
             insert into rival_accounts select n, 1000000000000 from generate_series(0, 9999) n on conflict do nothing",
        )
        .execute(&pool)
        .await
        .expect("the rivals' tables");
        Rival { pool, connections }
    }
}

/// The usual ways to charge on PostgreSQL, without a server before them.
pub struct Rival {
    pool: PgPool,
    connections: u32,
}

static REQUEST: AtomicU64 = AtomicU64::new(0);

impl Rival {
    /// Charges a second with 256 rows in a transaction, as pgbench would send them: on one account, or on 256 others
    /// each time.
    pub async fn batches(&self, hot: bool, time: Duration) -> u64 {
        self.drive(time, BATCH, async |pool, number| {
            let spread = i64::from(!hot);
            let first = number.wrapping_mul(7_919) % 10_000;
            let mut transaction = pool.begin().await?;
            sqlx::query(
                "insert into rival_entries select 'batch-' || $1::bigint || '-' || n, ($2 + n * $3) % 10000, 1, $1, '{}'
                 from generate_series(1, 256) n",
            )
            .bind(number)
            .bind(first * spread)
            .bind(spread)
            .execute(&mut *transaction)
            .await?;
            // In the order of the ids, so that two batches never wait for each other.
            sqlx::query(
                "with charged as (select ($1 + n * $2) % 10000 as id, count(*) as amount
                   from generate_series(1, 256) n group by 1),
                 locked as (select id from rival_accounts where id in (select id from charged) order by id for update)
                 update rival_accounts a set balance = a.balance - c.amount
                 from charged c join locked l on l.id = c.id where a.id = c.id",
            )
            .bind(first * spread)
            .bind(spread)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        })
        .await
    }

    /// Charges a second the way that locks the account's row: one transaction for each.
    pub async fn row_locking(&self, time: Duration) -> u64 {
        self.drive(time, 1, async |pool, number| {
            let mut transaction = pool.begin().await?;
            sqlx::query("select balance from rival_accounts where id = 0 for update")
                .execute(&mut *transaction)
                .await?;
            sqlx::query("insert into rival_entries values ('single-' || $1::bigint, 0, 1, $1, '{}')")
                .bind(number)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("update rival_accounts set balance = balance - 1 where id = 0")
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        })
        .await
    }

    async fn drive(&self, time: Duration, rows: u64, charge: impl AsyncFn(&PgPool, i64) -> sqlx::Result<()>) -> u64 {
        let begun = Instant::now();
        let client = async || {
            let mut done = 0;
            while begun.elapsed() < time {
                let number = i64::try_from(REQUEST.fetch_add(1, Ordering::Relaxed)).expect("few");
                charge(&self.pool, number).await.expect("the rival charges");
                done += rows;
            }
            done
        };
        let done: u64 = futures::future::join_all((0..self.connections).map(|_| client())).await.into_iter().sum();
        done * 1_000 / u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// Whether the server waits for its disk.
    pub async fn syncs(&self) -> bool {
        let setting: String = sqlx::query_scalar("show fsync").fetch_one(&self.pool).await.expect("a setting");
        setting == "on"
    }

    pub async fn close(self) {
        self.pool.close().await;
    }
}

/// Entries made by one statement.
const CHUNK: i64 = 1_000_000;
/// 30 days of quarters of an hour, and the operations used in each.
const SLOTS: i64 = 30 * 96;
const OPERATIONS: i64 = 3;

/// Gives an account so many charges in the last 30 days, around the clock and for three operations: entries of the
/// usual size and the roll-ups that they would have left, without a chain that an audit would accept.
pub async fn made_up(database: &Database, account: AccountId, entries: i64, now: i64) {
    let write = Sql::both(
        "insert into entries (account_id, seq, id, at, kind, from_bucket, to_bucket, amount, balance, operation, quantity,
           grants, price_book, request, memo, previous, hash)
         with recursive n(i) as (select $2 + 1 union all select i + 1 from n where i < $3 + 1)
         select $1, i, printf('TXN_%026d', i), $4 + i, 'charge', 'available', 'spent', 1, 1000000000 - i,
           'proof_verification', 1, '[[\"GRT_00000000000000000000000000\",1]]', 1, printf('bench-%d', i), '{}',
           printf('%064x', i - 1), printf('%064x', i)
         from n",
    );
    let mut done = 1;
    while done <= entries {
        let last = (done + CHUNK - 1).min(entries);
        let args = vec![account.to_string().into(), done.into(), last.into(), (now - entries).into()];
        database.write(vec![Statement::new(write, args)]).await.expect("made-up entries");
        done = last + 1;
    }
    let roll_up = Sql::both(
        "insert into usage_slots (account_id, slot, operation, key_id, charges, quantity, credits)
         with recursive n(i) as (select 0 union all select i + 1 from n where i < $3 - 1)
         select $1, $2 - n.i * 900000, o.value, '', $4, $4, $4
         from n, json_each('[\"proof_verification\", \"conservation_oracle\", \"batch_verification\"]') o",
    );
    let slot = now.div_euclid(900_000) * 900_000;
    let each = entries / (SLOTS * OPERATIONS);
    let args = vec![account.to_string().into(), slot.into(), SLOTS.into(), each.into()];
    database.write(vec![Statement::new(roll_up, args)]).await.expect("their roll-ups");
}

/// Purchases of a Starter package that wait for their payment; each is announced by Stripe later.
pub async fn purchases(database: &Database, account: AccountId, rows: &[(PurchaseId, String)], now: i64) {
    let insert = Sql::both(
        "insert into purchases (id, account, request, way, package, credits, amount, grant_id, state, state_at, created_at)
         values ($1, $2, $1, 'checkout', 'Starter', 100, 1000, $3, 'created', 0, $4)",
    );
    let statements = rows.iter().map(|(id, grant)| {
        let args = vec![id.to_string().into(), account.to_string().into(), grant.as_str().into(), now.into()];
        Statement::new(insert, args)
    });
    database.write(statements.collect()).await.expect("the purchases are written");
}

/// How many events are stored and not yet worked off.
pub async fn events_waiting(database: &Database) -> i64 {
    let count = Sql::both("select cast(count(*) as bigint) from stripe_events where state = 'stored'");
    let row = database.fetch_one(count, Vec::new()).await.expect("the store answers").expect("a count");
    row.int(0).expect("a count")
}
