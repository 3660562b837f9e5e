//! The library that our own adapter uses, unmodified: it must find its way and decode every answer.

use std::collections::HashMap;

use stripe::{IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_billing::invoice::ListInvoice;
use stripe_billing::subscription::{CancelSubscription, ListSubscription};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    ExpireCheckoutSession, ListCheckoutSession, ProductData, RetrieveCheckoutSession,
};
use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_core::charge::ListCharge;
use stripe_core::customer::{CreateCustomer, RetrieveCustomer};
use stripe_core::dispute::ListDispute;
use stripe_core::payment_intent::{
    CancelPaymentIntent, ConfirmPaymentIntent, CreatePaymentIntent, CreatePaymentIntentOffSession, ListPaymentIntent,
};
use stripe_core::refund::{CreateRefund, ListRefund, RetrieveRefund};
use stripe_payment::payment_method::AttachPaymentMethod;
use stripe_product::coupon::ListCoupon;
use stripe_product::price::ListPrice;
use stripe_product::product::CreateProduct;
use stripe_product::promotion_code::ListPromotionCode;
use stripe_shared::{CheckoutSessionMode, PaymentIntentStatus};

use super::client::World;

fn client(world: &World) -> stripe::Client {
    stripe::ClientBuilder::new("sk_test_sandbox").url(world.sandbox.base_url()).build().expect("a client")
}

fn metadata() -> HashMap<String, String> {
    HashMap::from([("purchase".to_owned(), "PUR_1".to_owned())])
}

async fn customer_with(client: &stripe::Client, method: &str) -> (String, String) {
    let customer = CreateCustomer::new().email("ada@example.com").metadata(metadata()).send(client).await.expect("one");
    let id = customer.id.to_string();
    let card = AttachPaymentMethod::new(method).customer(id.clone()).send(client).await.expect("a card");
    (id, card.id.to_string())
}

#[tokio::test]
async fn it_charges_a_saved_card() {
    let world = World::open().await;
    let client = client(&world);
    let (customer, card) = customer_with(&client, "pm_card_visa").await;
    let found = RetrieveCustomer::new(customer.as_str()).send(&client).await;
    assert!(found.is_ok(), "{found:?}");
    let request = CreatePaymentIntent::new(8_000, stripe_types::Currency::USD)
        .customer(customer)
        .payment_method(card)
        .confirm(true)
        .off_session(CreatePaymentIntentOffSession::Bool(true))
        .metadata(metadata())
        .expand(vec!["latest_charge".to_owned()]);
    let key = IdempotencyKey::new("PUR_1:charge").expect("a key");
    let once = || request.customize().request_strategy(RequestStrategy::Idempotent(key.clone())).send(&client);
    let (first, again) = (once().await.expect("an intent"), once().await.expect("the same"));
    assert_eq!((first.status.clone(), first.amount_received), (PaymentIntentStatus::Succeeded, 8_000));
    assert!(first.latest_charge.is_some_and(|charge| charge.into_object().is_some_and(|charge| charge.paid)));
    assert_eq!(first.id, again.id);
}

#[tokio::test]
async fn it_understands_a_decline() {
    let world = World::open().await;
    let client = client(&world);
    let (customer, card) = customer_with(&client, "pm_card_authenticationRequired").await;
    let outcome = CreatePaymentIntent::new(8_000, stripe_types::Currency::USD)
        .customer(customer)
        .payment_method(card)
        .confirm(true)
        .off_session(CreatePaymentIntentOffSession::Bool(true))
        .send(&client)
        .await;
    let Err(StripeError::Stripe(error, 402)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.decline_code.as_deref(), Some("authentication_required"));
    let intent = error.payment_intent.expect("the intent that was made");
    assert_eq!(intent.status, PaymentIntentStatus::RequiresPaymentMethod);
    let cancelled = CancelPaymentIntent::new(intent.id).send(&client).await.expect("cancelled");
    assert_eq!(cancelled.status, PaymentIntentStatus::Canceled);
    let all = ListPaymentIntent::new().send(&client).await.expect("a list");
    assert_eq!(all.data.len(), 1);
}

