//! What a wrong `proved` would hide, and what evidence must name and must not show.

use super::tests::{ask, prove, request, row};
use super::*;

async fn satisfiable(formula: &str) -> Decision {
    ask(&ProofRequest::formula(ProofType::Satisfiable, formula)).await
}

fn lines(found: &[Line]) -> Vec<u32> {
    found.iter().map(|line| line.line).collect()
}

#[tokio::test]
async fn what_stands_in_a_conserve_must_fit_in_64_bits_in_every_kind_of_program() {
    let solve = "solve m(n: Int) { assert n >= 0; let vault = vault + n; conserve vault enters n; }";
    let intent = "intent m(n: Int) { guard { n >= 0; } verify { vault == old_vault + n; conserve vault enters n; } }";
    // The `conserve` of a later intent makes a balance of the name from the start.
    let batch = "atomic_batch b {
        intent first(n: Int) { guard { n >= 0; } verify { vault == old_vault + n; } }
        intent second(n: Int) { guard { n >= 0; } verify { vault == old_vault - n; conserve vault leaves n; } } }";
    for source in [solve, intent, batch] {
        let decision = prove(source).await;
        assert_eq!(decision.verdict, Verdict::Overflow, "{source}\n{:?}", decision.evidence);
    }
    let bounded = "solve m(n: Int) { assert n >= 0 && vault >= 0 && vault + n <= 1000; let vault = vault + n; conserve vault enters n; }";
    assert_eq!(prove(bounded).await.verdict, Verdict::Proved);
}

#[tokio::test]
async fn division_by_zero_in_a_law_is_a_finding() {
    for (source, line) in [
        ("intent t(m: Int) {\nverify {\nconserve a / m; a == old_a; } }", 3),
        ("intent t(m: Int) { verify { a == old_a + 1; \nconserve a enters m / m; } }", 2),
        ("intent t(m: Int) { verify { a == old_a - 1; conserve a leaves m / m; } }", 1),
        ("intent t(m: Int) {\nsolve { enters: 1 / m - 1 / m; } verify { keep a_balance; } }", 2),
        ("solve t(m: Int) { let a = a + 0;\nconserve a / m; }", 2),
    ] {
        for proof_type in [ProofType::Validity, ProofType::Conservation] {
            let decision = ask(&ProofRequest::source(proof_type, source)).await;
            assert_eq!(decision.verdict, Verdict::Refuted, "{source}\n{:?}", decision.evidence);
            assert_eq!(decision.evidence.reason.as_deref(), Some("it divides by zero for these values"), "{source}");
            assert_eq!(decision.evidence.failing.as_ref().map(|failing| failing.line), Some(line), "{source}");
            assert_eq!(row(&decision.evidence.counterexample, "m").1, "0", "{source}");
            assert_eq!(decision.evidence.conserved, None, "what has no value is neither kept nor lost");
        }
    }
    let guarded = "intent t(m: Int) { guard { m != 0; } verify { conserve a / m; a == old_a; } }";
    assert_eq!(prove(guarded).await.verdict, Verdict::Proved);
}

#[tokio::test]
async fn what_no_equation_defines_keeps_its_value_only_where_the_program_says_so() {
    let goal = |source: &str, goal: &str| ProofRequest {
        goal: Some(goal.to_owned()),
        ..ProofRequest::source(ProofType::Validity, source)
    };
    let silent = "intent t(n: Int) { guard { old_b >= 0; } verify { a == old_a - n; } }";
    let decision = ask(&goal(silent, "b == old_b")).await;
    assert_eq!(decision.verdict, Verdict::Refuted, "{:?}", decision.evidence);
    let (before, after) = row(&decision.evidence.counterexample, "b");
    assert!(before != after && [before, after].iter().all(|value| ["0", "1"].contains(value)), "{before} {after}");
    for said in ["b == old_b;", "keep b;", "keep c, b;"] {
        let source = silent.replace("verify {", &format!("verify {{ {said}"));
        assert_eq!(ask(&goal(&source, "b == old_b")).await.verdict, Verdict::Proved, "{source}");
    }
    // Each intent of a batch says it for itself.
    let batch = |said: &str| {
        format!(
            "atomic_batch two {{
                intent first(n: Int) {{ guard {{ old_b >= 0; }} verify {{ a == old_a - n; keep b; }} }}
                intent second(n: Int) {{ verify {{ a == old_a + n; {said} }} }} }}"
        )
    };
    assert_eq!(ask(&goal(&batch(""), "b >= 0")).await.verdict, Verdict::Refuted);
    assert_eq!(ask(&goal(&batch("keep b;"), "b >= 0")).await.verdict, Verdict::Proved);
}

#[tokio::test]
async fn what_is_said_of_a_name_between_two_intents_is_not_forgotten() {
    // Open after the first, looked at by the second, open again after the third.
    let source = "atomic_batch three {
        intent first(n: Int) { verify { a == old_a + n; } }
        intent second(n: Int) { guard { old_b == n; } verify { a == old_a; keep b; b == n; } }
        intent third(n: Int) { verify { a == old_a; b >= old_b; } } }";
    let decision = prove(source).await;
    assert_eq!(decision.verdict, Verdict::Refuted, "{:?}", decision.evidence);
    assert_eq!(decision.evidence.failing.map(|line| line.text), Some("b >= old_b".to_owned()));
    assert_eq!(prove(&source.replace("b >= old_b", "keep b; b >= old_b")).await.verdict, Verdict::Proved);
}

