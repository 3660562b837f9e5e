//! Monitors over HTTP: started, fed, read, extended, stopped; what they tell, and that they are nobody else's.

use axum::http::Method;
use serde_json::{Value, json};

use super::webhooks::{endpoint, receiver, until};
use crate::support::{Answer, Client, Customer, client, client_on_postgres, unique};

const MONITORS: &str = "/api/monitors";

fn reserves(account: &str, hours: i64) -> Value {
    json!({
        "account_id": account, "name": "Reserves", "laws": ["reserves >= issued"],
        "metrics": [{"name": "reserves", "low": "900"}], "hours": hours,
    })
}

async fn start(client: &Client, customer: &Customer, hours: i64) -> String {
    let answer = client.post(&customer.key, MONITORS, reserves(&customer.account, hours)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let id = answer.body["monitor_id"].as_str().expect("an id");
    format!("{MONITORS}/{}/{id}", customer.account)
}

fn two() -> Value {
    json!({"observations": [
        {"values": {"reserves": "1000.5", "issued": 1000}},
        {"values": {"reserves": 899, "issued": 1000}},
    ]})
}

fn names<'a>(answer: &'a Answer, list: &str, name: &str) -> Vec<&'a str> {
    let list = answer.body[list].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    list.iter().filter_map(|one| one[name].as_str()).collect()
}

#[tokio::test]
async fn a_monitor_is_started_extended_and_stopped_and_each_of_it_once() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 100).await;
        let once = unique("start");
        let first = client.post_once(&customer.key, &once, MONITORS, reserves(&customer.account, 3)).await;
        let told = ["state", "mode", "hours_held", "hours_captured"].map(|name| &first.body[name]);
        assert_eq!(told, [&json!("running"), &json!("normal"), &json!(3), &json!(0)], "{first:?}");
        let again = client.post_once(&customer.key, &once, MONITORS, reserves(&customer.account, 3)).await;
        let replayed = again.header("idempotent-replayed");
        assert_eq!((replayed, &again.body["monitor_id"]), ("true", &first.body["monitor_id"]));
        let other = client.post_once(&customer.key, &once, MONITORS, reserves(&customer.account, 4)).await;
        assert_eq!(other.problem(), (409, "idempotency_conflict"));
        assert_eq!(client.balance(&customer.account).await, 70);

        let path = format!("{MONITORS}/{}/{}", customer.account, first.body["monitor_id"].as_str().expect("an id"));
        let (extend, once) = (format!("{path}/extend"), unique("extend"));
        let more = client.post_once(&customer.key, &once, &extend, json!({"hours": 2})).await;
        assert_eq!((&more.body["hours_held"], &more.body["replayed"]), (&json!(5), &json!(false)), "{more:?}");
        let again = client.post_once(&customer.key, &once, &extend, json!({"hours": 2})).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body["hours_held"]), ("true", &json!(5)), "{again:?}");
        let other = client.post_once(&customer.key, &once, &extend, json!({"hours": 3})).await;
        assert_eq!(other.problem(), (409, "idempotency_conflict"));
        assert_eq!(client.balance(&customer.account).await, 50);
        let poor = client.refused(&customer.key, &customer.account, &extend, json!({"hours": 6})).await;
        assert_eq!(poor.problem(), (402, "insufficient_credits"));

        for _ in 0..2 {
            let stopped = client.post(&customer.key, &format!("{path}/stop"), json!({})).await;
            let told = ["state", "hours_captured", "hours_held"].map(|name| &stopped.body[name]);
            assert_eq!(told, [&json!("stopped"), &json!(1), &json!(0)], "{stopped:?}");
            assert_eq!(client.balance(&customer.account).await, 90);
        }
        let late = client.post(&customer.key, &format!("{path}/observations"), two()).await;
        assert_eq!(late.problem(), (409, "monitor_not_running"));
        let late = client.refused(&customer.key, &customer.account, &extend, json!({"hours": 1})).await;
        assert_eq!(late.problem(), (409, "monitor_not_running"));
        let listed = client.get(&customer.key, &format!("{MONITORS}/{}", customer.account)).await;
        assert_eq!(names(&listed, "monitors", "state"), ["stopped"]);
    }
}

