//! Which values each name can have where a law holds: found by halving, each step a question to the solver whose yes
//! was checked by exact evaluation and whose no is a proof.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::answer::{Bound, Range};
use super::query::OracleQuery;
use super::service::OracleError;
use crate::judge::{ExampleRow, Limits, ProofRequest, ProofType, Verdict, decide};
use crate::language::{Type, Value};
use crate::solver::SolverPool;

/// Names whose range is looked for, the first of the law; the rest are named in the answer.
const NAMES_MAX: usize = 24;
/// Questions for all ranges together: some seconds at the most.
const QUESTIONS_MAX: u32 = 1_500;
/// The work for one of them: nice to have, so cheap.
const RLIMIT: u64 = 500_000;
/// A fraction that is an end is told apart from its neighbours by so many halvings.
const HALVINGS: u32 = 24;
/// An end that is only approached must be approached as closely as this, in halvings: no fraction of a hundred digits
/// that lies beside it is taken for it.
const CLOSE_HALVINGS: u32 = 700;

/// Puts questions about a law, and counts them.
pub(super) struct Asker<'a> {
    pool: &'a SolverPool,
    facts: Vec<String>,
    pub questions: u32,
}

/// Whether something is possible where the law holds.
enum Possible {
    Yes(Vec<ExampleRow>),
    No,
    Unknown,
}

impl<'a> Asker<'a> {
    pub fn new(pool: &'a SolverPool, query: &OracleQuery) -> Self {
        let facts = query.law.iter().cloned().chain(query.granted()).collect();
        Self { pool, facts, questions: 0 }
    }

    async fn possible(&mut self, also: &str) -> Result<Possible, OracleError> {
        if self.questions >= QUESTIONS_MAX {
            return Ok(Possible::Unknown);
        }
        self.questions += 1;
        let request = ProofRequest {
            assumptions: self.facts.clone(),
            limits: Some(Limits { rlimit: Some(RLIMIT) }),
            ..ProofRequest::formula(ProofType::Satisfiable, also)
        };
        let decision = decide(self.pool, &request).await?;
        Ok(match decision.verdict {
            Verdict::Satisfiable => Possible::Yes(decision.evidence.example),
            Verdict::Refuted | Verdict::Vacuous => Possible::No,
            _ => Possible::Unknown,
        })
    }
}

/// The range of each name, given values for which the law holds; and the names that no range was looked for, because they
/// are too many. Texts have no range, and are none of these.
pub(super) async fn ranges(
    asker: &mut Asker<'_>,
    names: &[(String, Type)],
    example: &[ExampleRow],
) -> Result<(Vec<Range>, Vec<String>), OracleError> {
    let mut found = Vec::new();
    let with_range: Vec<&(String, Type)> = names.iter().filter(|(_, kind)| *kind != Type::Text).collect();
    let left_out = with_range.iter().skip(NAMES_MAX).map(|(name, _)| name.clone()).collect();
    for (name, kind) in with_range.into_iter().take(NAMES_MAX) {
        match kind {
            Type::Boolean => {
                let can_be_true = truth(asker.possible(name).await?);
                let can_be_false = truth(asker.possible(&format!("not {name}")).await?);
                found.push(Range::Truth { name: name.clone(), can_be_true, can_be_false });
            }
            Type::Integer | Type::Rational => {
                let Some(start) = value_in(example, name) else { continue };
                let integer = *kind == Type::Integer;
                let high = End { asker, name, mirrored: false, integer }.find(&start).await?;
                let low = End { asker, name, mirrored: true, integer }.find(&start).await?;
                found.push(Range::Number { name: name.clone(), integer, low, high });
            }
            Type::Text => {}
        }
    }
    Ok((found, left_out))
}

fn truth(possible: Possible) -> Option<bool> {
    match possible {
        Possible::Yes(_) => Some(true),
        Possible::No => Some(false),
        Possible::Unknown => None,
    }
}

fn value_in(rows: &[ExampleRow], name: &str) -> Option<BigRational> {
    let bare = name.strip_prefix("old_");
    let row = rows.iter().find(|row| row.name == name || Some(row.name.as_str()) == bare)?;
    let text = if bare.is_some() && row.name != name { row.before.as_ref() } else { row.after.as_ref() };
    let text = text.or(row.before.as_ref())?;
    let (whole, part) = text.split_once('/').unwrap_or((text, "1"));
    let number = |text: &str| text.trim().parse::<crate::language::Decimal>().ok();
    let (whole, part) = (number(whole)?, number(part)?);
    (!part.value().is_zero()).then(|| whole.value() / part.value())
}

/// The upper end of a name's values, or, mirrored, the lower one of which everything here is the negative.
struct End<'e, 'a> {
    asker: &'e mut Asker<'a>,
    name: &'e str,
    mirrored: bool,
    integer: bool,
}

impl End<'_, '_> {
    async fn find(mut self, start: &BigRational) -> Result<Bound, OracleError> {
        let start = if self.mirrored { -start } else { start.clone() };
        let farthest = BigRational::from_integer(BigInt::from(i64::MAX));
        match self.beyond(">", &farthest).await? {
            Possible::Yes(_) => return Ok(Bound::Unbounded),
            Possible::Unknown => return Ok(Bound::Unknown),
            Possible::No => {}
        }
        let Some(whole) = self.whole_end(&start.floor().to_integer(), &BigInt::from(i64::MAX)).await? else {
            return Ok(Bound::Unknown);
        };
        let whole = BigRational::from_integer(whole);
        if self.integer { Ok(self.at(&whole, true)) } else { self.fraction_end(whole).await }
    }

