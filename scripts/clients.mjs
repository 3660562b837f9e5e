// Writes the generated half of the clients in clients/ from docs/openapi.json, which the server's own tests keep true.
//   node scripts/clients.mjs           writes
//   node scripts/clients.mjs --check   fails, with the file's name, when what is there is not what would be written
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { python } from "./clients/python.mjs";
import { read } from "./clients/read.mjs";
import { typescript } from "./clients/typescript.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const api = read(JSON.parse(readFileSync(join(root, "docs", "openapi.json"), "utf8")));
const files = [
  [join(root, "clients", "typescript", "src", "generated.ts"), typescript(api)],
  [join(root, "clients", "python", "aethel", "generated.py"), python(api)],
];

const current = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

const stale = files.filter(([file, text]) => current(file) !== text);
if (process.argv[2] === "--check") {
  for (const [file] of stale) console.error(`${relative(root, file)} is not what docs/openapi.json says; run: node scripts/clients.mjs`);
  process.exit(stale.length === 0 ? 0 : 1);
}
for (const [file, text] of stale) {
  writeFileSync(file, text);
  console.log(`wrote ${relative(root, file)}`);
}
console.log(`${api.operations.length} operations, ${api.schemas.length} schemas`);
