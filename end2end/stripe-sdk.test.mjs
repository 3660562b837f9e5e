// Stripe's own client library for Node, unmodified, against the sandbox.
// Run: STRIPE_API_BASE=http://127.0.0.1:12111 node --test end2end/stripe-sdk.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";

const base = new URL(process.env.STRIPE_API_BASE ?? "http://127.0.0.1:12111");
const stripe = new Stripe(process.env.STRIPE_SECRET_KEY ?? "sk_test_sandbox", {
  host: base.hostname,
  port: base.port,
  protocol: base.protocol.replace(":", ""),
  maxNetworkRetries: 0,
  telemetry: false,
});

const starter = {
  mode: "payment",
  line_items: [{ quantity: 1, price_data: { currency: "usd", unit_amount: 1000, product_data: { name: "Starter: 100 credits" } } }],
  success_url: "http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}",
  cancel_url: "http://127.0.0.1:9/back",
  client_reference_id: "PUR_1",
  metadata: { purchase: "PUR_1" },
  payment_intent_data: { metadata: { purchase: "PUR_1" }, setup_future_usage: "off_session" },
};

const pay = (url, number) =>
  fetch(url, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ email: "ada@example.com", number, expiry: "12 / 40", cvc: "123", name: "Ada Lovelace" }),
  });

async function customerWith(card) {
  const customer = await stripe.customers.create({ email: "ada@example.com", metadata: { account: "ACC_1" } });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  return { customer: customer.id, payment_method: method.id };
}

test("a checkout session is opened, paid on its page, and found again with everything in it", async () => {
  const session = await stripe.checkout.sessions.create(starter);
  assert.equal(session.payment_status, "unpaid");
  assert.equal(session.amount_total, 1000);
  const declined = await pay(session.url, "4000000000000002");
  assert.match(await declined.text(), /Your card was declined/);
  const paid = await pay(session.url, "4242424242424242");
  assert.equal(paid.status, 303);
  assert.equal(paid.headers.get("location"), `http://127.0.0.1:9/done?session=${session.id}`);
  const found = await stripe.checkout.sessions.retrieve(session.id, { expand: ["payment_intent.latest_charge", "line_items"] });
  assert.equal(found.payment_status, "paid");
  assert.equal(found.payment_intent.latest_charge.paid, true);
  assert.equal(found.payment_intent.metadata.purchase, "PUR_1");
  assert.equal(found.line_items.data[0].amount_total, 1000);
  const items = await stripe.checkout.sessions.listLineItems(session.id);
  assert.equal(items.data.length, 1);
  const saved = await stripe.customers.listPaymentMethods(found.customer);
  assert.equal(saved.data[0].card.last4, "4242");
});

test("a saved card is charged off-session, once per idempotency key", async () => {
  const whose = await customerWith("pm_card_visa");
  await stripe.customers.update(whose.customer, { invoice_settings: { default_payment_method: whose.payment_method } });
  const charge = () =>
    stripe.paymentIntents.create({ amount: 8000, currency: "usd", confirm: true, off_session: true, ...whose }, { idempotencyKey: `${whose.customer}:1` });
  const [first, again] = [await charge(), await charge()];
  assert.equal(first.status, "succeeded");
  assert.equal(again.id, first.id);
  assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
  const other = stripe.paymentIntents.create({ amount: 9000, currency: "usd" }, { idempotencyKey: `${whose.customer}:1` });
  await assert.rejects(other, Stripe.errors.StripeIdempotencyError);
  const found = await stripe.charges.retrieve(first.latest_charge);
  assert.equal(found.amount, 8000);
});

