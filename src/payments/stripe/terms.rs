//! On what terms a checkout was paid, asked of Stripe.

use stripe_checkout::checkout_session::RetrieveCheckoutSession;

use super::{CallError, Stripe, checked, read_error};
use crate::payments::promotion::Terms;

impl Stripe {
    /// The payment intent and the terms of a checkout; none when it has no payment or no amounts.
    pub async fn terms_of(&self, session: &str) -> Result<Option<(String, Terms)>, CallError> {
        let request = RetrieveCheckoutSession::new(checked(session)?);
        let session = request.send(&self.client).await.map_err(read_error)?;
        let intent = session.payment_intent.map(|intent| intent.id().to_string());
        let promotion = session
            .discounts
            .unwrap_or_default()
            .into_iter()
            .find_map(|discount| discount.promotion_code)
            .map(|code| code.id().to_string());
        let terms = session.amount_subtotal.zip(session.total_details).map(|(subtotal, details)| Terms {
            subtotal,
            discount: details.amount_discount,
            tax: details.amount_tax,
            promotion,
        });
        Ok(intent.zip(terms))
    }
}
