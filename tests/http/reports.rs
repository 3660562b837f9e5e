//! Usage in the caller's time zone, balances of the past, grants and forecasts.

use aethel::ledger::{Command, Credits};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres};

async fn read(client: &Client, customer: &Customer, what: &str, rest: &str) -> Answer {
    client.get(&customer.key, &format!("/api/billing/{what}/{}{rest}", customer.account)).await
}

/// A customer of 200 credits, 60 of which expire in nine days, who spent 26 and got 2 of them back.
async fn spender(client: &Client) -> Customer {
    let customer = client.open_with("developer", 140).await;
    let now = jiff::Timestamp::from_millisecond(aethel::ledger::Clock::now(&aethel::server::SystemClock).millis());
    let expiry = now.expect("a moment").checked_add(jiff::SignedDuration::from_hours(9 * 24)).expect("soon");
    let gift =
        json!({"account_id": customer.account, "credits": 60, "reason": "gift", "expires_at": expiry.to_string()});
    assert_eq!(client.post(client.operator(), "/api/billing/grants", gift).await.status, 200);
    for (operation, quantity) in [("proof_verification", 6), ("ghost_identity", 1)] {
        assert_eq!(client.charge(&customer, operation, quantity).await.status, 200);
    }
    let entries = read(client, &customer, "entries", "?limit=2").await;
    let charge = entries.body["entries"][1]["transaction_id"].as_str().expect("an id").parse().expect("an id");
    let refund = Command::Refund { charge, credits: Credits::new(2), reason: "sorry".into() };
    client.submit_all(&customer.account, vec![refund]);
    customer
}

async fn usage_is_told_by_day_operation_and_key(client: &Client) {
    let customer = spender(client).await;
    let whole = read(client, &customer, "usage", "/breakdown?zone=europe/berlin&days=2").await;
    assert_eq!(whole.status, 200, "{whole:?}");
    assert_eq!((&whole.body["zone"], &whole.body["period_days"]), (&json!("Europe/Berlin"), &json!(2)));
    assert_eq!((&whole.body["total_credits"], &whole.body["total_charges"]), (&json!(24), &json!(2)));
    assert_eq!(whole.body["total_quantity"], 5);
    let rows = whole.body["rows"].as_array().expect("rows");
    let sum = |field: &str| rows.iter().filter_map(|row| row[field].as_i64()).sum::<i64>();
    assert_eq!((sum("credits"), sum("charges"), sum("quantity")), (24, 2, 5));
    // The refund was asked for by nobody's key, and stands below zero in its own row.
    let refunded: Vec<&Value> = rows.iter().filter(|row| row["credits"] == -2).collect();
    assert_eq!(refunded.len(), 1, "{rows:?}");
    assert_eq!(refunded[0]["key_id"], Value::Null);
    let key = rows.iter().find_map(|row| row["key_id"].as_str()).expect("a key");
    for (filter, credits) in [
        ("operation=ghost_identity".to_owned(), 20),
        ("key=none".to_owned(), -2),
        (format!("key={key}"), 26),
        (format!("key={key}&operation=proof_verification"), 6),
        ("operation=state_storage".to_owned(), 0),
    ] {
        let answer = read(client, &customer, "usage", &format!("/breakdown?{filter}")).await;
        assert_eq!(answer.body["total_credits"], credits, "{filter} {answer:?}");
    }
    let guide = read(client, &customer, "usage", "?days=2&zone=Asia/Kathmandu").await;
    let utc = read(client, &customer, "usage", "?days=2").await;
    assert_eq!(guide.body, utc.body, "spent this minute, which is today everywhere or yesterday at most");
    assert_eq!(guide.body["total_credits_spent"], 24);
}

async fn the_past_the_lots_and_the_future(client: &Client) {
    let customer = spender(client).await;
    let entries = read(client, &customer, "entries", "?limit=50").await;
    let entries = entries.body["entries"].as_array().expect("entries").clone();
    for entry in &entries {
        let at = entry["at"].as_str().expect("a moment");
        let found = read(client, &customer, "balance", &format!("/at?time={at}")).await;
        assert_eq!((found.status, &found.body["at"]), (200, &entry["at"]), "{found:?}");
        // Entries of one millisecond: the last one counts.
        let last = entries.iter().find(|other| other["at"] == entry["at"]).expect("itself at least");
        assert_eq!((&found.body["balance"], &found.body["seq"]), (&last["balance_after"], &last["seq"]));
        assert_eq!(found.body["hash"], last["hash"]);
    }
    let before = read(client, &customer, "balance", "/at?time=2001-01-01T01:00:00%2B01:00").await;
    assert_eq!(
        before.body,
        json!({"account_id": customer.account, "at": "2001-01-01T00:00:00Z", "balance": 0, "seq": 0, "hash": "0".repeat(64)})
    );

    let first = read(client, &customer, "grants", "?limit=1").await;
    let cursor = first.body["next_cursor"].as_str().expect("a second page");
    let second = read(client, &customer, "grants", &format!("?limit=1&cursor={cursor}")).await;
    assert_eq!(second.body["next_cursor"], Value::Null, "{second:?}");
    let (gift, older) = (&first.body["grants"][0], &second.body["grants"][0]);
    assert_eq!((&gift["size"], &gift["remaining"], &gift["spending_rank"]), (&json!(60), &json!(36), &json!(1)));
    assert_eq!((&older["size"], &older["remaining"], &older["spending_rank"]), (&json!(140), &json!(140), &json!(2)));
    assert_eq!((&older["expires_at"], &older["kind"], &older["paid"]), (&Value::Null, &json!("gift"), &json!(0)));

    let told = read(client, &customer, "forecast", "").await;
    assert_eq!(told.status, 200, "{told:?}");
    // Spent today only, and the pace is that of full days: nothing goes but what expires.
    assert_eq!((&told.body["balance"], &told.body["daily_spend"]), (&json!(176), &json!(0.0)));
    assert_eq!((&told.body["spent"], &told.body["left"]), (&json!(0), &json!(140)));
    assert_eq!(told.body["runs_out_at"], Value::Null);
    let lost = &told.body["expiring_unused"];
    assert_eq!(
        (lost.as_array().map(Vec::len), &lost[0]["credits"], &lost[0]["at"]),
        (Some(1), &json!(36), &gift["expires_at"])
    );
    assert_eq!(told.body["left_by_day"][0], 176);
    assert_eq!(told.body["left_by_day"].as_array().map(Vec::len), Some(731));
}

