//! Looking for accounts, as an operator does.

use super::rows::list;
use super::{Database, Sql, Statement, StoreError};
use crate::ledger::AccountId;

const FOUND: Sql = Sql::each(
    "select id from accounts
     where id < $1 and (lower(name) like $2 escape '!' or id = $3 or id in (select value from json_each($4)))
     order by id desc limit $5",
    "select id from accounts
     where id < $1 and (lower(name) like $2 escape '!' or id = $3
       or id = any (array(select jsonb_array_elements_text($4::jsonb))))
     order by id desc limit $5",
);
const RENAME: Sql = Sql::both("update accounts set name = $1 where id = $2");
/// Greater than every id, in every collation: a ULID begins with 0 to 7.
const AFTER_ALL: &str = "ACC_8";

/// Sets an account's name and carries out what goes along; false when there is no such account.
pub async fn rename_account(
    database: &Database,
    account: AccountId,
    name: &str,
    along: Vec<Statement>,
) -> Result<bool, StoreError> {
    let mut transaction = database.begin().await?;
    if transaction.execute(Statement::new(RENAME, vec![name.into(), account.to_string().into()])).await? == 0 {
        return Ok(false);
    }
    for statement in along {
        transaction.execute(statement).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

/// The ids of accounts whose name contains the text, whose id it is, or that are among `others`; the newest first.
pub async fn accounts_found(
    database: &Database,
    text: &str,
    others: &[AccountId],
    before: Option<AccountId>,
    limit: i64,
) -> Result<Vec<AccountId>, StoreError> {
    let before = before.map_or_else(|| AFTER_ALL.to_owned(), |id| id.to_string());
    let escaped = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let args =
        vec![before.into(), format!("%{escaped}%").into(), text.to_uppercase().into(), list(others), limit.into()];
    database.scan(FOUND, args).await?.iter().map(|row| row.parsed(0)).collect()
}
