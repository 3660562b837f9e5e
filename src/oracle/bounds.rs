//! Which values the asker lets a name have: a least and a greatest one, either of which may be left open.

use std::collections::BTreeMap;

use super::service::OracleError;
use crate::language::Decimal;

/// The least and the greatest value of each name.
pub type Bounds = BTreeMap<String, [Option<Decimal>; 2]>;

/// Names that may be bounded; more belong into the assumptions.
const BOUNDS_MAX: usize = 50;

/// The bounds as assumptions, name by name.
pub(super) fn as_assumptions(bounds: &Bounds) -> impl Iterator<Item = String> + '_ {
    bounds.iter().flat_map(|(name, [low, high])| {
        let low = low.as_ref().map(|low| format!("{name} >= {low}"));
        let high = high.as_ref().map(|high| format!("{name} <= {high}"));
        low.into_iter().chain(high)
    })
}

/// Bounds as they are typed, one name a line: `x: 0 to 100`, `x: 0 to`, `x: to 100`. Empty lines are passed over.
///
/// # Errors
/// `Invalid` with the line.
pub(super) fn typed(text: &str) -> Result<Bounds, OracleError> {
    let mut bounds = Bounds::new();
    for (line, number) in text.lines().zip(1_usize..).filter(|(line, _)| !line.trim().is_empty()) {
        let wrong = |why: String| OracleError::Invalid(format!("bounds line {number}: {why}"));
        let ends = line.split_once(':').and_then(|(name, range)| {
            // Room around it, so that an end may be left out: `x: to 100`.
            let range = format!(" {} ", range.trim());
            let (low, high) =
                range.split_once(" to ").map(|(low, high)| (low.trim().to_owned(), high.trim().to_owned()))?;
            Some((name.trim().to_owned(), low, high))
        });
        let (name, low, high) =
            ends.ok_or_else(|| wrong("write a name and its range, such as x: 0 to 100".to_owned()))?;
        let end = |text: &str| -> Result<Option<Decimal>, OracleError> {
            let text = Some(text).filter(|text| !text.is_empty());
            text.map(|text| text.parse::<Decimal>().map_err(|error| wrong(format!("{text}: {error}")))).transpose()
        };
        if bounds.insert(name.clone(), [end(&low)?, end(&high)?]).is_some() {
            return Err(wrong(format!("{name} has a range already")));
        }
    }
    Ok(bounds)
}

/// Refuses bounds of what is no name of the law, and ranges that hold nothing.
///
/// # Errors
/// `Invalid` with a sentence.
pub(super) fn checked(bounds: &Bounds, is_name: impl Fn(&str) -> bool) -> Result<(), OracleError> {
    let invalid = |sentence: String| Err(OracleError::Invalid(sentence));
    if bounds.len() > BOUNDS_MAX {
        return invalid(format!("give at most {BOUNDS_MAX} bounds"));
    }
    for (name, ends) in bounds {
        if !is_name(name) {
            return invalid(format!("bounds: the law has no name {name:?}; bound the names that stand in it"));
        }
        match ends {
            [None, None] => return invalid(format!("bounds: {name} has neither a least nor a greatest value")),
            [Some(low), Some(high)] if low > high => {
                return invalid(format!(
                    "bounds: nothing lies from {low} to {high}; {name} needs the lesser value first"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}
