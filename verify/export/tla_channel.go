package export

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// shape says how a channel's content is kept: in order as a sequence, else as a set where it repeats, else as a bag.
type shape int

const (
	sequence shape = iota
	set
	bag
)

func shapeOf(c *fsm.Channel) shape {
	switch {
	case c.Within >= 0:
		return sequence
	case c.Repeats:
		return set
	}
	return bag
}

// room of a channel, as text.
func (g *tla) room(c *fsm.Channel) string {
	if c.Capacity > 0 {
		return fmt.Sprint(c.Capacity)
	}
	return "Capacity"
}

// empty channel.
func empty(c *fsm.Channel) string {
	switch shapeOf(c) {
	case set:
		return "{}"
	case bag:
		return "EmptyBag"
	}
	return "<<>>"
}

// channel prints what a channel does with a datagram d: put it in, let it arrive, lose it. Each gives a set of worlds, which
// is empty where that is not possible.
func (g *tla) channel(i int, c *fsm.Channel) {
	ch, room := g.chans[i], g.room(c)
	g.p("\\* Channel %s from %s to %s.", c.Name, c.From, c.To)
	full := "{}" // a send waits for room
	if c.Loses && !c.Waits {
		full = "{[v EXCEPT !.sends = TRUE]}"
	}
	switch shapeOf(c) {
	case sequence:
		g.p("Put_%d(v, d) == IF Len(v.%s) < %s THEN {[v EXCEPT !.%s = Append(@, d), !.sends = TRUE]} ELSE %s", i, ch, room, ch, full)
		g.p("Content_%d(v) == {[at |-> i, d |-> v.%s[i]] : i \\in 1..Len(v.%s)}", i, ch, ch)
		stuck := "~v." + ch + "[j].again"
		if c.Loses {
			stuck = "TRUE" // it has to be lost first
		}
		g.def("Take_%d(v, x, keep)", i)
		g.in(func() {
			g.p("LET first == ~x.d.again")
			g.p("    older == SelectSeq(SubSeq(v.%s, 1, x.at - 1), LAMBDA y : ~first \\/ y.age < %d)", ch, c.Within)
			g.p("    aged == [j \\in 1..Len(older) |-> IF first THEN [older[j] EXCEPT !.age = @ + 1] ELSE older[j]]")
			g.p("    kept == IF keep THEN <<[x.d EXCEPT !.again = TRUE]>> ELSE <<>>")
			g.p("IN  IF first /\\ \\E j \\in 1..(x.at - 1) : v.%s[j].age >= %d /\\ %s THEN {}", ch, c.Within, stuck)
			g.p("    ELSE {[v EXCEPT !.%s = aged \\o kept \\o SubSeq(v.%s, x.at + 1, Len(v.%s))]}", ch, ch, ch)
		})
		if c.Loses {
			which := "1..Len(v." + ch + ")"
			if c.Oldest {
				which = "1..Min(1, Len(v." + ch + "))"
			}
			g.p("Lose_%d(v) == {[v EXCEPT !.%s = Remove(@, i)] : i \\in %s}", i, ch, which)
			g.p("Tidy_%d(v) == IF v.%s = <<>> THEN v ELSE [v EXCEPT !.%s[1].again = FALSE]", i, ch, ch)
		} else {
			g.p("Tidy_%d(v) == v", i)
		}
		g.p("Map_%d(q, Op(_)) == [i \\in 1..Len(q) |-> Op(q[i])]", i)
		g.p("All_%d(v) == {v.%s[i] : i \\in 1..Len(v.%s)}", i, ch, ch)
	case set:
		g.p("Put_%d(v, d) == IF d \\in v.%s \\/ Cardinality(v.%s) < %s THEN {[v EXCEPT !.%s = @ \\cup {d}, !.sends = TRUE]} ELSE %s", i, ch, ch, room, ch, full)
		g.p("Content_%d(v) == {[at |-> 0, d |-> d] : d \\in v.%s}", i, ch)
		g.p("Take_%d(v, x, keep) == {IF keep THEN v ELSE [v EXCEPT !.%s = @ \\ {x.d}]}", i, ch)
		if c.Loses {
			g.p("Lose_%d(v) == {[v EXCEPT !.%s = @ \\ {d}] : d \\in v.%s}", i, ch, ch)
		}
		g.p("Tidy_%d(v) == v", i)
		g.p("Map_%d(q, Op(_)) == {Op(d) : d \\in q}", i)
		g.p("All_%d(v) == v.%s", i, ch)
	case bag:
		g.p("Put_%d(v, d) == IF BagCardinality(v.%s) < %s THEN {[v EXCEPT !.%s = @ (+) SetToBag({d}), !.sends = TRUE]} ELSE %s", i, ch, room, ch, full)
		g.p("Content_%d(v) == {[at |-> 0, d |-> d] : d \\in BagToSet(v.%s)}", i, ch)
		g.p("Take_%d(v, x, keep) == {[v EXCEPT !.%s = @ (-) SetToBag({x.d})]}", i, ch)
		if c.Loses {
			g.p("Lose_%d(v) == {[v EXCEPT !.%s = @ (-) SetToBag({d})] : d \\in BagToSet(v.%s)}", i, ch, ch)
		}
		g.p("Tidy_%d(v) == v", i)
		g.p("Map_%d(q, Op(_)) == BagOfAll(Op, q)", i)
		g.p("All_%d(v) == BagToSet(v.%s)", i, ch)
	}
	g.p("")
}