#[tokio::test]
async fn a_proof_names_the_lines_that_its_arithmetic_rests_on() {
    let source = "intent t(n: Int, m: Int) { guard {\n m > 0;\n n >= 0; }\n verify { x == n / m;\n n == n; } }";
    let decision = prove(source).await;
    assert_eq!(decision.verdict, Verdict::Proved, "{:?}", decision.evidence);
    assert_eq!(lines(&decision.evidence.used), [2], "the divisor is not zero because of line 2");
    let refuted = prove("intent t(n: Int) { guard { n > 0; } verify { a_balance == old_a_balance; n > 1; } }").await;
    assert_eq!((refuted.verdict, refuted.evidence.used), (Verdict::Refuted, Vec::new()));
}

#[tokio::test]
async fn of_what_cannot_all_hold_the_conditions_that_contradict_are_named() {
    let decision = satisfiable("x > 5;\ny == 1;\ny == 2").await;
    assert_eq!(decision.verdict, Verdict::Refuted);
    assert_eq!(decision.evidence.failing.map(|line| line.line), Some(3));
    assert_eq!(lines(&decision.evidence.used), [2], "line 1 has no part in it");
    let alone = satisfiable("x > 5;\nx != x;\ny == 2").await;
    assert_eq!(alone.evidence.failing.map(|line| line.line), Some(2));
    assert_eq!(alone.evidence.used, []);
    let mut assumed = ProofRequest::formula(ProofType::Conservation, "z == 3;\nx < 1");
    assumed.assumptions = vec!["x > 4".to_owned(), "z > 0".to_owned()];
    let decision = ask(&assumed).await;
    assert_eq!(decision.evidence.failing.map(|line| line.line), Some(2));
    assert_eq!(decision.evidence.used, [Line { line: 0, text: "x > 4".to_owned() }]);
    // A law that cannot be kept is named like a claim.
    let source = "intent t(n: Int) { guard { n > 0; } verify {\n a == old_a + n;\n conserve a; } }";
    let decision = ask(&ProofRequest::source(ProofType::Satisfiable, source)).await;
    assert_eq!(decision.evidence.failing.map(|line| line.line), Some(3));
}

#[tokio::test]
async fn a_secret_does_not_show_in_what_is_equated_with_it() {
    let hidden = async |source: &str, names: &[&str], shown: &[&str]| {
        let decision = prove(source).await;
        assert_eq!(decision.verdict, Verdict::Refuted, "{source}\n{:?}", decision.evidence);
        let rows = &decision.evidence.counterexample;
        names.iter().for_each(|name| assert_eq!(row(rows, name).1, "secret", "{name} in {source}"));
        shown.iter().for_each(|name| assert_ne!(row(rows, name).1, "secret", "{name} in {source}"));
    };
    hidden("intent t(secret pin: Int) { guard { pin == code; } verify { n > 3; } }", &["pin", "code"], &["n"]).await;
    hidden(
        "intent t(secret pin: Int) { guard { other == code + 1 && (n > 0 => code == pin); } verify { n > 3; } }",
        &["pin", "code", "other"],
        &["n"],
    )
    .await;
    hidden("intent t(secret pin: Int, code: Int) { verify { pin != code; n > 3; } }", &["pin", "code"], &["n"]).await;
    // What is defined from a name and equated with a secret tells the name.
    hidden(
        "intent t(secret pin: Int, n: Int) { guard { m > n; } verify { x == n + 1; x != pin; m > 9; } }",
        &["n", "x"],
        &["m"],
    )
    .await;
    // What a definition takes beside a secret tells nothing without its result.
    hidden("intent t(secret pin: Int, n: Int) { verify { x == n + pin; n > 3; } }", &["x"], &["n"]).await;
}

#[tokio::test]
async fn an_overflow_is_shown_with_values_as_small_as_they_can_be() {
    let source = "intent t(n: Int, fee: Int, note: Int) { guard { n > 0; fee >= 0; old_b_balance >= fee; note > -5; } \
                  solve { enters: n; leaves: fee; } \
                  verify { a_balance == old_a_balance + n; b_balance == old_b_balance - fee; } }";
    let decision = prove(source).await;
    assert_eq!(decision.verdict, Verdict::Overflow, "{:?}", decision.evidence);
    let rows = &decision.evidence.counterexample;
    let small = |value: &str| ["0", "1"].contains(&value);
    assert!(["n", "fee", "note"].iter().all(|name| small(row(rows, name).0)), "{rows:?}");
    assert!(small(row(rows, "b_balance").0), "{rows:?}");
    assert_eq!(row(rows, "a_balance").0, i64::MAX.to_string());
}

#[tokio::test]
async fn a_verdict_keeps_what_the_solver_worked_under() {
    let decision = ask(&request(r#"{"type":"test","formula":"x == x","limits":{"rlimit":70000}}"#)).await;
    assert_eq!(decision.limits, Some(SolverLimits { seed: 0, rlimit: 70_000, wall_ms: 5_000, memory_mb: 512 }));
    let before = r#"{"verdict":"proved","evidence":{"failing":null,"counterexample":[],"example":[],"conserved":null,
        "guards_can_hold":null,"used":[],"by_how_much":null,"mend":null,"reason":null},"program_hash":"00",
        "duration_ms":1,"duration_us":1,"solver":"Z3"}"#;
    let read: Decision = serde_json::from_str(before).expect("what was kept before limits were");
    assert_eq!(read.limits, None);
}
