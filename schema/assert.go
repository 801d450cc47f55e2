package schema

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// asserted gives the program's assertions about the plan's interface in terms of the marked call, and the properties
// that it asserts by name.
func asserted(p *ir.Plan) (out []*fsm.Assertion, checks []string) {
	for _, a := range p.Program.Assertions {
		if a.Interface != p.Interface {
			continue
		}
		switch {
		case a.Property == "at_most_once":
			twice := &ir.Cond{Op: ir.Fact, Call: a.Of, State: "ran twice"}
			out = append(out, &fsm.Assertion{Name: name(a, out), Mode: fsm.Never, Cond: condition(twice), Doc: []string{a.Clause.Text}})
			continue
		case a.Property != "":
			checks = append(checks, a.Property)
			continue
		}
		x := &fsm.Assertion{Name: name(a, out), Cond: condition(a.Cond), Doc: []string{a.Clause.Text}}
		after := a.After
		switch a.Mode {
		case "never":
			x.Mode = fsm.Never
		case "eventually":
			x.Mode = fsm.Eventually
			if after == nil { // of every call that it names
				for _, c := range a.Cond.Calls() {
					waits := &ir.Cond{Op: ir.Fact, Call: c, State: "pending"} // that of a caller that crashed is not
					if after == nil {
						after = waits
					} else {
						after = &ir.Cond{Op: ir.Or, X: after, Y: waits}
					}
				}
			}
		}
		if after != nil {
			x.After = condition(after)
		}
		out = append(out, x)
	}
	return
}

// name of an assertion: its text as a name, with a number behind where it is taken.
func name(a *ir.Assertion, taken []*fsm.Assertion) string {
	words := strings.FieldsFunc(strings.TrimPrefix(a.Clause.Text, "assert "), func(r rune) bool {
		return !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	})
	base := strings.Join(words, "_")
	if base == "" || base[0] >= '0' && base[0] <= '9' {
		base = "assert_" + base
	}
	name := base
	for n := 2; slices.ContainsFunc(taken, func(x *fsm.Assertion) bool { return x.Name == name }); n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	return name
}

// condition puts what is said of a call into facts of the marked call.
func condition(c *ir.Cond) fsm.Expr {
	switch c.Op {
	case ir.Not:
		return &fsm.Not{X: condition(c.X)}
	case ir.And:
		return &fsm.Binary{Op: "&&", X: condition(c.X), Y: condition(c.Y)}
	case ir.Or:
		return &fsm.Binary{Op: "||", X: condition(c.X), Y: condition(c.Y)}
	}
	is := func(base, field, value string) fsm.Expr {
		return &fsm.Binary{Op: "==", X: &fsm.Select{Base: base, Field: field}, Y: &fsm.Name{Name: value}}
	}
	if c.Other {
		return is(fsm.OtherCall, "starts", c.Call.Name)
	}
	fact := func(field string) fsm.Expr { return &fsm.Select{Base: fsm.MarkedCall, Field: field} }
	starts := func(op string, n uint32) fsm.Expr {
		return &fsm.Binary{Op: op, X: fact("starts"), Y: &fsm.Literal{Value: n}}
	}
	var said fsm.Expr
	switch c.State {
	case "made":
		said = fact("made")
	case "pending":
		said = fact("pending")
	case "runs":
		said = fact("running")
	case "ran":
		said = starts(">", 0)
	case "ran twice":
		said = starts("==", 2)
	case "ended":
		said = fact("ended")
	case "answered":
		said = is(fsm.MarkedCall, "outcome", "answer")
	default: // refused, timed out, unknown, peer restarted
		said = is(fsm.MarkedCall, "outcome", strings.ReplaceAll(c.State, " ", "_"))
	}
	return &fsm.Binary{Op: "&&", X: is(fsm.MarkedCall, "fn", c.Call.Name), Y: said}
}

// demands are what the plan's machines have to keep in time.
func demands(p *ir.Plan) []*fsm.Demand {
	within := &fsm.Demand{Kind: fsm.Within, Machine: "caller"}
	fresh := &fsm.Demand{Kind: fsm.Fresh, Machine: "caller"}
	var out []*fsm.Demand
	for _, c := range p.Interface.Calls {
		t, age := p.Interface.Default, time.Duration(0)
		if c.Within != nil {
			t = c.Within.T
		}
		if c.Cache != nil && p.Has(Memo) {
			age = c.Cache.For
		}
		within.Spans = append(within.Spans, uint32(t/time.Millisecond))
		fresh.Spans = append(fresh.Spans, uint32(age/time.Millisecond))
	}
	for _, d := range []*fsm.Demand{within, fresh} {
		if slices.ContainsFunc(d.Spans, func(ms uint32) bool { return ms > 0 }) { // a plan by hand may have none
			out = append(out, d)
		}
	}
	if ms := uint32(p.Spacing / time.Millisecond); ms > 0 {
		out = append(out, &fsm.Demand{Kind: fsm.Paced, Machine: "caller", Span: ms}, &fsm.Demand{Kind: fsm.Paced, Machine: "callee", Span: ms})
	}
	return out
}
