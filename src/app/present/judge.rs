//! Verdicts: what was asked, what was decided, and on what evidence, in words.

use super::bench::again;
use super::dates::moment;
use super::visitor::Visitor;
use crate::app::format::grouped;
use crate::app::views::{FactView, RecentView, ShareView, ValueView, VerdictFound, VerdictView, VerificationsView};
use crate::judge::{
    Conservation, Evidence, ExampleRow, Line, ProofRequest, ProofType, SolverLimits, Verdict, Verification, Wanted,
};
use crate::ledger::Timestamp;
use crate::server::context::app;

/// Characters of a program's first line in a list.
const TITLE_MAX: usize = 48;

pub(super) fn text_of(request: &ProofRequest) -> &str {
    request.source.as_deref().or(request.formula.as_deref()).unwrap_or_default()
}

pub(super) fn kind_name(kind: ProofType) -> &'static str {
    match kind {
        ProofType::Test => "test",
        ProofType::Validity => "validity",
        ProofType::Conservation => "conservation",
        ProofType::Satisfiable => "satisfiable",
    }
}

/// A page of verifications; `found` holds one more than is shown when there is a next page.
pub fn verifications(visitor: &Visitor, found: &[Verification], wanted: &Wanted, page: i64) -> VerificationsView {
    let now = app().clock.now();
    let shown = usize::try_from(page).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    let rows: Vec<RecentView> = found.iter().take(shown).map(|one| listed(one, now)).collect();
    VerificationsView {
        frame: visitor.frame(),
        next: rows.last().filter(|_| more).map(|last| last.id.clone()).unwrap_or_default(),
        rows,
        verdict: wanted.verdict.map_or("", Verdict::as_str).to_owned(),
        newest: wanted.before.is_none(),
    }
}

pub(super) fn listed(one: &Verification, now: Timestamp) -> RecentView {
    RecentView {
        id: one.id.to_string(),
        at: moment(one.at, now),
        title: title(text_of(&one.request)),
        kind: kind_name(one.request.proof_type).to_owned(),
        verdict: one.decision.verdict.as_str().to_owned(),
    }
}

/// The first line that says something, shortened.
fn title(source: &str) -> String {
    let says =
        |line: &&str| !(line.is_empty() || line.starts_with("//") || line.starts_with('#') || line.starts_with("/*"));
    let line = source.lines().map(str::trim).find(says).unwrap_or_default().trim_end_matches('{').trim_end();
    match line.char_indices().nth(TITLE_MAX) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(line)),
        None => line.to_owned(),
    }
}

/// One verification's page.
pub fn verdict(visitor: &Visitor, answer: &Verification, share: ShareView) -> VerdictView {
    VerdictView {
        frame: visitor.frame(),
        id: answer.id.to_string(),
        balance: answer.balance.get(),
        receipt: match answer.paid {
            Some(paid) => format!("{} · {:.8}", paid.transaction, paid.hash.to_string()),
            None => "none: nothing was charged".to_owned(),
        },
        share,
        again: again(visitor, answer),
        found: verdict_found(answer),
    }
}

/// What was asked and found.
pub(super) fn verdict_found(answer: &Verification) -> VerdictFound {
    let evidence = &answer.decision.evidence;
    let verdict = answer.decision.verdict;
    let failing = evidence.failing.as_ref();
    let assumptions = answer.request.assumptions.iter().map(|text| ("Assumption".to_owned(), text.clone()));
    let goal = answer.request.goal.iter().map(|text| ("Goal".to_owned(), text.clone()));
    VerdictFound {
        beside: assumptions.chain(goal).collect(),
        kind: kind_name(answer.request.proof_type).to_owned(),
        source: text_of(&answer.request).to_owned(),
        at: format!("{} UTC", moment(answer.at, app().clock.now())),
        verdict: verdict.as_str().to_owned(),
        headline: headline(verdict, evidence),
        explanation: evidence.reason.clone().unwrap_or_default(),
        fault_line: failing.map_or(0, |line| i64::from(line.line)),
        fault: failing.map(|line| line.text.clone()).unwrap_or_default(),
        mend: evidence.mend.as_ref().map(|line| line.text.clone()).unwrap_or_default(),
        values: evidence.counterexample.iter().chain(&evidence.example).map(value).collect(),
        facts: facts(evidence),
        rests_on: lines_of(&evidence.used),
        took: took(answer.decision.duration_us),
        solver: answer.decision.solver.clone(),
        limits: answer.decision.limits.as_ref().map(limits).unwrap_or_default(),
        charged: answer.charged.get(),
    }
}

