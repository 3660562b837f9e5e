//! What the hosted page does besides a one-time payment: saves a card, begins a subscription, takes a promotion code.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;

use super::Shared;
use super::answer::{Outcome, answer, nothing_here};
use super::card_form::TypedCard;
use super::cards::TestCard;
use super::checkout::{closed, fields, intent_for, message, page, take};
use super::error::ApiError;
use super::objects::checkout_session::{self, CheckoutSession, Mode, Status};
use super::objects::payment::{self, Presence};
use super::objects::portal_session;
use super::objects::promotion::Promotion;
use super::objects::{customer, payment_method, setup_intent, subscription};
use super::page::{Problems, Typed};
use super::state::{Desk, Origin};

/// Finishes a session that is no one-time payment with the card just typed; answers where to go.
///
/// # Errors
/// When the bank behind the card says no.
pub fn finish(desk: &mut Desk, session: &CheckoutSession, method: &str) -> Result<String, ApiError> {
    let customer = session.customer.clone();
    let setup = setup_intent::succeed(desk, customer.clone(), method)?;
    let begun = match (session.mode, &customer) {
        (Mode::Subscription, Some(customer)) => subscription::begin(desk, session, customer, method),
        _ => None,
    };
    if let Some(kept) = desk.store.sessions.get_mut(&session.id) {
        kept.invoice = begun.as_ref().and_then(|id| desk.store.subscriptions.get(id)).map(|one| one.invoice.clone());
        kept.subscription = begun;
        kept.setup_intent = (session.mode == Mode::Setup).then_some(setup);
    }
    checkout_session::complete(desk, &session.id);
    Ok(session.success_location())
}

/// Applies a promotion code, as Stripe's page does before the payment.
pub async fn promote(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Response {
    let mut fields = fields(&body);
    answer(shared.work(Origin::default(), |desk| {
        let Some(session) = desk.store.sessions.get(&id).cloned() else {
            return nothing_here();
        };
        if session.status != Status::Open || !session.allows_promotions {
            return closed(&session);
        }
        match Promotion::by_code(desk, &take(&mut fields, "code"), &session) {
            None => {
                let problems = Problems { whole: Some("This code is invalid.".to_owned()), ..Problems::default() };
                page(&session, Typed::default(), problems)
            }
            Some(promotion) => {
                if let Some(kept) = desk.store.sessions.get_mut(&id) {
                    kept.promotion = Some(promotion);
                }
                Outcome::Go(session.url)
            }
        }
    }))
}

/// Debits one of the test bank's accounts: the session completes, and the bank answers later.
pub async fn debit(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Response {
    let mut fields = fields(&body);
    let typed = Typed { email: take(&mut fields, "email"), name: take(&mut fields, "name"), ..Typed::default() };
    let account = TestCard::by_number(&take(&mut fields, "account")).filter(|account| account.is_account());
    answer(shared.work(Origin::default(), |desk| {
        let Some(session) = desk.store.sessions.get(&id).cloned() else {
            return nothing_here();
        };
        let offered = session.mode == Mode::Payment && session.takes_debits && session.total() > 0;
        let (Status::Open, true, Some(account)) = (session.status, offered, account) else {
            return closed(&session);
        };
        let problems = Problems {
            email: (!customer::is_email(&typed.email)).then_some("Your email is incomplete."),
            name: typed.name.is_empty().then_some("Your name is incomplete."),
            ..Problems::default()
        };
        if problems.has_field() {
            return page(&session, typed, problems);
        }
        match debit_with(desk, &session, &typed, account) {
            Ok(()) => Outcome::Go(session.success_location()),
            Err(error) => {
                page(&session, typed, Problems { whole: Some(message(&error.detail())), ..Problems::default() })
            }
        }
    }))
}

fn debit_with(
    desk: &mut Desk,
    session: &CheckoutSession,
    typed: &Typed,
    account: &'static TestCard,
) -> Result<(), ApiError> {
    // A bank account does not expire; the date is never shown.
    let typed_account = TypedCard { card: account, exp_month: 12, exp_year: 9_999 };
    let method = payment_method::put(desk, typed_account, Some(typed.email.clone()), Some(typed.name.clone()));
    if let Some(kept) = desk.store.sessions.get_mut(&session.id) {
        kept.payer = Some((typed.email.clone(), typed.name.clone()));
    }
    let intent = intent_for(desk, session, method)?;
    payment::confirm(desk, &intent, Presence::OnSession)
}

/// The customer portal's page.
pub async fn portal(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    answer(shared.look(Origin::default(), |desk| {
        let Some(session) = desk.store.portal_sessions.get(&id).cloned() else {
            return nothing_here();
        };
        Outcome::Portal { sentence: portal_session::tell(desk, &session), way_back: session.return_url }
    }))
}
