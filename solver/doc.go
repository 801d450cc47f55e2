// Package solver finds the cheapest plan for a program over the schema's declarations, or the smallest set of the
// program's own clauses that contradict each other.
//
// In: an ir.Program. Out: an ir.Plan with every choice, its reason and its cost, or diagnostics. Rules that can be said
// in clauses go to a SAT solver (sat.go); sizes, schedules and probabilities are computed for each candidate, and what
// breaks a budget comes back to the solver as a clause.
//
// It never looks inside a machine: which features a plan has is its business, what they do is the schema's, and whether
// they suffice is the checker's.
package solver
