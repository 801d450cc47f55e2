package export

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// machine prints the crashes, tails and events of a peer.
func (g *tla) machine(x *machine) {
	g.p("\\* ---- %s ----", oneLine(x.Name))
	m, i := g.mnames[x.index], x.index
	var whiles []string
	for k, v := range x.Vars {
		if v.While == nil {
			continue
		}
		at := x.code.Slot(v.Name)
		l := x.code.Layout[at]
		l.Type.Len = 0
		zero := g.zero(l.Type)
		if v.Type.Len > 0 {
			zero = fmt.Sprintf("[i \\in 0..%d |-> %s]", v.Type.Len-1, zero)
		}
		c := &tlaExpr{nameScope: nameScope{m: g.model, x: x}, g: g, w: fmt.Sprintf("a%d", k), q: "q"}
		whiles = append(whiles, fmt.Sprintf("IF %s THEN a%d ELSE [a%d EXCEPT !.%s.%s = %s]", c.expr(v.While).v, k, k, m, g.fields[i][at], zero))
	}
	g.def("Settle_%d(v)", i)
	g.in(func() {
		last := "v"
		n := 0
		for k, v := range x.Vars {
			if v.While == nil {
				continue
			}
			g.p("LET a%d == %s IN", k, last)
			last = whiles[n]
			n++
		}
		g.p("%s", last)
	})
	may := "FALSE"
	if x.Budget > 0 {
		may = fmt.Sprintf("v.left > 0 /\\ v.crashes[%d] < %d", i+1, x.Budget)
	} else if x.Crashes {
		may = "v.left > 0"
	}
	g.p("MayCrash_%d(v) == %s", i, may)
	g.def("Crash_%d(v)", i)
	g.in(func() {
		sets := []string{fmt.Sprintf("!.crashed = %d", i+1), fmt.Sprintf("!.stop = %d", stopEvent)}
		if x.Budget > 0 {
			sets = append(sets, fmt.Sprintf("!.crashes[%d] = Min(@ + 1, %d)", i+1, x.Budget))
		}
		if i == g.callee {
			sets = append(sets, "!.handler = 0", "!.replied = FALSE")
			if g.remembers() {
				sets = append(sets, "!.restarted = @ \\/ v.phase = \"pending\"")
			}
		}
		if i == g.caller {
			sets = append(sets, "!.phase = IF v.waiting = Marked THEN \"open\" ELSE @", "!.waiting = 0")
		}
		g.p("[v EXCEPT %s]", strings.Join(sets, ", "))
	})
	g.p("Cut_%d(v) == IF MayCrash_%d(v) THEN {Crash_%d(v)} ELSE {}", i, i, i)
	for k, r := range x.Records {
		if r.Slots == 1 {
			sets := []string{fmt.Sprintf("!.%s = FALSE", g.path(x, x.code.Sound(k)))}
			for _, f := range r.Fields {
				sets = append(sets, fmt.Sprintf("!.%s = %s", g.path(x, x.code.Slot(f.Name)), g.zero(f.Type)))
			}
			g.p("Tear_%d_%d(v) == [v EXCEPT %s]", i, k, strings.Join(sets, ", "))
		}
	}
	var volatile, all []string
	g.slots(x, func(at int, l fsm.Slot) {
		set := fmt.Sprintf("!.%s.%s = %s", m, g.fields[i][at], g.initial(x, l))
		all = append(all, set)
		if l.Kind == fsm.VarSlot || l.Kind == fsm.RunningSlot {
			volatile = append(volatile, set)
		}
	})
	except := func(sets []string) string {
		if sets == nil {
			return "v"
		}
		return "[v EXCEPT " + strings.Join(sets, ", ") + "]"
	}
	g.p("Boot_%d(v) == %s", i, except(volatile))
	set := fmt.Sprintf("{Boot_%d(v)}", i)
	for at, l := range x.code.Layout {
		if l.Kind == fsm.VarSlot && x.Vars[l.Index].Any {
			g.p("Booted_%d_%d(v) == {[w EXCEPT !.%s = y] : w \\in %s, y \\in %s}", i, at, g.path(x, at), set, g.values(l.Type))
			set = fmt.Sprintf("Booted_%d_%d(v)", i, at)
		}
	}
	g.p("Booted_%d(v) == %s \\* a variable that may have any value has one", i, set)
	g.p("Blank_%d(v) == %s", i, except(all))
	g.p("\\* What an event has come to.")
	g.def("End_%d(W)", i)
	g.in(func() {
		g.p("{LET a == IF w.crashed = 0 THEN Settle_%d(w) ELSE w", i)
		g.p(" IN  BreakIf(a, %s, a.fault /\\ a.crashed = 0) : w \\in W}", quote(bounded))
	})
	for _, t := range x.inOrder() {
		params := ""
		for _, p := range t.Params {
			params += ", p_" + p.Name
		}
		g.def("Tail_%d_%s(v0%s)", i, t.Name, params)
		g.in(func() { g.block(t.Body, nameScope{m: g.model, x: x, tail: t}, "{v0}") })
	}
	for _, e := range x.Events {
		from := "{v0}"
		if e.Kind == fsm.OnTimer {
			for _, t := range x.Timers {
				if t.Name == e.Name && !t.Layer {
					from = fmt.Sprintf("{[v0 EXCEPT !.%s = FALSE]}", g.path(x, x.code.Running(t.Name)))
				}
			}
		}
		g.def("%s(v0, f)", eventName(x, e))
		g.in(func() { g.block(e.Body, nameScope{m: g.model, x: x, event: e}, from) })
	}
	g.def("Start_%d(v)", i)
	g.in(func() {
		if e := x.Event(fsm.OnRestart, "restart"); e != nil {
			g.p("End_%d(%s([v EXCEPT !.crashed = 0, !.stop = 0, !.fault = FALSE], <<>>))", i, eventName(x, e))
		} else {
			g.p("{[v EXCEPT !.crashed = 0, !.stop = 0]}")
		}
	})
	g.p("")
}