#[tokio::test]
async fn it_confirms_an_intent_that_then_wants_authentication() {
    let world = World::open().await;
    let client = client(&world);
    let intent = CreatePaymentIntent::new(500, stripe_types::Currency::USD).send(&client).await.expect("an intent");
    let confirmed = ConfirmPaymentIntent::new(intent.id)
        .payment_method("pm_card_threeDSecure2Required")
        .return_url("http://127.0.0.1:9/back")
        .send(&client)
        .await
        .expect("an intent");
    assert_eq!(confirmed.status, PaymentIntentStatus::RequiresAction);
    assert!(confirmed.next_action.is_some_and(|action| action.redirect_to_url.is_some()));
}

#[tokio::test]
async fn it_opens_finds_and_expires_a_checkout_session() {
    let world = World::open().await;
    let client = client(&world);
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(stripe_types::Currency::USD);
    price.unit_amount = Some(1_000);
    price.product_data = Some(ProductData::new("Starter: 100 credits"));
    let mut item = CreateCheckoutSessionLineItems::new();
    (item.price_data, item.quantity) = (Some(price), Some(1));
    let session = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![item])
        .client_reference_id("PUR_1")
        .metadata(metadata())
        .success_url("http://127.0.0.1:9/done?s={CHECKOUT_SESSION_ID}")
        .cancel_url("http://127.0.0.1:9/back")
        .expires_at(world.now() + 3_600)
        .send(&client)
        .await
        .expect("a session");
    assert_eq!((session.amount_total, session.client_reference_id.as_deref()), (Some(1_000), Some("PUR_1")));
    let page = session.url.expect("an address");
    assert_eq!(world.post(&page, &super::client::card("4242424242424242")).await.status, 303);
    let paid = RetrieveCheckoutSession::new(session.id.clone())
        .expand(vec!["payment_intent.latest_charge".to_owned(), "line_items".to_owned()])
        .send(&client)
        .await
        .expect("a session");
    assert_eq!(paid.payment_status.as_str(), "paid");
    assert!(paid.payment_intent.is_some_and(|intent| intent.into_object().is_some()));
    assert_eq!(paid.line_items.map(|items| items.data.len()), Some(1));
    let listed = ListCheckoutSession::new().limit(1).send(&client).await.expect("a list");
    assert_eq!(listed.data.len(), 1);
    let outcome = ExpireCheckoutSession::new(session.id).send(&client).await;
    assert!(matches!(outcome, Err(StripeError::Stripe(_, 400))), "{outcome:?}");
}

#[tokio::test]
async fn it_reads_refunds_disputes_and_the_balance() {
    let world = World::open().await;
    let client = client(&world);
    for method in ["pm_card_visa", "pm_card_createDispute", "pm_usBankAccount_success"] {
        let form =
            format!("amount=8000&currency=usd&confirm=true&payment_method={method}&return_url=http://127.0.0.1:9/");
        assert_eq!(world.post("/v1/payment_intents", &form).await.status, 200, "{method}");
    }
    let charges = ListCharge::new().send(&client).await.expect("charges").data;
    assert_eq!(charges.iter().map(|charge| charge.disputed).collect::<Vec<_>>(), [false, true, false]);
    let intent = charges[2].payment_intent.as_ref().expect("an intent").id().to_string();
    let refund = CreateRefund::new().payment_intent(intent.as_str()).amount(300).send(&client).await.expect("a refund");
    assert_eq!((refund.amount, refund.status.as_deref()), (300, Some("succeeded")));
    let again = RetrieveRefund::new(refund.id.clone()).send(&client).await.expect("a refund");
    assert_eq!(again.id, refund.id);
    let refunds = ListRefund::new().payment_intent(intent).send(&client).await.expect("refunds");
    assert_eq!(refunds.data.len(), 1);
    let disputes = ListDispute::new().send(&client).await.expect("disputes").data;
    assert_eq!((disputes.len(), disputes[0].reason.as_str()), (1, "fraudulent"));
    let movements = ListBalanceTransaction::new().send(&client).await.expect("movements").data;
    assert_eq!(movements.iter().map(|movement| movement.amount).collect::<Vec<_>>(), [-300, -8_000, 8_000, 8_000]);
    let intents = ListPaymentIntent::new().send(&client).await.expect("intents").data;
    assert_eq!(intents[0].status, PaymentIntentStatus::Processing);
}

