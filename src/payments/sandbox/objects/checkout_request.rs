//! The request that opens a checkout session: read, checked, and only then put.

use serde_json::Value;

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, new_id};

use super::checkout_session::{CheckoutSession, Mode, Status};
use super::{customer, line_item};

/// Stripe's limits on the life of a session.
const LIFE_MIN_SECONDS: i64 = 30 * 60;
const LIFE_MAX_SECONDS: i64 = 24 * 60 * 60;
/// `expires_at` is counted by the caller's clock, which may be a little behind ours.
const CLOCK_SKEW_SECONDS: i64 = 60;
const CLIENT_REFERENCE_LENGTH_MAX: usize = 200;

/// Real parameters that change nothing here.
const IGNORED: [&str; 19] = [
    "billing_address_collection",
    "branding_settings",
    "consent_collection",
    "currency",
    "custom_text",
    "setup_intent_data",
    "customer_update",
    "integration_identifier",
    "locale",
    "name_collection",
    "origin_context",
    "payment_method_collection",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "permissions",
    "phone_number_collection",
    "submit_type",
    "wallet_options",
];

/// Real parameters that would change the price, the page or what happens next.
const REFUSED: [&str; 12] = [
    "after_expiration",
    "allowed_payment_method_types",
    "custom_fields",
    "discounts",
    "excluded_payment_method_types",
    "invoice_creation",
    "managed_payments",
    "optional_items",
    "return_url",
    "shipping_address_collection",
    "shipping_options",
    "tax_id_collection",
];

pub fn create(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let mode = take_mode(&mut params)?;
    let takes_debits = take_debits(mode, &mut params)?;
    let taxed = check_kind(&mut params)?;
    let items = if mode == Mode::Setup { Vec::new() } else { line_item::take_all(desk, "line_items", &mut params)? };
    if items.iter().any(|item| item.price.monthly != (mode == Mode::Subscription)) {
        let message = "You specified `payment` mode but passed a recurring price, or the other way round.";
        return Err(ApiError::invalid(message).param("line_items"));
    }
    let amount = line_item::total(&items)?;
    let id = new_id("cs_test_");
    let mut session = CheckoutSession {
        url: format!("{}/c/pay/{id}", desk.base_url),
        id,
        created: desk.now,
        expires_at: take_expiry(desk.now, &mut params)?,
        status: Status::Open,
        awaits_bank: false,
        mode,
        takes_debits,
        allows_promotions: params.flag("allow_promotion_codes")?.unwrap_or_default(),
        promotion: None,
        taxed,
        setup_intent: None,
        subscription: None,
        invoice: None,
        subscription_metadata: Metadata::new(),
        amount,
        currency: items.first().map(|item| item.price.currency.code).unwrap_or_default(),
        items,
        success_url: params.url("success_url")?.ok_or_else(|| ApiError::missing("success_url"))?,
        cancel_url: params.url("cancel_url")?,
        client_reference_id: params.text("client_reference_id")?,
        customer: params.text("customer")?,
        customer_email: params.text("customer_email")?,
        customer_creation: params.choice("customer_creation", &["always", "if_required"])?.unwrap_or("if_required"),
        payer: None,
        metadata: Metadata::new(),
        intent_metadata: Metadata::new(),
        intent_description: None,
        setup_future_usage: None,
        payment_intent: None,
    };
    take_rest(&mut session, params)?;
    check(desk, &session)?;
    let shape = session.render();
    desk.store.expiries.insert((session.expires_at, session.id.clone()));
    line_item::keep_prices(desk, &session.items);
    desk.store.sessions.put(session);
    Ok(shape)
}

fn take_mode(params: &mut Params) -> Result<Mode, ApiError> {
    match params.choice("mode", &["payment", "setup", "subscription"])? {
        Some("payment") => Ok(Mode::Payment),
        Some("setup") => Ok(Mode::Setup),
        Some(_) => Ok(Mode::Subscription),
        None => Err(ApiError::missing("mode")),
    }
}

