//! The chaos panel, `/_panel`: what the remote control does, on a page for a person, without script.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::answer::{Outcome, answer};
use super::control::{self, is_undelivered};
use super::money::Currency;
use super::objects::{charge::Charge, refund};
use super::page::escape;
use super::state::{Desk, Origin};
use super::{Shared, lock};

/// How much of each kind the page shows.
const SHOWN: usize = 10;

pub async fn show(State(shared): State<Arc<Shared>>) -> Response {
    answer(shared.look(Origin::default(), |desk| Outcome::Panel(board(desk, &shared, None))))
}

/// A button was pressed.
pub async fn act(
    State(shared): State<Arc<Shared>>,
    Path(action): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if is_foreign(&headers) {
        return answer(Outcome::Notice {
            status: StatusCode::FORBIDDEN,
            title: "Not from here",
            sentence: "This button was pressed on another site's page. Use the panel itself.",
            way_on: Some(("To the panel", "/_panel".to_owned())),
        });
    }
    match control::run(&shared, &action, &body) {
        Ok(_) => answer(Outcome::Go("/_panel".to_owned())),
        Err(error) => {
            let problem = error.field("message").as_str().unwrap_or_default().to_owned();
            answer(shared.work(Origin::default(), |desk| Outcome::Panel(board(desk, &shared, Some(&problem)))))
        }
    }
}

/// Browsers say where a form stood; a strange page must not move our clock.
fn is_foreign(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

fn board(desk: &Desk, shared: &Shared, problem: Option<&str>) -> String {
    let alert =
        problem.map_or_else(String::new, |text| format!("<p class=\"alert\" role=\"alert\">{}</p>\n", escape(text)));
    [
        format!("<h1>Chaos panel</h1>\n{alert}"),
        clock(desk),
        deliveries(desk, shared),
        secrets(shared),
        payments(desk),
        refunds(desk),
        disputes(desk),
        events(desk),
    ]
    .concat()
}

fn section(title: &str, body: &str) -> String {
    format!("<section class=\"panel\">\n<h2>{title}</h2>\n{body}</section>\n")
}

/// A form of one button.
fn button(action: &str, fields: &[(&str, &str)], label: &str) -> String {
    let mut hidden = String::new();
    for (name, value) in fields {
        // Writing to a string cannot fail.
        let _ = write!(hidden, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value));
    }
    format!(
        "<form method=\"post\" action=\"/_panel/{action}\">{hidden}<button type=\"submit\" class=\"small\">{label}</button></form>"
    )
}

fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|moment| moment.to_string()).unwrap_or_default()
}

fn money(cents: i64, currency: &str) -> String {
    Currency::parse(currency, "currency").map(|currency| currency.display(cents)).unwrap_or_default()
}

fn clock(desk: &Desk) -> String {
    let days = desk.store.clock_shift / 86_400;
    let ahead = if desk.store.clock_shift == 0 {
        "It shows the real time.".to_owned()
    } else {
        format!("It is {days} days ahead of the real time.")
    };
    let buttons: String =
        [("3600", "An hour on"), ("86400", "A day on"), ("259200", "3 days on"), ("2592000", "30 days on")]
            .map(|(seconds, label)| button("clock", &[("advance", seconds)], label))
            .concat();
    section(
        "Clock",
        &format!(
            "<p>{} <small>{ahead} Debits settle after 3 days, subscriptions renew after 30.</small></p>\n\
             <div class=\"row\">{buttons}</div>\n",
            time(desk.now)
        ),
    )
}

fn deliveries(desk: &Desk, shared: &Shared) -> String {
    let chaos = desk.store.chaos;
    let toggles: String = [
        ("duplicates", chaos.duplicates, "Duplicates", "every event comes twice"),
        ("disorder", chaos.disorder, "Disorder", "what happens at once arrives in reverse"),
        ("loss", chaos.loss, "Loss", "events are not sent at all"),
        ("hold", chaos.hold, "Hold", "events wait until you deliver them"),
        ("fail_refunds", chaos.fail_refunds, "Failing refunds", "every refund comes back after five seconds"),
    ]
    .map(|(name, is_on, title, meaning)| {
        let (value, label) = if is_on { ("false", "Turn off") } else { ("true", "Turn on") };
        let (state, title_label) =
            (if is_on { "on" } else { "off" }, format!("{label}<span class=\"unseen\"> {title}</span>"));
        format!(
            "<li><span>{title}: <strong>{state}</strong><small>{meaning}</small></span>{}</li>\n",
            button("chaos", &[(name, value)], &title_label)
        )
    })
    .concat();
    let undelivered = desk.store.events.newest_first().filter(|event| is_undelivered(event)).count();
    let whither = shared.webhook_url().unwrap_or_else(|| "nowhere".to_owned());
    section(
        "Webhooks",
        &format!(
            "<p>To <code>{}</code>. {undelivered} not delivered.</p>\n<ul class=\"items\">{toggles}</ul>\n\
             <form method=\"post\" action=\"/_panel/chaos\" class=\"field\"><label for=\"delay\">Delay in seconds</label>\
             <input id=\"delay\" name=\"delay_seconds\" inputmode=\"numeric\" maxlength=\"4\" value=\"{}\" required>\
             <button type=\"submit\" class=\"second\">Set the delay</button></form>\n\
             <div class=\"row\">{}{}</div>\n",
            escape(&whither),
            chaos.delay_seconds,
            button("deliver", &[], "Deliver everything now"),
            button("chaos", &[("calm", "true")], "All mischief off"),
        ),
    )
}

