//! Keys that look after a team: never more than the person may for whom they act, now.

use super::{ADA, PASSWORD};
use crate::identity::testing::{House, houses};
use crate::identity::{Caller, Host, IdentityError, KeyWish, Maker, Role, SignedIn};
use crate::ledger::{Clock, InvitationId, KeyId};

const BOB: &str = "bob@example.com";
const EVE: &str = "eve@example.com";
const NO_HOST: IdentityError = IdentityError::KeyServesNoHost;

async fn person(house: &House, email: &str) -> (SignedIn, String) {
    house.resident(email, PASSWORD).await;
    let token = house.identity.sign_in(email, PASSWORD).await.expect("signing in");
    (who(house, token.as_str()).await, token.as_str().to_owned())
}

async fn who(house: &House, token: &str) -> SignedIn {
    house.identity.session(token).await.expect("a read").expect("a session")
}

/// Somebody who joined the host's account.
async fn joined(house: &House, host: &SignedIn, guest: &str, role: Role) -> SignedIn {
    let (_, token) = person(house, guest).await;
    house.identity.invite(host, "Acme", guest, role).await.expect("invited");
    let invitation = house.identity.invitation(&house.mailed_token(guest).await).await.expect("a good link");
    house.identity.accept_invitation(&who(house, &token).await, invitation.id).await.expect("joined");
    who(house, &token).await
}

/// A key of the person's own making.
async fn key_of(house: &House, person: &SignedIn) -> Caller {
    let key = house.identity.create_key(person.account, "CI", person.user).await.expect("a key").id;
    Caller::Customer { account: person.account, key }
}

async fn host(house: &House, caller: Caller, of: &SignedIn) -> Result<Host, IdentityError> {
    house.identity.host(caller, of.account).await
}

#[tokio::test]
async fn a_key_does_to_the_team_what_its_maker_may_and_loses_it_with_them() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        let bob = joined(&house, &ada, BOB, Role::Admin).await;
        let eve = joined(&house, &ada, EVE, Role::Developer).await;
        let [adas, bobs, eves] = [key_of(&house, &ada).await, key_of(&house, &bob).await, key_of(&house, &eve).await];
        assert_eq!(host(&house, eves, &ada).await, Err(NO_HOST), "{}", house.store);
        let admin = host(&house, bobs, &ada).await.expect("an admin's key");
        house.identity.set_role(&admin, eve.user, Role::Viewer).await.expect("set");
        for refused in [
            house.identity.set_role(&admin, eve.user, Role::Owner).await,
            house.identity.invite(&admin, "Acme", "new@example.com", Role::Owner).await,
            house.identity.remove_member(&admin, ada.user).await,
        ] {
            assert_eq!(refused, Err(IdentityError::OwnersOnly), "{}", house.store);
        }
        let owner = host(&house, adas, &ada).await.expect("an owner's key");
        for refused in [
            house.identity.set_role(&owner, ada.user, Role::Admin).await,
            house.identity.remove_member(&owner, ada.user).await,
        ] {
            assert_eq!(refused, Err(IdentityError::LastOwner), "{}", house.store);
        }
        house.identity.set_role(&owner, bob.user, Role::Billing).await.expect("set");
        assert_eq!(host(&house, bobs, &ada).await, Err(NO_HOST), "{}: with the very next request", house.store);
        house.identity.set_role(&owner, bob.user, Role::Owner).await.expect("set");
        assert_eq!(host(&house, bobs, &ada).await.map(|host| host.role), Ok(Role::Owner));
        house.identity.remove_member(&owner, bob.user).await.expect("removed");
        assert_eq!(host(&house, bobs, &ada).await, Err(NO_HOST), "{}", house.store);
    }
}

#[tokio::test]
async fn no_key_gets_further_by_making_or_rotating_another() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        let eve = joined(&house, &ada, EVE, Role::Developer).await;
        let (adas, eves) = (key_of(&house, &ada).await, key_of(&house, &eve).await);
        let maker = house.identity.maker(eves).await.expect("a read");
        assert_eq!(maker, Maker::Person(eve.user), "{}", house.store);
        let id = KeyId::from_ulid(ulid::Ulid::from_parts(1, 77));
        let wish = KeyWish::named("made by a key");
        house.identity.create_key_once(ada.account, id, wish, maker, vec![]).await.expect("made").expect("new");
        let made = Caller::Customer { account: ada.account, key: id };
        assert_eq!(host(&house, made, &ada).await, Err(NO_HOST), "{}", house.store);
        // Whoever rotates a key is shown its secret: an owner's then no longer acts for the owner.
        let rotate = async |by: Maker, request: &str| {
            let rotated = house.identity.rotate_key(ada.account, adas.key(), 1, (request, by), vec![]).await;
            rotated.expect("rotated").expect("new");
        };
        rotate(Maker::Person(ada.user), "her own").await;
        assert_eq!(host(&house, adas, &ada).await.map(|host| host.role), Ok(Role::Owner), "{}", house.store);
        rotate(maker, "theirs").await;
        assert_eq!(host(&house, adas, &ada).await, Err(NO_HOST), "{}", house.store);
        rotate(Maker::Person(ada.user), "hers again").await;
        assert_eq!(host(&house, adas, &ada).await, Err(NO_HOST), "the former secret is still the other's");
    }
}

#[tokio::test]
async fn a_key_of_the_house_is_an_admins_and_one_whose_maker_is_not_known_is_nobodys() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        let key = house.identity.create_key(ada.account, "tests", None).await.expect("a key").id;
        let caller = Caller::Customer { account: ada.account, key };
        assert_eq!(host(&house, caller, &ada).await.map(|host| host.role), Ok(Role::Admin), "{}", house.store);
        let operator = Caller::Operator { key };
        assert_eq!(host(&house, operator, &ada).await.map(|host| host.role), Ok(Role::Owner));
        house.forget_maker(key).await;
        assert_eq!(host(&house, caller, &ada).await, Err(NO_HOST), "{}", house.store);
    }
}

#[tokio::test]
async fn a_request_invites_once_and_with_another_content_is_a_conflict() {
    for house in houses().await {
        let (ada, _) = person(&house, ADA).await;
        let id = InvitationId::from_ulid(ulid::Ulid::from_parts(1, 5));
        let invite = async |role| house.identity.invite_once(&ada, id, "Acme", "Grace@example.com", role).await;
        let (first, second) = tokio::join!(invite(Role::Viewer), invite(Role::Viewer));
        let (first, second) = (first.expect("invited"), second.expect("invited"));
        assert_eq!((first.invitation.id, second.invitation.id), (id, id), "{}", house.store);
        assert!(first.replayed != second.replayed, "{}", house.store);
        assert_eq!(house.mails_to("Grace@example.com").await, 1);
        assert_eq!(invite(Role::Admin).await, Err(IdentityError::Conflict));
        house.identity.revoke_invitation(&ada, id).await.expect("taken back");
        assert_eq!(invite(Role::Viewer).await.map(|invited| invited.replayed), Ok(true), "it is not sent again");
        assert_eq!(house.identity.invitations(ada.account).await, Ok(vec![]));
        assert!(first.invitation.expires_at > house.clock.now());
    }
}
