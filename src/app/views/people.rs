//! What a person's own pages and the team's show.

use serde::{Deserialize, Serialize};

use super::{AuditLineView, ChoiceView, FrameView};

/// A person's own matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityView {
    pub frame: FrameView,
    pub email: String,
    /// Whether signing in asks for a one-time code.
    pub codes_on: bool,
    pub recovery_left: i64,
    pub passkeys: Vec<PasskeyView>,
    /// Where passkeys work, when that is not where the site says it is; empty when it is.
    pub passkeys_at: String,
    pub sessions: Vec<SessionView>,
    pub events: Vec<AuditLineView>,
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyView {
    pub id: String,
    pub name: String,
    pub added: String,
    /// `never` when it was not used yet.
    pub used: String,
}

/// What a browser is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeView {
    /// By what the answer finds it.
    pub secret: String,
    /// The browser's options, as JSON.
    pub options: String,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub id: String,
    pub browser: String,
    pub way: String,
    pub since: String,
    /// Empty when that was never noted.
    pub seen: String,
    /// Whether it is the one that asks.
    pub here: bool,
}

/// Setting one-time codes up, and the recovery codes, which are shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodesView {
    pub frame: FrameView,
    /// The secret that waits for its first code; empty when none does.
    pub secret: String,
    /// The dark squares of its picture, as an SVG path.
    pub picture: String,
    /// How many squares the picture is wide.
    pub width: i64,
    pub recovery: Vec<String>,
}

/// The people of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamView {
    pub frame: FrameView,
    pub members: Vec<TeamMemberView>,
    /// Those that wait for an answer.
    pub invitations: Vec<InvitationView>,
    /// Those that wait for the visitor's own.
    pub mine: Vec<InvitationView>,
    /// The roles that the visitor may give.
    pub roles: Vec<ChoiceView>,
    /// Whether the visitor has another account to go to.
    pub may_leave: bool,
    /// Makes pressing the button twice one account.
    pub request: String,
}

/// A member as the team sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamMemberView {
    pub id: String,
    pub name: String,
    pub email: String,
    /// The role's name as the form sends it.
    pub role: String,
    pub title: String,
    pub since: String,
    /// Whether it is the visitor.
    pub me: bool,
    /// Whether the visitor may change or remove them.
    pub open: bool,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    pub id: String,
    pub account: String,
    pub email: String,
    pub role: String,
    pub by: String,
    pub expires: String,
}

/// What a mailed invitation leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitedView {
    pub frame: FrameView,
    /// None when the link is not good.
    pub invitation: Option<InvitationView>,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// Whether they are the one who is invited.
    pub for_me: bool,
}
