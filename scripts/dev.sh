#!/usr/bin/env bash
# Development: rebuild, restart and reload on change. The browser files are quick to build here and large to load.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

export LEPTOS_SITE_ROOT=$CARGO_TARGET_DIR/site-dev
exec node scripts/dev.mjs
