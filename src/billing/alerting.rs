//! Finds the alerts that begin or end: in the accounts that were touched, and in the grants that run out soon.
//!
//! What begins is returned with the rows that make it happen once; whoever tells people writes both in one commit.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::alerts::{AlertFigures, AlertSettings, Change, ThresholdRule, Told, changes, expiring_kind};
use super::kernel::{Kernel, unavailable};
use super::order::KernelError;
use super::store::{self, Statement};
use crate::ledger::{AccountId, Credits, Refusal, day_of, month_of};

/// Touched accounts that are remembered; past that all accounts are looked at once.
const TOUCHED_MAX: usize = 50_000;
/// Accounts looked at together.
const PAGE: usize = 256;
/// Expiring grants looked at in one round.
const EXPIRING_ROUND: i64 = 1_000;
/// How long before credits expire it is told.
const NOTICE_DAYS: i64 = 7;

/// The accounts that changed since they were last looked at. Everything is, when a server starts: what another one
/// touched before it fell is found then.
#[derive(Debug)]
pub struct Touched(Mutex<Waiting>);

#[derive(Debug)]
struct Waiting {
    everything: bool,
    accounts: BTreeSet<AccountId>,
}

impl Default for Touched {
    fn default() -> Self {
        Self(Mutex::new(Waiting { everything: true, accounts: BTreeSet::new() }))
    }
}

impl Touched {
    /// Has the accounts looked at in the next round.
    pub(super) fn add(&self, accounts: impl IntoIterator<Item = AccountId>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.everything {
            return;
        }
        waiting.accounts.extend(accounts);
        if waiting.accounts.len() > TOUCHED_MAX {
            *waiting = Waiting { everything: true, accounts: BTreeSet::new() };
        }
    }

    /// Has every account looked at in the next round.
    fn add_everything(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Waiting { everything: true, accounts: BTreeSet::new() };
    }

    /// Takes what waits; none means every account.
    fn take(&self) -> Option<Vec<AccountId>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = std::mem::replace(&mut *waiting, Waiting { everything: false, accounts: BTreeSet::new() });
        (!taken.everything).then(|| taken.accounts.into_iter().collect())
    }
}

/// What there is to tell about one account, and the rows to be written with it.
#[derive(Clone, Debug)]
pub struct AlertNews {
    /// Whose.
    pub account: AccountId,
    /// What the customer is called.
    pub name: String,
    /// What begins; empty when alerts only end.
    pub told: Vec<Told>,
    /// A unique violation when another server has told it already.
    pub rows: Vec<Statement>,
}

/// What an account wants to be told, and what is so at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertReport {
    /// What it wants.
    pub settings: AlertSettings,
    /// Below how many credits the balance is low.
    pub threshold: Credits,
    /// Where that comes from.
    pub rule: ThresholdRule,
    /// The kinds of the alerts that last, without those of budgets whose window is over.
    pub lasting: Vec<String>,
}

impl Kernel {
    /// What begins and ends in the accounts touched since the last call. When telling it fails, give the account back
    /// to [`Kernel::look_again`].
    ///
    /// # Errors
    /// When the store is out of reach; nothing is forgotten then.
    pub async fn alert_news(&self) -> Result<Vec<AlertNews>, KernelError> {
        let touched = self.touched().take();
        let found = match &touched {
            Some(accounts) => self.news_of(accounts).await,
            None => self.news_of_everybody().await,
        };
        if found.is_err() {
            match touched {
                Some(accounts) => self.touched().add(accounts),
                None => self.touched().add_everything(),
            }
        }
        found
    }

    /// Has an account looked at again in the next round.
    pub fn look_again(&self, account: AccountId) {
        self.touched().add([account]);
    }

