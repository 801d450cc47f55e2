package verify

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"sprocketc/diag"
	"sprocketc/fsm"
)

// The naive fair search: states of the naive semantics in a map, classes as texts, components by reachability.

type naiveEdge struct {
	to          int
	pays, sends []string
}

type naiveGraph struct {
	edges [][]naiveEdge
	ready []map[string]bool
	both  map[string]bool // classes that are owed where they are sent and can be paid
}

// naive explores what follows the states of a system in which a goal is waited for; full: there are too many.
func naive(m *Model, a *fsm.Assertion, room func(int) int, limit int) (g *naiveGraph, full bool) {
	all := refSearch(m, room, limit)
	if all.full || all.broken != "" {
		return nil, true
	}
	value := func(c fsm.Expr, s refState) bool { return c == nil || m.value(c, s.w, nil) != 0 }
	g = &naiveGraph{both: map[string]bool{}}
	index := map[string]int{}
	var states []refState
	add := func(s refState) int {
		for _, c := range s.ch {
			for i := range c {
				c[i].number = 0
			}
		}
		s.w.Env = Monitor{}
		k := fmt.Sprint(s.w.L, s.ch)
		i, ok := index[k]
		if !ok {
			i = len(states)
			index[k] = i
			states = append(states, s)
		}
		return i
	}
	for _, s := range all.states {
		if value(a.After, s) && !value(a.Cond, s) {
			add(s.clone())
		}
	}
	for i := 0; i < len(states); i++ {
		if len(states) > limit {
			return nil, true
		}
		g.edges, g.ready = append(g.edges, nil), append(g.ready, map[string]bool{})
		for _, t := range m.refNext(states[i], room) {
			if t.Kind == Crashes || t.After >= 0 || t.Bad != "" {
				continue
			}
			var e naiveEdge
			switch {
			case t.Kind == TimerFires:
				e.pays = []string{fmt.Sprint("timer ", t.Machine, t.Event.Name)}
				g.ready[i][e.pays[0]] = true
			case t.Kind == Delivers:
				c, k := m.Sys.Channels[t.Channel], fmt.Sprint("datagram ", t.Channel, t.Msg)
				if c.Loses {
					e.pays = []string{k}
					if t.Event != nil && t.Event.When != nil || blocks(m, t.Machine) {
						g.ready[i][k] = true
						g.both[k] = true
					}
				} else if !t.Again {
					e.pays = []string{k}
					g.ready[i][k] = true
				}
				if c.Repeats {
					e.sends = []string{"finite " + k}
				}
			}
			for _, x := range t.Step.Sent {
				c, k := m.Sys.Channels[x.Channel], fmt.Sprint("datagram ", x.Channel, x.Msg)
				if c.Loses {
					e.sends = append(e.sends, k)
					to := m.to[x.Channel]
					if ev := m.receive(to, x.Msg); ev != nil && (ev.When != nil || blocks(m, to)) {
						g.both[k] = true
					}
				}
				if c.Repeats {
					e.pays = append(e.pays, "finite "+k)
				}
			}
			if !value(a.Cond, t.next) {
				e.to = add(t.next.clone())
				g.edges[i] = append(g.edges[i], e)
			}
		}
	}
	return g, false
}

// blocks reports whether what a machine sends may have to wait for room.
func blocks(m *Model, machine int) bool {
	out := m.out[machine]
	return out >= 0 && (!m.Sys.Channels[out].Loses || m.Sys.Channels[out].Waits)
}

// fair reports whether a fair run can stay among some nodes without some edges.
func (g *naiveGraph) fair(nodes map[int]bool, cut map[[2]int]bool, finite bool) bool {
	reach := func(from int) map[int]bool {
		seen := map[int]bool{from: true}
		todo := []int{from}
		for len(todo) > 0 {
			n := todo[0]
			todo = todo[1:]
			for i, e := range g.edges[n] {
				if nodes[e.to] && !cut[[2]int{n, i}] && !seen[e.to] {
					seen[e.to] = true
					todo = append(todo, e.to)
				}
			}
		}
		return seen
	}
	reached := map[int]map[int]bool{}
	for n := range nodes {
		reached[n] = reach(n)
	}
	done := map[int]bool{}
	for n := range nodes {
		if done[n] {
			continue
		}
		part := map[int]bool{}
		for k := range reached[n] {
			if reached[k][n] {
				part[k], done[k] = true, true
			}
		}
		if g.fairIn(part, cut, finite) {
			return true
		}
	}
	return false
}

