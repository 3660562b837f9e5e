//! API keys.

use ulid::Ulid;

use super::{ADA, PASSWORD};
use crate::identity::ApiKey;
use crate::identity::testing::{House, houses};
use crate::identity::{Caller, IdentityError, KeyWish, Maker, Scope, Scopes};
use crate::ledger::{Clock, KeyId};

const BOB: &str = "bob@example.com";

#[tokio::test]
async fn a_customers_key_acts_for_its_account_and_no_other() {
    for house in houses().await {
        let (ada, bob) = (house.resident(ADA, PASSWORD).await, house.resident(BOB, PASSWORD).await);
        let key = house.identity.create_key(ada, " CI ", None).await.expect("a key");
        assert!(key.secret.starts_with("aethel_test_") && key.secret.len() == 61, "{}", house.store);
        assert!(!format!("{key:?}").contains(&key.secret[12..]), "a key is not printed by accident");
        let caller = house.identity.authenticate(&key.secret).await.expect("a caller").caller;
        assert_eq!(caller, Caller::Customer { account: ada, key: key.id });
        assert!(caller.may_see(ada) && !caller.may_see(bob));
    }
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_key_and_gives_its_secret_once() {
    for house in houses().await {
        let ada = house.resident(ADA, PASSWORD).await;
        let id = KeyId::from_ulid(Ulid::from_parts(1, 2));
        let (first, second) = tokio::join!(
            house.identity.create_key_once(ada, id, KeyWish::named("CI"), Maker::House, Vec::new()),
            house.identity.create_key_once(ada, id, KeyWish::named("CI"), Maker::House, Vec::new()),
        );
        let made: Vec<_> = [first, second].into_iter().filter_map(|key| key.expect("an answer")).collect();
        assert_eq!(made.len(), 1, "{}", house.store);
        assert_eq!(
            house.identity.create_key_once(ada, id, KeyWish::named("CI"), Maker::House, Vec::new()).await,
            Ok(None),
            "{}",
            house.store
        );
        assert_eq!(house.identity.keys(ada).await.expect("a list").len(), 1, "{}", house.store);
        assert!(house.identity.authenticate(&made[0].secret).await.is_ok(), "{}", house.store);
    }
}

#[tokio::test]
async fn an_operators_key_acts_on_any_account() {
    for house in houses().await {
        let ada = house.resident(ADA, PASSWORD).await;
        let key = house.identity.create_operator_key("back office").await.expect("a key");
        let caller = house.identity.authenticate(&key.secret).await.expect("a caller").caller;
        assert_eq!((caller, caller.may_see(ada)), (Caller::Operator { key: key.id }, true), "{}", house.store);
        assert_eq!(house.identity.keys(ada).await, Ok(vec![]), "an operator's key is in no customer's list");
    }
}

#[tokio::test]
async fn an_operators_key_is_listed_and_can_be_revoked() {
    for house in houses().await {
        let ada = house.resident(ADA, PASSWORD).await;
        let customers = house.identity.create_key(ada, "CI", None).await.expect("a key");
        let key = house.identity.create_operator_key("back office").await.expect("a key");
        let listed = |keys: Vec<ApiKey>| keys.into_iter().map(|key| (key.id, key.revoked_at)).collect::<Vec<_>>();
        let before = listed(house.identity.operator_keys().await.expect("a list"));
        assert_eq!(before, [(key.id, None)], "{}: no customer's key is among them", house.store);

        house.identity.revoke_operator_key(key.id).await.expect("revoking");
        let after = listed(house.identity.operator_keys().await.expect("a list"));
        assert_eq!(after, [(key.id, Some(house.clock.now()))], "{}", house.store);
        assert_eq!(house.identity.authenticate(&key.secret).await, Err(IdentityError::UnknownKey));

        let foreign = house.identity.revoke_operator_key(customers.id).await;
        assert_eq!(foreign, Err(IdentityError::NotFound), "{}: a customer's key is the customer's", house.store);
        assert!(house.identity.authenticate(&customers.secret).await.is_ok());
    }
}

#[tokio::test]
async fn malformed_unknown_and_revoked_keys_get_one_answer() {
    for house in houses().await {
        let ada = house.resident(ADA, PASSWORD).await;
        let key = house.identity.create_key(ada, "CI", None).await.expect("a key");
        let unknown = format!("aethel_test_{}", "A".repeat(43));
        let live = key.secret.replace("_test_", "_live_");
        for secret in
            ["", "Bearer", "aethel_test_", "😀", &unknown, &live, &key.secret[1..], &key.secret.to_uppercase()]
        {
            assert_eq!(house.identity.authenticate(secret).await, Err(IdentityError::UnknownKey), "{}", house.store);
        }
        house.identity.authenticate(&key.secret).await.expect("a caller");
        house.identity.revoke_key(ada, key.id).await.expect("revoking");
        assert_eq!(house.identity.authenticate(&key.secret).await, Err(IdentityError::UnknownKey));
    }
}

#[tokio::test]
async fn another_tenants_key_cannot_be_revoked_or_seen() {
    for house in houses().await {
        let (ada, bob) = (house.resident(ADA, PASSWORD).await, house.resident(BOB, PASSWORD).await);
        let key = house.identity.create_key(ada, "CI", None).await.expect("a key");
        let operators = house.identity.create_operator_key("back office").await.expect("a key");
        for id in [key.id, operators.id] {
            assert_eq!(house.identity.revoke_key(bob, id).await, Err(IdentityError::NotFound), "{}", house.store);
        }
        assert_eq!(house.identity.keys(bob).await, Ok(vec![]));
        assert!(house.identity.authenticate(&key.secret).await.is_ok());
    }
}

#[tokio::test]
async fn the_list_shows_how_a_key_begins_and_since_when_it_is_revoked() {
    for house in houses().await {
        let ada = house.resident(ADA, PASSWORD).await;
        let key = house.identity.create_key(ada, "CI", None).await.expect("a key");
        house.clock.advance(60);
        let revoked_at = house.clock.now();
        house.identity.revoke_key(ada, key.id).await.expect("revoking");
        house.clock.advance(60);
        house.identity.revoke_key(ada, key.id).await.expect("once more changes nothing");
        let [listed] = &house.identity.keys(ada).await.expect("a list")[..] else { panic!("one key") };
        assert_eq!(listed.revoked_at, Some(revoked_at), "{}", house.store);
        assert_eq!((listed.name.as_str(), listed.prefix.as_str()), ("CI", &key.secret[..18]));
    }
}

#[tokio::test]
async fn the_last_use_is_noted_at_most_once_a_minute() {
    for house in houses().await {
        let ada = house.resident(ADA, PASSWORD).await;
        let key = house.identity.create_key(ada, "CI", None).await.expect("a key");
        let first = house.clock.now();
        house.identity.authenticate(&key.secret).await.expect("a caller");
        assert_eq!(noted(&house, ada, None).await, Some(first), "{}", house.store);
        house.clock.advance(59);
        house.identity.authenticate(&key.secret).await.expect("a caller");
        house.clock.advance(1);
        let second = house.clock.now();
        house.identity.authenticate(&key.secret).await.expect("a caller");
        assert_eq!(noted(&house, ada, Some(first)).await, Some(second));
    }
}

/// The last use, once it differs from what it was: it is noted behind the request's back.
async fn noted(
    house: &House,
    account: crate::ledger::AccountId,
    before: Option<crate::ledger::Timestamp>,
) -> Option<crate::ledger::Timestamp> {
    for _ in 0..200 {
        let keys = house.identity.keys(account).await.expect("a list");
        if keys[0].last_used_at != before {
            return keys[0].last_used_at;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    before
}

#[tokio::test]
async fn an_account_has_a_hundred_keys_at_most() {
    for house in houses().await {
        let ada = house.resident(ADA, PASSWORD).await;
        let first = house.identity.create_key(ada, "0", None).await.expect("a key");
        for number in 1..100 {
            house.identity.create_key(ada, &number.to_string(), None).await.expect("a key");
        }
        let refused = house.identity.create_key(ada, "one more", None).await;
        assert_eq!(refused, Err(IdentityError::TooManyKeys { most: 100 }), "{}", house.store);
        house.identity.revoke_key(ada, first.id).await.expect("revoking");
        assert!(house.identity.create_key(ada, "one more", None).await.is_ok());
        assert_eq!(house.identity.create_key(ada, "", None).await, Err(IdentityError::NameInvalid { most: 100 }));
    }
}

#[tokio::test]
async fn a_key_may_do_what_its_scopes_say_until_it_ends() {
    for house in houses().await {
        let ada = house.resident(ADA, PASSWORD).await;
        let until = house.clock.now().plus_days(1);
        let scopes: Scopes = [Scope::Read, Scope::Charge].into_iter().collect();
        let wish = KeyWish { name: "CI".into(), scopes, expires_at: Some(until) };
        let id = KeyId::from_ulid(Ulid::from_parts(1, 9));
        let made = house.identity.create_key_once(ada, id, wish.clone(), Maker::House, Vec::new()).await;
        let key = made.expect("an answer").expect("a new key");
        assert_eq!(house.identity.authenticate(&key.secret).await.expect("known").scopes, scopes, "{}", house.store);
        let other = KeyWish { scopes: Scopes::ALL, ..wish.clone() };
        let again = house.identity.create_key_once(ada, id, other, Maker::House, Vec::new()).await;
        assert_eq!(again, Err(IdentityError::Conflict), "the same request with another content");
        let nothing = KeyWish { scopes: Scopes::default(), ..wish.clone() };
        let refused = house.identity.create_key_once(ada, id, nothing, Maker::House, Vec::new()).await;
        assert_eq!(refused, Err(IdentityError::NoScope));
        house.clock.advance(86_400);
        assert_eq!(house.identity.authenticate(&key.secret).await, Err(IdentityError::UnknownKey), "{}", house.store);
        assert_eq!(house.identity.keys(ada).await.expect("a list")[0].state(house.clock.now()), "expired");
        let refused = house.identity.create_key_once(ada, id, wish, Maker::House, Vec::new()).await;
        assert_eq!(refused, Err(IdentityError::ExpiryInThePast));
    }
}

#[tokio::test]
async fn a_rotated_key_has_two_secrets_until_the_chosen_time() {
    for house in houses().await {
        let (ada, bob) = (house.resident(ADA, PASSWORD).await, house.resident(BOB, PASSWORD).await);
        let key = house.identity.create_key(ada, "CI", None).await.expect("a key");
        let rotated = house.identity.rotate_key(ada, key.id, 1, ("turn", Maker::House), Vec::new()).await;
        let new = rotated.expect("an answer").expect("a new secret");
        assert_eq!(
            house.identity.rotate_key(ada, key.id, 9, ("turn", Maker::House), Vec::new()).await,
            Ok(None),
            "{}",
            house.store
        );
        let foreign = house.identity.rotate_key(bob, key.id, 1, ("theirs", Maker::House), Vec::new()).await;
        assert_eq!(foreign, Err(IdentityError::NotFound));
        for secret in [&key.secret, &new.secret] {
            let known = house.identity.authenticate(secret).await.expect("both are good");
            assert_eq!(known.caller, Caller::Customer { account: ada, key: key.id }, "{}", house.store);
        }
        let until = house.identity.keys(ada).await.expect("a list")[0].former_until;
        assert_eq!(until, Some(house.clock.now().plus_seconds(3_600)));
        house.clock.advance(3_600);
        assert_eq!(house.identity.authenticate(&key.secret).await, Err(IdentityError::UnknownKey), "{}", house.store);
        assert!(house.identity.authenticate(&new.secret).await.is_ok());
        let last = house.identity.rotate_key(ada, key.id, 24, ("once more", Maker::House), Vec::new()).await;
        let last = last.expect("an answer").expect("a new secret");
        house.identity.revoke_key(ada, key.id).await.expect("revoking");
        for secret in [&key.secret, &new.secret, &last.secret] {
            assert_eq!(house.identity.authenticate(secret).await, Err(IdentityError::UnknownKey), "{}", house.store);
        }
    }
}
