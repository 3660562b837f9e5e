//! Which accounts an automatic purchase may have something to do for. The rule is the payments room's and the balance the
//! ledger's: one query over both, so that a look every few seconds costs as much as there is to do.

use super::{Database, Sql, StoreError};
use crate::ledger::{AccountId, Timestamp};

const TO_TOP_UP: Sql = Sql::both(
    "select t.account_id from auto_topups t
     join accounts a on a.id = t.account_id
     left join stripe_customers c on c.account = t.account_id
     left join purchases p on p.id = t.attempt
     where t.enabled = 1 and (p.paid_at is not null or (t.wait_until <= $1 and (
       (t.halted is null and t.attempt is not null)
       or (a.available < t.threshold and a.suspended = 0
         and (t.halted is null or coalesce(c.payment_method, '') <> coalesce(t.halted_card, ''))))))
     order by t.wait_until, t.account_id limit $2",
);

/// The accounts whose rule for automatic purchases has something to decide, those that wait longest first.
///
/// # Errors
/// When the database does not answer.
pub async fn accounts_to_top_up(database: &Database, now: Timestamp, limit: i64) -> Result<Vec<AccountId>, StoreError> {
    let rows = database.fetch(TO_TOP_UP, vec![now.millis().into(), limit.into()]).await?;
    rows.iter().map(|row| row.parsed(0)).collect()
}
