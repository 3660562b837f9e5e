//! Three stories for a newcomer: ninety days of an indie developer, a fintech and a bank, told through the real
//! house (kernel, payments and sandbox, Judge) under a clock that is moved by hand.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use super::clock::{SystemClock, SystemIds};
use super::config::{Config, StripeChoice};
use super::start::start_at;
use super::state::App;
use crate::billing::{KernelError, Order};
use crate::identity::{Door, IdentityError, SessionToken};
use crate::judge::{ProofRequest, ProofType, VerifyError};
use crate::language::examples;
use crate::ledger::testing::ManualClock;
use crate::ledger::{AccountId, Clock, Command, KeyId, Operation, Tier};
use crate::payments::{Charged, PaymentError};

const DAYS: i64 = 90;
/// How many of the worked examples each customer has verified.
const EXAMPLES_PROVED: usize = 8;
const DAY_SECONDS: i64 = 86_400;
const PASSWORD: &str = "three stories to tell";

/// A customer's habits: how much of each operation it uses on a usual day.
struct Story {
    name: &'static str,
    email: &'static str,
    tier: Tier,
    package: &'static str,
    /// Bought anew when fewer credits than this are left.
    refill_below: i64,
    habits: &'static [(Operation, i64)],
}

const STORIES: &[Story] = &[
    Story {
        name: "Nova Labs",
        email: "ada@nova.example",
        tier: Tier::Developer,
        package: "Professional",
        refill_below: 700,
        habits: &[
            (Operation::ProofVerification, 9),
            (Operation::ConservationOracle, 2),
            (Operation::StateStorage, 3),
            (Operation::GhostIdentity, 1),
            (Operation::SovereignIdentity, 1),
            (Operation::SentinelMonitoring, 1),
            (Operation::ConsensusParticipation, 1),
            (Operation::BatchVerification, 1),
        ],
    },
    Story {
        name: "TradeSafe",
        email: "grace@tradesafe.example",
        tier: Tier::Fintech,
        package: "Business",
        refill_below: 2_000,
        habits: &[
            (Operation::BatchVerification, 1),
            (Operation::SentinelMonitoring, 24),
            (Operation::ProofVerification, 60),
            (Operation::ConservationOracle, 14),
            (Operation::StateStorage, 20),
            (Operation::GhostIdentity, 2),
            (Operation::SovereignIdentity, 2),
            (Operation::ConsensusParticipation, 1),
        ],
    },
    Story {
        name: "Meridian Bank",
        email: "emmy@meridian.example",
        tier: Tier::Enterprise,
        package: "Enterprise",
        refill_below: 20_000,
        habits: &[
            (Operation::BatchVerification, 4),
            (Operation::SentinelMonitoring, 96),
            (Operation::ProofVerification, 240),
            (Operation::ConservationOracle, 60),
            (Operation::ConsensusParticipation, 5),
            (Operation::SovereignIdentity, 20),
            (Operation::GhostIdentity, 12),
            (Operation::StateStorage, 150),
        ],
    },
];

