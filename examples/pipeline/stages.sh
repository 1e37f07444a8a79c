#!/usr/bin/env bash
# The stages of a run from one of them on: ./stages.sh RUN_ID FIRST_STAGE
# Called without a run around it, it wraps itself: that span is the run's root. The second time (a re-run) it has the same
# id and the same start, and mends the first.
. "$(dirname "$0")/lib.sh"

id=$(identifier "$1")
first=$2
run=$SHOP_HOME/runs/$id

if [ "${SHOP_RUN:-}" != "$id" ]; then
  FLYBALL_COMMIT=$(git -C "$SHOP_HOME/origin.git" rev-parse main)
  export SHOP_RUN=$id FLYBALL_COMMIT FLYBALL_BRANCH=main FLYBALL_REPOSITORY=$SHOP_HOME/origin.git
  exec "$STEP" --run --pipeline shop --run-id "$id" --started-at "$(cat "$run/started")" -- "$0" "$id" "$first"
fi

# stage NAME TYPE COMMAND…
stage() {
  local name=$1 type=$2 attempt
  shift 2
  mkdir -p "$run/attempts"
  attempt=$(($(cat "$run/attempts/$name" 2>/dev/null || echo 0) + 1))
  echo "$attempt" >"$run/attempts/$name"
  "$STEP" --name "$name" ${type:+--type "$type"} --attempt "$attempt" -- "$@"
}

cd "$run"
reached=false
for task in checkout build test deploy; do
  [ "$task" = "$first" ] && reached=true
  $reached || continue
  case $task in
    checkout) stage checkout "" "$here/checkout.sh" ;;
    build) stage build build "$here/build.sh" ;;
    test) stage test test "$here/test.sh" ;;
    deploy) stage deploy deploy "$here/deploy.sh" "$(cat source/VERSION)" ;;
  esac
done
$reached || { echo "there is no stage $first" >&2; exit 2; }
