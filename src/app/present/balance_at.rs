//! The balance at a moment as the ledger page shows it.

use super::request::visitor_zone;
use crate::app::error::AppError;
use crate::app::format::{credits, grouped};
use crate::app::views::BalanceAtView;
use crate::billing::{BalanceAt, Zone};
use crate::ledger::{AccountId, Timestamp};
use crate::server::context::app;

/// Longest moment that a form may bring: a date and a time to the second have 19 characters.
const TYPED_MAX: usize = 40;

/// What could be spent at the moment that was typed, told in the visitor's zone; nothing where nothing was.
pub async fn balance_at(account: AccountId, typed: &str) -> Result<BalanceAtView, AppError> {
    let zone = visitor_zone();
    let view = BalanceAtView {
        zone: zone.name().replace('_', " "),
        typed: typed.chars().take(TYPED_MAX).collect(),
        ..BalanceAtView::default()
    };
    if typed.is_empty() {
        return Ok(view);
    }
    match moment_of(&zone, &view.typed, app().clock.now()) {
        Err(code) => Ok(BalanceAtView { error: code.to_owned(), ..view }),
        Ok(at) => {
            let found = app().kernel.balance_at(account, at).await?.ok_or(AppError::NotFound)?;
            Ok(told(view, &found))
        }
    }
}

/// The moment that was typed, or the code of what is wrong with it: what is still to come has no balance yet.
fn moment_of(zone: &Zone, typed: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    let at = zone.moment(typed).ok_or("moment_invalid")?;
    if at > now { Err("moment_to_come") } else { Ok(at) }
}

fn told(view: BalanceAtView, found: &BalanceAt) -> BalanceAtView {
    let proof = match found.seq {
        0 => "Nothing had been posted by then.".to_owned(),
        seq => format!("Entry {} was the last by then.", grouped(seq)),
    };
    let moment = view.typed.replace('T', " ");
    let sentence = format!("{moment}, {}: {} could be spent. {proof}", view.zone, credits(found.balance.get()));
    let hash = if found.seq == 0 { String::new() } else { found.hash.to_string() };
    BalanceAtView { sentence, hash, ..view }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Credits, Hash};

    #[test]
    fn a_moment_that_is_none_or_still_to_come_is_refused() {
        let now = Zone::UTC.moment("2026-11-23T09:00").unwrap();
        assert_eq!(moment_of(&Zone::UTC, "2026-11-23T09:00", now), Ok(now));
        assert_eq!(moment_of(&Zone::UTC, "2026-11-23T09:01", now), Err("moment_to_come"));
        assert_eq!(moment_of(&Zone::UTC, "noon", now), Err("moment_invalid"));
        let new_york = "America/New_York".parse().unwrap();
        assert_eq!(moment_of(&new_york, "2026-11-23T09:00", now), Err("moment_to_come"));
    }

    #[test]
    fn the_answer_names_the_entry_that_proves_it() {
        let view =
            || BalanceAtView { zone: "UTC".into(), typed: "2026-11-23T09:00".into(), ..BalanceAtView::default() };
        let found = BalanceAt { balance: Credits::new(75).unwrap(), seq: 1_200, hash: Hash::of(b"x") };
        let shown = told(view(), &found);
        assert_eq!(
            shown.sentence,
            "2026-11-23 09:00, UTC: 75 credits could be spent. Entry 1,200 was the last by then."
        );
        assert_eq!(shown.hash, found.hash.to_string());
        let before = told(view(), &BalanceAt { balance: Credits::ZERO, seq: 0, hash: Hash::ZERO });
        assert!(before.sentence.ends_with("Nothing had been posted by then.") && before.hash.is_empty());
    }
}
