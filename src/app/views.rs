//! What the server tells the pages: flat, finished values. Dates, prices and hashes arrive as text,
//! so that server and browser can never disagree about a zone or a rounding.

mod billing;
mod docs;
mod evidence;
mod judge;
mod keys;
mod office;
mod office_payments;
mod people;
mod reconciliation;
mod reports;
mod settings;
mod shares;
mod webhooks;
mod work;

use serde::{Deserialize, Serialize};

pub use billing::*;
pub use docs::*;
pub use evidence::*;
pub use judge::*;
pub use keys::*;
pub use office::*;
pub use office_payments::*;
pub use people::*;
pub use reconciliation::*;
pub use reports::*;
pub use settings::{AlertsView, BudgetView, BudgetsView};
pub use shares::*;
pub use webhooks::*;
pub use work::*;

/// What the frame of every page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameView {
    pub test_mode: bool,
    /// Whether mails are shown here instead of being sent.
    pub outbox: bool,
    /// The customer's name; empty when nobody is signed in.
    pub name: String,
    pub available: i64,
    /// What the visitor's role allows: what it does not is not offered.
    pub may: MayView,
    /// Whether the visitor may enter the back office.
    pub operator: bool,
    /// The account the visitor works in.
    pub account: String,
    /// The visitor's accounts, where there is more than one.
    pub accounts: Vec<ChoiceView>,
    /// Until when an operator looks at this customer's pages; empty for everybody else.
    pub looking: String,
}

/// What a visitor may do to the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MayView {
    pub spend: bool,
    pub buy: bool,
    pub limits: bool,
    pub keys: bool,
    pub audit: bool,
    pub members: bool,
    pub owners: bool,
}

/// One credit package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageView {
    pub name: String,
    pub credits: i64,
    pub price: String,
    pub per_credit: String,
    pub buys: String,
}

/// One operation's price per tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRow {
    pub operation: String,
    pub title: String,
    pub unit: String,
    pub base: i64,
    pub fintech: i64,
    pub enterprise: i64,
}

/// A choice in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceView {
    pub value: String,
    pub title: String,
}

/// The landing page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandingView {
    pub frame: FrameView,
    pub packages: Vec<PackageView>,
}

/// The pricing page with its calculator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricingView {
    pub frame: FrameView,
    pub packages: Vec<PackageView>,
    pub prices: Vec<PriceRow>,
    pub tiers: Vec<ChoiceView>,
    pub price_book: i64,
    pub quote: QuoteView,
}

/// What was asked of the calculator and what it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteView {
    pub operation: String,
    pub tier: String,
    pub quantity: String,
    pub cost: i64,
    pub sentence: String,
    /// The code of what cannot be accepted; empty when there is an answer.
    pub error: String,
}

/// What was typed into a form that was refused, so that nobody types it twice. Never a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedView {
    pub frame: FrameView,
    pub name: String,
    pub email: String,
}

/// The mails of test mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxView {
    pub frame: FrameView,
    pub mails: Vec<MailView>,
}

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailView {
    pub id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub at: String,
}

/// The overview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewView {
    pub frame: FrameView,
    pub held: i64,
    /// What is owed, counted upwards.
    pub owed: i64,
    pub forecast: ForecastView,
    pub usage: UsageFigures,
    /// The zone whose midnights part the days of usage.
    pub zone: String,
    pub entries: Vec<EntryView>,
}

/// A chart with its table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageFigures {
    pub days: Vec<DayView>,
    pub operations: Vec<OperationView>,
    pub total_count: i64,
    pub total_credits: i64,
    /// The chart in one sentence.
    pub sentence: String,
}

/// One day of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayView {
    pub label: String,
    pub credits: i64,
    pub parts: Vec<PartView>,
}

/// One operation on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartView {
    pub title: String,
    pub series: i64,
    pub count: i64,
    pub credits: i64,
}

/// One operation over the whole period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationView {
    pub title: String,
    pub series: i64,
    pub count: i64,
    pub credits: i64,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    pub id: String,
    pub seq: i64,
    pub at: String,
    pub at_iso: String,
    pub what: String,
    pub detail: String,
    pub state: String,
    pub tone: String,
    pub amount: i64,
    pub balance: i64,
    pub hash: String,
}

/// The buy page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyView {
    pub frame: FrameView,
    pub packages: Vec<PackageView>,
    /// What the saved card is called; empty when there is none.
    pub card: String,
    /// What is about to be bought with it.
    pub order: Option<OrderView>,
    /// Makes pressing a button twice one purchase.
    pub request: String,
}

/// The page one comes back to from the checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnView {
    pub frame: FrameView,
    pub purchase: PurchaseView,
}

/// The list of purchases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchasesView {
    pub frame: FrameView,
    pub purchases: Vec<PurchaseView>,
    /// Where the next page starts; empty when this is the last.
    pub next_before: String,
    pub newest: bool,
}

/// One purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseView {
    pub id: String,
    pub package: String,
    pub credits: i64,
    pub price: String,
    pub at: String,
    /// The state's stable name.
    pub state: String,
    /// Where an open checkout goes on; empty when there is none.
    pub checkout_url: String,
    /// What of the money went back; empty when nothing did.
    pub money_back: String,
    /// The credits that went back with it.
    pub credits_back: i64,
    /// What an operator can still refund, as one types it; empty when nothing is left.
    pub refundable: String,
    /// The stable name of why a payment brought no credits, and a sentence about it; empty when none did.
    pub mismatch: String,
    pub mismatch_sentence: String,
    /// Whether it was paid at some time: then there is a receipt.
    pub has_receipt: bool,
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    pub frame: FrameView,
    pub name: String,
    pub email: String,
    /// What the account is called.
    pub account_name: String,
    /// Whether the visitor may call it something else.
    pub may_rename: bool,
    pub account: String,
    pub tier: String,
    pub opened_at: String,
    pub theme: String,
    /// The zone that days are told in, and those to choose from.
    pub zone: String,
    pub zones: Vec<ChoiceView>,
    pub budgets: BudgetsView,
    pub alerts: AlertsView,
}
