//! From news of a refund or dispute to what Stripe says, and from there to its committed effect.

use super::{Heard, store};
use crate::billing::store::{Statement, claim_request};
use crate::billing::{KernelError, Order};
use crate::hooks::{self, EventKind, News as Announced};
use crate::ledger::{Cents, Command, Credits, EventId, PurchaseId};
use crate::mail::templates;
use crate::payments::inbox::EventState;
use crate::payments::purchase::money_back::{Facts, Movement, Standing, follow};
use crate::payments::purchase::{News, Purchase, PurchaseState};
use crate::payments::settle::Settled;
use crate::payments::store::{Links, mark};
use crate::payments::stripe::CallError;
use crate::payments::{Mode, PaymentError, Payments, topup};

/// Another server may book the same purchase between our question to Stripe and our commit. Each loss means that it was
/// booked, and an event's worth of servers books at most a few times.
const RACES_LOST_MAX: u32 = 8;
/// What a look that moves no credits claims its request key for.
const CLAIM: &str = "money_back";

/// How a stored event ends, with a note; none when its mark was committed with its effect.
type Ending = Option<(EventState, String)>;

/// What became of one answer of Stripe's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Booked {
    /// The purchase stands where the answer says.
    Done(Standing),
    /// Somebody booked since the row was read: the answer may be older than what they booked.
    Stale,
    /// The ledger will never take it.
    Rejected(String),
}

fn ending(state: EventState, note: impl Into<String>) -> Result<Ending, PaymentError> {
    Ok(Some((state, note.into())))
}

impl Payments {
    /// Acts on news about money that goes back. Repeating it changes nothing.
    ///
    /// # Errors
    /// When Stripe, the store or the ledger does not answer; the event waits then.
    pub(in crate::payments) async fn hear_of_money_back(
        &self,
        heard: &Heard,
        event: &str,
    ) -> Result<Ending, PaymentError> {
        if heard.live != (self.inner.config.mode == Mode::Live) {
            return ending(EventState::Ignored, "of the other mode, live or test");
        }
        match self.purchase_of(heard).await {
            Ok(Some((purchase, intent))) => self.follow_money(purchase, &intent, Some(event)).await,
            Ok(None) => ending(EventState::Ignored, "about no purchase of ours"),
            Err(CallError::NotFound { message }) => ending(EventState::Failed, message),
            Err(error) => Err(error.into()),
        }
    }

    /// The purchase that a payment of Stripe's is of, and the payment intent.
    async fn purchase_of(&self, heard: &Heard) -> Result<Option<(PurchaseId, String)>, CallError> {
        let (stripe, store) = (&self.inner.stripe, &self.inner.store);
        let intent = match (&heard.intent, &heard.charge) {
            (Some(intent), _) => Some(intent.clone()),
            (None, Some(charge)) => stripe.intent_of_charge(charge).await?,
            (None, None) => None,
        };
        let Some(intent) = intent else { return Ok(None) };
        let unreadable = |error| {
            tracing::error!(%error, "the payments store failed");
            CallError::Unreachable
        };
        if let Some(purchase) = store.by_stripe(None, Some(&intent)).await.map_err(unreadable)? {
            return Ok(Some((purchase.id, intent)));
        }
        // News of the payment itself may come later than that of its refund.
        let named = stripe.purchase_of_intent(&intent).await?;
        let id: Option<PurchaseId> = named.and_then(|text| text.parse().ok());
        let Some(id) = id else { return Ok(None) };
        let known = store.purchase(id).await.map_err(unreadable)?;
        Ok(known.map(|purchase| (purchase.id, intent)))
    }

    /// Asks Stripe how the money of an intent stands, and has purchase and credits follow.
    ///
    /// # Errors
    /// When Stripe, the store or the ledger does not answer.
    pub(in crate::payments) async fn follow_money(
        &self,
        id: PurchaseId,
        intent: &str,
        event: Option<&str>,
    ) -> Result<Ending, PaymentError> {
        for _ in 0..RACES_LOST_MAX {
            // The row is read before Stripe is asked: whoever books in between makes this answer stale.
            let Some(purchase) = self.inner.store.purchase(id).await? else {
                return ending(EventState::Ignored, "about no purchase of ours");
            };
            if !purchase.state.was_paid() {
                match self.catch_up(&purchase, intent).await? {
                    Settled::Granted => continue,
                    Settled::Moved | Settled::Unknown => {
                        return ending(EventState::Ignored, "of a payment that has not arrived");
                    }
                    Settled::Mismatch => return ending(EventState::Mismatch, "of a payment that brought no credits"),
                    Settled::Rejected(why) => return ending(EventState::Failed, why),
                }
            }
            if purchase.stripe_intent.as_deref().is_some_and(|paid_by| paid_by != intent) {
                return ending(EventState::Ignored, "of another payment than the one that brought the credits");
            }
            let facts = match self.inner.stripe.money_back(intent).await {
                Err(CallError::NotFound { message }) => return ending(EventState::Failed, message),
                answer => answer?,
            };
            match self.book(&purchase, &facts, event).await? {
                Booked::Done(_) => return Ok(None),
                Booked::Stale => {}
                Booked::Rejected(why) => return ending(EventState::Failed, why),
            }
        }
        tracing::warn!(purchase = %id, "a purchase kept changing while stripe was asked; the event waits");
        Err(PaymentError::Unavailable)
    }

