//! The API's promise: what `docs/openapi.json` says may grow, and never break.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::client;

const METHODS: [&str; 4] = ["get", "post", "put", "delete"];
const ANEW: &str = "run `make openapi`, which writes docs/openapi.json and the clients anew";

fn committed() -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let text = std::fs::read_to_string(path).expect("docs/openapi.json is there");
    serde_json::from_str(&text).expect("docs/openapi.json is JSON")
}

async fn served() -> Value {
    let client = client();
    client.send(client.request(axum::http::Method::GET, "/api/openapi.json")).await.body
}

/// One of two documents, and where in it one looks.
#[derive(Clone, Copy)]
struct Place<'a> {
    document: &'a Value,
    at: &'a Value,
}

impl<'a> Place<'a> {
    fn of(document: &'a Value, at: &'a Value) -> Self {
        let reference = at["$ref"].as_str().map(|text| text.trim_start_matches('#'));
        let at = reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(at);
        Self { document, at }
    }

    fn to(self, name: &str) -> Self {
        Self::of(self.document, &self.at[name])
    }

    /// The types that a value may have, `null` left out: whether it may be absent is told by `required`.
    fn types(self) -> BTreeSet<String> {
        let own = match &self.at["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Value::String(one) => vec![one.clone()],
            _ => Vec::new(),
        };
        let mut types: BTreeSet<String> = own.into_iter().collect();
        for list in ["oneOf", "anyOf", "allOf"] {
            for one in self.at[list].as_array().into_iter().flatten() {
                types.extend(Self::of(self.document, one).types());
            }
        }
        types.remove("null");
        types
    }

