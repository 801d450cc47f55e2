package verify

// status of an expansion.
type status int

const (
	expanded status = iota
	cold            // something has to be interned first, and others work on the tables
	outgrown        // a component no longer fits its place in the key
	wrong           // a wanted property breaks
)

// worker is what each of those who search has to itself, in cache lines of its own.
type worker struct {
	_           [cacheLine]byte
	x           *exact
	shared      bool     // others work on the tables: nothing may be interned
	buf         []uint64 // keys of successors that are not yet in the table
	home, fresh []uint64 // scratch
	next        queue    // of the next level
	cold        []uint64 // keys whose expansion was cold
	transitions int
	commuted    int // those of them that needed not be taken
	held        int // steps that did not happen because a channel had no room

	// of the state at hand
	ids   []uint32
	moved bool // something but a crash is possible
	left  int  // steps that need not be taken, since they commute with the one before

	property, why string // what breaks
	step          bool   // by a step from, or else in
	at            [2]uint64
	_             [cacheLine]byte
}

// cacheLine is at least as much as processors hand to one another at once: two lines of 64 bytes on many.
const cacheLine = 128

// expand appends the successors of a state to the buffer, or nothing where the status is cold or outgrown.
func (w *worker) expand(k0, k1 uint64) status {
	mark, held := len(w.buf), w.held
	w.moved, w.left = false, 0
	skip := uint64(0)
	if w.x.lay.words == 1 {
		skip, k0 = k0>>(w.x.lay.bits&63), k0&w.x.lay.all
		for i := range w.ids {
			f := &w.x.lay.fields[i]
			w.ids[i] = uint32(k0 >> (f.sh0 & 63) & f.mask) // told that a shift is below 64, the compiler checks nothing
		}
	} else {
		w.x.lay.unpack(k0, k1, w.ids)
	}
	s := w.x.invariants(w)
	if s == expanded {
		if w.x.hot != nil {
			s = w.machines(k0, skip)
			for s == expanded && w.x.hot.longer { // what was said of the groups may be wrong
				w.x.hot.longer = false
				w.buf, w.held, w.moved, w.left = w.buf[:mark], held, false, 0
				s = w.machines(k0, skip)
			}
		} else {
			s = w.parts()
		}
	}
	if s == cold || s == outgrown {
		w.buf, w.held = w.buf[:mark], held
		return s
	}
	w.transitions += (len(w.buf)-mark)>>(w.x.lay.words-1) + w.left
	w.commuted += w.left
	if s == expanded && !w.moved && w.x.m.checks[noDeadlock] && w.x.want(noDeadlock) {
		w.property, w.why, w.step, s = noDeadlock, "no step is possible", false, wrong
	}
	w.at = [2]uint64{k0, k1}
	return s
}

