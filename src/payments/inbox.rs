//! The inbox: every rightly signed event is stored before Stripe gets its answer, and worked off afterwards.
//!
//! An event leaves the state `stored` in the same transaction as its effect, so a crash between any two steps leaves it
//! to be done again, and doing it again changes nothing. Several servers may work one inbox.

use std::future::Future;
use std::str::FromStr;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::Notify;

use super::event::{self, Announcement};
use super::purchase::{News, Purchase, UnknownName};
use super::settle::Settled;
use super::store::{self, Links, NewEvent, WaitingEvent};
use super::webhook::{self, WebhookError};
use super::{Mode, PaymentError, Payments, money_back, subscription};
use crate::ledger::PurchaseId;

/// Leftovers of a crash or of an unavailable ledger are looked for this often; new events ring.
const POLL_INTERVAL: Duration = Duration::from_secs(10);
/// After a first round of payments that failed: somebody waits for credits, and what failed has mostly passed by then.
/// Each further round that fails waits twice as long, up to [`POLL_INTERVAL`].
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Events read at once; the rest follows in the next page.
const PAGE: i64 = 100;

/// Events that are worked off by themselves, so that none waits for what another one needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    /// They say themselves what they mean, and somebody may wait for credits.
    Payments,
    /// Stripe is asked about each, and may be slow or away.
    MoneyBack,
}

impl Lane {
    fn of(kind: &str) -> Self {
        if money_back::is_known(kind) { Lane::MoneyBack } else { Lane::Payments }
    }

    /// How long to wait after so many failed rounds, one after another. Nobody waits for credits to leave.
    fn pause(self, failed: u32) -> Duration {
        match self {
            Lane::Payments if failed > 0 => {
                RETRY_INTERVAL.saturating_mul(2_u32.saturating_pow(failed - 1)).min(POLL_INTERVAL)
            }
            Lane::Payments | Lane::MoneyBack => POLL_INTERVAL,
        }
    }
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventState {
    /// Taken in, not yet worked off.
    Stored,
    /// Its effect is committed.
    Done,
    /// Not about a purchase of ours.
    Ignored,
    /// Of a known type and not readable.
    Undecodable,
    /// Other money than asked for.
    Mismatch,
    /// The ledger refused it for good.
    Failed,
}

impl EventState {
    /// Every state.
    pub const ALL: [EventState; 6] = [
        EventState::Stored,
        EventState::Done,
        EventState::Ignored,
        EventState::Undecodable,
        EventState::Mismatch,
        EventState::Failed,
    ];

    /// The name that is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EventState::Stored => "stored",
            EventState::Done => "done",
            EventState::Ignored => "ignored",
            EventState::Undecodable => "undecodable",
            EventState::Mismatch => "mismatch",
            EventState::Failed => "failed",
        }
    }
}

impl FromStr for EventState {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        EventState::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// Whether events of this type are worked off; all others are only kept.
pub(super) fn is_known(kind: &str) -> bool {
    event::is_known(kind) || subscription::is_known(kind) || money_back::is_known(kind)
}

impl Payments {
    /// Takes in one webhook: checks the signature over the raw body, then reads, then stores.
    ///
    /// `Ok` means stored, now or earlier; the effect follows in the background.
    ///
    /// # Errors
    /// As [`WebhookError`] says; nothing is stored then.
    pub async fn receive_webhook(&self, body: &[u8], signature: Option<&str>) -> Result<(), WebhookError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        webhook::verify(body, signature, &inner.config.webhook_secrets.now(), now)?;
        let (head, payload) = webhook::letterhead(body)?;
        let state = if is_known(&head.kind) { EventState::Stored } else { EventState::Ignored };
        let event = NewEvent {
            id: &head.id,
            kind: &head.kind,
            api_version: head.api_version.as_deref(),
            payload,
            received_at: now,
            state,
        };
        inner.store.store_event(event).await.map_err(|_| {
            tracing::error!(event = %head.id, "an event could not be stored; stripe will send it again");
            WebhookError::Unavailable
        })?;
        tracing::debug!(event = %head.id, kind = %head.kind, state = state.name(), "event received");
        self.bell(Lane::of(&head.kind)).notify_one();
        Ok(())
    }

    /// Works the inbox off until `shutdown` is over, finishing the round it is in.
    pub async fn work_inbox(&self, shutdown: impl Future<Output = ()> + Send) {
        let over = shutdown.shared();
        tokio::join!(self.work_lane(Lane::Payments, over.clone()), self.work_lane(Lane::MoneyBack, over));
    }

    async fn work_lane(&self, lane: Lane, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut failed = 0_u32;
        loop {
            // A failed round is logged where it failed, and its events wait for the next one.
            failed = if self.work_off_lane(lane).await.is_ok() { 0 } else { failed.saturating_add(1) };
            tokio::select! {
                () = &mut shutdown => return,
                () = self.bell(lane).notified() => {}
                () = tokio::time::sleep(lane.pause(failed)) => {}
            }
        }
    }

    /// Rung when an event of the lane was stored.
    fn bell(&self, lane: Lane) -> &Notify {
        match lane {
            Lane::Payments => &self.inner.arrived,
            Lane::MoneyBack => &self.inner.went_back,
        }
    }

    /// One round over everything that waits.
    ///
    /// # Errors
    /// When the store, the ledger or Stripe does not answer; what was not done waits.
    pub(super) async fn work_off(&self) -> Result<(), PaymentError> {
        let mut outcome = Ok(());
        for lane in [Lane::Payments, Lane::MoneyBack] {
            outcome = outcome.and(self.work_off_lane(lane).await);
        }
        outcome
    }

