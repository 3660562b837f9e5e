//! Public links: what a stranger reads behind one, and everything that a stranger does not.

use aethel::billing::{Document, PublicKey};
use aethel::identity::Role;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Customer, client, client_on_postgres, unique};

const SHARES: &str = "/api/shares";
const SECRET: &str = "intent t(secret pin: Int) { verify { total == pin * 2; pin < 7; } }";

async fn share(client: &Client, customer: &Customer, answer: &str, once: &str) -> Answer {
    let body = json!({"account_id": customer.account, "answer_id": answer});
    client.post_once(&customer.key, once, SHARES, body).await
}

async fn verified(client: &Client, customer: &Customer, proof: Value) -> Value {
    let body = json!({"account_id": customer.account, "proof_data": proof});
    let answer = client.post(&customer.key, "/api/verify", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// The path of the link that was just made.
fn path(made: &Answer) -> String {
    let link = made.body["link"].as_str().unwrap_or_else(|| panic!("no link: {made:?}"));
    link.split_once("/shared/").map(|(_, token)| format!("/shared/{token}")).expect("a link to a page")
}

fn text(page: &Answer) -> &str {
    page.body.as_str().expect("a page")
}

#[tokio::test]
async fn a_link_is_made_once_shown_in_the_reads_and_ended_for_good() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 20).await;
        let id = verified(&client, &customer, json!({"type": "validity", "formula": "x > 3"})).await;
        let id = id["verification_id"].as_str().expect("an id");
        let stored = format!("/api/verifications/{id}");
        assert_eq!(client.get(&customer.key, &stored).await.body["shared_at"], Value::Null);

        let once = unique("share");
        let made = share(&client, &customer, id, &once).await;
        assert_eq!((made.status, &made.body["replayed"]), (200, &json!(false)), "{made:?}");
        let again = share(&client, &customer, id, &once).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body["link"]), ("true", &Value::Null));
        assert_eq!(client.get(&customer.key, &stored).await.body["shared_at"], made.body["shared_at"]);
        let listed = client.get(&customer.key, &format!("{SHARES}/{}", customer.account)).await;
        assert_eq!(listed.body["shares"][0]["answer_id"], id);
        let page = client.page("", &path(&made)).await;
        assert_eq!((page.status, page.header("x-robots-tag")), (200, "noindex, nofollow"));

        let second = share(&client, &customer, id, &unique("share")).await;
        assert_eq!(client.page("", &path(&made)).await.status, 404, "the first link's place is taken");
        assert_eq!(client.page("", &path(&second)).await.status, 200);
        let end = format!("{SHARES}/{}/{id}", customer.account);
        assert_eq!(client.delete(&customer.key, &end).await.status, 204);
        assert_eq!(client.delete(&customer.key, &end).await.problem(), (404, "share_not_found"));
        let ended = client.page("", &path(&second)).await;
        let unknown = client.page("", &format!("/shared/{}", "A".repeat(43))).await;
        assert_eq!((ended.status, unknown.status), (404, 404));
        assert_eq!(ended.header("x-robots-tag"), "noindex, nofollow");
        assert_eq!(client.get(&customer.key, &stored).await.body["shared_at"], Value::Null);
    }
}

#[tokio::test]
async fn a_stranger_reads_the_answer_its_price_and_a_signature_that_holds_and_nothing_of_the_account() {
    let client = client();
    let customer = client.open_with("developer", 4_213).await;
    let verification = verified(&client, &customer, json!({"type": "validity", "formula": "x > 3"})).await;
    let id = verification["verification_id"].as_str().expect("an id");
    let page = client.page("", &path(&share(&client, &customer, id, &unique("share")).await)).await;
    let page = text(&page);
    for shown in ["x &gt; 3", "Refuted", "Solver</dt><dd>Z3 ", "1 credit", "noindex"] {
        assert!(page.contains(shown), "{shown} is missing: {page}");
    }
    let receipt = &verification["receipt"];
    let transaction = receipt["transaction_id"].as_str().expect("a transaction");
    let hidden = [customer.account.as_str(), id, transaction, "4,212", "4,213", "balance", "aethel_bg.wasm"];
    for hidden in hidden {
        assert!(!page.contains(hidden), "{hidden} is told: {page}");
    }
    let within = |name: &str| {
        let after = page.split(&format!("data-testid=\"{name}\"")).nth(1).and_then(|rest| rest.split_once('>'));
        let inner = after.map(|(_, rest)| rest.trim_start_matches("<code>")).expect("it is on the page");
        inner.split('<').next().unwrap_or_default().replace("&quot;", "\"")
    };
    let signed = within("signed-text");
    let (domain, body) = signed.split_once('\n').expect("two lines");
    assert_eq!(domain, "aethel shared v1");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&body["verdict"], &body["charged"]), (&json!("refuted"), &json!(1)));
    assert_eq!((&body["entry"], &body["question"]), (&receipt["hash"], &verification["program_hash"]));
    let key: PublicKey = within("public-key").parse().expect("a key");
    assert!(key.signed(Document::Shared, &body, &within("signature")), "{page}");
    let keys = client.send(client.request(Method::GET, "/api/billing/signing-keys")).await.body;
    assert!(keys.to_string().contains(&key.to_string()));
}

