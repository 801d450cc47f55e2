#!/usr/bin/env bash
# Measures what docs/size.md says. Debian has no package of nanopb's C source, so the source package is fetched, once, into bin/.
set -eu
cd "$(dirname "$0")/.."

if ! ls bin/nanopb/nanopb-*/pb_encode.c >/dev/null 2>&1; then
  mkdir -p bin/nanopb/lists/partial
  (
    cd bin/nanopb
    # The sources of packages are where the packages are.
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed 's/^Types:.*/Types: deb-src/' >src.sources
    sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >src.list 2>/dev/null || true
    list=src.sources
    [ -s "$list" ] || list=src.list
    apt=(apt-get -q -o "Dir::Etc::sourcelist=$PWD/$list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$PWD/lists"
      -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
    "${apt[@]}" update
    "${apt[@]}" source --download-only nanopb
    tar xzf nanopb_*.orig.tar.gz
  )
fi
go run ./cmd/size -nanopb bin/nanopb/nanopb-*/
