//! What a bank answers when an intent is confirmed, and what follows from the answer.

use serde_json::json;

use crate::payments::sandbox::cards::{Behaviour, Decline, Later};
use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::state::{Desk, Due, Object, new_id};

use super::balance_transaction::{self, Kind};
use super::charge::Charge;
use super::payment_intent::{PaymentIntent, Status, find, put_back};
use super::payment_method::{self, PaymentMethod};
use super::{checkout_session, dispute};

/// How long a bank takes to say whether a debit went through.
const DEBIT_SECONDS: i64 = 3 * 86_400;

/// Whether the card holder is there to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    #[default]
    OnSession,
    OffSession,
}

/// What the card holder did on the bank's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    Completed,
    Failed,
}

/// Asks the bank behind the intent's card.
///
/// # Errors
/// A decline is an error of type `card_error`; the intent then waits for another card.
pub fn confirm(desk: &mut Desk, id: &str, presence: Presence) -> Result<(), ApiError> {
    let intent = find(desk, id)?.clone();
    let method = method_of(desk, &intent)?;
    match (method.card.behaviour, presence) {
        (Behaviour::Succeeds, _) => settle(desk, intent, &method),
        (Behaviour::Declines(reason), _) => Err(decline(desk, intent, &method, reason)),
        (Behaviour::SettlesLater { .. }, _) => {
            debit(desk, intent, &method);
            Ok(())
        }
        (Behaviour::AuthenticatesOnce, _) if method.is_set_up => settle(desk, intent, &method),
        (_, Presence::OffSession) => Err(decline(desk, intent, &method, Decline::AuthenticationRequired)),
        (_, Presence::OnSession) => {
            ask_for_authentication(desk, intent);
            Ok(())
        }
    }
}

/// Goes on after the card holder has been at the bank's page.
///
/// # Errors
/// Refuses an intent that waits for nothing, and tells of a failed authentication.
pub fn authenticate(desk: &mut Desk, id: &str, outcome: Authentication) -> Result<(), ApiError> {
    let intent = find(desk, id)?.clone();
    if intent.status != Status::RequiresAction {
        return Err(ApiError::invalid("This payment is not waiting for authentication.")
            .code("payment_intent_unexpected_state"));
    }
    let method = method_of(desk, &intent)?;
    match outcome {
        Authentication::Completed => settle(desk, intent, &method),
        Authentication::Failed => {
            let error = ApiError::invalid(
                "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new \
                 PaymentMethod to attempt to fulfill this PaymentIntent again.",
            )
            .code("payment_intent_authentication_failure");
            Err(fail(desk, intent, &method, error))
        }
    }
}

fn method_of(desk: &Desk, intent: &PaymentIntent) -> Result<PaymentMethod, ApiError> {
    let id = intent.payment_method.as_deref().unwrap_or_default();
    let method = desk.store.payment_methods.get(id).cloned();
    method.ok_or_else(|| ApiError::no_such_reference("PaymentMethod", id, "payment_method"))
}

fn settle(desk: &mut Desk, mut intent: PaymentIntent, method: &PaymentMethod) -> Result<(), ApiError> {
    save_card(desk, &intent, method)?;
    let mut charge = charge(desk, &intent, method, None);
    charge.balance_transaction = Some(book(desk, &charge));
    intent.latest_charge = Some(charge.id.clone());
    intent.status = Status::Succeeded;
    intent.next_action = None;
    intent.last_payment_error = None;
    let (charge_shape, intent_shape) = (charge.render(), intent.render());
    let (session, charge_id) = (intent.session.clone(), charge.id.clone());
    desk.store.charges.put(charge);
    put_back(desk, intent);
    desk.emit("charge.succeeded", charge_shape);
    desk.emit("payment_intent.succeeded", intent_shape);
    if let Some(session) = session {
        checkout_session::complete(desk, &session);
    }
    if let Later::Dispute(reason) = method.card.later {
        dispute::open(desk, &charge_id, reason)?;
    }
    Ok(())
}

fn book(desk: &mut Desk, charge: &Charge) -> String {
    balance_transaction::book(desk, Kind::Charge, charge.amount, charge.currency, &charge.id).id
}

/// Begins a debit: the order is made, and the money is not there.
fn debit(desk: &mut Desk, mut intent: PaymentIntent, method: &PaymentMethod) {
    let mut charge = charge(desk, &intent, method, None);
    charge.pending = true;
    intent.latest_charge = Some(charge.id.clone());
    intent.status = Status::Processing;
    intent.next_action = None;
    intent.last_payment_error = None;
    let (charge_shape, intent_shape) = (charge.render(), intent.render());
    let session = intent.session.clone();
    desk.store.due.insert((desk.now + DEBIT_SECONDS, Due::Debit(intent.id.clone())));
    desk.store.charges.put(charge);
    put_back(desk, intent);
    desk.emit("charge.pending", charge_shape);
    desk.emit("payment_intent.processing", intent_shape);
    if let Some(session) = session {
        checkout_session::complete_unpaid(desk, &session);
    }
}

