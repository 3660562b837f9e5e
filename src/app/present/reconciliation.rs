//! Reconciliation: what differs between Stripe's books and ours, as its pages show it.

use super::dates::{moment, period};
use super::request::{fresh_request, request_key};
use super::visitor::office_frame;
use super::{refused, refused_at};
use crate::app::error::AppError;
use crate::app::format::{grouped, query_value};
use crate::app::views::{DifferenceView, ReconciliationView, ReconciliationsView, RunView, SumView};
use crate::identity::{Actor, SignedIn, Subject};
use crate::ledger::{Cents, ReconciliationId, Timestamp};
use crate::payments::{
    Difference, FINDINGS_KEPT_MAX, KeptFinding, Reconciliation, RepairRefused, RepairTry, Repaired, Totals,
};
use crate::server::context::app;

/// Runs on one page.
const RUNS: usize = 30;
/// Differences on one page.
const DIFFERENCES: usize = 50;

/// A page of runs, the newest first.
pub async fn reconciliations(who: &SignedIn, before: &str) -> Result<ReconciliationsView, AppError> {
    let from: Option<ReconciliationId> = before.parse().ok();
    let mut found = app().payments.reconciliations(from, one_more(RUNS)).await?;
    let more = found.len() > RUNS;
    found.truncate(RUNS);
    let now = app().clock.now();
    Ok(ReconciliationsView {
        frame: office_frame(who),
        next_before: found.last().filter(|_| more).map(|last| last.id.to_string()).unwrap_or_default(),
        runs: found.iter().map(|run| run_view(run, now)).collect(),
        newest: from.is_none(),
        request: fresh_request(),
    })
}

/// One run with its sums and a page of what differs.
pub async fn reconciliation(who: &SignedIn, id: &str, after: &str) -> Result<ReconciliationView, AppError> {
    let app = app();
    let id: ReconciliationId = id.parse().map_err(|_| AppError::NotFound)?;
    let run = app.payments.reconciliation(id).await?.ok_or(AppError::NotFound)?;
    let after: i64 = after.parse().unwrap_or_default();
    let mut found = app.payments.differences(id, after, one_more(DIFFERENCES)).await?;
    let more = found.len() > DIFFERENCES;
    found.truncate(DIFFERENCES);
    let kept = i64::try_from(FINDINGS_KEPT_MAX).unwrap_or(i64::MAX);
    let now = app.clock.now();
    Ok(ReconciliationView {
        frame: office_frame(who),
        window: period(run.from, run.until),
        failure: run.failure.clone().unwrap_or_default(),
        sums: run.totals.map(|totals| sums(&totals)).unwrap_or_default(),
        sentence: run.totals.map(|totals| sentence(&totals)).unwrap_or_default(),
        next_after: found.last().filter(|_| more).map_or(0, |last| last.number),
        differences: found.iter().map(|kept| difference_view(kept, now)).collect(),
        first: after == 0,
        not_kept: run.found.saturating_sub(kept).max(0),
        run: run_view(&run, now),
    })
}

/// Compares now; answers the run.
pub async fn reconcile(who: &SignedIn, request: &str) -> Result<ReconciliationId, AppError> {
    let app = app();
    let request = request_key(request, &["reconcile", &who.user.to_string()])?;
    let line = app.identity.audit(&Actor::operator(who), Subject::default(), "books_compared", "in the back office");
    Ok(app.payments.reconcile_now(&request, line).await?.id)
}

/// Leads to a run that was begun, or back to the list.
pub fn to_reconciliation(outcome: Result<ReconciliationId, AppError>) -> Result<(), AppError> {
    match outcome {
        Ok(id) => leptos_axum::redirect(&format!("/office/reconciliation/{id}"), false),
        Err(error) => refused_at("/office/reconciliation", &error),
    }
    Ok(())
}

/// Has a difference repaired; answers the word for what became of it.
pub async fn repair(who: &SignedIn, run: &str, number: &str) -> Result<&'static str, AppError> {
    let app = app();
    let run: ReconciliationId = run.parse().map_err(|_| AppError::NotFound)?;
    let number: i64 = number.parse().map_err(|_| AppError::NotFound)?;
    let kept = app.payments.difference(run, number).await?.ok_or(AppError::NotFound)?;
    let subject = Subject { account: kept.finding.account, user: None };
    let detail = format!("{run} {number} {}", kept.finding.difference);
    let line = app.identity.audit(&Actor::operator(who), subject, "difference_repaired", detail);
    Ok(match app.payments.repair(run, number, line).await?.ok_or(AppError::NotFound)? {
        Repaired::Heard(kept) if kept.is_mended() => "mended",
        Repaired::Heard(_) => "heard",
        Repaired::Already(_) => "already",
    })
}

/// Leads back to the run, whose page says what was done or refused.
pub fn back_to_reconciliation(run: &str, outcome: Result<&'static str, AppError>) -> Result<(), AppError> {
    let page = format!("/office/reconciliation/{}", query_value(run));
    match outcome {
        Ok(done) => leptos_axum::redirect(&format!("{page}?done={done}"), false),
        Err(AppError::NotFound) => return Err(AppError::NotFound),
        Err(error) => refused_at(&page, &error),
    }
    Ok(())
}

