// Command demo compiles a program and lets the two emitted peers work for each other over a bad link while both are
// killed again and again: `make demo`.
//
// In: a program with the calls of corpus/examples/soil.sprocket, and a seed. Out: its plan, the checker's verdict, and a
// table of what became of the calls, judged from outside: the gateway's file says how each call ended, the probe's file
// says what ran, and the link says what befell the datagrams. Then a chart of one call, drawn from the link's trace.
//
// The peers are the emitted Go and C with the programs of this directory's programs folder, built by the tools that are
// installed and run as processes of their own. They are killed with SIGKILL; what they wrote to files stays.
//
// The seed decides the calls, the moments of the kills (counted from the start of a call) and the fate of each
// datagram; the machine's load decides the rest, so two runs differ in detail.
//
// Exit status: 0 all held; 1 it did not: an effect ran twice, a call ran after a later one, an answer or an outcome was
// wrong, a call was left open, or too few of the undisturbed calls were answered; 2 it could not be run.
package main