// machines is expand of separate machines, with keys of one word: everything is looked up in the hot tables. skip has a
// bit for each group of steps that need not be taken.
func (w *worker) machines(k, skip uint64) status {
	h := w.x.hot
	n, nc, ids, fields, buf, moved := len(h.acts), len(h.chans), w.ids, w.x.lay.fields, w.buf, false
	row := 0
	for ch := range h.chans {
		c, id := &h.chans[ch], ids[n+ch]
		if int(id) >= len(c.words) || c.words[id].aLo == unasked {
			if w.shared {
				return cold
			}
			if h.word(ch, id); h.grown {
				return outgrown
			}
		}
		if v := &c.words[id]; h.heed {
			if v.room >= c.burst {
				row |= hasRoom << (2 * ch)
			}
			if v.held {
				row |= isHeld << (2 * ch)
			}
		}
	}
	self := k // a step that changes nothing is left out, unless all are taken
	if h.keepSelf {
		self = noKey
	}
	tags := h.tags[row*h.groups*variants:][:h.groups*variants]
	tag := func(group, variant int) uint64 { return tags[group*variants+variant] }
	for ch := range h.chans {
		c, id, f := &h.chans[ch], ids[n+ch], &fields[n+ch]
		v := &c.words[id]
		rest, mark := k&f.keep0, len(buf)
		taker, out := &fields[c.to], h.acts[c.to].out
		before := [2]bool{moved, w.moved}
		one := [1]hotArrival{v.arrival}
		arrivals := one[:]
		if v.aN != 1 {
			arrivals = c.come[v.aLo : v.aLo+v.aN]
		}
		for _, come := range arrivals {
			m := hotMove{to: unasked}
			if at := int(ids[c.to])*c.stride + int(come.msg); int(come.msg) < c.stride && at < len(c.recv) {
				m = c.recv[at]
			}
			if m.to == unasked {
				if w.shared {
					return cold
				}
				if m = h.receive(ch, ids[c.to], come.msg); h.grown {
					return outgrown
				}
			}
			to, variant := rest|uint64(come.after)<<(f.sh0&63), 0
			if come.after != id {
				variant = leavesFewer
			}
			if m.to >= branches {
				w.buf = buf
				if st := w.unusual(c.to, m, to, k); st != expanded {
					return st
				}
				buf = w.buf
				continue
			}
			to = to&taker.keep0 | uint64(m.to)<<(taker.sh0&63)
			if m.seq != 0 {
				o, f, word := &h.chans[out], &fields[n+out], uint32(unasked)
				if at := int(ids[n+out])*o.width + int(m.seq); int(m.seq) < o.width && at < len(o.send) {
					word = o.send[at]
				}
				if word >= branches {
					w.buf = buf
					if st := w.sent(out, m.seq, to, k); st != expanded {
						return st
					}
					buf = w.buf
					continue
				}
				to = to&f.keep0 | uint64(word)<<(f.sh0&63)
				variant |= doesSend
			}
			moved = true
			if to != self {
				buf = append(buf, to|tag(2*ch, variant))
			}
		}
		if c.implicit { // all of it may be lost instead
			moved, w.moved = before[0], before[1]
		}
		if skip>>(2*ch)&1 != 0 {
			w.left, buf = w.left+len(buf)-mark, buf[:mark]
		}
		moved = moved || v.dN > 0
		lost := tag(2*ch+1, leavesFewer)
		switch {
		case skip>>(2*ch+1)&1 != 0:
			w.left += int(v.dN)
		case v.dN == 1:
			buf = append(buf, rest|uint64(v.drop)<<(f.sh0&63)|lost)
		default:
			for _, d := range c.drops[v.dLo : v.dLo+v.dN] {
				buf = append(buf, rest|uint64(d)<<(f.sh0&63)|lost)
			}
		}
	}
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
		rest, sh := k&fields[a].keep0, fields[a].sh0&63
		mark, still, sending := len(buf), tag(2*nc+a, 0), tag(2*nc+a, doesSend)
		for _, m := range h.moves[s.lo : s.lo+s.n] {
			if m.to >= branches {
				w.buf = buf
				if st := w.unusual(a, m, k, k); st != expanded {
					return st
				}
				buf = w.buf
				continue
			}
			to := rest | uint64(m.to)<<(sh&63)
			if m.seq != 0 {
				c, f, word := &h.chans[x.out], &fields[n+x.out], uint32(unasked)
				if at := int(ids[n+x.out])*c.width + int(m.seq); int(m.seq) < c.width && at < len(c.send) {
					word = c.send[at]
				}
				if word >= branches {
					if word == refused {
						w.held++
						continue
					}
					w.buf = buf
					if st := w.sent(x.out, m.seq, to, k); st != expanded {
						return st
					}
					buf = w.buf
					continue
				}
				moved = true
				if to = to&f.keep0 | uint64(word)<<(f.sh0&63); to != self {
					buf = append(buf, to|sending)
				}
				continue
			}
			moved = true
			if to != self {
				buf = append(buf, to|still)
			}
		}
		if skip>>(2*nc+a)&1 != 0 {
			w.left, buf = w.left+len(buf)-mark, buf[:mark]
		}
	}
	w.buf, w.moved = buf, w.moved || moved
	return expanded
}

// noKey is no key.
const noKey = ^uint64(0)

// sent appends what becomes of a state when a sequence is sent into a channel, where that was not asked yet or is not one
// word. k is the state at hand, to what it has become so far.
func (w *worker) sent(ch int, seq uint32, to, k uint64) status {
	h := w.x.hot
	c, word := &h.chans[ch], uint32(unasked)
	id := w.ids[len(h.acts)+ch]
	if at := int(id)*c.width + int(seq); int(seq) < c.width && at < len(c.send) {
		word = c.send[at]
	}
	if word == unasked {
		if w.shared {
			return cold
		}
		if word = h.sent(ch, id, seq); h.grown {
			return outgrown
		}
	}
	f := &w.x.lay.fields[len(h.acts)+ch]
	switch {
	case word == refused:
		w.held++
	case word >= branches:
		for _, v := range h.multi[word&^branches] {
			w.emit(f, v, to, k)
		}
	default:
		w.emit(f, word, to, k)
	}
	return expanded
}

func (w *worker) emit(f *field, v uint32, to, k uint64) {
	w.moved = true
	if to = to&f.keep0 | uint64(v)<<(f.sh0&63); to != k || w.x.hot.keepSelf {
		w.buf = append(w.buf, to)
	}
}

// unusual does a move behind a mark: one of several, or one that the search has to look at.
func (w *worker) unusual(a int, m hotMove, to, k uint64) status {
	h := w.x.hot
	switch m.to {
	case several:
		s := h.stretches[m.seq]
		for _, m := range h.moves[s.lo : s.lo+s.n] {
			if st := w.unusual(a, m, to, k); st != expanded {
				return st
			}
		}
		return expanded
	case unusual:
		o := h.odd[m.seq]
		mark, was := len(w.buf), w.moved
		w.moved = false
		if st := w.unusual(a, o.hotMove, to, k); st != expanded {
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
	if m.seq == 0 {
		w.emit(f, m.to, to, k)
		return expanded
	}
	out := h.acts[a].out
	return w.sent(out, m.seq, to&f.keep0|uint64(m.to)<<(f.sh0&63), k)
}
