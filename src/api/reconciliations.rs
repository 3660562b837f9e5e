//! Reconciliation for operators: Stripe's books against ours, what differs, and having it repaired.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Operator;
use super::csv::{Cell, write_line};
use super::fields::Moment;
use super::idempotency::RequestKey;
use super::problem::Problem;
use super::query::Parameters;
use crate::identity::{Actor, Subject};
use crate::ledger::ReconciliationId;
use crate::payments::{FINDINGS_KEPT_MAX, KeptFinding, Reconciliation, RepairRefused, RepairTry, Repaired, Totals};
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// One comparison of Stripe's books with ours.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub struct RunItem {
    #[schema(example = "RCN_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    reconciliation_id: String,
    /// Whether the clock began it; else an operator did.
    nightly: bool,
    /// `running`, `done` or `failed`.
    #[schema(example = "done")]
    state: &'static str,
    started_at: Moment,
    ended_at: Option<Moment>,
    /// Why it failed; null when it did not.
    failure: Option<String>,
    /// What Stripe made from then on was looked at.
    from: Moment,
    until: Moment,
    /// Null until it is done.
    totals: Option<TotalsItem>,
    /// How many differences were found; the first 1,000 are kept.
    differences: i64,
}

/// The sums of Stripe's balance in the window, in US cents: gross, refunds, disputes and the rest, less the fees, are the
/// net.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationTotals)]
pub struct TotalsItem {
    gross: i64,
    /// Of the gross, for purchases of ours.
    gross_purchases: i64,
    /// Of the gross, for anything else: subscriptions, or what else is sold with the same keys.
    gross_other: i64,
    refunds: i64,
    disputes: i64,
    other: i64,
    fees: i64,
    net: i64,
    /// What was paid out to the bank; in none of the other sums.
    payouts: i64,
    /// What our books say was paid for the purchases of `gross_purchases`.
    booked: i64,
    movements: i64,
    /// How many movements are in another currency, and in no sum.
    other_currency: i64,
    payments: i64,
    purchases: i64,
}

/// A difference between Stripe's books and ours. Amounts are in US cents.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationDifference)]
pub struct DifferenceItem {
    /// Its place in its run, from 1: the gravest come first.
    number: i64,
    /// Its name.
    #[schema(example = "paid_not_granted")]
    difference: &'static str,
    /// What to do about it.
    advice: &'static str,
    purchase_id: Option<String>,
    account_id: Option<String>,
    stripe_session: Option<String>,
    stripe_intent: Option<String>,
    stripe_charge: Option<String>,
    /// The refund, dispute or movement, where it is about one.
    stripe_object: Option<String>,
    /// Null where Stripe has nothing.
    at_stripe: Option<i64>,
    /// Null where our books have nothing.
    in_books: Option<i64>,
    /// Whether a repair can mend it.
    repairable: bool,
    /// Whether a repair has mended it.
    mended: bool,
    /// What became of the last repair; null when there was none.
    repair: Option<RepairItem>,
}

/// A repair that was tried.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationRepair)]
pub struct RepairItem {
    /// The event by which Stripe's word was heard again, among Stripe's events.
    stripe_event_id: String,
    state: &'static str,
    note: String,
    at: Moment,
}

