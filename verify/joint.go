package verify

import (
	"math/big"
	"slices"

	"sprocketc/verify/mdd"
)

// joint explores a system whose machines stay together (parts.go says why), symbolically and breadth first. A set of
// states is a table from an end (all machines and the monitor) and a support (the values of numbers, tokens and colours that
// occur in the channels) to a diagram of the channels' words, a level for each datagram. The canonical form of a state
// (canon.go) depends on the end and the support alone, so one renaming serves all words of an entry: it relabels their
// diagram.
type joint struct {
	*diagram
	opt   Options
	want  func(property string) bool
	canon *canon

	supports  [][]Msg // by number; 0: nothing that is renamed occurs
	supIDs    map[string]uint32
	cons      map[[2]uint32]uint32 // a message in front of a support
	tokens    bool                 // the order in which values occur matters
	forms     map[jointKey]form1
	renames   []map[Msg]Msg // by number: what becomes of the values of a message; 0: nothing
	renameIDs map[string]uint32

	begin   bool // states in which a run begins are new in all their values
	reached map[jointKey]mdd.Node
	keys    []jointKey // of reached, as they were found
	layers  []*layer
	total   big.Int // states
	ticks   int

	property, why string
	at            *jointState // where it breaks
	limit         string
	stopped       bool
}

type jointKey struct{ end, support uint32 }

// form1 is what a raw key is renamed to.
type form1 struct {
	to    jointKey
	by    uint32 // renaming
	fault string // it has no form
}

// layer is what one level of the search found: sets by key, in the order in which they came.
type layer struct {
	sets map[jointKey]mdd.Node
	keys []jointKey
}

// jointState is one state: its key, and the words as a path through their diagram.
type jointState struct {
	key  jointKey
	path []uint32
}

// together is newParts with one actor for all machines, whether they can be told apart or not.
func (m *Model) together(capacity int, opt Options) *parts {
	p := m.newParts(capacity, opt.NoReduction)
	if p.joint == "" {
		p.joint = "asked for"
		p.actors = []*actor{newActor(-1)}
		for ch := range p.takes {
			p.takes[ch] = 0
		}
		for _, c := range p.conds {
			c.reads = []int{0}
		}
	}
	for _, l := range p.lanes {
		if opt.shortest && l.Loses && !l.implicit {
			l.thorough = true // as newExact has it
		}
	}
	return p
}

func (m *Model) newJoint(capacity int, opt Options, want func(string) bool) *joint {
	p := m.together(capacity, opt)
	var order []int
	for ch := range p.chans {
		order = append(order, 1+ch)
	}
	j := &joint{diagram: p.newDiagram(order, cacheShare(opt)), opt: opt, want: want, canon: newCanon(m), supports: [][]Msg{nil}, supIDs: map[string]uint32{"": 0},
		cons: map[[2]uint32]uint32{}, forms: map[jointKey]form1{}, reached: map[jointKey]mdd.Node{}, renames: []map[Msg]Msg{nil}, renameIDs: map[string]uint32{}}
	for _, s := range m.Sys.Sorts {
		j.tokens = j.tokens || s.Token
	}
	return j
}

// project keeps of a message what a renaming may change.
func (j *joint) project(m Msg) (out Msg, any bool) {
	for _, p := range j.canon.num.field[m[0]] {
		out[p.at] = m[p.at]
		any = any || m[p.at] != 0
	}
	for _, at := range j.canon.payField[m[0]] {
		if distinct(uint32(m[at])) {
			out[at], any = m[at], true
		}
	}
	out[0] = m[0]
	return out, any
}

// supportOf lists values; only which there are matters, unless in order.
func (j *joint) supportOf(ms []Msg, inOrder bool) uint32 {
	if !inOrder {
		slices.SortFunc(ms, func(a, b Msg) int { return slices.Compare(a[:], b[:]) })
	}
	var key []byte
	out := ms[:0]
	for _, m := range ms {
		if !slices.Contains(out, m) {
			out = append(out, m)
			key = append(key, m[:]...)
		}
	}
	id, ok := j.supIDs[string(key)]
	if !ok {
		id = uint32(len(j.supports))
		j.supIDs[string(key)] = id
		j.supports = append(j.supports, slices.Clone(out))
		j.p.bytes += int64(3*len(key) + 100)
	}
	return id
}

