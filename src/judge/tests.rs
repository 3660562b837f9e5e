//! The Judge against a real solver, and against brute force.

use std::time::{Duration, Instant};

use super::*;
use crate::language::examples;
use crate::solver::{SolverConfig, SolverPool, testing};

pub(super) async fn ask(request: &ProofRequest) -> Decision {
    decide(&testing::pool().await, request).await.unwrap_or_else(|error| panic!("{error}"))
}

pub(super) async fn prove(source: &str) -> Decision {
    ask(&ProofRequest::source(ProofType::Validity, source)).await
}

pub(super) fn request(json: &str) -> ProofRequest {
    serde_json::from_str(json).expect("a request")
}

pub(super) fn row<'a>(rows: &'a [ExampleRow], name: &str) -> (&'a str, &'a str) {
    let row = rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no row for {name} in {rows:?}"));
    (row.before.as_deref().unwrap_or("-"), row.after.as_deref().unwrap_or("-"))
}

fn example(slug: &str) -> &'static str {
    examples().iter().find(|example| example.slug == slug).expect("the example").source
}

#[tokio::test]
async fn every_example_gets_the_verdict_it_promises() {
    let pool = testing::pool().await;
    for example in examples() {
        let proof_type = serde_json::from_value(example.question.into()).expect("a proof type");
        let decision = decide(&pool, &ProofRequest::source(proof_type, example.source)).await.expect("decided");
        assert_eq!(decision.verdict.as_str(), example.verdict, "{}: {:?}", example.slug, decision.evidence);
    }
}

