//! The Oracle over HTTP: answers, refusals, replays, other people's questions.

use serde_json::{Value, json};

use crate::support::{client, client_on_postgres, unique};

const ORACLE: &str = "/api/oracle";

#[tokio::test]
async fn a_question_is_answered_charged_and_kept() {
    for client in [client(), client_on_postgres()] {
        let customer = client.open_with("developer", 20).await;
        let question = json!({
            "account_id": customer.account, "law": "x + y == 100", "assumptions": ["x >= 0", "y >= 0"],
        });
        let once = unique("oracle");
        let first = client.post_once(&customer.key, &once, ORACLE, question.clone()).await;
        assert_eq!(first.status, 200, "{first:?}");
        let told =
            ["success", "result", "credits_charged", "credits_remaining", "verdict"].map(|name| &first.body[name]);
        assert_eq!(told, [&json!(true), &json!(false), &json!(5), &json!(15), &json!("sometimes")]);
        let x = &first.body["answer"]["ranges"][0];
        assert_eq!((&x["low"]["value"], &x["high"]["value"]), (&json!("0"), &json!("100")), "{first:?}");
        assert!(first.body["receipt"]["hash"].is_string());

        let again = client.post_once(&customer.key, &once, ORACLE, question.clone()).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body["query_id"]), ("true", &first.body["query_id"]));
        let other = json!({"account_id": customer.account, "law": "x == x"});
        assert_eq!(
            client.post_once(&customer.key, &once, ORACLE, other).await.problem(),
            (409, "idempotency_conflict")
        );

        let id = first.body["query_id"].as_str().expect("an id");
        let kept = client.get(&customer.key, &format!("{ORACLE}/{}/{id}", customer.account)).await;
        assert_eq!(
            (&kept.body["answer"], &kept.body["question"]["law"]),
            (&first.body["answer"], &json!("x + y == 100"))
        );
        let listed = client.get(&customer.key, &format!("{ORACLE}/{}", customer.account)).await;
        assert_eq!((&listed.body["queries"][0]["query_id"], &listed.body["next_cursor"]), (&json!(id), &Value::Null));

        let stranger = client.open_with("developer", 20).await;
        for path in [format!("{ORACLE}/{}/{id}", customer.account), format!("{ORACLE}/{}", customer.account)] {
            assert_eq!(client.get(&stranger.key, &path).await.problem(), (404, "account_not_found"));
        }
        let theirs = client.get(&stranger.key, &format!("{ORACLE}/{}/{id}", stranger.account)).await;
        assert_eq!(theirs.problem(), (404, "answer_not_found"));
    }
}

#[tokio::test]
async fn transitions_and_observations_are_answered_without_a_float() {
    let client = client();
    let customer = client.open_with("developer", 20).await;
    let question = json!({
        "account_id": customer.account,
        "law": "a + b == 10",
        "transitions": "intent move(n: Int) { verify { a == old_a - n; b == old_b + n; } }",
        "observations": [{"a": 4, "b": "6"}, {"a": "4.5", "b": "5.75"}],
    });
    let answer = client.post(&customer.key, ORACLE, question).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = &answer.body["answer"];
    assert_eq!(answer["kept"]["combinations"][0]["text"], "a + b");
    assert_eq!(answer["drift"]["breaking"], 1);
    assert_eq!(answer["drift"]["difference"]["trend"], "0.25");
}

#[tokio::test]
async fn what_cannot_be_asked_or_paid_costs_nothing() {
    let client = client();
    let customer = client.open_with("developer", 4).await;
    let with = |mut body: Value| {
        body["account_id"] = json!(customer.account);
        body
    };
    for (body, problem) in [
        (json!({"law": "x +"}), (422, "unreadable_program")),
        (json!({}), (422, "invalid_field")),
        (json!({"law": "x == y", "observations": [{"x": 1}]}), (422, "invalid_field")),
        (json!({"law": "x == y", "observations": [{"x": 1.5, "y": 1}]}), (422, "invalid_field")),
        (json!({"transitions": "x == 1"}), (422, "invalid_field")),
        (json!({"law": "x == x", "colour": "red"}), (422, "invalid_field")),
        (json!({"law": "x == x"}), (402, "insufficient_credits")),
    ] {
        let answer = client.refused(&customer.key, &customer.account, ORACLE, with(body.clone())).await;
        assert_eq!(answer.problem(), problem, "{body}: {answer:?}");
    }
    let stranger = client.open_with("developer", 20).await;
    let theirs = json!({"account_id": customer.account, "law": "x == x"});
    assert_eq!(client.post(&stranger.key, ORACLE, theirs).await.problem(), (404, "account_not_found"));
}

#[tokio::test]
async fn a_law_is_asked_about_within_bounds() {
    let client = client();
    let customer = client.open_with("developer", 20).await;
    let question = json!({
        "account_id": customer.account, "law": "x + y == 100", "bounds": {"x": [0, "30"], "y": [null, 90]},
    });
    let answer = client.post(&customer.key, ORACLE, question).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let x = &answer.body["answer"]["ranges"][0];
    assert_eq!((&x["low"]["value"], &x["high"]["value"]), (&json!("10"), &json!("30")), "{answer:?}");
    for bounds in
        [json!({"z": [0, 1]}), json!({"x": [1, 0]}), json!({"x": [0]}), json!({"x": 5}), json!({"x": [0.5, 1]})]
    {
        let question = json!({"account_id": customer.account, "law": "x + y == 100", "bounds": bounds});
        let refused = client.refused(&customer.key, &customer.account, ORACLE, question).await;
        assert_eq!(refused.problem(), (422, "invalid_field"), "{bounds}");
    }
}
