//! Statements and the status as the pages show them.

use super::dates::{iso, moment, month_title, period};
use super::entries::entry;
use super::visitor::{Visitor, public_frame};
use crate::app::error::AppError;
use crate::app::format::grouped;
use crate::app::views::{
    LawView, MonthView, StatementLineView, StatementRow, StatementView, StatementsView, StatusView,
};
use crate::billing::{Document, LawState, Overall, StatementError, WatchReport};
use crate::ledger::{EntryKind, Law, Line, Month, Statement};
use crate::server::context::app;

/// Lines that the page shows; the signed file has all of them.
const LINES_SHOWN: usize = 1_000;

impl From<StatementError> for AppError {
    fn from(error: StatementError) -> Self {
        match error {
            StatementError::NotFound => Self::NotFound,
            StatementError::TooLong => Self::Refused { code: "statement_too_long".into() },
            StatementError::Kernel(error) => error.into(),
        }
    }
}

fn month_view(month: Month) -> MonthView {
    let complete = month.end() <= app().clock.now();
    MonthView { month: month.to_string(), title: month_title(month.start()), complete }
}

/// The months of the visitor's account.
pub async fn statements(visitor: &Visitor) -> Result<StatementsView, AppError> {
    let months = app().kernel.statement_months(visitor.account()).await?;
    Ok(StatementsView { frame: visitor.frame(), months: months.into_iter().map(month_view).collect() })
}

/// One month of the visitor's account.
pub async fn statement(visitor: &Visitor, month: &str) -> Result<StatementView, AppError> {
    let month: Month = month.parse().map_err(|_| AppError::NotFound)?;
    let app = app();
    let statement = app.kernel.statement(visitor.account(), month).await?;
    // The signature says nothing new here; the page names the key that the file is signed with.
    let signed = app.signer.sign(Document::Statement, serde_json::Value::Null).await?;
    let text = |name: &str| signed[name].as_str().unwrap_or_default().to_owned();
    Ok(StatementView {
        frame: visitor.frame(),
        month: month_view(month),
        account: statement.account.to_string(),
        period: period(statement.from, statement.to),
        opening: statement.opening.balances.available.get(),
        closing: statement.closing.balances.available.get(),
        bought: statement.totals.bought_cents.to_string(),
        spent: statement.totals.spent_cents.to_string(),
        operations: operations(&statement),
        kinds: kinds(&statement),
        lines: statement.lines.iter().take(LINES_SHOWN).map(line).collect(),
        line_count: i64::try_from(statement.lines.len()).unwrap_or(i64::MAX),
        head: statement.closing.head.to_string(),
        key_id: text("key_id"),
        public_key: text("public_key"),
    })
}

fn operations(statement: &Statement) -> Vec<StatementRow> {
    let row = |(operation, total): (&crate::ledger::Operation, &crate::ledger::OperationTotal)| StatementRow {
        title: operation.title().to_owned(),
        count: total.quantity,
        credits: total.credits.get().saturating_sub(total.refunded.get()),
        paid: total.paid_cents.to_string(),
    };
    statement.totals.by_operation.iter().map(row).collect()
}

fn kinds(statement: &Statement) -> Vec<StatementRow> {
    let row = |(kind, total): (&EntryKind, &crate::ledger::KindTotal)| StatementRow {
        title: kind.title().to_owned(),
        count: total.entries,
        credits: total.credits.get(),
        // Coming in moves no cents out of a grant; what people look for here is what they paid.
        paid: if *kind == EntryKind::Purchase { statement.totals.bought_cents } else { total.paid_cents }.to_string(),
    };
    statement.totals.by_kind.iter().map(row).collect()
}

fn line(line: &Line) -> StatementLineView {
    let shown = entry(&line.entry, line.entry.at);
    StatementLineView {
        seq: shown.seq,
        at: shown.at,
        at_iso: iso(line.entry.at),
        what: shown.what,
        state: shown.state,
        tone: shown.tone,
        amount: shown.amount,
        balance: shown.balance,
        paid: if line.paid_cents.get() == 0 { String::new() } else { line.paid_cents.to_string() },
    }
}

/// How the laws stand, for anyone.
pub async fn status() -> StatusView {
    let app = app();
    let report = app.watch.report();
    StatusView {
        frame: public_frame().await,
        status: overall(&report).to_owned(),
        laws: Law::ALL.iter().map(|law| law_view(*law, report.state(*law))).collect(),
        round: report.round.map_or_else(String::new, |round| {
            format!(
                "Last full replay ended {} UTC: {} accounts, {} entries, {}.",
                moment(round.ended_at, app.clock.now()),
                grouped(i64::try_from(round.accounts).unwrap_or(i64::MAX)),
                grouped(i64::try_from(round.entries).unwrap_or(i64::MAX)),
                lasted(round.took_millis),
            )
        }),
    }
}

fn overall(report: &WatchReport) -> &'static str {
    match report.overall() {
        Overall::NotChecked => "not_checked",
        Overall::Holds => "ok",
        Overall::Stale => "stale",
        Overall::Broken => "broken",
    }
}

fn law_view(law: Law, state: LawState) -> LawView {
    let (word, tone) = match state {
        LawState::NotChecked => ("Not checked yet".to_owned(), ""),
        LawState::Holds => ("Holds".to_owned(), "good"),
        LawState::Stale => ("Held when last checked".to_owned(), "warn"),
        LawState::Broken(1) => ("Broken, 1 fault".to_owned(), "bad"),
        LawState::Broken(faults) => {
            (format!("Broken, {} faults", grouped(i64::try_from(faults).unwrap_or(i64::MAX))), "bad")
        }
    };
    LawView { title: law.title().into(), sentence: law.sentence().into(), word, tone: tone.into() }
}

/// How long a round took, in the unit that fits.
fn lasted(millis: i64) -> String {
    match millis {
        0..1_000 => format!("in {} ms", grouped(millis)),
        1_000..120_000 => format!("in {} s", grouped(millis / 1_000)),
        _ => format!("in {} min", grouped(millis / 60_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_a_word_and_a_tone() {
        let said = |state| {
            let view = law_view(Law::Chain, state);
            (view.word, view.tone)
        };
        assert_eq!(said(LawState::Holds), ("Holds".into(), "good".into()));
        assert_eq!(said(LawState::NotChecked), ("Not checked yet".into(), String::new()));
        assert_eq!(said(LawState::Stale), ("Held when last checked".into(), "warn".into()));
        assert_eq!(said(LawState::Broken(1)), ("Broken, 1 fault".into(), "bad".into()));
        assert_eq!(said(LawState::Broken(1_200)), ("Broken, 1,200 faults".into(), "bad".into()));
    }

    #[test]
    fn a_duration_has_the_unit_that_fits() {
        assert_eq!((lasted(0), lasted(999)), ("in 0 ms".into(), "in 999 ms".into()));
        assert_eq!((lasted(1_000), lasted(119_999)), ("in 1 s".into(), "in 119 s".into()));
        assert_eq!(lasted(7_200_000), "in 120 min");
    }
}
