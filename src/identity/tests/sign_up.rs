//! Signing up, confirming, and the free credits.

use super::{ADA, OTHER_PASSWORD, PASSWORD};
use crate::identity::IdentityError;
use crate::identity::store::Purpose;
use crate::identity::testing::{House, houses};
use crate::ledger::AccountId;

#[tokio::test]
async fn signing_up_and_confirming_opens_an_account_with_the_free_credits_and_signs_in() {
    for house in houses().await {
        house.identity.sign_up(" Ada ", "Ada@Example.com", PASSWORD).await.expect("signing up");
        assert_eq!(house.identity.sign_in(ADA, PASSWORD).await, Err(IdentityError::NotConfirmed), "{}", house.store);
        let token = house.mailed_token("Ada@example.com").await;
        let session = house.identity.confirm(&token).await.expect("confirming");
        let ada = house.identity.session(session.as_str()).await.expect("a read").expect("a session");
        assert_eq!((ada.name.as_str(), ada.email.as_str(), ada.confirmed), ("Ada", "Ada@example.com", true));
        assert_eq!(house.available(ada.account).await, 10);
        assert!(house.identity.sign_in(ADA, PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn a_link_works_once() {
    for house in houses().await {
        let account = house.resident(ADA, PASSWORD).await;
        let used = house.mailed_token(ADA).await;
        assert_eq!(house.identity.confirm(&used).await, Err(IdentityError::InvalidLink), "{}", house.store);
        assert_eq!(house.available(account).await, 10);
    }
}

#[tokio::test]
async fn a_link_followed_twice_at_once_gives_one_session_and_ten_credits() {
    for house in houses().await {
        house.identity.sign_up("Ada", ADA, PASSWORD).await.expect("signing up");
        let token = house.mailed_token(ADA).await;
        let (one, two) = tokio::join!(house.identity.confirm(&token), house.identity.confirm(&token));
        let won: Vec<_> = [&one, &two].into_iter().flatten().collect();
        assert_eq!(won.len(), 1, "{}: {one:?} {two:?}", house.store);
        let ada = house.identity.session(won[0].as_str()).await.expect("a read").expect("a session");
        assert_eq!(house.available(ada.account).await, 10);
    }
}

#[tokio::test]
async fn a_link_ends_after_a_day_and_another_can_be_asked_for() {
    for house in houses().await {
        house.identity.sign_up("Ada", ADA, PASSWORD).await.expect("signing up");
        let late = house.mailed_token(ADA).await;
        house.clock.advance(24 * 3_600);
        assert_eq!(house.identity.confirm(&late).await, Err(IdentityError::InvalidLink), "{}", house.store);
        house.identity.resend_confirmation(ADA).await.expect("the answer for everybody");
        assert!(house.identity.confirm(&house.mailed_token(ADA).await).await.is_ok());
        assert_eq!(house.identity.resend_confirmation(ADA).await, Ok(()));
        assert_eq!(house.mails_to(ADA).await, 2, "a confirmed address needs no further link");
    }
}

#[tokio::test]
async fn a_malformed_unknown_or_foreign_link_is_invalid() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        house.identity.request_reset(ADA).await.expect("the answer for everybody");
        let reset = house.mailed_token(ADA).await;
        for token in ["", "x", "😀", &"A".repeat(43), &"A".repeat(10_000), &reset] {
            assert_eq!(house.identity.confirm(token).await, Err(IdentityError::InvalidLink), "{}", house.store);
        }
    }
}

#[tokio::test]
async fn signing_up_with_a_known_address_looks_the_same_and_changes_nothing() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        assert_eq!(house.identity.sign_up("Eve", "ADA@example.com", OTHER_PASSWORD).await, Ok(()), "{}", house.store);
        assert_eq!(house.identity.sign_in(ADA, OTHER_PASSWORD).await, Err(IdentityError::WrongCredentials));
        assert!(house.identity.sign_in(ADA, PASSWORD).await.is_ok());
        let latest = &house.mail.recent(1).await.expect("the outbox opens")[0];
        assert_eq!(latest.to, ADA, "the mail goes to the address on file, not to the one typed");
        assert!(latest.subject.contains("already"));
    }
}

