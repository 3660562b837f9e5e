//! The forecast: when the credits run out at the recent pace, and which expire unused.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

use super::caller::OwnAccount;
use super::fields::Moment;
use super::problem::Problem;
use super::usage::hundredths;
use crate::billing::AccountForecast;
use crate::ledger::{Credits, Forecast, Loss};
use crate::server::state::App;

/// Credits of one grant that will expire unused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Loss)]
pub struct LossAnswer {
    grant_id: String,
    credits: i64,
    at: Moment,
}

/// What becomes of the credits that can be spent now, when spending goes on as in the last seven full UTC days.
/// `spent`, what expires, and `left` sum to `balance`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Forecast)]
pub struct ForecastAnswer {
    account_id: String,
    at: Moment,
    balance: i64,
    /// Credits a day, to two decimals.
    #[schema(value_type = f64, example = 8.33)]
    daily_spend: Number,
    horizon_days: i64,
    /// Null when credits are left at the horizon, or none are there now.
    runs_out_at: Option<Moment>,
    /// Soonest first.
    expiring_unused: Vec<LossAnswer>,
    /// What is spent until the horizon.
    spent: i64,
    /// What is left at the horizon.
    left: i64,
    /// What is left now, after 24 hours, after 48, and so on until nothing is.
    left_by_day: Vec<i64>,
}

/// Reads how long the credits last.
#[utoipa::path(get, path = "/api/billing/forecast/{account_id}", operation_id = "read_forecast", tag = "usage",
    params(("account_id" = String, Path, description = "The account")),
    responses((status = 200, body = ForecastAnswer, description = "The forecast")))]
pub async fn read(State(app): State<App>, OwnAccount(account): OwnAccount) -> Result<Json<ForecastAnswer>, Problem> {
    let told = app.kernel.forecast(account).await?.ok_or_else(Problem::account_not_found)?;
    let AccountForecast { at, daily_hundredths, forecast, .. } = told;
    let loss =
        |loss: &Loss| LossAnswer { grant_id: loss.grant.to_string(), credits: loss.credits.get(), at: Moment(loss.at) };
    Ok(Json(ForecastAnswer {
        account_id: account.to_string(),
        at: Moment(at),
        balance: forecast.available.get(),
        daily_spend: hundredths(daily_hundredths),
        horizon_days: Forecast::HORIZON_DAYS,
        runs_out_at: forecast.runs_out_at.map(Moment),
        expiring_unused: forecast.lost.iter().map(loss).collect(),
        spent: forecast.spent.get(),
        left: forecast.left.get(),
        left_by_day: forecast.left_by_day.into_iter().map(Credits::get).collect(),
    }))
}
