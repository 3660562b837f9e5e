//! Subscriptions: begun by a checkout session or by request, renewed by the clock, ended by request, with their
//! period, or after four payments that failed.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::cards::{Behaviour, Decline};
use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::list::Page;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, new_id};

use super::line_item::{self, LineItem};
use super::{CheckoutSession, invoice, payment_method, with_nulls};

/// Thirty days: the sandbox's month, so that a test's clock needs no calendar.
const PERIOD_SECONDS: i64 = 30 * 86_400;
/// How long after a failed payment the bank is asked again, and how often before the subscription ends.
const RETRY_SECONDS: i64 = 3 * 86_400;
const ATTEMPTS_MAX: i64 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Active,
    PastDue,
    Canceled,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Canceled => "canceled",
        }
    }
}

const NULLS: [&str; 26] = [
    "application",
    "application_fee_percent",
    "billing_cycle_anchor_config",
    "billing_thresholds",
    "cancel_at",
    "cancellation_details",
    "customer_account",
    "days_until_due",
    "default_source",
    "description",
    "managed_payments",
    "next_pending_invoice_item_invoice",
    "on_behalf_of",
    "pause_collection",
    "payment_settings",
    "pending_invoice_item_interval",
    "pending_setup_intent",
    "pending_update",
    "presentment_details",
    "schedule",
    "status_details",
    "test_clock",
    "transfer_data",
    "trial_end",
    "trial_settings",
    "trial_start",
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subscription {
    pub id: String,
    pub created: i64,
    pub customer: String,
    pub payment_method: String,
    pub status: Status,
    pub cancel_at_period_end: bool,
    pub canceled_at: Option<i64>,
    pub ended_at: Option<i64>,
    /// The paid period.
    pub period: (i64, i64),
    /// When the bank is asked next.
    pub due_at: i64,
    /// Payments of the present invoice that failed.
    pub failures: i64,
    pub invoice: String,
    pub metadata: Metadata,
    pub item: LineItem,
    pub item_id: String,
}

impl Subscription {
    fn item(&self) -> Value {
        let price = self.item.price.render();
        json!({
            "id": self.item_id,
            "object": "subscription_item",
            "billed_until": null,
            "billing_thresholds": null,
            "created": self.created,
            "current_period_end": self.period.1,
            "current_period_start": self.period.0,
            "current_trial": null,
            "discounts": [],
            "metadata": {},
            "plan": {
                "id": price["id"],
                "object": "plan",
                "active": true,
                "amount": self.item.price.unit_amount,
                "amount_decimal": self.item.price.unit_amount.to_string(),
                "billing_scheme": "per_unit",
                "created": self.created,
                "currency": self.item.price.currency.code,
                "interval": "month",
                "interval_count": 1,
                "livemode": false,
                "metadata": {},
                "meter": null,
                "nickname": null,
                "product": price["product"],
                "tiers_mode": null,
                "transform_usage": null,
                "trial_period_days": null,
                "usage_type": "licensed",
            },
            "price": price,
            "quantity": self.item.quantity,
            "subscription": self.id,
            "tax_rates": [],
        })
    }
}

impl Object for Subscription {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let object = json!({
            "id": self.id,
            "object": "subscription",
            "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
            "billing_cycle_anchor": self.created,
            "billing_mode": { "flexible": null, "type": "classic", "updated_at": null },
            "billing_schedules": [],
            "cancel_at_period_end": self.cancel_at_period_end,
            "canceled_at": self.canceled_at,
            "collection_method": "charge_automatically",
            "created": self.created,
            "currency": self.item.price.currency.code,
            "customer": self.customer,
            "default_payment_method": self.payment_method,
            "default_tax_rates": [],
            "discounts": [],
            "ended_at": self.ended_at,
            "invoice_settings": { "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null,
                "issuer": { "type": "self" } },
            "items": { "object": "list", "data": [self.item()], "has_more": false,
                "url": format!("/v1/subscription_items?subscription={}", self.id) },
            "latest_invoice": self.invoice,
            "livemode": false,
            "metadata": self.metadata,
            "start_date": self.created,
            "status": self.status.word(),
        });
        with_nulls(object, &NULLS)
    }
}

