//! API keys: made with scopes and an end, rotated with an overlap, revoked at once.

use axum::Json as JsonAnswer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ulid::Ulid;
use utoipa::ToSchema;

use super::answered::long_page;
use super::body::Json;
use super::caller::{Key, OwnAccount, Scoped};
use super::fields::{Line, Moment};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::query::Parameters;
use crate::identity::{Actor, ApiKey, IdentityError, KEY_OVERLAP_HOURS_MAX, KeyWish, NewKey, Scope, Scopes};
use crate::ledger::{AccountId, KeyId, Timestamp};
use crate::server::state::App;

/// A new key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApiKey)]
pub struct NewKeyBody {
    account_id: String,
    /// What it is for, up to 100 characters.
    #[schema(example = "Continuous integration")]
    name: Line,
    /// What it may do; left out, whatever the calling key may. Never more than that.
    scopes: Option<Vec<ScopeName>>,
    /// From when on it is worth nothing; left out, when the calling key is, if ever. Never later than that.
    expires_at: Option<Moment>,
}

/// How long the former secret stays good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApiKeyRotation)]
pub struct KeyRotationBody {
    /// 24 when left out; 0 is not at all.
    #[schema(minimum = 0, maximum = 720, default = 24)]
    overlap_hours: Option<i64>,
}

/// One thing a key may do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Scope)]
#[serde(rename_all = "snake_case")]
pub enum ScopeName {
    Read,
    Verify,
    Charge,
    Admin,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Read => Self::Read,
            ScopeName::Verify => Self::Verify,
            ScopeName::Charge => Self::Charge,
            ScopeName::Admin => Self::Admin,
        }
    }
}

/// An API key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct KeyAnswer {
    #[schema(example = "KEY_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    key_id: String,
    name: String,
    /// How its secret begins.
    #[schema(example = "aethel_test_Ab3xYz")]
    prefix: String,
    #[schema(value_type = Vec<ScopeName>)]
    scopes: Vec<&'static str>,
    /// `active`, `expired` or `revoked`.
    #[schema(example = "active")]
    state: &'static str,
    created_at: Moment,
    expires_at: Option<Moment>,
    /// To the minute.
    last_used_at: Option<Moment>,
    revoked_at: Option<Moment>,
    /// Until when the secret from before its rotation is good too.
    former_secret_until: Option<Moment>,
}

/// A key and its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKeyMade)]
pub struct KeyMadeAnswer {
    key: KeyAnswer,
    /// Shown this once; null in a replay.
    secret: Option<String>,
    replayed: bool,
}

/// A page of the account's keys, newest first, revoked ones included.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKeys)]
pub struct KeysAnswer {
    account_id: String,
    keys: Vec<KeyAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// Makes a key, and shows its secret this once. No key makes one that may do more than itself, outlives it, or spends
/// beside its budget.
#[utoipa::path(post, path = "/api/keys", operation_id = "create_key", tag = "keys",
    request_body = NewKeyBody, responses((status = 200, body = KeyMadeAnswer, description = "The key"),
        (status = 403, body = super::document::ProblemBody, content_type = "application/problem+json",
            description = "The calling key lacks a scope, ends before the new key would, or has a budget")))]
pub async fn create(
    State(app): State<App>,
    key: Key,
    own: Scoped,
    request: RequestKey,
    Json(body): Json<NewKeyBody>,
) -> Result<Answer<KeyMadeAnswer>, Problem> {
    let account = key.account(&body.account_id)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let asked = body.scopes.map(|scopes| scopes.into_iter().map(Scope::from).collect::<Scopes>());
    let scopes = asked.unwrap_or(own.scopes);
    let expires_at = body.expires_at.map(|moment| moment.0).or(own.expires_at);
    own.covers(scopes, expires_at)?;
    refuse_past_its_budget(&app, &key, account).await?;
    let id = key_of(account, &request);
    let wish = KeyWish { name: body.name.0, scopes, expires_at };
    let detail = format!("{} ({id}): {}", wish.name, scopes.stored());
    let line = app.identity.audit(&Actor::Key(key.id()), account, "key_created", detail);
    let made = app.identity.create_key_once(account, id, wish, app.identity.maker(key.0).await?, vec![line]).await?;
    answer(&app, account, id, made).await
}

/// Reads the account's keys.
#[utoipa::path(get, path = "/api/keys/{account_id}", operation_id = "list_keys", tag = "keys",
    params(("account_id" = String, Path, description = "The account"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "How many; 500 when not given")),
    responses((status = 200, body = KeysAnswer, description = "A page of keys")))]
pub async fn list(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<JsonAnswer<KeysAnswer>, Problem> {
    let (before, limit) = long_page::<KeyId>(&parameters)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let (now, found) = (app.clock.now(), app.identity.keys_behind(account, before, limit).await?);
    let is_full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= limit;
    Ok(JsonAnswer(KeysAnswer {
        account_id: account.to_string(),
        next_cursor: found.last().filter(|_| is_full).map(|last| last.id.to_string()),
        keys: found.iter().map(|key| key_answer(key, now)).collect(),
    }))
}

/// Gives a key another secret, shown this once; the former one stays good for the chosen time.
#[utoipa::path(post, path = "/api/keys/{account_id}/{key_id}/rotate", operation_id = "rotate_key", tag = "keys",
    params(("account_id" = String, Path, description = "The account"),
        ("key_id" = String, Path, description = "One of its keys")), request_body = KeyRotationBody,
    responses((status = 200, body = KeyMadeAnswer, description = "The key and its new secret"),
        (status = 403, body = super::document::ProblemBody, content_type = "application/problem+json",
            description = "The calling key lacks a scope, ends before the rotated key does, or has a budget")))]
