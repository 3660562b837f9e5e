//! The Oracle against its examples, against brute force, and before the till.

use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

use super::*;
use crate::billing::store::testing::databases;
use crate::billing::{Kernel, KernelError, NewAccount, Order};
use crate::judge::effects;
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{Clock, Command, Credits, IdSource, Tier};
use crate::solver::testing;

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn law(text: &str, assumptions: &str) -> NewQuery {
    NewQuery { law: Some(text.to_owned()), assumptions: lines(assumptions), ..NewQuery::default() }
}

async fn ask(new: NewQuery) -> OracleAnswer {
    consult(&testing::pool().await, &new.read().expect("readable")).await.expect("answered")
}

fn at(value: &str) -> Bound {
    Bound::At { value: value.to_owned(), attained: true }
}

fn range<'a>(answer: &'a OracleAnswer, wanted: &str) -> (&'a Bound, &'a Bound) {
    let found = answer.ranges.iter().find_map(|range| match range {
        Range::Number { name, low, high, .. } if name == wanted => Some((low, high)),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no range of {wanted} in {:?}", answer.ranges))
}

#[tokio::test]
async fn every_example_gets_the_answer_it_promises() {
    let pool = testing::pool().await;
    for example in oracle_examples() {
        let new = NewQuery {
            law: Some(example.law.to_owned()),
            assumptions: lines(example.assumptions),
            transitions: Some(example.transitions.to_owned()),
            observations_csv: Some(example.observations.to_owned()).filter(|table| !table.is_empty()),
            ..NewQuery::default()
        };
        let answer = consult(&pool, &new.read().expect(example.slug)).await.expect(example.slug);
        assert_eq!(answer.verdict.as_str(), example.verdict, "{}: {answer:?}", example.slug);
        let kept = answer.kept.map(|kept| kept.combinations.into_iter().map(|one| one.text).collect::<Vec<_>>());
        assert_eq!(kept.unwrap_or_default(), example.kept, "{}", example.slug);
    }
}

#[tokio::test]
async fn names_beyond_the_first_have_no_range_and_are_named() {
    let names: Vec<String> = (0..27).map(|number| format!("v{number}")).collect();
    let answer = ask(law(&format!("{} >= 0; state != 'shut'", names.join(" + ")), "")).await;
    assert_eq!(answer.ranges.len(), 24);
    assert_eq!(answer.ranges_left_out, ["v24", "v25", "v26"], "a text has no range to leave out");
    let written = serde_json::to_string(&ask(law("x >= 0", "")).await).expect("writes");
    assert!(!written.contains("ranges_left_out"), "where all were looked for, nothing is said");
}

#[tokio::test]
async fn ranges_tell_ends_from_endless() {
    let answer = ask(law("x + y == 100", "x >= 0\ny >= 0")).await;
    assert_eq!(range(&answer, "x"), (&at("0"), &at("100")));
    assert_eq!(range(&answer, "y"), (&at("0"), &at("100")));
    let answer = ask(law("x >= -7", "")).await;
    assert_eq!(range(&answer, "x"), (&at("-7"), &Bound::Unbounded));
    let answer = ask(law("flag || n > 3", "n < 3")).await;
    let truth = Range::Truth { name: "flag".into(), can_be_true: Some(true), can_be_false: Some(false) };
    assert!(answer.ranges.contains(&truth), "{:?}", answer.ranges);
}

#[tokio::test]
async fn ends_of_fractions_are_exact_and_say_whether_they_are_reached() {
    let answer = ask(law("principal * rate <= 300", "principal == 4000\nrate >= 0.01")).await;
    assert_eq!(range(&answer, "rate"), (&at("0.01"), &at("0.075")));
    let answer = ask(law("3 * x < 1", "x > -2.5")).await;
    let open = |value: &str| Bound::At { value: value.to_owned(), attained: false };
    assert_eq!(range(&answer, "x"), (&open("-2.5"), &open("1 / 3")));
    // The end is no fraction at all: it is told between which two it lies.
    let answer = ask(law("x * x <= 2.0", "")).await;
    assert!(matches!(range(&answer, "x").1, Bound::Between { .. } | Bound::Unknown), "{:?}", answer.ranges);
}

#[tokio::test]
async fn drift_is_exact_and_names_the_rows() {
    let answer = ask(NewQuery {
        observations_csv: Some("level,inflow,outflow\n10,30,20\n9.9,30,20\n9.7,30,20\n".into()),
        ..law("level == inflow - outflow", "")
    })
    .await;
    let drift = answer.drift.expect("observations");
    assert_eq!((drift.rows, drift.holding, drift.breaking), (3, 1, 2));
    assert_eq!(drift.breaks[0].row, 2);
    assert_eq!(drift.breaks[0].difference.as_deref(), Some("-0.1"));
    let difference = drift.difference.expect("an equation");
    assert_eq!((difference.first.as_str(), difference.last.as_str(), difference.trend.as_str()), ("0", "-0.3", "-0.3"));
    assert_eq!(difference.each, ["0", "-0.1", "-0.3"]);
    assert_eq!(difference.total, "-0.4");
}

/// More steps to hold against its observations than a program may take.
fn heavy() -> NewQuery {
    let table = format!("x,y\n{}", "123456789012345678,1\n".repeat(300));
    NewQuery { observations_csv: Some(table), ..law("(x ** 64) ** 8 >= y", "") }
}

/// A hundred denominators without a common factor: each difference can be told, their total has too many digits.
#[tokio::test]
async fn a_difference_too_long_to_write_is_left_out_and_the_rows_are_told_all_the_same() {
    let table: String = (0..4_000).map(|n| format!("1,{}\n", 1_000_003 + 2 * n)).collect();
    let query = NewQuery { observations_csv: Some(format!("x,y\n{table}")), ..law("1.0 * x / y == 0", "") };
    let drift = ask(query).await.drift.expect("observations");
    assert_eq!((drift.rows, drift.breaking, drift.difference), (4_000, 4_000, None));
    assert_eq!(drift.breaks[0].difference.as_deref(), Some("1 / 1000003"));
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_sentence() {
    let sentence = |new: NewQuery| new.read().expect_err("refused").to_string();
    assert_eq!(sentence(NewQuery::default()), "give a law, transitions, or both");
    assert!(sentence(law("x + ", "")).starts_with("the question cannot be read"));
    assert!(
        sentence(NewQuery { transitions: Some("x == 1".into()), ..NewQuery::default() })
            .contains("a formula changes nothing")
    );
    let table = |text: &str| NewQuery { observations_csv: Some(text.into()), ..law("x == y", "") };
    assert_eq!(sentence(table("x\n1\n")), "observation 1 has no value for y");
    assert!(sentence(table("x,y\r\n1,1\r\n1,much\r\n")).starts_with("observations_csv line 3: y: "));
    assert_eq!(
        sentence(table("x,y\n1,1e5\n")),
        "observations_csv line 2: y: write a decimal number such as 12 or 0.05, with at most 60 digits"
    );
    assert_eq!(
        sentence(table("x,y\n1\n")),
        "observations_csv line 2: the row has another number of columns than the first line"
    );
}

/// Small integers, all of them tried.
#[tokio::test]
async fn answers_and_ranges_agree_with_brute_force() {
    let pool = testing::pool().await;
    let small = "x >= -4 && x <= 4 && y >= -4 && y <= 4";
    for (text, holds) in [
        ("x + y > 3", (|x, y| x + y > 3) as fn(i64, i64) -> bool),
        ("x * y == 6", |x, y| x * y == 6),
        ("x % 3 == 1 && y < x", |x, y| x.rem_euclid(3) == 1 && y < x),
        ("x * x + y * y <= 9", |x, y| x * x + y * y <= 9),
        ("abs(x) + abs(y) >= 0", |x, y| x.abs() + y.abs() >= 0),
        ("x * y > 20", |x, y| x * y > 20),
    ] {
        let points: Vec<(i64, i64)> = (-4..=4).flat_map(|x| (-4..=4).map(move |y| (x, y))).collect();
        let true_at: Vec<(i64, i64)> = points.iter().copied().filter(|(x, y)| holds(*x, *y)).collect();
        let expected = match true_at.len() {
            0 => OracleVerdict::Never,
            all if all == points.len() => OracleVerdict::Always,
            _ => OracleVerdict::Sometimes,
        };
        let answer = consult(&pool, &law(text, small).read().expect("readable")).await.expect("answered");
        assert_eq!(answer.verdict, expected, "{text}");
        if let (Some(least), Some(most)) = (true_at.iter().map(|(x, _)| x).min(), true_at.iter().map(|(x, _)| x).max())
        {
            assert_eq!(range(&answer, "x"), (&at(&least.to_string()), &at(&most.to_string())), "{text}");
        }
    }
}

proptest! {
    /// What is said to be kept is kept along every random run, and nothing that is independent of it is missing.
    #[test]
    fn kept_combinations_never_change(
        matrix in proptest::collection::vec(proptest::collection::vec(-3_i64..4, 4), 1..4),
        amounts in proptest::collection::vec((0_usize..4, -50_i64..50), 1..20),
    ) {
        let intents: String = matrix.iter().enumerate().map(|(index, row)| {
            let lines: String = row.iter().enumerate().map(|(name, by)| format!("v{name} == old_v{name} + ({by}) * n; ")).collect();
            format!("intent t{index}(n: Int) {{ verify {{ {lines} }} }} ")
        }).collect();
        let kept = kept_by(&effects(&format!("atomic_batch b {{ {intents} }}")).expect("readable"));
        let rank = rank(&matrix);
        prop_assert_eq!(kept.combinations.len(), 4 - rank);
        let mut state = [0_i64; 4];
        for (which, amount) in amounts {
            let row = &matrix[which % matrix.len()];
            state.iter_mut().zip(row).for_each(|(value, by)| *value += by * amount);
            for combination in &kept.combinations {
                let sum: i64 = combination.coefficients.iter().map(|(name, by)| {
                    by.parse::<i64>().expect("small") * state[name[1..].parse::<usize>().expect("a number")]
                }).sum();
                prop_assert_eq!(sum, 0, "{}", combination.text);
            }
        }
    }
}

fn rank(matrix: &[Vec<i64>]) -> usize {
    let mut rows: Vec<Vec<BigRational>> = matrix
        .iter()
        .map(|row| row.iter().map(|value| BigRational::from_integer(BigInt::from(*value))).collect())
        .collect();
    let mut rank = 0;
    for column in 0..4 {
        let zero = BigRational::from_integer(BigInt::from(0));
        let Some(found) = (rank..rows.len()).find(|row| rows[*row][column] != zero) else { continue };
        rows.swap(rank, found);
        for row in rank + 1..rows.len() {
            let factor = &rows[row][column] / &rows[rank][column];
            let pivot = rows[rank].clone();
            rows[row].iter_mut().zip(&pivot).for_each(|(cell, pivot)| *cell -= &factor * pivot);
        }
        rank += 1;
    }
    rank
}

#[tokio::test]
async fn an_answer_is_charged_once_and_what_cannot_be_read_not_at_all() {
    for (name, database) in databases().await {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
        let ids: Arc<dyn IdSource> = Arc::new(CountingIds::default());
        let kernel = Kernel::start(database.clone(), price_book(), Arc::clone(&clock), Arc::clone(&ids));
        let account =
            kernel.open(NewAccount::by_operator("O".into(), Tier::Developer), "open", None).await.unwrap().account;
        let oracle = Oracle::new(database, kernel.clone(), testing::pool().await, clock, ids);
        let poor = oracle.ask(account, None, law("x == x", ""), "poor", None).await;
        assert!(matches!(poor, Err(OracleError::Kernel(KernelError::Refused(_)))), "{name}");
        let gift = Command::Grant {
            grant: kernel.next_grant(),
            credits: Credits::new(20).unwrap(),
            reason: "tests".into(),
            expires_at: None,
        };
        kernel.submit(Order::new(account, "gift", gift)).await.unwrap();
        let first = oracle.ask(account, None, law("x + 1 > x", ""), "one", None).await.unwrap();
        assert_eq!((first.charged.get(), first.balance.get(), first.answer.verdict), (5, 15, OracleVerdict::Always));
        let again = oracle.ask(account, None, law("x + 1 > x", ""), "one", None).await.unwrap();
        assert_eq!((again.id.as_str(), again.replayed), (first.id.as_str(), true));
        let kept = oracle.answer(account, first.id.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((kept.question, kept.answer), (first.question, first.answer));
        assert!(oracle.ask(account, None, law("x +", ""), "two", None).await.is_err());
        let heavy = oracle.ask(account, None, heavy(), "heavy", None).await;
        assert!(matches!(heavy, Err(OracleError::Invalid(_))), "{heavy:?}");
        assert_eq!(kernel.account(account).await.unwrap().unwrap().available.get(), 15);
        assert_eq!(oracle.list(account, None, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_comment_in_one_assumption_takes_no_other_along() {
    let answer = ask(law("x == 1", "x > 0 // positive\nx < 0")).await;
    assert_eq!(answer.verdict, OracleVerdict::Vacuous, "{answer:?}");
}

#[test]
fn what_another_intent_sets_or_leaves_open_is_not_kept() {
    let kept = |other: &str| {
        let source = format!(
            "atomic_batch b {{
                intent move(n: Int) {{ verify {{ a == old_a + n; b == old_b - n; }} }}
                intent other(m: Int) {{ verify {{ {other} }} }}
            }}"
        );
        kept_by(&effects(&source).expect("readable"))
    };
    for other in ["a == 7;", "a > m;", "a + b == m;", "a == b;", "c == old_c + m;"] {
        assert!(kept(other).combinations.is_empty(), "{other} {:?}", kept(other));
    }
    let said = kept("c == old_c + m; keep a, b;");
    assert_eq!(said.combinations.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["a + b"]);
    assert_eq!(said.left_out, ["c"], "the first step does not say that it keeps it");
}

#[tokio::test]
async fn an_end_beside_a_short_fraction_is_not_taken_for_it() {
    for law_text in ["x <= 0.333333333332", "x < 0.333333333332"] {
        let answer = ask(law(law_text, "x >= 0.0")).await;
        let high = range(&answer, "x").1;
        assert!(!matches!(high, Bound::At { value, .. } if value == "1 / 3"), "{law_text}: {high:?}");
    }
}

#[tokio::test]
async fn names_that_only_assumptions_speak_of_have_a_range_too() {
    let answer = ask(law("x >= 0", "x + y == 3\ny >= 0")).await;
    assert_eq!(range(&answer, "y"), (&at("0"), &at("3")));
}

fn bounded(law_text: &str, bounds: &str) -> NewQuery {
    NewQuery { bounds_lines: Some(bounds.to_owned()), ..law(law_text, "") }
}

#[tokio::test]
async fn bounds_narrow_what_is_asked_about() {
    let answer = ask(bounded("x + y == 100", "x: 0 to 30\ny: 0 to")).await;
    assert_eq!(answer.verdict, OracleVerdict::Sometimes);
    assert_eq!(range(&answer, "x"), (&at("0"), &at("30")));
    assert_eq!(range(&answer, "y"), (&at("70"), &at("100")));
    assert_eq!(ask(bounded("x * x >= 4", "x: 2 to 9")).await.verdict, OracleVerdict::Always);
    assert_eq!(ask(bounded("x > 9", "x: to 9")).await.verdict, OracleVerdict::Never);
    let halves = ask(bounded("x == x", "x: -0.5 to 1.5")).await;
    assert_eq!(range(&halves, "x"), (&at("-0.5"), &at("1.5")));
}

#[test]
fn bounds_that_make_no_sense_are_refused_with_their_line_or_name() {
    let refused = |new: NewQuery| match new.read() {
        Err(OracleError::Invalid(sentence)) => sentence,
        other => panic!("{other:?}"),
    };
    for (bounds, told) in [
        ("x: 0 to 1\nx 5", "bounds line 2: write a name"),
        ("x: 0 - 1", "bounds line 1: write a name"),
        ("x: 0 to much", "bounds line 1: much: "),
        ("x: 0 to 1\n\nx: 0 to 2", "bounds line 3: x has a range already"),
        ("z: 0 to 1", "bounds: the law has no name \"z\""),
        ("x >= 0 || y: 0 to 1", "bounds: the law has no name"),
        ("x: to", "bounds: x has neither"),
        ("x: 2 to 1", "bounds: nothing lies from 2 to 1"),
    ] {
        let sentence = refused(bounded("x + y == 100", bounds));
        assert!(sentence.starts_with(told), "{bounds:?}: {sentence}");
    }
    let lawless = NewQuery {
        law: None,
        transitions: Some("intent i() { verify { a == old_a; } }".into()),
        ..bounded("", "x: 0 to 1")
    };
    assert!(refused(lawless).contains("belong to a law"));
}

#[test]
fn a_question_without_bounds_is_written_as_it_always_was() {
    let written = serde_json::to_string(&law("x == y", "").read().expect("readable")).expect("JSON");
    assert_eq!(written, r#"{"law":"x == y","assumptions":[],"transitions":null,"observations":[]}"#);
}