    fn required(self) -> BTreeSet<&'a str> {
        self.at["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// What a client of the old document would trip over in the new one, each with a sentence.
fn broken(old: &Value, new: &Value) -> Vec<String> {
    let mut sentences = Vec::new();
    for (path, item) in old["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let Some(was) = item.get(method) else { continue };
            let name = format!("{} {path}", method.to_uppercase());
            match new["paths"][path].get(method) {
                None => sentences.push(format!("{name} is gone")),
                Some(is) => operation(&name, Place::of(old, was), Place::of(new, is), &mut sentences),
            }
        }
    }
    sentences
}

fn operation(name: &str, old: Place<'_>, new: Place<'_>, sentences: &mut Vec<String>) {
    if old.at["operationId"] != new.at["operationId"] {
        sentences
            .push(format!("{name} is called {} now, so the clients' function has another name", new.at["operationId"]));
    }
    let parameters = |place: Place<'_>| place.at["parameters"].as_array().cloned().unwrap_or_default();
    let find = |list: &[Value], one: &Value| {
        list.iter().find(|other| other["name"] == one["name"] && other["in"] == one["in"]).cloned()
    };
    let (were, are) = (parameters(old), parameters(new));
    for parameter in &were {
        match find(&are, parameter) {
            None => sentences.push(format!("{name} no longer takes {}", parameter["name"])),
            Some(is) => {
                let (was, is) = (Place::of(old.document, &parameter["schema"]), Place::of(new.document, &is["schema"]));
                if !was.types().is_subset(&is.types()) {
                    sentences.push(format!("{name}: {} has another type", parameter["name"]));
                }
            }
        }
    }
    for parameter in are.iter().filter(|one| one["required"] == true) {
        if find(&were, parameter).is_none_or(|was| was["required"] != true) {
            sentences.push(format!("{name} now needs {}", parameter["name"]));
        }
    }
    let body = |place: Place<'_>| place.at["requestBody"]["content"]["application/json"]["schema"].clone();
    let (was, is) = (body(old), body(new));
    if !was.is_null() {
        let (was, is) = (Place::of(old.document, &was), Place::of(new.document, &is));
        sent(&format!("{name}, its body"), was, is, 0, sentences);
    } else if new.at["requestBody"]["required"] == true {
        sentences.push(format!("{name} now needs a body"));
    }
    for (status, answer) in
        old.at["responses"].as_object().into_iter().flatten().filter(|(status, _)| status.starts_with('2'))
    {
        for (kind, content) in answer["content"].as_object().into_iter().flatten() {
            let is = &new.at["responses"][status]["content"][kind];
            let place = format!("{name}, its answer {status}");
            if is.is_null() {
                sentences.push(format!("{place} is gone, or no longer {kind}"));
            } else {
                let (was, is) = (Place::of(old.document, &content["schema"]), Place::of(new.document, &is["schema"]));
                answered(&place, was, is, 0, sentences);
            }
        }
    }
}

/// What a client sends: every field is still taken, as what it was, and no other is needed.
fn sent(place: &str, old: Place<'_>, new: Place<'_>, depth: usize, sentences: &mut Vec<String>) {
    fields(place, old, new, depth, sentences, sent);
    for field in new.required().difference(&old.required()) {
        sentences.push(format!("{place} now needs {field}"));
    }
    let values = |place: Place<'_>| place.at["enum"].as_array().cloned().unwrap_or_default();
    for value in values(old) {
        if !values(new).is_empty() && !values(new).contains(&value) {
            sentences.push(format!("{place} no longer takes {value}"));
        }
    }
}

/// What a client reads: every field is still there, as what it was.
fn answered(place: &str, old: Place<'_>, new: Place<'_>, depth: usize, sentences: &mut Vec<String>) {
    fields(place, old, new, depth, sentences, answered);
    for field in old.required().difference(&new.required()) {
        sentences.push(format!("{place} may come without {field}"));
    }
}

type Rule = fn(&str, Place<'_>, Place<'_>, usize, &mut Vec<String>);

fn fields(place: &str, old: Place<'_>, new: Place<'_>, depth: usize, sentences: &mut Vec<String>, rule: Rule) {
    /// A schema may lead back to itself.
    const DEPTH_MAX: usize = 8;
    let (was, is) = (old.types(), new.types());
    if !was.is_empty() && was != is {
        sentences.push(format!("{place} was {} and is {}", told(&was), told(&is)));
        return;
    }
    if depth >= DEPTH_MAX {
        return;
    }
    for (name, _) in old.at["properties"].as_object().into_iter().flatten() {
        let within = format!("{place}, {name}");
        if new.at["properties"].get(name).is_none() {
            sentences.push(format!("{within} is gone"));
        } else {
            rule(&within, old.to("properties").to(name), new.to("properties").to(name), depth + 1, sentences);
        }
    }
    if old.at.get("items").is_some() {
        rule(&format!("{place}, each"), old.to("items"), new.to("items"), depth + 1, sentences);
    }
}

fn told(types: &BTreeSet<String>) -> String {
    if types.is_empty() { "anything".to_owned() } else { types.iter().cloned().collect::<Vec<_>>().join(" or ") }
}

#[tokio::test]
async fn what_is_served_breaks_no_client_of_the_committed_document() {
    let sentences = broken(&committed(), &served().await);
    assert!(sentences.is_empty(), "this breaks clients:\n{}\nIf it must be, {ANEW}", sentences.join("\n"));
}

#[tokio::test]
async fn what_is_served_is_what_is_committed() {
    assert!(committed() == served().await, "docs/openapi.json is not the API's any more: {ANEW}");
}

#[test]
fn each_kind_of_break_is_told_by_its_own_sentence() {
    let old = committed();
    let spoilt = |change: &dyn Fn(&mut Value)| {
        let mut new = old.clone();
        change(&mut new);
        broken(&old, &new)
    };
    assert_eq!(broken(&old, &old), Vec::<String>::new());
    let gone = spoilt(&|new| drop(new["paths"].as_object_mut().expect("paths").remove("/api/verify")));
    assert_eq!(gone, ["POST /api/verify is gone"]);
    let field = spoilt(&|new| {
        let schema = &mut new["components"]["schemas"]["Balance"];
        schema["properties"].as_object_mut().expect("fields").remove("balance");
        schema["required"] = serde_json::json!(["account_id"]);
    });
    assert!(
        field.iter().any(|one| one == "GET /api/billing/balance/{account_id}, its answer 200, balance is gone"),
        "{field:?}"
    );
    let kind =
        spoilt(&|new| new["components"]["schemas"]["Balance"]["properties"]["balance"]["type"] = "string".into());
    assert!(kind.iter().any(|one| one.ends_with("balance was integer and is string")), "{kind:?}");
    let needed = spoilt(&|new| {
        let required = &mut new["components"]["schemas"]["NewQuote"]["required"];
        required.as_array_mut().expect("a list").push("colour".into());
    });
    assert_eq!(needed, ["POST /api/billing/quotes, its body now needs colour"]);
    let name = spoilt(&|new| new["paths"]["/api/status"]["get"]["operationId"] = "status".into());
    assert!(name[0].starts_with("GET /api/status is called \"status\" now"), "{name:?}");
    let more = spoilt(&|new| {
        new["paths"]["/api/more"] = new["paths"]["/api/status"].clone();
        new["components"]["schemas"]["Balance"]["properties"]["more"] = serde_json::json!({"type": "string"});
    });
    assert_eq!(more, Vec::<String>::new(), "what is added breaks nobody");
}
