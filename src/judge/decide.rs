//! From a request to a decision: which questions are asked, in which order, and what the answers mean.

use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{Mutex, Semaphore, oneshot};

use super::evidence::{Decision, Evidence, Line, SolverLimits, Verdict};
use super::examine::{Finding, Values};
use super::obligation::{Claim, Fact, Task, build};
use super::question::{Reach, Target, script};
use super::request::{JudgeError, ProofRequest, ProofType, Question};
use super::translate::Translator;
use crate::language::{BinaryOperator, Expr, ExprKind, Program};
use crate::solver::{Model, Outcome, SEED, Session, SolverPool};

/// The work spent on a readable example or a mend: nice to have, so cheap.
pub(super) const COURTESY_RLIMIT: u64 = 300_000;
/// An answer of the solver that exact evaluation does not bear out is no answer.
pub(super) const UNCONFIRMED: &str = "the solver's values could not be confirmed";
/// Examples are looked for among small numbers first.
const REACHES: [Reach<'static>; 3] = [Reach::Within(0, 1), Reach::Within(0, 10), Reach::Within(-1_000, 1_000)];

/// A request that was read and can be asked: nothing in it is refused any more.
pub struct Prepared {
    question: Question,
    task: Task,
    program_hash: String,
    /// Less time than the pool gives, where an earlier decision had less.
    wall: Duration,
}

/// Reading costs a fraction of a second at the most. So many requests are read at once, off the threads that serve.
static READERS: Semaphore = Semaphore::const_new(2);

/// Reads a request, and asks it dry, so that what cannot be asked is refused before anything is held.
///
/// # Errors
/// `Unreadable` with places in the source, `Invalid` with a sentence.
pub async fn prepare(request: &ProofRequest) -> Result<Prepared, JudgeError> {
    let request = request.clone();
    let place = READERS.acquire().await.map_err(|_| JudgeError::Busy)?;
    let read = tokio::task::spawn_blocking(move || {
        // Kept until the reading is over, also when nobody waits for it any more.
        let _place = place;
        Prepared::read(&request)
    });
    read.await.map_err(|error| JudgeError::Unavailable(error.to_string()))?
}

impl Prepared {
    fn read(request: &ProofRequest) -> Result<Self, JudgeError> {
        let question = request.read()?;
        let task = build(&question);
        let transition = !matches!(question.program, Program::Formula(_));
        if question.proof_type == ProofType::Conservation && transition && task.laws.is_empty() {
            let message = "nothing here changes a balance: name one with `balance`, or add `conserve …;`";
            return Err(JudgeError::Invalid(message.to_owned()));
        }
        script(&task, Target::Everything, Reach::Any, question.rlimit)?;
        Ok(Self { question, task, program_hash: request.hash(), wall: Duration::MAX })
    }

    /// The same question with no more than so much of the solver's work for each of its questions. It stays the same
    /// question: its hash says nothing of it, and a verdict found with less work is the same verdict.
    #[must_use]
    pub fn within(mut self, work: u64) -> Self {
        let own = self.question.rlimit.unwrap_or(u64::MAX);
        self.question.rlimit = Some(own.min(work));
        self
    }

    /// The same question with no more work and time than it had before.
    #[must_use]
    pub fn under(mut self, limits: &SolverLimits) -> Self {
        self.wall = Duration::from_millis(limits.wall_ms);
        self.within(limits.rlimit)
    }

    /// What the solvers of this pool will keep to.
    fn limits(&self, pool: &SolverPool) -> SolverLimits {
        let config = pool.config();
        let wall_ms = u64::try_from(self.wall.min(config.wall).as_millis()).unwrap_or(u64::MAX);
        let rlimit = self.question.rlimit.unwrap_or(config.rlimit).min(config.rlimit);
        SolverLimits { seed: SEED, rlimit, wall_ms, memory_mb: config.memory_mb }
    }
}

/// Decides a request. The same request gets the same verdict: the limit is on work, and clocks are backstops.
///
/// # Errors
/// As [`prepare`]; and `Busy` when too many wait already.
pub async fn decide(pool: &SolverPool, request: &ProofRequest) -> Result<Decision, JudgeError> {
    decide_prepared(pool, prepare(request).await?).await
}

/// Decides a request that was read before.
///
/// # Errors
/// `Busy` when too many wait already, `Unavailable` when there is no solver.
pub async fn decide_prepared(pool: &SolverPool, prepared: Prepared) -> Result<Decision, JudgeError> {
    let started = Instant::now();
    let solver = format!("Z3 {}", pool.version());
    let limits = Some(prepared.limits(pool));
    let session = pool.session_within(prepared.wall).await?;
    let runtime = Handle::current();
    let (_asker, mut asker_left) = oneshot::channel::<()>();
    // Scripts and second opinions are work, not waiting: they get a thread, and there are no more than sessions.
    let work = tokio::task::spawn_blocking(move || {
        let Prepared { question, task, program_hash, .. } = prepared;
        let court =
            Court { session: Mutex::new(session), task: &task, rlimit: question.rlimit, evidence: Evidence::default() };
        runtime.block_on(async {
            tokio::select! {
                judged = court.decided(&question) => judged.map(|found| (found, program_hash)),
                // Nobody reads this answer; what matters is that the solver is free again.
                _ = &mut asker_left => Err(JudgeError::Busy),
            }
        })
    });
    let ((verdict, evidence), program_hash) =
        work.await.map_err(|error| JudgeError::Unavailable(error.to_string()))??;
    let took = started.elapsed();
    Ok(Decision {
        verdict,
        evidence,
        program_hash,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        duration_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        solver,
        limits,
    })
}

pub(super) struct Court<'a> {
    session: Mutex<Session>,
    pub task: &'a Task,
    pub rlimit: Option<u64>,
    pub evidence: Evidence,
}

