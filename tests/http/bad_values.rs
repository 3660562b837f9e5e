//! Values that cannot be taken: each gets its status and a sentence, and the ledger stays as it was.

use serde_json::{Value, json};

use crate::support::{Client, Customer, client};

const CHARGES: &str = "/api/billing/charges";

/// Sends what must be refused and checks that nothing moved.
async fn refused(client: &Client, key: &str, customer: &Customer, path: &str, body: Value) -> (u16, String, Value) {
    let before = client.ledger(&customer.account).await;
    let answer = client.post(key, path, body).await;
    let (status, _) = answer.problem();
    assert_eq!(client.ledger(&customer.account).await, before, "{answer:?}");
    (status, answer.detail().to_owned(), answer.body)
}

#[tokio::test]
async fn a_quantity_that_is_no_whole_number_in_range_is_422() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let quantities: [Value; 10] = [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1.0),
        json!(1_000_001),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!("5"),
        Value::Null,
    ];
    for quantity in quantities {
        let body = json!({"account_id": customer.account, "operation": "proof_verification", "quantity": quantity});
        let (status, detail, body) = refused(&client, &customer.key, &customer, CHARGES, body).await;
        assert_eq!(status, 422, "{quantity}");
        assert!(detail.contains("quantity must be a whole number from 1 to 1,000,000"), "{detail}");
        assert_eq!(body["field"], "quantity");
    }
}

#[tokio::test]
async fn a_quantity_that_costs_more_than_there_is_is_402() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let body = json!({"account_id": customer.account, "operation": "batch_verification", "quantity": 1_000_000});
    let (status, detail, _) = refused(&client, &customer.key, &customer, CHARGES, body).await;
    assert_eq!((status, detail.as_str()), (402, "Insufficient credits. Required: 500000000, Available: 100"));
}

#[tokio::test]
async fn an_unknown_operation_is_422_and_names_the_known_ones() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    for operation in [json!("mining"), json!("Proof_Verification"), json!(""), json!(7), Value::Null] {
        let body = json!({"account_id": customer.account, "operation": operation});
        let (status, detail, body) = refused(&client, &customer.key, &customer, CHARGES, body).await;
        assert_eq!((status, &body["field"]), (422, &json!("operation")), "{operation}");
        if operation.is_string() {
            assert!(detail.contains("proof_verification") && detail.contains("state_storage"), "{detail}");
        }
    }
}

#[tokio::test]
async fn an_unknown_tier_is_422_and_names_the_known_ones() {
    let client = client();
    for tier in ["gold", "", "Developer"] {
        let body = json!({"customer_name": "Acme", "tier": tier});
        let answer = client.post(client.operator(), "/api/billing/account", body).await;
        assert_eq!(answer.problem(), (422, "invalid_field"));
        assert!(answer.detail().contains("free, developer, fintech, enterprise"), "{answer:?}");
    }
}

#[tokio::test]
async fn an_unusable_customer_name_is_422() {
    let client = client();
    for name in ["", "   ", "a\nb", "a\u{0}b", "Ac\u{200b}me", "\u{202e}Acme", &"x".repeat(201)] {
        let answer = client.post(client.operator(), "/api/billing/account", json!({"customer_name": name})).await;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{name:?}");
        assert_eq!(answer.body["field"], "customer_name");
    }
}

#[tokio::test]
async fn an_unknown_package_is_400_in_the_fixed_words() {
    let client = client();
    let customer = client.open("developer").await;
    for path in ["/api/billing/purchase", "/api/billing/checkout", "/api/billing/payment-intents"] {
        for package in ["Gigantic", ""] {
            let body = json!({"account_id": customer.account, "package_name": package});
            let (status, detail, _) = refused(&client, &customer.key, &customer, path, body).await;
            assert_eq!((status, detail.as_str()), (400, "Package not found"), "{path}");
        }
    }
}

