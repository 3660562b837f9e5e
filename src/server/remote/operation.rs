//! What the API's document says of an operation, as the command line needs it.

use serde_json::Value;

/// Stripe calls this one, by a signature and not by a key.
const NOT_FOR_PEOPLE: &str = "receive_stripe_event";

/// One operation.
pub struct Operation {
    /// Its name: `operationId`.
    pub id: String,
    /// GET, POST, …
    pub method: String,
    /// With `{names}`.
    pub path: String,
    /// One sentence.
    pub summary: String,
    /// What can be given by name, in the order of the document.
    pub options: Vec<Opt>,
    /// Whether it takes a body.
    pub has_body: bool,
    /// Whether it takes an idempotency key.
    pub idempotent: bool,
}

/// One thing that can be given by name.
pub struct Opt {
    /// As the document has it.
    pub name: String,
    /// Where it goes.
    pub place: Place,
    /// What it may be.
    pub kind: Kind,
    /// Whether it must be given.
    pub required: bool,
    /// One sentence, or nothing.
    pub description: String,
}

/// Where an option goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    Path,
    Query,
    Body,
}

/// How the text of an option is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Text,
    Number,
    Truth,
    Json,
}

impl Kind {
    /// As `--help` shows it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Number => "NUMBER",
            Self::Truth => "true|false",
            Self::Json => "JSON",
        }
    }
}

/// Every operation that a key may call.
pub fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            let methods = ["get", "post", "put", "patch", "delete"];
            methods.into_iter().filter_map(move |method| Some(read(document, path, method, item.get(method)?)))
        })
        .filter(|operation| operation.id != NOT_FOR_PEOPLE)
        .collect()
}

fn read(document: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let mut options: Vec<Opt> =
        parameters.iter().filter_map(|parameter| parameter_option(document, parameter)).collect();
    let body = operation["requestBody"]["content"]["application/json"].get("schema");
    options.extend(body.into_iter().flat_map(|schema| fields(document, schema)));
    let is_key = |parameter: &&Value| parameter["name"] == "Idempotency-Key";
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        options,
        has_body: operation.get("requestBody").is_some(),
        idempotent: parameters.iter().any(|parameter| is_key(&parameter)),
    }
}

fn parameter_option(document: &Value, parameter: &Value) -> Option<Opt> {
    let place = match parameter["in"].as_str()? {
        "path" => Place::Path,
        "query" => Place::Query,
        _ => return None,
    };
    Some(Opt {
        name: text(&parameter["name"]),
        place,
        kind: kind(document, &parameter["schema"]),
        required: parameter["required"].as_bool().unwrap_or(false),
        description: text(&parameter["description"]),
    })
}

/// The fields of a body's object.
fn fields(document: &Value, schema: &Value) -> Vec<Opt> {
    let schema = resolved(document, schema);
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, property)| Opt {
            name: name.clone(),
            place: Place::Body,
            kind: kind(document, property),
            required: required.contains(&name.as_str()),
            description: text(&property["description"]),
        })
        .collect()
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|link| link.strip_prefix('#')).and_then(|link| document.pointer(link)) {
        Some(found) => found,
        None => schema,
    }
}

fn kind(document: &Value, schema: &Value) -> Kind {
    let schema = resolved(document, schema);
    let alternatives = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    if let Some(first) = alternatives.into_iter().flatten().find(|one| one["type"] != "null") {
        return kind(document, first);
    }
    let types = match &schema["type"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        other => Vec::from_iter(other.as_str()),
    };
    match types.iter().find(|name| **name != "null") {
        Some(&"integer" | &"number") => Kind::Number,
        Some(&"boolean") => Kind::Truth,
        Some(&"object" | &"array") => Kind::Json,
        _ => Kind::Text,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