#[tokio::test]
async fn what_is_observed_is_judged_told_and_read_again() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 20).await;
        let path = start(&client, &customer, 1).await;
        let (observations, once) = (format!("{path}/observations"), unique("observe"));
        let first = client.post_once(&customer.key, &once, &observations, two()).await;
        assert_eq!(names(&first, "results", "verdict"), ["ok", "violation"], "{first:?}");
        let second = &first.body["results"][1];
        assert_eq!((&second["broken"], &second["strange"]), (&json!(["reserves >= issued"]), &json!(["reserves"])));
        let again = client.post_once(&customer.key, &once, &observations, two()).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body["results"]), ("true", &first.body["results"]));
        let other = json!({"observations": [{"values": {"reserves": 1}}]});
        let other = client.post_once(&customer.key, &once, &observations, other).await;
        assert_eq!(other.problem(), (409, "idempotency_conflict"));

        let alerts = client.get(&customer.key, &format!("{path}/alerts")).await;
        let mut kinds = names(&alerts, "alerts", "kind");
        kinds.sort_unstable();
        assert_eq!(kinds, ["anomaly", "violation"]);
        let page = client.get(&customer.key, &format!("{observations}?limit=1")).await;
        assert_eq!((&page.body["observations"][0]["seq"], &page.body["next_before"]), (&json!(2), &json!(2)));
        let report = client.get(&customer.key, &format!("{path}/report?window=day")).await;
        let window = &report.body["windows"][0];
        assert_eq!((&window["observations"], &window["violations"]), (&json!(2), &json!(1)), "{report:?}");
        assert_eq!(report.body["complete"], true);
        let shown = client.get(&customer.key, &path).await;
        assert_eq!((&shown.body["observations"], &shown.body["state"]), (&json!(2), &json!("running")));

        let table = client.get(&customer.key, &format!("{path}/export")).await;
        let lines: Vec<&str> = table.body.as_str().expect("a table").split("\r\n").collect();
        assert_eq!((lines.len(), lines[0]), (4, "seq,at,verdict,broken,strange,issued,reserves"), "{lines:?}");
        assert!(lines[1].starts_with("1,") && lines[1].ends_with(",ok,,,1000,1000.5"), "{lines:?}");
        assert!(lines[2].ends_with(",violation,reserves >= issued,reserves,1000,899"), "{lines:?}");
    }
}

#[tokio::test]
async fn an_alert_reaches_the_customers_server_and_the_members_mail() {
    for client in [client(), client_on_postgres()] {
        let (account, cookie) = client.person();
        let customer = Customer { key: client.customer_key(&account), account };
        let (url, arrived) = receiver().await;
        endpoint(&client, &customer, &url, json!(["monitor.alert"])).await;
        let body = json!({
            "account_id": customer.account, "name": unique("Vault"), "laws": ["held == owed"], "hours": 1,
        });
        let started = client.post(&customer.key, MONITORS, body.clone()).await;
        assert_eq!(started.status, 200, "{started:?}");
        let id = started.body["monitor_id"].as_str().expect("an id").to_owned();
        let bad = json!({"observations": [{"values": {"held": 1, "owed": 2}}]});
        client.post(&customer.key, &format!("{MONITORS}/{}/{id}/observations", customer.account), bad).await;
        let event = until(async || arrived.lock().expect("no panic").first().cloned()).await;
        assert_eq!((&event["type"], &event["account_id"]), (&json!("monitor.alert"), &json!(customer.account)));
        let told = ["monitor_id", "alert", "detail"].map(|name| &event["data"][name]);
        assert_eq!(told, [&json!(id), &json!("violation"), &json!("held == owed does not hold")], "{event}");
        let subject = format!("Monitor {}: held == owed does not hold", body["name"].as_str().expect("a name"));
        until(async || client.page(&cookie, "/outbox").await.body.as_str()?.contains(&subject).then_some(())).await;
    }
}

