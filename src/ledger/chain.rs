//! The hash chain: what cannot be changed afterwards without being seen.
//!
//! An entry's canonical bytes are its JSON by RFC 8785 (sorted keys, no spaces, integers only) without `hash`
//! and `previous`; its hash is SHA-256 over the 32 bytes of the previous hash followed by those.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::{Entry, GrantPart};

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
    let mut text = String::with_capacity(768);
    write_canonical(entry, &mut text);
    text.into_bytes()
}

/// Writes the fields in the order of their names, which is what RFC 8785 asks for. Done by hand, without a tree of
/// values: an audit of a million entries does little else.
fn write_canonical(entry: &Entry, out: &mut String) {
    let mut fields = Fields { out, first: true };
    fields.plain("account", &entry.account);
    fields.number("amount", entry.amount.get());
    fields.number("at", entry.at.millis());
    fields.number("balance", entry.balance.get());
    fields.plain("from", &entry.from.name());
    fields.grants(&entry.grants);
    fields.maybe("hold", entry.hold.as_ref());
    fields.plain("id", &entry.id);
    fields.maybe("key", entry.key.as_ref());
    fields.plain("kind", &entry.kind.name());
    fields.text("memo", &entry.memo);
    fields.maybe("operation", entry.operation.as_ref());
    fields.number("price_book", i64::from(entry.price_book));
    fields.maybe("purchase", entry.purchase.as_ref());
    fields.number("quantity", entry.quantity);
    fields.maybe("refunds", entry.refunds.as_ref());
    fields.text("request", &entry.request);
    fields.number("seq", entry.seq);
    fields.plain("to", &entry.to.name());
    fields.out.push('}');
}

/// The fields of a JSON object under way.
struct Fields<'a> {
    out: &'a mut String,
    first: bool,
}

impl Fields<'_> {
    fn name(&mut self, name: &str) {
        self.out.push_str(if self.first { "{\"" } else { ",\"" });
        self.first = false;
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    /// Writing into memory does not fail.
    fn put(&mut self, arguments: fmt::Arguments<'_>) {
        let _written = self.out.write_fmt(arguments);
    }

    /// A text of ours that needs no escapes: an id or a name.
    fn plain(&mut self, name: &str, value: &impl fmt::Display) {
        self.name(name);
        self.put(format_args!("\"{value}\""));
    }

    fn maybe(&mut self, name: &str, value: Option<&impl fmt::Display>) {
        match value {
            Some(value) => self.plain(name, value),
            None => {
                self.name(name);
                self.out.push_str("null");
            }
        }
    }

    /// A caller's text, escaped.
    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        // A text is always JSON.
        self.out.push_str(&serde_json::to_string(value).unwrap_or_default());
    }

    fn number(&mut self, name: &str, value: i64) {
        self.name(name);
        self.put(format_args!("{value}"));
    }

    fn grants(&mut self, parts: &[GrantPart]) {
        self.name("grants");
        self.out.push('[');
        for (index, part) in parts.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            self.put(format_args!("{comma}[\"{}\",{}]", part.grant, part.amount.get()));
        }
        self.out.push(']');
    }
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
