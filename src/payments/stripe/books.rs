//! Stripe's side of a comparison: its lists, a page at a time, and single payments. Reads only.
//!
//! The requests are `async-stripe`'s; the answers are read as narrowly as events are, so that an object with something
//! new in it does not hide the others.

use std::collections::BTreeMap;

use miniserde::json::Value as Answer;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stripe::StripeRequest;
use stripe_billing::invoice::RetrieveInvoice;
use stripe_checkout::checkout_session::{ListCheckoutSession, RetrieveCheckoutSession};
use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_core::charge::{ListCharge, RetrieveCharge};
use stripe_core::dispute::{ListDispute, RetrieveDispute};
use stripe_core::payment_intent::{ListPaymentIntent, RetrievePaymentIntent};
use stripe_core::refund::ListRefund;
use stripe_types::RangeQueryTs;

use super::{CallError, Stripe, checked, read_error};
use crate::payments::event::{METADATA_PURCHASE, Reference};
use crate::payments::promotion::Terms;
use crate::payments::reconcile::{self, Finding, Progress, StripeBooks};

/// Stripe's longest page.
pub(super) const PAGE: i64 = 100;
/// Pages of one list: a hundred thousand objects in thirty days.
const PAGES_MAX: usize = 1_000;

/// Builds the request of one list's page: created from then on, behind the object of this id.
macro_rules! listing {
    ($list:ident) => {
        |from: i64, after: Option<&str>| {
            let request = $list::new().created(RangeQueryTs::gte(from)).limit(PAGE);
            match after {
                Some(id) => request.starting_after(id),
                None => request,
            }
        }
    };
}

impl Stripe {
    /// Everything that was made from that second on.
    pub async fn books(&self, from: i64) -> Result<StripeBooks, CallError> {
        let sessions: Vec<Session> = self.all(from, listing!(ListCheckoutSession)).await?;
        let payments: Vec<Intent> = self.all(from, listing!(ListPaymentIntent)).await?;
        let charges: Vec<Charge> = self.all(from, listing!(ListCharge)).await?;
        let refunds: Vec<Refund> = self.all(from, listing!(ListRefund)).await?;
        let disputes: Vec<Dispute> = self.all(from, listing!(ListDispute)).await?;
        let movements: Vec<Movement> = self.all(from, listing!(ListBalanceTransaction)).await?;
        Ok(StripeBooks {
            sessions: sessions.into_iter().filter(Session::is_payment).map(Session::read).collect(),
            payments: payments.into_iter().map(Intent::read).collect(),
            charges: charges.into_iter().map(Charge::read).collect(),
            refunds: refunds.into_iter().map(Refund::read).collect(),
            disputes: disputes.into_iter().map(Dispute::read).collect(),
            movements: movements.into_iter().map(Movement::read).collect(),
            invoices: self.paid_invoices(from).await?,
            ..StripeBooks::default()
        })
    }

    /// One payment with its last charge and its disputes; none when Stripe does not know it.
    pub async fn payment(
        &self,
        intent: &str,
    ) -> Result<Option<(reconcile::Payment, Option<reconcile::Charge>, Vec<reconcile::Dispute>)>, CallError> {
        let request = RetrievePaymentIntent::new(checked(intent)?).expand(["latest_charge".to_owned()]);
        let Some(object) = self.found(&request).await? else { return Ok(None) };
        let charge = Some(&object["latest_charge"]).filter(|charge| charge.is_object()).cloned();
        let charge: Option<Charge> = charge.map(understood).transpose()?;
        let disputes = ListDispute::new().payment_intent(intent).limit(PAGE);
        let disputes: Page<Dispute> = understood(self.raw(&disputes).await?)?;
        let payment: Intent = understood(object)?;
        let disputes = disputes.data.into_iter().map(Dispute::read).collect();
        Ok(Some((payment.read(), charge.map(Charge::read), disputes)))
    }