/// A page of runs, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reconciliations)]
pub struct RunsAnswer {
    reconciliations: Vec<RunItem>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// A page of a run's differences.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationDifferences)]
pub struct DifferencesAnswer {
    reconciliation_id: String,
    differences: Vec<DifferenceItem>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<i64>,
}

impl From<Reconciliation> for RunItem {
    fn from(run: Reconciliation) -> Self {
        Self {
            reconciliation_id: run.id.to_string(),
            nightly: run.nightly,
            state: run.state.name(),
            started_at: Moment(run.started_at),
            ended_at: run.ended_at.map(Moment),
            failure: run.failure,
            from: Moment(run.from),
            until: Moment(run.until),
            totals: run.totals.map(TotalsItem::from),
            differences: run.found,
        }
    }
}

impl From<Totals> for TotalsItem {
    fn from(totals: Totals) -> Self {
        Self {
            gross: totals.gross,
            gross_purchases: totals.gross_purchases,
            gross_other: totals.gross_other,
            refunds: totals.refunds,
            disputes: totals.disputes,
            other: totals.other,
            fees: totals.fees,
            net: totals.net,
            payouts: totals.payouts,
            booked: totals.booked,
            movements: totals.movements,
            other_currency: totals.other_currency,
            payments: totals.payments,
            purchases: totals.purchases,
        }
    }
}

impl From<KeptFinding> for DifferenceItem {
    fn from(kept: KeptFinding) -> Self {
        let (repairable, mended) = (kept.can_be_repaired(), kept.is_mended());
        let KeptFinding { number, finding, repair } = kept;
        Self {
            number,
            difference: finding.difference.name(),
            advice: finding.difference.advice(),
            purchase_id: finding.purchase.map(|id| id.to_string()),
            account_id: finding.account.map(|id| id.to_string()),
            stripe_session: finding.session,
            stripe_intent: finding.intent,
            stripe_charge: finding.charge,
            stripe_object: finding.object,
            at_stripe: finding.at_stripe,
            in_books: finding.in_books,
            repairable,
            mended,
            repair: repair.map(RepairItem::from),
        }
    }
}

impl From<RepairTry> for RepairItem {
    fn from(repair: RepairTry) -> Self {
        Self { stripe_event_id: repair.event, state: repair.state.name(), note: repair.note, at: Moment(repair.at) }
    }
}

/// Compares Stripe's books of the last 30 days with ours, and waits some seconds for the result. While another run is
/// under way, that one is answered. Operators only.
#[utoipa::path(post, path = "/api/office/reconciliations", operation_id = "reconcile", tag = "office",
    responses((status = 200, body = RunItem, description = "The run; while its state is running, read it again")))]
pub async fn start(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
) -> Result<Json<RunItem>, Problem> {
    let line = app.identity.audit(&Actor::Key(key), Subject::default(), "books_compared", "by REST");
    let run = app.payments.reconcile_now(&format!("{key} {}", request.scoped()), line).await?;
    Ok(Json(run.into()))
}

/// Reads the runs, newest first. Operators only.
#[utoipa::path(get, path = "/api/office/reconciliations", operation_id = "list_reconciliations", tag = "office",
    params(("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = RunsAnswer, description = "A page of runs")))]
pub async fn list(
    State(app): State<App>,
    Operator(_): Operator,
    parameters: Parameters,
) -> Result<Json<RunsAnswer>, Problem> {
    let before: Option<ReconciliationId> = parameters.id("cursor")?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    // One more than shown tells whether there is a next page.
    let mut found = app.payments.reconciliations(before, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let next_cursor = found.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Json(RunsAnswer { reconciliations: found.into_iter().map(RunItem::from).collect(), next_cursor }))
}

/// Reads one run with its sums. Operators only.
#[utoipa::path(get, path = "/api/office/reconciliations/{reconciliation_id}", operation_id = "read_reconciliation",
    tag = "office", params(("reconciliation_id" = String, Path, description = "The run")),
    responses((status = 200, body = RunItem, description = "The run")))]
pub async fn read(
    State(app): State<App>,
    Operator(_): Operator,
    Path(id): Path<String>,
) -> Result<Json<RunItem>, Problem> {
    Ok(Json(run(&app, &id).await?.into()))
}

/// Reads what differs, the gravest first. Operators only.
#[utoipa::path(get, path = "/api/office/reconciliations/{reconciliation_id}/differences",
    operation_id = "list_reconciliation_differences", tag = "office",
    params(("reconciliation_id" = String, Path, description = "The run"),
        ("cursor" = Option<i64>, Query, minimum = 0, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = DifferencesAnswer, description = "A page of differences")))]
