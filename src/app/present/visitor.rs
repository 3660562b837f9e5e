//! Who looks at a page.

use std::sync::Arc;

use super::dates::moment;
use crate::app::error::AppError;
use crate::app::views::{ChoiceView, FrameView, MayView};
use crate::billing::AccountSummary;
use crate::identity::{Permission, SignedIn};
use crate::ledger::AccountId;
use crate::server::context::{app, signed_in};

/// Somebody signed in, with the account's figures.
pub struct Visitor {
    pub who: SignedIn,
    pub summary: AccountSummary,
    /// The accounts the person belongs to, with their names.
    pub accounts: Vec<(AccountId, String)>,
}

/// The signed-in visitor.
pub async fn visitor() -> Result<Visitor, AppError> {
    let who = signed_in().await?;
    let summary = app().kernel.account(who.account).await?.ok_or(AppError::NotFound)?;
    let accounts = accounts_of(&who, &summary).await?;
    Ok(Visitor { who, summary, accounts })
}

/// The visitor's accounts; only the one looked at for an operator who looks at a customer's.
async fn accounts_of(who: &SignedIn, summary: &AccountSummary) -> Result<Vec<(AccountId, String)>, AppError> {
    let mut accounts = Vec::new();
    if who.seeing.is_none() {
        for membership in app().identity.memberships(who.user).await? {
            let name = match membership.account == summary.id {
                true => Some(summary.name.clone()),
                false => app().kernel.account(membership.account).await?.map(|account| account.name),
            };
            accounts.extend(name.map(|name| (membership.account, name)));
        }
    }
    Ok(accounts)
}

impl Visitor {
    pub fn account(&self) -> AccountId {
        self.who.account
    }

    /// What is owed, counted upwards.
    pub fn owed(&self) -> i64 {
        self.summary.owed.get().saturating_neg()
    }

    /// The accounts to choose from, where there is a choice.
    fn choices(&self) -> Vec<ChoiceView> {
        let shown = if self.accounts.len() > 1 { self.accounts.as_slice() } else { &[] };
        shown.iter().map(|(id, name)| ChoiceView { value: id.to_string(), title: name.clone() }).collect()
    }

    /// What the frame shows.
    pub fn frame(&self) -> FrameView {
        let site = Arc::clone(&app().config);
        FrameView {
            test_mode: site.test_mode,
            outbox: site.outbox,
            name: self.summary.name.clone(),
            available: self.summary.available.get(),
            may: may(&self.who),
            operator: self.who.operator,
            account: self.who.account.to_string(),
            accounts: self.choices(),
            looking: looking(&self.who),
        }
    }
}

/// What a role allows. Who looks at a customer's pages changes nothing, but sees what there is.
fn may(who: &SignedIn) -> MayView {
    let may = |what| who.may(what);
    MayView {
        spend: may(Permission::Spend),
        buy: may(Permission::Buy),
        limits: may(Permission::Limits),
        keys: may(Permission::Keys),
        audit: may(Permission::Audit) || who.seeing.is_some(),
        members: may(Permission::Members),
        owners: may(Permission::Owners),
    }
}

/// Until when an operator looks at this customer's pages; empty for a member.
fn looking(who: &SignedIn) -> String {
    who.seeing.map_or_else(String::new, |until| moment(until, app().clock.now()))
}

/// The frame of the back office.
pub fn office_frame(who: &SignedIn) -> FrameView {
    let site = Arc::clone(&app().config);
    FrameView {
        test_mode: site.test_mode,
        outbox: site.outbox,
        name: who.name.clone(),
        operator: true,
        looking: looking(who),
        ..FrameView::default()
    }
}

/// The frame of a public page: visitors are welcome whether signed in or not.
pub async fn public_frame() -> FrameView {
    let site = Arc::clone(&app().config);
    let who = signed_in().await.ok();
    let name = who.as_ref().map(|who| who.name.clone()).unwrap_or_default();
    let looking = who.as_ref().map(looking).unwrap_or_default();
    FrameView { test_mode: site.test_mode, outbox: site.outbox, name, looking, ..FrameView::default() }
}
