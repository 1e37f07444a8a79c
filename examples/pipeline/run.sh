#!/usr/bin/env bash
# One run of the pipeline: ./run.sh [RUN_ID]
. "$(dirname "$0")/lib.sh"

"$here/make-repository.sh"
id=$(identifier "${1:-$(date +%s)}")
run=$SHOP_HOME/runs/$id
mkdir -p "$run"
date +%s.%N >"$run/started"
begin_own_trace
export FLYBALL_RUN_NUMBER=$id FLYBALL_TRIGGER=${FLYBALL_TRIGGER:-push}
exec "$here/stages.sh" "$id" checkout