// carried are the messages that a channel carries, by number.
func (g *tla) carried(c *fsm.Channel) (out []int) {
	for k, x := range g.sys.Messages {
		if x.From == c.From {
			out = append(out, k)
		}
	}
	return
}

// names prints the form of a state that is compared.
func (g *tla) names() {
	for n, s := range g.sorts {
		g.sort(n, s)
	}
	g.forget()
	g.def("Canonical(v, begin)")
	g.in(func() {
		w := "Forget(v)"
		for i := range g.sys.Channels {
			w = fmt.Sprintf("Tidy_%d(%s)", i, w)
		}
		for n := range g.sorts {
			w = fmt.Sprintf("Rename_%d(%s, begin)", n, w)
		}
		g.p("%s", w)
	})
	g.p("")
}

// scopeOf a place: the value within which it counts, as text.
func (s *sort) scopeOf(has int, path string) string {
	if !s.scoped || has < 0 {
		return "0"
	}
	return path
}

// sort prints how the values of a sort are renamed.
func (g *tla) sort(n int, s *sort) {
	g.p("\\* Values of %s, each with that within which it counts.", s.Name)
	g.def("Used_%d(v)", n)
	g.in(func() {
		of := []string{}
		for _, p := range s.slots {
			x := g.machines[p.of]
			scope := "0"
			if p.scope >= 0 {
				scope = s.scopeOf(p.scope, "v."+g.path(x, p.scope))
			}
			of = append(of, fmt.Sprintf("<<v.%s, %s>>", g.path(x, p.at), scope))
		}
		sets := []string{"{" + strings.Join(of, ", ") + "}"}
		for i, c := range g.sys.Channels {
			for _, k := range g.carried(c) {
				for _, p := range s.fields {
					if p.of != k {
						continue
					}
					msg := g.sys.Messages[k]
					scope := "0"
					if p.scope >= 0 {
						scope = s.scopeOf(p.scope, "d.f."+msg.Fields[p.scope].Name)
					}
					sets = append(sets, fmt.Sprintf("{<<d.f.%s, %s>> : d \\in {e \\in All_%d(v) : e.kind = %s}}", msg.Fields[p.at].Name, scope, i, quote(msg.Name)))
				}
			}
		}
		g.p("%s", strings.Join(sets, " \\cup "))
	})
	g.def("RenameIn_%d(d, R(_, _))", n)
	g.in(func() {
		g.p("CASE FALSE -> d")
		for k, msg := range g.sys.Messages {
			var sets []string
			for _, p := range s.fields {
				if p.of != k {
					continue
				}
				scope := "0"
				if p.scope >= 0 {
					scope = s.scopeOf(p.scope, "d.f."+msg.Fields[p.scope].Name)
				}
				sets = append(sets, fmt.Sprintf("!.f.%s = R(@, %s)", msg.Fields[p.at].Name, scope))
			}
			if sets != nil {
				g.p("  [] d.kind = %s -> [d EXCEPT %s]", quote(msg.Name), strings.Join(sets, ", "))
			}
		}
		g.p("  [] OTHER -> d")
	})
	g.def("Rename_%d(v, begin)", n)
	g.in(func() {
		g.p("LET used == Used_%d(v)", n)
		g.p("    In(c) == {p[1] : p \\in {q \\in used : q[2] = c /\\ q[1] # 0}}")
		lost := "FALSE"
		switch {
		case s.Token && g.inOrder(s):
			g.p("    order == %s", g.tokens(s))
			g.p("    First(x) == CHOOSE i \\in 1..Len(order) : order[i] = x /\\ \\A j \\in 1..(i - 1) : order[j] # x")
			g.p("    R(x, c) == IF x = 0 THEN 0 ELSE Cardinality({order[j] : j \\in 1..First(x)} \\ {0})")
		case s.Token:
			g.p("    R(x, c) == Cardinality({y \\in In(0) : y <= x}) \\* order means nothing, and is kept")
		default:
			g.p("    At(x) == IF begin THEN x ELSE (x \\div %d) + (x %% %d)", gap, gap)
			g.p("    New(x) == ~begin /\\ x %% %d # 0", gap)
			g.p("    Larger(x, c) == {y \\in In(c) : y \\div %d > x \\div %d}", gap, gap)
			g.p("    Ranked(x, c) == Cardinality({y \\in In(c) : y <= x})")
			g.p("    Pred(S, y) == IF \\E z \\in S : z < y THEN -Least({-z : z \\in {u \\in S : u < y}}) ELSE 0")
			g.p("    Step(S, y) == Min(y - Pred(S, y), %d)", farApart)
			g.p("    Count(S, k) == Cardinality({y \\in S : Step(S, y) >= k})")
			g.p("    Distant(x, c) == LET S == {At(y) : y \\in {u \\in In(c) : At(u) <= At(x)}}")
			sum := []string{}
			for k := 1; k <= farApart; k++ {
				sum = append(sum, fmt.Sprintf("Count(S, %d)", k))
			}
			g.p("                     IN  %s", strings.Join(sum, " + "))
			g.p("    LostRanked(x, c) == New(x) /\\ Larger(x, c) # {}")
			g.p("    LostDistant(x, c) == LET above == {y \\div %d : y \\in {u \\in Larger(x, c) : u %% %d = 0}}", gap, gap)
			g.p("                         IN  New(x) /\\ above # {} /\\ Least(above) - (x \\div %d) >= %d", gap, farApart)
			which := map[restart]string{never: "FALSE", unscoped: "c = 0", always: "TRUE"}[s.restart]
			g.p("    R(x, c) == IF x = 0 THEN 0 ELSE %d * (IF %s THEN Distant(x, c) ELSE Ranked(x, c))", gap, which)
			lost = fmt.Sprintf("\\E p \\in used : p[1] # 0 /\\ (IF %s THEN LostDistant(p[1], p[2]) ELSE LostRanked(p[1], p[2]))", strings.ReplaceAll(which, "c = 0", "p[2] = 0"))
		}
		g.p("    Op(d) == RenameIn_%d(d, R)", n)
		g.p("    lost == %s", lost)
		g.p("IN  BreakIf([v EXCEPT")
		var sets []string
		for _, p := range s.slots {
			x := g.machines[p.of]
			scope := "0"
			if p.scope >= 0 {
				scope = s.scopeOf(p.scope, "v."+g.path(x, p.scope))
			}
			sets = append(sets, fmt.Sprintf("!.%s = R(@, %s)", g.path(x, p.at), scope))
		}
		for i := range g.sys.Channels {
			sets = append(sets, fmt.Sprintf("!.%s = Map_%d(@, Op)", g.chans[i], i))
		}
		g.p("        %s], %s, lost)", strings.Join(sets, ",\n            "), quote(Representation))
	})
	g.p("")
}

