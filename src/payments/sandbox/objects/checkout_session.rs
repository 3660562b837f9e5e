//! Checkout sessions on Stripe's hosted page, to pay, to save a card or to subscribe: made, finished, expired.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object};
use crate::payments::sandbox::words::{Word, maybe_word, word};

use super::line_item::LineItem;
use super::promotion::Promotion;
use super::{payment_intent, with_nulls};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Open,
    Complete,
    Expired,
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    Payment,
    Setup,
    Subscription,
}

impl Mode {
    pub fn word(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Setup => "setup",
            Self::Subscription => "subscription",
        }
    }
}

/// The sandbox's one tax, on top.
const TAX_PERCENT: i64 = 10;

/// Fields of the shape that are always null here.
const NULLS: [&str; 23] = [
    "after_expiration",
    "allowed_payment_method_types",
    "billing_address_collection",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer_account",
    "integration_identifier",
    "invoice_creation",
    "locale",
    "managed_payments",
    "origin_context",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "saved_payment_method_options",
    "shipping_address_collection",
    "shipping_cost",
    "submit_type",
    "wallet_options",
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckoutSession {
    pub id: String,
    pub created: i64,
    pub expires_at: i64,
    pub status: Status,
    /// Completed with a payment whose outcome the bank tells later.
    pub awaits_bank: bool,
    pub mode: Mode,
    /// Whether a bank account may be debited.
    pub takes_debits: bool,
    pub allows_promotions: bool,
    pub promotion: Option<Promotion>,
    pub taxed: bool,
    pub setup_intent: Option<String>,
    pub subscription: Option<String>,
    /// The first one of the subscription.
    pub invoice: Option<String>,
    pub subscription_metadata: Metadata,
    pub items: Vec<LineItem>,
    pub amount: i64,
    #[serde(deserialize_with = "word")]
    pub currency: Word,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub client_reference_id: Option<String>,
    pub customer: Option<String>,
    pub customer_email: Option<String>,
    #[serde(deserialize_with = "word")]
    pub customer_creation: Word,
    /// The e-mail and name given on the page.
    pub payer: Option<(String, String)>,
    pub metadata: Metadata,
    pub intent_metadata: Metadata,
    pub intent_description: Option<String>,
    #[serde(deserialize_with = "maybe_word")]
    pub setup_future_usage: Option<Word>,
    pub payment_intent: Option<String>,
    pub url: String,
}

impl CheckoutSession {
    pub fn discount(&self) -> i64 {
        self.promotion.as_ref().map_or(0, |promotion| promotion.discount(self.amount))
    }

    pub fn tax(&self) -> i64 {
        if self.taxed { (self.amount - self.discount()) * TAX_PERCENT / 100 } else { 0 }
    }

    /// What is due.
    pub fn total(&self) -> i64 {
        self.amount - self.discount() + self.tax()
    }

    /// Where the payer goes after paying.
    pub fn success_location(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id)
    }

    pub fn line_items(&self) -> Vec<Value> {
        self.items.iter().map(LineItem::render).collect()
    }

    fn customer_details(&self) -> Option<Value> {
        let (email, name) = match (&self.payer, &self.customer_email) {
            (Some((email, name)), _) => (email, Some(name)),
            (None, Some(email)) => (email, None),
            (None, None) => return None,
        };
        let address = self.payer.as_ref().map(
            |_| json!({ "city": null, "country": "US", "line1": null, "line2": null, "postal_code": null, "state": null }),
        );
        Some(json!({
            "address": address,
            "business_name": null,
            "email": email,
            "individual_name": null,
            "name": name,
            "phone": null,
            "tax_exempt": "none",
            "tax_ids": [],
        }))
    }
}

