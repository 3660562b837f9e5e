//! Files that a signed-in person downloads: what the REST API gives to a key, given to a session.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::context::session_token_in;
use super::limits::{Verdict, with_state};
use super::state::App;
use crate::billing::StatementError;
use crate::identity::IdentityError;
use crate::ledger::Month;

/// The signed statement of a month of the visitor's account.
pub(super) async fn statement(
    State(app): State<App>,
    Path(month): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let sign_in = || Redirect::to("/signin?next=/statements").into_response();
    let token = session_token_in(&app, &headers).ok_or_else(sign_in)?;
    let account = match app.identity.session(&token).await {
        Ok(Some(who)) => who.account,
        Err(IdentityError::Unavailable) => return Err(StatusCode::SERVICE_UNAVAILABLE.into_response()),
        Ok(None) | Err(_) => return Err(sign_in()),
    };
    if let Verdict::Refused(spent) = app.limits.account(account) {
        return Err(with_state(StatusCode::TOO_MANY_REQUESTS.into_response(), Some(&spent)));
    }
    let month: Month = month.parse().map_err(|_| StatusCode::NOT_FOUND.into_response())?;
    let signed = app.kernel.signed_statement(&app.signer, account, month).await.map_err(|error| {
        let status = match error {
            StatementError::NotFound => StatusCode::NOT_FOUND,
            StatementError::TooLong => StatusCode::CONFLICT,
            StatementError::Kernel(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, error.to_string()).into_response()
    })?;
    let mut response = Json(signed).into_response();
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"aethel-{account}-{month}.json\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
