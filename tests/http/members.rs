//! A team looked after over REST: everything that its page does, by keys that may no more than who made them.

use aethel::identity::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, client, client_on_postgres, unique};

async fn members(client: &Client, key: &str, account: &str) -> Value {
    client.get(key, &format!("/api/members/{account}")).await.body
}

/// The id of the member with this role.
async fn with_role(client: &Client, key: &str, account: &str, role: &str) -> String {
    let all = members(client, key, account).await;
    let found = all["members"].as_array().expect("members").iter().find(|member| member["role"] == role);
    found.unwrap_or_else(|| panic!("no {role} in {all}"))["user_id"].as_str().expect("an id").to_owned()
}

async fn invite(client: &Client, key: &str, once: &str, account: &str, (email, role): (&str, &str)) -> Answer {
    let body = json!({"account_id": account, "email": email, "role": role});
    client.post_once(key, once, "/api/invitations", body).await
}

#[tokio::test]
async fn an_invitation_is_mailed_once_listed_and_withdrawn() {
    for client in [client(), client_on_postgres()] {
        let (account, owner) = client.person();
        let (key, email) = (client.key_by(&owner), format!("{}@example.com", unique("guest")));
        let made = invite(&client, &key, "one", &account, (&email, "developer")).await;
        assert_eq!((made.status, &made.body["invitation"]["role"]), (200, &json!("developer")), "{made:?}");
        let again = invite(&client, &key, "one", &account, (&email, "developer")).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body["replayed"]), ("true", &json!(true)));
        assert_eq!(again.body["invitation"], made.body["invitation"]);
        let other = invite(&client, &key, "one", &account, (&email, "admin")).await;
        assert_eq!(other.problem(), (409, "idempotency_conflict"));
        let id = made.body["invitation"]["invitation_id"].as_str().expect("an id").to_owned();
        let listed = members(&client, &key, &account).await;
        assert_eq!(listed["invitations"][0]["invitation_id"], id, "{listed}");
        let path = format!("/api/invitations/{account}/{id}");
        let stranger = client.open("developer").await;
        assert_eq!(client.delete(&stranger.key, &path).await.problem(), (404, "account_not_found"));
        let theirs = format!("/api/invitations/{}/{id}", stranger.account);
        assert_eq!(client.delete(&stranger.key, &theirs).await.problem(), (404, "invitation_not_found"));
        assert_eq!(client.delete(&key, &path).await.status, 204);
        assert_eq!(client.delete(&key, &path).await.problem(), (404, "invitation_not_found"));
        assert_eq!(members(&client, &key, &account).await["invitations"], json!([]));
        let log = client.get(&key, &format!("/api/audit-log/{account}?limit=2")).await.body;
        let told: Vec<_> = log["events"].as_array().expect("events").iter().map(|one| &one["action"]).collect();
        assert_eq!(told, ["invitation_revoked", "member_invited"], "{log}");
        assert_eq!(log["events"][0]["actor_kind"], "key");
    }
}

#[tokio::test]
async fn roles_are_set_and_members_let_go_and_the_last_owner_stays() {
    for client in [client(), client_on_postgres()] {
        let (account, owner) = client.person();
        let key = client.key_by(&owner);
        let member = client.member(&owner, Role::Developer);
        let [owners, members] =
            [with_role(&client, &key, &account, "owner").await, with_role(&client, &key, &account, "developer").await]
                .map(|user| format!("/api/members/{account}/{user}"));
        let set = client.put(&key, &members, json!({"role": "viewer"})).await;
        assert_eq!((set.status, &set.body["role"]), (200, &json!("viewer")), "{set:?}");
        for (path, answer) in [
            (&owners, client.put(&key, &owners, json!({"role": "admin"})).await),
            (&owners, client.delete(&key, &owners).await),
        ] {
            assert_eq!(answer.problem(), (409, "last_owner"), "{path}");
        }
        let stranger = client.open("developer").await;
        for foreign in [
            client.put(&stranger.key, &members, json!({"role": "owner"})).await,
            client.delete(&stranger.key, &members).await,
        ] {
            assert_eq!(foreign.problem(), (404, "account_not_found"));
        }
        let elsewhere = members.replace(&account, &stranger.account);
        assert_eq!(client.delete(&stranger.key, &elsewhere).await.problem(), (404, "member_not_found"));
        let nonsense = client.put(&key, &members, json!({"role": "king"})).await;
        assert_eq!(nonsense.problem(), (422, "invalid_field"));
        let settings = async |cookie: &str| client.page(cookie, "/settings").await.body.as_str().map(str::to_owned);
        assert!(settings(&member).await.is_some_and(|page| page.contains(&account)));
        assert_eq!(client.delete(&key, &members).await.status, 204);
        assert!(settings(&member).await.is_some_and(|page| !page.contains(&account)), "at once");
        assert_eq!(client.delete(&key, &members).await.problem(), (404, "member_not_found"));
    }
}

