//! Verification: one proof request in, one verdict out, paid for only when there is a verdict.
//!
//! Decides nothing: the judge holds, works and settles; here its decision is written in the guide's shape.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::body::{Json, PROGRAM_MAX_BYTES};
use super::caller::Key;
use super::document::ProblemBody;
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::quotes;
use super::receipt::ReceiptAnswer;
use crate::billing::{KernelError, Quoted};
use crate::judge::{Decision, Evidence, ExampleRow, ProofRequest, SolverLimits, Verification, VerifyError};
use crate::ledger::{Operation, Refusal};
use crate::server::state::App;

/// The guide fixes this one.
const COMPLETE: &str = "Verification complete";
const NO_VERDICT: &str = "No verdict within the limits; nothing was charged";

/// What to verify, and who pays for it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewVerification)]
pub struct VerifyBody {
    account_id: String,
    /// `type` is `conservation`, `validity`, `test` or `satisfiable`; then either `formula` or `source`.
    #[schema(value_type = Object, example = json!({"type": "conservation", "formula": "x + y == 100"}))]
    proof_data: ProofRequest,
    /// A price promised before for one or more `proof_verification`: the verdict costs no more, and the solver works no
    /// more than 5,000,000 of its steps on each of its questions for each credit that was promised.
    quote_id: Option<String>,
    /// Whether a verdict that this account already has on the same question will do: then it costs nothing.
    #[serde(default)]
    reuse: bool,
}

/// The verdict and what it cost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Verification)]
pub struct VerifyAnswer {
    /// Whether there is a verdict.
    success: bool,
    /// Whether what was asked holds.
    result: bool,
    credits_charged: i64,
    credits_remaining: i64,
    #[schema(example = "Verification complete")]
    message: &'static str,
    verification_id: String,
    #[schema(example = "proved")]
    verdict: &'static str,
    /// Values for which it does not hold, before and after, where there are some.
    #[schema(value_type = Option<Vec<Object>>)]
    counterexample: Option<Vec<ExampleRow>>,
    /// What the verdict rests on.
    #[schema(value_type = Object)]
    evidence: Evidence,
    /// SHA-256 of the question: the same question has the same hash.
    program_hash: String,
    /// Under what the solver worked: its `seed`, its work on each question (`rlimit`), `wall_ms` and `memory_mb`; with the
    /// same again, the same question gets the same verdict. Null for what was verified before they were kept.
    #[schema(value_type = Option<Object>, example = json!({"seed": 0, "rlimit": 20_000_000, "wall_ms": 5_000, "memory_mb": 512}))]
    limits: Option<SolverLimits>,
    /// Null when nothing was charged.
    receipt: Option<ReceiptAnswer>,
    /// Whether this is an earlier verdict on the same question, shown again for nothing.
    reused: bool,
    /// Whether this is the first answer to the same Idempotency-Key again.
    replayed: bool,
}

/// Too few credits: nothing was verified.
#[derive(Serialize, ToSchema)]
#[schema(as = VerificationUnbilled)]
pub struct UnbilledBody {
    #[serde(flatten)]
    problem: ProblemBody,
    success: bool,
    result: bool,
    credits_charged: i64,
    credits_remaining: i64,
    #[schema(example = "Billing failed: Insufficient credits. Required: 1, Available: 0")]
    message: String,
}

/// Verifies a formula or a program.
#[utoipa::path(post, path = "/api/verify", operation_id = "verify", tag = "verify",
    request_body = VerifyBody,
    responses((status = 200, body = VerifyAnswer, description = "The verdict"),
        (status = 402, body = UnbilledBody, content_type = "application/problem+json",
            description = "Too few credits; in the shape of a verification, with `success` false")))]
