//! Who may do what on the pages: every server function and every page, and what it needs. The only such table.
//!
//! [`super::guard`] asks it for each request; what is not in it is refused.

use crate::identity::{Permission, SignedIn};

/// What a page or function needs of its visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it is everybody's.
    Anyone,
    /// Somebody signed in, whatever they are to the account: their own matters.
    Person,
    /// A member whose role may do this.
    May(Permission),
    /// An operator. For everybody else it does not exist.
    Operator,
}

/// What a function does to what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Reads,
    /// Something: an operator who looks at a customer's pages may not.
    Writes,
    /// Only what concerns this browser: leaving, and how pages look.
    Leaves,
}

/// Why a visitor is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Somebody has to sign in first.
    SignedOut,
    /// It does not exist, or not for them.
    Hidden,
    /// Their role in the account does not allow it.
    Role,
    /// They are only looking at a customer's pages.
    Looking,
    /// They came in by a password alone.
    Weak,
}

/// A server function, by its endpoint under `/fn/`.
pub struct Function {
    /// Its endpoint.
    pub endpoint: &'static str,
    /// What it does to what is kept.
    pub effect: Effect,
    /// What it needs.
    pub need: Need,
}

const fn reads(endpoint: &'static str, need: Need) -> Function {
    Function { endpoint, effect: Effect::Reads, need }
}

const fn writes(endpoint: &'static str, need: Need) -> Function {
    Function { endpoint, effect: Effect::Writes, need }
}

const fn leaves(endpoint: &'static str, need: Need) -> Function {
    Function { endpoint, effect: Effect::Leaves, need }
}

const READ: Need = Need::May(Permission::Read);
const SPEND: Need = Need::May(Permission::Spend);
const BUY: Need = Need::May(Permission::Buy);
const LIMITS: Need = Need::May(Permission::Limits);
const KEYS: Need = Need::May(Permission::Keys);
const AUDIT: Need = Need::May(Permission::Audit);
const MEMBERS: Need = Need::May(Permission::Members);

/// Every server function.
pub const FUNCTIONS: &[Function] = &[
    // Everybody's.
    reads("landing", Need::Anyone),
    reads("pricing", Need::Anyone),
    reads("outbox", Need::Anyone),
    reads("status", Need::Anyone),
    reads("api_docs", Need::Anyone),
    reads("typed", Need::Anyone),
    reads("shared", Need::Anyone),
    // Coming in and leaving.
    writes("sign_up", Need::Anyone),
    writes("resend_confirmation", Need::Anyone),
    writes("confirm", Need::Anyone),
    writes("sign_in", Need::Anyone),
    writes("sign_in_code", Need::Anyone),
    writes("passkey_challenge", Need::Anyone),
    writes("sign_in_passkey", Need::Anyone),
    writes("confirm_email", Need::Anyone),
    reads("invited", Need::Anyone),
    writes("request_reset", Need::Anyone),
    writes("reset_password", Need::Anyone),
    leaves("sign_out", Need::Anyone),
    leaves("choose_theme", Need::Anyone),
    leaves("choose_zone", Need::Anyone),
    // A person's own matters.
    reads("security", Need::Person),
    reads("codes", Need::Person),
    writes("change_password", Need::Person),
    writes("change_email", Need::Person),
    writes("passkey_registration", Need::Person),
    writes("add_passkey", Need::Person),
    writes("rename_passkey", Need::Person),
    writes("remove_passkey", Need::Person),
    writes("start_codes", Need::Person),
    writes("confirm_codes", Need::Person),
    writes("renew_recovery", Need::Person),
    writes("stop_codes", Need::Person),
    writes("end_session", Need::Person),
    writes("end_other_sessions", Need::Person),
    writes("accept_invitation", Need::Person),
    writes("decline_invitation", Need::Person),
    writes("switch_account", Need::Person),
    writes("open_account", Need::Person),
    writes("leave_account", Need::Person),
    // The team.
    reads("team", READ),
    writes("invite", MEMBERS),
    writes("revoke_invitation", MEMBERS),
    writes("set_role", MEMBERS),
    writes("remove_member", MEMBERS),
    // The account.
    reads("overview", READ),
    reads("usage", READ),
    reads("ledger", READ),
    reads("check_account", READ),
    reads("check_entries", READ),
    reads("statements", READ),
    reads("statement", READ),
    reads("settings", READ),
    writes("rename_account", MEMBERS),
    writes("set_budgets", LIMITS),
    writes("set_alerts", LIMITS),
    reads("audit", AUDIT),
    // Money.
    reads("purchases", READ),
    reads("receipt", READ),
    reads("buy", BUY),
    writes("buy_credits", BUY),
    reads("buy_return", BUY),
    reads("purchase_state", BUY),
    writes("pay_with_card", BUY),
    reads("billing", BUY),
    writes("add_card", BUY),
    writes("choose_card", BUY),
    writes("remove_card", BUY),
    writes("set_top_up", BUY),
    writes("open_portal", BUY),
    writes("subscribe", BUY),
    writes("end_subscription", BUY),
    reads("confirmation", BUY),
    writes("confirm_payment", BUY),
    // Work.
    reads("bench", READ),
    reads("verdict", READ),
    reads("verifications", READ),
    writes("verify", SPEND),
    writes("verify_again", SPEND),
    reads("oracle", READ),
    reads("oracle_answer", READ),
    writes("ask_oracle", SPEND),
    reads("batch", READ),
    reads("batch_report", READ),
    writes("verify_batch", SPEND),
    writes("share_answer", SPEND),
    writes("end_share", SPEND),
    reads("sentinel", READ),
    reads("monitor", READ),
    reads("monitor_live", READ),
    writes("start_monitor", SPEND),
    writes("observe", SPEND),
    writes("extend_monitor", SPEND),
    writes("stop_monitor", SPEND),
    // Programs.
    reads("keys", KEYS),
    writes("create_key", KEYS),
    writes("rotate_key", KEYS),
    writes("revoke_key", KEYS),
    reads("webhooks", KEYS),
    reads("webhook", KEYS),
    writes("create_webhook", KEYS),
    writes("set_webhook", KEYS),
    writes("rotate_webhook", KEYS),
    writes("test_webhook", KEYS),
    writes("replay_webhook", KEYS),
    writes("remove_webhook", KEYS),
    // The back office.
    reads("office", Need::Operator),
    reads("office_customer", Need::Operator),
    reads("office_audit", Need::Operator),
    reads("office_health", Need::Operator),
    reads("office_events", Need::Operator),
    reads("office_event", Need::Operator),
    writes("office_replay", Need::Operator),
    reads("office_reconciliations", Need::Operator),
    reads("office_reconciliation", Need::Operator),
    writes("office_reconcile", Need::Operator),
    writes("office_repair", Need::Operator),
    reads("office_purchases", Need::Operator),
    reads("office_purchase", Need::Operator),
    writes("office_gift", Need::Operator),
    writes("office_adjust", Need::Operator),
    writes("office_suspend", Need::Operator),
    writes("office_tier", Need::Operator),
    writes("office_refund", Need::Operator),
    writes("office_see", Need::Operator),
    writes("office_sign_out", Need::Operator),
    leaves("stop_seeing", Need::Person),
];

