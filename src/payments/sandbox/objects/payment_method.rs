//! Saved cards: made from a test id or on the checkout page, attached to customers.
//!
//! Attaching always succeeds, also for the declining test cards (Stripe itself already declines some of them
//! there): the decline comes with the first charge.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::card_form::TypedCard;
use crate::payments::sandbox::cards::{TestCard, by_number};
use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, new_id};

/// Far enough away that a card from a test id never expires during a test.
const TEST_ID_YEARS_LEFT: i64 = 8;
const SECONDS_PER_YEAR: i64 = 31_556_952;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentMethod {
    pub id: String,
    pub created: i64,
    pub customer: Option<String>,
    #[serde(with = "by_number")]
    pub card: &'static TestCard,
    pub exp_month: i64,
    pub exp_year: i64,
    pub email: Option<String>,
    pub name: Option<String>,
    /// The bank has once been shown that the holder agrees to later charges.
    pub is_set_up: bool,
    pub metadata: Metadata,
}

impl PaymentMethod {
    fn billing_details(&self) -> Value {
        json!({
            "address": { "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null },
            "email": self.email,
            "name": self.name,
            "phone": null,
            "tax_id": null,
        })
    }

    /// A stand-in for Stripe's hash of the number: the same card has the same fingerprint.
    fn fingerprint(&self) -> String {
        format!("sandbox{}", self.card.number.get(4..).unwrap_or_default())
    }

    /// The bank account that is debited.
    fn account(&self) -> Value {
        json!({
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "fingerprint": self.fingerprint(),
            "last4": self.card.last4(),
            "routing_number": "110000000",
        })
    }

    /// Stripe's word for the kind of payment method.
    pub fn kind(&self) -> &'static str {
        if self.card.is_account() { "us_bank_account" } else { "card" }
    }

    fn checks() -> Value {
        json!({ "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" })
    }

    /// What a charge tells of the card it used: billing details and payment method details.
    pub fn on_a_charge(&self, amount: i64) -> (Value, Value) {
        if self.card.is_account() {
            let mut account = self.account();
            account["expected_debit_date"] = Value::Null;
            account["mandate"] = Value::Null;
            account["payment_reference"] = Value::Null;
            return (self.billing_details(), json!({ "type": "us_bank_account", "us_bank_account": account }));
        }
        let card = json!({
            "amount_authorized": amount,
            "authorization_code": null,
            "brand": self.card.brand,
            "checks": Self::checks(),
            "country": "US",
            "electronic_commerce_indicator": null,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "fingerprint": self.fingerprint(),
            "funding": "credit",
            "installments": null,
            "last4": self.card.last4(),
            "mandate": null,
            "network": self.card.brand,
            "network_token": null,
            "network_transaction_id": null,
            "regulated_status": "unregulated",
            "three_d_secure": null,
            "transaction_link_id": null,
            "wallet": null,
        });
        (self.billing_details(), json!({ "card": card, "type": "card" }))
    }
}

impl Object for PaymentMethod {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        if self.card.is_account() {
            return json!({
                "id": self.id,
                "object": "payment_method",
                "allow_redisplay": "unspecified",
                "billing_details": self.billing_details(),
                "created": self.created,
                "customer": self.customer,
                "customer_account": null,
                "livemode": false,
                "metadata": self.metadata,
                "type": self.kind(),
                "us_bank_account": self.account(),
            });
        }
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": if self.is_set_up { "limited" } else { "unspecified" },
            "billing_details": self.billing_details(),
            "card": {
                "brand": self.card.brand,
                "checks": Self::checks(),
                "country": "US",
                "display_brand": self.card.brand,
                "exp_month": self.exp_month,
                "exp_year": self.exp_year,
                "fingerprint": self.fingerprint(),
                "funding": "credit",
                "generated_from": null,
                "last4": self.card.last4(),
                "networks": { "available": [self.card.brand], "preferred": null },
                "regulated_status": "unregulated",
                "three_d_secure_usage": { "supported": true },
                "wallet": null,
            },
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": "card",
        })
    }
}

/// A new card from one of Stripe's test ids, or the id itself when it is a card the sandbox knows.
///
/// # Errors
/// Refuses an id that is neither.
pub fn resolve(desk: &mut Desk, id: &str, param: &str) -> Result<String, ApiError> {
    if desk.store.payment_methods.get(id).is_some() {
        return Ok(id.to_owned());
    }
    let card = TestCard::by_id(id).ok_or_else(|| ApiError::no_such_reference("PaymentMethod", id, param))?;
    let exp_year = 1970 + desk.now / SECONDS_PER_YEAR + TEST_ID_YEARS_LEFT;
    Ok(put(desk, TypedCard { card, exp_month: 12, exp_year }, None, None))
}

