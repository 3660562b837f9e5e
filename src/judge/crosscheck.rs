//! The Judge against brute force: small random programs, every input tried.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::language::{self, Value, evaluate};
use crate::solver::{SolverPool, testing};

const FORMULAS: usize = 10_000;
/// Formulas in one question: enough that the run is short, few enough that the question stays easy.
const GROUP: usize = 8;

fn small_formula() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![select(vec!["x", "y"]).prop_map(str::to_owned), (-3_i32..4).prop_map(|n| format!("({n})"))];
    let sum = leaf.prop_recursive(3, 10, 2, |inner| {
        prop_oneof![
            (inner.clone(), select(vec!["+", "-", "*", "%"]), inner.clone())
                .prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("max({a}, {b})")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("(if {a} < {b} {{ abs({a}) }} else {{ {b} ** 2 }})")),
        ]
    });
    let comparison =
        (sum.clone(), select(vec!["==", "!=", "<", "<=", ">", ">="]), sum).prop_map(|(a, o, b)| format!("{a} {o} {b}"));
    comparison.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), select(vec!["&&", "||", "=>"]), inner).prop_map(|(a, o, b)| format!("({a}) {o} ({b})"))
    })
}

/// What trying every x and y from -3 to 3 says of a formula.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tried {
    /// It holds each time.
    Holds,
    /// It can always be computed, and does not always hold.
    Fails,
    /// It divides by zero somewhere.
    Faults,
}

fn try_all(formula: &str) -> Tried {
    let conditions = language::parse_formula(formula).expect("a formula");
    let mut tried = Tried::Holds;
    for (x, y) in (-3..=3_i64).flat_map(|x| (-3..=3_i64).map(move |y| (x, y))) {
        let values = |name: &language::Name| Some(Value::from(if name.base == "x" { x } else { y }));
        for condition in &conditions {
            match evaluate(&condition.expression, &values) {
                Ok(Value::Boolean(true)) => {}
                Ok(_) => tried = Tried::Fails,
                Err(_) => return Tried::Faults,
            }
        }
    }
    tried
}

/// The verdict on a formula about the names `x` and `y` with each of these endings, all from -3 to 3.
async fn verdict(pool: &SolverPool, formula: &str, endings: &[String]) -> Verdict {
    let mut request = ProofRequest::formula(ProofType::Validity, formula);
    let small = |ending: &String| format!("x{ending} >= -3 && x{ending} <= 3 && y{ending} >= -3 && y{ending} <= 3");
    request.assumptions = endings.iter().map(small).collect();
    decide(pool, &request).await.expect("decided").verdict
}

/// Formulas that all fail, in one question: with names of its own for each, one of them must hold. That is refuted
/// if and only if each can fail. What the group leaves open is asked one by one.
async fn all_fail(pool: &SolverPool, group: &[String]) {
    let endings: Vec<String> = (0..group.len()).map(|place| place.to_string()).collect();
    let own = |(formula, ending): (&String, &String)| {
        let formula = formula.replace("max", "MAX").replace('x', &format!("x{ending}"));
        format!("({})", formula.replace('y', &format!("y{ending}")).replace("MAX", "max"))
    };
    let one_holds = group.iter().zip(&endings).map(own).collect::<Vec<_>>().join(" || ");
    if verdict(pool, &one_holds, &endings).await != Verdict::Refuted {
        each(pool, group, Verdict::Refuted).await;
    }
}

/// Formulas that all hold, in one question.
async fn all_hold(pool: &SolverPool, group: &[String]) {
    if verdict(pool, &group.join(";\n"), &[String::new()]).await != Verdict::Proved {
        each(pool, group, Verdict::Proved).await;
    }
}

async fn each(pool: &SolverPool, formulas: &[String], expected: Verdict) {
    for formula in formulas {
        assert_eq!(verdict(pool, formula, &[String::new()]).await, expected, "{formula}");
    }
}

#[tokio::test]
async fn ten_thousand_random_formulas_agree_with_brute_force() {
    let pool = testing::pool().await;
    let mut runner = TestRunner::deterministic();
    let (mut holding, mut failing, mut faulting) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..FORMULAS {
        let formula = small_formula().new_tree(&mut runner).expect("a formula").current();
        match try_all(&formula) {
            Tried::Holds => holding.push(formula),
            Tried::Fails => failing.push(formula),
            Tried::Faults => faulting.push(formula),
        }
    }
    let seen = [holding.len(), failing.len(), faulting.len()];
    assert!(seen.into_iter().all(|count| count > 200), "a sample of all kinds, not {seen:?}");
    for group in holding.chunks(GROUP) {
        all_hold(&pool, group).await;
    }
    for group in failing.chunks(GROUP) {
        all_fail(&pool, group).await;
    }
    each(&pool, &faulting, Verdict::Refuted).await;
}

