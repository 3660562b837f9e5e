//! The Judge's pages as a browser without scripts uses them.

use serde_json::json;

use crate::support::{Client, client, client_on_postgres};

async fn page(client: &Client, cookie: &str, path: &str) -> String {
    let answer = client.page(cookie, path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.body.as_str().expect("a page").to_owned()
}

/// What stands in the address after the last stroke.
fn id_in(path: &str) -> &str {
    path.rsplit('/').next().expect("an id")
}

#[tokio::test]
async fn a_question_decided_before_is_opened_for_nothing_or_run_again_as_it_was() {
    for client in [client(), client_on_postgres()] {
        let (account, cookie) = client.person();
        let ask = async |request: &str| {
            let program = [("kind", "validity"), ("source", "x > 5 && x < 7"), ("assumptions", "y > 0\r\n")];
            let fields = [program.as_slice(), &[("goal", "x == 6"), ("request", request)]].concat();
            client.plain_form(&cookie, "verify", &fields).await
        };
        let first = ask("01J9ZQ3V5R8N2M4K6T7W8X9YAA").await;
        assert!(first.starts_with("/judge/VER_"), "{first}");
        assert_eq!(ask("01J9ZQ3V5R8N2M4K6T7W8X9YAA").await, first, "the same form sent twice is one verification");
        let told = page(&client, &cookie, &first).await;
        for text in ["Proved", "Rests on", "line 1", "seed 0", "Run again · 1 credit"] {
            assert!(told.contains(text), "{text}: {told}");
        }

        let offered = ask("01J9ZQ3V5R8N2M4K6T7W8X9YAB").await;
        assert!(offered.starts_with("/judge?draft="), "{offered}");
        for path in [offered, format!("/judge?from={}", id_in(&first))] {
            let told = page(&client, &cookie, &path).await;
            let stored = format!("href=\"{first}\"");
            for text in ["Open the stored verdict", &stored, "Run again · 1 credit", "y &gt; 0", "x == 6"] {
                assert!(told.contains(text), "{text}: {told}");
            }
        }
        assert_eq!(client.balance(&account).await, 9, "nothing was charged for what is known");

        let fields = [("id", id_in(&first)), ("request", "01J9ZQ3V5R8N2M4K6T7W8X9YAC")];
        let again = client.plain_form(&cookie, "verify_again", &fields).await;
        assert!(again.starts_with("/judge/VER_") && again != first, "{again}");
        assert_eq!(client.plain_form(&cookie, "verify_again", &fields).await, again);
        assert_eq!(client.balance(&account).await, 8);
        let key = client.customer_key(&account);
        let stored = client.get(&key, &format!("/api/verifications/{}", id_in(&again))).await;
        let asked = json!({"type": "validity", "source": "x > 5 && x < 7", "assumptions": ["y > 0"], "goal": "x == 6"});
        assert_eq!(stored.body["proof_data"], asked);
        let (_, stranger) = client.person();
        assert_eq!(client.form(&stranger, "verify_again", &fields).await.status, 404);
    }
}

#[tokio::test]
async fn what_stands_beside_a_program_and_cannot_be_read_is_said_and_costs_nothing() {
    let client = client();
    let (account, cookie) = client.person();
    for (assumptions, sentence) in [("x > (", "expected a value"), ("x && y", "assumptions or the goal")] {
        let fields = [("kind", "validity"), ("source", "x > 1"), ("assumptions", assumptions), ("request", "01JA")];
        let back = client.plain_form(&cookie, "verify", &fields).await;
        assert!(back.starts_with("/judge?draft=") && back.contains("error="), "{back}");
        let told = page(&client, &cookie, &back).await;
        assert!(told.contains("role=\"alert\"") && told.contains(sentence), "{sentence}: {told}");
    }
    assert_eq!(client.balance(&account).await, 10);
}
