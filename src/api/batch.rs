//! Many charges in one request: all or none of them, or each for itself.

use std::collections::HashSet;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::body::{Json, PROGRAM_MAX_BYTES};
use super::caller::Key;
use super::document::ProblemBody;
use super::fields::{OperationName, Quantity};
use super::idempotency::{Answer, RequestKey};
use super::metadata::Metadata;
use super::object::Object;
use super::problem::Problem;
use super::receipt::ReceiptAnswer;
use crate::billing::{KernelError, Order, Receipt, Together};
use crate::ledger::Command;
use crate::server::state::App;

/// Charges in one request: they are one transaction when they stand together, and that must stay short.
const CHARGES_MAX: usize = 1_000;

/// What one refused charge means for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", try_from = "String")]
#[schema(as = BatchMode)]
pub enum Mode {
    /// All charges happen, or none.
    Atomic,
    /// Each charge stands or falls by itself.
    BestEffort,
}

impl TryFrom<String> for Mode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "atomic" => Ok(Self::Atomic),
            "best_effort" => Ok(Self::BestEffort),
            _ => Err("mode must be atomic or best_effort"),
        }
    }
}

/// Charges to make together, 1 to 1,000 of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBatch)]
pub struct BatchBody {
    mode: Mode,
    #[schema(min_items = 1, max_items = 1000)]
    charges: Vec<Object<ItemBody>>,
}

/// One charge, under an idempotency key of its own: the same as that of a single charge.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBatchCharge)]
pub struct ItemBody {
    account_id: String,
    operation: OperationName,
    #[serde(default)]
    #[schema(default = 1)]
    quantity: Quantity,
    #[serde(default)]
    metadata: Metadata,
    idempotency_key: RequestKey,
}

/// What became of every charge, in the order they were sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Batch)]
pub struct BatchAnswer {
    /// Whether all of them were charged.
    success: bool,
    mode: Mode,
    /// How many were charged.
    charged: usize,
    /// How many were refused.
    refused: usize,
    credits_charged: i64,
    results: Vec<ItemAnswer>,
}

/// What became of one charge.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchCharge)]
pub struct ItemAnswer {
    /// Its place in the request, from 0.
    index: usize,
    idempotency_key: String,
    account_id: String,
    status: ItemStatus,
    credits_charged: i64,
    /// Null when nothing was charged.
    credits_remaining: Option<i64>,
    /// Null when nothing was charged.
    receipt: Option<ReceiptAnswer>,
    /// Why it was not charged.
    problem: Option<ItemProblem>,
    /// Whether this is the first answer to the same key again.
    replayed: bool,
}

/// How one charge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BatchChargeStatus)]
pub enum ItemStatus {
    /// It was charged, now or under the same key before.
    Charged,
    /// It was refused.
    Refused,
    /// Another charge of an atomic batch was refused, so this one did not happen either.
    Undone,
}

/// Why a charge was refused, with what a single charge would have answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchChargeProblem)]
pub struct ItemProblem {
    #[schema(example = 402)]
    status: u16,
    #[schema(example = "insufficient_credits")]
    code: &'static str,
    detail: String,
}

/// Charges up to 1,000 operations, all or none of them (`atomic`) or each for itself (`best_effort`).
#[utoipa::path(post, path = "/api/billing/charges/batch", operation_id = "charge_batch", tag = "charges",
    request_body = BatchBody,
    responses((status = 200, body = BatchAnswer, description = "What became of every charge"),
        (status = 402, body = ProblemBody, content_type = "application/problem+json",
            description = "Atomic: the charge at `index` was refused, and nothing moved; `results` says so for each")))]
pub async fn charge_all(
    State(app): State<App>,
    key: Key,
    // Each charge has its own; that of the request is only echoed.
    _request: RequestKey,
    Json(body): Json<BatchBody, PROGRAM_MAX_BYTES>,
) -> Result<Answer<BatchAnswer>, Problem> {
    let BatchBody { mode, charges } = body;
    let charges: Vec<ItemBody> = charges.into_iter().map(|Object(charge)| charge).collect();
    check(&charges)?;
    let orders = charges.iter().enumerate().map(|(index, charge)| order(&key, index, charge));
    let orders = orders.collect::<Result<Vec<Order>, Problem>>()?;
    let together = match mode {
        Mode::Atomic => Together::AllOrNone,
        Mode::BestEffort => Together::EachForItself,
    };
    let outcomes = app.kernel.submit_all(orders, together).await;
    answer(mode, &charges, outcomes)
}

