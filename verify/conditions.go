package verify

import (
	"slices"

	"sprocketc/fsm"
)

// The conditions of the reductions that read an identity, checked by running the machines. A machine that does not meet
// one is explored without that reduction.

// merging says which requests that the caller has abandoned count as one.
type merging int

const (
	apart  merging = iota // none
	inside                // those between two identities, within one epoch
	across                // also over epochs
)

// mergeable runs the callee, in every local state that any input leads to, on requests that differ in their identity
// alone. Two between the same identities of the callee must do the same but for the identity (then they can be told
// apart by their order alone), and the second of two must do as if the first had not come, or nothing: then one more
// only makes the callee busy for a while. Of what the callee keeps in stable memory only the order counts: an older
// identity there refuses no more than a newer one.
func (e *blockEngine) mergeable() merging {
	if e.id == nil || e.records() > 1 {
		return apart
	}
	nodes, ok := e.ign[e.m.Callee].reachable(maxCover)
	if !ok {
		return apart
	}
	e.findCommitting(nodes)
	modes := map[[2]uint8]merging{}
	for i := range nodes {
		if e.ign[e.m.Callee].spent() {
			return apart
		}
		n := spread(&nodes[i], e.num, e.m.Callee, 4)
		for _, ev := range e.m.Code[e.m.Callee].M.Events {
			if ev.Kind == fsm.OnMessage {
				e.alike(n, ev, modes)
			}
		}
	}
	mode := apart
	for _, k := range modes {
		mode = max(mode, k)
	}
	// Kinds that are less alike than others are not merged at all.
	for op, k := range modes {
		e.single[op] = e.single[op] || k < mode
	}
	if mode == apart {
		return apart
	}
	for i := range nodes {
		if e.ign[e.m.Callee].spent() || !e.forgets(spread(&nodes[i], e.num, e.m.Callee, 4)) {
			return apart
		}
	}
	if !e.orderedIdentity() {
		return inside
	}
	return mode
}

// records counts the identities that the callee keeps in stable memory.
func (e *blockEngine) records() (n int) {
	for _, g := range e.id.other {
		if e.m.Code[e.m.Callee].Layout[g[len(g)-1]].Kind == fsm.FieldSlot {
			n++
		}
	}
	return
}

// spread gives the ranks of a node, which are even, another distance, so that several values fit between two others.
func spread(n *node, num *numbers, machine int, distance uint32) *node {
	k := node{slices.Clone(n.l), n.m, slices.Clone(n.top)}
	for _, p := range num.slots[machine] {
		k.l[p.at] *= distance / 2
	}
	for i := range k.top {
		k.top[i] *= distance / 2
	}
	return &k
}

// requests are those of an event but for their identity.
func (e *blockEngine) requests(n *node, ev *fsm.Event) (out []Msg) {
	for _, x := range e.ign[e.m.Callee].messages(n, ev.Name, nil, 0) {
		if x = e.id.set(x, ident{}); !slices.Contains(out, x) && !e.single[e.m.operation(x)] {
			out = append(out, x)
		}
	}
	return
}

// operation is a message's kind and function.
func (m *Model) operation(x Msg) [2]uint8 {
	if at := m.fnField(m.Sys.Messages[x[0]]); at >= 0 {
		return [2]uint8{x[0], x[1+at]}
	}
	return [2]uint8{x[0]}
}

