#!/usr/bin/env bash
# Every check, in the order in which it is cheapest to fail. The first failure ends it.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=scripts/postgres.sh
. scripts/postgres.sh

finish() {
  local result=$?
  postgres_stop
  [ "$result" -eq 0 ] || say "the checks stopped after $SECONDS s at: $current_step"
}
trap finish EXIT
trap 'exit 130' INT TERM

rust_tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --features ssr
  else
    cargo test --features ssr --lib --bins --tests
  fi
}

browser_tests() {
  (
    cd end2end
    AETHEL_BIN=$CARGO_TARGET_DIR/debug/aethel LEPTOS_SITE_ROOT=$SITE CHROMIUM=$(chromium_path) npx playwright test
  )
}

step 'format, lints, licences' scripts/lint.sh
step 'private PostgreSQL' postgres_start
step 'tests' rust_tests
step 'documentation tests' cargo test --quiet --doc --features ssr
step 'build' scripts/build.sh
step 'judges from outside' scripts/contract.sh
step 'browser tests' browser_tests
say "all checks passed in $SECONDS s"
