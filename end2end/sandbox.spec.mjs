// Stripe's own client library for Node, unmodified, as an outside judge of the sandbox: stripe-sdk.test.mjs.
// A sandbox of its own, started as an operator would: the server's takes no key but the one they share.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, test } from "./fixtures.mjs";

const run = promisify(execFile);
const CHECKS = 7;

const check = test.extend({
  /** The address of a sandbox that stands alone. */
  sandbox: async ({}, use) => {
    const server = spawn(process.env.AETHEL_BIN, ["stripe-sandbox", "--address", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface(server.stdout), "line");
    await use(line.match(/^stripe sandbox on (http:\/\/\S+)/)[1]);
    const gone = once(server, "exit");
    server.kill("SIGTERM");
    await gone;
  },
});

check("Stripe's own client library finds the sandbox to be Stripe", async ({ sandbox }) => {
  const file = join(import.meta.dirname, "stripe-sdk.test.mjs");
  const env = { PATH: process.env.PATH, STRIPE_API_BASE: sandbox };
  const outcome = await run(process.execPath, ["--test", "--test-reporter=tap", file], { env }).catch((failed) => failed);
  expect(outcome.stdout, outcome.stdout).toContain(`# pass ${CHECKS}\n`);
  expect(outcome.stdout, outcome.stdout).toContain("# fail 0\n");
});
