//! From the words of a command line to the call they mean. Pure but for the file that `--body @FILE` names.

use serde_json::{Map, Value};

use super::operation::{Kind, Operation, Opt, Place};

/// What is sent.
#[derive(Debug, PartialEq)]
pub struct Call {
    /// GET, POST, …
    pub method: String,
    /// Path and query, encoded.
    pub target: String,
    /// What the body says and what it is.
    pub body: Option<Body>,
    /// The key that was given; one is made for a write without one.
    pub idempotency_key: Option<String>,
    /// Whether the operation takes such a key.
    pub idempotent: bool,
}

/// A body and its type.
#[derive(Debug, PartialEq)]
pub enum Body {
    Json(Value),
    Csv(String),
}

/// Reads a file by its path.
pub type ReadFile<'a> = &'a mut dyn FnMut(&str) -> std::io::Result<String>;

impl Call {
    /// Reads `--name value` and `--name=value`; `-` and `_` in a name are the same.
    ///
    /// # Errors
    /// Names the word that is not understood, or the option that is missing, in one sentence.
    pub fn read(operation: &Operation, words: &[String], file: ReadFile) -> Result<Self, String> {
        let mut given = Given::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(word) = word.strip_prefix("--") else {
                return Err(format!("{word:?} stands alone; options are written --name value"));
            };
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None => match words.next() {
                    Some(value) => (word, value.clone()),
                    None => return Err(format!("--{word} needs a value")),
                },
            };
            given.take(operation, &name.replace('-', "_"), value, file)?;
        }
        given.complete(operation)
    }
}

#[derive(Default)]
struct Given {
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
    fields: Map<String, Value>,
    body: Option<Body>,
    idempotency_key: Option<String>,
}

impl Given {
    fn take(&mut self, operation: &Operation, name: &str, value: String, file: ReadFile) -> Result<(), String> {
        if let Some(option) = operation.options.iter().find(|option| option.name == name) {
            match option.place {
                Place::Path => self.path.push((option.name.clone(), value)),
                Place::Query => self.query.push((option.name.clone(), value)),
                Place::Body => {
                    self.fields.insert(option.name.clone(), value_of(option, value)?);
                }
            }
            return Ok(());
        }
        match name {
            "body" if operation.has_body => self.body = Some(body(&value, file)?),
            "idempotency_key" if operation.idempotent => self.idempotency_key = Some(value),
            _ => return Err(format!("{} has no option --{name}; --help shows those it has", operation.id)),
        }
        Ok(())
    }

    fn complete(self, operation: &Operation) -> Result<Call, String> {
        let body = self.merged(operation)?;
        let has_field = |name: &str| match &body {
            Some(Body::Json(Value::Object(fields))) => fields.contains_key(name),
            // What is no object the server must judge.
            Some(_) => true,
            None => false,
        };
        let is_given = |option: &Opt| match option.place {
            Place::Path => self.path.iter().any(|(name, _)| *name == option.name),
            Place::Query => self.query.iter().any(|(name, _)| *name == option.name),
            Place::Body => has_field(&option.name),
        };
        if let Some(missing) = operation.options.iter().find(|option| option.required && !is_given(option)) {
            return Err(format!("{} needs --{} {}", operation.id, missing.name, missing.kind.word()));
        }
        let mut target = operation.path.clone();
        for (name, value) in &self.path {
            target = target.replace(&format!("{{{name}}}"), &encoded(value));
        }
        for (index, (name, value)) in self.query.iter().enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            target.push_str(&format!("{name}={}", encoded(value)));
        }
        let (method, idempotent) = (operation.method.clone(), operation.idempotent);
        Ok(Call { method, target, body, idempotency_key: self.idempotency_key, idempotent })
    }

    /// The body with the fields put over it.
    fn merged(&self, operation: &Operation) -> Result<Option<Body>, String> {
        let fields = self.fields.clone();
        match &self.body {
            None if operation.has_body => Ok(Some(Body::Json(Value::Object(fields)))),
            None => Ok(None),
            Some(Body::Json(Value::Object(base))) => {
                let whole = base.clone().into_iter().chain(fields).collect();
                Ok(Some(Body::Json(Value::Object(whole))))
            }
            Some(other) if fields.is_empty() => Ok(Some(match other {
                Body::Json(value) => Body::Json(value.clone()),
                Body::Csv(text) => Body::Csv(text.clone()),
            })),
            Some(_) => Err("only a body that is a JSON object can be completed by options".to_owned()),
        }
    }
}

