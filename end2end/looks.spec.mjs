// Every page at phone and desktop width, light and dark: kept as pictures, never wider than the screen.
// And the keyboard: it skips, it reaches what matters, it opens the phone's menu.
import { expect, hydrated, shot, test } from "./fixtures.mjs";
import { BROKEN_TRANSFER, QUESTION, buyStarter, confirm, goTo, newcomer, signUp, stranger, toCheckout, verify } from "./road.mjs";
import { aethel, spendEverywhere } from "./operator.mjs";

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

/** Pictures of the page as it is, at every size and in both schemes. */
async function look(page, name) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await shot(page, `${name}-${size}-${colorScheme}`);
    }
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
    expect(wide, `${name} is wider than a ${size}`).toBeLessThanOrEqual(0);
  }
}

async function lookAt(page, paths) {
  for (const [name, path] of Object.entries(paths)) {
    await test.step(name, async () => {
      await page.goto(path);
      if (await page.locator("script[type=module]:not([src])").count()) await hydrated(page);
      await look(page, name);
    });
  }
}

test("public pages fit a phone and a desktop, light and dark", async ({ page, complaints }) => {
  test.setTimeout(180_000);
  complaints.push(/status of 404/);
  await lookAt(page, {
    landing: "/", pricing: "/pricing", "pricing-refused": "/pricing?operation=ghost_identity&tier=fintech&quantity=1.5",
    signup: "/signup", "signup-refused": "/signup?error=password_common", "signup-sent": "/signup/sent", signin: "/signin",
    "signin-refused": "/signin?error=wrong_credentials", "signin-code": "/signin/code", "invitation-over": "/invitation?token=x", "new-address": "/email?token=x", confirm: "/confirm?token=x", "confirm-refused": "/confirm",
    reset: "/reset", "reset-sent": "/reset?sent=yes", "reset-new": "/reset/new?token=x", "not-found": "/no/such/page", outbox: "/outbox", status: "/status",
  });
});

test("the pages of a newcomer and of a customer fit a phone and a desktop, light and dark", async ({ page, request }) => {
  test.setTimeout(300_000);
  const person = stranger("Ada Lovelace");
  await signUp(page, person);
  await confirm(page, person, hydrated);
  await look(page, "dashboard-new");
  await lookAt(page, {
    "usage-empty": "/usage", "ledger-new": "/ledger", "purchases-empty": "/purchases", "keys-empty": "/keys", "webhooks-empty": "/webhooks", judge: "/judge", verifications: "/verifications", buy: "/buy", "billing-empty": "/billing",
    oracle: "/oracle?example=fixed-sum", batch: "/batch?example=short-of-funds", sentinel: "/sentinel",
  });
  await buyStarter(page, person, hydrated);
  await look(page, "buy-paid");
  await lookAt(page, { billing: "/billing", "buy-order": "/buy?package=Starter" });
  await goTo(page, "Buy credits", hydrated);
  await toCheckout(page, "Buy Professional · $80");
  await look(page, "checkout");
  await page.getByRole("link", { name: "Cancel and go back" }).click();
  await hydrated(page);
  await look(page, "buy-left");
  await goTo(page, "Purchases", hydrated);
  await page.getByTestId("purchases").getByRole("row").filter({ hasText: "Open" }).getByRole("link").click();
  await expect(page.getByText("Waiting for Stripe")).toBeVisible();
  await look(page, "buy-waiting");
  await verify(page, { source: "x + y == 100", question: QUESTION.conservation }, hydrated);
  await look(page, "verdict-satisfiable");
  await verify(page, { source: BROKEN_TRANSFER, question: QUESTION.validity }, hydrated);
  await look(page, "verdict-refuted");
  await goTo(page, "Judge", hydrated);
  await page.getByLabel("Program or formula").fill("intent transfer(amount: Int) {\n  guard { amount > ; }\n}");
  await look(page, "judge-unreadable");
  await goTo(page, "Settings", hydrated);
  await look(page, "settings");
  await spendEverywhere(request, await page.getByTestId("account-id").innerText());
  await goTo(page, "API keys", hydrated);
  await page.getByLabel("What is it for?").fill("Continuous integration");
  await page.getByRole("button", { name: "Create the key" }).click();
  await expect(page.getByTestId("secret")).toBeVisible();
  await look(page, "keys");
  const month = new Date().toISOString().slice(0, 7);
  await lookAt(page, {
    dashboard: "/dashboard", usage: "/usage", ledger: "/ledger", purchases: "/purchases",
    statements: "/statements", statement: `/statements/${month}`, team: "/team", security: "/settings/security", audit: "/settings/audit",
  });
  await aethel("operators", "add", person.email);
  await page.goto("/settings");
  const account = await page.getByTestId("account-id").innerText();
  await page.goto("/office/reconciliation");
  await hydrated(page);
  await page.getByRole("button", { name: "Compare now" }).click();
  await expect(page.getByTestId("reconciliation")).toBeVisible();
  const run = new URL(page.url()).pathname;
  await page.goto(`/office/purchases?state=paid&account=${account}`);
  const purchase = await page.getByTestId("office-all-purchases").getByRole("link").first().getAttribute("href");
  await page.goto(purchase);
  const event = await page.getByTestId("office-events").getByRole("link").first().getAttribute("href");
  await lookAt(page, {
    office: "/office", "office-audit": "/office/audit", "office-health": "/office/health", "office-customer": `/office/customers/${account}`,
    "office-purchases": "/office/purchases", "office-purchase": purchase, "office-events": "/office/events", "office-event": event,
    reconciliation: "/office/reconciliation", "reconciliation-run": run,
  });
});

