package verify

import (
	"fmt"
	"slices"
	"unsafe"

	"sprocketc/fsm"
)

// parts is a system taken apart: the components of a global state (actors, then channels) are interned as small
// numbers, what an actor does is interpreted once and then looked up, and so is what becomes of a channel's content. An
// actor is a machine with its count of crashes; where the machines cannot be told apart without a loss (joint says why),
// one actor stands for all machines and the monitor.
//
// Everything is found out as it is asked for, so the numbers of states, words and messages grow during a search. Not for
// concurrent use.
type parts struct {
	m        *Model
	joint    string // why one actor stands for all; "" where each machine is one
	lanes    []*lane
	actors   []*actor
	chans    []*contents
	takes    []int // channel to the actor at its far end
	msgs     []Msg
	msgIDs   map[Msg]uint32
	alters   map[uint32][]uint32 // what a message may become; of separate machines only
	conds    []*condition
	num      *numbers
	full     int    // a channel of which a capacity that is not stated made a difference; -1
	refused  []bool // by channel: it did not take a datagram
	capacity int    // of channels whose text states none
	bytes    int64  // of what is interned, estimated from below by its payload

	key  []byte // scratch
	word []flying
}

// partSent is a message put into a channel.
type partSent struct {
	ch  int
	msg uint32
}

// partMove is what one step of an actor comes to.
type partMove struct {
	to    uint32 // the actor's state; of a joint one it is not renamed yet
	sent  []partSent
	bad   string // the property that it breaks; ""
	why   string
	crash bool // a peer crashed, on the way through an event as well, or was replaced: alone that is no progress
	clear bool // every channel is emptied first
	aged  Ageing
}

// partArrival is what may arrive from a word, and the words that stay behind.
type partArrival struct {
	msg   uint32
	again bool
	after []uint32
}

// partStart is a way in which a run may begin: a state of each actor, with every channel empty but for what is sent.
type partStart struct {
	states   []uint32
	sent     []partSent
	bad, why string
}

// actor is one component that moves.
type actor struct {
	machine int     // -1: all of them
	states  []World // of one machine only its own state and count of crashes are there
	ids     map[string]uint32
	spont   [][]partMove          // by state; nil: not yet asked
	recv    map[uint64][]partMove // by state and message
}

func newActor(machine int) *actor {
	return &actor{machine: machine, ids: map[string]uint32{}, recv: map[uint64][]partMove{}}
}

// contents is one channel.
type contents struct {
	*lane
	words [][]flying
	room  []flying // for the next ones
	ids   map[string]uint32
	moves []*wordMoves // by word; nil: not yet asked
	sends map[uint64]wordSend
}

type wordMoves struct {
	arrivals []partArrival
	drops    []uint32
}

type wordSend struct {
	words []uint32
	full  bool
}

// inseparable says why the machines cannot be told apart, or "". They can where the monitor counts crashes at most, no
// number or token is renamed (a rank depends on the whole state), and no peer waits for the network to be empty.
func (m *Model) inseparable() string {
	num := m.numbers()
	if len(m.latches) > 0 {
		return "what is asserted depends on what was before"
	}
	if len(m.outlive) > 0 {
		return "a timer outlives datagrams"
	}
	for i, x := range m.Sys.Machines {
		calls := false
		x.Stages(func(s *fsm.Stage) {
			switch s.Stmt.(type) {
			case *fsm.Invoke, *fsm.Complete, *fsm.Report:
				calls = true
			}
		})
		switch {
		case calls || x.Event(fsm.OnCall, "call") != nil || x.Event(fsm.OnReturn, "return") != nil:
			return "calls are watched"
		case len(num.slots[i]) > 0:
			return "the numbers of " + x.Name + " are renamed"
		case x.Erased:
			return x.Name + " is replaced only when nothing is in flight"
		case x.Budget > 0 && len(m.Sys.Machines) > 2:
			return "the crashes of " + x.Name + " are counted with those of others"
		}
	}
	for i, x := range m.Sys.Messages {
		if len(num.field[i]) > 0 {
			return "the numbers of " + x.Name + " are renamed"
		}
	}
	return ""
}

