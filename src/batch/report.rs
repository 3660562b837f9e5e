//! What a batch comes to: a verdict for each transaction, the schedule, and what every asset's total did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::read::BatchRequest;
use super::run::{Book, Ready};
use super::schedule::Plan;
use crate::billing::Outcome;
use crate::language::Decimal;

/// What became of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchVerdict {
    /// Every transaction was applied.
    Applied,
    /// Some were, and some refused.
    PartlyApplied,
    /// Every one was refused.
    Refused,
    /// One was refused, and with it all.
    RolledBack,
}

/// What became of one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionVerdict {
    Applied,
    Refused,
    /// It could be applied, and was undone because another could not.
    Undone,
    /// Another was refused before it.
    NotReached,
}

/// Why a transaction was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    InsufficientBalance { account: String, needed: String, available: String },
    Guard { guard: String },
    GuardFault { guard: String, fault: String },
    Overflow { account: String },
}

impl Reason {
    /// The same for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::InsufficientBalance { account, needed, available } => {
                format!("{account} has {available} and {needed} is needed")
            }
            Self::Guard { guard } => format!("{guard} does not hold"),
            Self::GuardFault { guard, fault } => format!("{guard} has no value: {fault}"),
            Self::Overflow { account } => format!("the balance of {account} would leave 64 bits"),
        }
    }
}

/// One transaction of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionReport {
    pub id: String,
    pub verdict: TransactionVerdict,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Reason>,
    /// Its layer in the schedule, from one.
    pub layer: usize,
    /// The transactions it must come after.
    pub waits_for: Vec<String>,
}

/// How the batch can run side by side, with the same end as one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Steps when all of a layer run at once.
    pub depth: usize,
    /// The most that run at once.
    pub width: usize,
    /// Pairs of transactions that touch the same balance.
    pub conflicts: usize,
    pub layers: Vec<Vec<String>>,
}

/// A balance before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountBalance {
    pub account: String,
    pub asset: String,
    pub opening: Decimal,
    pub closing: Decimal,
}

/// What an asset's total did: the opening and what entered, less what left, is the closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetTotal {
    pub asset: String,
    pub opening: Decimal,
    pub entered: Decimal,
    pub left: Decimal,
    pub closing: Decimal,
    pub conserved: bool,
}

/// What a batch comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchReport {
    pub verdict: BatchVerdict,
    pub applied: usize,
    pub refused: usize,
    pub transactions: Vec<TransactionReport>,
    pub schedule: Schedule,
    pub balances: Vec<AccountBalance>,
    pub totals: Vec<AssetTotal>,
}

impl Outcome for BatchReport {
    fn verdict(&self) -> &'static str {
        match self.verdict {
            BatchVerdict::Applied => "applied",
            BatchVerdict::PartlyApplied => "partly_applied",
            BatchVerdict::Refused => "refused",
            BatchVerdict::RolledBack => "rolled_back",
        }
    }

    /// A batch that can be read always has a verdict.
    fn is_paid(&self) -> bool {
        true
    }
}

/// The layers came to another end than the serial order: nothing that is computed here may then be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parallel schedule and the serial order disagree")]
pub struct Mismatch;

/// Runs a batch one after the other, and again by its schedule, and reports what both came to.
///
/// # Errors
/// [`Mismatch`] when they did not come to the same.
pub fn verify(request: &BatchRequest) -> Result<BatchReport, Mismatch> {
    let (all, opening) = (Ready::all(request), Book::opening(request));
    let plan = Plan::of(&all);
    let (outcomes, closing) = serially(request, &all, opening.clone());
    if by_layers(request, &all, &plan, opening.clone()) != (outcomes.clone(), closing.clone()) {
        return Err(Mismatch);
    }
    let first_refused = outcomes.iter().position(Result::is_err);
    let rolled_back = request.atomic && first_refused.is_some();
    let closing = if rolled_back { opening.clone() } else { closing };
    let verdicts = verdicts(&outcomes, first_refused.filter(|_| rolled_back));
    let count = |wanted: TransactionVerdict| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    let (applied, refused) = (count(TransactionVerdict::Applied), count(TransactionVerdict::Refused));
    let verdict = match (rolled_back, applied, refused) {
        (true, ..) => BatchVerdict::RolledBack,
        (false, _, 0) => BatchVerdict::Applied,
        (false, 0, _) => BatchVerdict::Refused,
        (false, ..) => BatchVerdict::PartlyApplied,
    };
    let name = |index: &usize| all.get(*index).map_or_else(String::new, |ready| ready.transaction.id.clone());
    let layers = plan.layers();
    Ok(BatchReport {
        verdict,
        applied,
        refused,
        transactions: rows(&all, &plan, &verdicts, outcomes, &name),
        totals: totals(request, &opening, &closing, &verdicts),
        balances: balances(&opening, &closing),
        schedule: Schedule {
            depth: layers.len(),
            width: layers.iter().map(Vec::len).max().unwrap_or(0),
            conflicts: plan.conflicts,
            layers: layers.iter().map(|layer| layer.iter().map(name).collect()).collect(),
        },
    })
}

