//! The job behind automatic purchases: looks for accounts that ran low and moves each rule on, one decision at a time.

use std::future::Future;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use super::store::{self, request_of};
use super::{Decision, Figures, Halt, LEASE_SECONDS, TopUp, TopUpSettings, decide};
use crate::billing::store::{Statement, accounts_to_top_up, claim_request};
use crate::hooks::{self, EventKind, News};
use crate::ledger::{AccountId, Cents, Credits, EventId, Package, Timestamp};
use crate::mail::templates;
use crate::payments::buying::{Charged, Wish};
use crate::payments::purchase::{Purchase, Way};
use crate::payments::store::{CLAIM, Customer, insert_purchase};
use crate::payments::{PaymentError, Payments};

/// How soon a purchase follows the charge that made it necessary. One indexed query answers whether there is any.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Accounts taken up in one round; the others are first in the next.
const ROUND: i64 = 100;
/// Accounts that wait for Stripe side by side.
const TOGETHER: usize = 8;
/// Decisions about one account in one round: paid, begun, charged, noted.
const STEPS_MAX: u32 = 6;

/// Why a rule cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopUpError {
    /// Nothing of this name is sold.
    #[error("Package not found")]
    NoSuchPackage,
    /// It would always be low.
    #[error("the threshold must be at least 1 credit")]
    ThresholdTooSmall,
    /// After the purchase it would still be low.
    #[error("the package brings {credits} credits, fewer than the threshold of {threshold}; choose a larger one")]
    PackageTooSmall {
        /// What the package brings.
        credits: Credits,
        /// What was asked for.
        threshold: Credits,
    },
    /// It could never buy.
    #[error("the monthly cap of {cap} is less than the package costs, {price}; raise it")]
    CapTooSmall {
        /// What was asked for.
        cap: Cents,
        /// What the package costs.
        price: Cents,
    },
    /// It could not be written.
    #[error(transparent)]
    Payment(#[from] PaymentError),
}

impl TopUpError {
    /// A stable name for programs and pages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            TopUpError::NoSuchPackage => "package_not_found",
            TopUpError::ThresholdTooSmall => "threshold_invalid",
            TopUpError::PackageTooSmall { .. } => "package_too_small",
            TopUpError::CapTooSmall { .. } => "cap_too_small",
            TopUpError::Payment(error) => error.code(),
        }
    }
}

/// Everything about one account that a decision depends on.
struct Look {
    rule: TopUp,
    now: Timestamp,
    available: Credits,
    suspended: bool,
    spent: Cents,
    coming: Credits,
    customer: Customer,
    package: Option<Package>,
    attempt: Option<Purchase>,
}

impl Look {
    fn card(&self) -> Option<&str> {
        self.customer.card.as_ref().map(|card| card.payment_method.as_str())
    }

    fn decide(&self) -> Decision {
        let figures = Figures {
            now: self.now,
            available: self.available,
            coming: self.coming,
            suspended: self.suspended,
            spent: self.spent,
            card: self.card(),
            price: self.package.as_ref().map(|package| package.price),
            attempt: self.attempt.as_ref(),
        };
        decide(&self.rule, &figures)
    }
}

