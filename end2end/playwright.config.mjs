// One browser, one worker, no second chances: a test that passes only the second time has found something.
import { defineConfig } from "@playwright/test";

const executablePath = process.env.CHROMIUM || undefined;
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.mjs",
  globalSetup: "./server.mjs",
  outputDir: "artifacts/results",
  reporter: [["list"], ["./server-log-reporter.mjs"]],
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath,
      args: [
        // Chromium refuses its sandbox to root, which is what a container gives.
        ...(isRoot ? ["--no-sandbox"] : []),
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
