// People and teams: passkeys with a virtual authenticator, one-time codes, invitations, and an operator's look.
import { createHmac } from "node:crypto";
import { expect, hydrated, noJs, test } from "./fixtures.mjs";
import { PASSWORD, goTo, newcomer, openMailedLink, signIn, signOut } from "./road.mjs";
import { aethel } from "./operator.mjs";

/** The code that an authenticator app shows `later` half minutes from now (RFC 6238). */
function codeOf(secret, later = 0) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const digest = createHmac("sha1", key).update(counter).digest();
  const word = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, "0");
}

test("a passkey is added, signs in without a password, and is removed", async ({ page, ready, baseURL, complaints }) => {
  // The wrong password below is refused, which the browser reports.
  complaints.push(/status of 422/);
  const person = await newcomer(page, "Grace Hopper", ready);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  // Browsers know passkeys by a site's name, and an address of numbers is none.
  const site = baseURL.replace("127.0.0.1", "localhost");
  await page.goto(`${site}/signin`);
  await signIn(page, person);
  await hydrated(page);

  await page.goto(`${site}/settings/security`);
  await hydrated(page);
  await page.getByLabel("Name of the passkey").fill("Work laptop");
  await page.locator("#passkey-current").fill("not the password");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByText("This is not your current password.")).toBeVisible();
  await hydrated(page);
  await page.getByLabel("Name of the passkey").fill("Work laptop");
  await page.locator("#passkey-current").fill(PASSWORD);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByText("The passkey is added.")).toBeVisible();
  await expect(page.getByTestId("passkeys")).toContainText("Work laptop");

  await hydrated(page);
  await signOut(page);
  await page.goto(`${site}/signin`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByTestId("balance")).toHaveText("10 credits");

  await page.goto(`${site}/settings/security`);
  await hydrated(page);
  await expect(page.getByTestId("passkeys")).not.toContainText("never");
  await page.getByTestId("passkeys").getByText("Rename", { exact: true }).click();
  await page.getByLabel("New name").fill("Home laptop");
  await page.getByRole("button", { name: "Rename it" }).click();
  await expect(page.getByText("The passkey has its new name.")).toBeVisible();
  await expect(page.getByTestId("passkeys")).toContainText("Home laptop");
  await hydrated(page);
  await page.getByTestId("passkeys").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("The passkey is removed.")).toBeVisible();
  await hydrated(page);
  await signOut(page);
  await page.goto(`${site}/signin`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByText("This passkey was not accepted.")).toBeVisible();
});

for (const [how, kind] of [["with scripts", test], ["without scripts", noJs]]) {
  kind(`${how} one-time codes are set up, asked for, and replaced by a recovery code`, async ({ page, ready }) => {
    const person = await newcomer(page, "Annie Easley", ready);
    await page.goto("/settings/security");
    await ready(page);
    await page.locator("#codes-current").fill(PASSWORD);
    await page.getByRole("button", { name: "Set up one-time codes" }).click();
    await expect(page.getByRole("img", { name: "The secret as a QR code" })).toBeVisible();
    const secret = await page.getByTestId("codes-secret").innerText();
    await page.getByLabel("Code from the app").fill("000000");
    await page.getByRole("button", { name: "Turn one-time codes on" }).click();
    await expect(page.getByText("This code is wrong or was used before.")).toBeVisible();
    await page.getByLabel("Code from the app").fill(codeOf(secret));
    await page.getByRole("button", { name: "Turn one-time codes on" }).click();
    const recovery = await page.getByTestId("recovery-codes").getByRole("listitem").allInnerTexts();
    expect(recovery).toHaveLength(10);
    await page.reload();
    await expect(page.getByTestId("recovery-codes")).toHaveCount(0);
    await ready(page);

    await signOut(page);
    await page.goto("/signin");
    await signIn(page, person);
    await expect(page.getByRole("heading", { name: "Enter your code" })).toBeVisible();
    await page.getByLabel("Code").fill(codeOf(secret, 1));
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByTestId("balance")).toHaveText("10 credits");
    await ready(page);

    await signOut(page);
    await page.goto("/signin");
    await signIn(page, person);
    await page.getByLabel("Code").fill(recovery[0]);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByTestId("balance")).toHaveText("10 credits");
    await page.goto("/settings/security");
    await expect(page.getByTestId("recovery-left")).toContainText("9 of 10");
    await ready(page);
    await page.locator("#codes-current").fill(PASSWORD);
    await page.getByRole("button", { name: "Turn one-time codes off" }).click();
    await expect(page.getByText("One-time codes are off.")).toBeVisible();
  });
}

