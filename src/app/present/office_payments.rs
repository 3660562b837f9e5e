//! The back office's side of payments: Stripe's events and every purchase.

use super::dates::moment;
use super::money::price;
use super::refused_at;
use super::visitor::office_frame;
use crate::app::error::AppError;
use crate::app::format::{credits, grouped, query_value};
use crate::app::views::{
    ChoiceView, FactsView, OfficeEventDetailView, OfficeEventView, OfficeEventsView, OfficePurchaseDetailView,
    OfficePurchaseView, OfficePurchasesView,
};
use crate::identity::{Actor, SignedIn, Subject};
use crate::ledger::{AccountId, PurchaseId, Timestamp};
use crate::payments::{
    EventCursor, EventFilter, EventState, Paid, Purchase, PurchaseFilter, PurchaseState, Replay, StoredEvent, Way,
    readable_payload,
};
use crate::server::context::app;

/// Rows on one page.
const PAGE: usize = 50;
/// The longest type that is looked for.
const KIND_MAX: usize = 255;

/// A page of Stripe's events, the newest first. What is no state or no place is read as none.
pub async fn events(who: &SignedIn, state: &str, kind: &str, before: &str) -> Result<OfficeEventsView, AppError> {
    let kind: String = kind.trim().chars().take(KIND_MAX).collect();
    let state: Option<EventState> = state.parse().ok();
    let from: Option<EventCursor> = before.parse().ok();
    let filter = EventFilter { state, kind: (!kind.is_empty()).then(|| kind.clone()) };
    let mut found = app().payments.events(&filter, from.as_ref(), one_more(PAGE)).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next_before = found.last().filter(|_| more).map(|last| last.cursor().to_string()).unwrap_or_default();
    let now = app().clock.now();
    let states = EventState::ALL.map(|state| (state.name(), state_title(state)));
    Ok(OfficeEventsView {
        frame: office_frame(who),
        states: choices(&states),
        state: state.map(EventState::name).unwrap_or_default().to_owned(),
        kind,
        events: found.iter().map(|event| event_view(event, now)).collect(),
        next_before,
        newest: from.is_none(),
    })
}

/// One event with its payload.
pub async fn event(who: &SignedIn, id: &str) -> Result<OfficeEventDetailView, AppError> {
    let app = app();
    let (event, payload) = app.payments.event(id).await?.ok_or(AppError::NotFound)?;
    let purchase = named_purchase(&event).await?;
    let payload = readable_payload(&payload);
    Ok(OfficeEventDetailView {
        frame: office_frame(who),
        advice: advice(event.state).to_owned(),
        api_version: event.api_version.clone().unwrap_or_default(),
        intent: event.intent.clone().unwrap_or_default(),
        purchase_known: purchase.is_some(),
        payload: serde_json::to_string_pretty(&payload).unwrap_or_default(),
        event: event_view(&event, app.clock.now()),
    })
}

/// Works an event off again; answers the word for what became of it.
pub async fn replay_event(who: &SignedIn, id: &str) -> Result<&'static str, AppError> {
    let app = app();
    let (event, _) = app.payments.event(id).await?.ok_or(AppError::NotFound)?;
    let account = named_purchase(&event).await?.map(|purchase| purchase.account);
    let subject = Subject { account, user: None };
    let detail = format!("{id} {}", event.kind);
    let line = app.identity.audit(&Actor::operator(who), subject, "stripe_event_replayed", detail);
    Ok(match app.payments.replay(id, line).await?.ok_or(AppError::NotFound)? {
        Replay::Again(_) => "replayed",
        Replay::AlreadyDone(_) => "already",
    })
}

/// Leads back to the event, whose page says what was done or refused.
pub fn back_to_event(id: &str, outcome: Result<&'static str, AppError>) -> Result<(), AppError> {
    let page = format!("/office/events/{}", query_value(id));
    match outcome {
        Ok(done) => leptos_axum::redirect(&format!("{page}?done={done}"), false),
        Err(AppError::NotFound) => return Err(AppError::NotFound),
        Err(error) => refused_at(&page, &error),
    }
    Ok(())
}

