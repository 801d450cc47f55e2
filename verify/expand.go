package verify

// status of an expansion.
type status int

const (
	expanded status = iota
	cold            // something has to be interned first, and others work on the tables
	outgrown        // a component no longer fits its place in the key
	wrong           // a wanted property breaks
)

// worker is what each of those who search has to itself.
type worker struct {
	x           *exact
	shared      bool     // others work on the tables: nothing may be interned
	buf         []uint64 // keys of successors that are not yet in the table
	home, fresh []uint64 // scratch
	next        queue    // of the next level
	cold        []uint64 // keys whose expansion was cold
	transitions int
	held        int // steps that did not happen because a channel had no room

	// of the state at hand
	ids   []uint32
	moved bool // something but a crash is possible

	property, why string // what breaks
	step          bool   // by a step from, or else in
	at            [2]uint64
}

// expand appends the successors of a state to the buffer, or nothing where the status is cold or outgrown.
func (w *worker) expand(k0, k1 uint64) status {
	mark, held := len(w.buf), w.held
	w.x.lay.unpack(k0, k1, w.ids)
	w.moved = false
	s := w.x.invariants(w)
	if s == expanded {
		if w.x.hot != nil {
			s = w.machines(k0, k1)
		} else {
			s = w.whole(k0, k1)
		}
	}
	if s == cold || s == outgrown {
		w.buf, w.held = w.buf[:mark], held
		return s
	}
	w.transitions += (len(w.buf) - mark) / w.x.lay.words
	if s == expanded && !w.moved && w.x.m.checks[noDeadlock] && w.x.want(noDeadlock) {
		w.property, w.why, w.step, s = noDeadlock, "no step is possible", false, wrong
	}
	w.at = [2]uint64{k0, k1}
	return s
}

// machines is expand of separate machines: everything is looked up in the hot tables.
func (w *worker) machines(k0, k1 uint64) status {
	h := w.x.hot
	n, ids, fields, buf := len(h.acts), w.ids, w.x.lay.fields, w.buf
	wide, self := w.x.lay.words == 2, h.keepSelf
	for a := range h.acts {
		x := &h.acts[a]
		s := stretch{lo: unasked}
		if int(ids[a]) < len(x.spont) {
			s = x.spont[ids[a]]
		}
		if s.lo == unasked {
			if w.shared {
				return cold
			}
			if s = h.spontaneous(a, ids[a]); h.grown {
				return outgrown
			}
		}
		f := &fields[a]
		for _, m := range h.moves[s.lo : s.lo+s.n] {
			if m.to >= branches {
				w.buf = buf
				if st := w.unusual(a, m, k0, k1, k0, k1); st != expanded {
					return st
				}
				buf = w.buf
				continue
			}
			n0, n1 := f.put(k0, k1, m.to)
			if m.seq != 0 {
				c := &h.chans[x.out]
				word, to := ids[n+x.out], uint32(unasked)
				if at := int(word)*c.width + int(m.seq); int(m.seq) < c.width && at < len(c.send) {
					to = c.send[at]
				}
				if to >= branches {
					w.buf = buf
					if st := w.sent(x.out, word, m.seq, n0, n1, k0, k1); st != expanded {
						return st
					}
					buf = w.buf
					continue
				}
				n0, n1 = fields[n+x.out].put(n0, n1, to)
			}
			w.moved = true
			if n0 != k0 || n1 != k1 || self {
				buf = append(buf, n0)
				if wide {
					buf = append(buf, n1)
				}
			}
		}
	}
	for ch := range h.chans {
		c, id := &h.chans[ch], ids[n+ch]
		v := hotWord{aLo: unasked}
		if int(id) < len(c.words) {
			v = c.words[id]
		}
		if v.aLo == unasked {
			if w.shared {
				return cold
			}
			if v = h.word(ch, id); h.grown {
				return outgrown
			}
		}
		f, taker, out := &fields[n+ch], &fields[c.to], h.acts[c.to].out
		for _, come := range c.come[v.aLo : v.aLo+v.aN] {
			m := hotMove{to: unasked}
			if at := int(ids[c.to])*c.stride + int(come.msg); int(come.msg) < c.stride && at < len(c.recv) {
				m = c.recv[at]
			}
			n0, n1 := f.put(k0, k1, come.after)
			if m.to == unasked {
				if w.shared {
					return cold
				}
				if m = h.receive(ch, ids[c.to], come.msg); h.grown {
					return outgrown
				}
			}
			if m.to >= branches {
				w.buf = buf
				if st := w.unusual(c.to, m, n0, n1, k0, k1); st != expanded {
					return st
				}
				buf = w.buf
				continue
			}
			n0, n1 = taker.put(n0, n1, m.to)
			if m.seq != 0 {
				o := &h.chans[out]
				word, to := ids[n+out], uint32(unasked)
				if at := int(word)*o.width + int(m.seq); int(m.seq) < o.width && at < len(o.send) {
					to = o.send[at]
				}
				if to >= branches {
					w.buf = buf
					if st := w.sent(out, word, m.seq, n0, n1, k0, k1); st != expanded {
						return st
					}
					buf = w.buf
					continue
				}
				n0, n1 = fields[n+out].put(n0, n1, to)
			}
			w.moved = true
			if n0 != k0 || n1 != k1 || self {
				buf = append(buf, n0)
				if wide {
					buf = append(buf, n1)
				}
			}
		}
		for _, d := range c.drops[v.dLo : v.dLo+v.dN] {
			w.moved = true
			n0, n1 := f.put(k0, k1, d)
			buf = append(buf, n0)
			if wide {
				buf = append(buf, n1)
			}
		}
	}
	w.buf = buf
	return expanded
}

