//! Repairing a difference: what Stripe says now about the payment is put into the inbox as an event of its own and worked
//! off like any other. So it can do nothing that a webhook could not, and what was done already is not done twice.

use serde_json::json;

use super::{KeptFinding, store};
use crate::billing::store::Statement;
use crate::ledger::ReconciliationId;
use crate::payments::inbox::{self, EventState};
use crate::payments::store::{NewEvent, WaitingEvent, insert_event};
use crate::payments::{PaymentError, Payments};

/// Stripe's own ids begin with `evt_`.
const EVENT_PREFIX: &str = "aethel_";

/// What a repair came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repaired {
    /// Stripe's word was heard; the difference with what became of it.
    Heard(KeptFinding),
    /// An earlier repair has mended it; nothing was changed.
    Already(KeptFinding),
}

/// Why a repair was not tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RepairRefused {
    /// Hearing Stripe again cannot mend it.
    #[error("this difference cannot be mended by hearing Stripe again; what to do stands beside it")]
    NotMendable,
    /// What Stripe says now mends nothing: a payment that is still open, for example.
    #[error("Stripe has nothing new to say about this payment; compare again to see how it stands now")]
    NothingToHear,
    /// As the payment room says.
    #[error(transparent)]
    Payment(#[from] PaymentError),
}

impl RepairRefused {
    /// A stable name for programs and pages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            RepairRefused::NotMendable => "difference_not_mendable",
            RepairRefused::NothingToHear => "nothing_to_hear",
            RepairRefused::Payment(error) => error.code(),
        }
    }
}

impl Payments {
    /// Has Stripe's present word about a difference heard, by the road of its webhooks. `line` is written with it and
    /// tells who asked. None when there is no such difference.
    ///
    /// # Errors
    /// As [`RepairRefused`] says; nothing has changed then.
    pub async fn repair(
        &self,
        run: ReconciliationId,
        number: i64,
        line: Statement,
    ) -> Result<Option<Repaired>, RepairRefused> {
        let Some(kept) = self.difference(run, number).await? else { return Ok(None) };
        if kept.is_mended() {
            return Ok(Some(Repaired::Already(kept)));
        }
        let kind = kept.finding.mended_by().filter(|kind| inbox::is_known(kind)).ok_or(RepairRefused::NotMendable)?;
        let word = self.inner.stripe.present_word(kind, &kept.finding).await.map_err(PaymentError::from)?;
        let (kind, object) = word.ok_or(RepairRefused::NothingToHear)?;
        let now = self.inner.clock.now();
        let id = format!("{EVENT_PREFIX}{}", self.inner.ids.next(now));
        let payload = json!({
            "id": id, "object": "event", "type": kind, "created": now.millis().div_euclid(1_000),
            "livemode": object["livemode"] == true, "data": { "object": object },
        })
        .to_string();
        let event = NewEvent {
            id: &id,
            kind,
            api_version: None,
            payload: &payload,
            received_at: now,
            state: EventState::Stored,
        };
        let writes = vec![insert_event(event), store::note_repair(run, number, &id, now), line];
        self.inner.store.write(writes).await.map_err(PaymentError::from)?;
        self.work_off_now(&WaitingEvent { id, kind: kind.to_owned(), payload }).await;
        Ok(self.difference(run, number).await?.map(Repaired::Heard))
    }

    /// One difference of a run.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn difference(&self, run: ReconciliationId, number: i64) -> Result<Option<KeptFinding>, PaymentError> {
        Ok(store::finding(&self.inner.store.database, run, number).await?)
    }
}
