package verify

import (
	"fmt"
	"slices"

	"sprocketc/verify/mdd"
)

// saturation explores a system of separate actors symbolically. A step belongs to the uppermost level that it touches; a
// node is saturated when no step that belongs to it or to what is below adds anything, and nodes are saturated from below
// (Ciardo, Luettgen, Siminiscaliu, Saturation: an efficient iteration strategy for symbolic state-space generation, TACAS
// 2001). A step is found going down with what is known so far (the datagram that arrives), and comes back up with what
// a channel above has to take (a fan, by what was sent). It knows no more of a system than its components.
type saturation struct {
	*diagram
	opt  Options
	want func(property string) bool

	spont [][][]satMove   // by actor and state; nil: not yet asked
	recv  [][][][]satMove // by channel, state and message
	sents [][]partSent    // by label; label 0: nothing
	sentL map[string]uint32
	local []bool // by channel: a send touches only the end of a word

	ticks         int
	property, why string // the first one broken; "" for none
	unsure        string // a property that only a step breaks which may not be taken
	limit         string
	stopped       bool // a limit of the options ended it
}

// satMove is a partMove without what breaks a property.
type satMove struct {
	to, sent uint32
}

// overLimit unwinds a search that is over a limit.
type overLimit string

func (p *parts) newSaturation(order []int, whole bool, opt Options, want func(string) bool) *saturation {
	s := &saturation{diagram: p.newDiagram(order, cacheShare(opt)), opt: opt, want: want, sents: [][]partSent{nil}, sentL: map[string]uint32{}}
	s.spont, s.recv = make([][][]satMove, len(p.actors)), make([][][][]satMove, len(p.chans))
	s.whole = whole
	for _, c := range p.chans {
		s.local = append(s.local, !whole && !c.merge && !c.implicit && c.Within >= 0)
	}
	return s
}

// cacheShare is what the caches of results may take.
func cacheShare(opt Options) int64 {
	if opt.MaxMemory > 0 {
		return min(opt.MaxMemory/4, 1<<29)
	}
	return 1 << 29
}

// run finds the reachable states, and what breaks in them.
func (s *saturation) run() (root mdd.Node) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case overLimit:
			s.limit, s.stopped = string(e), true
		default:
			panic(e)
		}
	}()
	first := mdd.Empty
	for _, st := range s.p.starts() {
		if s.breaks(st.bad, st.why, nil) {
			return mdd.Empty
		}
		var path []uint32
		for _, c := range s.order {
			if c < len(s.p.actors) {
				path = append(path, st.states[c])
			} else {
				path = append(path, end)
			}
		}
		n := s.Single(path, mdd.Unit)
		for _, x := range st.sent {
			n = s.sendBelow(x.ch, x.msg, 0, n)
		}
		first = s.Union(first, n)
	}
	root = s.saturate(0, first)
	s.Peak = max(s.Peak, s.Bytes())
	if d := s.doubtful(); d != "" {
		s.unsure, s.property, s.why = d, "", ""
	}
	if s.property != "" {
		return root
	}
	if why := s.brokenIn(root); why != "" {
		s.property, s.why = why, "it does not hold in this state"
		return root
	}
	if s.p.m.checks[noDeadlock] && s.want(noDeadlock) {
		switch found, sure := s.deadlock(root); {
		case found:
			s.property, s.why = noDeadlock, "no step is possible"
		case !sure && s.unsure == "":
			s.unsure = noDeadlock
		}
	}
	return root
}

// doubtful is what was found that may not be so, "" for nothing: what is below a channel goes on behind a step before it is
// known whether the channel takes what the step sends. Where one did not, nothing that a step broke, and no other channel
// that was full, need ever come about.
func (s *saturation) doubtful() string {
	for ch, refused := range s.p.refused {
		switch {
		case refused && s.property != "":
			return s.property
		case refused && (s.p.full >= 0 || s.limit != "") && s.p.lanes[ch].Capacity > 0:
			return "capacity"
		}
	}
	return ""
}

