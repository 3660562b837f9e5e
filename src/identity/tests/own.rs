//! A person's own matters: password, address, one-time codes, sessions, and doors that stay open for the owner.

use super::{ADA, OTHER_PASSWORD, PASSWORD};
use crate::identity::codes::code_at;
use crate::identity::testing::{House, houses};
use crate::identity::{Door, IdentityError, SignIn, SignedIn};
use crate::ledger::Clock;

const BOB: &str = "bob@example.com";
const NEW: &str = "lovelace@example.com";

async fn who(house: &House, token: &str) -> SignedIn {
    house.identity.session(token).await.expect("a read").expect("a session")
}

/// Somebody confirmed and signed in, and the session's token.
async fn person(house: &House, email: &str) -> (SignedIn, String) {
    house.resident(email, PASSWORD).await;
    let token = house.identity.sign_in(email, PASSWORD).await.expect("signing in");
    (who(house, token.as_str()).await, token.as_str().to_owned())
}

fn from(source: &str) -> Door {
    Door { source: source.into(), ..Door::default() }
}

/// Turns one-time codes on; the secret and the recovery codes.
async fn with_codes(house: &House, ada: &SignedIn) -> (String, Vec<String>) {
    house.identity.start_codes(ada, PASSWORD).await.expect("a secret");
    let secret = house.identity.codes_secret(ada).await.expect("a read").expect("it waits").secret;
    let recovery = house.identity.confirm_codes(ada, &code_at(&secret, house.clock.now())).await.expect("the code");
    (secret, recovery)
}

async fn step(house: &House) -> String {
    match house.identity.sign_in_at(ADA, PASSWORD, &Door::default()).await.expect("the right password") {
        SignIn::CodeNeeded(step) => step.as_str().to_owned(),
        SignIn::Entered(_) => panic!("nobody asked for a code"),
    }
}

