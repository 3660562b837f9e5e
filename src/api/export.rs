//! Exports: entries, grants and usage as CSV or JSON, written while they are read, in constant memory.
//!
//! Nothing is gathered: a page is read when the one before has been taken. An export that cannot be finished is
//! cut off in the middle of the transfer, so that no reader takes a part for the whole.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use serde::Serialize;

use super::caller::OwnAccount;
use super::csv::{Cell, write_line};
use super::entries::EntryAnswer;
use super::grant_list::GrantLotAnswer;
use super::problem::Problem;
use super::query::Parameters;
use super::usage::{UsageRowAnswer, usage_query};
use crate::billing::{EntryPages, KernelError};
use crate::ledger::{AccountId, GrantId};
use crate::server::state::App;

/// Grants read at a time.
const GRANTS_PAGE: i64 = 500;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
}

impl std::str::FromStr for Format {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// A row that can be written either way.
pub trait Exported: Serialize + Send + 'static {
    /// The first line of the table.
    const COLUMNS: &'static [&'static str];

    /// The row's cells, in the order of the columns.
    fn cells(&self) -> Vec<Cell>;
}

/// Writes the whole ledger, oldest entry first.
#[utoipa::path(get, path = "/api/billing/entries/{account_id}/export", operation_id = "export_entries", tag = "accounts",
    params(("account_id" = String, Path, description = "The account"),
        ("format" = Option<String>, Query, description = "csv or json; csv when not given")),
    responses((status = 200, description = "Every entry, oldest first, as a table or as an array",
        content((String = "text/csv"), (Vec<EntryAnswer> = "application/json")))))]
pub async fn entries(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Response, Problem> {
    export_entries(&app, account, format(&parameters)?).await
}

/// Writes every grant, newest first.
#[utoipa::path(get, path = "/api/billing/grants/{account_id}/export", operation_id = "export_grants", tag = "accounts",
    params(("account_id" = String, Path, description = "The account"),
        ("format" = Option<String>, Query, description = "csv or json; csv when not given")),
    responses((status = 200, description = "Every grant, newest first, as a table or as an array",
        content((String = "text/csv"), (Vec<GrantLotAnswer> = "application/json")))))]
pub async fn grants(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Response, Problem> {
    export_grants(&app, account, format(&parameters)?).await
}

/// Writes usage by day, operation and key.
#[utoipa::path(get, path = "/api/billing/usage/{account_id}/export", operation_id = "export_usage", tag = "usage",
    params(("account_id" = String, Path, description = "The account"),
        ("format" = Option<String>, Query, description = "csv or json; csv when not given"),
        ("days" = Option<i64>, Query, minimum = 1, maximum = 366, description = "How many days back; 30 when not given"),
        ("zone" = Option<String>, Query, description = "Whose days: an IANA time zone; UTC when not given"),
        ("operation" = Option<String>, Query, description = "This operation alone"),
        ("key" = Option<String>, Query, description = "This key's spending alone; `none` for what no key spent")),
    responses((status = 200, description = "Usage by day, operation and key, oldest first, as a table or as an array",
        content((String = "text/csv"), (Vec<UsageRowAnswer> = "application/json")))))]
pub async fn usage(
    State(app): State<App>,
    OwnAccount(account): OwnAccount,
    parameters: Parameters,
) -> Result<Response, Problem> {
    export_usage(&app, account, format(&parameters)?, &parameters).await
}

fn format(parameters: &Parameters) -> Result<Format, Problem> {
    Ok(parameters.read("format", "format must be csv or json")?.unwrap_or(Format::Csv))
}

/// The ledger of an account that the caller may see.
///
/// # Errors
/// 404 when there is no such account.
pub async fn export_entries(app: &App, account: AccountId, format: Format) -> Result<Response, Problem> {
    let pages = app.kernel.entry_pages(account).await?.ok_or_else(Problem::account_not_found)?;
    let next = async |mut pages: EntryPages| Ok(pages.next().await?.map(|page| (page, pages)));
    let pages = stream::try_unfold(pages, next);
    let rows = pages.map_ok(|page| page.into_iter().map(EntryAnswer::from).collect());
    Ok(written(format, "entries", account, rows))
}

/// The grants of an account that the caller may see.
///
/// # Errors
/// 404 when there is no such account.
pub async fn export_grants(app: &App, account: AccountId, format: Format) -> Result<Response, Problem> {
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let kernel = app.kernel.clone();
    let next = move |place: Option<Option<GrantId>>| {
        let kernel = kernel.clone();
        async move {
            let Some(before) = place else { return Ok(None) };
            let page = kernel.grants(account, before, GRANTS_PAGE).await?.ok_or(KernelError::Unavailable)?;
            let rows = page.grants.into_iter().map(GrantLotAnswer::from).collect::<Vec<_>>();
            Ok(Some((rows, page.next.map(Some))))
        }
    };
    Ok(written(format, "grants", account, stream::try_unfold(Some(None), next)))
}

