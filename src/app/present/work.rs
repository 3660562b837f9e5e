//! The Oracle's answers and batches' reports, in words.

use super::dates::moment;
use super::drift::drift;
use super::refusals::{refused, refused_at};
use super::request::fresh_request;
use super::visitor::Visitor;
use crate::app::error::AppError;
use crate::app::flash::{self, Kept};
use crate::app::format::grouped;
use crate::app::views::*;
use crate::batch::{BatchError, BatchVerdict, NewBatch, TransactionVerdict, VerifiedBatch, batch_examples};
use crate::billing::{Answered, Outcome};
use crate::judge::ExampleRow;
use crate::language::{Decimal, SOURCE_BYTES_MAX};
use crate::ledger::{AccountId, Operation};
use crate::oracle::{Answer, Bound, Bounds, NewQuery, OracleError, OracleVerdict, Range, oracle_examples};
use crate::server::context::app;
use serde::{Deserialize, Serialize};

/// Characters of a line in a list.
const TITLE_MAX: usize = 48;
/// Rows of a report's tables: every transaction's verdict is among them; the rest of many balances is in the REST API.
const ROWS_SHOWN: usize = 1_000;

/// The Oracle's form as it was typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OracleForm {
    pub law: String,
    pub assumptions: String,
    #[serde(default)]
    pub bounds: String,
    pub transitions: String,
    pub observations: String,
}

/// The batches' form as it was typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BatchForm {
    pub balances: String,
    pub transactions: String,
    pub atomic: String,
}

fn text(typed: String) -> Option<String> {
    // Browsers send line ends as CR LF; a program has one kind.
    Some(typed.replace("\r\n", "\n")).filter(|text| !text.trim().is_empty())
}

impl OracleForm {
    /// The question it asks. Whether it can be read is for the Oracle to say.
    pub fn query(self) -> Result<NewQuery, AppError> {
        let size = self.law.len() + self.assumptions.len() + self.bounds.len() + self.transitions.len();
        if size > SOURCE_BYTES_MAX {
            return Err(refused("source_too_long"));
        }
        let assumptions = text(self.assumptions).unwrap_or_default();
        Ok(NewQuery {
            law: text(self.law),
            assumptions: assumptions.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
            bounds: Bounds::new(),
            bounds_lines: text(self.bounds),
            transitions: text(self.transitions),
            observations: Vec::new(),
            observations_csv: text(self.observations),
        })
    }
}

impl BatchForm {
    /// The batch it asks about, or what in it is no JSON.
    pub fn batch(self) -> Result<NewBatch, BatchError> {
        let batch = NewBatch::typed(self.atomic == "yes", text(self.balances), text(self.transactions));
        batch.map_err(|problem| BatchError::Unreadable(vec![problem]))
    }
}

/// Keeps a refused form's text and leads back to it.
pub fn back_to_form(account: AccountId, path: &str, form: &impl Serialize, error: &AppError) {
    refused_at(&draft_of(account, path, form), error);
}

/// Keeps a form's text; where its page shows it again.
pub(super) fn draft_of(account: AccountId, path: &str, form: &impl Serialize) -> String {
    let source = serde_json::to_string(form).unwrap_or_default();
    let draft = flash::keep(account, Kept::Program { kind: path.to_owned(), source });
    format!("{path}?draft={draft}")
}

pub(super) fn typed_before<F: for<'de> Deserialize<'de>>(account: AccountId, path: &str, draft: &str) -> Option<F> {
    match flash::look(account, draft)? {
        Kept::Program { kind, source } if kind == path => serde_json::from_str(&source).ok(),
        _ => None,
    }
}

impl From<OracleError> for AppError {
    fn from(error: OracleError) -> Self {
        match error {
            OracleError::Unreadable(_) | OracleError::Invalid(_) => refused("unreadable"),
            OracleError::Kernel(error) => error.into(),
            OracleError::Busy | OracleError::Unavailable => Self::Unavailable,
        }
    }
}

