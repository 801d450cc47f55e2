// Package conform holds the emitted code against the machines: transition vectors, and their replay.
//
// In: a plan and its composed system. Out (Of): for each peer the transition vectors, that is, a line of input for every
// local state and every event that can meet it, with the line that a conforming peer answers; (Run): a Report of what
// the emitted Go and C answered; (Files, Write): all of it as files with a Makefile, to be run elsewhere.
//
// The expected lines come from fsm's interpreter with real widths and from a reference codec of the datagrams (wire.go)
// that shares nothing with the emitters. Both languages are held against the same lines, so they agree with each other
// byte for byte too. The closure of local states (local.go) is wider than what can be reached: every message with every
// combination of older, equal, newer and absent numbers arrives in every state.
//
// The emitted C is compiled for the host and not for a sandbox: the harness is a filter from text lines to text lines,
// which needs nothing but a C compiler, runs the very file that is replayed on an emulated target, and runs under the
// address and undefined behaviour sanitizers.
//
// Not covered: what the memo holds (it is empty on every line and not shown), the encoding of the program's values into
// payloads (they come as bytes), the drivers, and the bytes of records.
//
// The package writes only to a temporary directory that it removes, except for Write; it starts the Go and the C
// compiler, and nothing of it uses a network.
package conform
