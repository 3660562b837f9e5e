//! Parameters taken one by one from the form's tree; what nobody took is unknown and refused.
//!
//! An empty value means "unset" at Stripe: where a parameter cannot be unset, it is refused.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::ApiError;

/// Stripe's own limits on metadata.
const METADATA_KEYS_MAX: usize = 50;
const METADATA_KEY_LENGTH_MAX: usize = 40;
const METADATA_VALUE_LENGTH_MAX: usize = 500;
/// Stripe's longest ordinary text parameter.
const TEXT_LENGTH_MAX: usize = 5_000;

pub type Metadata = BTreeMap<String, String>;

/// One level of a request's parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    fields: Map<String, Value>,
    prefix: String,
}

impl Params {
    pub fn new(fields: Map<String, Value>) -> Self {
        Self { fields, prefix: String::new() }
    }

    /// The name as Stripe writes it in `param`: `line_items[0][quantity]`.
    pub fn name(&self, field: &str) -> String {
        if self.prefix.is_empty() { field.to_owned() } else { format!("{}[{field}]", self.prefix) }
    }

    /// A text, `Some(None)` when the caller unsets it.
    pub fn settable(&mut self, field: &str) -> Result<Option<Option<String>>, ApiError> {
        match self.fields.remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(Some(None)),
            Some(Value::String(text)) if text.len() > TEXT_LENGTH_MAX => Err(ApiError::invalid(format!(
                "Invalid string: {}…; must be at most {TEXT_LENGTH_MAX} characters",
                text.chars().take(20).collect::<String>()
            ))
            .param(&self.name(field))),
            Some(Value::String(text)) => Ok(Some(Some(text))),
            Some(_) => Err(ApiError::invalid("Invalid string: must be a single value").param(&self.name(field))),
        }
    }

    /// A text that cannot be unset.
    pub fn text(&mut self, field: &str) -> Result<Option<String>, ApiError> {
        match self.settable(field)? {
            Some(None) => Err(ApiError::empty(&self.name(field))),
            given => Ok(given.flatten()),
        }
    }

    pub fn required(&mut self, field: &str) -> Result<String, ApiError> {
        self.text(field)?.ok_or_else(|| ApiError::missing(&self.name(field)))
    }

    pub fn integer(&mut self, field: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(field)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            ApiError::invalid(format!("Invalid integer: {text}"))
                .code("parameter_invalid_integer")
                .param(&self.name(field))
        })
    }

    pub fn flag(&mut self, field: &str) -> Result<Option<bool>, ApiError> {
        match self.text(field)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(ApiError::invalid(format!("Invalid boolean: {other}")).param(&self.name(field))),
        }
    }

    /// One of a few words.
    pub fn choice(&mut self, field: &str, choices: &[&'static str]) -> Result<Option<&'static str>, ApiError> {
        let Some(text) = self.text(field)? else {
            return Ok(None);
        };
        choices.iter().copied().find(|choice| *choice == text).map(Some).ok_or_else(|| {
            ApiError::invalid(format!("Invalid {}: must be one of {}", self.name(field), choices.join(", ")))
                .param(&self.name(field))
        })
    }

    /// An address a browser can be sent to: nothing but http and https, no spaces, no quotes.
    pub fn url(&mut self, field: &str) -> Result<Option<String>, ApiError> {
        let Some(url) = self.text(field)? else {
            return Ok(None);
        };
        let after_scheme = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let has_host = after_scheme.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
        let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\'));
        if !has_host || !is_plain {
            return Err(ApiError::invalid("Not a valid URL").code("url_invalid").param(&self.name(field)));
        }
        Ok(Some(url))
    }

    /// A group of parameters, `None` when absent or unset.
    pub fn group(&mut self, field: &str) -> Result<Option<Params>, ApiError> {
        let prefix = self.name(field);
        match self.fields.remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Self { fields, prefix })),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(_) => Err(ApiError::invalid("Invalid object").param(&prefix)),
        }
    }

    fn items(&mut self, field: &str) -> Result<Vec<(String, Value)>, ApiError> {
        let name = self.name(field);
        match self.fields.remove(field) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                Ok(items.into_iter().enumerate().map(|(at, item)| (format!("{name}[{at}]"), item)).collect())
            }
            Some(Value::Object(fields)) => {
                let mut items = Vec::with_capacity(fields.len());
                for (key, item) in fields {
                    let at: u32 = key.parse().map_err(|_| ApiError::invalid("Invalid array").param(&name))?;
                    items.push((at, item));
                }
                items.sort_by_key(|(at, _)| *at);
                Ok(items.into_iter().map(|(at, item)| (format!("{name}[{at}]"), item)).collect())
            }
            Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
            Some(_) => Err(ApiError::invalid("Invalid array").param(&name)),
        }
    }

    /// A list of groups, such as `line_items`.
    pub fn groups(&mut self, field: &str) -> Result<Vec<Params>, ApiError> {
        self.items(field)?
            .into_iter()
            .map(|(prefix, item)| match item {
                Value::Object(fields) => Ok(Self { fields, prefix }),
                _ => Err(ApiError::invalid("Invalid object").param(&prefix)),
            })
            .collect()
    }

    /// A list of texts, such as `payment_method_types`.
    pub fn texts(&mut self, field: &str) -> Result<Vec<String>, ApiError> {
        self.items(field)?
            .into_iter()
            .map(|(prefix, item)| match item {
                Value::String(text) if !text.is_empty() => Ok(text),
                _ => Err(ApiError::invalid("Invalid string").param(&prefix)),
            })
            .collect()
    }

    /// Merges the given metadata into what an object has: an empty value removes a key, an empty whole clears.
    pub fn merge_metadata(&mut self, metadata: &mut Metadata) -> Result<(), ApiError> {
        let name = self.name("metadata");
        let fields = match self.fields.remove("metadata") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::String(text)) if text.is_empty() => {
                metadata.clear();
                return Ok(());
            }
            Some(Value::Object(fields)) => fields,
            Some(_) => return Err(ApiError::invalid("Invalid object").param(&name)),
        };
        let mut merged = metadata.clone();
        for (key, value) in fields {
            let Value::String(value) = value else {
                return Err(ApiError::invalid("Metadata values must be strings").param(&format!("{name}[{key}]")));
            };
            if key.chars().count() > METADATA_KEY_LENGTH_MAX || value.chars().count() > METADATA_VALUE_LENGTH_MAX {
                return Err(ApiError::invalid(format!(
                    "Metadata keys can have up to {METADATA_KEY_LENGTH_MAX} characters, values up to {METADATA_VALUE_LENGTH_MAX}."
                ))
                .param(&name));
            }
            if value.is_empty() {
                merged.remove(&key);
            } else {
                merged.insert(key, value);
            }
        }
        if merged.len() > METADATA_KEYS_MAX {
            return Err(ApiError::invalid(format!("Metadata can have up to {METADATA_KEYS_MAX} keys.")).param(&name));
        }
        *metadata = merged;
        Ok(())
    }

    /// Real parameters of Stripe's that change nothing the sandbox plays.
    pub fn ignore(&mut self, fields: &[&str]) {
        for field in fields {
            self.fields.remove(*field);
        }
    }

    /// Real parameters of Stripe's that would change the outcome: refused, with a sentence that says so.
    pub fn refuse(&mut self, fields: &[&str]) -> Result<(), ApiError> {
        match fields.iter().find(|field| self.fields.contains_key(**field)) {
            Some(field) => Err(ApiError::not_played(&self.name(field), "…")),
            None => Ok(()),
        }
    }

    /// To be called once everything known has been taken and before anything is changed.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.fields.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.fields.keys().map(|field| self.name(field)).collect();
        Err(ApiError::unknown_params(&names))
    }
}

