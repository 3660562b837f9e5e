// Brings the forms of the API's page to life: each sends its operation with the key that was typed, and shows the answer.
// Without this file the page is whole: its forms stay hidden.
const key = document.getElementById("try-key");

async function send(form) {
  const { method, path, guarded } = form.dataset;
  const query = new URLSearchParams();
  const headers = {};
  let target = path;
  let body;
  for (const field of form.querySelectorAll("[data-in]")) {
    const value = field.value.trim();
    if (field.dataset.in === "path") target = target.replace(`{${field.name}}`, encodeURIComponent(value));
    else if (field.dataset.in === "body") body = value;
    else if (value && field.dataset.in === "query") query.set(field.name, value);
    else if (value) headers[field.name] = value;
  }
  if (guarded) headers.Authorization = `Bearer ${key.value.trim()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const address = query.size > 0 ? `${target}?${query}` : target;
  const response = await fetch(address, { method, headers, body, credentials: "omit" });
  // A stream has no end to wait for.
  const streams = response.headers.get("content-type")?.startsWith("text/event-stream");
  const text = streams ? "(a stream; it is not shown here)" : await response.text();
  if (streams) await response.body.cancel();
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: shown as it came.
  }
  return `${response.status} ${response.statusText}\n${shown}`.trim();
}

for (const form of document.querySelectorAll("form.try")) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = form.querySelector(".try-answer");
    answer.hidden = false;
    answer.textContent = "…";
    answer.textContent = await send(form).catch((error) => `No answer: ${error.message}`);
  });
}
for (const field of document.querySelectorAll(".try-key")) field.hidden = false;
