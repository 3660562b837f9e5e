//! The adapter to Stripe's API: each call builds a request from our own row, sends it, and answers in our own words.
//!
//! The only place that knows `async-stripe`. Every write carries an idempotency key made of our own ids, every call has a
//! time-out, nothing here touches the database, and no log line carries a key, a client secret or a card.

use std::collections::HashMap;
use std::time::Duration;

use stripe::{ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAutomaticTax, CreateCheckoutSessionCustomerUpdate,
    CreateCheckoutSessionCustomerUpdateAddress, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionLineItemsPriceDataTaxBehavior,
    CreateCheckoutSessionPaymentIntentData, CreateCheckoutSessionPaymentIntentDataSetupFutureUsage, ProductData,
};
use stripe_core::customer::{CreateCustomer, UpdateCustomer, UpdateCustomerInvoiceSettings};
use stripe_core::payment_intent::{
    CreatePaymentIntent, CreatePaymentIntentAutomaticPaymentMethods, CreatePaymentIntentOffSession,
    RetrievePaymentIntent,
};
use stripe_payment::payment_method::AttachPaymentMethod;
use stripe_shared::{
    ApiErrors, ApiErrorsCode, ApiErrorsType, CheckoutSessionMode, PaymentIntent, PaymentIntentStatus, PaymentMethod,
};
use stripe_types::Currency;

use super::PaymentsConfig;
use super::event::METADATA_PURCHASE;
use super::purchase::{Failure, News, PaymentEvent, Purchase};
use crate::ledger::AccountId;

/// Stripe answers in a second or two; a customer waits no longer than this, and a retry continues the same purchase.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);

/// A form sent twice at once meets its own key at Stripe: the second one asks again after this pause, and so often.
const IN_USE_PAUSE: Duration = Duration::from_millis(500);
const IN_USE_TRIES: u32 = 20;

/// Stripe's ids are some thirty characters.
const ID_LENGTH_MAX: usize = 255;

mod books;
mod cards;
mod money_back;
mod portal;
mod subscriptions;
mod terms;

/// A saved card, as much of it as may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedCard {
    /// `visa`, `mastercard`, …
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// What Stripe calls it.
    pub payment_method: String,
}

/// A hosted checkout page, open for the customer.
pub(super) struct OpenCheckout {
    pub session: String,
    pub url: String,
    pub event: PaymentEvent,
}

/// A payment intent as Stripe answered it.
pub(super) struct Intent {
    pub id: String,
    pub client_secret: Option<String>,
    pub needs_customer: bool,
    /// The bank's page, where its customer is waited for there.
    pub bank_page: Option<String>,
    pub event: PaymentEvent,
}

/// Why a call did not do what it should.
#[derive(Debug)]
pub(super) enum CallError {
    /// The card was refused; `intent` is the payment that failed, where there is one.
    Declined { failure: Failure, intent: Option<String> },
    /// Stripe does not know the customer any more: deleted there, or other keys than before.
    CustomerMissing,
    /// Stripe does not know the saved card any more.
    CardMissing,
    /// No answer, or one that says "later". Whether it was done is unknown; the same key may be sent again.
    Unreachable,
    /// Stripe does not take our key.
    KeyRefused,
    /// Stripe knows nothing of this id.
    NotFound { message: String },
    /// Stripe refused the request.
    Refused { message: String },
}

pub(super) struct Stripe {
    client: stripe::Client,
}

impl Stripe {
    /// # Errors
    /// When the key cannot stand in a header or the base URL is none.
    pub fn new(secret_key: &str, api_base: Option<&str>) -> Result<Self, String> {
        let builder = ClientBuilder::new(secret_key).timeout(CALL_TIMEOUT);
        let builder = match api_base {
            // The client appends `v1/…` to this.
            Some(url) => builder.url(format!("{}/", url.trim_end_matches('/'))),
            None => builder,
        };
        let client = builder.build().map_err(|error| error.to_string())?;
        Ok(Stripe { client })
    }

