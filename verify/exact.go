package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// exact explores the model with every datagram in flight told apart. Local states with the monitor (an end) and channel
// contents are interned as integers, a global state is two of them, and what a machine does in an end is interpreted
// once.
type exact struct {
	m     *Model
	opt   Options
	canon *canon
	lanes []*lane
	want  func(property string) bool // others are passed over
	dead  *blockEngine               // tells which datagrams are ignored for ever; nil: none is dropped for that

	ends    []World
	endIDs  map[string]uint32
	envs    map[Monitor]int
	local   [][]exactStep // by end; nil: not yet asked
	arrive  map[arriveKey][]exactStep
	words   [][]flying
	wordIDs map[string]uint32
	pairs   map[uint64]uint32 // two contents to one
	pairOf  []uint64
	moves   map[uint64]*moves // by channel and word
	sendTo  map[sendKey]sendTo

	table   keySet
	parents []uint32
	begin   int // states in which a run begins
	extra   int64
	cache   []cached

	bytes        []byte // of the key at hand
	scratch      World
	scratchWords [][]flying
	scratchIDs   []uint32

	res exactResult
}

// exactStep is a Step as far as the search needs it; the end is not renamed yet.
type exactStep struct {
	end   uint32
	sent  []Sent
	bad   string
	why   string
	crash bool // a peer crashed or was replaced; that alone is no progress
	clear bool // every channel is emptied
}

type arriveKey struct {
	end   uint32
	ch    uint8
	again bool
	msg   Msg
}

type sendKey struct {
	word uint32
	ch   uint8
	msg  Msg
}

type sendTo struct {
	words []uint32
	full  bool // the capacity made a difference, and the text states none
}

type moves struct {
	arrivals []move
	drops    []uint32
}

type move struct {
	msg   Msg
	again bool
	after []uint32
}

// cached is one entry of a direct-mapped cache of the renaming: a raw pair of ids to the renamed one.
type cached struct{ raw, key uint64 }

const cacheSize = 1 << 19

// exactResult is what one search found.
type exactResult struct {
	states, transitions, depth int
	held                       int // steps that did not happen because a channel had no room
	bytes                      int64
	property, why              string // the first one broken; "" for none
	path                       []uint64
	limit                      string // why the search is not complete; "" where it is
	stopped                    bool   // a limit of the options ended it
}

// newExact prepares a search with a capacity for the channels whose text states none; 0 leaves them unbounded.
func (m *Model) newExact(opt Options, capacity int) *exact {
	x := &exact{m: m, opt: opt, canon: newCanon(m), want: func(string) bool { return true },
		endIDs: map[string]uint32{}, envs: map[Monitor]int{}, arrive: map[arriveKey][]exactStep{}, wordIDs: map[string]uint32{}, pairs: map[uint64]uint32{},
		moves: map[uint64]*moves{}, sendTo: map[sendKey]sendTo{}, cache: make([]cached, cacheSize)}
	for _, c := range m.Sys.Channels {
		x.lanes = append(x.lanes, newLane(c, capacity, opt.NoReduction))
	}
	x.scratch.L = make([]fsm.State, len(m.Code))
	x.scratchWords, x.scratchIDs = make([][]flying, len(x.lanes)), make([]uint32, len(x.lanes))
	x.wordID(nil)
	return x
}

func (x *exact) endID(w World) uint32 {
	k := x.endKey(w)
	if i, ok := x.endIDs[string(k)]; ok {
		return i
	}
	i := uint32(len(x.ends))
	x.endIDs[string(k)] = i
	x.ends = append(x.ends, w.clone())
	x.local = append(x.local, nil)
	x.extra += int64(3*len(k) + 200)
	return i
}

