//! The page of the REST API.

use serde::{Deserialize, Serialize};

use super::FrameView;

/// Every operation, by what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocsView {
    pub frame: FrameView,
    pub groups: Vec<DocsGroup>,
}

/// Operations about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocsGroup {
    pub name: String,
    pub text: String,
    pub operations: Vec<ApiOperationView>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiOperationView {
    pub id: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    pub description: String,
    /// What it needs of a key, as a sentence.
    pub needs: String,
    /// Whether it needs a key at all.
    pub guarded: bool,
    pub parameters: Vec<ApiParameterView>,
    /// A body as an example; empty when it takes none.
    pub body: String,
    /// The same call on a command line.
    pub command: String,
    /// Status and what it means.
    pub answers: Vec<(String, String)>,
    /// What comes back when all is well, as an example; empty when nothing does.
    pub answer: String,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiParameterView {
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    pub required: bool,
    pub text: String,
}
