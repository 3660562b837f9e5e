//! Tests of the language as a whole; what is hostile must fail fast and plainly.

use std::time::{Duration, Instant};

use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn first_mistake(source: &str) -> Diagnostic {
    parse(source).expect_err("a mistake").remove(0)
}

fn formula(source: &str) -> Expr {
    parse_formula(source).expect("a formula").remove(0).expression
}

fn value_of(source: &str) -> Result<Value, Fault> {
    evaluate(&formula(source), &|name| match name.base.as_str() {
        "two" => Some(Value::from(2)),
        "yes" => Some(Value::Boolean(true)),
        "word" => Some(Value::Text("open".to_owned())),
        _ => None,
    })
}

#[test]
fn every_example_parses_and_prints_its_name() {
    for example in examples() {
        let program = parse(example.source).unwrap_or_else(|found| panic!("{}: {}", example.slug, found[0]));
        assert!(!program.names().is_empty(), "{}", example.slug);
    }
}

#[test]
fn the_transfer_has_three_conditions_on_their_own_lines() {
    let program = parse(examples()[0].source).expect("parses");
    let found: Vec<(u32, &str)> = program.conditions().iter().map(|c| (c.line, c.text.as_str())).collect();
    assert_eq!(
        found,
        [
            (8, "payer_balance == old_payer_balance - amount"),
            (9, "payee_balance == old_payee_balance + amount"),
            (10, "payer_balance >= 0"),
        ]
    );
    assert_eq!(program.names(), ["amount", "payer_balance", "payee_balance"]);
    assert_eq!(program.title(), Some("transfer"));
}

