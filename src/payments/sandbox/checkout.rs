//! The hosted checkout page: shown, filled in, paid.
//!
//! Problems are shown with status 200: to a browser they are pages like any other.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

use super::answer::{Outcome, answer, nothing_here};
use super::error::ApiError;
use super::objects::checkout_session::{self, CheckoutSession, Mode, Status};
use super::objects::customer;
use super::objects::payment::{self, Presence};
use super::objects::payment_intent::{self, PaymentIntent, Status as IntentStatus};
use super::objects::payment_method;
use super::page::{Line, Order, Problems, Typed};
use super::state::{Desk, Origin};
use super::{Shared, card_form, checkout_modes, form};

pub async fn not_found() -> Response {
    answer(nothing_here())
}

pub async fn show(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    answer(shared.look(Origin::default(), |desk| {
        let Some(session) = desk.store.sessions.get(&id).cloned() else {
            return nothing_here();
        };
        if session.status != Status::Open {
            return closed(&session);
        }
        let email = payer_email(desk, &session).unwrap_or_default();
        let problems = Problems { whole: last_problem(desk, &session), ..Problems::default() };
        page(&session, Typed { email, ..Typed::default() }, problems)
    }))
}

pub async fn pay(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Response {
    let mut fields = fields(&body);
    answer(shared.work(Origin::default(), |desk| {
        let Some(session) = desk.store.sessions.get(&id).cloned() else {
            return nothing_here();
        };
        if session.status != Status::Open {
            return closed(&session);
        }
        pay_with(desk, &session, &mut fields)
    }))
}

fn pay_with(desk: &mut Desk, session: &CheckoutSession, fields: &mut Map<String, Value>) -> Outcome {
    let typed = Typed {
        email: take(fields, "email"),
        number: take(fields, "number"),
        expiry: take(fields, "expiry"),
        name: take(fields, "name"),
    };
    let mut problems = Problems {
        email: (!customer::is_email(&typed.email)).then_some("Your email is incomplete."),
        name: typed.name.is_empty().then_some("Your name is incomplete."),
        ..Problems::default()
    };
    let card = match card_form::read(&typed.number, &typed.expiry, &take(fields, "cvc"), year_and_month(desk.now)) {
        Ok(card) if !problems.has_field() => card,
        Ok(_) => return page(session, typed, problems),
        Err(wrong) => {
            (problems.number, problems.expiry, problems.cvc) = (wrong.number, wrong.expiry, wrong.cvc);
            return page(session, typed, problems);
        }
    };
    let (email, name) = (typed.email.clone(), typed.name.clone());
    let method = payment_method::put(desk, card, Some(email.clone()), Some(name.clone()));
    if let Some(kept) = desk.store.sessions.get_mut(&session.id) {
        kept.payer = Some((email, name));
    }
    if session.mode != Mode::Payment {
        return match checkout_modes::finish(desk, session, &method) {
            Ok(url) => Outcome::Go(url),
            Err(error) => {
                problems.whole = Some(message(&error.detail()));
                page(session, typed, problems)
            }
        };
    }
    if session.total() == 0 {
        checkout_session::complete(desk, &session.id);
        return Outcome::Go(session.success_location());
    }
    match intent_for(desk, session, method).and_then(|intent| {
        payment::confirm(desk, &intent, Presence::OnSession)?;
        payment_intent::find(desk, &intent).cloned()
    }) {
        Ok(intent) if intent.status == IntentStatus::RequiresAction => {
            Outcome::Go(payment::authentication_url(desk, &intent))
        }
        Ok(_) => Outcome::Go(session.success_location()),
        Err(error) => {
            problems.whole = Some(message(&error.detail()));
            page(session, typed, problems)
        }
    }
}

/// The session's one intent, made at the first attempt, with the card just typed.
pub fn intent_for(desk: &mut Desk, session: &CheckoutSession, method: String) -> Result<String, ApiError> {
    if let Some(id) = &session.payment_intent {
        let mut intent = payment_intent::find(desk, id)?.clone();
        intent.payment_method = Some(method);
        intent.status = IntentStatus::RequiresConfirmation;
        payment_intent::put_back(desk, intent);
        return Ok(id.clone());
    }
    let Some(currency) = session.items.first().map(|item| item.price.currency) else {
        return Err(ApiError::missing("line_items"));
    };
    let wants_customer = session.customer_creation == "always" || session.setup_future_usage.is_some();
    let payer = desk.store.sessions.get(&session.id).and_then(|kept| kept.payer.clone());
    let customer = match (&session.customer, payer) {
        (Some(customer), _) => Some(customer.clone()),
        (None, Some((email, name))) if wants_customer => Some(customer::open(desk, Some(email), Some(name))),
        (None, _) => None,
    };
    let intent = PaymentIntent {
        customer: customer.clone(),
        payment_method: Some(method),
        status: IntentStatus::RequiresConfirmation,
        setup_future_usage: session.setup_future_usage,
        description: session.intent_description.clone(),
        metadata: session.intent_metadata.clone(),
        allow_redirects: None,
        session: Some(session.id.clone()),
        ..PaymentIntent::new(desk, session.total(), currency)
    };
    let id = intent.id.clone();
    if let Some(kept) = desk.store.sessions.get_mut(&session.id) {
        kept.payment_intent = Some(id.clone());
        kept.customer = customer;
    }
    payment_intent::open(desk, intent)?;
    Ok(id)
}

pub fn page(session: &CheckoutSession, typed: Typed, problems: Problems) -> Outcome {
    let display = |cents| session.items.first().map(|item| item.price.currency.display(cents)).unwrap_or_default();
    let lines = session
        .items
        .iter()
        .map(|item| Line {
            name: item.name.clone(),
            detail: match (&item.description, item.quantity) {
                (Some(text), 1) => text.clone(),
                (Some(text), many) => format!("{text} · {many} × {}", display(item.price.unit_amount)),
                (None, 1) => String::new(),
                (None, many) => format!("{many} × {}", display(item.price.unit_amount)),
            },
            amount: display(item.amount),
        })
        .chain(
            [("Promotion code", -session.discount()), ("Tax", session.tax())]
                .into_iter()
                .filter(|(_, cents)| *cents != 0)
                .map(|(name, cents)| Line { name: name.to_owned(), detail: String::new(), amount: display(cents) }),
        )
        .collect();
    let total = display(session.total());
    let (heading, card_heading, button) = match session.mode {
        Mode::Payment => ("Total due", "Pay with card", format!("Pay {total}")),
        Mode::Setup => ("Save a card", "Your card", "Save the card".to_owned()),
        Mode::Subscription => ("Due every month", "Pay with card", format!("Subscribe for {total}")),
    };
    let order = Order {
        action: format!("/c/pay/{}", session.id),
        heading,
        card_heading,
        button,
        takes_debits: session.mode == Mode::Payment && session.takes_debits && session.total() > 0,
        takes_codes: session.allows_promotions && session.promotion.is_none(),
        total,
        lines,
        cancel_url: session.cancel_url.clone(),
        typed,
        problems,
    };
    Outcome::Pay(Box::new(order), vec![session.success_url.clone()])
}

pub fn closed(session: &CheckoutSession) -> Outcome {
    match session.status {
        Status::Complete => Outcome::Notice {
            status: StatusCode::OK,
            title: "You have already paid",
            sentence: "This checkout is complete, and nothing more is due.",
            way_on: Some(("Continue", session.success_location())),
        },
        Status::Open | Status::Expired => Outcome::Notice {
            status: StatusCode::OK,
            title: "This checkout has expired",
            sentence: "Nothing was charged. Go back to the shop and start again.",
            way_on: session.cancel_url.clone().map(|url| ("Go back", url)),
        },
    }
}

fn payer_email(desk: &Desk, session: &CheckoutSession) -> Option<String> {
    let of_customer = || desk.store.customers.get(session.customer.as_deref()?)?.email.clone();
    session.customer_email.clone().or_else(of_customer)
}

fn last_problem(desk: &Desk, session: &CheckoutSession) -> Option<String> {
    let intent = desk.store.payment_intents.get(session.payment_intent.as_deref()?)?;
    intent.last_payment_error.as_ref().map(message)
}

/// Stripe tells a developer and a payer of a failed authentication in different words.
pub fn message(error: &Value) -> String {
    if error["code"] == "payment_intent_authentication_failure" {
        return "We are unable to authenticate your payment method. Please choose a different payment method and try \
                again."
            .to_owned();
    }
    error["message"].as_str().unwrap_or("Your card was declined.").to_owned()
}

/// The form of a page; what cannot be read counts as empty and is asked for again.
pub fn fields(body: &Bytes) -> Map<String, Value> {
    std::str::from_utf8(body).ok().and_then(|text| form::parse(text).ok()).unwrap_or_default()
}

pub fn take(fields: &mut Map<String, Value>, name: &str) -> String {
    match fields.remove(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        _ => String::new(),
    }
}

/// The civil year and month in UTC (days to civil date after Howard Hinnant).
fn year_and_month(seconds: i64) -> (i64, i64) {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_is_the_civil_one() {
        for (seconds, date) in [
            (0, (1970, 1)),
            (951_782_400, (2000, 2)),
            (951_868_800, (2000, 3)),
            (1_795_420_800, (2026, 11)),
            (1_798_761_599, (2026, 12)),
            (1_798_761_600, (2027, 1)),
        ] {
            assert_eq!(year_and_month(seconds), date, "{seconds}");
        }
    }
}
