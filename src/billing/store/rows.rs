//! Accounts, grants, holds and entries as rows, in and out.

use serde::Serialize;

use super::{Row, StoreError, Value};
use crate::ledger::{Account, AccountId, Balances, Budget, Budgets, Charge, Entry, Grant, Hold, KeyBudget, Timestamp};

/// Rows on their way into a statement: a JSON array of arrays, written as it grows.
#[derive(Debug, Default)]
pub struct Rows(Vec<u8>);

impl Rows {
    /// The whole list.
    pub fn into_text(mut self) -> String {
        self.0.extend_from_slice(if self.0.is_empty() { b"[]" } else { b"]" });
        // Only JSON was written, which is UTF-8.
        String::from_utf8(self.0).unwrap_or_default()
    }

    /// The whole list as an argument.
    pub fn into_value(self) -> Value {
        Value::Text(self.into_text())
    }

    pub(super) fn begin(&mut self) {
        self.0.extend_from_slice(if self.0.is_empty() { b"[[" } else { b",[" });
    }

    pub(super) fn put(&mut self, value: &impl Serialize) {
        if self.0.last() != Some(&b'[') {
            self.0.push(b',');
        }
        // Neither the memory it is written to nor one of our values can fail.
        let _written = serde_json::to_writer(&mut self.0, value);
    }

    pub(super) fn end(&mut self) {
        self.0.push(b']');
    }
}

/// Adds one row.
macro_rules! row {
    ($rows:expr, [$($value:expr),+ $(,)?]) => {{
        $rows.begin();
        $($rows.put(&$value);)+
        $rows.end();
    }};
}
pub(super) use row;

/// A list of texts, for `in (…)`.
pub(super) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    let texts: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    Value::Text(text_of(&texts))
}

/// A value kept as JSON text in one column.
fn text_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// An account in the order of `ACCOUNTS`.
pub(super) fn account_row(rows: &mut Rows, account: &Account) {
    let Balances { issued, available, held, spent, expired, reversed, owed } = account.balances;
    let (day, month) = (account.budgets.day, account.budgets.month);
    row!(
        rows,
        [
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
            account.opened_at,
            account.last_at,
            day.limit,
            day.window,
            day.used,
            month.limit,
            month.window,
            month.used
        ]
    );
}

/// A grant in the order of `GRANTS`.
pub(super) fn grant_row(rows: &mut Rows, account: AccountId, grant: &Grant) {
    row!(
        rows,
        [
            grant.id,
            account,
            grant.kind,
            grant.size,
            grant.remaining,
            grant.held,
            grant.reversed,
            grant.owed,
            grant.paid,
            grant.purchase,
            grant.expires_at,
            grant.granted_at
        ]
    );
}

/// A hold in the order of `HOLDS`.
pub(super) fn hold_row(rows: &mut Rows, account: AccountId, hold: &Hold) {
    row!(
        rows,
        [
            hold.id,
            account,
            hold.operation,
            hold.quantity,
            hold.unit_price,
            hold.amount,
            text_of(&hold.parts),
            hold.state,
            hold.expires_at,
            hold.held_at,
            hold.key,
            hold.price_book
        ]
    );
}

/// An entry in the order of `ENTRIES`.
pub(super) fn entry_row(rows: &mut Rows, entry: &Entry) {
    row!(
        rows,
        [
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
            text_of(&entry.grants),
            entry.hold,
            entry.purchase,
            entry.refunds,
            entry.key,
            entry.price_book,
            entry.request,
            entry.memo,
            entry.previous,
            entry.hash
        ]
    );
}

/// What has been refunded of a charge, in the order of `REFUNDS`.
pub(super) fn refund_row(rows: &mut Rows, account: AccountId, charge: &Charge) {
    row!(rows, [charge.id, account, charge.refunded]);
}

/// A key's budget in the order of `KEY_BUDGETS`.
pub(super) fn key_budget_row(rows: &mut Rows, account: AccountId, budget: &KeyBudget) {
    row!(rows, [budget.key, account, budget.month.limit, budget.month.window, budget.month.used]);
}

fn maybe<T: std::str::FromStr>(row: &Row, index: usize) -> Result<Option<T>, StoreError> {
    row.maybe_text(index)?.map(|_| row.parsed(index)).transpose()
}

/// A budget from three columns: its limit, its window and what was used.
fn budget_of(row: &Row, index: usize) -> Result<Budget, StoreError> {
    let limit = row.maybe_int(index)?.map(|_| row.amount(index)).transpose()?;
    Ok(Budget { limit, window: row.int(index + 1)?, used: row.amount(index + 2)? })
}

/// A key's budget from its row.
pub(super) fn key_budget_of(row: &Row) -> Result<KeyBudget, StoreError> {
    Ok(KeyBudget { key: row.parsed(0)?, month: budget_of(row, 2)? })
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
            issued: row.amount(6)?,
            available: row.amount(7)?,
            held: row.amount(8)?,
            spent: row.amount(9)?,
            expired: row.amount(10)?,
            reversed: row.amount(11)?,
            owed: row.amount(12)?,
        },
        opened_at: Timestamp::from_millis(row.int(13)?),
        last_at: Timestamp::from_millis(row.int(14)?),
        grants: Vec::new(),
        holds: Vec::new(),
        charges: Vec::new(),
        budgets: Budgets { day: budget_of(row, 15)?, month: budget_of(row, 18)?, keys: Vec::new() },
    })
}

/// A grant from its row.
pub(super) fn grant_of(row: &Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.parsed(0)?,
        kind: row.parsed(2)?,
        size: row.amount(3)?,
        remaining: row.amount(4)?,
        held: row.amount(5)?,
        reversed: row.amount(6)?,
        owed: row.amount(7)?,
        paid: row.amount(8)?,
        purchase: maybe(row, 9)?,
        expires_at: row.maybe_int(10)?.map(Timestamp::from_millis),
        granted_at: Timestamp::from_millis(row.int(11)?),
    })
}

/// A hold from its row.
pub(super) fn hold_of(row: &Row) -> Result<Hold, StoreError> {
    Ok(Hold {
        id: row.parsed(0)?,
        operation: row.parsed(2)?,
        quantity: row.int(3)?,
        unit_price: row.amount(4)?,
        amount: row.amount(5)?,
        parts: parsed_json(row, 6)?,
        state: row.parsed(7)?,
        expires_at: Timestamp::from_millis(row.int(8)?),
        held_at: Timestamp::from_millis(row.int(9)?),
        key: maybe(row, 10)?,
        price_book: row.amount(11)?,
    })
}

/// An entry from its row, in the order of `ENTRIES`.
pub(super) fn entry_of(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        account: row.parsed(0)?,
        seq: row.int(1)?,
        id: row.parsed(2)?,
        at: Timestamp::from_millis(row.int(3)?),
        kind: row.parsed(4)?,
        from: row.parsed(5)?,
        to: row.parsed(6)?,
        amount: row.amount(7)?,
        balance: row.amount(8)?,
        operation: maybe(row, 9)?,
        quantity: row.int(10)?,
        grants: parsed_json(row, 11)?,
        hold: maybe(row, 12)?,
        purchase: maybe(row, 13)?,
        refunds: maybe(row, 14)?,
        key: maybe(row, 15)?,
        price_book: row.amount(16)?,
        request: row.text(17)?,
        memo: row.text(18)?,
        previous: row.parsed(19)?,
        hash: row.parsed(20)?,
    })
}