fn secrets(shared: &Shared) -> String {
    let secrets = lock(&shared.secrets);
    let texts: String =
        secrets.texts(shared.now()).iter().map(|text| format!("<li><code>{}</code></li>\n", escape(text))).collect();
    section(
        "Signing secret",
        &format!(
            "<ul class=\"items\">{texts}</ul>\n<p class=\"hint\">The server that started this sandbox knows it at once; another one refuses every \
             event once the old one is gone.</p>\n<div class=\"row\">{}{}</div>\n",
            button("secret", &[], "Roll, the old one signs for a day"),
            button("secret", &[("overlap_seconds", "0")], "Roll at once"),
        ),
    )
}

fn payments(desk: &Desk) -> String {
    let rows: String = desk.store.charges.newest_first().take(SHOWN).map(payment).collect();
    section("Payments", &listed(&rows, "Nobody has paid yet."))
}

fn payment(charge: &Charge) -> String {
    let (state, buttons) = if charge.pending {
        let settle = |outcome, label| {
            button("settle", &[("payment_intent", charge.payment_intent.as_str()), ("outcome", outcome)], label)
        };
        (
            "waits for the bank",
            format!("{}{}", settle("succeeded", "Money comes"), settle("failed", "Account is empty")),
        )
    } else if charge.decline.is_some() {
        ("failed", String::new())
    } else if charge.disputed {
        ("disputed", String::new())
    } else if charge.amount_refunded == charge.amount {
        ("refunded", String::new())
    } else {
        ("paid", button("dispute", &[("charge", charge.id.as_str())], "Dispute"))
    };
    row(&money(charge.amount, charge.currency), state, &charge.id, &buttons)
}

fn refunds(desk: &Desk) -> String {
    let rows: String = desk
        .store
        .refunds
        .newest_first()
        .take(SHOWN)
        .map(|refund| {
            let can_fail = refund.status != refund::Status::Failed;
            let fail =
                if can_fail { button("fail_refund", &[("refund", &refund.id)], "Let it fail") } else { String::new() };
            row(&money(refund.amount, refund.currency), refund.status.word(), &refund.id, &fail)
        })
        .collect();
    section("Refunds", &listed(&rows, "Nothing was refunded yet."))
}

fn disputes(desk: &Desk) -> String {
    let rows: String = desk
        .store
        .disputes
        .newest_first()
        .take(SHOWN)
        .map(|dispute| {
            let decide =
                |outcome, label| button("decide", &[("dispute", dispute.id.as_str()), ("outcome", outcome)], label);
            let buttons = if dispute.status.is_open() {
                format!("{}{}", decide("won", "You win"), decide("lost", "You lose"))
            } else {
                String::new()
            };
            row(
                &money(dispute.amount, dispute.currency),
                &dispute.status.word().replace('_', " "),
                &dispute.id,
                &buttons,
            )
        })
        .collect();
    section("Disputes", &listed(&rows, "Nobody has disputed a payment."))
}

fn events(desk: &Desk) -> String {
    let rows: String = desk
        .store
        .events
        .newest_first()
        .take(2 * SHOWN)
        .map(|event| {
            let state = if is_undelivered(event) { "not delivered" } else { "delivered" };
            row(event.kind, state, &event.id, &button("resend", &[("event", &event.id)], "Send again"))
        })
        .collect();
    section("Events", &listed(&rows, "Nothing has happened yet."))
}

fn row(what: &str, state: &str, id: &str, buttons: &str) -> String {
    format!(
        "<li><span>{} <strong>{}</strong><small>{}</small></span><span class=\"row\">{buttons}</span></li>\n",
        escape(what),
        escape(state),
        escape(id)
    )
}

fn listed(rows: &str, nothing: &str) -> String {
    if rows.is_empty() {
        format!("<p class=\"hint\">{nothing}</p>\n")
    } else {
        format!("<ul class=\"items\">{rows}</ul>\n")
    }
}