/// The verdict in one sentence.
fn headline(verdict: Verdict, evidence: &Evidence) -> String {
    let line = evidence.failing.as_ref().map_or(0, |failing| failing.line);
    match verdict {
        Verdict::Proved => "It holds for all inputs.".into(),
        Verdict::Satisfiable => "It can hold: here are values for which it does.".into(),
        // Where there are no values it was asked whether it can hold at all, and it cannot.
        Verdict::Refuted if line > 0 && evidence.counterexample.is_empty() => match lines_of(&evidence.used) {
            others if others.is_empty() => format!("Line {line} can never hold:"),
            others => format!("Line {line} contradicts {others}:"),
        },
        Verdict::Refuted if line > 0 => format!("Line {line} does not follow:"),
        Verdict::Refuted => "It does not hold for all inputs.".into(),
        Verdict::Vacuous => "The guards contradict each other, so nothing is proved.".into(),
        Verdict::NotConserved => match &evidence.by_how_much {
            Some(amount) => format!("The balances are not conserved; the sum changes by {amount}."),
            None => "The balances are not conserved.".into(),
        },
        Verdict::Overflow if line > 0 => format!("Line {line} leaves the range of 64 bits:"),
        Verdict::Overflow => "A value leaves the range of 64 bits.".into(),
        Verdict::Unknown => "The limit was reached before an answer. Nothing was charged.".into(),
    }
}

fn value(row: &ExampleRow) -> ValueView {
    ValueView {
        name: row.name.clone(),
        before: row.before.clone().unwrap_or_default(),
        after: row.after.clone().unwrap_or_default(),
        wrong: row.at_fault,
    }
}

/// What else is known: conservation, and whether the guards can hold.
fn facts(evidence: &Evidence) -> Vec<FactView> {
    let fact = |title: &str, text: String, tone: &str| FactView { title: title.into(), text, tone: tone.into() };
    let conserved = evidence.conserved.as_ref().map(|Conservation { holds, text, .. }| match holds {
        Some(true) => fact("Conserved", format!("{text} unchanged"), "good"),
        Some(false) => fact("Conserved", format!("{text} changes"), "bad"),
        None => fact("Conserved", "limit reached".into(), "plain"),
    });
    let guards = evidence.guards_can_hold.map(|can| match can {
        true => fact("Guards can hold", "yes".into(), "good"),
        false => fact("Guards can hold", "no".into(), "warn"),
    });
    conserved.into_iter().chain(guards).collect()
}

/// `lines 3, 4 and 8`; what stands beside the program has no line there.
fn lines_of(used: &[Line]) -> String {
    let mut numbers: Vec<u32> = used.iter().map(|line| line.line).collect();
    numbers.dedup();
    let mut named: Vec<String> = numbers.iter().filter(|line| **line > 0).map(ToString::to_string).collect();
    let title = if named.len() == 1 { "line" } else { "lines" };
    let last = named.pop();
    let lines = last.map(|last| match named.is_empty() {
        true => format!("{title} {last}"),
        false => format!("{title} {} and {last}", named.join(", ")),
    });
    let beside = numbers.contains(&0).then(|| "what stands beside the program".to_owned());
    lines.into_iter().chain(beside).collect::<Vec<_>>().join("; ")
}

/// `seed 0 · 20,000,000 steps a question · 5.0 s · 512 MB`
fn limits(limits: &SolverLimits) -> String {
    let number = |value: u64| grouped(i64::try_from(value).unwrap_or(i64::MAX));
    let SolverLimits { seed, rlimit, wall_ms, memory_mb } = *limits;
    let (seconds, tenths) = (number(wall_ms / 1_000), wall_ms % 1_000 / 100);
    format!("seed {seed} · {} steps a question · {seconds}.{tenths} s · {} MB", number(rlimit), number(memory_mb))
}

/// `4.1 ms`, and whole milliseconds from a hundred on.
fn took(microseconds: u64) -> String {
    let tenths = microseconds / 100;
    if tenths >= 1_000 {
        let whole = i64::try_from(tenths / 10).unwrap_or(i64::MAX);
        format!("{} ms", grouped(whole))
    } else {
        format!("{}.{} ms", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_listed_by_its_first_line_that_says_something() {
        assert_eq!(title("// a note\n\nintent transfer(amount: Int) {\n"), "intent transfer(amount: Int)");
        assert_eq!(title(""), "");
        assert_eq!(title(&"ü".repeat(60)).chars().count(), TITLE_MAX + 1);
    }

    #[test]
    fn lines_are_named_as_one_says_them() {
        let named = |numbers: &[u32]| {
            let used: Vec<Line> = numbers.iter().map(|line| Line { line: *line, text: String::new() }).collect();
            lines_of(&used)
        };
        assert_eq!([named(&[]), named(&[4]), named(&[3, 4])], ["", "line 4", "lines 3 and 4"]);
        assert_eq!(named(&[0, 0, 3, 3, 4, 9]), "lines 3, 4 and 9; what stands beside the program");
        assert_eq!(named(&[0]), "what stands beside the program");
    }

    #[test]
    fn limits_are_written_with_their_units() {
        let most = SolverLimits { seed: 0, rlimit: 20_000_000, wall_ms: 5_000, memory_mb: 512 };
        assert_eq!(limits(&most), "seed 0 · 20,000,000 steps a question · 5.0 s · 512 MB");
    }

    #[test]
    fn durations_keep_one_decimal_while_it_says_something() {
        assert_eq!(took(4_149), "4.1 ms");
        assert_eq!(took(123_456), "123 ms");
    }
}
