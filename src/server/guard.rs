//! Stands before every page and server function: finds out who comes, once, and asks the table whether they may.

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, LOCATION, REFERER};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::server_fn::error::FromServerFnError;

use super::context::session_of;
use super::permissions::{Denied, Effect, Need, admit, admit_strictly, function, page};
use super::security::is_built_file;
use super::state::App;
use crate::app::error::AppError;
use crate::identity::{IdentityError, SignedIn};

/// Who came, as found out when the request came in.
#[derive(Clone, Debug)]
pub struct Came(pub Result<Option<SignedIn>, IdentityError>);

/// Why the page shown is not the one that was asked for.
#[derive(Clone, Debug)]
pub struct Refused(pub AppError);

impl From<Denied> for AppError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::SignedOut => Self::SignedOut,
            Denied::Hidden => Self::NotFound,
            Denied::Role => Self::RoleForbids,
            Denied::Looking => Self::OnlyLooking,
            Denied::Weak => Self::SecondFactorNeeded,
        }
    }
}

/// Lets a request through, or answers it with why not.
pub async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if is_built_file(&path) {
        return next.run(request).await;
    }
    let came = session_of(&app, request.headers()).await;
    let is_public = app.config.public_url.starts_with("https://");
    let verdict = match path.strip_prefix("/fn/") {
        Some(endpoint) => match function(endpoint) {
            Some(function) => judge(&came, function.need, function.effect, is_public),
            None => Err(AppError::NotFound),
        },
        None => {
            let effect = if is_read(request.method()) { Effect::Reads } else { Effect::Writes };
            page(&path).map_or(Err(AppError::NotFound), |need| judge(&came, need, effect, is_public))
        }
    };
    if let Err(error) = &verdict {
        note_refusal(&came, &path, error);
    }
    request.extensions_mut().insert(Came(came));
    match verdict {
        Ok(()) => next.run(request).await,
        Err(error) if path.starts_with("/fn/") => refused_function(&error, request.headers()),
        Err(AppError::SignedOut) => {
            let asked = request.uri().path_and_query().map_or("/dashboard", |asked| asked.as_str());
            (StatusCode::FOUND, [(LOCATION, to_sign_in(asked))]).into_response()
        }
        Err(error) => {
            // A file that is not a page may still lie there; the shell says the error where a page would be.
            request.extensions_mut().insert(Refused(error));
            next.run(request).await
        }
    }
}

/// Who was refused what, for whoever reads the log. A page that nobody has is no refusal, and being asked to sign in is
/// none either.
fn note_refusal(came: &Result<Option<SignedIn>, IdentityError>, path: &str, error: &AppError) {
    if let (Ok(Some(who)), false) = (came, matches!(error, AppError::Unavailable)) {
        tracing::warn!(user = %who.user, account = %who.account, path, why = error.code(), "a visitor was refused");
    }
}

fn judge(
    came: &Result<Option<SignedIn>, IdentityError>,
    need: Need,
    effect: Effect,
    is_public: bool,
) -> Result<(), AppError> {
    match came {
        Ok(who) if is_public => Ok(admit_strictly(need, effect, who.as_ref())?),
        Ok(who) => Ok(admit(need, effect, who.as_ref())?),
        Err(_) if need == Need::Anyone => Ok(()),
        Err(_) => Err(AppError::Unavailable),
    }
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn to_sign_in(path: &str) -> String {
    format!("/signin?next={}", crate::app::format::query_value(path))
}

/// A refusal in the form its asker reads: a script gets the error, a plain form a sentence or the page to sign in.
fn refused_function(error: &AppError, headers: &HeaderMap) -> Response {
    let by_person = headers.get(ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    if !by_person {
        let refusal = error.ser();
        return (refusal.status_code, [(CONTENT_TYPE, refusal.content_type)], refusal.body).into_response();
    }
    if *error == AppError::SignedOut {
        let from = headers.get(REFERER).and_then(|referer| referer.to_str().ok());
        let path = from.and_then(|referer| referer.split_once("://")?.1.find('/').map(|at| (referer, at)));
        let path = path.and_then(|(referer, at)| referer.split_once("://")?.1.get(at..)).unwrap_or("/dashboard");
        return (StatusCode::SEE_OTHER, [(LOCATION, to_sign_in(path))]).into_response();
    }
    (error.status_code(), error.sentence()).into_response()
}
