#!/usr/bin/env bash
# Installs promtool, with which the build tests the alert rules, unless it is there.
set -euo pipefail

if command -v promtool > /dev/null; then
  exit 0
elif command -v apt-get > /dev/null; then
  [[ "$(id -u)" -eq 0 ]] || { echo "promtool is missing. As root: apt-get install --no-install-recommends prometheus" >&2; exit 1; }
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus
elif command -v brew > /dev/null; then
  brew install prometheus
else
  echo "promtool is missing. It is a part of Prometheus: https://prometheus.io/download" >&2
  exit 1
fi
