//! Questions to the Oracle: one question in, one answer out, paid for only when there is an answer.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::answered::{self, Owned};
use super::body::{Json, PROGRAM_MAX_BYTES};
use super::caller::{Key, OwnAccount};
use super::document::ProblemBody;
use super::fields::Moment;
use super::idempotency::{Answer as Replayable, RequestKey};
use super::problem::Problem;
use super::query::Parameters;
use super::quotes;
use super::receipt::ReceiptAnswer;
use super::shares;
use crate::billing::Quoted;
use crate::ledger::{Operation, QueryId};
use crate::oracle::{Answer, Bounds, NewQuery, OracleAnswer, OracleError, OracleQuery, OracleVerdict, Row};
use crate::server::state::App;

/// What to ask, and who pays for it. Give a law, transitions, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOracleQuery)]
pub struct OracleBody {
    account_id: String,
    /// A formula: is it always, sometimes or never true?
    #[schema(example = "x + y == 100")]
    law: Option<String>,
    /// Formulas that may be taken for granted.
    #[serde(default)]
    assumptions: Vec<String>,
    /// The least and the greatest value that a name of the law may have, either of which may be null; whole numbers, or
    /// decimals as text.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"x": [0, 100]}))]
    bounds: Bounds,
    /// A program: which linear combinations of its names does none of its transitions change?
    transitions: Option<String>,
    /// Values by name to hold against the law, oldest first; whole numbers, or decimals as text.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    observations: Vec<Row>,
    /// The same as a table: names in the first line, values below.
    observations_csv: Option<String>,
    /// A price promised before for one `conservation_oracle`: the answer costs no more.
    quote_id: Option<String>,
}

/// The answer and what it cost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OracleAnswered)]
pub struct OracleBodyAnswer {
    /// Whether there is an answer.
    success: bool,
    /// Whether the law is always true.
    result: bool,
    credits_charged: i64,
    credits_remaining: i64,
    query_id: String,
    /// `always`, `sometimes`, `never`, `vacuous`, `answered` or `unknown`.
    #[schema(example = "sometimes")]
    verdict: &'static str,
    /// Example, counterexample, ranges, what the transitions keep, and drift.
    #[schema(value_type = Object)]
    answer: OracleAnswer,
    /// Null when nothing was charged.
    receipt: Option<ReceiptAnswer>,
    at: Moment,
    /// Whether this is the first answer to the same Idempotency-Key again.
    replayed: bool,
}

/// A question that was asked, with its answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OracleQueryAnswered)]
pub struct OracleKept {
    /// What was asked.
    #[schema(value_type = Object)]
    question: OracleQuery,
    /// Since when whoever has its public link reads it; null when it has none.
    shared_at: Option<Moment>,
    #[serde(flatten)]
    answered: OracleBodyAnswer,
}

/// One line of the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OracleQuerySummary)]
pub struct OracleLine {
    query_id: String,
    law: Option<String>,
    verdict: &'static str,
    credits_charged: i64,
    at: Moment,
}

/// A page of questions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OracleQueries)]
pub struct OraclePage {
    account_id: String,
    queries: Vec<OracleLine>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// Asks whether a law holds, for which values, what transitions keep, and how far observations drift.
#[utoipa::path(post, path = "/api/oracle", operation_id = "ask_oracle", tag = "verify", request_body = OracleBody,
    responses((status = 200, body = OracleBodyAnswer, description = "The answer"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json", description = "Too few credits")))]
pub async fn ask(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<OracleBody, PROGRAM_MAX_BYTES>,
) -> Result<Replayable<OracleBodyAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let request = request.scoped();
    let quoted = Quoted { account, operation: Operation::ConservationOracle, quantity: 1, request: &request };
    let at_most = quotes::cap(&app, body.quote_id.as_deref(), quoted).await?;
    let OracleBody { law, assumptions, bounds, transitions, observations, observations_csv, .. } = body;
    let query = NewQuery { law, assumptions, bounds, bounds_lines: None, transitions, observations, observations_csv };
    let answer = app.oracle.ask(account, Some(key.id()), query, &request, at_most).await?;
    Ok(Replayable { replayed: answer.replayed, body: told(answer).1 })
}

/// Lists the account's questions, newest first.
#[utoipa::path(get, path = "/api/oracle/{account_id}", operation_id = "list_oracle_queries", tag = "verify",
    params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = OraclePage, description = "A page of questions")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<axum::Json<OraclePage>, Problem> {
    let (before, limit) = answered::page::<QueryId>(&parameters)?;
    let page = app.oracle.list(account, before, limit).await?;
    let next_cursor = answered::next(&page, limit);
    let line = |one: Answer| OracleLine {
        query_id: one.id,
        law: one.question.law,
        verdict: one.answer.verdict.as_str(),
        credits_charged: one.charged.get(),
        at: Moment(one.at),
    };
    let queries = page.into_iter().map(line).collect();
    Ok(axum::Json(OraclePage { account_id: account.to_string(), queries, next_cursor }))
}

/// Reads a question and its answer again.
#[utoipa::path(get, path = "/api/oracle/{account_id}/{query_id}", operation_id = "read_oracle_query", tag = "verify",
    params(("account_id" = String, Path, description = "The account"),
        ("query_id" = String, Path, description = "The question")),
    responses((status = 200, body = OracleKept, description = "The question and its answer")))]
pub async fn show(
    State(app): State<App>,
    Owned(account, id): Owned<QueryId>,
) -> Result<axum::Json<OracleKept>, Problem> {
    let answer = app.oracle.answer(account, id).await?.ok_or_else(answered::answer_not_found)?;
    let shared_at = shares::shared_at(&app, account, &answer.id).await?;
    let (question, answered) = told(answer);
    Ok(axum::Json(OracleKept { question, shared_at, answered }))
}

fn told(answer: Answer) -> (OracleQuery, OracleBodyAnswer) {
    let receipt = answered::receipt(&answer);
    let Answer { id, question, answer, charged, balance, at, replayed, .. } = answer;
    let body = OracleBodyAnswer {
        success: answer.verdict != OracleVerdict::Unknown,
        result: answer.verdict == OracleVerdict::Always,
        credits_charged: charged.get(),
        credits_remaining: balance.get(),
        query_id: id,
        verdict: answer.verdict.as_str(),
        answer,
        receipt,
        at: Moment(at),
        replayed,
    };
    (question, body)
}

impl From<OracleError> for Problem {
    fn from(error: OracleError) -> Self {
        match error {
            OracleError::Unreadable(diagnostics) => {
                let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
                let sentence = format!("Unreadable program: {first}");
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable_program", sentence)
                    .with("diagnostics", json!(diagnostics))
            }
            OracleError::Invalid(sentence) => Self::field("law", sentence),
            OracleError::Kernel(error) => error.into(),
            OracleError::Busy => Self::busy(),
            OracleError::Unavailable => Self::try_later("oracle_unavailable", error.to_string()),
        }
    }
}
