//! Writes done once on both stores: claimed, answered again, taken up after a crash, forgotten in time.

use super::*;
use crate::billing::{Claim, Claimed, FirstAnswer, Incoming, Whose};
use crate::ledger::KeyId;
use ulid::Ulid;

fn write(till: &Till, request: &str, fingerprint: &str) -> Incoming {
    Incoming { whose: Whose::Account(till.account), request: request.into(), fingerprint: fingerprint.into() }
}

async fn claimed(kernel: &Kernel, incoming: &Incoming) -> Claimed {
    match kernel.claim_write(incoming).await.unwrap() {
        Claim::First(claimed) => claimed,
        other => panic!("not the first: {other:?}"),
    }
}

#[tokio::test]
async fn the_first_answer_is_given_again_and_another_write_is_a_conflict() {
    for till in tills().await {
        let (kernel, first) = (&till.kernel, write(&till, "api:1", "a"));
        let claim = claimed(kernel, &first).await;
        let second = other_server(&till);
        assert_eq!(second.claim_write(&first).await, Ok(Claim::InProgress), "{}", till.name);
        assert_eq!(second.claim_write(&write(&till, "api:1", "b")).await, Ok(Claim::Conflict));
        let answer = FirstAnswer { status: 204, body: String::new() };
        kernel.keep_first_answer(&claim, &answer).await.unwrap();
        assert_eq!(second.claim_write(&first).await, Ok(Claim::Answered(answer)));
        assert_eq!(second.claim_write(&write(&till, "api:1", "b")).await, Ok(Claim::Conflict));

        let operator = Whose::Operator(KeyId::from_ulid(Ulid::from_parts(1, 1)));
        claimed(kernel, &Incoming { whose: operator, ..write(&till, "api:1", "b") }).await;
        assert_lawful(&till).await;
    }
}

#[tokio::test]
async fn an_orders_key_and_a_writes_are_the_same_keys() {
    for till in tills().await {
        till.kernel.submit(Order::new(till.account, "api:1", charge(1))).await.unwrap();
        assert_eq!(till.kernel.claim_write(&write(&till, "api:1", "a")).await, Ok(Claim::Conflict), "{}", till.name);
        claimed(&till.kernel, &write(&till, "api:2", "a")).await;
        let order = till.kernel.submit(Order::new(till.account, "api:2", charge(1))).await;
        assert_eq!(order, Err(KernelError::IdempotencyConflict));
    }
}

#[tokio::test]
async fn a_refused_write_lets_its_key_go() {
    for till in tills().await {
        let claim = claimed(&till.kernel, &write(&till, "api:1", "a")).await;
        till.kernel.release_write(&claim).await.unwrap();
        till.kernel.submit(Order::new(till.account, "api:1", charge(1))).await.unwrap();
        assert_eq!(available(&till).await, (99, 0), "{}", till.name);
    }
}

#[tokio::test]
async fn what_was_cut_off_is_taken_up_once_it_cannot_be_under_way() {
    for till in tills().await {
        let (kernel, first) = (&till.kernel, write(&till, "api:1", "a"));
        let cut_off = claimed(kernel, &first).await;
        till.clock.advance(89);
        assert_eq!(kernel.claim_write(&first).await, Ok(Claim::InProgress), "{}", till.name);
        till.clock.advance(1);
        assert_eq!(kernel.claim_write(&write(&till, "api:1", "b")).await, Ok(Claim::Conflict));
        let taken_up = claimed(kernel, &first).await;
        let [late, answer] = [201, 200].map(|status| FirstAnswer { status, body: "{}".into() });
        kernel.keep_first_answer(&cut_off, &late).await.unwrap();
        kernel.release_write(&cut_off).await.unwrap();
        assert_eq!(kernel.claim_write(&first).await, Ok(Claim::InProgress), "the late one changes nothing");
        kernel.keep_first_answer(&taken_up, &answer).await.unwrap();
        assert_eq!(kernel.claim_write(&first).await, Ok(Claim::Answered(answer)));
    }
}

#[tokio::test]
async fn first_answers_are_forgotten_after_thirty_days() {
    for till in tills().await {
        let (kernel, first) = (&till.kernel, write(&till, "api:1", "a"));
        let claim = claimed(kernel, &first).await;
        let answer = FirstAnswer { status: 200, body: "{}".into() };
        kernel.keep_first_answer(&claim, &answer).await.unwrap();
        till.clock.advance(30 * 86_400 - 1);
        assert_eq!(kernel.claim_write(&first).await, Ok(Claim::Answered(answer)), "{}", till.name);
        till.clock.advance(1);
        claimed(kernel, &write(&till, "api:2", "a")).await;
        let left = Sql::both("select request from write_answers");
        let left: Vec<String> =
            till.database.fetch(left, Vec::new()).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(left, ["api:2"]);
    }
}
