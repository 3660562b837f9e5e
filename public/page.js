// What every page gets where scripts are on.
document.documentElement.dataset.scripts = "";

// A form that is on its way is not sent again, and its button turns a wheel meanwhile. The server knows a form that comes
// twice by its request key; this spares the reader the wondering.

/** After so long without a next page another press may help: the connection was lost, or the reader stopped it. */
const PATIENCE_MS = 20_000;

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.dataset.passkey) return;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  form.dataset.sent = "";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(release, PATIENCE_MS, form);
});

// A page that comes back from the browser's memory was left while its form was on its way.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});

// A button that copies what is shown elsewhere on the page.
document.addEventListener("click", async ({ target }) => {
  const from = target instanceof Element && target.closest("button[data-copy]");
  if (!from) return;
  await navigator.clipboard?.writeText(document.getElementById(from.dataset.copy).textContent);
  from.textContent = navigator.clipboard ? "Copied" : "Select it and copy";
});
