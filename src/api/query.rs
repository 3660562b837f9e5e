//! The query string: few parameters, each a whole number in a named range, a moment, an id, or a name.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use std::collections::BTreeMap;
use std::str::FromStr;

use super::problem::Problem;
use crate::ledger::Timestamp;

/// The parameters as sent. Unknown ones are left alone, as links gather them on their way.
pub struct Parameters(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = pairs.map_err(|_| Problem::field("", "the query string cannot be read"))?;
        let mut parameters = BTreeMap::new();
        for (name, value) in pairs {
            // Two values for one name leave open which was meant.
            if parameters.insert(name.clone(), value).is_some() {
                return Err(Problem::field(&name, format!("{name} is given twice")));
            }
        }
        Ok(Self(parameters))
    }
}

impl Parameters {
    /// The whole number called `name`, or `None` where it is not given.
    ///
    /// # Errors
    /// 422 with the range when it is anything else.
    pub fn number(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Problem> {
        let Some(text) = self.0.get(name) else { return Ok(None) };
        match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(Problem::field(name, format!("{name} must be a whole number from {least} to {most}"))),
        }
    }

    /// The id called `name`, or `None` where it is not given.
    ///
    /// # Errors
    /// 422 when it is anything else.
    pub fn id<I: FromStr>(&self, name: &str) -> Result<Option<I>, Problem> {
        let Some(text) = self.0.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Problem::field(name, format!("{name} must be an id from a page before")))
    }

    /// The value called `name`, read as whatever the caller expects, or `None` where it is not given.
    ///
    /// # Errors
    /// 422 with the given sentence when it is anything else.
    pub fn read<T: std::str::FromStr>(&self, name: &str, sentence: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.0.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Problem::field(name, sentence))
    }

    /// By what the page of a list is turned: `cursor` or, as some lists called it first, `before`. The cursor where both
    /// are given: whoever reads page after page begins with the one and goes on with the other.
    pub fn turned_by(&self) -> &'static str {
        if self.0.contains_key("cursor") { "cursor" } else { "before" }
    }

    /// The moment called `name`, which must be given.
    ///
    /// # Errors
    /// 422 when it is missing or not RFC 3339.
    pub fn moment(&self, name: &str) -> Result<Timestamp, Problem> {
        let sentence =
            format!("{name} must be a moment such as 2026-11-23T09:00:00Z; in an address a + is written %2B");
        let moment: Option<jiff::Timestamp> = self.read(name, &sentence)?;
        let moment = moment.ok_or_else(|| Problem::field(name, sentence))?;
        Ok(Timestamp::from_millis(moment.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::Request;

    async fn parameters(query: &str) -> Result<Parameters, Problem> {
        let request = Request::get(format!("/?{query}")).body(()).expect("request");
        Parameters::from_request_parts(&mut request.into_parts().0, &()).await
    }

    #[tokio::test]
    async fn a_number_in_range_is_read() {
        let parameters = parameters("days=30&utm=x").await.expect("readable");
        assert_eq!(parameters.number("days", 1, 366), Ok(Some(30)));
        assert_eq!(parameters.number("limit", 1, 200), Ok(None));
    }

    #[tokio::test]
    async fn a_list_is_turned_by_its_cursor_and_by_its_former_name() {
        for (query, by, at) in
            [("before=7", "before", 7), ("cursor=8", "cursor", 8), ("before=7&cursor=8", "cursor", 8)]
        {
            let parameters = parameters(query).await.expect("readable");
            assert_eq!(parameters.turned_by(), by, "{query}");
            assert_eq!(parameters.number(parameters.turned_by(), 1, 9), Ok(Some(at)), "{query}");
        }
    }

    #[tokio::test]
    async fn anything_else_is_told_the_range() {
        for text in ["0", "-1", "367", "1.5", "x", "", "99999999999999999999"] {
            let parameters = parameters(&format!("days={text}")).await.expect("readable");
            let problem = parameters.number("days", 1, 366).expect_err(text);
            assert_eq!(problem.status.as_u16(), 422);
            assert_eq!(problem.detail, "days must be a whole number from 1 to 366");
        }
    }

    #[tokio::test]
    async fn a_moment_must_be_given_and_be_one() {
        let parameters =
            parameters("time=2026-11-23T10:00:00%2B01:00&other=yesterday&day=2026-11-23").await.expect("readable");
        assert_eq!(parameters.moment("time"), Ok(Timestamp::from_millis(1_795_424_400_000)));
        for name in ["other", "day", "missing"] {
            let problem = parameters.moment(name).expect_err(name);
            assert_eq!((problem.status.as_u16(), &problem.members["field"]), (422, &name.into()), "{name}");
        }
    }

    #[tokio::test]
    async fn a_parameter_given_twice_is_refused() {
        assert_eq!(parameters("days=1&days=2").await.err().map(|problem| problem.status.as_u16()), Some(422));
    }
}
