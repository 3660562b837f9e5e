//! Batches of transactions: verified exactly, one verdict each. Charges of many at once are in `batch`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::answered::{self, Owned};
use super::batch_body::BatchSent;
use super::caller::{Key, OwnAccount};
use super::document::ProblemBody;
use super::fields::Moment;
use super::idempotency::{Answer as Replayable, RequestKey};
use super::object::Object;
use super::problem::Problem;
use super::query::Parameters;
use super::quotes;
use super::receipt::ReceiptAnswer;
use super::shares;
use crate::batch::{
    BatchError, BatchReport, BatchRequest, BatchVerdict, NewBatch, NewOpening, NewTransaction, VerifiedBatch,
};
use crate::billing::{Outcome, Quoted};
use crate::ledger::{BatchId, Operation};
use crate::server::state::App;

/// What to verify, and who pays for it: up to 1,000 transactions, as a list or as a table.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTransactionBatch)]
pub struct BatchBody {
    pub(super) account_id: String,
    /// Whether one refused transaction undoes all.
    #[serde(default)]
    pub(super) atomic: bool,
    /// `{account, asset, amount}` before the first transaction; amounts are whole numbers, or decimals as text.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub(super) balances: Vec<Object<NewOpening>>,
    /// `{id, from?, to?, asset, amount, guard?}`: without `from` the amount enters, without `to` it leaves. A guard is a
    /// formula over `amount`, `from_balance` and `to_balance` before the transaction.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub(super) transactions: Vec<Object<NewTransaction>>,
    /// The balances as a table: `account,asset,amount`.
    pub(super) balances_csv: Option<String>,
    /// The transactions as a table: `id,from,to,asset,amount,guard`.
    pub(super) transactions_csv: Option<String>,
    /// Accounts that may go below zero.
    #[serde(default)]
    pub(super) overdraft: Vec<String>,
    /// A price promised before for one `batch_verification`: the report costs no more.
    pub(super) quote_id: Option<String>,
}

/// The report and what it cost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransactionBatchReport)]
pub struct BatchAnswer {
    success: bool,
    /// Whether every transaction was applied.
    result: bool,
    credits_charged: i64,
    credits_remaining: i64,
    batch_id: String,
    /// `applied`, `partly_applied`, `refused` or `rolled_back`.
    #[schema(example = "applied")]
    verdict: &'static str,
    /// A verdict for each transaction, the schedule, the balances, and what every asset's total did.
    #[schema(value_type = Object)]
    report: BatchReport,
    receipt: Option<ReceiptAnswer>,
    at: Moment,
    /// Whether this is the first answer to the same Idempotency-Key again.
    replayed: bool,
}

/// A batch that was verified, with its report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransactionBatch)]
pub struct BatchKept {
    /// What was sent, tables read.
    #[schema(value_type = Object)]
    batch: BatchRequest,
    /// Since when whoever has its public link reads it; null when it has none.
    shared_at: Option<Moment>,
    #[serde(flatten)]
    answered: BatchAnswer,
}

/// One line of the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransactionBatchSummary)]
pub struct BatchLine {
    batch_id: String,
    transactions: usize,
    applied: usize,
    refused: usize,
    verdict: &'static str,
    credits_charged: i64,
    at: Moment,
}

/// A page of batches.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransactionBatches)]
pub struct BatchPage {
    account_id: String,
    batches: Vec<BatchLine>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// Verifies a batch of transactions against opening balances: a JSON object, or a table with the rest in the query.
#[utoipa::path(post, path = "/api/batches", operation_id = "verify_batch", tag = "verify",
    request_body(content((BatchBody = "application/json"), (String = "text/csv"))),
    params(("account_id" = Option<String>, Query, description = "With a table: who pays"),
        ("atomic" = Option<bool>, Query, description = "With a table: whether one refused transaction undoes all"),
        ("quote_id" = Option<String>, Query, description = "With a table: a price promised before for one batch")),
    responses((status = 200, body = BatchAnswer, description = "The report"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json", description = "Too few credits")))]
pub async fn verify(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    BatchSent(body): BatchSent,
) -> Result<Replayable<BatchAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let request = request.scoped();
    let quoted = Quoted { account, operation: Operation::BatchVerification, quantity: 1, request: &request };
    let at_most = quotes::cap(&app, body.quote_id.as_deref(), quoted).await?;
    let batch = NewBatch {
        atomic: body.atomic,
        balances: body.balances.into_iter().map(|Object(opening)| opening).collect(),
        transactions: body.transactions.into_iter().map(|Object(transaction)| transaction).collect(),
        balances_csv: body.balances_csv,
        transactions_csv: body.transactions_csv,
        overdraft: body.overdraft,
    };
    let verified = app.batches.verify(account, Some(key.id()), batch, &request, at_most).await?;
    Ok(Replayable { replayed: verified.replayed, body: told(verified).1 })
}

/// Lists the account's batches, newest first.
#[utoipa::path(get, path = "/api/batches/{account_id}", operation_id = "list_batches", tag = "verify",
    params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = BatchPage, description = "A page of batches")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<axum::Json<BatchPage>, Problem> {
    let (before, limit) = answered::page::<BatchId>(&parameters)?;
    let page = app.batches.list(account, before, limit).await?;
    let next_cursor = answered::next(&page, limit);
    let line = |one: VerifiedBatch| BatchLine {
        batch_id: one.id,
        transactions: one.question.transactions.len(),
        applied: one.answer.applied,
        refused: one.answer.refused,
        verdict: one.answer.verdict(),
        credits_charged: one.charged.get(),
        at: Moment(one.at),
    };
    let batches = page.into_iter().map(line).collect();
    Ok(axum::Json(BatchPage { account_id: account.to_string(), batches, next_cursor }))
}

/// Reads a batch and its report again.
#[utoipa::path(get, path = "/api/batches/{account_id}/{batch_id}", operation_id = "read_batch", tag = "verify",
    params(("account_id" = String, Path, description = "The account"),
        ("batch_id" = String, Path, description = "The batch")),
    responses((status = 200, body = BatchKept, description = "The batch and its report")))]
pub async fn show(
    State(app): State<App>,
    Owned(account, id): Owned<BatchId>,
) -> Result<axum::Json<BatchKept>, Problem> {
    let verified = app.batches.batch(account, id).await?.ok_or_else(answered::answer_not_found)?;
    let shared_at = shares::shared_at(&app, account, &verified.id).await?;
    let (batch, answered) = told(verified);
    Ok(axum::Json(BatchKept { batch, shared_at, answered }))
}

fn told(verified: VerifiedBatch) -> (BatchRequest, BatchAnswer) {
    let receipt = answered::receipt(&verified);
    let VerifiedBatch { id, question, answer, charged, balance, at, replayed, .. } = verified;
    let body = BatchAnswer {
        success: true,
        result: answer.verdict == BatchVerdict::Applied,
        credits_charged: charged.get(),
        credits_remaining: balance.get(),
        batch_id: id,
        verdict: answer.verdict(),
        report: answer,
        receipt,
        at: Moment(at),
        replayed,
    };
    (question, body)
}

impl From<BatchError> for Problem {
    fn from(error: BatchError) -> Self {
        let sentence = error.to_string();
        match error {
            BatchError::Unreadable(problems) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable_batch", sentence)
                    .with("problems", json!(problems))
            }
            BatchError::Kernel(error) => error.into(),
            BatchError::Unavailable => Self::try_later("batch_unavailable", sentence),
        }
    }
}