    async fn news_of_everybody(&self) -> Result<Vec<AlertNews>, KernelError> {
        let (mut news, mut last) = (Vec::new(), String::new());
        loop {
            let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
            let page = store::accounts_after(self.database(), &last, limit).await.map_err(unavailable)?;
            let Some(end) = page.last() else { return Ok(news) };
            last = end.to_string();
            news.extend(self.news_of(&page).await?);
        }
    }

    async fn news_of(&self, accounts: &[AccountId]) -> Result<Vec<AlertNews>, KernelError> {
        let mut news = Vec::new();
        for page in accounts.chunks(PAGE) {
            let episodes = store::episodes(self.database(), page).await.map_err(unavailable)?;
            let now = self.now();
            for figures in store::alert_figures(self.database(), page).await.map_err(unavailable)? {
                let own = episodes.iter().filter(|(account, _)| *account == figures.account);
                let own: Vec<_> = own.map(|(_, episode)| episode.clone()).collect();
                let changes = changes(&figures, &own, day_of(now), month_of(now));
                if !changes.is_empty() {
                    news.push(self.news(figures, changes));
                }
            }
        }
        Ok(news)
    }

    fn news(&self, figures: AlertFigures, changes: Vec<Change>) -> AlertNews {
        let AlertFigures { account, name, .. } = figures;
        let rows = changes.iter().map(|change| store::write_change(account, change, self.now())).collect();
        AlertNews { account, name, told: changes.into_iter().filter_map(|change| change.told).collect(), rows }
    }

    /// The credits that expire within a week and of which nobody was told, together for each account. Credits that
    /// were given for less than a week are not told: that was known from the start.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn expiring_news(&self) -> Result<Vec<AlertNews>, KernelError> {
        let now = self.now();
        let grants = store::expiring(self.database(), now, NOTICE_DAYS, EXPIRING_ROUND).await.map_err(unavailable)?;
        let together = grants.chunk_by(|one, next| one.account == next.account);
        let news = together.filter_map(|grants| {
            let first = grants.first()?;
            let credits = grants.iter().try_fold(Credits::ZERO, |sum, grant| sum.checked_add(grant.credits))?;
            let begin = |grant: &store::ExpiringGrant| {
                let kind = expiring_kind(grant.grant);
                let change = Change { kind, number: 1, window: 0, told: None, begins: true };
                store::write_change(grant.account, &change, now)
            };
            Some(AlertNews {
                account: first.account,
                name: first.name.clone(),
                told: vec![Told::Expiring { credits, at: first.at }],
                rows: grants.iter().map(begin).collect(),
            })
        });
        Ok(news.collect())
    }

    /// What an account wants to be told; none when there is no such account.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn alerts(&self, account: AccountId) -> Result<Option<AlertReport>, KernelError> {
        let found = store::alert_figures(self.database(), &[account]).await.map_err(unavailable)?;
        let Some(figures) = found.into_iter().next() else { return Ok(None) };
        let episodes = store::episodes(self.database(), &[account]).await.map_err(unavailable)?;
        let now = self.now();
        let windows = [0, day_of(now), month_of(now)];
        let lasting = episodes
            .into_iter()
            .filter(|(_, episode)| !episode.cleared && windows.contains(&episode.window))
            .map(|(_, episode)| episode.kind)
            .collect();
        let (threshold, rule) = figures.threshold();
        Ok(Some(AlertReport { settings: figures.settings, threshold, rule, lasting }))
    }

    /// Sets what an account wants to be told, from now on. `along` is written with it.
    ///
    /// # Errors
    /// When there is no such account or the store is out of reach.
    pub async fn set_alerts(
        &self,
        account: AccountId,
        settings: AlertSettings,
        along: Vec<Statement>,
    ) -> Result<(), KernelError> {
        self.account(account).await?.ok_or(KernelError::Refused(Refusal::NoSuchAccount))?;
        let row = store::write_alert_settings(account, settings);
        self.database().write_if(row, along).await.map_err(unavailable)?;
        self.look_again(account);
        Ok(())
    }
}
