//! What an audit reads. A row that cannot be read is named and passed by, so that one bad row hides no other.

use std::collections::BTreeSet;

use serde_json::json;

use super::rows::{Rows, account_of, entry_of, grant_of, hold_of, list, row};
use super::tables::{CHARGES_NAMED, ENTRIES_AFTER, GRANTS_OF, OPEN_HOLDS, READ_ACCOUNTS};
use super::{Database, Row, Sql, StoreError, Transaction, Value};
use crate::ledger::{Account, AccountId, Charge, Credits, Entry, Grant, Hash, Hold, TransactionId};

/// The answers kept under [scope, request] pairs.
const ANSWERS_TO: Sql = Sql::each(
    "select r.scope, r.request, r.outcome, r.at from json_each($1) j cross join requests r
     where r.scope = j.value ->> 0 and r.request = j.value ->> 1",
    "select r.scope, r.request, r.outcome, r.at from jsonb_array_elements($1::jsonb) j join requests r
     on r.scope = j ->> 0 and r.request = j ->> 1",
);

const ANSWERS_PAGE: Sql = Sql::both(
    "select scope, request, outcome, at from requests where scope = $1 and request > $2 order by request limit $3",
);

/// What stands at [account, seq] pairs.
const ENTRIES_AT: Sql = Sql::each(
    "select e.account_id, e.seq, e.id, e.request, e.balance, e.hash from json_each($1) j cross join entries e
     where e.account_id = j.value ->> 0 and e.seq = j.value ->> 1",
    "select e.account_id, e.seq, e.id, e.request, e.balance, e.hash from jsonb_array_elements($1::jsonb) j
     join entries e on e.account_id = j ->> 0 and e.seq = (j ->> 1)::bigint",
);

const SLOTS_BETWEEN: Sql = Sql::both(
    "select slot, operation, key_id, charges, quantity, credits from usage_slots
     where account_id = $1 and slot >= $2 and slot < $3 order by slot, operation, key_id limit $4",
);

const REFUNDS_OF: Sql = Sql::both("select charge_id, credits from refunds where account_id = $1");

/// Where an audit reads: the database as it stands, or one moment of it.
pub enum Reader<'a> {
    /// Each read sees what is committed by then.
    Beside(&'a Database),
    /// All reads see what the transaction sees.
    Within(&'a mut Transaction),
}

impl Reader<'_> {
    async fn fetch(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Beside(database) => database.scan(sql, args).await,
            Self::Within(transaction) => transaction.fetch(sql, args).await,
        }
    }
}

/// What was read, or why it could not be.
pub type Checked<T> = Result<T, String>;

/// An error of a row is said; any other ends the audit.
fn checked<T>(read: Result<T, StoreError>) -> Result<Checked<T>, StoreError> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(StoreError::Corrupt(what)) => Ok(Err(what)),
        Err(error) => Err(error),
    }
}

/// Entries with a seq above the given one, oldest first, each with its seq.
pub async fn entries_to_check(
    reader: &mut Reader<'_>,
    id: AccountId,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Checked<Entry>)>, StoreError> {
    let args = vec![id.to_string().into(), after.into(), limit.into()];
    let rows = reader.fetch(ENTRIES_AFTER.get(), args).await?;
    rows.iter().map(|row| Ok((row.int(1)?, checked(entry_of(row))?))).collect()
}

/// An answer as it is kept under a request.
pub struct KeptAnswer {
    /// Whose requests these are.
    pub scope: String,
    /// The idempotency key.
    pub request: String,
    /// The receipt as JSON, or `null`.
    pub outcome: String,
    /// When it was kept, in milliseconds.
    pub at: i64,
}

fn answer_of(row: &Row) -> Result<KeptAnswer, StoreError> {
    Ok(KeptAnswer { scope: row.text(0)?, request: row.text(1)?, outcome: row.text(2)?, at: row.int(3)? })
}

/// The answers kept under these scopes and requests.
pub async fn answers_to(
    reader: &mut Reader<'_>,
    places: impl IntoIterator<Item = (String, &str)>,
) -> Result<Vec<KeptAnswer>, StoreError> {
    let mut wanted = Rows::default();
    for (scope, request) in places {
        row!(wanted, [scope, request]);
    }
    reader.fetch(ANSWERS_TO, vec![wanted.into_value()]).await?.iter().map(answer_of).collect()
}

