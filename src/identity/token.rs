//! Secrets that are handed out once: made from given entropy, kept only as their SHA-256.
//!
//! A token has 256 random bits, so a plain hash protects it: there is nothing to guess, and looking it up by the hash
//! tells a watcher of the clock nothing about the secret.

use std::fmt;

use sha2::{Digest, Sha256};

/// 256 bits: guessing is hopeless however fast one may try.
const TOKEN_BYTES: usize = 32;
/// How long 32 bytes are as unpadded base64url.
pub const TOKEN_LENGTH: usize = 43;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Where unguessable bytes come from: the system in production, a counter in tests.
pub trait Entropy: Send + Sync {
    /// Fills the bytes.
    ///
    /// # Errors
    /// When the source cannot give any: then nothing secret may be made.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The source of unguessable bytes does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoEntropy;

/// A secret in the clear, on its way to its owner. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A secret that somebody has shown, to be handed on as it is.
    #[must_use]
    pub(super) fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Makes a new secret.
///
/// # Errors
/// When there is no entropy.
pub fn fresh(source: &dyn Entropy) -> Result<Token, NoEntropy> {
    let mut bytes = [0_u8; TOKEN_BYTES];
    source.fill(&mut bytes)?;
    Ok(Token(base64url(&bytes)))
}

/// Whether a text has the shape of a secret; everything else is refused before the database is asked.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    text.len() == TOKEN_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// What is stored in a secret's place.
#[must_use]
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

fn base64url(bytes: &[u8; TOKEN_BYTES]) -> String {
    let mut text = String::with_capacity(TOKEN_LENGTH);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for sextet in 0..=chunk.len() {
            let index = word >> (18 - 6 * sextet) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::CountingEntropy;

    #[test]
    fn a_token_is_its_bytes_in_base64url() {
        // Python: base64.urlsafe_b64encode(bytes(range(224, 256))).rstrip(b"=")
        let bytes: [u8; 32] = std::array::from_fn(|index| 224 + u8::try_from(index).unwrap_or(0));
        assert_eq!(base64url(&bytes), "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8");
        assert_eq!(base64url(&[0; 32]), "A".repeat(43));
    }

    #[test]
    fn every_token_is_new_well_formed_and_silent() {
        let source = CountingEntropy::default();
        let (first, second) = (fresh(&source).expect("bytes"), fresh(&source).expect("bytes"));
        assert_ne!(first, second);
        assert!(is_well_formed(first.as_str()));
        assert_eq!(format!("{first:?}"), "Token(…)");
        assert_ne!(hash(first.as_str()), hash(second.as_str()));
    }

    #[test]
    fn other_shapes_are_no_tokens() {
        for text in ["", "abc", &"a".repeat(42), &"a".repeat(44), &"é".repeat(21), &format!("{}+", "a".repeat(42))] {
            assert!(!is_well_formed(text), "{text}");
        }
    }
}
