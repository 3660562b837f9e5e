//! The bench: what it begins with, what is asked of it, and what was asked before.

use serde::{Deserialize, Serialize};

use super::dates::moment;
use super::judge::{kind_name, listed, text_of};
use super::refusals::{refused, refused_at};
use super::request::fresh_request;
use super::visitor::Visitor;
use super::work::{back_to_form, draft_of, price, typed_before};
use crate::app::check::check;
use crate::app::error::AppError;
use crate::app::views::{AgainView, BenchView, KnownView};
use crate::judge::{JudgeError, ProofRequest, ProofType, Verification, prepare};
use crate::language::{SOURCE_BYTES_MAX, examples};
use crate::ledger::{AccountId, Operation, VerificationId};
use crate::server::context::app;

/// The page.
const BENCH: &str = "/judge";

/// The bench's form as it was typed: a program, what is asked about it, and what stands beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    pub kind: String,
    pub source: String,
    /// One a line.
    pub assumptions: String,
    pub goal: String,
}

/// What the bench begins with: a refused program (`draft`), an earlier one (`from`, mended if so asked), or an example.
pub async fn program_to_start(
    account: AccountId,
    draft: &str,
    from: &str,
    mend: &str,
    example: &str,
) -> Result<Program, AppError> {
    if let Some(typed) = typed_before(account, BENCH, draft) {
        return Ok(typed);
    }
    let Ok(id) = from.parse::<VerificationId>() else { return Ok(example_program(example)) };
    let earlier = app().judge.verification(account, id).await?.ok_or(AppError::NotFound)?;
    Ok(program_of(&earlier, !mend.is_empty()))
}

/// Verifies what was typed and leads to the stored answer. What cannot be read leads back to the bench with its text; so
/// does what this account has a verdict on already, where it may be opened, or found again.
pub async fn verify(account: AccountId, typed: &Program, key: &str) -> Result<(), AppError> {
    let (app, asked) = (app(), proof_request(typed)?);
    if app.judge.decided(account, &asked, key).await.is_ok_and(|known| known.is_some()) {
        leptos_axum::redirect(&draft_of(account, BENCH, typed), false);
        return Ok(());
    }
    match app.judge.verify_patiently(account, asked, key).await {
        Ok(verification) => leptos_axum::redirect(&format!("{BENCH}/{}", verification.id), false),
        Err(error) => back_to_form(account, BENCH, typed, &error.into()),
    }
    Ok(())
}

/// Asks the question of a stored verification again, as it was asked, and leads to the new answer.
pub async fn verify_again(account: AccountId, id: &str, key: &str) -> Result<(), AppError> {
    let (app, id) = (app(), id.parse::<VerificationId>().map_err(|_| AppError::NotFound)?);
    let first = app.judge.verification(account, id).await?.ok_or(AppError::NotFound)?;
    match app.judge.verify_again_patiently(&first, key).await {
        Ok(verification) => leptos_axum::redirect(&format!("{BENCH}/{}", verification.id), false),
        Err(error) => refused_at(&format!("{BENCH}?from={id}"), &error.into()),
    }
    Ok(())
}

/// The verdict that the account already has on this very question.
pub async fn known_verdict(account: AccountId, program: &Program) -> Result<Option<Verification>, AppError> {
    match proof_request(program) {
        Ok(request) => Ok(app().judge.known(account, &request).await?),
        // What cannot be asked has no verdict.
        Err(_) => Ok(None),
    }
}

/// Why a program that was sent back cannot be asked, where the program alone can be read.
async fn refusals(program: &Program) -> Vec<String> {
    let Ok(request) = proof_request(program) else { return Vec::new() };
    match prepare(&request).await.err() {
        Some(JudgeError::Unreadable(found)) => found.into_iter().map(|one| one.message).collect(),
        Some(JudgeError::Invalid(sentence)) => vec![sentence],
        Some(JudgeError::Busy | JudgeError::Unavailable(_)) | None => Vec::new(),
    }
}

/// The button that asks the question of this verification again.
pub(super) fn again(visitor: &Visitor, first: &Verification) -> AgainView {
    AgainView {
        id: first.id.to_string(),
        price: price(visitor, Operation::ProofVerification),
        request: fresh_request(),
    }
}

/// The example of that name, or the first.
fn example_program(slug: &str) -> Program {
    let all = examples();
    let chosen = all.iter().find(|example| example.slug == slug).or_else(|| all.first());
    match chosen {
        Some(example) => {
            Program { kind: example.question.to_owned(), source: example.source.to_owned(), ..Program::default() }
        }
        None => Program {
            kind: kind_name(ProofType::Validity).to_owned(),
            source: "x == x".to_owned(),
            ..Program::default()
        },
    }
}

