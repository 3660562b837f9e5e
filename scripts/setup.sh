#!/usr/bin/env bash
# Installs what is missing and nothing else. `setup.sh run` is enough to build and serve; `setup.sh test` adds what
# the tests need. It may be run again at any time: what is there already is only looked at.
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"

purpose=${1:-run}
case $purpose in
  run | test) ;;
  *) fail "setup.sh takes 'run' or 'test', not '$purpose'." ;;
esac

locked_version() {
  awk -v name="\"$1\"" '$1 == "name" && $3 == name { getline; gsub(/"/, "", $3); print $3; exit }' Cargo.lock
}

# Prints the Debian packages that are missing, one a line.
missing_debian_packages() {
  has cc || printf 'gcc\nlibc6-dev\n'
  has make || say make
  [ -e /etc/ssl/certs/ca-certificates.crt ] || say ca-certificates
  python3 -c 'import ensurepip, venv' 2>/dev/null || printf 'python3\npython3-venv\n'
  [ "$purpose" = test ] || return 0
  [ -n "$(postgres_bin)" ] || say postgresql
  [ -n "$(chromium_path)" ] || is_ubuntu || say chromium
}

# Ubuntu's `chromium-browser` is a wrapper around a snap, so there Playwright fetches its own browser instead.
is_ubuntu() { grep -qx 'ID=ubuntu' /etc/os-release; }

missing_brew_packages() {
  python3 -c 'import ensurepip, venv' 2>/dev/null || say python
  [ "$purpose" = test ] || return 0
  [ -n "$(postgres_bin)" ] || say postgresql@17
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif has sudo; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    fail "These system packages are missing and neither root nor sudo is at hand. As root, run: apt-get install $packages"
  fi
}

# Debian makes and starts a database cluster on installing `postgresql`. Nobody asked for one here:
# the tests start a private server, so the creation is switched off while apt runs.
without_a_system_cluster() {
  local setting=/etc/postgresql-common/createcluster.d/aethel.conf result=0
  as_root sh -c "mkdir -p ${setting%/*} && echo 'create_main_cluster = false' > $setting"
  "$@" || result=$?
  as_root rm -f "$setting"
  return $result
}

system_packages() {
  local install='as_root apt-get install -y --no-install-recommends' names
  if [ "$(uname -s)" = Darwin ]; then
    has cc || fail "The C compiler is missing. Run: xcode-select --install"
    packages=$(missing_brew_packages | tr '\n' ' ')
    [ -z "$packages" ] || fail "These system packages are missing. Run: brew install $packages"
    return
  fi
  if ! has apt-get; then
    for names in cc make python3; do
      has $names || fail "'$names' is missing and this is neither Debian nor Ubuntu; install it with your system's package manager."
    done
    return
  fi
  packages=$(missing_debian_packages | tr '\n' ' ')
  [ -n "$packages" ] || { say "   all there"; return; }
  say "   installing: $packages"
  case $packages in
    *postgresql*) install="without_a_system_cluster $install" ;;
  esac
  as_root apt-get update -q || say "   apt could not refresh its lists; trying with those it has"
  # shellcheck disable=SC2086 # both are lists of words
  $install $packages || fail "apt could not install: $packages. Its last lines above say why; mend that and run this again."
}

node_version() {
  local major
  { has node && has npm; } || fail "Node.js 20 or newer with npm is needed and was not found. Install it from https://nodejs.org or your system's packages."
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "Node.js 20 or newer is needed and this is $(node --version). Install a newer one from https://nodejs.org."
  say "   node $(node --version), npm $(npm --version 2>/dev/null)"
}

# Asked for by name, because RUSTUP_AUTO_INSTALL=0 switches rustup's own installation off.
rust_toolchain() {
  local channel target=wasm32-unknown-unknown component
  channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
  has rustup || fail "rustup is missing: install it from https://rustup.rs, open a new shell, and run this again."
  if ! rustup toolchain list | grep -q "^$channel"; then
    rustup toolchain install "$channel" --profile minimal --component rustfmt --component clippy ||
      fail "rustup could not install Rust $channel, which rust-toolchain.toml asks for; its message is above."
  fi
  if ! rustup target list --toolchain "$channel" --installed | grep -qx "$target"; then
    rustup target add --toolchain "$channel" "$target" ||
      fail "rustup could not add the browser target $target to Rust $channel; its message is above."
  fi
  for component in rustfmt clippy; do
    [ "$purpose" = test ] || break
    rustup component list --toolchain "$channel" --installed | grep -q "^$component" ||
      rustup component add --toolchain "$channel" "$component" ||
      fail "rustup could not add $component to Rust $channel; its message is above."
  done
  say "   Rust $channel with $target"
}

