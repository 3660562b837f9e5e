//! Sealing: a secret that has to be read again, because it signs or is compared with what it makes, is kept under
//! AES-256-GCM.
//!
//! The key comes from `AETHEL_SEALING_KEY`, outside the database, or from the database itself where that is not set: then
//! a sealed text is safe where it alone gets out, and not where the whole database does. Each purpose has a key of its
//! own (HKDF-SHA-256), and each text is bound to its row, so that none can be put in another's place. What was kept
//! before there was sealing is read as it is and sealed at the next start.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;

use super::signing::Fill;
use super::store::{
    Database, SealedColumn, StoreError, keep_sealing_seed, kept_sealing_seed, otherwise_sealed, sealed_anew,
};
use crate::ledger::Clock;

#[cfg(test)]
mod tests;

/// What every sealed text begins with: no secret of ours does.
const MARK: &str = "sealed:1:";
/// Bytes of a nonce. Chosen at random, which is safe for some four thousand million texts under one key.
const NONCE_BYTES: usize = 12;
/// Bytes of a key's public name.
const NAME_BYTES: usize = 8;
/// Texts sealed anew in one transaction.
const PAGE: usize = 500;
/// In the setting, in place of a key: what was sealed with keys that are lost is given up.
const LOST: &str = "lost";

/// What a sealed text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What a webhook endpoint's events are signed with.
    WebhookSecret,
    /// What a person's one-time codes are made of.
    OneTimeCodes,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::WebhookSecret => "aethel webhook secret v1",
            Self::OneTimeCodes => "aethel one-time codes v1",
        }
    }
}

/// A text cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed with a key that this server does not have, or was changed since.
    #[error("this was sealed with another key, or was changed since")]
    Foreign,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

/// Why there is nothing to seal with.
#[derive(Debug, thiserror::Error)]
pub enum NoSealer {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key cannot be made.
    #[error("the system gives no random bytes, so no sealing key can be made")]
    NoRandomness,
    /// The kept key is not one.
    #[error("the sealing key that the database keeps cannot be read")]
    Unreadable,
}

/// One secret from which the keys of all purposes follow. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
struct Root([u8; 32]);

impl Root {
    fn derived<const BYTES: usize>(&self, label: &str) -> Option<[u8; BYTES]> {
        let mut bytes = [0; BYTES];
        Hkdf::<Sha256>::new(None, &self.0).expand(label.as_bytes(), &mut bytes).ok()?;
        Some(bytes)
    }

    fn cipher(&self, purpose: Purpose) -> Option<Aes256Gcm> {
        Aes256Gcm::new_from_slice(&self.derived::<32>(purpose.label())?).ok()
    }

    /// What a text sealed with this key begins with: the key's name says nothing of the key.
    fn beginning(&self) -> Option<String> {
        Some(format!("{MARK}{}:", hex::encode(self.derived::<NAME_BYTES>("aethel sealing key name v1")?)))
    }
}

impl FromStr for Root {
    type Err = NoSealingKeys;

    fn from_str(text: &str) -> Result<Self, NoSealingKeys> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NoSealingKeys)?;
        Ok(Self(bytes))
    }
}

/// The keys that an operator has set: the first one seals, all open. They cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingKeys {
    roots: Vec<Root>,
    gives_up_lost: bool,
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKeys(…)")
    }
}

/// The text is no list of sealing keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealing keys are 64 hexadecimal digits each, between commas")]
pub struct NoSealingKeys;

impl FromStr for SealingKeys {
    type Err = NoSealingKeys;

