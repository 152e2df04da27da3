#!/usr/bin/env bash
# Brings what the browser tests of the console run with, unless it is there: node, npm, Debian's chromium, Playwright and axe.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/browser"
missing=()
for tool in node npm chromium; do
  command -v "$tool" > /dev/null || missing+=("$tool")
done
if [[ ${#missing[@]} -gt 0 ]]; then
  if command -v apt-get > /dev/null && [[ $(id -u) -eq 0 ]]; then
    echo "taking ${missing[*]} from Debian's packages, for the browser tests of the console" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]/#node/nodejs}" > /dev/null
  else
    echo "${missing[*]} missing, and the browser tests of the console will be red: install what is missing" >&2
    exit 1
  fi
fi

# what was installed last is written down, so that a change of the lock file is taken over
installed="$folder/node_modules/.package-lock-installed.json"
cmp -s "$folder/package-lock.json" "$installed" && exit 0
(cd "$folder" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --ignore-scripts --loglevel=error > /dev/null)
cp "$folder/package-lock.json" "$installed"