test("refusals arrive as the library's own error classes", async () => {
  const whose = await customerWith("pm_card_authenticationRequired");
  const charge = stripe.paymentIntents.create({ amount: 8000, currency: "usd", confirm: true, off_session: true, ...whose });
  await assert.rejects(charge, (error) => error instanceof Stripe.errors.StripeCardError && error.decline_code === "authentication_required" && error.statusCode === 402);
  await assert.rejects(stripe.customers.retrieve("cus_none"), (error) => error.code === "resource_missing" && error.statusCode === 404);
  await assert.rejects(stripe.paymentIntents.create({ amount: 49, currency: "usd" }), (error) => error.code === "amount_too_small");
  await assert.rejects(stripe.customers.create({ colour: "red" }), (error) => error.code === "parameter_unknown");
  const stranger = new Stripe("sk_live_wrong", { host: base.hostname, port: base.port, protocol: "http" });
  await assert.rejects(stranger.customers.list(), Stripe.errors.StripeAuthenticationError);
});

test("an intent is made, changed, confirmed and cancelled", async () => {
  const intent = await stripe.paymentIntents.create({ amount: 500, currency: "usd", automatic_payment_methods: { enabled: true } });
  const changed = await stripe.paymentIntents.update(intent.id, { metadata: { purchase: "PUR_2" } });
  assert.equal(changed.metadata.purchase, "PUR_2");
  const asked = await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_threeDSecure2Required", return_url: "http://127.0.0.1:9/back" });
  assert.equal(asked.status, "requires_action");
  assert.match(asked.next_action.redirect_to_url.url, /\/c\/authenticate\//);
  const cancelled = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: "abandoned" });
  assert.equal(cancelled.status, "canceled");
});

test("lists page by themselves and events tell the story", async () => {
  for (let at = 0; at < 3; at += 1) await stripe.customers.create({ name: `Customer ${at}` });
  const names = [];
  for await (const customer of stripe.customers.list({ limit: 2 })) {
    names.push(customer.name);
    if (names.length === 3) break;
  }
  assert.deepEqual(names, ["Customer 2", "Customer 1", "Customer 0"]);
  const events = await stripe.events.list({ type: "customer.created", limit: 1 });
  const event = await stripe.events.retrieve(events.data[0].id);
  assert.equal(event.data.object.name, "Customer 2");
  assert.equal(event.livemode, false);
});

const control = (action, fields) =>
  fetch(new URL(`/_control/${action}`, base), { method: "POST", headers: { authorization: "Bearer sk_test_sandbox" }, body: new URLSearchParams(fields) });

test("a charge is refunded in parts, and a refund can come back", async () => {
  const intent = await stripe.paymentIntents.create({ amount: 1000, currency: "usd", payment_method: "pm_card_visa", confirm: true, return_url: "http://127.0.0.1:9/" });
  const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 400 });
  assert.equal(refund.status, "succeeded");
  await assert.rejects(stripe.refunds.create({ payment_intent: intent.id, amount: 601 }), (error) => error.param === "amount" && error.statusCode === 400);
  const charge = await stripe.charges.retrieve(intent.latest_charge, { expand: ["balance_transaction", "refunds"] });
  assert.equal(charge.amount_refunded, 400);
  assert.equal(charge.balance_transaction.net, 941);
  assert.equal(charge.refunds.data[0].id, refund.id);
  assert.equal((await control("fail_refund", { refund: refund.id })).status, 200);
  assert.equal((await stripe.refunds.retrieve(refund.id)).status, "failed");
  const failed = await stripe.events.list({ type: "refund.failed", limit: 1 });
  assert.equal(failed.data[0].data.object.id, refund.id);
});

test("a dispute is raised by the test card and won with evidence", async () => {
  const intent = await stripe.paymentIntents.create({ amount: 1000, currency: "usd", payment_method: "pm_card_createDispute", confirm: true, return_url: "http://127.0.0.1:9/" });
  const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
  assert.equal(dispute.status, "needs_response");
  const won = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: "winning_evidence" } });
  assert.equal(won.status, "won");
  const movements = await stripe.balanceTransactions.list({ source: dispute.id });
  assert.deepEqual(movements.data.map((movement) => movement.amount), [1000, -1000]);
});
