#!/usr/bin/env bash
# Leaves the release binary in dist/ with the site beside it, where it finds it by itself.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

mkdir -p dist
install -m 755 "$CARGO_TARGET_DIR/release/aethel" dist/aethel
rm -rf dist/site
cp -R "$SITE" dist/site
say "dist/aethel is ready, with its site in dist/site. Serve it with: AETHEL_Z3=path/to/z3 dist/aethel serve"
