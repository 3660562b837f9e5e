//! Numbers as people read them, the same on the server and in the browser.
//!
//! Knows no locale, no clock and no currency conversion.

/// Digits in groups of three, with a real minus sign: `1,250`, `−5`.
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    if number < 0 {
        text.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number that always shows its sign: `+100`, `−5`, `0`.
#[must_use]
pub fn signed(number: i64) -> String {
    if number > 0 { format!("+{}", grouped(number)) } else { grouped(number) }
}

/// A number with its unit: `1 credit`, `1,250 credits`.
#[must_use]
pub fn credits(number: i64) -> String {
    format!("{} {}", grouped(number), credit_word(number))
}

/// The unit alone, in the number's own form.
#[must_use]
pub fn credit_word(number: i64) -> &'static str {
    if number == 1 { "credit" } else { "credits" }
}

/// Percent-encodes a value for a query string.
#[must_use]
pub fn query_value(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        let cases = [(0, "0"), (7, "7"), (999, "999"), (1_000, "1,000"), (1_250_000, "1,250,000"), (-1_250, "−1,250")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(i64::MIN), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn one_credit_is_singular() {
        assert_eq!(credits(1), "1 credit");
        assert_eq!(credits(0), "0 credits");
        assert_eq!(signed(100), "+100");
    }

    #[test]
    fn a_query_value_cannot_add_a_second_one() {
        assert_eq!(query_value("/usage?days=30&x=1"), "/usage%3Fdays%3D30%26x%3D1");
    }
}
