//! From one piece of news to its committed effect: the purchase row, the event's mark, the ledger's grant and the
//! receipt, all or nothing. Asks Stripe nothing.

use super::inbox::EventState;
use super::promotion::Terms;
use super::purchase::{Effect, Mismatch, News as Heard, PaymentEvent, Purchase, Step, advance, has_failed_late};
use super::store::{self, Links};
use super::{Inner, PaymentError, receipt};
use crate::billing::store::Statement;
use crate::billing::{KernelError, Order};
use crate::hooks::{self, News};
use crate::ledger::{Cents, Command, Credits, EventId, PurchaseId, Refusal};
use crate::mail::templates;

/// Another server may move the same purchase between our read and our write. Each loss means that somebody else
/// advanced it, and there are only a handful of steps to lose.
const RACES_LOST_MAX: u32 = 8;

/// What became of one piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// The credits are granted, by this or by an earlier announcement.
    Granted,
    /// The purchase stands where it should; no credits were due.
    Moved,
    /// Other money than asked for.
    Mismatch,
    /// The ledger will never take it.
    Rejected(String),
    /// There is no such purchase.
    Unknown,
}

impl Inner {
    /// Decides `event` against the purchase and commits the effect, closing the inbox's event in the same transaction.
    pub(super) async fn settle(
        &self,
        id: PurchaseId,
        event: &PaymentEvent,
        links: Links<'_>,
        inbox_event: Option<&str>,
    ) -> Result<Settled, PaymentError> {
        for _ in 0..RACES_LOST_MAX {
            let Some(purchase) = self.store.purchase(id).await? else { return Ok(Settled::Unknown) };
            let step = advance(&purchase, event);
            match step.effect {
                Some(Effect::GrantCredits { credits, paid }) => {
                    if let Some(settled) = self.grant(&purchase, event, step, credits, paid, links, inbox_event).await?
                    {
                        return Ok(settled);
                    }
                }
                Some(Effect::ReportMismatch(mismatch)) => {
                    return self.report_mismatch(&purchase, event, mismatch, inbox_event).await;
                }
                None => {
                    let fails = has_failed_late(&purchase, step, event);
                    let told = fails || purchase.late_failure_told;
                    let take = store::take_step(&purchase, step, event, links, told);
                    let letter = fails.then(|| self.late_failure(&purchase, event));
                    if self.commit_if_taken(take, done(inbox_event).into_iter().chain(letter)).await? {
                        let granted = purchase.state.was_paid();
                        return Ok(if granted { Settled::Granted } else { Settled::Moved });
                    }
                }
            }
        }
        tracing::warn!(purchase = %id, "a purchase kept changing under a step; the step waits for the next round");
        Err(PaymentError::Unavailable)
    }

    /// Grants once: the request key is the purchase's own, and the row and the mark commit with the entry.
    /// `None` when another announcement was first: only the row as it is now tells whether it was of the same payment.
    #[expect(clippy::too_many_arguments, reason = "each is a part of one commit")]
    async fn grant(
        &self,
        purchase: &Purchase,
        event: &PaymentEvent,
        step: Step,
        credits: Credits,
        paid: Cents,
        links: Links<'_>,
        inbox_event: Option<&str>,
    ) -> Result<Option<Settled>, PaymentError> {
        let now = self.clock.now();
        let terms = match &event.news {
            Heard::Succeeded { terms: Some(terms), .. } => terms.clone(),
            _ => Terms::default(),
        };
        let mut along = vec![store::make_paid(purchase, step, &terms, links, now)];
        along.extend(done(inbox_event));
        let letter = receipt::letter(&self.config.public_url, purchase, &terms);
        along.push(match &purchase.email {
            Some(address) => self.mail.compose(letter.to(address)),
            None => self.mail.compose_to_members(purchase.account, letter),
        });
        let news = News::purchase_paid(purchase.id, &purchase.package, credits, paid);
        along.extend(hooks::announce(purchase.account, &news, EventId::from_ulid(self.ids.next(now)), now));
        let command = Command::Purchase { grant: purchase.grant, purchase: purchase.id, credits, paid };
        let order = Order::new(purchase.account, purchase.grant_request(), command).along(along);
        match self.kernel.submit(order).await {
            Ok(receipt) if !receipt.replayed => {
                tracing::info!(purchase = %purchase.id, account = %purchase.account, "credits granted");
                Ok(Some(Settled::Granted))
            }
            // Its commit carried the row.
            Ok(_) | Err(KernelError::Refused(Refusal::AlreadyGranted)) => Ok(None),
            Err(KernelError::Refused(refusal)) => self.reject(purchase, refusal.code(), inbox_event).await.map(Some),
            Err(KernelError::IdempotencyConflict) => {
                let why = "the purchase's request key was used for something else";
                self.reject(purchase, why, inbox_event).await.map(Some)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn reject(&self, purchase: &Purchase, why: &str, inbox_event: Option<&str>) -> Result<Settled, PaymentError> {
        tracing::error!(purchase = %purchase.id, why, "money arrived and its credits were refused; an operator must look");
        let mark = inbox_event.map(|id| store::mark(id, EventState::Failed, why));
        self.store.write(mark.into_iter().collect()).await?;
        Ok(Settled::Rejected(why.to_owned()))
    }

    async fn report_mismatch(
        &self,
        purchase: &Purchase,
        event: &PaymentEvent,
        mismatch: Mismatch,
        inbox_event: Option<&str>,
    ) -> Result<Settled, PaymentError> {
        tracing::error!(
            purchase = %purchase.id, asked = purchase.amount.get(), news = ?event.news,
            "another amount or currency was paid, or the same twice; nothing is granted, an operator must look"
        );
        let (state, amount) = (purchase.state, purchase.amount.get());
        let note = format!("the purchase is {state} and costs {amount} cents usd; heard {:?}", event.news);
        let site = &self.config.public_url;
        let letter =
            templates::payment_mismatch(site, &purchase.package, &purchase.id.to_string(), mismatch.sentence());
        let letter = self.mail.compose_to_members(purchase.account, letter);
        let mut transaction = self.store.database.begin().await?;
        // Both announcements of one payment say it: the customer is told once.
        if transaction.execute(store::note_mismatch(purchase.id, mismatch)).await? > 0 {
            transaction.execute(letter).await?;
        }
        if let Some(id) = inbox_event {
            transaction.execute(store::mark(id, EventState::Mismatch, &note)).await?;
        }
        transaction.commit().await?;
        Ok(Settled::Mismatch)
    }

    /// The letter to the members about a payment that did not come in the end.
    fn late_failure(&self, purchase: &Purchase, event: &PaymentEvent) -> Statement {
        let why = match &event.news {
            Heard::AttemptFailed(failure) => failure.message.as_str(),
            _ => "",
        };
        let site = &self.config.public_url;
        let letter = templates::payment_failed_later(site, &purchase.package, purchase.amount, why);
        self.mail.compose_to_members(purchase.account, letter)
    }

    /// Commits all of them only if the first one still applied.
    async fn commit_if_taken(
        &self,
        take: Statement,
        along: impl Iterator<Item = Statement> + Send,
    ) -> Result<bool, PaymentError> {
        let mut transaction = self.store.database.begin().await?;
        if transaction.execute(take).await? == 0 {
            return Ok(false);
        }
        for statement in along {
            transaction.execute(statement).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}

fn done(inbox_event: Option<&str>) -> Option<Statement> {
    inbox_event.map(|id| store::mark(id, EventState::Done, ""))
}
