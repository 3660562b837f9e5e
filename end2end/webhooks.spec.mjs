// Webhook endpoints: plain forms, so the road is the same with scripts on and off.
import { createServer } from "node:http";
import { expect, noJs, test } from "./fixtures.mjs";
import { goTo, newcomer } from "./road.mjs";

/** A server that takes everything, and what it was sent. */
async function receiver() {
  const arrived = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => { body += chunk; });
    request.on("end", () => {
      arrived.push({ headers: request.headers, body: JSON.parse(body) });
      response.end("thank you");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/hook`, arrived, close: () => server.close() };
}

for (const [how, kind] of [["with scripts", test], ["without scripts", noJs]]) {
  kind(`${how} an endpoint is added, tested, looked at and removed`, async ({ page, ready }) => {
    const ours = await receiver();
    await newcomer(page, "Katherine Johnson", ready);
    await goTo(page, "Webhooks", ready);
    await page.getByLabel("Address").fill("https://10.0.0.1/hook");
    await page.getByRole("button", { name: "Add the endpoint" }).click();
    await expect(page.getByText("The address must lead to a server on the public internet.")).toBeVisible();
    await page.getByLabel("Address").fill(ours.url);
    await page.getByLabel("What is it for?").fill("The ledger's mirror");
    await page.getByLabel("The balance is low").check();
    await page.getByLabel("A purchase is paid").check();
    await page.getByRole("button", { name: "Add the endpoint" }).click();
    await expect(page.getByTestId("secret")).toHaveText(/^whsec_/);
    await expect(page.getByLabel("The balance is low")).toBeChecked();
    await expect(page.getByLabel("A monitor raises an alert")).not.toBeChecked();
    await page.getByRole("button", { name: "Send a test" }).click();
    await expect(page.getByText("A test is on its way.")).toBeVisible();
    await expect.poll(() => ours.arrived.length).toBe(1);
    expect(ours.arrived[0].body.type).toBe("endpoint.test");
    expect(ours.arrived[0].headers["webhook-signature"]).toMatch(/^v1,/);
    await expect(async () => {
      await page.reload();
      await expect(page.getByTestId("deliveries")).toContainText("Delivered", { timeout: 500 });
    }).toPass();
    await ready(page);
    await page.getByTestId("deliveries").getByRole("link", { name: "endpoint.test" }).click();
    await expect(page.getByTestId("delivery")).toContainText("thank you");
    await page.getByRole("button", { name: "Send it again" }).click();
    await expect.poll(() => ours.arrived.length).toBe(2);
    await page.getByRole("button", { name: "Rotate the secret" }).click();
    await expect(page.getByText("events carry two signatures")).toBeVisible();
    await page.getByText("Remove this endpoint").click();
    await page.getByRole("button", { name: "Remove the endpoint" }).click();
    await expect(page.getByText("The endpoint is removed.")).toBeVisible();
    ours.close();
  });
}
