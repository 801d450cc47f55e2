package verify

import (
	"slices"

	"sprocketc/fsm"
)

// wide is the distance of ranks between which several new numbers find room.
const wide = 8

// heedless reports whether a caller without a call uses its number for nothing but to count on from it: with another one
// that none of its numbers is above it does the same, whatever comes, and so does the next call, but for the number that it
// counts up to.
func (e *blockEngine) heedless(l fsm.State, at int) bool {
	g, c := e.ign[e.m.Caller], e.m.Code[e.m.Caller]
	if c.Layout[at].Kind != fsm.VarSlot && (c.M.Crashes || c.M.Erased) {
		return false // what a start does with it is not looked at
	}
	start := g.ranked(l, Msg{})
	key := start.key(0)
	if v, ok := e.careless[key]; ok {
		return v
	}
	ok := !g.wide
	g.begin()
	seen := map[string]bool{key: true}
	todo := []node{start}
	for len(todo) > 0 && ok {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		ok = len(seen) <= maxClosure && !g.spent() && e.sameWhatever(&n, at)
		for _, ev := range c.M.Events {
			if ev.Kind == fsm.OnCall || !ok {
				continue
			}
			for _, in := range e.idleInputs(&n, ev) {
				e.m.exec(e.m.Caller, n.l, ev, in, func(_ []bool, r fsm.Result) {
					k := g.ranked(r.State, Msg{})
					if t := k.key(0); !seen[t] {
						seen[t] = true
						todo = append(todo, k)
					}
				})
			}
		}
	}
	e.careless[key] = ok
	return ok
}

// idleInputs are the inputs of an event of a caller without a call that are enabled, in the ranks of a node.
func (e *blockEngine) idleInputs(n *node, ev *fsm.Event) (out [][]uint32) {
	switch ev.Kind {
	case fsm.OnMessage:
		for _, x := range e.ign[e.m.Caller].messages(n, ev.Name, nil, 0) {
			out = append(out, e.m.fields(x))
		}
	case fsm.OnTimer, fsm.OnFree:
		out = e.m.inputs(ev)
	case fsm.OnCall:
		for _, fn := range e.m.Fns {
			out = append(out, []uint32{fn, white})
		}
		return
	}
	return slices.DeleteFunc(out, func(in []uint32) bool { return !e.m.Code[e.m.Caller].Enabled(n.l, ev, in...) })
}

// sameWhatever reports whether a caller does the same in its next step with another number in a slot: the highest of its
// others of the group, one that is only in flight, and one above everything.
func (e *blockEngine) sameWhatever(n *node, at int) bool {
	slots := e.num.slots[e.m.Caller]
	own := slots[slices.IndexFunc(slots, func(p place) bool { return p.at == at })]
	wider := spread(n, e.num, e.m.Caller, wide)
	highest := uint32(0)
	for _, p := range slots {
		if p.sort == own.sort && p.at != at && (p.scope < 0 || own.scope < 0 || n.l[p.scope] == n.l[own.scope]) {
			highest = max(highest, wider.l[p.at])
		}
	}
	for _, other := range []uint32{highest, highest + wide/2, freshValue - wide} {
		l := slices.Clone(wider.l)
		l[at] = other
		for _, ev := range e.m.Code[e.m.Caller].M.Events {
			if !e.sameStep(n, ev, own, wider.l, l) {
				return false
			}
		}
	}
	return true
}

// sameStep reports whether an event does the same in two states that differ in one number, but for what it counts up to.
func (e *blockEngine) sameStep(n *node, ev *fsm.Event, p place, a, b fsm.State) bool {
	c := e.m.Code[e.m.Caller]
	for _, in := range e.withNumber(n, ev, p.sort, b[p.at]) {
		is := c.Enabled(a, ev, in...)
		if is != c.Enabled(b, ev, in...) {
			return false
		}
		if is && !e.sameCounting(a, b, ev, in, p) {
			return false
		}
	}
	return true
}

// withNumber are the inputs of an event in wide ranks, those of a datagram also with a number in any of its fields of a sort.
func (e *blockEngine) withNumber(n *node, ev *fsm.Event, sort int, number uint32) [][]uint32 {
	switch ev.Kind {
	case fsm.OnTimer, fsm.OnFree:
		return e.m.inputs(ev)
	case fsm.OnMessage:
		var out [][]uint32
		for _, x := range e.ign[e.m.Caller].messages(n, ev.Name, nil, 0) {
			in := e.m.fields(x)
			for _, p := range e.num.field[x[0]] {
				in[p.at-1] *= wide / 2 // ranks are even
			}
			out = append(out, in)
		}
		for _, p := range e.num.field[slices.Index(e.m.Sys.Messages, e.m.Sys.Message(ev.Name))] {
			for _, in := range out {
				if p.sort == sort {
					in = slices.Clone(in)
					in[p.at-1] = number
					out = append(out, in)
				}
			}
		}
		return out
	}
	return e.idleInputs(n, ev)
}

// sameCounting compares what an event leads to in two states. What was counted up from none may have been counted up from
// the number in the place, or be the first of another scope; all of one outcome is read alike.
func (e *blockEngine) sameCounting(a, b fsm.State, ev *fsm.Event, in []uint32, p place) bool {
	x, y := e.counting(a, ev, in, p, a[p.at]), e.counting(b, ev, in, p, b[p.at])
	first := func(l fsm.State, read []string) []string {
		if l[p.at] != 0 {
			return read
		}
		return e.counting(l, ev, in, p, freshValue-wide/2)
	}
	v, w := first(a, x), first(b, y)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && v[i] != w[i] {
			return false
		}
	}
	return true
}

// counting is what an event leads to, as texts, with what was counted up from a number written as such. While no call is
// outstanding what is as it was in the place is as good as any.
func (e *blockEngine) counting(l fsm.State, ev *fsm.Event, in []uint32, p place, from uint32) (out []string) {
	num, was := e.num, l[p.at]
	write := func(b []byte, v uint32, is bool) []byte {
		if is && v > from && v < from+wide/2 {
			return append(b, 255, 255, byte(v-from))
		}
		return appendValue(b, v)
	}
	state := func(l fsm.State, idle, crash bool) (b []byte) {
		for i, v := range l {
			is := slices.ContainsFunc(num.slots[e.m.Caller], func(q place) bool { return q.at == i && q.sort == p.sort })
			if i == p.at && (crash || idle && v == was) {
				b = append(b, 255, 255, 0) // it is volatile; or as it was
				continue
			}
			b = write(b, v, is)
		}
		return
	}
	e.m.exec(e.m.Caller, l, ev, in, func(_ []bool, r fsm.Result) {
		ended := func(f fsm.Effect) bool { return f.Kind == fsm.DidComplete }
		idle := ev.Kind != fsm.OnCall || slices.ContainsFunc(r.Effects, ended)
		b := append(state(r.State, idle, false), r.Fault...)
		for _, f := range r.Effects {
			b = append(b, byte(f.Kind), byte(f.Index), byte(f.Slot), byte(f.Args), byte(f.Outcome), byte(f.Fn))
			b = append(b, f.Name...)
			for i, v := range f.Fields {
				is := slices.ContainsFunc(num.field[f.Index], func(q place) bool { return q.at == 1+i && q.sort == p.sort })
				b = write(b, v, is)
			}
			if f.After != nil { // a crash may come here
				b = append(b, state(f.After, false, true)...)
			}
		}
		out = append(out, string(b))
	})
	return
}
