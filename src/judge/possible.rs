//! Whether something can hold at all: a question, not a proof.

use super::decide::{COURTESY_RLIMIT, Court, UNCONFIRMED};
use super::evidence::{Line, Verdict};
use super::examine::Values;
use super::obligation::Law;
use super::question::{Reach, Target, labelled};
use super::request::JudgeError;
use crate::solver::{Model, Outcome};

/// A contradiction of more conditions than this is told as the solver tells it.
const CORE_TRIED_MAX: usize = 16;

impl Court<'_> {
    pub async fn possible(&mut self) -> Result<Verdict, JudgeError> {
        let fits = |court: &Self, model: &Model| {
            let (values, finding) = Values::compute(court.task, model)?;
            let good = finding.is_none()
                && court.task.claims.iter().all(|claim| values.holds(court.task, &claim.expression) == Ok(true))
                && values.laws_hold(court.task);
            good.then_some(values)
        };
        match self.ask(Target::Everything, Reach::Any, self.rlimit).await? {
            Outcome::Unsat { core } => {
                self.use_lines(&core);
                match self.task.claims.len() + self.task.laws.len() {
                    1 => self.evidence.failing = self.stated(0),
                    _ => self.contradiction().await?,
                }
                self.evidence.reason = Some("no values satisfy it".to_owned());
                Ok(Verdict::Refuted)
            }
            Outcome::Unknown(reason) => Ok(self.unknown(reason)),
            Outcome::Sat(model) => match self.readable(Target::Everything, &model, &fits).await? {
                Some(values) => {
                    self.evidence.example = values.rows(self.task, None);
                    Ok(Verdict::Satisfiable)
                }
                None => Ok(self.unknown(UNCONFIRMED.to_owned())),
            },
        }
    }

    /// Of conditions that cannot all hold, the last of those that contradict fails, given the others of them.
    async fn contradiction(&mut self) -> Result<(), JudgeError> {
        let whole = self.ask(Target::Contradiction(None), Reach::Any, self.rlimit).await?;
        let Outcome::Unsat { core: mut needed } = whole else { return Ok(()) };
        let optional: Vec<String> = needed.iter().filter(|label| !label.starts_with('f')).cloned().collect();
        // What the solver names need not all be needed.
        if optional.len() <= CORE_TRIED_MAX {
            for label in optional {
                let others: Vec<String> = needed.iter().filter(|other| **other != label).cloned().collect();
                let target = Target::Contradiction(Some(&others));
                if let Outcome::Unsat { core } = self.ask(target, Reach::Any, Some(COURTESY_RLIMIT)).await? {
                    needed = core;
                }
            }
        }
        let mut named: Vec<usize> = needed.iter().filter_map(|label| labelled(self.task, label)).collect();
        named.sort_unstable();
        let lines: Vec<Line> = named.into_iter().filter_map(|place| self.stated(place)).collect();
        self.evidence.used.clear();
        self.use_lines(&needed);
        if let Some((last, before)) = lines.split_last() {
            self.evidence.failing = Some(last.clone());
            self.evidence.used.extend(before.iter().cloned());
            self.evidence.used.sort_by_key(|line| line.line);
        }
        Ok(())
    }

    /// Where a claim stands, or a law; laws are counted after the claims.
    fn stated(&self, place: usize) -> Option<Line> {
        let claim = self.task.claims.get(place).map(|claim| claim.line.clone());
        claim.or_else(|| self.task.laws.get(place.checked_sub(self.task.claims.len())?).map(Law::place))
    }
}