    pub async fn create_customer(
        &self,
        account: AccountId,
        email: Option<&str>,
        revision: i64,
    ) -> Result<String, CallError> {
        let strategy = once(format!("{account}:customer:{revision}"))?;
        let request = customer_request(account, email);
        let send = || request.customize().request_strategy(strategy.clone()).send(&self.client);
        let customer = patiently(IN_USE_PAUSE, send).await?;
        Ok(customer.id.to_string())
    }

    pub async fn open_checkout(
        &self,
        purchase: &Purchase,
        customer: &str,
        config: &PaymentsConfig,
    ) -> Result<OpenCheckout, CallError> {
        // With the customer in the key, a customer that had to be made anew is a new request and not a changed one.
        let strategy = once(format!("{}:checkout:{customer}", purchase.id))?;
        let request = taxed(checkout_request(purchase, customer, &config.public_url), config.tax);
        let send = || request.customize().request_strategy(strategy.clone()).send(&self.client);
        let session = patiently(IN_USE_PAUSE, send).await?;
        let Some(url) = session.url else {
            return Err(CallError::Refused { message: "the checkout session came without a page".into() });
        };
        let event = PaymentEvent { at: session.created, news: News::Opened };
        Ok(OpenCheckout { session: session.id.to_string(), url, event })
    }

    pub async fn open_intent(&self, purchase: &Purchase, customer: &str) -> Result<Intent, CallError> {
        let strategy = once(format!("{}:intent:{customer}", purchase.id))?;
        let request = intent_request(purchase, customer);
        let send = || request.customize().request_strategy(strategy.clone()).send(&self.client);
        patiently(IN_USE_PAUSE, send).await.map(read_intent)
    }

    /// Charges a saved card now, without the customer present; at most once, whoever its customer has become.
    pub async fn charge(
        &self,
        purchase: &Purchase,
        customer: &str,
        card: &str,
        public_url: &str,
    ) -> Result<Intent, CallError> {
        let strategy = once(format!("{}:charge", purchase.id))?;
        let request = charge_request(purchase, customer, card, public_url);
        let send = || request.customize().request_strategy(strategy.clone()).send(&self.client);
        patiently(IN_USE_PAUSE, send).await.map(read_intent)
    }

    pub async fn intent(&self, id: &str) -> Result<Intent, CallError> {
        let request = RetrievePaymentIntent::new(checked(id)?);
        request.send(&self.client).await.map(read_intent).map_err(read_error)
    }

    /// The card that paid an intent, if it was a card.
    pub async fn card_of(&self, intent: &str) -> Result<Option<SavedCard>, CallError> {
        let request = RetrievePaymentIntent::new(checked(intent)?).expand(["payment_method".to_owned()]);
        let intent = request.send(&self.client).await.map_err(read_error)?;
        Ok(intent.payment_method.and_then(stripe_types::Expandable::into_object).and_then(read_card))
    }

    /// Attaches a card to the customer and makes it the default.
    pub async fn attach(
        &self,
        account: AccountId,
        customer: &str,
        method: &str,
        revision: i64,
    ) -> Result<SavedCard, CallError> {
        let strategy = once(format!("{account}:attach:{method}:{revision}"))?;
        let attach = AttachPaymentMethod::new(checked(method)?).customer(customer);
        let attached = attach.customize().request_strategy(strategy).send(&self.client).await.map_err(read_error)?;
        let card =
            read_card(attached).ok_or_else(|| CallError::Refused { message: "only a card can be saved".into() })?;
        let strategy = once(format!("{account}:default:{}:{revision}", card.payment_method))?;
        let default = default_request(customer, &card.payment_method)?.customize().request_strategy(strategy);
        default.send(&self.client).await.map_err(read_error)?;
        Ok(card)
    }
}