#[tokio::test]
async fn it_reads_what_is_sold_and_what_is_taken_off() {
    let world = World::open().await;
    let client = client(&world);
    let product = CreateProduct::new("Fintech").send(&client).await.expect("a product");
    let form = format!("product={}&currency=usd&unit_amount=500000&recurring[interval]=month", product.id);
    assert_eq!(world.post("/v1/prices", &form).await.status, 200);
    let prices = ListPrice::new().expand(vec!["data.product".to_owned()]).send(&client).await.expect("prices").data;
    assert_eq!((prices.len(), prices[0].unit_amount), (1, Some(500_000)));
    assert!(prices[0].product.as_object().is_some_and(|product| product.name == "Fintech"));
    assert_eq!(world.post("/v1/coupons", "amount_off=300&currency=usd&id=three").await.status, 200);
    let form = "promotion[type]=coupon&promotion[coupon]=three&code=THREE&restrictions[minimum_amount]=500\
                &restrictions[minimum_amount_currency]=usd";
    assert_eq!(world.post("/v1/promotion_codes", form).await.status, 200);
    let coupons = ListCoupon::new().limit(1).send(&client).await.expect("coupons").data;
    assert_eq!((coupons[0].amount_off, coupons[0].valid), (Some(300), true));
    let listed = ListPromotionCode::new().code("test20").send(&client).await.expect("codes").data;
    assert_eq!(listed.iter().map(|code| code.id.as_str()).collect::<Vec<_>>(), ["promo_test20"]);
    let path = "/v1/promotion_codes?expand[]=data.promotion.coupon&limit=1";
    assert_eq!(world.get(path).await.json()["data"][0]["promotion"]["coupon"]["amount_off"], 300);
}

#[tokio::test]
async fn it_reads_a_subscription_and_its_invoices() {
    let world = World::open().await;
    let client = client(&world);
    let (customer, card) = customer_with(&client, "pm_card_visa").await;
    let form = format!(
        "customer={customer}&default_payment_method={card}&items[0][quantity]=1&items[0][price_data][currency]=usd&\
         items[0][price_data][unit_amount]=500000&items[0][price_data][recurring][interval]=month&\
         items[0][price_data][product_data][name]=Fintech"
    );
    assert_eq!(world.post("/v1/subscriptions", &form).await.status, 200);
    world.post("/_control/clock", "advance=2600000").await;
    let subscriptions = ListSubscription::new()
        .customer(customer)
        .expand(vec!["data.latest_invoice".to_owned()])
        .send(&client)
        .await
        .expect("subscriptions")
        .data;
    let latest = subscriptions[0].latest_invoice.as_ref().and_then(|invoice| invoice.as_object()).expect("an invoice");
    assert_eq!((latest.amount_paid, latest.attempt_count), (500_000, 1));
    let invoices = ListInvoice::new().send(&client).await.expect("invoices").data;
    assert_eq!(invoices.iter().map(|invoice| invoice.total).collect::<Vec<_>>(), [500_000, 500_000]);
    assert_eq!(invoices[0].lines.data[0].period.start, invoices[1].lines.data[0].period.end);
    let ended = CancelSubscription::new(subscriptions[0].id.clone()).send(&client).await.expect("an end");
    assert_eq!(ended.status.as_str(), "canceled");
}
