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

// A browser that has no zone kept keeps its own: days are told in it from the next page on. The settings change it.
const { askZone } = document.documentElement.dataset;
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (askZone && ownZone) {
  const secure = askZone.startsWith("__Host-") ? "; Secure" : "";
  document.cookie = `${askZone}=${ownZone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

// The parts of a page that follow from the ledger are fetched again when the live balance has changed.
/** A busy account changes many times a second; its page follows in this step. */
const REFRESH_MS = 1_000;
let refreshing;

async function refresh() {
  const answer = await fetch(location.href).catch(() => undefined);
  // Signed out meanwhile, or the server is away: what is shown stays until somebody looks again.
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
    if (!fresh || fresh.innerHTML === part.innerHTML) continue;
    const open = [...part.querySelectorAll("details")].map((details) => details.open);
    [...fresh.querySelectorAll("details")].forEach((details, index) => { details.open = open[index] ?? details.open; });
    part.replaceChildren(...fresh.childNodes);
  }
}

document.addEventListener("aethel-balance", () => {
  refreshing ??= setTimeout(async () => {
    refreshing = undefined;
    await refresh();
  }, REFRESH_MS);
});
