// Cards, automatic purchases and the subscription on the billing page, and paying with the saved card: plain forms, so
// the road is the same with scripts on and off.
import { expect, noJs, test } from "./fixtures.mjs";
import { CARD, buyStarter, goTo, newcomer } from "./road.mjs";

/** Types a card on Stripe's page for saving one, or for subscribing, and presses its button. */
async function typeCard(page, person, button, number = CARD.good) {
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Card number").fill(number);
  await page.getByLabel("Expiry").fill("12 / 40");
  await page.getByLabel("CVC").fill("123");
  await page.getByLabel("Name on card").fill(person.name);
  await page.getByRole("button", { name: button }).click();
}

/** Opens the billing page until it shows what Stripe's word brings. */
async function until(page, test) {
  await expect(async () => {
    await page.goto("/billing");
    await test();
  }).toPass({ timeout: 20_000 });
}

for (const [how, kind] of [["with scripts", test], ["without scripts", noJs]]) {
  kind(`${how} a card is saved on Stripe's page, buys at a press, and is removed`, async ({ page, ready }) => {
    const person = await newcomer(page, "Emmy Noether", ready);
    await goTo(page, "Billing", ready);
    await expect(page.getByText("No card is saved yet.")).toBeVisible();
    await page.getByRole("button", { name: "Add a card" }).click();
    await typeCard(page, person, "Save the card");
    await expect(page.getByText("The card is saved.")).toBeVisible();
    await until(page, () => expect(page.getByTestId("cards")).toContainText("Charged", { timeout: 500 }));
    await expect(page.getByTestId("cards")).toContainText("Visa ending in 4242");
    await ready(page);

    await goTo(page, "Buy credits", ready);
    await page.getByRole("link", { name: "Starter with Visa ending in 4242" }).click();
    await expect(page.getByTestId("order")).toContainText("$10.00");
    await expect(page.getByTestId("order")).toContainText("110");
    await page.getByRole("button", { name: "Pay $10.00 now" }).click();
    await expect(page.getByText("100 credits added to your account.")).toBeVisible();
    await expect(page.getByTestId("pill-balance")).toHaveText("110");

    await page.goto("/billing");
    await ready(page);
    await page.getByText("Remove", { exact: true }).last().click();
    await page.getByRole("button", { name: "Remove the card" }).click();
    await expect(page.getByText("The card is removed.")).toBeVisible();
    await expect(page.getByText("No card is saved yet.")).toBeVisible();
  });

  kind(`${how} a rule for automatic purchases is set, told in a sentence, and carried out`, async ({ page, ready }) => {
    const person = await newcomer(page, "Ada Yonath", ready);
    await buyStarter(page, person, ready);
    await goTo(page, "Billing", ready);
    await page.getByLabel("When fewer credits are left than").fill("500");
    await page.getByLabel("Buy", { exact: true }).selectOption("Starter");
    await page.getByLabel("At most, dollars a month").fill("100");
    await page.getByRole("button", { name: "Save the rule" }).click();
    await expect(page.getByText("The package brings fewer credits than the threshold.")).toBeVisible();
    await page.getByLabel("When fewer credits are left than").fill("500");
    await page.getByLabel("Buy", { exact: true }).selectOption("Professional");
    await page.getByLabel("At most, dollars a month").fill("100");
    await page.getByRole("button", { name: "Save the rule" }).click();
    await expect(page.getByText("Saved. It holds from now on.")).toBeVisible();
    await expect(page.getByTestId("top-up-rule")).toContainText(
      "On: adds 1,000 credits for $80 when fewer than 500 are left, for at most $100 a month (UTC).",
    );
    await until(page, () => expect(page.getByTestId("pill-balance")).toHaveText("1,110", { timeout: 500 }));
    await expect(page.getByTestId("top-up-rule")).toContainText("$80 of it is used this month.");
  });

  kind(`${how} the fintech tier is subscribed to, ended and kept`, async ({ page, ready }) => {
    const person = await newcomer(page, "Rita Levi", ready);
    await goTo(page, "Billing", ready);
    await page.getByRole("button", { name: "Subscribe for $5,000 a month" }).click();
    await typeCard(page, person, "Subscribe for $5,000.00");
    await until(page, () => expect(page.getByTestId("subscription")).toHaveAttribute("data-state", "active", { timeout: 500 }));
    await ready(page);
    await page.getByRole("button", { name: "End it with the paid month" }).click();
    await expect(page.getByTestId("subscription")).toContainText("Ending");
    await page.getByRole("button", { name: "Keep the subscription" }).click();
    await expect(page.getByTestId("subscription")).toContainText("Active");
    await goTo(page, "Settings", ready);
    await expect(page.getByRole("definition").filter({ hasText: "Fintech" })).toBeVisible();
  });
}
