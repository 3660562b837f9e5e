//! The paid Oracle: read first, then hold, then ask, then settle by what was found.

use std::sync::Arc;

use super::answer::{OracleAnswer, OracleVerdict};
use super::conserved::kept_by;
use super::drift::{Drift, drift};
use super::query::{NewQuery, OracleQuery};
use super::ranges::{Asker, ranges};
use crate::billing::store::Database;
use crate::billing::{Answered, Desk, DeskError, Kernel, KernelError, Question};
use crate::judge::{JudgeError, ProofRequest, ProofType, Verdict, decide, effects, free_names, prepare};
use crate::language::{Condition, Diagnostic};
use crate::ledger::{AccountId, Clock, IdSource, KeyId, Operation, Promise, QueryId};
use crate::solver::SolverPool;

/// A question with its answer and what belongs to it.
pub type Answer = Answered<OracleQuery, OracleAnswer>;

/// The Oracle, behind the till. Cheap to clone.
#[derive(Clone)]
pub struct Oracle {
    desk: Desk,
    pool: SolverPool,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// Why there is no answer. Nothing was charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OracleError {
    /// The law or the transitions cannot be read; nothing was held either.
    #[error("the question cannot be read: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Unreadable(Vec<Diagnostic>),
    /// The question makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The till says no.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// All solvers are at work.
    #[error("the oracle is busy; try again in a moment, nothing was charged")]
    Busy,
    /// The solver is out of order.
    #[error("the oracle is not available at the moment; nothing was charged")]
    Unavailable,
}

impl From<JudgeError> for OracleError {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Unreadable(diagnostics) => Self::Unreadable(diagnostics),
            JudgeError::Invalid(why) => Self::Invalid(why),
            JudgeError::Busy => Self::Busy,
            JudgeError::Unavailable(why) => {
                tracing::error!(%why, "the solver did not answer");
                Self::Unavailable
            }
        }
    }
}

impl From<DeskError<OracleError>> for OracleError {
    fn from(error: DeskError<OracleError>) -> Self {
        match error {
            DeskError::Kernel(error) => Self::Kernel(error),
            DeskError::Work(error) => error,
        }
    }
}

impl Oracle {
    /// The Oracle over a running solver pool.
    #[must_use]
    pub fn new(
        database: Database,
        kernel: Kernel,
        pool: SolverPool,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self { desk: Desk::new(database, kernel, Arc::clone(&clock)), pool, clock, ids }
    }

    /// Answers a question and charges for the answer. Sent again under the same idempotency key, it gets the first
    /// answer again.
    ///
    /// # Errors
    /// When the question cannot be read, the till refuses, or there is no solver. Nothing was charged.
    pub async fn ask(
        &self,
        account: AccountId,
        key: Option<KeyId>,
        new: NewQuery,
        request: &str,
        at_most: Option<Promise>,
    ) -> Result<Answer, OracleError> {
        let query = new.read()?;
        if let Some(request) = query.request(ProofType::Validity) {
            prepare(&request).await?;
        }
        // Asking again and again while all are at work leaves no trace in the ledger.
        let pool = self.pool.for_asker(&account.to_string());
        pool.room().map_err(JudgeError::from)?;
        let id = QueryId::from_ulid(self.ids.next(self.clock.now())).to_string();
        let operation = Operation::ConservationOracle;
        let asked = Question { id: &id, account, key, request, operation, question: &query, at_most };
        Ok(self.desk.answer_patiently(asked, || consult(&pool, &query)).await?)
    }

    /// One of the account's questions; another account's looks like none.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn answer(&self, account: AccountId, id: QueryId) -> Result<Option<Answer>, OracleError> {
        Ok(self.desk.kept::<_, _, OracleError>(account, &id.to_string()).await?)
    }

    /// The account's questions, newest first; those before an id.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn list(
        &self,
        account: AccountId,
        before: Option<QueryId>,
        limit: i64,
    ) -> Result<Vec<Answer>, OracleError> {
        let before = before.map(|id| id.to_string());
        let operation = Operation::ConservationOracle;
        Ok(self.desk.list::<_, _, OracleError>(account, operation, before.as_deref(), limit).await?)
    }
}

