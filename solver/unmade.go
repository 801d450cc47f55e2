package solver

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
)

// unmade is a plan whose machines cannot be composed. It has its features, and no more. Where nothing was forced it is a defect
// of the schema.
type unmade struct {
	plan *ir.Plan
	err  error
}

func (u *unmade) Error() string { return u.err.Error() }
func (u *unmade) Unwrap() error { return u.err }

// mostUnmade bounds how many reasons are learnt of one program for which plans cannot be composed.
const mostUnmade = 12

// composed searches a plan of a program, as search does it. A candidate of the schema's own that cannot be composed does not end the
// search: what keeps it from that is learnt, as of a plan that the checker breaks, and the search begins again without. It gives
// what was learnt, with a warning for each. without are combinations that are out of the question anyway.
func composed(p *ir.Program, s settings, without []Combination, search func(*problem) error) (learnt []Combination, warnings []diag.Diagnostic, err error) {
	in := p.Interfaces[0]
	for {
		q := newProblem(p, s, time.Now().Add(patience))
		q.avoid(slices.Concat(without, learnt))
		err := search(q)
		var bad *unmade
		if !errors.As(err, &bad) || len(in.Force) > 0 || len(learnt) == mostUnmade {
			return learnt, warnings, err
		}
		c, why := learn(bad.plan, learnt, func(other *ir.Plan) bool {
			_, err := schema.System(other)
			return err != nil
		})
		if why != nil || len(c.Literals) == 0 { // nothing can be composed
			return learnt, warnings, err
		}
		learnt = append(learnt, c)
		warnings = append(warnings, diag.Diagnostic{Severity: diag.Warning, Code: "schema-defect", Labels: []diag.Label{{Span: in.Clause.Span}},
			Message: fmt.Sprintf("a rule is missing in the compiler's schema, by which %s: please report the program", c.Rule()),
			Notes:   []string{fmt.Sprintf("a plan was passed over whose machines cannot be composed: %v", bad.err)}})
	}
}
