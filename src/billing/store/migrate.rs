//! The schema's history, compiled in. One name for both dialects.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

macro_rules! history {
    ($dialect:literal) => {
        history!(
            $dialect: 1 "0001_ledger", 2 "0002_identity", 3 "0003_mail", 4 "0004_payments", 5 "0005_verifications",
            6 "0006_reports", 7 "0007_signing", 8 "0008_charging", 9 "0009_verdicts", 10 "0010_answers", 11 "0011_sentinel",
            12 "0012_money_back", 13 "0013_cards", 14 "0014_people", 15 "0015_keys_webhooks", 17 "0017_reconciliation",
            18 "0018_shares", 21 "0021_sealing", 22 "0022_tries_makers", 23 "0023_mismatches", 25 "0025_sentinel_stops",
            26 "0026_write_answers", 27 "0027_price_books"
        )
    };
    ($dialect:literal: $($version:literal $name:literal),+) => {
        Migrator::with_migrations(vec![$(
            Migration::new(
                $version,
                Cow::Borrowed($name),
                MigrationType::Simple,
                include_str!(concat!("../../../migrations/", $dialect, "/", $name, ".sql")).into_sql_str(),
                false,
            ),
        )+])
    };
}

/// The history on SQLite.
pub(super) fn sqlite() -> Migrator {
    history!("sqlite")
}

/// The history on PostgreSQL.
pub(super) fn postgres() -> Migrator {
    history!("postgres")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_version_that_fills_a_gap_reaches_databases_that_are_further_on() {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("old.db").display());
        let pool = sqlx::SqlitePool::connect(&url).await.expect("a database");
        let history = sqlite();
        let older =
            history.iter().filter(|migration| migration.version != 12 && migration.version < 23).cloned().collect();
        Migrator::with_migrations(older).run(&pool).await.expect("an older schema");
        let has_column = "select count(*) from pragma_table_info('purchases') where name = 'money_back'";
        let count = async || sqlx::query_scalar::<_, i64>(has_column).fetch_one(&pool).await.expect("a count");
        assert_eq!(count().await, 0);
        history.run(&pool).await.expect("brought up to date");
        assert_eq!(count().await, 1);
    }
}