/// Why the stories were not told to their end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The house did not come up.
    #[error(transparent)]
    Start(#[from] super::start::StartError),
    /// A person could not sign up.
    #[error("a story's customer could not sign up: {0}")]
    Identity(#[from] IdentityError),
    /// The mail with the link did not come.
    #[error(
        "the confirmation mail of {0} is not in the outbox; the demo needs the outbox, so leave AETHEL_SMTP_URL out"
    )]
    NoMail(&'static str),
    /// The till said no.
    #[error("a story's charge was refused: {0}")]
    Kernel(#[from] KernelError),
    /// A purchase failed.
    #[error("a story's purchase failed: {0}")]
    Payment(#[from] PaymentError),
    /// A purchase was not paid.
    #[error("a story's card was not charged")]
    NotPaid,
    /// The Judge did not answer.
    #[error("a story's proof failed: {0}")]
    Verify(#[from] VerifyError),
}

/// Tells the stories into the database of the configuration, and returns what to say about it.
///
/// # Errors
/// Says which step of which story failed.
pub(super) async fn fill(config: Config) -> Result<Vec<String>, DemoError> {
    let now = SystemClock.now();
    let clock = Arc::new(ManualClock::at(now.plus_days(-DAYS)));
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    // Beside a server that runs already: other ports, the same ledger. A sandbox that runs has its file already, and would
    // write over ours; without one the stories' customers and cards are kept for the server that comes.
    let state = match &config.stripe {
        StripeChoice::Sandbox { state: Some(path), .. } if !path.exists() => Some(path.clone()),
        _ => None,
    };
    let config = Config { address: anywhere, stripe: StripeChoice::Sandbox { address: anywhere, state }, ..config };
    let running = start_at(config, Arc::<ManualClock>::clone(&clock), Arc::new(SystemIds)).await?;
    let mut lines = Vec::new();
    let mut customers = Vec::new();
    for story in STORIES {
        match running.app.identity.sign_in_at(story.email, PASSWORD, &Door::default()).await {
            Ok(_) => lines.push(format!("{} is here already", story.name)),
            Err(IdentityError::WrongCredentials) => customers.push(Customer::settle_in(&running.app, story).await?),
            Err(error) => return Err(error.into()),
        }
    }
    for day in 0..DAYS {
        for customer in &customers {
            customer.live_a_day(&running.app, day).await?;
        }
        clock.advance(DAY_SECONDS);
    }
    for customer in &customers {
        customer.prove_examples(&running.app).await?;
        lines.push(format!(
            "{}: sign in as {} with the password \"{PASSWORD}\"",
            customer.story.name, customer.story.email
        ));
    }
    running.shutdown().await;
    Ok(lines)
}

struct Customer {
    story: &'static Story,
    account: AccountId,
    key: KeyId,
}

impl Customer {
    /// Signs up, confirms by the mailed link, saves a card and makes an API key.
    async fn settle_in(app: &App, story: &'static Story) -> Result<Self, DemoError> {
        app.identity.sign_up(story.name, story.email, PASSWORD).await?;
        let session = confirm(app, story.email).await?;
        let signed_in = app.identity.session(session.as_str()).await?.ok_or(DemoError::NoMail(story.email))?;
        let account = signed_in.account;
        let key = app.identity.create_key(account, "production", Some(signed_in.user)).await?.id;
        app.payments.attach_payment_method(account, "pm_card_visa", Vec::new()).await?;
        app.kernel.submit(Order::new(account, "demo tier", Command::SetTier { tier: story.tier })).await?;
        Ok(Self { story, account, key })
    }

    async fn live_a_day(&self, app: &App, day: i64) -> Result<(), DemoError> {
        let left = app.kernel.account(self.account).await?.map_or(0, |account| account.available.get());
        if left < self.story.refill_below {
            self.buy(app, &format!("demo-{day}")).await?;
        }
        for (place, (operation, usual)) in (0_i64..).zip(self.story.habits) {
            let quantity = some_of(*usual, day, place);
            if quantity == 0 {
                continue;
            }
            let metadata = "{\"story\":true}".into();
            let command = Command::Charge { operation: *operation, quantity, at_most: None, metadata };
            let request = format!("demo {day} {operation}");
            app.kernel.submit(Order::new(self.account, request, command).with_key(Some(self.key))).await?;
        }
        Ok(())
    }

    async fn buy(&self, app: &App, request: &str) -> Result<(), DemoError> {
        let package = app.kernel.price_book().package(self.story.package).cloned().ok_or(DemoError::NotPaid)?;
        match app.payments.charge_saved_card(self.account, &package, request).await? {
            Charged::Paid { .. } => Ok(()),
            _ => Err(DemoError::NotPaid),
        }
    }

    async fn prove_examples(&self, app: &App) -> Result<(), DemoError> {
        for example in examples().iter().take(EXAMPLES_PROVED) {
            let request = ProofRequest::source(ProofType::Validity, example.source);
            app.judge.verify(self.account, None, request, &format!("demo-{}", example.slug)).await?;
        }
        Ok(())
    }
}

/// Follows the link of the confirmation mail, as the person would.
async fn confirm(app: &App, email: &'static str) -> Result<SessionToken, DemoError> {
    let mails = app.mail.recent(50).await.map_err(|_| DemoError::NoMail(email))?;
    let text = mails.into_iter().find(|mail| mail.to == email).map(|mail| mail.text).ok_or(DemoError::NoMail(email))?;
    let token = text.split_once("token=").map(|(_, rest)| rest).ok_or(DemoError::NoMail(email))?;
    let token: String =
        token.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect();
    Ok(app.identity.confirm(&token).await?)
}

/// How much of an operation is used on a day: more in the middle of the week, nothing on some days, never by chance.
fn some_of(usual: i64, day: i64, place: i64) -> i64 {
    let wobble = (day * 37 + place * 101 + (day * day) % 23 * 7) % 100;
    let weekday = day % 7;
    let rhythm = if weekday >= 5 { 25 } else { 80 + weekday * 10 };
    if usual <= 2 {
        // Rare things happen on some days, whole.
        return if wobble < 6 * usual { 1 } else { 0 };
    }
    usual * rhythm * (60 + wobble) / 10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_uses_every_operation() {
        for story in STORIES {
            for (place, (operation, usual)) in (0_i64..).zip(story.habits) {
                let all: i64 = (0..DAYS).map(|day| some_of(*usual, day, place)).sum();
                assert!(all > 0, "{} never uses {operation}", story.name);
            }
            assert_eq!(story.habits.len(), Operation::ALL.len());
        }
    }
}
