#!/usr/bin/env bash
# Makes the tiny repository that the pipeline checks out, once.
. "$(dirname "$0")/lib.sh"

[ -d "$SHOP_HOME/origin.git" ] && exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/source/." "$work/"
cd "$work"
git init --quiet --initial-branch=main .
git add .
git -c user.name='Shop' -c user.email=shop@example.com -c commit.gpgsign=false commit --quiet \
  -m 'Checkout: ask for prices item by item'
git clone --quiet --bare . "$SHOP_HOME/origin.git"
