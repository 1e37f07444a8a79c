# What the scripts of this pipeline share. Sourced by bash.
# shellcheck shell=bash
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# settings.sh holds what is particular to one machine; an action started by the server has no environment of ours.
# shellcheck disable=SC1091
[ -f "$here/settings.sh" ] && . "$here/settings.sh"
export FLYBALL_SERVER=${FLYBALL_SERVER:-http://127.0.0.1:9090}
export SHOP_HOME=${SHOP_HOME:-${TMPDIR:-/tmp}/flyball-shop}
export SHOP_PORT=${SHOP_PORT:-8080}
export SHOP_PROGRAM=${SHOP_PROGRAM:-$here/../../artifacts/bin/Shop/release/shop}
export STEP=${STEP:-$here/../../flyball-step}
mkdir -p "$SHOP_HOME"

# Identifiers come from outside and become file names.
identifier() {
  [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$ ]] || { echo "not an identifier: $1" >&2; exit 2; }
  printf '%s' "$1"
}

# A run is its own trace, whatever started this script: another step, a terminal, an action of the server.
begin_own_trace() {
  unset TRACEPARENT TRACESTATE FLYBALL_CONTEXT FLYBALL_RUN_ID FLYBALL_RUN_ATTEMPT FLYBALL_PIPELINE FLYBALL_TASK FLYBALL_TASK_ID \
    FLYBALL_TASK_ATTEMPT SHOP_RUN
}

# ask PATH: what the shop answers; nothing while it is down. No curl needed.
ask() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$SHOP_PORT" || exit 1
    printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3
    sed '1,/^\r$/d' <&3
  ) 2>/dev/null
}

# milliseconds since the epoch
now() { local t=$EPOCHREALTIME; t=${t/[.,]/}; echo "${t%???}"; }
