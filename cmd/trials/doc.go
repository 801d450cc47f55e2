// Command trials runs what is emitted in C for the corpus: `trials fuzz` lets libFuzzer drive every peer, under the sanitizers of
// addresses and of what is undefined (`make fuzz-c`); `trials coverage` counts which branches the vectors of conformity take
// (`make coverage-c`), and refreshes docs/coverage.md.
//
// In: nothing; it is run from the root of the repository. Out: a line a peer, and status 1 where something was found.
package main
