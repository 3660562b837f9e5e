//! Reading a request's JSON: how large, which type, and where exactly it goes wrong.
//!
//! Not JSON is 400 with line and column, a wrong type or value 422 with the field's path, too large 413, and a
//! declared type other than JSON 415. Nothing behind the extractor checks any of it again.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::problem::Problem;

/// Ample for every body but a program.
pub const BODY_MAX_BYTES: usize = 256 * 1024;
/// A program, or a webhook event: Stripe's stay far below.
pub const PROGRAM_MAX_BYTES: usize = 1024 * 1024;

/// A JSON body of at most `LIMIT` bytes.
pub struct Json<T, const LIMIT: usize = BODY_MAX_BYTES>(pub T);

impl<S, T, const LIMIT: usize> FromRequest<S> for Json<T, LIMIT>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        accept_type(request.headers())?;
        let bytes = read(request.into_body(), LIMIT).await?;
        parse(&bytes).map(Json)
    }
}

/// The body's bytes, refused once they pass `limit`: the rest is never read.
///
/// # Errors
/// 413 when it is larger, 400 when the sender broke off.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if is_length_limit(error.as_ref()) => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("The body may be at most {limit} bytes"),
        )),
        Err(_) => Err(Problem::new(StatusCode::BAD_REQUEST, "body_incomplete", "The body broke off before its end")),
    }
}

/// Also finds the limit of a layer around us, which arrives wrapped in axum's own error.
fn is_length_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<LengthLimitError>())
}

/// No declared type is taken as JSON, as the guide's own clients may send none.
fn accept_type(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    if is_json {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send the body as application/json"))
}

/// Parses a whole document.
///
/// # Errors
/// 400 when the bytes are not one JSON document, 422 when it is no object or a field is not what it must be.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first.is_some_and(|byte| *byte != b'{') {
        // An array would be read as the fields in their order: credits must not move by position.
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| not_json(&error))?;
        return Err(Problem::field("", "The body must be a JSON object"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut reader);
    match parsed {
        Ok(value) => reader.end().map(|()| value).map_err(|error| not_json(&error)),
        Err(error) if error.inner().is_data() => {
            // A wrong value before a syntax error must not hide that this is no JSON at all.
            serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| not_json(&error))?;
            Err(wrong_field(&error.path().to_string(), error.inner()))
        }
        Err(error) => Err(not_json(error.inner())),
    }
}

fn not_json(error: &serde_json::Error) -> Problem {
    let detail = format!("The body is not JSON: {error}");
    Problem::new(StatusCode::BAD_REQUEST, "not_json", detail).with("line", error.line()).with("column", error.column())
}

fn wrong_field(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let sentence = in_words_of_json(text.strip_suffix(&position).unwrap_or(&text));
    let parent = if path == "." { "" } else { path };
    if let Some(name) = absent_or_repeated(&sentence) {
        let path = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
        return Problem::field(&path, sentence);
    }
    // Our own field types already begin with the name of what they refuse.
    let name = parent.rsplit('.').next().unwrap_or(parent);
    if sentence.starts_with(name) {
        return Problem::field(parent, sentence);
    }
    Problem::field(parent, format!("{parent}: {sentence}"))
}

/// The field of a sentence that is about the object around it.
fn absent_or_repeated(sentence: &str) -> Option<&str> {
    let rest = sentence.strip_prefix("missing field `").or_else(|| sentence.strip_prefix("duplicate field `"))?;
    rest.strip_suffix('`')
}