/// The bank says whether a debit went through; `None` lets the test account decide.
///
/// # Errors
/// Refuses an intent that waits for no bank.
pub fn settle_debit(desk: &mut Desk, id: &str, succeeds: Option<bool>) -> Result<(), ApiError> {
    let mut intent = find(desk, id)?.clone();
    let charge = intent.latest_charge.as_deref().and_then(|charge| desk.store.charges.get(charge).cloned());
    let Some(mut charge) = charge.filter(|_| intent.status == Status::Processing) else {
        return Err(
            ApiError::invalid("This payment is not waiting for a bank.").code("payment_intent_unexpected_state")
        );
    };
    let method = method_of(desk, &intent)?;
    let succeeds = succeeds.unwrap_or(method.card.behaviour == Behaviour::SettlesLater { succeeds: true });
    charge.pending = false;
    if succeeds {
        charge.balance_transaction = Some(book(desk, &charge));
    } else {
        charge.decline = Some(Decline::EmptyAccount);
    }
    let shape = charge.render();
    if let Some(kept) = desk.store.charges.get_mut(&charge.id) {
        *kept = charge;
    }
    let session = intent.session.clone();
    if succeeds {
        intent.status = Status::Succeeded;
        let intent_shape = intent.render();
        put_back(desk, intent);
        desk.emit("charge.succeeded", shape);
        desk.emit("payment_intent.succeeded", intent_shape);
    } else {
        desk.emit("charge.failed", shape);
        fail(desk, intent, &method, Decline::EmptyAccount.error());
    }
    if let Some(session) = session {
        checkout_session::settle_later(desk, &session, succeeds);
    }
    Ok(())
}

/// A card paid with `setup_future_usage` stays with the customer.
fn save_card(desk: &mut Desk, intent: &PaymentIntent, method: &PaymentMethod) -> Result<(), ApiError> {
    let (Some(customer), Some(_)) = (intent.customer.as_deref(), intent.setup_future_usage) else {
        return Ok(());
    };
    if let Some(kept) = desk.store.payment_methods.get_mut(&method.id) {
        kept.is_set_up = true;
    }
    payment_method::attach_to(desk, &method.id, customer)?;
    Ok(())
}

fn decline(desk: &mut Desk, mut intent: PaymentIntent, method: &PaymentMethod, reason: Decline) -> ApiError {
    let charge = charge(desk, &intent, method, Some(reason));
    let shape = charge.render();
    let error = reason.error().with("charge", charge.id.as_str());
    intent.latest_charge = Some(charge.id.clone());
    desk.store.charges.put(charge);
    desk.emit("charge.failed", shape);
    fail(desk, intent, method, error)
}

/// The intent waits for another card and remembers why; the caller is told the same.
fn fail(desk: &mut Desk, mut intent: PaymentIntent, method: &PaymentMethod, error: ApiError) -> ApiError {
    let error = error.with("payment_method", method.render());
    intent.status = Status::RequiresPaymentMethod;
    intent.payment_method = None;
    intent.next_action = None;
    intent.last_payment_error = Some(error.detail());
    let shape = intent.render();
    put_back(desk, intent);
    desk.emit("payment_intent.payment_failed", shape.clone());
    error.with("payment_intent", shape)
}

fn ask_for_authentication(desk: &mut Desk, mut intent: PaymentIntent) {
    intent.status = Status::RequiresAction;
    intent.next_action = Some(match &intent.return_url {
        Some(return_url) => json!({
            "redirect_to_url": { "return_url": return_url, "url": authentication_url(desk, &intent) },
            "type": "redirect_to_url",
        }),
        None => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": { "type": "three_d_secure_redirect", "stripe_js": authentication_url(desk, &intent) },
        }),
    });
    let shape = intent.render();
    put_back(desk, intent);
    desk.emit("payment_intent.requires_action", shape);
}

/// The bank's page for this intent; the client secret in it keeps strangers out.
pub fn authentication_url(desk: &Desk, intent: &PaymentIntent) -> String {
    format!("{}/c/authenticate/{}?client_secret={}", desk.base_url, intent.id, intent.client_secret)
}

fn charge(desk: &Desk, intent: &PaymentIntent, method: &PaymentMethod, decline: Option<Decline>) -> Charge {
    let (billing_details, payment_method_details) = method.on_a_charge(intent.amount);
    Charge {
        id: new_id("ch_"),
        created: desk.now,
        amount: intent.amount,
        currency: intent.currency.code,
        customer: intent.customer.clone(),
        description: intent.description.clone(),
        payment_intent: intent.id.clone(),
        payment_method: method.id.clone(),
        receipt_email: intent.receipt_email.clone(),
        metadata: intent.metadata.clone(),
        billing_details,
        payment_method_details,
        pending: false,
        amount_refunded: 0,
        disputed: false,
        balance_transaction: None,
        decline,
    }
}
