//! Passkeys as far as no authenticator is needed: challenges are answered once, by whom they were made for. The browser
//! tests add one and sign in with it.

use super::{ADA, OTHER_PASSWORD, PASSWORD};
use crate::identity::testing::{House, houses};
use crate::identity::{Door, IdentityError, SignedIn};
use crate::ledger::PasskeyId;

const REFUSED: Result<(), IdentityError> = Err(IdentityError::PasskeyRefused);

async fn person(house: &House, email: &str) -> SignedIn {
    house.resident(email, PASSWORD).await;
    let token = house.identity.sign_in(email, PASSWORD).await.expect("signing in");
    house.identity.session(token.as_str()).await.expect("a read").expect("a session")
}

async fn come_in(house: &House, secret: &str, answer: &str) -> Result<(), IdentityError> {
    house.identity.sign_in_passkey(secret, answer, &Door::default()).await.map(drop)
}

/// An answer of the right form that nobody has signed.
const FORGED: &str = r#"{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"authenticatorData":"AAAA",
    "clientDataJSON":"AAAA","signature":"AAAA","userHandle":"AAAAAAAAAAAAAAAAAAAAAA"},"clientExtensionResults":{}}"#;

#[tokio::test]
async fn a_new_passkey_asks_for_the_password_and_for_one_that_signs_in_by_itself() {
    for house in houses().await {
        let ada = person(&house, ADA).await;
        let wrong = house.identity.start_passkey(&ada, OTHER_PASSWORD).await;
        assert_eq!(wrong, Err(IdentityError::WrongPassword), "{}", house.store);
        let challenge = house.identity.start_passkey(&ada, PASSWORD).await.expect("a challenge");
        let options: serde_json::Value = serde_json::from_str(&challenge.options).expect("JSON");
        let selection = &options["publicKey"]["authenticatorSelection"];
        assert_eq!(
            (&selection["residentKey"], &selection["userVerification"]),
            (&"required".into(), &"required".into())
        );
        assert_eq!(options["publicKey"]["rp"]["id"], "aethel.example");
    }
}

#[tokio::test]
async fn a_challenge_is_answered_once_whatever_comes_of_it() {
    for house in houses().await {
        let ada = person(&house, ADA).await;
        let challenge = house.identity.start_passkey(&ada, PASSWORD).await.expect("a challenge");
        for answer in ["{}", FORGED] {
            let outcome = house.identity.add_passkey(&ada, &challenge.secret, "Phone", answer).await;
            assert_eq!(outcome, REFUSED, "{}", house.store);
        }
        assert_eq!(house.identity.passkeys(&ada).await, Ok(vec![]));
        let challenge = house.identity.passkey_challenge().await.expect("a challenge");
        assert_eq!(come_in(&house, &challenge.secret, FORGED).await, REFUSED);
        assert_eq!(come_in(&house, &challenge.secret, FORGED).await, REFUSED, "it is gone");
    }
}

#[tokio::test]
async fn a_challenge_serves_one_purpose_one_person_and_five_minutes() {
    for house in houses().await {
        let (ada, bob) = (person(&house, ADA).await, person(&house, "bob@example.com").await);
        let adas = house.identity.start_passkey(&ada, PASSWORD).await.expect("a challenge");
        assert_eq!(house.identity.add_passkey(&bob, &adas.secret, "Phone", FORGED).await, REFUSED, "{}", house.store);
        let adas = house.identity.start_passkey(&ada, PASSWORD).await.expect("a challenge");
        assert_eq!(come_in(&house, &adas.secret, FORGED).await, REFUSED);
        let late = house.identity.passkey_challenge().await.expect("a challenge");
        house.clock.advance(300);
        assert_eq!(come_in(&house, &late.secret, FORGED).await, REFUSED);
        for nonsense in ["", "x", &"A".repeat(43)] {
            assert_eq!(come_in(&house, nonsense, FORGED).await, REFUSED);
        }
    }
}

#[tokio::test]
async fn a_passkey_gets_another_name_from_its_owner_alone() {
    for house in houses().await {
        let (ada, bob) = (person(&house, ADA).await, person(&house, "bob@example.com").await);
        let id = PasskeyId::from_ulid(ulid::Ulid::from_parts(1, 1));
        house.add_passkey(id, ada.user, "Phone").await;
        let rename = async |who, name: &str| house.identity.rename_passkey(who, id, name).await;
        assert_eq!(rename(&bob, "Mine").await, Err(IdentityError::NotFound), "{}", house.store);
        assert_eq!(rename(&ada, " \u{200b}").await, Err(IdentityError::NameInvalid { most: 60 }));
        assert_eq!(rename(&ada, "  Work laptop ").await, Ok(()));
        let passkeys = house.identity.passkeys(&ada).await.expect("a list");
        assert_eq!((passkeys[0].name.as_str(), passkeys[0].used_at), ("Work laptop", None), "{}", house.store);
        let events = house.identity.audit_of_person(ada.user, 1).await.expect("a log");
        assert_eq!((events[0].action.as_str(), events[0].detail.as_str()), ("passkey_renamed", "Phone to Work laptop"));
    }
}
