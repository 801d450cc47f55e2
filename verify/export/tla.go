package export

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/fsm"
)

// tla prints a model as TLA+. A step is a function from a state to the set of states that it may lead to: a stage maps a
// world to a set of worlds, and what the environment chooses is one of a set. A world is a state with what the step at hand
// needs beside it, which is put back at its end.
type tla struct {
	printer
	*model
	fields [][]string // by machine and slot
	mnames []string   // by machine, the field of the world
	chans  []string
	bound  int // variables bound so far in the definition at hand
}

// tlaReserved are words that no name may be.
var tlaReserved = []string{"ASSUME", "ASSUMPTION", "AXIOM", "CASE", "CHOOSE", "CONSTANT", "CONSTANTS", "DOMAIN", "ELSE", "ENABLED", "EXCEPT", "EXTENDS",
	"IF", "IN", "INSTANCE", "LAMBDA", "LET", "LOCAL", "MODULE", "OTHER", "OTHERWISE", "RECURSIVE", "SUBSET", "THEN", "THEOREM", "UNCHANGED", "UNION",
	"VARIABLE", "VARIABLES", "WITH", "PROOF", "BY", "OBVIOUS", "HAVE", "TAKE", "WITNESS", "PICK", "DEFINE", "SUFFICES", "NEW", "STATE", "ACTION", "TEMPORAL",
	"stop", "crashed", "left", "drawn", "fault", "sends", "was", "handler", "waiting", "phase", "fn_of", "starts", "commits", "late_ran", "restarted", "replied", "crashes", "broken",
	"ended", "function", "colour", "outcome", "memo", "given"}

func tlaplus(m *model) []File {
	g := &tla{model: m}
	taken := names{}
	for _, w := range tlaReserved {
		taken[w] = true
	}
	for i := range m.latches {
		taken[fmt.Sprintf("seen_%d", i)] = true
	}
	for _, x := range m.machines {
		g.mnames = append(g.mnames, taken.of("%s", x.Name))
		own := names{}
		for _, w := range tlaReserved {
			own[w] = true
		}
		var ids []string
		array := ""
		for _, l := range x.code.Layout {
			switch {
			case l.Type.Len > 0:
				if l.Elem == 0 {
					array = own.of("%s", l.Name)
				}
				ids = append(ids, array)
			case l.Kind == fsm.SoundSlot:
				ids = append(ids, own.of("%s_readable", l.Name))
			case l.Kind == fsm.RunningSlot:
				ids = append(ids, own.of("%s_runs", l.Name))
			case l.Kind == fsm.StepSlot:
				ids = append(ids, "")
			default:
				ids = append(ids, own.of("%s", l.Name))
			}
		}
		g.fields = append(g.fields, ids)
	}
	for _, c := range m.sys.Channels {
		g.chans = append(g.chans, taken.of("%s", c.Name))
	}
	g.header()
	g.general()
	g.watch()
	for i, c := range m.sys.Channels {
		g.channel(i, c)
	}
	g.names()
	for _, x := range m.machines {
		g.machine(x)
	}
	g.moves()
	g.spec()
	return append([]File{{Name: m.file() + ".tla", Data: []byte(g.b.String())}}, launchTLC(m)...)
}

// path of a slot in a world.
func (g *tla) path(x *machine, at int) string {
	p := g.mnames[x.index] + "." + g.fields[x.index][at]
	if l := x.code.Layout[at]; l.Type.Len > 0 {
		return fmt.Sprintf("%s[%d]", p, l.Elem)
	}
	return p
}

// def starts a definition.
func (g *tla) def(format string, args ...any) {
	g.bound = 0
	g.p(format+" ==", args...)
}

// fresh name of a bound variable.
func (g *tla) fresh(kind string) string {
	g.bound++
	return fmt.Sprintf("%s%d", kind, g.bound)
}

