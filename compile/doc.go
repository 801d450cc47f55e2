// Package compile is the pipeline from a text to emitted files, as one readable list of calls.
//
// In: a text with its name, how far to go, and what bounds the search. Out (Run): a Result that holds the value of every
// phase that was reached, from the tree to the files, with diagnostics; and an error that says how the answer is to be
// taken: rejected, violated, undecided, or a defect of the compiler's own. Status maps it to the exit status of the
// command. Answers for people and for programs (Print… and …JSON) are made here too, so that a command, an editor and a
// page say the same.
//
// Only Write, ReadFile and Init touch files. Write puts every file in its place whole or not at all. Nothing here
// depends on the time, on the working directory or on the order of maps; the one clock is that of Took and of the limits.
//
// A panic of a phase ends at its border, as a Defect with the phase and the file.
package compile