impl From<BatchError> for AppError {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::Unreadable(_) => refused("unreadable"),
            BatchError::Kernel(error) => error.into(),
            BatchError::Unavailable => Self::Unavailable,
        }
    }
}

/// The Oracle's page: a refused form (`draft`), an example, or the first of them.
pub fn oracle(visitor: &Visitor, draft: &str, example: &str, recent: &[Answer]) -> OracleView {
    let typed = typed_before::<OracleForm>(visitor.account(), "/oracle", draft);
    let problems = typed.clone().map(oracle_problems).unwrap_or_default();
    let form = typed.unwrap_or_else(|| {
        let all = oracle_examples();
        let chosen = all.iter().find(|one| one.slug == example).or_else(|| all.first());
        chosen.map_or_else(OracleForm::default, |one| OracleForm {
            law: one.law.to_owned(),
            assumptions: one.assumptions.to_owned(),
            bounds: String::new(),
            transitions: one.transitions.to_owned(),
            observations: one.observations.to_owned(),
        })
    });
    let title = |answer: &Answer| {
        shortened(answer.question.law.as_deref().or(answer.question.transitions.as_deref()).unwrap_or_default())
    };
    OracleView {
        frame: visitor.frame(),
        price: price(visitor, Operation::ConservationOracle),
        law: form.law,
        assumptions: form.assumptions,
        bounds: form.bounds,
        transitions: form.transitions,
        observations: form.observations,
        request: fresh_request(),
        problems,
        examples: oracle_examples().iter().map(|one| (one.slug.to_owned(), one.title.to_owned())).collect(),
        recent: recent.iter().map(|one| listed(one, title(one))).collect(),
    }
}

fn oracle_problems(form: OracleForm) -> Vec<String> {
    match form.query().map(NewQuery::read) {
        Ok(Err(OracleError::Unreadable(found))) => found.iter().map(ToString::to_string).collect(),
        Ok(Err(error)) => vec![error.to_string()],
        _ => Vec::new(),
    }
}

pub(super) fn price(visitor: &Visitor, operation: Operation) -> i64 {
    app().kernel.price_book().unit_price(operation, visitor.summary.tier).get()
}

fn listed<Q, A: Outcome>(one: &Answered<Q, A>, title: String) -> WorkView {
    let at = moment(one.at, app().clock.now());
    WorkView { id: one.id.clone(), title, verdict: one.answer.verdict().to_owned(), at }
}

fn cost<Q, A>(one: &Answered<Q, A>) -> CostView {
    CostView {
        charged: one.charged.get(),
        balance: one.balance.get(),
        receipt: match one.paid {
            Some(paid) => format!("{} · {:.8}", paid.transaction, paid.hash.to_string()),
            None => "none: nothing was charged".to_owned(),
        },
        at: format!("{} UTC", moment(one.at, app().clock.now())),
    }
}

fn shortened(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    match line.char_indices().nth(TITLE_MAX) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(line)),
        None => line.to_owned(),
    }
}

/// Verifies what a form brings; the report's id.
pub async fn verify_batch(account: AccountId, form: &BatchForm, key: &str) -> Result<String, AppError> {
    let batch = form.clone().batch()?;
    Ok(app().batches.verify(account, None, batch, key, None).await?.id)
}

/// One answer's page.
pub fn oracle_answer(visitor: &Visitor, one: &Answer, share: ShareView) -> OracleAnswerView {
    OracleAnswerView { frame: visitor.frame(), id: one.id.clone(), cost: cost(one), share, found: oracle_found(one) }
}

