// Package support holds the part of emitted Go that is the same for every program: bits, checksums, timers, memos,
// records in stable memory, and the two drivers. The emitter copies the files that a plan needs, as they stand, into
// the emitted package, so emitted code depends on the standard library only.
//
// In: datagrams, calls, time. Out: the events of a machine, and what the machine asks for. It never decides anything in
// protocol terms: that is done by the stages that the emitter prints.
package support