impl Payments {
    /// The account's rule, if it ever set one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn top_up(&self, account: AccountId) -> Result<Option<TopUp>, PaymentError> {
        Ok(store::read(&self.inner.store.database, account).await?)
    }

    /// What automatic purchases have cost this month (UTC), those under way included.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn topped_up_this_month(&self, account: AccountId) -> Result<Cents, PaymentError> {
        Ok(store::money(&self.inner.store.database, account, self.inner.clock.now()).await?.0)
    }

    /// Sets the account's rule, or switches it off. What halted it is forgotten, but for a payment that waits for its
    /// owner's confirmation, and for a card that was declined for good: those stay until they are paid or another card
    /// is there. `along` is written with it.
    ///
    /// # Errors
    /// As [`TopUpError`] says; nothing is changed then.
    pub async fn set_top_up(
        &self,
        account: AccountId,
        wish: TopUpSettings,
        along: Vec<Statement>,
    ) -> Result<TopUp, TopUpError> {
        let package = self.inner.kernel.price_book().package(&wish.package).ok_or(TopUpError::NoSuchPackage)?;
        let (credits, price) = (package.credits, package.price);
        if !wish.threshold.is_positive() {
            return Err(TopUpError::ThresholdTooSmall);
        }
        if credits < wish.threshold {
            return Err(TopUpError::PackageTooSmall { credits, threshold: wish.threshold });
        }
        if wish.monthly_cap < price {
            return Err(TopUpError::CapTooSmall { cap: wish.monthly_cap, price });
        }
        let settings = TopUpSettings { package: package.name.clone(), ..wish };
        let row = store::set(account, &settings, self.inner.clock.now());
        self.inner.store.write([vec![row], along].concat()).await.map_err(PaymentError::from)?;
        self.top_up(account).await?.ok_or(TopUpError::Payment(PaymentError::Unavailable))
    }

    /// Buys for accounts that run low until `shutdown` is over, finishing the round it is in.
    pub async fn work_top_ups(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Err(error) = self.top_up_round().await {
                tracing::warn!(%error, "accounts that ran low could not be looked up; trying again");
            }
        }
    }

    /// One round over the accounts whose rules have something to do.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(in crate::payments) async fn top_up_round(&self) -> Result<(), PaymentError> {
        let (database, now) = (&self.inner.store.database, self.inner.clock.now());
        let mut accounts = accounts_to_top_up(database, now, ROUND).await?.into_iter();
        let mut working = JoinSet::new();
        loop {
            while working.len() < TOGETHER
                && let Some(account) = accounts.next()
            {
                let payments = self.clone();
                working.spawn(async move { (account, payments.tend(account).await) });
            }
            match working.join_next().await {
                None => return Ok(()),
                Some(Ok((account, Err(error)))) => {
                    tracing::warn!(%account, %error, "an automatic purchase waits for its next try");
                }
                Some(Ok((_, Ok(())))) => {}
                Some(Err(error)) => tracing::error!(%error, "an automatic purchase ended unexpectedly"),
            }
        }
    }

    /// Moves one account's rule on until there is nothing to do.
    async fn tend(&self, account: AccountId) -> Result<(), PaymentError> {
        for _ in 0..STEPS_MAX {
            let Some(look) = self.look(account).await? else { return Ok(()) };
            match look.decide() {
                Decision::Rest => return Ok(()),
                Decision::Begin => {
                    if !self.begin_episode(&look).await? {
                        return Ok(());
                    }
                }
                Decision::Continue => {
                    if !self.continue_attempt(&look).await? {
                        return Ok(());
                    }
                }
                Decision::GiveUpAttempt => self.give_up_attempt(&look).await?,
                Decision::Succeeded => self.note(&look, Decision::Succeeded).await?,
                decision => return self.note(&look, decision).await,
            }
        }
        Ok(())
    }

    async fn look(&self, account: AccountId) -> Result<Option<Look>, PaymentError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let Some(rule) = store::read(&inner.store.database, account).await? else { return Ok(None) };
        let Some(summary) = inner.kernel.account(account).await? else { return Ok(None) };
        let (spent, coming) = store::money(&inner.store.database, account, now).await?;
        let attempt = match rule.attempt {
            Some(id) => inner.store.purchase(id).await?,
            None => None,
        };
        Ok(Some(Look {
            now,
            available: summary.available,
            suspended: summary.suspended,
            spent,
            coming,
            customer: inner.store.customer(account).await?.unwrap_or_default(),
            package: inner.kernel.price_book().package(&rule.settings.package).cloned(),
            attempt,
            rule,
        }))
    }

    /// Writes the next episode and its purchase down in one commit, then charges. False when another server did.
    async fn begin_episode(&self, look: &Look) -> Result<bool, PaymentError> {
        let (Some(package), Some(card), Some(customer)) = (&look.package, look.card(), &look.customer.customer) else {
            self.note(look, Decision::Stop(Halt::NoCard)).await?;
            return Ok(false);
        };
        let purchase = self.draft(Wish {
            account: look.rule.account,
            package,
            request: &request_of(look.rule.episode + 1),
            way: Way::SavedCard,
            email: look.customer.email.as_deref(),
            payment_method: Some(card),
        });
        let until = look.now.plus_seconds(LEASE_SECONDS);
        let mut transaction = self.inner.store.database.begin().await?;
        if transaction.execute(store::begin(&look.rule, purchase.id, until)).await? == 0 {
            return Ok(false);
        }
        let (account, request) = (purchase.account, &purchase.request);
        if !claim_request(&mut transaction, account, request, CLAIM, look.now).await? {
            return Err(PaymentError::Conflict);
        }
        transaction.execute(insert_purchase(&purchase)).await?;
        transaction.commit().await?;
        tracing::info!(%account, purchase = %purchase.id, episode = look.rule.episode + 1, "an automatic purchase begins");
        self.charge_attempt(account, &purchase, customer).await
    }

    /// Sends an attempt whose answer was lost again, under the same key. False when another server did.
    async fn continue_attempt(&self, look: &Look) -> Result<bool, PaymentError> {
        let (Some(purchase), Some(customer)) = (&look.attempt, &look.customer.customer) else {
            self.note(look, Decision::Stop(Halt::NoCard)).await?;
            return Ok(false);
        };
        let lease = store::lease(&look.rule, purchase.id, look.now.plus_seconds(LEASE_SECONDS));
        if self.inner.store.database.write(vec![lease]).await? != [1] {
            return Ok(false);
        }
        self.charge_attempt(look.rule.account, purchase, customer).await
    }

    /// Charges; most of what can be the answer stands in the purchase's row afterwards, the rest is noted here. False
    /// when there is nothing left to decide.
    async fn charge_attempt(
        &self,
        account: AccountId,
        purchase: &Purchase,
        customer: &str,
    ) -> Result<bool, PaymentError> {
        let halt = match self.charge_now(purchase, customer).await {
            Ok(Charged::ActionRequired { .. }) => Halt::NeedsOwner,
            Err(PaymentError::Refused { .. }) => Halt::Refused,
            Err(PaymentError::Conflict | PaymentError::Over) => Halt::NoAnswer,
            Ok(_) => return Ok(true),
            Err(error) => return Err(error),
        };
        match self.look(account).await? {
            Some(look) if look.rule.attempt == Some(purchase.id) => self.note(&look, Decision::Stop(halt)).await?,
            _ => {}
        }
        Ok(false)
    }

    /// Takes a payment that waits for its owner's confirmation back, before another card is charged beside it.
    async fn give_up_attempt(&self, look: &Look) -> Result<(), PaymentError> {
        match &look.attempt {
            Some(purchase) => self.cancel_intent(purchase).await,
            None => Ok(()),
        }
    }

    /// Commits what a decision means for the rule, with the letter that tells the customer, if nobody has decided
    /// meanwhile.
    async fn note(&self, look: &Look, decision: Decision) -> Result<(), PaymentError> {
        let failure = look.attempt.as_ref().and_then(|attempt| attempt.failure.as_ref());
        let code = failure.map(|failure| failure.code.as_str());
        let Some(row) = store::note(&look.rule, decision, look.card(), code) else { return Ok(()) };
        let mut transaction = self.inner.store.database.begin().await?;
        if transaction.execute(row).await? == 0 {
            return Ok(());
        }
        if let Some(letter) = self.letter(look, decision) {
            transaction.execute(self.inner.mail.compose_to_members(look.rule.account, letter)).await?;
        }
        for row in self.announce_halt(look, decision) {
            transaction.execute(row).await?;
        }
        transaction.commit().await?;
        tracing::info!(account = %look.rule.account, ?decision, "an automatic purchase was decided");
        Ok(())
    }

    /// What the customer's own servers are told when a rule stops.
    fn announce_halt(&self, look: &Look, decision: Decision) -> Vec<Statement> {
        let Decision::Stop(halt) = decision else { return Vec::new() };
        let (settings, now) = (&look.rule.settings, look.now);
        let news = News::new(
            EventKind::TopUpStopped,
            json!({
                "reason": halt.name(),
                "package": settings.package,
                "threshold": settings.threshold.get(),
                "purchase_id": look.rule.attempt.map(|attempt| attempt.to_string()),
            }),
        );
        hooks::announce(look.rule.account, &news, EventId::from_ulid(self.inner.ids.next(now)), now)
    }

    fn letter(&self, look: &Look, decision: Decision) -> Option<templates::Letter> {
        let site = &self.inner.config.public_url;
        let name = &look.rule.settings.package;
        let price = look.package.as_ref().map_or(Cents::ZERO, |package| package.price);
        match (decision, &look.attempt) {
            (Decision::Stop(Halt::NeedsOwner), Some(attempt)) => {
                let id = attempt.id.to_string();
                Some(templates::top_up_unconfirmed(site, &attempt.package, attempt.amount, &id))
            }
            (Decision::Stop(halt), _) => Some(templates::top_up_halted(site, name, price, halt.sentence())),
            (Decision::CapReached(_), _) => {
                Some(templates::top_up_capped(site, name, price, look.rule.settings.monthly_cap))
            }
            _ => None,
        }
    }
}
