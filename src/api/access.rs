//! Who may do what over REST: one table, one place that asks it.
//!
//! Every path is refused that does not stand here, so a new one is closed until somebody decides. A key without the
//! scope that its own account's path needs is told so (403 `insufficient_scope`): that says nothing of anybody else, as
//! it is decided before the account is looked at. A customer's key on an operators' path finds nothing (404).

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::HttpMethod;

use super::caller::bearer;
use super::problem::Problem;
use crate::identity::{Caller, IdentityError, Known, Scope};
use crate::server::limits::{Spent, Verdict, with_state};
use crate::server::state::App;

/// What a path asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: anyone may.
    Nobody,
    /// Nothing of ours: what Stripe sends is signed, and is never turned away for its number.
    Signature,
    /// A key with this scope, a customer's for its own account or an operator's.
    Key(Scope),
    /// An operator's key with this scope.
    Operator(Scope),
}

use Need::{Key, Nobody, Operator, Signature};
use Scope::{Admin, Charge, Read, Verify};

/// Every path of the API. A writing method and a reading one of the same path may ask for different things.
pub const TABLE: &[(Method, &str, Need)] = &[
    (Method::GET, "/api/audit-log/{account_id}", Key(Admin)),
    (Method::POST, "/api/billing/account", Operator(Admin)),
    (Method::GET, "/api/billing/account/{account_id}", Key(Read)),
    (Method::PUT, "/api/billing/account/{account_id}", Key(Admin)),
    (Method::POST, "/api/billing/adjustments", Operator(Admin)),
    (Method::GET, "/api/billing/alerts/{account_id}", Key(Read)),
    (Method::PUT, "/api/billing/alerts/{account_id}", Key(Admin)),
    (Method::GET, "/api/billing/auto-topup/{account_id}", Key(Read)),
    (Method::PUT, "/api/billing/auto-topup/{account_id}", Key(Admin)),
    (Method::GET, "/api/billing/balance/{account_id}", Key(Read)),
    (Method::GET, "/api/billing/balance/{account_id}/at", Key(Read)),
    (Method::GET, "/api/billing/budgets/{account_id}", Key(Read)),
    (Method::PUT, "/api/billing/budgets/{account_id}", Key(Admin)),
    (Method::PUT, "/api/billing/budgets/{account_id}/keys/{key_id}", Key(Admin)),
    (Method::POST, "/api/billing/charges", Key(Charge)),
    (Method::POST, "/api/billing/charges/batch", Key(Charge)),
    (Method::POST, "/api/billing/checkout", Key(Admin)),
    (Method::GET, "/api/billing/entries/{account_id}", Key(Read)),
    (Method::GET, "/api/billing/entries/{account_id}/export", Key(Read)),
    (Method::GET, "/api/billing/forecast/{account_id}", Key(Read)),
    (Method::POST, "/api/billing/grants", Operator(Admin)),
    (Method::GET, "/api/billing/grants/{account_id}", Key(Read)),
    (Method::GET, "/api/billing/grants/{account_id}/export", Key(Read)),
    (Method::POST, "/api/billing/holds", Key(Charge)),
    (Method::GET, "/api/billing/holds/{hold_id}", Key(Read)),
    (Method::POST, "/api/billing/holds/{hold_id}/capture", Key(Charge)),
    (Method::POST, "/api/billing/holds/{hold_id}/release", Key(Charge)),
    (Method::POST, "/api/billing/payment-intents", Key(Admin)),
    (Method::POST, "/api/billing/payment-methods", Key(Admin)),
    (Method::POST, "/api/billing/payment-methods/setup", Key(Admin)),
    (Method::GET, "/api/billing/payment-methods/{account_id}", Key(Read)),
    (Method::PUT, "/api/billing/payment-methods/{account_id}/default", Key(Admin)),
    (Method::DELETE, "/api/billing/payment-methods/{account_id}/{payment_method}", Key(Admin)),
    (Method::POST, "/api/billing/portal", Key(Admin)),
    (Method::GET, "/api/billing/prices", Nobody),
    (Method::POST, "/api/billing/purchase", Key(Admin)),
    (Method::POST, "/api/billing/purchase/confirm", Key(Admin)),
    (Method::POST, "/api/billing/purchase-refunds", Operator(Admin)),
    (Method::GET, "/api/billing/purchases/{account_id}", Key(Read)),
    (Method::GET, "/api/billing/purchases/{purchase_id}/receipt.pdf", Key(Read)),
    (Method::POST, "/api/billing/quotes", Key(Charge)),
    (Method::GET, "/api/billing/receipts/{transaction_id}", Key(Read)),
    (Method::POST, "/api/billing/recurring-grants", Operator(Admin)),
    (Method::GET, "/api/billing/recurring-grants/{account_id}", Key(Read)),
    (Method::DELETE, "/api/billing/recurring-grants/{account_id}/{recurring_grant_id}", Operator(Admin)),
    (Method::POST, "/api/billing/refunds", Operator(Admin)),
    (Method::GET, "/api/billing/signing-keys", Nobody),
    (Method::GET, "/api/billing/statements/{account_id}", Key(Read)),
    (Method::GET, "/api/billing/statements/{account_id}/{month}", Key(Read)),
    (Method::GET, "/api/billing/statements/{account_id}/{month}/statement.pdf", Key(Read)),
    (Method::POST, "/api/billing/subscriptions", Key(Admin)),
    (Method::GET, "/api/billing/subscriptions/{account_id}", Key(Read)),
    (Method::POST, "/api/billing/subscriptions/{account_id}/cancel", Key(Admin)),
    (Method::POST, "/api/billing/subscriptions/{account_id}/resume", Key(Admin)),
    (Method::POST, "/api/billing/suspensions", Operator(Admin)),
    (Method::GET, "/api/billing/suspensions/{account_id}", Key(Read)),
    (Method::GET, "/api/billing/usage/{account_id}", Key(Read)),
    (Method::GET, "/api/billing/usage/{account_id}/breakdown", Key(Read)),
    (Method::GET, "/api/billing/usage/{account_id}/export", Key(Read)),
    (Method::POST, "/api/billing/write-offs", Operator(Admin)),
    (Method::GET, "/api/events", Key(Read)),
    (Method::POST, "/api/invitations", Key(Admin)),
    (Method::DELETE, "/api/invitations/{account_id}/{invitation_id}", Key(Admin)),
    (Method::POST, "/api/keys", Key(Admin)),
    (Method::GET, "/api/keys/{account_id}", Key(Admin)),
    (Method::DELETE, "/api/keys/{account_id}/{key_id}", Key(Admin)),
    (Method::POST, "/api/keys/{account_id}/{key_id}/rotate", Key(Admin)),
    (Method::GET, "/api/members/{account_id}", Key(Admin)),
    (Method::DELETE, "/api/members/{account_id}/{user_id}", Key(Admin)),
    (Method::PUT, "/api/members/{account_id}/{user_id}", Key(Admin)),
    (Method::GET, "/api/office/audit-log", Operator(Read)),
    (Method::GET, "/api/office/customers", Operator(Read)),
    (Method::GET, "/api/office/events", Operator(Read)),
    (Method::GET, "/api/office/events/{stripe_event_id}", Operator(Read)),
    (Method::POST, "/api/office/events/{stripe_event_id}/replay", Operator(Admin)),
    (Method::GET, "/api/office/purchases", Operator(Read)),
    (Method::GET, "/api/office/purchases/{purchase_id}", Operator(Read)),
    (Method::GET, "/api/office/reconciliations", Operator(Read)),
    (Method::POST, "/api/office/reconciliations", Operator(Admin)),
    (Method::GET, "/api/office/reconciliations/{reconciliation_id}", Operator(Read)),
    (Method::GET, "/api/office/reconciliations/{reconciliation_id}/differences", Operator(Read)),
    (Method::POST, "/api/office/reconciliations/{reconciliation_id}/differences/{number}/repair", Operator(Admin)),
    (Method::GET, "/api/office/reconciliations/{reconciliation_id}/export", Operator(Read)),
    (Method::POST, "/api/office/tiers", Operator(Admin)),
    (Method::GET, "/api/status", Nobody),
    (Method::POST, "/api/stripe/webhook", Signature),
    (Method::POST, "/api/oracle", Key(Verify)),
    (Method::GET, "/api/oracle/{account_id}", Key(Read)),
    (Method::GET, "/api/oracle/{account_id}/{query_id}", Key(Read)),
    (Method::POST, "/api/batches", Key(Verify)),
    (Method::GET, "/api/batches/{account_id}", Key(Read)),
    (Method::GET, "/api/batches/{account_id}/{batch_id}", Key(Read)),
    (Method::POST, "/api/monitors", Key(Verify)),
    (Method::GET, "/api/monitors/{account_id}", Key(Read)),
    (Method::GET, "/api/monitors/{account_id}/{monitor_id}", Key(Read)),
    (Method::GET, "/api/monitors/{account_id}/{monitor_id}/alerts", Key(Read)),
    (Method::GET, "/api/monitors/{account_id}/{monitor_id}/export", Key(Read)),
    (Method::POST, "/api/monitors/{account_id}/{monitor_id}/extend", Key(Verify)),
    (Method::GET, "/api/monitors/{account_id}/{monitor_id}/observations", Key(Read)),
    (Method::POST, "/api/monitors/{account_id}/{monitor_id}/observations", Key(Verify)),
    (Method::GET, "/api/monitors/{account_id}/{monitor_id}/report", Key(Read)),
    (Method::POST, "/api/monitors/{account_id}/{monitor_id}/stop", Key(Verify)),
    (Method::POST, "/api/shares", Key(Verify)),
    (Method::GET, "/api/shares/{account_id}", Key(Read)),
    (Method::DELETE, "/api/shares/{account_id}/{answer_id}", Key(Verify)),
    (Method::GET, "/api/verifications", Key(Read)),
    (Method::GET, "/api/verifications/{verification_id}", Key(Read)),
    (Method::POST, "/api/verifications/{verification_id}/rerun", Key(Verify)),
    (Method::POST, "/api/verify", Key(Verify)),
    (Method::POST, "/api/webhooks", Key(Admin)),
    (Method::GET, "/api/webhooks/{account_id}", Key(Read)),
    (Method::DELETE, "/api/webhooks/{account_id}/{webhook_id}", Key(Admin)),
    (Method::GET, "/api/webhooks/{account_id}/{webhook_id}", Key(Read)),
    (Method::PUT, "/api/webhooks/{account_id}/{webhook_id}", Key(Admin)),
    (Method::GET, "/api/webhooks/{account_id}/{webhook_id}/deliveries", Key(Read)),
    (Method::GET, "/api/webhooks/{account_id}/{webhook_id}/deliveries/{event_id}", Key(Read)),
    (Method::POST, "/api/webhooks/{account_id}/{webhook_id}/deliveries/{event_id}/replay", Key(Admin)),
    (Method::POST, "/api/webhooks/{account_id}/{webhook_id}/rotate", Key(Admin)),
    (Method::POST, "/api/webhooks/{account_id}/{webhook_id}/test", Key(Admin)),
];

