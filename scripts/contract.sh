#!/usr/bin/env bash
# Judges from outside. Stripe's own library for Python holds the sandbox to Stripe; schemathesis, all checks, stateful,
# once with an operator's key and once with a customer's, holds the REST API of a server of its own to its document.
# AETHEL_CONTRACT_EXAMPLES and AETHEL_CONTRACT_SEED change how much is tried, and what.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

program=${AETHEL_BIN:-$CARGO_TARGET_DIR/debug/aethel}
place=$(mktemp -d /tmp/aethel-contract.XXXXXX)
export BILLING_DB_PATH=$place/aethel.db AETHEL_ADDR=127.0.0.1:0 AETHEL_SANDBOX_ADDR=127.0.0.1:0 AETHEL_SANDBOX_STATE=off
# Thousands of requests by one key: an answer of 429 would hide the one that was asked for.
export AETHEL_LIMIT_KEY=off AETHEL_LIMIT_ACCOUNT=off AETHEL_LIMIT_ADDRESS=off
unset STRIPE_SECRET_KEY DATABASE_URL AETHEL_PUBLIC_URL
server=''

finish() {
  local result=$?
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  if [ "$result" -eq 0 ]; then rm -rf "$place"; else say "the server's log and database are kept in $place"; fi
}
trap finish EXIT
trap 'exit 130' INT TERM

# Says nothing when all is well; its verdict is on standard error.
stripe_library() {
  "$CACHE/judges/bin/python" tests/stripe_library.py "$program" >"$place/stripe" 2>&1 || {
    cat "$place/stripe"
    return 1
  }
  tail -4 "$place/stripe" | grep '^Ran'
}

step "Stripe's library for Python, at the sandbox" stripe_library

"$program" serve >"$place/log" 2>&1 &
server=$!
url=''
for _ in $(seq 1 300); do
  url=$(sed -n 's/^listening on //p' "$place/log")
  [ -z "$url" ] || break
  kill -0 "$server" 2>/dev/null || fail "the server ended while starting: $(tail -3 "$place/log")"
  sleep 0.1
done
[ -n "$url" ] || fail "the server did not print its address within 30 s: $(tail -3 "$place/log")"

AETHEL_URL=$url
AETHEL_KEY=$("$program" keys create --operator --name contract)
export AETHEL_URL AETHEL_KEY

# An account with credits, so that what is paid for is reached too.
AETHEL_CONTRACT_ACCOUNT=$("$program" api open-account --customer-name Contract --tier developer |
  node -p 'JSON.parse(require("fs").readFileSync(0)).account_id')
export AETHEL_CONTRACT_ACCOUNT
"$program" api grant --account-id "$AETHEL_CONTRACT_ACCOUNT" --credits 1000000 --reason Contract >"$place/grant.json"

# Exits non-zero when anything is not as documented. A stream of events has no end to wait for: tests/http/events.rs
# listens to it.
hold_to_document() {
  (cd "$place" && "$CACHE/judges/bin/schemathesis" --config-file "$ROOT/tests/contract.toml" run "$url/api/openapi.json" \
    --header "Authorization: Bearer $1" --exclude-operation-id stream_events --phases examples,coverage,fuzzing,stateful \
    --max-examples "${AETHEL_CONTRACT_EXAMPLES:-10}" --seed "${AETHEL_CONTRACT_SEED:-1}" \
    --continue-on-failure --generation-database none --no-color) >"$place/judgement" 2>&1 || {
    cat "$place/judgement"
    return 1
  }
  sed -n '/Test cases:/,/Seed:/p' "$place/judgement"
}

step "with an operator's key" hold_to_document "$AETHEL_KEY"
customer=$("$program" api create-key --account-id "$AETHEL_CONTRACT_ACCOUNT" --name contract \
  --scopes '["read", "verify", "charge", "admin"]' | node -p 'JSON.parse(require("fs").readFileSync(0)).secret')
step "with a customer's key" hold_to_document "$customer"
