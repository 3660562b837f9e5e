// The customer's own browser computes the ledger's laws again, and finds what was planted.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, hydrated, noJs, shot, test } from "./fixtures.mjs";
import { goTo, newcomer } from "./road.mjs";
import { aethel, spend } from "./operator.mjs";

const CHECK = { name: "Check every entry" };
const PLANT = { name: "Plant a corruption and check again" };

test("the browser checks every entry, and names the one that was changed", async ({ page, request }) => {
  await newcomer(page, "Sofia Kovalevskaya", hydrated);
  await goTo(page, "Settings", hydrated);
  const account = await page.getByTestId("account-id").innerText();
  for (let quantity = 1; quantity <= 4; quantity += 1) await spend(request, account, quantity);
  await goTo(page, "Ledger", hydrated);
  await page.getByRole("button", CHECK).click();
  await expect(page.getByTestId("check-verdict")).toHaveText("All 5 entries are what was sealed, and every sum agrees.");
  const check = page.getByTestId("ledger-check");
  await expect(check.getByText("Holds")).toHaveCount(5);
  const head = await page.getByTestId("check-head").innerText();
  expect(head).toMatch(/^[0-9a-f]{64}$/);
  const newest = page.getByTestId("entries").locator("tbody tr").first();
  await expect(newest).toContainText(head.slice(0, 8));
  await shot(page, "ledger-check");

  await page.getByRole("button", PLANT).click();
  await expect(page.getByTestId("check-planted")).toContainText("the amount of entry 3 was changed from 2 to 3");
  await expect(page.getByTestId("check-verdict")).toHaveText("The check names entry 3:");
  await expect(check.getByText("the entry is not what was sealed: its hash does not match")).toBeVisible();
  await shot(page, "ledger-check-planted");

  await page.getByRole("button", CHECK).click();
  await expect(page.getByTestId("check-verdict")).toHaveText("All 5 entries are what was sealed, and every sum agrees.");
});

noJs("without scripts the ledger page says how to check it all the same", async ({ page }) => {
  await newcomer(page, "Marie Germain", async () => {});
  await page.goto("/ledger");
  const check = page.getByTestId("ledger-check");
  await expect(check).toContainText("aethel verify-statement FILE");
  await expect(check.getByRole("button")).toHaveCount(0);
  await check.getByRole("link", { name: "Statements" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Statements" })).toBeVisible();
});

for (const [how, check] of [["", test], ["without scripts, ", noJs]]) {
  check(`${how}a statement shows its lines and downloads as a signed file`, async ({ page, ready, request }) => {
    await newcomer(page, "Grace Chisholm", ready);
    await goTo(page, "Settings", ready);
    await spend(request, await page.getByTestId("account-id").innerText(), 3);
    await goTo(page, "Statements", ready);
    const month = page.getByTestId("statements").locator("tbody tr").first();
    await expect(month).toContainText("Still running");
    await month.getByRole("link").first().click();
    await expect(page.getByTestId("statement-facts")).toContainText("7 credits");
    await expect(page.getByTestId("statement-lines").locator("tbody tr")).toHaveCount(2);
    await shot(page, `statement-${check === test ? "live" : "plain"}`);
    const link = page.getByRole("link", { name: "Download the signed file" });
    const answer = await page.request.get(await link.getAttribute("href"));
    expect(answer.headers()["content-disposition"]).toMatch(/^attachment; filename="aethel-ACC_\w+-\d{4}-\d{2}\.json"$/);
    const file = await answer.json();
    expect(file.key_id).toBe(await page.getByTestId("signed-by").innerText());
    expect(file.statement.lines).toHaveLength(2);
    const directory = mkdtempSync(join(tmpdir(), "aethel-statement-"));
    writeFileSync(join(directory, "file.json"), await answer.body());
    const said = await aethel("verify-statement", join(directory, "file.json"), "--key", file.public_key);
    rmSync(directory, { recursive: true });
    expect(said).toContain(`signed by key ${file.key_id}`);
  });

  check(`${how}anyone may read the status`, async ({ page }) => {
    await page.goto("/status");
    await expect(page.getByTestId("laws").locator("tbody tr")).toHaveCount(8);
    await expect.poll(async () => {
      await page.reload();
      return page.getByTestId("status").innerText();
    }, { timeout: 30_000 }).toBe("Every law of the ledger holds.");
    await expect(page.getByTestId("laws").getByText("Holds")).toHaveCount(8);
    await expect(page.locator("body")).not.toContainText("ACC_");
  });
}