/// What a path asks; `None` for one that nobody has decided on.
#[must_use]
pub fn need(method: &Method, path: &str) -> Option<Need> {
    // What answers GET answers HEAD.
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    TABLE.iter().find(|(known, at, _)| *at == path && known == method).map(|(_, _, need)| *need)
}

/// The same, as the document names methods.
pub(super) fn need_of(method: &HttpMethod, path: &str) -> Option<Need> {
    let method = match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        _ => return None,
    };
    need(&method, path)
}

/// Whether any method of a path is decided on: then another one is the router's to refuse.
fn is_known(path: &str) -> bool {
    TABLE.iter().any(|(_, at, _)| *at == path)
}

/// Asks the table, the key and the limits, in one place and once, and leaves the caller for the handler.
pub async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("", MatchedPath::as_str);
    let Some(need) = need(request.method(), path) else {
        return if is_known(path) { next.run(request).await } else { Problem::not_found().into_response() };
    };
    let admitted = match need {
        Signature => return next.run(request).await,
        Nobody => app.limits.address(&request),
        Key(_) | Operator(_) => match caller(&app, bearer(request.headers()).map(str::to_owned), need).await {
            Ok(known) => {
                let spent = app.limits.key(&known.caller);
                request.extensions_mut().insert(known);
                spent
            }
            // Whoever has no good key is counted by address: guessing one is slow.
            Err(problem) => match app.limits.address(&request) {
                Verdict::Refused(spent) => Verdict::Refused(spent),
                Verdict::Admitted(spent) => return with_state(problem.into_response(), spent.as_ref()),
            },
        },
    };
    match admitted {
        Verdict::Admitted(spent) => with_state(next.run(request).await, spent.as_ref()),
        Verdict::Refused(spent) => with_state(too_many(&spent).into_response(), Some(&spent)),
    }
}

