//! Signatures: one Ed25519 key for every server on a database, made at first use or given as a setting.
//!
//! A signature covers a sentence that says what is signed, a line feed, and the canonical JSON of the body; so a
//! receipt can never pass for a statement. The secret half is never shown, logged or sent.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::kernel::unavailable;
use super::order::KernelError;
use super::store::{Database, PublicKeyRow, keep, kept_seed, note, public_keys};
use crate::ledger::{Clock, SigningKeyId, canonical};

#[cfg(test)]
mod tests;

/// What a signature is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// One entry.
    Receipt,
    /// A month of one account.
    Statement,
    /// An answer behind a public link.
    Shared,
}

impl Document {
    /// What the body is called in the signed document.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Statement => "statement",
            Self::Shared => "shared",
        }
    }

    /// The bytes that are signed; `None` when the body has no canonical form.
    #[must_use]
    pub fn message(self, body: &Value) -> Option<Vec<u8>> {
        let mut message = format!("aethel {} v1\n", self.name()).into_bytes();
        message.extend_from_slice(&canonical(body)?);
        Some(message)
    }
}

/// The secret half of a key. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSeed([u8; 32]);

impl fmt::Debug for SigningSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSeed(…)")
    }
}

/// The text is not the secret half of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing key is 64 hexadecimal digits")]
pub struct NoSeed;

impl FromStr for SigningSeed {
    type Err = NoSeed;

    fn from_str(text: &str) -> Result<Self, NoSeed> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NoSeed)?;
        Ok(Self(bytes))
    }
}

/// The public half of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key's id: a part of its own hash.
    #[must_use]
    pub fn id(&self) -> SigningKeyId {
        SigningKeyId::of(&self.0)
    }

    /// Whether a body was signed with the secret half of this key.
    #[must_use]
    pub fn signed(&self, document: Document, body: &Value, signature: &str) -> bool {
        let mut bytes = [0; 64];
        let read = hex::decode_to_slice(signature, &mut bytes).is_ok() && signature == signature.to_ascii_lowercase();
        let (Ok(key), Some(message)) = (VerifyingKey::from_bytes(&self.0), document.message(body)) else {
            return false;
        };
        read && key.verify_strict(&message, &Signature::from_bytes(&bytes)).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for PublicKey {
    type Err = NoSeed;

    fn from_str(text: &str) -> Result<Self, NoSeed> {
        SigningSeed::from_str(text).map(|bytes| Self(bytes.0))
    }
}

/// Fills bytes that nobody can guess, or says that it cannot.
pub type Fill = Arc<dyn Fn(&mut [u8; 32]) -> bool + Send + Sync>;

/// Signs what the till says. Cheap to clone; all clones share one key.
#[derive(Clone)]
pub struct Signer {
    database: Database,
    clock: Arc<dyn Clock>,
    given: Option<SigningSeed>,
    fill: Fill,
    key: Arc<OnceCell<SigningKey>>,
}

impl Signer {
    /// A signer with the given key, or with the one that the database keeps.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>, given: Option<SigningSeed>, fill: Fill) -> Self {
        Self { database, clock, given, fill, key: Arc::default() }
    }

    /// The signed document: the body under its name, the key, and the signature in hexadecimal.
    ///
    /// # Errors
    /// When the store is out of reach or there is no randomness to make a key from.
    pub async fn sign(&self, document: Document, body: Value) -> Result<Value, KernelError> {
        let key = self.key().await?;
        let message = document.message(&body).ok_or(KernelError::Unavailable)?;
        let public = PublicKey(key.verifying_key().to_bytes());
        let signature = hex::encode(key.sign(&message).to_bytes());
        let mut signed = json!({
            "key_id": public.id(),
            "public_key": public.to_string(),
            "signature": signature,
        });
        signed[document.name()] = body;
        Ok(signed)
    }

    /// Every key that ever signed on this database, oldest first.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    pub async fn public_keys(&self) -> Result<Vec<PublicKeyRow>, KernelError> {
        self.key().await?;
        public_keys(&self.database).await.map_err(unavailable)
    }

    async fn key(&self) -> Result<&SigningKey, KernelError> {
        self.key
            .get_or_try_init(|| async {
                let seed = match &self.given {
                    Some(seed) => seed.clone(),
                    None => self.kept().await?,
                };
                let key = SigningKey::from_bytes(&seed.0);
                if self.given.is_some() {
                    note(&self.database, &self.row(&key)).await.map_err(unavailable)?;
                }
                Ok(key)
            })
            .await
    }

    /// The key that the database keeps; made when there is none. Of two servers that make one, the first wins.
    async fn kept(&self) -> Result<SigningSeed, KernelError> {
        if let Some(seed) = self.read_kept().await? {
            return Ok(seed);
        }
        let mut bytes = [0; 32];
        if !(self.fill)(&mut bytes) {
            tracing::error!("the system gives no random bytes, so no signing key can be made");
            return Err(KernelError::Unavailable);
        }
        let row = self.row(&SigningKey::from_bytes(&bytes));
        keep(&self.database, &row, &hex::encode(bytes)).await.map_err(unavailable)?;
        self.read_kept().await?.ok_or(KernelError::Unavailable)
    }

    async fn read_kept(&self) -> Result<Option<SigningSeed>, KernelError> {
        let text = kept_seed(&self.database).await.map_err(unavailable)?;
        text.map(|text| text.parse()).transpose().map_err(|NoSeed| {
            tracing::error!("the signing key that the database keeps cannot be read");
            KernelError::Unavailable
        })
    }

    fn row(&self, key: &SigningKey) -> PublicKeyRow {
        let public = PublicKey(key.verifying_key().to_bytes());
        let (id, public, created_at) = (public.id(), public.to_string(), self.clock.now());
        PublicKeyRow { id, public, created_at, retired_at: None }
    }
}
