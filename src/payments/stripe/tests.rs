//! What is sent to Stripe, field by field.

use super::*;
use crate::payments::purchase::tests::created;

/// The form body as Stripe will read it, decoded and sorted.
fn form<R: StripeRequest>(request: &R) -> Vec<(String, String)> {
    let body = request.build().body.expect("a form");
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(&body).expect("url-encoded");
    pairs.sort();
    pairs
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    pairs.sort();
    pairs
}

#[test]
fn a_checkout_asks_for_what_our_row_says_and_carries_the_purchase_everywhere() {
    let purchase = created();
    let id = purchase.id.to_string();
    let sent = form(&checkout_request(&purchase, "cus_1", "https://aethel.example"));
    assert_eq!(
        sent,
        pairs(&[
            ("mode", "payment"),
            ("customer", "cus_1"),
            ("client_reference_id", &id),
            ("metadata[purchase]", &id),
            ("payment_intent_data[metadata][purchase]", &id),
            ("payment_intent_data[setup_future_usage]", "off_session"),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", "usd"),
            ("line_items[0][price_data][unit_amount]", "1000"),
            ("line_items[0][price_data][tax_behavior]", "exclusive"),
            ("allow_promotion_codes", "true"),
            ("line_items[0][price_data][product_data][name]", "Aethel Starter package"),
            ("line_items[0][price_data][product_data][description]", "100 credits"),
            ("success_url", &format!("https://aethel.example/buy/return?purchase={id}")),
            ("cancel_url", &format!("https://aethel.example/buy?canceled={id}")),
        ])
    );
}

#[test]
fn a_charge_is_confirmed_at_once_without_the_customer() {
    let purchase = created();
    let sent = form(&charge_request(&purchase, "cus_1", "pm_1", "https://aethel.example"));
    assert_eq!(
        sent,
        pairs(&[
            ("amount", "1000"),
            ("currency", "usd"),
            ("customer", "cus_1"),
            ("payment_method", "pm_1"),
            ("confirm", "true"),
            ("off_session", "true"),
            ("automatic_payment_methods[enabled]", "true"),
            ("return_url", &format!("https://aethel.example/buy/return?purchase={}", purchase.id)),
            ("description", "100 credits"),
            ("metadata[purchase]", &purchase.id.to_string()),
        ])
    );
}

#[test]
fn a_customer_names_the_account_and_a_default_card_the_method() {
    let purchase = created();
    let sent = form(&customer_request(purchase.account, Some("ada@example.test")));
    let account = purchase.account.to_string();
    assert_eq!(sent, pairs(&[("email", "ada@example.test"), ("metadata[account]", &account)]));
    let sent = form(&default_request("cus_1", "pm_1").expect("ids"));
    assert_eq!(sent, pairs(&[("invoice_settings[default_payment_method]", "pm_1")]));
}

#[test]
fn only_an_id_can_become_part_of_a_path() {
    for id in ["", "pm_1/../../customers", "pm 1", "pm_1?x", "pm_ä", "."] {
        assert!(matches!(checked(id), Err(CallError::Refused { .. })), "{id:?}");
    }
    assert_eq!(checked("pm_card_visa").expect("an id"), "pm_card_visa");
}

#[test]
fn a_base_url_that_is_none_is_refused_at_the_start() {
    assert!(Stripe::new("sk_test_1", Some("http://127.0.0.1:1")).is_ok());
    assert!(Stripe::new("sk_test_1", Some("no url at all")).is_err());
    assert!(Stripe::new("sk_test\n1", None).is_err());
}

/// The error that Stripe answers with the status 409.
fn conflict(code: &str) -> StripeError {
    let error = serde_json::json!({ "type": "idempotency_error", "code": code, "message": "no" });
    StripeError::Stripe(serde_json::from_value(error).expect("an error of stripe's"), 409)
}

#[tokio::test]
async fn a_request_that_meets_its_own_key_at_stripe_waits_for_the_first_ones_answer() {
    const IN_USE: &str = "idempotency_key_in_use";
    let tries = std::cell::Cell::new(0);
    let answer_at = async |last: u32, code: &str| {
        tries.set(0);
        patiently(Duration::ZERO, || {
            tries.set(tries.get() + 1);
            std::future::ready(if tries.get() < last { Err(conflict(code)) } else { Ok("the first answer") })
        })
        .await
    };
    assert_eq!(answer_at(4, IN_USE).await.expect("an answer"), "the first answer");
    assert_eq!(tries.get(), 4);
    assert!(matches!(answer_at(u32::MAX, IN_USE).await, Err(CallError::Unreachable)));
    assert_eq!(tries.get(), IN_USE_TRIES, "it ends");
    assert!(matches!(answer_at(4, "lock_timeout").await, Err(CallError::Unreachable)));
    assert_eq!(tries.get(), 1, "only its own key is worth waiting for");
}