/// Which ways to pay the page offers: cards always, debits when they are asked for or nothing is said.
fn take_debits(mode: Mode, params: &mut Params) -> Result<bool, ApiError> {
    let kinds = params.texts("payment_method_types")?;
    if let Some(other) = kinds.iter().find(|kind| !matches!(kind.as_str(), "card" | "us_bank_account")) {
        return Err(ApiError::not_played("payment_method_types", other));
    }
    Ok(mode == Mode::Payment && (kinds.is_empty() || kinds.iter().any(|kind| kind == "us_bank_account")))
}

/// Only the hosted page; answers whether tax is put on top.
fn check_kind(params: &mut Params) -> Result<bool, ApiError> {
    if let Some(other) = params.choice("ui_mode", &["elements", "embedded_page", "form", "hosted_page"])?
        && other != "hosted_page"
    {
        return Err(ApiError::not_played("ui_mode", other));
    }
    for field in ["adaptive_pricing", "saved_payment_method_options"] {
        if let Some(mut group) = params.group(field)?
            && group.flag("enabled")? == Some(true)
        {
            return Err(ApiError::not_played(&format!("{field}[enabled]"), "true"));
        }
    }
    let Some(mut tax) = params.group("automatic_tax")? else { return Ok(false) };
    let taxed = tax.flag("enabled")?.unwrap_or_default();
    tax.finish()?;
    Ok(taxed)
}

fn take_expiry(now: i64, params: &mut Params) -> Result<i64, ApiError> {
    let Some(expires_at) = params.integer("expires_at")? else {
        return Ok(now + LIFE_MAX_SECONDS);
    };
    let refuse = |message: &str| Err(ApiError::invalid(message).param("expires_at"));
    if expires_at < now + LIFE_MIN_SECONDS - CLOCK_SKEW_SECONDS {
        return refuse("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.");
    }
    if expires_at > now + LIFE_MAX_SECONDS + CLOCK_SKEW_SECONDS {
        return refuse("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.");
    }
    Ok(expires_at)
}

fn take_rest(session: &mut CheckoutSession, mut params: Params) -> Result<(), ApiError> {
    params.merge_metadata(&mut session.metadata)?;
    if let Some(mut data) = params.group("payment_intent_data")? {
        data.merge_metadata(&mut session.intent_metadata)?;
        session.intent_description = data.text("description")?;
        session.setup_future_usage = data.choice("setup_future_usage", &["off_session", "on_session"])?;
        if data.choice("capture_method", &["automatic", "automatic_async", "manual"])? == Some("manual") {
            return Err(ApiError::not_played("payment_intent_data[capture_method]", "manual"));
        }
        data.refuse(&["application_fee_amount", "on_behalf_of", "transfer_data"])?;
        data.ignore(&[
            "receipt_email",
            "shipping",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_group",
        ]);
        data.finish()?;
    }
    if let Some(mut data) = params.group("subscription_data")? {
        data.merge_metadata(&mut session.subscription_metadata)?;
        data.finish()?;
    }
    params.refuse(&REFUSED)?;
    params.ignore(&IGNORED);
    params.finish()
}

fn check(desk: &Desk, session: &CheckoutSession) -> Result<(), ApiError> {
    if session.customer.is_some() && session.customer_email.is_some() {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(ApiError::invalid(message));
    }
    if let Some(email) = session.customer_email.as_deref().filter(|email| !customer::is_email(email)) {
        let message = format!("Invalid email address: {email}");
        return Err(ApiError::invalid(message).code("email_invalid").param("customer_email"));
    }
    if session.client_reference_id.as_ref().is_some_and(|text| text.len() > CLIENT_REFERENCE_LENGTH_MAX) {
        let message = format!("Invalid string: must be at most {CLIENT_REFERENCE_LENGTH_MAX} characters");
        return Err(ApiError::invalid(message).param("client_reference_id"));
    }
    match &session.customer {
        None if session.mode != Mode::Payment => Err(ApiError::missing("customer")),
        Some(customer) => desk.known_customer(customer, "customer"),
        None => Ok(()),
    }
}
