package compile

import (
	"io"

	"sprocketc/ir"
	"sprocketc/solver"
)

// Alternatives are up to n plans beside a result's own, the cheapest first.
func Alternatives(r *Result, n int) (out []*ir.Plan, err error) {
	err = Guard("alternatives", r.File.Name, func() error {
		out, err = solver.Alternatives(r.Plan, n)
		return err
	})
	return out, err
}

// PrintAlternatives writes them for people. The error is the writer's.
func PrintAlternatives(w io.Writer, r *Result, found []*ir.Plan, colour bool) error {
	return solver.PrintAlternatives(w, r.Plan, found, colour)
}

// AlternativesJSON is the plan with its alternatives.
func AlternativesJSON(r *Result, found []*ir.Plan) any { return solver.JSONWith(r.Plan, found) }