/// Every page, by its route.
pub const PAGES: &[(&str, Need)] = &[
    ("/", Need::Anyone),
    ("/pricing", Need::Anyone),
    ("/signup", Need::Anyone),
    ("/signup/sent", Need::Anyone),
    ("/signin", Need::Anyone),
    ("/signin/code", Need::Anyone),
    ("/confirm", Need::Anyone),
    ("/email", Need::Anyone),
    ("/invitation", Need::Anyone),
    ("/reset", Need::Anyone),
    ("/reset/new", Need::Anyone),
    ("/outbox", Need::Anyone),
    ("/status", Need::Anyone),
    ("/docs/api", Need::Anyone),
    ("/shared/{token}", Need::Anyone),
    ("/dashboard", READ),
    ("/usage", READ),
    ("/ledger", READ),
    ("/statements", READ),
    ("/statements/{month}", READ),
    ("/settings", READ),
    ("/settings/security", Need::Person),
    ("/settings/security/codes", Need::Person),
    ("/settings/audit", AUDIT),
    ("/team", READ),
    ("/purchases", READ),
    ("/purchases/{id}/receipt", READ),
    ("/buy", BUY),
    ("/buy/return", BUY),
    ("/buy/confirm", BUY),
    ("/billing", BUY),
    ("/judge", READ),
    ("/judge/{id}", READ),
    ("/oracle", READ),
    ("/oracle/{id}", READ),
    ("/sentinel", READ),
    ("/sentinel/{id}", READ),
    ("/batch", READ),
    ("/batch/{id}", READ),
    ("/verifications", READ),
    ("/keys", KEYS),
    ("/webhooks", KEYS),
    ("/webhooks/{id}", KEYS),
    ("/office", Need::Operator),
    ("/office/audit", Need::Operator),
    ("/office/health", Need::Operator),
    ("/office/customers/{id}", Need::Operator),
    ("/office/purchases", Need::Operator),
    ("/office/purchases/{id}", Need::Operator),
    ("/office/events", Need::Operator),
    ("/office/events/{id}", Need::Operator),
    ("/office/reconciliation", Need::Operator),
    ("/office/reconciliation/{id}", Need::Operator),
];

/// The function of an endpoint.
#[must_use]
pub fn function(endpoint: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.endpoint == endpoint)
}

/// What the page under a path needs; none when there is no such page.
#[must_use]
pub fn page(path: &str) -> Option<Need> {
    let path = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
    PAGES.iter().find(|(route, _)| fits(route, path)).map(|(_, need)| *need)
}

/// Whether a path is one of a route's: part by part, where a part in braces takes any text.
fn fits(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(known), Some(given)) if known == given || (known.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

/// Whether this visitor may, where people come over the network: there the back office asks for more than a password.
///
/// # Errors
/// Says why not.
pub fn admit_strictly(need: Need, effect: Effect, who: Option<&SignedIn>) -> Result<(), Denied> {
    admit(need, effect, who)?;
    let is_weak = who.is_some_and(|who| !who.second_factor);
    if need == Need::Operator && is_weak { Err(Denied::Weak) } else { Ok(()) }
}

/// Whether this visitor may.
///
/// # Errors
/// Says why not.
pub fn admit(need: Need, effect: Effect, who: Option<&SignedIn>) -> Result<(), Denied> {
    if need == Need::Operator && !who.is_some_and(|who| who.operator) {
        return Err(Denied::Hidden);
    }
    if effect == Effect::Writes && who.is_some_and(|who| who.seeing.is_some()) {
        return Err(Denied::Looking);
    }
    match (need, who) {
        (Need::Anyone, _) | (Need::Person | Need::Operator, Some(_)) => Ok(()),
        (Need::Person | Need::May(_) | Need::Operator, None) => Err(Denied::SignedOut),
        // Whoever looks at a customer's pages sees every one of them.
        (Need::May(_), Some(who)) if who.seeing.is_some() => Ok(()),
        (Need::May(what), Some(who)) if who.may(what) => Ok(()),
        (Need::May(_), Some(_)) => Err(Denied::Role),
    }
}

#[cfg(test)]
mod tests;