#[test]
fn operators_bind_as_the_reference_says() {
    let same = [
        ("a + b * c ** d", "a + b * c ** d"),
        ("(a + b) * c", "(a + b) * c"),
        ("-a ** 2", "-a ** 2"),
        ("(-a) ** 2", "(-a) ** 2"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("a ** (b ** c)", "a ** b ** c"),
        ("not a == b and c or d ==> e", "!(a == b) && c || d => e"),
        ("(a => b) => c", "(a => b) => c"),
        ("a => (b => c)", "a => b => c"),
        ("!a && b", "!a && b"),
        ("if a > 0 then b else c", "if a > 0 { b } else { c }"),
        ("if a { b } else { c } + 1 == 2", "(if a { b } else { c }) + 1 == 2"),
        ("min(a, b) + abs(-c) > sum([d, 1.50])", "min(a, b) + abs(-c) > sum(d, 1.5)"),
        ("old_payer.balance == payer.old_balance", "old_payer.balance == old_payer.balance"),
        ("state == 'open' # why\n", "state == \"open\""),
    ];
    for (source, printed) in same {
        assert_eq!(formula(source).to_string(), printed, "{source}");
    }
}

#[test]
fn values_are_exact() {
    let holds = [
        "0.1 + 0.2 == 0.3",
        "1 / 3 * 3 == 1",
        "2 ** 256 == 115792089237316195423570985008687907853269984665640564039457584007913129639936",
        "-7 % 3 == 2",
        "-7 % -3 == 2",
        "7 % -3 == 1",
        "abs(-2) == two && min(3, two, 5) == 2 && max(1, 4) == 4 && sum(1, 2, 3) == 6",
        "if yes { 1 } else { 1 / 0 } == 1",
        "word == \"open\" && word != 'shut'",
        "1_000_000 == 10 ** 6",
        "false => 1 / 0 == 1",
        "yes || 1 / 0 == 1",
        "5 - 2 - 1 == 2",
    ];
    for source in holds {
        assert_eq!(value_of(source), Ok(Value::Boolean(true)), "{source}");
    }
    assert_eq!(value_of("1 / (two - 2) == 1"), Err(Fault::DivisionByZero));
    assert_eq!(value_of("1 % (two - 2) == 1"), Err(Fault::DivisionByZero));
    assert_eq!(value_of("nobody == 1"), Err(Fault::NoValue("nobody".to_owned())));
    assert_eq!(value_of("2 ** 4096 ** 2 == 1"), Err(Fault::TooLarge));
    assert_eq!(value_of("yes == 1"), Err(Fault::Mismatch));
}

#[test]
fn values_print_as_people_write_them() {
    let show = |numer: i64, denom: i64| Value::Number(BigRational::new(numer.into(), denom.into())).to_string();
    assert_eq!(show(5, 2), "2.5");
    assert_eq!(show(-1, 20), "-0.05");
    assert_eq!(show(1, 3), "1 / 3");
    assert_eq!(show(-100, 1), "-100");
}

#[test]
fn names_take_their_type_from_their_use() {
    let types = |source: &str| infer(&parse(source).expect("parses"), &[]);
    assert_eq!(types("x + y == 100").of("x"), Type::Integer);
    assert_eq!(types("x > 0.5").of("x"), Type::Rational);
    assert_eq!(types("fee == amount / 100").of("amount"), Type::Rational);
    assert_eq!(types("x > 0.5; y == x; z > x").of("y"), Type::Rational, "an equation spreads it");
    assert_eq!(types("x > 0.5; y == x; z > x").of("z"), Type::Integer, "a comparison does not");
    assert_eq!(types("paid => x > 0").of("paid"), Type::Boolean);
    assert_eq!(types("(a == b) && b").of("a"), Type::Boolean);
    assert_eq!(types("state == 'open'; other == state").of("other"), Type::Text);
    assert_eq!(types("flag").of("flag"), Type::Boolean);
    assert_eq!(types("(if c { u } else { v }) == 1.5").of("v"), Type::Rational);
    let declared = "intent a(x: Int, y: Real) { verify { x == y / 2; x > 0.5; } }";
    assert_eq!((types(declared).of("x"), types(declared).of("y")), (Type::Integer, Type::Rational));
}

#[test]
fn types_that_disagree_are_named_where_they_stand() {
    let found = first_mistake("x > 0;\nx && y");
    assert_eq!((found.line, found.column, found.length), (2, 1, 1));
    assert_eq!(found.message, "expected true or false here, and this is a number");
    assert_eq!(found.fix.as_deref(), Some("compare it, for example with `> 0`"));
    assert!(first_mistake("x + 1").message.contains("true or false"));
    assert!(first_mistake("x == 'a' && x > 1").message.contains("a number"));
    assert!(first_mistake("x % 2.5 == 0").message.contains("whole numbers"));
    assert!(first_mistake("x ** y == 0").message.contains("exponent"));
    assert!(first_mistake("x ** 65 == 0").message.contains("exponent"));
    assert!(first_mistake("2 ** 4097 > 0").message.contains("exponent"));
    assert!(first_mistake("2 ** -1 > 0").message.contains("exponent"));
}

#[test]
fn mistakes_say_where_what_and_how_to_mend_them() {
    let cases = [
        ("x = 1", 1, 3, "write `==` to compare"),
        ("a == b\nc == d", 2, 1, "put `;` between two conditions"),
        ("0 <= x <= 10", 1, 8, "write `0 <= x && x <= 10` for `0 <= x <= 10`"),
        ("x ≥ 1", 1, 3, "write `>=`"),
        ("é + y & z", 1, 7, "write `&&`"),
        ("intnet pay() { verify { x == 1; } }", 1, 1, "did you mean `intent`?"),
        ("intent pay() {\n  gaurd { x > 1; }\n}", 2, 3, "did you mean `guard`?"),
        ("intent pay() {\n verify {\n  x == 1\n  y == 2;\n }\n}", 3, 9, "add `;` at the end of the condition"),
        ("intent pay() { guard { x > 1; } }", 1, 1, "add `verify { … }` with what must hold afterwards"),
        ("solve a { asert x > 1; prove x > 0; }", 1, 11, "did you mean `assert`?"),
        ("solve a { assert x > 1; }", 1, 1, "add `prove …;` or `conserve …;`"),
        ("avg(x) == 1", 1, 1, "use `abs`, `min`, `max` or `sum`"),
        ("x == \"open", 1, 6, "end it with `\"`"),
        ("x == 1 /* never", 1, 8, "end it with `*/`"),
        ("1e9 == x", 1, 1, "write `10 ** 9` for 1e9, and put an operator between a number and a name"),
        ("if x > 1 { y } == 2", 1, 16, "an `if` has a value in both cases"),
        (
            "intent a() { verify { x == 1; } } intent b() { verify { x == 1; } }",
            1,
            35,
            "put several intents into `atomic_batch NAME { … }`",
        ),
    ];
    for (source, line, column, fix) in cases {
        let found = first_mistake(source);
        assert_eq!((found.line, found.column, found.fix.as_deref()), (line, column, Some(fix)), "{source}: {found}");
    }
    assert_eq!(first_mistake("x ==\u{0} 1").message, "U+0000 has no meaning here");
    assert_eq!(first_mistake("").message, "expected a value or a name, found the end");
    assert_eq!(
        first_mistake("x = 1").to_string(),
        "line 1, column 3: expected an operator or the end, found `=`; write `==` to compare"
    );
}

#[test]
fn several_mistakes_are_told_at_once() {
    let source = "intent a() {\n guard { x >; y + ; z > 1; }\n verify { w = 2; v == 1; }\n}";
    let found = parse(source).expect_err("mistakes");
    let lines: Vec<(u32, u32)> = found.iter().map(|d| (d.line, d.column)).collect();
    assert_eq!(lines, [(2, 13), (2, 19), (3, 13)]);
}

#[test]
fn several_mistakes_of_a_formula_are_told_at_once_too() {
    let found = parse("x = 5;\ny > 1;\nz + == 2;\n(a;\n} b").expect_err("mistakes");
    assert_eq!(found.iter().map(|mistake| mistake.line).collect::<Vec<_>>(), [1, 3, 4, 5], "{found:?}");
    let endless = parse(&"x = 1;".repeat(500)).expect_err("mistakes");
    assert_eq!(endless.len(), 20);
    assert_eq!(parse(" ; ; ").expect_err("nothing").len(), 1);
}

#[test]
fn parameters_keep_what_was_said_of_them() {
    let program =
        parse("intent a(secret pin: Int, external price, who: Account, secret: Int) { verify { pin > price; } }");
    let program = program.expect("parses");
    let seen: Vec<(&str, Visibility)> = program.parameters().iter().map(|p| (p.name.as_str(), p.visibility)).collect();
    let expected = [
        ("pin", Visibility::Secret),
        ("price", Visibility::External),
        ("who", Visibility::Plain),
        ("secret", Visibility::Plain),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_large_honest_program_is_read() {
    let mut source = String::from("intent large() {\n verify {\n");
    for index in 0..600 {
        source.push_str(&format!("  v{} + {index} * w{} >= old_v{} - 1;\n", index % 150, index % 50, index % 150));
    }
    source.push_str(" }\n}");
    assert_eq!(parse(&source).expect("parses").conditions().len(), 600);
    let chain: Vec<String> = (0..900).map(|index| format!("x{index} > {index}")).collect();
    assert!(parse(&chain.join(" && ")).is_ok());
}

#[test]
fn hostile_texts_fail_quickly_and_plainly() {
    let deep = |open: &str, close: &str| format!("{}x{}", open.repeat(100_000), close.repeat(100_000));
    let texts = [
        deep("(", ")"),
        deep("-", ""),
        deep("!", ""),
        deep("abs(", ")"),
        deep("x.", ""),
        deep("if a { ", " } else { b }"),
        format!("x{}", " - x".repeat(60_000)),
        format!("x{}", " ** x".repeat(40_000)),
        format!("x{}", " => x".repeat(40_000)),
        "9".repeat(10_000_000),
        "9".repeat(200_000),
        "\u{0}".repeat(200_000),
        "x == 1;".repeat(30_000),
        "/*".repeat(100_000),
        "intent a() { guard {".repeat(10_000),
        "9 ** 9 ** 9 ** 9 == 1".to_owned(),
        "((((x ** 64) ** 64) ** 4096) ** 4096) == 1".to_owned(),
        format!("{} == 1", "4096 ** ".repeat(100) + "2"),
        format!("{} > 0", (0..5_000).map(|n| format!("n{n}")).collect::<Vec<_>>().join(" > 0; ")),
        format!("{} == 1", "a".repeat(100_000)),
    ];
    for text in texts {
        let started = Instant::now();
        let shown: String = text.chars().take(40).collect();
        let found = parse(&text).expect_err(&shown);
        assert!(!found.is_empty() && found.len() <= DIAGNOSTICS_MAX, "{shown}");
        assert!(found.iter().all(|d| d.message.len() < 300 && d.source_line.len() < 1_000), "{shown}");
        assert!(started.elapsed() < Duration::from_secs(2), "{shown} took {:?}", started.elapsed());
    }
}

#[test]
fn the_deepest_program_allowed_fits_a_small_stack() {
    let work = || {
        let nested = format!("{}x{} > 0", "(-".repeat(60), ")".repeat(60));
        let chain = format!("x{} > 0", " - x".repeat(230));
        for source in [nested, chain] {
            let program = parse(&source).expect("within the limits");
            let conditions = program.conditions();
            let expr = &conditions[0].expression;
            assert!(evaluate(expr, &|_| Some(Value::from(1))).is_ok());
            assert_eq!(formula(&expr.to_string()).to_string(), expr.to_string());
        }
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread");
    thread.join().expect("no overflow");
}

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-e]".prop_map(|name| name),
        "old_[a-e]".prop_map(|name| name),
        (0_u32..1_000).prop_map(|value| value.to_string()),
        (0_u32..1_000, 1_u32..100).prop_map(|(whole, part)| format!("{whole}.{part:02}")),
    ]
}

fn arithmetic() -> impl Strategy<Value = String> {
    leaf().prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            (inner.clone(), "[-+*/]", inner.clone()).prop_map(|(a, o, b)| format!("({a}) {o} ({b})")),
            (inner.clone(), "[-+*/]", inner.clone()).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (inner.clone(), 0_u32..4).prop_map(|(a, n)| format!("({a}) ** {n}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("min({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(if {a} > {b} {{ {a} }} else {{ {b} }})")),
        ]
    })
}

fn logical() -> impl Strategy<Value = String> {
    let comparison = (arithmetic(), select(vec!["==", "!=", "<", "<=", ">", ">="]), arithmetic())
        .prop_map(|(a, operator, b)| format!("{a} {operator} {b}"));
    comparison.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), select(vec!["&&", "||", "=>", "and", "or"]), inner.clone())
                .prop_map(|(a, operator, b)| format!("({a}) {operator} ({b})")),
            (inner.clone(), select(vec!["&&", "||", "=>"]), inner.clone())
                .prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_heap_of_tokens_makes_the_parser_panic(words in proptest::collection::vec(
        select(vec![
            "intent", "guard", "solve", "verify", "atomic_batch", "{", "}", "(", ")", ";", ",", ":", ".", "x", "old_x",
            "let", "assert", "prove", "conserve", "return", "enters", "==", "=", "+", "-", "**", "/", "if", "else",
            "then", "not", "and", "1", "0.5", "'a'", "min", "sum", "[", "]", "true", "secret", "external", "?", "\n",
        ]), 0..60)) {
        if let Err(found) = parse(&words.join(" ")) {
            prop_assert!(!found.is_empty());
        }
    }

    #[test]
    fn what_is_printed_parses_to_the_same(source in logical()) {
        let once = formula(&source);
        let twice = formula(&once.to_string());
        prop_assert_eq!(once.to_string(), twice.to_string());
        let values = |name: &Name| {
            let seed = i64::from(name.base.bytes().next().unwrap_or(0)) - 98 + i64::from(name.old);
            Some(Value::Number(BigRational::new(BigInt::from(seed), BigInt::from(3))))
        };
        prop_assert_eq!(evaluate(&once, &values), evaluate(&twice, &values));
    }
}

