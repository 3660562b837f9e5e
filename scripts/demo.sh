#!/usr/bin/env bash
# Fills a database file of its own with the demonstration's stories, never the one `make run` uses.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

database=${1:-data/demo.db}
[ ! -e "$database" ] || fail "$database is there already. Look at it with: BILLING_DB_PATH=$database make run. To fill it anew, remove it first."
mkdir -p "$(dirname "$database")"
# The stories go where this script says, whatever database the shell is set up for.
unset DATABASE_URL
BILLING_DB_PATH=$database "$CARGO_TARGET_DIR/debug/aethel" demo
say ""
say "The stories are in $database. Look at them with: BILLING_DB_PATH=$database make run"
