#!/usr/bin/env bash
# Rewrites the golden files; the change then shows in git diff. A refresh that changes a file fails its test, so that
# no run is green that changed what it compares with: run it twice.
set -u
cd "$(dirname "$0")/.."
SPROCKET_UPDATE=1 go test -count=1 ./... >/dev/null 2>&1
git status --short
