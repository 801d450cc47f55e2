// Command rounds lets a node in C and a gateway in Go make the same call again and again while both die at seeded steps:
// `make demo-burn`, `make demo-reboot`, `make demo-gateway`.
//
// In: which of the three, and a seed. Out: the checker's shortest run that breaks the protocol that people write by hand;
// then what became of the rounds, once with a client and a server that were written by hand (programs/node/hand.c,
// programs/_gateway/hand.go) and once with the code that is emitted, over the same line with the same deaths. Effects are
// counted from outside: one file holds what the gateway began and learnt and what the node ran, in the order in which it happened.
//
// A step is a visible action of a process: bytes to the line or the network, a write to stable memory, an execution, the end of
// a call. Each life of a process is given the number of its last step, at which it kills itself with SIGKILL: before the action,
// or with half of its bytes out, which tears a write to stable memory. The emitted drivers are not changed for that: in C
// the linker puts steps.c between them and the system, in Go the port and the store are wrapped.
//
// Tests let a gateway in C and a node in C talk as well (programs/gateway), and a desk and a press of minted, whose press keeps what
// it strikes in the emitted write-ahead file, in bbolt or, in C, in a file of its own: there the coins are counted.
//
// The seed decides the lives and what befalls the n-th byte or datagram; the machine's load decides the rest.
//
// Exit status: 0 the emitted code held and the other one broke; 1 one of them did not; 2 it could not be run.
package main
