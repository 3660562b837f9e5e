//! The balance's movements: every charge, refund and dispute as money in or out. Read only from outside.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::list::Page;
use crate::payments::sandbox::params::Params;
use crate::payments::sandbox::state::{Desk, Object, new_id};
use crate::payments::sandbox::words::{Word, word};

/// Stripe's fee for a card: 2.9 % and 30 cents, in ten-thousandths and cents.
const FEE_PER_TEN_THOUSAND: i64 = 290;
const FEE_FIXED: i64 = 30;
/// What Stripe takes for a dispute.
const DISPUTE_FEE: i64 = 1_500;
/// When money can be paid out.
const AVAILABLE_SECONDS: i64 = 2 * 86_400;

/// Why money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Charge,
    Refund,
    RefundFailure,
    Dispute,
    DisputeReversal,
}

impl Kind {
    /// Stripe's type and reporting category.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Charge => ("charge", "charge"),
            Self::Refund => ("refund", "refund"),
            Self::RefundFailure => ("refund_failure", "refund_failure"),
            Self::Dispute => ("adjustment", "dispute"),
            Self::DisputeReversal => ("adjustment", "dispute_reversal"),
        }
    }

    fn fee(self, amount: i64) -> i64 {
        match self {
            Self::Charge => amount * FEE_PER_TEN_THOUSAND / 10_000 + FEE_FIXED,
            Self::Dispute => DISPUTE_FEE,
            Self::Refund | Self::RefundFailure | Self::DisputeReversal => 0,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BalanceTransaction {
    pub id: String,
    pub created: i64,
    pub kind: Kind,
    /// Cents, negative when money leaves.
    pub amount: i64,
    #[serde(deserialize_with = "word")]
    pub currency: Word,
    /// The charge, refund or dispute.
    pub source: String,
}

impl Object for BalanceTransaction {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let (kind, category) = self.kind.words();
        let fee = self.kind.fee(self.amount);
        let details = json!([{ "amount": fee, "application": null, "currency": self.currency,
            "description": "Stripe processing fees", "type": "stripe_fee" }]);
        json!({
            "id": self.id,
            "object": "balance_transaction",
            "amount": self.amount,
            "available_on": self.created + AVAILABLE_SECONDS,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "description": null,
            "exchange_rate": null,
            "fee": fee,
            "fee_details": if fee == 0 { json!([]) } else { details },
            "net": self.amount - fee,
            "reporting_category": category,
            "source": self.source,
            "status": "pending",
            "type": kind,
        })
    }
}

/// Writes a movement down.
pub fn book(desk: &mut Desk, kind: Kind, amount: i64, currency: &'static str, source: &str) -> BalanceTransaction {
    let movement =
        BalanceTransaction { id: new_id("txn_"), created: desk.now, kind, amount, currency, source: source.to_owned() };
    desk.store.balance_transactions.put(movement.clone());
    movement
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    let movement = desk.store.balance_transactions.get(id);
    movement.map(Object::render).ok_or_else(|| ApiError::no_such("balance_transaction", id, "id"))
}

pub fn list(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let kind = params.text("type")?;
    let source = params.text("source")?;
    let currency = params.text("currency")?;
    params.refuse(&["payout"])?;
    params.finish()?;
    page.of(&desk.store.balance_transactions, "balance_transaction", url, |movement| {
        kind.as_deref().is_none_or(|kind| kind == movement.kind.words().0)
            && source.as_deref().is_none_or(|source| source == movement.source)
            && currency.as_deref().is_none_or(|currency| currency == movement.currency)
    })
}
