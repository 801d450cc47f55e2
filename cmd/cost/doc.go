// Command cost refreshes the table from which the solver estimates flash, schema/flash.csv: it emits the C of the corpus and of
// random programs, compiles it for each target whose compiler is installed, and fits the bytes of each part that the code
// consists of. It prints how far estimates are off for programs that the fit was not made from.
//
// In: nothing; it is run from the root of the repository. Out: the table. It is not part of the compiler, which calls no other.
package main
