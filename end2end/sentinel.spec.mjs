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

test("what others observe appears by itself, and what is being typed stays", async ({ page, request, ready }) => {
  await newcomer(page, "Lively Sentinel", ready);
  await visit(page, "/settings", ready);
  const account = await page.getByTestId("account-id").innerText();
  await visit(page, "/sentinel", ready);
  await page.getByLabel("Hours", { exact: true }).fill("1");
  await page.getByRole("button", { name: /^Start for/ }).click();
  const monitor = page.getByTestId("monitor");
  await expect(monitor).toHaveAttribute("data-state", "running");
  await ready(page);
  await page.getByLabel("Values", { exact: true }).fill("reserves = 1");
  const headers = { authorization: `Bearer ${await operatorKey()}` };
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const observations = [{ values: { reserves: "7.5", issued: 9 } }];
  const sent = await request.post(`/api/monitors/${account}/${id}/observations`, { headers, data: { observations } });
  expect(sent.ok(), await sent.text()).toBe(true);
  await expect(page.getByTestId("observed")).toContainText("reserves 7.5", { timeout: 15_000 });
  await expect(page.getByTestId("alerts")).toContainText("reserves >= issued does not hold");
  await expect(page.getByLabel("Values", { exact: true })).toHaveValue("reserves = 1");
});
