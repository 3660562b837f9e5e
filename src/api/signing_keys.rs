//! The public halves of the keys that receipts and statements are signed with, for anyone.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::Moment;
use super::problem::Problem;
use crate::server::state::App;

/// One key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SigningKey)]
pub struct SigningKeyAnswer {
    /// The beginning of the SHA-256 of the public key, written as an id.
    #[schema(example = "SIG_7ZZZZZZZZZZZZZZZZZZZZZZZZZ")]
    key_id: String,
    #[schema(example = "Ed25519")]
    algorithm: &'static str,
    /// 32 bytes in hexadecimal.
    public_key: String,
    created_at: Moment,
    /// Null while it signs.
    retired_at: Option<Moment>,
}

/// Every key that ever signed, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SigningKeys)]
pub struct SigningKeysAnswer {
    keys: Vec<SigningKeyAnswer>,
}

/// Reads the keys that receipts and statements are signed with. Needs no key.
#[utoipa::path(get, path = "/api/billing/signing-keys", operation_id = "list_signing_keys", tag = "evidence",
    security(()), responses((status = 200, body = SigningKeysAnswer, description = "The public keys")))]
pub async fn list(State(app): State<App>) -> Result<Json<SigningKeysAnswer>, Problem> {
    let keys = app.signer.public_keys().await?.into_iter().map(|row| SigningKeyAnswer {
        key_id: row.id.to_string(),
        algorithm: "Ed25519",
        public_key: row.public,
        created_at: Moment(row.created_at),
        retired_at: row.retired_at.map(Moment),
    });
    Ok(Json(SigningKeysAnswer { keys: keys.collect() }))
}
