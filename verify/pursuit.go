package verify

import (
	"fmt"
	"math"
	"slices"

	"sprocketc/fsm"
)

// pursuit explores what can happen after the last crash as far as an aim is waited for, as a fair graph. Nothing is
// merged that fairness could tell apart: datagrams keep their values, and numbers are renamed only where one is new.
type pursuit struct {
	m       *Model // as of afterCrashes
	aim     aim
	air     air
	opt     Options
	breadth bool // first: the nearest nodes come first, and not those with the largest contents
	within  bool // a capacity: a run in which no send finds a channel full is enough
	lacks   bool // the node at hand a step that a wider channel would take

	num     *numbers
	worlds  map[string]uint32
	list    []World
	local   [][]stride // by world; nil: not yet asked
	arrive  map[landing][]stride
	guarded []bool // by message: its receiver may not take it

	table               keySet
	pairs               map[uint64]uint32
	pairOf              []uint64
	bucket              map[uint64][]uint32 // nodes by world and tag
	dropped             []bool              // by node: another covers it
	starts              int                 // nodes in which something is taken up come first
	g                   fairGraph
	meets               []bool // by node: a step meets the aim
	failed              *failure
	classes             map[classKey]uint32
	labels              map[string]uint32
	readies             map[string]uint32
	limit               string
	bytes               int64
	ids, other, mineIDs []uint32          // scratch
	closed              map[uint64]uint32 // contents by world and contents before
	todo                []uint32
	expanded            int
	mine                []fairEdge // of the node at hand
}

// failure is a step after which the aim cannot come about any more.
type failure struct {
	node uint32
	step *Step
}

// air is what channels hold, as ids by channel.
type air interface {
	moves(ch int, id uint32) *flights
	// send gives the contents that a send may lead to; none where it is not taken. full: a capacity made a difference
	// that the text does not state.
	send(ch int, id uint32, m Msg) (to []uint32, full bool)
	// aged are the contents after a step has aged them; nil where it has to wait for an arrival.
	aged(m *Model, a *Ageing, ids []uint32) []uint32
	// close adds what a world can send at any time, where that costs the network nothing.
	close(world uint32, w World, ids []uint32) []uint32
	// ignored reports whether what was sent is ignored by its receiver now and ever after: then it can arrive at any time.
	ignored(w World, ids []uint32, s Sent) bool
	// covers reports whether a content can do all that another can and never less later: then a state with the other one
	// need not be explored beside one with it, since a run can go over to the larger content only finitely often.
	covers(ch int, a, b uint32) bool
	// forced reports whether what is in flight must arrive.
	forced(ch int) bool
	// clear prepares for a step that applies next, and leads to a world: what it must not meet goes. renew gives numbers
	// new names after such a step, or one that drew a token. Both work in place, and say why they cannot, or "".
	clear(w World, ids []uint32, nexts []fsm.Next) (why string)
	renew(w *World, ids []uint32) (why string)
}

// stride is a step, where it leads and what it pays.
type stride struct {
	step   Step
	next   uint32
	pays   []uint32
	renews uint64
}

// none is the edge of a node that was not expanded.
const none = math.MaxUint32

// fullChannel is the limit of a search in which a send found no room.
const fullChannel = "what is in flight may grow without end: a send found a channel full, and its text states no capacity"

func newPursuit(m *Model, a aim, at air, opt Options) *pursuit {
	p := &pursuit{m: m, aim: a, air: at, opt: opt, num: m.numbers(), worlds: map[string]uint32{}, arrive: map[landing][]stride{},
		pairs: map[uint64]uint32{}, classes: map[classKey]uint32{}, labels: map[string]uint32{}, readies: map[string]uint32{}, bucket: map[uint64][]uint32{}, ids: make([]uint32, len(m.Sys.Channels)), other: make([]uint32, len(m.Sys.Channels)), mineIDs: make([]uint32, len(m.Sys.Channels)), closed: map[uint64]uint32{}}
	for _, x := range m.Sys.Messages {
		ch := m.out[m.index(x.From)]
		p.guarded = append(p.guarded, ch >= 0 && p.mayRefuse(m.to[ch], x.Name))
	}
	p.label(nil, nil, nil, 0) // 0 is that of a step that pays nothing and sends nothing
	p.readySet(nil)
	return p
}

