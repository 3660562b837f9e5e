//! The query string: few parameters, each a whole number in a named range or an id.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use std::collections::BTreeMap;
use std::str::FromStr;

use super::problem::Problem;

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
    async fn anything_else_is_told_the_range() {
        for text in ["0", "-1", "367", "1.5", "x", "", "99999999999999999999"] {
            let parameters = parameters(&format!("days={text}")).await.expect("readable");
            let problem = parameters.number("days", 1, 366).expect_err(text);
            assert_eq!(problem.status.as_u16(), 422);
            assert_eq!(problem.detail, "days must be a whole number from 1 to 366");
        }
    }

    #[tokio::test]
    async fn a_parameter_given_twice_is_refused() {
        assert_eq!(parameters("days=1&days=2").await.err().map(|problem| problem.status.as_u16()), Some(422));
    }
}