#[tokio::test]
async fn a_new_password_needs_the_current_one_and_ends_every_session() {
    for house in houses().await {
        let (ada, here) = person(&house, ADA).await;
        let there = house.identity.sign_in(ADA, PASSWORD).await.expect("elsewhere");
        let change =
            async |current: &str, new: &str| house.identity.change_password(&ada, current, new, &Door::default()).await;
        assert_eq!(change(OTHER_PASSWORD, OTHER_PASSWORD).await, Err(IdentityError::WrongPassword), "{}", house.store);
        assert_eq!(change(PASSWORD, "password123").await, Err(IdentityError::PasswordCommon));
        let entered = change(PASSWORD, OTHER_PASSWORD).await.expect("changed");
        for old in [here.as_str(), there.as_str()] {
            assert_eq!(house.identity.session(old).await, Ok(None));
        }
        assert_eq!(who(&house, entered.session.as_str()).await.user, ada.user);
        assert_eq!(house.identity.sign_in(ADA, PASSWORD).await, Err(IdentityError::WrongCredentials));
        assert!(house.identity.sign_in(ADA, OTHER_PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn a_new_address_counts_once_its_link_was_followed_and_the_old_one_is_told() {
    for house in houses().await {
        let (ada, session) = person(&house, ADA).await;
        let wrong = house.identity.request_email_change(&ada, OTHER_PASSWORD, NEW).await;
        assert_eq!(wrong, Err(IdentityError::WrongPassword), "{}", house.store);
        house.identity.request_email_change(&ada, PASSWORD, NEW).await.expect("asked");
        assert!(house.identity.sign_in(ADA, PASSWORD).await.is_ok(), "nothing has changed yet");
        let link = house.mailed_token(NEW).await;
        house.identity.confirm_email_change(&link).await.expect("followed");
        assert_eq!(house.identity.confirm_email_change(&link).await, Err(IdentityError::InvalidLink));
        assert_eq!(house.identity.sign_in(ADA, PASSWORD).await, Err(IdentityError::WrongCredentials));
        assert!(house.identity.sign_in(NEW, PASSWORD).await.is_ok());
        assert_eq!(who(&house, &session).await.email, NEW);
        let latest = &house.mail.recent(1).await.expect("the outbox opens")[0];
        assert_eq!((latest.to.as_str(), latest.subject.as_str()), (ADA, "Your e-mail address was changed"));
    }
}

#[tokio::test]
async fn changing_to_somebodys_address_tells_nobody_that_it_is_one() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        house.resident(BOB, PASSWORD).await;
        let answers = [
            house.identity.request_email_change(&ada, PASSWORD, BOB).await,
            house.identity.request_email_change(&ada, PASSWORD, NEW).await,
        ];
        assert_eq!(answers, [Ok(()), Ok(())], "{}", house.store);
        let mails = house.mail.recent(2).await.expect("the outbox opens");
        let to_bob = mails.iter().find(|mail| mail.to == BOB).expect("a mail to the owner");
        assert!(!to_bob.text.contains("token="), "{}", to_bob.text);
    }
}

#[tokio::test]
async fn two_who_want_one_new_address_get_it_once() {
    for house in houses().await {
        let ((ada, _), (bob, _)) = (person(&house, ADA).await, person(&house, BOB).await);
        house.identity.request_email_change(&ada, PASSWORD, NEW).await.expect("asked");
        let adas = house.mailed_token(NEW).await;
        house.identity.request_email_change(&bob, PASSWORD, NEW).await.expect("asked");
        let bobs = house.mailed_token(NEW).await;
        house.identity.confirm_email_change(&bobs).await.expect("the first");
        assert_eq!(
            house.identity.confirm_email_change(&adas).await,
            Err(IdentityError::InvalidLink),
            "{}",
            house.store
        );
        assert!(house.identity.sign_in(ADA, PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn a_code_is_asked_for_and_taken_once() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        let (secret, _) = with_codes(&house, &ada).await;
        assert!(
            house.identity.codes_secret(&ada).await.expect("a read").is_none(),
            "{}: never shown again",
            house.store
        );
        house.clock.advance(30);
        let code = code_at(&secret, house.clock.now());
        let first = step(&house).await;
        assert_eq!(
            house.identity.sign_in_code(&first, "000000", &Door::default()).await,
            Err(IdentityError::WrongCode)
        );
        assert!(house.identity.sign_in_code(&first, &code, &Door::default()).await.is_ok());
        let again = house.identity.sign_in_code(&first, &code, &Door::default()).await;
        assert_eq!(again, Err(IdentityError::StepOver), "a step opens once");
        let second = step(&house).await;
        let replayed = house.identity.sign_in_code(&second, &code, &Door::default()).await;
        assert_eq!(replayed, Err(IdentityError::WrongCode), "the same code opens nothing twice");
        house.clock.advance(30);
        let next = code_at(&secret, house.clock.now());
        assert!(house.identity.sign_in_code(&second, &next, &Door::default()).await.is_ok());
    }
}

#[tokio::test]
async fn the_code_that_turned_codes_on_does_not_sign_in_as_well() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        let (secret, _) = with_codes(&house, &ada).await;
        let same = code_at(&secret, house.clock.now());
        let outcome = house.identity.sign_in_code(&step(&house).await, &same, &Door::default()).await;
        assert_eq!(outcome, Err(IdentityError::WrongCode), "{}", house.store);
    }
}

#[tokio::test]
async fn five_wrong_codes_end_the_step_and_then_one_has_to_wait() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        let (secret, _) = with_codes(&house, &ada).await;
        house.clock.advance(60);
        let waiting = step(&house).await;
        for _ in 0..5 {
            let wrong = house.identity.sign_in_code(&waiting, "000000", &Door::default()).await;
            assert_eq!(wrong, Err(IdentityError::WrongCode), "{}", house.store);
        }
        let code = code_at(&secret, house.clock.now());
        let over = house.identity.sign_in_code(&waiting, &code, &Door::default()).await;
        assert_eq!(over, Err(IdentityError::StepOver));
        let fresh = house.identity.sign_in_code(&step(&house).await, &code, &Door::default()).await;
        assert_eq!(fresh, Err(IdentityError::TooManyTries { retry_after_seconds: 2 }));
    }
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        let (_, recovery) = with_codes(&house, &ada).await;
        assert_eq!(recovery.len(), 10, "{}", house.store);
        let typed = recovery[3].to_uppercase().replace('-', " ");
        assert!(house.identity.sign_in_code(&step(&house).await, &typed, &Door::default()).await.is_ok());
        let again = house.identity.sign_in_code(&step(&house).await, &recovery[3], &Door::default()).await;
        assert_eq!(again, Err(IdentityError::WrongCode));
        assert_eq!(house.identity.codes(&ada).await.expect("a read").recovery_left, 9);
    }
}

