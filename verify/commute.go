package verify

import "slices"

// Steps of different components commute: a retransmission of one machine and an arrival at the other lead to the same
// state in either order. One order is enough to find all states (Godefroid 1996, sleep sets; here for a search breadth
// first, where they need no storage beside the queue).
//
// The steps of a state fall into groups, which are ordered: what each machine does by itself, the arrivals from each
// channel, the losses in each channel. A state that was found by a step b from a state p skips the group g < b where all
// steps of g were possible in p already and commute with b. No state is lost by that: let t be one of those of least
// depth d+1 that are, and s -a-> t the step into it from depth d whose group is greatest. If s skips a, then s was found
// by some p -b-> s from depth d-1 with b > a, and p -a-> p' -b-> t is another way, through p' of depth d at most: but b
// is greater. Nor is what breaks: a step is broken by what its own machine does, and was possible in p.
//
// What a group reads and changes is known: the state of a machine, the oldest datagram of a channel that keeps the
// order, and its tail. What depends on how full a channel is, is told by the words of p.

// stepGroup is a group of steps.
type stepGroup struct {
	actor int // -1: of the network
	takes int // channel whose word is read; -1
	sends int // channel into which it may send; -1
	drops bool
}

// stepGroups in their order: for each channel what arrives and what is lost, then what each machine does. States are
// expanded in that order too, so that most are found by a step of a great group.
func (h *hot) stepGroups() []stepGroup {
	var out []stepGroup
	for ch, c := range h.chans {
		out = append(out, stepGroup{actor: c.to, takes: ch, sends: h.acts[c.to].out}, stepGroup{actor: -1, takes: ch, sends: -1, drops: true})
	}
	for a, x := range h.acts {
		out = append(out, stepGroup{actor: a, takes: -1, sends: x.out})
	}
	return out
}

// Most groups and channels for which it is told what commutes.
const (
	mostGroups       = 12
	mostHeedChannels = 4
)

// Variants of a step: it leaves fewer datagrams behind, it sends.
const (
	leavesFewer = 2
	doesSend    = 1
	variants    = 4
)

// learn finds out which groups commute. skips has, by what the words are like (two bits a channel), group and variant of
// a step, the groups that need not be taken after it, as bits.
func (h *hot) learn() {
	gs := h.stepGroups()
	h.groups = len(gs)
	h.skips = make([]uint64, h.groups*variants)
	h.tags = slices.Clone(h.skips)
	if h.keepSelf || h.groups > mostGroups || len(h.chans) > mostHeedChannels {
		return
	}
	h.heed = true
	rows := 1 << (2 * len(h.chans))
	h.skips = make([]uint64, rows*h.groups*variants)
	for row := range rows {
		for b := range gs {
			for v := range variants {
				for g := range b {
					if h.commute(&gs[g], &gs[b], v, row) {
						h.skips[(row*h.groups+b)*variants+v] |= 1 << g
					}
				}
			}
		}
	}
	h.tags = make([]uint64, len(h.skips))
}

// What the word of a channel is like, as bits of a row.
const (
	hasRoom = 1 << iota // for all that one step may send
	isHeld              // a send does not change what may arrive or be lost
)

// commute reports whether the steps of group g commute with a step of group b, and were possible before it. Into a channel
// one machine sends.
func (h *hot) commute(g, b *stepGroup, variant, row int) bool {
	like := func(ch, bit int) bool { return row>>(2*ch)&bit != 0 }
	sends := -1
	if variant&doesSend != 0 {
		sends = b.sends
	}
	switch {
	case g.actor >= 0 && g.actor == b.actor, g.takes >= 0 && g.takes == b.takes:
		return false
	case g.sends >= 0 && g.sends == b.takes && (!h.chans[g.sends].plain || variant&leavesFewer != 0 && !like(g.sends, hasRoom)):
		return false
	case sends >= 0 && sends == g.takes:
		c := &h.chans[sends]
		return c.plain && like(sends, hasRoom) && like(sends, isHeld) && (!g.drops || c.oldest)
	}
	return true
}

// relaid tells where in a key the groups to be skipped are: above all else.
func (h *hot) relaid(lay *layout) {
	h.lay, h.grown = lay, false
	if int(lay.bits)+h.groups > wordBits {
		clear(h.tags)
		return
	}
	for i, s := range h.skips {
		h.tags[i] = s << lay.bits
	}
}
