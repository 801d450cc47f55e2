package export

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// What a step has to find out by trying: whether another peer would send something of its own accord, whether anything
// but a crash is possible. Machines are deterministic once their questions are answered, so every answer is tried on the
// state, which is then put back.

// atRest prints the small parts of a step, and the replacement of a peer by a blank one: that takes longer than a datagram
// lives, a handler runs or another peer has anything to send.
func (g *pml) atRest() {
	g.p("inline no_crashes() {")
	g.in(func() {
		for i := range g.machines {
			g.p("crashes[%d] = 0;", i)
		}
		g.p("skip")
	})
	g.p("}")
	g.p("")
	g.p("inline answers_used() { h_stop = 0; h_did = 0; h_asked = 0; h_fault = 0 }")
	g.p("")
	for i, c := range g.sys.Channels {
		g.p("inline empty_%d() {", i)
		g.in(func() {
			g.p("h_k = 0;")
			g.shrink(i)
		})
		g.p("}")
		g.p("")
		if c.Loses {
			g.p("inline lose_%d() {", i)
			g.in(func() {
				ch := g.chans[i]
				g.p("for (h_i : pick + 1 .. %s_n - 1) { copy(%s[h_i - 1], %s[h_i]) }", ch, ch, ch)
				g.p("%s_n--;", ch)
				g.p("clear(%s[%s_n])", ch, ch)
			})
			g.p("}")
			g.p("")
		}
	}
	erased := false
	for _, x := range g.machines {
		erased = erased || x.Erased
	}
	if erased || g.checks[noDeadlock] {
		g.keeping()
	}
	for _, x := range g.machines {
		if x.Erased {
			g.replace(x)
		}
	}
}

// kept calls f for every scalar variable of a state that an event may change.
func (g *pml) kept(f func(size, name string)) {
	g.variables(func(_ *machine, _ int, size, name string, n int) {
		if n == 0 {
			f(size, name)
		}
		for i := range n {
			f(size, fmt.Sprintf("%s[%d]", name, i))
		}
	})
	for _, v := range []string{"handler", "waiting", "phase", "fn_of", "starts", "late_ran", "restarted", "replied"} {
		f("byte", v)
	}
	if g.once() {
		f("byte", "commits")
	}
	if g.ordered() {
		f("byte", "order_ran")
	}
	if g.lanes() {
		f("byte", "others[0]")
		f("byte", "others[1]")
	}
	for _, v := range g.remembered() {
		f("byte", v)
	}
	for _, c := range g.chans {
		f("byte", c+"_n")
	}
	for _, p := range g.props {
		f("bool", g.broke[p])
	}
}

// keeping prints how a state is put aside and put back.
func (g *pml) keeping() {
	n := 0
	g.kept(func(string, string) { n++ })
	g.p("hidden int h_kept[%d];", n)
	for i, c := range g.sys.Channels {
		g.p("hidden Datagram h_kept_%d[%s];", i, g.room(c))
	}
	for _, way := range []string{"put_aside", "put_back"} {
		g.p("inline %s() {", way)
		g.in(func() {
			i := 0
			g.kept(func(_, name string) {
				if way == "put_aside" {
					g.p("h_kept[%d] = %s;", i, name)
				} else {
					g.p("%s = h_kept[%d];", name, i)
				}
				i++
			})
			for k, c := range g.sys.Channels {
				a, b := fmt.Sprintf("h_kept_%d[h_i]", k), fmt.Sprintf("%s[h_i]", g.chans[k])
				if way == "put_back" {
					a, b = b, a
				}
				g.p("for (h_i : 0 .. %s - 1) { copy(%s, %s) }", g.room(c), a, b)
			}
			g.p("skip")
		})
		g.p("}")
		g.p("")
	}
}

