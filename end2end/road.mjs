// The steps of a person's road, by the labels and names that a person reads. The same with scripts on and off:
// only `ready` differs, which waits for a page to become live where scripts are on.
import { expect } from "./fixtures.mjs";

export const PASSWORD = "seven quiet otters at dawn";
export const CARD = { good: "4242 4242 4242 4242", declined: "4000 0000 0000 0002", asksBank: "4000 0000 0000 3220" };

let people = 0;

/** Somebody whom the server has not met. */
export function stranger(name) {
  people += 1;
  const local = name.toLowerCase().match(/[a-z]+/g).join(".");
  return { name, email: `${local}.${process.pid}.${people}@example.com` };
}

export async function signUp(page, person) {
  await page.goto("/signup");
  await page.getByLabel("Name", { exact: true }).fill(person.name);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page.getByRole("heading", { name: "Check your mail" })).toBeVisible();
  await expect(page.getByText(person.email)).toBeVisible();
}

/** Opens the newest link that was mailed to this person. */
export async function openMailedLink(page, person) {
  await page.goto("/outbox");
  // Other mails, such as alerts, may have come since: only a mailed link has a token.
  const mail = page.getByTestId("mail").filter({ hasText: person.email }).filter({ hasText: "?token=" }).first();
  await mail.getByRole("link").click();
}

export async function confirm(page, person, ready) {
  await openMailedLink(page, person);
  await page.getByRole("button", { name: "Confirm and sign in" }).click();
  await expect(page.getByText("Your address is confirmed and your account is open.")).toBeVisible();
  await ready(page);
}

/**
 * A person with a confirmed address, signed in, on the overview with the 10 free credits. Sends what the forms send,
 * without their pages: those have tests of their own, and nearly every test begins here.
 */
export async function newcomer(page, name, ready) {
  const person = stranger(name);
  const headers = { "sec-fetch-site": "same-origin", accept: "text/html" };
  await page.request.post("/fn/sign_up", { headers, form: { ...person, password: PASSWORD } });
  const outbox = await (await page.request.get("/outbox")).text();
  const [, token] = outbox.slice(outbox.indexOf(person.email)).match(/\/confirm\?token=([\w-]+)/);
  await page.request.post("/fn/confirm", { headers, form: { token } });
  await page.goto("/dashboard");
  await expect(page.getByTestId("balance")).toHaveText("10 credits");
  await ready(page);
  return person;
}

export async function signIn(page, person, password = PASSWORD) {
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export async function signOut(page) {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
}

/** From any signed-in page to another by the navigation. */
export async function goTo(page, name, ready) {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name, exact: true })).toBeVisible();
  await ready(page);
}

/** From the page of packages to the hosted checkout. */
export async function toCheckout(page, button) {
  await page.getByRole("button", { name: button }).click();
  await expect(page.getByRole("heading", { name: "Pay with card" })).toBeVisible();
}

/** Fills in the hosted checkout and presses the button. */
export async function pay(page, { person, number = CARD.good, amount }) {
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Card number").fill(number);
  await page.getByLabel("Expiry").fill("12 / 40");
  await page.getByLabel("CVC").fill("123");
  await page.getByLabel("Name on card").fill(person.name);
  await page.getByRole("button", { name: `Pay ${amount}` }).click();
}

/** Buys Starter and waits, as the page does, until Stripe's word has come. */
export async function buyStarter(page, person, ready) {
  await goTo(page, "Buy credits", ready);
  await toCheckout(page, "Buy Starter · $10");
  await pay(page, { person, amount: "$10.00" });
  await expect(page).toHaveURL(/\/buy\/return\?purchase=PUR_/);
  await expect(page.getByText("100 credits added to your account.")).toBeVisible();
  await ready(page);
}

/** Puts a program on the bench and asks; the answer's page comes. */
export async function verify(page, { source, question }, ready) {
  await goTo(page, "Judge", ready);
  await page.getByLabel("Program or formula").fill(source);
  await page.getByLabel("Question").selectOption({ label: question });
  await page.getByRole("button", { name: "Verify · 1 credit" }).click();
  await expect(page).toHaveURL(/\/judge\/VER_/);
  await ready(page);
}

export const QUESTION = {
  validity: "Does it hold for all inputs?",
  test: "Test it: prove every condition",
  conservation: "Is the law conserved?",
  satisfiable: "Can it hold at all?",
};

/** A transfer whose last promise does not follow: the payer may end with exactly nothing. */
export const BROKEN_TRANSFER = `intent transfer(amount: Int) {
  guard {
    amount > 0;
    old_payer_balance >= amount;
  }
  verify {
    payer_balance == old_payer_balance - amount;
    payee_balance == old_payee_balance + amount;
    payer_balance > 0;
  }
}`;

/** The cells of a table's rows as text, without its head. */
export async function cells(table) {
  const rows = await table.locator("tbody tr").all();
  return Promise.all(rows.map(async (row) => (await row.getByRole("cell").allInnerTexts()).map((text) => text.trim())));
}
