//! Pages and server functions against everybody who may ask for them: nobody, each role, an operator who only looks.

use std::sync::atomic::{AtomicUsize, Ordering};

use aethel::identity::Role;
use aethel::server::permissions::{Effect, FUNCTIONS, Need, PAGES};
use axum::http::Method;

use crate::support::{Client, client};

/// What an empty form to these would really do, so that the next row meets another visitor.
const ENDS_THE_VISIT: [&str; 3] = ["sign_out", "leave_account", "stop_seeing"];

/// Who asks, by cookie, and what they are to the account; none when nobody is signed in.
struct Visitor {
    name: String,
    cookie: String,
    role: Option<Role>,
    operator: bool,
    looking: bool,
}

impl Visitor {
    /// The status that must come, or none when anything but a refusal of the visitor may.
    fn refusal(&self, need: Need, effect: Effect) -> Option<u16> {
        match need {
            Need::Operator if !self.operator => Some(404),
            _ if self.looking && effect == Effect::Writes => Some(403),
            Need::Anyone | Need::Operator => None,
            Need::Person => self.role.is_none().then_some(401),
            Need::May(_) if self.looking => None,
            Need::May(what) => match self.role {
                None => Some(401),
                Some(role) => (!role.may(what)).then_some(403),
            },
        }
    }
}

