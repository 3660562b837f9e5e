//! Operators' side of customers: found by name, id or address, given a tier, and everything that was done, on whatever
//! account. For a customer's key nothing of it is there.

use axum::Json as JsonAnswer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{FullAccountAnswer, account_answer};
use super::answered::page;
use super::body::Json;
use super::caller::Operator;
use super::fields::{Moment, TierName};
use super::idempotency::{Answer, RequestKey};
use super::problem::Problem;
use super::query::Parameters;
use super::team::AuditEventAnswer;
use crate::billing::{AccountSummary, Order};
use crate::identity::{Actor, IdentityError};
use crate::ledger::{AccountId, AuditId, Command};
use crate::server::state::App;

/// The longest text that is looked for: no address is longer.
const QUERY_MAX_CHARACTERS: usize = 254;

/// What an account pays by from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TierChange)]
pub struct TierBody {
    account_id: String,
    #[schema(example = "enterprise")]
    tier: TierName,
}

/// A customer as operators find it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Customer)]
pub struct CustomerItem {
    #[schema(example = "ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB")]
    account_id: String,
    customer_name: String,
    tier: TierName,
    #[schema(example = 100)]
    credit_balance: i64,
    suspended: bool,
    opened_at: Moment,
}

/// A page of customers, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Customers)]
pub struct CustomersAnswer {
    customers: Vec<CustomerItem>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// A page of everything that was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfficeAuditEvents)]
pub struct OfficeAuditAnswer {
    events: Vec<AuditEventAnswer>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// Sets what an account pays by. Operators only. A subscription that begins or ends later sets it again.
#[utoipa::path(post, path = "/api/office/tiers", operation_id = "set_tier", tag = "office", request_body = TierBody,
    responses((status = 200, body = FullAccountAnswer, description = "The account from now on")))]
pub async fn set_tier(
    State(app): State<App>,
    Operator(key): Operator,
    request: RequestKey,
    Json(body): Json<TierBody>,
) -> Result<Answer<FullAccountAnswer>, Problem> {
    let account = body.account_id.parse::<AccountId>().map_err(|_| Problem::account_not_found())?;
    let tier = body.tier.0;
    let line = app.identity.audit(&Actor::Key(key), account, "tier_set", tier.title());
    let order = Order::new(account, request.scoped(), Command::SetTier { tier }).with_key(Some(key));
    let receipt = app.kernel.submit(order.along(vec![line])).await?;
    Ok(Answer { body: account_answer(&app, account).await?, replayed: receipt.replayed })
}

/// Finds customers by a part of their name, by their id, or by a member's e-mail address. Operators only.
#[utoipa::path(get, path = "/api/office/customers", operation_id = "find_customers", tag = "office",
    params(("query" = Option<String>, Query, max_length = 254, description = "What to look for; everybody when left out"),
        ("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = CustomersAnswer, description = "A page of customers")))]
pub async fn customers(
    State(app): State<App>,
    Operator(_): Operator,
    parameters: Parameters,
) -> Result<JsonAnswer<CustomersAnswer>, Problem> {
    let text: String = parameters.read("query", "query must be a text")?.unwrap_or_default();
    let text = text.trim();
    if text.chars().count() > QUERY_MAX_CHARACTERS {
        return Err(Problem::field("query", format!("query may have at most {QUERY_MAX_CHARACTERS} characters")));
    }
    let (before, limit) = page::<AccountId>(&parameters)?;
    let by_email = match text {
        "" => Vec::new(),
        text => app.identity.accounts_by_email(text).await.map_err(unavailable)?,
    };
    let found = app.kernel.find_accounts(text, &by_email, before, limit).await?;
    let is_full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= limit;
    Ok(JsonAnswer(CustomersAnswer {
        next_cursor: found.last().filter(|_| is_full).map(|last| last.id.to_string()),
        customers: found.into_iter().map(CustomerItem::from).collect(),
    }))
}

/// Reads who did what, on every account and beside them, newest first. Operators only.
#[utoipa::path(get, path = "/api/office/audit-log", operation_id = "list_whole_audit_log", tag = "office",
    params(("cursor" = Option<String>, Query, description = "The next_cursor of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when not given")),
    responses((status = 200, body = OfficeAuditAnswer, description = "A page of the audit log")))]
pub async fn audit_log(
    State(app): State<App>,
    Operator(_): Operator,
    parameters: Parameters,
) -> Result<JsonAnswer<OfficeAuditAnswer>, Problem> {
    let (before, limit) = page::<AuditId>(&parameters)?;
    let lines = app.identity.audit_of_everything(before, limit).await.map_err(unavailable)?;
    let is_full = i64::try_from(lines.len()).unwrap_or(i64::MAX) >= limit;
    Ok(JsonAnswer(OfficeAuditAnswer {
        next_cursor: lines.last().filter(|_| is_full).map(|line| line.id.to_string()),
        events: lines.into_iter().map(AuditEventAnswer::from).collect(),
    }))
}

/// Reading refuses for no other reason.
fn unavailable(_: IdentityError) -> Problem {
    Problem::unavailable()
}

impl From<AccountSummary> for CustomerItem {
    fn from(account: AccountSummary) -> Self {
        Self {
            account_id: account.id.to_string(),
            customer_name: account.name,
            tier: TierName(account.tier),
            credit_balance: account.available.get(),
            suspended: account.suspended,
            opened_at: Moment(account.opened_at),
        }
    }
}
