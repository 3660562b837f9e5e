//! What a server function may ask about the request it serves.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::header::{COOKIE, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

use super::guard::{Came, Refused};
use super::state::App;
use crate::app::error::AppError;
use crate::identity::{Door, Entered, IdentityError, SessionToken, SignedIn};

/// The session.
const SESSION_COOKIE: &str = "aethel";
/// A session's cookie lives as long as the session itself may.
const COOKIE_SECONDS: i64 = 30 * 86_400;
/// By this a browser is known that has signed somebody in before.
const DEVICE_COOKIE: &str = "aethel-device";
/// A year.
const DEVICE_SECONDS: i64 = 365 * 86_400;
/// By this a right password waits for its code.
const STEP_COOKIE: &str = "aethel-step";
const STEP_SECONDS: i64 = 600;

/// The services.
#[must_use]
pub fn app() -> App {
    expect_context::<App>()
}

/// The value of a cookie in a request's headers.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// A cookie of the request being served.
#[must_use]
pub fn request_cookie(name: &str) -> Option<String> {
    let app = use_context::<App>()?;
    use_context::<Parts>().and_then(|parts| cookie(&parts.headers, &kept_name(&app.config.public_url, name)))
}

/// The name that a cookie of ours has in this house's browsers.
#[must_use]
pub fn cookie_name(name: &str) -> Option<String> {
    use_context::<App>().map(|app| kept_name(&app.config.public_url, name))
}

/// A cookie's name as browsers keep it: bound to the host where https allows it, and a plain one on loopback.
fn kept_name(public_url: &str, name: &str) -> String {
    let host = if public_url.starts_with("https://") { "__Host-" } else { "" };
    format!("{host}{name}")
}

/// The path of the request being served.
#[must_use]
pub fn request_path() -> String {
    use_context::<Parts>().map_or_else(String::new, |parts| parts.uri.path().to_owned())
}

/// The token of the session that the request belongs to, not yet checked.
#[must_use]
pub fn session_token() -> Option<String> {
    request_cookie(SESSION_COOKIE)
}

/// Who is signed in, and may do what the request asks for: the guard at the door has looked both up. A request that did
/// not pass it belongs to nobody.
///
/// # Errors
/// [`AppError::SignedOut`] when nobody is, [`AppError::Unavailable`] when that cannot be told, and what the guard
/// refused the page for.
pub async fn signed_in() -> Result<SignedIn, AppError> {
    if let Some(error) = refused_page() {
        return Err(error);
    }
    let came = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Came>().cloned());
    match came {
        Some(Came(Ok(Some(signed_in)))) => Ok(signed_in),
        Some(Came(Err(IdentityError::Unavailable))) => Err(AppError::Unavailable),
        _ => Err(AppError::SignedOut),
    }
}

/// Why the guard at the door refused the page that was asked for; none when it did not.
#[must_use]
pub fn refused_page() -> Option<AppError> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Refused>().map(|refused| refused.0.clone()))
}

/// The operator who is signed in.
///
/// # Errors
/// [`AppError::NotFound`] for everybody else: the back office does not exist for them.
pub async fn operator() -> Result<SignedIn, AppError> {
    match signed_in().await {
        Ok(who) if who.operator => Ok(who),
        Err(AppError::Unavailable) => Err(AppError::Unavailable),
        Ok(_) | Err(_) => Err(AppError::NotFound),
    }
}

/// The token of the session that these headers bring, not yet checked.
#[must_use]
pub fn session_token_in(app: &App, headers: &HeaderMap) -> Option<String> {
    cookie(headers, &kept_name(&app.config.public_url, SESSION_COOKIE))
}

/// Who is signed in by the cookie in these headers, if anybody is; for handlers outside the pages.
///
/// # Errors
/// When that cannot be told.
pub async fn session_of(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, IdentityError> {
    match session_token_in(app, headers) {
        Some(token) => app.identity.session(&token).await,
        None => Ok(None),
    }
}

/// Sets a cookie on the answer: readable by the server only, for this site only.
pub fn set_cookie(name: &str, value: &str, seconds: i64) {
    let app = app();
    let secure = if app.config.public_url.starts_with("https://") { "; Secure" } else { "" };
    let name = kept_name(&app.config.public_url, name);
    let line = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let (Some(response), Ok(line)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&line)) {
        response.append_header(SET_COOKIE, line);
    }
}

/// Signs the browser in, and lets it be known next time.
pub fn enter_with(entered: &Entered) {
    set_cookie(SESSION_COOKIE, entered.session.as_str(), COOKIE_SECONDS);
    set_cookie(DEVICE_COOKIE, entered.device.as_str(), DEVICE_SECONDS);
}

/// Who stands at the door, as far as the request tells.
#[must_use]
pub fn door() -> Door {
    let parts = use_context::<Parts>();
    let peer = parts.as_ref().and_then(|parts| parts.extensions.get::<ConnectInfo<SocketAddr>>());
    let agent = parts.as_ref().and_then(|parts| parts.headers.get(USER_AGENT)?.to_str().ok().map(ToOwned::to_owned));
    Door {
        source: peer.zip(parts.as_ref()).map_or_else(String::new, |(ConnectInfo(peer), parts)| {
            app().limits.came_from(peer.ip(), &parts.headers).to_string()
        }),
        device: request_cookie(DEVICE_COOKIE),
        agent: agent.unwrap_or_default(),
        session: session_token(),
    }
}

/// Keeps the secret of a right password that waits for its code.
pub fn keep_step(step: &SessionToken) {
    set_cookie(STEP_COOKIE, step.as_str(), STEP_SECONDS);
}

/// The secret of a right password that waits for its code.
#[must_use]
pub fn step_cookie() -> Option<String> {
    request_cookie(STEP_COOKIE)
}

/// Forgets it.
pub fn clear_step() {
    set_cookie(STEP_COOKIE, "", 0);
}

/// Signs the browser out.
pub fn clear_session() {
    set_cookie(SESSION_COOKIE, "", 0);
}

#[cfg(test)]
mod tests {
    use super::kept_name;

    #[test]
    fn every_cookie_is_bound_to_the_host_where_https_allows_it() {
        assert_eq!(kept_name("https://aethel.example", "aethel"), "__Host-aethel");
        assert_eq!(kept_name("http://127.0.0.1:3000", "aethel"), "aethel");
    }
}
