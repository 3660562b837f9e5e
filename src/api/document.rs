//! The OpenAPI 3.1 document: what the handlers do not say themselves because it holds for all of them.

use axum::Json;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::PartialSchema;
use utoipa::ToSchema;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ContentBuilder, Header, HttpMethod, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Ref,
    RefOr, Required, Schema, Type,
};

use super::access::{self, Need};

const BEARER: &str = "bearer";
/// Name of the shared schema and of the component that answers with it.
const PROBLEM: &str = "Problem";

/// An error as RFC 9457 writes it. `field`, `diagnostics`, `success` and others are added where they help.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    #[schema(example = "urn:aethel:problem:insufficient_credits")]
    r#type: String,
    #[schema(example = "Insufficient credits")]
    title: String,
    #[schema(example = 402)]
    status: u16,
    #[schema(example = "Insufficient credits. Required: 5, Available: 3")]
    detail: String,
    /// Stable: programs decide by this one.
    #[schema(example = "insufficient_credits")]
    code: String,
    /// The same as the X-Request-Id header; quote it when asking for help.
    request_id: Option<String>,
    /// The path of the field that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

/// What stands before the first path.
pub fn head() -> OpenApi {
    let tag = |(name, text): (&str, &str)| TagBuilder::new().name(name).description(Some(text)).build();
    let tags = [
        ("accounts", "Accounts, balances and the ledger"),
        ("charges", "Spending and giving credits"),
        ("holds", "Setting credits aside for work under way"),
        ("corrections", "What operators put right"),
        ("budgets", "How much may be spent, and what is told of it"),
        ("usage", "What was spent on what"),
        ("purchases", "Buying credits through Stripe"),
        ("prices", "The price book"),
        ("verify", "Formal verification"),
        ("keys", "API keys"),
        ("sentinel", "Monitors that are paid for by the hour"),
        ("webhooks", "What an account's own servers are told"),
        ("stripe", "What Stripe calls"),
        ("office", "What operators see of payments, and put right"),
        ("evidence", "Signed receipts and statements, and whether the ledger's laws hold"),
        ("people", "Who belongs to an account, and who did what on it"),
    ];
    let info = InfoBuilder::new()
        .title("Aethel")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Formal verification by the credit, with a till that can be checked."));
    OpenApiBuilder::new().info(info).tags(Some(tags.map(tag))).build()
}

/// Adds the key, the idempotency header and the problems that every operation of a kind can answer.
pub fn complete(mut openapi: OpenApi) -> OpenApi {
    let components = openapi.components.get_or_insert_with(Components::new);
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key, made on the keys page or with `aethel keys create`"))
        .build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    components.schemas.insert(PROBLEM.into(), ProblemBody::schema());
    openapi.security = Some(vec![SecurityRequirement::new(BEARER, Vec::<String>::new())]);
    for (path, item) in &mut openapi.paths.paths {
        for (method, operation) in operations(item) {
            complete_operation(&method, path, operation);
        }
    }
    openapi
}

/// The document as JSON.
pub async fn serve(document: OpenApi) -> impl IntoResponse {
    Json(document)
}

/// Only these four methods are used.
fn operations(item: &mut PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    let methods = [
        (HttpMethod::Get, item.get.as_mut()),
        (HttpMethod::Post, item.post.as_mut()),
        (HttpMethod::Put, item.put.as_mut()),
        (HttpMethod::Delete, item.delete.as_mut()),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation?))).collect()
}

