#!/usr/bin/env bash
# Makes a picture of each page of a running console, light and dark, to be looked at:
#
#   CONSOLE_TOKEN=… console/screenshots.sh http://127.0.0.1:8084 FOLDER /finance /tonight '/statement?instance=ID&month=2026-11' …
#
# It needs curl, and Debian's chromium. The pages are fetched with the token; chromium loads only the style from the console.
set -euo pipefail

address="${1:?the console\'s address is missing, such as http://127.0.0.1:8084}"
folder="${2:?the folder for the pictures is missing}"
: "${CONSOLE_TOKEN:?set it to a token that the console takes, such as that of the operator}"
shift 2
[[ $# -gt 0 ]] || set -- /finance /changes /instances /tonight /sign-in
mkdir -p "$folder"

for path in "$@"; do
  name="$(printf '%s' "${path#/}" | tr -c 'A-Za-z0-9\n' '-')"
  # by standard input, so that no list of processes shows the token
  printf 'header = "Authorization: Bearer %s"\n' "$CONSOLE_TOKEN" \
    | curl --silent --show-error --fail --config - "$address$path" \
    | sed "s|<head>|<head><base href=\"$address/\">|" > "$folder/$name.html"
  for scheme in light dark; do
    colour=1
    [[ $scheme == light ]] || colour=0
    chromium --headless --no-sandbox --disable-background-networking --disable-gpu --hide-scrollbars \
      --blink-settings=preferredColorScheme="$colour" --window-size=1360,900 \
      --screenshot="$folder/$name-$scheme.png" "file://$(realpath "$folder")/$name.html" > /dev/null 2>&1
    echo "$folder/$name-$scheme.png"
  done
done
