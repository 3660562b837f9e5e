//! Charges: one for every time a bank was asked. Read only from outside.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::cards::Decline;
use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::list::Page;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object};
use crate::payments::sandbox::words::{Word, word};

use super::with_nulls;

/// Fields of the shape that are always null here.
const NULLS: [&str; 15] = [
    "application",
    "application_fee",
    "application_fee_amount",
    "failure_balance_transaction",
    "on_behalf_of",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Charge {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    #[serde(deserialize_with = "word")]
    pub currency: Word,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub payment_intent: String,
    pub payment_method: String,
    pub receipt_email: Option<String>,
    pub metadata: Metadata,
    pub billing_details: Value,
    pub payment_method_details: Value,
    /// Whether the bank still has to say.
    pub pending: bool,
    pub amount_refunded: i64,
    pub disputed: bool,
    pub balance_transaction: Option<String>,
    /// Why the bank said no; `None` when the money moved.
    pub decline: Option<Decline>,
}

impl Charge {
    /// Whether the money came.
    pub fn is_paid(&self) -> bool {
        self.decline.is_none() && !self.pending
    }

    fn outcome(&self) -> Value {
        let (advice, status, reason, sentence, kind) = match self.decline {
            None => (Value::Null, "approved_by_network", None, "Payment complete.", "authorized"),
            Some(decline) => (
                decline.error().field("advice_code").clone(),
                "declined_by_network",
                Some(decline.reason()),
                "The bank returned the decline code shown as the reason.",
                "issuer_declined",
            ),
        };
        json!({
            "advice_code": advice,
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": status,
            "reason": reason,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": sentence,
            "type": kind,
        })
    }
}

impl Object for Charge {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let paid = self.is_paid();
        let status = match self.decline {
            Some(_) => "failed",
            None if self.pending => "pending",
            None => "succeeded",
        };
        let object = json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": if paid { self.amount } else { 0 },
            "amount_refunded": self.amount_refunded,
            "balance_transaction": self.balance_transaction,
            "billing_details": self.billing_details,
            "calculated_statement_descriptor": "SANDBOX",
            "captured": paid,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "disputed": self.disputed,
            "failure_code": self.decline.map(Decline::code),
            "failure_message": self.decline.map(Decline::message),
            "fraud_details": {},
            "livemode": false,
            "metadata": self.metadata,
            "outcome": self.outcome(),
            "paid": paid,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "payment_method_details": self.payment_method_details,
            "receipt_email": self.receipt_email,
            "refunded": self.amount_refunded > 0 && self.amount_refunded == self.amount,
            "status": status,
        });
        with_nulls(object, &NULLS)
    }
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    let charge = desk.store.charges.get(id);
    charge.map(Object::render).ok_or_else(|| ApiError::no_such("charge", id, "id"))
}

pub fn list(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let customer = params.text("customer")?;
    let intent = params.text("payment_intent")?;
    params.refuse(&["transfer_group"])?;
    params.finish()?;
    page.of(&desk.store.charges, "charge", url, |charge| {
        (customer.is_none() || charge.customer == customer)
            && intent.as_deref().is_none_or(|intent| intent == charge.payment_intent)
    })
}
