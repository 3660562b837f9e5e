//! What one batch of the kernel reads and writes: a handful of set-based statements, however many commands.
//!
//! Lists travel as one JSON text, which SQLite opens with `json_each` and PostgreSQL with `json_array_elements`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value as Json, json};

use super::rows::{account_of, account_row, entry_row, grant_of, grant_row, hold_of, hold_row};
use super::{Sql, Statement, StoreError, Transaction, Value};
use crate::ledger::{Account, AccountId, Entry, Grant, Hash, Hold, HoldId, PurchaseId, Timestamp};

const LOCK_ACCOUNTS: Sql = Sql::each(
    "select id, name, tier, suspended, seq, head, issued, available, held, spent, expired, reversed, owed, opened_at
     from accounts where id in (select value from json_each($1))",
    "select id, name, tier, suspended, seq, head, issued, available, held, spent, expired, reversed, owed, opened_at
     from accounts where id = any (array(select json_array_elements_text($1::json))) order by id for update",
);

const ACCOUNTS: Sql = Sql::each(
    "select id, name, tier, suspended, seq, head, issued, available, held, spent, expired, reversed, owed, opened_at
     from accounts where id in (select value from json_each($1))",
    "select id, name, tier, suspended, seq, head, issued, available, held, spent, expired, reversed, owed, opened_at
     from accounts where id = any (array(select json_array_elements_text($1::json)))",
);

const OPEN_GRANTS: Sql = Sql::each(
    "select id, kind, size, remaining, held, paid_cents, purchase_id, expires_at, granted_at, account_id
     from grants where account_id in (select value from json_each($1)) and remaining > 0",
    "select id, kind, size, remaining, held, paid_cents, purchase_id, expires_at, granted_at, account_id
     from grants where account_id = any (array(select json_array_elements_text($1::json))) and remaining > 0",
);

const GRANTS_OF_PURCHASES: Sql = Sql::each(
    "select id, kind, size, remaining, held, paid_cents, purchase_id, expires_at, granted_at, account_id
     from grants where purchase_id in (select value from json_each($1)) and remaining = 0",
    "select id, kind, size, remaining, held, paid_cents, purchase_id, expires_at, granted_at, account_id
     from grants where purchase_id = any (array(select json_array_elements_text($1::json))) and remaining = 0",
);

const HOLDS_NAMED: Sql = Sql::each(
    "select id, operation, quantity, unit_price, amount, parts, state, expires_at, held_at, key_id, account_id
     from holds where id in (select value from json_each($1))",
    "select id, operation, quantity, unit_price, amount, parts, state, expires_at, held_at, key_id, account_id
     from holds where id = any (array(select json_array_elements_text($1::json)))",
);

const HOLDS_DUE: Sql = Sql::each(
    "select id, operation, quantity, unit_price, amount, parts, state, expires_at, held_at, key_id, account_id
     from holds where account_id in (select value from json_each($1)) and state = 'open' and expires_at <= $2",
    "select id, operation, quantity, unit_price, amount, parts, state, expires_at, held_at, key_id, account_id
     from holds where account_id = any (array(select json_array_elements_text($1::json)))
     and state = 'open' and expires_at <= $2",
);

const REQUESTS: Sql = Sql::each(
    "select r.scope, r.request, r.fingerprint, r.outcome from json_each($1) j
     cross join requests r where r.scope = j.value ->> 0 and r.request = j.value ->> 1",
    "select r.scope, r.request, r.fingerprint, r.outcome from json_array_elements($1::json) j
     join requests r on r.scope = j ->> 0 and r.request = j ->> 1",
);

const SAVE_ACCOUNTS: Sql = Sql::each(
    "insert into accounts (id, name, tier, suspended, seq, head, issued, available, held, spent, expired, reversed,
       owed, opened_at)
     select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13
     from json_each($1) where true
     on conflict (id) do update set tier = excluded.tier, suspended = excluded.suspended, seq = excluded.seq,
       head = excluded.head, issued = excluded.issued, available = excluded.available, held = excluded.held,
       spent = excluded.spent, expired = excluded.expired, reversed = excluded.reversed, owed = excluded.owed",
    "insert into accounts (id, name, tier, suspended, seq, head, issued, available, held, spent, expired, reversed,
       owed, opened_at)
     select j ->> 0, j ->> 1, j ->> 2, (j ->> 3)::bigint, (j ->> 4)::bigint, j ->> 5, (j ->> 6)::bigint,
       (j ->> 7)::bigint, (j ->> 8)::bigint, (j ->> 9)::bigint, (j ->> 10)::bigint, (j ->> 11)::bigint,
       (j ->> 12)::bigint, (j ->> 13)::bigint
     from json_array_elements($1::json) j
     on conflict (id) do update set tier = excluded.tier, suspended = excluded.suspended, seq = excluded.seq,
       head = excluded.head, issued = excluded.issued, available = excluded.available, held = excluded.held,
       spent = excluded.spent, expired = excluded.expired, reversed = excluded.reversed, owed = excluded.owed",
);

