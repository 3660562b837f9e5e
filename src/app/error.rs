//! What a server function may answer instead of its value, and the sentence a page says about it.
//!
//! Errors carry codes and numbers, never free text: without JavaScript they travel through the address,
//! and a crafted link must not be able to make a page say anything of its own.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use super::format::{credits, grouped};

/// What a form may weigh: the longest program, each of its letters escaped, and room beside it.
pub const FORM_BYTES_MAX: usize = 1024 * 1024;
/// The shortest password that is taken.
pub const PASSWORD_LEAST: i64 = 10;
/// The longest.
pub const PASSWORD_MOST: i64 = 200;

/// Why a server function refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// Nobody is signed in.
    SignedOut,
    /// The visitor's role in the account does not allow it.
    RoleForbids,
    /// An operator looks at a customer's pages and changes nothing there.
    OnlyLooking,
    /// An operator came in by a password alone.
    SecondFactorNeeded,
    /// There is no such thing, or it is somebody else's: the two look the same.
    NotFound,
    /// The account's credits do not cover the work.
    TooFewCredits { required: i64, available: i64 },
    /// A rule said no; `code` is the rule's stable name.
    Refused { code: String },
    /// A field of a form cannot be accepted; `code` is the rule's stable name.
    Form { field: String, code: String },
    /// The same request key came before with another content.
    Conflict,
    /// The form is longer than any form is.
    TooLarge,
    /// The server cannot answer now; nothing was charged.
    Unavailable,
    /// A fault of ours that waiting does not mend.
    Broken,
    /// The browser could not reach the server.
    Unreachable,
}

