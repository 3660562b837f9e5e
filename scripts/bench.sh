#!/usr/bin/env bash
# Prints the figures: all of them, or those named, `bench.sh F5 F6 --full`. F5 needs a PostgreSQL: the one that
# AETHEL_TEST_POSTGRES names, else a private one where its programs are installed.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=scripts/postgres.sh
. scripts/postgres.sh

trap postgres_stop EXIT
trap 'exit 130' INT TERM

if [ -z "${AETHEL_TEST_POSTGRES:-}" ] && [ -n "$(postgres_bin)" ]; then
  step 'private PostgreSQL' postgres_start
fi
cargo bench --features ssr -- "$@"
