#!/usr/bin/env bash
# Everything CI runs; the very last line is "N passed, N failed".
#
#   ./test.sh                  set up, build with warnings as errors, test the console and every tests/*.Tests project
#   ./test.sh Metrics PromQL   only these rooms (and "console", if named)
#
# 1. set up: .NET SDK, Node.js (as ./flyball does), Debian's promtool, amtool, prometheus, alertmanager, chromium
# 2. build the solution once, then what ./flyball would build, so that tests can start it
# 3. console: build and unit tests
# 4. test projects, two at a time, each within a time limit; one that crashes or hangs counts as a failed test
# FLYBALL_TEST_JOBS and FLYBALL_TEST_LIMIT_SECONDS change "two" and the limit (600).
set -uo pipefail
program=test.sh
root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$root" || exit 1
# shellcheck source=build/launch.sh
. "$root/build/launch.sh"

results=$root/artifacts/test-results
jobs=${FLYBALL_TEST_JOBS:-2}
limit_seconds=${FLYBALL_TEST_LIMIT_SECONDS:-600}
passed=0 failed=0 skipped=0

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

fail_stage() {
  echo "FAILED: $*"
  failed=$((failed + 1))
}

# Real counterparts to test against. Without them the tests that need them skip, and say so.
set_up_counterparts() {
  local packages=() command
  for pair in prometheus:prometheus promtool:prometheus prometheus-alertmanager:prometheus-alertmanager \
    amtool:prometheus-alertmanager chromium:chromium; do
    command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
  done
  [ "${#packages[@]}" -eq 0 ] && return
  mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
  command="apt-get install -y --no-install-recommends ${packages[*]}"
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "tests against real counterparts will be skipped; to have them: sudo $command"
    return
  fi

  say "installing ${packages[*]}"
  local policy=/usr/sbin/policy-rc.d ours=false
  if [ ! -e "$policy" ]; then
    # Debian asks this file before it starts a service of a package: 101 means "not allowed".
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && ours=true
  fi
  export DEBIAN_FRONTEND=noninteractive
  mkdir -p "$state"
  { apt-get update -q && $command; } >"$state/apt.log" 2>&1 ||
    say "could not install them (artifacts/launch/apt.log says why); tests against real counterparts will be skipped"
  $ours && rm -f "$policy"
}

build_solution() {
  local reviewed=()
  # What the launcher compiled without analysers is up to date and would escape them.
  [ -f "$state/unreviewed" ] && reviewed=(--no-incremental)
  say "building the solution, warnings are errors"
  mkdir -p "$state"
  run_logged solution.log dotnet build Flyball.slnx -c Release -nologo -v minimal -nodeReuse:false "${reviewed[@]}" || return
  rm -f "$state/unreviewed"
}

test_console() {
  [ -f web/package.json ] || return 0
  grep -q '"test" *:' web/package.json || return 0
  (require_node) || { fail_stage "console: no Node.js"; return; }
  use_node
  local log=$results/console.log
  say "testing the console"
  # The TAP reporter of the test runner ends in "# pass N" and "# fail N"; Vitest in "Tests  N failed | N passed (N)".
  timeout --kill-after=20 "$limit_seconds" npm --prefix web test >"$log" 2>&1 </dev/null
  local code=$? plain ok bad
  plain=$(sed 's/\x1b\[[0-9;]*m//g' "$log")
  ok=$(sed -nE 's/^ *Tests .*[^0-9]([0-9]+) passed.*/\1/p; s/^# pass ([0-9]+)$/\1/p' <<<"$plain" | tail -n 1)
  bad=$(sed -nE 's/^ *Tests .*[^0-9]([0-9]+) failed.*/\1/p; s/^# fail ([0-9]+)$/\1/p' <<<"$plain" | tail -n 1)
  [ "$code" -ne 0 ] && [ "${bad:-0}" -eq 0 ] && bad=1
  [ "${bad:-0}" -gt 0 ] && cat "$log"
  count "console" "${ok:-0}" "${bad:-0}" 0
}

count() {
  printf '%-32s %6d passed %5d failed %5d skipped\n' "$1" "$2" "$3" "$4"
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

run_project() {
  local name=$1 log=$results/$1.log
  timeout --kill-after=20 "$limit_seconds" "artifacts/bin/$name/release/$name" \
    --no-ansi --no-progress --results-directory "$results/$name" >"$log" 2>&1 </dev/null
  echo $? >"$results/$name.code"
}

report_project() {
  local name=$1 log=$results/$1.log code ok bad skips
  code=$(cat "$results/$name.code" 2>/dev/null || echo 1)
  ok=$(summary_of succeeded "$log") bad=$(summary_of failed "$log") skips=$(summary_of skipped "$log")
  case $code in
    0) ;;
    8) [ "$((ok + bad + skips))" -eq 0 ] && { printf '%-32s no tests yet\n' "$name"; return; } ;;
    124 | 137) echo "FAILED: $name did not end within $limit_seconds s and was stopped"; bad=$((bad + 1)) ;;
    *) [ "$bad" -eq 0 ] && { echo "FAILED: $name ended with exit code $code"; bad=1; } ;;
  esac
  [ "$bad" -gt 0 ] && grep -v '^ *\(skipped\|passed\) ' "$log"
  count "$name" "$ok" "$bad" "$skips"
}

summary_of() {
  local number
  number=$(sed -nE "s/^ +$1: ([0-9]+)\$/\1/p" "$2" 2>/dev/null | tail -n 1)
  echo "${number:-0}"
}

list_skipped() {
  [ "$skipped" -eq 0 ] && return
  echo
  echo "skipped:"
  grep -h -A 1 -E '^skipped ' "$results"/*.Tests.log | sed -E '/^--$/d; s/^skipped ([^ ]+).*/  \1/'
  echo
}

wanted=("$@")
is_wanted() {
  [ "${#wanted[@]}" -eq 0 ] && return
  local name
  for name in "${wanted[@]}"; do
    [ "$1" = "$name" ] || [ "$1" = "Flyball.$name.Tests" ] && return
  done
  return 1
}

(require_dotnet) || { fail_stage "no .NET SDK"; finish; }
use_dotnet
set_up_counterparts
build_solution || { fail_stage "the solution does not build"; finish; }
(build_product) || fail_stage "what ./flyball runs does not build"
(build_console) || fail_stage "the console does not build"

rm -rf "$results"
mkdir -p "$results"
is_wanted console && test_console

projects=()
for folder in tests/*.Tests/; do
  is_wanted "$(basename "$folder")" && projects+=("$(basename "$folder")")
done
[ "${#projects[@]}" -eq 0 ] && [ "$passed" -eq 0 ] && fail_stage "no tests/Flyball.X.Tests for: ${wanted[*]}"
for name in "${projects[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
  say "testing $name"
  run_project "$name" &
done
wait
for name in "${projects[@]}"; do report_project "$name"; done
list_skipped
finish
