//! The door for Stripe's webhooks: is the signature Stripe's, and is the body an event?
//!
//! Works on the raw bytes, since any re-encoding would break the signature. Knows no HTTP and no store; the injected
//! clock decides what is too old.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ledger::Timestamp;

/// How far Stripe's time and ours may differ, both ways: Stripe's own libraries use five minutes. A captured webhook
/// cannot be replayed later than that, and within it the event id is already known.
const TOLERANCE_SECONDS: i64 = 300;

/// Stripe's event ids are some thirty characters; this keeps the key of the table small.
const EVENT_ID_LENGTH_MAX: usize = 255;

/// The signing secrets that are valid now. Those of the settings stay as they are; the sandbox of the same process tells
/// its own, so that a roll there is known here at once.
#[derive(Clone)]
pub struct WebhookSecrets(Arc<dyn Fn() -> Vec<String> + Send + Sync>);

impl WebhookSecrets {
    /// What `tell` says at each event.
    pub fn told_by(tell: impl Fn() -> Vec<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(super) fn now(&self) -> Vec<String> {
        (self.0)()
    }
}

impl From<Vec<String>> for WebhookSecrets {
    fn from(secrets: Vec<String>) -> Self {
        Self::told_by(move || secrets.clone())
    }
}

/// Why a webhook was not taken in. The wording is part of the REST API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The body is not an event.
    #[error("Invalid payload")]
    InvalidPayload,
    /// The signature is missing, old, or of no known secret.
    #[error("Invalid signature")]
    InvalidSignature,
    /// The event could not be stored; Stripe will send it again.
    #[error("the event could not be stored; send it again")]
    Unavailable,
}

/// Checks the `Stripe-Signature` header against the raw body.
///
/// Any `v1` made with any of the `secrets` is enough, so that a secret can be rolled without losing an event.
///
/// # Errors
/// `InvalidSignature` when the header is absent, unreadable, too old, from the future, or matches no secret.
pub fn verify(body: &[u8], header: Option<&str>, secrets: &[String], now: Timestamp) -> Result<(), WebhookError> {
    let header = header.ok_or(WebhookError::InvalidSignature)?;
    let signature = Signature::parse(header).ok_or(WebhookError::InvalidSignature)?;
    let age_seconds = (now.millis() / 1_000).abs_diff(signature.at);
    if age_seconds > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(WebhookError::InvalidSignature);
    }
    let matches = secrets.iter().filter(|secret| !secret.is_empty()).any(|secret| signature.is_of(body, secret));
    if matches { Ok(()) } else { Err(WebhookError::InvalidSignature) }
}

/// `t=1700000000,v1=5257a8…,v1=…,v0=…`: schemes other than `v1` are not for us.
struct Signature<'a> {
    at: i64,
    /// The text of `at` as it was signed.
    at_text: &'a str,
    digests: Vec<Vec<u8>>,
}

impl<'a> Signature<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let mut at_text = None;
        let mut digests = Vec::new();
        for part in header.split(',') {
            match part.trim().split_once('=')? {
                ("t", text) => at_text = Some(text),
                ("v1", text) => digests.extend(hex::decode(text).ok()),
                _ => {}
            }
        }
        let at_text = at_text?;
        Some(Signature { at: at_text.parse().ok()?, at_text, digests })
    }

    fn is_of(&self, body: &[u8], secret: &str) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
        mac.update(self.at_text.as_bytes());
        mac.update(b".");
        mac.update(body);
        // `verify_slice` compares in constant time.
        self.digests.iter().any(|digest| mac.clone().verify_slice(digest).is_ok())
    }
}

/// What must be known of an event before it can be stored.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Letterhead {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub api_version: Option<String>,
}

