//! Who is calling, and which account they may act on.
//!
//! The extractors: [`Key`] is any valid key, [`Operator`] an operator's, [`OwnAccount`] the account in the path if
//! the caller may see it. What one may not see answers exactly like what does not exist.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::problem::Problem;
use crate::identity::{Caller, Known, Scopes};
use crate::ledger::{AccountId, KeyId, Timestamp};
use crate::server::state::App;

/// The caller, by a valid key of any kind.
pub struct Key(pub Caller);

impl Key {
    /// The key itself, recorded with every entry it causes.
    pub const fn id(&self) -> KeyId {
        self.0.key()
    }

    /// The account named in a body, if this caller may act on it.
    ///
    /// # Errors
    /// 404 for a malformed id and for another customer's account alike.
    pub fn account(&self, text: &str) -> Result<AccountId, Problem> {
        allowed(&self.0, text)
    }
}

impl FromRequestParts<App> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        known(parts).map(|known| Self(known.caller))
    }
}

/// What the calling key may do, and for how long: what it makes may do no more, and no longer.
pub struct Scoped {
    pub scopes: Scopes,
    pub expires_at: Option<Timestamp>,
}

impl FromRequestParts<App> for Scoped {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        known(parts).map(|known| Self { scopes: known.scopes, expires_at: known.expires_at })
    }
}

/// The key was read and asked before the handler, by [`super::access::layer`]; a path that it lets through without a key
/// has no caller.
fn known(parts: &Parts) -> Result<Known, Problem> {
    parts.extensions.get::<Known>().copied().ok_or_else(Problem::unauthorized)
}

/// An operator's key; a customer's finds nothing here.
pub struct Operator(pub KeyId);

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Key::from_request_parts(parts, app).await?.0 {
            Caller::Operator { key } => Ok(Self(key)),
            Caller::Customer { .. } => Err(Problem::not_found()),
        }
    }
}

/// The account in the path, seen by its own key or an operator's.
pub struct OwnAccount(pub AccountId);

impl FromRequestParts<App> for OwnAccount {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let key = Key::from_request_parts(parts, app).await?;
        let Path(text) =
            Path::<String>::from_request_parts(parts, app).await.map_err(|_| Problem::account_not_found())?;
        key.account(&text).map(Self)
    }
}

fn allowed(caller: &Caller, text: &str) -> Result<AccountId, Problem> {
    let account = text.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    if caller.may_see(account) {
        return Ok(account);
    }
    tracing::warn!(key = %caller.key(), %account, "a key asked for another's account");
    Err(Problem::account_not_found())
}

/// The token of the one `Authorization: Bearer` header; two headers are as good as none.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use ulid::Ulid;

    fn headers(values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (header::AUTHORIZATION, HeaderValue::from_static(value))).collect()
    }

    fn account(number: u128) -> AccountId {
        AccountId::from_ulid(Ulid::from_parts(1, number))
    }

    #[test]
    fn a_bearer_token_is_read_whatever_the_schemes_case() {
        assert_eq!(bearer(&headers(&["Bearer aethel_live_1"])), Some("aethel_live_1"));
        assert_eq!(bearer(&headers(&["bearer  aethel_live_1"])), Some("aethel_live_1"));
    }

    #[test]
    fn anything_else_is_no_key() {
        for values in
            [&[][..], &["Bearer"], &["Bearer "], &["Basic eDp5"], &["aethel_live_1"], &["Bearer a", "Bearer b"]]
        {
            assert_eq!(bearer(&headers(values)), None, "{values:?}");
        }
    }

    #[test]
    fn a_customer_sees_only_its_own_account() {
        let key = KeyId::from_ulid(Ulid::from_parts(1, 9));
        let customer = Caller::Customer { account: account(1), key };
        assert_eq!(allowed(&customer, &account(1).to_string()), Ok(account(1)));
        assert_eq!(allowed(&customer, &account(2).to_string()), Err(Problem::account_not_found()));
        assert_eq!(allowed(&customer, "ACC_1"), Err(Problem::account_not_found()));
        let operator = Caller::Operator { key };
        assert_eq!(allowed(&operator, &account(2).to_string()), Ok(account(2)));
        assert_eq!(allowed(&operator, "everything"), Err(Problem::account_not_found()));
    }
}
