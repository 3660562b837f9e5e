//! Beginning, ending and hearing of subscriptions; and giving the tier and taking it back, through the kernel.

use super::event::{Heard, SubscriptionNews};
use super::{PRICE_CENTS, Stage, Standing, Subscription, advance, store};
use crate::billing::store::Statement;
use crate::billing::{KernelError, Order, date_of};
use crate::ledger::{AccountId, Command, SubscriptionId, Tier, Timestamp};
use crate::mail::templates;
use crate::payments::cards::CUSTOMER_TRIES;
use crate::payments::inbox::EventState;
use crate::payments::purchase::CURRENCY;
use crate::payments::store::mark;
use crate::payments::stripe::CallError;
use crate::payments::{Mode, PaymentError, Payments};

/// What a subscription entitles to, and what is left when it ends.
pub(in crate::payments) const HELD_TIER: Tier = Tier::Fintech;
const TIER_AFTERWARDS: Tier = Tier::Developer;
/// Another server may move the same row; each loss means that somebody else was heard.
const RACES_LOST_MAX: u32 = 8;
/// Stripe's pages live for a day; an hour later one whose end was not heard is given up.
const PAGE_LIFE_SECONDS: i64 = 25 * 3_600;
/// Subscriptions looked at in one go.
const PAGE: i64 = 200;

/// Why a subscription cannot be begun or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubscriptionError {
    /// One is running.
    #[error("this account is subscribed already")]
    Already,
    /// The account's prices are these or better ones, by arrangement.
    #[error("this account has the {0} tier by arrangement; there is nothing to subscribe to")]
    ByArrangement(Tier),
    /// None is running.
    #[error("this account has no running subscription")]
    None,
    /// As the payment room says.
    #[error(transparent)]
    Payment(#[from] PaymentError),
}

impl SubscriptionError {
    /// A stable name for programs and pages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SubscriptionError::Already => "already_subscribed",
            SubscriptionError::ByArrangement(_) => "tier_by_arrangement",
            SubscriptionError::None => "no_subscription",
            SubscriptionError::Payment(error) => error.code(),
        }
    }
}

/// What comes with news of a subscription.
#[derive(Default)]
struct Told<'a> {
    /// Stripe's id of it, where that is said.
    stripe: Option<&'a str>,
    /// The event to mark as done.
    event: Option<&'a str>,
    /// Rows of other rooms, for the same commit.
    along: Vec<Statement>,
}

/// A subscription's page to send the customer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The subscription it begins.
    pub subscription: SubscriptionId,
    /// Stripe's page.
    pub url: String,
    /// Whether it was open before.
    pub replayed: bool,
}

