//! The receipt of a purchase, as the page shows it.

use super::visitor::Visitor;
use crate::app::error::AppError;
use crate::app::views::ReceiptView;
use crate::ledger::PurchaseId;
use crate::paper::{ReceiptData, receipt_facts};
use crate::server::context::app;

/// The receipt of a purchase of the visitor's account; there is none before it is paid.
pub async fn receipt(visitor: &Visitor, purchase: &str) -> Result<ReceiptView, AppError> {
    let (app, account) = (app(), visitor.account());
    let id: PurchaseId = purchase.parse().map_err(|_| AppError::NotFound)?;
    let purchase = app.payments.purchase(account, id).await?.ok_or(AppError::NotFound)?;
    let paid = app.payments.money_of(&purchase).await?.ok_or(AppError::NotFound)?;
    let (customer, site) = (visitor.summary.name.as_str(), app.config.public_url.as_str());
    let facts = receipt_facts(&ReceiptData { customer, site, purchase: &purchase, paid: &paid });
    Ok(ReceiptView {
        frame: visitor.frame(),
        purchase: id.to_string(),
        facts: facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    })
}
