// A program's road: the REST API, as its documentation tells it, over real HTTP.
import { expect, test } from "./fixtures.mjs";
import { operatorKey, aethel } from "./operator.mjs";
import { BROKEN_TRANSFER, goTo, newcomer } from "./road.mjs";

/** A client of the API with one key: every answer as its status, body and headers. */
function client(request, key) {
  const call = async (method, path, data, headers = {}) => {
    const answer = await request.fetch(path, { method, data, headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers } });
    return { status: answer.status(), headers: answer.headers(), body: await answer.json() };
  };
  return {
    get: (path) => call("GET", path),
    post: (path, data, idempotencyKey) => call("POST", path, data, idempotencyKey && { "idempotency-key": idempotencyKey }),
  };
}

async function openAccount(operator, customer_name, tier) {
  const { status, body } = await operator.post("/api/billing/account", { customer_name, tier });
  expect(status).toBe(200);
  return body;
}

test("a program opens an account, pays with a saved card, verifies, charges, and reads it all back", async ({ request }) => {
  const key = await operatorKey();
  expect(key).toMatch(/^aethel_test_\S{20,}$/);
  const api = client(request, key);

  const account = await openAccount(api, "Acme Finance", "developer");
  expect(account).toEqual({ account_id: expect.stringMatching(/^ACC_/), customer_name: "Acme Finance", tier: "developer", credit_balance: 0 });
  const { account_id } = account;
  const starter = { account_id, package_name: "starter" };

  await test.step("without a saved card a purchase names the checkout", async () => {
    const { status, body } = await api.post("/api/billing/purchase", starter);
    expect(status).toBe(402);
    expect(body).toMatchObject({ success: false, code: "payment_required", checkout_url: expect.stringMatching(/^http/) });
  });

  await test.step("with one it adds the credits at once, and once", async () => {
    const card = await api.post("/api/billing/payment-methods", { account_id, payment_method: "pm_card_visa" });
    expect(card.body).toMatchObject({ success: true, account_id, brand: "visa", last4: "4242" });
    const bought = await api.post("/api/billing/purchase", starter, "buy-1");
    expect(bought.status).toBe(200);
    expect(bought.body).toMatchObject({ success: true, message: "Added 100 credits to account", new_balance: 100 });
    const again = await api.post("/api/billing/purchase", starter, "buy-1");
    expect([again.status, again.body, again.headers["idempotent-replayed"]]).toEqual([200, bought.body, "true"]);
    expect((await api.get(`/api/billing/balance/${account_id}`)).body).toEqual({ account_id, balance: 100 });
  });

  await test.step("a package that does not exist is 400 in the guide's words", async () => {
    const { status, body } = await api.post("/api/billing/purchase", { account_id, package_name: "Gigantic" });
    expect([status, body.detail]).toEqual([400, "Package not found"]);
  });

  await test.step("the Judge decides, and takes one credit for each verdict", async () => {
    const verify = (proof_data) => api.post("/api/verify", { account_id, proof_data });
    const proved = await verify({ type: "validity", formula: "x == x" });
    expect(proved.body).toMatchObject({ success: true, result: true, verdict: "proved", credits_charged: 1, credits_remaining: 99, message: "Verification complete" });
    const law = await verify({ type: "conservation", formula: "x + y == 100" });
    expect(law.body).toMatchObject({ success: true, result: true, verdict: "satisfiable", credits_remaining: 98 });
    const refuted = await verify({ type: "validity", source: BROKEN_TRANSFER });
    expect(refuted.body).toMatchObject({ success: true, result: false, verdict: "refuted", credits_remaining: 97 });
    expect(refuted.body.counterexample).toContainEqual(expect.objectContaining({ name: "payer_balance", after: "0" }));
    expect(refuted.body.receipt.transaction_id).toMatch(/^TXN_/);
    const unreadable = await verify({ type: "validity", formula: "x + == 3" });
    expect([unreadable.status, unreadable.body.diagnostics[0].line, unreadable.body.diagnostics[0].column]).toEqual([422, 1, 5]);
  });

  await test.step("all eight operations are charged at the published price", async () => {
    await api.post("/api/billing/grants", { account_id, credits: 652, reason: "Room for every operation" });
    const prices = {
      proof_verification: 1, batch_verification: 500, sentinel_monitoring: 10, conservation_oracle: 5,
      ghost_identity: 20, sovereign_identity: 15, consensus_participation: 100, state_storage: 1,
    };
    let left = 97 + 652;
    for (const [operation, price] of Object.entries(prices)) {
      const { status, body } = await api.post("/api/billing/charges", { account_id, operation, quantity: 1, metadata: { from: "e2e" } });
      left -= price;
      expect([status, body.message]).toEqual([200, `Charged ${price} credits. Remaining: ${left}`]);
    }
    expect((await api.get(`/api/billing/balance/${account_id}`)).body.balance).toBe(97);
  });

  await test.step("the same Idempotency-Key is one charge, and another content under it a conflict", async () => {
    const charge = { account_id, operation: "conservation_oracle", quantity: 2 };
    const first = await api.post("/api/billing/charges", charge, "order-17");
    const again = await api.post("/api/billing/charges", charge, "order-17");
    expect(first.body.replayed).toBe(false);
    expect([again.body.replayed, again.headers["idempotent-replayed"], again.body.transaction_id]).toEqual([true, "true", first.body.transaction_id]);
    const other = await api.post("/api/billing/charges", { ...charge, quantity: 3 }, "order-17");
    expect([other.status, other.body.code]).toEqual([409, "idempotency_conflict"]);
    expect((await api.get(`/api/billing/balance/${account_id}`)).body.balance).toBe(87);
  });

  await test.step("too few credits are 402 and move nothing", async () => {
    const { status, body } = await api.post("/api/billing/charges", { account_id, operation: "consensus_participation", quantity: 1 });
    expect([status, body.detail]).toEqual([402, "Insufficient credits. Required: 100, Available: 87"]);
  });

  await test.step("usage has the right sums, and the ledger every entry", async () => {
    const { body } = await api.get(`/api/billing/usage/${account_id}?days=30`);
    expect(body).toMatchObject({ account_id, customer_name: "Acme Finance", tier: "developer", current_balance: 87, period_days: 30, total_credits_spent: 665 });
    expect(body.usage_by_operation).toMatchObject({
      proof_verification: { credits: 4 }, conservation_oracle: { credits: 15 }, consensus_participation: { credits: 100 }, batch_verification: { credits: 500 },
    });
    const ledger = await api.get(`/api/billing/entries/${account_id}?limit=200`);
    expect(ledger.body.entries[0]).toMatchObject({ kind: "charge", amount: 10, balance_after: 87 });
    const sums = ledger.body.entries.map((entry, at, all) => !all[at + 1] || entry.previous_hash === all[at + 1].hash);
    expect(sums).not.toContain(false);
  });
});

