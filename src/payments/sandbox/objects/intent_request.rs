//! What a request about a payment intent may say, read into the intent and checked against the store.

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::params::Params;
use crate::payments::sandbox::state::{Desk, Object};

use super::payment::Presence;
use super::payment_intent::{PaymentIntent, Status};
use super::payment_method;

/// Real parameters that change nothing here.
const IGNORED: [&str; 11] = [
    "mandate",
    "mandate_data",
    "payment_details",
    "payment_method_configuration",
    "payment_method_options",
    "radar_options",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
    "use_stripe_sdk",
];

/// Real parameters that would change what happens to the money.
const REFUSED: [&str; 9] = [
    "amount_details",
    "application_fee_amount",
    "confirmation_token",
    "error_on_requires_action",
    "hooks",
    "on_behalf_of",
    "payment_method_data",
    "source",
    "transfer_data",
];

/// What `confirm=true`, or the confirm request, brings along.
#[derive(Debug, Default)]
pub struct Confirmation {
    pub presence: Presence,
    pub return_url: Option<String>,
}

pub fn take_confirmation(params: &mut Params) -> Result<Confirmation, ApiError> {
    let presence = match params.choice("off_session", &["true", "false", "one_off", "recurring"])? {
        None | Some("false") => Presence::OnSession,
        Some(_) => Presence::OffSession,
    };
    Ok(Confirmation { presence, return_url: params.url("return_url")? })
}

/// How payment methods are chosen; only when the intent is made.
pub fn take_methods(intent: &mut PaymentIntent, params: &mut Params) -> Result<(), ApiError> {
    let types = params.texts("payment_method_types")?;
    if let Some(other) = types.iter().find(|kind| !matches!(kind.as_str(), "card" | "link")) {
        return Err(ApiError::not_played("payment_method_types", other));
    }
    if !types.is_empty() {
        intent.allow_redirects = None;
    }
    if let Some(mut automatic) = params.group("automatic_payment_methods")? {
        let enabled =
            automatic.flag("enabled")?.ok_or_else(|| ApiError::missing("automatic_payment_methods[enabled]"))?;
        let allow = automatic.choice("allow_redirects", &["always", "never"])?.unwrap_or("always");
        automatic.finish()?;
        if enabled && !types.is_empty() {
            return Err(ApiError::invalid(
                "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
            ));
        }
        intent.allow_redirects = enabled.then_some(allow);
    }
    Ok(())
}

/// Reads what may be given at creation, update and confirmation alike, and checks it against the store.
pub fn change(desk: &Desk, intent: &mut PaymentIntent, mut params: Params) -> Result<(), ApiError> {
    for (field, slot) in [("description", &mut intent.description), ("receipt_email", &mut intent.receipt_email)] {
        if let Some(given) = params.settable(field)? {
            *slot = given;
        }
    }
    if let Some(customer) = params.text("customer")? {
        desk.known_customer(&customer, "customer")?;
        intent.customer = Some(customer);
    }
    if let Some(method) = params.text("payment_method")? {
        payment_method::known(desk, &method, "payment_method")?;
        intent.payment_method = Some(method);
        if intent.status == Status::RequiresPaymentMethod {
            intent.status = Status::RequiresConfirmation;
        }
    }
    if let Some(usage) = params.choice("setup_future_usage", &["off_session", "on_session"])? {
        intent.setup_future_usage = Some(usage);
    }
    if params.choice("capture_method", &["automatic", "automatic_async", "manual"])? == Some("manual") {
        return Err(ApiError::not_played("capture_method", "manual"));
    }
    if params.choice("confirmation_method", &["automatic", "manual"])? == Some("manual") {
        return Err(ApiError::not_played("confirmation_method", "manual"));
    }
    params.merge_metadata(&mut intent.metadata)?;
    params.refuse(&REFUSED)?;
    params.ignore(&IGNORED);
    params.finish()?;
    check_owner(desk, intent)
}

/// A saved card can only be charged for the customer it belongs to.
fn check_owner(desk: &Desk, intent: &PaymentIntent) -> Result<(), ApiError> {
    let Some(method) = intent.payment_method.as_deref() else {
        return Ok(());
    };
    let owner = payment_method::known(desk, method, "payment_method")?;
    match (owner.as_deref(), intent.customer.as_deref()) {
        (None, _) => Ok(()),
        (Some(owner), Some(customer)) if owner == customer => Ok(()),
        (Some(_), Some(_)) => Err(ApiError::invalid(format!(
            "The customer does not have a payment method with the ID {method}. The payment method must be attached \
             to the customer."
        ))
        .code("resource_missing")
        .param("payment_method")),
        (Some(owner), None) => Err(ApiError::invalid(format!(
            "The provided PaymentMethod belongs to the Customer {owner}. Please include the Customer in the `customer` \
             parameter on the PaymentIntent."
        ))
        .param("payment_method")),
    }
}

pub fn check_confirmable(intent: &PaymentIntent, confirmation: &Confirmation) -> Result<(), ApiError> {
    if intent.payment_method.is_none() {
        return Err(ApiError::invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the \
             PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a \
             payment method.",
        )
        .code("payment_intent_unexpected_state")
        .with("payment_intent", intent.render()));
    }
    let may_redirect = intent.allow_redirects == Some("always") && confirmation.presence == Presence::OnSession;
    if may_redirect && confirmation.return_url.is_none() {
        return Err(ApiError::invalid(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of \
             these payment methods might redirect your customer off of your page, you must provide a `return_url`. \
             If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to \
             `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and \
             Payment Intents.",
        )
        .param("return_url"));
    }
    Ok(())
}
