//! Signatures as the Standard Webhooks write them: HMAC-SHA256 over id, time and body, under a secret that both know.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What every secret begins with; leak scanners look for it.
pub const SECRET_PREFIX: &str = "whsec_";

/// A signing secret. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret of the given 256 bits.
    pub(super) fn of(bytes: &[u8; 32]) -> Self {
        Self(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)))
    }

    /// One that is kept.
    pub(super) const fn kept(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// One signature, as it stands in the header.
    pub(super) fn sign(&self, id: &str, seconds: i64, payload: &str) -> Option<String> {
        let key = STANDARD.decode(self.0.strip_prefix(SECRET_PREFIX)?).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(payload.as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The header: one signature for each secret in force, the newest first.
pub(super) fn signatures(secrets: &[Secret], id: &str, seconds: i64, payload: &str) -> String {
    secrets.iter().filter_map(|secret| secret.sign(id, seconds, payload)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_of_the_standards_own_example() {
        // standard-webhooks' reference libraries test with these values.
        let secret = Secret::kept("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into());
        let signed = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn while_a_secret_is_rotated_both_sign_and_neither_is_printed() {
        let [new, old] = [[1; 32], [2; 32]].map(|bytes| Secret::of(&bytes));
        let header = signatures(&[new.clone(), old], "EVT_1", 7, "{}");
        assert_eq!(header.split(' ').filter(|part| part.starts_with("v1,")).count(), 2);
        assert_eq!(format!("{new:?}"), "Secret(…)");
        assert!(new.reveal().starts_with("whsec_") && new.reveal().len() == 50);
    }
}