// findCommitting finds the requests of functions whose handler's end is committed with a record: the callee keeps more of these
// than their order, so they are never merged. (Nor are they ever abandoned and alive: a caller goes on until it has the
// answer, and then the record says that the call is over.)
func (e *blockEngine) findCommitting(nodes []node) {
	e.single = map[[2]uint8]bool{}
	c := e.m.Code[e.m.Callee]
	ret := c.M.Event(fsm.OnReturn, "return")
	if !e.m.commits {
		return
	}
	for i := range nodes {
		n := spread(&nodes[i], e.num, e.m.Callee, 4)
		for _, ev := range c.M.Events {
			if ev.Kind != fsm.OnMessage {
				continue
			}
			for _, x := range e.ign[e.m.Callee].messages(n, ev.Name, nil, 0) {
				e.m.exec(e.m.Callee, n.l, ev, e.m.fields(x), func(_ []bool, r fsm.Result) {
					if !slices.ContainsFunc(r.Effects, func(f fsm.Effect) bool { return f.Kind == fsm.DidInvoke }) {
						return
					}
					e.m.exec(e.m.Callee, r.State, ret, []uint32{white}, func(_ []bool, r fsm.Result) {
						if slices.ContainsFunc(r.Effects, func(f fsm.Effect) bool { return f.Commit }) {
							e.single[e.m.operation(x)] = true
						}
					})
				})
			}
		}
	}
}

// gaps lists, for each gap between the callee's identities, two values in it of one epoch for every such place, the
// lower first.
func (e *blockEngine) gaps(n *node) (out [][][2]ident) {
	held := []ident{}
	for _, g := range e.id.other {
		held = append(held, e.id.at(n.l, g))
	}
	slices.SortFunc(held, ident.compare)
	held = slices.Compact(held)
	top := func(i int) uint8 { return uint8(n.top[slices.Index(e.num.sorts, e.id.sorts[i])]) }
	epochs := []uint8{0}
	if len(e.id.sorts) == 2 {
		epochs = nil
		for v := uint8(1); v <= top(0)+1; v++ {
			if v%4 < 2 {
				epochs = append(epochs, v)
			}
		}
	}
	at := map[int]int{}
	for _, ce := range epochs {
		for v := uint8(1); v <= top(len(e.id.sorts)-1)+1; v += 4 {
			x, y := ident{ce, v}, ident{ce, v + 1}
			gap, _ := slices.BinarySearchFunc(held, x, ident.compare)
			i, known := at[gap]
			if !known {
				i = len(out)
				at[gap] = i
				out = append(out, nil)
			}
			out[i] = append(out[i], [2]ident{x, y})
		}
	}
	return
}

// alike finds which requests in one gap do the same, by kind and function.
func (e *blockEngine) alike(n *node, ev *fsm.Event, modes map[[2]uint8]merging) {
	for _, r := range e.requests(n, ev) {
		op := e.m.operation(r)
		mode, known := modes[op]
		if !known {
			mode = across
		}
		for _, gap := range e.gaps(n) {
			var want []string
			for i, pair := range gap {
				a := e.outcome(n.l, ev, e.id.set(r, pair[0]), pair[0], pair[1])
				b := e.outcome(n.l, ev, e.id.set(r, pair[1]), pair[1], pair[1])
				if !slices.Equal(a, b) {
					mode = apart
				}
				c := e.outcome(n.l, ev, e.id.set(r, pair[0]), pair[0], gap[0][1])
				if i == 0 {
					want = c
				}
				if !slices.Equal(c, want) {
					mode = min(mode, inside)
				}
			}
		}
		modes[op] = mode
	}
}

// outcome is what a request leads to, as texts, with one identity written for another.
func (e *blockEngine) outcome(l fsm.State, ev *fsm.Event, x Msg, from, to ident) (out []string) {
	e.m.exec(e.m.Callee, l, ev, e.m.fields(x), func(_ []bool, r fsm.Result) {
		k := worldKey(World{L: []fsm.State{e.relabel(r.State, from, to)}}) + r.Fault
		for _, f := range r.Effects {
			m, _ := e.m.msg(f)
			if f.Kind == fsm.DidSend && e.id.of(m) == from {
				m = e.id.set(m, to)
			}
			if f.After != nil { // a crash may come here
				k += worldKey(World{L: []fsm.State{e.relabel(f.After, from, to)}})
			}
			k += string([]byte{byte(f.Kind), byte(f.Index), byte(f.Slot), byte(f.Args)}) + string(m[:])
		}
		out = append(out, k)
	})
	return
}