fn complete_operation(method: &HttpMethod, path: &str, operation: &mut Operation) {
    let guarded = operation.security.is_none();
    let writes = *method != HttpMethod::Get && guarded;
    let reads_parameters = operation.parameters.is_some();
    let mut problems = vec![
        ("500", "A fault of ours: quote the request_id"),
        ("503", "The queue is full or the store silent: try again after Retry-After"),
        ("504", "It took too long: try again with the same Idempotency-Key"),
    ];
    let needs = access::need_of(method, path);
    if needs != Some(Need::Signature) {
        problems.push((
            "429",
            "Too many requests: try again after Retry-After. RateLimit-Limit, -Remaining and -Reset say more",
        ));
    }
    if guarded {
        problems.push(("401", "The key is missing, malformed, unknown, expired or revoked"));
        problems.push(("403", "The key lacks the scope that this needs"));
        problems.push(("404", "Not there, or not yours: both look the same"));
    }
    if let Some(Need::Key(scope) | Need::Operator(scope)) = needs {
        operation.security = Some(vec![SecurityRequirement::new(BEARER, [scope.name()])]);
    }
    if let Some(Need::Operator(_)) = needs {
        let only = ExtensionsBuilder::new().add("x-operators-only", true).build();
        operation.extensions.get_or_insert_default().merge(only);
    }
    let is_json = |response: &RefOr<Response>| match response {
        RefOr::T(response) => response.content.contains_key("application/json"),
        RefOr::Ref(_) => false,
    };
    let is_tagged = *method == HttpMethod::Get && operation.responses.responses.get("200").is_some_and(is_json);
    if is_tagged {
        let same = ResponseBuilder::new().description("Still the same as what If-None-Match names").build();
        operation.responses.responses.insert("304".to_owned(), RefOr::T(same));
        operation.parameters.get_or_insert_default().push(RefOr::T(if_none_match()));
    }
    if operation.request_body.is_some() {
        problems.push(("413", "The body is too large"));
    }
    if writes || operation.request_body.is_some() {
        problems.push(("400", "The body or a header cannot be read"));
    }
    if writes {
        problems.push(("409", "The Idempotency-Key was used for another request, or the account's state forbids it"));
        problems.push(("415", "The body is declared as something other than JSON"));
        operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
    }
    if writes || reads_parameters {
        problems.push(("422", "A field or parameter has a value that cannot be taken"));
    }
    for (status, description) in problems {
        let problem = || RefOr::T(problem_response(description));
        operation.responses.responses.entry(status.to_owned()).or_insert_with(problem);
    }
    let is_counted = needs != Some(Need::Signature);
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            complete_headers(status, response, Kind { writes, is_counted, is_tagged });
        }
    }
}

/// What an operation is, as far as its answers' headers depend on it.
#[derive(Clone, Copy)]
struct Kind {
    writes: bool,
    is_counted: bool,
    is_tagged: bool,
}

/// Adds the headers that every answer of a kind has.
fn complete_headers(status: &str, response: &mut Response, kind: Kind) {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let number = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let succeeds = status.starts_with('2');
    let mut headers: Vec<(&str, ObjectBuilder, &str)> = Vec::new();
    if kind.is_counted && (succeeds || status == "429") {
        headers.push(("RateLimit-Limit", number(), "How many requests are let in; absent where none are counted"));
        headers.push(("RateLimit-Remaining", number(), "How many of them are left"));
        headers.push(("RateLimit-Reset", number(), "In how many seconds all of them are there again"));
        headers.push(("RateLimit-Policy", text(), "The limit and its window, such as 6000;w=60"));
    }
    if kind.is_tagged && matches!(status, "200" | "304") {
        headers.push(("ETag", text(), "Send it back as If-None-Match; absent on an answer that is too large"));
    }
    if kind.writes && succeeds {
        headers.push(("Idempotency-Key", text(), "The key that the write was done under"));
        headers.push(("Idempotent-Replayed", text(), "true where this is the first answer again"));
    }
    // A first request that is still worked on is a conflict that passes.
    if matches!(status, "429" | "503" | "504") || (kind.writes && status == "409") {
        headers.push(("Retry-After", number(), "After how many seconds to send it again"));
    }
    for (name, schema, description) in headers {
        let mut header = Header::new(schema);
        header.description = Some(description.to_owned());
        response.headers.entry(name.to_owned()).or_insert(RefOr::T(header));
    }
}

fn problem_response(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}

fn if_none_match() -> Parameter {
    ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The ETag of the answer that you have: while it is still so, the answer is 304"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn idempotency_key() -> Parameter {
    let schema: RefOr<Schema> = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,255}$")).into();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Send the same key again to get the first answer again; made for you when not sent"))
        .schema(Some(schema))
        .build()
}

#[cfg(test)]
mod tests;
