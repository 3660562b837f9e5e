// Money that goes back: an operator refunds a purchase in parts, and the customer sees where the credits went. Plain
// forms, so the road is the same with scripts on and off.
import { expect, noJs, test } from "./fixtures.mjs";
import { buyStarter, newcomer } from "./road.mjs";
import { aethel, spend } from "./operator.mjs";

/** Sends the refund form of the only purchase on the page. */
async function refund(page, dollars, reason, ready) {
  await ready(page);
  await page.getByTestId("refund").getByText("Refund", { exact: true }).click();
  if (dollars !== undefined) await page.getByLabel("Dollars").fill(dollars);
  await page.getByLabel("Reason, for the audit log").fill(reason);
  await page.getByRole("button", { name: "Give the money back" }).click();
}

for (const [how, kind] of [["with scripts", test], ["without scripts", noJs]]) {
  kind(`${how} an operator refunds a purchase and the customer sees what went back and what is owed`, async ({ page, ready, browser, baseURL, javaScriptEnabled }) => {
    const context = await browser.newContext({ baseURL, javaScriptEnabled });
    const customers = await context.newPage();
    const customer = await newcomer(customers, "Maria Mayer", ready);
    await buyStarter(customers, customer, ready);
    const person = await newcomer(page, "Olga Operator", ready);
    await aethel("operators", "add", person.email);
    await page.goto("/office");
    await ready(page);
    await page.getByLabel("Name, id or e-mail").fill(customer.email);
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByTestId("customers").getByRole("link", { name: customer.name }).click();
    const account = (await page.getByTestId("account-id").textContent()).trim();
    // The ten free credits go first, then fifty of the purchase.
    await spend(page.request, account, 60);

    await refund(page, "4,5", "Charged by mistake", ready);
    await expect(page.getByText("Enter an amount in dollars, such as 160 or 12.50.")).toBeVisible();
    await refund(page, "11", "Charged by mistake", ready);
    await expect(page.getByText("This is more than is left of the payment.")).toBeVisible();
    await refund(page, "4", "Charged by mistake", ready);
    await expect(page.getByText("The money is on its way back")).toBeVisible();
    await expect(page.getByTestId("office-purchases")).toContainText("Partly refunded");
    await expect(page.getByTestId("went-back")).toHaveText("$4 went back, 40 credits with it");
    await expect(page.getByTestId("office-balance")).toHaveText("10 credits");
    await refund(page, undefined, "The rest as well", ready);
    await expect(page.getByTestId("went-back")).toHaveText("$10 went back, 100 credits with it");
    await expect(page.getByTestId("refund")).toHaveCount(0);

    await customers.goto("/dashboard");
    await expect(customers.getByTestId("balance")).toHaveText("0 credits");
    await expect(customers.getByTestId("owed")).toContainText("50 credits are owed");
    await customers.goto("/ledger");
    await expect(customers.getByTestId("owed")).toContainText("50 credits are owed");
    await customers.goto("/purchases");
    await expect(customers.getByTestId("purchases")).toContainText("Refunded");
    await expect(customers.getByTestId("went-back")).toHaveText("$10 went back, 100 credits with it");
    await customers.goto("/settings/audit");
    await expect(customers.getByTestId("audit")).toContainText("Charged by mistake");
    await context.close();
  });
}