    /// What Stripe says now about a difference: the type of event that would tell it, and the object. None when there is
    /// nothing to tell.
    pub async fn present_word(
        &self,
        kind: &'static str,
        finding: &Finding,
    ) -> Result<Option<(&'static str, Value)>, CallError> {
        let id = |id: &Option<String>| id.clone().ok_or_else(|| refused("the difference names no object of Stripe's"));
        let object = match kind {
            "checkout.session.expired" => {
                self.found(&RetrieveCheckoutSession::new(checked(&id(&finding.session)?)?)).await?
            }
            "charge.refunded" => self.found(&RetrieveCharge::new(checked(&id(&finding.charge)?)?)).await?,
            "invoice.paid" => self.found(&RetrieveInvoice::new(checked(&id(&finding.object)?)?)).await?,
            "charge.dispute.updated" => self.found(&RetrieveDispute::new(checked(&id(&finding.object)?)?)).await?,
            _ => self.found(&RetrievePaymentIntent::new(checked(&id(&finding.intent)?)?)).await?,
        };
        let Some(object) = object else { return Ok(None) };
        let told = match (object["object"].as_str(), object["status"].as_str()) {
            (Some("payment_intent"), Some("succeeded")) => Some("payment_intent.succeeded"),
            (Some("payment_intent"), Some("processing")) => Some("payment_intent.processing"),
            (Some("payment_intent"), Some("canceled")) => Some("payment_intent.canceled"),
            (Some("checkout.session"), Some("expired")) => Some("checkout.session.expired"),
            (Some("checkout.session"), Some("complete")) => Some("checkout.session.completed"),
            (Some("charge" | "dispute"), _) | (Some("invoice"), Some("paid")) => Some(kind),
            _ => None,
        };
        Ok(told.map(|told| (told, object)))
    }