    fn from_str(text: &str) -> Result<Self, NoSealingKeys> {
        let (mut roots, mut gives_up_lost) = (Vec::new(), false);
        for part in text.split(',').map(str::trim) {
            match part {
                LOST => gives_up_lost = true,
                key => roots.push(key.parse()?),
            }
        }
        if roots.is_empty() { Err(NoSealingKeys) } else { Ok(Self { roots, gives_up_lost }) }
    }
}

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub struct Sealer {
    /// Each with what its texts begin with; the first one seals.
    keys: Arc<Vec<(String, Root)>>,
    fill: Fill,
    gives_up_lost: bool,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// Seals with the first of the given keys, or with the one that the database keeps, which is made when there is none;
    /// of two servers that make one, the first wins. A kept key goes on opening when others are given.
    ///
    /// # Errors
    /// When the store is out of reach, keeps something unreadable, or there is no randomness to make a key from.
    pub async fn start(
        database: &Database,
        clock: &dyn Clock,
        given: Option<SealingKeys>,
        fill: Fill,
    ) -> Result<Self, NoSealer> {
        let mut kept = kept_sealing_seed(database).await?;
        if given.is_none() && kept.is_none() {
            let mut bytes = [0; 32];
            if !fill(&mut bytes) {
                return Err(NoSealer::NoRandomness);
            }
            keep_sealing_seed(database, &hex::encode(bytes), clock.now()).await?;
            kept = kept_sealing_seed(database).await?;
        }
        let kept = kept.map(|text| text.parse::<Root>()).transpose().map_err(|NoSealingKeys| NoSealer::Unreadable)?;
        let (given, gives_up_lost) = given.map_or((Vec::new(), false), |given| (given.roots, given.gives_up_lost));
        let keys = given.into_iter().chain(kept).filter_map(|root| Some((root.beginning()?, root))).collect();
        Ok(Self { keys: Arc::new(keys), fill, gives_up_lost })
    }

    /// Whether the operator has said that what was sealed with lost keys is given up.
    #[must_use]
    pub const fn gives_up_lost(&self) -> bool {
        self.gives_up_lost
    }

    /// The text under seal, for this purpose and this row only.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal(&self, purpose: Purpose, row: &str, clear: &str) -> Result<String, SealError> {
        let (beginning, root) = self.keys.first().ok_or(SealError::Foreign)?;
        let mut bytes = [0; 32];
        if !(self.fill)(&mut bytes) {
            return Err(SealError::NoRandomness);
        }
        let nonce: [u8; NONCE_BYTES] = std::array::from_fn(|index| bytes[index]);
        let payload = Payload { msg: clear.as_bytes(), aad: row.as_bytes() };
        let cipher = root.cipher(purpose).ok_or(SealError::Foreign)?;
        let sealed = cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Foreign)?;
        Ok(format!("{beginning}{}", STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat())))
    }

    /// The text itself. One from before there was sealing is what it is.
    ///
    /// # Errors
    /// When it was sealed with a key that is not here, for another purpose or row, or was changed.
    pub fn open(&self, purpose: Purpose, row: &str, kept: &str) -> Result<String, SealError> {
        if !kept.starts_with(MARK) {
            return Ok(kept.to_owned());
        }
        let opened = self.keys.iter().find_map(|(beginning, root)| {
            let bytes = STANDARD_NO_PAD.decode(kept.strip_prefix(beginning.as_str())?).ok()?;
            let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
            let payload = Payload { msg: sealed, aad: row.as_bytes() };
            let clear = root.cipher(purpose)?.decrypt(&Nonce::from(*nonce), payload).ok()?;
            String::from_utf8(clear).ok()
        });
        opened.ok_or(SealError::Foreign)
    }

    /// Seals with the key in force what is not: texts from before there was sealing, and those under former keys. Says
    /// how many it could not open; they stay as they are.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn seal_anew(
        &self,
        database: &Database,
        purpose: Purpose,
        column: SealedColumn,
    ) -> Result<u64, StoreError> {
        let Some((beginning, _)) = self.keys.first() else { return Ok(0) };
        let (mut behind, mut foreign) = (String::new(), 0);
        loop {
            let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
            let page = otherwise_sealed(database, column, (beginning, &behind), limit).await?;
            let Some((last, _)) = page.last() else { return Ok(foreign) };
            let mut writes = Vec::with_capacity(page.len());
            for (row, kept) in &page {
                let anew = self.open(purpose, row, kept).and_then(|clear| self.seal(purpose, row, &clear));
                match anew {
                    Ok(anew) => writes.push(sealed_anew(column, row, kept, &anew)),
                    Err(_) => foreign += 1,
                }
            }
            behind.clone_from(last);
            database.write(writes).await?;
        }
    }
}
