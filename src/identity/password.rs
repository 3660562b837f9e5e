//! Passwords: what may be one, and how one is kept and checked without slowing the till down.
//!
//! Knows no store. Whether many wrong tries are suspicious is decided in `tries`.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::email::Email;
use super::error::IdentityError;
use super::token::Entropy;

/// NIST 800-63B asks for 8; two more cost a person little and a guesser much.
pub const PASSWORD_LEAST: usize = 10;
/// Room for any sentence; hashing more would only be a burden.
pub const PASSWORD_MOST: usize = 200;
/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// So many hashes are computed side by side: half of the machine's threads stay the till's, however many sign in.
fn hashes_at_once() -> usize {
    std::thread::available_parallelism().map_or(1, |threads| (threads.get() / 2).max(1))
}
/// Hashes waiting or running; whoever comes later is asked to come again.
const QUEUE_MAX: usize = 64;
/// A full queue is worked off in about that time.
const QUEUE_SECONDS: i64 = 3;
/// Of no account, made with the parameters above: checked when the address is unknown, so that the answer takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm8$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Of 10 letters and more, sorted: our own, and what breaches have shown, as Django (BSD), zxcvbn and zxcvbn-ts (MIT)
/// list it. The ASVS asks for 3,000 that our rules would let pass.
static COMMON: LazyLock<Vec<&'static str>> = LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());
/// What is left of these without the figures and signs that people put around a word.
static WORDS: LazyLock<HashSet<String>> =
    LazyLock::new(|| COMMON.iter().map(|common| word_in(common)).filter(|word| word.len() >= WORD_LEAST).collect());
/// Shorter words stand in too many sentences.
const WORD_LEAST: usize = 6;

/// Refuses a password that is too short, too long, common, or told by the name or the address.
///
/// # Errors
/// Says which of these.
pub fn check(password: &str, name: &str, email: &Email) -> Result<(), IdentityError> {
    let length = password.chars().count();
    if length < PASSWORD_LEAST {
        return Err(IdentityError::PasswordTooShort { least: PASSWORD_LEAST });
    }
    if length > PASSWORD_MOST {
        return Err(IdentityError::PasswordTooLong { most: PASSWORD_MOST });
    }
    let plain = password.trim().to_lowercase();
    if COMMON.binary_search(&plain.as_str()).is_ok() || is_one_letter(&plain) || WORDS.contains(&word_in(&plain)) {
        return Err(IdentityError::PasswordCommon);
    }
    let local = email.as_str().split('@').next().unwrap_or_default().to_lowercase();
    if plain == name.trim().to_lowercase() || plain == email.key() || plain == local {
        return Err(IdentityError::PasswordGuessable);
    }
    Ok(())
}

/// `P@ssw0rd2026!` is `password`.
fn word_in(plain: &str) -> String {
    let letter = |sign: char| match sign {
        '@' | '4' => 'a',
        '0' => 'o',
        '3' => 'e',
        '1' | '!' => 'i',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    };
    plain.trim_matches(|sign: char| !sign.is_alphabetic()).chars().map(letter).collect()
}

fn is_one_letter(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_none_or(|first| letters.all(|letter| letter == first))
}

/// The few hands that hash passwords.
#[derive(Clone)]
pub struct Hasher {
    hands: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    entropy: Arc<dyn Entropy>,
}

impl Hasher {
    /// With salts from the given source.
    #[must_use]
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { hands: Arc::new(Semaphore::new(hashes_at_once())), queue: Arc::new(Semaphore::new(QUEUE_MAX)), entropy }
    }

    /// What to keep in a password's place.
    ///
    /// # Errors
    /// When too many are waiting, or there is no salt to be had.
    pub async fn hash(&self, password: &str) -> Result<String, IdentityError> {
        let mut salt = [0_u8; SALT_BYTES];
        self.entropy.fill(&mut salt)?;
        let password = password.to_owned();
        self.in_turn(move || {
            argon()?.hash_password_with_salt(password.as_bytes(), &salt).ok().map(|hash| hash.to_string())
        })
        .await?
        .ok_or(IdentityError::Unavailable)
    }

    /// Whether this is the password. Without a kept hash the answer is no, after the same work.
    ///
    /// # Errors
    /// When too many are waiting.
    pub async fn verify(&self, password: &str, kept: Option<&str>) -> Result<bool, IdentityError> {
        // A longer one was never accepted, and hashing it would be a burden; this depends on nothing kept.
        if password.chars().count() > PASSWORD_MOST {
            return Ok(false);
        }
        let (password, hash) = (password.to_owned(), kept.unwrap_or(NOBODY).to_owned());
        let matches = self
            .in_turn(move || {
                argon().is_some_and(|argon| argon.verify_password(password.as_bytes(), hash.as_str()).is_ok())
            })
            .await?;
        Ok(matches && kept.is_some())
    }

    /// Runs slow work on a thread of its own, a few at a time, never in the way of the till.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, IdentityError> {
        let busy = IdentityError::TooManyTries { retry_after_seconds: QUEUE_SECONDS };
        let _place = self.queue.try_acquire().map_err(|_| busy)?;
        let hand = Arc::clone(&self.hands).acquire_owned().await.map_err(|_| IdentityError::Unavailable)?;
        let work = move || {
            // Travels with the work: a caller who goes away must not free a hand that is still busy.
            let _hand = hand;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            IdentityError::Unavailable
        })
    }
}

