//! Public links: made once for a request, replaced, ended, and worth nothing to anybody else.

use super::{ADA, PASSWORD};
use crate::identity::testing::houses;
use crate::identity::{Actor, IdentityError, Shared};

const ANSWER: &str = "VER_01J9ZQ3V5R8N2M4K6T7W8X9YAB";
const OTHER: &str = "ORA_01J9ZQ3V5R8N2M4K6T7W8X9YAB";

#[tokio::test]
async fn a_link_opens_its_answer_until_it_is_ended_and_a_late_retry_opens_nothing() {
    for house in houses().await {
        let (ada, identity) = (house.resident(ADA, PASSWORD).await, &house.identity);
        let made = identity.share(ada, ANSWER, "once", &Actor::House).await.expect("a link").expect("its secret");
        let opened = Shared { account: ada, subject: ANSWER.to_owned() };
        assert_eq!(identity.shared(made.as_str()).await, Ok(Some(opened)), "{}", house.store);
        assert_eq!(identity.share(ada, ANSWER, "once", &Actor::House).await, Ok(None), "a replay has no secret");
        assert!(identity.shared(made.as_str()).await.expect("a read").is_some(), "and ends nothing");
        let other = identity.share(ada, OTHER, "once", &Actor::House).await;
        assert_eq!(other, Err(IdentityError::Conflict));
        assert_eq!(identity.share_of(ada, OTHER).await, Ok(None));

        identity.end_share(ada, ANSWER, &Actor::House).await.expect("ended");
        assert_eq!(identity.shared(made.as_str()).await, Ok(None));
        assert_eq!(identity.end_share(ada, ANSWER, &Actor::House).await, Err(IdentityError::NotFound));
        assert_eq!(identity.share(ada, ANSWER, "once", &Actor::House).await, Ok(None));
        assert_eq!(identity.share_of(ada, ANSWER).await, Ok(None), "a late retry opens it again");
        let log = identity.audit_of_account(ada, None, 10).await.expect("a log");
        let acts: Vec<&str> = log.iter().map(|line| line.action.as_str()).filter(|act| act.contains("link")).collect();
        assert_eq!(acts, ["link_ended", "link_shared"]);
    }
}

#[tokio::test]
async fn another_link_takes_the_place_of_the_first() {
    for house in houses().await {
        let (ada, identity) = (house.resident(ADA, PASSWORD).await, &house.identity);
        let first = identity.share(ada, ANSWER, "first", &Actor::House).await.expect("a link").expect("its secret");
        house.clock.advance(60);
        let second = identity.share(ada, ANSWER, "second", &Actor::House).await.expect("a link").expect("its secret");
        assert_eq!(identity.shared(first.as_str()).await, Ok(None), "{}", house.store);
        assert!(identity.shared(second.as_str()).await.expect("a read").is_some());
        let listed = identity.shares(ada, None, 10).await.expect("a list");
        assert_eq!(listed.iter().map(|share| share.subject.as_str()).collect::<Vec<_>>(), [ANSWER]);
        assert_eq!(identity.share_of(ada, ANSWER).await.expect("a read").as_ref(), listed.first());
    }
}

#[tokio::test]
async fn what_is_no_secret_opens_nothing_and_nobody_ends_anothers_link() {
    for house in houses().await {
        let ada = house.resident(ADA, PASSWORD).await;
        let bob = house.resident("bob@example.com", PASSWORD).await;
        let identity = &house.identity;
        let made = identity.share(ada, ANSWER, "once", &Actor::House).await.expect("a link").expect("its secret");
        for wrong in ["", "x", ANSWER, &"A".repeat(43), &made.as_str().to_lowercase()] {
            assert_eq!(identity.shared(wrong).await, Ok(None), "{wrong}");
        }
        assert_eq!(identity.end_share(bob, ANSWER, &Actor::House).await, Err(IdentityError::NotFound));
        assert_eq!(identity.shares(bob, None, 10).await, Ok(Vec::new()));
        assert!(identity.shared(made.as_str()).await.expect("a read").is_some(), "{}", house.store);
    }
}
