//! The REST API over HTTP, through the real router, on the real store.
#![cfg(feature = "ssr")]

mod support;

mod http {
    mod accounts;
    mod bad_bodies;
    mod bad_values;
    mod charges;
    mod document;
    mod evidence;
    mod keys;
    mod ledger;
    mod purchases;
    mod stories;
    mod verify;
    mod webhook;
}
