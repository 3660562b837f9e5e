//! Saved cards at Stripe: the list, one more by Stripe's own page, one fewer, which of them is charged; and the payment
//! that waits for its customer.

use stripe::StripeRequest;
use stripe_checkout::checkout_session::CreateCheckoutSession;
use stripe_core::customer::{ListPaymentMethodsCustomer, ListPaymentMethodsCustomerType};
use stripe_core::payment_intent::{CancelPaymentIntent, ConfirmPaymentIntent};
use stripe_core::setup_intent::RetrieveSetupIntent;
use stripe_payment::payment_method::DetachPaymentMethod;
use stripe_shared::{CheckoutSessionMode, PaymentMethod};
use stripe_types::Currency;

use super::{
    CallError, IN_USE_PAUSE, Intent, SavedCard, Stripe, checked, default_request, once, patiently, read_card,
    read_error, read_intent,
};
use crate::ledger::AccountId;
use crate::payments::purchase::Purchase;

/// More cards than anybody keeps.
const CARDS_MAX: i64 = 100;

/// A card as Stripe keeps it.
pub struct ListedCard {
    pub card: SavedCard,
    pub exp_month: i64,
    pub exp_year: i64,
}

impl Stripe {
    /// The customer's cards, newest first.
    pub async fn cards(&self, customer: &str) -> Result<Vec<ListedCard>, CallError> {
        let request = ListPaymentMethodsCustomer::new(checked(customer)?)
            .type_(ListPaymentMethodsCustomerType::Card)
            .limit(CARDS_MAX);
        let list = request.send(&self.client).await.map_err(read_list_error)?;
        Ok(list.data.into_iter().filter_map(listed).collect())
    }

    /// Makes one of the customer's cards the one that invoices are paid with.
    pub async fn set_default(
        &self,
        account: AccountId,
        customer: &str,
        card: &str,
        revision: i64,
    ) -> Result<(), CallError> {
        let strategy = once(format!("{account}:default:{card}:{revision}"))?;
        let request = default_request(customer, checked(card)?)?.customize().request_strategy(strategy);
        request.send(&self.client).await.map(|_| ()).map_err(read_error)
    }

    /// Takes a card off its customer.
    pub async fn detach(&self, account: AccountId, card: &str, revision: i64) -> Result<(), CallError> {
        let strategy = once(format!("{account}:detach:{card}:{revision}"))?;
        let request = DetachPaymentMethod::new(checked(card)?).customize().request_strategy(strategy);
        request.send(&self.client).await.map(|_| ()).map_err(read_error)
    }

    /// Opens Stripe's page for saving a card; answers where it is.
    pub async fn open_setup(
        &self,
        account: AccountId,
        customer: &str,
        public_url: &str,
        request: &str,
    ) -> Result<String, CallError> {
        let strategy = once(format!("{account}:setup:{customer}:{request}"))?;
        let request = setup_request(account, customer, public_url);
        let send = || request.customize().request_strategy(strategy.clone()).send(&self.client);
        let session = patiently(IN_USE_PAUSE, send).await?;
        session.url.ok_or_else(|| CallError::Refused { message: "the checkout session came without a page".into() })
    }

    /// The card that a setup intent saved, if it was a card.
    pub async fn card_of_setup(&self, setup: &str) -> Result<Option<SavedCard>, CallError> {
        let request = RetrieveSetupIntent::new(checked(setup)?).expand(["payment_method".to_owned()]);
        let setup = request.send(&self.client).await.map_err(read_error)?;
        Ok(setup.payment_method.and_then(stripe_types::Expandable::into_object).and_then(read_card))
    }

    /// Confirms the intent with the customer present, who comes back to `back`.
    pub async fn confirm(
        &self,
        purchase: &Purchase,
        intent: &str,
        card: &str,
        back: &str,
        request: &str,
    ) -> Result<Intent, CallError> {
        let strategy = once(format!("{}:confirm:{request}", purchase.id))?;
        let request = ConfirmPaymentIntent::new(checked(intent)?).payment_method(card).return_url(back);
        let send = || request.customize().request_strategy(strategy.clone()).send(&self.client);
        patiently(IN_USE_PAUSE, send).await.map(read_intent)
    }

    pub async fn cancel(&self, purchase: &Purchase, intent: &str) -> Result<Intent, CallError> {
        let strategy = once(format!("{}:cancel", purchase.id))?;
        let request = CancelPaymentIntent::new(checked(intent)?).customize().request_strategy(strategy);
        request.send(&self.client).await.map(read_intent).map_err(read_error)
    }
}

fn listed(method: PaymentMethod) -> Option<ListedCard> {
    let (exp_month, exp_year) = method.card.as_ref().map(|card| (card.exp_month, card.exp_year))?;
    Some(ListedCard { card: read_card(method)?, exp_month, exp_year })
}

/// The list's customer stands in the path, where Stripe names it differently from a parameter.
fn read_list_error(error: stripe::StripeError) -> CallError {
    match error {
        stripe::StripeError::Stripe(_, 404) => CallError::CustomerMissing,
        other => read_error(other),
    }
}

fn setup_request(account: AccountId, customer: &str, public_url: &str) -> CreateCheckoutSession {
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Setup)
        .customer(customer)
        .client_reference_id(account.to_string())
        .currency(Currency::USD)
        .success_url(format!("{public_url}/billing?card=saved"))
        .cancel_url(format!("{public_url}/billing?card=left"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ulid::Ulid;

    #[test]
    fn the_page_for_saving_a_card_is_the_customers_and_charges_nothing() {
        let account = AccountId::from_ulid(Ulid::from(2u128));
        let request = setup_request(account, "cus_1", "https://aethel.example");
        let body = request.build().body.expect("a form");
        let mut sent: Vec<(String, String)> = serde_urlencoded::from_str(&body).expect("url-encoded");
        sent.sort();
        let expected = [
            ("cancel_url", "https://aethel.example/billing?card=left"),
            ("client_reference_id", &account.to_string()),
            ("currency", "usd"),
            ("customer", "cus_1"),
            ("mode", "setup"),
            ("success_url", "https://aethel.example/billing?card=saved"),
        ];
        assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
