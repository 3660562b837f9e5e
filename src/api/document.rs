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
    Components, ContentBuilder, HttpMethod, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr,
    Required, Schema, Type,
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
    let mut problems = vec![("503", "The queue is full or the store silent: try again after Retry-After")];
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
    if *method == HttpMethod::Get && operation.responses.responses.get("200").is_some_and(is_json) {
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
mod tests {
    use super::*;
    use serde_json::Value;

    fn document() -> Value {
        let (_, openapi) = super::super::documented().split_for_parts();
        serde_json::to_value(complete(openapi)).expect("serializable")
    }

    #[test]
    fn it_is_openapi_3_1_and_reads_back() {
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        assert!(serde_json::from_value::<OpenApi>(document).is_ok());
    }

    #[test]
    fn it_lists_every_path() {
        let document = document();
        let paths: Vec<&String> = document["paths"].as_object().expect("paths").keys().collect();
        assert_eq!(
            paths,
            [
                "/api/audit-log/{account_id}",
                "/api/batches",
                "/api/batches/{account_id}",
                "/api/batches/{account_id}/{batch_id}",
                "/api/billing/account",
                "/api/billing/account/{account_id}",
                "/api/billing/adjustments",
                "/api/billing/alerts/{account_id}",
                "/api/billing/auto-topup/{account_id}",
                "/api/billing/balance/{account_id}",
                "/api/billing/balance/{account_id}/at",
                "/api/billing/budgets/{account_id}",
                "/api/billing/budgets/{account_id}/keys/{key_id}",
                "/api/billing/charges",
                "/api/billing/charges/batch",
                "/api/billing/checkout",
                "/api/billing/entries/{account_id}",
                "/api/billing/entries/{account_id}/export",
                "/api/billing/forecast/{account_id}",
                "/api/billing/grants",
                "/api/billing/grants/{account_id}",
                "/api/billing/grants/{account_id}/export",
                "/api/billing/holds",
                "/api/billing/holds/{hold_id}",
                "/api/billing/holds/{hold_id}/capture",
                "/api/billing/holds/{hold_id}/release",
                "/api/billing/payment-intents",
                "/api/billing/payment-methods",
                "/api/billing/payment-methods/setup",
                "/api/billing/payment-methods/{account_id}",
                "/api/billing/payment-methods/{account_id}/default",
                "/api/billing/payment-methods/{account_id}/{payment_method}",
                "/api/billing/portal",
                "/api/billing/prices",
                "/api/billing/purchase",
                "/api/billing/purchase-refunds",
                "/api/billing/purchase/confirm",
                "/api/billing/purchases/{account_id}",
                "/api/billing/quotes",
                "/api/billing/receipts/{transaction_id}",
                "/api/billing/recurring-grants",
                "/api/billing/recurring-grants/{account_id}",
                "/api/billing/recurring-grants/{account_id}/{recurring_grant_id}",
                "/api/billing/refunds",
                "/api/billing/signing-keys",
                "/api/billing/statements/{account_id}",
                "/api/billing/statements/{account_id}/{month}",
                "/api/billing/subscriptions",
                "/api/billing/subscriptions/{account_id}",
                "/api/billing/subscriptions/{account_id}/cancel",
                "/api/billing/subscriptions/{account_id}/resume",
                "/api/billing/suspensions",
                "/api/billing/suspensions/{account_id}",
                "/api/billing/usage/{account_id}",
                "/api/billing/usage/{account_id}/breakdown",
                "/api/billing/usage/{account_id}/export",
                "/api/billing/write-offs",
                "/api/events",
                "/api/invitations",
                "/api/invitations/{account_id}/{invitation_id}",
                "/api/keys",
                "/api/keys/{account_id}",
                "/api/keys/{account_id}/{key_id}",
                "/api/keys/{account_id}/{key_id}/rotate",
                "/api/members/{account_id}",
                "/api/members/{account_id}/{user_id}",
                "/api/monitors",
                "/api/monitors/{account_id}",
                "/api/monitors/{account_id}/{monitor_id}",
                "/api/monitors/{account_id}/{monitor_id}/alerts",
                "/api/monitors/{account_id}/{monitor_id}/export",
                "/api/monitors/{account_id}/{monitor_id}/extend",
                "/api/monitors/{account_id}/{monitor_id}/observations",
                "/api/monitors/{account_id}/{monitor_id}/report",
                "/api/monitors/{account_id}/{monitor_id}/stop",
                "/api/office/events",
                "/api/office/events/{stripe_event_id}",
                "/api/office/events/{stripe_event_id}/replay",
                "/api/office/purchases",
                "/api/office/purchases/{purchase_id}",
                "/api/office/reconciliations",
                "/api/office/reconciliations/{reconciliation_id}",
                "/api/office/reconciliations/{reconciliation_id}/differences",
                "/api/office/reconciliations/{reconciliation_id}/differences/{number}/repair",
                "/api/office/reconciliations/{reconciliation_id}/export",
                "/api/oracle",
                "/api/oracle/{account_id}",
                "/api/oracle/{account_id}/{query_id}",
                "/api/status",
                "/api/stripe/webhook",
                "/api/verifications",
                "/api/verifications/{verification_id}",
                "/api/verifications/{verification_id}/rerun",
                "/api/verify",
                "/api/webhooks",
                "/api/webhooks/{account_id}",
                "/api/webhooks/{account_id}/{webhook_id}",
                "/api/webhooks/{account_id}/{webhook_id}/deliveries",
                "/api/webhooks/{account_id}/{webhook_id}/deliveries/{event_id}",
                "/api/webhooks/{account_id}/{webhook_id}/deliveries/{event_id}/replay",
                "/api/webhooks/{account_id}/{webhook_id}/rotate",
                "/api/webhooks/{account_id}/{webhook_id}/test",
            ]
        );
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = document();
        let items = document["paths"].as_object().expect("paths").values();
        let operations: Vec<&Value> = items.flat_map(|item| item.as_object().expect("operations").values()).collect();
        let names: std::collections::BTreeSet<&str> =
            operations.iter().map(|operation| operation["operationId"].as_str().expect("a name")).collect();
        assert_eq!(names.len(), operations.len(), "{names:?}");
    }

    #[test]
    fn every_guarded_operation_names_the_scope_that_it_needs() {
        let document = document();
        assert_eq!(document["paths"]["/api/verify"]["post"]["security"][0]["bearer"][0], "verify");
        assert_eq!(document["paths"]["/api/billing/grants"]["post"]["x-operators-only"], true);
        assert!(document["paths"]["/api/verify"]["post"].get("x-operators-only").is_none());
    }

    #[test]
    fn what_may_not_be_paid_for_says_402() {
        let document = document();
        for (path, schema) in [
            ("/api/billing/charges", "Problem"),
            ("/api/billing/payment-methods", "Problem"),
            ("/api/billing/purchase", "PurchaseUnpaid"),
            ("/api/verify", "VerificationUnbilled"),
        ] {
            let content = &document["paths"][path]["post"]["responses"]["402"]["content"];
            let reference = &content["application/problem+json"]["schema"]["$ref"];
            assert_eq!(reference, &format!("#/components/schemas/{schema}"), "{path}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|member| references(member, found));
                }
                Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_guarded_write_takes_an_idempotency_key_and_answers_problems() {
        let document = document();
        for (path, item) in document["paths"].as_object().expect("paths") {
            let writes = ["post", "put", "delete"].iter().filter_map(|method| item.get(*method));
            for write in writes.filter(|write| write["security"][0].get("bearer").is_some()) {
                let named = |parameter: &Value| parameter["name"] == "Idempotency-Key";
                assert!(write["parameters"].as_array().is_some_and(|all| all.iter().any(named)), "{path}");
                let with_body = write.get("requestBody").map_or(&[][..], |_| &["400", "413", "415", "422"]);
                for status in ["400", "401", "403", "404", "409", "429", "503"].iter().chain(with_body) {
                    assert!(write["responses"].get(*status).is_some(), "{path} {status}");
                }
            }
        }
    }

    #[test]
    fn only_what_anyone_may_read_and_the_webhook_need_no_key() {
        let document = document();
        assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
        assert_eq!(document["security"][0]["bearer"], serde_json::json!([]));
        let open = |item: &Value| {
            let is_open =
                |method: &&str| item.get(method).is_some_and(|one| one["security"][0].get("bearer").is_none());
            ["get", "post", "put", "delete"].iter().any(is_open)
        };
        let paths = document["paths"].as_object().expect("paths").iter();
        let unguarded: Vec<&String> = paths.filter(|(_, item)| open(item)).map(|(path, _)| path).collect();
        let public = ["/api/billing/prices", "/api/billing/signing-keys", "/api/status", "/api/stripe/webhook"];
        assert_eq!(unguarded, public);
    }
}
