#!/usr/bin/env bash
# Hurts the till longer than `make test` does, with fresh seeds: `hammer.sh`, `hammer.sh simulation`, `hammer.sh processes`,
# `hammer.sh contract`.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=scripts/postgres.sh
. scripts/postgres.sh

part=${1:-all}
case $part in
  all | simulation | processes | contract) ;;
  *) fail "there is no part $part; the parts are simulation, processes, contract and, by default, all" ;;
esac

trap postgres_stop EXIT
trap 'exit 130' INT TERM

simulation() {
  AETHEL_SIMULATION_SEEDS=${AETHEL_SIMULATION_SEEDS:-5000} \
    cargo test --features ssr --test simulation -- --nocapture
  # Webhooks and refunds, on a database each: a seed takes longer than one of the kernel's.
  AETHEL_SIMULATION_SEEDS=${AETHEL_PAYMENT_SEEDS:-1000} \
    cargo test --features ssr --lib simulation -- --nocapture
}

processes() {
  AETHEL_KILLS=${AETHEL_KILLS:-200} AETHEL_POWER_CUTS=${AETHEL_POWER_CUTS:-10000} \
    AETHEL_POWER_SEED=${AETHEL_POWER_SEED:-$(date +%s)} \
    cargo test --features ssr --test processes -- --nocapture --test-threads=1
}

contract() {
  cargo build --features ssr
  AETHEL_CONTRACT_EXAMPLES=${AETHEL_CONTRACT_EXAMPLES:-500} AETHEL_CONTRACT_SEED=${AETHEL_CONTRACT_SEED:-$(date +%s)} \
    scripts/contract.sh
}

wanted() { [ "$part" = all ] || [ "$part" = "$1" ]; }

! wanted processes || step 'private PostgreSQL' postgres_start
! wanted simulation || step 'simulation' simulation
! wanted processes || step 'processes' processes
! wanted contract || step 'contract of the REST API' contract
say "nothing was lost in $SECONDS s"
