// What scripts add to pages that work without them.
import { expect, hydrated, noJs, open, test } from "./fixtures.mjs";
import { spend } from "./operator.mjs";
import { QUESTION, cells, goTo, newcomer, pay, toCheckout } from "./road.mjs";

test("the editor says what is wrong while one types, without asking the server", async ({ page }) => {
  await newcomer(page, "Emmy Noether", hydrated);
  await goTo(page, "Judge", hydrated);
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  const editor = page.getByLabel("Program or formula");
  await editor.fill("x + == 3");
  await expect(page.getByText("Line 1, column 5:")).toBeVisible();
  await expect(page.getByTestId("reading")).toHaveText("1 line · 1 problem");
  await editor.fill("x + 1 ==\n3");
  await expect(page.getByTestId("reading")).toHaveText("2 lines · can be read");
  await expect(page.getByText(/^Line 1, column/)).toHaveCount(0);
  expect(requests).toEqual([]);
});

test("the editor marks the faulty piece, leads to it, lets Tab leave and sends on Ctrl+Enter", async ({ page }) => {
  await newcomer(page, "Rózsa Péter", hydrated);
  await goTo(page, "Judge", hydrated);
  const editor = page.getByLabel("Program or formula");
  await editor.fill("x > 1;\nx + == 3");
  await expect(page.locator(".squiggle")).toHaveText("==");
  await page.getByRole("link", { name: "Line 2, column 5" }).click();
  await expect(editor).toBeFocused();
  expect(await editor.evaluate((field) => [field.selectionStart, field.selectionEnd])).toEqual([11, 13]);
  await page.keyboard.press("Tab");
  await expect(editor).not.toBeFocused();
  await editor.fill("x == x");
  await expect(page.locator(".squiggle")).toHaveCount(0);
  await editor.press("Control+Enter");
  await expect(page.getByTestId("verdict")).toContainText("Proved");
});

test("a button pressed twice verifies once", async ({ page }) => {
  await newcomer(page, "Ida Rhodes", hydrated);
  await goTo(page, "Judge", hydrated);
  await page.getByLabel("Program or formula").fill("a * a >= 0");
  await page.getByLabel("Question").selectOption({ label: QUESTION.validity });
  await page.getByRole("button", { name: "Verify · 1 credit" }).dblclick();
  await expect(page.getByTestId("verdict")).toContainText("Proved");
  await goTo(page, "Usage", hydrated);
  expect(await cells(page.getByTestId("usage-by-operation"))).toEqual([["Proof", "1", "1"]]);
});

/** Holds a form's request back, so that there is time to press again, and counts how often it was sent. */
async function slowly(page, endpoint) {
  const sent = [];
  await page.route(`**/fn/${endpoint}`, async (route) => {
    sent.push(route.request().postData());
    await new Promise((resolve) => { setTimeout(resolve, 1_500); });
    await route.continue();
  });
  return sent;
}

test("a button pressed twice makes one key, whose secret is shown", async ({ page }) => {
  await newcomer(page, "Betty Holberton", hydrated);
  await goTo(page, "API keys", hydrated);
  const sent = await slowly(page, "create_key");
  const name = page.getByLabel("What is it for?");
  await name.fill("Continuous integration");
  await page.getByRole("button", { name: "Create the key" }).dblclick();
  await name.press("Enter");
  await expect(page.getByTestId("secret")).toHaveText(/^aethel_test_\S{20,}$/);
  await expect(page.getByTestId("keys").locator("tbody tr")).toHaveCount(1);
  expect(sent).toHaveLength(1);
  await name.fill("Another");
  await page.getByRole("button", { name: "Create the key" }).click();
  await expect(page.getByTestId("keys").locator("tbody tr")).toHaveCount(2);
});

test("a button pressed twice opens one checkout", async ({ page }) => {
  await newcomer(page, "Marlyn Meltzer", hydrated);
  await goTo(page, "Buy credits", hydrated);
  const sent = await slowly(page, "buy_credits");
  await page.getByRole("button", { name: "Buy Starter · $10" }).dblclick();
  await expect(page.getByRole("heading", { name: "Pay with card" })).toBeVisible();
  expect(sent).toHaveLength(1);
});

test("an answer that does not come does not end the wait", async ({ page, context, complaints }) => {
  complaints.push(/status of 503/, /net::ERR_FAILED/);
  const person = await newcomer(page, "Jean Bartik", hydrated);
  await goTo(page, "Buy credits", hydrated);
  await toCheckout(page, "Buy Starter · $10");
  const returned = await context.newPage();
  let asked = 0;
  await returned.route("**/fn/purchase_state", async (route) => {
    asked += 1;
    if ([1, 4].includes(asked)) await route.fulfill({ status: 503, body: "busy" });
    else if (asked === 5) await route.abort();
    else await route.continue();
  });
  await open(returned, "/purchases");
  await returned.getByTestId("purchases").getByRole("link", { name: /^PUR_/ }).click();
  await expect(returned.getByText("Waiting for Stripe to confirm the payment.")).toBeVisible();
  await returned.evaluate(() => { window.sameDocument = true; });
  await expect.poll(() => asked).toBeGreaterThan(6);
  await expect(returned.getByText("Waiting for Stripe to confirm the payment.")).toBeVisible();
  expect(await returned.evaluate(() => window.sameDocument)).toBe(true);
  await pay(page, { person, amount: "$10.00" });
  await expect(returned.getByText("100 credits added to your account.")).toBeVisible();
});

