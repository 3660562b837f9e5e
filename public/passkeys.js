// Passkeys: asks the server for a challenge and the browser for its answer, and sends that with the plain form it
// belongs to. Forms that need this are shown only where it runs.
if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) document.documentElement.dataset.passkeys = "";

/** The server's challenge, or an error with the code of its refusal. */
async function challenge(endpoint, fields) {
  const answer = await fetch(`/fn/${endpoint}`, { method: "POST", body: new URLSearchParams(fields) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.Refused?.code ?? body.Form?.code ?? "unavailable");
  // What the server leaves empty is absent for the browser.
  return { secret: body.secret, options: JSON.parse(body.options, (_, value) => value ?? undefined).publicKey };
}

const ways = {
  async register(form) {
    const { secret, options } = await challenge("passkey_registration", { current: form.elements.current.value });
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return { secret, credential: await navigator.credentials.create({ publicKey }) };
  },
  async sign_in() {
    const { secret, options } = await challenge("passkey_challenge", {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return { secret, credential: await navigator.credentials.get({ publicKey }) };
  },
};

async function answer(form) {
  const { secret, credential } = await ways[form.dataset.passkey](form);
  form.elements.secret.value = secret;
  form.elements.answer.value = JSON.stringify(credential.toJSON());
  form.elements.current?.remove();
  form.submit();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset?.passkey) return;
  event.preventDefault();
  answer(form).catch((error) => {
    // The browser's own errors have names of their own; ours are the server's codes.
    const code = error instanceof DOMException ? "passkey_cancelled" : error.message;
    const here = new URL(location);
    here.searchParams.delete("done");
    here.searchParams.set("error", code);
    location.assign(here);
  });
});