func (g *tla) header() {
	g.p("\\* %s", g.generated())
	g.p("%s MODULE %s %s", strings.Repeat("-", 30), g.file(), strings.Repeat("-", 30))
	for _, l := range []string{
		"The machines of " + oneLine(g.sys.Name) + ", for TLC: everything that its channels and crashes may do, a step at a time.",
		"    sh " + g.file() + ".tlc.sh",
		"Numbers that are never reused are their ranks among those in use, times 8; \"representation\" is broken where that does",
		"not represent a state: then nothing is known beyond it.",
	} {
		g.p("\\* %s", l)
	}
	g.p("EXTENDS Integers, Sequences, FiniteSets, Bags")
	g.p("")
	g.p("CONSTANT Capacity \\* of a channel whose text states none")
	g.p("ASSUME Capacity \\in 1..16")
	g.p("")
	g.p("VARIABLE s \\* the state: the machines, the channels, what watches calls, and what a step needs for itself")
	g.p("")
	if fn := g.sys.Enum("fn"); fn != nil {
		var of []string
		for _, v := range g.opt.Functions {
			of = append(of, quote(fn.Members[v]))
		}
		g.p("\\* The functions that the program calls, each for all that nothing can tell from it.")
		g.p("Functions == {%s}", strings.Join(of, ", "))
	}
	for _, name := range []string{"pure", "effect", "once", "commutes"} {
		if g.sys.Set(name) == nil {
			g.p("Set_%s == {}", name)
		}
	}
	for _, x := range g.sys.Sets {
		var of []string
		for _, m := range x.Members {
			of = append(of, quote(m))
		}
		g.p("Set_%s == {%s}", x.Name, strings.Join(of, ", "))
	}
	g.p("")
}

func quote(s string) string { return `"` + s + `"` }

// zero of a type, as text.
func (g *tla) zero(t fsm.Type) string { return g.literal(t, 0) }

// literal value of a type.
func (g *tla) literal(t fsm.Type, v uint32) string {
	switch t.Kind {
	case fsm.Bool:
		if v != 0 {
			return "TRUE"
		}
		return "FALSE"
	case fsm.EnumKind:
		return quote(g.sys.Enum(t.Name).Members[v])
	}
	return fmt.Sprint(v)
}

// values of a type that the environment may choose, as a set.
func (g *tla) values(t fsm.Type) string {
	switch t.Kind {
	case fsm.Bool:
		return "BOOLEAN"
	case fsm.EnumKind:
		var of []string
		for _, m := range g.sys.Enum(t.Name).Members {
			of = append(of, quote(m))
		}
		return "{" + strings.Join(of, ", ") + "}"
	}
	return fmt.Sprintf("(%d..%d)", t.Lo, min(t.Hi, 1<<20))
}

// initial value of a slot as text; blank: of a peer that has never run.
func (g *tla) initial(x *machine, l fsm.Slot) string {
	switch l.Kind {
	case fsm.SoundSlot, fsm.RunningSlot:
		return "FALSE"
	case fsm.FieldSlot:
		return g.zero(l.Type)
	}
	t := l.Type
	t.Len = 0
	v := g.literal(t, x.Vars[l.Index].Init)
	if l.Type.Len > 0 {
		return fmt.Sprintf("[i \\in 0..%d |-> %s]", l.Type.Len-1, v)
	}
	return v
}

// slots calls f for each slot that is part of a state; of an array once.
func (g *tla) slots(x *machine, f func(at int, l fsm.Slot)) {
	for i, l := range x.code.Layout {
		if !l.Layer && l.Elem == 0 && l.Kind != fsm.StepSlot {
			f(i, l)
		}
	}
}

func (g *tla) general() {
	g.p("\\* A world goes through a stage unless the event is over for it.")
	g.p("Then(W, Op(_)) == UNION {IF w.stop = 0 THEN Op(w) ELSE {w} : w \\in W}")
	g.p("AfterTail(W) == {IF w.stop = 1 THEN [w EXCEPT !.stop = 0] ELSE w : w \\in W}")
	g.p("Break(v, p) == [v EXCEPT !.broken = @ \\cup {p}]")
	g.p("BreakIf(v, p, c) == IF c THEN Break(v, p) ELSE v")
	g.p("Remove(q, i) == SubSeq(q, 1, i - 1) \\o SubSeq(q, i + 1, Len(q))")
	g.p("RECURSIVE Concat(_)")
	g.p("Concat(qs) == IF qs = <<>> THEN <<>> ELSE Head(qs) \\o Concat(Tail(qs))")
	g.p("Least(S) == CHOOSE x \\in S : \\A y \\in S : x <= y")
	g.p("Min(a, b) == IF a < b THEN a ELSE b")
	g.p("")
	g.p("White == %d", white)
	g.p("Marked == %d", marked)
	g.p("Late == %d", late)
	g.p("")
}

// asserts reports whether a property is watched.
func (g *tla) asserts(p string) bool { return slices.Contains(g.props, p) }

