//! From what a page comes to, to the HTTP answer: markup, redirects and the content security policy.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::page::{self, Order};
use super::state::new_id;

/// What a request for a page comes to.
pub enum Outcome {
    Go(String),
    Pay(Box<Order>, Vec<String>),
    Authenticate {
        action: String,
        client_secret: String,
        total: String,
        leads_to: Vec<String>,
    },
    /// The chaos panel's inside.
    Panel(String),
    Portal {
        sentence: String,
        way_back: Option<String>,
    },
    Notice {
        status: StatusCode,
        title: &'static str,
        sentence: &'static str,
        way_on: Option<(&'static str, String)>,
    },
}

pub fn nothing_here() -> Outcome {
    Outcome::Notice {
        status: StatusCode::NOT_FOUND,
        title: "Nothing here",
        sentence: "The Stripe sandbox does not know this page. Go back to the shop and start the checkout again.",
        way_on: None,
    }
}

pub fn answer(outcome: Outcome) -> Response {
    let nonce = new_id("n");
    let (status, html, leads_to) = match outcome {
        Outcome::Go(url) => return go(&url),
        Outcome::Pay(order, leads_to) => (StatusCode::OK, page::checkout(&order, &nonce), leads_to),
        Outcome::Authenticate { action, client_secret, total, leads_to } => {
            (StatusCode::OK, page::authentication(&action, &client_secret, &total, &nonce), leads_to)
        }
        Outcome::Panel(body) => (StatusCode::OK, page::board(&body, &nonce), Vec::new()),
        Outcome::Portal { sentence, way_back } => {
            let way_back = way_back.as_deref().map(|url| ("Go back", url));
            (StatusCode::OK, page::notice("Customer portal", &sentence, way_back, &nonce), Vec::new())
        }
        Outcome::Notice { status, title, sentence, way_on } => {
            let way_on = way_on.as_ref().map(|(label, url)| (*label, url.as_str()));
            (status, page::notice(title, sentence, way_on, &nonce), Vec::new())
        }
    };
    let mut response = (status, Html(html)).into_response();
    let policy = policy(&nonce, &leads_to);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn go(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => answer(nothing_here()),
    }
}

/// Nothing but our own style and our own form. Browsers hold `form-action` against the redirect after a form too,
/// so the shop's address must be in it.
fn policy(nonce: &str, leads_to: &[String]) -> String {
    let mut targets = String::from("'self'");
    for origin in leads_to.iter().filter_map(|url| origin(url)) {
        targets.push(' ');
        targets.push_str(&origin);
    }
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action {targets}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let is_plain =
        host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'));
    is_plain.then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_shop_and_nothing_clever() {
        let urls =
            ["http://127.0.0.1:3000/done?x={CHECKOUT_SESSION_ID}".to_owned(), "https://a;script-src *".to_owned()];
        let policy = policy("n", &urls);
        assert!(policy.contains("form-action 'self' http://127.0.0.1:3000;"));
        assert!(!policy.contains("script-src"));
    }
}