/// serde names the types of Rust; the caller wrote JSON.
fn in_words_of_json(sentence: &str) -> String {
    let Some((found, expected)) = sentence.rsplit_once(", expected ") else { return sentence.to_owned() };
    let found = match found {
        "invalid type: map" => "invalid type: object",
        "invalid type: sequence" => "invalid type: array",
        found => found,
    };
    let expected = match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "a map" => "an object",
        "a sequence" => "an array",
        name if name.starts_with("struct ") || name.contains("tagged enum ") => "an object",
        name if name.starts_with("tuple ") => "an array",
        name if name.starts_with("enum ") => "one of its names",
        known => known,
    };
    format!("{found}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Outer {
        inner: Inner,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        count: i64,
    }

    async fn extract(content_type: Option<&str>, body: impl Into<Body>) -> Result<Outer, Problem> {
        let mut request = Request::post("/");
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let request = request.body(body.into()).expect("request");
        Json::<Outer, 64>::from_request(request, &()).await.map(|Json(body)| body)
    }

    #[tokio::test]
    async fn json_is_taken_with_and_without_its_type() {
        for content_type in
            [None, Some("application/json"), Some("Application/JSON; charset=utf-8"), Some("application/x+json")]
        {
            let body = extract(content_type, r#"{"inner": {"count": 3}}"#).await.expect("valid");
            assert_eq!(body.inner.count, 3);
        }
    }

    #[tokio::test]
    async fn another_type_is_refused() {
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
            let problem = extract(Some(content_type), r#"{"inner": {"count": 3}}"#).await.expect_err(content_type);
            assert_eq!((problem.status.as_u16(), problem.code), (415, "unsupported_media_type"));
        }
    }

    #[tokio::test]
    async fn what_is_not_json_says_where() {
        for body in
            ["", "{", "{\"inner\": \n {\"count\": 3}} x", "hello", "{\"inner\": {\"count\": \"a\"}", "\u{feff}{}"]
        {
            let problem = extract(None, body.to_owned()).await.expect_err(body);
            assert_eq!((problem.status.as_u16(), problem.code), (400, "not_json"), "{body}");
            assert!(problem.members["line"].is_u64() && problem.members["column"].is_u64());
        }
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_are_not_json() {
        let problem = extract(None, vec![b'{', b'"', 0xff, b'"', b'}']).await.expect_err("not utf-8");
        assert_eq!(problem.code, "not_json");
    }

    #[tokio::test]
    async fn a_wrong_type_is_named_by_its_path() {
        let problem = extract(None, r#"{"inner": {"count": "three"}}"#).await.expect_err("a string");
        assert_eq!((problem.status.as_u16(), problem.code), (422, "invalid_field"));
        assert_eq!(problem.members["field"], "inner.count");
        assert_eq!(problem.detail, "inner.count: invalid type: string \"three\", expected a whole number");
    }

    #[tokio::test]
    async fn what_is_no_object_is_refused_even_if_its_values_would_fit() {
        for body in [r#"[{"count": 3}]"#, " [[3]]", "[]", "7", "null", "\"text\"", "true"] {
            let problem = extract(None, body).await.expect_err(body);
            assert_eq!((problem.status.as_u16(), problem.code), (422, "invalid_field"), "{body}");
            assert_eq!(problem.detail, "The body must be a JSON object", "{body}");
        }
    }

    #[tokio::test]
    async fn a_missing_or_repeated_field_is_named() {
        for (body, field, detail) in [
            ("{}", "inner", "missing field `inner`"),
            (r#"{"inner": {}}"#, "inner.count", "missing field `count`"),
            (r#"{"inner": {"count": 3}, "inner": {"count": 4}}"#, "inner", "duplicate field `inner`"),
            (r#"{"inner": {"count": 3, "count": 4}}"#, "inner.count", "duplicate field `count`"),
        ] {
            let problem = extract(None, body).await.expect_err(body);
            assert_eq!(problem.status.as_u16(), 422);
            assert_eq!((problem.members["field"].as_str(), problem.detail.as_str()), (Some(field), detail));
        }
    }

    #[tokio::test]
    async fn no_type_of_rust_is_named() {
        let problem = extract(None, r#"{"inner": 3}"#).await.expect_err("a number");
        assert_eq!(problem.detail, "inner: invalid type: integer `3`, expected an object");
        let problem = extract(None, r#"{"inner": {"count": {}}}"#).await.expect_err("an object");
        assert_eq!(problem.detail, "inner.count: invalid type: object, expected a whole number");
    }

    #[tokio::test]
    async fn one_byte_too_many_is_too_large() {
        let fits = format!("{:<64}", r#"{"inner": {"count": 3}}"#);
        assert!(extract(None, fits.clone()).await.is_ok());
        let problem = extract(None, fits + " ").await.expect_err("65 bytes");
        assert_eq!((problem.status.as_u16(), problem.code), (413, "body_too_large"));
    }
}
