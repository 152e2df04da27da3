#!/usr/bin/env bash
# Makes a picture of each page of a running console, light and dark, to be looked at, and prints what axe finds against WCAG A and AA:
#
#   CONSOLE_TOKEN=… console/screenshots.sh http://127.0.0.1:8084 FOLDER /finance /tonight '/statement?instance=ID&month=2026-11' …
#
# It brings node, Playwright, axe and Debian's chromium if they are missing. The token is read by the browser's form, so no list of processes shows it.
set -euo pipefail

address="${1:?the console\'s address is missing, such as http://127.0.0.1:8084}"
folder="${2:?the folder for the pictures is missing}"
: "${CONSOLE_TOKEN:?set it to a token that the console takes, such as that of the operator}"
shift 2
[[ $# -gt 0 ]] || set -- /finance /not-billed /bill /changes /instances /tonight

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
"$here/install-browser-tools.sh"
exec node "$here/browser/pictures.mjs" "$address" "$folder" "$@"
