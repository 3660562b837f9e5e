//! The keys page.

use serde::{Deserialize, Serialize};

use super::FrameView;

/// The keys page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysView {
    pub frame: FrameView,
    pub keys: Vec<KeyView>,
    /// The key that was just made, shown this once.
    pub created: Option<NewKeyView>,
    /// Sent with the form: sent twice, it is one key.
    pub request: String,
}

/// One key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    pub id: String,
    pub name: String,
    pub prefix: String,
    pub created_at: String,
    pub last_used: String,
    /// `active`, `expired` or `revoked`.
    pub state: String,
    /// What it may do, in words.
    pub scopes: String,
    /// When it ends; empty when it does not.
    pub expires_at: String,
    /// Until when the secret from before its rotation is good too; empty when there is none.
    pub former_until: String,
    /// Credits in the last thirty days.
    pub spent: i64,
}

/// A key's secret, on its only appearance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKeyView {
    pub name: String,
    pub secret: String,
}
