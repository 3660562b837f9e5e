//! Disputes: raised by a test card or by hand, answered with evidence, won or lost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::list::Page;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, new_id};
use crate::payments::sandbox::words::{Word, word};

use super::balance_transaction::{self, Kind};

/// How long Stripe waits for evidence.
const EVIDENCE_SECONDS: i64 = 9 * 86_400;

/// Evidence in words; what Stripe takes as a file is refused.
const EVIDENCE: [&str; 18] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
];
const FILES: [&str; 9] = [
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
];

/// Why card holders dispute, of Stripe's reasons those that its test cards raise.
pub const REASONS: [&str; 4] = ["fraudulent", "product_not_received", "duplicate", "general"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    pub fn is_open(self) -> bool {
        matches!(self, Self::NeedsResponse | Self::UnderReview)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    #[serde(deserialize_with = "word")]
    pub currency: Word,
    pub charge: String,
    pub payment_intent: String,
    #[serde(deserialize_with = "word")]
    pub brand: Word,
    #[serde(deserialize_with = "word")]
    pub reason: Word,
    pub status: Status,
    pub evidence: BTreeMap<String, String>,
    pub submissions: i64,
    pub metadata: Metadata,
    /// Whole objects, as Stripe shows them here.
    pub movements: Vec<Value>,
}

impl Dispute {
    fn evidence(&self) -> Value {
        let mut evidence: serde_json::Map<String, Value> =
            FILES.iter().chain(&EVIDENCE).map(|field| ((*field).to_owned(), Value::Null)).collect();
        evidence.extend(self.evidence.iter().map(|(field, text)| (field.clone(), text.as_str().into())));
        evidence.insert("enhanced_evidence".to_owned(), json!({}));
        Value::Object(evidence)
    }
}

impl Object for Dispute {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": self.movements,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": self.evidence(),
            "evidence_details": {
                "due_by": self.created + EVIDENCE_SECONDS,
                "enhanced_eligibility": {},
                "has_evidence": !self.evidence.is_empty(),
                "past_due": false,
                "submission_count": self.submissions,
            },
            "is_charge_refundable": false,
            "livemode": false,
            "metadata": self.metadata,
            "network_reason_code": "10.4",
            "payment_intent": self.payment_intent,
            "payment_method_details": {
                "card": { "brand": self.brand, "case_type": "chargeback", "network": self.brand, "network_reason_code": "10.4" },
                "type": "card",
            },
            "reason": self.reason,
            "status": self.status.word(),
        })
    }
}

/// The card holder disputes what is left of a charge: the money leaves at once.
///
/// # Errors
/// Refuses a charge that brought nothing, or that is disputed already.
pub fn open(desk: &mut Desk, charge: &str, reason: &'static str) -> Result<Value, ApiError> {
    let found = desk.store.charges.get(charge).cloned();
    let charge = found.ok_or_else(|| ApiError::no_such_reference("charge", charge, "charge"))?;
    let amount = charge.amount - charge.amount_refunded;
    if !charge.is_paid() || charge.disputed || amount == 0 {
        return Err(ApiError::invalid("Only a paid charge that is neither refunded nor disputed can be disputed.")
            .param("charge"));
    }
    let id = new_id("du_");
    let movement = balance_transaction::book(desk, Kind::Dispute, -amount, charge.currency, &id);
    let brand = desk.store.payment_methods.get(&charge.payment_method).map_or("visa", |kept| kept.card.brand);
    let dispute = Dispute {
        id,
        created: desk.now,
        amount,
        currency: charge.currency,
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent,
        brand,
        reason,
        status: Status::NeedsResponse,
        evidence: BTreeMap::new(),
        submissions: 0,
        metadata: Metadata::new(),
        movements: vec![movement.render()],
    };
    let shape = dispute.render();
    desk.store.disputes.put(dispute);
    if let Some(kept) = desk.store.charges.get_mut(&charge.id) {
        kept.disputed = true;
    }
    desk.emit("charge.dispute.created", shape.clone());
    desk.emit("charge.dispute.funds_withdrawn", shape.clone());
    Ok(shape)
}

pub fn find<'a>(desk: &'a Desk, id: &str) -> Result<&'a Dispute, ApiError> {
    desk.store.disputes.get(id).ok_or_else(|| ApiError::no_such("dispute", id, "dispute"))
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find(desk, id).map(Object::render)
}

/// Takes evidence; Stripe's two magic words decide at once.
pub fn update(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut dispute = open_one(desk, id)?;
    params.merge_metadata(&mut dispute.metadata)?;
    let submits = params.flag("submit")?.unwrap_or(true);
    let mut given = false;
    if let Some(mut evidence) = params.group("evidence")? {
        evidence.refuse(&FILES)?;
        evidence.refuse(&["enhanced_evidence"])?;
        for field in EVIDENCE {
            if let Some(text) = evidence.text(field)? {
                dispute.evidence.insert(field.to_owned(), text);
                given = true;
            }
        }
        evidence.finish()?;
    }
    params.finish()?;
    let submitted = given && submits;
    if submitted {
        dispute.submissions += 1;
        dispute.status = Status::UnderReview;
    }
    let word = dispute.evidence.get("uncategorized_text").cloned();
    let shape = dispute.render();
    put_back(desk, dispute);
    desk.emit("charge.dispute.updated", shape);
    match word.as_deref() {
        Some("winning_evidence") if submitted => decide(desk, id, true),
        Some("losing_evidence") if submitted => decide(desk, id, false),
        _ => retrieve(desk, id),
    }
}

/// Gives up: the dispute is lost.
pub fn close(desk: &mut Desk, id: &str, params: Params) -> Result<Value, ApiError> {
    params.finish()?;
    decide(desk, id, false)
}

/// The bank's decision.
///
/// # Errors
/// Refuses a dispute that is decided already.
pub fn decide(desk: &mut Desk, id: &str, won: bool) -> Result<Value, ApiError> {
    let mut dispute = open_one(desk, id)?;
    dispute.status = if won { Status::Won } else { Status::Lost };
    if won {
        let movement = balance_transaction::book(desk, Kind::DisputeReversal, dispute.amount, dispute.currency, id);
        dispute.movements.push(movement.render());
    }
    let shape = dispute.render();
    put_back(desk, dispute);
    if won {
        desk.emit("charge.dispute.funds_reinstated", shape.clone());
    }
    desk.emit("charge.dispute.closed", shape.clone());
    Ok(shape)
}

fn open_one(desk: &Desk, id: &str) -> Result<Dispute, ApiError> {
    let dispute = find(desk, id)?;
    if dispute.status.is_open() {
        return Ok(dispute.clone());
    }
    Err(ApiError::invalid("This dispute is already closed").code("dispute_already_closed"))
}

fn put_back(desk: &mut Desk, dispute: Dispute) {
    if let Some(kept) = desk.store.disputes.get_mut(&dispute.id) {
        *kept = dispute;
    }
}

pub fn list(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let charge = params.text("charge")?;
    let intent = params.text("payment_intent")?;
    params.finish()?;
    page.of(&desk.store.disputes, "dispute", url, |dispute| {
        charge.as_deref().is_none_or(|charge| charge == dispute.charge)
            && intent.as_deref().is_none_or(|intent| intent == dispute.payment_intent)
    })
}