#[tokio::test]
async fn a_stranger_who_signs_up_first_does_not_choose_the_password() {
    for house in houses().await {
        house.identity.sign_up("Ada", ADA, PASSWORD).await.expect("the owner signs up");
        let owners = house.mailed_token(ADA).await;
        house.identity.sign_up("Eve", ADA, OTHER_PASSWORD).await.expect("a stranger does, too");
        house.identity.confirm(&owners).await.expect("the owner follows their own link");
        assert!(house.identity.sign_in(ADA, PASSWORD).await.is_ok(), "{}", house.store);
        assert_eq!(house.identity.sign_in(ADA, OTHER_PASSWORD).await, Err(IdentityError::WrongCredentials));
        let strangers = house.mailed_token(ADA).await;
        assert_eq!(house.identity.confirm(&strangers).await, Err(IdentityError::InvalidLink));
    }
}

#[tokio::test]
async fn two_who_sign_up_with_one_address_at_once_are_one_person() {
    for house in houses().await {
        let one = house.identity.sign_up("Ada", ADA, PASSWORD);
        let two = house.identity.sign_up("Ada", "ADA@example.com", PASSWORD);
        assert_eq!(tokio::join!(one, two), (Ok(()), Ok(())), "{}", house.store);
        let mails = house.mail.recent(10).await.expect("the outbox opens");
        assert_eq!((mails.len(), &mails[0].to), (2, &mails[1].to), "{}", house.store);
        let token = house.mailed_token(&mails[0].to).await;
        let session = house.identity.confirm(&token).await.expect("confirming");
        assert!(house.identity.session(session.as_str()).await.expect("a read").is_some());
    }
}

#[tokio::test]
async fn one_person_gets_the_free_credits_once_however_the_address_is_dressed_up() {
    for house in houses().await {
        let first = house.resident("ada.l@gmail.com", PASSWORD).await;
        let second = house.resident("adal+again@googlemail.com", PASSWORD).await;
        assert_ne!(first, second, "{}", house.store);
        assert_eq!((house.available(first).await, house.available(second).await), (10, 0));
    }
}

#[tokio::test]
async fn a_confirmation_that_stopped_half_way_can_be_done_again() {
    for house in houses().await {
        house.identity.sign_up("Ada", ADA, PASSWORD).await.expect("signing up");
        let token = house.mailed_token(ADA).await;
        let account = everything_but_the_link(&house, &token).await;
        assert_eq!(house.available(account).await, 10, "{}", house.store);
        let session = house.identity.confirm(&token).await.expect("the link still works");
        let ada = house.identity.session(session.as_str()).await.expect("a read").expect("a session");
        assert_eq!((ada.account, house.available(account).await), (account, 10));
    }
}

/// What a confirmation does before it uses the link up.
async fn everything_but_the_link(house: &House, token: &str) -> AccountId {
    let user = house.identity.linked(token, Purpose::Confirm).await.expect("a good link");
    house.identity.open_account(&user).await.expect("an account");
    house.identity.give_free_credits(&user).await.expect("free credits");
    user.account
}

#[tokio::test]
async fn what_is_no_name_address_or_password_is_refused_and_nobody_is_written_to() {
    for house in houses().await {
        let try_it =
            async |name: &str, email: &str, password: &str| house.identity.sign_up(name, email, password).await;
        assert_eq!(try_it(" ", ADA, PASSWORD).await, Err(IdentityError::NameInvalid { most: 100 }), "{}", house.store);
        assert_eq!(try_it("Ada", "ada", PASSWORD).await, Err(IdentityError::EmailInvalid));
        assert_eq!(try_it("Ada", ADA, "short").await, Err(IdentityError::PasswordTooShort { least: 10 }));
        assert_eq!(try_it("Ada", ADA, "password123").await, Err(IdentityError::PasswordCommon));
        assert_eq!(try_it("Ada", ADA, ADA).await, Err(IdentityError::PasswordGuessable));
        assert_eq!(house.mail.recent(1).await.expect("the outbox opens"), []);
    }
}

#[tokio::test]
async fn strangers_cannot_fill_a_letter_box() {
    for house in houses().await {
        for _ in 0..9 {
            assert_eq!(house.identity.sign_up("Ada", ADA, PASSWORD).await, Ok(()), "{}", house.store);
            assert_eq!(house.identity.resend_confirmation(ADA).await, Ok(()));
        }
        assert_eq!(house.mails_to(ADA).await, 5);
        house.clock.advance(3_601);
        assert_eq!(house.identity.resend_confirmation(ADA).await, Ok(()));
        assert_eq!(house.mails_to(ADA).await, 6);
    }
}
