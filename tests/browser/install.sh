#!/bin/sh
# A Chromium for the tests of pages, where none is found: from Debian's or Ubuntu's packages, which
# needs root or sudo. What could not be done is said; the tests then skip with that reason.
set -eu
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
  if [ -n "$name" ] && found=$(command -v "$name"); then echo "Chromium: $found"; exit 0; fi
done
as_root=
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root=no; fi
fi
if [ "$as_root" = no ] || ! command -v apt-get >/dev/null; then
  echo "no Chromium here, and no right to install one: install it by hand (Debian: apt-get install chromium)," >&2
  echo "or name one: CHROMIUM=/path/to/chrome make test" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# A mirror that does not answer must not hold up what needs no browser.
get="timeout 240 apt-get -qq -o Acquire::http::Timeout=20 -o Acquire::Retries=1 -o DPkg::Lock::Timeout=60"
$as_root $get update
$as_root $get install -y --no-install-recommends chromium
echo "Chromium: $(command -v chromium)"
