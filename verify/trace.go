package verify

import "slices"

// waypoint is a state on the way to what breaks: its form, and how many datagrams each channel holds.
type waypoint struct {
	form string
	hold []int
}

// trace leads from a state in which a run begins to a state of the level at hand, both included. Of the level before, the
// first state that leads to it is taken, and so on back.
func (x *exact) trace(to [2]uint64) []waypoint {
	w := &worker{x: x, ids: make([]uint32, len(x.p.counts()))}
	out := []waypoint{x.waypoint(to)}
	for d := len(x.levels) - 1; d >= 0; d-- {
		from, ok := x.before(w, &x.levels[d], to)
		if !ok {
			return nil
		}
		out, to = append(out, x.waypoint(from)), from
	}
	slices.Reverse(out)
	return out
}

// before finds the first key of a level that leads to a key.
func (x *exact) before(w *worker, q *queue, to [2]uint64) ([2]uint64, bool) {
	n := x.lay.words
	for _, c := range q.chunks {
		for i := 0; i < len(c); i += n {
			k := [2]uint64{c[i]}
			if n == 1 {
				k[0] &= x.lay.all // every step
			} else {
				k[1] = c[i+1]
			}
			w.buf, w.property = w.buf[:0], ""
			w.expand(k[0], k[1])
			for j := 0; j < len(w.buf); j += n {
				if n == 1 && w.buf[j]&x.lay.all == to[0] || n == 2 && w.buf[j] == to[0] && w.buf[j+1] == to[1] {
					return k, true
				}
			}
		}
	}
	return to, false
}

// waypoint of a key.
func (x *exact) waypoint(k [2]uint64) waypoint {
	ids := make([]uint32, len(x.lay.fields))
	x.lay.unpack(k[0], k[1], ids)
	n := len(x.p.actors)
	words := make([][]flying, len(x.p.chans))
	p := waypoint{}
	for ch, id := range ids[n:] {
		words[ch] = x.p.chans[ch].words[id]
		p.hold = append(p.hold, len(words[ch]))
	}
	p.form = form(x.p.world(ids[:n]), words)
	return p
}

// form is equal for equal states only.
func form(w World, words [][]flying) string {
	b := appendWorld(nil, w)
	for _, f := range words {
		b = appendWord(append(b, byte(len(f))), f)
	}
	return string(b)
}

// formOf a naive state; ok is false where it cannot be represented.
func (x *exact) formOf(s refState) (k string, ok bool) {
	w := s.w.clone()
	words := make([][]flying, len(s.ch))
	for i, c := range s.ch {
		for _, d := range c {
			words[i] = append(words[i], flying{d.msg, uint8(d.overtaken), d.delivered})
		}
	}
	if x.canonical(&w, words, true) != "" {
		return "", false
	}
	return form(w, words), true
}

// invariants checks those that no combination of the states at hand was checked for.
func (x *exact) invariants(w *worker) status {
	for i, c := range x.p.conds {
		if x.holds[i].has(w.ids, c.reads) {
			continue
		}
		if w.shared {
			return cold
		}
		if x.p.check(c, w.ids[:len(x.p.actors)]) || !x.want(c.Name) {
			x.holds[i].add(w.ids, c.reads)
			continue
		}
		w.property, w.why, w.step = c.Name, "it does not hold in this state", false
		return wrong
	}
	return expanded
}