const SAVE_GRANTS: Sql = Sql::each(
    "insert into grants (id, account_id, kind, size, remaining, held, paid_cents, purchase_id, expires_at, granted_at)
     select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8, value ->> 9
     from json_each($1) where true
     on conflict (id) do update set remaining = excluded.remaining, held = excluded.held",
    "insert into grants (id, account_id, kind, size, remaining, held, paid_cents, purchase_id, expires_at, granted_at)
     select j ->> 0, j ->> 1, j ->> 2, (j ->> 3)::bigint, (j ->> 4)::bigint, (j ->> 5)::bigint, (j ->> 6)::bigint,
       j ->> 7, (j ->> 8)::bigint, (j ->> 9)::bigint
     from json_array_elements($1::json) j
     on conflict (id) do update set remaining = excluded.remaining, held = excluded.held",
);

const SAVE_HOLDS: Sql = Sql::each(
    "insert into holds (id, account_id, operation, quantity, unit_price, amount, parts, state, expires_at, held_at,
       key_id)
     select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8, value ->> 9, value ->> 10
     from json_each($1) where true
     on conflict (id) do update set parts = excluded.parts, state = excluded.state",
    "insert into holds (id, account_id, operation, quantity, unit_price, amount, parts, state, expires_at, held_at,
       key_id)
     select j ->> 0, j ->> 1, j ->> 2, (j ->> 3)::bigint, (j ->> 4)::bigint, (j ->> 5)::bigint, j ->> 6, j ->> 7,
       (j ->> 8)::bigint, (j ->> 9)::bigint, j ->> 10
     from json_array_elements($1::json) j
     on conflict (id) do update set parts = excluded.parts, state = excluded.state",
);

const SAVE_ENTRIES: Sql = Sql::each(
    "insert into entries (account_id, seq, id, at, kind, from_bucket, to_bucket, amount, balance, operation, quantity,
       grants, hold_id, purchase_id, key_id, price_book, request, memo, previous, hash)
     select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15,
       value ->> 16, value ->> 17, value ->> 18, value ->> 19
     from json_each($1)",
    "insert into entries (account_id, seq, id, at, kind, from_bucket, to_bucket, amount, balance, operation, quantity,
       grants, hold_id, purchase_id, key_id, price_book, request, memo, previous, hash)
     select j ->> 0, (j ->> 1)::bigint, j ->> 2, (j ->> 3)::bigint, j ->> 4, j ->> 5, j ->> 6, (j ->> 7)::bigint,
       (j ->> 8)::bigint, j ->> 9, (j ->> 10)::bigint, j ->> 11, j ->> 12, j ->> 13, j ->> 14, (j ->> 15)::bigint,
       j ->> 16, j ->> 17, j ->> 18, j ->> 19
     from json_array_elements($1::json) j",
);

const SAVE_REQUESTS: Sql = Sql::each(
    "insert into requests (scope, request, fingerprint, outcome, at)
     select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 from json_each($1)",
    "insert into requests (scope, request, fingerprint, outcome, at)
     select j ->> 0, j ->> 1, j ->> 2, j ->> 3, (j ->> 4)::bigint from json_array_elements($1::json) j",
);

const SAVE_USAGE: Sql = Sql::each(
    "insert into usage_slots (account_id, slot, operation, key_id, charges, quantity, credits)
     select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
     from json_each($1) where true
     on conflict (account_id, slot, operation, key_id) do update set charges = usage_slots.charges + excluded.charges,
       quantity = usage_slots.quantity + excluded.quantity, credits = usage_slots.credits + excluded.credits",
    "insert into usage_slots (account_id, slot, operation, key_id, charges, quantity, credits)
     select j ->> 0, (j ->> 1)::bigint, j ->> 2, j ->> 3, (j ->> 4)::bigint, (j ->> 5)::bigint, (j ->> 6)::bigint
     from json_array_elements($1::json) j
     on conflict (account_id, slot, operation, key_id) do update set charges = usage_slots.charges + excluded.charges,
       quantity = usage_slots.quantity + excluded.quantity, credits = usage_slots.credits + excluded.credits",
);

/// What a batch starts from.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The accounts that exist, locked, each with its open grants and the holds that matter.
    pub accounts: HashMap<AccountId, Account>,
    /// What was answered before, by scope and idempotency key.
    pub answered: HashMap<(String, String), (String, String)>,
}

/// An idempotency row to write.
#[derive(Debug)]
pub struct RequestRow {
    /// Whose keys these are.
    pub scope: String,
    /// The idempotency key.
    pub request: String,
    /// What was asked for.
    pub fingerprint: Hash,
    /// The receipt as JSON.
    pub outcome: String,
}

/// What a batch adds to the usage roll-ups, by (account, slot, operation, key).
pub type UsageRow = BTreeMap<(String, i64, &'static str, String), (i64, i64, i64)>;

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    Value::Text(Json::Array(items.into_iter().map(|item| Json::String(item.to_string())).collect()).to_string())
}