    /// Every page of a list.
    pub(super) async fn all<T, R>(&self, from: i64, page: impl Fn(i64, Option<&str>) -> R) -> Result<Vec<T>, CallError>
    where
        T: DeserializeOwned + Named,
        R: StripeRequest,
    {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let request = page(from, after.as_deref());
            let Page { data, has_more }: Page<T> = understood(self.raw(&request).await?)?;
            let last = data.last().map(|last| last.id().to_owned());
            all.extend(data);
            match last {
                Some(last) if has_more => after = Some(last),
                _ => return Ok(all),
            }
        }
        Err(refused("there is more in thirty days than one comparison can read"))
    }

    /// One object; none when Stripe does not know it.
    async fn found<R: StripeRequest>(&self, request: &R) -> Result<Option<Value>, CallError> {
        match self.raw(request).await {
            Ok(object) => Ok(Some(object)),
            Err(CallError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The answer as it came.
    async fn raw<R: StripeRequest>(&self, request: &R) -> Result<Value, CallError> {
        let answer = request.build().customize::<Answer>().send(&self.client).await.map_err(read_error)?;
        serde_json::from_str(&miniserde::json::to_string(&answer)).map_err(|error| unreadable(&error))
    }
}

fn refused(message: &str) -> CallError {
    CallError::Refused { message: message.to_owned() }
}

pub(super) fn unreadable(error: &serde_json::Error) -> CallError {
    tracing::error!(%error, "stripe's answer could not be read");
    refused("Stripe's answer could not be read")
}

fn understood<T: DeserializeOwned>(value: Value) -> Result<T, CallError> {
    serde_json::from_value(value).map_err(|error| unreadable(&error))
}

#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    has_more: bool,
}

/// What a page of a list begins behind.
pub(super) trait Named {
    fn id(&self) -> &str;
}

macro_rules! named {
    ($($shape:ident),+) => {
        $(impl Named for $shape {
            fn id(&self) -> &str {
                &self.id
            }
        })+
    };
}
named!(Session, Intent, Charge, Refund, Dispute, Movement);

type Metadata = Option<BTreeMap<String, String>>;

fn purchase_of(metadata: Metadata) -> Option<String> {
    metadata?.remove(METADATA_PURCHASE)
}

fn id_of(reference: Option<Reference>) -> Option<String> {
    reference.map(|reference| reference.id().to_owned())
}

#[derive(Deserialize)]
struct Session {
    id: String,
    mode: String,
    status: Option<String>,
    client_reference_id: Option<String>,
    metadata: Metadata,
    payment_intent: Option<Reference>,
    amount_subtotal: Option<i64>,
    total_details: Option<Details>,
    discounts: Option<Vec<Discount>>,
}

#[derive(Deserialize)]
struct Details {
    amount_discount: i64,
    amount_tax: i64,
}

#[derive(Deserialize)]
struct Discount {
    promotion_code: Option<Reference>,
}

impl Session {
    fn is_payment(&self) -> bool {
        self.mode == "payment"
    }

    fn read(self) -> reconcile::Session {
        let promotion = self.discounts.into_iter().flatten().find_map(|discount| id_of(discount.promotion_code));
        let terms = self.amount_subtotal.zip(self.total_details).map(|(subtotal, details)| Terms {
            subtotal,
            discount: details.amount_discount,
            tax: details.amount_tax,
            promotion,
        });
        reconcile::Session {
            id: self.id,
            purchase: self.client_reference_id.or_else(|| purchase_of(self.metadata)),
            intent: id_of(self.payment_intent),
            expired: self.status.as_deref() == Some("expired"),
            terms,
        }
    }
}

#[derive(Deserialize)]
struct Intent {
    id: String,
    status: String,
    amount_received: i64,
    currency: String,
    created: i64,
    metadata: Metadata,
}

impl Intent {
    fn read(self) -> reconcile::Payment {
        let progress = match self.status.as_str() {
            "succeeded" => Progress::Succeeded,
            "processing" => Progress::Processing,
            "canceled" => Progress::Canceled,
            _ => Progress::Open,
        };
        reconcile::Payment {
            intent: self.id,
            purchase: purchase_of(self.metadata),
            progress,
            received: self.amount_received,
            currency: self.currency,
            created: self.created,
        }
    }
}

#[derive(Deserialize)]
struct Charge {
    id: String,
    payment_intent: Option<Reference>,
    amount: i64,
    amount_refunded: i64,
    paid: bool,
    balance_transaction: Option<Reference>,
}

impl Charge {
    fn read(self) -> reconcile::Charge {
        reconcile::Charge {
            id: self.id,
            intent: id_of(self.payment_intent),
            amount: self.amount,
            refunded: self.amount_refunded,
            paid: self.paid,
            movement: id_of(self.balance_transaction),
        }
    }
}

#[derive(Deserialize)]
struct Refund {
    id: String,
    charge: Option<Reference>,
    payment_intent: Option<Reference>,
    amount: i64,
    status: Option<String>,
    balance_transaction: Option<Reference>,
}

impl Refund {
    fn read(self) -> reconcile::Refund {
        reconcile::Refund {
            id: self.id,
            charge: id_of(self.charge),
            intent: id_of(self.payment_intent),
            amount: self.amount,
            settled: self.status.as_deref() == Some("succeeded"),
            movement: id_of(self.balance_transaction),
        }
    }
}

#[derive(Deserialize)]
struct Dispute {
    id: String,
    charge: Option<Reference>,
    payment_intent: Option<Reference>,
    status: String,
    #[serde(default)]
    balance_transactions: Vec<Moved>,
}

#[derive(Deserialize)]
struct Moved {
    id: String,
    amount: i64,
}

impl Dispute {
    fn read(self) -> reconcile::Dispute {
        let moved = self.balance_transactions.iter().fold(0_i64, |sum, moved| sum.saturating_add(moved.amount));
        reconcile::Dispute {
            id: self.id,
            charge: id_of(self.charge),
            intent: id_of(self.payment_intent),
            lost: self.status == "lost",
            withdrawn: moved.saturating_neg().max(0),
            moved: !self.balance_transactions.is_empty(),
            movements: self.balance_transactions.into_iter().map(|moved| (moved.id, moved.amount)).collect(),
        }
    }
}

#[derive(Deserialize)]
struct Movement {
    id: String,
    reporting_category: String,
    amount: i64,
    fee: i64,
    net: i64,
    currency: String,
    source: Option<Reference>,
}

impl Movement {
    fn read(self) -> reconcile::Movement {
        reconcile::Movement {
            id: self.id,
            category: self.reporting_category,
            amount: self.amount,
            fee: self.fee,
            net: self.net,
            currency: self.currency,
            source: id_of(self.source),
        }
    }
}
