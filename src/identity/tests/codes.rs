//! One-time codes and recovery codes: kept under seal, taken once by whoever comes first, and burnt for nothing by
//! nobody.

use super::{ADA, PASSWORD};
use crate::identity::codes::code_at;
use crate::identity::testing::{House, houses};
use crate::identity::{Door, IdentityError, SignIn, SignedIn};
use crate::ledger::Clock;

/// Somebody with one-time codes: the secret and the recovery codes.
async fn with_codes(house: &House) -> (SignedIn, String, Vec<String>) {
    house.resident(ADA, PASSWORD).await;
    let token = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in");
    let ada = house.identity.session(token.as_str()).await.expect("a read").expect("a session");
    house.identity.start_codes(&ada, PASSWORD).await.expect("a secret");
    let secret = house.identity.codes_secret(&ada).await.expect("a read").expect("it waits").secret;
    let recovery = house.identity.confirm_codes(&ada, &code_at(&secret, house.clock.now())).await.expect("the code");
    house.clock.advance(60);
    (ada, secret, recovery)
}

async fn step(house: &House) -> String {
    match house.identity.sign_in_at(ADA, PASSWORD, &Door::default()).await.expect("the right password") {
        SignIn::CodeNeeded(step) => step.as_str().to_owned(),
        SignIn::Entered(_) => panic!("nobody asked for a code"),
    }
}

#[tokio::test]
async fn of_two_who_come_with_one_recovery_code_at_once_one_gets_in() {
    for house in houses().await {
        let (ada, _, recovery) = with_codes(&house).await;
        let neighbour = house.neighbour().await;
        for code in &recovery[..5] {
            let (one, other) = (step(&house).await, step(&house).await);
            let door = Door::default();
            let (here, there) = tokio::join!(
                house.identity.sign_in_code(&one, code, &door),
                neighbour.sign_in_code(&other, code, &door)
            );
            let outcomes = [here.map(drop), there.map(drop)];
            assert!(outcomes.contains(&Ok(())), "{}: {outcomes:?}", house.store);
            assert!(outcomes.contains(&Err(IdentityError::WrongCode)), "{}: {outcomes:?}", house.store);
        }
        assert_eq!(house.identity.codes(&ada).await.expect("a read").recovery_left, 5);
    }
}

#[tokio::test]
async fn one_right_password_lets_one_in_however_many_codes_come_with_it() {
    for house in houses().await {
        let (ada, _, recovery) = with_codes(&house).await;
        let (one, door) = (step(&house).await, Door::default());
        let (here, there) = tokio::join!(
            house.identity.sign_in_code(&one, &recovery[0], &door),
            house.identity.sign_in_code(&one, &recovery[1], &door)
        );
        let outcomes = [here.map(drop), there.map(drop)];
        assert!(outcomes.contains(&Ok(())), "{}: {outcomes:?}", house.store);
        assert!(outcomes.contains(&Err(IdentityError::StepOver)), "{}: {outcomes:?}", house.store);
        assert_eq!(house.identity.codes(&ada).await.expect("a read").recovery_left, 9, "the other code is not burnt");
    }
}

#[tokio::test]
async fn a_session_that_cannot_begin_burns_neither_the_recovery_code_nor_the_step() {
    for house in houses().await {
        let (ada, _, recovery) = with_codes(&house).await;
        let waiting = step(&house).await;
        // The commit in which the session would begin fails, as it would if the server fell just then.
        house.break_the_door().await;
        let fallen = house.identity.sign_in_code(&waiting, &recovery[0], &Door::default()).await;
        assert_eq!(fallen, Err(IdentityError::Unavailable), "{}", house.store);
        house.mend_the_door().await;
        assert_eq!(house.identity.codes(&ada).await.expect("a read").recovery_left, 10, "{}", house.store);
        assert_eq!(house.waiting_steps().await, 1);
        assert!(house.identity.sign_in_code(&waiting, &recovery[0], &Door::default()).await.is_ok());
        assert_eq!(house.identity.codes(&ada).await.expect("a read").recovery_left, 9);
    }
}

#[tokio::test]
async fn the_secret_of_one_time_codes_is_not_kept_in_the_clear() {
    for house in houses().await {
        let (ada, secret, _) = with_codes(&house).await;
        let kept = house.kept_secrets().await;
        assert!(kept[0].starts_with("sealed:1:") && !kept[0].contains(&secret), "{}: {kept:?}", house.store);
        // As it was before there was sealing: it goes on working, and is sealed at the next start.
        house.keep_in_the_clear(ada.user, &secret).await;
        let code = code_at(&secret, house.clock.now());
        assert!(house.identity.sign_in_code(&step(&house).await, &code, &Door::default()).await.is_ok());
        assert_eq!(house.identity.seal_anew().await, Ok(0));
        assert!(house.kept_secrets().await[0].starts_with("sealed:1:"), "{}", house.store);
        house.clock.advance(30);
        let code = code_at(&secret, house.clock.now());
        assert!(house.identity.sign_in_code(&step(&house).await, &code, &Door::default()).await.is_ok());
    }
}

#[tokio::test]
async fn with_a_wrong_key_codes_are_not_checked_and_a_recovery_code_lets_in() {
    for house in houses().await {
        let (ada, secret, recovery) = with_codes(&house).await;
        let right = house.neighbour_sealing_with(Some(&"a".repeat(64))).await;
        assert_eq!(right.seal_anew().await, Ok(0), "{}", house.store);
        let wrong = house.neighbour_sealing_with(Some(&"b".repeat(64))).await;
        assert_eq!(wrong.seal_anew().await, Ok(1));
        let (waiting, door) = (step(&house).await, Door::default());
        let code = code_at(&secret, house.clock.now());
        assert_eq!(wrong.sign_in_code(&waiting, &code, &door).await, Err(IdentityError::CodesUnreadable));
        assert!(wrong.sign_in_code(&waiting, &recovery[0], &door).await.is_ok());
        wrong.stop_codes(&ada, PASSWORD).await.expect("they can be turned off, and set up anew");
    }
}

#[tokio::test]
async fn a_session_that_began_with_a_code_says_so() {
    for house in houses().await {
        let (_, secret, _) = with_codes(&house).await;
        let code = code_at(&secret, house.clock.now());
        let entered = house.identity.sign_in_code(&step(&house).await, &code, &Door::default()).await.expect("in");
        let who = house.identity.session(entered.session.as_str()).await.expect("a read").expect("a session");
        assert!(who.second_factor, "{}", house.store);
    }
}