    /// Learns from Stripe that a purchase is paid whose refund came first.
    async fn catch_up(&self, purchase: &Purchase, intent: &str) -> Result<Settled, PaymentError> {
        let mut told = self.inner.stripe.intent(intent).await?;
        if !matches!(told.event.news, News::Succeeded { .. }) {
            return Ok(Settled::Moved);
        }
        self.on_terms(purchase, &mut told.event.news).await?;
        let links = Links { intent: Some(intent), ..Links::default() };
        self.inner.settle(purchase.id, &told.event, links, None).await
    }

    /// Commits what `facts`, asked for after `purchase` was read, mean: the row, the event's mark, the ledger's entries,
    /// the letter and what the customer's own servers are told.
    pub(super) async fn book(
        &self,
        purchase: &Purchase,
        facts: &Facts,
        event: Option<&str>,
    ) -> Result<Booked, PaymentError> {
        let standing = follow(purchase, facts);
        let mut along = vec![store::book(purchase, &standing)];
        along.extend(event.map(|id| mark(id, EventState::Done, "")));
        let request = format!("purchase:{}:money:{}", purchase.id, purchase.returned.looks);
        let reason = reason(purchase, &standing);
        let command = match standing.movement {
            Movement::None => return self.book_without_credits(purchase, standing, &request, along).await,
            Movement::TakeBack(credits) => Command::Reverse { purchase: purchase.id, credits, reason },
            Movement::GiveAgain(credits) => Command::Reinstate { purchase: purchase.id, credits, reason },
        };
        along.extend(self.tell(purchase, &standing).await?);
        match self.inner.kernel.submit(Order::new(purchase.account, request, command).along(along)).await {
            Ok(receipt) if !receipt.replayed => {
                let (state, money) = (standing.state, standing.money.get());
                tracing::info!(purchase = %purchase.id, %state, money, movement = ?standing.movement, "credits followed money");
                Ok(Booked::Done(standing))
            }
            // The key of this count is taken, with the same movement or another one.
            Ok(_) | Err(KernelError::IdempotencyConflict) => Ok(Booked::Stale),
            Err(KernelError::Refused(refusal)) => {
                tracing::error!(
                    purchase = %purchase.id, %refusal, movement = ?standing.movement,
                    "money went back and the ledger refused to follow; an operator must look"
                );
                Ok(Booked::Rejected(refusal.code().to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The same without the ledger. Its key is claimed all the same, so that of two at once one books.
    async fn book_without_credits(
        &self,
        purchase: &Purchase,
        standing: Standing,
        request: &str,
        statements: Vec<Statement>,
    ) -> Result<Booked, PaymentError> {
        let mut transaction = self.inner.store.database.begin().await?;
        if !claim_request(&mut transaction, purchase.account, request, CLAIM, self.inner.clock.now()).await? {
            return Ok(Booked::Stale);
        }
        for (place, statement) in statements.into_iter().enumerate() {
            // The first one is the row.
            if transaction.execute(statement).await? == 0 && place == 0 {
                return Ok(Booked::Stale);
            }
        }
        transaction.commit().await?;
        Ok(Booked::Done(standing))
    }

    /// The letter to the members and the event for their servers, where credits move.
    async fn tell(&self, purchase: &Purchase, standing: &Standing) -> Result<Vec<Statement>, PaymentError> {
        let now = self.inner.clock.now();
        let site = &self.inner.config.public_url;
        let mut rows = Vec::new();
        let (kind, credits, letter) = match standing.movement {
            Movement::None => return Ok(rows),
            Movement::TakeBack(credits) => {
                let rule = topup::read(&self.inner.store.database, purchase.account).await?;
                let stops = rule.is_some_and(|rule| rule.settings.enabled && rule.halted.is_none());
                // Also where the rule is switched on this moment: the low balance that follows is not bought up again.
                rows.push(topup::halt_for_money_back(purchase.account));
                let letter = templates::credits_taken_back(site, &told(purchase, standing, credits), stops);
                (EventKind::PurchaseReversed, credits, letter)
            }
            Movement::GiveAgain(credits) => {
                let letter = templates::credits_given_again(site, &told(purchase, standing, credits));
                (EventKind::PurchaseReinstated, credits, letter)
            }
        };
        let back = (standing.credits, standing.money);
        let news = Announced::money_moved(kind, purchase.id, standing.state.name(), credits, back);
        rows.push(self.inner.mail.compose_to_members(purchase.account, letter));
        rows.extend(hooks::announce(purchase.account, &news, EventId::from_ulid(self.inner.ids.next(now)), now));
        Ok(rows)
    }
}

fn told<'a>(purchase: &'a Purchase, standing: &Standing, credits: Credits) -> templates::MoneyBack<'a> {
    templates::MoneyBack {
        package: &purchase.package,
        purchase: purchase.id.to_string(),
        credits,
        money: standing.money,
        received: purchase.received,
        is_disputed: matches!(standing.state, PurchaseState::Disputed | PurchaseState::Lost),
    }
}

/// What the ledger says about a movement, for the customer.
fn reason(purchase: &Purchase, standing: &Standing) -> String {
    let (money, received) = (standing.money, purchase.received);
    match (standing.movement, standing.state) {
        (Movement::GiveAgain(_), _) if standing.money == Cents::ZERO => "the money has come back".into(),
        (Movement::GiveAgain(_), _) => format!("money has come back; {money} of {received} is still away"),
        (_, PurchaseState::Disputed | PurchaseState::Lost) => {
            format!("payment disputed: {money} of {received} is away")
        }
        (_, PurchaseState::Refunded) => format!("refunded: {received}"),
        _ => format!("refunded: {money} of {received}"),
    }
}
