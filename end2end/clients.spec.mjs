// The clients in clients/, against the running server: what they do by themselves, and that they are the ones its
// document describes.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "./fixtures.mjs";
import { operatorKey } from "./operator.mjs";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "..");
const PYTHON = process.env.PYTHON ?? "python3";

let built;

/** The TypeScript client, compiled as its users compile it. */
async function client() {
  built ??= run(join(import.meta.dirname, "node_modules", ".bin", "tsc"), ["-p", join(ROOT, "clients", "typescript")]);
  await built;
  return import(join(ROOT, "clients", "typescript", "dist", "index.js"));
}

/** A server that gives these answers one after the other; `asked` has the idempotency key of every call. Status 0 is no
    answer, and a body of null one that breaks off. */
async function serverThatAnswers(answers) {
  const asked = [];
  const left = [...answers];
  const server = createServer((request, response) => {
    asked.push(request.headers["idempotency-key"]);
    const [status, headers, body] = left.shift();
    if (status === 0) return request.socket.destroy();
    request.resume();
    if (body === null) {
      response.writeHead(status, { ...headers, "content-length": "100" }).write('{"success"');
      return setTimeout(() => request.socket.destroy(), 50);
    }
    response.writeHead(status, headers).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const end = () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); });
  return { url: `http://127.0.0.1:${server.address().port}`, asked, end };
}

test("both clients are what the served document says", async ({ request }) => {
  const served = await (await request.get("/api/openapi.json")).json();
  const { default: kept } = await import(join(ROOT, "docs", "openapi.json"), { with: { type: "json" } });
  expect(kept).toEqual(served);
  await run(process.execPath, [join(ROOT, "scripts", "clients.mjs"), "--check"]);
});

test("the TypeScript client opens, grants, charges once, reads lists to their end and tells errors apart", async ({ baseURL }) => {
  const { Aethel, ConflictError, InsufficientCreditsError, NotFoundError, AuthenticationError } = await client();
  const aethel = new Aethel({ baseUrl: baseURL, key: await operatorKey() });
  expect(aethel.isTestMode).toBe(true);
  const { account_id } = await aethel.openAccount({ customer_name: "TypeScript", tier: "developer" });
  await aethel.grant({ account_id, credits: 20, reason: "Tests" });
  const charge = { account_id, operation: "proof_verification" };
  const first = await aethel.charge(charge, { idempotencyKey: "one" });
  const again = await aethel.charge(charge, { idempotencyKey: "one" });
  expect([again.transaction_id, again.replayed]).toEqual([first.transaction_id, true]);
  await expect(aethel.charge({ ...charge, quantity: 2 }, { idempotencyKey: "one" })).rejects.toThrow(ConflictError);
  for (let count = 0; count < 4; count += 1) await aethel.charge(charge);
  const seqs = [];
  for await (const entry of aethel.eachEntries(account_id, { limit: 2 })) seqs.push(entry.seq);
  expect(seqs).toEqual([6, 5, 4, 3, 2, 1]);
  expect(await aethel.exportEntries(account_id, { format: "csv" })).toContain("balance_after");

  const refused = await aethel.charge({ ...charge, quantity: 500 }).catch((error) => error);
  expect(refused).toBeInstanceOf(InsufficientCreditsError);
  expect(refused).toMatchObject({ status: 402, code: "insufficient_credits", message: "Insufficient credits. Required: 500, Available: 15" });
  expect(refused.requestId).toMatch(/^req_/);
  await expect(aethel.readBalance("ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB")).rejects.toThrow(NotFoundError);
  await expect(new Aethel({ baseUrl: baseURL, key: "aethel_test_nobody" }).readBalance(account_id)).rejects.toThrow(AuthenticationError);
});