async fn named_purchase(event: &StoredEvent) -> Result<Option<Purchase>, AppError> {
    match event.purchase.as_deref().and_then(|text| text.parse::<PurchaseId>().ok()) {
        Some(id) => Ok(app().payments.any_purchase(id).await?),
        None => Ok(None),
    }
}

fn state_title(state: EventState) -> &'static str {
    match state {
        EventState::Stored => "Waiting",
        EventState::Done => "Done",
        EventState::Ignored => "Ignored",
        EventState::Undecodable => "Unreadable",
        EventState::Mismatch => "Mismatch",
        EventState::Failed => "Failed",
    }
}

/// What a state means and what to do, in a sentence.
fn advice(state: EventState) -> &'static str {
    match state {
        EventState::Stored => "It waits to be worked off and is tried again by itself every ten seconds.",
        EventState::Done => "Its effect is there. A replay changes nothing.",
        EventState::Ignored => {
            "It says nothing about a purchase of ours, or is of the other mode. Replay it after an update that reads its type."
        }
        EventState::Undecodable => {
            "It is of a known type in a shape that could not be read. Replay it after an update that reads it."
        }
        EventState::Mismatch => {
            "Other money came than was asked for, or the same twice; nothing was granted for it. Look the payment up at Stripe."
        }
        EventState::Failed => {
            "The ledger refused the credits, and the money is at Stripe. Replay it when the cause in the note is gone."
        }
    }
}

fn event_view(event: &StoredEvent, now: Timestamp) -> OfficeEventView {
    let times = |at| format!("{} ×, last {}", grouped(event.replays), moment(at, now));
    OfficeEventView {
        id: event.id.clone(),
        kind: event.kind.clone(),
        at: moment(event.received_at, now),
        state: event.state.name().to_owned(),
        attempts: event.attempts,
        note: event.note.clone(),
        purchase: event.purchase.clone().unwrap_or_default(),
        replayed: event.replayed_at.map(times).unwrap_or_default(),
    }
}

/// A page of purchases of every account, the newest first. What is no state or account is read as none.
pub async fn all_purchases(
    who: &SignedIn,
    state: &str,
    account: &str,
    before: &str,
) -> Result<OfficePurchasesView, AppError> {
    let (state, from): (Option<PurchaseState>, Option<PurchaseId>) = (state.parse().ok(), before.parse().ok());
    let account = account.trim();
    let filter = PurchaseFilter { state, account: account.parse::<AccountId>().ok() };
    let mut found = match (account, filter.account) {
        // A text that is no account has no purchases; showing everybody's would be another question's answer.
        (text, None) if !text.is_empty() => Vec::new(),
        _ => app().payments.all_purchases(filter, from, one_more(PAGE)).await?,
    };
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next_before = found.last().filter(|_| more).map(|last| last.id.to_string()).unwrap_or_default();
    let now = app().clock.now();
    let states = PurchaseState::ALL.map(|state| (state.name(), purchase_title(state)));
    Ok(OfficePurchasesView {
        frame: office_frame(who),
        states: choices(&states),
        state: state.map(PurchaseState::name).unwrap_or_default().to_owned(),
        account: account.chars().take(KIND_MAX).collect(),
        purchases: found.iter().map(|purchase| purchase_view(purchase, now)).collect(),
        next_before,
        newest: from.is_none(),
    })
}

/// One purchase with its money, its names at Stripe, its credits, and the events about it.
pub async fn any_purchase(who: &SignedIn, id: &str) -> Result<OfficePurchaseDetailView, AppError> {
    let app = app();
    let id: PurchaseId = id.parse().map_err(|_| AppError::NotFound)?;
    let purchase = app.payments.any_purchase(id).await?.ok_or(AppError::NotFound)?;
    let paid = app.payments.money_of(&purchase).await?;
    let events = app.payments.events_about(&purchase).await?;
    let customer = app.kernel.account(purchase.account).await?.map(|account| account.name).unwrap_or_default();
    let now = app.clock.now();
    let mut groups = vec![money(&purchase, paid.as_ref(), now), at_stripe(&purchase)];
    groups.extend(paid.as_ref().map(|paid| in_ledger(&purchase, paid, now)));
    Ok(OfficePurchaseDetailView {
        frame: office_frame(who),
        purchase: purchase_view(&purchase, now),
        customer,
        money: super::purchase(&purchase),
        other_payments: app.payments.other_payments(&purchase).await?,
        request: super::fresh_request(),
        groups,
        events: events.iter().map(|event| event_view(event, now)).collect(),
    })
}

