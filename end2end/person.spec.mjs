// The road of a person who has never been here, with scripts on.
import { expect, hydrated, test } from "./fixtures.mjs";
import { BROKEN_TRANSFER, QUESTION, buyStarter, cells, confirm, goTo, signOut, signUp, stranger, verify } from "./road.mjs";

test("a person signs up, pays, verifies, and finds every credit again", async ({ page }) => {
  const person = stranger("Ada Lovelace");

  await test.step("the landing page leads to the prices, and the calculator reckons by the published rule", async () => {
    await page.goto("/");
    await page.getByRole("navigation", { name: "Site" }).getByRole("link", { name: "Pricing" }).click();
    await page.getByLabel("Operation").selectOption({ value: "conservation_oracle" });
    await page.getByLabel("Tier").selectOption({ value: "fintech" });
    await page.getByLabel("Quantity").fill("10");
    await page.getByRole("button", { name: "Calculate" }).click();
    await expect(page.getByTestId("quote")).toHaveText("40 credits");
  });

  await test.step("signing up, the mailed link, and 10 free credits", async () => {
    await page.getByRole("link", { name: "Start with 10 free credits" }).click();
    await expect(page.getByRole("heading", { name: "Sign up" })).toBeVisible();
    await signUp(page, person);
    await confirm(page, person, hydrated);
    await expect(page.getByTestId("balance")).toHaveText("10 credits");
  });

  await test.step("Starter, paid on the hosted page, becomes 100 credits", async () => {
    await buyStarter(page, person, hydrated);
    await expect(page.getByTestId("balance")).toHaveText("110 credits");
    await expect(page.getByTestId("pill-balance")).toHaveText("110");
  });

  await test.step("x == x is proved", async () => {
    await verify(page, { source: "x == x", question: QUESTION.validity }, hydrated);
    await expect(page.getByTestId("verdict")).toContainText("Proved");
    await expect(page.getByTestId("verdict")).toContainText("charged 1 · 109 left");
  });

  await test.step("x + y == 100 can hold as a law", async () => {
    await verify(page, { source: "x + y == 100", question: QUESTION.conservation }, hydrated);
    await expect(page.getByTestId("verdict")).toContainText("Satisfiable");
    const values = await cells(page.getByTestId("counterexample"));
    const sum = values.reduce((total, [, value]) => total + Number(value.replace("−", "-").replaceAll(",", "")), 0);
    expect(sum).toBe(100);
  });

  await test.step("a transfer that promises too much is refuted, with the line and the values", async () => {
    await verify(page, { source: BROKEN_TRANSFER, question: QUESTION.validity }, hydrated);
    const verdict = page.getByTestId("verdict");
    await expect(verdict).toContainText("Refuted");
    await expect(verdict).toContainText("Line 9 does not follow: payer_balance > 0");
    const payer = verdict.getByTestId("counterexample").getByRole("row").filter({ hasText: "payer_balance" });
    await expect(payer.getByRole("cell").last()).toHaveText("0");
    await expect(page.locator(".code .fault")).toHaveText("payer_balance > 0;");
  });

  await test.step("usage shows the three proofs, as a chart and as a table", async () => {
    await goTo(page, "Usage", hydrated);
    await expect(page.getByRole("img", { name: /3 credits/ })).toBeVisible();
    expect(await cells(page.getByTestId("usage-by-operation"))).toEqual([["Proof", "3", "3"]]);
    await expect(page.getByTestId("usage-total")).toHaveText("3");
    // Whoever walks this road at midnight has two days of it.
    const days = await cells(page.getByTestId("usage-by-day"));
    expect(new Set(days.map(([, operation]) => operation))).toEqual(new Set(["Proof"]));
    const sum = (column) => days.reduce((total, row) => total + Number(row[column]), 0);
    expect([sum(2), sum(3)]).toEqual([3, 3]);
  });

  await test.step("the ledger holds every movement, newest first", async () => {
    await goTo(page, "Ledger", hydrated);
    const entries = await cells(page.getByTestId("entries"));
    expect(entries.map((row) => row[4])).toContain("+100");
    expect(entries.at(-1)[4]).toBe("+10");
    expect(entries[0][5]).toBe("107");
  });

  await test.step("an API key is shown once", async () => {
    await goTo(page, "API keys", hydrated);
    await page.getByLabel("What is it for?").fill("Continuous integration");
    await page.getByRole("button", { name: "Create the key" }).click();
    await expect(page.getByTestId("secret")).toHaveText(/^aethel_test_\S{20,}$/);
    await page.reload();
    await expect(page.getByText("secret is shown once, just after")).toBeVisible();
    await expect(page.getByTestId("secret")).toHaveCount(0);
    await hydrated(page);
  });

  await test.step("signing out closes the dashboard", async () => {
    await signOut(page);
    await page.goto("/dashboard");
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  });
});