func (p *pursuit) world(w World) uint32 {
	k := worldKey(w)
	if i, ok := p.worlds[k]; ok {
		return i
	}
	i := uint32(len(p.list))
	p.worlds[k] = i
	p.list = append(p.list, w)
	p.local = append(p.local, nil)
	p.bytes += int64(3*len(k) + 250)
	return i
}

// start takes up a world and what is in flight, with every value of what layers hide.
func (p *pursuit) start(w World, ids []uint32) {
	for _, k := range p.m.unhidden(w) {
		for _, tag := range p.aim.tags(k) {
			p.node(p.world(k), tag, ids)
		}
	}
	p.starts = len(p.table.keys)
}

// run explores from the starts.
func (p *pursuit) run() {
	for i := 0; len(p.todo) > 0 && p.limit == ""; i++ {
		if i%256 == 0 {
			p.limit = p.opt.reached(len(p.table.keys), p.memory())
		}
		n := p.todo[len(p.todo)-1]
		if p.breadth {
			n, p.todo = p.todo[0], p.todo[1:]
		} else {
			p.todo = p.todo[:len(p.todo)-1]
		}
		if !p.dropped[n] {
			p.expand(n)
			p.expanded++
		}
	}
}

func (p *pursuit) memory() int64 {
	return p.bytes + p.table.bytes() + int64(24*cap(p.pairOf)+8*cap(p.g.edges)+10*cap(p.g.first))
}

// pack folds the contents of all channels into one id, pairwise.
func (p *pursuit) pack(ids []uint32) uint32 {
	id := uint32(0)
	for i, w := range ids {
		if i == 0 {
			id = w
			continue
		}
		k := uint64(id)<<32 | uint64(w)
		n, ok := p.pairs[k]
		if !ok {
			n = uint32(len(p.pairOf))
			p.pairs[k] = n
			p.pairOf = append(p.pairOf, k)
		}
		id = n
	}
	return id
}

func (p *pursuit) node(world uint32, tag uint8, ids []uint32) uint32 {
	raw := uint64(world)<<32 | uint64(p.pack(ids))
	id, known := p.closed[raw]
	if !known {
		ids = p.air.close(world, p.list[world], ids)
		id = p.pack(ids)
		p.closed[raw] = id
	}
	state := uint64(world)<<3 | uint64(tag)
	n, isNew := p.table.add(state<<32 | uint64(id))
	if !isNew {
		return n
	}
	p.at(n, p.mineIDs)
	kept, over := p.bucket[state][:0], false
	for _, o := range p.bucket[state] {
		p.at(o, p.other)
		switch {
		case over || p.covered(p.mineIDs, p.other):
			over = true
		case p.covered(p.other, p.mineIDs):
			if p.g.first[o] == none {
				p.dropped[o], p.g.open[o] = true, false
			}
			continue
		}
		kept = append(kept, o)
	}
	if !over && len(ids) > 0 {
		kept = append(kept, n)
	}
	p.bucket[state] = kept
	p.dropped = append(p.dropped, over)
	p.g.open = append(p.g.open, p.aim.waits(tag) && !over)
	p.g.ready = append(p.g.ready, 0)
	p.g.first = append(p.g.first, none)
	p.g.last = append(p.g.last, none)
	p.meets = append(p.meets, false)
	if !over {
		p.todo = append(p.todo, n)
	}
	return n
}

// covered reports whether contents can do no more than others.
func (p *pursuit) covered(ids, by []uint32) bool {
	for ch := range ids {
		if !p.air.covers(ch, by[ch], ids[ch]) {
			return false
		}
	}
	return len(ids) > 0
}

// at gives the parts of a node.
func (p *pursuit) at(n uint32, ids []uint32) (world uint32, tag uint8) {
	k := p.table.keys[n]
	id := uint32(k)
	for i := len(ids) - 1; i > 0; i-- {
		x := p.pairOf[id]
		ids[i], id = uint32(x), uint32(x>>32)
	}
	if len(ids) > 0 {
		ids[0] = id
	}
	return uint32(k >> 35), uint8(k>>32) & 7
}