#[tokio::test]
async fn a_key_gives_no_more_than_whoever_made_it_has() {
    let client = client();
    let (account, owner) = client.person();
    let (admin, developer) = (client.member(&owner, Role::Admin), client.member(&owner, Role::Developer));
    let (admins, developers) = (client.key_by(&admin), client.key_by(&developer));
    let guest = format!("{}@example.com", unique("guest"));
    let refused = invite(&client, &admins, "a", &account, (&guest, "owner")).await;
    assert_eq!(refused.problem(), (403, "owners_only"));
    let path = format!("/api/members/{account}/{}", with_role(&client, &admins, &account, "owner").await);
    assert_eq!(client.delete(&admins, &path).await.problem(), (403, "owners_only"));
    assert_eq!(invite(&client, &admins, "b", &account, (&guest, "admin")).await.status, 200);
    // A developer's key has every scope, and a key that it makes has too: neither looks after anybody.
    let body = json!({"account_id": account, "name": "another"});
    let made = client.post(&developers, "/api/keys", body).await.body["secret"].as_str().expect("a secret").to_owned();
    for key in [&developers, &made] {
        let own = format!("/api/members/{account}/{}", with_role(&client, key, &account, "developer").await);
        for answer in [
            invite(&client, key, "c", &account, (&guest, "viewer")).await,
            client.put(key, &own, json!({"role": "owner"})).await,
            client.delete(key, &path).await,
            client.put(key, &format!("/api/billing/account/{account}"), json!({"customer_name": "Mine"})).await,
        ] {
            assert_eq!(answer.problem(), (403, "key_serves_no_host"));
        }
    }
    client.remove(&owner, &admin);
    assert_eq!(client.delete(&admins, &path).await.problem(), (403, "key_serves_no_host"), "with the next request");
}

#[tokio::test]
async fn what_cannot_be_invited_is_refused_with_its_reason() {
    let client = client();
    let (account, owner) = client.person();
    let key = client.key_by(&owner);
    let refused = invite(&client, &key, "a", &account, ("nobody", "viewer")).await;
    assert_eq!((refused.problem(), &refused.body["field"]), ((422, "invalid_field"), &json!("email")));
    let own = members(&client, &key, &account).await["members"][0]["email"].as_str().expect("an address").to_owned();
    assert_eq!(invite(&client, &key, "b", &account, (&own, "viewer")).await.problem(), (409, "already_member"));
    for number in 0..30 {
        let email = format!("guest-{number}@example.com");
        let answer = invite(&client, &key, &unique("many"), &account, (&email, "viewer")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let last = invite(&client, &key, "c", &account, ("last@example.com", "viewer")).await;
    assert_eq!(last.problem(), (409, "too_many_invitations"));
}

#[tokio::test]
async fn an_account_gets_another_name_from_its_page_and_over_rest_and_keeps_its_ledger() {
    for client in [client(), client_on_postgres()] {
        let (account, owner) = client.person();
        let (key, path) = (client.key_by(&owner), format!("/api/billing/account/{account}"));
        let before = client.ledger(&account).await;
        let renamed = client.put(&key, &path, json!({"customer_name": "  Acme Holding "})).await;
        assert_eq!((renamed.status, &renamed.body["customer_name"]), (200, &json!("Acme Holding")), "{renamed:?}");
        let read = client.get(&key, &path).await;
        assert_eq!((&read.body, &read.body["credit_balance"]), (&renamed.body, &json!(10)));
        for name in [json!(""), json!("x".repeat(101)), json!("a\nb"), json!(7)] {
            let refused = client.put(&key, &path, json!({"customer_name": name})).await;
            assert_eq!((refused.problem(), &refused.body["field"]), ((422, "invalid_field"), &json!("customer_name")));
        }
        let viewer = client.member(&owner, Role::Viewer);
        assert_eq!(client.form(&viewer, "rename_account", &[("name", "Mine")]).await.status, 403);
        client.form(&owner, "rename_account", &[("name", "Acme & Daughters")]).await;
        let shown = client.page(&owner, "/settings").await;
        assert!(shown.body.as_str().is_some_and(|page| page.contains("Acme &amp; Daughters")), "{shown:?}");
        let hidden = client.page(&viewer, "/settings").await;
        assert!(hidden.body.as_str().is_some_and(|page| !page.contains("Rename the account")));
        assert_eq!(client.ledger(&account).await, before);
        let log = client.get(&key, &format!("/api/audit-log/{account}")).await.body;
        let told = log["events"].as_array().expect("events").iter().filter(|one| one["action"] == "account_renamed");
        assert_eq!(told.count(), 2, "{log}");
        let stranger = client.open("developer").await;
        for foreign in [
            client.get(&stranger.key, &path).await,
            client.put(&stranger.key, &path, json!({"customer_name": "Mine"})).await,
        ] {
            assert_eq!(foreign.problem(), (404, "account_not_found"));
        }
    }
}
