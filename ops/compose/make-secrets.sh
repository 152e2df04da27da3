#!/usr/bin/env bash
# Draws the secrets of docker-compose.yml, each into a file of its own in ./secrets. What is there stays as it is. Makes
# ./exchange/files, the folder of the command line.
# The folder is closed to others; the files are readable, since a container's user has another number than yours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mkdir -p secrets exchange/files
chmod 700 secrets exchange
# the command line's container writes here, with a user of its own; nobody else comes past the folder around it
chmod 1777 exchange/files

random() {
  od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

# write NAME VALUE: unless there is one
write() {
  [[ -e "secrets/$1" ]] || { printf '%s' "$2" > "secrets/$1"; chmod 444 "secrets/$1"; echo "made secrets/$1"; }
}

for name in postgres.password ledger.password gallery.password grafana.password operator.token ledger.digest-key; do
  write "$name" "$(random 24)"
done
write seals.signing-key "$(random 32)" # signs seals and proofs; publish its public key
write aggregator.id-key "$(random 16)" # 32 hexadecimal digits; the same for ever
# with_digest SECRET DIGEST: the holder gets the secret, the service its SHA-256
with_digest() {
  if [[ ! -e "secrets/$2" ]]; then
    secret="$(random 24)"
    write "$1" "$secret"
    write "$2" "$(printf '%s' "$secret" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d ' ' -f 1)"
  fi
}
with_digest ingest.key ingest.key-sha256       # for the app
with_digest console.token console.token-sha256 # for a person who looks at the pages
# Whom an alert calls, and who gets a ticket: nobody, until you put the addresses of your webhooks into these files.
for name in alerts.page-url alerts.ticket-url; do
  write "$name" "http://localhost:9/nobody-is-told"
done
# The simulator takes any keys. For the marketplace put its own into these files (docs/going-live.md).
for name in marketplace.seller-key marketplace.access-key marketplace.secret-key; do
  write "$name" "$(random 16)"
done
