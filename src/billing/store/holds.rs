//! Single holds, and which of them were placed over REST.

use super::rows::hold_of;
use super::tables::ONE_HOLD;
use super::{Database, Sql, Statement, StoreError};
use crate::ledger::{AccountId, Hold, HoldId};

const PLACE: Sql = Sql::both("insert into placed_holds (hold_id, account_id) values ($1, $2)");

const IS_PLACED: Sql = Sql::both("select cast(count(*) as bigint) from placed_holds where hold_id = $1");

/// Marks a hold as placed by a caller, who then settles it.
pub fn place_hold(account: AccountId, hold: HoldId) -> Statement {
    Statement::new(PLACE, vec![hold.to_string().into(), account.to_string().into()])
}

/// A hold as it was last written, and whose it is.
pub async fn hold(database: &Database, id: HoldId) -> Result<Option<(AccountId, Hold)>, StoreError> {
    let row = database.fetch_one(ONE_HOLD.get(), vec![id.to_string().into()]).await?;
    row.map(|row| Ok((row.parsed(1)?, hold_of(&row)?))).transpose()
}

/// Whether a caller placed the hold, rather than a service.
pub async fn is_placed(database: &Database, id: HoldId) -> Result<bool, StoreError> {
    let row = database.fetch_one(IS_PLACED, vec![id.to_string().into()]).await?;
    row.map_or(Ok(false), |row| Ok(row.int(0)? > 0))
}
