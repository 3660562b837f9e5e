//! One statement on a connection to SQLite: its arguments in, its rows out.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use rusqlite::types::{Null, ValueRef};
use rusqlite::{Connection, Statement};
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use super::database::WAIT_SECONDS;
use super::tables::Table;
use super::{Row, StoreError, Value};

/// Reads rows.
pub(super) fn fetch(connection: &Connection, text: &str, args: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(text)?;
    bind(&mut statement, args)?;
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..width).map(|index| value_of(row.get_ref(index)?, index));
        found.push(Row::new(values.collect::<Result<_, StoreError>>()?));
    }
    Ok(found)
}

/// Writes, and says how many rows were touched.
pub(super) fn execute(connection: &Connection, text: &str, args: &[Value]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(text)?;
    bind(&mut statement, args)?;
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(connection.changes())
}

/// Carries out something without arguments; what another process has locked is not waited for.
pub(super) fn fetch_at_once(connection: &Connection, text: &str) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::ZERO)?;
    let done = execute(connection, text, &[]);
    connection.busy_timeout(Duration::from_secs(WAIT_SECONDS))?;
    done.map(drop)
}

/// Inserts or updates the rows in a JSON array of arrays, each by itself: SQLite is quicker at that than at taking JSON
/// apart, and a statement of one row needs no journal of its own.
pub(super) fn insert(connection: &Connection, table: &'static Table, rows: &str) -> Result<(), StoreError> {
    let rows: Vec<Vec<Cell<'_>>> = serde_json::from_str(rows).map_err(unreadable)?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(table.insert_one())?;
    for row in rows {
        for (place, cell) in (1..).zip(row) {
            match cell {
                Cell::Null => statement.raw_bind_parameter(place, Null)?,
                Cell::Int(number) => statement.raw_bind_parameter(place, number)?,
                Cell::Text(text) => statement.raw_bind_parameter(place, text.as_ref())?,
            }
        }
        let mut done = statement.raw_query();
        while done.next()?.is_some() {}
    }
    Ok(())
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("rows to be written: {error}"))
}

/// `$3` is the third argument, wherever it stands: SQLite itself counts such names as they come.
fn bind(statement: &mut Statement<'_>, args: &[Value]) -> Result<(), StoreError> {
    for place in 1..=statement.parameter_count() {
        let number = statement.parameter_name(place).and_then(|name| name.get(1..)?.parse::<usize>().ok());
        let arg = number.and_then(|number| args.get(number.checked_sub(1)?));
        match arg.ok_or_else(|| StoreError::Corrupt(format!("argument {place} of a statement is missing")))? {
            Value::Int(number) => statement.raw_bind_parameter(place, number)?,
            Value::Text(text) => statement.raw_bind_parameter(place, text)?,
            Value::Null | Value::NullInt => statement.raw_bind_parameter(place, Null)?,
        }
    }
    Ok(())
}

fn value_of(value: ValueRef<'_>, index: usize) -> Result<Value, StoreError> {
    let is = |what: &str| StoreError::Corrupt(format!("column {index} is {what}"));
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map(Value::from).map_err(|_| is("a text that is not UTF-8"))
        }
        ValueRef::Real(_) => Err(is("REAL")),
        ValueRef::Blob(_) => Err(is("BLOB")),
    }
}

/// One value of a row on its way in.
enum Cell<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
}

impl<'de> Deserialize<'de> for Cell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a whole number, a text or null")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cell::Null)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cell::Int(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        i64::try_from(number).map(Cell::Int).map_err(E::custom)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch("create table things (name text primary key, size bigint)").expect("a table");
        connection
    }

    #[test]
    fn arguments_are_found_by_their_number_however_they_are_strewn() {
        let connection = connection();
        let args = [Value::from("a"), Value::from(7_i64)];
        let written = execute(&connection, "insert into things (size, name) values ($2, $1)", &args);
        assert_eq!(written.expect("written"), 1);
        let found = fetch(&connection, "select size, name, $2, null from things where name = $1", &args).expect("read");
        let expected = [Value::Int(7), Value::from("a"), Value::Int(7), Value::Null];
        assert_eq!(found.first().map(Row::values), Some(&expected[..]));
        let missing = fetch(&connection, "select $3", &args);
        assert!(matches!(missing, Err(StoreError::Corrupt(_))), "{missing:?}");
    }

    #[test]
    fn what_is_no_number_and_no_text_is_corrupt() {
        let connection = connection();
        for strange in ["select 1.5", "select x'00'", "select cast(x'ff' as text)"] {
            assert!(matches!(fetch(&connection, strange, &[]), Err(StoreError::Corrupt(_))), "{strange}");
        }
    }

    #[test]
    fn a_row_that_is_there_already_is_told_from_an_outage() {
        let connection = connection();
        let insert = "insert into things (name) values ($1)";
        execute(&connection, insert, &["a".into()]).expect("the first");
        let again = execute(&connection, insert, &["a".into()]).expect_err("the second");
        assert!(again.is_unique_violation() && again.is_of_the_statement() && !again.is_busy(), "{again:?}");
        let nonsense = execute(&connection, "insert into nothing values (1)", &[]).expect_err("no such table");
        assert!(nonsense.is_of_the_statement() && !nonsense.is_unique_violation(), "{nonsense:?}");
    }
}
