//! The REST API over HTTP, through the real router, on the real store.
#![cfg(feature = "ssr")]

mod support;

mod http {
    mod accounts;
    mod alerts;
    mod audit;
    mod auto_topup;
    mod bad_bodies;
    mod bad_values;
    mod batch;
    mod bench;
    mod budgets;
    mod charges;
    mod codes;
    mod contract;
    mod corrections;
    mod document;
    mod doors;
    mod events;
    mod evidence;
    mod exports;
    mod holds;
    mod hostile;
    mod keys;
    mod ledger;
    mod lists;
    mod members;
    mod monitors;
    mod office;
    mod office_customers;
    mod once;
    mod oracle;
    mod payment_methods;
    mod people;
    mod purchase_refunds;
    mod purchases;
    mod quotes;
    mod receipts;
    mod recurring;
    mod reports;
    mod scopes;
    mod shares;
    mod stories;
    mod subscriptions;
    mod transaction_batches;
    mod verifications;
    mod verify;
    mod webhook;
    mod webhooks;
}
