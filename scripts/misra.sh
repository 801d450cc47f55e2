#!/usr/bin/env bash
# Checks the emitted C of the corpus, cores and framing, against MISRA C:2012: cppcheck's addon, run by hand on the dumps, since
# `cppcheck --addon=misra` drops rules. Fails at a rule that docs/misra.md does not list, and at one that it lists in vain;
# gcc's and clang's own analysers must find nothing at all.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/sprocketc" ./cmd/sprocketc
addon=$(dpkg -L cppcheck | grep '/misra\.py$')

for program in corpus/accepted/*.sprocket corpus/examples/soil.sprocket; do
  "$work/sprocketc" build --no-verify --emit c -o "$work/gen" "$program" >/dev/null
done
cd "$work/gen/c"
rm -f -- *_posix.c # for hosts: not meant for MISRA

status=0
check() {
  gcc -std=c99 -O1 -fanalyzer -Werror -c -o /dev/null "$1"
  clang --analyze -Xclang -analyzer-werror -std=c99 -o /dev/null "$1"
  cppcheck --dump -q --std=c99 --platform=unix32 -I. "$1"
  python3 "$addon" "$1.dump" 2>&1 | grep -o '^\[.*misra-c2012-[0-9.]*\]' >>"$1.misra" || true
}
export -f check
export addon
printf '%s\n' *.c | xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'check {}' || status=1

cat -- *.misra | sed 's/.*misra-c2012-\(.*\)\]/\1/' | sort -V | uniq -c | tee counts
listed=$(sed -n 's/^| \([0-9]*\.[0-9]*\) |.*/\1/p' "$OLDPWD/docs/misra.md")
for rule in $(awk '{ print $2 }' counts); do
  grep -qx "$rule" <<<"$listed" && continue
  echo "misra: rule $rule is broken and docs/misra.md does not list it:" >&2
  cat -- *.misra | grep "misra-c2012-$rule\]" | head -n 5 | sed 's/ (style).*//' >&2
  status=1
done
for rule in $listed; do
  awk '{ print $2 }' counts | grep -qx "$rule" && continue
  echo "misra: docs/misra.md lists rule $rule, which nothing breaks" >&2
  status=1
done
[ "$status" -ne 0 ] || echo "misra: $(ls -- *.c | wc -l) files, no rule but those that docs/misra.md lists; gcc and clang find nothing"
exit "$status"
