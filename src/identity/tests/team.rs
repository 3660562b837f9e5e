//! Teams: invited, joined, given roles, let go.

use super::{ADA, PASSWORD};
use crate::identity::testing::{House, houses};
use crate::identity::{IdentityError, Permission, Role, SignedIn};

const BOB: &str = "bob@example.com";
const EVE: &str = "eve@example.com";

async fn who(house: &House, token: &str) -> SignedIn {
    house.identity.session(token).await.expect("a read").expect("a session")
}

async fn person(house: &House, email: &str) -> (SignedIn, String) {
    house.resident(email, PASSWORD).await;
    let token = house.identity.sign_in(email, PASSWORD).await.expect("signing in");
    (who(house, token.as_str()).await, token.as_str().to_owned())
}

/// Invites `guest` into `host`'s account and accepts; the guest as they are then.
async fn joined(house: &House, host: &SignedIn, guest: &str, token: &str, role: Role) -> SignedIn {
    house.identity.invite(host, "Acme", guest, role).await.expect("invited");
    let invitation = house.identity.invitation(&house.mailed_token(guest).await).await.expect("a good link");
    house.identity.accept_invitation(&who(house, token).await, invitation.id).await.expect("joined");
    who(house, token).await
}

#[tokio::test]
async fn an_invitation_is_mailed_accepted_and_leads_into_the_account() {
    for house in houses().await {
        let ((ada, _), (bob, bobs)) = (person(&house, ADA).await, person(&house, BOB).await);
        let in_team = joined(&house, &ada, BOB, &bobs, Role::Developer).await;
        assert_eq!((in_team.account, in_team.role), (ada.account, Role::Developer), "{}", house.store);
        assert!(in_team.may(Permission::Spend) && !in_team.may(Permission::Buy));
        let memberships = house.identity.memberships(bob.user).await.expect("a list");
        let accounts: Vec<_> = memberships.iter().map(|one| one.account).collect();
        assert!(accounts.len() == 2 && [ada.account, bob.account].iter().all(|one| accounts.contains(one)));
        assert_eq!(house.identity.invitations(ada.account).await, Ok(vec![]));
        let again = house.identity.invite(&ada, "Acme", "BOB@example.com", Role::Viewer).await;
        assert_eq!(again, Err(IdentityError::AlreadyMember));
    }
}

#[tokio::test]
async fn an_invitation_is_answered_by_its_own_address_only_and_once() {
    for house in houses().await {
        let ((ada, _), (bob, _), (eve, _)) =
            (person(&house, ADA).await, person(&house, BOB).await, person(&house, EVE).await);
        house.identity.invite(&ada, "Acme", BOB, Role::Viewer).await.expect("invited");
        let link = house.mailed_token(BOB).await;
        let invitation = house.identity.invitation(&link).await.expect("a good link");
        let stolen = house.identity.accept_invitation(&eve, invitation.id).await;
        assert_eq!(stolen, Err(IdentityError::InvalidLink), "{}", house.store);
        assert_eq!(house.identity.revoke_invitation(&eve, invitation.id).await, Err(IdentityError::NotFound));
        house.identity.decline_invitation(&bob, invitation.id).await.expect("declined");
        assert_eq!(house.identity.accept_invitation(&bob, invitation.id).await, Err(IdentityError::InvalidLink));
        assert_eq!(house.identity.invitation(&link).await, Err(IdentityError::InvalidLink));
    }
}

#[tokio::test]
async fn an_invitation_ends_by_itself_when_taken_back_and_when_another_is_sent() {
    for house in houses().await {
        let ((ada, _), (bob, bobs)) = (person(&house, ADA).await, person(&house, BOB).await);
        let invite = async || {
            house.identity.invite(&ada, "Acme", BOB, Role::Viewer).await.expect("invited");
            house.identity.invitation(&house.mailed_token(BOB).await).await.expect("a good link").id
        };
        let first = invite().await;
        let second = invite().await;
        assert_eq!(
            house.identity.accept_invitation(&bob, first).await,
            Err(IdentityError::InvalidLink),
            "{}",
            house.store
        );
        house.identity.revoke_invitation(&ada, second).await.expect("taken back");
        assert_eq!(house.identity.accept_invitation(&bob, second).await, Err(IdentityError::InvalidLink));
        let third = invite().await;
        house.clock.advance(7 * 86_400);
        let late = house.identity.accept_invitation(&who(&house, &bobs).await, third).await;
        assert_eq!(late, Err(IdentityError::InvalidLink));
    }
}

