//! What we write when something begins that its owner wanted to know of.

use super::{Letter, greeting};
use crate::ledger::Credits;

/// Few credits are left.
#[must_use]
pub fn low_balance(public_url: &str, name: &str, available: Credits, threshold: Credits) -> Letter {
    let paragraphs = [
        greeting(name),
        format!("You have {available} credits left. You asked to be told when there are fewer than {threshold}."),
        format!("Buy more here:\n{public_url}/buy"),
        settings(public_url),
    ];
    Letter::new(format!("Your balance is low: {available} credits left"), &paragraphs)
}

/// A budget is used to a mark.
#[must_use]
pub fn budget(public_url: &str, name: &str, title: &str, percent: i64, used: Credits, limit: Credits) -> Letter {
    let what_follows = if percent < 100 {
        "What would pass the budget will be refused."
    } else {
        "Further work is refused until the budget's next period, or until you raise it."
    };
    let paragraphs = [
        greeting(name),
        format!("The {title} is {percent} % used: {used} of {limit} credits are spent or held. {what_follows}"),
        format!("See and change your budgets here:\n{public_url}/settings"),
        settings(public_url),
    ];
    Letter::new(format!("{percent} % of the {title} is used"), &paragraphs)
}

/// Credits run out of time within a week.
#[must_use]
pub fn expiring(public_url: &str, name: &str, credits: Credits, date: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        format!(
            "{credits} of your credits expire soon, the first of them on {date} (UTC). They are spent before others."
        ),
        format!("See what you have here:\n{public_url}/dashboard"),
        settings(public_url),
    ];
    Letter::new(format!("{credits} credits expire soon, the first on {date}"), &paragraphs)
}

/// Nothing has reached a webhook endpoint for days, so nothing is sent there any more.
#[must_use]
pub fn webhook_stopped(public_url: &str, name: &str, endpoint: &str, id: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        format!("We could not deliver events to this webhook endpoint for days, and have stopped it:\n{endpoint}"),
        "Events that still wait are kept for thirty days from when they happened, and what happens now is not sent there."
            .into(),
        format!("See what it answered, and turn it on again, here:\n{public_url}/webhooks/{id}"),
    ];
    Letter::new("A webhook endpoint was stopped", &paragraphs)
}

fn settings(public_url: &str) -> String {
    format!("You get this mail once each time it happens. What you are told is set here:\n{public_url}/settings")
}

/// A monitor has something to say.
#[must_use]
pub fn monitor_alert(public_url: &str, monitor: &str, id: &str, detail: &str) -> Letter {
    let paragraphs = [
        format!("Your monitor {monitor}: {detail}."),
        format!("See what it observed here:\n{public_url}/sentinel/{id}"),
    ];
    Letter::new(format!("Monitor {monitor}: {detail}"), &paragraphs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://aethel.example";

    fn credits(amount: i64) -> Credits {
        Credits::new(amount).expect("small")
    }

    #[test]
    fn an_alert_says_what_is_so_and_where_to_change_it() {
        let low = low_balance(SITE, "Ada", credits(1_150), credits(1_200)).to("ada@example.com");
        assert_eq!(low.subject, "Your balance is low: 1,150 credits left");
        assert!(low.text.contains("fewer than 1,200") && low.text.contains("https://aethel.example/settings"));
        let title = "daily budget of the account";
        let near = budget(SITE, "Ada", title, 80, credits(80), credits(100)).to("ada@example.com");
        assert_eq!(near.subject, "80 % of the daily budget of the account is used");
        assert!(near.text.contains("80 of 100 credits") && near.text.contains("will be refused"));
        let full = budget(SITE, "Ada", title, 100, credits(100), credits(100)).to("ada@example.com");
        assert!(full.text.contains("until you raise it"), "{}", full.text);
        let soon = expiring(SITE, "Ada", credits(320), "2026-11-30").to("ada@example.com");
        assert_eq!(soon.subject, "320 credits expire soon, the first on 2026-11-30");
    }
}