/// Begins what a session sells, with its first payment, which the card was just asked for.
pub fn begin(desk: &mut Desk, session: &CheckoutSession, customer: &str, method: &str) -> Option<String> {
    let item = session.items.first()?.clone();
    Some(begin_with(desk, item, customer, method, session.subscription_metadata.clone()))
}

fn begin_with(desk: &mut Desk, item: LineItem, customer: &str, method: &str, metadata: Metadata) -> String {
    let period = (desk.now, desk.now + PERIOD_SECONDS);
    let subscription = Subscription {
        id: new_id("sub_"),
        created: desk.now,
        customer: customer.to_owned(),
        payment_method: method.to_owned(),
        status: Status::Active,
        cancel_at_period_end: false,
        canceled_at: None,
        ended_at: None,
        period,
        due_at: period.1,
        failures: 0,
        invoice: new_id("in_"),
        metadata,
        item,
        item_id: new_id("si_"),
    };
    let (id, invoice, shape) = (subscription.id.clone(), subscription.invoice.clone(), subscription.render());
    invoice::open(desk, &invoice, &subscription, period);
    desk.store.subscriptions.put(subscription);
    desk.emit("customer.subscription.created", shape);
    invoice::pay(desk, &invoice);
    id
}

/// Begins a subscription without a page: a card of the customer's is asked now, and must say yes.
pub fn create(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let customer = params.required("customer")?;
    desk.known_customer(&customer, "customer")?;
    let mut items = line_item::take_all(desk, "items", &mut params)?;
    let item = items.pop().filter(|item| items.is_empty() && item.price.monthly).ok_or_else(|| {
        ApiError::invalid("The Stripe sandbox plays subscriptions to one recurring price; Stripe itself takes more.")
            .param("items")
    })?;
    let mut metadata = Metadata::new();
    params.merge_metadata(&mut metadata)?;
    let chosen = params.text("default_payment_method")?;
    params.choice("payment_behavior", &["allow_incomplete", "error_if_incomplete"])?;
    params.choice("collection_method", &["charge_automatically"])?;
    params.ignore(&["description", "off_session", "payment_settings", "proration_behavior"]);
    params.finish()?;
    let of_customer = || desk.store.customers.get(&customer).and_then(|one| one.default_payment_method.clone());
    let method = chosen.clone().or_else(of_customer).ok_or_else(|| {
        ApiError::invalid("This customer has no attached payment source or default payment method.")
            .code("resource_missing")
    })?;
    if payment_method::known(desk, &method, "default_payment_method")?.as_deref() != Some(customer.as_str()) {
        return Err(ApiError::invalid(format!("The customer does not have a payment method with the ID {method}."))
            .code("resource_missing")
            .param("default_payment_method"));
    }
    if !says_yes(desk, &method) {
        return Err(Decline::Generic.error());
    }
    line_item::keep_prices(desk, std::slice::from_ref(&item));
    let id = begin_with(desk, item, &customer, &method, metadata);
    retrieve(desk, &id)
}

/// Ends a subscription at once.
pub fn cancel(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let subscription = find(desk, id)?.clone();
    for field in ["invoice_now", "prorate"] {
        if params.flag(field)? == Some(true) {
            return Err(ApiError::not_played(field, "true"));
        }
    }
    params.ignore(&["cancellation_details"]);
    params.finish()?;
    if subscription.status == Status::Canceled {
        return Err(ApiError::no_such("subscription", id, "id"));
    }
    end(desk, subscription);
    retrieve(desk, id)
}

/// Those that were cancelled are listed when they are asked for.
pub fn list(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let (customer, price) = (params.text("customer")?, params.text("price")?);
    let status = params.choice("status", &["active", "all", "canceled", "ended", "past_due"])?;
    params.refuse(&[
        "automatic_tax",
        "collection_method",
        "current_period_end",
        "current_period_start",
        "test_clock",
    ])?;
    params.finish()?;
    page.of(&desk.store.subscriptions, "subscription", url, |one| {
        customer.as_deref().is_none_or(|customer| customer == one.customer)
            && price.as_deref().is_none_or(|price| price == one.item.price.id)
            && match status {
                None => one.status != Status::Canceled,
                Some("all") => true,
                Some("ended") => one.status == Status::Canceled,
                Some(word) => word == one.status.word(),
            }
    })
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find(desk, id).map(Object::render)
}