/// What was asked and found.
pub(super) fn oracle_found(one: &Answer) -> OracleFound {
    let answer = &one.answer;
    let kept = answer.kept.as_ref();
    let effects = kept.into_iter().flat_map(|kept| &kept.transitions).flat_map(|transition| {
        transition.changes.iter().map(|(name, by)| (transition.name.clone(), name.clone(), by.clone()))
    });
    let left_out = kept.filter(|kept| !kept.left_out.is_empty()).map(|kept| {
        format!("{}: some step leaves it open or changes it by no linear form, so no sum with it is looked for. What a step keeps, it says with keep.", kept.left_out.join(", "))
    });
    OracleFound {
        law: one.question.law.clone().unwrap_or_default(),
        assumptions: one.question.assumptions.join("\n"),
        bounds: bounds_lines(&one.question.bounds),
        transitions: one.question.transitions.clone().unwrap_or_default(),
        verdict: answer.verdict.as_str().to_owned(),
        headline: match answer.verdict {
            OracleVerdict::Always => "It is true for all values.",
            OracleVerdict::Sometimes => "It is true for some values and not for others.",
            OracleVerdict::Never => "It is true for no values.",
            OracleVerdict::Vacuous => "The assumptions contradict each other, so nothing can be said.",
            OracleVerdict::Answered => "This is what the transitions do and keep.",
            OracleVerdict::Unknown => "The limit was reached before an answer. Nothing was charged.",
        }
        .to_owned(),
        explanation: answer.reason.clone().unwrap_or_default(),
        example: answer.example.iter().map(value).collect(),
        counterexample: answer.counterexample.iter().map(value).collect(),
        ranges: answer.ranges.iter().map(range).collect(),
        ranges_left_out: match answer.ranges_left_out.as_slice() {
            [] => String::new(),
            names => format!("Not looked for, because the law has too many names: {}.", names.join(", ")),
        },
        kept: kept.into_iter().flat_map(|kept| &kept.combinations).map(|one| one.text.clone()).collect(),
        effects: effects.collect(),
        left_out: left_out.unwrap_or_default(),
        drift: answer.drift.as_ref().map(drift),
    }
}

/// As they are typed.
fn bounds_lines(bounds: &Bounds) -> String {
    let end = |end: &Option<Decimal>| end.as_ref().map(ToString::to_string).unwrap_or_default();
    let line = |(name, [low, high]): (&String, &[Option<Decimal>; 2])| format!("{name}: {} to {}", end(low), end(high));
    bounds.iter().map(line).map(|line| line.trim_end().replace("  ", " ")).collect::<Vec<_>>().join("\n")
}

fn value(row: &ExampleRow) -> ValueView {
    ValueView {
        name: row.name.clone(),
        before: row.before.clone().unwrap_or_default(),
        after: row.after.clone().unwrap_or_default(),
        wrong: row.at_fault,
    }
}

fn range(range: &Range) -> RangeView {
    match range {
        Range::Number { name, low, high, .. } => RangeView { name: name.clone(), low: bound(low), high: bound(high) },
        Range::Truth { name, can_be_true, can_be_false } => {
            let word = |known: &Option<bool>, word: &str| match known {
                Some(true) => word.to_owned(),
                Some(false) => format!("never {word}"),
                None => "unknown".to_owned(),
            };
            RangeView { name: name.clone(), low: word(can_be_false, "false"), high: word(can_be_true, "true") }
        }
    }
}

fn bound(bound: &Bound) -> String {
    match bound {
        Bound::Unbounded => "no end".to_owned(),
        Bound::At { value, attained: true } => value.clone(),
        Bound::At { value, attained: false } => format!("{value}, not reached"),
        Bound::Between { low, high } => format!("between {low} and {high}"),
        Bound::Unknown => "unknown".to_owned(),
    }
}