// before is the support of a message and what comes after it.
func (j *joint) before(v, support uint32) uint32 {
	m, any := j.project(j.p.msgs[flightMsg(v)])
	if !any {
		return support
	}
	k := [2]uint32{flightMsg(v), support}
	id, ok := j.cons[k]
	if !ok {
		id = j.supportOf(append([]Msg{m}, j.supports[support]...), j.tokens)
		j.cons[k] = id
		j.p.bytes += 40
	}
	return id
}

// split a set of words into a fan by their support.
func (j *joint) split(l level, n mdd.Node) mdd.Node {
	if l.pos() == len(j.order) {
		return j.Single([]uint32{0}, n)
	}
	op := operation(opSplit, uint32(l.pos()), 0) // how deep in a word does not matter
	if r, ok := j.cache.Get(op, n, 0); ok {
		return r
	}
	f := j.newFan()
	for i := range j.degree(n) {
		e := j.edge(n, i)
		k := j.split(j.below(l, e.Value), e.To)
		for i := range j.degree(k) {
			g := j.edge(k, i)
			if e.Value == end {
				f.add(g.Value, e.Value, g.To)
			} else {
				f.add(j.before(e.Value, g.Value), e.Value, g.To)
			}
		}
	}
	r := j.collect(f, nil)
	j.cache.Put(op, n, 0, r)
	return r
}

// formOf is what a key is renamed to.
func (j *joint) formOf(k jointKey) form1 {
	if f, ok := j.forms[k]; ok && !j.begin {
		return f
	}
	w := j.p.actors[0].states[k.end].clone()
	var word []flying
	for _, m := range j.supports[k.support] {
		word = append(word, flying{msg: m})
	}
	f := form1{fault: j.canon.apply(&w, [][]flying{word}, j.begin)}
	if f.fault == "" {
		var ms []Msg
		for i := range word {
			if p, any := j.project(word[i].msg); any {
				ms = append(ms, p)
			}
		}
		// renaming changes the order of a set, so a form is kept under which values there are
		f.to, f.by = jointKey{j.p.stateID(0, w), j.supportOf(ms, false)}, j.renaming(j.supports[k.support], word)
	}
	if !j.begin {
		j.forms[k] = f
		j.p.bytes += 60
	}
	return f
}

// renaming interns what becomes of a support's values; 0 changes nothing.
func (j *joint) renaming(from []Msg, to []flying) uint32 {
	var key []byte
	same := true
	for i, m := range from {
		key = append(append(key, m[:]...), to[i].msg[:]...)
		same = same && m == to[i].msg
	}
	if same {
		return 0
	}
	id, ok := j.renameIDs[string(key)]
	if !ok {
		by := map[Msg]Msg{}
		for i, m := range from {
			by[m] = to[i].msg
		}
		id = uint32(len(j.renames))
		j.renameIDs[string(key)] = id
		j.renames = append(j.renames, by)
		j.p.bytes += int64(60*len(by) + 3*len(key))
	}
	return id
}

// relabel words by a renaming.
func (j *joint) relabel(l level, n mdd.Node, by uint32) mdd.Node {
	if by == 0 || n == mdd.Empty || l.pos() == len(j.order) {
		return n
	}
	first := uint32(0)
	if l.depth() == 0 {
		first = 1
	}
	op := operation(opRename, uint32(l.pos())<<1|first, by)
	ch := j.channelAt(l)
	lane := j.p.lanes[ch]
	if r, ok := j.cache.Get(op, n, 0); ok {
		return r
	}
	b := j.Take()
	r := mdd.Empty
	for i := range j.degree(n) {
		e := j.edge(n, i)
		k := j.relabel(j.below(l, e.Value), e.To, by)
		if e.Value == end {
			lead(b, end, k)
			continue
		}
		m := j.p.msgs[flightMsg(e.Value)]
		old, any := j.project(m)
		if any {
			to := j.renames[by][old]
			for _, p := range j.canon.num.field[m[0]] {
				m[p.at] = to[p.at]
			}
			for _, at := range j.canon.payField[m[0]] {
				if old[at] != 0 {
					m[at] = to[at]
				}
			}
		}
		v := flightOf(j.p.msgID(m), flightAge(e.Value), flightDone(e.Value))
		if lane.Within < 0 {
			r = j.Union(r, j.insert(k, v, lane.Repeats))
		} else {
			lead(b, v, k)
		}
	}
	r = j.Union(r, j.Make(b.Edges))
	j.Give(b)
	if first == 1 {
		r = j.tidy(ch, r)
	}
	j.cache.Put(op, n, 0, r)
	return r
}

