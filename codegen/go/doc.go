// Package gogen prints a peer's machine and its wire layout as Go.
//
// In: a codegen.Input. Out (Emit): a package with the program's types, the peer's core, codec and driver; the files
// that both peers of a program share have the same bytes whichever peer is asked for. Out (EmitReplay): a command
// that replays one event a line through the same core.
//
// The core has no clock, socket, thread or file of its own. What is the same for every program is real Go in support,
// copied where it is used. This package decides nothing in protocol terms: every stage of the emitted core is a stage of
// the machine that was checked. The same input gives the same bytes.
package gogen
