//! The statement of a month: the sums, and every line.

use super::moment;
use super::sheet::{Column, Sheet};
use crate::ledger::{Bucket, Cents, Entry, Line, Statement};

/// Lines that are printed: a hundred pages. The signed file has all of them.
const LINES_MAX: usize = 5_000;

const SUMS: [Column; 4] = [Column::Left(56.0, 230.0), Column::Right(360.0), Column::Right(450.0), Column::Right(539.0)];
const LINES: [Column; 6] = [
    Column::Right(90.0),
    Column::Left(100.0, 90.0),
    Column::Left(195.0, 160.0),
    Column::Right(405.0),
    Column::Right(470.0),
    Column::Right(539.0),
];

/// The statement as a PDF.
#[must_use]
pub fn statement(statement: &Statement) -> Vec<u8> {
    let totals = &statement.totals;
    let mut sheet = Sheet::new(&format!("Statement of {}", statement.month));
    sheet.text("Aethel, formal verification by the credit. Signed and complete is the JSON file of the same month.");
    sheet.gap();
    sheet.fact("Customer", &statement.name);
    sheet.fact("Account", &statement.account.to_string());
    sheet.fact("Period, UTC", &format!("{} to {}", moment(statement.from), moment(statement.to)));
    sheet.fact("State", if statement.complete { "complete" } else { "still running" });
    sheet.fact("Available at the beginning", &statement.opening.balances.available.to_string());
    sheet.fact("Available at the end", &statement.closing.balances.available.to_string());
    sheet.fact("Paid for credits bought", &totals.bought_cents.to_string());
    sheet.fact("Paid for the credits spent", &totals.spent_cents.to_string());
    sheet.fact("Head of the chain", &statement.closing.head.to_string());
    sheet.heading("Spent, by operation");
    let operations = totals.by_operation.iter().map(|(operation, total)| {
        let credits = total.credits.get().saturating_sub(total.refunded.get());
        vec![
            operation.title().to_owned(),
            total.quantity.to_string(),
            credits.to_string(),
            total.paid_cents.to_string(),
        ]
    });
    sheet.table(&SUMS, &["What", "Units", "Credits", "Paid"], operations);
    sheet.heading("Every line");
    let rows = statement.lines.iter().take(LINES_MAX).map(row);
    sheet.table(&LINES, &["Entry", "Time, UTC", "What", "Credits", "Balance", "Paid"], rows);
    if statement.lines.len() > LINES_MAX {
        sheet.gap();
        sheet.text(&format!(
            "The first {LINES_MAX} of {} lines are printed; the signed file has all of them.",
            statement.lines.len()
        ));
    }
    sheet.finish()
}

fn row(line: &Line) -> Vec<String> {
    let entry = &line.entry;
    vec![
        entry.seq.to_string(),
        moment(entry.at),
        entry.operation.map_or_else(|| entry.kind.title(), |operation| operation.title()).to_owned(),
        change_of_available(entry),
        entry.balance.to_string(),
        if line.paid_cents == Cents::ZERO { String::new() } else { line.paid_cents.to_string() },
    ]
}

/// What the entry did to the credits that can be spent; nothing where it moved others.
fn change_of_available(entry: &Entry) -> String {
    match (entry.from == Bucket::Available, entry.to == Bucket::Available) {
        (false, true) => format!("+{}", entry.amount),
        (true, false) => format!("−{}", entry.amount),
        _ => String::new(),
    }
}
