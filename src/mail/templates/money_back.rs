//! What we write about money that went back or came again, and about a slow payment that never came: to all members, so
//! the greeting is put before it later.

use super::Letter;
use crate::ledger::{Cents, Credits};

/// What happened to a purchase's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyBack<'a> {
    /// What was bought.
    pub package: &'a str,
    /// The purchase's id.
    pub purchase: String,
    /// The credits that moved now.
    pub credits: Credits,
    /// The money that is back, all in all.
    pub money: Cents,
    /// What was paid.
    pub received: Cents,
    /// Whether the bank has it, rather than a refund.
    pub is_disputed: bool,
}

/// Credits left with their money. `stops` is whether automatic purchases stop with it.
#[must_use]
pub fn credits_taken_back(public_url: &str, told: &MoneyBack<'_>, stops: bool) -> Letter {
    let MoneyBack { package, purchase, credits, money, received, .. } = told;
    let what = if told.is_disputed {
        format!(
            "The payment for your {package} package was disputed, and the bank took {money} of the {received} back. \
             {credits} credits went with it. Should the dispute be decided for us, they come again."
        )
    } else {
        format!("We refunded {money} of the {received} for your {package} package. {credits} credits went with it.")
    };
    let mut paragraphs =
        vec![what, "What was unspent left your balance. What was spent already is shown as owed.".to_owned()];
    if stops {
        paragraphs.push(format!(
            "Automatic purchases have stopped, so that nothing is bought again by itself. Switch them on here:\n\
             {public_url}/billing"
        ));
    }
    paragraphs.extend([
        format!("See it in your ledger and among your purchases:\n{public_url}/ledger\n{public_url}/purchases"),
        format!("Purchase  {purchase}"),
    ]);
    Letter::new(format!("{credits} credits were taken back"), &paragraphs)
}

/// The money came again, and the credits with it.
#[must_use]
pub fn credits_given_again(public_url: &str, told: &MoneyBack<'_>) -> Letter {
    let MoneyBack { package, purchase, credits, money, received, .. } = told;
    let still = if money.is_positive() { format!(" {money} of the {received} is still away.") } else { String::new() };
    let paragraphs = [
        format!(
            "Money for your {package} package that had gone back has come again: a refund could not be delivered, or a \
             dispute was decided for us. {credits} credits are yours again.{still}"
        ),
        "They first settle what was owed for this purchase; the rest can be spent at once.".to_owned(),
        format!("See it in your ledger:\n{public_url}/ledger"),
        format!("Purchase  {purchase}"),
    ];
    Letter::new(format!("{credits} credits are yours again"), &paragraphs)
}

/// A bank debit or another slow payment has failed days after it was ordered.
#[must_use]
pub fn payment_failed_later(public_url: &str, package: &str, price: Cents, why: &str) -> Letter {
    let paragraphs = [
        format!("The payment of {price} for your {package} package was on its way and did not arrive. {why}"),
        "Nothing was charged, and no credits came.".to_owned(),
        format!("Buy again, by card or another way:\n{public_url}/buy"),
    ];
    Letter::new(format!("Your payment of {price} did not arrive"), &paragraphs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(money: i64, is_disputed: bool) -> MoneyBack<'static> {
        let cents = |amount| Cents::new(amount).expect("small");
        let credits = Credits::new(40).expect("small");
        MoneyBack {
            package: "Starter",
            purchase: "PUR_1".into(),
            credits,
            money: cents(money),
            received: cents(1_000),
            is_disputed,
        }
    }

    #[test]
    fn letters_about_money_that_moves_say_what_moved_and_where_to_look() {
        let site = "https://aethel.example";
        let refunded = credits_taken_back(site, &told(400, false), false).to("ada@example.com");
        assert!(
            refunded.text.contains("refunded $4.00 of the $10.00 for your Starter package. 40 credits"),
            "{}",
            refunded.text
        );
        assert!(refunded.text.contains("\nhttps://aethel.example/ledger\n") && refunded.text.contains("PUR_1"));
        let disputed = credits_taken_back(site, &told(1_000, true), true).to("ada@example.com");
        assert!(disputed.text.contains("was disputed, and the bank took $10.00"), "{}", disputed.text);
        let stopped = "Automatic purchases have stopped";
        assert!(disputed.text.contains(stopped) && !refunded.text.contains(stopped), "{}", disputed.text);
        let again = credits_given_again(site, &told(0, false)).to("ada@example.com");
        assert!(again.text.contains("40 credits are yours again.\n"), "{}", again.text);
        let partly = credits_given_again(site, &told(600, false)).to("ada@example.com");
        assert!(partly.text.contains("$6.00 of the $10.00 is still away."), "{}", partly.text);
        let price = Cents::new(1_000).expect("small");
        let failed = payment_failed_later(site, "Starter", price, "The account was empty.").to("ada@example.com");
        assert!(failed.text.contains("did not arrive. The account was empty.") && failed.text.contains("/buy\n"));
    }
}
