package export

import (
	"fmt"

	"sprocketc/fsm"
)

// begin prints the blank peers; variables that may start with any value have one.
func (g *pml) begin() {
	g.p("d_step {")
	g.in(func() {
		g.p("started = 1; first_start = 1; crashed = 1;")
		for _, x := range g.machines {
			g.p("boot_%d();", x.index)
		}
	})
	g.p("};")
	for _, x := range g.machines {
		g.anyValues(x)
	}
	for _, inv := range g.sys.Invariants {
		if inv.Start {
			c := &lookup{nameScope: nameScope{m: g.model}, g: g}
			g.p("if")
			g.p(":: %s", c.expr(inv.Cond).v)
			g.p(":: else -> undone = 1")
			g.p("fi;")
		}
	}
	g.p("skip")
}

// anyValues chooses the values of the variables that may have any after a start.
func (g *pml) anyValues(x *machine) {
	for at, l := range x.code.Layout {
		if l.Kind != fsm.VarSlot || !x.Vars[l.Index].Any {
			continue
		}
		lo, hi := g.span(l.Type)
		if l.Type.Kind == fsm.Bool {
			g.p("if :: %s = 0 :: %s = 1 fi;", g.slot(x, at), g.slot(x, at))
		} else {
			g.p("select (%s : %d .. %d);", g.slot(x, at), lo, hi)
		}
	}
}

// restartOf is the event of a machine's start, or nil.
func (g *pml) restartOf(x *machine) *pmlEvent {
	for _, e := range g.events {
		if e.m == x && e.ev != nil && e.ev.Kind == fsm.OnRestart {
			return e
		}
	}
	return nil
}

// chooseStart chooses how the start of the peer that has crashed goes, and lets it happen.
func (g *pml) chooseStart() {
	g.p("if")
	for _, x := range g.machines {
		g.p(":: crashed == %d ->", x.index+1)
		g.in(func() {
			g.p("if")
			g.p(":: first_start && depth == 0 /* it is blank */")
			g.p(":: else ->")
			g.in(func() {
				g.p("d_step { boot_%d() };", x.index)
				g.anyValues(x)
				g.p("skip")
			})
			g.p("fi;")
			if e := g.restartOf(x); e != nil {
				g.chooseWay(x, e.counts, e.torn, fmt.Sprintf(" && depth < %d", restarts))
			}
			g.p("skip; d_step { start_%d() }", x.index)
		})
	}
	g.p("fi")
}

// starts prints the start of each peer, its loss of a datagram and its replacement.
func (g *pml) starts() {
	for _, x := range g.machines {
		g.p("inline start_%d() {", x.index)
		g.in(func() {
			g.p("crashed = 0; answers_used();")
			if e := g.restartOf(x); e != nil {
				g.p("%s();", e.name)
				g.p("if")
				g.p(":: !crashed -> settle_%d()", x.index)
				g.p(":: else -> depth++")
				g.p("fi;")
				g.p("if")
				g.p(":: h_fault && !crashed -> %s = 1", g.broke[bounded])
				g.p(":: else")
				g.p("fi;")
			}
			g.p("if")
			g.p(":: (cut && !crashed) || torn -> undone = 1")
			g.p(":: else")
			g.p("fi;")
			g.p("cut = 0; answers = 0")
		})
		g.p("}")
		g.p("")
	}
}
