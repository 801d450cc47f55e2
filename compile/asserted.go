package compile

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/verify"
)

// asserted finds the clause by which the program asserted a property itself; "" where it did not.
func asserted(r *Result, property string) string {
	if r.System == nil || r.Program == nil {
		return ""
	}
	i := slices.IndexFunc(r.System.Assertions, func(a *fsm.Assertion) bool { return a.Name == property })
	if i < 0 || len(r.System.Assertions[i].Doc) == 0 {
		return ""
	}
	text := r.System.Assertions[i].Doc[0]
	k := slices.IndexFunc(r.Program.Assertions, func(a *ir.Assertion) bool { return a.Clause.Text == text })
	if k < 0 {
		return text
	}
	return fmt.Sprintf("%s, line %d", text, r.Program.Assertions[k].Clause.Line)
}

// schemaDefect reports whether a plan of the compiler's own broke what follows from the demands: then it is the schema that
// is wrong, and not the program. What the program asserted beyond that may well not hold.
func schemaDefect(r *Result) bool {
	return r.Report.Verdict == verify.Violated && r.Plan != nil && len(r.Plan.Forced) == 0 &&
		slices.ContainsFunc(r.Report.Properties, func(p verify.Property) bool {
			return p.Verdict == verify.Violated && asserted(r, p.Name) == ""
		})
}
