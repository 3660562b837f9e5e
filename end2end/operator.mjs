// What an operator types beside the running server.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** One verb of the command line, on the server's own database; its standard output without the last line end. */
export async function aethel(...words) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, AETHEL_Z3: process.env.AETHEL_Z3, BILLING_DB_PATH: process.env.AETHEL_TEST_DB };
  const { stdout } = await run(process.env.AETHEL_BIN, words, { env });
  return stdout.trimEnd();
}

let operator;

/** An operator's key, made once by the command line and read from its standard output. */
export async function operatorKey() {
  operator ??= aethel("keys", "create", "--operator", "--name", "e2e");
  return operator;
}

async function post(request, path, data) {
  const answer = await request.post(path, { headers: { authorization: `Bearer ${await operatorKey()}` }, data });
  if (!answer.ok()) throw new Error(`${path} was refused: ${answer.status()} ${await answer.text()}`);
}

/** Spends an account's credits over the REST API, as an operator may. */
export async function spend(request, account, quantity, operation = "proof_verification") {
  await post(request, "/api/billing/charges", { account_id: account, operation, quantity });
}

/** Gives an account credits, spends some of them on every operation, and gives some that expire: its pages are full. */
export async function spendEverywhere(request, account) {
  await post(request, "/api/billing/grants", { account_id: account, credits: 2_000, reason: "A page to look at" });
  const quantities = {
    proof_verification: 40, batch_verification: 1, sentinel_monitoring: 24, conservation_oracle: 12,
    ghost_identity: 3, sovereign_identity: 4, consensus_participation: 1, state_storage: 30,
  };
  for (const [operation, quantity] of Object.entries(quantities)) await spend(request, account, quantity, operation);
  const expiry = new Date(Date.now() + 9 * 86_400_000).toISOString();
  await post(request, "/api/billing/grants", { account_id: account, credits: 320, reason: "A gift that expires", expires_at: expiry });
}
