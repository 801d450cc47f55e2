package verify

import (
	"slices"

	"sprocketc/fsm"
)

// normalise brings a state to its normal form: dead datagrams go, the mark of a call that can no longer matter is
// washed out, abandoned requests and stale rejections are merged, numbers become ranks.
func (e *blockEngine) normalise(f *front) error {
	for ch := range f.c {
		ch := ch
		f.c[ch] = f.c[ch].rename(e.k[ch], func(m Msg) (Msg, bool) { return m, !e.dead(*f, ch, m) })
	}
	arrives := false
	for _, m := range f.messages() {
		arrives = arrives || e.coloured(m, marked)
	}
	for i, c := range e.m.Code {
		if i == e.m.Callee && !e.holds {
			continue // an answer: a machine that invokes what a datagram brings never invokes it
		}
		for j, s := range c.Layout {
			arrives = arrives || s.Type.Kind == fsm.Payload && s.Kind != fsm.SoundSlot && f.w.L[i][j] == marked
		}
	}
	if e.m.settle(&f.w.Env, arrives) {
		e.wash(f)
	}
	e.merge(f)
	e.stale(f)
	e.bound(f)
	e.idleNumber(f)
	ren, err := e.num.rename(f.w.L, f.messages())
	if err != nil {
		return err
	}
	if ren != nil {
		for ch := range f.c {
			f.c[ch] = f.c[ch].rename(e.k[ch], func(m Msg) (Msg, bool) { return ren(m), true })
		}
	}
	return nil
}

// coloured reports whether a datagram carries a payload of a colour.
func (e *blockEngine) coloured(m Msg, colour uint8) bool {
	for i, f := range e.m.Sys.Messages[m[0]].Fields {
		if f.Type.Kind == fsm.Payload && m[1+i] == colour {
			return true
		}
	}
	return false
}

// wash makes every colour white.
func (e *blockEngine) wash(f *front) {
	for i, c := range e.m.Code {
		for j, s := range c.Layout {
			if s.Type.Kind == fsm.Payload && (s.Kind == fsm.VarSlot || s.Kind == fsm.FieldSlot) && f.w.L[i][j] > white {
				f.w.L[i][j] = white
			}
		}
	}
	for ch := range f.c {
		f.c[ch] = f.c[ch].rename(e.k[ch], func(m Msg) (Msg, bool) {
			for i, x := range e.m.Sys.Messages[m[0]].Fields {
				if x.Type.Kind == fsm.Payload && m[1+i] > white {
					m[1+i] = white
				}
			}
			return m, true
		})
	}
}

// dead reports whether the receiver ignores a datagram now and ever after. A request that the callee may still answer
// is dead too, if the caller ignores every answer that may come.
func (e *blockEngine) dead(f front, ch int, m Msg) bool {
	to, from := e.m.to[ch], e.m.from[ch]
	g := e.ign[to]
	if g.answers && e.id == nil {
		return false
	}
	v := g.ignores(f.w.L[to], m, e.bars[from], e.mask(f, ch, m))
	if !v.dead || len(v.answers) == 0 {
		return v.dead
	}
	if e.abandoned(f, e.id.of(m)) {
		return e.repeatsIdentity(m, v.answers)
	}
	back := e.m.out[to]
	for _, a := range v.answers {
		for _, x := range e.probes(f, a, m) {
			if !e.ign[from].ignores(f.w.L[from], x, e.bars[to], e.mask(f, back, x)&^e.anyNumber(a)).dead {
				return false
			}
		}
	}
	return true
}

// anyNumber has the bits of a mask for the numbers of an answer that stand for any: nothing is known of them.
func (e *blockEngine) anyNumber(a answer) (bits uint16) {
	for j, p := range e.num.field[a.message] {
		if a.from[p.at] == 0 && j < 4 {
			bits |= 0x1111 << j
		}
	}
	return
}

// repeatsIdentity reports whether every answer carries the datagram's identity.
func (e *blockEngine) repeatsIdentity(m Msg, answers []answer) bool {
	for _, a := range answers {
		for i, at := range e.id.field[a.message] {
			own := e.id.field[m[0]][i]
			if at > 0 && int(a.from[at]) != own || at == 0 && own > 0 && m[own] != 0 {
				return false
			}
		}
	}
	return true
}

