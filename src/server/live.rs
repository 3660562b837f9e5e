//! What happens on an account, as it happens: its balance and its events, for whoever keeps a connection open.
//!
//! Looks once a second, as any server may have written what there is to tell. Knows no HTTP. Deliberately absent: a
//! promise that nothing is told twice; an event's id is the same each time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::state::App;
use crate::hooks::{Event, Hooks};
use crate::identity::Caller;
use crate::ledger::{AccountId, EventId};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Open connections on this server; each costs two small reads a second, which all of them share.
const OPEN_MAX: usize = 1_000;
/// Events told in one look.
const EVENTS_MAX: i64 = 100;
/// Another server may commit an event a little after a later one.
const LATE_SECONDS: i64 = 10;
/// After so many looks the connection is ended, and whoever still listens comes again.
const LOOKS_MAX: u32 = 900;

/// Where connections are counted, and where they learn that the house closes.
#[derive(Clone)]
pub struct Live {
    room: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
}

impl Live {
    /// No connection yet.
    #[must_use]
    pub fn new(stopped: watch::Receiver<bool>) -> Self {
        Self { room: Arc::new(Semaphore::new(OPEN_MAX)), stopped }
    }

    /// A place for one connection, if there is one.
    #[must_use]
    pub fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).try_acquire_owned().ok()
    }
}

/// By what somebody listens; it is asked again with every look, so that a revocation ends it.
pub enum Pass {
    /// An API key's secret.
    Key(String),
    /// A session's token.
    Session(String),
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// What can be spent and what is held, when either has changed.
    Balance {
        /// What can be spent.
        available: i64,
        /// What is held.
        held: i64,
    },
    /// Something happened.
    Event(Event),
}

/// One connection's view of an account.
pub struct Feed {
    app: App,
    account: AccountId,
    pass: Pass,
    _place: OwnedSemaphorePermit,
    /// Nothing up to here is told.
    last: EventId,
    told: BTreeSet<EventId>,
    balance: Option<(i64, i64)>,
    waiting: VecDeque<Told>,
    looks: u32,
}

impl Feed {
    /// Tells from now on, or from behind the event that was told last.
    #[must_use]
    pub fn new(app: App, account: AccountId, pass: Pass, place: OwnedSemaphorePermit, last: Option<EventId>) -> Self {
        let last = last.unwrap_or_else(|| Hooks::events_from(app.clock.now()));
        let (told, waiting) = (BTreeSet::new(), VecDeque::new());
        Self { app, account, pass, _place: place, last, told, balance: None, waiting, looks: 0 }
    }

    /// The next thing to tell; none when the connection is to end.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.waiting.pop_front() {
                return Some(told);
            }
            if self.looks > 0 {
                let mut stopped = self.app.live.stopped.clone();
                let closing = async { stopped.wait_for(|stop| *stop).await.is_ok() };
                tokio::select! {
                    _closes = closing => return None,
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
            self.looks += 1;
            if self.looks > LOOKS_MAX || !self.may_listen().await {
                return None;
            }
            self.look().await;
        }
    }

    async fn may_listen(&self) -> bool {
        match &self.pass {
            Pass::Key(secret) => match self.app.identity.authenticate(secret).await {
                Ok(known) => match known.caller {
                    Caller::Operator { .. } => true,
                    Caller::Customer { account, .. } => account == self.account,
                },
                Err(_) => false,
            },
            Pass::Session(token) => {
                let session = self.app.identity.session(token).await;
                session.is_ok_and(|session| session.is_some_and(|signed_in| signed_in.account == self.account))
            }
        }
    }

    /// A look that the store does not answer tells nothing; the next one will.
    async fn look(&mut self) {
        if let Ok(Some(account)) = self.app.kernel.account(self.account).await {
            let balance = (account.available.get(), account.held.get());
            if self.balance != Some(balance) {
                self.balance = Some(balance);
                self.waiting.push_back(Told::Balance { available: balance.0, held: balance.1 });
            }
        }
        let recent = Hooks::events_from(self.app.clock.now().plus_seconds(-LATE_SECONDS));
        let from = self.last.max(recent.min(self.newest()));
        let Ok(events) = self.app.hooks.events_after(self.account, from, EVENTS_MAX).await else { return };
        for event in events {
            if self.told.insert(event.id) {
                self.waiting.push_back(Told::Event(event));
            }
        }
        while self.told.first().is_some_and(|first| *first < recent) && self.told.len() > 1 {
            self.told.pop_first();
        }
    }

    /// Where the next look begins, if nothing came late.
    fn newest(&self) -> EventId {
        self.told.last().copied().unwrap_or(self.last)
    }
}