// breaks notes what breaks a property, and reports whether the search does not go on behind it.
func (s *saturation) breaks(bad, why string, sent []partSent) bool {
	switch {
	case bad == "":
		return false
	case bad == tooLarge:
		if s.limit == "" {
			s.limit = why
		}
		return true
	case !s.want(bad):
		return bad == "bounded"
	}
	for _, x := range sent {
		if l := s.p.lanes[x.ch]; l.capacity > 0 && (!l.Loses || l.Waits) {
			s.unsure = bad
			return true
		}
	}
	if s.property == "" {
		s.property, s.why = bad, why
	}
	return true
}

func (s *saturation) satMoves(moves []partMove) []satMove {
	out := []satMove{}
	for _, m := range moves {
		if s.breaks(m.bad, m.why, m.sent) {
			continue
		}
		k := satMove{to: m.to}
		if len(m.sent) > 0 {
			key := fmt.Sprint(m.sent)
			l, ok := s.sentL[key]
			if !ok {
				l = uint32(len(s.sents))
				s.sentL[key] = l
				s.sents = append(s.sents, m.sent)
			}
			k.sent = l
		}
		out = append(out, k)
	}
	return out
}

func (s *saturation) spontaneous(a int, state uint32) []satMove {
	for int(state) >= len(s.spont[a]) {
		s.spont[a] = append(s.spont[a], nil)
	}
	if s.spont[a][state] == nil {
		moves := s.satMoves(s.p.spontaneous(a, state))
		s.spont[a][state] = moves
	}
	return s.spont[a][state]
}

// receive is what an arrival leads to, altered or not.
func (s *saturation) receive(ch int, state, msg uint32) []satMove {
	for int(state) >= len(s.recv[ch]) {
		s.recv[ch] = append(s.recv[ch], nil)
	}
	by := s.recv[ch][state]
	for int(msg) >= len(by) {
		by = append(by, nil)
	}
	s.recv[ch][state] = by
	if by[msg] == nil {
		moves := s.satMoves(s.p.receive(ch, state, msg))
		for _, x := range s.p.altered(nil, nil, ch, msg) {
			moves = append(moves, s.satMoves(s.p.receive(ch, state, x))...)
		}
		by[msg] = moves
	}
	return by[msg]
}

// outOf is the channel that an actor sends into, or -1.
func (s *saturation) outOf(a int) int { return s.p.m.out[s.p.actors[a].machine] }

// channelBelow reports whether a channel is below a position; no component is not.
func (s *saturation) channelBelow(ch, pos int) bool {
	return ch >= 0 && s.pos[len(s.p.actors)+ch] > pos
}

// tick looks after memory and limits now and then; every node in use is held.
func (s *saturation) tick() {
	if s.ticks++; s.ticks%64 != 0 {
		return
	}
	if s.Full() {
		s.Collect()
	}
	if s.ticks%1024 == 0 {
		s.tell(&s.opt, Progress{Memory: s.bytes()})
		if b := s.bytes(); s.opt.MaxMemory > 0 && b > s.opt.MaxMemory {
			if s.Collect(); s.bytes() > s.opt.MaxMemory {
				panic(overLimit(fmt.Sprintf("the limit of %d bytes was reached", s.opt.MaxMemory)))
			}
		}
		if s.opt.Context != nil && s.opt.Context.Err() != nil {
			panic(overLimit(ended(s.opt.Context)))
		}
	}
}

func (s *saturation) bytes() int64 { return s.Bytes() + s.p.bytes }

