// The Oracle and batches in the browser: asked with scripts and without, kept, and kind about what cannot be read.
import { expect, noJs, test } from "./fixtures.mjs";
import { operatorKey } from "./operator.mjs";
import { newcomer } from "./road.mjs";

async function visit(page, path, ready) {
  await page.goto(path);
  await ready(page);
}

async function give(request, page, ready) {
  await visit(page, "/settings", ready);
  const account = (await page.locator("body").innerText()).match(/ACC_\w+/)[0];
  const answer = await request.post("/api/billing/grants", {
    headers: { authorization: `Bearer ${await operatorKey()}` },
    data: { account_id: account, credits: 2_000, reason: "Tests" },
  });
  expect(answer.ok()).toBe(true);
  return account;
}

async function oracleRoad({ page, request, ready }) {
  await newcomer(page, "Olga Oracle", ready);
  await give(request, page, ready);
  await visit(page, "/oracle?example=fixed-sum", ready);
  await page.getByRole("button", { name: "Ask the Oracle · 5 credits" }).click();
  await expect(page.getByTestId("oracle-answer")).toHaveAttribute("data-verdict", "sometimes");
  await expect(page.getByTestId("ranges")).toContainText("x0100");
  await visit(page, "/oracle?example=exchange", ready);
  await page.getByRole("button", { name: /^Ask the Oracle/ }).click();
  await expect(page.getByTestId("kept")).toContainText("cash - owed + 2 * shares + fees");
  await visit(page, "/oracle?example=reservoir", ready);
  await page.getByRole("button", { name: /^Ask the Oracle/ }).click();
  await expect(page.getByTestId("drift")).toContainText("2 of 4 observations keep it, 2 do not.");
  await expect(page.getByTestId("drift-chart").getByRole("img")).toHaveAccessibleName(/^Left less right of 4 observations/);
  await visit(page, "/oracle", ready);
  await expect(page.getByTestId("recent").getByRole("row")).toHaveCount(4);
  await page.getByLabel("Law", { exact: true }).fill("x + > 3");
  await page.getByRole("button", { name: /^Ask the Oracle/ }).click();
  await expect(page.getByTestId("work-problems")).toContainText("line 1");
  await expect(page.getByLabel("Law", { exact: true })).toHaveValue("x + > 3");
}

async function batchRoad({ page, request, ready }) {
  await newcomer(page, "Bea Batch", ready);
  await give(request, page, ready);
  await visit(page, "/batch?example=short-of-funds", ready);
  await page.getByRole("button", { name: "Verify the batch · 500 credits" }).click();
  await expect(page.getByTestId("batch-report")).toHaveAttribute("data-verdict", "partly_applied");
  await expect(page.getByTestId("batch-rows")).toContainText("ada has 5 and 12.5 is needed");
  await expect(page.getByTestId("totals")).toContainText("Adds up");
  await visit(page, "/batch", ready);
  await page.getByLabel("Transactions", { exact: true }).fill("id,from,to,asset,amount\na,x,y,EUR,1e9\n");
  await page.getByRole("button", { name: /^Verify the batch/ }).click();
  await expect(page.getByTestId("work-problems")).toContainText("transactions_csv line 2: amount: write a decimal number");
}

test("a law is asked about, and the answer is kept", oracleRoad);
noJs("without scripts a law is asked about too", oracleRoad);
test("a batch is verified, and its report is kept", batchRoad);
noJs("without scripts a batch is verified too", batchRoad);

test("a file is read into the field that is sent", async ({ page, request, ready }) => {
  await newcomer(page, "Fred File", ready);
  await give(request, page, ready);
  await visit(page, "/batch", ready);
  await ready(page);
  const rows = Array.from({ length: 1_000 }, (_, n) => `t${n},,a${n},EUR,0.01`).join("\n");
  const file = { name: "rows.csv", mimeType: "text/csv", buffer: Buffer.from(`id,from,to,asset,amount\n${rows}\n`) };
  await page.locator("#transactions-file").setInputFiles(file);
  await expect(page.locator('[data-progress="transactions"]')).toHaveText("rows.csv: 1001 lines");
  await page.getByRole("button", { name: /^Verify the batch/ }).click();
  await expect(page.getByTestId("batch-report")).toContainText("All 1,000 transactions can be applied.");
});