impl Payments {
    /// The account's present subscription, or else its last one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn subscription(&self, account: AccountId) -> Result<Option<Subscription>, PaymentError> {
        Ok(store::newest(&self.inner.store.database, account).await?)
    }

    /// Opens Stripe's page for the fintech subscription; an open one is found again. `along` is written with a new one.
    ///
    /// # Errors
    /// As [`SubscriptionError`] says.
    pub async fn subscribe(
        &self,
        account: AccountId,
        email: Option<&str>,
        request: &str,
        along: Vec<Statement>,
    ) -> Result<Started, SubscriptionError> {
        let summary = self.inner.kernel.account(account).await.map_err(PaymentError::from)?;
        let tier = summary.ok_or(PaymentError::Over)?.tier;
        let database = &self.inner.store.database;
        let mut row = self.subscription(account).await?.filter(|row| !row.standing.stage.is_over());
        let stale = row.as_ref().filter(|row| {
            let last = row.created_at.plus_seconds(PAGE_LIFE_SECONDS);
            row.standing.stage == Stage::Open && self.inner.clock.now() > last
        });
        if let Some(stale) = stale {
            self.move_on(stale.id, self.seconds(), &SubscriptionNews::Abandoned, Told::default()).await?;
            row = None;
        }
        if row.is_none() {
            if !matches!(tier, Tier::Free | TIER_AFTERWARDS) {
                return Err(SubscriptionError::ByArrangement(tier));
            }
            let now = self.inner.clock.now();
            let id = SubscriptionId::from_ulid(self.inner.ids.next(now));
            let rows = [vec![store::add(id, account, request, now)], along].concat();
            self.inner.store.write(rows).await.map_err(PaymentError::from)?;
            row = store::newest(database, account).await.map_err(PaymentError::from)?;
        }
        let row = row.filter(|row| !row.standing.stage.is_over()).ok_or(PaymentError::Conflict)?;
        if row.standing.stage != Stage::Open {
            return Err(SubscriptionError::Already);
        }
        if let Some(url) = row.checkout_url {
            return Ok(Started { subscription: row.id, url, replayed: true });
        }
        for _ in 0..CUSTOMER_TRIES {
            let (_, customer) = self.inner.customer(account, email).await?;
            let config = &self.inner.config;
            match self.inner.stripe.open_subscription(row.id, &customer, config).await {
                Ok((session, url)) => {
                    let opened = store::opened(row.id, &session, &url);
                    self.inner.store.write(vec![opened]).await.map_err(PaymentError::from)?;
                    return Ok(Started { subscription: row.id, url, replayed: false });
                }
                Err(CallError::CustomerMissing) => self.inner.forget_customer(account, &customer).await?,
                Err(error) => return Err(PaymentError::from(error).into()),
            }
        }
        Err(PaymentError::from(CallError::CustomerMissing).into())
    }

    /// Ends the subscription with the paid period, or has it go on after all, and writes `along` with it. Saying it
    /// again changes nothing.
    ///
    /// # Errors
    /// As [`SubscriptionError`] says.
    pub async fn set_subscription_end(
        &self,
        account: AccountId,
        ends: bool,
        along: Vec<Statement>,
    ) -> Result<Subscription, SubscriptionError> {
        let row = self.subscription(account).await?.filter(|row| row.standing.stage == Stage::Live);
        let row = row.ok_or(SubscriptionError::None)?;
        let stripe = row.stripe_subscription.clone().ok_or(SubscriptionError::None)?;
        if row.standing.cancels == ends {
            return Ok(row);
        }
        let word = if ends { "cancel" } else { "resume" };
        let key = format!("{}:{word}:{}", row.id, row.revision);
        self.inner.stripe.set_subscription_end(&stripe, ends, key).await.map_err(PaymentError::from)?;
        // Later than what was said before, also within one second of Stripe's.
        let at = self.seconds().max(row.standing.cancels_at.saturating_add(1));
        let told = SubscriptionNews::Told { cancels: ends, ended: false };
        self.move_on(row.id, at, &told, Told { along, ..Told::default() }).await?;
        self.subscription(account).await?.ok_or(SubscriptionError::None)
    }

    /// The present second, as Stripe counts.
    fn seconds(&self) -> i64 {
        self.inner.clock.now().millis().div_euclid(1_000)
    }

    /// Acts on news of Stripe's about a subscription of ours, and says what became of the event.
    ///
    /// # Errors
    /// When the store or the ledger does not answer; the event waits then.
    pub(in crate::payments) async fn hear_of_subscription(
        &self,
        heard: &Heard,
        event: &str,
    ) -> Result<(EventState, &'static str), PaymentError> {
        if heard.live != (self.inner.config.mode == Mode::Live) {
            return Ok((EventState::Ignored, "of the other mode, live or test"));
        }
        let Some(row) = self.find_subscription(heard).await? else {
            return Ok((EventState::Ignored, "names no subscription of ours"));
        };
        let customer = self.inner.store.customer(row.account).await?.and_then(|known| known.customer);
        if heard.customer.is_some() && heard.customer != customer {
            return Ok((EventState::Mismatch, "of another customer than the account's"));
        }
        if row.stripe_subscription.is_some() && heard.stripe.is_some() && row.stripe_subscription != heard.stripe {
            return Ok((EventState::Mismatch, "a second subscription at stripe for one of ours"));
        }
        if let SubscriptionNews::Paid { subtotal, currency, .. } = &heard.news
            && (*subtotal != PRICE_CENTS || currency != CURRENCY)
        {
            tracing::error!(subscription = %row.id, subtotal, %currency, "an invoice of another amount was paid");
            return Ok((EventState::Mismatch, "another amount or currency than the tier costs"));
        }
        let told = Told { stripe: heard.stripe.as_deref(), event: Some(event), along: Vec::new() };
        self.move_on(row.id, heard.at, &heard.news, told).await?;
        Ok((EventState::Done, ""))
    }

    async fn find_subscription(&self, heard: &Heard) -> Result<Option<Subscription>, PaymentError> {
        let database = &self.inner.store.database;
        if let Some(stripe) = &heard.stripe
            && let Some(row) = store::by_stripe(database, stripe).await?
        {
            return Ok(Some(row));
        }
        match heard.ours.as_deref().and_then(|text| text.parse().ok()) {
            Some(id) => Ok(store::by_id(database, id).await?),
            None => Ok(None),
        }
    }

    /// Commits what was heard, with what is written along and the letter it is a reason for; then sees to the tier.
    async fn move_on(
        &self,
        id: SubscriptionId,
        at: i64,
        news: &SubscriptionNews,
        told: Told<'_>,
    ) -> Result<(), PaymentError> {
        let invoice = match news {
            SubscriptionNews::Unpaid { invoice_url, .. } => invoice_url.as_deref(),
            _ => None,
        };
        for _ in 0..RACES_LOST_MAX {
            let database = &self.inner.store.database;
            let Some(row) = store::by_id(database, id).await? else { return Ok(()) };
            let next = advance(&row.standing, at, news);
            let mut transaction = database.begin().await?;
            if transaction.execute(store::advance(&row, &next, at, told.stripe, invoice)).await? == 0 {
                continue;
            }
            if next.is_unpaid() && next.failed_until > row.standing.failed_until {
                let letter = self.unpaid_letter(&next, invoice);
                transaction.execute(self.inner.mail.compose_to_members(row.account, letter)).await?;
            }
            if let Some(event) = told.event {
                transaction.execute(mark(event, EventState::Done, "")).await?;
            }
            for row in told.along {
                transaction.execute(row).await?;
            }
            transaction.commit().await?;
            return self.see_to_tier(id).await;
        }
        Err(PaymentError::Unavailable)
    }

    fn unpaid_letter(&self, standing: &Standing, invoice: Option<&str>) -> templates::Letter {
        let until = date_of(Timestamp::from_millis(standing.entitled_until().saturating_mul(1_000)));
        templates::subscription_unpaid(&self.inner.config.public_url, invoice, &until)
    }

    /// Looks at every subscription whose entitlement the clock may have changed.
    ///
    /// # Errors
    /// When the store or the ledger does not answer; a later look makes up for it.
    pub async fn see_to_tiers(&self) -> Result<(), PaymentError> {
        let mut after = String::new();
        loop {
            let page = store::watched(&self.inner.store.database, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id.to_string();
            let now = self.inner.clock.now();
            for row in page.iter().filter(|row| row.standing.is_entitled(now) != row.tier_held) {
                self.see_to_tier(row.id).await?;
            }
        }
    }

    /// Gives the tier to whoever is entitled, and takes it from whoever is no more. A tier by arrangement stays.
    async fn see_to_tier(&self, id: SubscriptionId) -> Result<(), PaymentError> {
        let Some(row) = store::by_id(&self.inner.store.database, id).await? else { return Ok(()) };
        let entitled = row.standing.is_entitled(self.inner.clock.now());
        if entitled == row.tier_held {
            return Ok(());
        }
        let Some(summary) = self.inner.kernel.account(row.account).await? else { return Ok(()) };
        let site = &self.inner.config.public_url;
        let until = date_of(Timestamp::from_millis(row.standing.paid_until.saturating_mul(1_000)));
        let (tier, letter) = match (entitled, summary.tier) {
            (true, Tier::Free | TIER_AFTERWARDS) => (HELD_TIER, templates::subscription_begun(site, &until)),
            (false, HELD_TIER) => (TIER_AFTERWARDS, templates::subscription_ended(site)),
            // Somebody has arranged another tier meanwhile.
            (true, _) => return Ok(()),
            (false, _) => return Ok(self.inner.store.write(vec![store::tier(&row, false)]).await?),
        };
        let along = vec![store::tier(&row, entitled), self.inner.mail.compose_to_members(row.account, letter)];
        let request = format!("subscription:{}:{}", row.id, row.tier_changes);
        let order = Order::new(row.account, request, Command::SetTier { tier }).along(along);
        match self.inner.kernel.submit(order).await {
            Ok(_) => {
                tracing::info!(account = %row.account, subscription = %row.id, %tier, "the tier follows the subscription");
                Ok(())
            }
            // Another server has decided otherwise under the same number: the next look sees what it made of it.
            Err(KernelError::IdempotencyConflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