#[cfg(test)]
mod tests {
    use super::super::form;
    use super::*;

    fn params(input: &str) -> Params {
        Params::new(form::parse(input).expect("a form"))
    }

    #[test]
    fn what_nobody_takes_is_unknown() {
        let mut given = params("email=a%40b.c&colour=red&line[0][x]=1");
        assert_eq!(given.text("email").unwrap().as_deref(), Some("a@b.c"));
        let mut line = given.groups("line").unwrap();
        assert_eq!(line.remove(0).finish().unwrap_err().field("param"), "line[0][x]");
        assert_eq!(given.finish().unwrap_err().field("message"), "Received unknown parameter: colour");
    }

    #[test]
    fn numbers_are_whole_and_words_are_from_the_list() {
        assert_eq!(params("n=12").integer("n").unwrap(), Some(12));
        for wrong in ["n=1.5", "n=1e3", "n=", "n=99999999999999999999", "n[a]=1"] {
            assert!(params(wrong).integer("n").is_err(), "{wrong} was accepted");
        }
        assert!(params("f=1").flag("f").is_err());
        assert!(params("mode=setup").choice("mode", &["payment"]).is_err());
    }

    #[test]
    fn lists_keep_the_order_of_their_numbers() {
        let texts = params("t[10]=c&t[2]=b&t[0]=a").texts("t").unwrap();
        assert_eq!(texts, ["a", "b", "c"]);
        assert!(params("t[x]=a").texts("t").is_err());
    }

    #[test]
    fn only_addresses_of_the_web_are_addresses() {
        for right in ["http://127.0.0.1:3000/a?s={CHECKOUT_SESSION_ID}", "https://example.com"] {
            let given = Map::from_iter([("u".to_owned(), Value::from(right))]);
            assert_eq!(Params::new(given).url("u").unwrap().as_deref(), Some(right));
        }
        for wrong in [
            "javascript:alert(1)",
            "example.com",
            "https://",
            "http:///x",
            "https://a b",
            "https://a\"b",
            "https://a\nb",
        ] {
            let given = Map::from_iter([("u".to_owned(), Value::from(wrong))]);
            assert_eq!(Params::new(given).url("u").unwrap_err().field("code"), "url_invalid", "{wrong}");
        }
    }

    #[test]
    fn metadata_is_merged_key_by_key() {
        let mut metadata = Metadata::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
        params("metadata[a]=&metadata[c]=3").merge_metadata(&mut metadata).unwrap();
        assert_eq!(metadata, Metadata::from([("b".to_owned(), "2".to_owned()), ("c".to_owned(), "3".to_owned())]));
        let long = format!("metadata[k]={}", "x".repeat(501));
        assert!(params(&long).merge_metadata(&mut metadata).is_err());
        params("metadata=").merge_metadata(&mut metadata).unwrap();
        assert!(metadata.is_empty());
    }
}