/// An earlier question, with the line at fault mended where that is asked for and known.
fn program_of(earlier: &Verification, mended: bool) -> Program {
    let source = text_of(&earlier.request);
    let evidence = &earlier.decision.evidence;
    let source = match (&evidence.failing, &evidence.mend) {
        (Some(failing), Some(mend)) if mended => replace_line(source, failing.line, &failing.text, &mend.text),
        _ => source.to_owned(),
    };
    Program {
        kind: kind_name(earlier.request.proof_type).to_owned(),
        source,
        assumptions: earlier.request.assumptions.join("\n"),
        goal: earlier.request.goal.clone().unwrap_or_default(),
    }
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

/// The form's request. Whether the program can be read is for the Judge to say.
fn proof_request(typed: &Program) -> Result<ProofRequest, AppError> {
    let proof_type = match typed.kind.as_str() {
        "test" => ProofType::Test,
        "validity" => ProofType::Validity,
        "conservation" => ProofType::Conservation,
        "satisfiable" => ProofType::Satisfiable,
        _ => return Err(refused("choice_invalid")),
    };
    if typed.source.trim().is_empty() {
        return Err(refused("source_empty"));
    }
    if typed.source.len() + typed.assumptions.len() + typed.goal.len() > SOURCE_BYTES_MAX {
        return Err(refused("source_too_long"));
    }
    // Browsers send line ends as CR LF; a program has one kind.
    let [source, goal] = [&typed.source, &typed.goal].map(|text| text.replace("\r\n", "\n"));
    let assumptions = typed.assumptions.lines().filter(|line| !line.trim().is_empty());
    Ok(ProofRequest {
        assumptions: assumptions.map(str::to_owned).collect(),
        goal: Some(goal).filter(|goal| !goal.trim().is_empty()),
        ..ProofRequest::source(proof_type, &source)
    })
}

/// The bench; `sent_back` is a program that was just refused, or answered before.
pub async fn bench(
    visitor: &Visitor,
    program: Program,
    known: Option<Verification>,
    recent: &[Verification],
    sent_back: &str,
) -> BenchView {
    let now = app().clock.now();
    let problems = check(&program.source);
    let is_whole = problems.is_empty() && !sent_back.is_empty() && known.is_none();
    BenchView {
        frame: visitor.frame(),
        price: price(visitor, Operation::ProofVerification),
        refusals: if is_whole { refusals(&program).await } else { Vec::new() },
        kind: program.kind,
        source: program.source,
        assumptions: program.assumptions,
        goal: program.goal,
        problems,
        known: known.map(|known| KnownView {
            id: known.id.to_string(),
            verdict: known.decision.verdict.as_str().to_owned(),
            at: format!("{} UTC", moment(known.at, now)),
            again: again(visitor, &known),
        }),
        request: fresh_request(),
        recent: recent.iter().map(|one| listed(one, now)).collect(),
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
    fn a_form_that_asks_nothing_sensible_is_refused_with_a_code() {
        let typed = |kind: &str, source: &str| Program {
            kind: kind.to_owned(),
            source: source.to_owned(),
            ..Program::default()
        };
        let code =
            |kind: &str, source: &str| proof_request(&typed(kind, source)).err().map(|error| error.code().to_owned());
        assert_eq!(code("magic", "x == x").as_deref(), Some("choice_invalid"));
        assert_eq!(code("test", " \n").as_deref(), Some("source_empty"));
        assert_eq!(code("test", &"x".repeat(SOURCE_BYTES_MAX + 1)).as_deref(), Some("source_too_long"));
        assert_eq!(code("test", "x == x"), None);
    }

    #[test]
    fn an_earlier_question_comes_back_whole() {
        let typed = Program {
            kind: "validity".to_owned(),
            source: "x > 1".to_owned(),
            assumptions: "x > 2\r\n\r\ny > 3".to_owned(),
            goal: " ".to_owned(),
        };
        let asked = proof_request(&typed).expect("a request");
        assert_eq!(
            (asked.assumptions.as_slice(), asked.goal.as_deref()),
            (["x > 2", "y > 3"].map(String::from).as_slice(), None)
        );
        let with_goal = Program { goal: "x > 0".to_owned(), ..typed };
        assert_eq!(proof_request(&with_goal).expect("a request").goal.as_deref(), Some("x > 0"));
    }
}
