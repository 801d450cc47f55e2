package verify

import (
	"slices"

	"sprocketc/fsm"
)

// wordAir holds every datagram apart, in channels with a capacity.
type wordAir struct {
	lanes []*lane
	canon *canon
	some  bool // what happens within the capacity is enough: that a send finds no room there is no limit
	words [][]flying
	ids   map[string]uint32
	known map[uint64]*flights
	sent  map[posting]posted
}

type posted struct {
	to   []uint32
	full bool
}

// newWordAir is the air of a model, with a capacity for channels whose text states none. thorough takes every loss for a
// step of its own.
func newWordAir(m *Model, capacity int, thorough bool) *wordAir {
	a := &wordAir{canon: newCanon(m), ids: map[string]uint32{}, known: map[uint64]*flights{}, sent: map[posting]posted{}}
	for _, c := range m.Sys.Channels {
		a.lanes = append(a.lanes, newLane(c, capacity, thorough))
	}
	a.id(nil)
	return a
}

func (a *wordAir) id(w []flying) uint32 {
	k := string(appendWord(nil, w))
	i, ok := a.ids[k]
	if !ok {
		i = uint32(len(a.words))
		a.ids[k] = i
		a.words = append(a.words, slices.Clone(w))
	}
	return i
}

func (a *wordAir) moves(ch int, id uint32) *flights {
	k := uint64(ch)<<32 | uint64(id)
	if m := a.known[k]; m != nil {
		return m
	}
	l, w := a.lanes[ch], a.words[id]
	m := &flights{}
	for _, x := range l.arrivals(w) {
		f := flight{msg: w[x.i].msg, again: w[x.i].done}
		for _, after := range x.after {
			f.after = append(f.after, a.id(l.tidy(after)))
		}
		m.arrivals = append(m.arrivals, f)
	}
	for _, d := range l.drops(w) {
		m.drops = append(m.drops, a.id(l.tidy(d)))
	}
	a.known[k] = m
	return m
}

func (a *wordAir) send(ch int, id uint32, m Msg) ([]uint32, bool) {
	k := posting{id, uint8(ch), m}
	p, ok := a.sent[k]
	if !ok {
		l := a.lanes[ch]
		words, full := l.send(a.words[id], m)
		for _, w := range words {
			p.to = append(p.to, a.id(l.tidy(w)))
		}
		p.full = full && l.Capacity == 0 && !(a.some && l.Loses)
		a.sent[k] = p
	}
	return p.to, p.full
}

func (a *wordAir) aged(m *Model, by *Ageing, ids []uint32) []uint32 {
	out := make([]uint32, len(ids))
	for ch, id := range ids {
		w, ok := m.agedWord(by, a.lanes[ch], ch, a.words[id])
		if !ok {
			return nil
		}
		out[ch] = a.id(w)
	}
	return out
}

func (a *wordAir) close(_ uint32, _ World, ids []uint32) []uint32 { return ids }

func (a *wordAir) ignored(World, []uint32, Sent) bool { return false }

func (a *wordAir) covers(int, uint32, uint32) bool { return false }

func (a *wordAir) forced(ch int) bool {
	c := a.lanes[ch].Channel
	return !c.Loses && !forgetsArrivals(c)
}

func (a *wordAir) clear(World, []uint32, []fsm.Next) string { return "" }

func (a *wordAir) renew(w *World, ids []uint32) string {
	words := a.contents(ids)
	if why := a.canonical(w, words, false); why != "" {
		return why
	}
	for i := range ids {
		ids[i] = a.id(words[i])
	}
	return ""
}

// contents are copies of what channels hold.
func (a *wordAir) contents(ids []uint32) [][]flying {
	words := make([][]flying, len(ids))
	for i, id := range ids {
		words[i] = slices.Clone(a.words[id])
	}
	return words
}

// canonical gives states that differ in the names of numbers alone one form, in place; why it cannot, or "". absolute:
// the numbers are those of a run from its start, and not ranks.
func (a *wordAir) canonical(w *World, words [][]flying, absolute bool) string {
	for i, l := range a.lanes {
		words[i] = l.tidy(words[i])
	}
	if why := a.canon.apply(w, words, absolute); why != "" {
		return why
	}
	for i, l := range a.lanes {
		words[i] = l.tidy(words[i]) // renaming changes the order of a set
	}
	return ""
}