# The command must have exactly the version of the library, or it refuses the module.
wasm_bindgen() {
  local version
  version=$(locked_version wasm-bindgen)
  if [ "$(wasm-bindgen --version 2>/dev/null)" != "wasm-bindgen $version" ]; then
    say "   compiling wasm-bindgen-cli $version (a few minutes, once)"
    CARGO_TARGET_DIR=$CACHE/target-tools cargo install --quiet wasm-bindgen-cli --version "$version" --root "$CACHE/tools" ||
      fail "wasm-bindgen-cli $version could not be installed from crates.io; cargo's message is above."
  fi
  say "   wasm-bindgen $version"
}

# Its own process and its own virtual environment: nothing of the system's Python is touched.
z3_solver() {
  if [ -x "$CACHE/z3/bin/z3" ] && "$CACHE/z3/bin/z3" --version 2>/dev/null | grep -qF "$Z3_VERSION"; then
    say "   z3 $Z3_VERSION"
    return
  fi
  rm -rf "$CACHE/z3"
  if python3 -m venv "$CACHE/z3" &&
    "$CACHE/z3/bin/pip" install --quiet --disable-pip-version-check "z3-solver==$Z3_VERSION"; then
    say "   z3 $Z3_VERSION installed"
    return
  fi
  rm -rf "$CACHE/z3"
  say "   PyPI did not give z3-solver $Z3_VERSION; taking the system's own"
  if ! has z3; then
    if has apt-get; then
      packages=z3 as_root apt-get install -y --no-install-recommends z3 ||
        fail "z3 could be installed neither from PyPI nor from apt; both messages are above. Set AETHEL_Z3 to a z3 of your own to go on without."
    else
      fail "z3 could not be installed from PyPI (message above). Install it with your system's package manager (brew install z3) and run this again."
    fi
  fi
}

# What judges us from outside: exactly the versions that the last run agreed with.
python_judges() {
  local wanted=tests/requirements.txt stamp=$CACHE/judges/.installed-from
  if ! cmp -s "$wanted" "$stamp"; then
    rm -rf "$CACHE/judges"
    python3 -m venv "$CACHE/judges" &&
      "$CACHE/judges/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" ||
      fail "pip could not install $wanted into $CACHE/judges; its message is above."
    cp "$wanted" "$stamp"
  fi
  say "   $(tr '\n' ' ' <"$wanted")"
}

npm_packages() {
  local stamp=end2end/node_modules/.installed-from
  if ! cmp -s end2end/package-lock.json "$stamp"; then
    (cd end2end && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error) ||
      fail "npm could not install end2end/package-lock.json; its message is above."
    cp end2end/package-lock.json "$stamp"
  fi
  say "   playwright, wasm-opt, fonts and Stripe's client as locked"
}

browser() {
  local path
  path=$(chromium_path)
  if [ -n "$path" ]; then
    [ -x "$path" ] || fail "CHROMIUM is set to '$path', which cannot be run; correct it or unset it."
    say "   $path"
    return
  fi
  # Fast and silent when it is there already.
  (cd end2end && npx playwright install chromium) ||
    fail "No Chromium was found and Playwright could not fetch one (message above). Install Chromium and set CHROMIUM to its path."
  [ "$(uname -s)" = Darwin ] || [ -e "$CACHE/chromium-libraries" ] || {
    as_root env PATH="$PATH" npx --prefix end2end playwright install-deps chromium ||
      fail "The libraries Chromium needs could not be installed; the message is above."
    : >"$CACHE/chromium-libraries"
  }
}

packages=''
mkdir -p "$CACHE"
say "set-up for '$purpose' (cache: $CACHE)"
step 'system packages' system_packages
step 'node' node_version
step 'rust' rust_toolchain
step 'wasm-bindgen' wasm_bindgen
step 'z3' z3_solver
step 'npm packages' npm_packages
[ "$purpose" = run ] || step 'python packages' python_judges
[ "$purpose" = run ] || step 'browser' browser
say "set-up: done in $SECONDS s"