test("a write is tried again under one key, and what cannot be mended is not", async () => {
  const { Aethel, RateLimitError, InvalidRequestError } = await client();
  const charge = { account_id: "ACC_1", operation: "proof_verification" };
  const soon = { "retry-after": "0" };
  const failing = await serverThatAnswers([[503, soon, "{}"], [0], [429, soon, "{}"], [200, {}, '{"success": true}'], [429, soon, "{}"], [422, {}, '{"code": "invalid_field"}']]);
  const aethel = new Aethel({ baseUrl: failing.url, key: "k" });
  expect(await aethel.charge(charge)).toEqual({ success: true });
  expect(failing.asked).toHaveLength(4);
  expect(new Set(failing.asked).size).toBe(1);
  await expect(new Aethel({ baseUrl: failing.url, key: "k", retries: 0 }).charge(charge)).rejects.toThrow(RateLimitError);
  await expect(aethel.charge(charge)).rejects.toThrow(InvalidRequestError);
  expect(failing.asked).toHaveLength(6);
  await failing.end();
});

test("an answer that breaks off and a first try still worked on are tried again, another conflict is not", async () => {
  const { Aethel, ConflictError, ConnectionError } = await client();
  const charge = { account_id: "ACC_1", operation: "proof_verification" };
  const working = [409, { "retry-after": "0" }, '{"code": "request_in_progress"}'];
  const failing = await serverThatAnswers([[200, {}, null], working, [200, {}, '{"success": true}'], [409, {}, '{"code": "idempotency_conflict"}'], [200, {}, null]]);
  const aethel = new Aethel({ baseUrl: failing.url, key: "k" });
  expect(await aethel.charge(charge)).toEqual({ success: true });
  expect(failing.asked).toHaveLength(3);
  expect(new Set(failing.asked).size).toBe(1);
  await expect(aethel.charge(charge)).rejects.toThrow(ConflictError);
  await expect(new Aethel({ baseUrl: failing.url, key: "k", retries: 0 }).charge(charge)).rejects.toThrow(ConnectionError);
  await failing.end();
});

test("the functions of the guide's page work against this server", async ({ baseURL }) => {
  const { connect, createAccount, purchaseCredits, getBalance, getUsageReport } = await client();
  const aethel = connect({ baseUrl: baseURL, key: await operatorKey() });
  const account = await createAccount("Guide", "developer");
  await aethel.savePaymentMethod({ account_id: account.account_id, payment_method: "pm_card_visa" });
  expect(await purchaseCredits(account.account_id, "Starter")).toMatchObject({ success: true, message: "Added 100 credits to account", new_balance: 100 });
  expect(await getBalance(account.account_id)).toBe(100);
  expect(await getUsageReport(account.account_id)).toMatchObject({ current_balance: 100, total_credits_spent: 0, usage_by_operation: {} });
});

test("the Python client and the guide's own programs pass their tests", async ({ baseURL }) => {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, AETHEL_URL: baseURL, AETHEL_KEY: await operatorKey(), PYTHONDONTWRITEBYTECODE: "1" };
  const words = ["-W", "error::ResourceWarning", "-m", "unittest", "discover", "-s", "tests", "-t", "."];
  const { stderr } = await run(PYTHON, words, { cwd: join(ROOT, "clients", "python"), env });
  expect(stderr).toMatch(/Ran \d{2,} tests[\s\S]*\nOK/);
});

test("the command line calls every operation by its name, and says what was wrong", async ({ baseURL }) => {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, AETHEL_URL: baseURL, AETHEL_KEY: await operatorKey() };
  const api = async (...words) => {
    const { stdout } = await run(process.env.AETHEL_BIN, ["api", ...words], { env });
    return stdout;
  };
  expect(await api()).toMatch(/^charge +\S/m);
  expect(await api("charge", "--help")).toContain("--quantity NUMBER");
  const { account_id } = JSON.parse(await api("open-account", "--customer-name", "Command line", "--tier", "developer"));
  const gift = ["grant", "--account-id", account_id, "--credits", "10", "--reason", "Tests", "--idempotency-key", "gift"];
  await api(...gift);
  await api(...gift);
  expect(JSON.parse(await api("read-balance", "--account-id", account_id))).toEqual({ account_id, balance: 10 });
  expect(await api("export-entries", "--account-id", account_id, "--format", "csv")).toContain("balance_after");
  const refused = await api("charge", "--account-id", account_id, "--operation", "ghost_identity").catch((error) => error);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^aethel: Insufficient credits\. Required: 20, Available: 10 \(402, insufficient_credits, req_\S+\)\n$/);
  expect((await api("charge", "--amount", "3").catch((error) => error)).stderr).toContain("charge has no option --amount");
});
