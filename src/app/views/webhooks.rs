//! Webhook endpoints and what was sent to them.

use serde::{Deserialize, Serialize};

use super::FrameView;

/// The page of all endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhooksView {
    pub frame: FrameView,
    pub endpoints: Vec<EndpointView>,
    /// What can be told: name and title.
    pub kinds: Vec<KindView>,
    /// Sent with the form: sent twice, it is one endpoint.
    pub request: String,
}

/// A kind of event that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindView {
    pub name: String,
    pub title: String,
    pub chosen: bool,
}

/// One endpoint in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    pub id: String,
    pub url: String,
    pub description: String,
    /// What it is told, in words.
    pub told: String,
    /// `on`, `off` or `stopped`.
    pub state: String,
    /// Since when nothing has reached it; empty when all is well.
    pub failing_since: String,
}

/// The page of one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookView {
    pub frame: FrameView,
    pub endpoint: EndpointView,
    pub kinds: Vec<KindView>,
    /// The secret that was just made, shown this once; empty otherwise.
    pub secret: String,
    /// Until when the former secret signs too; empty when there is none.
    pub former_until: String,
    pub deliveries: Vec<DeliveryView>,
    /// Where the next page of deliveries starts; empty when this is the last.
    pub next_before: String,
    pub newest: bool,
    /// The delivery that was asked for.
    pub detail: Option<DeliveryDetailView>,
    pub request: String,
}

/// One delivery in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryView {
    pub event: String,
    pub kind: String,
    pub at: String,
    pub state: String,
    pub attempts: i64,
    /// When it is tried next; empty when it does not wait.
    pub next_at: String,
}

/// One delivery with its body and its attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDetailView {
    pub delivery: DeliveryView,
    pub payload: String,
    pub attempts: Vec<AttemptView>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    pub number: i64,
    pub at: String,
    pub took: String,
    /// The answer's status; empty when none came.
    pub status: String,
    pub arrived: bool,
    pub answer: String,
    pub failure: String,
}
