#!/usr/bin/env bash
# Rewrites the golden files of every package whose tests have an -update flag; the change then shows in git diff.
set -eu
cd "$(dirname "$0")/.."
grep -rlE --include='*_test.go' 'flag\.Bool\("update"' . | xargs -r -n 1 dirname | sort -u | while read -r package; do
  go test "$package" -update
done