pub async fn differences(
    State(app): State<App>,
    Operator(_): Operator,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<DifferencesAnswer>, Problem> {
    let run = run(&app, &id).await?;
    let after = parameters.number("cursor", 0, i64::MAX)?.unwrap_or_default();
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    let mut found = app.payments.differences(run.id, after, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    Ok(Json(DifferencesAnswer {
        reconciliation_id: run.id.to_string(),
        next_cursor: found.last().filter(|_| more).map(|last| last.number),
        differences: found.into_iter().map(DifferenceItem::from).collect(),
    }))
}

/// Has a difference repaired: what Stripe says now about the payment is heard as if its webhook had come. Nothing that was
/// done is done twice, so any number of repairs is safe. Operators only.
#[utoipa::path(post, path = "/api/office/reconciliations/{reconciliation_id}/differences/{number}/repair",
    operation_id = "repair_difference", tag = "office",
    params(("reconciliation_id" = String, Path, description = "The run"),
        ("number" = i64, Path, description = "The difference's place in it")),
    responses((status = 200, body = DifferenceItem, description = "The difference, with what became of it")))]
pub async fn repair(
    State(app): State<App>,
    Operator(key): Operator,
    _request: RequestKey,
    Path((id, number)): Path<(String, String)>,
) -> Result<Json<DifferenceItem>, Problem> {
    let (id, number) = (id.parse().map_err(|_| run_not_found())?, number.parse().map_err(|_| difference_not_found())?);
    let kept = app.payments.difference(id, number).await?.ok_or_else(difference_not_found)?;
    let subject = Subject { account: kept.finding.account, user: None };
    let detail = format!("{id} {number} {}", kept.finding.difference);
    let line = app.identity.audit(&Actor::Key(key), subject, "difference_repaired", detail);
    let repaired = app.payments.repair(id, number, line).await.map_err(refused)?;
    match repaired.ok_or_else(difference_not_found)? {
        Repaired::Heard(kept) | Repaired::Already(kept) => Ok(Json(kept.into())),
    }
}

/// Reads a run's differences as a table. Operators only.
#[utoipa::path(get, path = "/api/office/reconciliations/{reconciliation_id}/export",
    operation_id = "export_reconciliation", tag = "office",
    params(("reconciliation_id" = String, Path, description = "The run")),
    responses((status = 200, body = String, content_type = "text/csv", description = "The differences, as RFC 4180 writes them")))]
pub async fn export(
    State(app): State<App>,
    Operator(_): Operator,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    exported(&app, &id).await
}

/// A run's differences as a file.
///
/// # Errors
/// 404 when there is no such run.
pub async fn exported(app: &App, id: &str) -> Result<Response, Problem> {
    let run = run(app, id).await?;
    let all = i64::try_from(FINDINGS_KEPT_MAX).unwrap_or(i64::MAX);
    let found = app.payments.differences(run.id, 0, all).await?;
    let name = format!("attachment; filename=\"aethel-reconciliation-{}.csv\"", run.id);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, table(&found)).into_response())
}

fn table(found: &[KeptFinding]) -> String {
    let mut csv = String::new();
    let head = [
        "number",
        "difference",
        "purchase",
        "account",
        "stripe_session",
        "stripe_intent",
        "stripe_charge",
        "stripe_object",
        "cents_at_stripe",
        "cents_in_books",
        "repair",
        "repaired_at",
    ];
    write_line(&mut csv, &head.map(Cell::from));
    for kept in found {
        let (finding, repair) = (&kept.finding, kept.repair.as_ref());
        let line = [
            kept.number.into(),
            finding.difference.name().into(),
            finding.purchase.map(|id| id.to_string()).into(),
            finding.account.map(|id| id.to_string()).into(),
            finding.session.clone().into(),
            finding.intent.clone().into(),
            finding.charge.clone().into(),
            finding.object.clone().into(),
            finding.at_stripe.into(),
            finding.in_books.into(),
            repair.map(|repair| repair.state.name()).into(),
            repair.map(|repair| Moment(repair.at).to_string()).into(),
        ];
        write_line(&mut csv, &line);
    }
    csv
}

async fn run(app: &App, id: &str) -> Result<Reconciliation, Problem> {
    let id: ReconciliationId = id.parse().map_err(|_| run_not_found())?;
    app.payments.reconciliation(id).await?.ok_or_else(run_not_found)
}

fn run_not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "reconciliation_not_found", "Reconciliation not found")
}

fn difference_not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "difference_not_found", "Difference not found")
}

fn refused(refused: RepairRefused) -> Problem {
    match refused {
        RepairRefused::Payment(error) => error.into(),
        other => Problem::new(StatusCode::CONFLICT, other.code(), other.to_string()),
    }
}