// endKey is equal for equal worlds only.
func (x *exact) endKey(w World) []byte {
	e, ok := x.envs[w.Env]
	if !ok {
		e = len(x.envs)
		x.envs[w.Env] = e
	}
	b := append(x.bytes[:0], byte(e>>8), byte(e))
	for _, l := range w.L {
		for _, v := range l {
			if v < 255 {
				b = append(b, byte(v))
			} else {
				b = append(b, 255, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
			}
		}
	}
	x.bytes = b
	return b
}

func (x *exact) wordID(w []flying) uint32 {
	k := appendWord(x.bytes[:0], w)
	x.bytes = k
	if i, ok := x.wordIDs[string(k)]; ok {
		return i
	}
	i := uint32(len(x.words))
	x.wordIDs[string(k)] = i
	x.words = append(x.words, slices.Clone(w))
	x.extra += int64(3*len(k) + 100)
	return i
}

// pack folds the words of all channels into one id, pairwise.
func (x *exact) pack(ws []uint32) uint32 {
	if len(ws) == 0 {
		return 0
	}
	id := ws[0]
	for _, w := range ws[1:] {
		k := uint64(id)<<32 | uint64(w)
		i, ok := x.pairs[k]
		if !ok {
			i = uint32(len(x.pairOf))
			x.pairs[k] = i
			x.pairOf = append(x.pairOf, k)
			x.extra += 40
		}
		id = i
	}
	return id
}

func (x *exact) unpack(id uint32, ws []uint32) {
	for i := len(ws) - 1; i > 0; i-- {
		k := x.pairOf[id]
		ws[i], id = uint32(k), uint32(k>>32)
	}
	if len(ws) > 0 {
		ws[0] = id
	}
}

// stop notes why the search is not complete.
func (x *exact) stop(why string) {
	if x.res.limit == "" {
		x.res.limit = why
	}
}

// rename gives a raw state its canonical form; ok is false where it cannot be represented.
func (x *exact) rename(end uint32, ws []uint32, begin bool) (key uint64, ok bool) {
	raw := uint64(end)<<32 | uint64(x.pack(ws))
	c := &x.cache[hashKey(raw)%cacheSize]
	if !begin && c.raw == raw && c.key != 0 {
		return c.key - 1, true
	}
	w, words := &x.scratch, x.scratchWords
	w.Env = x.ends[end].Env
	for i, l := range x.ends[end].L {
		w.L[i] = append(w.L[i][:0], l...)
	}
	for i, id := range ws {
		words[i] = append(words[i][:0], x.words[id]...)
	}
	if why := x.canonical(w, words, begin); why != "" {
		x.stop(why)
		return 0, false
	}
	to := x.scratchIDs
	for i, word := range words {
		to[i] = x.wordID(word)
	}
	key = uint64(x.endID(*w))<<32 | uint64(x.pack(to))
	if !begin {
		*c = cached{raw, key + 1}
	}
	return key, true
}

// canonical is the form of a state that the search compares, in place.
func (x *exact) canonical(w *World, words [][]flying, begin bool) string {
	x.bury(w, words)
	for i, l := range x.lanes {
		words[i] = l.tidy(words[i])
	}
	if why := x.canon.apply(w, words, begin); why != "" {
		return why
	}
	for i, l := range x.lanes {
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

// compact turns steps into what the search keeps, without those that come to the same.
func (x *exact) compact(steps []Step) []exactStep {
	out := make([]exactStep, 0, len(steps))
	for _, s := range steps {
		k := exactStep{x.endID(s.Next), s.Sent, s.Bad, s.Why, s.Kind == Crashes || s.Kind == Replaces, s.Kind == Replaces}
		if i := slices.IndexFunc(out, func(o exactStep) bool {
			return o.end == k.end && o.bad == k.bad && o.clear == k.clear && slices.Equal(o.sent, k.sent)
		}); i < 0 {
			out = append(out, k)
		} else if !k.crash {
			out[i].crash = false // what also comes without a crash is progress
		}
	}
	return out
}

// localSteps of an end: those that need no datagram.
func (x *exact) localSteps(end uint32) []exactStep {
	if x.local[end] == nil {
		w := x.ends[end]
		out := x.compact(x.m.spontaneous(w))
		if out == nil {
			out = []exactStep{}
		}
		x.local[end] = out
	}
	return x.local[end]
}

// spontaneous lists the steps that need no datagram, replacing a peer included.
func (m *Model) spontaneous(w World) []Step {
	out := m.Local(w)
	for i, c := range m.Code {
		if c.M.Erased {
			out = append(out, m.Replace(w, i)...)
		}
	}
	return out
}

// arriving lists what a datagram's arrival leads to.
func (x *exact) arriving(end uint32, ch int, msg Msg, again bool) []exactStep {
	k := arriveKey{end, uint8(ch), again, msg}
	if s, ok := x.arrive[k]; ok {
		return s
	}
	s := x.compact(x.m.arrival(x.ends[end], ch, msg, again))
	x.arrive[k] = s
	x.extra += int64(80 + 80*len(s))
	return s
}

// arrival is Deliver, with a datagram that its receiver has no event for taken from the channel all the same.
func (m *Model) arrival(w World, ch int, msg Msg, again bool) []Step {
	if m.receive(m.to[ch], msg) == nil {
		a := Action{Kind: Delivers, Machine: m.to[ch], Msg: msg, Channel: ch, Again: again, After: -1}
		return []Step{{Action: a, Next: w.clone()}}
	}
	return m.Deliver(w, ch, msg, again)
}

func (x *exact) movesOf(ch int, word uint32) *moves {
	k := uint64(ch)<<32 | uint64(word)
	if m := x.moves[k]; m != nil {
		return m
	}
	l, w := x.lanes[ch], x.words[word]
	m := &moves{}
	for _, a := range l.arrivals(w) {
		mv := move{msg: w[a.i].msg, again: w[a.i].done}
		for _, after := range a.after {
			mv.after = append(mv.after, x.wordID(after))
		}
		m.arrivals = append(m.arrivals, mv)
	}
	for _, d := range l.drops(w) {
		m.drops = append(m.drops, x.wordID(d))
	}
	if !l.thorough {
		m.drops = slices.Compact(m.drops) // equal neighbours: losing either is the same
	}
	x.moves[k] = m
	return m
}

// sends calls f for every way in which the channels take what a step sends; not at all where one does not take it.
func (x *exact) sends(ws []uint32, sent []Sent, f func(ws []uint32)) {
	if len(sent) == 0 {
		f(ws)
		return
	}
	s := sent[0]
	k := sendKey{ws[s.Channel], uint8(s.Channel), s.Msg}
	to, ok := x.sendTo[k]
	if !ok {
		l, w := x.lanes[s.Channel], x.words[ws[s.Channel]]
		words, full := l.send(w, s.Msg)
		for _, v := range words {
			to.words = append(to.words, x.wordID(v))
		}
		to.full = full && l.Capacity == 0
		x.sendTo[k] = to
		x.extra += 60
	}
	if to.full {
		x.fullSeen()
	}
	for _, w := range to.words {
		next := slices.Clone(ws)
		next[s.Channel] = w
		x.sends(next, sent[1:], f)
	}
}

// fullSeen: a capacity that the text does not state made a difference.
func (x *exact) fullSeen() {
	c := 0
	for _, l := range x.lanes {
		if l.Capacity == 0 {
			c = l.capacity
		}
	}
	x.stop(fmt.Sprintf("a send found a channel full, and its text states no capacity: nothing is known beyond %d datagrams in flight", c))
}

// value of a condition over the machines' variables.
func (m *Model) value(e fsm.Expr, w World, other fsm.Expr) uint32 {
	b2u := func(b bool) uint32 {
		if b {
			return 1
		}
		return 0
	}
	switch k := e.(type) {
	case *fsm.Literal:
		return k.Value
	case *fsm.Select:
		i := m.index(k.Base)
		if i < 0 {
			return m.fact(k, w.Env)
		}
		if at := m.Code[i].Slot(k.Field); at >= 0 {
			return w.L[i][at]
		}
	case *fsm.Name:
		// a member of the enumeration of the other side, else of any
		if s, ok := other.(*fsm.Select); ok {
			if en := m.factEnum(s); en != nil {
				return uint32(slices.Index(en.Members, k.Name))
			}
			if i := m.index(s.Base); i >= 0 {
				if at := m.Code[i].Slot(s.Field); at >= 0 {
					if en := m.Sys.Enum(m.Code[i].Layout[at].Type.Name); en != nil && slices.Contains(en.Members, k.Name) {
						return uint32(slices.Index(en.Members, k.Name))
					}
				}
			}
		}
		for _, en := range m.Sys.Enums {
			if i := slices.Index(en.Members, k.Name); i >= 0 {
				return uint32(i)
			}
		}
	case *fsm.Not:
		return 1 - m.value(k.X, w, nil)
	case *fsm.In:
		if s := m.set[k.Set]; s != nil {
			return b2u(s.Has(m.Sys.Enum(s.Enum), m.value(k.X, w, nil)))
		}
	case *fsm.Binary:
		a, b := m.value(k.X, w, k.Y), m.value(k.Y, w, k.X)
		switch k.Op {
		case "&&":
			return b2u(a != 0 && b != 0)
		case "||":
			return b2u(a != 0 || b != 0)
		case "==":
			return b2u(a == b)
		case "!=":
			return b2u(a != b)
		case "<":
			return b2u(a < b)
		case "<=":
			return b2u(a <= b)
		case ">":
			return b2u(a > b)
		case ">=":
			return b2u(a >= b)
		case "+":
			return a + b
		case "-":
			return a - b
		case "*":
			return a * b
		case "%":
			if b != 0 {
				return a % b
			}
		}
	}
	return 0
}

// broken names the first invariant that does not hold in a world; "" for none.
func (m *Model) broken(w World) string {
	for _, inv := range m.Sys.Invariants {
		if !inv.Start && m.value(inv.Cond, w, nil) == 0 {
			return inv.Name
		}
	}
	return ""
}
