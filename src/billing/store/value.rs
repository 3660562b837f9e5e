//! Statements, what they are given and what they give back, whichever database carries them out.

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database did not carry out the statement")]
    Database(#[from] sqlx::Error),
    /// The file of SQLite refused or could not be read or written.
    #[error("the database did not carry out the statement")]
    Sqlite(#[from] rusqlite::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored value is not what was written.
    #[error("the store holds something unreadable: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// Whether a row with the same unique columns stands there already.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.is_unique_violation(),
            Self::Sqlite(error) => {
                matches!(extended(error), Some(SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY))
            }
            _ => false,
        }
    }

    /// Whether the statement itself is at fault, so that another one may fare better. An outage is nobody's fault.
    #[must_use]
    pub fn is_of_the_statement(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                !matches!(error.kind(), sqlx::error::ErrorKind::Other)
                    || error.code().is_some_and(|code| is_data_fault(&code))
            }
            Self::Sqlite(error) => match error.sqlite_error_code() {
                // SQLite's plain "error" is what is wrong with the text of a statement.
                Some(code) => matches!(code, ErrorCode::ConstraintViolation | ErrorCode::Unknown),
                // What the driver itself refused: a text with a NUL in it, an argument too many.
                None => true,
            },
            Self::Corrupt(_) => true,
            Self::Database(_) | Self::Migration(_) => false,
        }
    }

    /// Whether another process holds SQLite's lock.
    #[must_use]
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
    }
}

/// What a column holds or a placeholder is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A BIGINT.
    Int(i64),
    /// A TEXT.
    Text(String),
    /// A missing TEXT.
    Null,
    /// A missing BIGINT.
    NullInt,
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::NullInt, Self::Int)
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }
}

/// A statement's text; two where the dialects differ.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Sql {
    /// One text that both understand.
    #[must_use]
    pub const fn both(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }

    /// One text for each.
    #[must_use]
    pub const fn each(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
}

/// A write with its arguments, for a transaction to carry out.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What to do.
    pub sql: Sql,
    /// With what, in the order of `$1 $2 …`.
    pub args: Vec<Value>,
}

impl Statement {
    /// A write with its arguments.
    #[must_use]
    pub const fn new(sql: Sql, args: Vec<Value>) -> Self {
        Self { sql, args }
    }
}

/// A row as read.
#[derive(Clone, Debug)]
pub struct Row(Vec<Value>);

impl Row {
    pub(super) const fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// How many columns there are.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.len()
    }

    /// Every column, in order.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    /// The number in a column.
    ///
    /// # Errors
    /// When the column is missing, null or text.
    pub fn int(&self, index: usize) -> Result<i64, StoreError> {
        self.maybe_int(index)?.ok_or_else(|| StoreError::Corrupt(format!("column {index} is null")))
    }

    /// The text in a column.
    ///
    /// # Errors
    /// When the column is missing, null or a number.
    pub fn text(&self, index: usize) -> Result<String, StoreError> {
        self.maybe_text(index)?.ok_or_else(|| StoreError::Corrupt(format!("column {index} is null")))
    }

    /// The number in a column that may be null.
    ///
    /// # Errors
    /// When the column is missing or text.
    pub fn maybe_int(&self, index: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get(index) {
            Some(Value::Int(value)) => Ok(Some(*value)),
            Some(Value::Null | Value::NullInt) => Ok(None),
            other => Err(StoreError::Corrupt(format!("column {index} is not a number: {other:?}"))),
        }
    }

    /// The text in a column that may be null.
    ///
    /// # Errors
    /// When the column is missing or a number.
    pub fn maybe_text(&self, index: usize) -> Result<Option<String>, StoreError> {
        match self.0.get(index) {
            Some(Value::Text(value)) => Ok(Some(value.clone())),
            Some(Value::Null | Value::NullInt) => Ok(None),
            other => Err(StoreError::Corrupt(format!("column {index} is not a text: {other:?}"))),
        }
    }

    /// The amount in a column: credits, cents, or another number of fewer values than a BIGINT.
    ///
    /// # Errors
    /// When the column is missing, null, text, or out of range.
    pub fn amount<T: TryFrom<i64>>(&self, index: usize) -> Result<T, StoreError> {
        T::try_from(self.int(index)?).map_err(|_| StoreError::Corrupt(format!("column {index} is out of range")))
    }

    /// The parsed text in a column: an id, a name, a hash.
    ///
    /// # Errors
    /// When the column is missing, null, a number, or not the text of a `T`.
    pub fn parsed<T: std::str::FromStr>(&self, index: usize) -> Result<T, StoreError> {
        let text = self.text(index)?;
        text.parse().map_err(|_| StoreError::Corrupt(format!("column {index} holds {text:?}")))
    }
}

fn extended(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

/// PostgreSQL's classes 22 (data), 23 (constraint), 40 (serialization and deadlock) and 42 (statement): what is wrong
/// with the statement rather than with the database.
fn is_data_fault(code: &str) -> bool {
    code.len() == 5 && ["22", "23", "40", "42"].iter().any(|class| code.starts_with(class))
}