#[tokio::test]
async fn the_two_requests_of_the_guide_are_answered() {
    let proved = ask(&request(r#"{"type":"test","formula":"x == x"}"#)).await;
    assert_eq!(proved.verdict, Verdict::Proved);
    let law = ask(&request(r#"{"type":"conservation","formula":"x + y == 100"}"#)).await;
    assert_eq!(law.verdict, Verdict::Satisfiable);
    let number = |name| row(&law.evidence.example, name).1.parse::<i64>().expect("a number");
    assert_eq!(number("x") + number("y"), 100);
    let never = ask(&request(r#"{"type":"conservation","formula":"x + 1 == x"}"#)).await;
    assert_eq!(never.verdict, Verdict::Refuted);
}

#[tokio::test]
async fn the_strict_transfer_is_refuted_with_all_that_the_page_shows() {
    let decision = prove(example("transfer-strict")).await;
    let evidence = &decision.evidence;
    assert_eq!(decision.verdict, Verdict::Refuted);
    assert_eq!(evidence.failing, Some(Line { line: 10, text: "payer_balance > 0".to_owned() }));
    assert_eq!(row(&evidence.counterexample, "amount"), ("1", "1"));
    assert_eq!(row(&evidence.counterexample, "payer_balance"), ("1", "0"));
    let names: Vec<&str> = evidence.counterexample.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["amount", "payer_balance", "payee_balance"]);
    assert_eq!(evidence.counterexample[0].role, RowRole::Parameter);
    let faults: Vec<bool> = evidence.counterexample.iter().map(|row| row.at_fault).collect();
    assert_eq!(faults, [false, true, false]);
    assert_eq!(evidence.mend, Some(Line { line: 10, text: "payer_balance >= 0".to_owned() }));
    assert_eq!(evidence.reason.as_deref(), Some("it fails when payer_balance is exactly 0"));
    let conserved = evidence.conserved.as_ref().expect("balances");
    assert_eq!((conserved.holds, conserved.text.as_str()), (Some(true), "payer + payee"));
    assert_eq!(evidence.guards_can_hold, Some(true));
}

#[tokio::test]
async fn the_transfer_is_proved_from_the_lines_it_used() {
    let decision = prove(example("transfer")).await;
    assert_eq!(decision.verdict, Verdict::Proved);
    let used: Vec<u32> = decision.evidence.used.iter().map(|line| line.line).collect();
    assert_eq!(used, [3, 4, 8, 9], "without line 3 it overflows");
    assert_eq!(decision.evidence.counterexample, []);
    assert_eq!(decision.program_hash.len(), 64);
    let again: Decision = serde_json::from_str(&serde_json::to_string(&decision).expect("writes")).expect("reads");
    assert_eq!(again, decision);
}

#[tokio::test]
async fn lost_money_is_measured_in_the_programs_own_words() {
    let decision = prove(example("lost-fee")).await;
    assert_eq!(decision.verdict, Verdict::NotConserved);
    assert_eq!(decision.evidence.by_how_much.as_deref(), Some("-fee"));
    assert_eq!(decision.evidence.conserved.expect("balances").holds, Some(false));
    assert!(!decision.evidence.counterexample.is_empty());
    let said = example("lost-fee").replace("  verify {", "  solve { leaves: fee; }\n  verify {");
    assert_eq!(prove(&said).await.verdict, Verdict::Proved);
}

#[tokio::test]
async fn the_kinds_of_verdict_are_told_apart() {
    let transfer = |guard: &str, verify: &str| {
        format!(
            "intent t(amount: Int) {{ guard {{ {guard} }} verify {{ a_balance == old_a_balance - amount; b_balance == old_b_balance + amount; {verify} }} }}"
        )
    };
    let cases = [
        (transfer("amount > 0; old_a_balance >= amount", "a_balance >= 0"), Verdict::Proved),
        (transfer("amount > 0", "a_balance >= 0"), Verdict::Refuted),
        (transfer("amount > 0", ""), Verdict::Overflow),
        (transfer("amount > 0; amount < 1", "a_balance >= 0"), Verdict::Vacuous),
        (transfer("amount >= 0; old_a_balance >= amount", "a_balance == old_a_balance"), Verdict::Refuted),
        // The state before may also be written by its plain name, in guards.
        (transfer("amount > 0; a_balance >= amount", "a_balance >= 0"), Verdict::Proved),
        (transfer("old_a_balance == a_balance; amount > 0; a_balance >= amount", "a_balance >= 0"), Verdict::Proved),
        // The state before kept under another name in a guard.
        ("intent t(n: Int) { guard { start == a_balance; n >= 0; start >= n; } solve { leaves: n; } verify { a_balance == start - n; a_balance >= 0; } }".to_owned(), Verdict::Proved),
        ("intent mint(n: Int) { guard { n > 0; } verify { a_balance == n; } }".to_owned(), Verdict::NotConserved),
        // A total is no balance of its own.
        (transfer("amount > 0; old_a_balance >= amount", "total_balance == a_balance + b_balance; total_balance == old_a_balance + old_b_balance"), Verdict::Proved),
        // What is given and what is taken, written another way round.
        ("intent t(n: Int) { guard { n >= 0; old_a_balance >= n; } verify { a_balance + n == old_a_balance; -b_balance == -old_b_balance - n; a_balance + b_balance == old_a_balance + old_b_balance; } }".to_owned(), Verdict::Proved),
        // A balance nobody determines may be anything afterwards.
        ("intent t() { guard { old_a_balance == 5; } verify { a_balance >= 0; } }".to_owned(), Verdict::Refuted),
        // One that `verify` does not mention may be anything too, and stays where that is said.
        ("intent t() { guard { old_a_balance == 5; } verify { x == 1; x > 0; } }".to_owned(), Verdict::NotConserved),
        ("intent t() { guard { old_a_balance == 5; } verify { x == 1; x > 0; keep a_balance; } }".to_owned(), Verdict::Proved),
        // Two equations for one name: the second must follow from the first.
        ("intent t(n: Int) { verify { x == n; x == n + 1; } }".to_owned(), Verdict::Refuted),
        // A parameter is not defined by `verify`; it is what the caller sends.
        ("intent t(n: Int) { verify { n == 7; } }".to_owned(), Verdict::Refuted),
        // Equations in a circle define one of the two.
        ("intent t() { verify { x == y + 1; y == x - 1; } }".to_owned(), Verdict::Proved),
        ("intent t(x: Int, y: Int) { verify { half == x / 2; half * 2 == x; } }".to_owned(), Verdict::Proved),
        ("intent t(x: Int) { verify { conserve a, b; a == old_a - x; b == old_b + 2 * x; } }".to_owned(), Verdict::NotConserved),
        ("intent t(x: Int) { guard { x >= 0; old_a >= x; } verify { conserve a, b enters x; a == old_a - x; b == old_b + 2 * x; b >= old_b; } }".to_owned(), Verdict::Overflow),
    ];
    for (source, verdict) in cases {
        let decision = prove(&source).await;
        assert_eq!(decision.verdict, verdict, "{source}\n{:?}", decision.evidence);
    }
}

#[tokio::test]
async fn formulas_are_proved_for_all_inputs() {
    let cases = [
        ("x + 1 > x", Verdict::Proved),
        ("x * x >= 0", Verdict::Proved),
        ("x / 2 * 2 == x", Verdict::Proved),
        ("x % 3 < 3 && x % 3 >= 0", Verdict::Proved),
        ("x % -3 >= 0", Verdict::Proved),
        ("abs(x) >= x && max(x, y) >= min(x, y)", Verdict::Proved),
        ("y != 0 => x / y * y == x", Verdict::Proved),
        ("x / y * y == x", Verdict::Refuted),
        ("(if x > 0 { x } else { -x }) == abs(x)", Verdict::Proved),
        ("state == 'open' || state != 'open'", Verdict::Proved),
        ("state == 'open' || state == 'shut'", Verdict::Refuted),
        ("a && b => b && a", Verdict::Proved),
        ("a => b", Verdict::Refuted),
        ("x > 0.5 => x >= 1", Verdict::Refuted),
        ("x > 0 => x >= 1", Verdict::Proved),
        ("2 ** 64 > 10 ** 19", Verdict::Proved),
        ("(x + y) ** 2 == x ** 2 + 2 * x * y + y ** 2", Verdict::Proved),
        ("1 / 0 == 1", Verdict::Refuted),
        ("x == x; y == y + 1", Verdict::Refuted),
    ];
    let pool = testing::pool().await;
    for (formula, verdict) in cases {
        let decision = decide(&pool, &ProofRequest::formula(ProofType::Test, formula)).await.expect("decided");
        assert_eq!(decision.verdict, verdict, "{formula}: {:?}", decision.evidence);
    }
}

#[tokio::test]
async fn division_by_zero_is_a_finding_wherever_it_stands() {
    for source in [
        "intent t(a: Int, b: Int) { guard { a / b > 1; } verify { a == a; } }",
        "intent t(a: Int, b: Int) { verify { x == a / b; x == x; } }",
        "intent t(a: Int, b: Int) { guard { a > 0; } verify { a % b >= 0; } }",
    ] {
        let decision = prove(source).await;
        assert_eq!(decision.verdict, Verdict::Refuted, "{source}");
        assert_eq!(decision.evidence.reason.as_deref(), Some("it divides by zero for these values"), "{source}");
        assert_eq!(row(&decision.evidence.counterexample, "b").0, "0", "{source}");
    }
    let guarded = "intent t(a: Int, b: Int) { guard { b > 0; a / b > 1; } verify { a > b; } }";
    assert_eq!(prove(guarded).await.verdict, Verdict::Proved);
}

#[tokio::test]
async fn a_secret_is_shown_nowhere() {
    let source =
        "intent t(secret pin: Int, external price: Int) { verify { double == pin * 2; double != 86 && price < 7; } }";
    let decision = prove(source).await;
    assert_eq!(decision.verdict, Verdict::Refuted);
    let rows = &decision.evidence.counterexample;
    assert_eq!(row(rows, "pin"), ("secret", "secret"));
    assert_eq!(row(rows, "double"), ("secret", "secret"));
    assert_ne!(row(rows, "price").0, "secret");
    let role = |name: &str| rows.iter().find(|row| row.name == name).map(|row| row.role);
    assert_eq!((role("pin"), role("price")), (Some(RowRole::Secret), Some(RowRole::External)));
    let lossy = "intent t(secret pin: Int) { verify { a_balance == old_a_balance - pin * pin; } }";
    let decision = prove(lossy).await;
    assert_eq!(decision.verdict, Verdict::NotConserved);
    assert_eq!(decision.evidence.by_how_much.as_deref(), Some("secret"));
}

#[tokio::test]
async fn assumptions_and_goals_count() {
    let proved = request(r#"{"type":"validity","formula":"x > 5","assumptions":["x > y","y >= 5"]}"#);
    assert_eq!(ask(&proved).await.verdict, Verdict::Proved);
    let goal = request(r#"{"type":"validity","formula":"x > 5 && x < 7","goal":"x == 6"}"#);
    assert_eq!(ask(&goal).await.verdict, Verdict::Proved);
    let contradictory = request(r#"{"type":"validity","formula":"x == x","assumptions":["x > 5","x < 5"]}"#);
    assert_eq!(ask(&contradictory).await.verdict, Verdict::Vacuous);
    let mut with_source = ProofRequest::source(ProofType::Validity, example("transfer"));
    with_source.goal = Some("payer_balance < old_payer_balance".to_owned());
    assert_eq!(ask(&with_source).await.verdict, Verdict::Proved);
    with_source.goal = Some("payer_balance > 10".to_owned());
    let decision = ask(&with_source).await;
    assert_eq!((decision.verdict, decision.evidence.failing.map(|line| line.line)), (Verdict::Refuted, Some(0)));
}

#[tokio::test]
async fn the_conservation_of_a_transition_is_proved_alone() {
    let strict = ProofRequest::source(ProofType::Conservation, example("transfer-strict"));
    assert_eq!(ask(&strict).await.verdict, Verdict::Proved);
    let lost = ProofRequest::source(ProofType::Conservation, example("lost-fee"));
    assert_eq!(ask(&lost).await.verdict, Verdict::NotConserved);
    let none = ProofRequest::source(ProofType::Conservation, "intent t(n: Int) { verify { n > 0; } }");
    let refused = decide(&testing::pool().await, &none).await;
    assert!(matches!(refused, Err(JudgeError::Invalid(_))));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let pool = testing::pool().await;
    let refused = decide(&pool, &request(r#"{"type":"test","formula":"x ="}"#)).await;
    assert!(matches!(refused, Err(JudgeError::Unreadable(found)) if found[0].line == 1 && found[0].column == 3));
    for json in [
        r#"{"type":"test"}"#,
        r#"{"type":"test","formula":"x == x","source":"x == x"}"#,
        r#"{"type":"test","formula":"x > 1","assumptions":["x && y"]}"#,
        r#"{"type":"test","formula":"x > 1","limits":{"rlimit":0}}"#,
    ] {
        assert!(matches!(decide(&pool, &request(json)).await, Err(JudgeError::Invalid(_))), "{json}");
    }
    for json in [
        r#"{"type":"magic","formula":"x"}"#,
        r#"{"type":"test","formula":"x == x","goals":"x"}"#,
        r#"{"type":"test","formula":"x == x","limits":{"rlimits":1}}"#,
        r#"{"type":"test","formula":"x == x","limits":[1]}"#,
        r#"["test","x == x",null,[],null,null]"#,
        r#"{"type":"test","type":"test","formula":"x == x"}"#,
    ] {
        assert!(serde_json::from_str::<ProofRequest>(json).is_err(), "{json}");
    }
}

#[tokio::test]
async fn a_hard_question_is_unknown_within_its_limits_and_the_same_each_time() {
    let config =
        SolverConfig { rlimit: 2_000_000, wall: Duration::from_secs(3), ..SolverConfig::new(testing::executable()) };
    let pool = SolverPool::start(config).await.expect("starts");
    let cubes = ProofRequest::formula(ProofType::Test, "x ** 3 + y ** 3 + z ** 3 != 114");
    for _ in 0..2 {
        let decision = decide(&pool, &cubes).await.expect("decided");
        assert_eq!(decision.verdict, Verdict::Unknown, "{:?}", decision.evidence);
        assert!(decision.evidence.reason.is_some());
    }
    let tower = "((((x ** 64) ** 64) ** 64) ** 64) ** 64 == 1 && y ** 64 * x ** 63 > z ** 61";
    let started = Instant::now();
    let decision = decide(&pool, &ProofRequest::formula(ProofType::Test, tower)).await.expect("decided");
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}: {:?}", decision.verdict, started.elapsed());
    let after = decide(&pool, &ProofRequest::formula(ProofType::Test, "x == x")).await.expect("decided");
    assert_eq!(after.verdict, Verdict::Proved);
}

#[tokio::test]
async fn a_program_of_five_hundred_conditions_is_decided() {
    let mut source = String::from("intent large() { guard {\n");
    (0..100).for_each(|n| source.push_str(&format!("v{n} >= {n};\n")));
    source.push_str("} verify {\n");
    (0..500).for_each(|n| source.push_str(&format!("v{} + {n} >= {n};\n", n % 100)));
    source.push_str("} }");
    assert_eq!(prove(&source).await.verdict, Verdict::Proved);
    let broken = source.replace("v42 + 342 >= 342;", "v42 + 342 >= 385;");
    let decision = prove(&broken).await;
    assert_eq!(decision.verdict, Verdict::Refuted);
    assert_eq!(decision.evidence.failing.expect("a line").text, "v42 + 342 >= 385");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_askers_at_once_are_all_answered() {
    let pool = testing::pool().await;
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let pool = pool.clone();
            let source = example(if n % 2 == 0 { "transfer" } else { "transfer-strict" });
            tokio::spawn(async move { decide(&pool, &ProofRequest::source(ProofType::Validity, source)).await })
        })
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        let expected = if n % 2 == 0 { Verdict::Proved } else { Verdict::Refuted };
        assert_eq!(task.await.expect("no panic").expect("decided").verdict, expected);
    }
    let health = pool.health();
    assert_eq!((health.alive, health.restarts, health.waiting), (2, 0, 0));
}

#[tokio::test]
async fn hostile_formulas_are_answered_within_the_limit() {
    let wall = Duration::from_secs(1);
    let config = SolverConfig { wall, memory_mb: 100, ..SolverConfig::new(testing::executable()) };
    let pool = SolverPool::start(config).await.expect("starts");
    let products = (0..40).map(|n| format!("x{n} * x{} % (x{n} + 7)", (n * 7 + 3) % 40)).collect::<Vec<_>>();
    let formulas = [
        "a ** 17 + b ** 13 * c ** 11 != d ** 19 - e ** 7".to_owned(),
        "2 ** 4096 * x ** 64 > y ** 64 - 3 ** 1000 * z".to_owned(),
        format!("{} != 12345678901234567", products.join(" + ")),
        format!("{}a{} > 0", "min(max(a, b * c), abs(d - ".repeat(30), "))".repeat(30)),
        format!("x > {}", "9".repeat(400)),
        "x / y / z / (x - y) == 0".to_owned(),
        "x \u{0} y".to_owned(),
        "a * b * c * d * e * f == 614889782588491410 => a + b + c + d + e + f != 97".to_owned(),
    ];
    for formula in formulas {
        let shown: String = formula.chars().take(60).collect();
        let started = Instant::now();
        let _ = decide(&pool, &ProofRequest::formula(ProofType::Test, &formula)).await;
        assert!(started.elapsed() < wall + Duration::from_millis(1_500), "{shown} took {:?}", started.elapsed());
    }
    let after = decide(&pool, &ProofRequest::formula(ProofType::Test, "x == x")).await.expect("decided");
    assert_eq!(after.verdict, Verdict::Proved);
}

#[test]
fn a_request_reads_back_as_it_was_written() {
    let full = r#"{"type":"test","formula":"x > 1","assumptions":["x > 2"],"goal":"x > 0","limits":{"rlimit":7}}"#;
    for json in [full, r#"{"type":"conservation","source":"x + y == 100"}"#] {
        let read = request(json);
        assert_eq!(serde_json::to_string(&read).expect("writes"), json);
        assert_eq!(serde_json::from_value::<ProofRequest>(serde_json::json!(read)).expect("reads"), read);
    }
    assert_eq!(request(full).limits, Some(Limits { rlimit: Some(7) }));
}

#[tokio::test]
async fn what_is_short_to_write_and_long_to_compute_is_refused_before_a_solver_is_asked() {
    let constant = |repeated: &str| format!("x + ({}) == x", vec![repeated; 200].join(" + "));
    let within = |times: usize, repeated: &str| vec![constant(repeated).as_str(); times].join(";\n");
    for source in
        [within(60, "65535 ** 4096 % 7"), within(45, "2 ** 4096 / 3 ** 2500 * 0"), within(60, "65535 ** 4096")]
    {
        assert!(source.len() <= crate::language::SOURCE_BYTES_MAX, "{}", source.len());
        let refused = prepare(&ProofRequest::formula(ProofType::Test, &source)).await.err();
        assert!(matches!(&refused, Some(JudgeError::Invalid(why)) if why.contains("computed")), "{refused:?}");
    }
    let exponent = format!("x ** (0 * ({})) == 1", vec!["7 ** 4096 / 3 ** 4096"; 5_000].join(" + "));
    let refused = prepare(&ProofRequest::formula(ProofType::Test, &exponent)).await.err();
    assert!(matches!(refused, Some(JudgeError::Unreadable(_))), "{refused:?}");
    let divisors = format!("x > {}x{}", "1 / (1 + ".repeat(30), ")".repeat(30));
    let sources = vec![divisors.as_str(); 50].join(";");
    let refused = prepare(&ProofRequest::formula(ProofType::Test, &sources)).await.err();
    assert_eq!(refused, None);
}

#[tokio::test]
async fn one_that_cannot_be_asked_is_refused_before_a_session() {
    let none = ProofRequest::source(ProofType::Conservation, "intent t(n: Int) { verify { n > 0; } }");
    assert!(matches!(prepare(&none).await, Err(JudgeError::Invalid(why)) if why.contains("balance")));
}

#[tokio::test]
async fn an_asker_who_goes_away_frees_the_solver() {
    let config = SolverConfig {
        processes: 1,
        rlimit: u64::from(u32::MAX),
        wall: Duration::from_secs(60),
        ..SolverConfig::new(testing::executable())
    };
    let pool = SolverPool::start(config).await.expect("starts");
    let cubes = ProofRequest::formula(ProofType::Test, "x ** 3 + y ** 3 + z ** 3 != 114");
    let gone = tokio::time::timeout(Duration::from_millis(300), decide(&pool, &cubes)).await;
    assert!(gone.is_err());
    let easy = ProofRequest::formula(ProofType::Test, "x == x");
    let after = tokio::time::timeout(Duration::from_secs(30), decide(&pool, &easy)).await.expect("the solver is free");
    assert_eq!(after.expect("decided").verdict, Verdict::Proved);
}
