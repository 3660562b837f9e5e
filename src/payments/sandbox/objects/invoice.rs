//! Invoices of subscriptions: opened with each period, paid by the card or not. Read only from outside.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::list::{Page, envelope};
use crate::payments::sandbox::params::Params;
use crate::payments::sandbox::state::{Desk, Object, new_id};

use super::subscription::Subscription;
use super::with_nulls;

const NULLS: [&str; 41] = [
    "account_country",
    "account_name",
    "account_tax_ids",
    "application",
    "automatically_finalizes_at",
    "confirmation_secret",
    "custom_fields",
    "customer_account",
    "customer_address",
    "customer_email",
    "customer_name",
    "customer_phone",
    "customer_shipping",
    "customer_tax_exempt",
    "default_source",
    "description",
    "due_date",
    "ending_balance",
    "footer",
    "from_invoice",
    "hosted_invoice_url",
    "invoice_pdf",
    "last_finalization_error",
    "latest_revision",
    "on_behalf_of",
    "receipt_number",
    "rendering",
    "shipping_cost",
    "shipping_details",
    "statement_descriptor",
    "status_details",
    "test_clock",
    "threshold_reason",
    "total_taxes",
    "webhooks_delivered_at",
    "subtotal_excluding_tax",
    "total_excluding_tax",
    "customer_tax_ids",
    "total_discount_amounts",
    "total_pretax_credit_amounts",
    "amount_paid_off_stripe",
];

/// What one period costs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invoice {
    pub id: String,
    pub created: i64,
    number: String,
    line: String,
    /// The subscription as it stood: customer, what it sells, what it is called by us.
    of: Box<Subscription>,
    period: (i64, i64),
    is_first: bool,
    attempts: i64,
    next_attempt: Option<i64>,
    paid_at: Option<i64>,
}

impl Invoice {
    fn render_line(&self) -> Value {
        let (item, price) = (&self.of.item, &self.of.item.price);
        json!({
            "id": self.line,
            "object": "line_item",
            "amount": item.amount,
            "currency": price.currency.code,
            "description": format!("{} × {} (at {} / month)", item.quantity, item.name, price.currency.display(price.unit_amount)),
            "discount_amounts": [],
            "discountable": true,
            "discounts": [],
            "invoice": self.id,
            "livemode": false,
            "metadata": self.of.metadata,
            "parent": { "invoice_item_details": null, "type": "subscription_item_details", "subscription_item_details": {
                "invoice_item": null, "proration": false, "proration_details": null, "subscription": self.of.id,
                "subscription_item": self.of.item_id } },
            "period": { "start": self.period.0, "end": self.period.1 },
            "pretax_credit_amounts": [],
            "pricing": { "price_details": { "price": price.id, "product": price.product }, "type": "price_details",
                "unit_amount_decimal": price.unit_amount.to_string() },
            "quantity": item.quantity,
            "subtotal": item.amount,
            "taxes": [],
        })
    }
}

impl Object for Invoice {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let amount = self.of.item.amount;
        let paid = if self.paid_at.is_some() { amount } else { 0 };
        let object = json!({
            "id": self.id,
            "object": "invoice",
            "amount_due": amount,
            "amount_overpaid": 0,
            "amount_paid": paid,
            "amount_remaining": amount - paid,
            "amount_shipping": 0,
            "attempt_count": self.attempts,
            "attempted": self.attempts > 0,
            "auto_advance": self.next_attempt.is_some(),
            "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null },
            "billing_reason": if self.is_first { "subscription_create" } else { "subscription_cycle" },
            "collection_method": "charge_automatically",
            "created": self.created,
            "currency": self.of.item.price.currency.code,
            "customer": self.of.customer,
            "default_payment_method": self.of.payment_method,
            "default_tax_rates": [],
            "discounts": [],
            "effective_at": self.created,
            "issuer": { "type": "self" },
            "lines": envelope(vec![self.render_line()], false, &format!("/v1/invoices/{}/lines", self.id)),
            "livemode": false,
            "metadata": {},
            "next_payment_attempt": self.next_attempt,
            "number": self.number,
            "parent": { "quote_details": null, "type": "subscription_details", "subscription_details": {
                "metadata": self.of.metadata, "subscription": self.of.id } },
            "payment_settings": { "default_mandate": null, "payment_method_options": null, "payment_method_types": null },
            "period_end": self.created,
            "period_start": self.created,
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "starting_balance": 0,
            "status": if self.paid_at.is_some() { "paid" } else { "open" },
            "status_transitions": { "finalized_at": self.created, "marked_uncollectible_at": null, "paid_at": self.paid_at,
                "voided_at": null },
            "subtotal": amount,
            "total": amount,
        });
        with_nulls(object, &NULLS)
    }
}

/// Opens the invoice of a period; the bank has not been asked yet.
pub fn open(desk: &mut Desk, id: &str, subscription: &Subscription, period: (i64, i64)) {
    let number = desk.store.invoices.newest_first().filter(|one| one.of.customer == subscription.customer).count();
    let whose = subscription.customer.get(4..12).unwrap_or_default().to_ascii_uppercase();
    desk.store.invoices.put(Invoice {
        id: id.to_owned(),
        created: desk.now,
        number: format!("{whose}-{:04}", number + 1),
        line: new_id("il_"),
        of: Box::new(subscription.clone()),
        period,
        is_first: period.0 == subscription.created,
        attempts: 0,
        next_attempt: None,
        paid_at: None,
    });
}

/// Notes that the bank was asked and said yes, and tells of it.
pub fn pay(desk: &mut Desk, id: &str) {
    let now = desk.now;
    tell(desk, id, "invoice.paid", |invoice| {
        (invoice.paid_at, invoice.next_attempt) = (Some(now), None);
    });
}

/// Notes that the bank was asked and said no, and when it is asked again, and tells of it.
pub fn refuse(desk: &mut Desk, id: &str, next_attempt: Option<i64>) {
    tell(desk, id, "invoice.payment_failed", |invoice| invoice.next_attempt = next_attempt);
}

fn tell(desk: &mut Desk, id: &str, event: &'static str, change: impl FnOnce(&mut Invoice)) {
    if let Some(invoice) = desk.store.invoices.get_mut(id) {
        invoice.attempts += 1;
        change(invoice);
        let shape = invoice.render();
        desk.emit(event, shape);
    }
}

fn find<'a>(desk: &'a Desk, id: &str) -> Result<&'a Invoice, ApiError> {
    desk.store.invoices.get(id).ok_or_else(|| ApiError::no_such("invoice", id, "invoice"))
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find(desk, id).map(Object::render)
}

pub fn list_lines(desk: &Desk, id: &str, url: &str, mut params: Params) -> Result<Value, ApiError> {
    // An invoice has one line: one page tells all.
    params.ignore(&["limit"]);
    params.finish()?;
    Ok(envelope(vec![find(desk, id)?.render_line()], false, url))
}

pub fn list(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let (customer, subscription) = (params.text("customer")?, params.text("subscription")?);
    let status = params.choice("status", &["draft", "open", "paid", "uncollectible", "void"])?;
    params.refuse(&["collection_method", "customer_account", "due_date"])?;
    params.finish()?;
    page.of(&desk.store.invoices, "invoice", url, |invoice| {
        customer.as_deref().is_none_or(|customer| customer == invoice.of.customer)
            && subscription.as_deref().is_none_or(|subscription| subscription == invoice.of.id)
            && status.is_none_or(|status| status == if invoice.paid_at.is_some() { "paid" } else { "open" })
    })
}
