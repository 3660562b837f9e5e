//! Whole tables out and in, for a ledger that moves house: read page by page in the order of their keys, written
//! without forgiving a row that is there already.

use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};

use super::arranged::{ALERT_SETTINGS, ALERTS, PLACED_HOLDS, QUOTES, RECURRING_GRANTS, SIGNING_KEYS, SUSPENSIONS};
use super::prices::PRICE_BOOKS;
use super::rows::{account_of, entry_of, grant_of, hold_of, key_budget_of, parsed_json};
use super::tables::{ACCOUNTS, ENTRIES, GRANTS, HOLDS, KEY_BUDGETS, REFUNDS, REQUESTS, Table, USAGE_SLOTS};
use super::{Row, Sql, Statement, StoreError, Transaction, Value};
use crate::billing::Receipt;
use crate::ledger::{AccountId, Credits, Entry, Hash, Operation, PriceBook, SigningKeyId, TransactionId};

/// Rows read or written by one statement: few enough that a page of long memos stays small.
pub const PAGE: usize = 500;

/// A column that dumps had not at first: what was held then was priced by the first price book.
const HOLDS_PRICE_BOOK: (&str, &str) = ("holds", "price_book");

const COUNT_ACCOUNTS: Sql = Sql::both("select count(*) from accounts");

/// One table of the ledger, as a dump has it.
pub struct Section {
    table: &'static Table,
    /// Which columns are its key, in the key's order.
    key: Vec<usize>,
    first: String,
    next: String,
    insert: (String, String),
}

/// The ledger's tables, each after those that it refers to.
pub fn sections() -> &'static [Section] {
    static SECTIONS: LazyLock<Vec<Section>> = LazyLock::new(|| {
        vec![
            Section::new(&ACCOUNTS, &["id"]),
            Section::new(&GRANTS, &["id"]),
            Section::new(&HOLDS, &["id"]),
            Section::new(&ENTRIES, &["account_id", "seq"]),
            Section::new(&REFUNDS, &["charge_id"]),
            Section::new(&KEY_BUDGETS, &["key_id"]),
            Section::new(&REQUESTS, &["scope", "request"]),
            Section::new(&USAGE_SLOTS, &["account_id", "slot", "operation", "key_id"]),
            Section::new(&PLACED_HOLDS, &["hold_id"]),
            Section::new(&SUSPENSIONS, &["account_id", "request"]),
            Section::new(&QUOTES, &["id"]),
            Section::new(&RECURRING_GRANTS, &["id"]),
            Section::new(&ALERT_SETTINGS, &["account_id"]),
            Section::new(&ALERTS, &["account_id", "kind", "episode"]),
            Section::new(&SIGNING_KEYS, &["id"]),
            Section::shared(&PRICE_BOOKS, &["version"]),
        ]
    });
    &SECTIONS
}

impl Section {
    fn new(table: &'static Table, key: &[&str]) -> Self {
        let place = |name: &&str| table.columns.iter().position(|(column, _)| column == name);
        let select = format!("select {} from {}", table.names(""), table.name);
        let names = key.join(", ");
        let places = (1..=key.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        Self {
            table,
            key: key.iter().filter_map(place).collect(),
            first: format!("{select} order by {names} limit {PAGE}"),
            next: format!("{select} where ({names}) > ({places}) order by {names} limit {PAGE}"),
            insert: table.statements(""),
        }
    }

    /// A table that a new house fills by itself: what is there already stays.
    fn shared(table: &'static Table, key: &[&str]) -> Self {
        Self { insert: table.statements("on conflict do nothing"), ..Self::new(table, key) }
    }

    /// The table's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.table.name
    }

    /// Whether its rows are the entries, whose chain can be followed row by row.
    #[must_use]
    pub fn is_entries(&self) -> bool {
        self.table.name == ENTRIES.name
    }

    /// The rows after the given one, at most a page of them; the first ones when none is given.
    pub async fn page(
        &'static self,
        transaction: &mut Transaction,
        after: Option<&Row>,
    ) -> Result<Vec<Row>, StoreError> {
        let Some(row) = after else { return transaction.fetch(Sql::both(&self.first), Vec::new()).await };
        let key = self.key.iter().filter_map(|place| row.values().get(*place).cloned()).collect();
        transaction.fetch(Sql::both(&self.next), key).await
    }

