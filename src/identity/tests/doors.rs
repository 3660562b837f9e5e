//! Signing in and out, sessions, and choosing a new password.

use super::{ADA, OTHER_PASSWORD, PASSWORD};
use crate::identity::testing::houses;
use crate::identity::{Door, IdentityError, SESSION_DAYS, SESSION_IDLE_DAYS};

const WRONG: IdentityError = IdentityError::WrongCredentials;

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_one_answer() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        assert_eq!(house.identity.sign_in(ADA, OTHER_PASSWORD).await, Err(WRONG), "{}", house.store);
        assert_eq!(house.identity.sign_in("bob@example.com", OTHER_PASSWORD).await, Err(WRONG));
        assert_eq!(house.identity.sign_in("no address", OTHER_PASSWORD).await, Err(WRONG));
        assert!(house.identity.sign_in("ADA@example.com", PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let session = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in");
        house.clock.advance(SESSION_DAYS * 86_400 - 1);
        // However lately it was used.
        house.use_every_session().await;
        assert!(house.identity.session(session.as_str()).await.expect("a read").is_some(), "{}", house.store);
        house.clock.advance(1);
        assert_eq!(house.identity.session(session.as_str()).await, Ok(None));
    }
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_sooner() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let session = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in");
        house.clock.advance(SESSION_IDLE_DAYS * 86_400);
        assert_eq!(house.identity.session(session.as_str()).await, Ok(None), "{}", house.store);
        let session = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in");
        let ada = house.identity.session(session.as_str()).await.expect("a read").expect("a session");
        assert_eq!(house.identity.sessions(&ada).await.expect("a list").len(), 1, "{}: the other is gone", house.store);
    }
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let here = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in");
        let there = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in elsewhere");
        house.identity.sign_out(here.as_str()).await.expect("signing out");
        house.identity.sign_out(here.as_str()).await.expect("once more changes nothing");
        assert_eq!(house.identity.session(here.as_str()).await, Ok(None), "{}", house.store);
        assert!(house.identity.session(there.as_str()).await.expect("a read").is_some());
    }
}

#[tokio::test]
async fn what_is_no_session_is_nobodys() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        for token in ["", "x", "😀", &"A".repeat(43), &"A".repeat(10_000), "' OR 1=1 --"] {
            assert_eq!(house.identity.session(token).await, Ok(None), "{}", house.store);
        }
    }
}

#[tokio::test]
async fn a_reset_puts_the_new_password_in_force_and_ends_all_sessions() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let session = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in");
        house.identity.request_reset(ADA).await.expect("the answer for everybody");
        let token = house.mailed_token(ADA).await;
        let common = house.identity.reset_password(&token, "password123").await;
        assert_eq!(common, Err(IdentityError::PasswordCommon), "{}: the link stays good", house.store);
        house.identity.reset_password(&token, OTHER_PASSWORD).await.expect("a new password");
        assert_eq!(house.identity.session(session.as_str()).await, Ok(None));
        assert_eq!(house.identity.sign_in(ADA, PASSWORD).await, Err(WRONG));
        assert!(house.identity.sign_in(ADA, OTHER_PASSWORD).await.is_ok());
        assert_eq!(house.identity.reset_password(&token, PASSWORD).await, Err(IdentityError::InvalidLink));
    }
}

#[tokio::test]
async fn a_reset_link_ends_after_an_hour() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        house.identity.request_reset(ADA).await.expect("the answer for everybody");
        let token = house.mailed_token(ADA).await;
        house.clock.advance(3_600);
        let late = house.identity.reset_password(&token, OTHER_PASSWORD).await;
        assert_eq!(late, Err(IdentityError::InvalidLink), "{}", house.store);
        assert!(house.identity.sign_in(ADA, PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn asking_for_a_reset_tells_nobody_whether_an_address_is_known() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        assert_eq!(house.identity.request_reset("bob@example.com").await, Ok(()), "{}", house.store);
        assert_eq!(house.identity.request_reset(ADA).await, Ok(()));
        assert_eq!(house.identity.resend_confirmation("bob@example.com").await, Ok(()));
        assert_eq!((house.mails_to("bob@example.com").await, house.mails_to(ADA).await), (0, 2));
    }
}

#[tokio::test]
async fn a_confirmation_is_no_reset() {
    for house in houses().await {
        house.identity.sign_up("Ada", ADA, PASSWORD).await.expect("signing up");
        let token = house.mailed_token(ADA).await;
        let reset = house.identity.reset_password(&token, OTHER_PASSWORD).await;
        assert_eq!(reset, Err(IdentityError::InvalidLink), "{}", house.store);
    }
}

#[tokio::test]
async fn after_many_wrong_passwords_one_has_to_wait_and_a_reset_ends_the_wait() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        for email in [ADA, "nobody@example.com"] {
            for _ in 0..10 {
                assert_eq!(house.identity.sign_in(email, OTHER_PASSWORD).await, Err(WRONG), "{}", house.store);
            }
            let wait = Err(IdentityError::TooManyTries { retry_after_seconds: 2 });
            assert_eq!(house.identity.sign_in(email, PASSWORD).await, wait);
        }
        house.identity.request_reset(ADA).await.expect("never delayed");
        house.identity.reset_password(&house.mailed_token(ADA).await, OTHER_PASSWORD).await.expect("a new password");
        assert!(house.identity.sign_in(ADA, OTHER_PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn wrong_passwords_are_counted_for_all_servers_together_and_over_a_restart() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let neighbour = house.neighbour().await;
        for number in 0..10 {
            let server = if number % 2 == 0 { &house.identity } else { &neighbour };
            assert_eq!(server.sign_in(ADA, OTHER_PASSWORD).await, Err(WRONG), "{}", house.store);
        }
        let wait = Err(IdentityError::TooManyTries { retry_after_seconds: 2 });
        for server in [&house.identity, &neighbour, &house.neighbour().await] {
            assert_eq!(server.sign_in(ADA, PASSWORD).await, wait, "{}", house.store);
        }
        house.clock.advance(2);
        assert!(neighbour.sign_in(ADA, PASSWORD).await.is_ok(), "{}", house.store);
        for _ in 0..10 {
            assert_eq!(house.identity.sign_in(ADA, OTHER_PASSWORD).await, Err(WRONG), "{}: it began anew", house.store);
        }
    }
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_the_browser_had() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let first = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in").as_str().to_owned();
        let elsewhere = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in elsewhere").as_str().to_owned();
        let door = Door { session: Some(first.clone()), ..Door::default() };
        house.identity.sign_in_at(ADA, PASSWORD, &door).await.expect("signing in again");
        assert_eq!(house.identity.session(&first).await, Ok(None), "{}", house.store);
        assert!(house.identity.session(&elsewhere).await.expect("a read").is_some());
    }
}
