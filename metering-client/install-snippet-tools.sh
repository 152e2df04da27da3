#!/usr/bin/env bash
# Brings what the snippets of docs/client.md are run with by the build, unless it is on the PATH: curl, jq, python3, node and npm.
set -euo pipefail

missing=()
for tool in curl jq python3 node npm; do
  command -v "$tool" > /dev/null || missing+=("$tool")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

packages=("${missing[@]/#node/nodejs}")
if command -v apt-get > /dev/null && [[ $(id -u) -eq 0 ]]; then
  echo "taking ${missing[*]} from Debian's packages, for the snippets of docs/client.md" >&2
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
elif command -v brew > /dev/null; then
  brew install "${packages[@]/#nodejs/node}"
else
  echo "${missing[*]} missing, and the test of the snippets in docs/client.md will be red: install what is missing" >&2
  exit 1
fi
