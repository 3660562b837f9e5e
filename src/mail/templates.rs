//! What we write to people: plain text, short, and each mail says why it came.

mod alerts;
mod money_back;
mod payments;
mod people;

pub use alerts::{budget, expiring, low_balance, monitor_alert, webhook_stopped};
pub use money_back::{MoneyBack, credits_given_again, credits_taken_back, payment_failed_later};
pub use payments::{
    Receipt, payment_mismatch, purchase_receipt, subscription_begun, subscription_ended, subscription_unpaid,
    top_up_capped, top_up_halted, top_up_unconfirmed,
};
pub use people::*;

use super::Message;
use crate::ledger::{Cents, Credits};

/// A mail without its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    subject: String,
    text: String,
}

impl Letter {
    fn new(subject: impl Into<String>, paragraphs: &[String]) -> Self {
        let text = format!("{}\n\n--\nAethel: formal verification by the credit\n", paragraphs.join("\n\n"));
        Self { subject: subject.into(), text }
    }

    /// Subject and text.
    pub(super) fn into_parts(self) -> (String, String) {
        (self.subject, self.text)
    }

    /// The mail to this address.
    #[must_use]
    pub fn to(self, address: &str) -> Message {
        Message { to: address.to_owned(), subject: self.subject, text: self.text }
    }
}

/// A link to confirm the address with.
#[must_use]
pub fn confirm(public_url: &str, name: &str, token: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        "Welcome to Aethel. Please confirm your e-mail address; your free credits are waiting behind this link:".into(),
        format!("{public_url}/confirm?token={token}"),
        "It works once, for 24 hours. If you did not sign up, ignore this mail and nothing will happen.".into(),
    ];
    Letter::new("Confirm your e-mail address", &paragraphs)
}

/// Somebody signed up with an address that has an account.
#[must_use]
pub fn already_registered(public_url: &str, name: &str, token: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        "Somebody, perhaps you, just tried to sign up with this address. You have an account already:".into(),
        format!("{public_url}/signin"),
        "Forgot the password? Choose a new one here within the hour:".into(),
        format!("{public_url}/reset/new?token={token}"),
        "If it was not you, ignore this mail: nothing has changed.".into(),
    ];
    Letter::new("You already have an Aethel account", &paragraphs)
}

/// A link to choose a new password with.
#[must_use]
pub fn reset(public_url: &str, name: &str, token: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        "You asked to choose a new password. Here you can:".into(),
        format!("{public_url}/reset/new?token={token}"),
        "The link works once, for one hour, and signs you out everywhere. If you did not ask for it, ignore this mail: \
         your password stays as it is."
            .into(),
    ];
    Letter::new("Choose a new password", &paragraphs)
}

/// Credits were bought and are there.
#[must_use]
pub fn receipt(public_url: &str, name: &str, credits: Credits, paid: Cents, balance: Credits) -> Letter {
    let paragraphs = [
        greeting(name),
        format!("Thank you. We received {paid}, and {credits} credits are on your account."),
        format!("You now have {balance} credits available:\n{public_url}/dashboard"),
    ];
    Letter::new(format!("Receipt: {credits} credits for {paid}"), &paragraphs)
}

/// A payment did not go through.
#[must_use]
pub fn payment_failed(public_url: &str, name: &str, credits: Credits, price: Cents) -> Letter {
    let paragraphs = [
        greeting(name),
        format!("Your payment of {price} for {credits} credits did not go through, and nothing was charged."),
        format!("You can try again, with another card if you like:\n{public_url}/buy"),
    ];
    Letter::new(format!("Your payment of {price} did not go through"), &paragraphs)
}

/// A letter's text for one member.
pub(super) fn greeted(name: &str, text: &str) -> String {
    format!("{}\n\n{text}", greeting(name))
}

/// A name comes from outside: only its first words, and nothing a mail program would make a link of.
fn plain(name: &str) -> String {
    const SHOWN: usize = 40;
    let plain = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '\'' | '’' | ',');
    let shown: String = name.chars().filter(plain).take(SHOWN).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn greeting(name: &str) -> String {
    let shown = plain(name);
    if shown.is_empty() { "Hello,".into() } else { format!("Hello {shown},") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://aethel.example";

    #[test]
    fn links_lead_to_the_site_and_carry_the_token() {
        let text = |letter: Letter| letter.to("ada@example.com").text;
        assert!(text(confirm(SITE, "Ada", "T0K")).contains("\nhttps://aethel.example/confirm?token=T0K\n"));
        assert!(text(reset(SITE, "Ada", "T0K")).contains("\nhttps://aethel.example/reset/new?token=T0K\n"));
        assert!(
            text(already_registered(SITE, "Ada", "T0K")).contains("\nhttps://aethel.example/reset/new?token=T0K\n")
        );
    }

    #[test]
    fn a_receipt_says_what_was_paid_bought_and_is_there() {
        let (credits, balance) = (Credits::new(1_000).expect("credits"), Credits::new(1_250).expect("credits"));
        let mail = receipt(SITE, "Ada", credits, Cents::new(8_000).expect("cents"), balance).to("ada@example.com");
        assert_eq!(mail.subject, "Receipt: 1,000 credits for $80.00");
        assert!(mail.text.contains("We received $80.00, and 1,000 credits are on your account."));
        assert!(mail.text.contains("1,250 credits available"));
        let failed = payment_failed(SITE, "Ada", credits, Cents::new(8_000).expect("cents")).to("ada@example.com");
        assert!(failed.text.contains("nothing was charged"));
    }

    #[test]
    fn a_strangers_name_cannot_smuggle_a_link_into_a_mail() {
        assert_eq!(greeting("Ada Lovelace-King"), "Hello Ada Lovelace-King,");
        assert_eq!(greeting("win at https://evil.example/x now"), "Hello win at httpsevilexamplex now,");
        assert_eq!(greeting("\r\n."), "Hello,");
        assert!(greeting(&"a".repeat(500)).len() < 60);
    }
}