// walk explores, breadth first, what a model of afterCrashes can reach, crashes included: the states from which something
// may have to come about, and the ways to them.
type walk struct {
	m      *Model
	air    *wordAir
	opt    Options
	worlds map[string]uint32
	list   []World
	keys   map[string]uint32 // states by world and contents
	states []walked
	limit  string
}

// walked is a state, and the one that it was reached from; of one in which a run begins, itself.
type walked struct {
	world  uint32
	ids    []uint32
	parent uint32
	depth  int
}

func (m *Model) newWalk(air *wordAir, opt Options) *walk {
	return &walk{m: m, air: air, opt: opt, worlds: map[string]uint32{}, keys: map[string]uint32{}}
}

// run explores until everything was seen or a limit is reached.
func (k *walk) run() {
	n := len(k.air.lanes)
	for _, s := range k.m.starts() {
		k.take(s, make([]uint32, n), uint32(len(k.states)), 0, true)
	}
	num := k.m.numbers()
	local := map[uint32][]Step{}
	land := map[landing][]Step{}
	bytes := int64(0)
	for i := 0; i < len(k.states) && k.limit == ""; i++ {
		if i%256 == 0 {
			bytes = int64(len(k.states)) * int64(120+8*n)
			k.limit = k.opt.reached(len(k.states), bytes)
		}
		s := k.states[i]
		w := k.list[s.world]
		steps, ok := local[s.world]
		if !ok {
			steps = k.m.spontaneous(w)
			local[s.world] = steps
		}
		for _, x := range steps {
			from := s.ids
			if x.Kind == Replaces {
				from = make([]uint32, n)
			}
			k.take(x, from, uint32(i), s.depth+1, false)
		}
		for ch := range s.ids {
			mv := k.air.moves(ch, s.ids[ch])
			for _, a := range mv.arrivals {
				msgs := []Msg{a.msg}
				if k.m.Sys.Channels[ch].Corrupts {
					msgs = append(msgs, k.m.altered(num, w, k.air.contents(s.ids), a.msg)...)
				}
				for _, x := range msgs {
					at := landing{s.world, uint8(ch), a.again, x}
					steps, ok := land[at]
					if !ok {
						steps = k.m.arrival(w, ch, x, a.again)
						land[at] = steps
					}
					for _, after := range a.after {
						to := slices.Clone(s.ids)
						to[ch] = after
						for _, t := range steps {
							k.take(t, to, uint32(i), s.depth+1, false)
						}
					}
				}
			}
			for _, d := range mv.drops {
				to := slices.Clone(s.ids)
				to[ch] = d
				k.add(w, to, uint32(i), s.depth+1, false)
			}
		}
	}
}

// take a step from contents, as the channels take what it sends.
func (k *walk) take(s Step, ids []uint32, from uint32, depth int, begin bool) {
	if s.Bad != "" {
		if s.Bad == tooLarge {
			k.limit = s.Why
		}
		return // past a fault nothing is defined
	}
	if !s.Ageing.none() {
		if ids = k.air.aged(k.m, &s.Ageing, ids); ids == nil {
			return
		}
	}
	if launch(k.air, ids, s.Sent, func(ids []uint32) { k.add(s.Next, ids, from, depth, begin) }) && !k.air.some {
		k.limit = fullChannel
	}
}

// add enters a state in its canonical form.
func (k *walk) add(w World, ids []uint32, from uint32, depth int, begin bool) {
	w = w.clone()
	words := k.air.contents(ids)
	if why := k.air.canonical(&w, words, begin); why != "" {
		k.limit = why
		return
	}
	key := formText(w, words)
	if _, ok := k.keys[key]; ok {
		return
	}
	n := uint32(len(k.states))
	k.keys[key] = n
	s := walked{parent: from, depth: depth, ids: make([]uint32, len(words))}
	for i, x := range words {
		s.ids[i] = k.air.id(x)
	}
	wk := worldKey(w)
	i, ok := k.worlds[wk]
	if !ok {
		i = uint32(len(k.list))
		k.worlds[wk] = i
		k.list = append(k.list, w)
	}
	s.world = i
	k.states = append(k.states, s)
}

// formText tells canonical states apart.
func formText(w World, words [][]flying) string {
	text := worldKey(w)
	for _, x := range words {
		text += "|" + string(appendWord(nil, x))
	}
	return text
}

// path leads from a state in which a run begins to a state, both included.
func (k *walk) path(i uint32) (out []uint32) {
	for {
		out = append(out, i)
		if k.states[i].parent == i {
			slices.Reverse(out)
			return
		}
		i = k.states[i].parent
	}
}