// sent appends what becomes of a state when a sequence is sent into a word of a channel, where that was not asked yet or
// is not one word.
func (w *worker) sent(ch int, word, seq uint32, n0, n1, k0, k1 uint64) status {
	h := w.x.hot
	c := &h.chans[ch]
	to := uint32(unasked)
	if at := int(word)*c.width + int(seq); int(seq) < c.width && at < len(c.send) {
		to = c.send[at]
	}
	if to == unasked {
		if w.shared {
			return cold
		}
		if to = h.sent(ch, word, seq); h.grown {
			return outgrown
		}
	}
	f := &w.x.lay.fields[len(h.acts)+ch]
	switch {
	case to == refused:
		w.held++
	case to >= branches:
		for _, v := range h.multi[to&^branches] {
			w.emit(f, v, n0, n1, k0, k1)
		}
	default:
		w.emit(f, to, n0, n1, k0, k1)
	}
	return expanded
}

func (w *worker) emit(f *field, v uint32, n0, n1, k0, k1 uint64) {
	w.moved = true
	n0, n1 = f.put(n0, n1, v)
	if n0 != k0 || n1 != k1 || w.x.hot.keepSelf {
		w.buf = append(w.buf, n0)
		if w.x.lay.words == 2 {
			w.buf = append(w.buf, n1)
		}
	}
}

// unusual does a move behind a mark: one of several, or one that the search has to look at.
func (w *worker) unusual(a int, m hotMove, n0, n1, k0, k1 uint64) status {
	h := w.x.hot
	switch m.to {
	case several:
		s := h.stretches[m.seq]
		for _, m := range h.moves[s.lo : s.lo+s.n] {
			if st := w.unusual(a, m, n0, n1, k0, k1); st != expanded {
				return st
			}
		}
		return expanded
	case unusual:
		o := h.odd[m.seq]
		mark, was := len(w.buf), w.moved
		w.moved = false
		if st := w.unusual(a, o.hotMove, n0, n1, k0, k1); st != expanded {
			return st
		}
		possible := w.moved
		w.moved = was || possible && !o.crash
		if !possible || !w.x.breaks(w, o.bad, o.why) {
			return expanded
		}
		w.buf = w.buf[:mark] // past a fault nothing is defined
		if w.property != "" {
			return wrong
		}
		return expanded
	}
	f := &w.x.lay.fields[a]
	n0, n1 = f.put(n0, n1, m.to)
	if m.seq == 0 {
		w.emit(f, m.to, n0, n1, k0, k1)
		return expanded
	}
	out := h.acts[a].out
	return w.sent(out, w.ids[len(h.acts)+out], m.seq, n0, n1, k0, k1)
}
