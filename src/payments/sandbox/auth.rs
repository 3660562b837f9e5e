//! Who may ask: a secret test key, as a bearer token or as the user name of basic authentication.

use axum::http::{HeaderMap, header};

use super::error::ApiError;

/// Checks the key; `None` as the expected key lets any test key in.
///
/// # Errors
/// Refuses a missing key, a live or publishable one, and a key other than the expected.
pub fn check(headers: &HeaderMap, expected: Option<&str>) -> Result<(), ApiError> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(read);
    let Some(key) = given.filter(|key| !key.is_empty()) else {
        return Err(ApiError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using \
             Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication \
             for details.",
        ));
    };
    let is_right = match expected {
        Some(expected) => key == expected,
        None => {
            key.strip_prefix("sk_test_").or_else(|| key.strip_prefix("rk_test_")).is_some_and(|rest| !rest.is_empty())
        }
    };
    if is_right {
        return Ok(());
    }
    Err(ApiError::unauthorized(format!("Invalid API Key provided: {}", mask(&key))))
}

fn read(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let text = String::from_utf8(decode_base64(rest.trim())?).ok()?;
        return Some(text.split_once(':').map_or(text.as_str(), |(user, _)| user).to_owned());
    }
    None
}

/// Shows where the key came from without showing the key.
fn mask(key: &str) -> String {
    let shown: String = key.chars().take(8).collect();
    format!("{shown}{}", "*".repeat(key.chars().count().saturating_sub(8).min(24)))
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = ((bits << 6) | u32::from(digit)) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().expect("a header"))])
    }

    #[test]
    fn a_test_key_comes_as_bearer_or_as_a_user_name() {
        assert_eq!(check(&headers("Bearer sk_test_abc"), None), Ok(()));
        // base64 of "sk_test_abc:"
        assert_eq!(check(&headers("Basic c2tfdGVzdF9hYmM6"), None), Ok(()));
        assert_eq!(check(&headers("Basic c2tfdGVzdF9hYmM6"), Some("sk_test_abc")), Ok(()));
    }

    #[test]
    fn anything_else_is_refused_with_401_and_without_showing_the_key() {
        assert_eq!(check(&HeaderMap::new(), None).unwrap_err().status, 401);
        for wrong in ["Bearer sk_live_abc", "Bearer pk_test_abc", "Bearer sk_test_", "Basic !!!", "Digest x", "Bearer"]
        {
            assert_eq!(check(&headers(wrong), None).unwrap_err().status, 401, "{wrong}");
        }
        let error = check(&headers("Bearer sk_test_very_secret"), Some("sk_test_other")).unwrap_err();
        assert_eq!(error.field("message"), "Invalid API Key provided: sk_test_***********");
    }
}
