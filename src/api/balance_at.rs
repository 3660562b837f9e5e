//! The balance as of any instant, with the entry that proves it.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::OwnAccount;
use super::fields::Moment;
use super::problem::Problem;
use super::query::Parameters;
use crate::server::state::App;

/// What could be spent at a moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BalanceAt)]
pub struct BalanceAtAnswer {
    account_id: String,
    at: Moment,
    #[schema(example = 100)]
    balance: i64,
    /// The last entry at or before the moment; 0 when there was none.
    seq: i64,
    /// That entry's hash; zeros when there was none.
    hash: String,
}

/// Reads the credits that could be spent at a moment.
#[utoipa::path(get, path = "/api/billing/balance/{account_id}/at", operation_id = "read_balance_at", tag = "accounts",
    params(("account_id" = String, Path, description = "The account"),
        ("time" = String, Query, format = DateTime, description = "The moment, RFC 3339; not one that is still to come")),
    responses((status = 200, body = BalanceAtAnswer, description = "The balance at that moment")))]
pub async fn read(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Json<BalanceAtAnswer>, Problem> {
    let at = parameters.moment("time")?;
    if at > app.kernel.now() {
        return Err(Problem::field("time", "time is still to come; give a moment that has passed"));
    }
    let found = app.kernel.balance_at(account, at).await?.ok_or_else(Problem::account_not_found)?;
    Ok(Json(BalanceAtAnswer {
        account_id: account.to_string(),
        at: Moment(at),
        balance: found.balance.get(),
        seq: found.seq,
        hash: found.hash.to_string(),
    }))
}
