#!/usr/bin/env bash
# Hurts the till longer than `make test` does, with fresh seeds: `hammer.sh`, `hammer.sh simulation`, `hammer.sh processes`.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=scripts/postgres.sh
. scripts/postgres.sh

part=${1:-all}
case $part in
  all | simulation | processes) ;;
  *) fail "there is no part $part; the parts are simulation, processes and, by default, all" ;;
esac

trap postgres_stop EXIT
trap 'exit 130' INT TERM

simulation() {
  AETHEL_SIMULATION_SEEDS=${AETHEL_SIMULATION_SEEDS:-5000} \
    cargo test --features ssr --test simulation -- --nocapture
}

processes() {
  AETHEL_KILLS=${AETHEL_KILLS:-200} AETHEL_POWER_CUTS=${AETHEL_POWER_CUTS:-10000} \
    AETHEL_POWER_SEED=${AETHEL_POWER_SEED:-$(date +%s)} \
    cargo test --features ssr --test processes -- --nocapture --test-threads=1
}

step 'private PostgreSQL' postgres_start
[ "$part" = processes ] || step 'simulation' simulation
[ "$part" = simulation ] || step 'processes' processes
say "nothing was lost in $SECONDS s"