func eventName(x *machine, e *fsm.Event) string {
	kind := map[fsm.EventKind]string{fsm.OnCall: "Call", fsm.OnReturn: "Return", fsm.OnMessage: "Message", fsm.OnTimer: "Timer", fsm.OnRestart: "Restart", fsm.OnFree: "Free"}[e.Kind]
	return fmt.Sprintf("%s_%d_%s", kind, x.index, e.Name)
}

// when is the condition of an event in world v, with input f.
func (g *tla) when(x *machine, e *fsm.Event) string {
	if e.When == nil {
		return "TRUE"
	}
	c := &tlaExpr{nameScope: nameScope{m: g.model, x: x, event: e}, g: g, w: "v", q: "q"}
	return c.expr(e.When).v
}

// moves prints everything that may happen in a state.
func (g *tla) moves() {
	var moves, crashes []string
	for _, x := range g.machines {
		for _, e := range x.Events {
			if e.Kind == fsm.OnRestart || e.Kind == fsm.OnMessage {
				continue
			}
			name := eventName(x, e)
			g.def("May_%s(v, f)", name)
			g.in(func() { g.p("%s", g.when(x, e)) })
			do := fmt.Sprintf("IF May_%s(v, f) THEN End_%d(%s(%%s, f)) ELSE {} : f \\in %%s", name, x.index, name)
			switch e.Kind {
			case fsm.OnCall:
				do = fmt.Sprintf(do, "[v EXCEPT !.waiting = f.args, !.phase = IF f.args = Marked THEN \"pending\" ELSE @, !.fn_of = IF f.args = Marked THEN f.fn ELSE @]", "Calls(v)")
			case fsm.OnReturn:
				from := "v"
				if g.once() && !g.commits() {
					from = "EffectCommits(v, v.handler)"
				}
				do = fmt.Sprintf(do, "["+from+" EXCEPT !.replied = @ \\/ v.handler = Marked, !.handler = 0]", "IF v.handler = 0 THEN {} ELSE {[ans |-> v.handler]}")
			case fsm.OnTimer:
				runs := "{<<>>}"
				for _, t := range x.Timers {
					if t.Name == e.Name && !t.Layer {
						runs = fmt.Sprintf("IF v.%s THEN {<<>>} ELSE {}", g.path(x, x.code.Running(t.Name)))
					}
				}
				do = fmt.Sprintf(do, "v", runs)
			case fsm.OnFree:
				var of []string
				for _, p := range e.Params {
					of = append(of, fmt.Sprintf("%s : %s", p.Name, g.values(p.Type)))
				}
				in := "{<<>>}"
				if of != nil {
					in = "[" + strings.Join(of, ", ") + "]"
				}
				do = fmt.Sprintf(do, "v", in)
			}
			moves = append(moves, "(UNION {"+do+"})")
		}
		if x.Crashes {
			crashes = append(crashes, fmt.Sprintf("Cut_%d(v)", x.index))
		}
		if x.Erased {
			crashes = append(crashes, g.replace(x))
		}
	}
	for i, c := range g.sys.Channels {
		g.arrivals(i, c)
		moves = append(moves, fmt.Sprintf("Arrivals_%d(v)", i))
		if c.Loses {
			moves = append(moves, fmt.Sprintf("Lose_%d(v)", i))
		}
	}
	if g.sys.Enum("fn") != nil {
		late := "FALSE"
		if g.checks["no_stale"] {
			late = "v.phase \\notin {\"not made\", \"pending\"} /\\ fn \\notin Set_pure /\\ v.fn_of \\notin Set_pure /\\ v.fn_of \\notin Set_commutes"
		}
		g.def("Calls(v)")
		g.in(func() {
			g.p("IF v.waiting # 0 THEN {} ELSE")
			g.p("UNION {{[fn |-> fn, args |-> c] : c \\in CASE v.phase = \"not made\" -> {White, Marked} [] %s -> {Late} [] OTHER -> {White}} : fn \\in Functions}", late)
		})
	}
	g.p("\\* What may happen but crashes, and those.")
	g.p("Moves(v) == %s", strings.Join(append(moves, "{}"), "\n    \\cup "))
	g.p("Crashes(v) == %s", strings.Join(append(crashes, "{}"), "\n    \\cup "))
	g.p("")
}

