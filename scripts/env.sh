# Sourced by every script: where things are, and how the scripts talk.
# Builds live in the cache, outside the checkout, so that a second clone starts warm.
# LEPTOS_OUTPUT_NAME is deliberately not set here: leptos reads it at compile time too, and the name of the
# browser file would then depend on who built it. Only scripts/serve.sh and the browser tests set it.
# shellcheck shell=bash disable=SC2034

set -euo pipefail
unset LEPTOS_OUTPUT_NAME

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/aethel
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
export PATH="$CACHE/tools/bin:$ROOT/end2end/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
# Everything the server serves as files; LEPTOS_SITE_ROOT of the server.
SITE=$CARGO_TARGET_DIR/site
Z3_VERSION=5.4.0
if [ -z "${AETHEL_Z3:-}" ]; then
  if [ -x "$CACHE/z3/bin/z3" ]; then
    AETHEL_Z3=$CACHE/z3/bin/z3
  else
    AETHEL_Z3=$(command -v z3 || true)
  fi
fi
export AETHEL_Z3

cd "$ROOT"

say() { printf '%s\n' "$*"; }

# Stops with one sentence that says what to do.
fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# The last step begun, for the sentence that says where things stopped.
current_step='start'

# step NAME COMMAND…: says what is done before it is done, and how long it took after.
step() {
  local name=$1 started=$SECONDS
  shift
  current_step=$name
  say "-- $name"
  "$@"
  say "   $name: $((SECONDS - started)) s"
}

# The directory that holds initdb and pg_ctl: Debian keeps them off the PATH, one directory a version.
postgres_bin() {
  local directory newest=''
  for directory in /usr/lib/postgresql/*/bin; do
    [ -x "$directory/initdb" ] && newest=$directory
  done
  if [ -n "$newest" ]; then
    say "$newest"
  elif has initdb && has pg_ctl; then
    dirname "$(command -v initdb)"
  fi
}

# The browser of the browser tests; empty when Playwright's own is to be used.
chromium_path() {
  if [ -n "${CHROMIUM:-}" ]; then
    say "$CHROMIUM"
  elif [ -x /usr/bin/chromium ]; then
    say /usr/bin/chromium
  fi
}
