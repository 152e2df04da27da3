#!/usr/bin/env bash
# Brings promtool, with which the build tests the alert rules, unless it is on the PATH: into target/promtool, without being root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
into=target/promtool

if command -v promtool > /dev/null || [[ -x "$into/usr/bin/promtool" ]]; then
  exit 0
elif command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null; then
  echo "promtool is not here: taking it from Debian's package prometheus into $into" >&2
  mkdir -p "$into/lists/partial" "$into/cache/archives/partial"
  # folders of our own, so that neither root nor the machine's package lists are needed
  own=(-o "Dir::State::lists=$PWD/$into/lists" -o "Dir::Cache=$PWD/$into/cache" -o APT::Sandbox::User=root -qq)
  apt-get "${own[@]}" update
  (cd "$into" && apt-get "${own[@]}" download prometheus && dpkg-deb -x prometheus_*.deb . && rm -rf prometheus_*.deb lists cache)
elif command -v brew > /dev/null; then
  brew install prometheus
else
  echo "promtool is missing, and the test of the alert rules will be red. It is a part of Prometheus: put it on the PATH" >&2
  exit 1
fi