pub(super) fn count(number: usize) -> String {
    grouped(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The batches' page.
pub fn batch(visitor: &Visitor, draft: &str, example: &str, recent: &[VerifiedBatch]) -> BatchView {
    let typed = typed_before::<BatchForm>(visitor.account(), "/batch", draft);
    let read = |form: BatchForm| form.batch().and_then(|batch| batch.read().map_err(BatchError::Unreadable));
    let problems = match typed.clone().map(read) {
        Some(Err(BatchError::Unreadable(found))) => {
            found.iter().map(|one| format!("{}: {}", one.place, one.message)).collect()
        }
        _ => Vec::new(),
    };
    let form = typed.unwrap_or_else(|| {
        let all = batch_examples();
        let chosen = all.iter().find(|one| one.slug == example).or_else(|| all.first());
        chosen.map_or_else(BatchForm::default, |one| BatchForm {
            balances: one.balances.to_owned(),
            transactions: one.transactions.to_owned(),
            atomic: if one.atomic { "yes" } else { "no" }.to_owned(),
        })
    });
    let title = |one: &VerifiedBatch| match one.question.transactions.len() {
        1 => "1 transaction".to_owned(),
        many => format!("{} transactions", count(many)),
    };
    BatchView {
        frame: visitor.frame(),
        price: price(visitor, Operation::BatchVerification),
        balances: form.balances,
        transactions: form.transactions,
        atomic: form.atomic == "yes",
        request: fresh_request(),
        problems,
        examples: batch_examples().iter().map(|one| (one.slug.to_owned(), one.title.to_owned())).collect(),
        recent: recent.iter().map(|one| listed(one, title(one))).collect(),
    }
}

/// One report's page.
pub fn batch_report(visitor: &Visitor, one: &VerifiedBatch, share: ShareView) -> BatchReportView {
    BatchReportView { frame: visitor.frame(), id: one.id.clone(), cost: cost(one), share, found: batch_found(one) }
}

/// What the batch came to.
pub(super) fn batch_found(one: &VerifiedBatch) -> BatchFound {
    let report = &one.answer;
    let (applied, refused) = (count(report.applied), count(report.refused));
    let rows = one.question.transactions.iter().zip(&report.transactions).take(ROWS_SHOWN);
    let end = |account: &Option<String>| account.clone().unwrap_or_else(|| "outside".to_owned());
    let schedule = &report.schedule;
    let cut = match report.balances.len() > ROWS_SHOWN {
        true => " Below are the first 1,000 balances; the REST API has all.",
        false => "",
    };
    BatchFound {
        verdict: report.verdict().to_owned(),
        headline: match report.verdict {
            BatchVerdict::Applied => format!("All {applied} transactions can be applied."),
            BatchVerdict::PartlyApplied => format!("{applied} can be applied, {refused} cannot."),
            BatchVerdict::Refused => format!("None of the {refused} transactions can be applied."),
            BatchVerdict::RolledBack => "One cannot be applied, so none is.".to_owned(),
        } + cut,
        rows: rows
            .map(|(sent, told)| BatchRowView {
                id: told.id.clone(),
                what: format!("{} {} · {} → {}", sent.amount, sent.asset, end(&sent.from), end(&sent.to)),
                verdict: match told.verdict {
                    TransactionVerdict::Applied => "applied",
                    TransactionVerdict::Refused => "refused",
                    TransactionVerdict::Undone => "undone",
                    TransactionVerdict::NotReached => "not_reached",
                }
                .to_owned(),
                reason: told.reason.as_ref().map(crate::batch::Reason::sentence).unwrap_or_default(),
                layer: i64::try_from(told.layer).unwrap_or(i64::MAX),
                waits_for: told.waits_for.join(", "),
            })
            .collect(),
        layers: schedule.layers.iter().take(ROWS_SHOWN).map(|layer| layer.join(", ")).collect(),
        schedule: format!(
            "{} steps instead of {}, at most {} at once; {} pairs touch the same balance. Run so, it ends as it does one after the other: both were run and compared.",
            count(schedule.depth),
            count(report.transactions.len()),
            count(schedule.width),
            count(schedule.conflicts),
        ),
        totals: report
            .totals
            .iter()
            .map(|total| {
                let sums = [&total.opening, &total.entered, &total.left, &total.closing].map(ToString::to_string);
                (total.asset.clone(), sums, total.conserved)
            })
            .collect(),
        balances: report
            .balances
            .iter()
            .take(ROWS_SHOWN)
            .map(|one| [one.account.clone(), one.asset.clone(), one.opening.to_string(), one.closing.to_string()])
            .collect(),
    }
}