/// Reads the letterhead of a body whose signature was already checked.
///
/// # Errors
/// `InvalidPayload` when the body is not JSON or has no usable id and type.
pub fn letterhead(body: &[u8]) -> Result<(Letterhead, &str), WebhookError> {
    let text = std::str::from_utf8(body).map_err(|_| WebhookError::InvalidPayload)?;
    let head: Letterhead = serde_json::from_str(text).map_err(|_| WebhookError::InvalidPayload)?;
    let usable = |name: &str| {
        (1..=EVENT_ID_LENGTH_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let version_usable = head.api_version.as_deref().is_none_or(usable);
    if usable(&head.id) && usable(&head.kind) && version_usable {
        Ok((head, text))
    } else {
        Err(WebhookError::InvalidPayload)
    }
}

/// A `Stripe-Signature` header as Stripe makes it, for tests and for the sandbox's users.
#[cfg(test)]
pub(super) fn sign(body: &[u8], secret: &str, at_seconds: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    mac.update(at_seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("t={at_seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;
    const BODY: &[u8] = br#"{"id":"evt_1","type":"payment_intent.succeeded"}"#;

    fn check(header: Option<&str>, secrets: &[&str]) -> Result<(), WebhookError> {
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        verify(BODY, header, &secrets, Timestamp::from_millis(NOW * 1_000 + 999))
    }

    fn digest(header: &str) -> &str {
        header.split_once("v1=").expect("signed").1
    }

    #[test]
    fn the_known_vector_of_stripes_scheme_is_accepted() {
        // printf '1700000000.{"id":"evt_1","type":"payment_intent.succeeded"}' | openssl dgst -sha256 -hmac whsec_test
        let digest = "001ce3ef73e456cedaab328328720d3ad59defb8bbd0f1518f46c04ad4ac0bb7";
        assert_eq!(check(Some(&format!("t=1700000000,v1={digest}")), &["whsec_test"]), Ok(()));
    }

    #[test]
    fn a_signature_of_any_known_secret_is_accepted() {
        let header = sign(BODY, "whsec_old", NOW);
        assert_eq!(check(Some(&header), &["whsec_new", "whsec_old"]), Ok(()));
        let rolled = format!("{},v1={}", sign(BODY, "whsec_gone", NOW), digest(&sign(BODY, "whsec_new", NOW)));
        assert_eq!(check(Some(&rolled), &["whsec_new"]), Ok(()));
    }

    #[test]
    fn a_wrong_secret_or_no_secret_is_refused() {
        let header = sign(BODY, "whsec_other", NOW);
        assert_eq!(check(Some(&header), &["whsec_test"]), Err(WebhookError::InvalidSignature));
        assert_eq!(check(Some(&header), &[]), Err(WebhookError::InvalidSignature));
        assert_eq!(check(Some(&sign(BODY, "", NOW)), &[""]), Err(WebhookError::InvalidSignature));
    }

    #[test]
    fn a_changed_body_is_refused() {
        let header = sign(b"{}", "whsec_test", NOW);
        assert_eq!(check(Some(&header), &["whsec_test"]), Err(WebhookError::InvalidSignature));
    }

    #[test]
    fn a_signature_counts_for_five_minutes_both_ways() {
        for (at, expected) in [
            (NOW - 300, Ok(())),
            (NOW + 300, Ok(())),
            (NOW - 301, Err(WebhookError::InvalidSignature)),
            (NOW + 301, Err(WebhookError::InvalidSignature)),
            (i64::MIN, Err(WebhookError::InvalidSignature)),
            (i64::MAX, Err(WebhookError::InvalidSignature)),
        ] {
            assert_eq!(check(Some(&sign(BODY, "whsec_test", at)), &["whsec_test"]), expected, "signed at {at}");
        }
    }

    #[test]
    fn a_missing_or_unreadable_header_is_refused() {
        let header = sign(BODY, "whsec_test", NOW);
        let v0 = format!("t={NOW},v0={}", digest(&header));
        let no_time = format!("v1={}", digest(&header));
        for header in ["", "t=", "t=1700000000", "nonsense", "t=x,v1=00", "t=1700000000,v1=zz", &v0, &no_time] {
            assert_eq!(check(Some(header), &["whsec_test"]), Err(WebhookError::InvalidSignature), "{header:?}");
        }
        assert_eq!(check(None, &["whsec_test"]), Err(WebhookError::InvalidSignature));
    }

    #[test]
    fn a_body_without_id_or_type_is_no_event() {
        for body in [
            "",
            "not json",
            "[]",
            "7",
            "{}",
            r#"{"id":"evt_1"}"#,
            r#"{"type":"x"}"#,
            r#"{"id":"","type":"x"}"#,
            r#"{"id":7,"type":"x"}"#,
            r#"{"id":"evt\u0000","type":"x"}"#,
        ] {
            assert_eq!(letterhead(body.as_bytes()).map(|_| ()), Err(WebhookError::InvalidPayload), "{body}");
        }
        assert_eq!(letterhead(b"\xff\xfe").map(|_| ()), Err(WebhookError::InvalidPayload));
        let (head, _) = letterhead(BODY).expect("an event");
        assert_eq!((head.id.as_str(), head.kind.as_str()), ("evt_1", "payment_intent.succeeded"));
    }
}