fn find<'a>(desk: &'a Desk, id: &str) -> Result<&'a Subscription, ApiError> {
    desk.store.subscriptions.get(id).ok_or_else(|| ApiError::no_such("subscription", id, "id"))
}

pub fn update(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut subscription = find(desk, id)?.clone();
    if subscription.status == Status::Canceled {
        return Err(ApiError::invalid(
            "A canceled subscription can only update its cancellation_details and metadata.",
        ));
    }
    if let Some(ends) = params.flag("cancel_at_period_end")? {
        subscription.cancel_at_period_end = ends;
        subscription.canceled_at = ends.then_some(desk.now);
    }
    params.merge_metadata(&mut subscription.metadata)?;
    params.finish()?;
    let shape = subscription.render();
    put_back(desk, subscription);
    desk.emit("customer.subscription.updated", shape.clone());
    Ok(shape)
}

fn put_back(desk: &mut Desk, subscription: Subscription) {
    if let Some(kept) = desk.store.subscriptions.get_mut(&subscription.id) {
        *kept = subscription;
    }
}

/// Asks the bank for every payment whose time has come, and ends what ends.
pub fn renew_due(desk: &mut Desk) {
    let now = desk.now;
    let due = |one: &&Subscription| one.status != Status::Canceled && one.due_at <= now;
    let due: Vec<Subscription> = desk.store.subscriptions.newest_first().filter(due).cloned().collect();
    for subscription in due {
        if subscription.cancel_at_period_end {
            end(desk, subscription);
        } else {
            renew(desk, subscription);
        }
    }
}

fn renew(desk: &mut Desk, mut subscription: Subscription) {
    let now = desk.now;
    let next = (subscription.period.1, subscription.period.1 + PERIOD_SECONDS);
    if subscription.failures == 0 {
        subscription.invoice = new_id("in_");
        invoice::open(desk, &subscription.invoice.clone(), &subscription, next);
    }
    let invoice = subscription.invoice.clone();
    if pays(desk, &subscription) {
        subscription.period = next;
        (subscription.status, subscription.failures, subscription.due_at) = (Status::Active, 0, next.1);
        let shape = subscription.render();
        put_back(desk, subscription);
        invoice::pay(desk, &invoice);
        desk.emit("customer.subscription.updated", shape);
        return;
    }
    subscription.failures += 1;
    let is_last = subscription.failures >= ATTEMPTS_MAX;
    invoice::refuse(desk, &invoice, (!is_last).then_some(now + RETRY_SECONDS));
    if is_last {
        return end(desk, subscription);
    }
    (subscription.status, subscription.due_at) = (Status::PastDue, now + RETRY_SECONDS);
    let shape = subscription.render();
    put_back(desk, subscription);
    desk.emit("customer.subscription.updated", shape);
}

/// The customer's default card is asked before the one it began with.
fn pays(desk: &Desk, subscription: &Subscription) -> bool {
    let default = desk.store.customers.get(&subscription.customer).and_then(|one| one.default_payment_method.clone());
    let card = default.unwrap_or_else(|| subscription.payment_method.clone());
    says_yes(desk, &card)
}

/// Whether the bank behind a card lets a payment through that nobody is there to confirm.
fn says_yes(desk: &Desk, card: &str) -> bool {
    let behaviour = desk.store.payment_methods.get(card).map(|method| (method.card.behaviour, method.is_set_up));
    matches!(behaviour, Some((Behaviour::Succeeds, _) | (Behaviour::AuthenticatesOnce, true)))
}

fn end(desk: &mut Desk, mut subscription: Subscription) {
    subscription.status = Status::Canceled;
    subscription.ended_at = Some(desk.now);
    subscription.canceled_at = subscription.canceled_at.or(Some(desk.now));
    let shape = subscription.render();
    put_back(desk, subscription);
    desk.emit("customer.subscription.deleted", shape);
}
