//! The values that request bodies are made of, each refused at the edge with a sentence that names it.
//!
//! Everything here only reads; what a value costs or allows is decided by the ledger.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::ledger::{Credits, Operation, QUANTITY_MAX, Tier, Timestamp};

/// The most credits one grant may bring: the largest whole number every JSON reader keeps exactly.
pub(super) const GRANT_CREDITS_MAX: i64 = 9_007_199_254_740_991;
/// Longer than any company's name and any reason one writes by hand.
const LINE_MAX_CHARACTERS: usize = 200;

/// Reads a whole number in `least..=most` and nothing that merely looks like one.
pub(super) struct WholeNumber {
    pub name: &'static str,
    pub least: i64,
    pub most: i64,
}

impl WholeNumber {
    fn take<E: Error>(&self, number: Option<i64>, shown: &dyn fmt::Display) -> Result<i64, E> {
        match number {
            Some(number) if (self.least..=self.most).contains(&number) => Ok(number),
            _ => Err(E::custom(format_args!("{}, not {shown}", self.rule()))),
        }
    }

    fn rule(&self) -> String {
        let [least, most] = [self.least, self.most].map(|bound| Credits::new(bound).unwrap_or(Credits::ZERO));
        format!("{} must be a whole number from {least} to {most}", self.name)
    }
}

impl Visitor<'_> for WholeNumber {
    type Value = i64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a whole number from {} to {}", self.least, self.most)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        self.take(Some(number), &number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        self.take(i64::try_from(number).ok(), &number)
    }

    /// `1.0` is refused like `1.5`: where the number came from, something was rounded.
    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        self.take(None, &Unexpected::Float(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
        self.take(None, &format_args!("the text {:?}", text.chars().take(60).collect::<String>()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<i64, E> {
        self.take(None, &value)
    }

    fn visit_unit<E: Error>(self) -> Result<i64, E> {
        self.take(None, &"null")
    }
}

pub(super) fn whole_number_schema(least: i64, most: i64) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Integer))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(least))
        .maximum(Some(most))
        .into()
}

/// How many units of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(pub i64);

impl Default for Quantity {
    fn default() -> Self {
        Self(1)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeNumber { name: "quantity", least: 1, most: QUANTITY_MAX }).map(Self)
    }
}

impl PartialSchema for Quantity {
    fn schema() -> RefOr<Schema> {
        whole_number_schema(1, QUANTITY_MAX)
    }
}

impl ToSchema for Quantity {}

/// How many credits a grant brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantCredits(pub Credits);

impl<'de> Deserialize<'de> for GrantCredits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number =
            deserializer.deserialize_any(WholeNumber { name: "credits", least: 1, most: GRANT_CREDITS_MAX })?;
        Credits::new(number).map(Self).ok_or_else(|| D::Error::custom("credits is larger than an account can hold"))
    }
}

impl PartialSchema for GrantCredits {
    fn schema() -> RefOr<Schema> {
        whole_number_schema(1, GRANT_CREDITS_MAX)
    }
}

impl ToSchema for GrantCredits {}

/// One of the ledger's names, as a field that tells which ones there are.
macro_rules! name_field {
    ($(#[$doc:meta])* $name:ident, $known:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub $known);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                let unknown = |error| D::Error::custom(format_args!("{}: {error}", $field));
                $known::from_str(&text).map(Self).map_err(unknown)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.name())
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(SchemaType::new(Type::String))
                    .enum_values(Some($known::ALL.iter().map(|known| known.name())))
                    .into()
            }
        }

        impl ToSchema for $name {}
    };
}

name_field! {
    /// What credits are spent on.
    OperationName, Operation, "operation"
}
name_field! {
    /// What a customer pays by.
    TierName, Tier, "tier"
}

impl Default for TierName {
    /// As in the guide: an account opened without a tier is a developer's.
    fn default() -> Self {
        Self(Tier::Developer)
    }
}

/// One line of text: trimmed, not empty, nothing that does not show, at most 200 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(pub String);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LINE_MAX_CHARACTERS || !text.chars().all(shows) {
            let sentence = format_args!("must be one line of 1 to {LINE_MAX_CHARACTERS} characters that can be seen");
            return Err(D::Error::custom(sentence));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether a character can be seen and leaves its neighbours where they are: the others can make one name look like
