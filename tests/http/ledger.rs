//! The ledger as a customer pages through it.

use serde_json::Value;

use crate::support::client;

#[tokio::test]
async fn pages_meet_without_a_gap_and_the_chain_is_whole() {
    let client = client();
    let customer = client.open_with("developer", 100).await;
    for _ in 0..7 {
        client.charge(&customer, "proof_verification", 1).await;
    }
    let mut entries: Vec<Value> = Vec::new();
    let mut before = String::new();
    loop {
        let path = format!("/api/billing/entries/{}?limit=3{before}", customer.account);
        let page = client.get(&customer.key, &path).await;
        assert_eq!(page.status, 200, "{page:?}");
        let items = page.body["entries"].as_array().expect("entries");
        assert!(items.len() <= 3);
        entries.extend(items.iter().cloned());
        match page.body["next_before"].as_i64() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    let seqs: Vec<i64> = entries.iter().filter_map(|entry| entry["seq"].as_i64()).collect();
    assert_eq!(seqs, (1..=8).rev().collect::<Vec<_>>());
    for pair in entries.windows(2) {
        assert_eq!(pair[0]["previous_hash"], pair[1]["hash"]);
    }
    assert_eq!(entries[0]["balance_after"], 93);
    assert_eq!(entries[7]["kind"], "grant");
    assert_eq!(entries[7]["previous_hash"], "0".repeat(64));
}