// newParts takes a system apart; capacity is for channels whose text states none, 0 leaves them unbounded. With
// thorough redundant moves of the channels are kept.
func (m *Model) newParts(capacity int, thorough bool) *parts {
	p := &parts{m: m, joint: m.inseparable(), msgIDs: map[Msg]uint32{}, alters: map[uint32][]uint32{}, num: m.numbers(), full: -1, capacity: capacity}
	if p.joint == "" {
		for i := range m.Code {
			p.actors = append(p.actors, newActor(i))
		}
	} else {
		p.actors = []*actor{newActor(-1)}
	}
	for i, c := range m.Sys.Channels {
		l := newLane(c, capacity, thorough)
		p.lanes = append(p.lanes, l)
		p.chans = append(p.chans, &contents{lane: l, ids: map[string]uint32{}, sends: map[uint64]wordSend{}})
		p.takes = append(p.takes, p.actorOf(m.to[i]))
		p.refused = append(p.refused, false)
		p.wordID(i, nil)
	}
	for _, inv := range m.Sys.Invariants {
		if inv.Start {
			continue
		}
		c := &condition{Invariant: inv, holds: map[string]bool{}}
		fsm.WalkExpr(inv.Cond, func(e fsm.Expr) {
			if s, ok := e.(*fsm.Select); ok {
				i := m.index(s.Base)
				if i < 0 && p.joint != "" {
					i = 0 // a fact of the marked call
				}
				if i >= 0 && !slices.Contains(c.reads, p.actorOf(i)) {
					c.reads = append(c.reads, p.actorOf(i))
				}
			}
		})
		p.conds = append(p.conds, c)
	}
	return p
}

// counts of what is known of each component: the actors, then the channels.
func (p *parts) counts() []int {
	var out []int
	for _, a := range p.actors {
		out = append(out, len(a.states))
	}
	for _, c := range p.chans {
		out = append(out, len(c.words))
	}
	return out
}

func (p *parts) actorOf(machine int) int {
	if p.joint != "" {
		return 0
	}
	return machine
}

// stateID interns what an actor sees of a world.
func (p *parts) stateID(a int, w World) uint32 {
	x := p.actors[a]
	if x.machine >= 0 {
		own := World{L: make([]fsm.State, len(w.L))}
		own.L[x.machine] = w.L[x.machine]
		if x.machine < maxBudgets {
			own.Env.Crashed[x.machine] = w.Env.Crashed[x.machine]
		}
		w = own
	}
	k := appendWorld(p.key[:0], w)
	p.key = k
	if i, ok := x.ids[string(k)]; ok {
		return i
	}
	i := uint32(len(x.states))
	x.ids[string(k)] = i
	x.states = append(x.states, w.clone())
	x.spont = append(x.spont, nil)
	p.bytes += int64(3*len(k) + 200)
	return i
}

