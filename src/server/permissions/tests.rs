//! Every function and page stands in the table, and the table says what it should.

use std::collections::BTreeSet;

use leptos_axum::generate_route_list;
use ulid::Ulid;

use super::*;
use crate::identity::Role;
use crate::ledger::{AccountId, SessionId, Timestamp, UserId};

fn member(role: Role) -> SignedIn {
    let ulid = Ulid::from_parts(1, 1);
    SignedIn {
        user: UserId::from_ulid(ulid),
        name: "Ada".into(),
        email: "ada@example.com".into(),
        account: AccountId::from_ulid(ulid),
        confirmed: true,
        session: SessionId::from_ulid(ulid),
        role,
        operator: false,
        seeing: None,
        second_factor: false,
    }
}

#[test]
fn every_server_function_is_in_the_table_and_every_row_is_one() {
    let registered: BTreeSet<&str> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.trim_start_matches("/fn/")).collect();
    let known: BTreeSet<&str> = FUNCTIONS.iter().map(|function| function.endpoint).collect();
    assert!(!registered.is_empty(), "no server function is registered, so nothing was checked");
    let missing: Vec<_> = registered.difference(&known).collect();
    let idle: Vec<_> = known.difference(&registered).collect();
    assert_eq!((missing, idle), (vec![], vec![]), "functions without a row, and rows without a function");
    assert_eq!(known.len(), FUNCTIONS.len(), "a function has two rows");
}

#[test]
fn every_page_is_in_the_table_and_every_row_is_one() {
    let routes: BTreeSet<String> =
        generate_route_list(crate::app::App).iter().map(|route| route.path().to_owned()).collect();
    let known: BTreeSet<String> = PAGES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert!(!routes.is_empty(), "there is no route, so nothing was checked");
    let missing: Vec<_> = routes.difference(&known).collect();
    let idle: Vec<_> = known.difference(&routes).collect();
    assert_eq!((missing, idle), (Vec::<&String>::new(), vec![]), "pages without a row, and rows without a page");
    assert_eq!(known.len(), PAGES.len(), "a page has two rows");
}

#[test]
fn a_path_finds_its_page_and_no_other() {
    assert_eq!(page("/judge/VER_1"), Some(READ));
    assert_eq!(page("/keys/"), Some(KEYS));
    assert_eq!(page("/"), Some(Need::Anyone));
    for nowhere in ["", "/judge/", "/judge/a/b", "/Keys", "/keys/x", "/office/customers", "/nowhere"] {
        let expected = if nowhere == "/judge/" { Some(READ) } else { None };
        assert_eq!(page(nowhere), expected, "{nowhere:?}");
    }
}

#[test]
fn nobody_gets_further_than_the_public_pages() {
    for function in FUNCTIONS {
        let expected = match function.need {
            Need::Anyone => Ok(()),
            Need::Operator => Err(Denied::Hidden),
            _ => Err(Denied::SignedOut),
        };
        assert_eq!(admit(function.need, function.effect, None), expected, "{}", function.endpoint);
    }
}

#[test]
fn a_role_gets_what_it_may_and_the_back_office_does_not_exist_for_it() {
    for role in Role::ALL {
        let who = member(role);
        for function in FUNCTIONS {
            let expected = match function.need {
                Need::Operator => Err(Denied::Hidden),
                Need::May(what) if !role.may(what) => Err(Denied::Role),
                _ => Ok(()),
            };
            assert_eq!(admit(function.need, function.effect, Some(&who)), expected, "{role:?} {}", function.endpoint);
        }
    }
}

#[test]
fn who_looks_at_a_customers_pages_reads_all_of_them_and_writes_nothing() {
    let until = Some(Timestamp::from_millis(1));
    let who = SignedIn { operator: true, seeing: until, ..member(Role::Viewer) };
    for function in FUNCTIONS {
        let expected = if function.effect == Effect::Writes { Err(Denied::Looking) } else { Ok(()) };
        assert_eq!(admit(function.need, function.effect, Some(&who)), expected, "{}", function.endpoint);
    }
}

#[test]
fn over_the_network_a_password_alone_does_not_open_the_back_office() {
    let weak = SignedIn { operator: true, ..member(Role::Owner) };
    let strong = SignedIn { second_factor: true, ..weak.clone() };
    for (who, back_office) in [(&weak, Err(Denied::Weak)), (&strong, Ok(()))] {
        for effect in [Effect::Reads, Effect::Writes] {
            assert_eq!(admit_strictly(Need::Operator, effect, Some(who)), back_office);
            assert_eq!(admit_strictly(READ, effect, Some(who)), Ok(()), "the rest is as it was");
            assert_eq!(admit(Need::Operator, effect, Some(who)), Ok(()));
        }
    }
    assert_eq!(admit_strictly(Need::Operator, Effect::Reads, Some(&member(Role::Owner))), Err(Denied::Hidden));
}
