// What every browser test starts from. Import `test` (scripts on) or `noJs` (scripts off) and `expect` from here,
// never from @playwright/test: only these fail a test on what the browser's console complains about.
import { join } from "node:path";
import { expect, test as base } from "@playwright/test";

const ARTIFACTS = join(import.meta.dirname, "artifacts");

export const test = base.extend({
  baseURL: async ({}, use) => {
    await use(process.env.AETHEL_URL);
  },

  /** Where the Stripe sandbox listens, without a slash at the end. */
  sandboxURL: async ({}, use) => {
    await use(process.env.AETHEL_SANDBOX_URL);
  },

  /**
   * The patterns of console messages this test provokes on purpose: `complaints.push(/status of 404/)`.
   * Chromium reports every answer from 400 on, the page's own among them, as an error.
   */
  complaints: async ({}, use) => {
    await use([]);
  },

  /** Waits until the page is live where scripts are on: clicks before that reach the plain form, which is another test. */
  ready: async ({ javaScriptEnabled }, use) => {
    await use(javaScriptEnabled ? hydrated : async () => {});
  },

  context: async ({ context, complaints }, use) => {
    const heard = [];
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        heard.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => heard.push(`page error: ${error.error().stack ?? error.error()}`));
    await use(context);
    const unexpected = heard.filter((text) => !complaints.some((pattern) => pattern.test(text)));
    expect(unexpected, "the browser's console must stay silent").toEqual([]);
  },
});

/** The same road with JavaScript switched off. */
export const noJs = test.extend({
  javaScriptEnabled: async ({}, use) => {
    await use(false);
  },

  // The pages fetch their WebAssembly ahead, and nothing uses it here.
  complaints: async ({}, use) => {
    await use([/aethel_bg\.wasm was preloaded using link preload but not used/]);
  },
});

export { expect };

/** Waits until the page is live: its script has run, and its islands, where it has any, are taken over. */
export async function hydrated(page) {
  await page.locator("html[data-scripts]:not(:has(leptos-island)), html[data-scripts][data-hydrated]").waitFor({ state: "attached" });
}

/** Opens a page of ours and waits until it is live. */
export async function open(page, path) {
  const response = await page.goto(path);
  await hydrated(page);
  return response;
}

/** Keeps a picture of the whole page as artifacts/NAME.png. */
export async function shot(page, name) {
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true, animations: "disabled" });
}
