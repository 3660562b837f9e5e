//! Three ways to buy a package: the hosted checkout, a form of one's own, the saved card.
//!
//! Each writes the purchase row first and can be repeated with the same request key: the same row is found and continued.

use super::cards::CUSTOMER_TRIES;
use super::purchase::money_back::Returned;
use super::purchase::{Failure, News, PaymentEvent, Purchase, PurchaseState, Way};
use super::settle::Settled;
use super::store::{self, Links};
use super::stripe::{CallError, Intent};
use super::{PaymentError, Payments};
use crate::ledger::{AccountId, Cents, Credits, GrantId, Package, PurchaseId};

/// Stripe remembers idempotency keys for at least a day. A purchase whose answer was lost is not sent again later than
/// this, as it could then be done twice.
const CONTINUE_WITHIN_SECONDS: i64 = 20 * 3_600;

/// Stripe's word for a card that needs its owner.
pub(super) const NEEDS_OWNER: &str = "authentication_required";
/// Our own word for a saved card that Stripe does not know any more; the store writes it.
pub(super) const CARD_MISSING: &str = "card_missing";

/// A checkout page to send the customer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The purchase it pays.
    pub purchase: PurchaseId,
    /// Stripe's page; our own return page once it is paid.
    pub url: String,
    /// What must be paid.
    pub amount: Cents,
    /// What the payment brings.
    pub credits: Credits,
    /// Whether the request had opened it before.
    pub replayed: bool,
}

/// A payment intent for a form of one's own.
#[derive(Clone, PartialEq, Eq)]
pub struct IntentCreated {
    /// The purchase it pays.
    pub purchase: PurchaseId,
    /// Lets its holder pay this one intent; for the customer's browser only.
    pub client_secret: String,
    /// What must be paid.
    pub amount: Cents,
    /// What the payment brings.
    pub credits: Credits,
    /// Whether the request had opened it before.
    pub replayed: bool,
}

/// What became of charging the saved card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charged {
    Paid {
        purchase: PurchaseId,
        /// What the payment brought.
        credits: Credits,
        /// What was available right after it, whatever happened since.
        balance: Credits,
        replayed: bool,
    },
    /// There is no card to charge, or this request went to the checkout page already: send the customer there.
    NoCard,
    Declined {
        message: String,
        /// The bank was not asked again: another try needs a new request key.
        replayed: bool,
    },
    /// The bank wants its customer present: send the customer to a checkout page, under a new request key.
    ActionRequired { purchase: PurchaseId },
    /// The money is on its way.
    Processing { purchase: PurchaseId, replayed: bool },
}

impl Charged {
    /// The same, as the answer to a request that had it before.
    pub(super) fn again(mut self) -> Self {
        if let Charged::Paid { replayed, .. }
        | Charged::Declined { replayed, .. }
        | Charged::Processing { replayed, .. } = &mut self
        {
            *replayed = true;
        }
        self
    }
}

/// What a purchase is made from.
pub(super) struct Wish<'a> {
    pub account: AccountId,
    pub package: &'a Package,
    pub request: &'a str,
    pub way: Way,
    pub email: Option<&'a str>,
    pub payment_method: Option<&'a str>,
}