/** Presses Tab until the wanted element has the focus; fails when it takes more stops than a person would make. */
async function tabTo(page, target, most) {
  for (let stops = 1; stops <= most; stops += 1) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) return stops;
  }
  throw new Error(`not reached by ${most} presses of Tab`);
}

/** Skips to the content by keyboard; the next stop is the page's first action, and one sees that it is. */
async function skipTo(page, name) {
  const skip = page.getByRole("link", { name: "Skip to content" });
  await tabTo(page, skip, 1);
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  const action = page.locator("#content").getByRole("link", { name }).first();
  await tabTo(page, action, 1);
  await expect(action).toBeInViewport();
  const outline = await action.evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(outline, "the focus must be seen").not.toBe("none");
}

test("on a public page the keyboard skips to the content and what matters first", async ({ page }) => {
  await page.goto("/");
  await skipTo(page, "Start with 10 free credits");
});

test("on a signed-in page the keyboard skips to the content and what matters first", async ({ page }) => {
  await newcomer(page, "Key Boarder", hydrated);
  await skipTo(page, "Buy credits");
});

test("on a phone the menu opens and leads on by keyboard", async ({ page }) => {
  await page.setViewportSize(SIZES.phone);
  await newcomer(page, "Thumb Less", hydrated);
  const menu = page.locator("summary").filter({ hasText: "Menu" });
  await tabTo(page, menu, 6);
  await page.keyboard.press("Enter");
  const nav = page.getByRole("navigation", { name: "Menu" });
  await expect(nav).toBeVisible();
  await shot(page, "menu-phone-light");
  await tabTo(page, nav.getByRole("link", { name: "Usage" }), 6);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Usage" })).toBeVisible();
  await expect(nav).toBeHidden();
});

test("the Judge is worked by keyboard alone", async ({ page }) => {
  await newcomer(page, "No Mouse", hydrated);
  await goTo(page, "Judge", hydrated);
  const editor = page.getByLabel("Program or formula");
  await editor.focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("n * n >= 0");
  await tabTo(page, page.getByLabel("Question"), 2);
  await tabTo(page, page.getByRole("button", { name: "Verify · 1 credit" }), 1);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("verdict")).toContainText("Proved");
});