/// The answers of a scope after the given request, in the requests' order.
pub async fn answers_page(
    reader: &mut Reader<'_>,
    scope: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<KeptAnswer>, StoreError> {
    let args = vec![scope.into(), after.into(), limit.into()];
    reader.fetch(ANSWERS_PAGE, args).await?.iter().map(answer_of).collect()
}

/// What an answer may name of an entry.
pub struct EntryAt {
    /// Its account and seq.
    pub place: (String, i64),
    /// Its id.
    pub id: String,
    /// The request that caused it.
    pub request: String,
    /// What was available after it.
    pub balance: i64,
    /// Its hash; none where it cannot be read.
    pub hash: Option<Hash>,
}

/// The entries at these places, where there are any.
pub async fn entries_at(
    reader: &mut Reader<'_>,
    places: impl IntoIterator<Item = (AccountId, i64)>,
) -> Result<Vec<EntryAt>, StoreError> {
    let mut wanted = Rows::default();
    for (account, seq) in places {
        row!(wanted, [account, seq]);
    }
    let read = |row: &Row| {
        let place = (row.text(0)?, row.int(1)?);
        let hash = row.text(5)?.parse().ok();
        Ok(EntryAt { place, id: row.text(2)?, request: row.text(3)?, balance: row.int(4)?, hash })
    };
    reader.fetch(ENTRIES_AT, vec![wanted.into_value()]).await?.iter().map(read).collect()
}

/// A roll-up: its slot, operation and key, and its charges, quantity and credits.
pub type SlotRow = ((i64, String, String), [i64; 3]);

/// The roll-ups of an account with a slot from one moment up to another, in order.
pub async fn slots_between(
    reader: &mut Reader<'_>,
    id: AccountId,
    (from, until): (i64, i64),
    limit: i64,
) -> Result<Vec<SlotRow>, StoreError> {
    let args = vec![id.to_string().into(), from.into(), until.into(), limit.into()];
    let read = |row: &Row| Ok(((row.int(0)?, row.text(1)?, row.text(2)?), [row.int(3)?, row.int(4)?, row.int(5)?]));
    reader.fetch(SLOTS_BETWEEN, args).await?.iter().map(read).collect()
}

/// What was refunded, by the charge's id as it is written.
pub async fn refunds_of(reader: &mut Reader<'_>, id: AccountId) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = reader.fetch(REFUNDS_OF, vec![id.to_string().into()]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// The charges and captures of these ids that can be read.
pub async fn charges_to_check(
    reader: &mut Reader<'_>,
    charges: &BTreeSet<(AccountId, TransactionId)>,
) -> Result<Vec<Charge>, StoreError> {
    let mut wanted = Rows::default();
    for (account, charge) in charges {
        row!(wanted, [account, charge.seq(), charge]);
    }
    let rows = reader.fetch(CHARGES_NAMED.get(), vec![wanted.into_value()]).await?;
    let read =
        rows.iter().map(|row| Ok(checked(entry_of(row))?.ok().and_then(|entry| Charge::of(&entry, Credits::ZERO))));
    Ok(read.collect::<Result<Vec<_>, StoreError>>()?.into_iter().flatten().collect())
}

/// An account's rows: its own, of every grant it ever had, and of its open holds.
pub struct AccountRows {
    /// The account's own, with the grants and holds that could be read.
    pub account: Checked<Account>,
    /// The rows of grants and holds that could not be read.
    pub unreadable: Vec<String>,
}

/// Reads all that the entries of an account are compared with; `None` when there is no such account.
pub async fn account_rows(reader: &mut Reader<'_>, id: AccountId) -> Result<Option<AccountRows>, StoreError> {
    let own = || vec![json!([id]).to_string().into()];
    let rows = reader.fetch(READ_ACCOUNTS.get(), vec![list([id])]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut account = checked(account_of(row))?;
    let mut unreadable = Vec::new();
    let (mut grants, mut holds): (Vec<Grant>, Vec<Hold>) = (Vec::new(), Vec::new());
    for row in reader.fetch(GRANTS_OF.get(), own()).await? {
        match checked(grant_of(&row))? {
            Ok(grant) => grants.push(grant),
            Err(why) => unreadable.push(format!("the grant {} cannot be read: {why}", row.text(0)?)),
        }
    }
    for row in reader.fetch(OPEN_HOLDS.get(), own()).await? {
        match checked(hold_of(&row))? {
            Ok(hold) => holds.push(hold),
            Err(why) => unreadable.push(format!("the hold {} cannot be read: {why}", row.text(0)?)),
        }
    }
    if let Ok(account) = &mut account {
        (account.grants, account.holds) = (grants, holds);
    }
    Ok(Some(AccountRows { account, unreadable }))
}
