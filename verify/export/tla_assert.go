package export

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// fact is what is known of the marked call, of others, or of the handler that starts; "" is a function or an outcome that
// there is not.
func (c *tlaExpr) fact(x *fsm.Select) expression {
	switch x.Base + "." + x.Field {
	case "call.made":
		return plain(`(%s.phase # "not made")`, c.w)
	case "call.pending":
		return plain(`(%s.phase = "pending")`, c.w)
	case "call.running":
		return plain("(%s.handler = Marked)", c.w)
	case "call.starts":
		return plain("%s.starts", c.w)
	case "call.ended":
		return plain(`(%s.ended # "")`, c.w)
	case "call.outcome":
		return plain("%s.ended", c.w)
	case "call.fn":
		return plain("%s.fn_of", c.w)
	case "calls.pending":
		return plain("(IF %s.waiting = 0 THEN 0 ELSE 1)", c.w)
	case "other.starts":
		return plain("%s", c.starts)
	}
	return plain("0")
}

// see prints what happens to the latches of a world.
func (g *tla) see() {
	var sets []string
	for i, a := range g.latches {
		c := &tlaExpr{nameScope: nameScope{m: g.model}, g: g, w: "v", q: "q", starts: `""`}
		sets = append(sets, fmt.Sprintf("!.seen_%d = @ \\/ %s", i, c.expr(a).v))
	}
	if sets == nil {
		return
	}
	g.p("\\* What some assertions wait for.")
	g.p("See(v) == [v EXCEPT %s]", strings.Join(sets, ", "))
}

// seen is a world whose latches have closed that do.
func (g *tla) seen(world string) string {
	if g.latches == nil {
		return world
	}
	return "See(" + world + ")"
}

// remembered lists the fields of a world that only assertions need, with what they are at first.
func (g *tla) remembered() (out []string) {
	if g.outcomes {
		out = append(out, `ended |-> ""`)
	}
	for i := range g.latches {
		out = append(out, fmt.Sprintf("seen_%d |-> FALSE", i))
	}
	return
}

// held is the condition of an assertion in a world; starts is the function of the handler that starts.
func (g *tla) held(a assertion, world, starts string) string {
	c := &tlaExpr{nameScope: nameScope{m: g.model}, g: g, w: world, q: "q", starts: starts}
	cond := c.expr(a.cond).v
	if a.latch >= 0 {
		cond = fmt.Sprintf("(%s.seen_%d => %s)", world, a.latch, cond)
	}
	return cond
}

// moments is a world in which a handler starts, with what breaks where it is for another call.
func (g *tla) moments(world string) string {
	for _, a := range g.assertions {
		if a.moment {
			world = fmt.Sprintf("BreakIf(%s, %s, colour # Marked /\\ ~%s)", world, quote(a.name), g.held(a, "v", "function"))
		}
	}
	return world
}
