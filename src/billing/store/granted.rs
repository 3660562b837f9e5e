//! Grants by the purchase that they came from.

use super::rows::list;
use super::{Database, Sql, StoreError};
use crate::billing::GrantedCredits;
use crate::ledger::PurchaseId;

const GRANTED: Sql = Sql::each(
    "select g.purchase_id, g.size, g.reversed, g.paid_cents from json_each($1) j
     cross join grants g on g.purchase_id = j.value",
    "select g.purchase_id, g.size, g.reversed, g.paid_cents from grants g
     where g.purchase_id = any (array(select jsonb_array_elements_text($1::jsonb)))",
);

/// What these purchases granted, for those that did.
pub async fn granted_by(
    database: &Database,
    purchases: &[PurchaseId],
) -> Result<Vec<(PurchaseId, GrantedCredits)>, StoreError> {
    let rows = database.fetch(GRANTED, vec![list(purchases)]).await?;
    let read = |row: &super::Row| {
        let credits = GrantedCredits { size: row.amount(1)?, reversed: row.amount(2)?, paid: row.amount(3)? };
        Ok((row.parsed(0)?, credits))
    };
    rows.iter().map(read).collect()
}
