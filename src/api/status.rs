//! Whether the ledger's laws hold, for anyone. Names no customer.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::Moment;
use crate::billing::{LawState, Overall, WatchReport};
use crate::ledger::Law;
use crate::server::state::App;

/// A law of the ledger and how it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LawStatus)]
pub struct LawAnswer {
    #[schema(example = "chain")]
    law: &'static str,
    sentence: &'static str,
    /// `holds`, `stale` where it held and could not be checked since, `broken`, or `not_checked` before the first round.
    #[schema(example = "holds")]
    state: &'static str,
    faults: u64,
}

/// The last replay of the whole ledger.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Round)]
pub struct RoundAnswer {
    ended_at: Moment,
    took_ms: i64,
    accounts: u64,
    entries: u64,
}

/// The state of the ledger as its own watch sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Status)]
pub struct StatusAnswer {
    /// `ok`, `stale` when all held and the next replay failed or is overdue, `broken`, or `not_checked` before the first
    /// round.
    #[schema(example = "ok")]
    status: &'static str,
    last_round: Option<RoundAnswer>,
    laws: Vec<LawAnswer>,
}

/// Reads whether the ledger's laws hold. Needs no key.
#[utoipa::path(get, path = "/api/status", operation_id = "get_status", tag = "evidence", security(()),
    responses((status = 200, body = StatusAnswer, description = "The laws, each with its state")))]
pub async fn show(State(app): State<App>) -> Json<StatusAnswer> {
    Json(answer(&app.watch.report()))
}

fn answer(report: &WatchReport) -> StatusAnswer {
    let law = |law: &Law| {
        let (state, faults) = match report.state(*law) {
            LawState::NotChecked => ("not_checked", 0),
            LawState::Holds => ("holds", 0),
            LawState::Stale => ("stale", 0),
            LawState::Broken(faults) => ("broken", faults),
        };
        LawAnswer { law: law.name(), sentence: law.sentence(), state, faults }
    };
    let status = match report.overall() {
        Overall::NotChecked => "not_checked",
        Overall::Holds => "ok",
        Overall::Stale => "stale",
        Overall::Broken => "broken",
    };
    let last_round = report.round.map(|round| RoundAnswer {
        ended_at: Moment(round.ended_at),
        took_ms: round.took_millis,
        accounts: round.accounts,
        entries: round.entries,
    });
    StatusAnswer { status, last_round, laws: Law::ALL.iter().map(law).collect() }
}
