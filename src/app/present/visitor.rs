//! Who looks at a page.

use std::sync::Arc;

use crate::app::error::AppError;
use crate::app::views::FrameView;
use crate::billing::AccountSummary;
use crate::identity::SignedIn;
use crate::ledger::AccountId;
use crate::server::context::{app, signed_in};

/// Somebody signed in, with the account's figures.
pub struct Visitor {
    pub who: SignedIn,
    pub summary: AccountSummary,
}

/// The signed-in visitor.
pub async fn visitor() -> Result<Visitor, AppError> {
    let who = signed_in().await?;
    let summary = app().kernel.account(who.account).await?.ok_or(AppError::NotFound)?;
    Ok(Visitor { who, summary })
}

impl Visitor {
    pub fn account(&self) -> AccountId {
        self.who.account
    }

    /// What the frame shows.
    pub fn frame(&self) -> FrameView {
        let site = Arc::clone(&app().config);
        FrameView {
            test_mode: site.test_mode,
            outbox: site.outbox,
            name: self.summary.name.clone(),
            available: self.summary.available.get(),
        }
    }
}

/// The frame of a public page: visitors are welcome whether signed in or not.
pub async fn public_frame() -> FrameView {
    let site = Arc::clone(&app().config);
    let name = signed_in().await.map(|who| who.name).unwrap_or_default();
    FrameView { test_mode: site.test_mode, outbox: site.outbox, name, available: 0 }
}
