package export

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// spec prints the first states, the steps and what is asserted.
func (g *tla) spec() {
	var starts []string
	for _, x := range g.machines {
		starts = append(starts, fmt.Sprintf("v.crashed = %d -> UNION {Start_%d(w) : w \\in Booted_%d([v EXCEPT !.left = n])}", x.index+1, x.index, x.index))
	}
	g.p("\\* The start of a peer that has crashed; it may crash %d times while it starts.", restarts)
	g.def("StartOnce(v, n)")
	g.in(func() { g.p("CASE %s", strings.Join(starts, " [] ")) })
	g.p("Again(W, n) == UNION {IF w.crashed # 0 THEN StartOnce(w, n) ELSE {w} : w \\in W}")
	w := "W"
	for n := restarts; n >= 0; n-- {
		w = fmt.Sprintf("Again(%s, %d)", w, n)
	}
	g.p("Started(W) == %s", w)
	g.p("\\* What a step needs for itself is put back.")
	g.p("Rest(v) == [v EXCEPT !.stop = 0, !.crashed = 0, !.left = %d, !.fault = FALSE, !.sends = FALSE, !.was = <<0, 0>>, !.drawn = 0]", restarts+1)
	g.p("Successors(v) == {Canonical(Rest(%s), FALSE) : w \\in Started(Moves(v) \\cup Crashes(v))}", g.seen("w"))
	g.p("")
	g.begin()
	was := "s"
	if g.epoch[0] >= 0 {
		was = fmt.Sprintf("[s EXCEPT !.was = <<s.%s, s.%s>>]", g.path(g.machines[g.caller], g.epoch[0]), g.path(g.machines[g.callee], g.epoch[1]))
	}
	g.p("\\* Nothing follows a state in which something is broken.")
	g.p("Next == s.broken = {} /\\ \\E w \\in Successors(%s) : s' = w", was)
	g.p("Spec == Init /\\ [][Next]_s")
	g.p("")
	for _, p := range g.props {
		if p == noDeadlock {
			g.p("%s == s.broken = {} => \\E w \\in Moves(s) : w.crashed = 0 \\* something is possible without a crash", g.property(p))
			continue
		}
		cond := ""
		for _, inv := range g.sys.Invariants {
			if !inv.Start && inv.Name == p {
				c := &tlaExpr{nameScope: nameScope{m: g.model}, g: g, w: "s", q: "q"}
				cond = " /\\ " + c.expr(inv.Cond).v
			}
		}
		for _, a := range g.assertions {
			if a.name == p && !a.moment {
				cond = " /\\ " + g.held(a, "s", `""`)
			}
		}
		g.p("%s == %s \\notin s.broken%s", g.property(p), quote(p), cond)
	}
	g.p("%s", strings.Repeat("=", 80))
}

func (g *model) property(p string) string { return "Holds_" + p }

