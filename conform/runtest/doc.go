// Package runtest writes a run that breaks a property as tests of the emitted code, in Go and in C.
//
// In: a plan with its composed system, and verified properties with their runs. Out (Files): a directory's files: both
// emitted peers in both languages, a driver beside them, a test for each run, and what builds and runs all of it; and
// which properties have no test, with the reason.
//
// A test lets the two emitted cores take the steps of the run: calls, datagrams as the code itself encoded them, losses,
// repeats, overtaking, timers, and crashes after any visible action, with stable memory kept or torn. It asserts the
// property from outside, by an observer that sees what the two programs see. Before a test is written, the observer
// watches the run itself: where it sees nothing broken, the property cannot be seen from outside and has no test, since
// that could not fail.
package runtest
