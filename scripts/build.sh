#!/usr/bin/env bash
# Builds both sides: the browser's (WebAssembly, styles, fonts) into $SITE, then the server.
#   build.sh             optimised browser files, debug server
#   build.sh --release   optimised browser files, release server
#   build.sh --dev       quick browser files in their own directory, debug server
#   build.sh --site      the browser files alone
# The browser's half is built only when one of its inputs has changed.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

mode=${1:-}
profile=browser
server_flags=()
case $mode in
  '' | --site) ;;
  --release) server_flags=(--release) ;;
  --dev)
    profile=dev
    SITE=$CARGO_TARGET_DIR/site-dev
    ;;
  *) fail "build.sh takes --release, --dev, --site or nothing, not '$mode'." ;;
esac
# `make build` carries the site inside the binary, where the feature for it exists.
features=ssr
if [ "$mode" = --release ] && grep -q '^embed = ' Cargo.toml; then features=ssr,embed; fi

wasm_build() { cargo build --lib --target wasm32-unknown-unknown --profile "$profile" --features hydrate; }

# wasm-bindgen's own names: aethel.js and aethel_bg.wasm, which is what leptos asks for.
wasm_glue() {
  local directory=$profile
  [ "$profile" != dev ] || directory=debug
  rm -rf "$SITE"
  mkdir -p "$SITE/pkg"
  wasm-bindgen --target web --no-typescript --out-dir "$SITE/pkg" --out-name aethel \
    "$CARGO_TARGET_DIR/wasm32-unknown-unknown/$directory/aethel.wasm"
}

# These flags and no more: a module made with all features on was refused by Chromium.
wasm_shrink() {
  local wasm=$SITE/pkg/aethel_bg.wasm
  wasm-opt -Oz --enable-bulk-memory --enable-nontrapping-float-to-int "$wasm" -o "$wasm.small"
  mv "$wasm.small" "$wasm"
}

started=$SECONDS
stamp=$(node scripts/site.mjs stamp "$profile")
if [ "$(cat "$SITE.stamp" 2>/dev/null)" = "$stamp" ]; then
  say "-- browser files: unchanged"
else
  rm -f "$SITE.stamp"
  step "browser: compile" wasm_build
  step "browser: glue" wasm_glue
  [ "$profile" = dev ] || step "browser: shrink" wasm_shrink
  step "browser: styles, fonts, compression" node scripts/site.mjs pack "$SITE"
  # Last, so that a build cut short is done again.
  say "$stamp" >"$SITE.stamp"
fi
node scripts/site.mjs sizes "$SITE"
[ "$mode" = --site ] || step "server: compile" cargo build --features "$features" ${server_flags[@]+"${server_flags[@]}"}
say "build: done in $((SECONDS - started)) s"