impl Payments {
    /// Opens Stripe's hosted checkout for a package.
    ///
    /// # Errors
    /// As [`PaymentError`] says; repeating with the same `request` is always safe.
    pub async fn checkout(
        &self,
        account: AccountId,
        email: Option<&str>,
        package: &Package,
        request: &str,
    ) -> Result<Checkout, PaymentError> {
        let wish = Wish { account, package, request, way: Way::Checkout, email, payment_method: None };
        let purchase = self.begin(wish).await?;
        if purchase.state.was_paid() {
            let url = format!("{}/buy/return?purchase={}", self.inner.config.public_url, purchase.id);
            return Ok(Checkout { replayed: true, ..page(&purchase, url) });
        }
        if purchase.state == PurchaseState::Expired {
            return Err(PaymentError::Over);
        }
        if let Some(url) = &purchase.checkout_url {
            return Ok(Checkout { replayed: true, ..page(&purchase, url.clone()) });
        }
        self.refuse_if_stale(&purchase)?;
        for _ in 0..CUSTOMER_TRIES {
            let (_, customer) = self.inner.customer(account, email).await?;
            match self.inner.stripe.open_checkout(&purchase, &customer, &self.inner.config).await {
                Ok(open) => {
                    let links = Links { session: Some(&open.session), intent: None, checkout_url: Some(&open.url) };
                    self.inner.settle(purchase.id, &open.event, links, None).await?;
                    return Ok(page(&purchase, open.url));
                }
                Err(CallError::CustomerMissing) => self.inner.forget_customer(account, &customer).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CallError::CustomerMissing.into())
    }

    /// Opens a payment intent for a form of one's own.
    ///
    /// # Errors
    /// As [`PaymentError`] says; repeating with the same `request` is always safe.
    pub async fn payment_intent(
        &self,
        account: AccountId,
        package: &Package,
        request: &str,
    ) -> Result<IntentCreated, PaymentError> {
        let wish = Wish { account, package, request, way: Way::Form, email: None, payment_method: None };
        let purchase = self.begin(wish).await?;
        if purchase.state == PurchaseState::Expired {
            return Err(PaymentError::Over);
        }
        let intent = match &purchase.stripe_intent {
            Some(id) => self.inner.stripe.intent(id).await?,
            None => self.open_intent(&purchase).await?,
        };
        let links = Links { intent: Some(&intent.id), ..Links::default() };
        self.inner.settle(purchase.id, &intent.event, links, None).await?;
        let client_secret = intent
            .client_secret
            .ok_or_else(|| PaymentError::Refused { message: "the payment intent came without its secret".into() })?;
        let Purchase { id, amount, credits, ref stripe_intent, .. } = purchase;
        Ok(IntentCreated { purchase: id, client_secret, amount, credits, replayed: stripe_intent.is_some() })
    }

    async fn open_intent(&self, purchase: &Purchase) -> Result<Intent, PaymentError> {
        self.refuse_if_stale(purchase)?;
        for _ in 0..CUSTOMER_TRIES {
            let (_, customer) = self.inner.customer(purchase.account, None).await?;
            match self.inner.stripe.open_intent(purchase, &customer).await {
                Err(CallError::CustomerMissing) => self.inner.forget_customer(purchase.account, &customer).await?,
                other => return Ok(other?),
            }
        }
        Err(CallError::CustomerMissing.into())
    }

    /// Charges the saved card at once, without the customer present.
    ///
    /// # Errors
    /// As [`PaymentError`] says; repeating with the same `request` never charges twice.
    pub async fn charge_saved_card(
        &self,
        account: AccountId,
        package: &Package,
        request: &str,
    ) -> Result<Charged, PaymentError> {
        let customer = self.inner.store.customer(account).await?.unwrap_or_default();
        let purchase = match self.inner.store.by_request(account, request).await? {
            Some(known) => check_same(known, package)?,
            None => {
                let Some(card) = &customer.card else { return Ok(Charged::NoCard) };
                let payment_method = Some(card.payment_method.as_str());
                let email = customer.email.as_deref();
                self.begin(Wish { account, package, request, way: Way::SavedCard, email, payment_method }).await?
            }
        };
        if let Some(known) = self.outcome_of(&purchase).await? {
            return Ok(known.again());
        }
        match (purchase.way, &customer.customer) {
            (Way::SavedCard, Some(id)) => self.charge_now(&purchase, id).await,
            _ => Ok(Charged::NoCard),
        }
    }

    /// Charges the purchase's card, which is this Stripe customer's; at most once, however often it is called.
    pub(super) async fn charge_now(&self, purchase: &Purchase, id: &str) -> Result<Charged, PaymentError> {
        let account = purchase.account;
        let Some(card) = &purchase.payment_method else { return Ok(Charged::NoCard) };
        self.refuse_if_stale(purchase)?;
        match self.inner.stripe.charge(purchase, id, card, &self.inner.config.public_url).await {
            Ok(intent) => self.settle_charge(purchase, &intent).await,
            Err(CallError::Declined { failure, intent }) => self.settle_decline(purchase, failure, intent).await,
            // Closed in the same commit: under another customer or card this purchase must never be charged again.
            Err(CallError::CustomerMissing) => {
                tracing::warn!(%account, purchase = %purchase.id, "stripe does not know the customer of a saved card");
                let forget = store::forget_customer(account, id);
                self.inner.store.write(vec![store::close(purchase), forget]).await?;
                Ok(Charged::NoCard)
            }
            Err(CallError::CardMissing) => {
                let forget = store::forget_card(account, card);
                self.inner.store.write(vec![store::close(purchase), forget]).await?;
                Ok(Charged::NoCard)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Exactly as if the webhook had brought it; the webhook that follows finds nothing left to do.
    pub(super) async fn settle_charge(&self, purchase: &Purchase, intent: &Intent) -> Result<Charged, PaymentError> {
        let links = Links { intent: Some(&intent.id), ..Links::default() };
        match self.inner.settle(purchase.id, &intent.event, links, None).await? {
            Settled::Granted => self.paid(purchase).await,
            Settled::Moved if intent.needs_customer => Ok(Charged::ActionRequired { purchase: purchase.id }),
            Settled::Moved => Ok(Charged::Processing { purchase: purchase.id, replayed: false }),
            Settled::Mismatch | Settled::Unknown | Settled::Rejected(_) => {
                Err(PaymentError::Refused { message: "the payment could not be booked; support was told".into() })
            }
        }
    }

    pub(super) async fn settle_decline(
        &self,
        purchase: &Purchase,
        failure: Failure,
        intent: Option<String>,
    ) -> Result<Charged, PaymentError> {
        let at = self.inner.clock.now().millis() / 1_000;
        let event = PaymentEvent { at, news: News::AttemptFailed(failure.clone()) };
        let links = Links { intent: intent.as_deref(), ..Links::default() };
        self.inner.settle(purchase.id, &event, links, None).await?;
        Ok(declined(purchase.id, failure))
    }

    /// What a purchase that was asked for before has come to, if that is known without Stripe.
    async fn outcome_of(&self, purchase: &Purchase) -> Result<Option<Charged>, PaymentError> {
        Ok(match purchase.state {
            state if state.was_paid() => Some(self.paid(purchase).await?),
            PurchaseState::Failed if purchase.way == Way::SavedCard => {
                Some(declined(purchase.id, purchase.failure.clone().unwrap_or_default()))
            }
            PurchaseState::Processing => Some(Charged::Processing { purchase: purchase.id, replayed: false }),
            PurchaseState::Expired => return Err(PaymentError::Over),
            _ => None,
        })
    }

    async fn paid(&self, purchase: &Purchase) -> Result<Charged, PaymentError> {
        let receipt = self.inner.kernel.receipt(purchase.account, &purchase.grant_request()).await?;
        let balance = receipt.ok_or(PaymentError::Unavailable)?.available;
        Ok(Charged::Paid { purchase: purchase.id, credits: purchase.credits, balance, replayed: false })
    }

    /// Writes the purchase down, or finds the one that this request made.
    async fn begin(&self, wish: Wish<'_>) -> Result<Purchase, PaymentError> {
        let (package, way) = (wish.package, wish.way);
        let purchase = self.draft(wish);
        let stands = self.inner.store.create(&purchase).await?.ok_or(PaymentError::Conflict)?;
        let stands = check_same(stands, package)?;
        if stands.way == way { Ok(stands) } else { Err(PaymentError::Conflict) }
    }

    /// A purchase that nobody knows yet.
    pub(super) fn draft(&self, wish: Wish<'_>) -> Purchase {
        let Wish { account, package, request, way, email, payment_method } = wish;
        let now = self.inner.clock.now();
        Purchase {
            id: PurchaseId::from_ulid(self.inner.ids.next(now)),
            account,
            request: request.to_owned(),
            way,
            package: package.name.clone(),
            credits: package.credits,
            amount: package.price,
            grant: GrantId::from_ulid(self.inner.ids.next(now)),
            email: email.map(str::to_owned),
            state: PurchaseState::Created,
            state_at: 0,
            failure: None,
            received: package.price,
            returned: Returned::default(),
            late_failure_told: false,
            mismatch: None,
            created_at: now,
            paid_at: None,
            stripe_session: None,
            stripe_intent: None,
            checkout_url: None,
            payment_method: payment_method.map(str::to_owned),
        }
    }

    fn refuse_if_stale(&self, purchase: &Purchase) -> Result<(), PaymentError> {
        let last = purchase.created_at.plus_seconds(CONTINUE_WITHIN_SECONDS);
        if self.inner.clock.now() > last { Err(PaymentError::Conflict) } else { Ok(()) }
    }
}

fn declined(purchase: PurchaseId, failure: Failure) -> Charged {
    if failure.code == NEEDS_OWNER {
        Charged::ActionRequired { purchase }
    } else {
        Charged::Declined { message: failure.message, replayed: false }
    }
}

fn page(purchase: &Purchase, url: String) -> Checkout {
    Checkout { purchase: purchase.id, url, amount: purchase.amount, credits: purchase.credits, replayed: false }
}

/// One request key, one package.
fn check_same(purchase: Purchase, package: &Package) -> Result<Purchase, PaymentError> {
    if purchase.package == package.name { Ok(purchase) } else { Err(PaymentError::Conflict) }
}