    async fn work_off_lane(&self, lane: Lane) -> Result<(), PaymentError> {
        let mut after = (i64::MIN, String::new());
        let mut finished = Vec::new();
        let mut failure = None;
        loop {
            let page = self.inner.store.waiting(&after, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after = last.clone();
            for (_, event) in page.iter().filter(|(_, event)| Lane::of(&event.kind) == lane) {
                match self.work_one(event).await {
                    Ok(card) => finished.extend(card),
                    // It stays stored; the others need not wait for it.
                    Err(error) => failure = Some(error),
                }
            }
        }
        self.remember_aside(finished);
        failure.map_or(Ok(()), Err)
    }

    /// Aside, as it waits for Stripe: no grant is held up by remembering a card.
    pub(super) fn remember_aside(&self, finished: Vec<(Purchase, String)>) {
        if !finished.is_empty() {
            tokio::spawn(self.clone().remember_cards(finished));
        }
    }

    /// Works one event off; answers the finished checkout whose card may be remembered. What Stripe refuses for good
    /// closes the event; every other failure is noted with it, and it waits.
    ///
    /// # Errors
    /// When the store, the ledger or Stripe does not answer.
    pub(super) async fn work_one(&self, event: &WaitingEvent) -> Result<Option<(Purchase, String)>, PaymentError> {
        let error = match self.act_on(event).await {
            Ok(finished) => return Ok(finished),
            Err(error) => error,
        };
        if error.is_final() {
            tracing::error!(event = %event.id, %error, "stripe refuses what an event needs; an operator must look");
            return self.close(event, EventState::Failed, &error.to_string()).await;
        }
        self.inner.store.write(vec![store::note_attempt(&event.id, &error.to_string())]).await?;
        Err(error)
    }

    async fn act_on(&self, event: &WaitingEvent) -> Result<Option<(Purchase, String)>, PaymentError> {
        if let Some((state, note)) = self.hear_of_customer(event).await? {
            return self.close(event, state, &note).await;
        }
        if let Some(heard) = money_back::decode(&event.payload).transpose() {
            return self.work_money_back(event, heard).await.map(|()| None);
        }
        let mut announcement = match event::decode(&event.payload) {
            Ok(Some(announcement)) => announcement,
            Ok(None) => return self.close(event, EventState::Ignored, "says nothing about a purchase").await,
            Err(error) => {
                tracing::error!(event = %event.id, %error, "an event could not be read and is kept");
                return self.close(event, EventState::Undecodable, &error.to_string()).await;
            }
        };
        if announcement.live != (self.inner.config.mode == Mode::Live) {
            return self.close(event, EventState::Ignored, "of the other mode, live or test").await;
        }
        let Some(purchase) = self.find_purchase(&announcement).await? else {
            return self.close_unknown(event, &announcement).await;
        };
        self.on_terms(&purchase, &mut announcement.event.news).await?;
        let links = Links {
            session: announcement.session.as_deref(),
            intent: announcement.intent.as_deref(),
            checkout_url: None,
        };
        match self.inner.settle(purchase.id, &announcement.event, links, Some(&event.id)).await? {
            Settled::Granted if announcement.finished_checkout => {
                Ok(announcement.intent.map(|intent| (purchase, intent)))
            }
            _ => Ok(None),
        }
    }

    async fn work_money_back(
        &self,
        event: &WaitingEvent,
        heard: Result<money_back::Heard, event::Undecodable>,
    ) -> Result<(), PaymentError> {
        let ending = match heard {
            Ok(heard) => self.hear_of_money_back(&heard, &event.id).await?,
            Err(error) => {
                tracing::error!(event = %event.id, %error, "an event could not be read and is kept");
                Some((EventState::Undecodable, error.to_string()))
            }
        };
        match ending {
            Some((state, note)) => self.close(event, state, &note).await.map(|_| ()),
            None => Ok(()),
        }
    }

    async fn close(
        &self,
        event: &WaitingEvent,
        state: EventState,
        note: &str,
    ) -> Result<Option<(Purchase, String)>, PaymentError> {
        self.inner.store.write(vec![store::mark(&event.id, state, note)]).await?;
        Ok(None)
    }

    /// Money under an id of ours without a row must not go unseen; anything else is about somebody else's purchase.
    async fn close_unknown(
        &self,
        event: &WaitingEvent,
        announcement: &Announcement,
    ) -> Result<Option<(Purchase, String)>, PaymentError> {
        let named = announcement.purchase.as_deref().filter(|text| text.parse::<PurchaseId>().is_ok());
        match (named, &announcement.event.news) {
            (Some(purchase), News::Succeeded { .. }) => {
                tracing::error!(event = %event.id, purchase, "money arrived for a purchase that is not known; an operator must look");
                self.close(event, EventState::Failed, &format!("{purchase} was paid and is not known")).await
            }
            _ => self.close(event, EventState::Ignored, "names no purchase of ours").await,
        }
    }

    /// By our own id where the object carries it, else by Stripe's ids that we noted.
    async fn find_purchase(&self, announcement: &Announcement) -> Result<Option<Purchase>, PaymentError> {
        let id = announcement.purchase.as_deref().and_then(|text| text.parse::<PurchaseId>().ok());
        if let Some(id) = id {
            return Ok(self.inner.store.purchase(id).await?);
        }
        let (session, intent) = (announcement.session.as_deref(), announcement.intent.as_deref());
        Ok(self.inner.store.by_stripe(session, intent).await?)
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
