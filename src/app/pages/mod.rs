//! One file per page: its resources and actions at the top, one boundary, one root.

mod access;
mod api_docs;
mod audit;
mod batch;
mod billing;
mod buy;
mod buy_confirm;
mod buy_return;
mod codes;
mod email;
mod invitation;
mod judge;
mod judge_answer;
mod keys;
mod landing;
mod ledger;
mod monitor;
mod not_found;
mod office;
mod office_acts;
mod office_audit;
mod office_customer;
mod office_events;
mod office_health;
mod office_purchases;
mod oracle;
mod outbox;
mod overview;
mod pricing;
mod purchases;
mod receipt;
mod reconciliation;
mod recovery;
mod security;
mod sentinel;
mod settings;
mod settings_limits;
mod shared;
mod statements;
mod status;
mod team;
mod usage;
mod verifications;
mod webhook;
mod webhook_log;
mod webhooks;

pub use access::{ConfirmPage, SignInPage, SignUpPage, SignUpSentPage};
pub use api_docs::ApiDocsPage;
pub use audit::AuditPage;
pub use batch::{BatchPage, BatchReportPage};
pub use billing::BillingPage;
pub use buy::BuyPage;
pub use buy_confirm::BuyConfirmPage;
pub use buy_return::BuyReturnPage;
pub use codes::{CodesPage, SignInCodePage};
pub use email::EmailPage;
pub use invitation::InvitationPage;
pub use judge::JudgePage;
pub use judge_answer::JudgeAnswerPage;
pub use keys::KeysPage;
pub use landing::LandingPage;
pub use ledger::LedgerPage;
pub use monitor::MonitorPage;
pub use not_found::NotFoundPage;
pub use office::OfficePage;
pub use office_audit::OfficeAuditPage;
pub use office_customer::OfficeCustomerPage;
pub use office_events::{OfficeEventPage, OfficeEventsPage};
pub use office_health::OfficeHealthPage;
pub use office_purchases::{OfficePurchasePage, OfficePurchasesPage};
pub use oracle::{OracleAnswerPage, OraclePage};
pub use outbox::OutboxPage;
pub use overview::OverviewPage;
pub use pricing::PricingPage;
pub use purchases::PurchasesPage;
pub use receipt::ReceiptPage;
pub use reconciliation::{ReconciliationPage, ReconciliationsPage};
pub use recovery::{NewPasswordPage, ResetPage};
pub use security::SecurityPage;
pub use sentinel::SentinelPage;
pub use settings::SettingsPage;
pub use shared::SharedPage;
pub use statements::{StatementPage, StatementsPage};
pub use status::StatusPage;
pub use team::TeamPage;
pub use usage::UsagePage;
pub use verifications::VerificationsPage;
pub use webhook::WebhookPage;
pub use webhooks::WebhooksPage;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::components::Failure;
use super::error::AppError;

/// Shows a page's data, or what was refused. Pages are sent whole, so there is nothing to show before.
fn load<T>(data: Resource<Result<T, AppError>>, show: impl Fn(T) -> AnyView + Copy + Send + Sync + 'static) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    let body = move || {
        Suspend::new(async move {
            match data.await {
                Ok(view) => show(view),
                Err(error) => view! { <Failure error/> }.into_any(),
            }
        })
    };
    view! { <Suspense>{body}</Suspense> }.into_any()
}

/// A value of the address's query; empty when it is not there.
fn query(name: &'static str) -> Memo<String> {
    let map = use_query_map();
    Memo::new(move |_| map.read().get(name).unwrap_or_default())
}

/// A named part of the address's path.
fn path_part(name: &'static str) -> Memo<String> {
    let map = use_params_map();
    Memo::new(move |_| map.read().get(name).unwrap_or_default())
}
