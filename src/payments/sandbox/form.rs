//! Stripe's form encoding (`a[b][0]=c`) to a tree of JSON values.
//!
//! Every leaf is a string: what a number or a flag is, only the reader of a parameter knows. A bracket with a
//! number in it stays an object key, because `metadata[0]` and `line_items[0]` look the same here.

use serde_json::{Map, Value};

/// Deeper than any parameter of Stripe's; keeps a hostile body from building a tower.
const DEPTH_MAX: usize = 12;
/// A checkout session with a hundred line items stays well below.
const PAIRS_MAX: usize = 4_000;

/// Why a body is not a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    #[error("Invalid request: the body is not valid form encoding near '{0}'.")]
    Malformed(String),
    #[error("Invalid request: '{0}' is given both as a value and as a group of values.")]
    Conflict(String),
    #[error("Invalid request: more than {PAIRS_MAX} parameters.")]
    TooMany,
    #[error("Invalid request: '{0}' is nested too deeply.")]
    TooDeep(String),
}

/// Reads a query string or a form body.
///
/// # Errors
/// Refuses what is not percent-encoded UTF-8, unbalanced brackets, and names that contradict each other.
pub fn parse(input: &str) -> Result<Map<String, Value>, FormError> {
    let mut root = Value::Object(Map::new());
    for (count, pair) in input.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        if count >= PAIRS_MAX {
            return Err(FormError::TooMany);
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        let path = split_name(&name)?;
        insert(&mut root, &path, decode(value)?, &name)?;
    }
    match root {
        Value::Object(map) => Ok(map),
        other => Err(FormError::Conflict(other.to_string())),
    }
}

/// Undoes percent-encoding; a plus is a space.
fn decode(text: &str) -> Result<String, FormError> {
    let malformed = || FormError::Malformed(text.chars().take(40).collect());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(hex_digit).ok_or_else(malformed)?;
                let low = rest.next().and_then(hex_digit).ok_or_else(malformed)?;
                high * 16 + low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// `a[b][]` becomes `["a", "b", ""]`; the empty step means "append".
fn split_name(name: &str) -> Result<Vec<&str>, FormError> {
    let malformed = || FormError::Malformed(name.chars().take(40).collect());
    let (head, mut rest) = match name.find('[') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    if head.is_empty() || head.contains(']') {
        return Err(malformed());
    }
    let mut path = vec![head];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(malformed)?;
        let (step, after) = inner.split_once(']').ok_or_else(malformed)?;
        if step.contains('[') {
            return Err(malformed());
        }
        path.push(step);
        rest = after;
        if path.len() > DEPTH_MAX {
            return Err(FormError::TooDeep(name.chars().take(40).collect()));
        }
    }
    Ok(path)
}

fn insert(node: &mut Value, path: &[&str], value: String, name: &str) -> Result<(), FormError> {
    let conflict = || FormError::Conflict(name.chars().take(40).collect());
    let Some((step, rest)) = path.split_first() else {
        // The last of two equal names wins, as it does at Stripe.
        return match node {
            Value::Null | Value::String(_) => {
                *node = Value::String(value);
                Ok(())
            }
            _ => Err(conflict()),
        };
    };
    if step.is_empty() {
        if node.is_null() {
            *node = Value::Array(Vec::new());
        }
        let items = node.as_array_mut().ok_or_else(conflict)?;
        return match items.last_mut() {
            // `a[][x]=1&a[][y]=2` is one element with two fields until a field repeats.
            Some(last) if continues(last, rest) => insert(last, rest, value, name),
            _ => {
                let mut item = Value::Null;
                insert(&mut item, rest, value, name)?;
                items.push(item);
                Ok(())
            }
        };
    }
    if node.is_null() {
        *node = Value::Object(Map::new());
    }
    let fields = node.as_object_mut().ok_or_else(conflict)?;
    insert(fields.entry(*step).or_insert(Value::Null), rest, value, name)
}

fn continues(last: &Value, rest: &[&str]) -> bool {
    match (last, rest.first()) {
        (Value::Object(fields), Some(step)) => rest.len() > 1 || !fields.contains_key(*step),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn tree(input: &str) -> Value {
        Value::Object(parse(input).expect("a form"))
    }

    #[test]
    fn brackets_become_a_tree() {
        assert_eq!(
            tree(
                "amount=500&metadata[order]=a+b%26c&line_items[0][price_data][unit_amount]=1000&expand[]=x&expand[]=y"
            ),
            json!({
                "amount": "500",
                "metadata": { "order": "a b&c" },
                "line_items": { "0": { "price_data": { "unit_amount": "1000" } } },
                "expand": ["x", "y"],
            })
        );
    }

    #[test]
    fn encoded_brackets_and_the_plain_ones_are_the_same() {
        assert_eq!(tree("a%5Bb%5D=1"), tree("a[b]=1"));
    }

    #[test]
    fn unindexed_groups_start_again_when_a_field_repeats() {
        assert_eq!(tree("i[][a]=1&i[][b]=2&i[][a]=3"), json!({ "i": [{ "a": "1", "b": "2" }, { "a": "3" }] }));
    }

    #[test]
    fn contradictions_and_broken_names_are_refused() {
        for input in
            ["a=1&a[b]=2", "a[b]=2&a=1", "a[=1", "a]=1", "[a]=1", "a[b]c=1", "a[[b]]=1", "a=%zz", "a=%f", "a=%ff"]
        {
            assert!(parse(input).is_err(), "{input} was accepted");
        }
    }

    #[test]
    fn towers_and_floods_are_refused() {
        let tower = format!("a{}=1", "[b]".repeat(100));
        assert!(matches!(parse(&tower), Err(FormError::TooDeep(_))));
        assert_eq!(parse(&"a=1&".repeat(PAIRS_MAX + 1)), Err(FormError::TooMany));
    }

    fn encode(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02X}")).collect()
    }

    proptest! {
        #[test]
        fn no_input_makes_it_panic(input in ".{0,200}") {
            let _ = parse(&input);
        }

        #[test]
        fn bracket_soup_does_not_make_it_panic(input in "[ab\\[\\]=&%0-9]{0,60}") {
            let _ = parse(&input);
        }

        #[test]
        fn any_text_survives_the_way_there(key in "[a-z]{1,8}", field in "[^\\[\\]]{1,12}", value in ".{0,40}") {
            let input = format!("{key}[{}]={}", encode(&field), encode(&value));
            prop_assert_eq!(tree(&input), json!({ key: { field: value } }));
        }
    }
}
