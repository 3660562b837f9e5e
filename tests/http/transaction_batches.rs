//! Batches of transactions over HTTP: reports, tables, refusals, replays, other people's batches.

use serde_json::{Value, json};

use crate::support::{client, client_on_postgres, unique};

const BATCHES: &str = "/api/batches";

fn transfers(count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| json!({"id": format!("t{n}"), "to": format!("a{n}"), "asset": "EUR", "amount": "0.10"}))
        .collect()
}

#[tokio::test]
async fn a_batch_is_verified_charged_and_kept() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("fintech", 1_000).await;
        let batch = json!({
            "account_id": customer.account,
            "balances": [{"account": "ada", "asset": "EUR", "amount": "100.50"}],
            "transactions": [
                {"id": "rent", "from": "ada", "to": "landlord", "asset": "EUR", "amount": 80},
                {"id": "dinner", "from": "ada", "to": "bistro", "asset": "EUR", "amount": "20.75"},
            ],
        });
        let once = unique("batch");
        let first = client.post_once(&customer.key, &once, BATCHES, batch.clone()).await;
        assert_eq!(first.status, 200, "{first:?}");
        let told =
            ["success", "result", "credits_charged", "credits_remaining", "verdict"].map(|name| &first.body[name]);
        assert_eq!(told, [&json!(true), &json!(false), &json!(425), &json!(575), &json!("partly_applied")]);
        let reason = json!({"code": "insufficient_balance", "account": "ada", "needed": "20.75", "available": "20.5"});
        assert_eq!(first.body["report"]["transactions"][1]["reason"], reason);
        assert_eq!(first.body["report"]["totals"][0]["conserved"], true);

        let again = client.post_once(&customer.key, &once, BATCHES, batch).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body["batch_id"]), ("true", &first.body["batch_id"]));
        let id = first.body["batch_id"].as_str().expect("an id");
        let kept = client.get(&customer.key, &format!("{BATCHES}/{}/{id}", customer.account)).await;
        assert_eq!(kept.body["report"], first.body["report"]);
        let listed = client.get(&customer.key, &format!("{BATCHES}/{}?limit=1", customer.account)).await;
        assert_eq!((&listed.body["batches"][0]["refused"], &listed.body["next_cursor"]), (&json!(1), &json!(id)));
        let rest = client.get(&customer.key, &format!("{BATCHES}/{}?cursor={id}", customer.account)).await;
        assert_eq!(rest.body["batches"], json!([]));

        let stranger = client.open_with("developer", 20).await;
        let path = format!("{BATCHES}/{}/{id}", stranger.account);
        assert_eq!(client.get(&stranger.key, &path).await.problem(), (404, "answer_not_found"));
    }
}

#[tokio::test]
async fn a_table_and_a_list_are_the_same_batch() {
    let client = client();
    let customer = client.open_with("developer", 1_000).await;
    let table = json!({
        "account_id": customer.account, "atomic": true,
        "balances_csv": "account,asset,amount\na,EUR,5\n",
        "transactions_csv": "id,from,to,asset,amount,guard\nt1,a,b,EUR,2.5,from_balance >= 5\nt2,b,a,EUR,1,\n",
    });
    let list = json!({
        "account_id": customer.account, "atomic": true,
        "balances": [{"account": "a", "asset": "EUR", "amount": 5}],
        "transactions": [
            {"id": "t1", "from": "a", "to": "b", "asset": "EUR", "amount": "2.5", "guard": "from_balance >= 5"},
            {"id": "t2", "from": "b", "to": "a", "asset": "EUR", "amount": 1},
        ],
    });
    let once = unique("table");
    let first = client.post_once(&customer.key, &once, BATCHES, table).await;
    assert_eq!((first.status, &first.body["verdict"]), (200, &json!("applied")), "{first:?}");
    let again = client.post_once(&customer.key, &once, BATCHES, list).await;
    assert_eq!(again.header("idempotent-replayed"), "true", "{again:?}");
}

#[tokio::test]
async fn a_thousand_are_taken_and_a_thousand_and_one_are_not() {
    let client = client();
    let customer = client.open_with("developer", 700).await;
    let many = |count| json!({"account_id": customer.account, "transactions": transfers(count)});
    let full = client.post(&customer.key, BATCHES, many(1_000)).await;
    assert_eq!((full.status, &full.body["report"]["applied"]), (200, &json!(1_000)), "{:?}", full.status);
    let refused = client.refused(&customer.key, &customer.account, BATCHES, many(1_001)).await;
    assert_eq!(refused.problem(), (422, "unreadable_batch"));
    assert_eq!(refused.body["problems"][0]["place"], "transactions");
    let poor = client.refused(&customer.key, &customer.account, BATCHES, many(1)).await;
    assert_eq!(poor.problem(), (402, "insufficient_credits"));
    for body in [
        json!({"transactions": [{"id": "t", "to": "a", "asset": "EUR", "amount": 0.5}]}),
        json!({"transactions": [["t", null, "a", "EUR", 1, null]]}),
        json!({"transactions": [{"id": "t", "to": "a", "asset": "EUR", "amount": 1, "speed": "fast"}]}),
    ] {
        let mut body = body;
        body["account_id"] = json!(customer.account);
        let answer = client.refused(&customer.key, &customer.account, BATCHES, body).await;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_table_is_taken_as_it_left_the_spreadsheet() {
    let client = client();
    let customer = client.open_with("developer", 1_000).await;
    let path = format!("{BATCHES}?account_id={}&atomic=true", customer.account);
    let table = "\u{feff}account,asset,amount\r\na,EUR,5\r\n\r\nid,from,to,asset,amount,guard\r\nt1,a,b,EUR,2.5,from_balance >= 5\r\n";
    let send = async |path: &str, table: &str| {
        client.post_raw(&customer.key, path, Some("text/csv; charset=utf-8"), table.as_bytes().to_vec()).await
    };
    let answer = send(&path, table).await;
    assert_eq!((answer.status, &answer.body["verdict"]), (200, &json!("applied")), "{answer:?}");
    let id = answer.body["batch_id"].as_str().expect("an id");
    let kept = client.get(&customer.key, &format!("{BATCHES}/{}/{id}", customer.account)).await;
    assert_eq!(
        (&kept.body["batch"]["atomic"], &kept.body["batch"]["balances"][0]["amount"]),
        (&json!(true), &json!("5"))
    );

    let before = client.ledger(&customer.account).await;
    let wrong = send(&path, &table.replace("2.5", "much")).await;
    assert_eq!(wrong.problem(), (422, "unreadable_batch"));
    assert_eq!(wrong.body["problems"][0]["place"], "transactions_csv line 5");
    assert!(
        wrong.body["problems"][0]["message"].as_str().is_some_and(|told| told.starts_with("amount: ")),
        "{wrong:?}"
    );
    assert_eq!(send(BATCHES, table).await.problem(), (422, "invalid_field"), "nobody pays");
    assert_eq!(send(&format!("{path}&quote_id=QUO_1"), table).await.problem(), (404, "quote_not_found"));
    let latin = client.post_raw(&customer.key, &path, Some("text/csv"), vec![0xe9, b'\n']).await;
    assert_eq!(latin.problem(), (422, "invalid_field"));
    let stranger = client.open_with("developer", 1_000).await;
    let theirs = client.post_raw(&stranger.key, &path, Some("text/csv"), table.as_bytes().to_vec()).await;
    assert_eq!(theirs.problem(), (404, "account_not_found"));
    assert_eq!(client.ledger(&customer.account).await, before);
}
