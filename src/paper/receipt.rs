//! The receipt of one purchase: what was bought, what was paid, and what has gone back since.

use super::moment;
use super::sheet::Sheet;
use crate::ledger::Cents;
use crate::payments::{Paid, Purchase};

/// What a receipt is made from.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptData<'a> {
    /// What the customer is called.
    pub customer: &'a str,
    /// Where the shop is on the web.
    pub site: &'a str,
    /// What was bought.
    pub purchase: &'a Purchase,
    /// What it came to.
    pub paid: &'a Paid,
}

/// Every line of a receipt, as names and values: the page and the file say the same.
#[must_use]
pub fn receipt_facts(data: &ReceiptData<'_>) -> Vec<(&'static str, String)> {
    let ReceiptData { customer, purchase, paid, .. } = data;
    let mut facts = vec![
        ("Receipt for", (*customer).to_owned()),
        ("Account", purchase.account.to_string()),
        ("Purchase", purchase.id.to_string()),
        ("Paid, UTC", purchase.paid_at.map(moment).unwrap_or_default()),
        ("Bought", format!("{} package", purchase.package)),
        ("Credits", purchase.credits.to_string()),
        ("Price", purchase.amount.to_string()),
    ];
    if paid.discount != Cents::ZERO {
        let code = paid.promotion.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
        facts.push(("Discount", format!("−{}{code}", paid.discount)));
    }
    if paid.tax != Cents::ZERO {
        facts.push(("Tax", paid.tax.to_string()));
    }
    facts.push(("Total paid, US dollars", paid.total(purchase.amount).to_string()));
    let returned = purchase.returned;
    if returned.money.is_positive() {
        facts.push(("Gone back since", format!("{}, {} credits with it", returned.money, returned.credits)));
    }
    facts.extend(purchase.stripe_intent.iter().map(|intent| ("Payment at Stripe", intent.clone())));
    facts
}

/// The receipt as a PDF.
#[must_use]
pub fn receipt(data: &ReceiptData<'_>) -> Vec<u8> {
    let mut sheet = Sheet::new("Receipt");
    sheet.text(&format!("Aethel, formal verification by the credit: {}", data.site));
    sheet.gap();
    for (name, value) in receipt_facts(data) {
        sheet.fact(name, &value);
    }
    sheet.finish()
}
