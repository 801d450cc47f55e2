package verify

import (
	"slices"

	"sprocketc/fsm"
)

// Which functions an unmarked call needs to try. A function is covered by another if whatever a network and a callee
// can do to an unmarked call of it, they can do to one of the other with the same states afterwards and at least the
// same datagrams in flight: then calls of the other alone are enough beside the marked call, which tries them all. It
// is shown by running the machines, not argued: every step of a caller that waits for f is matched by one of a caller
// that waits for g, or by one and a timer after it; and the callee does the same with both requests.

// maxCover bounds the states that a proof of cover visits; beyond it nothing is covered.
const maxCover = 3000

// unmarked lists the functions that unmarked calls try.
func (e *blockEngine) unmarked() []uint32 {
	m := e.m
	if m.Caller < 0 || m.Callee < 0 || len(m.Fns) < 2 {
		return m.Fns
	}
	out := slices.Clone(m.Fns)
	for i := 0; i < len(out); i++ {
		for _, g := range m.Fns {
			if g != out[i] && slices.Contains(out, g) && m.in(g, "pure") == m.in(out[i], "pure") && e.covered(out[i], g) {
				out = slices.Delete(out, i, i+1)
				i--
				break
			}
		}
	}
	return out
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
	for i := 0; i < len(out) && len(out) <= limit; i++ {
		g.each(&out[i], nil, 0, func(l fsm.State, _ []fsm.Next) { add(l) })
	}
	return out, len(out) <= limit
}

// sameRequests: the callee does the same with a request for f as for g.
func (e *blockEngine) sameRequests(f, g uint32) bool {
	ig := e.ign[e.m.Callee]
	nodes, ok := ig.reachable(maxCover)
	if !ok {
		return false
	}
	for i := range nodes {
		for _, ev := range e.m.Code[e.m.Callee].M.Events {
			if ev.Kind != fsm.OnMessage {
				continue
			}
			at := e.m.Sys.Message(ev.Name).Index("fn")
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

// callerCovers: every step of a caller that waits for f is matched for g.
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
		n := &nodes[i]
		w := World{L: make([]fsm.State, len(m.Code)), Env: Monitor{Call: white}}
		for j, o := range m.Code {
			w.L[j] = o.Blank()
		}
		twin, waits := to(n.l)
		waits = waits && c.M.Event(fsm.OnCall, "call") != nil && !c.Enabled(n.l, c.M.Event(fsm.OnCall, "call"))
		for _, ev := range c.M.Events {
			for _, in := range e.callerInputs(n, ev, f) {
				a := Action{Machine: m.Caller, Event: ev, In: in, After: -1}
				b := a
				from := n.l
				switch {
				case ev.Kind == fsm.OnCall:
					if !c.Enabled(n.l, ev) {
						continue
					}
					b.In = slices.Clone(in)
					b.In[0] = g
				case !waits || !c.Enabled(n.l, ev, in...):
					continue
				case !c.Enabled(twin, ev, in...):
					return false
				default:
					from = twin
				}
				w.L[m.Caller] = n.l
				mine := m.Steps(w, a, nil)
				w.L[m.Caller] = from
				theirs := m.Steps(w, b, nil)
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
		if s.Type.Kind == fsm.EnumKind && s.Type.Name == "fn" && s.Kind == fsm.VarSlot {
			out = append(out, j)
		}
	}
	return
}

// callerInputs of an event for the proof of cover: calls of f, timers, and datagrams with any values.
func (e *blockEngine) callerInputs(n *node, ev *fsm.Event, f uint32) (out [][]uint32) {
	switch ev.Kind {
	case fsm.OnCall:
		return [][]uint32{{f, white}}
	case fsm.OnTimer, fsm.OnFree:
		return e.m.inputs(ev)
	case fsm.OnMessage:
		for _, x := range e.ign[e.m.Caller].messages(n, ev.Name, nil, 0) {
			out = append(out, e.m.fields(x))
		}
	}
	return
}

// matched reports whether one of the steps, or one followed by a timer, leads to a state with at least the same sent.
func (e *blockEngine) matched(s Step, want fsm.State, theirs []Step, f, g uint32) bool {
	m := e.m
	fits := func(l fsm.State, sent []Sent, crashed bool) bool {
		if crashed != (s.After >= 0) || !slices.Equal(l, want) {
			return false
		}
		i := 0 // s.Sent, with g for f, is a subsequence
		for _, x := range s.Sent {
			if at := m.Sys.Messages[x.Msg[0]].Index("fn"); at >= 0 && uint32(x.Msg[1+at]) == f {
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
		if fits(t.Next.L[m.Caller], t.Sent, t.After >= 0) {
			return true
		}
	}
	for _, t := range theirs {
		if t.After >= 0 {
			continue
		}
		c := m.Code[m.Caller]
		for _, ev := range c.M.Events {
			if ev.Kind != fsm.OnTimer || !c.Enabled(t.Next.L[m.Caller], ev) {
				continue
			}
			w := t.Next
			w.Env = Monitor{Call: white}
			for _, u := range m.Steps(w, Action{Machine: m.Caller, Event: ev, After: -1}, nil) {
				if fits(u.Next.L[m.Caller], append(slices.Clone(t.Sent), u.Sent...), u.After >= 0) {
					return true
				}
			}
		}
	}
	return false
}