pub async fn verify(
    State(app): State<App>,
    key: Key,
    request: RequestKey,
    Json(body): Json<VerifyBody, PROGRAM_MAX_BYTES>,
) -> Result<Answer<VerifyAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    let request = request.scoped();
    if body.reuse
        && let Some(earlier) = app.judge.decided(account, &body.proof_data, &request).await?
    {
        return Ok(Answer { replayed: false, body: again(&app, earlier).await? });
    }
    let quoted = Quoted { account, operation: Operation::ProofVerification, quantity: 1, request: &request };
    let at_most = quotes::budget(&app, body.quote_id.as_deref(), quoted).await?;
    match app.judge.verify_at_most(account, Some(key.id()), body.proof_data, &request, at_most).await {
        Ok(verification) => Ok(Answer { replayed: verification.replayed, body: answer(verification) }),
        Err(error) => Err(error.into()),
    }
}

/// An earlier verdict, with what the account has now.
async fn again(app: &App, earlier: Verification) -> Result<VerifyAnswer, Problem> {
    let summary = app.kernel.account(earlier.account).await?.ok_or_else(Problem::account_not_found)?;
    let credits_remaining = summary.available.get();
    Ok(VerifyAnswer { credits_charged: 0, credits_remaining, receipt: None, reused: true, ..answer(earlier) })
}

/// A verification in the guide's shape.
pub(super) fn answer(verification: Verification) -> VerifyAnswer {
    let Decision { verdict, evidence, program_hash, limits, .. } = verification.decision;
    let counterexample = evidence.counterexample.clone();
    let at = verification.at;
    let receipt = verification.paid.map(|paid| ReceiptAnswer::new(Some(paid.transaction), paid.seq, &paid.hash, at));
    VerifyAnswer {
        success: verdict.is_paid(),
        result: verdict.is_affirmative(),
        credits_charged: verification.charged.get(),
        credits_remaining: verification.balance.get(),
        message: if verdict.is_paid() { COMPLETE } else { NO_VERDICT },
        verification_id: verification.id.to_string(),
        verdict: verdict.as_str(),
        counterexample: Some(counterexample).filter(|rows| !rows.is_empty()),
        evidence,
        program_hash,
        limits,
        receipt,
        reused: false,
        replayed: verification.replayed,
    }
}

impl From<VerifyError> for Problem {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Kernel(KernelError::Refused(refusal)) => unbilled(refusal),
            VerifyError::Kernel(error) => error.into(),
            VerifyError::Unreadable(diagnostics) => {
                let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
                Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "unreadable_program",
                    format!("Unreadable program: {first}"),
                )
                .with("diagnostics", json!(diagnostics))
            }
            VerifyError::Invalid(sentence) => Self::field("proof_data", sentence),
            VerifyError::Busy => Self::busy(),
            VerifyError::Unavailable => Self::try_later("judge_unavailable", error.to_string()),
        }
    }
}

/// Too few credits keep the guide's shape; any other refusal is a plain problem.
fn unbilled(refusal: Refusal) -> Problem {
    let Refusal::InsufficientCredits { available, .. } = refusal else { return refusal.into() };
    let message = format!("Billing failed: {refusal}");
    let mut problem = Problem::from(refusal);
    problem.detail.clone_from(&message);
    problem
        .with("success", false)
        .with("result", false)
        .with("credits_charged", 0)
        .with("credits_remaining", available.get())
        .with("message", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Credits;

    #[test]
    fn too_few_credits_keep_the_guides_shape_and_words() {
        let [required, available] = [1, 0].map(|amount| Credits::new(amount).expect("small"));
        let refusal = Refusal::InsufficientCredits { required, available };
        let document = Problem::from(VerifyError::Kernel(KernelError::Refused(refusal))).document(None);
        assert_eq!(document["status"], 402);
        assert_eq!(document["success"], false);
        assert_eq!(document["result"], false);
        assert_eq!(document["credits_charged"], 0);
        assert_eq!(document["credits_remaining"], 0);
        assert_eq!(document["message"], "Billing failed: Insufficient credits. Required: 1, Available: 0");
        assert_eq!(document["detail"], document["message"]);
    }

    #[test]
    fn an_invalid_request_is_422_and_a_busy_judge_503() {
        assert_eq!(Problem::from(VerifyError::Invalid("give one".into())).status.as_u16(), 422);
        assert_eq!(Problem::from(VerifyError::Busy).status.as_u16(), 503);
    }
}
