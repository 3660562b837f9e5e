//! `Idempotency-Key`: the first answer again for the same request, a refusal for another one.
//!
//! All work happens under one lock, so two requests with one key never run at the same time and Stripe's
//! 409 `idempotency_key_in_use` cannot occur here.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::error::ApiError;

/// Stripe's limit on the length of a key.
pub const KEY_LENGTH_MAX: usize = 255;
/// Stripe keeps keys for at least 24 hours.
const KEY_AGE_MAX_SECONDS: i64 = 24 * 60 * 60;
/// Bounds the memory; at this number the oldest keys go first.
const KEYS_MAX: usize = 200_000;

/// What makes two requests the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    pub path: String,
    pub fields: Map<String, Value>,
}

/// An answer as it was first given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub request: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    fingerprint: Fingerprint,
    answer: Answer,
}

/// The keys seen so far and what was answered.
#[derive(Debug, Default)]
pub struct Replays {
    kept: HashMap<String, Kept>,
    by_age: VecDeque<(i64, String)>,
}

impl Replays {
    /// The first answer to this key, if there was one.
    ///
    /// # Errors
    /// Refuses a key that was first used with another path or other parameters.
    pub fn find(&self, key: &str, fingerprint: &Fingerprint) -> Result<Option<Answer>, ApiError> {
        let Some(kept) = self.kept.get(key) else {
            return Ok(None);
        };
        if kept.fingerprint.path != fingerprint.path {
            return Err(ApiError::idempotency(format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for \
                 ('{}' vs '{}'). Try using a key other than '{key}' if you meant to execute a different request.",
                fingerprint.path, kept.fingerprint.path
            )));
        }
        if kept.fingerprint.fields != fingerprint.fields {
            return Err(ApiError::idempotency(format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. \
                 Try using a key other than '{key}' if you meant to execute a different request."
            )));
        }
        Ok(Some(kept.answer.clone()))
    }

    pub fn keep(&mut self, key: &str, fingerprint: Fingerprint, answer: Answer, now: i64) {
        while let Some((since, _)) = self.by_age.front()
            && (now - since > KEY_AGE_MAX_SECONDS || self.by_age.len() >= KEYS_MAX)
        {
            if let Some((_, old)) = self.by_age.pop_front() {
                self.kept.remove(&old);
            }
        }
        self.by_age.push_back((now, key.to_owned()));
        self.kept.insert(key.to_owned(), Kept { fingerprint, answer });
    }
}

/// Kept as a list, the oldest key first.
impl Serialize for Replays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = self.by_age.iter().filter_map(|(since, key)| Some((since, key, self.kept.get(key)?)));
        serializer.collect_seq(known)
    }
}

impl<'de> Deserialize<'de> for Replays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut replays = Self::default();
        for (since, key, kept) in Vec::<(i64, String, Kept)>::deserialize(deserializer)? {
            replays.by_age.push_back((since, key.clone()));
            replays.kept.insert(key, kept);
        }
        Ok(replays)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(path: &str, amount: &str) -> Fingerprint {
        let fields = Map::from_iter([("amount".to_owned(), Value::String(amount.to_owned()))]);
        Fingerprint { path: path.to_owned(), fields }
    }

    fn answer() -> Answer {
        Answer { status: 200, body: json!({ "id": "pi_1" }), request: "req_1".to_owned() }
    }

    #[test]
    fn the_same_request_gets_the_first_answer() {
        let mut replays = Replays::default();
        assert_eq!(replays.find("k", &request("/v1/a", "1")), Ok(None));
        replays.keep("k", request("/v1/a", "1"), answer(), 0);
        assert_eq!(replays.find("k", &request("/v1/a", "1")), Ok(Some(answer())));
    }

    #[test]
    fn other_parameters_or_another_path_are_refused() {
        let mut replays = Replays::default();
        replays.keep("k", request("/v1/a", "1"), answer(), 0);
        for other in [request("/v1/a", "2"), request("/v1/b", "1")] {
            let error = replays.find("k", &other).unwrap_err();
            assert_eq!((error.status, error.field("type")), (400, &json!("idempotency_error")));
        }
    }

    #[test]
    fn a_key_is_forgotten_after_a_day() {
        let mut replays = Replays::default();
        replays.keep("old", request("/v1/a", "1"), answer(), 0);
        replays.keep("new", request("/v1/a", "1"), answer(), KEY_AGE_MAX_SECONDS + 1);
        assert_eq!(replays.find("old", &request("/v1/b", "9")), Ok(None));
        assert!(replays.find("new", &request("/v1/a", "1")).is_ok_and(|found| found.is_some()));
    }
}