/// The usage, as the parameters ask for it, of an account that the caller may see.
///
/// # Errors
/// 404 when there is no such account, 422 for parameters that cannot be taken.
pub async fn export_usage(
    app: &App,
    account: AccountId,
    format: Format,
    parameters: &Parameters,
) -> Result<Response, Problem> {
    let query = usage_query(parameters)?;
    app.kernel.account(account).await?.ok_or_else(Problem::account_not_found)?;
    let pages = app.kernel.usage_pages(account, query);
    let next = async |mut pages: crate::billing::UsagePages| Ok(pages.next().await?.map(|page| (page, pages)));
    let rows = stream::try_unfold(pages, next)
        .map_ok(|page: Vec<crate::billing::KeyUsage>| page.into_iter().map(UsageRowAnswer::from).collect());
    Ok(written(format, "usage", account, rows))
}

/// The answer that writes the pages as they come.
fn written<T: Exported>(
    format: Format,
    what: &str,
    account: AccountId,
    pages: impl Stream<Item = Result<Vec<T>, KernelError>> + Send + 'static,
) -> Response {
    let (ending, content_type) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8; header=present"),
        Format::Json => ("json", "application/json"),
    };
    let name = format!("attachment; filename=\"aethel-{what}-{account}.{ending}\"");
    // Nothing in the name comes from outside, so that it is always a header.
    let name = HeaderValue::from_str(&name).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type)), (header::CONTENT_DISPOSITION, name)];
    (headers, Body::from_stream(text(format, pages))).into_response()
}

type Chunk = Result<String, Box<dyn std::error::Error + Send + Sync>>;

/// The document in pieces: its beginning, a piece for every page, its end.
fn text<T: Exported>(
    format: Format,
    pages: impl Stream<Item = Result<Vec<T>, KernelError>> + Send + 'static,
) -> impl Stream<Item = Chunk> + Send + 'static {
    let (head, tail) = match format {
        Format::Csv => {
            let mut line = String::new();
            write_line(&mut line, &T::COLUMNS.iter().map(|name| Cell::from(*name)).collect::<Vec<_>>());
            (line, "")
        }
        Format::Json => ("[".to_owned(), "\n]\n"),
    };
    let mut is_first = true;
    let pieces = pages.map(move |page| -> Chunk {
        let mut piece = String::new();
        for row in page? {
            match format {
                Format::Csv => write_line(&mut piece, &row.cells()),
                Format::Json => {
                    piece.push_str(if is_first { "\n" } else { ",\n" });
                    piece.push_str(&serde_json::to_string(&row)?);
                }
            }
            is_first = false;
        }
        Ok(piece)
    });
    stream::iter([Ok(head)]).chain(pieces).chain(stream::iter([Ok(tail.to_owned())]))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Serialize)]
    struct Line(i64);

    impl Exported for Line {
        const COLUMNS: &'static [&'static str] = &["number"];

        fn cells(&self) -> Vec<Cell> {
            vec![self.0.into()]
        }
    }

    /// Three pages, and how many of them were read so far.
    fn pages() -> (impl Stream<Item = Result<Vec<Line>, KernelError>> + Send + 'static, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let pages = stream::iter([vec![Line(1), Line(2)], vec![], vec![Line(-3)]]).map(move |page| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok(page)
        });
        (pages, read)
    }

    async fn whole(format: Format) -> String {
        text(format, pages().0).map(|piece| piece.expect("readable")).collect::<Vec<_>>().await.concat()
    }

    #[tokio::test]
    async fn both_forms_hold_every_row_in_order() {
        assert_eq!(whole(Format::Csv).await, "number\r\n1\r\n2\r\n-3\r\n");
        assert_eq!(whole(Format::Json).await, "[\n1,\n2,\n-3\n]\n");
        let none = text::<Line>(Format::Json, stream::empty());
        assert_eq!(none.map(Result::unwrap).collect::<Vec<_>>().await.concat(), "[\n]\n");
    }

    #[tokio::test]
    async fn a_page_is_read_only_when_the_one_before_was_taken() {
        let (pages, read) = pages();
        let mut pieces = Box::pin(text(Format::Csv, pages));
        for pages_read in [0, 1, 2, 3] {
            assert!(pieces.next().await.is_some_and(|piece| piece.is_ok()));
            assert_eq!(read.load(Ordering::SeqCst), pages_read);
        }
    }

    #[tokio::test]
    async fn an_export_that_fails_half_way_does_not_end_like_a_whole_one() {
        let pages = stream::iter([Ok(vec![Line(1)]), Err(KernelError::Unavailable)]);
        let pieces: Vec<Chunk> = text(Format::Json, pages).collect().await;
        assert!(pieces.iter().any(Result::is_err));
        let body = axum::body::to_bytes(Body::from_stream(stream::iter(pieces)), usize::MAX).await;
        assert!(body.is_err());
    }
}
