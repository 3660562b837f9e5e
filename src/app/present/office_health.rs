//! How the house is doing, for operators.

use super::visitor::office_frame;
use crate::app::format::grouped;
use crate::app::views::OfficeHealthView;
use crate::identity::SignedIn;
use crate::server::context::app;

/// The ledger, its laws and the solvers, as they stand now.
pub async fn office_health(who: &SignedIn) -> OfficeHealthView {
    let app = app();
    let (ledger_answers, laws, solver) = (app.kernel.is_reachable().await, app.watch.report(), app.judge.health());
    let count = |count: usize| grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let many = |count: u64| grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let facts = [
        ("Ready", format!("{} of {}", count(solver.alive), count(solver.processes))),
        ("Busy", count(solver.busy)),
        ("Waiting", count(solver.waiting)),
        ("Replaced since the start", many(solver.restarts)),
        ("Version", format!("Z3 {}", solver.version)),
    ];
    OfficeHealthView {
        frame: office_frame(who),
        ledger_answers,
        laws: match (laws.round, laws.faults()) {
            (None, _) => "not checked yet".to_owned(),
            (Some(_), 0) => "hold".to_owned(),
            (Some(_), faults) => format!("{} faults", many(faults)),
        },
        laws_broken: laws.faults() > 0,
        solvers_ready: solver.alive >= solver.processes,
        walls: solver.walls.gap().map(sentence).unwrap_or_default(),
        solvers: facts.map(|(name, fact)| (name.to_owned(), fact)).to_vec(),
    }
}

/// With a capital letter and a full stop.
fn sentence(gap: &str) -> String {
    let mut letters = gap.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_gap_is_a_sentence() {
        assert_eq!(sentence("this kernel has no Landlock"), "This kernel has no Landlock.");
    }
}