noJs("without scripts a team is invited, joined, given a role and let go", async ({ page, ready, browser, baseURL }) => {
  await newcomer(page, "Hedy Lamarr", ready);
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const other = await context.newPage();
  const guest = await newcomer(other, "George Antheil", ready);

  await goTo(page, "Team", ready);
  await page.getByLabel("E-mail").fill(guest.email);
  await page.getByLabel("Role", { exact: true }).selectOption("Viewer");
  await page.getByRole("button", { name: "Send the invitation" }).click();
  await expect(page.getByText("The invitation is on its way.")).toBeVisible();
  await expect(page.getByTestId("invitations")).toContainText(guest.email);

  await openMailedLink(other, guest);
  await expect(other.getByText("invites")).toBeVisible();
  await other.getByRole("button", { name: "Accept" }).click();
  await expect(other.getByText("You belong to this account now.")).toBeVisible();
  await expect(other.getByTestId("members").locator("tbody tr")).toHaveCount(2);
  await expect(other.getByRole("button", { name: "Send the invitation" })).toHaveCount(0);
  await expect(other.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Buy credits" })).toHaveCount(0);
  expect((await other.goto("/keys")).status()).toBe(403);
  await expect(other.getByText("Your role in this account does not allow this.")).toBeVisible();

  await page.goto("/team");
  await page.getByLabel(`Role of ${guest.name}`).selectOption("Developer");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await expect(page.getByText("The role is set.")).toBeVisible();
  expect((await other.goto("/keys")).status()).toBe(200);

  await page.getByTestId("members").locator("summary", { hasText: "Remove" }).click();
  await page.getByRole("button", { name: "Remove from the team" }).click();
  await expect(page.getByText("They see nothing of this account any more.")).toBeVisible();
  await other.goto("/team");
  await expect(other.getByTestId("members").locator("tbody tr")).toHaveCount(1);

  await other.getByLabel("Its name").fill("Second workshop");
  await other.getByRole("button", { name: "Open the account" }).click();
  await expect(other.getByText("The account is open, and you are in it.")).toBeVisible();
  const side = other.getByRole("complementary");
  await side.getByLabel("Account").selectOption(guest.name);
  await side.getByRole("button", { name: "Switch" }).click();
  await expect(other.getByTestId("balance")).toHaveText("10 credits");
  await page.goto("/settings/audit");
  for (const act of ["Member invited", "Member joined", "Role set", "Member removed"]) {
    await expect(page.getByTestId("audit")).toContainText(act);
  }
  await context.close();
});

test("an operator finds a customer, gives credits, looks at the pages and changes nothing there", async ({ page, ready, browser, baseURL }) => {
  const context = await browser.newContext({ baseURL });
  const customers = await context.newPage();
  const customer = await newcomer(customers, "Radia Perlman", ready);
  const person = await newcomer(page, "Olive Operator", ready);
  await aethel("operators", "add", person.email);
  await page.goto("/office");
  await hydrated(page);
  await page.getByLabel("Name, id or e-mail").fill(customer.email);
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByTestId("customers").getByRole("link", { name: customer.name }).click();
  await expect(page.getByTestId("office-balance")).toHaveText("10 credits");
  await hydrated(page);
  await page.locator("#gift-credits").fill("90");
  await page.locator("#gift-reason").fill("An apology");
  await page.getByRole("button", { name: "Give the credits" }).click();
  await expect(page.getByText("The credits are given.")).toBeVisible();
  await expect(page.getByTestId("office-balance")).toHaveText("100 credits");

  await hydrated(page);
  await page.getByRole("button", { name: "See as customer" }).click();
  await expect(page.getByText("You are looking at a customer's pages.")).toBeVisible();
  await expect(page.getByTestId("balance")).toHaveText("100 credits");
  await page.getByRole("button", { name: "Stop looking" }).click();
  await expect(page.getByTestId("office-balance")).toBeVisible();

  await customers.goto("/settings/audit");
  await expect(customers.getByTestId("audit")).toContainText("Pages looked at");
  await expect(customers.getByTestId("audit")).toContainText("90 credits: An apology");
  expect((await customers.request.get("/office")).status()).toBe(404);
  await context.close();
});
