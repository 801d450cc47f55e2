package verify

import (
	"slices"

	"sprocketc/fsm"
)

// Which functions an unmarked call needs to try. A function is covered by another if whatever a network and a callee
// can do to an unmarked call of it, they can do to one of the other with the same states afterwards and at least the
// same datagrams in flight: then calls of the other alone are enough beside the marked call, which tries them all. It
// is shown by running the machines, not argued: every step of a caller that knows of f, from the call of it on and as long
// as it remembers it, is matched by one of a caller that knows of g instead, or by one and a timer after it; and the callee
// does the same with both requests.

// maxCover bounds the states that a proof of cover visits; beyond it nothing is covered.
const maxCover = 3000

// unmarked lists the functions that unmarked calls try.
func (e *blockEngine) unmarked() []uint32 {
	m := e.m
	if m.Caller < 0 || m.Callee < 0 || m.Caller == m.Callee || len(m.Fns) < 2 || m.asksFunction() {
		return m.Fns
	}
	out := slices.Clone(m.Fns)
	for i := 0; i < len(out); i++ {
		for _, g := range m.Fns {
			if g != out[i] && slices.Contains(out, g) && m.in(g, "pure") == m.in(out[i], "pure") && m.in(g, "ordered") == m.in(out[i], "ordered") && e.covered(out[i], g) {
				out = slices.Delete(out, i, i+1)
				i--
				break
			}
		}
	}
	return out
}

// asksFunction reports whether an invariant reads a variable that holds a function.
func (m *Model) asksFunction() (asks bool) {
	for _, inv := range m.Sys.Invariants {
		fsm.WalkExpr(inv.Cond, func(e fsm.Expr) {
			t, known := m.typeInInvariant(e)
			asks = asks || known && !inv.Start && m.isFn(t)
		})
	}
	return
}

// covered reports whether g covers f.
func (e *blockEngine) covered(f, g uint32) bool {
	return e.sameRequests(f, g) && e.callerCovers(f, g)
}

// reachable lists the local states of a machine under any input, in ranks.
func (g *ignorer) reachable(limit int) ([]node, bool) {
	var none Msg
	seen := map[string]bool{}
	var out []node
	add := func(l fsm.State) {
		n := g.ranked(l, none)
		if k := n.key(0); !seen[k] {
			seen[k] = true
			out = append(out, n)
		}
	}
	for _, w := range g.m.Initial() {
		add(w.L[g.machine])
	}
	g.begin()
	for i := 0; i < len(out) && len(out) <= limit && !g.spent(); i++ {
		g.each(&out[i], nil, 0, func(l fsm.State, _ []fsm.Next) { add(l) })
	}
	return out, len(out) <= limit && !g.spent()
}

// sameRequests: the callee does the same with a request for f as for g.
func (e *blockEngine) sameRequests(f, g uint32) bool {
	ig := e.ign[e.m.Callee]
	nodes, ok := ig.reachable(maxCover)
	if !ok {
		return false
	}
	for i := range nodes {
		if ig.spent() {
			return false
		}
		for _, ev := range e.m.Code[e.m.Callee].M.Events {
			if ev.Kind != fsm.OnMessage {
				continue
			}
			at := e.m.fnField(e.m.Sys.Message(ev.Name))
			if at < 0 {
				continue
			}
			for _, x := range ig.messages(&nodes[i], ev.Name, nil, 0) {
				if uint32(x[1+at]) != f {
					continue
				}
				y := x
				y[1+at] = uint8(g)
				if !slices.Equal(e.results(e.m.Callee, nodes[i].l, ev, e.m.fields(x)), e.results(e.m.Callee, nodes[i].l, ev, e.m.fields(y))) {
					return false
				}
			}
		}
	}
	return true
}

// results are what an event can lead to: local states and everything sent, as texts.
func (e *blockEngine) results(i int, l fsm.State, ev *fsm.Event, in []uint32) (out []string) {
	e.m.exec(i, l, ev, in, func(_ []bool, r fsm.Result) {
		k := worldKey(World{L: []fsm.State{r.State}}) + r.Fault
		for _, x := range r.Effects {
			m, _ := e.m.msg(x)
			if x.After != nil { // a crash may come here
				k += worldKey(World{L: []fsm.State{x.After}})
			}
			k += string([]byte{byte(x.Kind), byte(x.Index), byte(x.Slot)}) + string(m[:])
		}
		out = append(out, k)
	})
	return
}