impl Court<'_> {
    async fn decided(mut self, question: &Question) -> Result<(Verdict, Evidence), JudgeError> {
        let transition = !matches!(question.program, Program::Formula(_));
        let verdict = match question.proof_type {
            ProofType::Satisfiable => self.possible().await,
            ProofType::Conservation if !transition => self.possible().await,
            ProofType::Conservation => self.prove(&[]).await,
            ProofType::Test | ProofType::Validity => {
                let task = self.task;
                self.prove(&task.claims).await
            }
        }?;
        Ok((verdict, self.evidence))
    }

    pub async fn ask(&self, target: Target<'_>, reach: Reach<'_>, rlimit: Option<u64>) -> Result<Outcome, JudgeError> {
        let mut session = self.session.lock().await;
        // When the time is over nothing is written out any more, either.
        if let Some(over) = session.overtime() {
            return Ok(over);
        }
        let script = script(self.task, target, reach, rlimit)?;
        Ok(session.check(&script).await?)
    }

    fn lines(&self, core: &[String]) -> Vec<Line> {
        let index = |label: &String| label.strip_prefix('f')?.parse::<usize>().ok();
        let mut found: Vec<usize> = core.iter().filter_map(index).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|at| self.task.facts.get(at)).map(|fact| fact.line().clone()).collect()
    }

    pub fn use_lines(&mut self, core: &[String]) {
        for line in self.lines(core) {
            if !self.evidence.used.contains(&line) {
                self.evidence.used.push(line);
            }
        }
        self.evidence.used.sort_by_key(|line| line.line);
    }

    pub fn unknown(&mut self, reason: String) -> Verdict {
        self.evidence.reason.get_or_insert(reason);
        Verdict::Unknown
    }

    /// The example with the smallest numbers that exact evaluation confirms.
    pub async fn readable<T>(
        &self,
        target: Target<'_>,
        model: &Model,
        confirm: &impl Fn(&Self, &Model) -> Option<T>,
    ) -> Result<Option<T>, JudgeError> {
        for reach in REACHES {
            if let Outcome::Sat(small) = self.ask(target, reach, Some(COURTESY_RLIMIT)).await?
                && let Some(found) = confirm(self, &small)
            {
                return Ok(Some(found));
            }
        }
        Ok(confirm(self, model))
    }

    /// Facts, then claims, then laws, then 64 bits. Evidence is gathered of all; the first fault names the verdict.
    async fn prove(&mut self, claims: &[Claim]) -> Result<Verdict, JudgeError> {
        if self.contradictory().await? {
            return Ok(Verdict::Vacuous);
        }
        let undefined = self.divisions().await?;
        let undefined_law = self.undefined_laws().await?;
        let refuted = undefined || undefined_law || self.claims(claims).await?;
        // A sum that has no value for some inputs neither stays nor changes.
        let law = !undefined_law && self.laws().await?;
        if refuted {
            // What else was proved on the way is not what the refutation rests on.
            self.evidence.used.clear();
            return Ok(Verdict::Refuted);
        }
        if law {
            return Ok(Verdict::NotConserved);
        }
        let reasons_before = self.evidence.reason.is_some();
        if self.overflows().await? {
            return Ok(Verdict::Overflow);
        }
        if reasons_before || self.evidence.reason.is_some() {
            self.evidence.used.clear();
            return Ok(Verdict::Unknown);
        }
        if claims.is_empty() && self.task.laws.is_empty() {
            self.evidence.reason =
                Some("every line of `verify` defines the state after; there was nothing else to prove".to_owned());
        }
        Ok(Verdict::Proved)
    }

    async fn contradictory(&mut self) -> Result<bool, JudgeError> {
        if !self.task.facts.iter().any(|fact| matches!(fact, Fact::Assume { .. })) {
            return Ok(false);
        }
        match self.ask(Target::Facts, Reach::Any, self.rlimit).await? {
            Outcome::Unsat { core } => {
                self.use_lines(&core);
                self.evidence.guards_can_hold = Some(false);
                self.evidence.reason =
                    Some("the guards contradict each other, so nothing follows from them".to_owned());
                Ok(true)
            }
            Outcome::Sat(model) => {
                let computed = Values::compute(self.task, &model).filter(|(_, fault)| fault.is_none());
                self.evidence.guards_can_hold = computed.map(|_| true);
                Ok(false)
            }
            // Whether the guards can hold is then not known; what follows from them may be.
            Outcome::Unknown(_) => Ok(false),
        }
    }

    /// Divisions by zero in guards and definitions; those in claims are found with the claims.
    async fn divisions(&mut self) -> Result<bool, JudgeError> {
        for (index, fact) in self.task.facts.iter().enumerate() {
            if !Translator::new(self.task).may_be_undefined(fact.expression())? {
                continue;
            }
            let target = Target::Defined(index);
            let confirm = |court: &Self, model: &Model| match Values::compute(court.task, model)? {
                (values, Some(finding)) => Some((values, finding)),
                _ => None,
            };
            match self.ask(target, Reach::Any, self.rlimit).await? {
                Outcome::Unsat { core } => self.use_lines(&core),
                Outcome::Unknown(reason) => drop(self.unknown(reason)),
                Outcome::Sat(model) => match self.readable(target, &model, &confirm).await? {
                    Some((values, finding)) => {
                        self.refute(&values, finding);
                        return Ok(true);
                    }
                    None => drop(self.unknown(UNCONFIRMED.to_owned())),
                },
            }
        }
        Ok(false)
    }

    async fn claims(&mut self, claims: &[Claim]) -> Result<bool, JudgeError> {
        if claims.is_empty() {
            return Ok(false);
        }
        match self.attack(claims).await? {
            Attack::Withstood => Ok(false),
            Attack::Broken(values, finding) => {
                self.refuted(&values, finding).await?;
                Ok(true)
            }
            Attack::Undecided(reason) if claims.len() == 1 => {
                self.unknown(reason);
                Ok(false)
            }
            Attack::Undecided(_) => self.one_by_one(claims).await,
        }
    }

    /// Together they were too much: each alone may still be decided.
    async fn one_by_one(&mut self, claims: &[Claim]) -> Result<bool, JudgeError> {
        for claim in claims {
            match self.attack(std::slice::from_ref(claim)).await? {
                Attack::Withstood => {}
                Attack::Broken(values, finding) => {
                    self.refuted(&values, finding).await?;
                    return Ok(true);
                }
                Attack::Undecided(reason) => drop(self.unknown(format!("line {}: {reason}", claim.line.line))),
            }
        }
        Ok(false)
    }

    async fn attack(&mut self, claims: &[Claim]) -> Result<Attack, JudgeError> {
        let target = Target::Claims(claims);
        let confirm = |court: &Self, model: &Model| {
            let (values, fault) = Values::compute(court.task, model)?;
            // A fact that cannot be computed is a finding of its own, looked for elsewhere.
            let finding = if fault.is_some() { None } else { values.failing_claim(court.task) }?;
            Some((values, finding))
        };
        Ok(match self.ask(target, Reach::Any, self.rlimit).await? {
            Outcome::Unsat { core } => {
                self.use_lines(&core);
                Attack::Withstood
            }
            Outcome::Unknown(reason) => Attack::Undecided(reason),
            Outcome::Sat(model) => match self.readable(target, &model, &confirm).await? {
                Some((values, finding)) => Attack::Broken(values, finding),
                None => Attack::Undecided(UNCONFIRMED.to_owned()),
            },
        })
    }

    async fn refuted(&mut self, values: &Values, finding: Finding) -> Result<(), JudgeError> {
        let mend = match &finding {
            Finding::Fails(line, expression) => self.mend(line, expression).await?,
            Finding::DividesByZero(..) => None,
        };
        self.refute(values, finding);
        if let Some((mend, edge)) = mend {
            self.evidence.reason = Some(format!("it fails when {edge}"));
            self.evidence.mend = Some(mend);
        }
        Ok(())
    }

    pub fn refute(&mut self, values: &Values, finding: Finding) {
        let (line, expression, reason) = match finding {
            Finding::Fails(line, expression) => (line, expression, "it does not hold for these values"),
            Finding::DividesByZero(line, expression) => (line, expression, "it divides by zero for these values"),
        };
        self.evidence.counterexample = values.rows(self.task, Some(&expression));
        self.evidence.failing = Some(line);
        self.evidence.reason = Some(reason.to_owned());
        self.evidence.used.clear();
    }

    /// `x > 0` that fails only at its edge: `x >= 0` is what was meant.
    async fn mend(&mut self, line: &Line, expression: &Expr) -> Result<Option<(Line, String)>, JudgeError> {
        let ExprKind::Binary(operator, left, right) = &expression.kind else { return Ok(None) };
        let wider = match operator {
            BinaryOperator::Less => BinaryOperator::LessOrEqual,
            BinaryOperator::Greater => BinaryOperator::GreaterOrEqual,
            _ => return Ok(None),
        };
        let weaker = Claim { expression: Expr::binary(wider, (**left).clone(), (**right).clone()), line: line.clone() };
        let target = Target::Claims(std::slice::from_ref(&weaker));
        if !matches!(self.ask(target, Reach::Any, Some(COURTESY_RLIMIT)).await?, Outcome::Unsat { .. }) {
            return Ok(None);
        }
        let [left, right] = [left, right].map(|side| self.shown(side));
        let text = format!("{left} {wider} {right}");
        Ok(Some((Line { line: line.line, text }, format!("{left} is exactly {right}"))))
    }

    /// An expression of the task in the program's own names.
    fn shown(&self, expr: &Expr) -> String {
        expr.renamed(&mut |name| self.task.symbol(name).map_or(name.clone(), |symbol| symbol.shown.clone())).to_string()
    }
}

enum Attack {
    Withstood,
    Broken(Values, Finding),
    Undecided(String),
}
