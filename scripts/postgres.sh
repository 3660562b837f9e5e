# A private PostgreSQL for the tests: its own temporary directory, a free loopback port, a password nobody knows, gone
# afterwards. Sourced by scripts/test.sh, which calls postgres_stop from its trap.
# shellcheck shell=bash

pg_directory=''
pg_user=''

# PostgreSQL refuses to run as root.
pg_run() {
  if [ -n "$pg_user" ]; then
    runuser -u "$pg_user" -- "$@"
  else
    "$@"
  fi
}

postgres_start() {
  local bin port password
  bin=$(postgres_bin)
  [ -n "$bin" ] || fail "PostgreSQL's server programs were not found; scripts/setup.sh test installs them."
  if [ "$(id -u)" -eq 0 ]; then
    pg_user=nobody
    id -u postgres >/dev/null 2>&1 && pg_user=postgres
  fi
  pg_directory=$(mktemp -d /tmp/aethel-pg.XXXXXX)
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  password=$(node -p 'require("crypto").randomBytes(18).toString("hex")')
  say "$password" >"$pg_directory/password"
  [ -z "$pg_user" ] || chown -R "$pg_user" "$pg_directory"
  # From a directory the other user may enter: the checkout need not be one.
  (
    cd "$pg_directory"
    pg_run "$bin/initdb" -D "$pg_directory/data" -U aethel -E UTF8 --locale=C --auth=scram-sha-256 \
      --pwfile="$pg_directory/password" >"$pg_directory/initdb.log" 2>&1 || { cat "$pg_directory/initdb.log"; exit 1; }
    pg_run "$bin/pg_ctl" -D "$pg_directory/data" -l "$pg_directory/log" -w -t 60 \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$pg_directory -c max_connections=200" \
      start >/dev/null || { cat "$pg_directory/log"; exit 1; }
  ) || fail "The private PostgreSQL did not start; its log is above."
  export AETHEL_TEST_POSTGRES="postgres://aethel:$password@127.0.0.1:$port/postgres"
  say "   PostgreSQL on 127.0.0.1:$port in $pg_directory"
}

postgres_stop() {
  [ -n "$pg_directory" ] || return 0
  (cd / && pg_run "$(postgres_bin)/pg_ctl" -D "$pg_directory/data" -m immediate stop >/dev/null 2>&1) || true
  rm -rf "$pg_directory"
  pg_directory=''
}