#[tokio::test]
async fn values_of_secrets_stay_away_from_strangers_too() {
    let client = client();
    let customer = client.open_with("developer", 20).await;
    let verification = verified(&client, &customer, json!({"type": "validity", "source": SECRET})).await;
    assert_eq!(verification["verdict"], "refuted", "{verification}");
    let id = verification["verification_id"].as_str().expect("an id");
    let page = client.page("", &path(&share(&client, &customer, id, &unique("share")).await)).await;
    let cells: Vec<&str> =
        text(&page).split("data-testid=\"counterexample\"").nth(1).expect("a table").split("<tr>").collect();
    let row = cells.iter().find(|row| row.contains("pin")).expect("the secret's row");
    assert!(row.contains("secret"), "{row}");
    let digits = row.split('<').filter_map(|cell| cell.split_once('>')).any(|(_, text)| text.parse::<i64>().is_ok());
    assert!(!digits, "a value of the secret is told: {row}");
}

#[tokio::test]
async fn the_oracle_and_batches_are_shared_by_the_same_road() {
    let client = client();
    let customer = client.open_with("developer", 1_000).await;
    let asked = json!({"account_id": customer.account, "law": "x + y == 100", "assumptions": ["x >= 0", "y >= 0"]});
    let asked = client.post(&customer.key, "/api/oracle", asked).await.body;
    let batch =
        json!({"account_id": customer.account, "transactions_csv": "id,from,to,asset,amount\nrent,,landlord,EUR,80"});
    let batch = client.post(&customer.key, "/api/batches", batch).await.body;
    for (kind, id, shown) in
        [("oracle", &asked["query_id"], "x + y == 100"), ("batches", &batch["batch_id"], "landlord")]
    {
        let id = id.as_str().expect("an id");
        let page = client.page("", &path(&share(&client, &customer, id, &unique("share")).await)).await;
        assert!(page.status == 200 && text(&page).contains(shown), "{page:?}");
        assert!(!text(&page).contains(&customer.account) && !text(&page).contains(id), "{page:?}");
        let kept = client.get(&customer.key, &format!("/api/{kind}/{}/{id}", customer.account)).await;
        assert!(kept.body["shared_at"].is_string(), "{kept:?}");
    }
}

#[tokio::test]
async fn nobody_shares_or_ends_what_is_anothers() {
    let client = client();
    let [ada, bob] = [client.open_with("developer", 20).await, client.open_with("developer", 20).await];
    let id = verified(&client, &ada, json!({"type": "validity", "formula": "x > 3"})).await;
    let id = id["verification_id"].as_str().expect("an id");
    let made = share(&client, &ada, id, &unique("share")).await;
    let theirs = share(&client, &bob, id, &unique("share")).await;
    assert_eq!(theirs.problem(), (404, "answer_not_found"));
    let named = json!({"account_id": ada.account, "answer_id": id});
    assert_eq!(client.post(&bob.key, SHARES, named).await.problem(), (404, "account_not_found"));
    for path in [format!("{SHARES}/{}/{id}", bob.account), format!("{SHARES}/{}/VER_1", ada.account)] {
        let problem = client.delete(&bob.key, &path).await;
        assert_eq!(problem.status, 404, "{problem:?}");
    }
    assert_eq!(client.page("", &path(&made)).await.status, 200, "it is open as before");
    let listed = client.get(&bob.key, &format!("{SHARES}/{}", bob.account)).await;
    assert_eq!(listed.body["shares"], json!([]));
}

#[tokio::test]
async fn a_member_shares_and_stops_with_plain_forms_and_a_viewer_only_sees_it() {
    let client = client();
    let (account, owner) = client.person();
    let viewer = client.member(&owner, Role::Viewer);
    let key = client.customer_key(&account);
    let customer = Customer { account, key };
    let id = verified(&client, &customer, json!({"type": "validity", "formula": "x > 3"})).await;
    let id = id["verification_id"].as_str().expect("an id").to_owned();
    let page = format!("/judge/{id}");
    assert!(text(&client.page(&owner, &page).await).contains("Make a public link"));
    let request = "01J9ZQ3V5R8N2M4K6T7W8X9YAB";
    let form = [("subject", id.as_str()), ("request", request)];
    assert_eq!(client.form(&viewer, "share_answer", &form).await.status, 403);
    let answer = client.form(&owner, "share_answer", &form).await;
    assert!([200, 302, 303].contains(&answer.status), "{answer:?}");
    let shown = client.page(&owner, &format!("{page}?shared={request}")).await;
    let link = text(&shown).split("/shared/").nth(1).and_then(|rest| rest.split('<').next()).expect("the link");
    let link = format!("/shared/{link}");
    assert_eq!(client.page("", &link).await.status, 200, "{link}");
    let viewed = client.page(&viewer, &page).await;
    assert!(text(&viewed).contains("Whoever has the link reads this answer"));
    assert!(!text(&viewed).contains("Stop sharing") && !text(&viewed).contains(&link));
    assert_eq!(client.form(&viewer, "end_share", &form[..1]).await.status, 403);
    let answer = client.form(&owner, "end_share", &form[..1]).await;
    assert!([200, 302, 303].contains(&answer.status), "{answer:?}");
    assert_eq!(client.page("", &link).await.status, 404);
}