// saturate a node of a level.
func (s *saturation) saturate(l level, n mdd.Node) mdd.Node {
	if n <= mdd.Unit || l.pos() == len(s.order) {
		return n
	}
	op := operation(opSaturate, uint32(l), 0)
	if r, ok := s.cache.Get(op, n, 0); ok {
		return r
	}
	held := s.Hold(n)
	s.tick()
	x := &saturating{s: s, l: l, cur: s.Take(), fired: s.Take()}
	if c := s.channelAt(l); c >= 0 && s.whole {
		x.queue = &wordQueue{}
		if l == 0 {
			x.at, x.queue.queued = []int32{}, []bool{}
		}
	}
	for i := range s.degree(n) {
		x.add(s.edge(n, i))
	}
	if x.queue != nil {
		for v, ok := x.queue.pop(); ok; v, ok = x.queue.pop() {
			if i, _ := x.find(v); x.fired.Edges[i].To != x.cur.Edges[i].To {
				x.fire(i)
			}
		}
	}
	for again := true; again; {
		again = false
		for i := 0; i < len(x.cur.Edges); i++ {
			if x.fired.Edges[i].To != x.cur.Edges[i].To {
				x.fire(i)
				again = true
			}
		}
	}
	s.Give(x.fired)
	r := s.Make(x.cur.Edges)
	s.Give(x.cur)
	s.Drop(held)
	s.cache.Put(op, n, 0, r)
	s.cache.Put(op, r, 0, r)
	return r
}

// saturating is a node at work: its edges now, and what of each the steps were last taken from.
type saturating struct {
	s          *saturation
	l          level
	cur, fired *mdd.Buffer
	queue      *wordQueue // of a channel's contents; nil: edges are taken in turn
	at         []int32    // by value: the place of its edge + 1, in the uppermost level, where there are many; nil: edges are sorted
}

// fire saturates what is below edge i, and takes the steps that belong to this level from it.
func (x *saturating) fire(i int) {
	e := x.cur.Edges[i]
	e.To = x.s.saturate(x.s.below(x.l, e.Value), e.To)
	x.cur.Edges[i].To, x.fired.Edges[i].To = e.To, e.To
	if a := x.s.order[x.l.pos()]; a < len(x.s.p.actors) {
		x.fireActor(a, e)
	} else {
		x.fireChannel(a-len(x.s.p.actors), e)
	}
}

// add unites what may follow a value with more; it is saturated when it is fired.
func (x *saturating) add(e mdd.Edge) {
	if e.To == mdd.Empty {
		return
	}
	i, known := x.find(e.Value)
	if !known {
		x.cur.Edges = slices.Insert(x.cur.Edges, i, mdd.Edge{Value: e.Value})
		x.fired.Edges = slices.Insert(x.fired.Edges, i, mdd.Edge{Value: e.Value})
	}
	if u := x.s.Union(x.cur.Edges[i].To, e.To); u != x.cur.Edges[i].To {
		x.cur.Edges[i].To = u
		if x.queue != nil {
			x.queue.push(e.Value, len(x.s.p.chans[x.s.channelAt(x.l)].words[e.Value]))
		}
	}
}

// find is the place of a value's edge, or where it is to be.
func (x *saturating) find(v uint32) (i int, known bool) {
	if x.at == nil {
		return slices.BinarySearchFunc(x.cur.Edges, v, func(e mdd.Edge, v uint32) int { return int(int64(e.Value) - int64(v)) })
	}
	for int(v) >= len(x.at) {
		x.at = append(x.at, 0)
	}
	if x.at[v] == 0 {
		x.at[v] = int32(len(x.cur.Edges) + 1)
		return len(x.cur.Edges), false
	}
	return int(x.at[v]) - 1, true
}

// addAll adds the edges of a node of this level.
func (x *saturating) addAll(n mdd.Node) {
	held := x.s.Hold(n)
	for i := range x.s.degree(n) {
		x.add(x.s.edge(n, i))
	}
	x.s.Drop(held)
}