/// Reads everything that a batch of commands needs, locking its accounts in the order of their ids.
pub async fn load(
    transaction: &mut Transaction,
    accounts: &BTreeSet<AccountId>,
    requests: &[(String, String)],
    holds: &BTreeSet<HoldId>,
    purchases: &BTreeSet<PurchaseId>,
    now: Timestamp,
) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    for row in transaction.fetch(LOCK_ACCOUNTS, vec![list(accounts)]).await? {
        let account = account_of(&row)?;
        loaded.accounts.insert(account.id, account);
    }
    // Only now, behind the locks: another server may just have answered the same request.
    let wanted = Json::from(requests.iter().map(|(scope, request)| json!([scope, request])).collect::<Vec<_>>());
    for row in transaction.fetch(REQUESTS, vec![Value::Text(wanted.to_string())]).await? {
        loaded.answered.insert((row.text(0)?, row.text(1)?), (row.text(2)?, row.text(3)?));
    }
    let mut grants = transaction.fetch(OPEN_GRANTS, vec![list(accounts)]).await?;
    if !purchases.is_empty() {
        grants.extend(transaction.fetch(GRANTS_OF_PURCHASES, vec![list(purchases)]).await?);
    }
    for row in &grants {
        if let Some(account) = loaded.accounts.get_mut(&row.parsed(9)?) {
            account.grants.push(grant_of(row)?);
        }
    }
    let mut rows = Vec::new();
    if !holds.is_empty() {
        rows = transaction.fetch(HOLDS_NAMED, vec![list(holds)]).await?;
    }
    let holding = loaded.accounts.values().filter(|account| account.balances.held.is_positive()).map(|one| one.id);
    let holding: Vec<AccountId> = holding.collect();
    if !holding.is_empty() {
        rows.extend(transaction.fetch(HOLDS_DUE, vec![list(holding), now.millis().into()]).await?);
    }
    for row in &rows {
        let hold = hold_of(row)?;
        if let Some(account) = loaded.accounts.get_mut(&row.parsed(10)?)
            && account.holds.iter().all(|known| known.id != hold.id)
        {
            account.holds.push(hold);
        }
    }
    Ok(loaded)
}

/// One account with its open grants, as a snapshot sees it. Nothing is locked.
pub async fn account_with_grants(snapshot: &mut Transaction, id: AccountId) -> Result<Option<Account>, StoreError> {
    let rows = snapshot.fetch(ACCOUNTS, vec![list([id])]).await?;
    let Some(mut account) = rows.first().map(account_of).transpose()? else { return Ok(None) };
    for row in snapshot.fetch(OPEN_GRANTS, vec![list([id])]).await? {
        account.grants.push(grant_of(&row)?);
    }
    Ok(Some(account))
}

/// Writes what a batch changed: accounts, grants and holds as they are now, and the new entries, answers and usage.
pub async fn save(
    transaction: &mut Transaction,
    before: &HashMap<AccountId, Account>,
    after: &HashMap<AccountId, Account>,
    entries: &[Entry],
    requests: &[RequestRow],
    usage: &UsageRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (mut accounts, mut grants, mut holds) = (Vec::new(), Vec::new(), Vec::new());
    let mut changed: Vec<&Account> =
        after.values().filter(|account| before.get(&account.id) != Some(*account)).collect();
    changed.sort_by_key(|account| account.id);
    for account in changed {
        let old = before.get(&account.id);
        accounts.push(account_row(account));
        let known = |grant: &&Grant| old.is_some_and(|old| old.grants.contains(grant));
        grants.extend(account.grants.iter().filter(|grant| !known(grant)).map(|grant| grant_row(account.id, grant)));
        let known = |hold: &&Hold| old.is_some_and(|old| old.holds.contains(hold));
        holds.extend(account.holds.iter().filter(|hold| !known(hold)).map(|hold| hold_row(account.id, hold)));
    }
    let requests = requests
        .iter()
        .map(|row| json!([row.scope, row.request, row.fingerprint, row.outcome, now]))
        .collect::<Vec<_>>();
    let usage = usage
        .iter()
        .map(|((account, slot, operation, key), (charges, quantity, credits))| {
            json!([account, slot, operation, key, charges, quantity, credits])
        })
        .collect::<Vec<_>>();
    let writes = [
        (SAVE_ACCOUNTS, accounts),
        (SAVE_GRANTS, grants),
        (SAVE_HOLDS, holds),
        (SAVE_ENTRIES, entries.iter().map(entry_row).collect()),
        (SAVE_REQUESTS, requests),
        (SAVE_USAGE, usage),
    ];
    for (sql, rows) in writes {
        if !rows.is_empty() {
            let text = Json::Array(rows).to_string();
            transaction.execute(Statement::new(sql, vec![Value::Text(text)])).await?;
        }
    }
    Ok(())
}
