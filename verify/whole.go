package verify

import (
	"slices"

	"sprocketc/fsm"
)

// whole is what the search needs where the machines stay together: states are renamed to one of those that differ only
// in the names of values (canon.go), which depends on all components at once.
type whole struct {
	p     *parts
	canon *canon
	cache []renamed

	// scratch
	w     World
	words [][]flying
	ids   []uint32
}

// renamed is one entry of a direct-mapped cache: the key of a state as a step left it, plus 1, and that of its form.
type renamed struct{ raw, form [2]uint64 }

const cacheSize = 1 << 18

func newWhole(p *parts) *whole {
	n := len(p.chans)
	return &whole{p: p, canon: newCanon(p.m), cache: make([]renamed, cacheSize), w: World{L: make([]fsm.State, len(p.m.Code))},
		words: make([][]flying, n), ids: make([]uint32, 1+n)}
}

func (h *whole) bytes() int64 { return 32 * int64(len(h.cache)) }

// forget the cache: keys have another layout.
func (h *whole) forget() { clear(h.cache) }

// parts is expand in general: of machines that stay together, and of keys of two words.
func (w *worker) parts() status {
	x := w.x
	ids, n := slices.Clone(w.ids), len(x.p.actors)
	to := make([]uint32, len(ids))
	take := func(a int, moves []partMove, ids []uint32) status {
		for i := range moves {
			copy(to, ids)
			to[a] = moves[i].to
			if st := w.take(&moves[i], to); st != expanded {
				return st
			}
		}
		return expanded
	}
	for a := range n {
		if st := take(a, x.p.spontaneous(a, ids[a]), ids); st != expanded {
			return st
		}
	}
	from := slices.Clone(ids)
	for ch := range x.p.chans {
		m, a, before := x.p.moves(ch, ids[n+ch]), x.p.takes[ch], w.moved
		for _, come := range m.arrivals {
			for _, from[n+ch] = range come.after {
				if st := take(a, x.p.receive(ch, ids[a], come.msg), from); st != expanded {
					return st
				}
				for _, altered := range x.p.altered(ids[:n], ids[n:], ch, come.msg) {
					if st := take(a, x.p.receive(ch, ids[a], altered), from); st != expanded {
						return st
					}
				}
			}
		}
		if x.p.lanes[ch].implicit { // all of it may be lost instead
			w.moved = before
		}
		for _, from[n+ch] = range m.drops {
			w.moved = true
			if !w.enter(from) {
				return outgrown
			}
		}
		from[n+ch] = ids[n+ch]
	}
	return expanded
}

// take does one move; ids are those of the state that it leads to, but for what it sends.
func (w *worker) take(m *partMove, ids []uint32) status {
	x := w.x
	words := ids[len(x.p.actors):]
	if m.clear {
		clear(words)
	}
	if !x.p.aged(&m.aged, words) {
		return expanded
	}
	taken, fits, mark := false, true, len(w.buf)
	to := make([]uint32, len(ids))
	copy(to, ids)
	x.p.sendAll(words, m.sent, func(words []uint32) {
		taken = true
		copy(to[len(x.p.actors):], words)
		fits = fits && w.enter(to)
	})
	switch {
	case !fits:
		return outgrown
	case !taken:
		w.held++
		return expanded
	case x.breaks(w, m.bad, m.why):
		w.buf = w.buf[:mark] // past a fault nothing is defined
		if w.property != "" {
			return wrong
		}
	}
	w.moved = w.moved || !m.crash
	return expanded
}

// enter appends a state to the buffer, in its form where there is one; false where a part of it does not fit its place in
// the key. A state that cannot be represented is left out, and the search notes why.
func (w *worker) enter(ids []uint32) bool {
	x, h := w.x, w.x.whole
	if !x.lay.fits(x.p.counts()) {
		return false
	}
	r0, r1 := x.lay.pack(ids)
	if h == nil {
		if x.opt.NoReduction || !slices.Equal(ids, w.ids) {
			w.push(r0, r1)
		}
		return true
	}
	c := &h.cache[(hashKey(r0)^r1*mixB)%cacheSize]
	if c.raw == [2]uint64{r0 + 1, r1} {
		w.push(c.form[0], c.form[1])
		return true
	}
	copy(h.ids, ids)
	if !x.rename(h.ids, false) {
		return true
	}
	if !x.lay.fits(x.p.counts()) {
		return false
	}
	k0, k1 := x.lay.pack(h.ids)
	*c = renamed{[2]uint64{r0 + 1, r1}, [2]uint64{k0, k1}}
	w.push(k0, k1)
	return true
}

// rename gives a state of a joint system its form, in place; false where it has none, which the search notes.
func (x *exact) rename(ids []uint32, begin bool) bool {
	h := x.whole
	w, words := &h.w, h.words
	from := x.p.actors[0].states[ids[0]]
	w.Env = from.Env
	for i, l := range from.L {
		w.L[i] = append(w.L[i][:0], l...)
	}
	for i, id := range ids[1:] {
		words[i] = append(words[i][:0], x.p.chans[i].words[id]...)
	}
	if why := x.canonical(w, words, begin); why != "" {
		x.stop(why)
		return false
	}
	ids[0] = x.p.stateID(0, *w)
	for i, word := range words {
		ids[1+i] = x.p.wordID(i, word)
	}
	return true
}

// canonical is the form of a state that the search compares, in place.
func (x *exact) canonical(w *World, words [][]flying, begin bool) string {
	if x.whole == nil {
		for i, l := range x.p.lanes {
			words[i] = l.tidy(words[i])
		}
		return ""
	}
	x.bury(w, words)
	for i, l := range x.p.lanes {
		words[i] = l.tidy(words[i])
	}
	if why := x.whole.canon.apply(w, words, begin); why != "" {
		return why
	}
	for i, l := range x.p.lanes {
		words[i] = l.tidy(words[i]) // renaming changes the order of a set
	}
	return ""
}

// bury drops datagrams that their receiver ignores now and ever after. Where they may be lost that is always allowed.
func (x *exact) bury(w *World, words [][]flying) {
	if x.dead == nil {
		return
	}
	f := front{*w, make([]word, len(words))}
	for i, fs := range words {
		for _, d := range fs {
			f.c[i] = append(f.c[i], block{v: []elem{{m: d.msg, d: d.done}}})
		}
	}
	for i := range words {
		words[i] = slices.DeleteFunc(words[i], func(d flying) bool { return x.dead.dead(f, i, d.msg) })
	}
}