impl AppError {
    /// The sentence a page shows: what happened and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::SignedOut => "You are signed out. Sign in and try again.".into(),
            Self::RoleForbids => sentence_for("role_forbids").into(),
            Self::OnlyLooking => sentence_for("only_looking").into(),
            Self::SecondFactorNeeded => sentence_for("second_factor_needed").into(),
            Self::NotFound => "There is nothing here under this address.".into(),
            Self::TooFewCredits { required, available } => format!(
                "This costs {} and {} left. Buy credits and try again.",
                credits(*required),
                if *available == 1 { "1 is".into() } else { format!("{} are", grouped(*available)) },
            ),
            Self::Refused { code } | Self::Form { code, .. } => sentence_for(code).into(),
            Self::Conflict => {
                "This form was already sent with another content. Reload the page and send it again.".into()
            }
            Self::TooLarge => sentence_for("form_too_large").into(),
            Self::Unavailable => "The server is busy. Nothing was charged; try again in a moment.".into(),
            Self::Broken => {
                "Something of ours is broken and cannot be read. Nothing was charged, and it is in our log; trying again does not help."
                    .into()
            }
            Self::Unreachable => "The server cannot be reached. Check your connection and try again.".into(),
        }
    }

    /// The stable name of what went wrong, as it stands in an address.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::SignedOut => "signed_out",
            Self::RoleForbids => "role_forbids",
            Self::OnlyLooking => "only_looking",
            Self::SecondFactorNeeded => "second_factor_needed",
            Self::NotFound => "not_found",
            Self::TooFewCredits { .. } => "insufficient_credits",
            Self::Refused { code } | Self::Form { code, .. } => code,
            Self::Conflict => "conflict",
            Self::TooLarge => "form_too_large",
            Self::Unavailable => "unavailable",
            Self::Broken => "broken",
            Self::Unreachable => "unreachable",
        }
    }

    /// Whether the same question may be answered a moment later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable | Self::Unreachable)
    }

    fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::TooFewCredits { .. } => 402,
            Self::RoleForbids | Self::OnlyLooking | Self::SecondFactorNeeded => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::Refused { .. } | Self::Form { .. } => 422,
            Self::Broken => 500,
            Self::Unavailable | Self::Unreachable => 503,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::Form { field: String::new(), code: "malformed".into() }
            }
            _ => Self::Unavailable,
        }
    }

    fn status_code(&self) -> http::StatusCode {
        http::StatusCode::from_u16(self.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The sentence for the stable code of a refusal; an unknown code gets a sentence that is always true.
#[must_use]
pub fn sentence_for(code: &str) -> &'static str {
    match code {
        "wrong_credentials" => "E-mail and password do not match. Check both, or reset the password.",
        "not_confirmed" => "Confirm your e-mail address first: the link is in the mail we sent you.",
        "invalid_link" => "This link has expired or was used before. Ask for a new one.",
        "email_invalid" => "This is not an e-mail address. It should look like name@example.com.",
        "name_invalid" => "Enter a name of 1 to 100 characters.",
        "password_too_short" => "Use at least 10 characters. A few words in a row are fine.",
        "password_too_long" => "Use at most 200 characters.",
        "password_guessable" => "Choose a password that is neither your name nor your e-mail address.",
        "password_common" => "This password is among the first that are guessed. Choose another.",
        "too_many_tries" => "Too many attempts. Wait a few minutes and try again.",
        "unknown_key" => "There is no such key.",
        "no_scope" => "Choose what the key may do.",
        "expiry_in_the_past" => "The key must end in the future.",
        "too_many_keys" => "This account has as many keys as it may have. Revoke one first.",
        "wrong_password" => "This is not your current password. Nothing was changed.",
        "codes_unreadable" => {
            "One-time codes cannot be checked at the moment. Use a recovery code, or try again later."
        }
        "wrong_code" => "This code is wrong or was used before. Wait for the next one and try again.",
        "passkey_refused" => "This passkey was not accepted. Try again, or use your password.",
        "passkey_cancelled" => "The browser did not answer with a passkey. Try again, or use your password.",
        "too_many_passkeys" => "You have as many passkeys as one person may. Remove one first.",
        "step_over" => "This took too long, or too many codes were wrong. Sign in once more.",
        "codes_on" => "One-time codes are on already. Turn them off first.",
        "already_member" => "This person is a member already.",
        "too_many_invitations" => "This account has invited as many people today as it may. Try again tomorrow.",
        "too_many_accounts" => "You belong to as many accounts as one person may.",
        "owners_only" => "Only an owner may do this to an owner.",
        "last_owner" => "This is the account's last owner. Make somebody else an owner first.",
        "only_account" => "This is your only account. Open another one before you leave it.",
        "role_forbids" => "Your role in this account does not allow this. Ask one of its owners or admins.",
        "only_looking" => "You are looking at a customer's pages, where nothing can be changed. Stop looking first.",
        "second_factor_needed" => {
            "The back office asks for more than a password. Turn on one-time codes or add a passkey on the security page, then sign in again."
        }
        "unknown_package" | "package_not_found" => "There is no such package. Choose one of those shown.",
        "account_suspended" => "This account is suspended. Write to us and we will sort it out.",
        "form_too_large" => "This is more than a form may hold (1 MiB). Shorten it and send it again.",
        "payment_method_not_found" => "There is no such card any more. Reload the page and choose one of those shown.",
        "already_subscribed" => "This account is subscribed already.",
        "tier_by_arrangement" => "Your tier is arranged with us; there is nothing to subscribe to.",
        "no_subscription" => "There is no running subscription.",
        "moment_invalid" => "Enter a date and a time, such as 2026-11-23 09:00.",
        "moment_to_come" => "That moment is still to come. Choose one that has passed.",
        "threshold_invalid" => "Enter a whole number of credits, 1 or more.",
        "dollars_invalid" => "Enter an amount in dollars, such as 160 or 12.50.",
        "package_too_small" => {
            "The package brings fewer credits than the threshold. Choose a larger one or a lower threshold."
        }
        "cap_too_small" => "The monthly limit is less than the package costs. Raise it or choose a smaller package.",
        "top_up_no_card" => "There is no card to charge. Save one above and purchases go on.",
        "top_up_card_declined" => "The bank declined the card and will not take it again. Save another one above.",
        "top_up_card_declined_repeatedly" => {
            "The bank declined the card several times. Save another one, or save the rule again to try this one."
        }
        "top_up_confirmation_required" => "The bank wants you to confirm a payment.",
        "top_up_no_answer" => {
            "Stripe never said whether the card was charged. We look into it; save the rule again to go on."
        }
        "top_up_payment_refused" => "Stripe refused the payment. Save another card above.",
        "top_up_money_went_back" => "The money of a purchase went back. Save the rule again to go on.",
        "top_up_package_not_found" => "The package is not sold any more. Choose another one.",
        "malformed" => "Something is missing in the form. Fill it in and send it again.",
        "card_declined" => "The card was declined and nothing was charged. Try again or use another card.",
        "payment_provider_unreachable" => "Stripe does not answer. Try again in a minute; nothing is charged twice.",
        "purchase_over" => "This purchase can no longer be paid. Reload the page and start a new one.",
        "purchase_not_paid" => "Nothing was paid for this purchase, so there is nothing to refund.",
        "nothing_to_refund" => "All of this purchase's money has gone back already.",
        "payment_disputed" => {
            "This payment is disputed: the bank decides about the money. A refund would pay it twice."
        }
        "refund_exceeds_payment" => "This is more than is left of the payment. Reload the page to see what is.",
        "payment_refused" => "Stripe refused this, and nothing was moved. Look the payment up in its dashboard.",
        "statement_too_long" => "This month has too many entries for one page. Read them through the REST API.",
        "source_empty" => "Write a program or a formula first.",
        "source_too_long" => "The program is too long. Up to 256 KiB can be verified at once.",
        "goal_invalid" => "The question does not fit the program. Check it and send it again.",
        "insufficient_credits" => "Your credits do not cover this and nothing was charged. Buy credits and try again.",
        "unreadable" => "This cannot be read yet. Nothing was charged.",
        "monitor_not_running" => "This monitor does not run. Add hours and it goes on, unless it was stopped.",
        "unavailable" => "The server is busy. Nothing was charged; try again in a moment.",
        "quantity_invalid" => "Enter a whole number from 1 to 1,000,000.",
        "reason_invalid" => "Write a reason in one line of up to 200 characters. The customer reads it.",
        "credits_invalid" => "Enter a whole number of credits, at least 1.",
        "date_invalid" => "Enter a day like 2026-12-31, or leave the field empty.",
        "amount_invalid" => "Enter a whole number of credits, or leave the field empty.",
        "webhook_url_malformed" => "Enter an address like https://hooks.example.com/aethel, without a user name.",
        "webhook_url_not_https" => "The address must begin with https://.",
        "webhook_url_not_public" => "The address must lead to a server on the public internet.",
        "description_invalid" => "A description has at most 200 characters on one line.",
        "too_many_webhooks" => "This account has as many endpoints as it may have. Remove one first.",
        "difference_not_mendable" => "Hearing Stripe again cannot mend this difference. What to do stands beside it.",
        "nothing_to_hear" => {
            "Stripe has nothing new to say about this payment. Compare again to see how it stands now."
        }
        "choice_invalid" => "Choose one of the options shown.",
        _ => "This was refused and nothing was charged. Check what you entered and try again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_the_status_a_program_expects() {
        let cases = [
            (AppError::SignedOut, 401),
            (AppError::TooFewCredits { required: 5, available: 3 }, 402),
            (AppError::RoleForbids, 403),
            (AppError::OnlyLooking, 403),
            (AppError::SecondFactorNeeded, 403),
            (AppError::NotFound, 404),
            (AppError::Conflict, 409),
            (AppError::TooLarge, 413),
            (AppError::Refused { code: "x".into() }, 422),
            (AppError::Form { field: "email".into(), code: "email_invalid".into() }, 422),
            (AppError::Unavailable, 503),
        ];
        for (error, status) in cases {
            assert_eq!(error.status_code().as_u16(), status, "{error:?}");
        }
    }

    #[test]
    fn too_few_credits_names_both_numbers() {
        let sentence = AppError::TooFewCredits { required: 1_500, available: 1 }.sentence();
        assert_eq!(sentence, "This costs 1,500 credits and 1 is left. Buy credits and try again.");
    }

    #[test]
    fn sentences_name_the_limits_that_hold() {
        let program = format!("Up to {} KiB", crate::language::SOURCE_BYTES_MAX / 1024);
        assert!(sentence_for("source_too_long").contains(&program), "{program}");
        let form = format!("({} MiB)", FORM_BYTES_MAX / 1024 / 1024);
        assert!(AppError::TooLarge.sentence().contains(&form), "{form}");
    }

    #[test]
    fn an_error_survives_the_wire() {
        let error = AppError::TooFewCredits { required: 5, available: 3 };
        assert_eq!(AppError::de(error.ser().body), error);
    }

    #[test]
    fn an_unknown_code_never_shows_its_own_text() {
        assert!(!sentence_for("<script>alert(1)</script>").contains("script"));
    }
}