fn left_of(source: &str) -> Expr {
    match formula(source).kind {
        ExprKind::Binary(_, left, _) => *left,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_exponent_is_short_and_small_in_every_step() {
    for (source, value) in
        [("64", Some(64)), ("2 * 3 + 4", Some(10)), ("8 / 2 - 1", Some(3)), ("2 ** 3 ** 2", Some(512))]
    {
        assert_eq!(exponent(&left_of(&format!("{source} == 1"))), value, "{source}");
    }
    let long = format!("0 * (1{})", " + 1".repeat(20));
    for source in
        ["0 * 7 ** 4096", "0 * (7 ** 4096 / 3 ** 4096)", "1 / 0", "3 % 0", "-1", "7 / 2", "2 ** 64", long.as_str()]
    {
        assert_eq!(exponent(&left_of(&format!("{source} == 1"))), None, "{source}");
        let message = parse(&format!("x ** ({source}) == 1")).expect_err("refused")[0].message.clone();
        assert!(message.contains("exponent"), "{source}: {message}");
    }
}

#[test]
fn what_costs_too_many_steps_is_given_up() {
    // Largest values, none of them too large, as often as they fit into a program; then the same as fractions.
    for repeated in [" + 65535 ** 4095 * 0", " + 65535 ** 2047 / 65534 ** 2047 * 0"] {
        let halves = format!("({})", repeated.repeat(100).trim_start_matches(" +"));
        let expr = formula(&format!("0{} == 0", format!(" + {halves}").repeat(65)));
        let budget = Budget::default();
        assert_eq!(evaluate_within(&budget, &expr, &|_| None), Err(Fault::TooMuchWork));
        assert!(budget.spent() <= STEPS_MAX);
    }
    let usual = formula("10 ** 18 * 3 / 7 + 2 ** 256 > 1");
    let budget = Budget::default();
    assert_eq!(evaluate_within(&budget, &usual, &|_| None), Ok(Value::Boolean(true)));
    assert!(budget.spent() < 10_000, "{}", budget.spent());
}