/// `@FILE` is its content; what does not begin as JSON does is a table.
fn body(value: &str, file: ReadFile) -> Result<Body, String> {
    let content = match value.strip_prefix('@') {
        Some(path) => file(path).map_err(|error| format!("cannot read {path}: {error}"))?,
        None => value.to_owned(),
    };
    if content.trim_start().starts_with(['{', '[']) {
        serde_json::from_str(&content).map(Body::Json).map_err(|error| format!("--body is no JSON: {error}"))
    } else {
        Ok(Body::Csv(content))
    }
}

fn value_of(option: &Opt, value: String) -> Result<Value, String> {
    let wrong = |what: &str| format!("--{} must be {what}, not {value:?}", option.name);
    match option.kind {
        Kind::Text => Ok(Value::String(value)),
        Kind::Number => match serde_json::from_str(&value) {
            Ok(number @ Value::Number(_)) => Ok(number),
            _ => Err(wrong("a number")),
        },
        Kind::Truth => value.parse().map(Value::Bool).map_err(|_| wrong("true or false")),
        Kind::Json => serde_json::from_str(&value).map_err(|_| wrong("JSON")),
    }
}

/// Every byte that a part of a path or query may not have as it is.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::operation::operations;
    use super::*;
    use serde_json::json;

    fn read(id: &str, words: &[&str]) -> Result<Call, String> {
        let document = serde_json::to_value(crate::api::openapi()).unwrap();
        let operation = operations(&document).into_iter().find(|operation| operation.id == id).unwrap();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut file = |path: &str| match path {
            "order.json" => Ok(r#"{"account_id": "ACC_9", "operation": "state_storage"}"#.to_owned()),
            _ => Err(std::io::Error::other("not there")),
        };
        Call::read(&operation, &words, &mut file)
    }

    #[test]
    fn fields_become_a_body_with_their_types() {
        let call = read(
            "charge",
            &[
                "--account-id",
                "ACC_1",
                "--operation=proof_verification",
                "--quantity",
                "5",
                "--metadata",
                r#"{"a": "b"}"#,
            ],
        );
        let call = call.unwrap();
        assert_eq!((call.method.as_str(), call.target.as_str()), ("POST", "/api/billing/charges"));
        let body =
            json!({"account_id": "ACC_1", "operation": "proof_verification", "quantity": 5, "metadata": {"a": "b"}});
        assert_eq!(call.body, Some(Body::Json(body)));
        assert!(call.idempotent);
    }

    #[test]
    fn a_file_is_the_body_and_options_overrule_it() {
        let call = read("charge", &["--body", "@order.json", "--quantity", "2", "--idempotency-key", "k-1"]).unwrap();
        let body = json!({"account_id": "ACC_9", "operation": "state_storage", "quantity": 2});
        assert_eq!((call.body, call.idempotency_key), (Some(Body::Json(body)), Some("k-1".to_owned())));
    }

    #[test]
    fn paths_and_queries_are_encoded() {
        let call = read("read_balance_at", &["--account_id", "A/1", "--time", "2026-11-25T10:00:00+01:00"]).unwrap();
        assert_eq!(call.target, "/api/billing/balance/A%2F1/at?time=2026-11-25T10%3A00%3A00%2B01%3A00");
        assert_eq!(call.body, None);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (id, words, said) in [
            ("charge", &["--account_id", "ACC_1"][..], "charge needs --operation TEXT"),
            ("charge", &["ACC_1"], "\"ACC_1\" stands alone; options are written --name value"),
            ("charge", &["--account_id"], "--account_id needs a value"),
            ("charge", &["--amount", "3"], "charge has no option --amount; --help shows those it has"),
            ("charge", &["--quantity", "many"], "--quantity must be a number, not \"many\""),
            ("charge", &["--body", "@gone.json"], "cannot read gone.json: not there"),
            ("read_balance", &["--body", "{}"], "read_balance has no option --body; --help shows those it has"),
            ("read_balance", &[], "read_balance needs --account_id TEXT"),
        ] {
            assert_eq!(read(id, words).unwrap_err(), said);
        }
    }
}