// images calls f for every set of states that one step leads to from words of a key, in their forms. What breaks a
// property is told to broke, which says whether the search does not go on behind it.
func (j *joint) images(k jointKey, n mdd.Node, broke func(bad, why string) bool, f func(jointKey, mdd.Node)) {
	take := func(moves []partMove, n mdd.Node) {
		for _, m := range moves {
			if to := j.after(&m, n); to != mdd.Empty && !(m.bad != "" && broke(m.bad, m.why)) {
				j.spread(m.to, to, f)
			}
		}
	}
	take(j.p.spontaneous(0, k.end), n)
	for ch := range j.p.chans {
		a := j.arrivalsBelow(ch, 0, n)
		for i := range j.degree(a) {
			e := j.edge(a, i)
			take(j.p.receive(ch, k.end, e.Value>>1), e.To)
			for _, x := range j.alteredIn(k, ch, e.Value>>1) {
				take(j.p.receive(ch, k.end, x), e.To)
			}
		}
		j.spread(k.end, j.dropsBelow(ch, 0, n), f)
	}
}

// after is what a move leaves in the channels, where they take what it sends.
func (j *joint) after(m *partMove, n mdd.Node) mdd.Node {
	if m.clear && n != mdd.Empty {
		n = j.Single(make([]uint32, len(j.order)), mdd.Unit)
	}
	n = j.aged(&m.aged, 0, n)
	for _, s := range m.sent {
		n = j.sendBelow(s.ch, s.msg, 0, n)
	}
	return n
}

// spread gives the states of an end with words their forms.
func (j *joint) spread(end uint32, words mdd.Node, f func(jointKey, mdd.Node)) {
	if words == mdd.Empty {
		return
	}
	s := j.split(0, words)
	for i := range j.degree(s) {
		e := j.edge(s, i)
		r := j.formOf(jointKey{end, e.Value})
		if r.fault != "" {
			j.stop(r.fault)
			continue
		}
		f(r.to, j.relabel(0, e.To, r.by))
	}
}

func (j *joint) stop(why string) {
	if j.limit == "" {
		j.limit = why
	}
}

func (j *joint) dropsBelow(ch int, l level, n mdd.Node) mdd.Node {
	if l.pos() == j.pos[1+ch] {
		return j.drops(ch, n)
	}
	op := operation(opDropBelow, uint32(l.pos()), uint32(ch))
	return j.each(op, n, func(e mdd.Edge, b *mdd.Buffer) { lead(b, e.Value, j.dropsBelow(ch, j.below(l, e.Value), e.To)) })
}

// alteredIn is what a datagram may have become in the states of a key.
func (j *joint) alteredIn(k jointKey, ch int, msg uint32) (out []uint32) {
	if !j.p.lanes[ch].Corrupts {
		return nil
	}
	var word []flying
	for _, m := range j.supports[k.support] {
		word = append(word, flying{msg: m})
	}
	for _, m := range j.p.m.altered(j.p.num, j.p.actors[0].states[k.end], [][]flying{word}, j.p.msgs[msg]) {
		out = append(out, j.p.msgID(m))
	}
	return out
}

func (j *joint) bytes() int64 {
	return j.Bytes() + j.p.bytes + int64(60*len(j.keys)) + int64(40*len(j.layers))
}