// expand adds the edges of a node.
func (p *pursuit) expand(n uint32) {
	p.g.first[n] = 0 // it is not to be dropped any more
	p.mine, p.lacks = p.mine[:0], false
	var ready []uint32
	p.each(n, func(classes []uint32) {
		for _, k := range classes {
			if p.g.classes[k].ready && !slices.Contains(ready, k) {
				ready = append(ready, k)
			}
		}
	}, func(e fairEdge, v verdict, s *Step) {
		switch {
		case v == met:
			p.meets[n] = true
		case v == failed:
			if p.failed == nil {
				p.failed = &failure{n, s}
			}
		case p.dropped[e.to] || n == e.to && e.label == 0 || slices.Contains(p.mine, e):
		default:
			p.mine = append(p.mine, e)
		}
	})
	p.g.open[n] = p.g.open[n] && !p.lacks
	slices.Sort(ready)
	p.g.ready[n] = p.readySet(ready)
	p.g.first[n] = uint32(len(p.g.edges))
	p.g.edges = append(p.g.edges, p.mine...)
	p.g.last[n] = uint32(len(p.g.edges))
}

// each calls due with what can be paid in a node, and took for every step that the aim does not switch off; of one that
// meets or fails it there is no edge. A loss is a step without an event.
func (p *pursuit) each(n uint32, due func(classes []uint32), took func(e fairEdge, v verdict, s *Step)) {
	ids := slices.Clone(p.ids)
	world, tag := p.at(n, ids)
	for i := range p.localOf(world) {
		if s := &p.local[world][i]; p.take(tag, s, ids, s.pays, nil, took) {
			due(s.pays)
		}
	}
	for ch := range ids {
		mv := p.air.moves(ch, ids[ch])
		for _, a := range mv.arrivals {
			pays, owes := p.arrivals(ch, a)
			for _, after := range a.after {
				to := slices.Clone(ids)
				to[ch] = after
				for _, x := range append([]Msg{a.msg}, p.altered(world, ids, ch, a.msg)...) {
					paid := pays
					if x != a.msg && !p.air.forced(ch) {
						paid = nil
					}
					strides := p.arriving(world, ch, x, a.again)
					for i := range strides {
						all := paid
						if more := strides[i].pays; len(more) > 0 {
							all = append(slices.Clone(paid), more...)
						}
						if p.take(tag, &strides[i], to, all, owes, took) {
							due(all)
						}
					}
				}
			}
		}
		for _, d := range mv.drops {
			to := slices.Clone(ids)
			to[ch] = d
			took(fairEdge{p.node(world, tag, to), 0}, goesOn, &Step{Action: Action{Kind: Loses, Channel: ch, After: -1}})
		}
	}
}

// take a step from what is in flight before what it sends; it reports whether it can be taken.
func (p *pursuit) take(tag uint8, s *stride, ids []uint32, pays, owes []uint32, took func(e fairEdge, v verdict, s *Step)) (possible bool) {
	if s.step.Bad != "" {
		return false // past a fault nothing is defined
	}
	v, next := p.aim.judge(tag, &s.step)
	if v == switched {
		return false
	}
	if !s.step.Ageing.none() {
		if ids = p.air.aged(p.m, &s.step.Ageing, ids); ids == nil {
			return false
		}
	}
	if s.renews != 0 {
		ids = slices.Clone(ids)
		if why := p.air.clear(s.step.Next, ids, s.step.Nexts); why != "" {
			p.limit = why
			return false
		}
	}
	p.sends(ids, s.step.Sent, func(to []uint32) {
		possible = true
		if v != goesOn {
			took(fairEdge{}, v, &s.step)
			return
		}
		world := s.next
		if s.renews != 0 {
			w := s.step.Next.clone()
			to = slices.Clone(to)
			if why := p.air.renew(&w, to); why != "" {
				p.limit = why
				return
			}
			world = p.world(w)
		}
		took(fairEdge{p.node(world, next, to), p.label(pays, owes, p.heeded(world, to, s.step.Sent), s.renews)}, v, &s.step)
	})
	return
}

