//! The API's promise: what its first version says may grow, and never break.
//!
//! `docs/openapi-1.json` is frozen: nothing writes it anew, so that a break is found whatever `docs/openapi.json` of the
//! same commit says. A break that must be needs a new version with a baseline of its own (docs/api.md).

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::client;

const METHODS: [&str; 4] = ["get", "post", "put", "delete"];
const ANEW: &str = "run `make openapi`, which writes docs/openapi.json and the clients anew";

fn kept(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("docs/{name}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("docs/{name}: {error}"))
}

/// What version 1 promises.
fn baseline() -> Value {
    kept("openapi-1.json")
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
        /// A reference leads to what is written, or to one more.
        const STEPS_MAX: usize = 8;
        let mut at = at;
        for _ in 0..STEPS_MAX {
            let reference = at["$ref"].as_str().map(|text| text.trim_start_matches('#'));
            match reference.and_then(|pointer| document.pointer(pointer)).or_else(|| only_one(at)) {
                Some(within) => at = within,
                None => break,
            }
        }
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

/// The one way that a value can be, when it is written as a choice of one, or of that and null.
fn only_one(at: &Value) -> Option<&Value> {
    let choices = ["oneOf", "anyOf", "allOf"].into_iter().find_map(|list| at[list].as_array())?;
    let mut known = choices.iter().filter(|choice| choice["type"] != "null");
    known.next().filter(|_| known.next().is_none())
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
    guard(name, old, new, sentences);
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
                narrowed(&format!("{name}, its {}", parameter["name"]), was, is, sentences);
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
    for (status, answer) in old.at["responses"].as_object().into_iter().flatten() {
        if new.at["responses"].get(status).is_none() {
            sentences.push(format!("{name}, its answer {status} is gone"));
            continue;
        }
        for (kind, content) in answer["content"].as_object().into_iter().flatten() {
            let is = &new.at["responses"][status]["content"][kind];
            let place = format!("{name}, its answer {status}");
            if is.is_null() {
                sentences.push(format!("{place} is no longer {kind}"));
            } else {
                let (was, is) = (Place::of(old.document, &content["schema"]), Place::of(new.document, &is["schema"]));
                answered(&place, was, is, 0, sentences);
            }
        }
    }
}

/// Whoever could call still can: by the same scope, and no operator's key where none was needed.
fn guard(name: &str, old: Place<'_>, new: Place<'_>, sentences: &mut Vec<String>) {
    let scopes = |place: Place<'_>| -> BTreeSet<String> {
        let schemes = place.at["security"].as_array().into_iter().flatten();
        let scopes = schemes.filter_map(|scheme| scheme["bearer"].as_array()).flatten();
        scopes.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (was, is) = (scopes(old), scopes(new));
    if !is.is_subset(&was) {
        sentences.push(format!("{name} needs the scope {} and needed {}", told(&is), told(&was)));
    }
    if new.at["x-operators-only"] == true && old.at["x-operators-only"] != true {
        sentences.push(format!("{name} is for operators only"));
    }
}

/// Every value that was taken still is: of the names that are listed, and within the bounds.
fn narrowed(place: &str, old: Place<'_>, new: Place<'_>, sentences: &mut Vec<String>) {
    let values = |place: Place<'_>| place.at["enum"].as_array().cloned();
    match (values(old), values(new)) {
        (Some(were), Some(are)) => {
            let gone = were.into_iter().filter(|value| !are.contains(value));
            sentences.extend(gone.map(|value| format!("{place} no longer takes {value}")));
        }
        (None, Some(_)) => sentences.push(format!("{place} takes some values only")),
        (_, None) => {}
    }
    let bound = |place: Place<'_>, name: &str| place.at[name].as_f64();
    for name in ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"] {
        if bound(new, name).is_some_and(|is| bound(old, name).is_none_or(|was| is > was)) {
            sentences.push(format!("{place} has a higher {name}"));
        }
    }
    for name in ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"] {
        if bound(new, name).is_some_and(|is| bound(old, name).is_none_or(|was| is < was)) {
            sentences.push(format!("{place} has a lower {name}"));
        }
    }
    if new.at["pattern"].is_string() && new.at["pattern"] != old.at["pattern"] {
        sentences.push(format!("{place} has another pattern"));
    }
    if new.at["additionalProperties"] == false && old.at["additionalProperties"] != false {
        sentences.push(format!("{place} takes no other fields any more"));
    }
}