fn check(charges: &[ItemBody]) -> Result<(), Problem> {
    if charges.is_empty() || charges.len() > CHARGES_MAX {
        return Err(Problem::field("charges", format!("charges must be 1 to 1,000 charges, not {}", charges.len())));
    }
    let mut seen = HashSet::new();
    match charges.iter().position(|charge| !seen.insert(&charge.idempotency_key)) {
        None => Ok(()),
        Some(index) => Err(Problem::field(
            &format!("charges[{index}].idempotency_key"),
            "idempotency_key stands twice in this batch; give each charge its own",
        )),
    }
}

fn order(key: &Key, index: usize, charge: &ItemBody) -> Result<Order, Problem> {
    let account = key.account(&charge.account_id).map_err(|problem| problem.with("index", index))?;
    let command = Command::Charge {
        operation: charge.operation.0,
        quantity: charge.quantity.0,
        at_most: None,
        metadata: charge.metadata.0.clone(),
    };
    Ok(Order::new(account, charge.idempotency_key.scoped(), command).with_key(Some(key.id())))
}

fn answer(
    mode: Mode,
    charges: &[ItemBody],
    outcomes: Vec<Result<Receipt, KernelError>>,
) -> Result<Answer<BatchAnswer>, Problem> {
    let is_cause =
        |outcome: &Result<Receipt, KernelError>| matches!(outcome, Err(error) if *error != KernelError::Undone);
    let cause = outcomes.iter().position(is_cause);
    let first = cause.and_then(|index| outcomes.get(index)?.as_ref().err().cloned());
    let none = outcomes.iter().all(Result::is_err);
    let results: Vec<ItemAnswer> = charges
        .iter()
        .zip(outcomes)
        .enumerate()
        .map(|(index, (charge, outcome))| item(index, charge, outcome))
        .collect();
    match (first, cause) {
        // Nobody was asked: this is about the queue or the store, not about a charge.
        (Some(error @ (KernelError::Busy | KernelError::Unavailable)), _) if none => return Err(error.into()),
        (Some(error), Some(index)) if mode == Mode::Atomic => {
            return Err(Problem::from(error).with("index", index).with("results", json!(results)));
        }
        _ => {}
    }
    let charged = results.iter().filter(|result| result.status == ItemStatus::Charged).count();
    let body = BatchAnswer {
        success: charged == results.len(),
        mode,
        charged,
        refused: results.len() - charged,
        credits_charged: results.iter().map(|result| result.credits_charged).fold(0, i64::saturating_add),
        results,
    };
    let replayed = body.results.iter().all(|result| result.replayed);
    Ok(Answer { body, replayed })
}

fn item(index: usize, charge: &ItemBody, outcome: Result<Receipt, KernelError>) -> ItemAnswer {
    let (receipt, problem, status) = match outcome {
        Ok(receipt) => (Some(receipt), None, ItemStatus::Charged),
        Err(KernelError::Undone) => (None, Some(KernelError::Undone.into()), ItemStatus::Undone),
        Err(error) => (None, Some(Problem::from(error)), ItemStatus::Refused),
    };
    ItemAnswer {
        index,
        idempotency_key: charge.idempotency_key.sent().to_owned(),
        account_id: charge.account_id.clone(),
        status,
        credits_charged: receipt.as_ref().map_or(0, |receipt| receipt.amount.get()),
        credits_remaining: receipt.as_ref().map(|receipt| receipt.available.get()),
        replayed: receipt.as_ref().is_some_and(|receipt| receipt.replayed),
        receipt: receipt.as_ref().map(Into::into),
        problem: problem.map(|problem| ItemProblem {
            status: problem.status.as_u16(),
            code: problem.code,
            detail: problem.detail,
        }),
    }
}