// watch prints what watches the properties of calls.
func (g *tla) watch() {
	brk := func(p, v, cond string) string {
		if !g.asserts(p) {
			return v
		}
		return fmt.Sprintf("BreakIf(%s, %s, %s)", v, quote(p), cond)
	}
	g.see()
	g.def("HandlerStarts(v, function, given)")
	g.in(func() {
		g.p("LET colour == IF given = 0 THEN White ELSE given \\* one that was given none runs as well")
		g.p("    a == %s", brk("serial", g.moments("v"), "v.handler # 0"))
		g.p("    b == [a EXCEPT !.handler = colour, !.late_ran = @ \\/ colour = Late]")
		g.p("    c == [b EXCEPT !.replied = FALSE, !.starts = Min(@ + 1, 2)]")
		g.p("    d == %s", brk("at_most_once", "c", "c.fn_of \\in Set_effect /\\ c.starts = 2"))
		g.p("    e == %s", brk("honest_outcome", "d", "c.fn_of \\in Set_effect /\\ c.phase = \"not run\""))
		g.p("    f == %s", brk("final", "e", "(c.fn_of \\in Set_effect \\/ c.fn_of \\in Set_once) /\\ c.phase = \"finished\""))
		g.p("    h == %s", brk("no_stale", "f", "f.late_ran"))
		g.p("IN  IF colour = Marked THEN h ELSE b")
	})
	g.p("")
	spurious := "~a.restarted"
	if !g.mortal() {
		spurious = "TRUE"
	} else if g.epoch[0] >= 0 { // a call that was sent under no epoch must have been made before a restart
		var under []string
		for _, f := range g.opt.Epoch.Carried {
			under = append(under, quote(g.sys.Enum("fn").Members[f]))
		}
		spurious = fmt.Sprintf("(IF v.was[1] = 0 \\/ a.fn_of \\notin {%s} THEN ~a.restarted ELSE v.was[1] = v.was[2])", strings.Join(under, ", "))
	}
	g.def("CallEnds(v, outcome, memo, colour)")
	g.in(func() {
		g.p("IF v.waiting = 0 THEN %s ELSE", brk("own_answer", "v", "TRUE"))
		g.p("LET own == %s", brk("own_answer", "v", "outcome = \"answer\" /\\ ~memo /\\ colour # v.waiting"))
		g.p("    a == %s", brk("exactly_once", "own", "v.waiting = Marked /\\ outcome = \"answer\" /\\ own.fn_of \\in Set_once /\\ own.commits = 0"))
		g.p("    effect == a.fn_of \\in Set_effect")
		g.p("    b == CASE outcome = \"answer\" -> [a EXCEPT !.phase = IF effect \\/ a.fn_of \\in Set_once THEN \"finished\" ELSE \"open\"]")
		g.p("           [] outcome \\in {\"refused\", \"timed_out\"} ->")
		g.p("                [%s EXCEPT !.phase = IF effect THEN \"not run\" ELSE \"open\"]", brk("honest_outcome", "a", "effect /\\ a.starts > 0"))
		g.p("           [] outcome = \"peer_restarted\" ->")
		g.p("                [%s EXCEPT !.phase = IF effect THEN \"finished\" ELSE \"open\"]", brk("no_spurious_restart", "a", spurious))
		g.p("           [] OTHER -> [a EXCEPT !.phase = \"open\"]")
		ended := ""
		if g.outcomes {
			ended = ", !.ended = IF v.waiting = Marked THEN outcome ELSE @"
		}
		g.p("IN  [(IF v.waiting = Marked THEN b ELSE a) EXCEPT !.waiting = 0%s]", ended)
	})
	g.p("")
	if !g.once() {
		return
	}
	g.def("CallReported(v, outcome, colour, given)")
	g.in(func() {
		g.p("LET a == %s", brk("own_answer", "v", "colour # given"))
		g.p("    b == %s", brk("exactly_once", "a", "given = Marked /\\ a.fn_of \\in Set_once /\\ a.commits = 0"))
		g.p("IN  IF outcome # \"answer\" THEN v ELSE IF given = Marked THEN [b EXCEPT !.phase = \"finished\"] ELSE b")
	})
	g.p("")
	g.def("EffectCommits(v, colour)")
	g.in(func() {
		g.p("LET a == [v EXCEPT !.commits = Min(@ + 1, 2)]")
		g.p("IN  IF colour = Marked /\\ v.fn_of \\in Set_once THEN %s ELSE v", brk("exactly_once", "a", "a.commits = 2"))
	})
	g.p("")
}
