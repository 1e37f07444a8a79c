#!/usr/bin/env bash
# Puts a version of the shop into production and waits until it answers: ./deploy.sh VERSION
. "$(dirname "$0")/lib.sh"

version=$(identifier "$1")
patience_ms=15000
echo "$version" >"$SHOP_HOME/version.tmp$$"
mv "$SHOP_HOME/version.tmp$$" "$SHOP_HOME/version"
kill -HUP "$(cat "$SHOP_HOME/supervisor.pid")"

started=$(now)
until [ "$(ask /version)" = "$version" ]; do
  if [ $(($(now) - started)) -gt $patience_ms ]; then
    echo "deploy: version $version did not answer on port $SHOP_PORT within $((patience_ms / 1000)) s" >&2
    exit 1
  fi
  sleep 0.05
done
echo "version $version answers after $(($(now) - started)) ms"