/// Finds the answer to a question that was read.
///
/// # Errors
/// `Busy` when too many wait already, `Unavailable` when there is no solver.
pub async fn consult(pool: &SolverPool, query: &OracleQuery) -> Result<OracleAnswer, OracleError> {
    let mut answer = OracleAnswer {
        verdict: OracleVerdict::Answered,
        example: Vec::new(),
        counterexample: Vec::new(),
        ranges: Vec::new(),
        ranges_left_out: Vec::new(),
        kept: None,
        drift: None,
        reason: None,
        questions: 0,
        solver: format!("Z3 {}", pool.version()),
    };
    if let Some(source) = &query.transitions {
        answer.kept = Some(kept_by(&effects(source)?));
    }
    if let Some(conditions) = query.conditions()? {
        answer.drift = held_against(conditions, query).await?;
        judged(pool, query, &mut answer).await?;
    }
    Ok(answer)
}

/// What the observations say, on a thread of its own: ten thousand rows are work.
async fn held_against(conditions: Vec<Condition>, query: &OracleQuery) -> Result<Option<Drift>, OracleError> {
    let rows = query.observations.clone();
    let held = tokio::task::spawn_blocking(move || drift(&conditions, &rows)).await.map_err(|error| {
        tracing::error!(%error, "observations were not held against the law");
        OracleError::Unavailable
    })?;
    held.map_err(|_| {
        OracleError::Invalid("to hold the observations against the law takes too many steps: send fewer".to_owned())
    })
}

/// Whether the law is always, sometimes or never true, and what its names can be where it is.
async fn judged(pool: &SolverPool, query: &OracleQuery, answer: &mut OracleAnswer) -> Result<(), OracleError> {
    let (Some(possible), Some(valid)) = (query.request(ProofType::Satisfiable), query.request(ProofType::Validity))
    else {
        return Ok(());
    };
    let possible = decide(pool, &possible).await?;
    answer.questions += 1;
    answer.verdict = match possible.verdict {
        Verdict::Satisfiable => {
            answer.example.clone_from(&possible.evidence.example);
            let all = decide(pool, &valid).await?;
            answer.questions += 1;
            match all.verdict {
                Verdict::Proved => OracleVerdict::Always,
                Verdict::Refuted => {
                    answer.counterexample = all.evidence.counterexample;
                    answer.reason = all.evidence.reason;
                    OracleVerdict::Sometimes
                }
                _ => {
                    answer.reason = all.evidence.reason;
                    OracleVerdict::Unknown
                }
            }
        }
        Verdict::Refuted | Verdict::Vacuous => never(pool, query, answer).await?,
        _ => {
            answer.reason = possible.evidence.reason;
            OracleVerdict::Unknown
        }
    };
    if matches!(answer.verdict, OracleVerdict::Always | OracleVerdict::Sometimes)
        && let Some(request) = query.request(ProofType::Satisfiable)
    {
        let mut asker = Asker::new(pool, query);
        let found = ranges(&mut asker, &free_names(&request)?, &possible.evidence.example).await?;
        (answer.ranges, answer.ranges_left_out) = found;
        answer.questions += asker.questions;
    }
    Ok(())
}

/// No values make it true: because of the law, or because the assumptions allow none at all.
async fn never(
    pool: &SolverPool,
    query: &OracleQuery,
    answer: &mut OracleAnswer,
) -> Result<OracleVerdict, OracleError> {
    let granted = query.granted();
    if granted.is_empty() {
        return Ok(OracleVerdict::Never);
    }
    // Each stays by itself: a comment at the end of one must not take the next along.
    let anything = ProofRequest::formula(ProofType::Satisfiable, "0 == 0");
    let alone = ProofRequest { assumptions: granted, ..anything };
    let alone = decide(pool, &alone).await?;
    answer.questions += 1;
    Ok(match alone.verdict {
        Verdict::Satisfiable => {
            answer.counterexample = alone.evidence.example;
            OracleVerdict::Never
        }
        Verdict::Refuted | Verdict::Vacuous => OracleVerdict::Vacuous,
        _ => {
            answer.reason = alone.evidence.reason;
            OracleVerdict::Unknown
        }
    })
}