/// Our own key for one write: sent again after a lost answer, Stripe does the work once and repeats what it said.
fn once(key: String) -> Result<RequestStrategy, CallError> {
    match IdempotencyKey::new(&key) {
        Ok(key) => Ok(RequestStrategy::Idempotent(key)),
        Err(error) => Err(CallError::Refused { message: error.to_string() }),
    }
}

/// Sends a write; while another one under the same key is running, waits for what that one is told, asking every
/// `pause`.
async fn patiently<T, F>(pause: Duration, send: impl Fn() -> F) -> Result<T, CallError>
where
    F: Future<Output = Result<T, StripeError>>,
{
    for _ in 1..IN_USE_TRIES {
        match send().await {
            Err(StripeError::Stripe(error, _)) if error.code == Some(ApiErrorsCode::IdempotencyKeyInUse) => {
                tokio::time::sleep(pause).await;
            }
            outcome => return outcome.map_err(read_error),
        }
    }
    send().await.map_err(read_error)
}

fn customer_request(account: AccountId, email: Option<&str>) -> CreateCustomer {
    let request = CreateCustomer::new().metadata([("account".to_owned(), account.to_string())]);
    match email {
        Some(email) => request.email(email),
        None => request,
    }
}

fn checkout_request(purchase: &Purchase, customer: &str, public_url: &str) -> CreateCheckoutSession {
    let id = purchase.id.to_string();
    let mut product = ProductData::new(format!("Aethel {} package", purchase.package));
    product.description = Some(format!("{} credits", purchase.credits));
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(Currency::USD);
    price.unit_amount = Some(purchase.amount.get());
    price.product_data = Some(product);
    // Tax, where it is due, comes on top of our price.
    price.tax_behavior = Some(CreateCheckoutSessionLineItemsPriceDataTaxBehavior::Exclusive);
    let mut item = CreateCheckoutSessionLineItems::new();
    item.price_data = Some(price);
    item.quantity = Some(1);
    let mut intent = CreateCheckoutSessionPaymentIntentData::new();
    intent.metadata = Some(metadata(purchase));
    // The card is kept for later purchases without the customer present; Stripe's page says so.
    intent.setup_future_usage = Some(CreateCheckoutSessionPaymentIntentDataSetupFutureUsage::OffSession);
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .customer(customer)
        .client_reference_id(&id)
        .metadata(metadata(purchase))
        .payment_intent_data(intent)
        .line_items([item])
        .allow_promotion_codes(true)
        .success_url(format!("{public_url}/buy/return?purchase={id}"))
        .cancel_url(format!("{public_url}/buy?canceled={id}"))
}

/// Has Stripe put tax on top, by the address that the customer types on its page, where that is switched on.
fn taxed(request: CreateCheckoutSession, tax: bool) -> CreateCheckoutSession {
    if !tax {
        return request;
    }
    let mut update = CreateCheckoutSessionCustomerUpdate::new();
    update.address = Some(CreateCheckoutSessionCustomerUpdateAddress::Auto);
    request.automatic_tax(CreateCheckoutSessionAutomaticTax::new(true)).customer_update(update)
}

fn intent_request(purchase: &Purchase, customer: &str) -> CreatePaymentIntent {
    CreatePaymentIntent::new(purchase.amount.get(), Currency::USD)
        .customer(customer)
        .automatic_payment_methods(CreatePaymentIntentAutomaticPaymentMethods::new(true))
        .description(format!("{} credits", purchase.credits))
        .metadata(metadata(purchase))
}

fn charge_request(purchase: &Purchase, customer: &str, card: &str, public_url: &str) -> CreatePaymentIntent {
    intent_request(purchase, customer)
        .payment_method(card)
        // Where the bank's page leads back to, should the customer have to confirm this intent later.
        .return_url(format!("{public_url}/buy/return?purchase={}", purchase.id))
        .confirm(true)
        .off_session(CreatePaymentIntentOffSession::Bool(true))
}

