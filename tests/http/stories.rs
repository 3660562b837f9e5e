//! The three stories whose sums are known, and that both stores tell them alike.

use serde_json::json;

use crate::support::{Client, client, client_on_postgres};

/// Charges in order and compares what was spent and what is left.
async fn tell(client: &Client, tier: &str, bought: i64, charges: &[(&str, i64)], spent: i64) {
    let customer = client.open_with(tier, bought).await;
    for (operation, quantity) in charges {
        let answer = client.charge(&customer, operation, *quantity).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(client.balance(&customer.account).await, bought - spent);

    let usage = client.get(&customer.key, &format!("/api/billing/usage/{}?days=30", customer.account)).await;
    assert_eq!(usage.status, 200, "{usage:?}");
    assert_eq!(usage.body["account_id"], json!(customer.account));
    assert_eq!(usage.body["tier"], json!(tier));
    assert_eq!(usage.body["current_balance"], bought - spent);
    assert_eq!(usage.body["period_days"], 30);
    assert_eq!(usage.body["total_credits_spent"], spent);
    assert_eq!(usage.body["transaction_count"], charges.len());
    let by_operation = usage.body["usage_by_operation"].as_object().expect("by operation");
    assert_eq!(by_operation.len(), charges.len());
    assert_eq!(by_operation.values().filter_map(|total| total["credits"].as_i64()).sum::<i64>(), spent);
    for (operation, quantity) in charges {
        let total = &by_operation[*operation];
        assert_eq!(total["count"], 1, "{operation}, {quantity} in one charge: {total}");
        assert_eq!(total.as_object().map(serde_json::Map::len), Some(2), "{operation}: {total}");
    }
    // 25 in 30 days is 0.83 a day: two decimals, as a number.
    let average = usage.body["average_daily_spend"].as_number().expect("a number").to_string();
    let (whole, decimals) = average.split_once('.').expect("decimals");
    let hundredths =
        whole.parse::<i64>().expect("digits") * 100 + format!("{decimals:0<2}").parse::<i64>().expect("digits");
    assert!((hundredths * 30 - spent * 100).abs() <= 30, "{average}");
}

const DEVELOPER: &[(&str, i64)] = &[("proof_verification", 5), ("ghost_identity", 1)];
const FINTECH: &[(&str, i64)] = &[("batch_verification", 5), ("sentinel_monitoring", 24), ("conservation_oracle", 10)];
const ENTERPRISE: &[(&str, i64)] =
    &[("batch_verification", 100), ("consensus_participation", 10), ("sovereign_identity", 50)];

#[tokio::test]
async fn an_indie_developer_has_75_credits_left() {
    tell(&client(), "developer", 100, DEVELOPER, 25).await;
}

#[tokio::test]
async fn a_fintech_spends_2357_and_has_7643_left() {
    tell(&client(), "fintech", 10_000, FINTECH, 2_357).await;
}

#[tokio::test]
async fn a_bank_spends_36200_and_has_63800_left() {
    tell(&client(), "enterprise", 100_000, ENTERPRISE, 36_200).await;
}

#[tokio::test]
async fn postgresql_tells_the_same_stories() {
    let client = client_on_postgres();
    tell(&client, "developer", 100, DEVELOPER, 25).await;
    tell(&client, "fintech", 10_000, FINTECH, 2_357).await;
    tell(&client, "enterprise", 100_000, ENTERPRISE, 36_200).await;
}
