package main

import (
	"fmt"
	"path/filepath"
)

// board is an emulated board: how firmware is built for it and how it is started.
type board struct {
	name, core string
	tools      string   // prefix of the compiler's commands
	flags      []string // of the compiler
	source     string   // start, clock and line: a file of the folder board
	flash, ram region
	keeps      keeping
	emulator   string
}

type region struct{ at, size uint32 }

// keeping is what holds the flash while the emulator is dead.
type keeping int

const (
	inMemory keeping = iota // memory of the board that is a file of the host
	inChip                  // a NOR chip that the emulator models
	inFile                  // a file that the firmware opens by semihosting
	inEEPROM                // an EEPROM, of the AVR, whose bytes the runner keeps in a file
)

// Sizes of these files, and what of them the firmware uses: pages of slots, and a ledger behind them.
const (
	memorySize, chipSize     = 16 << 20, 32 << 20
	eepromSize               = 1 << 10
	pages, page, chipsSector = 64, 64, 256 << 10
	ledgerSize               = 8 << 10
	memoryAt, chipAt         = 0x21000000, 0x22000000
)

const arm, riscv, avr = "arm-none-eabi-", "riscv64-unknown-elf-", "avr-"

var boards = []board{
	{"microbit", "Cortex-M0", arm, []string{"-mcpu=cortex-m0", "-mthumb", "-DBOARD_MICROBIT"}, "arm.c", region{0, 256 << 10}, region{0x20000000, 16 << 10}, inFile, "qemu-system-arm"},
	{"mps2-an385", "Cortex-M3", arm, []string{"-mcpu=cortex-m3", "-mthumb", "-DBOARD_MPS2"}, "arm.c", region{0, 1 << 20}, region{0x20000000, 1 << 20}, inMemory, "qemu-system-arm"},
	{"mps2-an386", "Cortex-M4", arm, []string{"-mcpu=cortex-m4", "-mthumb", "-DBOARD_MPS2"}, "arm.c", region{0, 1 << 20}, region{0x20000000, 1 << 20}, inMemory, "qemu-system-arm"},
	{"mps2-an505", "Cortex-M33", arm, []string{"-mcpu=cortex-m33", "-mthumb", "-DBOARD_AN505"}, "arm.c", region{0x10000000, 1 << 20}, region{0x30000000, 16 << 10}, inFile, "qemu-system-arm"},
	// The names of the extensions that csrw is in pick a library for 64 bits in this compiler: an older standard has it in the base.
	{"virt", "RV32IMAC", riscv, []string{"-march=rv32imac", "-misa-spec=2.2", "-mabi=ilp32", "-mcmodel=medany"}, "riscv.c", region{0x80000000, 1 << 20}, region{0x80100000, 1 << 20}, inChip, "qemu-system-riscv32"},
	{"atmega328p", "AVR", avr, []string{"-mmcu=atmega328p"}, "avr.c", region{}, region{}, inEEPROM, ""},
}

// runs reports whether a board can run a program: an EEPROM has no room for a ledger.
func (b *board) runs(p *program) bool { return b.keeps != inEEPROM || !p.once() }

func findBoard(name string) *board {
	for i := range boards {
		if boards[i].name == name {
			return &boards[i]
		}
	}
	return nil
}

// start is the command that emulates the board with a firmware, its line at a socket, its flash in a file, what the
// firmware notes behind what is in a file, and its orders.
func (b *board) start(elf, socket, flash, events string, orders []string) []string {
	if b.keeps == inEEPROM {
		return append([]string{filepath.Join(filepath.Dir(elf), avrRunner), b.name, elf, socket, flash, events}, orders...)
	}
	machine := b.name
	if b.keeps == inMemory {
		machine += ",memory-backend=flash"
	}
	host := "enable=on,target=native,chardev=events,arg=firmware"
	for _, o := range append(orders, "flash="+flash, "end") {
		host += ",arg=" + o
	}
	args := []string{b.emulator, "-M", machine, "-display", "none", "-monitor", "none", "-serial", "unix:" + socket, "-semihosting-config", host,
		"-chardev", "file,id=events,append=on,path=" + events}
	switch b.keeps {
	case inMemory:
		args = append(args, "-object", fmt.Sprintf("memory-backend-file,id=flash,size=%d,mem-path=%s,share=on", memorySize, flash))
	case inChip:
		// With a second chip the emulator starts from the first one, unless something else is loaded.
		return append(args, "-bios", "none", "-drive", "if=pflash,unit=1,format=raw,file="+flash, "-device", "loader,file="+elf)
	}
	return append(args, "-kernel", elf)
}

// define says to flash.c where the flash is.
func (b *board) define() []string {
	switch b.keeps {
	case inMemory:
		return []string{fmt.Sprintf("-DFLASH_MEMORY=%#xu", memoryAt)}
	case inChip:
		return []string{fmt.Sprintf("-DFLASH_CFI=%#xu", chipAt)}
	}
	return nil
}
