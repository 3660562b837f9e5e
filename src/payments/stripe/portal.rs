//! Stripe's customer portal: cards, invoices and the subscription, on Stripe's own page.

use stripe::StripeRequest;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;

use super::{CallError, IN_USE_PAUSE, Stripe, once, patiently};
use crate::ledger::AccountId;

impl Stripe {
    /// Opens the portal for a customer; answers where it is.
    pub async fn open_portal(
        &self,
        account: AccountId,
        customer: &str,
        public_url: &str,
        request: &str,
    ) -> Result<String, CallError> {
        let strategy = once(format!("{account}:portal:{customer}:{request}"))?;
        let request = CreateBillingPortalSession::new().customer(customer).return_url(format!("{public_url}/billing"));
        let send = || request.customize().request_strategy(strategy.clone()).send(&self.client);
        Ok(patiently(IN_USE_PAUSE, send).await?.url)
    }
}
