//! Stripe's words (currencies, kinds of event, brands) when they come back from a file: each is kept once, for good.
//!
//! In memory they are borrowed from the program; a file has only text. There are few of them and they are read once, at
//! the start, so what is kept for good stays small.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde::{Deserialize, Deserializer};

/// A word that lives as long as the program. Named apart from its type, or serde would borrow it from the file.
pub type Word = &'static str;

static KEPT: LazyLock<Mutex<BTreeSet<Word>>> = LazyLock::new(Mutex::default);

fn keep(text: String) -> Word {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(word) = kept.get(text.as_str()) {
        return word;
    }
    let word: Word = Box::leak(text.into_boxed_str());
    kept.insert(word);
    word
}

/// Reads a word.
///
/// # Errors
/// Refuses what is no text.
pub fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    String::deserialize(deserializer).map(keep)
}

/// Reads a word or nothing.
///
/// # Errors
/// Refuses what is neither.
pub fn maybe_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Word>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|text| text.map(keep))
}