// launch calls f for every way in which the channels take what a step sends. full: a capacity made a difference that the
// text does not state.
func launch(a air, ids []uint32, sent []Sent, f func(ids []uint32)) (full bool) {
	if len(sent) == 0 {
		f(ids)
		return false
	}
	s := sent[0]
	to, full := a.send(s.Channel, ids[s.Channel], s.Msg)
	for _, w := range to {
		next := slices.Clone(ids)
		next[s.Channel] = w
		full = launch(a, next, sent[1:], f) || full
	}
	return full
}

// sends is launch, which notes a full channel. Where what happens within the capacity is enough, the node at hand lacks a
// step: a run may come through it, but not stay, since it may owe what the step would have paid.
func (p *pursuit) sends(ids []uint32, sent []Sent, f func(ids []uint32)) {
	switch full := launch(p.air, ids, sent, f); {
	case !full:
	case p.within:
		p.lacks = true
	default:
		p.limit = fullChannel
	}
}

// localOf a world: the steps that need no datagram.
func (p *pursuit) localOf(world uint32) []stride {
	if p.local[world] == nil {
		out := []stride{}
		for _, s := range p.m.Local(p.list[world]) {
			if s.Kind == Crashes || s.After >= 0 {
				continue
			}
			var pays []uint32
			if s.Kind == TimerFires || s.Kind == HandlerReturns {
				pays = []uint32{p.class(classKey{kind: paidByEvent, at: uint8(s.Machine), event: s.Event}, fairClass{ready: true})}
			}
			out = p.stride(out, s, append(pays, p.answered(p.list[world], &s, Msg{})...))
		}
		p.local[world] = out
	}
	return p.local[world]
}

// arriving lists what a datagram's arrival leads to.
func (p *pursuit) arriving(world uint32, ch int, x Msg, again bool) []stride {
	k := landing{world, uint8(ch), again, x}
	if s, ok := p.arrive[k]; ok {
		return s
	}
	out := []stride{}
	for _, s := range p.m.arrival(p.list[world], ch, x, again) {
		if s.After < 0 {
			out = p.stride(out, s, p.answered(p.list[world], &s, x))
		}
	}
	p.arrive[k] = out
	p.bytes += int64(100 + 200*len(out))
	return out
}

func (p *pursuit) stride(list []stride, s Step, pays []uint32) []stride {
	s.Next.Env = p.m.told(s.Next.Env)
	k := stride{step: s, pays: pays}
	for _, x := range s.Nexts {
		k.renews |= p.sortBit(x.Sort)
	}
	for i, ps := range p.num.slots {
		for _, at := range ps {
			if s.Next.L[i][at.at] == freshValue {
				k.renews |= 1 << min(at.sort, 63)
			}
		}
	}
	if k.renews == 0 {
		k.next = p.world(s.Next)
	}
	return append(list, k)
}

func (p *pursuit) sortBit(sort string) uint64 {
	if i := slices.Index(p.num.sorts, sort); i >= 0 {
		return 1 << min(i, 63)
	}
	return 0
}

// altered lists what a datagram may have become where corruption is not detected.
func (p *pursuit) altered(world uint32, ids []uint32, ch int, x Msg) []Msg {
	if !p.m.Sys.Channels[ch].Corrupts {
		return nil
	}
	words := make([][]flying, len(ids))
	for i, id := range ids {
		for _, a := range p.air.moves(i, id).arrivals {
			words[i] = append(words[i], flying{msg: a.msg})
		}
	}
	return p.m.altered(p.num, p.list[world], words, x)
}

// reached says which limit a search has come to, or "".
func (o Options) reached(states int, bytes int64) string {
	switch {
	case o.MaxStates > 0 && states > o.MaxStates:
		return fmt.Sprintf("the limit of %d states was reached", o.MaxStates)
	case o.MaxMemory > 0 && bytes > o.MaxMemory:
		return fmt.Sprintf("the limit of %d bytes was reached", o.MaxMemory)
	case o.Context != nil && o.Context.Err() != nil:
		return ended(o.Context)
	}
	return ""
}