pub async fn rotate(
    State(app): State<App>,
    key: Key,
    own: Scoped,
    request: RequestKey,
    Path((account, rotated)): Path<(String, String)>,
    Json(body): Json<KeyRotationBody>,
) -> Result<Answer<KeyMadeAnswer>, Problem> {
    let account = key.account(&account)?;
    let rotated: KeyId = rotated.parse().map_err(|_| not_found())?;
    let hours = body.overlap_hours.unwrap_or(24);
    if !(0..=KEY_OVERLAP_HOURS_MAX).contains(&hours) {
        let sentence = format!("overlap_hours must be a whole number from 0 to {KEY_OVERLAP_HOURS_MAX}");
        return Err(Problem::field("overlap_hours", sentence));
    }
    let known = app.identity.key(account, rotated).await?.ok_or_else(not_found)?;
    // Whoever is shown the new secret may do what it may; a key that rotates itself gains nothing.
    if rotated != key.id() {
        own.covers(known.scopes, known.expires_at)?;
        refuse_past_its_budget(&app, &key, account).await?;
    }
    let line = app.identity.audit(&Actor::Key(key.id()), account, "key_rotated", format!("{} ({rotated})", known.name));
    let request = (&*request.scoped(), app.identity.maker(key.0).await?);
    let made = app.identity.rotate_key(account, rotated, hours, request, vec![line]).await?;
    answer(&app, account, rotated, made).await
}

/// Makes a key worthless, at once and on every server.
#[utoipa::path(delete, path = "/api/keys/{account_id}/{key_id}", operation_id = "revoke_key", tag = "keys",
    params(("account_id" = String, Path, description = "The account"),
        ("key_id" = String, Path, description = "One of its keys")),
    responses((status = 204, description = "It is worth nothing any more")))]
pub async fn revoke(
    State(app): State<App>,
    key: Key,
    _request: RequestKey,
    Path((account, revoked)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let account = key.account(&account)?;
    let revoked: KeyId = revoked.parse().map_err(|_| not_found())?;
    let line = app.identity.audit(&Actor::Key(key.id()), account, "key_revoked", revoked.to_string());
    app.identity.revoke_key_with(account, revoked, vec![line]).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Scoped {
    /// Refuses a key that may do more than the calling one, or that would outlive it.
    fn covers(&self, scopes: Scopes, expires_at: Option<Timestamp>) -> Result<(), Problem> {
        if let Some(missing) = Scope::ALL.into_iter().find(|scope| scopes.has(*scope) && !self.scopes.has(*scope)) {
            return Err(Problem::insufficient_scope(missing.name()));
        }
        let Some(own) = self.expires_at else { return Ok(()) };
        if expires_at.is_some_and(|at| at <= own) {
            return Ok(());
        }
        let sentence = "this key ends before that one would; choose an earlier end, or use another key";
        Err(Problem::new(StatusCode::FORBIDDEN, "key_ends_sooner", sentence))
    }
}

/// Each key's spending is counted by itself: a key with a budget that came by another key's secret would have none.
async fn refuse_past_its_budget(app: &App, key: &Key, account: AccountId) -> Result<(), Problem> {
    let budgets = app.kernel.budgets(account).await?.ok_or_else(Problem::account_not_found)?;
    if !budgets.limits(key.id()) {
        return Ok(());
    }
    let sentence = "a key with a budget cannot make keys or rotate others; use another key or the keys page";
    Err(Problem::new(StatusCode::FORBIDDEN, "key_has_budget", sentence))
}

async fn answer(
    app: &App,
    account: AccountId,
    id: KeyId,
    made: Option<NewKey>,
) -> Result<Answer<KeyMadeAnswer>, Problem> {
    let key = app.identity.key(account, id).await?.ok_or_else(not_found)?;
    let replayed = made.is_none();
    let body = KeyMadeAnswer { key: key_answer(&key, app.clock.now()), secret: made.map(|made| made.secret), replayed };
    Ok(Answer { body, replayed })
}

/// The same request names the same key, and no account can name another's.
fn key_of(account: AccountId, request: &RequestKey) -> KeyId {
    let digest = Sha256::digest(format!("key {account} {}", request.scoped()).as_bytes());
    KeyId::from_ulid(Ulid::from_bytes(std::array::from_fn(|index| digest[index])))
}

fn key_answer(key: &ApiKey, now: Timestamp) -> KeyAnswer {
    KeyAnswer {
        key_id: key.id.to_string(),
        name: key.name.clone(),
        prefix: key.prefix.clone(),
        scopes: key.scopes.names(),
        state: key.state(now),
        created_at: Moment(key.created_at),
        expires_at: key.expires_at.map(Moment),
        last_used_at: key.last_used_at.map(Moment),
        revoked_at: key.revoked_at.map(Moment),
        former_secret_until: key.former_until.filter(|until| *until > now).map(Moment),
    }
}

fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "key_not_found", "there is no such key on this account")
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        let sentence = error.to_string();
        match error {
            IdentityError::NotFound => not_found(),
            IdentityError::Conflict => Self::idempotency_conflict(),
            IdentityError::NameInvalid { .. } => Self::field("name", sentence),
            IdentityError::NoScope => Self::field("scopes", sentence),
            IdentityError::ExpiryInThePast => Self::field("expires_at", sentence),
            IdentityError::EmailInvalid => Self::field("email", sentence),
            IdentityError::OwnersOnly | IdentityError::KeyServesNoHost => {
                Self::new(StatusCode::FORBIDDEN, error.code(), sentence)
            }
            IdentityError::TooManyKeys { .. }
            | IdentityError::AlreadyMember
            | IdentityError::TooManyInvitations { .. }
            | IdentityError::LastOwner => Self::new(StatusCode::CONFLICT, error.code(), sentence),
            _ => Self::unavailable(),
        }
    }
}