impl From<RepairRefused> for AppError {
    fn from(error: RepairRefused) -> Self {
        match error {
            RepairRefused::Payment(error) => error.into(),
            other => refused(other.code()),
        }
    }
}

fn run_view(run: &Reconciliation, now: Timestamp) -> RunView {
    RunView {
        id: run.id.to_string(),
        at: moment(run.started_at, now),
        kind: if run.nightly { "Nightly" } else { "By an operator" }.to_owned(),
        state: run.state.name().to_owned(),
        found: run.found,
        net: run.totals.map(|totals| dollars(totals.net)).unwrap_or_default(),
    }
}

fn sums(totals: &Totals) -> Vec<SumView> {
    let sum = |name: &str, cents: i64| SumView { name: name.to_owned(), amount: dollars(cents), total: false };
    let mut sums = vec![sum("Gross: purchases", totals.gross_purchases)];
    for (name, cents) in [
        ("Gross: subscriptions and others", totals.gross_other),
        ("Refunds", totals.refunds),
        ("Disputes", totals.disputes),
        ("Other movements", totals.other),
    ] {
        if cents != 0 || name == "Refunds" {
            sums.push(sum(name, cents));
        }
    }
    sums.push(sum("Stripe's fees", totals.fees.saturating_neg()));
    sums.push(SumView { total: true, ..sum("Net", totals.net) });
    sums
}

/// Whether our books agree with what Stripe took in.
fn sentence(totals: &Totals) -> String {
    let apart = totals.gross_purchases.saturating_sub(totals.booked);
    let mut text = if totals.movements == 0 && totals.purchases == 0 {
        "Nothing was sold in these thirty days, at Stripe or here.".to_owned()
    } else if apart == 0 {
        format!("Our books have {} for purchases, and so has Stripe.", dollars(totals.booked))
    } else {
        let (booked, stripe) = (dollars(totals.booked), dollars(totals.gross_purchases));
        format!(
            "Our books have {booked} for purchases, and Stripe has {stripe}: they are {} apart.",
            dollars(apart.saturating_abs())
        )
    };
    if totals.other_currency > 0 {
        text.push_str(&format!(" {} movements in other currencies are in no sum.", grouped(totals.other_currency)));
    }
    text
}

fn difference_view(kept: &KeptFinding, now: Timestamp) -> DifferenceView {
    let finding = &kept.finding;
    let ids = [&finding.session, &finding.intent, &finding.charge, &finding.object];
    let ids: Vec<&str> = ids.into_iter().filter_map(Option::as_deref).collect();
    let money = |cents: Option<i64>| cents.map(dollars).unwrap_or_default();
    DifferenceView {
        number: kept.number,
        name: finding.difference.name().to_owned(),
        title: finding.difference.title().to_owned(),
        advice: finding.difference.advice().to_owned(),
        purchase: finding.purchase.map(|id| id.to_string()).unwrap_or_default(),
        purchase_known: finding.difference != Difference::UnknownPurchase,
        stripe: ids.join(" "),
        at_stripe: money(finding.at_stripe),
        in_books: money(finding.in_books),
        repairable: kept.can_be_repaired(),
        mended: kept.is_mended(),
        repair: kept.repair.as_ref().map(|repair| repair_words(repair, now)).unwrap_or_default(),
        event: kept.repair.as_ref().map(|repair| repair.event.clone()).unwrap_or_default(),
    }
}

fn repair_words(repair: &RepairTry, now: Timestamp) -> String {
    let at = moment(repair.at, now);
    match repair.note.as_str() {
        "" => format!("{} {at}", repair.state.name()),
        note => format!("{} {at}: {note}", repair.state.name()),
    }
}

fn dollars(cents: i64) -> String {
    Cents::new(cents).map(|cents| cents.to_string()).unwrap_or_default()
}

/// One more than is shown tells whether there is a next page.
fn one_more(page: usize) -> i64 {
    i64::try_from(page).unwrap_or(i64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_shown_to_the_cent_and_the_sentence_says_how_far_the_books_are_apart() {
        let totals = Totals {
            gross: 8_000,
            gross_purchases: 8_000,
            refunds: -500,
            fees: 262,
            net: 7_238,
            booked: 7_000,
            movements: 3,
            other_currency: 2,
            ..Totals::default()
        };
        let shown: Vec<_> = sums(&totals).into_iter().map(|sum| (sum.name, sum.amount, sum.total)).collect();
        let row = |name: &str, amount: &str, total| (name.to_owned(), amount.to_owned(), total);
        assert_eq!(
            shown,
            [
                row("Gross: purchases", "$80.00", false),
                row("Refunds", "−$5.00", false),
                row("Stripe's fees", "−$2.62", false),
                row("Net", "$72.38", true),
            ]
        );
        let said = sentence(&totals);
        assert!(said.contains("$70.00") && said.contains("$10.00 apart") && said.contains("2 movements"), "{said}");
        assert!(sentence(&Totals { booked: 8_000, ..totals }).contains("and so has Stripe"));
        assert!(sentence(&Totals::default()).starts_with("Nothing was sold"));
    }
}
