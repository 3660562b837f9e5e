//! Grants: the lots that an account's credits came in as, newest first, and the order they are spent in.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::OwnAccount;
use super::csv::Cell;
use super::export::Exported;
use super::fields::Moment;
use super::problem::Problem;
use super::query::Parameters;
use crate::billing::RankedGrant;
use crate::ledger::GrantId;
use crate::server::state::App;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// One lot of credits. `remaining` counts what is held; `owed` is what was spent before its money was taken back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GrantLot)]
pub struct GrantLotAnswer {
    grant_id: String,
    #[schema(example = "paid")]
    kind: &'static str,
    size: i64,
    remaining: i64,
    held: i64,
    reversed: i64,
    owed: i64,
    /// What was paid for all of it, in cents.
    paid: i64,
    purchase_id: Option<String>,
    expires_at: Option<Moment>,
    granted_at: Moment,
    /// From 1, which is spent first: soonest to expire, then gifts before paid, then oldest. Null where nothing is left.
    spending_rank: Option<i64>,
}

/// A page of grants.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GrantLots)]
pub struct GrantLotsAnswer {
    account_id: String,
    grants: Vec<GrantLotAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// Reads the grants, newest first.
#[utoipa::path(get, path = "/api/billing/grants/{account_id}", operation_id = "list_grants", tag = "accounts",
    params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = GrantLotsAnswer, description = "A page of grants")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Json<GrantLotsAnswer>, Problem> {
    let sentence = "cursor must be the next_cursor of an earlier page of this account";
    let before: Option<GrantId> = parameters.read("cursor", sentence)?;
    let limit = parameters.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let page = app.kernel.grants(account, before, limit).await?;
    let page = page.ok_or_else(|| Problem::field("cursor", sentence))?;
    Ok(Json(GrantLotsAnswer {
        account_id: account.to_string(),
        grants: page.grants.into_iter().map(GrantLotAnswer::from).collect(),
        next_cursor: page.next.map(|grant| grant.to_string()),
    }))
}

impl From<RankedGrant> for GrantLotAnswer {
    fn from(RankedGrant { grant, spending_rank }: RankedGrant) -> Self {
        Self {
            grant_id: grant.id.to_string(),
            kind: grant.kind.name(),
            size: grant.size.get(),
            remaining: grant.remaining.get(),
            held: grant.held.get(),
            reversed: grant.reversed.get(),
            owed: grant.owed.get(),
            paid: grant.paid.get(),
            purchase_id: grant.purchase.map(|id| id.to_string()),
            expires_at: grant.expires_at.map(Moment),
            granted_at: Moment(grant.granted_at),
            spending_rank,
        }
    }
}

impl Exported for GrantLotAnswer {
    const COLUMNS: &'static [&'static str] = &[
        "grant_id",
        "kind",
        "size",
        "remaining",
        "held",
        "reversed",
        "owed",
        "paid_cents",
        "purchase_id",
        "expires_at",
        "granted_at",
        "spending_rank",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            self.grant_id.clone().into(),
            self.kind.into(),
            self.size.into(),
            self.remaining.into(),
            self.held.into(),
            self.reversed.into(),
            self.owed.into(),
            self.paid.into(),
            self.purchase_id.clone().into(),
            self.expires_at.map(|at| at.to_string()).into(),
            self.granted_at.to_string().into(),
            self.spending_rank.into(),
        ]
    }
}