test("the return page turns by itself when Stripe's word comes", async ({ page, context }) => {
  const person = await newcomer(page, "Kay McNulty", hydrated);
  await goTo(page, "Buy credits", hydrated);
  await toCheckout(page, "Buy Business · $700");
  const returned = await context.newPage();
  await open(returned, "/purchases");
  await returned.getByTestId("purchases").getByRole("link", { name: /^PUR_/ }).click();
  await expect(returned.getByText("Waiting for Stripe to confirm the payment.")).toBeVisible();
  await pay(page, { person, amount: "$700.00" });
  await expect(returned.getByText("10,000 credits added to your account.")).toBeVisible();
  await expect(returned.getByTestId("pill-balance")).toHaveText("10,010");
});

test("pages follow each other, and the way back leads to a page that lives", async ({ page }) => {
  await newcomer(page, "Lise Meitner", hydrated);
  for (const name of ["Usage", "Ledger", "API keys", "Settings", "Purchases", "Buy credits", "Judge", "Overview"]) {
    await goTo(page, name, hydrated);
  }
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Judge" })).toBeVisible();
  await hydrated(page);
  await page.getByLabel("Program or formula").fill("x + == 3");
  await expect(page.getByText("Line 1, column 5:")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("button", { name: "Buy Starter · $10" })).toBeEnabled();
});

test("the overview follows the ledger without a reload", async ({ page, request }) => {
  await newcomer(page, "Hertha Ayrton", hydrated);
  await goTo(page, "Settings", hydrated);
  const account = await page.getByTestId("account-id").innerText();
  await goTo(page, "Overview", hydrated);
  const entries = page.getByTestId("entries").locator("tbody tr");
  await expect(entries).toHaveCount(1);
  await page.evaluate(() => { window.sameDocument = true; });
  await spend(request, account, 3);
  await expect(entries).toHaveCount(2);
  await expect(page.getByTestId("balance")).toHaveText("7 credits");
  expect(await cells(page.getByTestId("usage-by-operation"))).toEqual([["Proof", "3", "3"]]);
  expect(await page.evaluate(() => window.sameDocument)).toBe(true);
});

test.describe("somebody on Lord Howe Island", () => {
  test.use({ timezoneId: "Australia/Lord_Howe" });

  test("has the days of the zone that the browser lives by, until another is chosen", async ({ page }) => {
    await newcomer(page, "Ruby Payne-Scott", hydrated);
    await goTo(page, "Usage", hydrated);
    await expect(page.getByLabel("Time zone")).toHaveValue("Australia/Lord_Howe");
    await page.getByRole("link", { name: "7 days" }).click();
    await expect(page).toHaveURL(/days=7&zone=Australia\/Lord_Howe$/);
    await goTo(page, "Overview", hydrated);
    await expect(page.getByTestId("overview-zone")).toContainText("Australia/Lord Howe");
    await goTo(page, "Settings", hydrated);
    await page.getByLabel("Time zone of your days").selectOption("Asia/Tokyo");
    await page.getByRole("button", { name: "Use this zone" }).click();
    await expect(page.getByLabel("Time zone of your days")).toHaveValue("Asia/Tokyo");
    await goTo(page, "Overview", hydrated);
    await expect(page.getByTestId("overview-zone")).toContainText("Asia/Tokyo");
    await goTo(page, "Usage", hydrated);
    await expect(page.getByLabel("Time zone")).toHaveValue("Asia/Tokyo");
  });
});

for (const [how, check] of [["", test], ["without scripts, ", noJs]]) {
  check(`${how}the ledger tells the balance at any moment that has passed`, async ({ page, ready }) => {
    await newcomer(page, "Mary Cartwright", ready);
    await goTo(page, "Ledger", ready);
    const asked = page.getByLabel(/^Date and time/);
    await asked.fill("2001-01-01T00:00");
    await page.getByRole("button", { name: "Show the balance" }).click();
    await expect(page.getByTestId("balance-at")).toContainText("0 credits could be spent. Nothing had been posted by then.");
    await asked.fill("2101-01-01T00:00");
    await page.getByRole("button", { name: "Show the balance" }).click();
    await expect(page.getByText("That moment is still to come. Choose one that has passed.")).toBeVisible();
    await expect(asked).toHaveValue("2101-01-01T00:00");
  });
}