// fireActor takes the steps that belong to an actor: its channels are below it, or untouched.
func (x *saturating) fireActor(a int, e mdd.Edge) {
	s, out, pos := x.s, x.s.outOf(a), x.l.pos()
	below := levelOf(pos + 1)
	take := func(moves []satMove, n mdd.Node) {
		for _, m := range moves {
			if m.sent == 0 {
				x.add(mdd.Edge{Value: m.to, To: n})
			} else if s.channelBelow(out, pos) {
				x.add(mdd.Edge{Value: m.to, To: s.sendAll(m.sent, below, n)})
			}
		}
	}
	held := s.Hold(e.To)
	take(s.spontaneous(a, e.Value), e.To)
	for ch, taker := range s.p.takes {
		if taker != a || !s.channelBelow(ch, pos) {
			continue
		}
		f := s.arrivalsBelow(ch, below, e.To)
		s.Hold(f)
		for i := range s.degree(f) {
			k := s.edge(f, i)
			take(s.receive(ch, e.Value, k.Value>>1), k.To)
		}
	}
	s.Drop(held)
}

// fireChannel takes the steps that belong to a level of a channel.
func (x *saturating) fireChannel(ch int, e mdd.Edge) {
	s, pos := x.s, x.l.pos()
	held := s.Hold(e.To)
	first := x.l.depth() == 0
	if s.whole {
		x.fireWhole(ch, e)
		s.Drop(held)
		return
	}
	if l := s.p.lanes[ch]; e.Value != end && l.Loses && !l.implicit && (first || !l.Oldest) { // this datagram is lost
		if first {
			x.addAll(s.tidy(ch, e.To))
		} else {
			x.addAll(e.To)
		}
	}
	if first && e.Value != end && s.pos[s.p.takes[ch]] > pos {
		f := s.arrivals(ch, s.Single([]uint32{e.Value}, e.To))
		s.Hold(f)
		for i := range s.degree(f) {
			k := s.edge(f, i)
			for j := range s.degree(k.To) {
				g := s.edge(k.To, j)
				steps := s.steps(event{s.p.takes[ch], ch, int(k.Value >> 1)}, s.below(x.l, g.Value), g.To)
				x.add(mdd.Edge{Value: g.Value, To: s.Below(steps, 0)})
			}
		}
	}
	for _, ev := range s.sendersBelow(ch, pos) {
		switch {
		case s.local[ch] && e.Value == end:
			x.sendHere(ch, s.steps(ev, s.below(x.l, end), e.To))
		case !s.local[ch] && first:
			x.sendFromHere(s.through(ev, x.l, s.Single([]uint32{e.Value}, e.To)))
		}
	}
	s.Drop(held)
}

// sendersBelow lists the events by which actors below a channel send into it, without a datagram or by the arrival of one
// from below.
func (s *saturation) sendersBelow(ch, pos int) (evs []event) {
	for a := range s.p.actors {
		if s.outOf(a) != ch || s.pos[a] < pos {
			continue
		}
		evs = append(evs, event{a, -1, -1})
		for in, taker := range s.p.takes {
			if taker == a && s.channelBelow(in, pos) {
				evs = append(evs, event{a, in, -1})
			}
		}
	}
	return
}

// sendHere puts what was sent behind the word that ends here.
func (x *saturating) sendHere(ch int, f mdd.Node) {
	s, l := x.s, x.s.p.lanes[ch]
	held := s.Hold(f)
	defer s.Drop(held)
	for i := range s.degree(f) {
		k := s.edge(f, i)
		if k.Value == 0 {
			continue
		}
		word, depth, refused := []uint32{}, x.l.depth(), false
		for _, m := range s.sents[k.Value] {
			if l.capacity == 0 || depth < l.capacity {
				word = append(word, flightOf(m.msg, 0, false))
				depth++
				continue
			}
			s.p.overfull(ch)
			refused = refused || !l.Loses || l.Waits
		}
		if refused {
			s.p.refused[s.channelAt(x.l)] = true
		} else {
			word = append(word, end)
			x.add(mdd.Edge{Value: word[0], To: s.Single(word[1:], k.To)})
		}
	}
}

// sendFromHere puts what was sent into words that begin here.
func (x *saturating) sendFromHere(f mdd.Node) {
	s := x.s
	held := s.Hold(f)
	defer s.Drop(held)
	for i := range s.degree(f) {
		if k := s.edge(f, i); k.Value != 0 {
			x.addAll(s.sendAll(k.Value, x.l, k.To))
		}
	}
}
