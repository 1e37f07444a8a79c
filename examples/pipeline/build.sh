#!/usr/bin/env bash
# Builds the shop's pages from ./source into ./dist: bundles, names files by their content, packs.
. "$(dirname "$0")/lib.sh"

rm -rf dist && mkdir dist
cd source

# bundle EXTENSION FILE…: one file without comments and blank lines, named by its hash
bundle() {
  local extension=$1 hash
  shift
  cat "$@" | sed -e 's|^ *//.*||' -e 's|/\*.*\*/||g' -e 's/^[ \t]*//' -e '/^$/d' >"../dist/bundle.$extension"
  hash=$(sha256sum "../dist/bundle.$extension" | cut -c1-12)
  mv "../dist/bundle.$extension" "../dist/shop-$hash.$extension"
  echo "shop-$hash.$extension"
}
css=$(bundle css styles/*.css)
js=$(bundle js scripts/*.js)
sed -e "s|%CSS%|$css|" -e "s|%JS%|$js|" -e "s|%VERSION%|$(cat VERSION)|" index.html >../dist/index.html

# The catalogue: every product in every size and colour.
awk 'NR == FNR { colours[++n] = $0; next } { for (i = 1; i <= n; i++) for (s = 34; s <= 48; s++) print $0 " " colours[i] " " s }' \
  colours.txt products.txt >../dist/catalogue.txt

cd ../dist
gzip -9 -k -n ./*.css ./*.js catalogue.txt
sha256sum ./* >MANIFEST
tar -cf ../shop.tar .
echo "built $css, $js, $(wc -l <catalogue.txt) products, $(wc -c <../shop.tar) bytes"
