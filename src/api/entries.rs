//! Entries: the account's ledger, newest first, a page at a time.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::OwnAccount;
use super::csv::Cell;
use super::export::Exported;
use super::fields::{Moment, OperationName};
use super::problem::Problem;
use super::query::Parameters;
use crate::ledger::Entry;
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
/// One page stays well under a megabyte, metadata included.
const LIMIT_MAX: i64 = 200;

/// What an entry took from, or gave to, one grant.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantShare {
    grant_id: String,
    amount: i64,
}

/// One movement of credits between two buckets. `memo` is the metadata or reason as sealed into the hash.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entry)]
pub struct EntryAnswer {
    transaction_id: String,
    seq: i64,
    at: Moment,
    #[schema(example = "charge")]
    kind: &'static str,
    #[schema(example = "available")]
    from: &'static str,
    #[schema(example = "spent")]
    to: &'static str,
    amount: i64,
    balance_after: i64,
    operation: Option<OperationName>,
    quantity: i64,
    grants: Vec<GrantShare>,
    hold_id: Option<String>,
    purchase_id: Option<String>,
    /// The charge or capture whose credits it gives back.
    refunds: Option<String>,
    key_id: Option<String>,
    price_book: u32,
    request: String,
    memo: String,
    previous_hash: String,
    hash: String,
}

/// A page of entries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entries)]
pub struct EntriesAnswer {
    account_id: String,
    entries: Vec<EntryAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<i64>,
    /// The same; its former name is `before`.
    next_before: Option<i64>,
}

/// Reads the ledger, newest entry first.
#[utoipa::path(get, path = "/api/billing/entries/{account_id}", operation_id = "list_entries", tag = "accounts",
    params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<i64>, Query, minimum = 1, description = "The next_cursor of the page before"),
        ("before" = Option<i64>, Query, minimum = 1, description = "Only entries with a smaller seq: the same"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = EntriesAnswer, description = "A page of entries")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Json<EntriesAnswer>, Problem> {
    let before = parameters.number(parameters.turned_by(), 1, i64::MAX)?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let entries = app.kernel.entries(account, before, limit).await?;
    // The first entry of every chain has seq 1, so a page that reaches it is the last.
    let next_cursor = entries.last().map(|entry| entry.seq).filter(|seq| *seq > 1);
    let entries = entries.into_iter().map(EntryAnswer::from).collect();
    Ok(Json(EntriesAnswer { account_id: account.to_string(), entries, next_cursor, next_before: next_cursor }))
}

impl From<Entry> for EntryAnswer {
    fn from(entry: Entry) -> Self {
        let share = |part: &crate::ledger::GrantPart| GrantShare {
            grant_id: part.grant.to_string(),
            amount: part.amount.get(),
        };
        Self {
            transaction_id: entry.id.to_string(),
            seq: entry.seq,
            at: Moment(entry.at),
            kind: entry.kind.name(),
            from: entry.from.name(),
            to: entry.to.name(),
            amount: entry.amount.get(),
            balance_after: entry.balance.get(),
            operation: entry.operation.map(OperationName),
            quantity: entry.quantity,
            grants: entry.grants.iter().map(share).collect(),
            hold_id: entry.hold.map(|id| id.to_string()),
            purchase_id: entry.purchase.map(|id| id.to_string()),
            refunds: entry.refunds.map(|id| id.to_string()),
            key_id: entry.key.map(|id| id.to_string()),
            price_book: entry.price_book,
            request: entry.request,
            memo: entry.memo,
            previous_hash: entry.previous.to_string(),
            hash: entry.hash.to_string(),
        }
    }
}

impl EntryAnswer {
    /// What the entry did to the credits that can be spent. These sum to the balance.
    fn change(&self) -> i64 {
        match (self.from, self.to) {
            ("available", _) => self.amount.saturating_neg(),
            (_, "available") => self.amount,
            _ => 0,
        }
    }

    /// `GRT_…:5 GRT_…:3`.
    fn shares(&self) -> String {
        let shares = self.grants.iter().map(|share| format!("{}:{}", share.grant_id, share.amount));
        shares.collect::<Vec<_>>().join(" ")
    }
}

impl Exported for EntryAnswer {
    const COLUMNS: &'static [&'static str] = &[
        "seq",
        "at",
        "transaction_id",
        "kind",
        "from",
        "to",
        "amount",
        "change",
        "balance_after",
        "operation",
        "quantity",
        "grants",
        "hold_id",
        "purchase_id",
        "refunds",
        "key_id",
        "price_book",
        "request",
        "memo",
        "previous_hash",
        "hash",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            self.seq.into(),
            self.at.to_string().into(),
            self.transaction_id.clone().into(),
            self.kind.into(),
            self.from.into(),
            self.to.into(),
            self.amount.into(),
            self.change().into(),
            self.balance_after.into(),
            self.operation.map(|operation| operation.0.name()).into(),
            self.quantity.into(),
            self.shares().into(),
            self.hold_id.clone().into(),
            self.purchase_id.clone().into(),
            self.refunds.clone().into(),
            self.key_id.clone().into(),
            i64::from(self.price_book).into(),
            self.request.clone().into(),
            self.memo.clone().into(),
            self.previous_hash.clone().into(),
            self.hash.clone().into(),
        ]
    }
}