#[tokio::test]
async fn a_removed_member_loses_the_account_at_once_in_every_session() {
    for house in houses().await {
        let ((ada, _), (bob, bobs)) = (person(&house, ADA).await, person(&house, BOB).await);
        joined(&house, &ada, BOB, &bobs, Role::Admin).await;
        let second = house.identity.sign_in(BOB, PASSWORD).await.expect("another browser");
        house.identity.switch_account(&who(&house, second.as_str()).await, ada.account).await.expect("switched");
        house.identity.remove_member(&ada, bob.user).await.expect("removed");
        for session in [bobs.as_str(), second.as_str()] {
            assert_eq!(who(&house, session).await.account, bob.account, "{}", house.store);
        }
        let back = house.identity.switch_account(&who(&house, &bobs).await, ada.account).await;
        assert_eq!(back, Err(IdentityError::NotFound));
    }
}

#[tokio::test]
async fn whoever_is_let_go_everywhere_is_signed_out_and_finds_an_account_of_their_own_next_time() {
    for house in houses().await {
        let ((ada, adas), (bob, bobs)) = (person(&house, ADA).await, person(&house, BOB).await);
        // Ada makes Bob an owner of her only account, and Bob lets her go.
        let owner = joined(&house, &ada, BOB, &bobs, Role::Owner).await;
        house.identity.remove_member(&owner, ada.user).await.expect("removed");
        assert_eq!(house.identity.session(&adas).await, Ok(None), "{}", house.store);
        let token = house.identity.sign_in(ADA, PASSWORD).await.expect("signing in");
        let fresh = who(&house, token.as_str()).await;
        assert!(![ada.account, bob.account].contains(&fresh.account));
        assert_eq!((fresh.role, house.available(fresh.account).await), (Role::Owner, 0));
    }
}

#[tokio::test]
async fn the_last_owner_stays_and_only_owners_make_owners() {
    for house in houses().await {
        let ((ada, adas), (bob, bobs)) = (person(&house, ADA).await, person(&house, BOB).await);
        let admin = joined(&house, &ada, BOB, &bobs, Role::Admin).await;
        assert_eq!(
            house.identity.set_role(&ada, ada.user, Role::Viewer).await,
            Err(IdentityError::LastOwner),
            "{}",
            house.store
        );
        for outcome in [
            house.identity.set_role(&admin, bob.user, Role::Owner).await,
            house.identity.set_role(&admin, ada.user, Role::Viewer).await,
            house.identity.remove_member(&admin, ada.user).await,
            house.identity.invite(&admin, "Acme", EVE, Role::Owner).await,
        ] {
            assert_eq!(outcome, Err(IdentityError::OwnersOnly));
        }
        house.identity.open_another(&ada, "Second", "r1").await.expect("another account");
        house.identity.switch_account(&ada, ada.account).await.expect("back");
        assert_eq!(house.identity.leave(&who(&house, &adas).await).await, Err(IdentityError::LastOwner));
        house.identity.set_role(&ada, bob.user, Role::Owner).await.expect("an owner");
        house.identity.leave(&who(&house, &adas).await).await.expect("left");
        assert_ne!(who(&house, &adas).await.account, ada.account);
    }
}

#[tokio::test]
async fn two_owners_who_let_each_other_go_at_once_leave_one() {
    for house in houses().await {
        let ((ada, _), (bob, bobs)) = (person(&house, ADA).await, person(&house, BOB).await);
        let other = joined(&house, &ada, BOB, &bobs, Role::Owner).await;
        let (one, two) =
            tokio::join!(house.identity.remove_member(&ada, bob.user), house.identity.remove_member(&other, ada.user),);
        assert_eq!(
            [&one, &two].into_iter().filter(|outcome| outcome.is_ok()).count(),
            1,
            "{}: {one:?} {two:?}",
            house.store
        );
        assert_eq!(house.identity.members(ada.account).await.expect("members").len(), 1);
    }
}

#[tokio::test]
async fn another_account_is_opened_once_without_free_credits_and_nobody_leaves_the_only_one() {
    for house in houses().await {
        let (ada, adas) = person(&house, ADA).await;
        assert_eq!(house.identity.leave(&ada).await, Err(IdentityError::OnlyAccount), "{}", house.store);
        let first = house.identity.open_another(&ada, "Second", "r1").await.expect("an account");
        assert_eq!(house.identity.open_another(&ada, "Second", "r1").await, Ok(first));
        let there = who(&house, &adas).await;
        assert_eq!((there.account, there.role, house.available(first).await), (first, Role::Owner, 0));
        assert_eq!(house.identity.memberships(ada.user).await.expect("a list").len(), 2);
    }
}

#[tokio::test]
async fn what_a_member_may_follows_the_role_at_once() {
    for house in houses().await {
        let ((ada, _), (bob, bobs)) = (person(&house, ADA).await, person(&house, BOB).await);
        joined(&house, &ada, BOB, &bobs, Role::Viewer).await;
        house.identity.set_role(&ada, bob.user, Role::Billing).await.expect("set");
        assert_eq!(who(&house, &bobs).await.role, Role::Billing, "{}", house.store);
        let lines = house.identity.audit_of_account(ada.account, None, 10).await.expect("a log");
        let said: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
        assert_eq!(said, ["role_set", "member_joined", "member_invited"]);
    }
}
