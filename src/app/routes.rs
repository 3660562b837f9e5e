//! Every page and its address.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use super::pages::*;

/// The router. All pages are rendered whole before the first byte, so that they are complete without
/// scripts and can still set a status, a cookie or a redirect.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <NotFoundPage/> }>
                <Route path=path!("/") view=LandingPage ssr=SsrMode::Async/>
                <Route path=path!("/pricing") view=PricingPage ssr=SsrMode::Async/>
                <Route path=path!("/signup") view=SignUpPage ssr=SsrMode::Async/>
                <Route path=path!("/signup/sent") view=SignUpSentPage ssr=SsrMode::Async/>
                <Route path=path!("/signin") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/confirm") view=ConfirmPage ssr=SsrMode::Async/>
                <Route path=path!("/reset") view=ResetPage ssr=SsrMode::Async/>
                <Route path=path!("/reset/new") view=NewPasswordPage ssr=SsrMode::Async/>
                <Route path=path!("/outbox") view=OutboxPage ssr=SsrMode::Async/>
                <Route path=path!("/dashboard") view=OverviewPage ssr=SsrMode::Async/>
                <Route path=path!("/buy") view=BuyPage ssr=SsrMode::Async/>
                <Route path=path!("/buy/return") view=BuyReturnPage ssr=SsrMode::Async/>
                <Route path=path!("/buy/confirm") view=BuyConfirmPage ssr=SsrMode::Async/>
                <Route path=path!("/billing") view=BillingPage ssr=SsrMode::Async/>
                <Route path=path!("/purchases") view=PurchasesPage ssr=SsrMode::Async/>
                <Route path=path!("/purchases/:id/receipt") view=ReceiptPage ssr=SsrMode::Async/>
                <Route path=path!("/judge") view=JudgePage ssr=SsrMode::Async/>
                <Route path=path!("/judge/:id") view=JudgeAnswerPage ssr=SsrMode::Async/>
                <Route path=path!("/oracle") view=OraclePage ssr=SsrMode::Async/>
                <Route path=path!("/oracle/:id") view=OracleAnswerPage ssr=SsrMode::Async/>
                <Route path=path!("/sentinel") view=SentinelPage ssr=SsrMode::Async/>
                <Route path=path!("/sentinel/:id") view=MonitorPage ssr=SsrMode::Async/>
                <Route path=path!("/batch") view=BatchPage ssr=SsrMode::Async/>
                <Route path=path!("/batch/:id") view=BatchReportPage ssr=SsrMode::Async/>
                <Route path=path!("/verifications") view=VerificationsPage ssr=SsrMode::Async/>
                <Route path=path!("/usage") view=UsagePage ssr=SsrMode::Async/>
                <Route path=path!("/ledger") view=LedgerPage ssr=SsrMode::Async/>
                <Route path=path!("/statements") view=StatementsPage ssr=SsrMode::Async/>
                <Route path=path!("/statements/:month") view=StatementPage ssr=SsrMode::Async/>
                <Route path=path!("/docs/api") view=ApiDocsPage ssr=SsrMode::Async/>
                <Route path=path!("/shared/:token") view=SharedPage ssr=SsrMode::Async/>
                <Route path=path!("/status") view=StatusPage ssr=SsrMode::Async/>
                <Route path=path!("/keys") view=KeysPage ssr=SsrMode::Async/>
                <Route path=path!("/webhooks") view=WebhooksPage ssr=SsrMode::Async/>
                <Route path=path!("/webhooks/:id") view=WebhookPage ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/security") view=SecurityPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/security/codes") view=CodesPage ssr=SsrMode::Async/>
                <Route path=path!("/team") view=TeamPage ssr=SsrMode::Async/>
                <Route path=path!("/signin/code") view=SignInCodePage ssr=SsrMode::Async/>
                <Route path=path!("/email") view=EmailPage ssr=SsrMode::Async/>
                <Route path=path!("/invitation") view=InvitationPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/audit") view=AuditPage ssr=SsrMode::Async/>
                <Route path=path!("/office") view=OfficePage ssr=SsrMode::Async/>
                <Route path=path!("/office/audit") view=OfficeAuditPage ssr=SsrMode::Async/>
                <Route path=path!("/office/health") view=OfficeHealthPage ssr=SsrMode::Async/>
                <Route path=path!("/office/customers/:id") view=OfficeCustomerPage ssr=SsrMode::Async/>
                <Route path=path!("/office/purchases") view=OfficePurchasesPage ssr=SsrMode::Async/>
                <Route path=path!("/office/purchases/:id") view=OfficePurchasePage ssr=SsrMode::Async/>
                <Route path=path!("/office/events") view=OfficeEventsPage ssr=SsrMode::Async/>
                <Route path=path!("/office/events/:id") view=OfficeEventPage ssr=SsrMode::Async/>
                <Route path=path!("/office/reconciliation") view=ReconciliationsPage ssr=SsrMode::Async/>
                <Route path=path!("/office/reconciliation/:id") view=ReconciliationPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
