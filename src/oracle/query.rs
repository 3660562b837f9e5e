//! What may be asked, and how it is read before anything is paid.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::bounds::{self, Bounds};
use super::service::OracleError;
use crate::judge::{JudgeError, ProofRequest, ProofType, effects};
use crate::language::{Condition, Decimal, Name, Value, parse_formula};

/// Rows of observations in one question.
pub const OBSERVATIONS_MAX: usize = 10_000;
/// More assumptions than this belong into the law.
const ASSUMPTIONS_MAX: usize = 100;
/// Longer than any name the language reads.
const NAME_BYTES_MAX: usize = 200;

/// One observation: an exact value for each name.
pub type Row = BTreeMap<String, Decimal>;

/// A question as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewQuery {
    /// A formula: is it always, sometimes or never true?
    #[serde(default)]
    pub law: Option<String>,
    /// What may be taken for granted.
    #[serde(default)]
    pub assumptions: Vec<String>,
    /// The least and the greatest value that a name of the law may have.
    #[serde(default)]
    pub bounds: Bounds,
    /// The same as lines: `x: 0 to 100`.
    #[serde(default)]
    pub bounds_lines: Option<String>,
    /// A program whose transitions are asked what they keep.
    #[serde(default)]
    pub transitions: Option<String>,
    /// Values to hold against the law, oldest first.
    #[serde(default)]
    pub observations: Vec<Row>,
    /// The same as a table: names in the first line, values below.
    #[serde(default)]
    pub observations_csv: Option<String>,
}

/// A question that can be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleQuery {
    pub law: Option<String>,
    pub assumptions: Vec<String>,
    /// Left out where there are none, so that a question without them is written as it always was.
    #[serde(default, skip_serializing_if = "Bounds::is_empty")]
    pub bounds: Bounds,
    pub transitions: Option<String>,
    pub observations: Vec<Row>,
}

impl NewQuery {
    /// Reads everything, so that what cannot be asked is refused before anything is held.
    ///
    /// # Errors
    /// `Unreadable` with places in the law or the transitions, `Invalid` with a sentence.
    pub fn read(mut self) -> Result<OracleQuery, OracleError> {
        if let Some(table) = self.observations_csv.take() {
            self.observations.extend(table_rows(&table)?);
        }
        if let Some(lines) = self.bounds_lines.take() {
            self.bounds.extend(bounds::typed(&lines)?);
        }
        let blank = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let (law, transitions) = (blank(self.law), blank(self.transitions));
        if law.is_none() && transitions.is_none() {
            return invalid("give a law, transitions, or both");
        }
        if law.is_none() && !(self.assumptions.is_empty() && self.observations.is_empty() && self.bounds.is_empty()) {
            return invalid("assumptions, bounds and observations belong to a law; give one");
        }
        if self.assumptions.len() > ASSUMPTIONS_MAX {
            return invalid("give at most 100 assumptions");
        }
        if self.observations.len() > OBSERVATIONS_MAX {
            return invalid("give at most 10,000 observations");
        }
        let (assumptions, bounds, observations) = (self.assumptions, self.bounds, self.observations);
        let query = OracleQuery { law, assumptions, bounds, transitions, observations };
        if let Some(conditions) = query.conditions()? {
            let names = names_of(&conditions);
            bounds::checked(&query.bounds, |name| names.contains(name))?;
            query.observations_fit(&conditions)?;
        }
        if let Some(source) = &query.transitions {
            effects(source).map_err(OracleError::from)?;
        }
        Ok(query)
    }
}

impl OracleQuery {
    /// The law as a question for the Judge.
    pub(super) fn request(&self, proof_type: ProofType) -> Option<ProofRequest> {
        let law = self.law.as_deref()?;
        Some(ProofRequest { assumptions: self.granted(), ..ProofRequest::formula(proof_type, law) })
    }

    /// All that may be taken for granted: the assumptions, and the bounds as such.
    pub(super) fn granted(&self) -> Vec<String> {
        self.assumptions.iter().cloned().chain(bounds::as_assumptions(&self.bounds)).collect()
    }

    /// The law's conditions.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn conditions(&self) -> Result<Option<Vec<Condition>>, OracleError> {
        let Some(law) = &self.law else { return Ok(None) };
        let conditions = parse_formula(law).map_err(|found| OracleError::from(JudgeError::Unreadable(found)))?;
        Ok(Some(conditions))
    }

    fn observations_fit(&self, conditions: &[Condition]) -> Result<(), OracleError> {
        let names = names_of(conditions);
        for (index, row) in self.observations.iter().enumerate() {
            if let Some(missing) = names.iter().find(|name| !row.contains_key(*name)) {
                return invalid(&format!("observation {} has no value for {missing}", index + 1));
            }
        }
        Ok(())
    }
}

/// The names that stand in the law.
fn names_of(conditions: &[Condition]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    conditions.iter().for_each(|condition| {
        condition.expression.for_each_name(&mut |name| {
            names.insert(name.to_string());
        });
    });
    names
}

/// The values of a row.
pub(super) fn values(row: &Row) -> impl Fn(&Name) -> Option<Value> + '_ {
    |name| row.get(&name.to_string()).map(|value| Value::Number(value.value().clone()))
}

fn invalid<T>(sentence: &str) -> Result<T, OracleError> {
    Err(OracleError::Invalid(sentence.to_owned()))
}

fn table_rows(table: &str) -> Result<Vec<Row>, OracleError> {
    let wrong = |line: u64, what: &str| OracleError::Invalid(format!("observations_csv line {line}: {what}"));
    // A spreadsheet ends lines with two letters, of which the reader counts the second to the next line.
    let table = table.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table.as_bytes());
    let headers = reader.headers().map_err(|error| wrong(1, &error.to_string()))?.clone();
    if headers.iter().any(|name| name.is_empty() || name.len() > NAME_BYTES_MAX) {
        return Err(wrong(1, "each column needs a name"));
    }
    let mut rows = Vec::new();
    for record in reader.records().take(OBSERVATIONS_MAX + 1) {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(line, "the row has another number of columns than the first line")
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut row = Row::new();
        for (name, text) in headers.iter().zip(record.iter()) {
            let value = text.parse().map_err(|error| wrong(line, &format!("{name}: {error}")))?;
            row.insert(name.to_owned(), value);
        }
        rows.push(row);
    }
    Ok(rows)
}
