#!/usr/bin/env bash
# Deploys an earlier version, as a small run of its own: ./rollback.sh [VERSION]
. "$(dirname "$0")/lib.sh"

version=$(identifier "${1:-v1}")
begin_own_trace
export FLYBALL_ACTOR=${FLYBALL_POLICY:+policy:$FLYBALL_POLICY}
export FLYBALL_TRIGGER=rollback
exec "$STEP" --run --pipeline shop-rollback --run-id "rollback-$(date +%s%N)" -- \
  "$STEP" --name deploy --type deploy --attr deployment.environment.name=production -- \
  "$here/deploy.sh" "$version"
