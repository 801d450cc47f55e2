#!/usr/bin/env bash
# Runs every fuzz target for a while, one after the other (go test takes one at a time).
# usage: scripts/fuzz.sh [DURATION], 20s where none is given
set -eu
cd "$(dirname "$0")/.."
duration=${1:-20s}
grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sort | while IFS=: read -r file declaration; do
  target=${declaration#func }
  echo "fuzz: $target in $(dirname "$file") for $duration"
  go test "$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$duration"
done
