//! The receipt that every answer about moved credits carries: enough to find the entry and check the chain.

use serde::Serialize;
use utoipa::ToSchema;

use super::fields::Moment;
use crate::billing::Receipt;
use crate::ledger::{Hash, Timestamp, TransactionId};

/// Names the ledger entry and its place in the account's hash chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptAnswer {
    #[schema(example = "TXN_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    transaction_id: Option<String>,
    /// The entry's place in the account's chain.
    seq: i64,
    /// The chain's hash after it: SHA-256 in hexadecimal.
    hash: String,
    at: Moment,
}

impl From<&Receipt> for ReceiptAnswer {
    fn from(receipt: &Receipt) -> Self {
        Self::new(receipt.transaction, receipt.seq, &receipt.hash, receipt.at)
    }
}

impl ReceiptAnswer {
    pub fn new(transaction: Option<TransactionId>, seq: i64, hash: &Hash, at: Timestamp) -> Self {
        let transaction_id = transaction.map(|id| id.to_string());
        Self { transaction_id, seq, hash: hash.to_string(), at: Moment(at) }
    }
}
