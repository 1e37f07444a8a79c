# What ./flyball and ./flyball-step share: build what is out of date, then become the program.
#
# A start with nothing to do costs one listing of the sources: its checksum ("stamp") is compared with that of the last
# good build, and neither dotnet nor npm is asked. Only when it differs:
#   1. take the build lock: two launchers at once must not write the same files
#   2. look again: the one that held the lock may have done the work
#   3. build; output goes to artifacts/launch/*.log and is shown only when the build fails
#   4. note the stamp taken before the build, so that an edit made meanwhile is built next time
# Sourced; expects $root and $program.
# shellcheck shell=bash

state=$root/artifacts/launch
assume_yes=false

# shellcheck source=build/toolchain.sh
. "$root/build/toolchain.sh"

# launch PROJECT WITH_CONSOLE ARGUMENT…
launch() {
  local project=$1 with_console=$2
  shift 2
  if [ "${1:-}" = --yes ]; then
    assume_yes=true
    shift
  fi

  build_product
  if $with_console; then
    build_console
    [ -f "$root/web/dist/index.html" ] && export FLYBALL_CONSOLE_DIR="$root/web/dist"
  fi

  # The runtime the build used: a program host does not look on PATH for it.
  if [ -z "${DOTNET_ROOT:-}" ] && [ -d "$root/.toolchain/dotnet" ] && [ -s "$state/dotnet-root" ]; then
    DOTNET_ROOT=$(cat "$state/dotnet-root")
    export DOTNET_ROOT
  fi

  local executable=$root/artifacts/bin/$project/release/$program
  [ "$project" != Flyball.Cli ] || executable=$root/artifacts/product/$program
  [ -x "$executable" ] || die "the build left no $executable; delete artifacts/ and start again"
  exec "$executable" "$@"
}

build_product() {
  is_current product || under_lock build_product_now
}

build_console() {
  [ -f "$root/web/package.json" ] || return 0
  is_current console || under_lock build_console_now
}

build_product_now() {
  local stamp
  is_current product && return
  stamp=$(stamp_of product)
  require_dotnet
  if [ -f "$state/product.stamp" ]; then say "building what changed"; else say "building (the first time takes a minute or two)"; fi
  # Whether this build was reviewed by the analysers matters to test.sh: files up to date are not compiled again.
  touch "$state/unreviewed"
  build_as CompileAhead=true || {
    # The compiler that works ahead is a package of its own, and a source of packages need not have it.
    grep -q 'NU110[0-9].*[Cc]rossgen' "$state/build.log" && build_as CompileAhead=false
  } || die "the build failed; the whole log is artifacts/launch/build.log"
  printf '%s\n' "${DOTNET_ROOT:-}" >"$state/dotnet-root"
  printf '%s\n' "$stamp" >"$state/product.stamp"
}

build_as() {
  run_logged build.log dotnet build "$root/build/product.proj" -c Release -nologo -v minimal -nodeReuse:false \
    -p:RunAnalyzers=false "-p:$1"
}

build_console_now() {
  local stamp packages
  is_current console && return
  stamp=$(stamp_of console)
  require_node || {
    say "going on without the console; everything else works"
    return 0
  }
  packages=$(cd "$root/web" && cksum package.json package-lock.json 2>/dev/null)
  if [ ! -d "$root/web/node_modules" ] || [ "$packages" != "$(cat "$state/packages.stamp" 2>/dev/null)" ]; then
    say "fetching the console's packages"
    run_logged npm.log npm --prefix "$root/web" ci --no-audit --no-fund ||
      die "npm ci failed; the whole log is artifacts/launch/npm.log"
    printf '%s\n' "$packages" >"$state/packages.stamp"
  fi
  say "building the console"
  run_logged console.log npm --prefix "$root/web" run build ||
    die "the console could not be built; the whole log is artifacts/launch/console.log"
  printf '%s\n' "$stamp" >"$state/console.stamp"
}

is_current() {
  [ -f "$state/$1.stamp" ] && [ "$(stamp_of "$1")" = "$(cat "$state/$1.stamp")" ]
}

# Names, sizes and times of everything a build reads. Contents would be surer and ten times slower.
stamp_of() {
  local places
  case $1 in
    product) places=(src examples build Directory.Build.props Directory.Packages.props global.json) ;;
    console) places=(web) ;;
  esac
  (
    cd "$root" || exit
    find "${places[@]}" \( -name node_modules -o -name dist -o -name bin -o -name obj \) -prune \
      -o -type f -printf '%p %s %T@\n' 2>/dev/null | LC_ALL=C sort | cksum
  )
}

under_lock() {
  mkdir -p "$state"
  # In a subshell, so that the lock ends with it; the steps exit loudly, and so must we.
  (
    command -v flock >/dev/null && { flock -n 9 || { say "waiting for another build to end"; flock 9; }; }
    "$@"
  ) 9>"$state/lock" || exit
}

# run_logged LOG COMMAND…: shows which project is done, and the last lines when it fails. Descriptor 9 is the lock:
# compiler servers outlive the build and would hold it.
run_logged() {
  local log=$state/$1
  shift
  if "$@" 9>&- 2>&1 </dev/null | tee "$log" | sed -un 's/^ *\([A-Za-z.]*\) -> .*/  \1/p' >&2 9>&-; then
    return
  fi
  # The compiler says every error twice, once more in its summary; without one the end of the log has the reason.
  grep -E '(error|warning) [A-Z]+[0-9]+' "$log" | sed 's/^ *//; s/ \[[^]]*\]$//' | sort -u | head -n 40 >&2 || tail -n 25 "$log" >&2
  return 1
}