fn default_request(customer: &str, method: &str) -> Result<UpdateCustomer, CallError> {
    let mut settings = UpdateCustomerInvoiceSettings::new();
    settings.default_payment_method = Some(method.to_owned());
    Ok(UpdateCustomer::new(checked(customer)?).invoice_settings(settings))
}

fn metadata(purchase: &Purchase) -> HashMap<String, String> {
    HashMap::from([(METADATA_PURCHASE.to_owned(), purchase.id.to_string())])
}

/// An id becomes part of a path, so nothing but what Stripe makes may stand in it.
fn checked(id: &str) -> Result<&str, CallError> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && (1..=ID_LENGTH_MAX).contains(&id.len()) {
        Ok(id)
    } else {
        Err(CallError::Refused { message: "this is not an id that Stripe makes".into() })
    }
}

fn read_intent(intent: PaymentIntent) -> Intent {
    let news = match intent.status {
        PaymentIntentStatus::Succeeded => {
            let (currency, intent_id) = (intent.currency.to_string(), intent.id.to_string());
            News::Succeeded { amount: intent.amount_received, currency, intent: Some(intent_id), terms: None }
        }
        PaymentIntentStatus::Processing => News::Processing,
        PaymentIntentStatus::Canceled => News::Closed,
        _ => News::Opened,
    };
    let bank_page = intent.next_action.and_then(|action| action.redirect_to_url).and_then(|redirect| redirect.url);
    Intent {
        bank_page,
        id: intent.id.to_string(),
        client_secret: intent.client_secret,
        needs_customer: intent.status == PaymentIntentStatus::RequiresAction,
        event: PaymentEvent { at: intent.created, news },
    }
}

fn read_card(method: PaymentMethod) -> Option<SavedCard> {
    let card = method.card?;
    Some(SavedCard { brand: card.brand, last4: card.last4, payment_method: method.id.to_string() })
}

/// Logs what can be said without a secret, and sorts the error by what the caller can do about it.
fn read_error(error: StripeError) -> CallError {
    match error {
        StripeError::Stripe(error, status) => read_refusal(*error, status),
        StripeError::Timeout => {
            tracing::warn!("stripe did not answer in time");
            CallError::Unreachable
        }
        StripeError::ClientError(message) => {
            tracing::warn!(error = %message, "stripe could not be reached");
            CallError::Unreachable
        }
        StripeError::JSONDeserialize(message) => {
            tracing::error!(error = %message, "stripe's answer could not be read");
            CallError::Unreachable
        }
        StripeError::ConfigError(message) => {
            tracing::error!(error = %message, "the stripe client is not configured");
            CallError::Refused { message: "the payment provider is not configured".into() }
        }
    }
}

fn read_refusal(error: ApiErrors, status: u16) -> CallError {
    let general = error.code.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default();
    // The bank's own word, where it gives one: it tells whether another try makes sense.
    let code = error.decline_code.unwrap_or(general);
    let param = error.param.as_deref().unwrap_or_default();
    tracing::warn!(status, kind = %error.type_, %code, %param, "stripe refused a request");
    match (&error.type_, status) {
        (ApiErrorsType::CardError, _) => CallError::Declined {
            failure: Failure { code, message: error.message.unwrap_or_else(|| "Your card was declined.".into()) },
            intent: error.payment_intent.map(|intent| intent.id.to_string()),
        },
        // A request with the same key is still running, too many requests, or Stripe is unwell.
        (_, 409 | 429 | 500..) => CallError::Unreachable,
        // Stripe's words would show a part of the key.
        (_, 401 | 403) => CallError::KeyRefused,
        _ if code == "resource_missing" && param == "customer" => CallError::CustomerMissing,
        _ if code == "resource_missing" && param == "payment_method" => CallError::CardMissing,
        _ if code == "resource_missing" => {
            CallError::NotFound { message: error.message.unwrap_or_else(|| "there is no such object".into()) }
        }
        _ => CallError::Refused { message: error.message.unwrap_or_else(|| "the request was refused".into()) },
    }
}

#[cfg(test)]
mod tests;