/// Who calls, by the one read of its key, and whether it may do this at all.
async fn caller(app: &App, bearer: Option<String>, need: Need) -> Result<Known, Problem> {
    let bearer = bearer.ok_or_else(Problem::unauthorized)?;
    let known = match app.identity.authenticate(&bearer).await {
        Ok(known) => known,
        Err(IdentityError::Unavailable) => return Err(Problem::unavailable()),
        Err(_) => return Err(Problem::unauthorized()),
    };
    let (scope, is_operators) = match need {
        Operator(scope) => (scope, true),
        Key(scope) => (scope, false),
        Nobody | Signature => return Ok(known),
    };
    match known.caller {
        Caller::Customer { .. } if is_operators => Err(Problem::not_found()),
        _ if known.scopes.has(scope) => Ok(known),
        _ => Err(Problem::insufficient_scope(scope.name())),
    }
}

pub(super) fn too_many(spent: &Spent) -> Problem {
    let seconds = spent.retry_after_seconds.max(1);
    let sentence = format!("Too many requests by this {}; try again in {seconds} seconds", spent.of);
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", sentence).after(seconds)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_of_the_router_stands_in_the_table_and_nothing_else_does() {
        let (_, document) = super::super::documented().split_for_parts();
        let document = serde_json::to_value(document).expect("serializable");
        let mut routes = BTreeSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for method in item.as_object().expect("operations").keys() {
                routes.insert((path.clone(), method.to_uppercase()));
            }
        }
        let table: BTreeSet<_> =
            TABLE.iter().map(|(method, path, _)| ((*path).to_owned(), method.to_string())).collect();
        let missing: Vec<_> = routes.difference(&table).collect();
        assert!(missing.is_empty(), "add a row to TABLE in src/api/access.rs for {missing:?}");
        let superfluous: Vec<_> = table.difference(&routes).collect();
        assert!(superfluous.is_empty(), "no such route: {superfluous:?}");
        assert_eq!(table.len(), TABLE.len(), "a route stands twice");
    }

    #[test]
    fn what_needs_no_key_says_so_in_the_document_too() {
        let (_, document) = super::super::documented().split_for_parts();
        let document = serde_json::to_value(document).expect("serializable");
        for (method, path, need) in TABLE {
            let operation = &document["paths"][path][method.as_str().to_lowercase()];
            let open = operation.get("security").is_some();
            assert_eq!(open, matches!(need, Nobody | Signature), "{method} {path}");
        }
    }

    #[test]
    fn writing_needs_more_than_reading() {
        for (method, path, need) in TABLE {
            let reads = matches!(need, Key(Read) | Operator(Read) | Nobody);
            assert!(*method == Method::GET || !reads, "{method} {path}");
        }
    }

    #[test]
    fn a_path_that_nobody_decided_on_is_refused() {
        assert_eq!(need(&Method::GET, "/api/secrets"), None);
        assert_eq!(need(&Method::DELETE, "/api/billing/charges"), None);
        assert_eq!(need(&Method::HEAD, "/api/status"), Some(Nobody));
    }
}
