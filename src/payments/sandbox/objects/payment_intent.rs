//! Payment intents: their shape, and the requests that make and change them.
//!
//! What a bank answers is decided in `payment`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::money::Currency;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, new_id};
use crate::payments::sandbox::words::{Word, maybe_word};

use super::intent_request::{Confirmation, change, check_confirmable, take_confirmation, take_methods};
use super::payment::{self, Presence};
use super::{payment_method, with_nulls};

const CANCELLATION_REASONS: [&str; 4] = ["abandoned", "duplicate", "fraudulent", "requested_by_customer"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    /// A bank is debited and has not said yet whether there was money.
    Processing,
    Succeeded,
    Canceled,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }

    /// Whether nothing can be changed or asked any more.
    fn is_final(self) -> bool {
        matches!(self, Self::Processing | Self::Succeeded | Self::Canceled)
    }
}

/// Fields of the shape that are always null here.
const NULLS: [&str; 17] = [
    "allowed_payment_method_types",
    "application",
    "application_fee_amount",
    "customer_account",
    "excluded_payment_method_types",
    "managed_payments",
    "on_behalf_of",
    "payment_method_configuration_details",
    "payment_record",
    "processing",
    "review",
    "shipping",
    "source",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentIntent {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    pub currency: Currency,
    pub customer: Option<String>,
    pub payment_method: Option<String>,
    pub status: Status,
    /// `always` or `never` when payment methods are chosen automatically.
    #[serde(deserialize_with = "maybe_word")]
    pub allow_redirects: Option<Word>,
    #[serde(deserialize_with = "maybe_word")]
    pub setup_future_usage: Option<Word>,
    pub description: Option<String>,
    pub receipt_email: Option<String>,
    pub metadata: Metadata,
    pub client_secret: String,
    pub latest_charge: Option<String>,
    pub last_payment_error: Option<Value>,
    pub next_action: Option<Value>,
    pub return_url: Option<String>,
    pub canceled_at: Option<i64>,
    #[serde(deserialize_with = "maybe_word")]
    pub cancellation_reason: Option<Word>,
    /// The checkout session that made it, which completes with it.
    pub session: Option<String>,
}

impl PaymentIntent {
    pub fn new(desk: &Desk, amount: i64, currency: Currency) -> Self {
        let id = new_id("pi_");
        Self {
            client_secret: new_id(&format!("{id}_secret_")),
            id,
            created: desk.now,
            amount,
            currency,
            customer: None,
            payment_method: None,
            status: Status::RequiresPaymentMethod,
            allow_redirects: Some("always"),
            setup_future_usage: None,
            description: None,
            receipt_email: None,
            metadata: Metadata::new(),
            latest_charge: None,
            last_payment_error: None,
            next_action: None,
            return_url: None,
            canceled_at: None,
            cancellation_reason: None,
            session: None,
        }
    }
}

impl Object for PaymentIntent {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let card = json!({
            "installments": null,
            "mandate_options": null,
            "network": null,
            "request_three_d_secure": "automatic",
        });
        let automatic = self.allow_redirects.map(|allow| json!({ "allow_redirects": allow, "enabled": true }));
        let object = json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_details": { "tip": {} },
            "amount_received": if self.status == Status::Succeeded { self.amount } else { 0 },
            "automatic_payment_methods": automatic,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": "automatic_async",
            "client_secret": self.client_secret,
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency.code,
            "customer": self.customer,
            "description": self.description,
            "last_payment_error": self.last_payment_error,
            "latest_charge": self.latest_charge,
            "livemode": false,
            "metadata": self.metadata,
            "next_action": self.next_action,
            "payment_method": self.payment_method,
            "payment_method_options": { "card": card },
            "payment_method_types": ["card"],
            "receipt_email": self.receipt_email,
            "setup_future_usage": self.setup_future_usage,
            "status": self.status.word(),
        });
        with_nulls(object, &NULLS)
    }
}