// probes are the answers to a datagram that its receiver can tell apart: where a number is not the datagram's own, each
// of the receiver's values of the sort, none, and another. (Ranks of what machines hold are multiples of the gap, so 1 is
// none of them.)
func (e *blockEngine) probes(f front, a answer, m Msg) []Msg {
	to := e.m.Caller
	out := []Msg{{a.message}}
	for i, fd := range e.m.Sys.Messages[a.message].Fields {
		vs := []uint8{0}
		switch {
		case fd.Type.Kind == fsm.Bool:
			vs = []uint8{0, 1}
		case fd.Type.Kind == fsm.EnumKind:
			vs = span(0, uint32(len(e.m.Sys.Enum(fd.Type.Name).Members)-1))
		case fd.Type.Kind == fsm.Range:
			vs = span(fd.Type.Lo, fd.Type.Hi)
		case fd.Type.Kind == fsm.Payload:
			vs = []uint8{white}
		case a.from[1+i] > 0:
			vs = []uint8{m[a.from[1+i]]}
		default:
			at := slices.IndexFunc(e.num.field[a.message], func(p place) bool { return p.at == 1+i })
			if at < 0 {
				vs = span(0, uint32(max(0, e.m.Sys.Sort(fd.Type.Name).Wrap-1))) // a reused number
				break
			}
			sort := e.num.field[a.message][at].sort
			vs = append(vs, 1)
			for _, q := range e.num.slots[to] {
				if v := uint8(f.w.L[to][q.at]); q.sort == sort && !slices.Contains(vs, v) {
					vs = append(vs, v)
					if e.ign[to].ordered[e.num.sorts[sort]] {
						vs = append(vs, v+1) // above it, and below the next
					}
				}
			}
		}
		var next []Msg
		for _, x := range out {
			for _, v := range vs {
				x[1+i] = v
				next = append(next, x)
			}
		}
		out = next
	}
	return out
}

func span(lo, hi uint32) (out []uint8) {
	for v := lo; v <= min(hi, 255); v++ {
		out = append(out, uint8(v))
	}
	return
}

func (e *blockEngine) mask(f front, ch int, m Msg) uint16 {
	from := e.m.from[ch]
	return e.ign[e.m.to[ch]].mask(m, e.bars[from], func(b bar, v uint8) bool {
		if f.w.L[from][b.slot] == uint32(v) {
			return true
		}
		for _, blk := range f.c[ch] {
			for _, x := range blk.v {
				if int(x.m[0]) == b.message && x.m[b.field] == v {
					return true
				}
			}
		}
		return false
	})
}

// pendingNow reports whether an identity is that of the caller's outstanding call.
func (e *blockEngine) own(f front, id ident) bool {
	return e.id.at(f.w.L[e.m.Caller], e.id.own) == id
}

// abandoned reports whether the caller ignores, now and ever after, every datagram that carries an identity.
func (e *blockEngine) abandoned(f front, id ident) bool {
	if e.own(f, id) && f.w.Env.Call != 0 {
		return false
	}
	l := f.w.L[e.m.Caller]
	key := worldKey(World{L: []fsm.State{l}}) + string(id[:])
	if v, ok := e.gone[key]; ok {
		return v
	}
	v := e.ignoresAll(f, id)
	e.gone[key] = v
	return v
}

// ignoresAll probes the caller with every kind of datagram that carries an identity.
func (e *blockEngine) ignoresAll(f front, id ident) bool {
	for i, x := range e.m.Sys.Messages {
		if x.From == e.m.Code[e.m.Caller].M.Name {
			continue
		}
		a := answer{message: uint8(i)}
		own := e.id.set(Msg{uint8(i)}, id)
		if e.id.of(own) != id {
			continue // a message without identity does not carry this one
		}
		for _, at := range e.id.field[i] {
			if at > 0 {
				a.from[at] = uint8(at)
			}
		}
		for _, m := range e.probes(f, a, own) {
			if !e.ign[e.m.Caller].ignores(f.w.L[e.m.Caller], m, nil, 0).dead {
				return false
			}
		}
	}
	return true
}

