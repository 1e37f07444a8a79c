#!/usr/bin/env bash
# Fetches the current Prometheus and VictoriaMetrics for bench/peers/run.sh: packages of Debian's next release, unpacked into a
# folder and not installed, so that nothing of the machine changes.
#
#   bench/peers/get-peers.sh [--dest FOLDER]     default: peers in the folder for temporary files
set -euo pipefail

folder=${TMPDIR:-/tmp}/peers
case ${1:-} in
  "") ;;
  --dest) folder=${2:?--dest needs a folder} ;;
  *) echo "usage: get-peers.sh [--dest FOLDER]" >&2; exit 2 ;;
esac
release=forky
wanted=(prometheus victoria-metrics)

# Whatever mirror this machine uses has the other releases too.
find_mirror() {
  local file
  for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list; do
    [ -r "$file" ] && grep -oE 'https?://[^ ]+' "$file" | head -n 1 && return
  done
  echo "no mirror is configured in /etc/apt" >&2
  return 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mirror=$(find_mirror)
mkdir -p "$folder" "$work/lists/partial" "$work/archives/partial" "$work/packages"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$work/sources.list"

# A list of its own: the machine's package lists stay what they are.
apt() {
  apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$work/lists" \
    -o Dir::Cache::Archives="$work/archives" -o Dir::Cache="$work" -o APT::Sandbox::User=root "$@"
}
apt update
(cd "$work/packages" && apt download "${wanted[@]}")

: >"$folder/versions"
for package in "$work"/packages/*.deb; do
  dpkg-deb --extract "$package" "$folder"
  dpkg-deb --show --showformat='${Package} ${Version}\n' "$package" >>"$folder/versions"
done
for program in "${wanted[@]}"; do
  "$folder/usr/bin/$program" --version >/dev/null 2>&1 || { echo "$program was unpacked but does not run here" >&2; exit 1; }
done
cat "$folder/versions"
