//! The one way a JSON value is written before it is signed: RFC 8785, for values without fractions.

use serde_json::Value;

/// The bytes of a value by RFC 8785: sorted names, no spaces, whole numbers. `None` when it holds a fraction, which
/// nothing that is signed here ever does.
#[must_use]
pub fn canonical(value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1_024);
    write(value, &mut bytes).then_some(bytes)
}

fn write(value: &Value, bytes: &mut Vec<u8>) -> bool {
    match value {
        Value::Number(number) if !number.is_i64() => false,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            // For these, what serde_json writes is what the RFC asks for.
            bytes.extend_from_slice(value.to_string().as_bytes());
            true
        }
        Value::Array(items) => {
            bytes.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                if !write(item, bytes) {
                    return false;
                }
            }
            bytes.push(b']');
            true
        }
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            // The RFC sorts by UTF-16 units.
            fields.sort_by(|left, right| left.0.encode_utf16().cmp(right.0.encode_utf16()));
            bytes.push(b'{');
            for (index, (name, field)) in fields.into_iter().enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                bytes.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
                bytes.push(b':');
                if !write(field, bytes) {
                    return false;
                }
            }
            bytes.push(b'}');
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_sorted_by_utf_16_units_and_nothing_is_spaced() {
        // The order of RFC 8785, section 3.2.3, without its fractions.
        let value = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let text = String::from_utf8(canonical(&value).unwrap()).unwrap();
        assert_eq!(text, "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}");
        let nested = json!({"b": [null, true, -7, "a\"\\\u{1f}/é"], "a": {}});
        let text = String::from_utf8(canonical(&nested).unwrap()).unwrap();
        assert_eq!(text, "{\"a\":{},\"b\":[null,true,-7,\"a\\\"\\\\\\u001f/é\"]}");
    }

    #[test]
    fn a_fraction_has_no_canonical_form() {
        assert_eq!(canonical(&serde_json::from_str("[1.5]").unwrap()), None);
        assert_eq!(canonical(&serde_json::from_str("{\"a\":18446744073709551615}").unwrap()), None);
    }
}
