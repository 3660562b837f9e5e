//! The server's own secrets. Their texts are never repeated.

use super::{ConfigError, Get};
use crate::billing::{NoSealingKeys, SealingKeys, SigningSeed};

pub(super) fn signing_key(set: Get<'_>) -> Result<Option<SigningSeed>, ConfigError> {
    let why = |_| "it must be 64 hexadecimal digits, such as `openssl rand -hex 32` prints".into();
    set("AETHEL_SIGNING_KEY")
        .map(|text| text.parse())
        .transpose()
        .map_err(|error| ConfigError { name: "AETHEL_SIGNING_KEY", why: why(error) })
}

pub(super) fn sealing_keys(set: Get<'_>) -> Result<Option<SealingKeys>, ConfigError> {
    let name = "AETHEL_SEALING_KEY";
    set(name).map(|text| text.parse()).transpose().map_err(|NoSealingKeys| ConfigError {
        name,
        why: "it must be 64 hexadecimal digits, such as `openssl rand -hex 32` prints; while it is changed, the new \
              key, a comma, and the former one"
            .into(),
    })
}
