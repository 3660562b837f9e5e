//! What the back office and the audit log show.

use serde::{Deserialize, Serialize};

use super::{ChoiceView, FrameView, GrantView, KeyView, PurchaseView};

/// The customers an operator looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeView {
    pub frame: FrameView,
    /// What was looked for.
    pub text: String,
    pub customers: Vec<CustomerRowView>,
    /// Where the next page starts; empty when this is the last.
    pub next_before: String,
    pub newest: bool,
}

/// One customer in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRowView {
    pub id: String,
    pub name: String,
    pub tier: String,
    pub available: i64,
    pub suspended: bool,
    pub opened_at: String,
}

/// One customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeCustomerView {
    pub frame: FrameView,
    pub id: String,
    pub name: String,
    /// The tier's name as the form sends it.
    pub tier: String,
    pub tiers: Vec<ChoiceView>,
    pub suspended: bool,
    /// What the operator wrote who suspended it last; empty when nobody did.
    pub reason: String,
    pub available: i64,
    pub held: i64,
    pub spent: i64,
    /// What is owed, counted upwards.
    pub owed: i64,
    pub opened_at: String,
    pub grants: Vec<GrantView>,
    pub purchases: Vec<PurchaseView>,
    pub members: Vec<MemberView>,
    pub keys: Vec<KeyView>,
    pub audit: Vec<AuditLineView>,
    /// Makes pressing a button twice one act.
    pub request: String,
}

/// A member of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: String,
    pub since: String,
}

/// How the house is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeHealthView {
    pub frame: FrameView,
    pub ledger_answers: bool,
    /// How the ledger's laws stand, as the end of a sentence.
    pub laws: String,
    pub laws_broken: bool,
    pub solvers_ready: bool,
    /// What the kernel does not keep solvers from, as a sentence; empty when it keeps them from everything.
    pub walls: String,
    /// Name and fact.
    pub solvers: Vec<(String, String)>,
}

/// A page of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    pub frame: FrameView,
    pub lines: Vec<AuditLineView>,
    /// Where the next page starts; empty when this is the last.
    pub next_before: String,
    pub newest: bool,
}

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLineView {
    pub id: String,
    pub at: String,
    /// Who acted, and as what.
    pub actor: String,
    pub kind: String,
    pub what: String,
    pub detail: String,
    /// The account it was done on; empty when none.
    pub account: String,
}