/// another.
fn shows(letter: char) -> bool {
    let hidden = matches!(letter,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    !hidden && !letter.is_control()
}

impl PartialSchema for Line {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .min_length(Some(1))
            .max_length(Some(LINE_MAX_CHARACTERS))
            .into()
    }
}

impl ToSchema for Line {}

/// A moment as RFC 3339 text, `2026-11-23T09:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let parsed = jiff::Timestamp::from_str(&text);
        let sentence = |_| D::Error::custom("must be a moment such as 2026-11-23T09:00:00Z");
        parsed.map(|moment| Self(Timestamp::from_millis(moment.as_millisecond()))).map_err(sentence)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_millisecond(self.0.millis()).map_err(|_| fmt::Error)?;
        fmt::Display::fmt(&moment, f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let moment = jiff::Timestamp::from_millisecond(self.0.millis()).map_err(serde::ser::Error::custom)?;
        serializer.collect_str(&moment)
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for Moment {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_str, json, to_value};

    #[test]
    fn a_quantity_is_a_whole_number_from_one_to_a_million() {
        assert_eq!(from_str::<Quantity>("1").ok(), Some(Quantity(1)));
        assert_eq!(from_str::<Quantity>("1000000").ok(), Some(Quantity(1_000_000)));
        let refused = [
            "0",
            "-1",
            "1.5",
            "1.0",
            "1e3",
            "1000001",
            "9223372036854775808",
            "1e400",
            "99999999999999999999999",
            "\"5\"",
            "true",
            "null",
            "[1]",
            "{}",
        ];
        for text in refused {
            assert!(from_str::<Quantity>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_refused_quantity_is_told_the_rule() {
        for (text, shown) in [("0", "0"), ("-3", "-3"), ("\"5\"", "the text \"5\""), ("null", "null")] {
            let error = from_str::<Quantity>(text).expect_err(text).to_string();
            let sentence = format!("quantity must be a whole number from 1 to 1,000,000, not {shown}");
            assert!(error.starts_with(&sentence), "{error}");
        }
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let error = from_str::<OperationName>("\"mining\"").expect_err("unknown").to_string();
        for operation in Operation::ALL {
            assert!(error.contains(operation.name()), "{error}");
        }
        let error = from_str::<TierName>("\"gold\"").expect_err("unknown").to_string();
        assert!(error.contains("free, developer, fintech, enterprise"), "{error}");
        assert!(from_str::<TierName>("3").is_err());
    }

    #[test]
    fn every_name_reads_back_as_written() {
        for operation in Operation::ALL {
            let written = to_value(OperationName(*operation)).expect("a name");
            assert_eq!(written, json!(operation.name()));
            assert_eq!(serde_json::from_value::<OperationName>(written).ok(), Some(OperationName(*operation)));
        }
    }

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(from_str::<Line>("\"  Acme \"").ok(), Some(Line("Acme".into())));
        for text in [String::new(), "   ".into(), "a\\nb".into(), "a\\u0000b".into(), "x".repeat(201)] {
            assert!(from_str::<Line>(&format!("\"{text}\"")).is_err(), "{text}");
        }
        for hidden in ['\u{200b}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2060}', '\u{2069}', '\u{feff}'] {
            assert!(from_str::<Line>(&format!("\"Ac{hidden}me\"")).is_err(), "{}", hidden.escape_unicode());
        }
        assert!(from_str::<Line>("\"Crédit Français – 会計 \u{2070}\"").is_ok());
    }

    #[test]
    fn a_moment_is_rfc_3339() {
        let moment = from_str::<Moment>("\"2026-11-23T09:00:00+01:00\"").expect("a moment");
        assert_eq!(to_value(moment).expect("text"), json!("2026-11-23T08:00:00Z"));
        for text in ["\"tomorrow\"", "1700000000", "\"2026-13-01T00:00:00Z\""] {
            assert!(from_str::<Moment>(text).is_err(), "{text}");
        }
    }
}
