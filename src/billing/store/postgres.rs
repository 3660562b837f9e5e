//! PostgreSQL: a pool of connections, and statements over it.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{Column, Executor, PgPool, Postgres, Row as _, TypeInfo};

use super::database::WAIT_SECONDS;
use super::{Row, StoreError, Value, migrate};

/// How long one statement may take, and how long a transaction may stand still.
const STATEMENT_SECONDS: u64 = 60;
/// Connections from one server.
const CONNECTIONS: u32 = 16;

/// Connects, and brings the schema up to date.
pub(super) async fn connect(url: &str) -> Result<PgPool, StoreError> {
    let wait = format!("{WAIT_SECONDS}s");
    let long = format!("{STATEMENT_SECONDS}s");
    // A server that hangs with rows locked must not take the others with it.
    let options = PgConnectOptions::from_str(url)?.options([
        ("lock_timeout", wait.as_str()),
        ("statement_timeout", long.as_str()),
        ("idle_in_transaction_session_timeout", long.as_str()),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(Duration::from_secs(WAIT_SECONDS))
        .connect_with(options)
        .await?;
    migrate::postgres().run(&pool).await?;
    Ok(pool)
}

/// Reads rows.
pub(super) async fn fetch<'e>(
    executor: impl Executor<'e, Database = Postgres>,
    text: &'static str,
    args: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let rows = executor.fetch_all(query(text, args)).await?;
    rows.iter().map(read).collect()
}

/// Writes, and says how many rows were touched.
pub(super) async fn execute<'e>(
    executor: impl Executor<'e, Database = Postgres>,
    text: &'static str,
    args: Vec<Value>,
) -> Result<u64, StoreError> {
    Ok(executor.execute(query(text, args)).await?.rows_affected())
}

fn query(text: &'static str, args: Vec<Value>) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    args.into_iter().fold(sqlx::query(text), |query, arg| match arg {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Null => query.bind(None::<String>),
        Value::NullInt => query.bind(None::<i64>),
    })
}

fn read(row: &PgRow) -> Result<Row, StoreError> {
    let values = row.columns().iter().enumerate().map(|(index, column)| {
        Ok(match column.type_info().name() {
            "INT8" => row.try_get::<Option<i64>, _>(index)?.map_or(Value::NullInt, Value::Int),
            "INT4" => row.try_get::<Option<i32>, _>(index)?.map_or(Value::NullInt, |value| Value::Int(value.into())),
            "TEXT" => row.try_get::<Option<String>, _>(index)?.map_or(Value::Null, Value::Text),
            other => return Err(StoreError::Corrupt(format!("column {index} is {other}"))),
        })
    });
    values.collect::<Result<_, _>>().map(Row::new)
}