async fn visitors(client: &Client) -> Vec<Visitor> {
    let (account, owner) = client.person();
    let plain = |name: &str, cookie: String, role| Visitor {
        name: name.to_owned(),
        cookie,
        role,
        operator: false,
        looking: false,
    };
    let mut all = vec![plain("nobody", String::new(), None), plain("nonsense", "aethel=x".into(), None)];
    for role in [Role::Viewer, Role::Billing, Role::Developer, Role::Admin] {
        all.push(plain(role.name(), client.member(&owner, role), Some(role)));
    }
    all.push(plain("owner", owner, Some(Role::Owner)));
    let looking = client.operator_person();
    let answer = client.form(&looking, "office_see", &[("account", &account)]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    all.push(Visitor {
        name: "operator who looks".into(),
        cookie: looking,
        role: Some(Role::Viewer),
        operator: true,
        looking: true,
    });
    all
}

#[tokio::test]
async fn every_server_function_answers_each_role_as_the_table_says() {
    let client = client();
    for visitor in visitors(&client).await {
        for function in FUNCTIONS {
            let expected = visitor.refusal(function.need, function.effect);
            if expected.is_none() && ENDS_THE_VISIT.contains(&function.endpoint) {
                continue;
            }
            let answer = client.form(&visitor.cookie, function.endpoint, &[]).await;
            let told = format!("{} as {}: {answer:?}", function.endpoint, visitor.name);
            match expected {
                Some(status) => assert_eq!(answer.status, status, "{told}"),
                None => assert!(![401, 403].contains(&answer.status) && answer.status != 500, "{told}"),
            }
        }
    }
}

#[tokio::test]
async fn every_page_answers_each_role_as_the_table_says() {
    let client = client();
    for visitor in visitors(&client).await {
        for (route, need) in PAGES {
            let path = route.replace("{id}", "x").replace("{month}", "x").replace("{token}", "x");
            let answer = client.page(&visitor.cookie, &path).await;
            let told = format!("{path} as {}: {}", visitor.name, answer.status);
            match visitor.refusal(*need, Effect::Reads) {
                Some(401) => {
                    assert_eq!(answer.status, 302, "{told}");
                    assert!(answer.header("location").starts_with("/signin?next="), "{told}");
                }
                Some(status) => assert_eq!(answer.status, status, "{told}"),
                None => assert!(![401, 403, 500].contains(&answer.status), "{told}"),
            }
        }
    }
}

#[tokio::test]
async fn a_function_or_page_that_is_in_no_table_is_not_there() {
    let client = client();
    let (_, owner) = client.person();
    assert_eq!(client.form(&owner, "no_such_function", &[]).await.status, 404);
    assert_eq!(client.page(&owner, "/no/such/page").await.status, 404);
}

#[tokio::test]
async fn a_role_sees_no_button_that_it_may_not_press() {
    let client = client();
    let (_, owner) = client.person();
    let viewer = client.member(&owner, Role::Viewer);
    let shown = async |cookie: &str, text: &str| {
        client.page(cookie, "/team").await.body.as_str().is_some_and(|page| page.contains(text))
    };
    for text in ["Send the invitation", "Remove from the team", "href=\"/buy\"", "href=\"/keys\""] {
        assert!(shown(&owner, text).await, "{text}");
        assert!(!shown(&viewer, text).await, "{text}");
    }
}

#[tokio::test]
async fn a_removed_member_loses_the_account_with_the_very_next_request() {
    let client = client();
    let (account, owner) = client.person();
    let member = client.member(&owner, Role::Admin);
    let settings =
        async |cookie: &str| client.page(cookie, "/settings").await.body.as_str().unwrap_or_default().to_owned();
    assert!(settings(&member).await.contains(&account));
    client.remove(&owner, &member);
    assert!(!settings(&member).await.contains(&account));
}

#[tokio::test]
async fn an_operator_who_looks_reads_and_changes_nothing_and_the_customer_can_read_it() {
    let client = client();
    let (account, owner) = client.person();
    let operator = client.operator_person();
    let before = client.ledger(&account).await;
    assert_eq!(client.form(&operator, "office_see", &[("account", &account)]).await.status, 200);
    let page = client.page(&operator, "/settings").await;
    let text = page.body.as_str().unwrap_or_default();
    assert!(text.contains(&account) && text.contains("You are looking at a customer"), "{text}");
    let form = [("day", "5"), ("month", ""), ("request", "01ARZ3NDEKTSV4RRFFQ69G5FAV")];
    assert_eq!(client.form(&operator, "set_budgets", &form).await.status, 403);
    let gift =
        [("account", account.as_str()), ("credits", "5"), ("reason", "x"), ("request", "01ARZ3NDEKTSV4RRFFQ69G5FAV")];
    assert_eq!(client.form(&operator, "office_gift", &gift).await.status, 403);
    assert_eq!(client.ledger(&account).await, before);
    let log = client.page(&owner, "/settings/audit").await;
    assert!(log.body.as_str().is_some_and(|page| page.contains("Pages looked at")), "{log:?}");
    assert_eq!(client.form(&operator, "stop_seeing", &[]).await.status, 200);
    let own = client.page(&operator, "/settings").await;
    assert!(!own.body.as_str().unwrap_or_default().contains(&account));
}

#[tokio::test]
async fn an_operators_act_happens_once_and_stands_in_the_customers_log() {
    let client = client();
    let (account, owner) = client.person();
    let operator = client.operator_person();
    let act = async |endpoint: &str, fields: &[(&str, &str)]| {
        let fields: Vec<_> = [("account", account.as_str()), ("request", "01ARZ3NDEKTSV4RRFFQ69G5FAV")]
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        client.form(&operator, endpoint, &fields).await
    };
    for _ in 0..2 {
        let answer =
            act("office_gift", &[("credits", "40"), ("reason", "An apology"), ("expires", "2099-12-31")]).await;
        assert!(answer.header("serverfnredirect").is_empty() || answer.status == 200, "{answer:?}");
    }
    assert_eq!(client.balance(&account).await, 50);
    act("office_adjust", &[("credits", "-15"), ("reason", "Given twice")]).await;
    assert_eq!(client.balance(&account).await, 35);
    act("office_adjust", &[("credits", "-36"), ("reason", "Too much")]).await;
    assert_eq!(client.balance(&account).await, 35);
    act("office_tier", &[("tier", "enterprise")]).await;
    act("office_suspend", &[("suspended", "yes"), ("reason", "Payment disputed")]).await;
    let log = client.page(&owner, "/settings/audit").await;
    let log = log.body.as_str().unwrap_or_default();
    for words in ["Credits given", "40 credits: An apology", "Credits adjusted", "Tier set", "Account suspended"] {
        assert!(log.contains(words), "{words}");
    }
    assert_eq!(log.matches("<td class=\"name\">Credits given").count(), 1);
    assert!(!log.contains("Too much"), "a refused act leaves no line");
    let customer = client.page(&operator, &format!("/office/customers/{account}")).await;
    let customer = customer.body.as_str().unwrap_or_default();
    assert!(customer.contains("35 credits") && customer.contains("Suspended") && customer.contains("Payment disputed"));
}

#[tokio::test]
async fn customers_are_found_by_name_id_and_address_by_operators_alone() {
    let client = client();
    let (account, owner) = client.person();
    let operator = client.operator_person();
    let settings = client.page(&owner, "/settings/security").await;
    let text = settings.body.as_str().unwrap_or_default().to_owned();
    let email =
        text.split("data-testid=\"own-email\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
    assert!(email.contains('@'), "{text}");
    for wanted in [account.as_str(), email, "lovelace"] {
        let found = client.page(&operator, &format!("/office?text={}", wanted.replace('@', "%40"))).await;
        assert!(found.body.as_str().is_some_and(|page| page.contains(&account)), "{wanted}");
    }
    let nobody = client.page(&operator, "/office?text=%25nobody%25").await;
    assert!(nobody.body.as_str().is_some_and(|page| page.contains("No customer fits")));
    assert_eq!(client.page(&owner, "/office").await.status, 404);
}

#[tokio::test]
async fn a_write_from_another_site_is_refused_whoever_is_signed_in() {
    let client = client();
    let (_, owner) = client.person();
    let request = client.request(Method::POST, "/fn/invite").header("sec-fetch-site", "cross-site");
    assert_eq!(client.send(request.header("cookie", &owner)).await.status, 403);
}

#[tokio::test]
async fn members_and_the_audit_log_are_read_by_the_accounts_own_keys_a_page_at_a_time() {
    let client = client();
    let (account, owner) = client.person();
    let key = client.customer_key(&account);
    let _viewer = client.member(&owner, Role::Viewer);
    let members = client.get(&key, &format!("/api/members/{account}")).await;
    let roles: Vec<_> = members.body["members"].as_array().expect("members").iter().map(|one| &one["role"]).collect();
    assert_eq!(roles, ["owner", "viewer"]);
    assert_eq!(members.body["invitations"], serde_json::json!([]));
    let page = client.get(&key, &format!("/api/audit-log/{account}?limit=1")).await;
    assert_eq!(page.body["events"][0]["action"], "member_joined", "{page:?}");
    let cursor = page.body["next_cursor"].as_str().expect("a next page").to_owned();
    let rest = client.get(&key, &format!("/api/audit-log/{account}?cursor={cursor}")).await;
    assert!(rest.body["events"].as_array().is_some_and(|events| {
        events.iter().any(|event| event["action"] == "member_invited" && event["actor_kind"] == "person")
    }));
    let other = client.open("developer").await;
    for path in ["members", "audit-log"] {
        let foreign = client.get(&other.key, &format!("/api/{path}/{account}")).await;
        assert_eq!(foreign.problem(), (404, "account_not_found"), "{path}");
        assert_eq!(client.get("", &format!("/api/{path}/{account}")).await.problem().0, 401, "{path}");
    }
    let nonsense = client.get(&key, &format!("/api/audit-log/{account}?cursor=x")).await;
    assert_eq!(nonsense.problem(), (422, "invalid_field"));
}

#[tokio::test]
async fn many_sign_ins_at_once_hold_up_no_charge() {
    const GUESSES: usize = 48;
    let client = client();
    let customer = client.open_with("developer", 100).await;
    let answered = AtomicUsize::new(0);
    let guess = async |number: usize| {
        let email = format!("nobody{number}@example.com");
        let answer = client.form("", "sign_in", &[("email", &email), ("password", "a wrong password")]).await;
        let is_refused = matches!(answer.status, 429 | 503) || answer.header("location").contains("error=");
        assert!(is_refused, "{answer:?}");
        answered.fetch_add(1, Ordering::SeqCst);
    };
    let charges = async {
        for _ in 0..10 {
            assert_eq!(client.charge(&customer, "proof_verification", 1).await.status, 200);
        }
        answered.load(Ordering::SeqCst)
    };
    let guesses = futures::future::join_all((0..GUESSES).map(guess));
    let (answered_before, _) = tokio::join!(charges, guesses);
    // Each guess is a hash of 19 MiB, and there are hands for half of the machine's threads: charges end long before.
    assert!(answered_before < GUESSES, "the charges waited for every sign-in");
    assert_eq!(client.balance(&customer.account).await, 90);
}
