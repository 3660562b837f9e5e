//! The hash chain: what cannot be changed afterwards without being seen.
//!
//! An entry's canonical bytes are its JSON by RFC 8785 (sorted keys, no spaces, integers only) without `hash`
//! and `previous`; its hash is SHA-256 over the 32 bytes of the previous hash followed by those.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Entry;

/// A SHA-256 hash, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What comes before the first entry.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The bytes that an entry's hash covers.
#[must_use]
pub fn canonical_bytes(entry: &Entry) -> Vec<u8> {
    let text = |value: String| Value::String(value);
    let maybe = |value: Option<String>| value.map_or(Value::Null, Value::String);
    let grants = entry
        .grants
        .iter()
        .map(|part| Value::Array(vec![text(part.grant.to_string()), Value::from(part.amount.get())]));
    // Written in the order of the keys, which is what RFC 8785 asks for.
    let fields: [(&str, Value); 19] = [
        ("account", text(entry.account.to_string())),
        ("amount", Value::from(entry.amount.get())),
        ("at", Value::from(entry.at.millis())),
        ("balance", Value::from(entry.balance.get())),
        ("from", text(entry.from.name().into())),
        ("grants", Value::Array(grants.collect())),
        ("hold", maybe(entry.hold.map(|id| id.to_string()))),
        ("id", text(entry.id.to_string())),
        ("key", maybe(entry.key.map(|id| id.to_string()))),
        ("kind", text(entry.kind.name().into())),
        ("memo", text(entry.memo.clone())),
        ("operation", maybe(entry.operation.map(|operation| operation.name().into()))),
        ("price_book", Value::from(entry.price_book)),
        ("purchase", maybe(entry.purchase.map(|id| id.to_string()))),
        ("quantity", Value::from(entry.quantity)),
        ("refunds", maybe(entry.refunds.map(|id| id.to_string()))),
        ("request", text(entry.request.clone())),
        ("seq", Value::from(entry.seq)),
        ("to", text(entry.to.name().into())),
    ];
    let mut bytes = Vec::with_capacity(512);
    for (index, (name, value)) in fields.iter().enumerate() {
        bytes.extend_from_slice(if index == 0 { b"{\"" } else { b",\"" });
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b"\":");
        bytes.extend_from_slice(value.to_string().as_bytes());
    }
    bytes.push(b'}');
    bytes
}

/// The hash of an entry over the one before it.
#[must_use]
pub fn seal(entry: &Entry) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(entry.previous.bytes());
    hasher.update(canonical_bytes(entry));
    Hash(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::testing::first_entry;

    #[test]
    fn the_published_vector_holds() {
        let entry = first_entry();
        let bytes = canonical_bytes(&entry);
        let vector = include_str!("testdata/entry.json");
        assert_eq!(String::from_utf8(bytes).unwrap(), vector.trim_end());
        assert_eq!(seal(&entry).to_string(), include_str!("testdata/entry.sha256").trim_end());
    }

    #[test]
    fn a_change_of_any_field_changes_the_hash() {
        let entry = first_entry();
        let sealed = seal(&entry);
        let changed = [
            Entry { seq: 2, ..entry.clone() },
            Entry { memo: "x".into(), ..entry.clone() },
            Entry { request: "other".into(), ..entry.clone() },
            Entry { previous: Hash::of(b"x"), ..entry.clone() },
            Entry { price_book: 2, ..entry.clone() },
            Entry { grants: Vec::new(), ..entry.clone() },
        ];
        for other in changed {
            assert_ne!(seal(&other), sealed, "{other:?}");
        }
    }
}
