// Package export prints a system of machines for other model checkers: as Promela for SPIN, as TLA+ for TLC.
//
// In: a sane fsm.System. Out: files: the model, and what starts the other checker on one computer and on many. A second
// checker that is given the same machines, in a text that shares no code with verify, is an outside opinion on both its
// search and its reading of the machine language.
//
// The models have the meaning that spec/semantics.md gives the words, without any reduction: what verify explores with
// `--channels fifo:C --no-reduction`. What only makes the state space finite is told by Options and stands in the text
// too: which functions stand for all others, and that numbers are ranks.
//
// This package does no input or output, and does not know the checker.
package export
