// What scripts add to pages that work without them.
import { expect, hydrated, open, test } from "./fixtures.mjs";
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

test("pages follow each other without a new document, and back leads back", async ({ page }) => {
  await newcomer(page, "Lise Meitner", hydrated);
  await page.evaluate(() => { window.sameDocument = true; });
  for (const name of ["Usage", "Ledger", "Judge", "API keys", "Settings", "Purchases", "Buy credits", "Overview"]) {
    await goTo(page, name, hydrated);
  }
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Buy credits" })).toBeVisible();
  expect(await page.evaluate(() => window.sameDocument)).toBe(true);
});

test.describe("somebody on Lord Howe Island", () => {
  test.use({ timezoneId: "Australia/Lord_Howe" });

  test("is offered the days of the zone that the browser lives by", async ({ page }) => {
    await newcomer(page, "Ruby Payne-Scott", hydrated);
    await goTo(page, "Usage", hydrated);
    await page.getByLabel("Time zone").selectOption({ label: "Australia/Lord Howe (this browser)" });
    await page.getByRole("button", { name: "Show" }).click();
    await hydrated(page);
    await expect(page).toHaveURL(/zone=Australia%2FLord_Howe/);
    await expect(page.getByLabel("Time zone")).toHaveValue("Australia/Lord_Howe");
    await page.getByRole("link", { name: "7 days" }).click();
    await expect(page).toHaveURL(/days=7&zone=Australia\/Lord_Howe$/);
  });
});