pub fn create(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let amount = params.integer("amount")?.ok_or_else(|| ApiError::missing("amount"))?;
    let currency = Currency::parse(&params.required("currency")?, "currency")?;
    currency.check(amount, "amount")?;
    let mut intent = PaymentIntent::new(desk, amount, currency);
    let confirms = params.flag("confirm")?.unwrap_or_default();
    let confirmation = take_confirmation(&mut params)?;
    if !confirms && confirmation.presence == Presence::OffSession {
        return Err(ApiError::invalid("`off_session` can only be set when `confirm` is `true`.").param("off_session"));
    }
    take_methods(&mut intent, &mut params)?;
    change(desk, &mut intent, params)?;
    let id = intent.id.clone();
    if confirms {
        check_confirmable(&intent, &confirmation)?;
    }
    open(desk, intent)?;
    if confirms {
        confirm_now(desk, &id, confirmation)?;
    }
    retrieve(desk, &id)
}

/// Puts a new intent and tells of it; a test id of a payment method becomes a card.
pub fn open(desk: &mut Desk, mut intent: PaymentIntent) -> Result<(), ApiError> {
    resolve_method(desk, &mut intent)?;
    let shape = intent.render();
    desk.store.payment_intents.put(intent);
    desk.emit("payment_intent.created", shape);
    Ok(())
}

pub fn update(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut intent = find(desk, id)?.clone();
    if intent.status.is_final() {
        return Err(unexpected_state(&intent, "updated"));
    }
    if let Some(amount) = params.integer("amount")? {
        intent.amount = intent.currency.check(amount, "amount")?;
    }
    if let Some(currency) = params.text("currency")? {
        intent.currency = Currency::parse(&currency, "currency")?;
        intent.currency.check(intent.amount, "amount")?;
    }
    change(desk, &mut intent, params)?;
    resolve_method(desk, &mut intent)?;
    let shape = intent.render();
    put_back(desk, intent);
    Ok(shape)
}

pub fn confirm(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut intent = find(desk, id)?.clone();
    let confirmation = take_confirmation(&mut params)?;
    if intent.status.is_final() {
        return Err(unexpected_state(&intent, "confirmed"));
    }
    change(desk, &mut intent, params)?;
    check_confirmable(&intent, &confirmation)?;
    resolve_method(desk, &mut intent)?;
    put_back(desk, intent);
    confirm_now(desk, id, confirmation)?;
    retrieve(desk, id)
}

pub fn cancel(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let reason = params.choice("cancellation_reason", &CANCELLATION_REASONS)?;
    params.finish()?;
    let mut intent = find(desk, id)?.clone();
    if intent.status.is_final() {
        return Err(unexpected_state(&intent, "canceled"));
    }
    cancel_now(desk, &mut intent, reason);
    retrieve(desk, id)
}

/// Ends an intent that has not been paid.
pub fn cancel_now(desk: &mut Desk, intent: &mut PaymentIntent, reason: Option<&'static str>) {
    intent.status = Status::Canceled;
    intent.next_action = None;
    intent.canceled_at = Some(desk.now);
    intent.cancellation_reason = reason;
    let shape = intent.render();
    put_back(desk, intent.clone());
    desk.emit("payment_intent.canceled", shape);
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find(desk, id).map(Object::render)
}

pub fn find<'a>(desk: &'a Desk, id: &str) -> Result<&'a PaymentIntent, ApiError> {
    desk.store.payment_intents.get(id).ok_or_else(|| ApiError::no_such("payment_intent", id, "intent"))
}

pub fn put_back(desk: &mut Desk, intent: PaymentIntent) {
    if let Some(kept) = desk.store.payment_intents.get_mut(&intent.id) {
        *kept = intent;
    }
}

fn resolve_method(desk: &mut Desk, intent: &mut PaymentIntent) -> Result<(), ApiError> {
    if let Some(method) = intent.payment_method.take() {
        intent.payment_method = Some(payment_method::resolve(desk, &method, "payment_method")?);
    }
    Ok(())
}

fn confirm_now(desk: &mut Desk, id: &str, confirmation: Confirmation) -> Result<(), ApiError> {
    if let Some(intent) = desk.store.payment_intents.get_mut(id) {
        intent.return_url = confirmation.return_url;
    }
    payment::confirm(desk, id, confirmation.presence)
}

fn unexpected_state(intent: &PaymentIntent, verb: &str) -> ApiError {
    ApiError::invalid(format!(
        "This PaymentIntent could not be {verb} because it has a status of {}.",
        intent.status.word()
    ))
    .code("payment_intent_unexpected_state")
    .with("payment_intent", intent.render())
}
