package verify

import (
	"math"
	"slices"
)

// hot are the tables of a system with separate machines as the search reads them: flat, by number, filled in as they are
// asked for. What is unusual (a step that breaks something, a send with several outcomes) is behind a mark.
type hot struct {
	p         *parts
	lay       *layout
	acts      []hotActor
	chans     []hotChannel
	moves     []hotMove
	odd       []oddMove
	stretches []stretch
	multi     [][]uint32 // words of a send with several outcomes

	keepSelf bool // steps that change nothing count
	deadlock bool // no_deadlock is asked: what only a crash does is marked
	grown    bool // a component has outgrown its place in the key

	heed    bool     // steps that commute are taken in one order only
	groups  int      // of steps
	skips   []uint64 // which groups are skipped after a step
	tags    []uint64 // the same, where they are in a key
	scratch [2][]uint32
	longer  bool // a step was met that sends more at once than those before
}

// hotMove leads an actor to a state, and sends a sequence of messages; 0 is none.
type hotMove struct{ to, seq uint32 }

// Marks in the place of a state or a word.
const (
	unasked  = ^uint32(0) - iota // not yet asked
	several                      // seq is the place of a stretch
	unusual                      // seq is the place of an odd move
	refused                      // a send is not taken
	branches = 1 << 31           // a send with several outcomes: the rest is its place in multi
)

// stretch of the moves.
type stretch struct{ lo, n uint32 }

// oddMove is a move with what else the search has to know of it.
type oddMove struct {
	hotMove
	*partMove
}

type hotActor struct {
	out   int       // the channel that it sends into; -1
	spont []stretch // by state; lo unasked
}

type hotChannel struct {
	to       int    // actor that takes from it
	implicit bool   // as its lane: loss needs no step
	plain    bool   // in order, and nothing is done to its word but at the two ends
	oldest   bool   // it loses the oldest datagram only, or none
	burst    uint16 // most datagrams that one step sends
	local    []uint32
	msgs     []uint32 // by local number
	stride   int      // of recv, in messages
	recv     []hotMove
	seqs     [][]uint32 // by number; 0 is empty
	seqIDs   map[string]uint32
	width    int // of send, in sequences
	send     []uint32
	words    []hotWord
	come     []hotArrival
	drops    []uint32
}

// hotWord has the arrivals and losses of a word; aLo is unasked before they were asked. Where there is one of them it is
// here, which is one fetch less.
type hotWord struct {
	aLo, aN, dLo, dN uint32
	arrival          hotArrival
	drop             uint32
	room             uint16 // datagrams that still fit
	held             bool   // more behind them changes nothing of what may arrive
}

type hotArrival struct{ msg, after uint32 }

func newHot(p *parts, keepSelf bool) *hot {
	h := &hot{p: p, keepSelf: keepSelf, deadlock: p.m.checks[noDeadlock]}
	for _, a := range p.actors {
		h.acts = append(h.acts, hotActor{out: p.m.out[a.machine]})
	}
	for ch, c := range p.chans {
		h.chans = append(h.chans, hotChannel{to: p.takes[ch], implicit: c.implicit, stride: 8, width: 8, seqs: [][]uint32{nil}, seqIDs: map[string]uint32{"": 0},
			plain: c.Within == 0 && !c.implicit && !c.merge, oldest: c.Oldest || !c.Loses})
	}
	h.learn()
	return h
}

// bytes of the tables.
func (h *hot) bytes() int64 {
	n := 8*cap(h.moves) + 24*cap(h.odd) + 8*cap(h.stretches) + 32*len(h.multi)
	for i := range h.acts {
		n += 8 * cap(h.acts[i].spont)
	}
	for i := range h.chans {
		c := &h.chans[i]
		n += 8*cap(c.recv) + 4*cap(c.send) + 32*cap(c.words) + 8*cap(c.come) + 4*cap(c.drops) + 4*cap(c.local)
	}
	return int64(n)
}

// noted is called after anything new was interned.
func (h *hot) noted() {
	n := len(h.p.actors)
	for i, a := range h.p.actors {
		h.grown = h.grown || uint64(len(a.states)) > h.lay.fields[i].mask+1
	}
	for i, c := range h.p.chans {
		h.grown = h.grown || uint64(len(c.words)) > h.lay.fields[n+i].mask+1
	}
}

// list puts moves into the tables.
func (h *hot) list(moves []partMove) stretch {
	s := stretch{uint32(len(h.moves)), uint32(len(moves))}
	for i := range moves {
		m := &moves[i]
		k := hotMove{to: m.to}
		if len(m.sent) > 0 {
			k.seq = h.seqID(m.sent)
		}
		if m.bad != "" || m.crash && h.deadlock {
			h.odd = append(h.odd, oddMove{k, m})
			k = hotMove{unusual, uint32(len(h.odd) - 1)}
		}
		h.moves = append(h.moves, k)
	}
	h.noted()
	return s
}

func (h *hot) seqID(sent []partSent) uint32 {
	c := &h.chans[sent[0].ch]
	b := make([]byte, 0, 16)
	var msgs []uint32
	for _, s := range sent {
		b = append(b, byte(s.msg>>24), byte(s.msg>>16), byte(s.msg>>8), byte(s.msg))
		msgs = append(msgs, s.msg)
	}
	i, ok := c.seqIDs[string(b)]
	if !ok {
		i = uint32(len(c.seqs))
		c.seqIDs[string(b)] = i
		c.seqs = append(c.seqs, msgs)
		if n := uint16(min(len(msgs), math.MaxUint16)); n > c.burst {
			c.burst, h.longer = n, true
		}
	}
	return i
}