/// One random transfer: what is taken, what is given, a guard and a claim.
struct Transfer {
    taken: &'static str,
    given: &'static str,
    guard: &'static str,
    claim: &'static str,
}

impl Transfer {
    const DOMAIN: &'static str =
        "n >= -2 && n <= 2 && old_a_balance >= -2 && old_a_balance <= 2 && old_b_balance >= -2 && old_b_balance <= 2";

    fn source(&self) -> String {
        let Transfer { taken, given, guard, claim } = self;
        format!(
            "intent t(n: Int) {{ guard {{ {}; {guard}; }} verify {{ a_balance + ({taken}) == old_a_balance; b_balance == old_b_balance + ({given}); {claim}; }} }}",
            Self::DOMAIN
        )
    }

    /// The verdict, by trying every input of the domain.
    fn expected(&self) -> Verdict {
        let number = |text: &str, n: i64, old: (i64, i64), new: (i64, i64)| {
            let values = |name: &language::Name| {
                Some(Value::from(match (name.base.as_str(), name.old) {
                    ("a_balance", true) => old.0,
                    ("a_balance", false) => new.0,
                    ("b_balance", true) => old.1,
                    ("b_balance", false) => new.1,
                    _ => n,
                }))
            };
            let condition = &language::parse_formula(text).expect("a formula")[0];
            language::evaluate(&condition.expression, &values).expect("a value")
        };
        let whole = |value: Value| value.to_string().parse::<i64>().expect("a whole number");
        let (mut possible, mut kept, mut claimed) = (false, true, true);
        for (n, a, b) in (-2..=2).flat_map(|n| (-2..=2).flat_map(move |a| (-2..=2).map(move |b| (n, a, b)))) {
            // In a guard a plain name is the state before.
            if number(self.guard, n, (a, b), (a, b)) != Value::Boolean(true) {
                continue;
            }
            possible = true;
            let after =
                (a - whole(number(self.taken, n, (a, b), (0, 0))), b + whole(number(self.given, n, (a, b), (0, 0))));
            kept &= after.0 + after.1 == a + b;
            claimed &= number(self.claim, n, (a, b), after) == Value::Boolean(true);
        }
        match (possible, claimed, kept) {
            (false, ..) => Verdict::Vacuous,
            (true, false, _) => Verdict::Refuted,
            (true, true, false) => Verdict::NotConserved,
            (true, true, true) => Verdict::Proved,
        }
    }
}

#[tokio::test]
async fn random_transfers_agree_with_brute_force() {
    let amounts = ["n", "n + 1", "2 * n - n", "if n > 0 { n } else { 0 }", "max(n, 0)", "n % 2", "n * old_a_balance"];
    let guards = [
        "true",
        "n > 0",
        "a_balance >= n",
        "old_a_balance >= n && n >= 0",
        "n > old_b_balance && n < old_b_balance",
        "b_balance == n",
    ];
    let claims = [
        "a_balance >= 0",
        "b_balance >= old_b_balance",
        "a_balance <= old_a_balance || n < 0",
        "a_balance + b_balance == old_a_balance + old_b_balance",
        "n == n",
    ];
    let pool = testing::pool().await;
    let mut seen = std::collections::BTreeMap::new();
    let claims = &claims;
    let all = amounts.iter().flat_map(|t| amounts.iter().map(move |g| (t, g)));
    let all = all
        .flat_map(|(t, g)| guards.iter().flat_map(move |guard| claims.iter().map(move |claim| (t, g, guard, claim))));
    for (taken, given, guard, claim) in all.step_by(4) {
        let transfer = Transfer { taken, given, guard, claim };
        let source = transfer.source();
        let verdict =
            decide(&pool, &ProofRequest::source(ProofType::Validity, &source)).await.expect("decided").verdict;
        assert_eq!(verdict, transfer.expected(), "{source}");
        *seen.entry(verdict.as_str()).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 4, "verdicts of every kind: {seen:?}");
}