// replace prints that a peer is replaced by a blank one: no other peer has anything to send, no handler runs, and nothing is
// in flight any more.
func (g *tla) replace(x *machine) string {
	var rest []string
	for _, y := range g.machines {
		for _, e := range y.Events {
			if y == x || e.Kind != fsm.OnTimer {
				continue
			}
			runs := "TRUE"
			for _, t := range y.Timers {
				if t.Name == e.Name && !t.Layer {
					runs = "v." + g.path(y, y.code.Running(t.Name))
				}
			}
			c := fmt.Sprintf("%s /\\ %s", runs, strings.ReplaceAll(g.when(y, e), "\n", " "))
			rest = append(rest, fmt.Sprintf("((%s) => \\A w \\in %s([v EXCEPT !.left = 0], <<>>) : ~w.sends)", c, eventName(y, e)))
		}
	}
	rest = append(rest, "v.handler = 0")
	sets := []string{"!.left = 0"}
	for i, c := range g.sys.Channels {
		sets = append(sets, fmt.Sprintf("!.%s = %s", g.chans[i], empty(c)))
	}
	return fmt.Sprintf("(IF %s THEN UNION {Start_%d(w) : w \\in Booted_%d(Crash_%d(Blank_%d([v EXCEPT %s])))} ELSE {})", strings.Join(rest, " /\\ "), x.index, x.index, x.index, x.index, strings.Join(sets, ", "))
}

// arrivals prints what the arrival of a datagram leads to.
func (g *tla) arrivals(i int, c *fsm.Channel) {
	to := (*machine)(nil)
	for _, x := range g.machines {
		if x.Name == c.To {
			to = x
		}
	}
	g.def("Receive_%d(v, d)", i)
	g.in(func() {
		g.p("LET f == d.f IN")
		g.p("CASE FALSE -> {}")
		for _, k := range g.carried(c) {
			msg := g.sys.Messages[k]
			e := to.Event(fsm.OnMessage, msg.Name)
			if e == nil {
				g.p("  [] d.kind = %s -> {v} \\* it is ignored", quote(msg.Name))
				continue
			}
			g.p("  [] d.kind = %s -> IF %s THEN End_%d(%s(v, f)) ELSE {}", quote(msg.Name), g.when(to, e), to.index, eventName(to, e))
		}
		g.p("  [] OTHER -> {}")
	})
	g.def("Altered_%d(v, d)", i)
	g.in(func() {
		sets := []string{"{d}"}
		for _, k := range g.carried(c) {
			if !c.Corrupts {
				break
			}
			msg := g.sys.Messages[k]
			for _, f := range msg.Fields {
				vs := "{}"
				s := g.sys.Sort(f.Type.Name)
				switch {
				case f.Type.Kind == fsm.Payload:
					vs = fmt.Sprintf("{%d}", garbage)
				case s != nil && s.Wrap > 0:
					vs = fmt.Sprintf("0..%d", s.Wrap-1)
				case s != nil:
					for n, k := range g.sorts {
						if k.Name == s.Name {
							vs = fmt.Sprintf("{0} \\cup {p[1] : p \\in Used_%d(v)}", n)
						}
					}
				default:
					vs = g.values(f.Type)
				}
				sets = append(sets, fmt.Sprintf("(IF d.kind = %s THEN {[d EXCEPT !.f.%s = y] : y \\in %s} ELSE {})", quote(msg.Name), f.Name, vs))
			}
		}
		g.p("%s", strings.Join(sets, " \\cup "))
	})
	keep := "{FALSE}"
	if c.Repeats {
		keep = "BOOLEAN"
	}
	g.def("Arrivals_%d(v)", i)
	g.in(func() {
		g.p("UNION {UNION {UNION {Receive_%d(w, d) : w \\in Take_%d(v, x, keep)} : keep \\in %s, d \\in Altered_%d(v, x.d)} : x \\in Content_%d(v)}", i, i, keep, i, i)
	})
}
