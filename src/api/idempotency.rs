//! The `Idempotency-Key` of a write: read, or made where none was sent, and always echoed.
//!
//! Knows nothing of outcomes; the kernel keeps those.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::{Deserialize, Deserializer, Error};
use sha2::{Digest, Sha256};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::exchange::{Echo, IDEMPOTENCY_KEY};
use super::problem::Problem;
use crate::ledger::KeyId;
use crate::server::state::App;

/// What the kernel keeps of a request key, and so the longest one a client may send.
const KEY_MAX_CHARACTERS: usize = 255;
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The idempotency key of one write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestKey(String);

impl RequestKey {
    /// The key as the kernel keeps it: apart from the keys that the house itself uses, such as that of the free grant.
    pub fn scoped(&self) -> String {
        let scoped = format!("api:{}", self.0);
        if scoped.len() <= KEY_MAX_CHARACTERS { scoped } else { format!("api#{}", fingerprint(&self.0)) }
    }

    /// The key as a part of one at Stripe, where keys are shorter.
    pub fn at_stripe(&self) -> String {
        fingerprint(&self.0)
    }

    /// The key as it was sent.
    pub fn sent(&self) -> &str {
        &self.0
    }

    /// The key of a write that no account exists for yet: the calling API key is its scope.
    pub fn scoped_to(&self, key: KeyId) -> String {
        format!("open#{}", fingerprint(&format!("{key} {}", self.0)))
    }
}

/// The key of one item among many, where a header can only name one.
impl<'de> Deserialize<'de> for RequestKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if fits(&text) { Ok(Self(text)) } else { Err(D::Error::custom("must be 1 to 255 visible ASCII characters")) }
    }
}

impl PartialSchema for RequestKey {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .min_length(Some(1))
            .max_length(Some(KEY_MAX_CHARACTERS))
            .into()
    }
}

impl ToSchema for RequestKey {}

fn fits(text: &str) -> bool {
    (1..=KEY_MAX_CHARACTERS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn fingerprint(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

impl FromRequestParts<App> for RequestKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let key = match sent(&parts.headers)? {
            Some(key) => key,
            None => app.ids.next(app.clock.now()).to_string(),
        };
        if let (Some(echo), Ok(value)) = (parts.extensions.get::<Echo>(), HeaderValue::from_str(&key)) {
            echo.remember(value);
        }
        Ok(Self(key))
    }
}

fn sent(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if fits(text) && values.next().is_none() {
        return Ok(Some(text.to_owned()));
    }
    let sentence = "Idempotency-Key must be sent once, as 1 to 255 visible ASCII characters";
    Err(Problem::new(StatusCode::BAD_REQUEST, "invalid_idempotency_key", sentence))
}

/// An answer to a write, marked when it is the first answer again.
pub struct Answer<T> {
    pub body: T,
    pub replayed: bool,
}

impl<T: serde::Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut response = axum::Json(self.body).into_response();
        if self.replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ulid::Ulid;

    fn headers(values: &[&str]) -> HeaderMap {
        let value = |text: &&str| (IDEMPOTENCY_KEY, HeaderValue::from_bytes(text.as_bytes()).expect("header"));
        values.iter().map(value).collect()
    }

    #[test]
    fn a_key_of_visible_characters_is_taken_as_sent() {
        let longest = "k".repeat(255);
        for key in ["a", "order-17/charge#2", &longest] {
            assert_eq!(sent(&headers(&[key])), Ok(Some(key.to_owned())));
        }
        assert_eq!(sent(&headers(&[])), Ok(None));
    }

    #[test]
    fn a_malformed_key_is_refused() {
        let too_long = "k".repeat(256);
        for values in [&[""][..], &["a b"], &["clé"], &[&too_long], &["a", "a"]] {
            let problem = sent(&headers(values)).expect_err("malformed");
            assert_eq!((problem.status.as_u16(), problem.code), (400, "invalid_idempotency_key"), "{values:?}");
        }
    }

    #[test]
    fn no_sent_key_meets_one_of_the_house_or_another_sent_key() {
        let short = RequestKey("free-credits".into()).scoped();
        assert_eq!(short, "api:free-credits");
        let long = RequestKey("k".repeat(255)).scoped();
        assert!(long.len() <= KEY_MAX_CHARACTERS && long.starts_with("api#"));
        assert_ne!(long, RequestKey("k".repeat(254)).scoped());
    }

    #[test]
    fn opening_with_another_api_key_is_another_request() {
        let [first, second] = [1, 2].map(|number| KeyId::from_ulid(Ulid::from_parts(1, number)));
        let request = RequestKey("once".into());
        assert_eq!(request.scoped_to(first), request.scoped_to(first));
        assert_ne!(request.scoped_to(first), request.scoped_to(second));
    }
}
