//! Refunds: whole or in parts, and those that the customer's bank sends back days later.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::cards::Later;
use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::list::Page;
use crate::payments::sandbox::money::Currency;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Due, Object, new_id};
use crate::payments::sandbox::words::{Word, maybe_word, word};

use super::balance_transaction::{self, Kind};
use super::charge::Charge;
use super::with_nulls;

/// How long the bank takes to send a refund back, or to take it in when it is slow.
const BANK_SECONDS: i64 = 5;

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Pending,
    Succeeded,
    Failed,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

const NULLS: [&str; 5] =
    ["description", "receipt_number", "source_transfer_reversal", "transfer_reversal", "customer_account"];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    #[serde(deserialize_with = "word")]
    pub currency: Word,
    pub charge: String,
    pub payment_intent: String,
    pub payment_method: String,
    pub customer: Option<String>,
    #[serde(deserialize_with = "maybe_word")]
    pub reason: Option<Word>,
    pub status: Status,
    pub metadata: Metadata,
    pub balance_transaction: String,
    pub failure_balance_transaction: Option<String>,
}

impl Object for Refund {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let card = json!({ "reference": null, "reference_status": "pending", "reference_type": "acquirer_reference_number",
            "type": "refund" });
        let mut object = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": self.balance_transaction,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "destination_details": { "card": card, "type": "card" },
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "reason": self.reason,
            "status": self.status.word(),
        });
        if self.status == Status::Failed {
            object["failure_reason"] = "unknown".into();
            object["failure_balance_transaction"] = json!(self.failure_balance_transaction);
        }
        with_nulls(object, &NULLS)
    }
}

pub fn create(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let charge = take_charge(desk, &mut params)?;
    let amount = params.integer("amount")?;
    let reason = params.choice("reason", &REASONS)?;
    let mut metadata = Metadata::new();
    params.merge_metadata(&mut metadata)?;
    params.ignore(&["instructions_email"]);
    params.refuse(&["currency", "customer", "origin", "refund_application_fee", "reverse_transfer"])?;
    params.finish()?;
    let amount = check(&charge, amount)?;
    let later = desk.store.payment_methods.get(&charge.payment_method).map_or(Later::Nothing, |kept| kept.card.later);
    let id = new_id("re_");
    let movement = balance_transaction::book(desk, Kind::Refund, -amount, charge.currency, &id);
    let refund = Refund {
        id: id.clone(),
        created: desk.now,
        amount,
        currency: charge.currency,
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        payment_method: charge.payment_method.clone(),
        customer: charge.customer.clone(),
        reason,
        status: if later == Later::RefundWaits { Status::Pending } else { Status::Succeeded },
        metadata,
        balance_transaction: movement.id,
        failure_balance_transaction: None,
    };
    let shape = refund.render();
    desk.store.refunds.put(refund);
    desk.emit("refund.created", shape.clone());
    change_refunded(desk, &charge.id, amount, "charge.refunded");
    if matches!(later, Later::RefundFails | Later::RefundWaits) || desk.store.chaos.fail_refunds {
        desk.store.due.insert((desk.now + BANK_SECONDS, Due::Refund(id)));
    }
    Ok(shape)
}

fn take_charge(desk: &Desk, params: &mut Params) -> Result<Charge, ApiError> {
    let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
    let id = match (charge, intent) {
        (Some(charge), _) => charge,
        (None, Some(id)) => {
            let intent = desk.store.payment_intents.get(&id);
            let intent = intent.ok_or_else(|| ApiError::no_such_reference("payment_intent", &id, "payment_intent"))?;
            intent.latest_charge.clone().ok_or_else(|| nothing_to_refund(&id))?
        }
        (None, None) => {
            return Err(ApiError::invalid(
                "One of the following params should be provided for this request: payment_intent or charge.",
            )
            .code("parameter_missing"));
        }
    };
    let charge = desk.store.charges.get(&id).ok_or_else(|| ApiError::no_such_reference("charge", &id, "charge"))?;
    if charge.is_paid() { Ok(charge.clone()) } else { Err(nothing_to_refund(&charge.payment_intent)) }
}

fn nothing_to_refund(intent: &str) -> ApiError {
    ApiError::invalid(format!("This PaymentIntent ({intent}) does not have a successful charge to refund."))
}