    /// The least whole number that no value lies beyond.
    async fn whole_end(&mut self, reached: &BigInt, farthest: &BigInt) -> Result<Option<BigInt>, OracleError> {
        let (mut low, mut high, mut step) = (reached.clone(), farthest.clone(), Some(BigInt::one()));
        while low < high {
            let middle = match &step {
                Some(step) => (&low + step - 1_i32).min(&high - 1_i32),
                None => (&low + &high).div_floor_two(),
            };
            match self.beyond(">", &BigRational::from_integer(middle.clone())).await? {
                Possible::Yes(rows) => {
                    let seen = value_in(&rows, self.name).map(|value| if self.mirrored { -value } else { value });
                    let seen = seen.map(|value| value.ceil().to_integer());
                    low = seen.filter(|value| *value > middle && *value <= high).unwrap_or(middle + 1_i32);
                    step = step.map(|step| step * 2_i32);
                }
                Possible::No => {
                    high = middle;
                    step = None;
                }
                Possible::Unknown => return Ok(None),
            }
        }
        Ok(Some(high))
    }

    /// The end of fractions, which lies at most one below `whole`.
    async fn fraction_end(&mut self, whole: BigRational) -> Result<Bound, OracleError> {
        let grain = BigRational::new(BigInt::one(), BigInt::one() << HALVINGS);
        let (mut low, mut high) = (&whole - BigRational::one(), whole.clone());
        let near = &whole - &grain;
        match self.beyond(">", &near).await? {
            Possible::Yes(_) => low = near,
            Possible::No => high = near,
            Possible::Unknown => return Ok(Bound::Unknown),
        }
        while &high - &low > grain {
            let middle = (&low + &high) / BigRational::from_integer(BigInt::from(2));
            match self.beyond(">", &middle).await? {
                Possible::Yes(_) => low = middle,
                Possible::No => high = middle,
                Possible::Unknown => return Ok(Bound::Unknown),
            }
        }
        let end = simplest_between(&low, &high);
        let beyond = matches!(self.beyond(">", &end).await?, Possible::No);
        if beyond {
            let close = &end - BigRational::new(BigInt::one(), BigInt::one() << CLOSE_HALVINGS);
            match self.beyond("==", &end).await? {
                Possible::Yes(_) => return Ok(self.at(&end, true)),
                Possible::No if matches!(self.beyond(">", &close).await?, Possible::Yes(_)) => {
                    return Ok(self.at(&end, false));
                }
                Possible::No | Possible::Unknown => {}
            }
        }
        let (low, high) = if self.mirrored { (-high, -low) } else { (low, high) };
        Ok(Bound::Between { low: Value::Number(low).to_string(), high: Value::Number(high).to_string() })
    }

    fn at(&self, value: &BigRational, attained: bool) -> Bound {
        let value = if self.mirrored { -value } else { value.clone() };
        Bound::At { value: Value::Number(value).to_string(), attained }
    }

    async fn beyond(&mut self, operator: &str, value: &BigRational) -> Result<Possible, OracleError> {
        let (operator, value) = match (self.mirrored, operator) {
            (true, ">") => ("<", -value),
            (true, other) => (other, -value),
            (false, other) => (other, value.clone()),
        };
        // A whole number stays one, so that it does not make an integer's name a fraction's.
        let written = if value.is_integer() {
            format!("({})", value.numer())
        } else {
            format!("({} / {})", value.numer(), value.denom())
        };
        self.asker.possible(&format!("{} {operator} {written}", self.name)).await
    }
}

trait Halve {
    fn div_floor_two(&self) -> Self;
}

impl Halve for BigInt {
    fn div_floor_two(&self) -> Self {
        // Shifting a BigInt to the right rounds down, whatever its sign.
        self >> 1_u32
    }
}

/// The fraction with the least denominator in `low..=high`, by continued fractions.
fn simplest_between(low: &BigRational, high: &BigRational) -> BigRational {
    let whole = low.ceil();
    if whole <= *high {
        return whole;
    }
    let floor = low.floor();
    let inner = simplest_between(&(high - &floor).recip(), &(low - &floor).recip());
    floor + inner.recip()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(numer: i64, denom: i64) -> BigRational {
        BigRational::new(numer.into(), denom.into())
    }

    #[test]
    fn the_simplest_fraction_between_two_is_found() {
        for (low, high, simplest) in [
            ((1, 4), (1, 2), (1, 2)),
            ((333, 1000), (334, 1000), (1, 3)),
            ((-334, 1000), (-333, 1000), (-1, 3)),
            ((7, 2), (9, 2), (4, 1)),
            ((314, 100), (315, 100), (22, 7)),
        ] {
            let found = simplest_between(&ratio(low.0, low.1), &ratio(high.0, high.1));
            assert_eq!(found, ratio(simplest.0, simplest.1));
        }
    }
}
