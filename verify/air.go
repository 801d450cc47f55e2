package verify

import (
	"slices"

	"sprocketc/fsm"
)

// flights are what may happen to the contents of a channel: what may arrive, and what may be lost.
type flights struct {
	arrivals []flight
	drops    []uint32
}

// flight is a datagram that may arrive, for the first time or again, and the contents that stay behind.
type flight struct {
	msg   Msg
	again bool
	after []uint32
}

// posting is a datagram sent into contents.
type posting struct {
	word uint32
	ch   uint8
	msg  Msg
}

// landing is a datagram that arrives in a world.
type landing struct {
	world uint32
	ch    uint8
	again bool
	msg   Msg
}

// blockAir holds block words: what is there may arrive again and again, and needs no capacity. Every channel is taken
// for one that loses and repeats, which lets the network do more.
type blockAir struct {
	e     *blockEngine // tells which datagrams are ignored for ever
	k     []int        // overtaking bound by channel; -1: none
	words []*airWords
	known []map[uint32]*flights
	sent  map[posting]uint32

	pure   map[[2]uint32][]Msg // by world and machine
	answer map[landing][]Msg
}

func newBlockAir(e *blockEngine, k []int) *blockAir {
	a := &blockAir{e: e, k: k, sent: map[posting]uint32{}, pure: map[[2]uint32][]Msg{}, answer: map[landing][]Msg{}}
	for range k {
		a.words = append(a.words, &airWords{ids: map[string]uint32{}, leq: map[uint64]bool{}})
		a.known = append(a.known, map[uint32]*flights{})
	}
	return a
}

func (a *blockAir) moves(ch int, id uint32) *flights {
	if m := a.known[ch][id]; m != nil {
		return m
	}
	m := &flights{}
	w := a.words[ch].list[id]
	for _, x := range w.values() {
		m.arrivals = append(m.arrivals, flight{msg: x, after: []uint32{a.words[ch].id(w.deliver(a.k[ch], x))}})
	}
	a.known[ch][id] = m
	return m
}

// longestWord is how many blocks a word may have: contents may grow without end.
const longestWord = 48

func (a *blockAir) send(ch int, id uint32, m Msg) ([]uint32, bool) {
	if len(a.words[ch].list[id]) > longestWord {
		return nil, true
	}
	return []uint32{a.sendTo(ch, id, m)}, false
}

func (a *blockAir) sendTo(ch int, id uint32, m Msg) uint32 {
	k := posting{id, uint8(ch), m}
	to, ok := a.sent[k]
	if !ok {
		to = a.words[ch].id(a.words[ch].list[id].send(a.k[ch], m))
		a.sent[k] = to
	}
	return to
}

// aged: here nothing gets old (Model.ageless), which lets the network do more.
func (a *blockAir) aged(_ *Model, _ *Ageing, ids []uint32) []uint32 { return ids }

// close adds what timers send that do nothing else, and the answers of events that do nothing but answer what can come
// again. Layers may be as they like there: that a datagram is there earlier than it is sent lets the network do more.
func (a *blockAir) close(world uint32, w World, ids []uint32) []uint32 {
	ids = slices.Clone(ids)
	hidden := a.hide(w)
	a.bury(hidden, ids)
	for i, c := range a.e.m.Code {
		if out := a.e.m.out[i]; out >= 0 {
			ids[out] = a.sendAll(out, ids[out], a.alone(world, i, c, hidden))
		}
	}
	a.bury(hidden, ids)
	for ch := range ids {
		to := a.e.m.to[ch]
		back := a.e.m.out[to]
		if back < 0 {
			continue
		}
		w := a.words[ch].list[ids[ch]]
		var set []Msg
		for _, m := range w.values() {
			if !w.free(m) {
				continue
			}
			for _, x := range a.answers(world, ch, m, hidden) {
				if !slices.Contains(set, x) && !a.e.dead(a.front(hidden, ids), back, x) {
					set = append(set, x)
				}
			}
		}
		ids[back] = a.sendAll(back, ids[back], set)
	}
	return ids
}

// sendAll appends a set of values that may follow in any order and number.
func (a *blockAir) sendAll(ch int, id uint32, set []Msg) uint32 {
	return a.words[ch].id(a.words[ch].list[id].send(a.k[ch], set...))
}

func (a *blockAir) front(w World, ids []uint32) front {
	f := front{w, make([]word, len(ids))}
	for i, id := range ids {
		f.c[i] = a.words[i].list[id]
	}
	return f
}