#[tokio::test]
async fn usage_by_day_operation_and_key() {
    usage_is_told_by_day_operation_and_key(&client()).await;
}

#[tokio::test]
async fn balances_of_the_past_grants_and_the_forecast() {
    the_past_the_lots_and_the_future(&client()).await;
}

#[tokio::test]
async fn postgresql_reports_alike() {
    let client = client_on_postgres();
    usage_is_told_by_day_operation_and_key(&client).await;
    the_past_the_lots_and_the_future(&client).await;
}

#[tokio::test]
async fn what_a_report_cannot_take_is_422_with_its_field() {
    let client = client();
    let customer = client.open("developer").await;
    for (path, field) in [
        ("usage/{}?zone=Mars/Olympus", "zone"),
        ("usage/{}?zone=", "zone"),
        ("usage/{}?zone=%2B02:00", "zone"),
        ("usage/{}/breakdown?zone=../../etc/passwd", "zone"),
        ("usage/{}/breakdown?days=0", "days"),
        ("usage/{}/breakdown?days=367", "days"),
        ("usage/{}/breakdown?days=abc", "days"),
        ("usage/{}/breakdown?operation=mining", "operation"),
        ("usage/{}/breakdown?key=KEY_1", "key"),
        ("usage/{}/breakdown?key=", "key"),
        ("usage/{}/export?days=0", "days"),
        ("usage/{}/export?zone=Nowhere", "zone"),
        ("usage/{}/export?format=xlsx", "format"),
        ("entries/{}/export?format=", "format"),
        ("grants/{}/export?format=CSV", "format"),
        ("balance/{}/at", "time"),
        ("balance/{}/at?time=", "time"),
        ("balance/{}/at?time=yesterday", "time"),
        ("balance/{}/at?time=2999-01-01T00:00:00Z", "time"),
        ("balance/{}/at?time=2026-11-23", "time"),
        ("balance/{}/at?time=2026-11-23T09:00:00", "time"),
        ("balance/{}/at?time=1795437665", "time"),
        ("grants/{}?cursor=garbage", "cursor"),
        ("grants/{}?cursor=", "cursor"),
        ("grants/{}?cursor=GRT_01J9ZQ3V5R8N2M4K6T7W8X9YAB", "cursor"),
        ("grants/{}?limit=0", "limit"),
        ("grants/{}?limit=201", "limit"),
    ] {
        let answer =
            client.get(&customer.key, &format!("/api/billing/{}", path.replace("{}", &customer.account))).await;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{path}");
        assert_eq!(answer.body["field"], field, "{path}");
    }
}

#[tokio::test]
async fn anothers_reports_look_like_none() {
    let client = client();
    let (customer, other) = (client.open_with("developer", 5).await, client.open("developer").await);
    let grants = read(&client, &customer, "grants", "").await;
    let foreign_cursor = grants.body["grants"][0]["grant_id"].as_str().expect("an id").to_owned();
    for path in [
        "balance/{}/at?time=2026-11-23T09:00:00Z",
        "grants/{}",
        "forecast/{}",
        "usage/{}/breakdown",
        "usage/{}/export",
        "entries/{}/export",
        "grants/{}/export",
    ] {
        for (key, account) in [
            (&other.key, customer.account.as_str()),
            (&other.key, "ACC_1"),
            (&client.operator().to_owned(), "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB"),
        ] {
            let answer = client.get(key, &format!("/api/billing/{}", path.replace("{}", account))).await;
            assert_eq!(answer.problem(), (404, "account_not_found"), "{path} {account}");
        }
        let keyless =
            client
                .send(client.request(
                    axum::http::Method::GET,
                    &format!("/api/billing/{}", path.replace("{}", &customer.account)),
                ))
                .await;
        assert_eq!(keyless.problem(), (401, "unauthorized"), "{path}");
    }
    let answer = read(&client, &other, "grants", &format!("?cursor={foreign_cursor}")).await;
    assert_eq!(answer.problem(), (422, "invalid_field"), "a cursor leads into no other account");
}