// merge gives abandoned requests of one colour between two identities that count the highest of theirs. The callee uses
// an abandoned request through its order alone: running one more only makes it busy and moves its newest identity
// within the gap, and nobody heeds the answer (mergeable sees to it). Needs requests without a mark. Epochs that the
// callee does not order are kept apart.
func (e *blockEngine) merge(f *front) {
	if e.merges == apart {
		return
	}
	ch := e.m.out[e.m.Caller]
	var dist []ident
	if f.w.Env.Call != 0 {
		dist = append(dist, e.id.at(f.w.L[e.m.Caller], e.id.own))
	}
	for _, g := range e.id.other {
		dist = append(dist, e.id.at(f.w.L[e.m.Callee], g))
	}
	values := f.c[ch].values()
	for _, m := range values {
		if e.coloured(m, marked) {
			dist = append(dist, e.id.of(m))
		}
	}
	slices.SortFunc(dist, ident.compare)
	type class struct {
		gap           int
		colour, epoch uint8
	}
	classOf := func(m Msg) (class, bool) {
		if e.coloured(m, marked) {
			return class{}, false
		}
		at, found := slices.BinarySearchFunc(dist, e.id.of(m), ident.compare)
		colour := uint8(white)
		if e.coloured(m, late) {
			colour = late
		}
		c := class{gap: at, colour: colour}
		if e.merges == inside {
			c.epoch = e.id.of(m)[0]
		}
		return c, !found && e.abandoned(*f, e.id.of(m))
	}
	type topped struct {
		class
		top ident
		n   int
	}
	var tops []topped
	at := make([]int, len(values)) // of a value in tops; -1
	for i, m := range values {
		at[i] = -1
		c, ok := classOf(m)
		if !ok {
			continue
		}
		j := slices.IndexFunc(tops, func(t topped) bool { return t.class == c })
		if j < 0 {
			j = len(tops)
			tops = append(tops, topped{class: c})
		}
		at[i] = j
		tops[j].n++
		if x := e.id.of(m); x.compare(tops[j].top) > 0 {
			tops[j].top = x
		}
	}
	if !slices.ContainsFunc(tops, func(t topped) bool { return t.n > 1 }) {
		return
	}
	f.c[ch] = f.c[ch].rename(e.k[ch], func(m Msg) (Msg, bool) {
		if j := at[slices.Index(values, m)]; j >= 0 && tops[j].n > 1 {
			return e.id.set(m, tops[j].top), true
		}
		return m, true
	})
}

// olderEpochs is how many epochs without an order that no machine holds may be in flight; the report names it. (With an
// order none is cut: abandoned requests count by it.)
const olderEpochs = 2

// bound drops what carries the oldest of too many epochs without an order.
func (e *blockEngine) bound(f *front) {
	if e.id == nil {
		return
	}
	for i, name := range e.id.sorts {
		if !e.m.Sys.Sort(name).Token {
			continue
		}
		var held, flying []uint8
		for j, ps := range e.num.slots {
			for _, p := range ps {
				if e.num.sorts[p.sort] == name {
					held = append(held, uint8(f.w.L[j][p.at]))
				}
			}
		}
		epoch := func(m Msg) uint8 { return e.id.of(m)[i+2-len(e.id.sorts)] }
		for _, m := range f.messages() {
			if v := epoch(m); v != 0 && !slices.Contains(held, v) && !slices.Contains(flying, v) {
				flying = append(flying, v)
			}
		}
		if len(flying) <= olderEpochs {
			continue
		}
		slices.Sort(flying) // in the order in which they were drawn
		cut := flying[:len(flying)-olderEpochs]
		for ch := range f.c {
			f.c[ch] = f.c[ch].rename(e.k[ch], func(m Msg) (Msg, bool) { return m, !slices.Contains(cut, epoch(m)) })
		}
		e.cut = true
	}
}

// orderedIdentity reports whether every part of an identity has an order: random epochs have none.
func (e *blockEngine) orderedIdentity() bool {
	for _, n := range e.id.sorts {
		if e.m.Sys.Sort(n).Token {
			return false
		}
	}
	return true
}

// idleNumber: while no call is outstanding the caller's number is only a lower bound for the next; any value above all
// that are alive does, and the lowest such is the one that two equal situations share.
func (e *blockEngine) idleNumber(f *front) {
	if e.id == nil || f.w.Env.Call != 0 {
		return
	}
	l := f.w.L[e.m.Caller]
	c := e.m.Code[e.m.Caller]
	at := e.id.own[len(e.id.own)-1]
	if l[at] == 0 || c.Layout[at].Kind != fsm.VarSlot || !e.heedless(l, at) {
		return
	}
	scope := uint32(0)
	if len(e.id.own) == 2 {
		scope = l[e.id.own[0]]
	}
	l[at] = 0
	k := group{slices.Index(e.num.sorts, e.id.sorts[len(e.id.sorts)-1]), scope}
	if g := e.num.groups(f.w.L, f.messages()).of(k); g != nil {
		l[at] = slices.Max(append(slices.Clone(g.local), g.carried...))
	}
}

// counted reports whether a call compares the caller's number with nothing.
func (e *blockEngine) counted(c *fsm.Code, at int) bool {
	used := false
	name := c.Layout[at].Name
	for _, ev := range c.M.Events {
		if ev.Kind != fsm.OnCall {
			continue
		}
		fsm.WalkStages(ev.Body, func(s *fsm.Stage) {
			for _, x := range fsm.Reads(s.Stmt) {
				if w, ok := s.Stmt.(*fsm.When); ok {
					x = w.Cond
				}
				fsm.WalkExpr(x, func(x fsm.Expr) {
					if b, ok := x.(*fsm.Binary); ok {
						for _, y := range []fsm.Expr{b.X, b.Y} {
							if n, ok := y.(*fsm.Name); ok && n.Name == name {
								used = true
							}
						}
					}
				})
			}
		})
	}
	return !used
}
