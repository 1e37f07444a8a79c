#!/usr/bin/env bash
# Keeps the shop running in the version that $SHOP_HOME/version names. HUP = restart with the version it names now; TERM = stop.
. "$(dirname "$0")/lib.sh"

child=
restart=false
stop=false
trap 'restart=true; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null' HUP
trap 'stop=true; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null' TERM INT
export OTEL_EXPORTER_OTLP_ENDPOINT=$FLYBALL_SERVER
[ -f "$SHOP_HOME/version" ] || echo v1 >"$SHOP_HOME/version"
echo $$ >"$SHOP_HOME/supervisor.pid"

until $stop; do
  restart=false
  "$SHOP_PROGRAM" --service-version "$(cat "$SHOP_HOME/version")" --listen "http://127.0.0.1:$SHOP_PORT" </dev/null &
  child=$!
  # A trap ends "wait" early; the shop is gone only when it is gone.
  while kill -0 "$child" 2>/dev/null; do wait "$child" || true; done
  child=
  $restart || $stop || sleep 0.5
done
rm -f "$SHOP_HOME/supervisor.pid"