// inOrder reports whether every channel that carries values of a sort keeps an order.
func (g *tla) inOrder(s *sort) bool {
	for _, c := range g.sys.Channels {
		for _, k := range g.carried(c) {
			if shapeOf(c) != sequence && hasField(s, k) {
				return false
			}
		}
	}
	return true
}

// tokens lists the values of a sort as they first occur.
func (g *tla) tokens(s *sort) string {
	var own []string
	for _, p := range s.slots {
		own = append(own, "v."+g.path(g.machines[p.of], p.at))
	}
	out := "<<" + strings.Join(own, ", ") + ">>"
	for i, c := range g.sys.Channels {
		var cases []string
		for _, k := range g.carried(c) {
			var of []string
			for _, p := range s.fields {
				if p.of == k {
					of = append(of, "d.f."+g.sys.Messages[k].Fields[p.at].Name)
				}
			}
			if of != nil {
				cases = append(cases, fmt.Sprintf("d.kind = %s -> <<%s>>", quote(g.sys.Messages[k].Name), strings.Join(of, ", ")))
			}
		}
		if cases != nil {
			out += fmt.Sprintf(" \\o Concat([i \\in 1..Len(v.%s) |-> LET d == v.%s[i] IN CASE %s [] OTHER -> <<>>])", g.chans[i], g.chans[i], strings.Join(cases, " [] "))
		}
	}
	return out
}