    /// A row as a JSON object, column by column.
    #[must_use]
    pub fn object(&self, row: &Row) -> Json {
        let columns = self.table.columns.iter().zip(row.values());
        let field = |((name, _), value): (&(&'static str, bool), &Value)| ((*name).to_owned(), json_of(value));
        Json::Object(columns.map(field).collect::<Map<_, _>>())
    }

    /// A row from a JSON object, with every value checked.
    ///
    /// # Errors
    /// Says in a sentence which column is missing, unknown or holds what it cannot.
    pub fn row(&self, object: &Map<String, Json>) -> Result<Row, String> {
        if let Some(unknown) = object.keys().find(|name| self.table.columns.iter().all(|(column, _)| column != name)) {
            return Err(format!("{} have no column {unknown:?}", self.table.name));
        }
        let value = |(name, is_int): &(&'static str, bool)| match (object.get(*name), is_int) {
            (None, _) if (self.table.name, *name) == HOLDS_PRICE_BOOK => Ok(Value::Int(1)),
            (None, _) => Err(format!("the column {name} is missing")),
            (Some(Json::Null), true) => Ok(Value::NullInt),
            (Some(Json::Null), false) => Ok(Value::Null),
            (Some(Json::String(text)), false) => Ok(Value::Text(text.clone())),
            (Some(Json::Number(number)), true) => {
                number.as_i64().map(Value::Int).ok_or_else(|| format!("{name} is not a whole number of 64 bits"))
            }
            (Some(_), true) => Err(format!("{name} is not a number")),
            (Some(_), false) => Err(format!("{name} is not a text")),
        };
        let row = Row::new(self.table.columns.iter().map(value).collect::<Result<_, _>>()?);
        self.check(&row).map_err(|error| self.sentence(error))?;
        Ok(row)
    }

    /// Reads the row as the ledger does, so that nothing is written that cannot be read.
    fn check(&self, row: &Row) -> Result<(), StoreError> {
        match self.table.name {
            "accounts" => account_of(row).map(drop),
            "grants" => row.parsed::<AccountId>(1).and(grant_of(row)).map(drop),
            "holds" => row.parsed::<AccountId>(1).and(hold_of(row)).map(drop),
            "entries" => entry_of(row).map(drop),
            "refunds" => {
                row.parsed::<TransactionId>(0)?;
                row.parsed::<AccountId>(1)?;
                row.amount::<Credits>(2).map(drop)
            }
            "key_budgets" => row.parsed::<AccountId>(1).and(key_budget_of(row)).map(drop),
            // A key that was claimed for something that is no order has no answer, and a purpose for a fingerprint.
            "requests" if row.text(3)? == "null" => row.text(2).map(drop),
            "requests" => row.parsed::<Hash>(2).and(parsed_json::<Receipt>(row, 3)).map(drop),
            "usage_slots" => row.parsed::<AccountId>(0).and(row.parsed::<Operation>(2)).map(drop),
            "placed_holds" | "recurring_grants" => row.parsed::<AccountId>(1).map(drop),
            "quotes" => row.parsed::<AccountId>(1).and(row.parsed::<Operation>(3)).map(drop),
            "price_books" => row.amount::<u32>(0).and(parsed_json::<PriceBook>(row, 1)).map(drop),
            "signing_keys" => row.parsed::<SigningKeyId>(0).map(drop),
            _ => row.parsed::<AccountId>(0).map(drop),
        }
    }

    /// A store's complaint about a column, with the column's name for its number.
    fn sentence(&self, error: StoreError) -> String {
        let StoreError::Corrupt(what) = error else { return error.to_string() };
        let named = what.strip_prefix("column ").and_then(|rest| {
            let (number, said) = rest.split_once([' ', ':'])?;
            let (name, _) = self.table.columns.get(number.parse::<usize>().ok()?)?;
            Some(format!("{name}: {}", said.trim_start()))
        });
        named.unwrap_or(what)
    }

    /// The entry that a row of the entries is.
    ///
    /// # Errors
    /// When it is none.
    pub fn entry(&self, row: &Row) -> Result<Entry, StoreError> {
        entry_of(row)
    }

    /// Writes rows that must not be there yet.
    pub async fn insert(&'static self, transaction: &mut Transaction, rows: &[Row]) -> Result<(), StoreError> {
        let rows = rows.iter().map(|row| Json::Array(row.values().iter().map(json_of).collect()));
        let rows = Json::Array(rows.collect()).to_string();
        let sql = Sql::each(&self.insert.0, &self.insert.1);
        transaction.execute(Statement::new(sql, vec![rows.into()])).await.map(drop)
    }
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Int(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Null | Value::NullInt => Json::Null,
    }
}

/// How many accounts a transaction sees.
pub async fn accounts_in(transaction: &mut Transaction) -> Result<i64, StoreError> {
    let rows = transaction.fetch(COUNT_ACCOUNTS, Vec::new()).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}
