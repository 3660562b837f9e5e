//! Request keys for forms, where a form may lead, and the cookies with theme and time zone.

use sha2::{Digest, Sha256};
use ulid::Ulid;

use crate::app::error::AppError;
use crate::app::shell::{THEME_COOKIE, ZONE_COOKIE};
use crate::billing::Zone;
use crate::ledger::{AccountId, KeyId};
use crate::server::context::{app, request_cookie, set_cookie};

use super::refused;

/// Longest key a form may bring: ours have 26 characters.
const KEY_MAX: usize = 40;
/// A year, for what a browser keeps of its visitor's taste.
const THEME_SECONDS: i64 = 31_536_000;

/// A new key for a form: sent twice, it is one request.
pub fn fresh_request() -> String {
    let app = app();
    app.ids.next(app.clock.now()).to_string()
}

/// The form's key, bound to what the form says: going back, changing the form and sending it again is a new request.
pub fn request_key(key: &str, content: &[&str]) -> Result<String, AppError> {
    let sound = !key.is_empty() && key.len() <= KEY_MAX && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !sound {
        return Err(refused("malformed"));
    }
    let mut hasher = Sha256::new();
    for part in content {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hex::encode(hasher.finalize());
    Ok(format!("web-{key}-{}", digest.get(..16).unwrap_or(&digest)))
}

/// The API key that a form makes: the same form sent twice makes the same one, and no account can name another's.
pub fn key_of(request: &str, account: AccountId, name: &str) -> Result<KeyId, AppError> {
    let form: Ulid = request.parse().map_err(|_| refused("malformed"))?;
    let digest = Sha256::digest(request_key(request, &[&account.to_string(), name])?.as_bytes());
    let random = digest.iter().take(10).fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
    Ok(KeyId::from_ulid(Ulid::from_parts(form.timestamp_ms(), random)))
}

/// A path of our own site to go to next, or the overview: anything else could lead the visitor elsewhere.
#[must_use]
pub fn local_path(path: &str) -> &str {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    if local && path.is_ascii() { path } else { "/dashboard" }
}

/// Keeps the chosen theme; anything but light and dark means automatic.
pub fn set_theme_cookie(theme: &str) {
    let theme = match theme {
        "light" => "light",
        "dark" => "dark",
        _ => "auto",
    };
    set_cookie(THEME_COOKIE, theme, THEME_SECONDS);
}

/// The zone that the visitor's days are told in: the one this browser keeps, else UTC.
#[must_use]
pub fn visitor_zone() -> Zone {
    request_cookie(ZONE_COOKIE).and_then(|name| name.parse().ok()).unwrap_or(Zone::UTC)
}

/// Keeps the zone that days are told in.
///
/// # Errors
/// Refuses what names no zone.
pub fn set_zone_cookie(name: &str) -> Result<(), AppError> {
    let zone: Zone = name.parse().map_err(|_| refused("choice_invalid"))?;
    set_cookie(ZONE_COOKIE, zone.name(), THEME_SECONDS);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_form_sent_twice_is_one_request_and_a_changed_one_another() {
        let first = request_key("01J", &["validity", "x == x"]);
        assert!(first.is_ok());
        assert_eq!(first, request_key("01J", &["validity", "x == x"]));
        assert_ne!(first, request_key("01J", &["validity", "x == y"]));
        assert_ne!(request_key("01J", &["ab", "c"]), request_key("01J", &["a", "bc"]));
    }

    #[test]
    fn a_key_that_is_not_ours_is_refused() {
        for key in ["", "a b", "a\r\n", "ü", &"x".repeat(41)] {
            assert!(request_key(key, &[]).is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_form_names_one_key_for_each_account_and_name() {
        let [ada, bob] = [1, 2].map(|number| AccountId::from_ulid(Ulid::from_parts(1, number)));
        let form = Ulid::from_parts(7, 8).to_string();
        let first = key_of(&form, ada, "ci");
        assert!(first.is_ok());
        assert_eq!(first, key_of(&form, ada, "ci"));
        assert_ne!(first, key_of(&form, bob, "ci"));
        assert_ne!(first, key_of(&form, ada, "cd"));
        assert!(key_of("anything", ada, "ci").is_err());
    }

    #[test]
    fn only_local_paths_are_followed() {
        assert_eq!(local_path("/judge?example=transfer"), "/judge?example=transfer");
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\r\nSet-Cookie:x",
            "",
            "judge",
            "/\tx",
            "/ü",
        ] {
            assert_eq!(local_path(foreign), "/dashboard", "{foreign:?}");
        }
    }
}
