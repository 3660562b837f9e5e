// Where things go otherwise: each page says what happened and leads on. With scripts on and off.
import { expect, hydrated, noJs, test } from "./fixtures.mjs";
import {
  CARD, QUESTION, confirm, goTo, newcomer, openMailedLink, pay, signIn, signOut, signUp, stranger, toCheckout, verify,
} from "./road.mjs";
import { spend } from "./operator.mjs";

const UNREADABLE = "intent transfer(amount: Int) {\n  guard {\n    amount > ;\n  }\n}";

for (const [how, check] of [["", test], ["without scripts ", noJs]]) {
  check(`${how}a declined card can be tried again or left, and nothing was charged`, async ({ page, ready }) => {
    const person = await newcomer(page, "Mary Somerville", ready);
    await goTo(page, "Buy credits", ready);
    await toCheckout(page, "Buy Starter · $10");
    await pay(page, { person, number: CARD.declined, amount: "$10.00" });
    await expect(page.getByRole("alert")).toContainText("Your card was declined");
    await expect(page.getByLabel("Email")).toHaveValue(person.email);
    await page.getByRole("link", { name: "Cancel and go back" }).click();
    await expect(page.getByText("The checkout was left and nothing was charged.")).toBeVisible();
    await ready(page);
    await expect(page.getByTestId("pill-balance")).toHaveText("10");
    await toCheckout(page, "Buy Starter · $10");
  });

  check(`${how}a declined card and then a good one end in the credits`, async ({ page, ready }) => {
    const person = await newcomer(page, "Mileva Maric", ready);
    await goTo(page, "Buy credits", ready);
    await toCheckout(page, "Buy Starter · $10");
    await pay(page, { person, number: CARD.declined, amount: "$10.00" });
    await expect(page.getByRole("alert")).toContainText("Your card was declined");
    await pay(page, { person, amount: "$10.00" });
    await expect(page.getByText("100 credits added to your account.")).toBeVisible();
    await expect(page.getByTestId("pill-balance")).toHaveText("110");
  });

  check(`${how}a checkout that is left says so on the page it came from`, async ({ page, ready }) => {
    await newcomer(page, "Sophie Germain", ready);
    await goTo(page, "Buy credits", ready);
    await toCheckout(page, "Buy Professional · $80");
    await page.getByRole("link", { name: "Cancel and go back" }).click();
    await expect(page.getByText("The checkout was left and nothing was charged.")).toBeVisible();
    await ready(page);
    await goTo(page, "Purchases", ready);
    await expect(page.getByTestId("purchases")).toContainText("Open");
  });

  check(`${how}a wrong password keeps the address and says nothing about who exists`, async ({ page, ready }) => {
    const person = await newcomer(page, "Hedy Lamarr", ready);
    await signOut(page);
    for (const email of [person.email, "nobody.at.all@example.com"]) {
      await page.goto("/signin?next=/usage");
      await signIn(page, { email }, "not the password at all");
      await expect(page.getByRole("alert")).toHaveText(/E-mail and password do not match/);
      await expect(page.getByLabel("E-mail")).toHaveValue(email);
      await expect(page.getByLabel("Password")).toHaveValue("");
    }
    await signIn(page, person);
    await expect(page.getByRole("heading", { level: 1, name: "Usage" })).toBeVisible();
  });

  check(`${how}a signed-out visit to a page leads through signing in and back to it`, async ({ page, ready }) => {
    const person = await newcomer(page, "Cecilia Payne", ready);
    await signOut(page);
    await page.goto("/usage?days=90");
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await signIn(page, person);
    await expect(page.getByRole("heading", { level: 1, name: "Usage" })).toBeVisible();
    await expect(page).toHaveURL(/\/usage\?days=90$/);
    await expect(page.getByRole("link", { name: "90 days" })).toHaveAttribute("aria-current", "true");
  });

  check(`${how}after signing out the back button shows nothing of the account`, async ({ page, ready }) => {
    await newcomer(page, "Katherine Johnson", ready);
    await goTo(page, "Settings", ready);
    await signOut(page);
    await page.goBack();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await expect(page.getByText("Katherine Johnson")).toHaveCount(0);
  });

  check(`${how}an unknown page is a 404 with a way back`, async ({ page, complaints }) => {
    complaints.push(/status of 404/);
    const response = await page.goto("/no/such/page");
    expect(response.status()).toBe(404);
    await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
    await page.getByRole("link", { name: "Home" }).click();
    await expect(page.getByRole("heading", { name: "Proofs by the credit." })).toBeVisible();
  });

  check(`${how}somebody else's proof looks like none`, async ({ page, ready, complaints }) => {
    complaints.push(/status of 404/);
    await newcomer(page, "Vera Rubin", ready);
    const response = await page.goto("/judge/VER_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    expect(response.status()).toBe(404);
    await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Go to the overview" })).toBeVisible();
  });

  check(`${how}usage, ledger and purchases of a newcomer say what will stand there`, async ({ page, ready }) => {
    await newcomer(page, "Annie Cannon", ready);
    await goTo(page, "Usage", ready);
    await expect(page.getByRole("heading", { name: "Nothing spent in this period" })).toBeVisible();
    await goTo(page, "Overview", ready);
    await expect(page.getByTestId("forecast")).toContainText("Nothing is being spent");
    await goTo(page, "Purchases", ready);
    await expect(page.getByRole("heading", { name: "Nothing bought yet" })).toBeVisible();
    await goTo(page, "API keys", ready);
    await expect(page.getByText("No keys yet.")).toBeVisible();
    await goTo(page, "Judge", ready);
    await expect(page.getByRole("heading", { name: "Nothing verified yet" })).toBeVisible();
    await page.getByRole("link", { name: "Take an example" }).click();
    await expect(page.getByLabel("Program or formula")).toHaveValue(/^intent transfer/);
  });

  check(`${how}a program that cannot be read stays in the editor, with line and column, and costs nothing`, async ({ page, ready }) => {
    await newcomer(page, "Maria Agnesi", ready);
    await goTo(page, "Judge", ready);
    await page.getByLabel("Program or formula").fill(UNREADABLE);
    await page.getByLabel("Question").selectOption({ label: QUESTION.test });
    await page.getByRole("button", { name: "Verify · 1 credit" }).click();
    await expect(page).toHaveURL(/error=unreadable/);
    await expect(page.getByText("Line 3, column 14:")).toBeVisible();
    await expect(page.getByLabel("Program or formula")).toHaveValue(UNREADABLE);
    await expect(page.getByLabel("Question")).toHaveValue("test");
    await expect(page.getByTestId("pill-balance")).toHaveText("10");
  });

  check(`${how}an empty program is asked for in a sentence`, async ({ page, ready, complaints }) => {
    // With scripts the refusal is the answer's status too, and Chromium reports it.
    complaints.push(/status of 422/);
    await newcomer(page, "Ruth Moufang", ready);
    await goTo(page, "Judge", ready);
    await page.getByLabel("Program or formula").fill("  ");
    await page.getByRole("button", { name: "Verify · 1 credit" }).click();
    await expect(page.getByRole("alert")).toHaveText(/Write a program or a formula first\./);
  });

  check(`${how}a question decided before opens its verdict for nothing, or runs again`, async ({ page, ready }) => {
    await newcomer(page, "Hanna Neumann", ready);
    await verify(page, { source: "q or not q", question: QUESTION.validity }, ready);
    await goTo(page, "Judge", ready);
    await page.getByLabel("Program or formula").fill("q or not q");
    await page.getByRole("button", { name: "Verify · 1 credit" }).click();
    const known = page.getByTestId("known");
    await expect(known).toContainText("Proved");
    await expect(page.getByTestId("pill-balance")).toHaveText("9");
    await known.getByRole("link", { name: "Open the stored verdict" }).click();
    await expect(page).toHaveURL(/\/judge\/VER_/);
    await ready(page);
    await page.getByRole("button", { name: "Run again · 1 credit" }).click();
    await expect(page.getByTestId("verdict")).toContainText("Proved");
    await expect(page.getByTestId("pill-balance")).toHaveText("8");
  });

  check(`${how}too few credits lead to the packages, and the program stays`, async ({ page, ready, request }) => {
    await newcomer(page, "Olga Ladyzhenskaya", ready);
    await goTo(page, "Settings", ready);
    await spend(request, await page.getByTestId("account-id").innerText(), 10);
    await goTo(page, "Judge", ready);
    await page.getByLabel("Program or formula").fill("p or not p");
    await page.getByRole("button", { name: "Verify · 1 credit" }).click();
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("Your credits do not cover this. Nothing was charged.");
    await expect(page.getByLabel("Program or formula")).toHaveValue("p or not p");
    await expect(page.getByTestId("pill-balance")).toHaveText("0");
    await alert.getByRole("link", { name: "Buy credits" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Buy credits" })).toBeVisible();
  });

  check(`${how}a refused sign-up keeps what was typed, but never the password`, async ({ page }) => {
    await page.goto("/signup");
    await page.getByLabel("Name", { exact: true }).fill("Rosalind Franklin");
    await page.getByLabel("E-mail").fill("rosalind@example.com");
    await page.getByLabel("Password").fill("password123");
    await page.getByRole("button", { name: "Create the account" }).click();
    await expect(page.getByText("This password is among the first that are guessed.")).toBeVisible();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Rosalind Franklin");
    await expect(page.getByLabel("E-mail")).toHaveValue("rosalind@example.com");
    await expect(page.getByLabel("Password")).toHaveValue("");
  });
}

test("a link from a mail works once, and says so the second time", async ({ page }) => {
  const person = stranger("Mary Jackson");
  await signUp(page, person);
  await page.goto("/signin");
  await signIn(page, person);
  await expect(page.getByRole("alert")).toHaveText(/Confirm your e-mail address first/);
  await confirm(page, person, hydrated);
  await openMailedLink(page, person);
  await page.getByRole("button", { name: "Confirm and sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText(/This link has expired or was used before/);
  await expect(page.getByRole("link", { name: "Send a new link" })).toBeVisible();
});

test("signing up with a known address looks the same to the browser, and the mail tells its owner", async ({ page, ready }) => {
  const person = await newcomer(page, "Dorothy Vaughan", ready);
  await page.context().clearCookies();
  await signUp(page, person);
  await page.goto("/outbox");
  const newest = page.getByTestId("mail").filter({ hasText: person.email }).first();
  await expect(newest).not.toContainText("/confirm?token=");
  await expect(newest.getByRole("link").first()).toHaveAttribute("href", /\/(signin|reset)/);
});

test("a card that asks for 3-D Secure pays after the bank's page, and not when the bank says no", async ({ page, ready }) => {
  const person = await newcomer(page, "Joan Clarke", ready);
  await goTo(page, "Buy credits", ready);
  await toCheckout(page, "Buy Starter · $10");
  await pay(page, { person, number: CARD.asksBank, amount: "$10.00" });
  await page.getByRole("button", { name: "Fail" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await pay(page, { person, number: CARD.asksBank, amount: "$10.00" });
  await page.getByRole("button", { name: "Complete" }).click();
  await expect(page.getByText("100 credits added to your account.")).toBeVisible();
  await expect(page.getByTestId("pill-balance")).toHaveText("110");
});

test("a name full of markup is only a name", async ({ page, ready }) => {
  const name = `<img src=x onerror="document.title='owned'">&amp;`;
  const person = await newcomer(page, name, ready);
  await expect(page.getByRole("link", { name })).toBeVisible();
  await goTo(page, "Settings", ready);
  await expect(page.getByTestId("account-name")).toHaveText(name);
  await goTo(page, "Buy credits", ready);
  await toCheckout(page, "Buy Starter · $10");
  await pay(page, { person, number: CARD.declined, amount: "$10.00" });
  await expect(page.getByLabel("Name on card")).toHaveValue(name);
});
