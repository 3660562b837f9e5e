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
            "/api/billing/purchases/{purchase_id}/receipt.pdf",
            "/api/billing/quotes",
            "/api/billing/receipts/{transaction_id}",
            "/api/billing/recurring-grants",
            "/api/billing/recurring-grants/{account_id}",
            "/api/billing/recurring-grants/{account_id}/{recurring_grant_id}",
            "/api/billing/refunds",
            "/api/billing/signing-keys",
            "/api/billing/statements/{account_id}",
            "/api/billing/statements/{account_id}/{month}",
            "/api/billing/statements/{account_id}/{month}/statement.pdf",
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
            "/api/office/audit-log",
            "/api/office/customers",
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
            "/api/office/tiers",
            "/api/oracle",
            "/api/oracle/{account_id}",
            "/api/oracle/{account_id}/{query_id}",
            "/api/shares",
            "/api/shares/{account_id}",
            "/api/shares/{account_id}/{answer_id}",
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
fn the_headers_of_answers_are_described_where_they_come() {
    let document = document();
    let names = |method: &str, path: &str, status: &str| {
        let headers = &document["paths"][path][method]["responses"][status]["headers"];
        headers.as_object().map(|headers| headers.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    let limits = ["RateLimit-Limit", "RateLimit-Policy", "RateLimit-Remaining", "RateLimit-Reset"];
    let charge = names("post", "/api/billing/charges", "200");
    assert_eq!(charge, [&["Idempotency-Key", "Idempotent-Replayed"][..], &limits].concat());
    let balance = names("get", "/api/billing/balance/{account_id}", "200");
    assert_eq!(balance, [&["ETag"][..], &limits].concat());
    assert_eq!(names("get", "/api/billing/balance/{account_id}", "304"), ["ETag"]);
    assert_eq!(names("post", "/api/billing/charges", "429"), [&limits[..], &["Retry-After"]].concat());
    assert_eq!(names("post", "/api/billing/charges", "503"), ["Retry-After"]);
    assert_eq!(names("post", "/api/stripe/webhook", "200"), Vec::<String>::new());
}

#[test]
fn only_what_anyone_may_read_and_the_webhook_need_no_key() {
    let document = document();
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    assert_eq!(document["security"][0]["bearer"], serde_json::json!([]));
    let open = |item: &Value| {
        let is_open = |method: &&str| item.get(method).is_some_and(|one| one["security"][0].get("bearer").is_none());
        ["get", "post", "put", "delete"].iter().any(is_open)
    };
    let paths = document["paths"].as_object().expect("paths").iter();
    let unguarded: Vec<&String> = paths.filter(|(_, item)| open(item)).map(|(path, _)| path).collect();
    let public = ["/api/billing/prices", "/api/billing/signing-keys", "/api/status", "/api/stripe/webhook"];
    assert_eq!(unguarded, public);
}