// appendWorld appends bytes that are equal for equal worlds only.
func appendWorld(b []byte, w World) []byte {
	b = w.Env.append(b)
	for _, l := range w.L {
		for _, v := range l {
			if v < 255 {
				b = append(b, byte(v))
			} else {
				b = append(b, 255, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
			}
		}
	}
	return b
}

func (p *parts) msgID(m Msg) uint32 {
	i, ok := p.msgIDs[m]
	if !ok {
		i = uint32(len(p.msgs))
		p.msgIDs[m] = i
		p.msgs = append(p.msgs, m)
		p.bytes += 40
	}
	return i
}

func (p *parts) wordID(ch int, w []flying) uint32 {
	c := p.chans[ch]
	if i, ok := c.ids[wordKey(w)]; ok {
		return i
	}
	if len(w) > cap(c.room)-len(c.room) {
		c.room = make([]flying, 0, max(len(w), 512))
	}
	at := len(c.room)
	c.room = append(c.room, w...)
	w = c.room[at:len(c.room):len(c.room)]
	i := uint32(len(c.words))
	c.ids[wordKey(w)] = i
	c.words = append(c.words, w)
	c.moves = append(c.moves, nil)
	p.bytes += int64(33*len(w) + 100)
	return i
}

// wordKey is the memory of a word as a string: equal for equal words only, as long as none is changed in its place.
func wordKey(w []flying) string {
	return unsafe.String((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w)*int(unsafe.Sizeof(flying{})))
}

// starts lists the ways in which a run may begin.
func (p *parts) starts() []partStart {
	var out []partStart
	for _, s := range p.m.starts() {
		k := partStart{sent: p.sentIDs(s.Sent), bad: s.Bad, why: s.Why}
		for a := range p.actors {
			k.states = append(k.states, p.stateID(a, s.Next))
		}
		out = append(out, k)
	}
	return out
}

func (p *parts) sentIDs(sent []Sent) []partSent {
	var out []partSent
	for _, s := range sent {
		out = append(out, partSent{s.Channel, p.msgID(s.Msg)})
	}
	return out
}

// spontaneous lists what actor a does in a state without a datagram: events of the environment, timers, crashes.
func (p *parts) spontaneous(a int, state uint32) []partMove {
	x := p.actors[a]
	if x.spont[state] == nil {
		var steps []Step
		if w := x.states[state]; x.machine < 0 {
			steps = p.m.spontaneous(w)
		} else {
			steps = p.m.localAt(w, x.machine)
		}
		x.spont[state] = p.distinct(a, steps)
	}
	return x.spont[state]
}

// receive lists what the arrival of a message from a channel leads to, at the actor that takes from it; a datagram that
// was delivered before does the same. None where the machine does not take it, so that it stays where it is.
func (p *parts) receive(ch int, state, msg uint32) []partMove {
	a := p.takes[ch]
	x := p.actors[a]
	k := uint64(state)<<32 | uint64(msg)
	out, ok := x.recv[k]
	if !ok {
		out = p.distinct(a, p.m.arrival(x.states[state], ch, p.msgs[msg], false))
		x.recv[k] = out
		p.bytes += 60
	}
	return out
}

// distinct keeps what a search needs of steps, without those that come to the same; never nil.
func (p *parts) distinct(a int, steps []Step) []partMove {
	out := make([]partMove, 0, len(steps))
	for _, s := range steps {
		k := partMove{to: p.stateID(a, s.Next), sent: p.sentIDs(s.Sent), bad: s.Bad, why: s.Why,
			crash: s.Kind == Crashes || s.Kind == Replaces || s.After >= 0, clear: s.Kind == Replaces, aged: s.Ageing}
		if i := slices.IndexFunc(out, func(o partMove) bool {
			return o.to == k.to && o.bad == k.bad && o.clear == k.clear && o.aged.same(&k.aged) && slices.Equal(o.sent, k.sent)
		}); i < 0 {
			out = append(out, k)
			p.bytes += int64(80 + 16*len(k.sent))
		} else if !k.crash {
			out[i].crash = false // what also comes without a crash is progress
		}
	}
	return out
}

// send lists the words that a message put into a word may lead to; none where the channel does not take it. full says
// that a capacity which the text does not state made a difference.
func (p *parts) send(ch int, word, msg uint32) (words []uint32, full bool) {
	c := p.chans[ch]
	k := uint64(word)<<32 | uint64(msg)
	to, ok := c.sends[k]
	if !ok {
		to.words, to.full = p.put(nil, ch, word, msg)
		c.sends[k] = to
		p.bytes += int64(60 + 4*len(to.words))
	}
	return to.words, to.full
}

// put appends what send lists, and remembers none of it.
func (p *parts) put(out []uint32, ch int, word, msg uint32) (words []uint32, full bool) {
	c := p.chans[ch]
	p.word = c.lane.longer(p.word, c.words[word], p.msgs[msg])
	if c.lane.holds(p.word) { // most often
		return append(out, p.wordID(ch, p.word)), false
	}
	next := c.lane.crowded(c.words[word], p.msgs[msg])
	for _, w := range next {
		out = append(out, p.wordID(ch, w))
	}
	if full = c.Capacity == 0; full && p.full < 0 {
		p.full = ch
	}
	p.refused[ch] = p.refused[ch] || next == nil
	return out, full
}

// overfull notes that a capacity made a difference, if no text states it.
func (p *parts) overfull(ch int) {
	if p.lanes[ch].Capacity == 0 && p.full < 0 {
		p.full = ch
	}
}

// tooNarrow says that a capacity which no text states made a difference; "" where none did.
func (p *parts) tooNarrow() string {
	if p.full < 0 {
		return ""
	}
	l := p.lanes[p.full]
	return fmt.Sprintf("no violation up to capacity %d: a send found channel %s full, and its text states no capacity", l.capacity, l.Name)
}

// sendAll calls f for every way in which the channels take what a step sends; not at all where one does not take it.
func (p *parts) sendAll(words []uint32, sent []partSent, f func(words []uint32)) {
	if len(sent) == 0 {
		f(words)
		return
	}
	s := sent[0]
	to, _ := p.send(s.ch, words[s.ch], s.msg)
	for _, w := range to {
		next := slices.Clone(words)
		next[s.ch] = w
		p.sendAll(next, sent[1:], f)
	}
}

// moves lists what may arrive from a word, and what a loss leads to.
func (p *parts) moves(ch int, word uint32) *wordMoves {
	c := p.chans[ch]
	if c.moves[word] != nil {
		return c.moves[word]
	}
	w, m := c.words[word], &wordMoves{}
	for _, a := range c.lane.arrivals(w) {
		mv := partArrival{msg: p.msgID(w[a.i].msg), again: w[a.i].done}
		for _, after := range a.after {
			mv.after = append(mv.after, p.wordID(ch, c.tidy(after)))
		}
		m.arrivals = append(m.arrivals, mv)
	}
	for _, d := range c.lane.drops(w) {
		m.drops = append(m.drops, p.wordID(ch, c.tidy(d)))
	}
	if !c.thorough {
		m.drops = slices.Compact(m.drops) // equal neighbours: losing either is the same
	}
	c.moves[word] = m
	p.bytes += int64(100 + 40*len(m.arrivals) + 4*len(m.drops))
	return m
}

// altered lists what a datagram may have become where corruption is not detected. states and words are of the global
// state: what values occur in it matters where they are renamed.
func (p *parts) altered(states, words []uint32, ch int, msg uint32) []uint32 {
	if !p.lanes[ch].Corrupts {
		return nil
	}
	if out, ok := p.alters[msg]; ok {
		return out
	}
	var out []uint32
	add := func(ms []Msg) {
		for _, m := range ms {
			out = append(out, p.msgID(m))
		}
	}
	if p.joint == "" {
		add(p.m.altered(p.num, World{L: make([]fsm.State, len(p.m.Code))}, nil, p.msgs[msg]))
		p.alters[msg] = out
		return out
	}
	flying := make([][]flying, len(words))
	for i, w := range words {
		flying[i] = p.chans[i].words[w]
	}
	add(p.m.altered(p.num, p.actors[0].states[states[0]], flying, p.msgs[msg]))
	return out
}

// world puts the states of all actors together.
func (p *parts) world(states []uint32) World {
	if p.joint != "" {
		return p.actors[0].states[states[0]]
	}
	w := World{L: make([]fsm.State, len(p.m.Code))}
	for a, x := range p.actors {
		s := x.states[states[a]]
		w.L[x.machine] = s.L[x.machine]
		if x.machine < maxBudgets {
			w.Env.Crashed[x.machine] += s.Env.Crashed[x.machine]
		}
	}
	return w
}
