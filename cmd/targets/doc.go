// Command targets runs emitted C as firmware on emulated boards: `make test-targets`.
//
// In: the programs of corpus/accepted with a callee in C, and boards. For each program and board the callee's emitted core, framing
// and main loop (build --port baremetal) are built with a start file, a UART and a flash of the folder board, and started in QEMU; on the
// AVR with an EEPROM, in simavr (board/simavr.c). The caller is the emitted Go peer, a process of its own. Between the two stands what the program declares of its channel: over a serial line two
// lanes of bytes of which some are lost, altered and added; over UDP a faulty link, at whose other end a modem puts datagrams into frames.
//
// The emulator is killed with SIGKILL at drawn times, and between these the firmware loses its power at drawn steps. What it remembers is in its
// flash, which obeys the rules of NOR: erased by the page, programmed by the word, from ones to zeros. Effects are counted from outside: one
// file holds what the caller began and learnt and what the firmware ran, in the order in which it happened.
//
// Before that one firmware has a flash that forgets: effects must then run twice, or nothing here would show anything. Behind it the power
// fails at each word that is written to flash, one after the other, and the vectors of the machines (conform) are replayed by the emitted C on
// the board itself.
//
// Out: tables, and what did not hold.
//
// Exit status: 0 all held; 1 it did not; 2 it could not be run.
package main