// relabel writes one identity for another in a local state of the callee.
func (e *blockEngine) relabel(l fsm.State, from, to ident) fsm.State {
	l = slices.Clone(l)
	for _, g := range e.id.other {
		if e.id.at(l, g) == from {
			for i, s := range g {
				l[s] = uint32(to[i+2-len(g)])
			}
		}
	}
	return l
}

// forgets reports whether a request leaves nothing behind once a later one of its gap is taken.
func (e *blockEngine) forgets(n *node) bool {
	c := e.m.Code[e.m.Callee]
	ret := c.M.Event(fsm.OnReturn, "return")
	after := func(l fsm.State, x Msg, f func(fsm.State)) {
		e.m.exec(e.m.Callee, l, e.m.receive(e.m.Callee, x), e.m.fields(x), func(_ []bool, r fsm.Result) { f(r.State) })
	}
	volatile := func(l fsm.State) string {
		l = slices.Clone(l)
		for i, s := range c.Layout {
			if s.Kind == fsm.FieldSlot && slices.ContainsFunc(e.id.other, func(g []int) bool { return slices.Contains(g, i) }) || s.Kind == fsm.SoundSlot {
				l[i] = 0
			}
		}
		return worldKey(World{L: []fsm.State{l}})
	}
	returned := func(l fsm.State, f func(fsm.State)) { // before and after a handler has ended
		f(l)
		if ret != nil {
			e.m.exec(e.m.Callee, l, ret, []uint32{white}, func(_ []bool, r fsm.Result) { f(r.State) })
		}
	}
	var requests []Msg
	for _, ev := range c.M.Events {
		if ev.Kind == fsm.OnMessage {
			requests = append(requests, e.requests(n, ev)...)
		}
	}
	for _, gap := range e.gaps(n) {
		x, y := gap[0][0], gap[0][1]
		middle := map[string]fsm.State{} // the callee once the first was taken
		for _, r := range requests {
			after(n.l, e.id.set(r, x), func(l fsm.State) {
				returned(l, func(l fsm.State) { middle[worldKey(World{L: []fsm.State{l}})] = l })
			})
		}
		for _, r := range requests {
			direct := map[string]bool{}
			returned(n.l, func(l fsm.State) {
				after(l, e.id.set(r, y), func(l fsm.State) { direct[volatile(l)] = true })
			})
			for _, m := range middle {
				ok := true
				after(m, e.id.set(r, y), func(l fsm.State) {
					ok = ok && (slices.Equal(l, m) || direct[volatile(l)])
				})
				if !ok {
					return false
				}
			}
		}
	}
	return true
}

// exclusive runs the caller from a local state through everything, takes x in every state that comes up, and reports
// whether another of its kind, with a value of its own in a place, is ignored from then on.
func (e *blockEngine) exclusive(l fsm.State, x Msg, p place, bars []bar, mask, other uint16) bool {
	g := e.ign[e.m.Caller]
	start := g.ranked(l, x)
	key := start.key(mask) + string([]byte{byte(p.at), byte(other), byte(other >> 8)})
	if v, ok := e.exclude[key]; ok {
		return v
	}
	seen := map[string]bool{}
	todo := []node{start}
	ok := !g.wide
	ev := e.m.receive(e.m.Caller, x)
	for len(todo) > 0 && ok && ev != nil {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		y := n.m
		y[p.at] = uint8(int(n.top[p.sort]) + 2*maxFields + 1) // above what another message may bring
		e.m.exec(e.m.Caller, n.l, ev, e.m.fields(n.m), func(_ []bool, r fsm.Result) {
			ok = ok && g.ignores(r.State, y, bars, other).dead
		})
		g.each(&n, bars, mask, func(next fsm.State, _ []fsm.Next) {
			k := g.ranked(next, n.m)
			if s := k.key(mask); !seen[s] {
				seen[s] = true
				todo = append(todo, k)
			}
		})
		ok = ok && len(seen) <= maxClosure && !g.ended()
	}
	e.exclude[key] = ok
	return ok
}