fn argon() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::CountingEntropy;

    fn ada() -> Email {
        "ada.lovelace@example.com".parse().expect("an address")
    }

    #[test]
    fn a_password_of_fair_length_is_accepted() {
        assert_eq!(check("correct horse", "Ada", &ada()), Ok(()));
        assert_eq!(check(&"aé".repeat(100), "Ada", &ada()), Ok(()));
    }

    #[test]
    fn what_anybody_would_try_first_is_refused() {
        let refusal = |password: &str| check(password, "Ada Lovelace", &ada()).err();
        assert_eq!(refusal("short"), Some(IdentityError::PasswordTooShort { least: 10 }));
        assert_eq!(refusal("éééééé"), Some(IdentityError::PasswordTooShort { least: 10 }));
        assert_eq!(refusal(&"ab".repeat(101)), Some(IdentityError::PasswordTooLong { most: 200 }));
        assert_eq!(refusal("Password123"), Some(IdentityError::PasswordCommon));
        assert_eq!(refusal("xxxxxxxxxxxx"), Some(IdentityError::PasswordCommon));
        for dressed in ["P@ssw0rd2026!", "password!!!!!", "!!qwertyuiop99", "Administrat0r1984"] {
            assert_eq!(refusal(dressed), Some(IdentityError::PasswordCommon), "{dressed}");
        }
        assert_eq!(refusal("ada lovelace"), Some(IdentityError::PasswordGuessable));
        assert_eq!(refusal("Ada.Lovelace@example.com"), Some(IdentityError::PasswordGuessable));
        assert_eq!(refusal("ada.lovelace"), Some(IdentityError::PasswordGuessable));
    }

    #[test]
    fn the_list_of_common_passwords_can_refuse_something() {
        assert!(COMMON.len() >= 3_000 && COMMON.is_sorted());
        for common in COMMON.iter() {
            assert!(common.chars().count() >= PASSWORD_LEAST, "{common} is refused for its length already");
            assert_eq!(*common, common.trim().to_lowercase());
        }
    }

    #[test]
    fn checking_nobody_is_the_same_work_as_checking_somebody() {
        let nobody = argon2::PasswordHash::new(NOBODY).expect("a readable hash");
        assert_eq!(Params::try_from(&nobody).expect("params"), argon().expect("params").params().clone());
    }

    #[tokio::test]
    async fn only_the_password_itself_is_accepted() {
        let hasher = Hasher::new(Arc::new(CountingEntropy::default()));
        let kept = hasher.hash("correct horse").await.expect("a hash");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(kept, hasher.hash("correct horse").await.expect("another salt"));
        assert_eq!(hasher.verify("correct horse", Some(&kept)).await, Ok(true));
        assert_eq!(hasher.verify("correct horse ", Some(&kept)).await, Ok(false));
        assert_eq!(hasher.verify("correct horse", None).await, Ok(false));
        assert_eq!(hasher.verify(&"a".repeat(5_000), Some(&kept)).await, Ok(false));
    }

    #[tokio::test]
    async fn a_full_queue_turns_people_away_at_once() {
        let hasher = Hasher::new(Arc::new(CountingEntropy::default()));
        let _everybody =
            hasher.queue.try_acquire_many(u32::try_from(QUEUE_MAX).expect("small")).expect("an empty queue");
        let refused = hasher.verify("correct horse", None).await;
        assert_eq!(refused, Err(IdentityError::TooManyTries { retry_after_seconds: QUEUE_SECONDS }));
    }
}