/// What a client sends: every field is still taken, as what it was, and no other is needed.
fn sent(place: &str, old: Place<'_>, new: Place<'_>, depth: usize, sentences: &mut Vec<String>) {
    fields(place, old, new, depth, sentences, sent);
    for field in new.required().difference(&old.required()) {
        sentences.push(format!("{place} now needs {field}"));
    }
    narrowed(place, old, new, sentences);
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
async fn what_is_served_breaks_no_client_of_the_first_version() {
    let sentences = broken(&baseline(), &served().await);
    let must = "If it must be, docs/api.md says how, under \"Versions\"";
    assert!(sentences.is_empty(), "this breaks clients:\n{}\n{must}", sentences.join("\n"));
}

#[tokio::test]
async fn what_is_served_is_what_is_committed() {
    assert!(kept("openapi.json") == served().await, "docs/openapi.json is not the API's any more: {ANEW}");
}

#[test]
fn each_kind_of_break_is_told_by_its_own_sentence() {
    let old = baseline();
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

/// The sentences about a document that is changed so.
fn spoilt(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let (old, mut new) = (baseline(), baseline());
    change(&mut new);
    broken(&old, &new)
}

#[test]
fn who_may_call_and_what_comes_back_are_promised_too() {
    let charge = "/paths/~1api~1billing~1charges/post";
    let scope = spoilt(|new| new.pointer_mut(charge).expect("a charge")["security"][0]["bearer"][0] = "admin".into());
    assert_eq!(scope, ["POST /api/billing/charges needs the scope admin and needed charge"]);
    let operators = spoilt(|new| new.pointer_mut(charge).expect("a charge")["x-operators-only"] = true.into());
    assert_eq!(operators, ["POST /api/billing/charges is for operators only"]);
    let answers = format!("{charge}/responses");
    let gone = spoilt(|new| {
        let answers = new.pointer_mut(&answers).and_then(Value::as_object_mut).expect("answers");
        answers.remove("402");
    });
    assert_eq!(gone, ["POST /api/billing/charges, its answer 402 is gone"]);
    let kind = spoilt(|new| {
        let content = &mut new.pointer_mut(&answers).expect("answers")["200"]["content"];
        *content = serde_json::json!({"text/csv": {}});
    });
    assert_eq!(kind, ["POST /api/billing/charges, its answer 200 is no longer application/json"]);
    let within = spoilt(|new| {
        let fields = &mut new["components"]["schemas"]["Subscription"]["properties"];
        fields.as_object_mut().expect("fields").remove("paid_until");
    });
    let read = "GET /api/billing/subscriptions/{account_id}, its answer 200, subscription, paid_until is gone";
    assert!(within.iter().any(|one| one == read), "also behind a choice of it and null: {within:?}");
}

#[test]
fn what_was_taken_is_taken_still() {
    let schema =
        |name: &str, field: &str, value: Value| spoilt(|new| new["components"]["schemas"][name][field] = value);
    let place = "POST /api/billing/charges, its body, quantity";
    let told = |sentences: Vec<String>, sentence: &str| {
        assert!(sentences.iter().any(|one| one == &format!("{place} {sentence}")), "{sentence}: {sentences:?}");
    };
    told(schema("Quantity", "maximum", 10.into()), "has a lower maximum");
    told(schema("Quantity", "minimum", 2.into()), "has a higher minimum");
    assert_eq!(schema("Quantity", "maximum", 2_000_000.into()), Vec::<String>::new(), "more may be taken");
    told(schema("Quantity", "pattern", "^1$".into()), "has another pattern");
    told(schema("Quantity", "enum", serde_json::json!([1])), "takes some values only");
    let names = baseline()["components"]["schemas"]["Scope"]["enum"].clone();
    let fewer: Vec<Value> = names.as_array().expect("names").iter().skip(1).cloned().collect();
    let scopes = schema("Scope", "enum", fewer.into());
    assert!(
        scopes.iter().any(|one| one == "POST /api/keys, its body, scopes, each no longer takes \"read\""),
        "{scopes:?}"
    );
    let limit = spoilt(|new| {
        let parameters = &mut new["paths"]["/api/billing/entries/{account_id}"]["get"]["parameters"];
        let limit = parameters.as_array_mut().expect("a list").iter_mut().find(|one| one["name"] == "limit");
        limit.expect("a limit")["schema"]["maximum"] = 20.into();
    });
    assert_eq!(limit, ["GET /api/billing/entries/{account_id}, its \"limit\" has a lower maximum"]);
    let parameter = spoilt(|new| {
        let parameters = &mut new["paths"]["/api/billing/entries/{account_id}"]["get"]["parameters"];
        parameters.as_array_mut().expect("a list").retain(|one| one["name"] != "limit");
    });
    assert_eq!(parameter, ["GET /api/billing/entries/{account_id} no longer takes \"limit\""]);
}
