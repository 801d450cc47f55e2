package export

import (
	"fmt"

	"sprocketc/fsm"
)

// nothing is the value of a fact that there is not: no member of an enumeration.
const nothing = 255

// fact is what is known of the marked call, of others, or of the handler that starts.
func (c *lookup) fact(x *fsm.Select) expression {
	switch x.Base + "." + x.Field {
	case "call.made":
		return plain("(phase != 0)")
	case "call.pending":
		return plain("(phase == PENDING)")
	case "call.running":
		return plain("(handler == MARKED)")
	case "call.starts":
		return plain("starts")
	case "call.ended":
		return plain("(ended != 0)")
	case "call.outcome":
		return plain("(ended -> ended - 1 : %d)", nothing)
	case "call.fn":
		return plain("(phase -> fn_of : %d)", nothing)
	case "calls.pending":
		return plain("(waiting != 0)")
	case "other.starts":
		return plain("%s", c.starts)
	}
	return plain("0")
}

// remembered lists the variables that only assertions need.
func (g *pml) remembered() (out []string) {
	if g.outcomes {
		out = append(out, "ended")
	}
	for i := range g.latches {
		out = append(out, fmt.Sprintf("seen_%d", i))
	}
	return
}

// facts declares what assertions want to be remembered, and prints how it is seen that a latch closes.
func (g *pml) facts() {
	if g.outcomes {
		g.p("byte ended;        /* outcome of the marked call, from 1; 0: none yet */")
	}
	for i, a := range g.latches {
		g.p("bool seen_%d;       /* %s */", i, oneLine(fsm.Text(a)))
	}
	if g.latches == nil {
		return
	}
	g.p("")
	g.p("/* what some assertions wait for */")
	g.p("inline see() {")
	g.in(func() {
		for i, a := range g.latches {
			c := &lookup{nameScope: nameScope{m: g.model}, g: g, starts: fmt.Sprint(nothing)}
			g.p("seen_%d = seen_%d || %s;", i, i, c.expr(a).v)
		}
		g.p("skip")
	})
	g.p("}")
}

// held prints that an assertion holds here, or is broken. starts is the function of the handler that starts.
func (g *pml) held(a assertion, starts string) {
	c := &lookup{nameScope: nameScope{m: g.model}, g: g, starts: starts}
	cond := c.expr(a.cond).v
	if a.latch >= 0 {
		cond = fmt.Sprintf("!seen_%d || %s", a.latch, cond)
	}
	g.p("if")
	g.p(":: %s", cond)
	g.p(":: else -> %s = 1", g.broke[a.name])
	g.p("fi;")
}

// moments prints what is asserted of the moment in which a handler starts for another call.
func (g *pml) moments() {
	any := false
	for _, a := range g.assertions {
		any = any || a.moment
	}
	if !any {
		return
	}
	g.p("if")
	g.p(":: colour != MARKED ->")
	g.in(func() {
		for _, a := range g.assertions {
			if a.moment {
				g.held(a, "(function)")
			}
		}
		g.p("skip")
	})
	g.p(":: else")
	g.p("fi;")
}
