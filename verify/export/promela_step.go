package export

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// step prints the one process: what may happen, and what comes of it.
func (g *pml) step() {
	g.arrivals()
	g.guards()
	g.around()
	g.atRest()
	g.starts()
	g.commit()
	g.p("active proctype environment() {")
	g.p("end:") // a state in which nothing is possible is no error of the text
	g.in(func() {
		g.p("do")
		g.p(":: atomic {")
		g.in(func() {
			g.choice()
			g.p("do")
			g.p(":: crashed && !undone ->")
			g.in(func() { g.chooseStart() })
			for i := range g.machines[1:] {
				g.p(":: !crashed && !undone && first_start == %d ->", i+1)
				g.in(func() { g.p("d_step { depth = 0; first_start = %d; crashed = %d }", i+2, i+2) })
			}
			last := len(g.machines)
			g.p(":: undone || !crashed && (first_start == 0 || first_start == %d) -> break", last)
			g.p("od;")
			g.p("if")
			g.p(":: undone -> d_step { nothing() }")
			g.p(":: else ->")
			g.in(func() {
				for _, p := range g.props {
					if p != Representation && !g.invariant(p) {
						g.p("assert(!%s);", g.broke[p])
					}
				}
				g.p("if")
				g.p(":: %s -> d_step { nothing() } /* past a fault nothing is defined */", g.broke[bounded])
				g.p(":: else ->")
				g.in(func() {
					g.p("d_step { rename(); invariants() };")
					for _, p := range g.props {
						if p == Representation || g.invariant(p) {
							g.p("assert(!%s);", g.broke[p])
						}
					}
					g.p("if")
					g.p(":: %s -> d_step { nothing() }", g.broke[Representation])
					g.p(":: else -> d_step { rest() }")
					g.p("fi")
				})
				g.p("fi")
			})
			g.p("fi")
		})
		g.p("}")
		g.p("od")
	})
	g.p("}")
}

// invariant reports whether a property is held against every state.
func (g *pml) invariant(name string) bool {
	if g.asserted(name) {
		return true
	}
	for _, inv := range g.sys.Invariants {
		if !inv.Start && inv.Name == name {
			return true
		}
	}
	return false
}

// guards prints when the environment may make an event happen.
func (g *pml) guards() {
	for _, e := range g.events {
		if e.id == 0 {
			continue
		}
		cond := ""
		switch {
		case e.message >= 0:
			e.guard = fmt.Sprintf("%s_n > 0", g.chans[e.channel])
			continue
		case e.ev.Kind == fsm.OnCall:
			if !g.lanes() {
				cond = "waiting == 0"
			}
		case e.ev.Kind == fsm.OnReturn:
			cond = "handler != 0"
		case e.ev.Kind == fsm.OnTimer:
			for _, t := range e.m.Timers {
				if t.Name == e.ev.Name && !t.Layer {
					cond = g.slot(e.m, e.m.code.Running(t.Name))
				}
			}
		}
		if w, late := g.when(e); w != "" && !late {
			if cond != "" {
				cond += " && "
			}
			cond += w
		}
		if cond == "" {
			cond = "true"
		}
		e.guard = fmt.Sprintf("may_%d", e.id)
		g.p("#define may_%d (%s) /* %s */", e.id, cond, e.what)
	}
	g.p("")
}

// when is the condition of an event. It is late where it reads what comes with the event, or asks the world something.
func (g *pml) when(e *pmlEvent) (cond string, late bool) {
	if e.ev == nil || e.ev.When == nil {
		return "", false
	}
	c := &lookup{nameScope: nameScope{m: g.model, x: e.m, event: e.ev}, g: g}
	cond = c.expr(e.ev.When).v
	late = c.asks > 0
	fsm.WalkExpr(e.ev.When, func(x fsm.Expr) {
		switch x := x.(type) {
		case *fsm.Select:
			late = true
		case *fsm.Name:
			for _, p := range e.ev.Params {
				late = late || p.Name == x.Name
			}
		}
	})
	return cond, late
}

// before and after stand around what an event does, which may void the step: then it does not happen.
func (g *pml) around() {
	g.p("inline before() {")
	g.in(func() {
		if g.epoch[0] >= 0 {
			g.p("h_caller_epoch = %s; h_callee_epoch = %s;", g.slot(g.machines[g.caller], g.epoch[0]), g.slot(g.machines[g.callee], g.epoch[1]))
		}
		g.p("h_stop = 0; h_did = 0; h_asked = 0; h_fault = 0; h_sends = 0")
	})
	g.p("}")
	g.p("")
	g.p("inline after() {")
	g.in(func() {
		g.p("if")
		g.p(":: h_fault && !crashed -> %s = 1", g.broke[bounded])
		g.p(":: else")
		g.p("fi;")
		g.p("if")
		g.p(":: (cut && !crashed) || torn -> undone = 1 /* it did not come to that crash */")
		g.p(":: else")
		g.p("fi;")
		g.p("cut = 0; answers = 0 /* those of a start that follows are its own */")
	})
	g.p("}")
	g.p("")
	for _, e := range g.events {
		if e.id > 0 {
			g.p("/* %s */", oneLine(e.what))
			g.p("inline happens_%d() {", e.id)
			g.in(func() { g.happens(e) })
			g.p("}")
			g.p("")
		}
	}
}

