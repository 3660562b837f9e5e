// `make dev`: builds, serves, and does both again when src, style, public or Cargo.toml change; open pages reload.
// The reload is the one leptos' <AutoReload> listens for: a WebSocket on LEPTOS_RELOAD_PORT. Development only.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, watch } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

const RELOAD_PORT = process.env.LEPTOS_RELOAD_PORT ?? "3001";
/** An editor writes several files when it saves one. */
const SETTLE_MS = 150;
const pages = new Set();
let server;
let build;
let building = false;
let again = false;
let timer;

function run(command, args, { stdio = "inherit", env = {} } = {}) {
  return spawn(command, args, { stdio, env: { ...process.env, ...env } });
}

function finished(child) {
  return new Promise((resolve) => {
    child.on("exit", (code) => resolve(code === 0));
    child.on("error", () => resolve(false));
  });
}

async function stopServer() {
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  const gone = finished(server);
  server.kill("SIGTERM");
  await gone;
}

function reloadPages() {
  const text = Buffer.from(JSON.stringify({ all: true }));
  for (const socket of pages) socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
}

async function rebuild() {
  if (building) {
    again = true;
    return;
  }
  building = true;
  build = run("scripts/build.sh", ["--dev"]);
  const built = await finished(build);
  if (built) {
    await stopServer();
    const env = { LEPTOS_WATCH: "1", LEPTOS_RELOAD_PORT: RELOAD_PORT };
    server = run("scripts/serve.sh", ["serve"], { stdio: ["inherit", "pipe", "inherit"], env });
    server.stdout.pipe(process.stdout, { end: false });
    // Not before it listens: a page that reloads too soon finds nobody, and listens for nothing from then on.
    createInterface({ input: server.stdout }).on("line", (line) => {
      if (line.startsWith("listening on ")) reloadPages();
    });
  } else {
    console.log("-- the build failed; the last good server keeps running");
  }
  building = false;
  if (again) {
    again = false;
    rebuild();
  }
}

/** The server's half of a WebSocket handshake; pages only listen, so nothing they send is read. */
const reload = createServer();
reload.on("upgrade", (request, socket) => {
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  pages.add(socket);
  socket.on("close", () => pages.delete(socket));
  socket.on("error", () => pages.delete(socket));
  socket.resume();
});
reload.on("error", (error) => console.log(`-- pages will not reload by themselves: ${error.message}`));
reload.listen(Number(RELOAD_PORT), "127.0.0.1");

for (const path of ["src", "style", "public", "migrations", "Cargo.toml"].filter(existsSync)) {
  watch(path, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(rebuild, SETTLE_MS);
  });
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    build?.kill("SIGTERM");
    await stopServer();
    process.exit(0);
  });
}
rebuild();
