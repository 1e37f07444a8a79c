# Finds the .NET SDK and Node.js, and offers to fetch the official ones into .toolchain/ where they are missing.
# Sourced by build/launch.sh and test.sh; expects $root (the repository) and $assume_yes (true or false).
# shellcheck shell=bash

node_major_wanted=20
node_line_fetched=latest-v22.x

say() { printf '%s: %s\n' "${program:-flyball}" "$*" >&2; }

die() {
  say "$@"
  exit 1
}

# Puts a .NET SDK that global.json accepts on PATH, or ends the program with what to do.
require_dotnet() {
  use_dotnet && return
  offer "no .NET SDK 10 found" "the .NET SDK 10 (about 250 MB)" ||
    die "install the .NET SDK 10 (https://dotnet.microsoft.com/download/dotnet/10.0) and start again, or let me: --yes"
  say "fetching the .NET SDK 10 into .toolchain/dotnet"
  mkdir -p "$root/.toolchain"
  fetch https://dot.net/v1/dotnet-install.sh "$root/.toolchain/dotnet-install.sh" &&
    bash "$root/.toolchain/dotnet-install.sh" --channel 10.0 --install-dir "$root/.toolchain/dotnet" --no-path \
      >"$root/.toolchain/dotnet-install.log" 2>&1 &&
    use_dotnet ||
    die "the .NET SDK could not be fetched (see .toolchain/dotnet-install.log if it is there); install it by hand" \
      "(https://dotnet.microsoft.com/download/dotnet/10.0, or your distribution's dotnet-sdk-10.0) and start again"
}

# Puts Node.js 20 or later with npm on PATH. Fails, having said why, where that is impossible.
require_node() {
  use_node && return
  offer "no Node.js $node_major_wanted or later found" "Node.js (about 30 MB), needed to build the console" || {
    say "install Node.js $node_major_wanted or later (https://nodejs.org) to have the console, or let me: --yes"
    return 1
  }
  fetch_node && use_node || {
    say "Node.js could not be fetched; install version $node_major_wanted or later by hand (https://nodejs.org) and start again"
    return 1
  }
}

use_dotnet() {
  if (cd "$root" && dotnet --version) >/dev/null 2>&1; then
    return
  fi
  [ -x "$root/.toolchain/dotnet/dotnet" ] || return 1
  export DOTNET_ROOT="$root/.toolchain/dotnet"
  export PATH="$DOTNET_ROOT:$PATH"
  (cd "$root" && dotnet --version) >/dev/null 2>&1
}

use_node() {
  node_is_new_enough && return
  [ -x "$root/.toolchain/node/bin/node" ] || return 1
  export PATH="$root/.toolchain/node/bin:$PATH"
  node_is_new_enough
}

node_is_new_enough() {
  local version
  version=$(node --version 2>/dev/null) && command -v npm >/dev/null || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$node_major_wanted" ]
}

fetch_node() {
  local machine archive sums=$root/.toolchain/node-sums.txt base=https://nodejs.org/dist/$node_line_fetched
  case $(uname -m) in
    x86_64) machine=linux-x64 ;;
    aarch64 | arm64) machine=linux-arm64 ;;
    *) say "there is no ready Node.js for $(uname -m)"; return 1 ;;
  esac
  say "fetching Node.js into .toolchain/node"
  mkdir -p "$root/.toolchain/node"
  fetch "$base/SHASUMS256.txt" "$sums" || return 1
  archive=$(sed -n "s/^[0-9a-f]*  \(node-v[0-9.]*-$machine\.tar\.gz\)$/\1/p" "$sums" | head -n 1)
  [ -n "$archive" ] && fetch "$base/$archive" "$root/.toolchain/$archive" || return 1
  (cd "$root/.toolchain" && grep " $archive\$" node-sums.txt | sha256sum --check --quiet) || return 1
  tar -xzf "$root/.toolchain/$archive" -C "$root/.toolchain/node" --strip-components=1
  rm -f "$root/.toolchain/$archive"
}

# fetch URL FILE, by whichever client is there. Bounded in time: a dead network must end in a sentence, not a hang.
fetch() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --connect-timeout 20 --max-time 900 --output "$2" "$1" >&2
  elif command -v wget >/dev/null; then
    wget --quiet --timeout=60 --tries=2 --output-document="$2" "$1" >&2
  else
    say "neither curl nor wget is there to fetch $1"
    return 1
  fi
}

# offer WHAT_IS_MISSING WHAT_WOULD_BE_FETCHED: true when it may be fetched.
offer() {
  say "$1"
  if $assume_yes || [ "${CI:-}" = true ]; then
    return
  fi
  [ -t 0 ] && [ -t 2 ] || return 1
  local answer
  printf '%s: fetch %s into %s/.toolchain? [Y/n] ' "$program" "$2" "$root" >&2
  read -r answer
  case $answer in '' | y | Y | yes) ;; *) return 1 ;; esac
}