// bury drops, in place, what its receiver ignores now and ever after.
func (a *blockAir) bury(w World, ids []uint32) {
	f := a.front(w, ids)
	for ch := range f.c {
		k := f.c[ch].rename(a.k[ch], func(m Msg) (Msg, bool) { return m, !a.e.dead(f, ch, m) })
		ids[ch] = a.words[ch].id(k)
		f.c[ch] = k
	}
}

func (a *blockAir) ignored(w World, ids []uint32, s Sent) bool {
	return a.e.dead(a.front(a.hide(w), ids), s.Channel, s.Msg)
}

// alone lists what a machine can send in a world that needs no datagram and leaves it as it is.
func (a *blockAir) alone(world uint32, i int, c *fsm.Code, w World) []Msg {
	k := [2]uint32{world, uint32(i)}
	set, known := a.pure[k]
	if !known {
		for _, ev := range c.M.Events {
			if ev.Kind != fsm.OnTimer && ev.Kind != fsm.OnFree {
				continue
			}
			for _, in := range a.e.m.inputs(ev) {
				if c.Enabled(w.L[i], ev, in...) {
					set = append(set, a.e.pureSends(i, w.L[i], ev, in)...)
				}
			}
		}
		a.pure[k] = set
	}
	return set
}

// answers lists what a datagram's receiver can answer that leaves it as it is.
func (a *blockAir) answers(world uint32, ch int, m Msg, w World) []Msg {
	k := landing{world: world, ch: uint8(ch), msg: m}
	set, known := a.answer[k]
	if !known {
		to := a.e.m.to[ch]
		if ev := a.e.m.receive(to, m); ev != nil && a.e.m.Code[to].Enabled(w.L[to], ev, a.e.m.fields(m)...) {
			set = a.e.pureSends(to, w.L[to], ev, a.e.m.fields(m))
		}
		a.answer[k] = set
	}
	return set
}

// hide is a world in which what layers know is hidden again.
func (a *blockAir) hide(w World) World {
	k := w.clone()
	for i, c := range a.e.m.Code {
		for j, s := range c.Layout {
			if s.Layer {
				k.L[i][j] = 0
			}
		}
	}
	return k
}

// covers: without a bound on overtaking contents only grow.
func (a *blockAir) covers(ch int, x, y uint32) bool {
	return x == y || a.k[ch] < 0 && a.words[ch].below(y, x)
}

func (a *blockAir) forced(int) bool { return false }

// clear: next may be applied to the largest value alive only. What only datagrams carry that are ignored for ever is not
// alive, and goes. (That machines hold no larger one the search for safety has seen to.)
func (a *blockAir) clear(w World, ids []uint32, nexts []fsm.Next) string {
	f := a.front(a.hide(w), ids)
	for _, x := range nexts {
		sort := slices.Index(a.e.num.sorts, x.Sort)
		for ch := range f.c {
			alive := false
			f.c[ch] = f.c[ch].rename(a.k[ch], func(m Msg) (Msg, bool) {
				for _, p := range a.e.num.field[m[0]] {
					if p.sort == sort && (p.scope < 0 && x.Scope == 0 || p.scope > 0 && uint32(m[p.scope]) == x.Scope) && uint32(m[p.at]) > x.From {
						dead := a.e.dead(f, ch, m)
						alive = alive || !dead
						return m, !dead
					}
				}
				return m, true
			})
			if alive {
				return "a number may be used twice: " + x.Sort + " was counted up from a value that is not the largest alive"
			}
			ids[ch] = a.words[ch].id(f.c[ch])
		}
	}
	return ""
}

func (a *blockAir) renew(w *World, ids []uint32) string {
	f := a.front(*w, ids)
	ren, err := a.e.num.rename(w.L, f.messages())
	if err != nil {
		return err.Error()
	}
	for i := range f.c {
		if ren != nil {
			ids[i] = a.words[i].id(f.c[i].rename(a.k[i], func(m Msg) (Msg, bool) { return ren.msg(m), true }))
		}
	}
	return ""
}

// airWords interns the block words of one channel.
type airWords struct {
	ids  map[string]uint32
	list []word
	ages [][]int
	leq  map[uint64]bool
}

func (s *airWords) id(w word) uint32 {
	k := w.key()
	i, ok := s.ids[k]
	if !ok {
		i = uint32(len(s.list))
		s.ids[k] = i
		s.list = append(s.list, w)
		s.ages = append(s.ages, w.ages())
	}
	return i
}

// below reports whether word b can do everything that word a can.
func (s *airWords) below(a, b uint32) bool {
	k := uint64(a)<<32 | uint64(b)
	r, ok := s.leq[k]
	if !ok {
		r = simulates(s.list[a], s.list[b], s.ages[a], s.ages[b])
		s.leq[k] = r
	}
	return r
}
