//! The caller's own JSON object, kept with the ledger's entry exactly as it was meant.
//!
//! Refuses what a reader could not give back unchanged: a number that would be rounded, and a name that stands twice.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Number, Value};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Metadata is kept with the entry for ever, so it is a note, not a document.
const METADATA_MAX_BYTES: usize = 16 * 1024;

/// The caller's own JSON object, kept with the entry; nothing sent is an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata(pub String);

impl Default for Metadata {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        // Read whole first: this bounds how deep it goes.
        let value: Value = serde_json::from_str(raw.get())
            .map_err(|error| D::Error::custom(format_args!("metadata cannot be read: {error}")))?;
        let text = match value {
            Value::Null => return Ok(Self::default()),
            // Written again with sorted names, so that the same metadata is the same request.
            Value::Object(_) => value.to_string(),
            _ => return Err(D::Error::custom("metadata must be a JSON object")),
        };
        if text.len() > METADATA_MAX_BYTES {
            return Err(D::Error::custom(format_args!("metadata may be at most {METADATA_MAX_BYTES} bytes")));
        }
        check_unchanged(raw.get()).map_err(D::Error::custom)?;
        Ok(Self(text))
    }
}

/// Whether reading and writing again keeps every number and every name. `text` is valid JSON of bounded depth.
fn check_unchanged(text: &str) -> Result<(), String> {
    match text.as_bytes().first() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text).map_err(|error| format!("metadata: {error}"))?;
            let mut seen = HashSet::new();
            for (name, value) in &members {
                if !seen.insert(name) {
                    return Err(format!("metadata has the name {name:?} twice; send it once"));
                }
                check_unchanged(value.get())?;
            }
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| format!("metadata: {error}"))?;
            items.iter().try_for_each(|item| check_unchanged(item.get()))?;
        }
        Some(b'-' | b'0'..=b'9') => {
            let kept = serde_json::from_str::<Number>(text).is_ok_and(|number| number.to_string() == text);
            if !kept {
                return Err(format!(
                    "metadata has the number {text}, which would not be kept as written; send it as text"
                ));
            }
        }
        _ => {}
    }
    Ok(())
}

/// An object's members in their order, repeated ones too.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(InOrder).map(Self)
    }
}

impl PartialSchema for Metadata {
    fn schema() -> RefOr<Schema> {
        let text =
            "Your own JSON object, at most 16 KiB, kept with the entry; numbers as they are written without rounding";
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
            .description(Some(text))
            .into()
    }
}

impl ToSchema for Metadata {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_str, json};

    #[test]
    fn metadata_is_an_object_written_one_way() {
        let first = from_str::<Metadata>(r#"{"b": 1,   "a": 2}"#).expect("an object");
        let second = from_str::<Metadata>(r#"{"a":2,"b":1}"#).expect("an object");
        assert_eq!(first, second);
        assert_eq!(from_str::<Metadata>("null").ok(), Some(Metadata("{}".into())));
        assert!(from_str::<Metadata>("[1]").is_err());
        assert!(from_str::<Metadata>(&json!({"a": "x".repeat(17_000)}).to_string()).is_err());
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(500), "]".repeat(500));
        assert!(from_str::<Metadata>(&deep).is_err());
    }

    #[test]
    fn a_number_that_would_be_rounded_is_refused() {
        for kept in ["0", "-7", "18446744073709551615", "-9223372036854775808", "0.5", "12.34"] {
            let text = format!(r#"{{"a":[{kept}]}}"#);
            assert_eq!(from_str::<Metadata>(&text).ok(), Some(Metadata(text)), "{kept}");
        }
        for lost in
            ["18446744073709551616", "1e3", "0.10", "1E400", "-0", "0.1000000000000000055", "-9223372036854775809"]
        {
            let error = from_str::<Metadata>(&format!(r#"{{"a": {{"b": [1, {lost}]}}}}"#)).expect_err(lost).to_string();
            assert!(error.starts_with("metadata"), "{error}");
        }
        let error = from_str::<Metadata>(r#"{"a": 0.10}"#).expect_err("a zero would be lost").to_string();
        assert!(error.contains("the number 0.10") && error.contains("send it as text"), "{error}");
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        for text in [r#"{"a": 1, "a": 1}"#, r#"{"a": 1, "\u0061": 2}"#, r#"{"b": [{"a": 1, "a": 2}]}"#] {
            let error = from_str::<Metadata>(text).expect_err(text).to_string();
            assert!(error.contains("the name \"a\" twice"), "{error}");
        }
        assert!(from_str::<Metadata>(r#"{"a": {"a": {"a": 1}}}"#).is_ok());
    }
}
