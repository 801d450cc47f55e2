// Package corpus is the project's collection of programs, each with what becomes of it. It has no code, only tests; corpus/models
// has some, for the machines that come in sizes.
//
// In: programs (*.sprocket) and machines (*.fsm). Out: golden files beside them, which the tests compare with what the
// compiler says. Nothing is emitted here.
//
//	examples/   whole programs; impossible/ has those that are refused
//	accepted/   small programs over the vocabulary, with their plans and verdicts
//	broken/     programs that force breaks, with the runs that break them; without the force they hold
//	impossible/ small programs that are refused, for each case that clauses can state (spec/refusals.md)
//	errors/     wrong programs, with their diagnostics
//	models/     machines stated by hand
//	plans/      plans and refusals of the examples
package corpus