#[tokio::test]
async fn another_accounts_monitor_is_not_there_on_any_route() {
    for client in [client(), client_on_postgres()] {
        let (owner, stranger) = (client.open_with("developer", 50).await, client.open_with("developer", 50).await);
        let theirs = start(&client, &owner, 2).await;
        let id = theirs.rsplit('/').next().expect("an id");
        let as_own = format!("{MONITORS}/{}/{id}", stranger.account);
        let before = client.ledger(&owner.account).await;
        for (base, code) in [(&theirs, "account_not_found"), (&as_own, "monitor_not_found")] {
            for part in ["", "/observations", "/alerts", "/report", "/export"] {
                let answer = client.get(&stranger.key, &format!("{base}{part}")).await;
                assert_eq!(answer.problem(), (404, code), "{base}{part}");
            }
            for (part, body) in [("/observations", two()), ("/extend", json!({"hours": 1})), ("/stop", json!({}))] {
                let answer = client.refused(&stranger.key, &stranger.account, &format!("{base}{part}"), body).await;
                assert_eq!(answer.problem(), (404, code), "{base}{part}");
            }
        }
        let listed = client.get(&stranger.key, &format!("{MONITORS}/{}", owner.account)).await;
        assert_eq!(listed.problem(), (404, "account_not_found"));
        let listed = client.get(&stranger.key, &format!("{MONITORS}/{}", stranger.account)).await;
        assert_eq!(listed.body["monitors"], json!([]));
        let started = client.refused(&stranger.key, &owner.account, MONITORS, reserves(&owner.account, 1)).await;
        assert_eq!(started.problem(), (404, "account_not_found"));
        let mine = client.get(&owner.key, &theirs).await;
        assert_eq!((&mine.body["state"], &mine.body["observations"]), (&json!("running"), &json!(0)), "{mine:?}");
        assert_eq!(client.ledger(&owner.account).await, before);
    }
}

/// The page takes ends, windows and sensitivities, draws every metric, and keeps what cannot be read.
#[tokio::test]
async fn the_page_takes_the_ends_of_metrics_and_draws_each() {
    let client = client();
    let (account, cookie) = client.person();
    let metrics = "reserves: 900 to 1100, window 20\nissued: to 2000";
    let request = unique("01J").replace('-', "");
    let fields = [
        ("name", "Vault"),
        ("laws", ""),
        ("metrics", metrics),
        ("hours", "1"),
        ("keep_going", "no"),
        ("request", request.as_str()),
    ];
    let key = client.customer_key(&account);
    client.form(&cookie, "start_monitor", &fields).await;
    let listed = client.get(&key, &format!("{MONITORS}/{account}")).await;
    let monitor = &listed.body["monitors"][0];
    let metric = &monitor["metrics"][0];
    let told = ["name", "low", "high", "window"].map(|name| &metric[name]);
    assert_eq!(told, [&json!("reserves"), &json!("900"), &json!("1100"), &json!(20)], "{listed:?}");
    let id = monitor["monitor_id"].as_str().expect("an id");
    client.post(&key, &format!("{MONITORS}/{account}/{id}/observations"), two()).await;
    let page = client.page(&cookie, &format!("/sentinel/{id}")).await;
    let page = page.body.as_str().expect("a page");
    assert_eq!(page.matches("data-testid=\"metric-chart\"").count(), 2, "{page}");
    assert!(page.contains("reserves: 900 to 1100, window 20"), "{page}");

    let mut wrong = fields;
    wrong[2] = ("metrics", "reserves: about right");
    let refused = client.form(&cookie, "start_monitor", &wrong).await;
    let to = refused.header("location").to_owned();
    let to = if to.is_empty() { refused.header("serverfnredirect").to_owned() } else { to };
    assert!(to.contains("draft="), "{refused:?}");
    let page = client.send(client.request(Method::GET, &to).header("cookie", &cookie)).await;
    let page = page.body.as_str().expect("a page").to_owned();
    assert!(page.contains("reserves: about right: write a name"), "{page}");
}

/// Operators see the solvers and what keeps them in; for everybody else the page is not there.
#[tokio::test]
async fn operators_see_how_the_solvers_are_doing() {
    let client = client();
    let operator = client.operator_person();
    let page = client.page(&operator, "/office/health").await;
    let text = page.body.as_str().expect("a page");
    assert_eq!(page.status, 200);
    for word in ["solver-health", "2 of 2", "Replaced since the start", "Z3 "] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let (_, cookie) = client.person();
    assert_eq!(client.page(&cookie, "/office/health").await.status, 404);
    let ready = client.send(client.request(Method::GET, "/health/ready")).await;
    assert_eq!(ready.body["solvers"]["walls"], json!({"files": true, "network": true}), "{ready:?}");
}
