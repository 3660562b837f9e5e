//! Operators as people, what they look at, and the audit log.

use super::{ADA, PASSWORD};
use crate::identity::testing::{House, houses};
use crate::identity::{Actor, Door, IdentityError, Role, SEEING_MINUTES, SignIn, SignedIn};

const BOB: &str = "bob@example.com";

/// Somebody signed in, and the session's token.
async fn signed_in(house: &House, email: &str) -> (SignedIn, String) {
    let token = house.identity.sign_in(email, PASSWORD).await.expect("signing in");
    (who(house, token.as_str()).await, token.as_str().to_owned())
}

async fn who(house: &House, token: &str) -> SignedIn {
    house.identity.session(token).await.expect("a read").expect("a session")
}

#[tokio::test]
async fn only_the_command_line_makes_an_operator_and_taking_it_back_holds_at_once() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let (ada, token) = signed_in(&house, ADA).await;
        assert!(!ada.operator, "{}", house.store);
        assert_eq!(house.identity.add_operator("nobody@example.com").await, Err(IdentityError::NoSuchPerson));
        house.identity.add_operator("ADA@example.com").await.expect("an operator");
        house.identity.add_operator(ADA).await.expect("once more changes nothing");
        assert!(who(&house, &token).await.operator);
        let listed = house.identity.operators().await.expect("a list");
        assert_eq!(listed.iter().map(|operator| operator.email.as_str()).collect::<Vec<_>>(), [ADA]);
        house.identity.remove_operator(ADA).await.expect("removed");
        assert!(!who(&house, &token).await.operator);
        assert_eq!(house.identity.remove_operator(ADA).await, Err(IdentityError::NoSuchPerson));
    }
}

#[tokio::test]
async fn an_unconfirmed_address_makes_no_operator() {
    for house in houses().await {
        house.identity.sign_up("Ada", ADA, PASSWORD).await.expect("signing up");
        assert_eq!(house.identity.add_operator(ADA).await, Err(IdentityError::NoSuchPerson), "{}", house.store);
    }
}

#[tokio::test]
async fn an_operator_looks_at_a_customer_for_half_an_hour_and_the_customer_can_read_so() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let customer = house.resident(BOB, PASSWORD).await;
        house.identity.add_operator(ADA).await.expect("an operator");
        let (ada, token) = signed_in(&house, ADA).await;
        house.identity.begin_seeing(&ada, customer).await.expect("looking");
        let looking = who(&house, &token).await;
        assert_eq!((looking.account, looking.role, looking.seeing.is_some()), (customer, Role::Viewer, true));
        let lines = house.identity.audit_of_account(customer, None, 10).await.expect("a log");
        assert_eq!(lines[0].action, "pages_looked_at", "{}", house.store);
        assert_eq!((lines[0].actor_kind.as_str(), lines[0].actor_name.as_str()), ("operator", "Ada"));
        house.clock.advance(SEEING_MINUTES * 60);
        let after = who(&house, &token).await;
        assert_eq!((after.account, after.role, after.seeing), (ada.account, Role::Owner, None));
    }
}

#[tokio::test]
async fn looking_ends_by_a_button_and_when_the_operator_is_one_no_more() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let customer = house.resident(BOB, PASSWORD).await;
        house.identity.add_operator(ADA).await.expect("an operator");
        let (ada, token) = signed_in(&house, ADA).await;
        house.identity.begin_seeing(&ada, customer).await.expect("looking");
        house.identity.end_seeing(&who(&house, &token).await).await.expect("ended");
        assert_eq!(who(&house, &token).await.account, ada.account, "{}", house.store);
        let lines = house.identity.audit_of_account(customer, None, 10).await.expect("a log");
        assert_eq!(
            lines.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(),
            ["looking_ended", "pages_looked_at"]
        );
        house.identity.begin_seeing(&ada, customer).await.expect("looking again");
        house.identity.remove_operator(ADA).await.expect("removed");
        assert_eq!(who(&house, &token).await.account, ada.account);
    }
}

