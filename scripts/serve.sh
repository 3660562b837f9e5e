#!/usr/bin/env bash
# Serves the debug build with the site beside it and the data in ./data, or runs another of its commands on that data.
# Settings in the environment win.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

if [ -z "${DATABASE_URL:-}" ]; then
  export BILLING_DB_PATH=${BILLING_DB_PATH:-data/aethel.db}
  mkdir -p "$(dirname "$BILLING_DB_PATH")"
fi
# Only what serves pages needs their files; `make dev` keeps its own elsewhere.
[ "${1:-serve}" != serve ] || export LEPTOS_SITE_ROOT=${LEPTOS_SITE_ROOT:-$SITE}
[ -x "$CARGO_TARGET_DIR/debug/aethel" ] || fail "The program is not built yet. Run: make run"
exec "$CARGO_TARGET_DIR/debug/aethel" "${@:-serve}"