/// What is given back, when it can be.
fn check(charge: &Charge, amount: Option<i64>) -> Result<i64, ApiError> {
    let left = charge.amount - charge.amount_refunded;
    if charge.disputed {
        let message = format!("Charge {} has been charged back; cannot issue a refund.", charge.id);
        return Err(ApiError::invalid(message).code("charge_disputed"));
    }
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(ApiError::invalid(message).code("charge_already_refunded"));
    }
    let amount = amount.unwrap_or(left);
    if amount < 1 {
        return Err(ApiError::invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount"));
    }
    if amount > left {
        let currency = Currency::parse(charge.currency, "currency")?;
        let whole = if charge.amount_refunded == 0 { "charge amount" } else { "unrefunded amount on charge" };
        let message = format!(
            "Refund amount ({}) is greater than {whole} ({})",
            currency.display(amount),
            currency.display(left)
        );
        return Err(ApiError::invalid(message).param("amount"));
    }
    Ok(amount)
}

/// Changes what of a charge has been given back, and tells of it.
fn change_refunded(desk: &mut Desk, charge: &str, by: i64, event: &'static str) {
    if let Some(charge) = desk.store.charges.get_mut(charge) {
        charge.amount_refunded += by;
        let shape = charge.render();
        desk.emit(event, shape);
    }
}

/// The bank of a slow refund has taken it in.
pub fn arrive(desk: &mut Desk, id: &str) {
    let Some(refund) = desk.store.refunds.get_mut(id).filter(|refund| refund.status == Status::Pending) else {
        return;
    };
    refund.status = Status::Succeeded;
    let shape = refund.render();
    desk.emit("charge.refund.updated", shape.clone());
    desk.emit("refund.updated", shape);
}

/// The bank sends the money back.
///
/// # Errors
/// Refuses a refund that has failed already.
pub fn fail(desk: &mut Desk, id: &str) -> Result<Value, ApiError> {
    let mut refund = find(desk, id)?.clone();
    if refund.status == Status::Failed {
        return Err(ApiError::invalid("This refund has already failed."));
    }
    let movement = balance_transaction::book(desk, Kind::RefundFailure, refund.amount, refund.currency, id);
    refund.status = Status::Failed;
    refund.failure_balance_transaction = Some(movement.id);
    let shape = refund.render();
    let (charge, amount) = (refund.charge.clone(), refund.amount);
    if let Some(kept) = desk.store.refunds.get_mut(id) {
        *kept = refund;
    }
    change_refunded(desk, &charge, -amount, "charge.updated");
    desk.emit("charge.refund.updated", shape.clone());
    desk.emit("refund.updated", shape.clone());
    desk.emit("refund.failed", shape.clone());
    Ok(shape)
}

/// What the bank does when its time has come.
pub fn come_due(desk: &mut Desk, id: &str) {
    if desk.store.refunds.get(id).is_some_and(|refund| refund.status == Status::Pending) {
        return arrive(desk, id);
    }
    if let Err(error) = fail(desk, id) {
        tracing::debug!(refund = id, error = %error.field("message"), "a refund could not fail");
    }
}

pub fn find<'a>(desk: &'a Desk, id: &str) -> Result<&'a Refund, ApiError> {
    desk.store.refunds.get(id).ok_or_else(|| ApiError::no_such("refund", id, "refund"))
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find(desk, id).map(Object::render)
}

pub fn update(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut metadata = find(desk, id)?.metadata.clone();
    params.merge_metadata(&mut metadata)?;
    params.finish()?;
    if let Some(refund) = desk.store.refunds.get_mut(id) {
        refund.metadata = metadata;
        let shape = refund.render();
        desk.emit("charge.refund.updated", shape.clone());
        desk.emit("refund.updated", shape);
    }
    retrieve(desk, id)
}

pub fn list(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let charge = params.text("charge")?;
    let intent = params.text("payment_intent")?;
    params.finish()?;
    page.of(&desk.store.refunds, "refund", url, |refund| {
        charge.as_deref().is_none_or(|charge| charge == refund.charge)
            && intent.as_deref().is_none_or(|intent| intent == refund.payment_intent)
    })
}
