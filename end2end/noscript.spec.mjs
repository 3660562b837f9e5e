// The same road with scripts off: every form once.
import { expect, noJs as test } from "./fixtures.mjs";
import {
  BROKEN_TRANSFER, QUESTION, buyStarter, cells, confirm, goTo, newcomer, openMailedLink, signIn, signOut, signUp, stranger,
  toCheckout, pay, verify,
} from "./road.mjs";

test("without scripts a person signs up, pays, verifies, and finds every credit again", async ({ page, ready }) => {
  const person = stranger("Grace Hopper");

  await test.step("the calculator is a form", async () => {
    await page.goto("/pricing");
    await page.getByLabel("Operation").selectOption({ value: "batch_verification" });
    await page.getByLabel("Tier").selectOption({ value: "enterprise" });
    await page.getByLabel("Quantity").fill("3");
    await page.getByRole("button", { name: "Calculate" }).click();
    await expect(page.getByTestId("quote")).toHaveText("1,050 credits");
  });

  await test.step("signing up, another mail, and the mailed link", async () => {
    await signUp(page, person);
    await page.getByText("No mail?").click();
    await page.getByRole("button", { name: "Send the link again" }).click();
    await expect(page.getByText("Sent once more.")).toBeVisible();
    await confirm(page, person, ready);
    await expect(page.getByTestId("balance")).toHaveText("10 credits");
  });

  await test.step("Starter becomes 100 credits", async () => {
    await buyStarter(page, person, ready);
    await expect(page.getByTestId("balance")).toHaveText("110 credits");
  });

  await test.step("proved, satisfiable and refuted", async () => {
    await verify(page, { source: "x == x", question: QUESTION.validity }, ready);
    await expect(page.getByTestId("verdict")).toContainText("Proved");
    await verify(page, { source: "x + y == 100", question: QUESTION.conservation }, ready);
    await expect(page.getByTestId("verdict")).toContainText("Satisfiable");
    await verify(page, { source: BROKEN_TRANSFER, question: QUESTION.test }, ready);
    await expect(page.getByTestId("verdict")).toContainText("Line 9 does not follow: payer_balance > 0");
    await expect(page.getByTestId("counterexample")).toContainText("payer_balance");
  });

  await test.step("the mend is taken over by a link, and holds", async () => {
    await page.getByRole("link", { name: "Use it" }).click();
    await expect(page.getByLabel("Program or formula")).toHaveValue(/payer_balance >= 0;/);
    await page.getByRole("button", { name: "Verify · 1 credit" }).click();
    await expect(page.getByTestId("verdict")).toContainText("Proved");
  });

  await test.step("usage and ledger have the right sums", async () => {
    await goTo(page, "Usage", ready);
    expect(await cells(page.getByTestId("usage-by-operation"))).toEqual([["Proof", "4", "4"]]);
    await page.getByRole("link", { name: "90 days" }).click();
    await expect(page.getByRole("heading", { name: "Last 90 days, UTC" })).toBeVisible();
    await expect(page.getByTestId("usage-total")).toHaveText("4");
    await page.getByLabel("Time zone").selectOption("Asia/Kathmandu");
    await page.getByLabel("API key").selectOption({ label: "No key: people on the pages" });
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page.getByRole("heading", { name: "Last 90 days, Asia/Kathmandu" })).toBeVisible();
    await expect(page).toHaveURL(/days=90&zone=Asia%2FKathmandu&operation=&key=none$/);
    expect(await cells(page.getByTestId("usage-by-key"))).toEqual([["No key: people on the pages", "4", "4"]]);
    const table = await page.request.get(await page.getByRole("link", { name: "Download usage as CSV" }).getAttribute("href"));
    expect((await table.text()).split("\r\n").slice(1, -1).map((line) => line.split(",").slice(1))).toEqual([["proof_verification", "", "4", "4", "4"]]);
    await page.getByLabel("Operation").selectOption({ label: "Ghost identity" });
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("link", { name: "Show everything" }).click();
    await expect(page.getByTestId("usage-total")).toHaveText("4");
    await goTo(page, "Ledger", ready);
    expect((await cells(page.getByTestId("grants"))).map((row) => [row[1], row[3], row.at(-1)])).toEqual([["Given", "never", "6"], ["Paid", "never", "100"]]);
    const ledger = await page.request.get(await page.getByRole("link", { name: "Download entries as JSON" }).getAttribute("href"));
    expect((await ledger.json()).at(-1).balance_after).toBe(106);
    const entries = await cells(page.getByTestId("entries"));
    expect(entries[0][5]).toBe("106");
    await goTo(page, "Purchases", ready);
    const [[, name, credits, price, state]] = await cells(page.getByTestId("purchases"));
    expect([name, credits, price]).toEqual(["Starter", "100", "$10"]);
    expect(state).toContain("Paid");
  });

  await test.step("a key is made, shown once, and revoked", async () => {
    await goTo(page, "API keys", ready);
    await page.getByLabel("What is it for?").fill("Nightly run");
    await page.getByRole("button", { name: "Create the key" }).click();
    await expect(page.getByTestId("secret")).toHaveText(/^aethel_test_\S{20,}$/);
    await page.reload();
    await expect(page.getByTestId("secret")).toHaveCount(0);
    const row = page.getByTestId("keys").getByRole("row").filter({ hasText: "Nightly run" });
    await row.getByText("Revoke", { exact: true }).click();
    await row.getByRole("button", { name: "Revoke the key" }).click();
    await expect(page.getByText("The key is revoked and no longer accepted.")).toBeVisible();
    await expect(page.getByTestId("keys")).toContainText("Revoked");
  });

  await test.step("the theme is a form, and the server writes it into the page", async () => {
    await goTo(page, "Settings", ready);
    await page.getByLabel("Theme").selectOption("dark");
    await page.getByRole("button", { name: "Use it" }).click();
    await expect(page.locator("html")).toHaveClass(/theme-dark/);
    await expect(page.getByLabel("Theme")).toHaveValue("dark");
  });

  await test.step("signing out, and in again", async () => {
    await signOut(page);
    await page.goto("/signin");
    await signIn(page, person);
    await expect(page.getByTestId("balance")).toHaveText("106 credits");
  });
});

