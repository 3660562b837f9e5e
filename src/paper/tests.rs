//! The files are read back by their own cross-reference table, as a PDF reader does.

use super::*;
use crate::ledger::{AccountId, Cents, Credits, GrantId, PurchaseId, Statement};
use crate::payments::{Paid, Purchase, PurchaseState, Returned, Way};
use ulid::Ulid;

fn purchase() -> Purchase {
    Purchase {
        id: PurchaseId::from_ulid(Ulid::from(1u128)),
        account: AccountId::from_ulid(Ulid::from(2u128)),
        request: "request-1".into(),
        way: Way::Checkout,
        package: "Starter".into(),
        credits: Credits::new(100).expect("small"),
        amount: Cents::new(1_000).expect("small"),
        grant: GrantId::from_ulid(Ulid::from(3u128)),
        email: None,
        state: PurchaseState::Paid,
        state_at: 0,
        failure: None,
        received: Cents::new(880).expect("small"),
        returned: Returned::default(),
        late_failure_told: false,
        mismatch: None,
        created_at: Timestamp::from_millis(0),
        paid_at: Some(Timestamp::from_millis(1_795_000_000_000)),
        stripe_session: None,
        stripe_intent: Some("pi_1".into()),
        checkout_url: None,
        payment_method: None,
    }
}

fn paid() -> Paid {
    let cents = |amount| Cents::new(amount).expect("small");
    Paid { discount: cents(200), tax: cents(80), promotion: Some("promo_1".into()), receipt: None }
}

fn printed(customer: &str) -> String {
    let (purchase, paid) = (purchase(), paid());
    read(&receipt(&ReceiptData { customer, site: "https://aethel.example", purchase: &purchase, paid: &paid }))
}

/// Checks that the table names every object where it is, and answers the file's text.
fn read(file: &[u8]) -> String {
    assert!(file.is_ascii(), "whoever takes it for text does it no harm");
    let text = String::from_utf8(file.to_vec()).expect("ascii");
    assert!(text.starts_with("%PDF-1.7") && text.trim_end().ends_with("%%EOF"), "{text}");
    let start = text.rsplit("startxref").next().expect("a place").split_whitespace().next().expect("a number");
    let table = text.get(start.parse::<usize>().expect("a number")..).expect("within the file");
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("xref"));
    let count: usize = lines.next().and_then(|line| line.split(' ').nth(1)?.trim().parse().ok()).expect("a count");
    for number in 0..count {
        let line = lines.next().expect("a line for each object");
        let offset: usize = line.get(..10).and_then(|digits| digits.parse().ok()).expect("an offset");
        if line.contains(" n") {
            let object = text.get(offset..).expect("within the file");
            assert!(object.starts_with(&format!("{number} 0 obj")), "{number}: {object:.40}");
        }
    }
    assert!(table.contains("/Root 1 0 R"), "{table}");
    text
}

#[test]
fn a_receipt_is_a_pdf_that_says_who_paid_what_for_what() {
    let text = printed("Ada (Lovelace)");
    for said in [
        "(Ada (Lovelace))",
        "(Starter package)",
        "(100)",
        "($10.00)",
        "($0.80)",
        "($8.80)",
        "(2026-11-18 11:06)",
        "(pi_1)",
    ] {
        assert!(text.contains(&format!("{said} Tj")), "{said}: {text}");
    }
    assert!(text.contains(&format!("({})", purchase().id)) && !text.contains("question mark"), "{text}");
    assert_eq!(text, printed("Ada (Lovelace)"), "the same again");
}

#[test]
fn a_name_in_other_letters_leaves_the_file_whole_and_is_said_to_be_incomplete() {
    for name in ["李小龍", "Łódź ЖЖ", "a\u{0}b\n)\\(", "👋", &"long ".repeat(200), &"x".repeat(500)] {
        let text = printed(name);
        assert!(text.contains("($8.80) Tj"), "{name}");
        let missing = name.chars().any(|letter| "李Ж👋".contains(letter));
        assert_eq!(text.contains("question mark"), missing, "{name}");
    }
}

#[test]
fn a_statement_is_a_pdf_with_the_sums_and_every_line() {
    let signed: serde_json::Value =
        serde_json::from_str(include_str!("../ledger/testdata/statement.json")).expect("json");
    let mut known: Statement = serde_json::from_value(signed["statement"].clone()).expect("a statement");
    let text = read(&statement(&known));
    let whole = [known.account.to_string(), known.totals.bought_cents.to_string(), known.closing.head.to_string()];
    for said in whole {
        assert!(text.contains(&format!("({said}) Tj")), "{said}: {text}");
    }
    assert!(text.contains("page 1 of 1"));
    let line = known.lines.first().expect("a line").clone();
    known.lines = vec![line; 200];
    let text = read(&statement(&known));
    let pages = text.matches("/Type /Page\n").count();
    assert!(pages > 2 && text.matches("(Balance) Tj").count() == pages, "{pages} pages, each with a head");
    assert!(text.contains(&format!("page {pages} of {pages}")));
}