// forget prints what becomes of a marked call that has ended, runs no more and can neither arrive nor be sent.
func (g *tla) forget() {
	var may, sets []string
	for i, x := range g.machines {
		for _, at := range g.arrive[i] {
			may = append(may, fmt.Sprintf("v.%s = Marked", g.path(x, at)))
		}
		for _, at := range g.pays[i] {
			sets = append(sets, fmt.Sprintf("!.%s = IF @ \\in {Marked, Late} THEN White ELSE @", g.path(x, at)))
		}
	}
	for i, c := range g.sys.Channels {
		var cases []string
		for _, k := range g.carried(c) {
			var own []string
			for _, f := range g.sys.Messages[k].Fields {
				if f.Type.Kind == fsm.Payload {
					may = append(may, fmt.Sprintf("\\E d \\in All_%d(v) : d.kind = %s /\\ d.f.%s = Marked", i, quote(g.sys.Messages[k].Name), f.Name))
					own = append(own, fmt.Sprintf("!.f.%s = IF @ = Late THEN White ELSE @", f.Name))
				}
			}
			if own != nil {
				cases = append(cases, fmt.Sprintf("d.kind = %s -> [d EXCEPT %s]", quote(g.sys.Messages[k].Name), strings.Join(own, ", ")))
			}
		}
		if cases != nil {
			g.p("Washed_%d(d) == CASE %s [] OTHER -> d", i, strings.Join(cases, " [] "))
			sets = append(sets, fmt.Sprintf("!.%s = Map_%d(@, Washed_%d)", g.chans[i], i, i))
		}
	}
	may = append(may, "FALSE")
	g.p("MayArrive(v) == (%s)", strings.Join(may, ") \\/ ("))
	g.def("Forget(v)")
	g.in(func() {
		g.p("IF v.phase = \"not made\" THEN v ELSE")
		g.p("LET a == IF v.phase = \"pending\" THEN v ELSE [v EXCEPT !.restarted = FALSE, !.replied = FALSE]")
		if g.keeps { // an assertion asks for it
			g.p("IN  a")
			return
		}
		g.p("IN  IF a.phase = \"pending\" \\/ a.handler = Marked \\/ MayArrive(a) THEN a")
		g.p("    ELSE [a EXCEPT !.phase = \"not made\", !.fn_of = \"\", !.starts = 0, !.commits = 0, !.late_ran = FALSE, !.restarted = FALSE, !.replied = FALSE,")
		g.p("            !.handler = IF @ = Late THEN White ELSE @, !.waiting = IF @ = Late THEN White ELSE @%s]", strings.Join(append([]string{""}, sets...), ",\n            "))
	})
	g.p("")
}
