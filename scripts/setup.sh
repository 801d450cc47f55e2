#!/usr/bin/env bash
# Installs what the tests need beside Go: C compilers for the host with their sanitizers, for WebAssembly and for
# Cortex-M, make, the model checker SPIN, and Frama-C, which is by far the largest: 200 MB to fetch, a minute to unpack.
# With the argument "cost" also the compilers for RISC-V and AVR, for `make bench-cost`; with "targets" these and the emulators of
# boards, for `make test-targets`; with "misra" cppcheck, for `make misra`; with "size" the generator of nanopb, for `make bench-size`.
# Does nothing, at once, where all of it is there. Needs Debian or a relative of it, and root or sudo, only where
# something is missing.
set -eu

missing=()   # packages
need() {     # need PACKAGE COMMAND: the command comes with the package
  command -v "$2" >/dev/null 2>&1 || missing+=("$1")
}

command -v go >/dev/null 2>&1 || { echo "setup: go is missing: https://go.dev/doc/install" >&2; exit 1; }
need make make
need gcc gcc
need clang clang
need lld wasm-ld
need spin spin
need gcc-arm-none-eabi arm-none-eabi-gcc
need frama-c-base frama-c
if [ "${1:-}" = cost ] || [ "${1:-}" = targets ]; then
  need gcc-riscv64-unknown-elf riscv64-unknown-elf-gcc
  need gcc-avr avr-gcc
  [ -e /usr/lib/avr/include/string.h ] || missing+=(avr-libc)
fi
if [ "${1:-}" = misra ]; then
  need cppcheck cppcheck
fi
if [ "${1:-}" = size ]; then
  need nanopb nanopb_generator.py
fi
if [ "${1:-}" = targets ]; then
  need qemu-system-arm qemu-system-arm
  need qemu-system-misc qemu-system-riscv32
  [ -e /usr/include/simavr/sim_avr.h ] || missing+=(libsimavr-dev)
  [ -e /usr/include/libelf.h ] || missing+=(libelf-dev)
fi
[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
# Debian's clang only recommends the runtime of its sanitizers; what is found is printed with its path.
case $(clang --print-file-name="libclang_rt.asan-$(uname -m).a" 2>/dev/null || true) in
  /*) ;;
  *) missing+=(libclang-rt-dev) ;;
esac

[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: please install what these Debian packages hold: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "setup: neither root nor sudo; please install: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
# Recommended packages are left out: the one of gcc-arm-none-eabi is a C library of 370 MB that nothing here links.
${as_root[@]+"${as_root[@]}"} apt-get update -q
${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