#[tokio::test]
async fn whoever_is_no_operator_looks_at_nobody() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let customer = house.resident(BOB, PASSWORD).await;
        let (ada, token) = signed_in(&house, ADA).await;
        assert_eq!(house.identity.begin_seeing(&ada, customer).await, Err(IdentityError::NotFound), "{}", house.store);
        assert_eq!(who(&house, &token).await.account, ada.account);
    }
}

#[tokio::test]
async fn the_log_is_read_a_page_at_a_time_and_each_account_sees_its_own() {
    for house in houses().await {
        let (first, second) = (house.resident(ADA, PASSWORD).await, house.resident(BOB, PASSWORD).await);
        for number in 0..5 {
            let line = house.identity.audit(&Actor::House, first, "tested", number.to_string());
            house.write(line).await;
        }
        let page = house.identity.audit_of_account(first, None, 3).await.expect("a page");
        assert_eq!(
            page.iter().map(|line| line.detail.as_str()).collect::<Vec<_>>(),
            ["4", "3", "2"],
            "{}",
            house.store
        );
        let rest = house.identity.audit_of_account(first, Some(page[2].id), 3).await.expect("the rest");
        assert_eq!(rest.iter().map(|line| line.detail.as_str()).collect::<Vec<_>>(), ["1", "0"]);
        assert_eq!(house.identity.audit_of_account(second, None, 3).await, Ok(vec![]));
        assert!(house.identity.audit_of_everything(None, 200).await.expect("all").len() >= 5);
    }
}

#[tokio::test]
async fn an_account_is_found_by_a_part_of_its_members_address_and_no_letter_is_a_wildcard() {
    for house in houses().await {
        let account = house.resident(ADA, PASSWORD).await;
        let find = async |text: &str| house.identity.accounts_by_email(text).await.expect("a search");
        assert_eq!(find("ADA@").await, [account], "{}", house.store);
        for nothing in ["bob", "%", "a_a", "ada!"] {
            assert_eq!(find(nothing).await, [], "{nothing}");
        }
    }
}

#[tokio::test]
async fn an_operator_signs_a_member_out_everywhere_and_nobody_elses() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let customer = house.resident(BOB, PASSWORD).await;
        house.identity.add_operator(ADA).await.expect("an operator");
        let (ada, operators) = signed_in(&house, ADA).await;
        let (bob, bobs) = signed_in(&house, BOB).await;
        let refused = Err(IdentityError::NotFound);
        assert_eq!(house.identity.sign_member_out(&bob, customer, bob.user).await, refused, "{}", house.store);
        assert_eq!(house.identity.sign_member_out(&ada, customer, ada.user).await, refused, "not of this account");
        house.identity.sign_member_out(&ada, customer, bob.user).await.expect("signed out");
        assert_eq!(house.identity.session(&bobs).await, Ok(None));
        assert!(house.identity.session(&operators).await.expect("a read").is_some());
        let lines = house.identity.audit_of_account(customer, None, 10).await.expect("a log");
        assert_eq!((lines[0].action.as_str(), lines[0].user), ("signed_out_everywhere", Some(bob.user)));
    }
}

#[tokio::test]
async fn a_session_says_whether_it_began_with_more_than_a_password_and_the_log_how() {
    for house in houses().await {
        house.resident(ADA, PASSWORD).await;
        let door = Door { source: "192.0.2.7".into(), agent: "Firefox".into(), ..Door::default() };
        let entered = house.identity.sign_in_at(ADA, PASSWORD, &door).await.expect("signing in");
        let SignIn::Entered(entered) = entered else { panic!("a code was asked for") };
        let ada = who(&house, entered.session.as_str()).await;
        assert!(!ada.second_factor, "{}", house.store);
        let lines = house.identity.audit_of_person(ada.user, 1).await.expect("a log");
        assert_eq!(
            (lines[0].action.as_str(), lines[0].detail.as_str()),
            ("signed_in", "by password from 192.0.2.7 with Firefox")
        );
    }
}
