#!/bin/sh
# What flyballStep runs. The command comes by the environment: nothing in it is read by Groovy or put into this script.
set -eu

if ! command -v "$FLYBALL_STEP" >/dev/null 2>&1; then
  echo "flyball: $FLYBALL_STEP is not installed on this agent; the command runs without it" >&2
  exec sh -e -c "$FLYBALL_STEP_COMMAND"
fi

if [ -n "$FLYBALL_STEP_TYPE" ]; then
  exec "$FLYBALL_STEP" --name "$FLYBALL_STEP_NAME" --type "$FLYBALL_STEP_TYPE" -- sh -e -c "$FLYBALL_STEP_COMMAND"
fi

exec "$FLYBALL_STEP" --name "$FLYBALL_STEP_NAME" -- sh -e -c "$FLYBALL_STEP_COMMAND"
