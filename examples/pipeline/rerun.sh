#!/usr/bin/env bash
# Runs a task of an earlier run again and goes on from there, in the same trace: ./rerun.sh RUN_ID TASK
. "$(dirname "$0")/lib.sh"

id=$(identifier "$1")
task=$(identifier "$2")
[ -f "$SHOP_HOME/runs/$id/started" ] || { echo "there is no run $id" >&2; exit 2; }

begin_own_trace
export FLYBALL_ACTOR=${FLYBALL_POLICY:+policy:$FLYBALL_POLICY}
export FLYBALL_RUN_NUMBER=$id FLYBALL_TRIGGER=${FLYBALL_TRIGGER:-push}
exec "$here/stages.sh" "$id" "$task"
