//! Budgets of API keys, and what a key had spent before it was given one.

use std::collections::BTreeSet;

use serde_json::json;

use super::ledger::Loaded;
use super::rows::key_budget_of;
use super::tables::KEY_BUDGETS_OF;
use super::{Database, Sql, StoreError, Transaction};
use crate::billing::windows::month_begin;
use crate::ledger::{AccountId, Budget, KeyBudget, KeyId, Timestamp, month_of};

/// What a key spent since a moment by the roll-ups, and what it holds open from since then.
const KEY_USED: Sql = Sql::both(
    "select cast(coalesce((select sum(credits) from usage_slots
         where account_id = $1 and key_id = $2 and slot >= $3), 0)
       + coalesce((select sum(amount) from holds
         where account_id = $1 and key_id = $2 and state = 'open' and held_at >= $3), 0) as bigint)",
);

/// The budgets of an account's keys.
pub async fn key_budgets(database: &Database, account: AccountId) -> Result<Vec<KeyBudget>, StoreError> {
    let rows = database.fetch(KEY_BUDGETS_OF.get(), vec![json!([account]).to_string().into()]).await?;
    rows.iter().map(key_budget_of).collect()
}

/// Brings along the keys that are about to get their first budget, with what they have used of this month. Behind the
/// account's lock, so that no charge falls between the count and the budget.
pub async fn count_keys(
    transaction: &mut Transaction,
    keys: &BTreeSet<(AccountId, KeyId)>,
    loaded: &mut Loaded,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (id, key) in keys {
        let Some(account) = loaded.accounts.get_mut(id) else { continue };
        if account.budgets.keys.iter().any(|known| known.key == *key) {
            continue;
        }
        let args = vec![id.to_string().into(), key.to_string().into(), month_begin(now).millis().into()];
        let rows = transaction.fetch(KEY_USED, args).await?;
        let used = rows.first().map(|row| row.amount(0)).transpose()?.unwrap_or_default();
        account.budgets.keys.push(KeyBudget { key: *key, month: Budget { limit: None, window: month_of(now), used } });
    }
    Ok(())
}