// spontaneous of an actor in a state.
func (h *hot) spontaneous(a int, state uint32) stretch {
	x := &h.acts[a]
	for int(state) >= len(x.spont) {
		x.spont = append(x.spont, stretch{lo: unasked})
	}
	if x.spont[state].lo == unasked {
		x.spont[state] = h.list(h.p.spontaneous(a, state))
	}
	return x.spont[state]
}

// localID numbers the messages of a channel.
func (c *hotChannel) localID(msg uint32) uint32 {
	for int(msg) >= len(c.local) {
		c.local = append(c.local, unasked)
	}
	if c.local[msg] == unasked {
		c.local[msg] = uint32(len(c.msgs))
		c.msgs = append(c.msgs, msg)
	}
	return c.local[msg]
}

// receive of a message, by its local number, in a state of the actor that takes from a channel.
func (h *hot) receive(ch int, state, msg uint32) hotMove {
	c := &h.chans[ch]
	if len(c.msgs) > c.stride {
		old, was := c.recv, c.stride
		for c.stride < len(c.msgs) {
			c.stride *= 2
		}
		c.recv = make([]hotMove, 0, len(old)/was*c.stride)
		for i := 0; i < len(old); i += was {
			c.recv = append(c.recv, old[i:i+was]...)
			for range c.stride - was {
				c.recv = append(c.recv, hotMove{to: unasked})
			}
		}
	}
	at := int(state)*c.stride + int(msg)
	c.recv = doubled(c.recv, at+c.stride)
	for at >= len(c.recv) {
		for range c.stride {
			c.recv = append(c.recv, hotMove{to: unasked})
		}
	}
	if c.recv[at].to == unasked {
		s := h.list(h.p.receive(ch, state, c.msgs[msg]))
		if s.n == 1 {
			c.recv[at] = h.moves[s.lo]
			h.moves = h.moves[:s.lo]
		} else {
			h.stretches = append(h.stretches, s)
			c.recv[at] = hotMove{several, uint32(len(h.stretches) - 1)}
		}
	}
	return c.recv[at]
}

// sent is the word that a sequence of messages makes of a word, or a mark.
func (h *hot) sent(ch int, word, seq uint32) uint32 {
	c := &h.chans[ch]
	if len(c.seqs) > c.width {
		old, was := c.send, c.width
		for c.width < len(c.seqs) {
			c.width *= 2
		}
		c.send = make([]uint32, 0, len(old)/was*c.width)
		for i := 0; i < len(old); i += was {
			c.send = append(c.send, old[i:i+was]...)
			for range c.width - was {
				c.send = append(c.send, unasked)
			}
		}
	}
	at := int(word)*c.width + int(seq)
	c.send = doubled(c.send, at+c.width)
	for at >= len(c.send) {
		for range c.width {
			c.send = append(c.send, unasked)
		}
	}
	if c.send[at] == unasked {
		words := append(h.scratch[0][:0], word)
		next := h.scratch[1]
		for _, m := range c.seqs[seq] {
			next = next[:0]
			for _, w := range words {
				next, _ = h.p.put(next, ch, w, m)
			}
			words, next = next, words
		}
		h.scratch = [2][]uint32{words, next}
		switch len(words) {
		case 0:
			c.send[at] = refused
		case 1:
			c.send[at] = words[0]
		default:
			c.send[at] = branches | uint32(len(h.multi))
			h.multi = append(h.multi, slices.Clone(words))
		}
		h.noted()
	}
	return c.send[at]
}

// doubled has room for n elements. append alone grows a long slice by a quarter: what is copied and given by the system is
// then several times as much as what is kept.
func doubled[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s
	}
	return slices.Grow(s, max(2*cap(s), n)-len(s))
}

// word has what may arrive from a word, altered or not, and what may be lost.
func (h *hot) word(ch int, word uint32) hotWord {
	c := &h.chans[ch]
	c.words = doubled(c.words, int(word)+1)
	for int(word) >= len(c.words) {
		c.words = append(c.words, hotWord{aLo: unasked})
	}
	if c.words[word].aLo == unasked {
		m := h.p.moves(ch, word)
		w := hotWord{aLo: uint32(len(c.come)), dLo: uint32(len(c.drops)), dN: uint32(len(m.drops))}
		for _, a := range m.arrivals {
			for _, after := range a.after {
				c.come = append(c.come, hotArrival{c.localID(a.msg), after})
				for _, x := range h.p.altered(nil, nil, ch, a.msg) {
					c.come = append(c.come, hotArrival{c.localID(x), after})
				}
			}
		}
		w.aN = uint32(len(c.come)) - w.aLo
		fs, l := h.p.chans[ch].words[word], h.p.lanes[ch]
		w.room = math.MaxUint16
		if l.capacity > 0 {
			w.room = uint16(max(0, min(l.capacity-len(fs), math.MaxUint16-1)))
		}
		w.held = slices.ContainsFunc(fs, func(f flying) bool { return !f.done })
		c.drops = append(c.drops, m.drops...)
		if w.aN == 1 {
			w.arrival = c.come[w.aLo]
		}
		if w.dN == 1 {
			w.drop = m.drops[0]
		}
		c.words[word] = w
		h.noted()
	}
	return c.words[word]
}
