//! The API's document as a page: its operations in words, each with an example.

use serde_json::{Map, Value, json};

use crate::app::views::{ApiOperationView, ApiParameterView, DocsGroup, DocsView, FrameView};

/// A schema that leads back to itself is not followed for ever.
const DEPTH_MAX: usize = 6;
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];
/// What an example says where a field's name tells what stands there.
const KNOWN: [(&str, &str); 8] = [
    ("account_id", "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
    ("key_id", "KEY_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
    ("hold_id", "HLD_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
    ("transaction_id", "TXN_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
    ("purchase_id", "PUR_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
    ("webhook_id", "WHE_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
    ("event_id", "EVT_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
    ("quote_id", "QUO_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
];

/// Every operation of the document, by its tag.
pub fn docs(frame: FrameView, document: &Value) -> DocsView {
    let groups = document["tags"].as_array().into_iter().flatten().map(|tag| {
        let name = text(&tag["name"]);
        DocsGroup { operations: operations(document, &name), text: text(&tag["description"]), name }
    });
    DocsView { frame, groups: groups.filter(|group| !group.operations.is_empty()).collect() }
}

fn operations(document: &Value, tag: &str) -> Vec<ApiOperationView> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get(method).filter(|operation| operation["tags"][0] == tag) {
                found.push(view(document, method, path, operation));
            }
        }
    }
    found
}

fn view(document: &Value, method: &str, path: &str, operation: &Value) -> ApiOperationView {
    let scope = operation["security"][0]["bearer"][0].as_str();
    let needs = match (scope, operation["x-operators-only"] == true) {
        (None, _) => "Needs no key.".to_owned(),
        (Some(scope), false) => format!("Needs a key with the scope {scope}."),
        (Some(scope), true) => format!("Needs an operator's key with the scope {scope}."),
    };
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let body = if schema.is_null() { String::new() } else { pretty(&example(document, schema, "", 0)) };
    let good = operation["responses"].as_object().into_iter().flatten().find(|(status, _)| status.starts_with('2'));
    let schema = good.map_or(&Value::Null, |(_, answer)| &answer["content"]["application/json"]["schema"]);
    let answer = if schema.is_null() { String::new() } else { pretty(&example(document, schema, "", 0)) };
    ApiOperationView {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        needs,
        guarded: scope.is_some(),
        parameters: operation["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        command: command(method, path, scope.is_some(), &body),
        body,
        answers: operation["responses"].as_object().into_iter().flatten().map(answer_of).collect(),
        answer,
    }
}

fn parameter(one: &Value) -> ApiParameterView {
    ApiParameterView {
        name: text(&one["name"]),
        place: text(&one["in"]),
        required: one["required"] == true,
        text: text(&one["description"]),
    }
}

fn answer_of((status, answer): (&String, &Value)) -> (String, String) {
    (status.clone(), text(&answer["description"]))
}

fn command(method: &str, path: &str, guarded: bool, body: &str) -> String {
    let verb = if method == "get" { String::new() } else { format!(" -X {}", method.to_uppercase()) };
    let key = if guarded { " \\\n  -H \"Authorization: Bearer $KEY\"" } else { "" };
    let data = match body {
        "" => String::new(),
        body => format!(" \\\n  -H 'Content-Type: application/json' -d '{}'", body.replace('\n', "\n    ")),
    };
    format!("curl -s{verb} \"$AETHEL{path}\"{key}{data}")
}

/// A value that the schema allows.
fn example(document: &Value, schema: &Value, name: &str, depth: usize) -> Value {
    if let Some(pointer) = schema["$ref"].as_str() {
        let target = document.pointer(pointer.trim_start_matches('#')).filter(|_| depth < DEPTH_MAX);
        return target.map_or(Value::Null, |target| example(document, target, name, depth + 1));
    }
    let given = [&schema["example"], &schema["examples"][0], &schema["const"], &schema["enum"][0], &schema["default"]];
    if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
        return given.clone();
    }
    let alternatives = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|list| schema[list].as_array()).flatten();
    if let Some(one) = alternatives.into_iter().find(|one| one["type"] != "null") {
        return example(document, one, name, depth + 1);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    match kind {
        "object" => object(document, schema, depth),
        "array" if depth < DEPTH_MAX => json!([example(document, &schema["items"], name, depth + 1)]),
        "array" => json!([]),
        "integer" | "number" => schema.get("minimum").filter(|least| *least != &json!(0)).cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        _ if schema["format"] == "date-time" => json!("2026-11-23T09:00:00Z"),
        _ => json!(KNOWN.iter().find(|(known, _)| *known == name).map_or("text", |(_, value)| value)),
    }
}

fn object(document: &Value, schema: &Value, depth: usize) -> Value {
    let fields = schema["properties"].as_object().into_iter().flatten();
    let fields = fields.map(|(name, field)| (name.clone(), example(document, field, name, depth + 1)));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_told_with_an_example_that_its_schema_allows() {
        let document = json!({
            "tags": [{"name": "charges", "description": "Spending"}, {"name": "none", "description": "Nothing"}],
            "paths": {"/api/x/{account_id}": {"post": {
                "tags": ["charges"], "operationId": "x", "summary": "Does x.",
                "security": [{"bearer": ["charge"]}],
                "parameters": [{"name": "account_id", "in": "path", "required": true, "description": "The account"}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/X"}}}},
                "responses": {"200": {"description": "Done"}, "402": {"description": "Too few credits"}},
            }}},
            "components": {"schemas": {"X": {"type": "object", "properties": {
                "account_id": {"type": "string"}, "quantity": {"type": ["integer", "null"], "minimum": 1},
                "itself": {"$ref": "#/components/schemas/X"},
            }}}},
        });
        let view = docs(FrameView::default(), &document);
        let [group] = &view.groups[..] else { panic!("one group has operations") };
        let operation = &group.operations[0];
        assert_eq!(operation.needs, "Needs a key with the scope charge.");
        let body: Value = serde_json::from_str(&operation.body).expect("json");
        assert_eq!((&body["account_id"], &body["quantity"]), (&json!("ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB"), &json!(1)));
        assert!(
            operation.command.starts_with("curl -s -X POST \"$AETHEL/api/x/{account_id}\""),
            "{}",
            operation.command
        );
        assert_eq!(operation.answers.len(), 2);
    }
}
