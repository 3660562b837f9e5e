//! What we write about automatic purchases and the subscription: to all members, so the greeting is put before it later.

use super::Letter;
use crate::ledger::{Cents, Credits};

/// Nothing is bought automatically any more, and why.
#[must_use]
pub fn top_up_halted(public_url: &str, package: &str, price: Cents, reason: &str) -> Letter {
    let paragraphs = [
        format!("Your credits ran low, and the {package} package for {price} could not be bought. {reason}"),
        "Nothing more is tried by itself, and nothing was charged for it.".to_owned(),
        format!("See your cards and switch the automatic purchases on again here:\n{public_url}/billing"),
    ];
    Letter::new("Automatic purchases have stopped", &paragraphs)
}

/// The bank wants its customer to confirm one payment.
#[must_use]
pub fn top_up_unconfirmed(public_url: &str, package: &str, price: Cents, purchase: &str) -> Letter {
    let paragraphs = [
        format!(
            "Your credits ran low, and your bank asks you to confirm the payment of {price} for the {package} package."
        ),
        format!("Confirm it here; the credits are yours at once:\n{public_url}/buy/confirm?purchase={purchase}"),
        format!(
            "Until then nothing was charged and nothing more is bought by itself. To use another card instead, save it \
             here:\n{public_url}/billing"
        ),
    ];
    Letter::new(format!("Confirm your payment of {price}"), &paragraphs)
}

/// What a receipt says.
#[derive(Clone, Debug)]
pub struct Receipt<'a> {
    /// The name of what was bought.
    pub package: &'a str,
    /// Its id.
    pub purchase: String,
    /// What it brought.
    pub credits: Credits,
    /// What it costs.
    pub price: Cents,
    /// What a promotion code took off.
    pub discount: Cents,
    /// What was put on top as tax.
    pub tax: Cents,
    /// What was paid.
    pub paid: Cents,
}

/// A package was paid and its credits are there.
#[must_use]
pub fn purchase_receipt(public_url: &str, receipt: &Receipt<'_>) -> Letter {
    let Receipt { package, purchase, credits, price, discount, tax, paid } = receipt;
    let mut lines = vec![format!("Package   {package}"), format!("Credits   {credits}")];
    if *discount != Cents::ZERO || *tax != Cents::ZERO {
        lines.push(format!("Price     {price}"));
    }
    if *discount != Cents::ZERO {
        lines.push(format!("Discount  −{discount}"));
    }
    if *tax != Cents::ZERO {
        lines.push(format!("Tax       {tax}"));
    }
    lines.extend([format!("Paid      {paid}"), format!("Purchase  {purchase}")]);
    let paragraphs = [
        "Thank you. The payment has arrived and the credits are in your account.".to_owned(),
        lines.join("\n"),
        format!("The receipt, to print and as a PDF:\n{public_url}/purchases/{purchase}/receipt"),
    ];
    Letter::new(format!("Your receipt: {credits} credits for {paid}"), &paragraphs)
}

/// A payment came, or a checkout was finished, and it brought no credits; why, the sentence says.
#[must_use]
pub fn payment_mismatch(public_url: &str, package: &str, purchase: &str, why: &str) -> Letter {
    let paragraphs = [
        format!("Something about the payment for your {package} package is not as it should be."),
        why.to_owned(),
        format!("See the purchase here:\n{public_url}/buy/return?purchase={purchase}"),
    ];
    Letter::new(format!("About your payment for the {package} package"), &paragraphs)
}

/// The month's limit is reached.
#[must_use]
pub fn top_up_capped(public_url: &str, package: &str, price: Cents, cap: Cents) -> Letter {
    let paragraphs = [
        format!(
            "Your credits ran low. The {package} package for {price} was not bought, because automatic purchases may \
             cost at most {cap} in a month (UTC) and this one would pass that."
        ),
        format!("They go on next month. Buy now, or raise the limit:\n{public_url}/buy\n{public_url}/billing"),
    ];
    Letter::new("Automatic purchases have reached this month's limit", &paragraphs)
}

/// The subscription's first invoice is paid.
#[must_use]
pub fn subscription_begun(public_url: &str, until: &str) -> Letter {
    let paragraphs = [
        format!("Thank you. Your account has the fintech tier's prices from now on, paid until {until} (UTC)."),
        format!("See and end the subscription here:\n{public_url}/billing"),
    ];
    Letter::new("The fintech tier is yours", &paragraphs)
}

/// An invoice of the subscription could not be paid.
#[must_use]
pub fn subscription_unpaid(public_url: &str, invoice: Option<&str>, until: &str) -> Letter {
    let pay = invoice.map_or_else(|| format!("{public_url}/billing"), str::to_owned);
    let paragraphs = [
        "The payment for your fintech subscription did not go through. The bank is asked again in the next days."
            .into(),
        format!("Pay it here, or save another card:\n{pay}"),
        format!("You keep the fintech prices until {until} (UTC). If it is not paid by then, developer prices apply."),
    ];
    Letter::new("Your fintech subscription could not be charged", &paragraphs)
}

/// The tier has fallen back.
#[must_use]
pub fn subscription_ended(public_url: &str) -> Letter {
    let paragraphs = [
        "Your fintech subscription has ended. Your account has the developer prices from now on; your credits stay \
         yours."
            .to_owned(),
        format!("Subscribe again whenever you like:\n{public_url}/billing"),
    ];
    Letter::new("Your fintech subscription has ended", &paragraphs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://aethel.example";

    #[test]
    fn letters_about_payments_say_what_happened_and_where_to_act() {
        let price = Cents::new(8_000).expect("small");
        let halted = top_up_halted(SITE, "Professional", price, "The bank declined the card.").to("ada@example.com");
        assert!(halted.text.contains("$80.00 could not be bought. The bank declined the card."), "{}", halted.text);
        assert!(halted.text.contains("nothing was charged") && halted.text.contains("https://aethel.example/billing"));
        let confirm = top_up_unconfirmed(SITE, "Professional", price, "PUR_1").to("ada@example.com");
        assert!(confirm.text.contains("\nhttps://aethel.example/buy/confirm?purchase=PUR_1\n"), "{}", confirm.text);
        let unpaid = subscription_unpaid(SITE, Some("https://pay.example/1"), "2026-12-08").to("ada@example.com");
        assert!(unpaid.text.contains("\nhttps://pay.example/1\n") && unpaid.text.contains("until 2026-12-08"));
    }
}
