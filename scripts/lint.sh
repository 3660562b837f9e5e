#!/usr/bin/env bash
# What can be said about the code without running it: format, clippy for both targets, licences and advisories.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

deny() {
  if ! has cargo-deny; then
    say "   skipped: cargo-deny is not installed (cargo install --locked cargo-deny)"
    return
  fi
  cargo deny --offline --all-features check licenses bans sources
  if ls "${CARGO_HOME:-$HOME/.cargo}"/advisory-db*/* >/dev/null 2>&1; then
    cargo deny --offline --all-features check --disable-fetch advisories
  else
    say "   advisories skipped: no advisory database on this machine (cargo deny fetch gets it)"
  fi
}

step 'format' cargo fmt --check
step 'clippy, server' cargo clippy --quiet --all-targets --features ssr -- -D warnings
step 'clippy, browser' cargo clippy --quiet --lib --target wasm32-unknown-unknown --features hydrate -- -D warnings
step 'licences and advisories' deny
