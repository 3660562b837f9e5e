// The part of the build that is not a compiler: one style sheet from style/, fonts and public files, brotli copies,
// a checksum of everything that goes in, and the sizes of what comes out. Node's standard library only.
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

/** Everything the browser's files are made from; rooms that are built for the server alone change too little to leave out. */
const INPUTS = [
  "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "src", "style", "public",
  "end2end/package-lock.json", "scripts/build.sh", "scripts/site.mjs",
];
const FONTS = {
  "inter.woff2": "end2end/node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  "jetbrains-mono.woff2": "end2end/node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
};
/** Fonts and pictures are compressed in their own formats already. */
const COMPRESSED = new Set([".css", ".js", ".svg", ".txt", ".wasm"]);

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).sort().flatMap((name) => filesUnder(join(path, name)));
}

function stamp(profile) {
  const hash = createHash("sha256").update(profile);
  for (const file of INPUTS.flatMap(filesUnder)) {
    const content = readFileSync(file);
    hash.update(`\0${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** style/main.css with each `@import "file.css";` line replaced by the file; what is imported twice or missing stops the build. */
function styleSheet() {
  const main = "style/main.css";
  if (!existsSync(main)) throw new Error(`${main} is missing: it is the list of style sheets, one @import line each`);
  const seen = new Set();
  return readFileSync(main, "utf8").replace(/^@import\s+(?:url\()?["']([^"']+)["']\)?\s*;[ \t]*$/gm, (_, name) => {
    const file = join("style", name);
    if (seen.has(file)) throw new Error(`${main} imports ${name} twice`);
    seen.add(file);
    if (!existsSync(file)) throw new Error(`${main} imports ${name}, and ${file} does not exist`);
    return readFileSync(file, "utf8");
  });
}

function brotli(file) {
  const content = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  const packed = brotliCompressSync(content, { params });
  if (packed.length < content.length) writeFileSync(`${file}.br`, packed);
}

function pack(site) {
  cpSync("public", site, { recursive: true });
  mkdirSync(join(site, "fonts"), { recursive: true });
  for (const [name, source] of Object.entries(FONTS)) copyFileSync(source, join(site, "fonts", name));
  writeFileSync(join(site, "pkg", "aethel.css"), styleSheet());
  // Quality 11 on an unshrunk development module would take longer than compiling it.
  if (site.endsWith("-dev")) return;
  filesUnder(site).filter((file) => COMPRESSED.has(extname(file))).forEach(brotli);
}

function sizes(site) {
  const kilobytes = (file) => `${(statSync(file).size / 1000).toFixed(1)} kB`;
  for (const name of ["aethel_bg.wasm", "aethel.js", "aethel.css"]) {
    const file = join(site, "pkg", name);
    const packed = existsSync(`${file}.br`) ? `, ${kilobytes(`${file}.br`)} brotli` : "";
    console.log(`   ${name}: ${kilobytes(file)}${packed}`);
  }
}

const [command, argument] = process.argv.slice(2);
const commands = { stamp: () => console.log(stamp(argument)), pack: () => pack(argument), sizes: () => sizes(argument) };
if (!commands[command]) throw new Error("site.mjs takes stamp PROFILE, pack DIRECTORY or sizes DIRECTORY");
try {
  commands[command]();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
