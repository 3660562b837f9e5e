// Budgets and alerts on the settings page: plain forms, so the road is the same with scripts on and off.
import { expect, noJs, test } from "./fixtures.mjs";
import { cells, goTo, newcomer } from "./road.mjs";

const SAVED = "Saved. It holds from now on.";

/** The rows of the table of budgets, without when they end. */
async function budgets(page) {
  return (await cells(page.getByTestId("budgets"))).map((row) => row.slice(0, 3));
}

for (const [how, kind] of [["with scripts", test], ["without scripts", noJs]]) {
  kind(`${how} budgets and alerts are set, shown and lifted`, async ({ page, ready }) => {
    await newcomer(page, "Mary Jackson", ready);
    await goTo(page, "Settings", ready);
    expect(await budgets(page)).toEqual([["This day", "0", "none"], ["This month", "0", "none"]]);
    await page.getByLabel("Credits a day").fill("1,500");
    await page.getByRole("button", { name: "Set the budgets" }).click();
    await expect(page.getByText(SAVED)).toBeVisible();
    expect(await budgets(page)).toEqual([["This day", "0", "1,500"], ["This month", "0", "none"]]);
    await expect(page.getByLabel("Credits a day")).toHaveValue("1,500");

    await page.getByLabel("Credits a month").fill("a few");
    await page.getByRole("button", { name: "Set the budgets" }).click();
    await expect(page.getByText("Enter a whole number of credits, or leave the field empty.")).toBeVisible();
    expect(await budgets(page)).toEqual([["This day", "0", "1,500"], ["This month", "0", "none"]]);

    await expect(page.getByTestId("alert-rule")).toContainText("You are told below 10 credits, as nothing was bought yet.");
    await page.getByLabel("Low balance, credits").fill("250");
    await page.getByLabel("Credits expire in a week").selectOption("Do not tell me");
    await page.getByRole("button", { name: "Set the alerts" }).click();
    await expect(page.getByText(SAVED)).toBeVisible();
    await expect(page.getByTestId("alert-rule")).toContainText("You are told below 250 credits.");
    await expect(page.getByLabel("Credits expire in a week")).toHaveValue("no");
    await expect(page.getByLabel("Budget used to 80 % and 100 %")).toHaveValue("yes");
  });
}
