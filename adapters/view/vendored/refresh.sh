#!/bin/sh
# refresh.sh FOLDER VERSION [RECORD]: NiiVue from npm into FOLDER, with its licence and those of what
# it has bundled. Without RECORD the script must have the digest that FOLDER/SHA256SUMS has.
set -eu
folder=$(cd "$1" && pwd); version=$2; record=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund --omit=optional "@niivue/niivue@$version"
cp "node_modules/@niivue/niivue/dist/niivue.umd.js" niivue.umd.js
sha256sum niivue.umd.js > SHA256SUMS
if [ -z "$record" ] && ! cmp -s SHA256SUMS "$folder/SHA256SUMS"; then
  echo "this is not the NiiVue that is recorded in $folder/SHA256SUMS; nothing was changed" >&2
  exit 1
fi
{
  echo "niivue.umd.js is NiiVue $version (https://github.com/niivue/niivue), under this licence:"
  echo
  cat "$folder/LICENSE-niivue.txt"
  find node_modules -iname 'licen[cs]e*' | LC_ALL=C sort | while read -r file; do
    name=${file#node_modules/}; name=${name%/*}
    printf '\n----\n\nIt contains %s, under this licence:\n\n' "$name"
    tr -d '\r' < "$file"
  done
} > LICENSES.txt
cp niivue.umd.js SHA256SUMS LICENSES.txt "$folder/"
