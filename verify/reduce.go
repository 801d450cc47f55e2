package verify

import (
	"slices"

	"sprocketc/fsm"
)

// settle lets the monitor forget a marked call that can no longer matter, and reports whether the datagrams' colours are
// washed out as well; inFlight says whether one of the marked call is under way.
func (e *blockEngine) settle(w *World, inFlight bool) (wash bool) {
	for i, c := range e.m.Code {
		for j, s := range c.Layout {
			if i == e.m.Callee && !e.m.runs[i][j] {
				continue // an answer that nobody sends back
			}
			inFlight = inFlight || s.Type.Kind == fsm.Payload && s.Kind != fsm.SoundSlot && e.m.alive(w.Env, w.L[i][j])
		}
	}
	if !e.m.settle(&w.Env, inFlight) {
		return false
	}
	e.wash(w)
	return true
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

// wash makes every colour that machines hold white.
func (e *blockEngine) wash(w *World) {
	for i, c := range e.m.Code {
		for j, s := range c.Layout {
			if s.Type.Kind == fsm.Payload && (s.Kind == fsm.VarSlot || s.Kind == fsm.FieldSlot) && w.L[i][j] > white {
				w.L[i][j] = white
			}
		}
	}
}

// white is a datagram with every colour white.
func (e *blockEngine) white(m Msg) Msg {
	for i, x := range e.m.Sys.Messages[m[0]].Fields {
		if x.Type.Kind == fsm.Payload && m[1+i] > white {
			m[1+i] = white
		}
	}
	return m
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
	if e.own(f, id) && (f.w.Env.Call != 0 || e.m.holdsCall(f.w)) {
		return false
	}
	l := f.w.L[e.m.Caller]
	key := worldKey(World{L: []fsm.State{l}}) + string(id[:])
	if v, ok := e.abandons[key]; ok {
		return v
	}
	v := e.ignoresAll(f, id)
	e.abandons[key] = v
	return v
}

// ignoresAll probes the caller with every kind of datagram that carries an identity.
func (e *blockEngine) ignoresAll(f front, id ident) bool {
	if e.ign[e.m.Caller].wide {
		return false
	}
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

// gaps are the classes of abandoned requests in one world, where the requests with a mark that are in flight have certain
// identities: requests between two identities that count are of one class.
type gaps struct {
	dist    []ident
	class   []int16 // by datagram: an index of classes, or notAbandoned, or notAsked
	classes []class
}

type class struct {
	gap           int
	colour, epoch uint8
}

const (
	notAsked     = -2
	notAbandoned = -1
)

// gapsOf a world with requests in flight.
func (e *blockEngine) gapsOf(world uint32, requests []Msg) *gaps {
	w := e.all[world]
	g := &gaps{}
	if w.Env.Call != 0 || e.m.holdsCall(w) {
		g.dist = append(g.dist, e.id.at(w.L[e.m.Caller], e.id.own))
	}
	if e.m.lanes {
		for _, at := range e.id.mine {
			g.dist = append(g.dist, e.id.at(w.L[e.m.Caller], at))
		}
	}
	for _, at := range e.id.other {
		g.dist = append(g.dist, e.id.at(w.L[e.m.Callee], at))
	}
	for _, m := range requests {
		if e.counted(m) {
			g.dist = append(g.dist, e.id.of(m))
		}
	}
	slices.SortFunc(g.dist, ident.compare)
	return g
}

// counted reports whether a request's identity counts: it is marked, or none is merged with it.
func (e *blockEngine) counted(m Msg) bool {
	return e.coloured(m, marked) || e.single[e.m.operation(m)] && e.merges != apart
}

// classOf a request.
func (e *blockEngine) classOf(g *gaps, world, msg uint32) int16 {
	for int(msg) >= len(g.class) {
		g.class = append(g.class, notAsked)
	}
	if g.class[msg] == notAsked {
		g.class[msg] = e.findClass(g, world, e.msgs.list[msg])
	}
	return g.class[msg]
}

func (e *blockEngine) findClass(g *gaps, world uint32, m Msg) int16 {
	at, found := slices.BinarySearchFunc(g.dist, e.id.of(m), ident.compare)
	if found || e.coloured(m, marked) || e.single[e.m.operation(m)] || !e.abandoned(front{w: e.all[world]}, e.id.of(m)) {
		return notAbandoned
	}
	c := class{gap: at, colour: white}
	for _, colour := range []uint8{late, after} {
		if e.coloured(m, colour) {
			c.colour = colour
		}
	}
	if e.merges == inside {
		c.epoch = e.id.of(m)[0]
	}
	i := slices.Index(g.classes, c)
	if i < 0 {
		i = len(g.classes)
		g.classes = append(g.classes, c)
	}
	return int16(i)
}

// merged gives abandoned requests of one colour between two identities that count the highest of theirs. The callee uses
// an abandoned request through its order alone: running one more only makes it busy and moves its newest identity
// within the gap, and nobody heeds the answer (mergeable sees to it). Needs requests without a mark. Epochs that the
// callee does not order are kept apart.
func (e *blockEngine) merged(s blockState, ch int) uint32 {
	c := &e.words[ch].list[s.c[ch]]
	if len(c.values) < 2 {
		return s.c[ch]
	}
	k := uint64(s.world)<<32 | uint64(c.marks)
	g := e.memo.gaps[k]
	if g == nil {
		g = e.gapsOf(s.world, c.values)
		e.memo.gaps[k] = g
		e.remembers()
	}
	tops := e.tops[:0] // by class
	many := false
	for i, msg := range c.msgs {
		j := e.classOf(g, s.world, msg)
		if j < 0 {
			continue
		}
		for int(j) >= len(tops) {
			tops = append(tops, top{})
		}
		many = many || tops[j].n > 0
		tops[j].n++
		if x := e.id.of(c.values[i]); x.compare(tops[j].ident) > 0 {
			tops[j].ident = x
		}
	}
	e.tops = tops
	if !many {
		return s.c[ch]
	}
	to := make([]Msg, len(c.values))
	for i, m := range c.values {
		to[i] = m
		if j := g.class[c.msgs[i]]; j >= 0 && tops[j].n > 1 {
			to[i] = e.id.set(m, tops[j].ident)
		}
	}
	return e.words[ch].replace(s.c[ch], to)
}

// top is the highest identity of a class, of how many requests.
type top struct {
	ident
	n int
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

// idleNumber: while no call is outstanding the caller's number is only a lower bound for the next; any value that none
// alive is above does, and the lowest such is the one that two equal situations share. It is never raised: what is above it
// may be used twice.
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
	now, low := l[at], uint32(0)
	l[at] = 0
	k := group{slices.Index(e.num.sorts, e.id.sorts[len(e.id.sorts)-1]), scope}
	if g := e.num.groups(f.w.L, f.messages()).of(k); g != nil {
		low = slices.Max(append(slices.Clone(g.local), g.carried...))
	}
	l[at] = min(now, low)
}