impl Object for CheckoutSession {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let (status, payment_status) = match self.status {
            Status::Open => ("open", "unpaid"),
            Status::Complete if self.awaits_bank => ("complete", "unpaid"),
            Status::Complete if self.total() == 0 => ("complete", "no_payment_required"),
            Status::Complete => ("complete", "paid"),
            Status::Expired => ("expired", "unpaid"),
        };
        let object = json!({
            "id": self.id,
            "object": "checkout.session",
            "adaptive_pricing": { "enabled": false },
            "amount_subtotal": self.amount,
            "allow_promotion_codes": self.allows_promotions.then_some(true),
            "amount_total": self.total(),
            "automatic_tax": { "enabled": self.taxed, "liability": null, "provider": null, "status": null },
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "custom_fields": [],
            "custom_text": { "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null },
            "customer": self.customer,
            "customer_creation": self.customer_creation,
            "customer_details": self.customer_details(),
            "customer_email": self.customer_email,
            "discounts": self.promotion.as_ref().map(Promotion::render).into_iter().collect::<Vec<_>>(),
            "expires_at": self.expires_at,
            "invoice": self.invoice,
            "livemode": false,
            "metadata": self.metadata,
            "mode": self.mode.word(),
            "payment_intent": self.payment_intent,
            "payment_method_collection": "if_required",
            "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
            "payment_method_types": if self.takes_debits { json!(["card", "us_bank_account"]) } else { json!(["card"]) },
            "payment_status": payment_status,
            "phone_number_collection": { "enabled": false },
            "setup_intent": self.setup_intent,
            "shipping_options": [],
            "status": status,
            "subscription": self.subscription,
            "success_url": self.success_url,
            "total_details": { "amount_discount": self.discount(), "amount_shipping": 0, "amount_tax": self.tax() },
            "ui_mode": "hosted_page",
            "url": (self.status == Status::Open).then_some(&self.url),
        });
        with_nulls(object, &NULLS)
    }
}

pub fn update(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut metadata = find(desk, id)?.metadata.clone();
    params.merge_metadata(&mut metadata)?;
    params.finish()?;
    if let Some(session) = desk.store.sessions.get_mut(id) {
        session.metadata = metadata;
    }
    retrieve(desk, id)
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find(desk, id).map(Object::render)
}

pub fn find<'a>(desk: &'a Desk, id: &str) -> Result<&'a CheckoutSession, ApiError> {
    desk.store.sessions.get(id).ok_or_else(|| ApiError::no_such("checkout.session", id, "session"))
}

pub fn expire(desk: &mut Desk, id: &str, params: Params) -> Result<Value, ApiError> {
    params.finish()?;
    if find(desk, id)?.status != Status::Open {
        return Err(ApiError::invalid(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has already \
             been completed or has expired.",
        ));
    }
    close(desk, id);
    retrieve(desk, id)
}

/// Expires every open session whose time has come.
pub fn expire_due(desk: &mut Desk) {
    while let Some((expires_at, _)) = desk.store.expiries.first()
        && *expires_at <= desk.now
        && let Some((_, id)) = desk.store.expiries.pop_first()
    {
        if desk.store.sessions.get(&id).is_some_and(|session| session.status == Status::Open) {
            close(desk, &id);
        }
    }
}

fn close(desk: &mut Desk, id: &str) {
    let Some(session) = desk.store.sessions.get_mut(id) else {
        return;
    };
    session.status = Status::Expired;
    let shape = session.render();
    let unpaid = session.payment_intent.clone();
    if let Some(mut intent) = unpaid.and_then(|id| desk.store.payment_intents.get(&id).cloned()) {
        payment_intent::cancel_now(desk, &mut intent, Some("abandoned"));
    }
    desk.emit("checkout.session.expired", shape);
}

/// To be called when the session's intent has been paid.
pub fn complete(desk: &mut Desk, id: &str) {
    let Some(session) = desk.store.sessions.get_mut(id) else {
        return;
    };
    session.status = Status::Complete;
    let shape = session.render();
    if let Some(promotion) = session.promotion.clone() {
        promotion.redeem(desk);
    }
    desk.emit("checkout.session.completed", shape);
}

/// To be called when the session's intent waits for a bank.
pub fn complete_unpaid(desk: &mut Desk, id: &str) {
    if let Some(session) = desk.store.sessions.get_mut(id) {
        session.awaits_bank = true;
    }
    complete(desk, id);
}

/// To be called when the bank has said whether there was money.
pub fn settle_later(desk: &mut Desk, id: &str, succeeds: bool) {
    let Some(session) = desk.store.sessions.get_mut(id) else {
        return;
    };
    // A failed one stays unpaid for good.
    session.awaits_bank = !succeeds;
    let shape = session.render();
    desk.emit(
        if succeeds { "checkout.session.async_payment_succeeded" } else { "checkout.session.async_payment_failed" },
        shape,
    );
}