func (g *pml) replace(x *machine) {
	var timers []*pmlEvent
	for _, e := range g.events {
		if e.m != x && e.id > 0 && e.message < 0 && e.ev.Kind == fsm.OnTimer {
			timers = append(timers, e)
		}
	}
	g.p("inline replace_%d() {", x.index)
	g.in(func() {
		g.p("h_full = 0; /* another peer has something to send */")
		for _, e := range timers {
			g.p("for (answers : 0 .. %d) {", 1<<e.asks-1)
			g.in(func() {
				g.p("put_aside();")
				g.p("answers_used(); h_sends = 0;")
				g.p("if")
				g.p(":: %s -> %s()", e.guard, e.name)
				g.p(":: else")
				g.p("fi;")
				g.p("h_full = h_full || h_sends > 0;")
				g.p("put_back()")
			})
			g.p("}")
		}
		g.p("answers = 0;")
		g.p("undone = h_full;")
		for i, l := range x.code.Layout {
			if !l.Layer && l.Kind != fsm.StepSlot {
				g.p("%s = 0;", g.slot(x, i))
			}
		}
		for i := range g.sys.Channels {
			g.p("empty_%d();", i)
		}
		g.p("crash_%d();", x.index)
		g.p("depth = %d /* it does not crash while it starts */", restarts)
	})
	g.p("}")
	g.p("")
}

// probe prints the search for a step that is not a crash. What a datagram leaves behind and the colour of a call make no
// difference to whether it is possible.
func (g *pml) probe() {
	if cond, ok := g.possible(); ok {
		g.p("%s = !(%s)", g.broke[noDeadlock], cond)
		return
	}
	g.p("d_step { put_aside(); h_full = 0 };")
	for i, c := range g.sys.Channels {
		if c.Loses {
			g.p("h_full = h_full || %s_n > 0;", g.chans[i])
		}
	}
	for _, e := range g.events {
		if e.id == 0 {
			continue
		}
		g.p("/* %s */", oneLine(e.what))
		g.p("if")
		g.p(":: h_full || !(%s)", e.guard)
		g.p(":: else ->")
		g.in(func() { g.tries(e) })
		g.p("fi;")
	}
	g.p("skip; d_step { pick = 0; altered = 0; answers = 0; undone = 0; drawn = 0; in0 = 0; in1 = 0; %s = !h_full }", g.broke[noDeadlock])
}

// possible is the condition under which something can happen, where it can be said without trying: where every send is
// taken or lost, what the environment may make happen does happen.
func (g *pml) possible() (string, bool) {
	var any []string
	for i, c := range g.sys.Channels {
		if !c.Loses || c.Waits {
			return "", false
		}
		any = append(any, g.chans[i]+"_n > 0")
	}
	for _, e := range g.events {
		if e.id == 0 || e.message >= 0 {
			continue
		}
		if _, late := g.when(e); late {
			return "", false
		}
		any = append(any, e.guard)
	}
	return strings.Join(append(any, "false"), " || "), true
}

// tries prints every way in which an event may come.
func (g *pml) tries(e *pmlEvent) {
	ends := 0
	loop := func(v string, lo, hi any) {
		g.p("for (%s : %v .. %v) {", v, lo, hi)
		ends++
	}
	switch {
	case e.message >= 0:
		loop("pick", 0, g.chans[e.channel]+"_n - 1")
		if e.altered > 0 {
			loop("altered", 0, e.altered)
		}
	case e.ev.Kind == fsm.OnCall:
		g.p("in1 = WHITE;")
		loop("in0", 0, len(g.sys.Enum("fn").Members)-1)
	case e.ev.Kind == fsm.OnFree:
		for i, p := range e.ev.Params {
			lo, hi := g.span(p.Type)
			loop(fmt.Sprintf("in%d", i), lo, hi)
		}
	}
	if e.asks > 0 {
		loop("answers", 0, 1<<e.asks-1)
	}
	cond := "!h_full"
	if e.message >= 0 {
		cond += fmt.Sprintf(" && %s[pick].kind == %d", g.chans[e.channel], e.message+1)
	}
	g.p("if")
	g.p(":: %s -> d_step { before(); happens_%d(); h_full = !undone; put_back(); undone = 0 }", cond, e.id)
	g.p(":: else")
	g.p("fi")
	for range ends {
		g.p("}")
	}
}
