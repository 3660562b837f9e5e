//! An operator gives a purchase's money back.

use super::billing::cents;
use super::office::reason_of;
use super::{refused, refused_at, request_key};
use crate::app::error::AppError;
use crate::identity::{Actor, SignedIn};
use crate::ledger::PurchaseId;
use crate::payments::{Purchase, RefundError, RefundOrder, RefundTold};
use crate::server::context::app;

/// Orders the refund of `amount` dollars, or of all that is left when nothing is written; of the payment that brought the
/// credits unless another one is named.
pub async fn refund(
    who: &SignedIn,
    purchase: &Purchase,
    payment: &str,
    amount: &str,
    reason: &str,
    request: &str,
) -> Result<(), AppError> {
    let (app, reason) = (app(), reason_of(reason)?);
    let wish = match amount.trim() {
        "" => None,
        text => Some(cents(text).ok_or_else(|| refused("dollars_invalid"))?),
    };
    let request = request_key(request, &["refund", &purchase.id.to_string(), payment, amount, &reason])?;
    let payment = Some(payment).filter(|payment| !payment.is_empty());
    let order = RefundOrder { purchase: purchase.id, payment, amount: wish, reason: &reason, request: &request };
    let line =
        |told: &RefundTold<'_>| app.identity.audit(&Actor::operator(who), told.account, told.action(), told.detail());
    app.payments.refund(order, line).await?;
    Ok(())
}

/// The purchase of a form, whoever's it is.
pub async fn purchase_of(text: &str) -> Result<Purchase, AppError> {
    let id: PurchaseId = text.parse().map_err(|_| AppError::NotFound)?;
    app().payments.any_purchase(id).await?.ok_or(AppError::NotFound)
}

/// Leads back to the page of the back office that the form stood on, or to the customer's.
pub fn back_from_refund(purchase: &Purchase, back: &str, outcome: Result<(), AppError>) -> Result<(), AppError> {
    let page = match office_page(back) {
        Some(page) => page.to_owned(),
        None => format!("/office/customers/{}", purchase.account),
    };
    match outcome {
        Ok(()) => {
            let joint = if page.contains('?') { '&' } else { '?' };
            leptos_axum::redirect(&format!("{page}{joint}done=refund"), false);
        }
        Err(error) => refused_at(&page, &error),
    }
    Ok(())
}

/// A page of the back office, and nothing else that a form may have been made to name.
fn office_page(back: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-?=&".contains(&byte);
    let known = back == "/office" || back.starts_with("/office/") || back.starts_with("/office?");
    (known && !back.contains("//") && back.bytes().all(plain)).then_some(back)
}

impl From<RefundError> for AppError {
    fn from(error: RefundError) -> Self {
        match error {
            RefundError::NoSuchPurchase => Self::NotFound,
            RefundError::AmountNotPositive => refused("dollars_invalid"),
            RefundError::Payment(error) => error.into(),
            other => refused(other.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_leads_back_into_the_back_office_only() {
        for page in ["/office", "/office/purchases?before=PUR_1", "/office/customers/ACC_1"] {
            assert_eq!(office_page(page), Some(page));
        }
        for page in
            ["", "/", "/dashboard", "//evil.example", "/office//evil.example", "https://x", "/office/\\x", "/officer"]
        {
            assert_eq!(office_page(page), None, "{page:?}");
        }
    }
}
