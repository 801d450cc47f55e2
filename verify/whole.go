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
	w       World
	words   [][]flying
	raw, to []uint32
}

// renamed is one entry of a direct-mapped cache: the key of a state as a step left it, plus 1, and that of its form.
type renamed struct{ raw, form [2]uint64 }

const cacheSize = 1 << 18

func newWhole(p *parts) *whole {
	n := len(p.chans)
	return &whole{p: p, canon: newCanon(p.m), cache: make([]renamed, cacheSize), w: World{L: make([]fsm.State, len(p.m.Code))},
		words: make([][]flying, n), raw: make([]uint32, 1+n), to: make([]uint32, n)}
}

func (h *whole) bytes() int64 { return 32 * int64(len(h.cache)) }

// forget the cache: keys have another layout.
func (h *whole) forget() { clear(h.cache) }

// whole is expand of machines that stay together.
func (w *worker) whole(k0, k1 uint64) status {
	x := w.x
	ids := slices.Clone(w.ids)
	end, words := ids[0], ids[1:]
	take := func(moves []partMove, words []uint32) status {
		for i := range moves {
			if st := w.takeWhole(&moves[i], words); st != expanded {
				return st
			}
		}
		return expanded
	}
	if st := take(x.p.spontaneous(0, end), words); st != expanded {
		return st
	}
	for ch := range words {
		m := x.p.moves(ch, words[ch])
		for _, a := range m.arrivals {
			for _, after := range a.after {
				to := slices.Clone(words)
				to[ch] = after
				if st := take(x.p.receive(ch, end, a.msg), to); st != expanded {
					return st
				}
				for _, altered := range x.p.altered(ids[:1], words, ch, a.msg) {
					if st := take(x.p.receive(ch, end, altered), to); st != expanded {
						return st
					}
				}
			}
		}
		for _, d := range m.drops {
			to := slices.Clone(words)
			to[ch] = d
			w.moved = true
			if !w.rename(end, to) {
				return outgrown
			}
		}
	}
	return expanded
}

// takeWhole does one move with the channels as they are.
func (w *worker) takeWhole(m *partMove, words []uint32) status {
	x := w.x
	if m.clear {
		words = make([]uint32, len(words))
	}
	if m.bad != "" {
		possible := false
		x.p.sendAll(words, m.sent, func([]uint32) { possible = true })
		if !possible {
			return expanded
		}
		if x.breaks(w, m.bad, m.why) {
			w.moved = true
			if w.property != "" {
				return wrong
			}
			return expanded
		}
	}
	taken, fits := false, true
	x.p.sendAll(words, m.sent, func(to []uint32) {
		taken = true
		fits = fits && w.rename(m.to, to)
	})
	if !fits {
		return outgrown
	}
	if !taken {
		w.held++
	}
	w.moved = w.moved || taken && !m.crash
	return expanded
}

// rename appends the form of a state to the buffer; false where a part of it does not fit its place in the key. A state
// that cannot be represented is left out, and the search notes why.
func (w *worker) rename(end uint32, words []uint32) bool {
	x, h := w.x, w.x.whole
	if !x.lay.fits(x.p.counts()) {
		return false
	}
	h.raw[0] = end
	copy(h.raw[1:], words)
	r0, r1 := x.lay.pack(h.raw)
	c := &h.cache[(hashKey(r0)^r1*mixB)%cacheSize]
	if c.raw == [2]uint64{r0 + 1, r1} {
		w.push(c.form[0], c.form[1])
		return true
	}
	if !x.rename(h.raw, false) {
		return true
	}
	if !x.lay.fits(x.p.counts()) {
		return false
	}
	k0, k1 := x.lay.pack(h.raw)
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