#[tokio::test]
async fn an_unknown_or_malformed_account_is_404_in_the_fixed_words_for_operators_too() {
    let client = client();
    for account in ["ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "ACC_1", "nonsense", "", "acc_01J9ZQ3V5R8N2M4K6T7W8X9YAB"] {
        let posts = [
            (CHARGES, json!({"account_id": account, "operation": "proof_verification"})),
            ("/api/billing/grants", json!({"account_id": account, "credits": 1, "reason": "x"})),
            ("/api/billing/purchase", json!({"account_id": account, "package_name": "Starter"})),
            ("/api/billing/checkout", json!({"account_id": account, "package_name": "Starter"})),
            ("/api/billing/payment-intents", json!({"account_id": account, "package_name": "Starter"})),
            ("/api/billing/payment-methods", json!({"account_id": account, "payment_method": "pm_card_visa"})),
            ("/api/verify", json!({"account_id": account, "proof_data": {"type": "test", "formula": "x == x"}})),
        ];
        for (path, body) in posts {
            let answer = client.post(client.operator(), path, body).await;
            assert_eq!(answer.problem(), (404, "account_not_found"), "{path} {account:?}");
            assert_eq!(answer.detail(), "Account not found");
        }
    }
    for path in ["balance", "usage", "entries", "purchases"] {
        for account in ["ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "ACC_1", "%ff", "%00"] {
            let answer = client.get(client.operator(), &format!("/api/billing/{path}/{account}")).await;
            assert_eq!(answer.problem(), (404, "account_not_found"), "{path} {account}");
            assert_eq!(answer.detail(), "Account not found");
        }
    }
}

#[tokio::test]
async fn a_period_or_page_out_of_range_is_422() {
    let client = client();
    let customer = client.open("developer").await;
    for query in ["days=0", "days=-1", "days=367", "days=1.5", "days=x", "days=", "days=1&days=2"] {
        let answer = client.get(&customer.key, &format!("/api/billing/usage/{}?{query}", customer.account)).await;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{query}");
        assert_eq!(answer.body["field"], "days");
    }
    for query in ["limit=0", "limit=201", "before=", "before=x", "before=ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB"] {
        let answer = client.get(&customer.key, &format!("/api/billing/purchases/{}?{query}", customer.account)).await;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{query}");
    }
    for query in ["limit=0", "limit=201", "before=0", "before=x"] {
        let answer = client.get(&customer.key, &format!("/api/billing/entries/{}?{query}", customer.account)).await;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{query}");
    }
}

#[tokio::test]
async fn a_grant_of_nothing_of_too_much_or_into_the_past_is_422() {
    let client = client();
    let customer = client.open("developer").await;
    let good = json!({"account_id": customer.account, "credits": 5, "reason": "x"});
    let wrong = [
        ("credits", json!(0)),
        ("credits", json!(-5)),
        ("credits", json!(2.5)),
        ("credits", json!(9_007_199_254_740_992_i64)),
        ("reason", json!("")),
        ("reason", json!("two\nlines")),
        ("expires_at", json!("tomorrow")),
        ("expires_at", json!("2001-01-01T00:00:00Z")),
        ("creditz", json!(5)),
    ];
    for (field, value) in wrong {
        let mut body = good.clone();
        body[field] = value;
        let (status, detail, _) =
            refused(&client, client.operator(), &customer, "/api/billing/grants", body.clone()).await;
        assert_eq!(status, 422, "{body} {detail}");
    }
}

#[tokio::test]
async fn metadata_that_is_no_small_object_is_422() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    for metadata in [json!([1]), json!("note"), json!({"a": "x".repeat(20_000)})] {
        let body = json!({"account_id": customer.account, "operation": "proof_verification", "metadata": metadata});
        let (status, _, body) = refused(&client, &customer.key, &customer, CHARGES, body).await;
        assert_eq!((status, &body["field"]), (422, &json!("metadata")));
    }
}

#[tokio::test]
async fn a_misspelt_field_is_422_wherever_it_could_cost_something() {
    let client = client();
    let customer = client.open_with("developer", 10).await;
    let account = &customer.account;
    let proof = json!({"type": "test", "formula": "x == x"});
    for (path, body) in [
        (CHARGES, json!({"account_id": account, "operation": "proof_verification", "quanttiy": 5})),
        ("/api/billing/purchase", json!({"account_id": account, "package_name": "Starter", "quanttiy": 5})),
        ("/api/billing/checkout", json!({"account_id": account, "package_name": "Starter", "quanttiy": 5})),
        ("/api/billing/payment-intents", json!({"account_id": account, "package_name": "Starter", "quanttiy": 5})),
        ("/api/verify", json!({"account_id": account, "proof_data": proof, "quanttiy": 5})),
        ("/api/billing/account", json!({"customer_name": "Acme", "quanttiy": 5})),
    ] {
        let (status, detail, body) = refused(&client, client.operator(), &customer, path, body).await;
        assert_eq!((status, &body["field"]), (422, &json!("quanttiy")), "{path}");
        assert!(detail.contains("quanttiy"), "{path} {detail}");
    }
}