func (g *naiveGraph) fairIn(part map[int]bool, cut map[[2]int]bool, finite bool) bool {
	ready, sent, paid := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for n := range part {
		for k := range g.ready[n] {
			ready[k] = true
		}
		for i, e := range g.edges[n] {
			if !part[e.to] || cut[[2]int{n, i}] {
				continue
			}
			for _, k := range e.sends {
				sent[k] = finite || !strings.HasPrefix(k, "finite")
			}
			for _, k := range e.pays {
				paid[k] = true
			}
		}
	}
	without := func(k string) map[int]bool {
		out := map[int]bool{}
		for n := range part {
			if !g.ready[n][k] {
				out[n] = true
			}
		}
		return out
	}
	unsent := func(k string) map[[2]int]bool {
		out := map[[2]int]bool{}
		for e := range cut {
			out[e] = true
		}
		for n := range part {
			for i, e := range g.edges[n] {
				if slices.Contains(e.sends, k) {
					out[[2]int{n, i}] = true
				}
			}
		}
		return out
	}
	for k := range ready {
		if !paid[k] && !g.both[k] {
			return g.fair(without(k), cut, finite)
		}
	}
	for k, is := range sent {
		if !is || paid[k] {
			continue
		}
		if !g.both[k] {
			return g.fair(part, unsent(k), finite)
		}
		if ready[k] {
			return g.fair(part, unsent(k), finite) || g.fair(without(k), cut, finite)
		}
	}
	return true
}

func (g *naiveGraph) verdict() string {
	all := map[int]bool{}
	for n := range g.edges {
		all[n] = true
	}
	switch {
	case !g.fair(all, nil, false):
		return Holds
	case !g.fair(all, nil, true):
		return Holds + " where nothing repeats for ever"
	}
	return Violated
}

func (d decided) text() string {
	if slices.Contains(d.given, givenFinite) {
		return d.verdict + " where nothing repeats for ever"
	}
	return d.verdict
}

// waiter draws systems in which something is waited for.
type waiter struct {
	t       *rapid.T
	guarded bool // a machine may not take what arrives
}

func (g waiter) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(g.t, label)
}

func (g waiter) yes(label string) bool { return rapid.Bool().Draw(g.t, label) }

func (g waiter) model(text string) *Model {
	s, ds := fsm.Load(&diag.File{Name: "random.fsm", Text: []byte(text)})
	if len(ds) > 0 {
		g.t.Fatalf("%s: %s\n%s", ds[0].Code, ds[0].Message, text)
	}
	m, err := NewModel(s)
	if err != nil {
		g.t.Fatal(err)
	}
	return m
}

// waiting writes random small systems with timers and something that is waited for.
func (g waiter) waiting(channel func() string) string {
	cond := func(who string, in ...string) string { return g.pick(who, in...) }
	stmts := func(who string, sends []string, depth int) string {
		v := map[string]string{"a": "x", "b": "y"}[who]
		one := func() string {
			switch rapid.IntRange(0, 6).Draw(g.t, "stmt") {
			case 0, 1, 2:
				return g.pick("send", sends...)
			case 3:
				return g.pick("start", "start t"+who+";", "cancel t"+who+";", "start t"+who+";")
			}
			return g.pick("set", v+" = 0;", v+" = 1;", v+" = 2;", v+" = ("+v+" + 1) % 3;")
		}
		out := ""
		for range rapid.IntRange(1, 2).Draw(g.t, "stmts") {
			if depth > 0 && g.yes("when") {
				out += "when " + v + " == " + g.pick("value", "0", "1", "2") + " { " + one() + " } else { " + one() + " } "
			} else {
				out += one() + " "
			}
		}
		return out
	}
	guard := func(v string) string {
		if !g.guarded || rapid.IntRange(0, 5).Draw(g.t, "guard") > 0 {
			return ""
		}
		return " when " + v + " != 2"
	}
	up, down := []string{"send P { v: 0 };", "send P { v: 1 };", "send P { v: (x + 1) % 2 };"}, []string{"send Q { v: 0 };", "send Q { v: 1 };", "send Q { v: (y + 1) % 2 };"}
	after := ""
	if g.yes("after") {
		after = "after " + cond("trigger", "a.x == 1", "b.y == 1", "a.x == b.y") + " "
	}
	return "system random;\nmessage P from a { v: 0..1; }\nmessage Q from b { v: 0..1; }\n" +
		"channel up from a to b" + channel() + ";\nchannel down from b to a" + channel() + ";\n" +
		"machine a {\n var x: 0..2; timer ta 10;\n on restart { start ta; " + stmts("a", up, 0) + "}\n on timer ta { " + g.pick("again", "start ta; ", "start ta; ", "") + stmts("a", up, 1) +
		"}\n on Q(m)" + guard("x") + " { when m.v == 1 { " + stmts("a", up, 1) + "} else { " + stmts("a", up, 1) + "} }\n free never when x == 0 && x == 1 { x = 0; }\n}\n" +
		"machine b" + g.pick("crashes", "", " crashes 1") + " {\n var y: 0..2; timer tb 10;\n on timer tb { " + stmts("b", down, 1) +
		"}\n on P(m)" + guard("y") + " { when m.v == 1 { " + stmts("b", down, 1) + "} else { " + stmts("b", down, 1) + "} }\n free never when y == 0 && y == 1 { y = 0; }\n}\n" +
		"assert goal: " + after + "eventually " + cond("goal", "a.x == 2", "b.y == 2", "a.x == 2 && b.y == 1", "a.x == 0") + ";\n"
}
