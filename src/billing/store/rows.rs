//! Accounts, grants, holds and entries as rows, in and out.

use serde_json::{Value as Json, json};

use super::{Row, StoreError};
use crate::ledger::{Account, AccountId, Balances, Entry, Grant, Hold, Timestamp};

/// An account in the order that `SAVE_ACCOUNTS` writes.
pub(super) fn account_row(account: &Account) -> Json {
    let Balances { issued, available, held, spent, expired, reversed, owed } = account.balances;
    json!([
        account.id,
        account.name,
        account.tier,
        i64::from(account.suspended),
        account.seq,
        account.head,
        issued,
        available,
        held,
        spent,
        expired,
        reversed,
        owed,
        account.opened_at
    ])
}

/// A grant in the order that `SAVE_GRANTS` writes.
pub(super) fn grant_row(account: AccountId, grant: &Grant) -> Json {
    json!([
        grant.id,
        account,
        grant.kind,
        grant.size,
        grant.remaining,
        grant.held,
        grant.paid,
        grant.purchase,
        grant.expires_at,
        grant.granted_at
    ])
}

/// A hold in the order that `SAVE_HOLDS` writes.
pub(super) fn hold_row(account: AccountId, hold: &Hold) -> Json {
    json!([
        hold.id,
        account,
        hold.operation,
        hold.quantity,
        hold.unit_price,
        hold.amount,
        json!(hold.parts).to_string(),
        hold.state,
        hold.expires_at,
        hold.held_at,
        hold.key
    ])
}

/// An entry in the order that `SAVE_ENTRIES` writes.
pub(super) fn entry_row(entry: &Entry) -> Json {
    json!([
        entry.account,
        entry.seq,
        entry.id,
        entry.at,
        entry.kind,
        entry.from,
        entry.to,
        entry.amount,
        entry.balance,
        entry.operation,
        entry.quantity,
        json!(entry.grants).to_string(),
        entry.hold,
        entry.purchase,
        entry.key,
        entry.price_book,
        entry.request,
        entry.memo,
        entry.previous,
        entry.hash
    ])
}

fn amount<T: TryFrom<i64>>(row: &Row, index: usize) -> Result<T, StoreError> {
    T::try_from(row.int(index)?).map_err(|_| StoreError::Corrupt(format!("column {index} is out of range")))
}

fn maybe<T: std::str::FromStr>(row: &Row, index: usize) -> Result<Option<T>, StoreError> {
    row.maybe_text(index)?.map(|_| row.parsed(index)).transpose()
}

/// A value kept as JSON text.
pub(super) fn parsed_json<T: serde::de::DeserializeOwned>(row: &Row, index: usize) -> Result<T, StoreError> {
    serde_json::from_str(&row.text(index)?).map_err(|error| StoreError::Corrupt(format!("column {index}: {error}")))
}

/// An account from its row, grants and holds still missing.
pub(super) fn account_of(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: row.parsed(0)?,
        name: row.text(1)?,
        tier: row.parsed(2)?,
        suspended: row.int(3)? != 0,
        seq: row.int(4)?,
        head: row.parsed(5)?,
        balances: Balances {
            issued: amount(row, 6)?,
            available: amount(row, 7)?,
            held: amount(row, 8)?,
            spent: amount(row, 9)?,
            expired: amount(row, 10)?,
            reversed: amount(row, 11)?,
            owed: amount(row, 12)?,
        },
        opened_at: Timestamp::from_millis(row.int(13)?),
        grants: Vec::new(),
        holds: Vec::new(),
    })
}

/// A grant from its row.
pub(super) fn grant_of(row: &Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.parsed(0)?,
        kind: row.parsed(1)?,
        size: amount(row, 2)?,
        remaining: amount(row, 3)?,
        held: amount(row, 4)?,
        paid: amount(row, 5)?,
        purchase: maybe(row, 6)?,
        expires_at: row.maybe_int(7)?.map(Timestamp::from_millis),
        granted_at: Timestamp::from_millis(row.int(8)?),
    })
}

/// A hold from its row.
pub(super) fn hold_of(row: &Row) -> Result<Hold, StoreError> {
    Ok(Hold {
        id: row.parsed(0)?,
        operation: row.parsed(1)?,
        quantity: row.int(2)?,
        unit_price: amount(row, 3)?,
        amount: amount(row, 4)?,
        parts: parsed_json(row, 5)?,
        state: row.parsed(6)?,
        expires_at: Timestamp::from_millis(row.int(7)?),
        held_at: Timestamp::from_millis(row.int(8)?),
        key: maybe(row, 9)?,
    })
}

/// An entry from its row, in the order that `SAVE_ENTRIES` writes.
pub(super) fn entry_of(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        account: row.parsed(0)?,
        seq: row.int(1)?,
        id: row.parsed(2)?,
        at: Timestamp::from_millis(row.int(3)?),
        kind: row.parsed(4)?,
        from: row.parsed(5)?,
        to: row.parsed(6)?,
        amount: amount(row, 7)?,
        balance: amount(row, 8)?,
        operation: maybe(row, 9)?,
        quantity: row.int(10)?,
        grants: parsed_json(row, 11)?,
        hold: maybe(row, 12)?,
        purchase: maybe(row, 13)?,
        key: maybe(row, 14)?,
        price_book: amount(row, 15)?,
        request: row.text(16)?,
        memo: row.text(17)?,
        previous: row.parsed(18)?,
        hash: row.parsed(19)?,
    })
}