/// A new card from one of Stripe's test tokens (`tok_visa`), of which `pm_card_visa` is the same card.
pub fn create(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    params.choice("type", &["card"])?.ok_or_else(|| ApiError::missing("type"))?;
    let mut card = params.group("card")?.ok_or_else(|| ApiError::missing("card"))?;
    if card.text("number")?.is_some() {
        return Err(ApiError::card(
            "Sending credit card numbers directly to the Stripe API is generally unsafe. To continue processing use \
             Stripe's test tokens.",
            "card_declined",
        ));
    }
    let token = card.required("token")?;
    card.finish()?;
    let (mut email, mut name) = (None, None);
    if let Some(mut details) = params.group("billing_details")? {
        (email, name) = (details.text("email")?, details.text("name")?);
        details.ignore(&["address", "phone", "tax_id"]);
        details.finish()?;
    }
    let mut metadata = Metadata::new();
    params.merge_metadata(&mut metadata)?;
    params.ignore(&["allow_redisplay"]);
    params.finish()?;
    let kind = token.strip_prefix("tok_").map(|kind| format!("pm_card_{kind}"));
    let known = kind.filter(|kind| TestCard::by_id(kind).is_some());
    let id = resolve(
        desk,
        &known.ok_or_else(|| ApiError::no_such_reference("token", &token, "card[token]"))?,
        "card[token]",
    )?;
    if let Some(method) = desk.store.payment_methods.get_mut(&id) {
        (method.email, method.name, method.metadata) = (email, name, metadata);
    }
    retrieve(desk, &id)
}

/// A new card as it was typed on a page.
pub fn put(desk: &mut Desk, typed: TypedCard, email: Option<String>, name: Option<String>) -> String {
    let id = new_id("pm_");
    desk.store.payment_methods.put(PaymentMethod {
        id: id.clone(),
        created: desk.now,
        customer: None,
        card: typed.card,
        exp_month: typed.exp_month,
        exp_year: typed.exp_year,
        email,
        name,
        is_set_up: false,
        metadata: Metadata::new(),
    });
    id
}

/// Whose card it is; nobody's when it comes from a test id or is not attached.
///
/// # Errors
/// Refuses an id that is neither a card nor a test id.
pub fn known(desk: &Desk, id: &str, param: &str) -> Result<Option<String>, ApiError> {
    match (desk.store.payment_methods.get(id), TestCard::by_id(id)) {
        (Some(method), _) => Ok(method.customer.clone()),
        (None, Some(_)) => Ok(None),
        (None, None) => Err(ApiError::no_such_reference("PaymentMethod", id, param)),
    }
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    let method = desk.store.payment_methods.get(id);
    method.map(Object::render).ok_or_else(|| ApiError::no_such("PaymentMethod", id, "payment_method"))
}

pub fn attach(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let customer = params.required("customer")?;
    params.finish()?;
    desk.known_customer(&customer, "customer")?;
    if desk.store.payment_methods.get(id).is_none() && TestCard::by_id(id).is_none() {
        return Err(ApiError::no_such("PaymentMethod", id, "payment_method"));
    }
    let id = attach_to(desk, id, &customer)?;
    retrieve(desk, &id)
}

/// Gives a card to a customer; a test id becomes a new card.
pub fn attach_to(desk: &mut Desk, id: &str, customer: &str) -> Result<String, ApiError> {
    let id = resolve(desk, id, "payment_method")?;
    let Some(method) = desk.store.payment_methods.get_mut(&id) else {
        return Err(ApiError::no_such("PaymentMethod", &id, "payment_method"));
    };
    match method.customer.as_deref() {
        Some(owner) if owner == customer => return Ok(id),
        Some(_) => {
            return Err(ApiError::invalid("The payment method you provided has already been attached to a customer.")
                .code("payment_method_unexpected_state"));
        }
        None => method.customer = Some(customer.to_owned()),
    }
    let shape = method.render();
    desk.emit("payment_method.attached", shape);
    Ok(id)
}

pub fn detach(desk: &mut Desk, id: &str, params: Params) -> Result<Value, ApiError> {
    params.finish()?;
    let Some(method) = desk.store.payment_methods.get_mut(id) else {
        return Err(ApiError::no_such("PaymentMethod", id, "payment_method"));
    };
    let Some(owner) = method.customer.take() else {
        return Err(ApiError::invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
        )
        .code("payment_method_unexpected_state"));
    };
    method.is_set_up = false;
    let shape = method.render();
    if let Some(customer) = desk.store.customers.get_mut(&owner)
        && customer.default_payment_method.as_deref() == Some(id)
    {
        customer.default_payment_method = None;
    }
    desk.emit("payment_method.detached", shape.clone());
    Ok(shape)
}