func (g *pml) happens(e *pmlEvent) {
	if e.message >= 0 {
		for i := range g.sys.Messages[e.message].Fields {
			g.p("in%d = %s[pick].f[%d];", i, g.chans[e.channel], i)
		}
		if e.altered > 0 {
			g.p("alter_%d_%d();", e.channel, e.message)
		}
		g.p("take_%d();", e.channel)
		if e.ev == nil {
			return // it is ignored
		}
	} else {
		g.p("if")
		g.p(":: %s", e.guard)
		g.p(":: else -> undone = 1")
		g.p("fi;")
	}
	cond, late := g.when(e)
	if cond != "" && (late || e.message >= 0) {
		c := &lookup{nameScope: nameScope{m: g.model, x: e.m, event: e.ev}, g: g}
		c.expr(e.ev.When)
		g.asked(c)
	} else {
		cond = "true"
	}
	switch e.ev.Kind {
	case fsm.OnCall:
		if g.lanes() {
			g.p("waiting = (waiting == 0 -> WHITE : waiting);")
			g.p("if")
			g.p(":: in1 == MARKED -> waiting = MARKED; phase = PENDING; fn_of = in0")
			g.p(":: in1 == WHITE -> others[0]++")
			g.p(":: else -> others[1]++")
		} else {
			g.p("waiting = in1;")
			g.p("if")
			g.p(":: waiting == MARKED -> phase = PENDING; fn_of = in0")
			g.p(":: else")
		}
		g.p("fi;")
	case fsm.OnReturn:
		g.p("in0 = handler;")
		g.p("replied = (handler == MARKED -> 1 : replied);")
		if g.once() && !g.commits() {
			g.p("effect_commits(in0);")
		}
		g.p("handler = 0;")
	}
	g.p("if")
	g.p(":: !undone && %s -> %s()", cond, e.name)
	g.p(":: else -> undone = 1")
	g.p("fi;")
	g.p("if")
	g.p(":: !crashed -> settle_%d()", e.m.index)
	g.p(":: else")
	g.p("fi")
}

// choice prints what the environment chooses from.
func (g *pml) choice() {
	g.p("if")
	g.p(":: !started -> /* blank peers start */")
	g.in(func() { g.begin() })
	for _, e := range g.events {
		if e.id == 0 || e.message >= 0 {
			continue
		}
		g.p(":: started && %s -> /* %s */", e.guard, oneLine(e.what))
		g.in(func() {
			g.chooseInput(e)
			g.chooseWay(e.m, e.counts, e.torn, "")
			g.p("skip; d_step { before(); happens_%d(); after() }", e.id)
		})
	}
	for i, c := range g.sys.Channels {
		if !slices.ContainsFunc(g.events, func(e *pmlEvent) bool { return e.channel == i }) {
			continue // nothing is ever sent
		}
		g.p(":: started && %s_n > 0 -> /* a datagram of %s arrives */", g.chans[i], oneLine(c.Name))
		g.in(func() {
			g.p("select (pick : 0 .. %s_n - 1);", g.chans[i])
			if c.Repeats {
				g.p("if :: keep = 0 :: keep = 1 fi;")
			}
			g.p("if")
			for _, e := range g.events {
				if e.id > 0 && e.channel == i {
					g.p(":: %s[pick].kind == %d ->", g.chans[i], e.message+1)
					g.in(func() {
						if e.altered > 0 {
							g.p("select (altered : 0 .. %d);", e.altered)
						}
						g.chooseWay(e.m, e.counts, e.torn, "")
						g.p("skip; d_step { before(); happens_%d(); after() }", e.id)
					})
				}
			}
			g.p("fi")
		})
		if c.Loses {
			g.p(":: started && %s_n > 0 -> /* and is lost */", g.chans[i])
			g.in(func() {
				if !c.Oldest {
					g.p("select (pick : 0 .. %s_n - 1);", g.chans[i])
				}
				g.p("skip; d_step { lose_%d() }", i)
			})
		}
	}
	for _, x := range g.machines {
		if x.Crashes {
			g.p(":: started && may_crash_%d -> d_step { crash_%d() } /* between two events */", x.index, x.index)
		}
		if x.Erased {
			g.p(":: started && handler == 0 -> d_step { replace_%d() } /* by a blank one */", x.index)
		}
	}
	if g.checks[noDeadlock] {
		g.p(":: started -> /* is nothing but a crash possible? */")
		g.in(func() { g.probe() })
	}
	g.p("fi;")
}

