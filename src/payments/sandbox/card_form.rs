//! The three card fields of the checkout page, read as Stripe reads them.
//!
//! Takes test cards only: any other number is declined with Stripe's own sentence.

use super::cards::TestCard;

/// A card as it was typed on the checkout page, read and found valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypedCard {
    pub card: &'static TestCard,
    pub exp_month: i64,
    pub exp_year: i64,
}

/// What is wrong with a field of the card form, in Stripe's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CardProblems {
    pub number: Option<&'static str>,
    pub expiry: Option<&'static str>,
    pub cvc: Option<&'static str>,
}

/// Reads the three card fields; all problems at once, so that a person fixes them in one go.
///
/// # Errors
/// Says for each field what is wrong with it.
pub fn read(number: &str, expiry: &str, cvc: &str, today: (i64, i64)) -> Result<TypedCard, CardProblems> {
    let card = read_number(number);
    let date = read_expiry(expiry, today);
    let cvc_length = if number.trim_start().starts_with("37") { 4 } else { 3 };
    let cvc = cvc.trim();
    let cvc_problem = (cvc.len() != cvc_length || !cvc.bytes().all(|byte| byte.is_ascii_digit()))
        .then_some("Your card's security code is incomplete.");
    match (card, date, cvc_problem) {
        (Ok(card), Ok((exp_year, exp_month)), None) => Ok(TypedCard { card, exp_month, exp_year }),
        (card, date, cvc) => Err(CardProblems { number: card.err(), expiry: date.err(), cvc }),
    }
}

fn read_number(text: &str) -> Result<&'static TestCard, &'static str> {
    let digits: String = text.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("Your card number is invalid.");
    }
    if digits.len() < 14 {
        return Err("Your card number is incomplete.");
    }
    if digits.len() > 19 || !passes_luhn(&digits) {
        return Err("Your card number is invalid.");
    }
    TestCard::by_number(&digits).ok_or(
        "Your card was declined. Your request was in test mode, but used a non test card. \
         For a list of valid test cards, visit: https://stripe.com/docs/testing.",
    )
}

fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            match (at % 2, digit) {
                (0, digit) => digit,
                (_, digit) if digit > 4 => digit * 2 - 9,
                (_, digit) => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Reads `MM / YY`, `MMYY` or `MM/YYYY` to (year, month).
fn read_expiry(text: &str, today: (i64, i64)) -> Result<(i64, i64), &'static str> {
    let incomplete = "Your card's expiration date is incomplete.";
    let compact: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let (month, year) = match compact.split_once(['/', '-']) {
        Some(parts) => parts,
        None if compact.is_ascii() && compact.len() == 4 => compact.split_at(2),
        None => return Err(incomplete),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&month.len()) || !matches!(year.len(), 2 | 4) || !digits(month) || !digits(year) {
        return Err(incomplete);
    }
    let month: u8 = month.parse().map_err(|_| incomplete)?;
    let year: u16 = year.parse().map_err(|_| incomplete)?;
    let (month, year) = (i64::from(month), i64::from(year));
    let year = if year < 100 { 2_000 + year } else { year };
    if !(1..=12).contains(&month) || year > today.0 + 50 {
        return Err("Your card's expiration date is invalid.");
    }
    if year < today.0 {
        return Err("Your card's expiration year is in the past.");
    }
    if (year, month) < today {
        return Err("Your card's expiration date is in the past.");
    }
    Ok((year, month))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: (i64, i64) = (2026, 11);

    #[test]
    fn the_usual_cards_pass_the_check_digit_and_a_slip_of_the_finger_does_not() {
        for number in ["4242424242424242", "4000002500003155", "378282246310005"] {
            assert!(passes_luhn(number), "{number}");
        }
        assert!(!passes_luhn("4242424242424241"));
    }

    #[test]
    fn a_card_is_read_as_people_type_it() {
        for (number, expiry) in
            [("4242 4242 4242 4242", "12 / 34"), ("4242-4242-4242-4242", "1234"), ("4242424242424242", "12/2034")]
        {
            let typed = read(number, expiry, "123", TODAY).expect("a card");
            assert_eq!((typed.card.last4(), typed.exp_year, typed.exp_month), ("4242", 2034, 12));
        }
        assert!(read("4242424242424242", "11/26", "123", TODAY).is_ok());
        assert!(read("378282246310005", "12/34", "1234", TODAY).is_ok());
    }

    #[test]
    fn wrong_fields_are_named_all_at_once() {
        let problems = read("4242 4242 4242 4241", "10/26", "12", TODAY).unwrap_err();
        assert_eq!(problems.number, Some("Your card number is invalid."));
        assert_eq!(problems.expiry, Some("Your card's expiration date is in the past."));
        assert_eq!(problems.cvc, Some("Your card's security code is incomplete."));
    }

    #[test]
    fn expiries_that_are_no_dates_are_refused() {
        for (text, problem) in [
            ("", "incomplete"),
            ("12", "incomplete"),
            ("1/2", "incomplete"),
            ("ab/cd", "incomplete"),
            ("13/30", "invalid"),
            ("00/30", "invalid"),
            ("12/99", "invalid"),
            ("12/25", "year is in the past"),
            ("ä1", "incomplete"),
            ("+1/30", "incomplete"),
            ("1/30", "ok"),
        ] {
            match read_expiry(text, TODAY) {
                Ok(_) => assert_eq!(problem, "ok", "{text}"),
                Err(message) => assert!(message.contains(problem), "{text}: {message}"),
            }
        }
    }

    #[test]
    fn a_real_card_is_declined_with_stripes_test_mode_sentence() {
        let problems = read("4012888888881881", "12/34", "123", TODAY).unwrap_err();
        assert!(problems.number.is_some_and(|message| message.contains("non test card")));
    }
}