fn purchase_view(purchase: &Purchase, now: Timestamp) -> OfficePurchaseView {
    OfficePurchaseView {
        id: purchase.id.to_string(),
        account: purchase.account.to_string(),
        package: purchase.package.clone(),
        credits: purchase.credits.get(),
        price: purchase.amount.to_string(),
        at: moment(purchase.created_at, now),
        state: purchase.state.name().to_owned(),
    }
}

fn money(purchase: &Purchase, paid: Option<&Paid>, now: Timestamp) -> FactsView {
    let way = match purchase.way {
        Way::Checkout => "Stripe's checkout page",
        Way::Form => "A form of the customer's own",
        Way::SavedCard => "The saved card",
    };
    let mut facts = vec![fact("Price", price(purchase.amount)), fact("Way", way)];
    if let Some(paid) = paid {
        if paid.discount.get() != 0 {
            facts.push(fact("Discount", format!("−{}", paid.discount)));
        }
        facts.extend(paid.promotion.as_deref().map(|code| fact("Promotion code", code)));
        if paid.tax.get() != 0 {
            facts.push(fact("Tax", paid.tax.to_string()));
        }
        facts.push(fact("Paid", paid.total(purchase.amount).to_string()));
    }
    facts.extend(purchase.paid_at.map(|at| fact("Credits granted", moment(at, now))));
    facts.extend(purchase.email.as_deref().map(|email| fact("Receipt sent to", email)));
    facts.extend(purchase.mismatch.map(|mismatch| fact("The customer was told", mismatch.sentence())));
    let failure = purchase.failure.as_ref();
    facts.extend(failure.map(|failure| fact("Last failure", format!("{} ({})", failure.message, failure.code))));
    FactsView { title: "Money".into(), facts }
}

fn at_stripe(purchase: &Purchase) -> FactsView {
    let or_none = |id: &Option<String>| id.clone().unwrap_or_else(|| "none yet".into());
    let mut facts = vec![
        fact("Checkout session", or_none(&purchase.stripe_session)),
        fact("Payment intent", or_none(&purchase.stripe_intent)),
    ];
    facts.extend(purchase.payment_method.as_deref().map(|method| fact("Saved card", method)));
    FactsView { title: "At Stripe".into(), facts }
}

fn in_ledger(purchase: &Purchase, paid: &Paid, now: Timestamp) -> FactsView {
    let mut facts = vec![fact("Grant", purchase.grant.to_string()), fact("Credits", credits(purchase.credits.get()))];
    if let Some(receipt) = &paid.receipt {
        facts.extend(receipt.transaction.map(|id| fact("Receipt", id.to_string())));
        facts.push(fact("Entry", format!("number {}", grouped(receipt.seq))));
        facts.push(fact("Posted", moment(receipt.at, now)));
        facts.push(fact("Available afterwards", credits(receipt.available.get())));
    }
    FactsView { title: "In the ledger".into(), facts }
}

fn purchase_title(state: PurchaseState) -> &'static str {
    match state {
        PurchaseState::Created => "Written down",
        PurchaseState::Pending => "Open",
        PurchaseState::Processing => "Processing",
        PurchaseState::Paid => "Paid",
        PurchaseState::Failed => "Failed",
        PurchaseState::Expired => "Expired",
        PurchaseState::PartlyRefunded => "Partly refunded",
        PurchaseState::Refunded => "Refunded",
        PurchaseState::Disputed => "Disputed",
        PurchaseState::Reinstated => "Reinstated",
        PurchaseState::Lost => "Lost",
    }
}

fn fact(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// All, and then each of these.
fn choices(known: &[(&str, &str)]) -> Vec<ChoiceView> {
    let all = std::iter::once(&("", "All"));
    let view = |(value, title): &(&str, &str)| ChoiceView { value: (*value).to_owned(), title: (*title).to_owned() };
    all.chain(known).map(view).collect()
}

/// One more than is shown tells whether there is a next page.
fn one_more(page: usize) -> i64 {
    i64::try_from(page).unwrap_or(i64::MAX).saturating_add(1)
}