// chooseInput chooses what comes with an event.
func (g *pml) chooseInput(e *pmlEvent) {
	switch e.ev.Kind {
	case fsm.OnCall:
		g.p("if")
		for _, f := range g.opt.Functions {
			g.p(":: in0 = %d", f)
		}
		g.p("fi;")
		lasting := "0"
		if g.checks["no_stale"] {
			lasting = fmt.Sprintf("(phase >= OPEN && !%s(in0) && !%s(fn_of) && !%s(fn_of))", g.sets["pure"], g.sets["pure"], g.sets["commutes"])
		}
		meanwhile := ""
		if g.ordered() {
			both := fmt.Sprintf("%s(in0) && %s(fn_of)", g.sets["ordered"], g.sets["ordered"])
			lasting = fmt.Sprintf("(%s || phase >= OPEN && %s)", lasting, both)
			meanwhile = fmt.Sprintf("(phase == PENDING && %s)", both)
		}
		g.p("if")
		if meanwhile == "" {
			g.p(":: !%s -> in1 = WHITE", lasting)
		} else {
			g.p(":: !%s && !%s -> in1 = WHITE", lasting, meanwhile)
			g.p(":: %s -> in1 = AFTER", meanwhile)
		}
		g.p(":: phase == 0 -> in1 = MARKED")
		g.p(":: %s -> in1 = LATE", lasting)
		g.p("fi;")
	case fsm.OnFree:
		for i, p := range e.ev.Params {
			lo, hi := g.span(p.Type)
			g.p("select (in%d : %d .. %d);", i, lo, hi)
		}
	}
}

// chooseWay chooses the answers to an event's questions, and whether its peer crashes on the way.
func (g *pml) chooseWay(x *machine, n counts, torn bool, and string) {
	if n.asks > 0 {
		g.p("select (answers : 0 .. %d);", 1<<n.asks-1)
	}
	if x.Crashes && n.visible > 0 {
		g.p("if")
		g.p(":: cut = 0")
		g.p(":: may_crash_%d%s ->", x.index, and)
		g.in(func() {
			g.p("select (cut : 1 .. %d)", n.visible)
			if torn {
				g.p(";")
				g.p("if :: torn = 0 :: torn = 1 fi")
			}
		})
		g.p("fi;")
	}
}

// commit prints the ends of a step: the state is compared, or forgotten.
func (g *pml) commit() {
	g.p("/* it looks at every variable first: what nothing reads SPIN would leave out of the state */")
	g.p("inline invariants() {")
	g.in(func() {
		if g.latches != nil {
			g.p("see();")
		}
		g.kept(func(_, name string) { g.p("h_to = %s;", name) })
		for i := range g.machines {
			g.p("h_to = crashes[%d];", i)
		}
		for _, inv := range g.sys.Invariants {
			if !inv.Start {
				c := &lookup{nameScope: nameScope{m: g.model}, g: g}
				g.p("if")
				g.p(":: %s", c.expr(inv.Cond).v)
				g.p(":: else -> %s = 1", g.broke[inv.Name])
				g.p("fi;")
			}
		}
		for _, a := range g.assertions {
			if !a.moment {
				g.held(a, fmt.Sprint(nothing))
			}
		}
	})
	g.p("}")
	g.p("")
	g.p("/* nothing of what was chosen is part of the state */")
	g.p("inline rest() {")
	g.in(func() {
		g.p("drawn = 0; pick = 0; keep = 0; crashed = 0; depth = 0; first_start = 0; torn = 0; undone = 0; cut = 0; answers = 0; altered = 0;")
		for i := range g.inputs() {
			g.p("in%d = 0;", i)
		}
		for _, p := range g.props {
			g.p("%s = 0;", g.broke[p])
		}
		g.p("skip")
	})
	g.p("}")
	g.p("")
	g.p("/* a step that does not happen leads back to before the start: no state is added */")
	g.p("inline nothing() {")
	g.in(func() {
		g.p("started = 0;")
		g.variables(func(_ *machine, _ int, _, name string, n int) {
			if n == 0 {
				g.p("%s = 0;", name)
			}
			for i := range n {
				g.p("%s[%d] = 0;", name, i)
			}
		})
		for i := range g.sys.Channels {
			g.p("empty_%d();", i)
		}
		g.p("handler = 0; waiting = 0; phase = 0; fn_of = 0; starts = 0; late_ran = 0; restarted = 0; replied = 0;")
		g.noneOutstanding()
		if g.once() {
			g.p("commits = 0;")
		}
		for _, v := range g.remembered() {
			g.p("%s = 0;", v)
		}
		g.p("no_crashes();")
		g.p("rest()")
	})
	g.p("}")
	g.p("")
}