// callerCovers: every step of a caller that knows of f is matched for g.
func (e *blockEngine) callerCovers(f, g uint32) bool {
	m := e.m
	c := m.Code[m.Caller]
	slots := e.fnSlots(m.Caller)
	ig := e.ign[m.Caller]
	nodes, ok := ig.reachable(maxCover)
	if !ok {
		return false
	}
	to := func(l fsm.State) (fsm.State, bool) { // the same state with g for f
		k := slices.Clone(l)
		had := false
		for _, s := range slots {
			if k[s] == f {
				k[s], had = g, true
			}
		}
		return k, had
	}
	for i := range nodes {
		if ig.spent() {
			return false
		}
		n := &nodes[i]
		w := World{L: make([]fsm.State, len(m.Code)), Env: Monitor{Call: white}}
		for j, o := range m.Code {
			w.L[j] = o.Blank()
		}
		twin, knows := to(n.l)
		for _, ev := range c.M.Events {
			for _, in := range e.callerInputs(n, ev) {
				a := Action{Machine: m.Caller, Event: ev, In: in, After: -1}
				b := a
				called := ev.Kind == fsm.OnCall && in[0] == f
				switch {
				case !knows && !called || !c.Enabled(n.l, ev, in...):
					continue
				case called:
					b.In = []uint32{g, in[1]}
				}
				if !c.Enabled(twin, ev, b.In...) {
					return false
				}
				w.Env.Call = white
				pre := func(*Step) {}
				if ev.Kind == fsm.OnCall {
					w.Env.Call, pre = 0, func(s *Step) { s.Next.Env.Call = white }
				}
				w.L[m.Caller] = n.l
				mine := m.Steps(w, a, pre)
				w.L[m.Caller] = twin
				theirs := m.Steps(w, b, pre)
				for _, s := range mine {
					want, _ := to(s.Next.L[m.Caller])
					if !e.matched(s, want, theirs, f, g) {
						return false
					}
				}
			}
		}
	}
	return true
}

// fnSlots of a machine: the variables that hold a function.
func (e *blockEngine) fnSlots(i int) (out []int) {
	for j, s := range e.m.Code[i].Layout {
		if e.m.isFn(s.Type) && s.Kind == fsm.VarSlot {
			out = append(out, j)
		}
	}
	return
}

// callerInputs of an event for the proof of cover: calls, timers, and datagrams with any values.
func (e *blockEngine) callerInputs(n *node, ev *fsm.Event) (out [][]uint32) {
	switch ev.Kind {
	case fsm.OnCall:
		for _, fn := range e.m.Fns {
			out = append(out, []uint32{fn, white})
		}
	case fsm.OnTimer, fsm.OnFree:
		return e.m.inputs(ev)
	case fsm.OnMessage:
		for _, x := range e.ign[e.m.Caller].messages(n, ev.Name, nil, 0) {
			out = append(out, e.m.fields(x))
		}
	}
	return
}

// matched reports whether one of the steps, or one followed by a timer, leads to a state with at least the same sent, and
// breaks the same.
func (e *blockEngine) matched(s Step, want fsm.State, theirs []Step, f, g uint32) bool {
	m := e.m
	fits := func(t Step, sent []Sent) bool {
		if (t.After >= 0) != (s.After >= 0) || t.Bad != s.Bad || t.Next.Env != s.Next.Env || !slices.Equal(t.Next.L[m.Caller], want) {
			return false
		}
		i := 0 // s.Sent, with g for f, is a subsequence
		for _, x := range s.Sent {
			if at := m.fnField(m.Sys.Messages[x.Msg[0]]); at >= 0 && uint32(x.Msg[1+at]) == f {
				x.Msg[1+at] = uint8(g)
			}
			for i < len(sent) && sent[i] != x {
				i++
			}
			if i == len(sent) {
				return false
			}
			i++
		}
		return true
	}
	for _, t := range theirs {
		if fits(t, t.Sent) {
			return true
		}
	}
	for _, t := range theirs {
		if t.After >= 0 || t.Bad != "" {
			continue
		}
		c := m.Code[m.Caller]
		for _, ev := range c.M.Events {
			if ev.Kind != fsm.OnTimer || !c.Enabled(t.Next.L[m.Caller], ev) {
				continue
			}
			for _, u := range m.Steps(t.Next, Action{Machine: m.Caller, Event: ev, After: -1}, nil) {
				if fits(u, append(slices.Clone(t.Sent), u.Sent...)) {
					return true
				}
			}
		}
	}
	return false
}
