// Package ir holds the values that the phases hand on: Program (what is needed) and Plan (what was chosen).
//
// In: a checked lang.File, through Lower. Out: a Program of demands, each with the clause of the source that
// asked for it, and encoded sizes of every value. The solver turns a Program into a Plan; the emitters read both.
//
// It never chooses a mechanism, and it never looks at a machine.
package ir