test("a customer's key sees its own account, and another's looks like none", async ({ page, request, ready }) => {
  await newcomer(page, "Tenant One", ready);
  await goTo(page, "Settings", ready);
  const account_id = await page.getByTestId("account-id").innerText();
  await goTo(page, "API keys", ready);
  await page.getByLabel("What is it for?").fill("Their own program");
  await page.getByRole("button", { name: "Create the key" }).click();
  const api = client(request, await page.getByTestId("secret").innerText());
  expect((await api.get(`/api/billing/balance/${account_id}`)).body).toEqual({ account_id, balance: 10 });

  const operator = client(request, await operatorKey());
  const other = (await openAccount(operator, "Tenant Two", "free")).account_id;
  const foreign = await api.get(`/api/billing/balance/${other}`);
  const unknown = await api.get("/api/billing/balance/ACC_01ARZ3NDEKTSV4RRFFQ69G5FAV");
  for (const { status, body } of [foreign, unknown]) expect([status, body.detail]).toEqual([404, "Account not found"]);
  const { status } = await api.post("/api/billing/charges", { account_id: other, operation: "proof_verification", quantity: 1 });
  expect(status).toBe(404);
  expect((await operator.get(`/api/billing/balance/${other}`)).body.balance).toBe(10);
  for (const [path, data] of [["account", { customer_name: "Mine", tier: "free" }], ["grants", { account_id, credits: 5, reason: "Mine" }]]) {
    expect((await api.post(`/api/billing/${path}`, data)).status).toBeGreaterThanOrEqual(403);
  }
  expect((await api.get(`/api/billing/balance/${account_id}`)).body.balance).toBe(10);
});

test("a missing, malformed and revoked key are one and the same 401", async ({ page, request, ready }) => {
  await newcomer(page, "Key Holder", ready);
  await goTo(page, "API keys", ready);
  await page.getByLabel("What is it for?").fill("To be revoked");
  await page.getByRole("button", { name: "Create the key" }).click();
  const secret = await page.getByTestId("secret").innerText();
  await page.getByTestId("keys").getByRole("row").filter({ hasText: "To be revoked" }).getByText("Revoke", { exact: true }).click();
  await page.getByRole("button", { name: "Revoke the key" }).click();
  await expect(page.getByText("The key is revoked and no longer accepted.")).toBeVisible();
  for (const key of [undefined, "nonsense", secret]) {
    const { status, headers, body } = await client(request, key).get("/api/billing/balance/ACC_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    expect([status, headers["www-authenticate"], body.code, body.request_id]).toEqual([401, "Bearer", "unauthorized", headers["x-request-id"]]);
  }
});

test("an unsigned webhook is refused, and the audit finds no fault in the whole run", async ({ request }) => {
  const answer = await request.post("/api/stripe/webhook", { headers: { "stripe-signature": "t=1,v1=00" }, data: { id: "evt_forged" } });
  expect(answer.status()).toBe(400);
  expect(await answer.text()).toContain("Invalid signature");
  expect(await aethel("audit")).toMatch(/, 0 faults$/);
});
