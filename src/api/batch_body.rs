//! A batch as it comes in: a JSON object, or a table as it left a spreadsheet.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;

use super::batches::BatchBody;
use super::body::{self, Json, PROGRAM_MAX_BYTES};
use super::problem::Problem;
use super::query::Parameters;
use crate::server::state::App;

/// A body of either type.
pub struct BatchSent(pub BatchBody);

impl FromRequest<App> for BatchSent {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let declared = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = declared.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "text/csv" {
            let Json(body) = Json::<BatchBody, PROGRAM_MAX_BYTES>::from_request(request, app).await?;
            return Ok(Self(body));
        }
        let (mut parts, body) = request.into_parts();
        let parameters = Parameters::from_request_parts(&mut parts, app).await?;
        let bytes = body::read(body, PROGRAM_MAX_BYTES).await?;
        let text = std::str::from_utf8(&bytes);
        let text = text.map_err(|_| Problem::field("", "The table must be text in UTF-8"))?;
        of_table(text, &parameters).map(Self)
    }
}

/// What a table cannot say stands in the query.
fn of_table(text: &str, parameters: &Parameters) -> Result<BatchBody, Problem> {
    let account: Option<String> = parameters.read("account_id", "account_id must be an account's id")?;
    let account_id =
        account.ok_or_else(|| Problem::field("account_id", "with a table, account_id must stand in the query"))?;
    let (balances_csv, transactions_csv) = tables(text.trim_start_matches('\u{feff}'));
    Ok(BatchBody {
        account_id,
        atomic: parameters.read("atomic", "atomic must be true or false")?.unwrap_or(false),
        balances: Vec::new(),
        transactions: Vec::new(),
        balances_csv,
        transactions_csv: Some(transactions_csv),
        overdraft: Vec::new(),
        quote_id: parameters.read("quote_id", "quote_id must be a text")?,
    })
}

/// The opening balances, where the text begins with them, and the transactions behind the first empty line. The empty
/// lines before the transactions stay, so that what is wrong is told by its line in the whole text.
fn tables(text: &str) -> (Option<String>, String) {
    let names: Vec<&str> = text.lines().next().unwrap_or_default().split(',').map(name_of).collect();
    if !names.contains(&"account") || names.contains(&"id") {
        return (None, text.to_owned());
    }
    let mut begins = 0;
    for (line, number) in text.split_inclusive('\n').zip(0_usize..) {
        if line.trim().is_empty() {
            let (balances, transactions) = text.split_at(begins);
            return (Some(balances.to_owned()), "\n".repeat(number) + transactions);
        }
        begins += line.len();
    }
    (Some(text.to_owned()), String::new())
}

fn name_of(column: &str) -> &str {
    column.trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::NewBatch;

    #[test]
    fn transactions_alone_and_behind_balances_are_told_apart() {
        let alone = "id,from,to,asset,amount\nrent,,b,EUR,1\n";
        assert_eq!(tables(alone), (None, alone.to_owned()));
        let both = "account,asset,amount\na,EUR,5\n\nid,from,to,asset,amount\nrent,a,b,EUR,1\n";
        let (balances, transactions) = tables(both);
        assert_eq!(balances.as_deref(), Some("account,asset,amount\na,EUR,5\n"));
        assert!(transactions.trim_start().starts_with("id,from"), "{transactions}");
        assert_eq!(tables("account,asset,amount\na,EUR,5").1, "");
    }

    #[test]
    fn a_mistake_is_told_by_its_line_in_the_whole_text_and_by_its_column() {
        let text = "account,asset,amount\r\na,EUR,5\r\n\r\nid,from,to,asset,amount\r\nrent,a,b,EUR,much\r\n";
        let (balances_csv, transactions) = tables(text);
        let batch = NewBatch { balances_csv, transactions_csv: Some(transactions), ..NewBatch::default() };
        let problems = batch.read().expect_err("no amount");
        assert_eq!(problems[0].place, "transactions_csv line 5");
        assert!(problems[0].message.starts_with("amount: "), "{problems:?}");
    }
}
