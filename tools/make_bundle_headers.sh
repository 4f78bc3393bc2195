#!/bin/bash
# Generates the headers of bundles/*/gen again, or reports those that are out of date.
#
#   tools/make_bundle_headers.sh [--check] TENON     TENON: the command, such as build/release/tenon
set -euo pipefail
cd "$(dirname "$0")/.."

check=no
if [ "${1-}" = --check ]; then
  check=yes
  shift
fi
tenon=${1:?the command, such as build/release/tenon}
old=0
while read -r name wit; do
  header=bundles/$name/gen/${name//-/_}_host.h  # two bundles share `sql`, and two `keyvalue`
  if [ $check = no ]; then
    "$tenon" bindgen host-cpp --quiet --wit "$wit" --name "$name" -o "bundles/$name/gen"
  elif ! "$tenon" bindgen host-cpp --quiet --wit "$wit" --name "$name" -o - | cmp -s - "$header"; then
    echo "out of date: $header; run: tools/make_bundle_headers.sh $tenon"
    old=1
  fi
done <<'END'
sql bundles/sql/wit
pkcs11 bundles/pkcs11/wit
http-client bundles/http-client/wit
keyvalue bundles/keyvalue/wit
END
exit $old
