// Starts `aethel serve` on free ports with an empty database before the first test, and ends it after the last.
// The tests learn its addresses from AETHEL_URL and AETHEL_SANDBOX_URL (fixtures.mjs hands them on), and where its
// database lies from AETHEL_TEST_DB, for the commands that an operator types beside it.
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A debug build migrates and starts in a second or two; a minute means that it never will. */
const START_LIMIT_MS = 60_000;
/** Longer than the server's own grace period for open requests. */
const STOP_LIMIT_MS = 15_000;
/** Settings of the person's shell that would lead the tests to real money or real data. */
const NOT_INHERITED = /^(STRIPE_|DATABASE_URL$|BILLING_DB_PATH$|AETHEL_(?!Z3$))/;
export const SERVER_LOG = join(import.meta.dirname, "artifacts", "server.log");

function settings(directory) {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  return {
    ...Object.fromEntries(inherited),
    AETHEL_ADDR: "127.0.0.1:0",
    AETHEL_SANDBOX_ADDR: "127.0.0.1:0",
    AETHEL_SANDBOX_STATE: "off",
    BILLING_DB_PATH: join(directory, "aethel.db"),
    AETHEL_WEBHOOKS_LOCAL: "yes",
    LEPTOS_OUTPUT_NAME: "aethel",
    LEPTOS_SITE_PKG_DIR: "pkg",
  };
}

/** Resolves with both addresses once the server has printed them, and fails with a sentence when it does not. */
function addresses(server) {
  return new Promise((resolve, reject) => {
    let output = "";
    const giveUp = (why) => {
      clearTimeout(timer);
      reject(new Error(`${why}; its log is ${SERVER_LOG}\n${output.slice(-4000)}`));
    };
    const timer = setTimeout(() => giveUp(`the server did not print its addresses within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
    server.once("error", (error) => giveUp(`the server could not be started: ${error.message}`));
    server.once("exit", (code, signal) => giveUp(`the server ended while starting (${signal ?? code})`));
    server.stderr.on("data", (chunk) => { output += chunk; });
    server.stdout.on("data", (chunk) => {
      output += chunk;
      const url = output.match(/^listening on (http:\/\/\S+)/m)?.[1];
      const sandbox = output.match(/^stripe sandbox on (http:\/\/\S+)/m)?.[1];
      if (!url || !sandbox) return;
      clearTimeout(timer);
      server.removeAllListeners("exit");
      resolve({ url: url.replace(/\/$/, ""), sandbox: sandbox.replace(/\/$/, "") });
    });
  });
}

async function stop(server) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  const timer = setTimeout(() => server.kill("SIGKILL"), STOP_LIMIT_MS);
  await gone;
  clearTimeout(timer);
}

export default async function start() {
  const binary = process.env.AETHEL_BIN;
  if (!binary) throw new Error("AETHEL_BIN must name the server's binary; `make test` sets it");
  const directory = mkdtempSync(join(tmpdir(), "aethel-e2e-"));
  mkdirSync(join(import.meta.dirname, "artifacts"), { recursive: true });
  const log = createWriteStream(SERVER_LOG);
  const server = spawn(binary, ["serve"], { cwd: directory, env: settings(directory), stdio: ["ignore", "pipe", "pipe"] });
  server.stdout.pipe(log, { end: false });
  server.stderr.pipe(log, { end: false });
  const end = async () => {
    await stop(server);
    await new Promise((resolve) => log.end(resolve));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const { url, sandbox } = await addresses(server);
    process.env.AETHEL_URL = url;
    process.env.AETHEL_SANDBOX_URL = sandbox;
    process.env.AETHEL_TEST_DB = join(directory, "aethel.db");
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}