#[tokio::test]
async fn new_recovery_codes_need_a_code_and_end_the_old_ones_and_turning_off_needs_the_password() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        let (secret, old) = with_codes(&house, &ada).await;
        assert_eq!(house.identity.start_codes(&ada, PASSWORD).await, Err(IdentityError::CodesOn), "{}", house.store);
        house.clock.advance(30);
        let new = house.identity.renew_recovery(&ada, &code_at(&secret, house.clock.now())).await.expect("new ones");
        let used = house.identity.sign_in_code(&step(&house).await, &old[0], &Door::default()).await;
        assert_eq!(used, Err(IdentityError::WrongCode));
        assert!(house.identity.sign_in_code(&step(&house).await, &new[0], &Door::default()).await.is_ok());
        assert_eq!(house.identity.stop_codes(&ada, OTHER_PASSWORD).await, Err(IdentityError::WrongPassword));
        house.identity.stop_codes(&ada, PASSWORD).await.expect("off");
        assert!(house.identity.sign_in(ADA, PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn a_reset_by_mail_does_not_get_around_the_code() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        with_codes(&house, &ada).await;
        house.identity.request_reset(ADA).await.expect("asked");
        house.identity.reset_password(&house.mailed_token(ADA).await, OTHER_PASSWORD).await.expect("a new password");
        let outcome = house.identity.sign_in_at(ADA, OTHER_PASSWORD, &Door::default()).await.expect("right");
        assert!(matches!(outcome, SignIn::CodeNeeded(_)), "{}", house.store);
    }
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_but_this() {
    for house in houses().await {
        let (ada, here) = person(&house, ADA).await;
        let (bob, bobs) = person(&house, BOB).await;
        let agent = Door { agent: "Mozilla/5.0 Firefox/140.0".into(), ..Door::default() };
        let SignIn::Entered(there) = house.identity.sign_in_at(ADA, PASSWORD, &agent).await.expect("in") else {
            panic!("nobody asked for a code")
        };
        let listed = house.identity.sessions(&ada).await.expect("a list");
        let other = listed.iter().find(|session| session.agent.contains("Firefox")).expect("the other browser");
        assert_eq!((listed.len(), other.way.as_str()), (3, "password"), "{}", house.store);
        house.identity.end_session(&bob, other.id).await.expect("others' sessions are out of reach");
        assert!(house.identity.session(there.session.as_str()).await.expect("a read").is_some());
        house.identity.end_session(&ada, other.id).await.expect("ended");
        assert_eq!(house.identity.session(there.session.as_str()).await, Ok(None));
        house.identity.end_other_sessions(&ada).await.expect("ended");
        let left = house.identity.sessions(&ada).await.expect("a list");
        assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [ada.session]);
        assert!(house.identity.session(&here).await.expect("a read").is_some());
        assert!(house.identity.session(&bobs).await.expect("a read").is_some());
    }
}

#[tokio::test]
async fn strangers_who_guess_keep_neither_the_owner_nor_another_source_out() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let SignIn::Entered(entered) = house.identity.sign_in_at(ADA, PASSWORD, &from("home")).await.expect("in")
        else {
            panic!("nobody asked for a code")
        };
        for _ in 0..10 {
            let guess = house.identity.sign_in_at(ADA, OTHER_PASSWORD, &from("far away")).await;
            assert_eq!(guess, Err(IdentityError::WrongCredentials), "{}", house.store);
        }
        let wait = Err(IdentityError::TooManyTries { retry_after_seconds: 2 });
        assert_eq!(house.identity.sign_in_at(ADA, PASSWORD, &from("far away")).await, wait);
        assert!(house.identity.sign_in_at(ADA, PASSWORD, &from("elsewhere")).await.is_ok(), "another source");
        for number in 0..60 {
            let many = from(&format!("botnet {}", number / 5));
            let _guess = house.identity.sign_in_at(ADA, OTHER_PASSWORD, &many).await;
        }
        assert!(house.identity.sign_in_at(ADA, PASSWORD, &from("elsewhere")).await.is_err(), "all strangers wait now");
        let known = Door { device: Some(entered.device.as_str().to_owned()), ..from("elsewhere") };
        assert!(house.identity.sign_in_at(ADA, PASSWORD, &known).await.is_ok(), "and the owner's browser does not");
    }
}

#[tokio::test]
async fn a_browser_known_to_one_person_is_a_strangers_to_another() {
    for house in houses().await {
        let SignIn::Entered(eve) = ({
            house.resident(BOB, PASSWORD).await;
            house.resident(ADA, PASSWORD).await;
            house.identity.sign_in_at(BOB, PASSWORD, &from("eve")).await.expect("in")
        }) else {
            panic!("nobody asked for a code")
        };
        let door = Door { device: Some(eve.device.as_str().to_owned()), ..from("eve") };
        for _ in 0..10 {
            let _guess = house.identity.sign_in_at(ADA, OTHER_PASSWORD, &door).await;
        }
        let other_browser = house.identity.sign_in_at(ADA, PASSWORD, &from("eve")).await;
        assert!(other_browser.is_err(), "{}: her tries count for the source", house.store);
    }
}
