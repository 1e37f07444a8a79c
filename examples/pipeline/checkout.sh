#!/usr/bin/env bash
# Clones the shop's repository into ./source.
. "$(dirname "$0")/lib.sh"

rm -rf source
git clone --quiet --depth 1 "file://$SHOP_HOME/origin.git" source
git -C source log -1 --format='%h %s'
