//! Programs and verdicts: what was asked, what was decided, and on what evidence, in words.

use super::dates::moment;
use super::refusals::{refused, refused_at};
use super::request::fresh_request;
use super::visitor::Visitor;
use crate::app::check::check;
use crate::app::error::AppError;
use crate::app::flash::{self, Kept};
use crate::app::format::grouped;
use crate::app::views::{
    BenchView, FactView, RecentView, ShareView, ValueView, VerdictFound, VerdictView, VerificationsView,
};
use crate::judge::{Conservation, Evidence, ExampleRow, ProofRequest, ProofType, Verdict, Verification, Wanted};
use crate::language::{SOURCE_BYTES_MAX, examples};
use crate::ledger::{AccountId, Operation, PriceBook, Timestamp, VerificationId};
use crate::server::context::app;

/// Characters of a program's first line in a list.
const TITLE_MAX: usize = 48;

/// A program and what is asked about it.
pub struct Program {
    pub kind: String,
    pub source: String,
}

/// What the bench begins with: a refused program (`draft`), an earlier one (`from`, mended if so asked), or an example.
pub async fn program_to_start(
    account: AccountId,
    draft: &str,
    from: &str,
    mend: &str,
    example: &str,
) -> Result<Program, AppError> {
    if let Some(Kept::Program { kind, source }) = flash::look(account, draft) {
        return Ok(Program { kind, source });
    }
    let Ok(id) = from.parse::<VerificationId>() else { return Ok(example_program(example)) };
    let earlier = app().judge.verification(account, id).await?.ok_or(AppError::NotFound)?;
    Ok(program_of(&earlier, !mend.is_empty()))
}

/// Leads a refused program back to the bench, with its text.
pub fn refused_program(account: AccountId, program: Program, error: &AppError) {
    let Program { kind, source } = program;
    let draft = flash::keep(account, Kept::Program { kind, source });
    refused_at(&format!("/judge?draft={draft}"), error);
}

/// The example of that name, or the first.
fn example_program(slug: &str) -> Program {
    let all = examples();
    let chosen = all.iter().find(|example| example.slug == slug).or_else(|| all.first());
    match chosen {
        Some(example) => Program { kind: example.question.to_owned(), source: example.source.to_owned() },
        None => Program { kind: kind_name(ProofType::Validity).to_owned(), source: "x == x".to_owned() },
    }
}

/// An earlier program, with the line at fault mended where that is asked for and known.
fn program_of(earlier: &Verification, mended: bool) -> Program {
    let source = text_of(&earlier.request);
    let evidence = &earlier.decision.evidence;
    let source = match (&evidence.failing, &evidence.mend) {
        (Some(failing), Some(mend)) if mended => replace_line(source, failing.line, &failing.text, &mend.text),
        _ => source.to_owned(),
    };
    Program { kind: kind_name(earlier.request.proof_type).to_owned(), source }
}

/// The source with `old` replaced by `new` in one line, counted from one.
fn replace_line(source: &str, line: u32, old: &str, new: &str) -> String {
    let lines: Vec<String> = source
        .split('\n')
        .zip(1_u32..)
        .map(|(text, number)| if number == line { text.replacen(old, new, 1) } else { text.to_owned() })
        .collect();
    lines.join("\n")
}

fn text_of(request: &ProofRequest) -> &str {
    request.source.as_deref().or(request.formula.as_deref()).unwrap_or_default()
}

fn kind_name(kind: ProofType) -> &'static str {
    match kind {
        ProofType::Test => "test",
        ProofType::Validity => "validity",
        ProofType::Conservation => "conservation",
        ProofType::Satisfiable => "satisfiable",
    }
}

/// The form's request. Whether the program can be read is for the Judge to say.
pub fn proof_request(kind: &str, source: &str) -> Result<ProofRequest, AppError> {
    let proof_type = match kind {
        "test" => ProofType::Test,
        "validity" => ProofType::Validity,
        "conservation" => ProofType::Conservation,
        "satisfiable" => ProofType::Satisfiable,
        _ => return Err(refused("choice_invalid")),
    };
    if source.trim().is_empty() {
        return Err(refused("source_empty"));
    }
    if source.len() > SOURCE_BYTES_MAX {
        return Err(refused("source_too_long"));
    }
    // Browsers send line ends as CR LF; a program has one kind.
    Ok(ProofRequest::source(proof_type, &source.replace("\r\n", "\n")))
}

/// The bench.
pub fn bench(visitor: &Visitor, book: &PriceBook, program: Program, recent: &[Verification]) -> BenchView {
    let now = app().clock.now();
    let recent = recent.iter().map(|one| listed(one, now)).collect();
    BenchView {
        frame: visitor.frame(),
        price: book.unit_price(Operation::ProofVerification, visitor.summary.tier).get(),
        kind: program.kind,
        problems: check(&program.source),
        source: program.source,
        request: fresh_request(),
        recent,
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

fn listed(one: &Verification, now: Timestamp) -> RecentView {
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
        took: took(answer.decision.duration_us),
        solver: answer.decision.solver.clone(),
        charged: answer.charged.get(),
    }
}

/// The verdict in one sentence.
fn headline(verdict: Verdict, evidence: &Evidence) -> String {
    let line = evidence.failing.as_ref().map_or(0, |failing| failing.line);
    match verdict {
        Verdict::Proved => "It holds for all inputs.".into(),
        Verdict::Satisfiable => "It can hold: here are values for which it does.".into(),
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
    fn a_mend_changes_one_place_in_one_line() {
        let source = "a > 0;\na > 0;\nb > 0;";
        assert_eq!(replace_line(source, 2, "a > 0", "a >= 0"), "a > 0;\na >= 0;\nb > 0;");
        assert_eq!(replace_line(source, 9, "a > 0", "a >= 0"), source);
    }

    #[test]
    fn a_program_is_listed_by_its_first_line_that_says_something() {
        assert_eq!(title("// a note\n\nintent transfer(amount: Int) {\n"), "intent transfer(amount: Int)");
        assert_eq!(title(""), "");
        assert_eq!(title(&"ü".repeat(60)).chars().count(), TITLE_MAX + 1);
    }

    #[test]
    fn a_form_that_asks_nothing_sensible_is_refused_with_a_code() {
        let code = |kind: &str, source: &str| proof_request(kind, source).err().map(|error| error.code().to_owned());
        assert_eq!(code("magic", "x == x").as_deref(), Some("choice_invalid"));
        assert_eq!(code("test", " \n").as_deref(), Some("source_empty"));
        assert_eq!(code("test", &"x".repeat(SOURCE_BYTES_MAX + 1)).as_deref(), Some("source_too_long"));
        assert_eq!(code("test", "x == x"), None);
    }

    #[test]
    fn durations_keep_one_decimal_while_it_says_something() {
        assert_eq!(took(4_149), "4.1 ms");
        assert_eq!(took(123_456), "123 ms");
    }
}