type Outcomes = Vec<Result<(), Reason>>;

fn serially(request: &BatchRequest, all: &[Ready], mut book: Book) -> (Outcomes, Book) {
    let outcomes = all.iter().map(|ready| book.apply(request, ready)).collect();
    (outcomes, book)
}

/// Each layer the other way round: whatever order its members run in, the end must be the same.
fn by_layers(request: &BatchRequest, all: &[Ready], plan: &Plan, mut book: Book) -> (Outcomes, Book) {
    let mut outcomes: Outcomes = vec![Ok(()); all.len()];
    for layer in plan.layers() {
        for index in layer.into_iter().rev() {
            if let (Some(ready), Some(outcome)) = (all.get(index), outcomes.get_mut(index)) {
                *outcome = book.apply(request, ready);
            }
        }
    }
    (outcomes, book)
}

fn verdicts(outcomes: &Outcomes, undone_by: Option<usize>) -> Vec<TransactionVerdict> {
    let verdict = |(index, outcome): (usize, &Result<(), Reason>)| match (undone_by, outcome) {
        (Some(refused), _) if index < refused => TransactionVerdict::Undone,
        (Some(refused), _) if index > refused => TransactionVerdict::NotReached,
        (_, Ok(())) => TransactionVerdict::Applied,
        (_, Err(_)) => TransactionVerdict::Refused,
    };
    outcomes.iter().enumerate().map(verdict).collect()
}

fn rows(
    all: &[Ready],
    plan: &Plan,
    verdicts: &[TransactionVerdict],
    outcomes: Outcomes,
    name: &dyn Fn(&usize) -> String,
) -> Vec<TransactionReport> {
    let planned = plan.layer.iter().zip(&plan.waits_for);
    let decided = all.iter().zip(verdicts).zip(outcomes);
    decided
        .zip(planned)
        .map(|(((ready, verdict), outcome), (layer, waits))| TransactionReport {
            id: ready.transaction.id.clone(),
            verdict: *verdict,
            reason: outcome.err().filter(|_| *verdict == TransactionVerdict::Refused),
            layer: layer + 1,
            waits_for: waits.iter().map(name).collect(),
        })
        .collect()
}

fn balances(opening: &Book, closing: &Book) -> Vec<AccountBalance> {
    let row = |((account, asset), before): (&(String, String), &Decimal)| AccountBalance {
        account: account.clone(),
        asset: asset.clone(),
        opening: before.clone(),
        closing: closing.0.get(&(account.clone(), asset.clone())).cloned().unwrap_or_default(),
    };
    opening.0.iter().map(row).collect()
}

fn totals(request: &BatchRequest, opening: &Book, closing: &Book, verdicts: &[TransactionVerdict]) -> Vec<AssetTotal> {
    let mut totals: BTreeMap<&str, AssetTotal> = BTreeMap::new();
    for (book, is_closing) in [(opening, false), (closing, true)] {
        for ((_, asset), amount) in &book.0 {
            let total = totals.entry(asset).or_insert_with(|| AssetTotal {
                asset: asset.clone(),
                opening: Decimal::zero(),
                entered: Decimal::zero(),
                left: Decimal::zero(),
                closing: Decimal::zero(),
                conserved: false,
            });
            let sum = if is_closing { &mut total.closing } else { &mut total.opening };
            *sum = sum.plus(amount);
        }
    }
    let applied =
        request.transactions.iter().zip(verdicts).filter(|(_, verdict)| **verdict == TransactionVerdict::Applied);
    for (one, _) in applied {
        let Some(total) = totals.get_mut(one.asset.as_str()) else { continue };
        if one.from.is_none() {
            total.entered = total.entered.plus(&one.amount);
        }
        if one.to.is_none() {
            total.left = total.left.plus(&one.amount);
        }
    }
    let checked = |mut total: AssetTotal| {
        total.conserved = total.opening.plus(&total.entered).minus(&total.left) == total.closing;
        total
    };
    totals.into_values().map(checked).collect()
}