func (g *tla) begin() {
	var fs []string
	for _, x := range g.machines {
		var own []string
		g.slots(x, func(at int, l fsm.Slot) {
			own = append(own, fmt.Sprintf("%s |-> %s", g.fields[x.index][at], g.initial(x, l)))
		})
		rec := "[" + strings.Join(own, ", ") + "]"
		if own == nil {
			rec = "<<>>"
		}
		fs = append(fs, fmt.Sprintf("%s |-> %s", g.mnames[x.index], rec))
	}
	for i, c := range g.sys.Channels {
		fs = append(fs, fmt.Sprintf("%s |-> %s", g.chans[i], empty(c)))
	}
	fs = append(fs, "handler |-> 0", "waiting |-> 0", `phase |-> "not made"`, `fn_of |-> ""`, "starts |-> 0", "commits |-> 0", "late_ran |-> FALSE", "restarted |-> FALSE",
		"replied |-> FALSE", fmt.Sprintf("crashes |-> [i \\in 1..%d |-> 0]", len(g.machines)), "broken |-> {}",
		"stop |-> 0", "crashed |-> 0", fmt.Sprintf("left |-> %d", restarts+1), "fault |-> FALSE", "sends |-> FALSE", "was |-> <<0, 0>>", "drawn |-> 0")
	fs = append(fs, g.remembered()...)
	g.p("\\* Blank peers. A variable that may start with any value has one.")
	g.def("BlankWorld")
	g.in(func() { g.p("[%s]", strings.Join(fs, ",\n     ")) })
	set := "{BlankWorld}"
	n := 0
	for _, x := range g.machines {
		for at, l := range x.code.Layout {
			if l.Kind == fsm.VarSlot && x.Vars[l.Index].Any {
				n++
				g.p("Any_%d == {[w EXCEPT !.%s = y] : w \\in %s, y \\in %s}", n, g.path(x, at), set, g.values(l.Type))
				set = fmt.Sprintf("Any_%d", n)
			}
		}
	}
	conds := []string{"TRUE"}
	for _, inv := range g.sys.Invariants {
		if inv.Start {
			c := &tlaExpr{nameScope: nameScope{m: g.model}, g: g, w: "w", q: "q"}
			conds = append(conds, c.expr(inv.Cond).v)
		}
	}
	g.p("First_0 == {w \\in %s : %s}", set, strings.Join(conds, " /\\ "))
	for _, x := range g.machines {
		i := x.index
		w := fmt.Sprintf("UNION {Start_%d([w EXCEPT !.left = %d]) : w \\in First_%d}", i, restarts, i)
		for n := restarts - 1; n >= 0; n-- {
			w = fmt.Sprintf("Again(%s, %d)", w, n)
		}
		unseen := ""
		for k := range g.latches { // the first start is no moment before its end
			unseen += fmt.Sprintf(", !.seen_%d = FALSE", k)
		}
		if unseen != "" {
			w = fmt.Sprintf("{[w EXCEPT %s] : w \\in %s}", unseen[2:], w)
		}
		g.p("First_%d == %s", i+1, w)
	}
	g.p("Init == s \\in {Canonical(Rest(%s), TRUE) : w \\in First_%d}", g.seen("w"), len(g.machines))
}

// launchTLC is what TLC needs: which properties to hold, and how to start it on one computer or on many.
func launchTLC(m *model) []File {
	c := &printer{}
	c.p("\\* %s", m.generated())
	c.p("SPECIFICATION Spec")
	c.p("CONSTANT Capacity = %d", m.opt.Capacity)
	c.p("CHECK_DEADLOCK FALSE")
	for _, p := range m.props {
		c.p("INVARIANT %s", m.property(p))
	}
	g := &printer{}
	name := m.file()
	g.p("# %s", m.generated())
	g.p("# TLC on %s.tla, for any number of computers. TLA2TOOLS is the place of tla2tools.jar.", name)
	g.p("#")
	g.p("#     sh %s.tlc.sh                 # on this computer, with all its processors", name)
	g.p("#     sh %s.tlc.sh server 2        # hands out the work; two other computers keep the states that were seen", name)
	g.p("#     sh %s.tlc.sh fpset HOST      # one of these; HOST is that of the server", name)
	g.p("#     sh %s.tlc.sh worker HOST     # on every computer that works", name)
	g.p("set -eu")
	g.p(`cd "$(dirname "$0")"`)
	g.p(`jar=${TLA2TOOLS:-tla2tools.jar}`)
	g.p(`java="java -XX:+UseParallelGC ${JAVA_OPTIONS:-}"`)
	g.p(`case ${1:-here} in`)
	g.p(`here) exec $java -cp "$jar" tlc2.TLC -workers auto -config %s.cfg %s.tla ;;`, name, name)
	g.p(`server)`)
	g.p(`  if [ "${2:-0}" -gt 0 ]; then java="$java -Dtlc2.tool.distributed.TLCServer.expectedFPSetCount=$2"; fi`)
	g.p(`  exec $java -cp "$jar" tlc2.tool.distributed.TLCServer -config %s.cfg %s.tla ;;`, name, name)
	g.p(`fpset) exec $java -cp "$jar" tlc2.tool.distributed.fp.DistributedFPSet "$2" ;;`)
	g.p(`worker) exec $java -cp "$jar" tlc2.tool.distributed.TLCWorker "$2" ;;`)
	g.p(`*) sed -n '2,7p' "$(basename "$0")" >&2; exit 2 ;;`)
	g.p("esac")
	return []File{{Name: name + ".cfg", Data: []byte(c.b.String())}, {Name: name + ".tlc.sh", Data: []byte(g.b.String()), Run: true}}
}
