// Package cgen prints a peer's machine and its wire layout as C99.
//
// In: a codegen.Input. Out (Emit): a header with the context struct and the hooks that the program supplies, the core,
// and a driver over POSIX UDP. Out (EmitReplay): a filter that replays one event a line through the same core, with
// trace lines added and nothing else changed.
//
// The core is freestanding: no heap, no recursion, no function pointer, no clock and no socket of its own; it needs
// memcpy, memset and memcmp. What is the same for every program is real C in rt, copied where it is used. What the
// plan lacks leaves no byte. This package never decides anything about the protocol: every stage is a stage of the
// machine that was checked. The same input gives the same bytes.
package cgen
