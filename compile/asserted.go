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
	text, own := assertionOf(r, property)
	if own == nil {
		return text
	}
	return fmt.Sprintf("%s, line %d", text, own.Clause.Line)
}

// assertionOf is the assertion that a property is, as text and of the program; "" and nil where it is none.
func assertionOf(r *Result, property string) (text string, own *ir.Assertion) {
	if r.System == nil || r.Program == nil {
		return "", nil
	}
	i := slices.IndexFunc(r.System.Assertions, func(a *fsm.Assertion) bool { return a.Name == property })
	if i < 0 || len(r.System.Assertions[i].Doc) == 0 {
		return "", nil
	}
	text = r.System.Assertions[i].Doc[0]
	if k := slices.IndexFunc(r.Program.Assertions, func(a *ir.Assertion) bool { return a.Clause.Text == text }); k >= 0 {
		own = r.Program.Assertions[k]
	}
	return text, own
}

// schemaDefect reports whether a plan of the compiler's own broke what follows from the demands, be it one of an earlier
// round: then it is the schema that is wrong, and not the program. What the program asserted beyond that may well not hold.
func schemaDefect(r *Result) bool {
	return len(r.Rounds) > 0 || r.Report.Verdict == verify.Violated && r.Plan != nil && len(r.Plan.Forced) == 0 &&
		slices.ContainsFunc(r.Report.Properties, func(p verify.Property) bool {
			return p.Verdict == verify.Violated && asserted(r, p.Name) == ""
		})
}

// nameDemands gives what machines have to keep in time the program's own names.
func (r *Result) nameDemands() {
	if r.Plan == nil {
		return
	}
	in := r.Plan.Interface
	names := map[string]string{"paced(caller)": fmt.Sprintf("paced(%s)", in.From.Name), "paced(callee)": fmt.Sprintf("paced(%s)", in.To.Name)}
	for _, c := range in.Calls {
		t := in.Default
		if c.Within != nil {
			t = c.Within.T
		}
		names["within("+c.Name+")"] = fmt.Sprintf("within(%s.%s, %s)", in.Name, c.Name, Seconds(t))
		if c.Cache != nil {
			names["fresh("+c.Name+")"] = fmt.Sprintf("fresh(%s.%s, %s)", in.Name, c.Name, Seconds(c.Cache.For))
		}
	}
	for i, p := range r.Report.Properties {
		if n := names[p.Name]; n != "" {
			r.Report.Properties[i].Name = n
		}
	}
}
