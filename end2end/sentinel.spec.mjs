// A monitor in the browser: started with its price on the button, fed by hand, extended, stopped; with scripts and without.
import { expect, noJs, test } from "./fixtures.mjs";
import { operatorKey } from "./operator.mjs";
import { newcomer } from "./road.mjs";

async function visit(page, path, ready) {
  await page.goto(path);
  await ready(page);
}

async function road({ page, request, ready }) {
  await newcomer(page, "Sally Sentinel", ready);
  await visit(page, "/settings", ready);
  const account = await page.getByTestId("account-id").innerText();
  const headers = { authorization: `Bearer ${await operatorKey()}` };
  await request.post("/api/billing/grants", { headers, data: { account_id: account, credits: 490, reason: "Tests" } });

  await visit(page, "/sentinel", ready);
  await expect(page.getByText("No monitor yet")).toBeVisible();
  await page.getByLabel("Laws", { exact: true }).fill("reserves >");
  await page.getByRole("button", { name: "Start for 24 hours · 240 credits" }).click();
  await expect(page.getByTestId("work-problems")).toContainText("laws[0]");
  await page.getByLabel("Laws", { exact: true }).fill("reserves >= issued");
  await page.getByRole("button", { name: "Start for 24 hours · 240 credits" }).click();
  const monitor = page.getByTestId("monitor");
  await expect(monitor).toHaveAttribute("data-state", "running");
  await expect(monitor).toContainText("0 hours paid, 24 hours held ahead at 10 credits an hour.");
  await expect(page.getByTestId("pill-balance")).toHaveText("260");

  for (const [values, verdict] of [["reserves = 100.5\nissued = 100", "Kept"], ["reserves = 99.5\nissued = 100", "Violation"]]) {
    await ready(page);
    await page.getByLabel("Values", { exact: true }).fill(values);
    await page.getByRole("button", { name: "Add it" }).click();
    await expect(page.getByTestId("observed")).toContainText(verdict);
  }
  await expect(page.getByTestId("alerts")).toContainText("reserves >= issued does not hold");
  await expect(page.getByTestId("metric-chart").getByRole("img")).toHaveAccessibleName("The last 2 values of reserves: from 99.5 to 100.5, 1 of them anomalous");
  const table = await page.request.get(await page.getByRole("link", { name: "As CSV" }).getAttribute("href"));
  expect(await table.text()).toContain("violation,reserves >= issued");

  await page.getByLabel("Hours to add").fill("2");
  await page.getByRole("button", { name: "Add hours · 10 credits each" }).click();
  await expect(monitor).toContainText("26 hours held ahead");
  await page.getByRole("button", { name: /^Stop/ }).click();
  await expect(monitor).toHaveAttribute("data-state", "stopped");
  await expect(monitor).toContainText("1 hour paid, 0 hours held");
  await expect(page.getByTestId("pill-balance")).toHaveText("490");
}

test("a monitor is started, fed, extended and stopped", road);
noJs("without scripts a monitor is started, fed, extended and stopped too", road);
