//! What a receipt says about one entry, before it is signed.

use serde_json::{Value, json};

use super::Entry;

/// The fields of an entry's receipt. The signature covers their canonical form.
#[must_use]
pub fn receipt(entry: &Entry) -> Value {
    json!({
        "account": entry.account,
        "transaction": entry.id,
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "amount": entry.amount,
        "balance": entry.balance,
        "operation": entry.operation,
        "quantity": entry.quantity,
        "refunds": entry.refunds,
        "price_book": entry.price_book,
        "request": entry.request,
        "hash": entry.hash,
    })
}