test("without scripts a forgotten password is replaced by a mailed link", async ({ page, ready }) => {
  const person = await newcomer(page, "Karen Jones", ready);
  await signOut(page);
  await page.goto("/signin");
  await page.getByRole("link", { name: "Forgot the password?" }).click();
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByText("a link is on its way")).toBeVisible();
  await openMailedLink(page, person);
  await page.getByLabel("New password").fill("eight brave herons at dusk");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByText("The new password is set. Sign in with it.")).toBeVisible();
  await signIn(page, person, "eight brave herons at dusk");
  await expect(page.getByTestId("balance")).toHaveText("10 credits");
});

test("without scripts the return page asks again by itself until Stripe's word has come", async ({ page, ready, context }) => {
  const person = await newcomer(page, "Jean Bartik", ready);
  await goTo(page, "Buy credits", ready);
  await toCheckout(page, "Buy Professional · $80");
  const returned = await context.newPage();
  await returned.goto("/purchases");
  await returned.getByTestId("purchases").getByRole("link", { name: /^PUR_/ }).click();
  await expect(returned.getByText("Waiting for Stripe to confirm the payment.")).toBeVisible();
  await pay(page, { person, amount: "$80.00" });
  await expect(returned.getByText("1,000 credits added to your account.")).toBeVisible();
});

test("without scripts a form sent twice makes one key, and its secret is shown once", async ({ page, ready }) => {
  await newcomer(page, "Frances Spence", ready);
  await goTo(page, "API keys", ready);
  const request = await page.locator("input[name=request]").inputValue();
  const headers = { "sec-fetch-site": "same-origin", accept: "text/html" };
  const send = async () => (await page.request.post("/fn/create_key", { headers, form: { name: "CI", request } })).text();
  expect(await send()).toMatch(/aethel_test_[\w-]{43}/);
  const second = await send();
  expect(second).toContain("secret is shown once, just after");
  expect(second).not.toMatch(/aethel_test_[\w-]{43}/);
  await page.reload();
  await expect(page.getByTestId("keys").locator("tbody tr")).toHaveCount(1);
});
