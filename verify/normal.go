package verify

import (
	"slices"

	"sprocketc/fsm"
)

// The normal form of a state, by parts. Each part of the work depends on little: which datagrams are dead on the
// receiver's world and on what the other channel says of numbers that only grow, merging on the world and the requests,
// ranks on which numbers occur. So each is remembered by that, and a state costs a few look-ups. The functions that do
// the work take a front; they are in reduce.go, stale.go and close.go.

// keyed is what a part of the work depends on.
type keyed struct{ world, a, b, c uint32 }

// ranking is how a state is renamed.
type ranking struct {
	world uint32
	subs  [2]uint32 // by channel
	ren   *renaming
	err   error
}

// closing is what a world puts in flight whatever is there already.
type closing struct {
	world   uint32
	changed bool
	sends   []sentSet
}

// sentSet is a set of datagrams sent into a channel.
type sentSet struct {
	channel int
	set     uint32
}

// memos of the normal form.
type memos struct {
	fates   [2]map[keyed]*fates   // by channel
	settled [2]map[uint32]settled // by whether the marked call may still arrive
	gaps    map[uint64]*gaps      // by world and the marks in flight
	ranks   map[keyed]ranking
	closes  map[uint32]closing
	offers  [2]map[uint64]uint32 // what may be answered, before what is dead goes
	answers [2]map[keyed]uint32
}

type settled struct {
	world uint32
	wash  bool
}

func newMemos() memos {
	k := memos{gaps: map[uint64]*gaps{}, ranks: map[keyed]ranking{}, closes: map[uint32]closing{}}
	for i := range 2 {
		k.fates[i], k.settled[i] = map[keyed]*fates{}, map[uint32]settled{}
		k.offers[i], k.answers[i] = map[uint64]uint32{}, map[keyed]uint32{}
	}
	return k
}

// remembers counts an entry of a memo.
func (e *blockEngine) remembers() { e.bytes += bytesOfMemo }

// front of a state, to work on.
func (e *blockEngine) front(s blockState) front {
	f := front{e.all[s.world].clone(), make([]word, len(e.k))}
	for ch := range f.c {
		f.c[ch] = e.words[ch].list[s.c[ch]].word
	}
	return f
}

// intern gives a front its numbers.
func (e *blockEngine) intern(f front) blockState {
	s := blockState{world: e.number(f.w)}
	for ch, w := range f.c {
		s.c[ch] = e.words[ch].id(w)
	}
	return s
}

// number interns endpoints, whether they can be reached or not.
func (e *blockEngine) number(w World) uint32 {
	k := worldKey(w)
	if i, ok := e.worlds[k]; ok {
		return i
	}
	i := uint32(len(e.all))
	e.worlds[k] = i
	e.all = append(e.all, w)
	e.seen = append(e.seen, false)
	e.bytes += int64(3*len(k) + 200)
	return i
}

// whole is the normal form of a state with everything in flight that can be sent at any time.
func (e *blockEngine) whole(s blockState) (blockState, error) {
	s, err := e.normal(s)
	if err != nil {
		return s, err
	}
	if s, changed := e.close(s); changed {
		return e.normal(s)
	}
	return s, nil
}

// normal brings a state to its normal form: dead datagrams go, the mark of a call that can no longer matter is washed
// out, abandoned requests and stale rejections are merged, numbers become ranks.
func (e *blockEngine) normal(s blockState) (blockState, error) {
	for ch := range s.c {
		s.c[ch] = e.alive(s, ch)
	}
	inFlight := 0
	for ch := range s.c {
		c := &e.words[ch].list[s.c[ch]]
		if c.marked || c.behind && e.m.alive(e.all[s.world].Env, after) {
			inFlight = 1
		}
	}
	k, ok := e.memo.settled[inFlight][s.world]
	if !ok {
		w := e.all[s.world].clone()
		k.wash = e.settle(&w, inFlight == 1)
		k.world = e.number(w)
		e.memo.settled[inFlight][s.world] = k
		e.remembers()
	}
	s.world = k.world
	if k.wash {
		for ch := range s.c {
			s.c[ch] = e.words[ch].wash(s.c[ch])
		}
	}
	if e.merges != apart {
		ch := e.m.out[e.m.Caller]
		s.c[ch] = e.merged(s, ch)
	}
	if len(e.current) > 0 {
		s = e.outdated(s)
	}
	if back := e.m.back(); back >= 0 && e.m.Caller >= 0 && e.words[back].list[s.c[back]].stale || e.tokens {
		f := e.front(s)
		e.stale(&f)
		e.bound(&f)
		s = e.intern(f)
	}
	return e.ranked(s)
}

// fates says of each datagram whether it is dead in a world: 0 not asked, 1 alive, 2 dead.
type fates struct{ of []uint8 }

// alive is a channel's word without what is dead.
func (e *blockEngine) alive(s blockState, ch int) uint32 {
	if s.c[ch] == 0 {
		return 0
	}
	c := &e.words[ch].list[s.c[ch]]
	k := keyed{world: s.world, a: c.present}
	if e.ign[e.m.to[ch]].answers {
		if back := e.m.out[e.m.to[ch]]; back >= 0 {
			k.b = e.words[back].list[s.c[back]].present
		}
	}
	x := e.memo.fates[ch][k]
	if x == nil {
		x = &fates{}
		e.memo.fates[ch][k] = x
		e.remembers()
	}
	gone := e.gone[:0]
	for j, msg := range c.msgs {
		for int(msg) >= len(x.of) {
			x.of = append(x.of, 0)
			e.bytes++
		}
		if x.of[msg] == 0 {
			x.of[msg] = 1
			if e.dead(e.front(s), ch, c.values[j]) {
				x.of[msg] = 2
			}
		}
		gone = append(gone, x.of[msg] == 2)
	}
	e.gone = gone
	return e.words[ch].without(s.c[ch], gone)
}

// ranked gives the numbers of a state their ranks.
func (e *blockEngine) ranked(s blockState) (blockState, error) {
	k := keyed{s.world, e.words[0].list[s.c[0]].numbers, e.words[1].list[s.c[1]].numbers, 0}
	r, ok := e.memo.ranks[k]
	if !ok {
		f := e.front(s)
		e.idleNumber(&f)
		r.ren, r.err = e.num.rename(f.w.L, f.messages())
		r.world = e.number(f.w)
		if r.ren != nil {
			r.subs = [2]uint32{e.substitution(k.a, r.ren), e.substitution(k.b, r.ren)}
		}
		e.memo.ranks[k] = r
		e.remembers()
	}
	s.world = r.world
	for ch := range s.c {
		s.c[ch] = e.words[ch].rename(s.c[ch], r.subs[ch], r.ren)
	}
	return s, r.err
}

// substitution of a set of numbers by a renaming; 0 where none of them changes.
func (e *blockEngine) substitution(support uint32, ren *renaming) uint32 {
	var key []byte
	changes := false
	for _, n := range e.supports.list[support] {
		v := ren.to(n.group, n.v)
		changes = changes || v != n.v
		key = append(n.append(key), byte(v))
	}
	if !changes {
		return 0
	}
	return e.substitutions.id(key, nil)
}

// close puts in flight what can be sent at any time: the calls that an idle caller makes and gives up, the
// retransmissions that leave their sender as it is, and the answers to requests that can come again and leave the
// callee as it is. A transmission never takes anything from the network, so the state that has it can do all that the
// state before could.
// It reports whether anything was added.
func (e *blockEngine) close(s blockState) (_ blockState, changed bool) {
	k, ok := e.memo.closes[s.world]
	if !ok {
		k = e.closing(s.world)
		e.memo.closes[s.world] = k
		e.remembers()
	}
	s.world, changed = k.world, k.changed
	send := func(ch int, set uint32) {
		w := e.words[ch].send(s.c[ch], set)
		changed = changed || w != s.c[ch]
		s.c[ch] = w
	}
	for _, x := range k.sends {
		send(x.channel, x.set)
	}
	for ch := range s.c {
		if back := e.m.out[e.m.to[ch]]; back >= 0 {
			send(back, e.answered(s, ch, back))
		}
	}
	return s, changed
}

// closing of a world: the idle loop of its caller, and what its machines can send of their own accord.
func (e *blockEngine) closing(world uint32) closing {
	f := front{e.all[world].clone(), nil}
	var out closing
	send := func(ch int, ms []Msg) {
		if len(ms) > 0 {
			out.sends = append(out.sends, sentSet{ch, e.set(ms)})
		}
	}
	if e.merges != apart && f.w.Env.Call == 0 {
		at := e.id.own[len(e.id.own)-1]
		x := e.idleLoop(&f)
		if x.ok && len(x.sends) > 0 && (x.next[at] == f.w.L[e.m.Caller][at] || e.heedless(f.w.L[e.m.Caller], at)) {
			f.w.L[e.m.Caller] = slices.Clone(x.next)
			out.changed = true
			send(e.m.out[e.m.Caller], x.sends)
		}
	}
	for i, c := range e.m.Code {
		if e.m.out[i] < 0 {
			continue
		}
		var ms []Msg
		for _, ev := range c.M.Events {
			if ev.Kind != fsm.OnTimer && ev.Kind != fsm.OnFree {
				continue
			}
			for _, in := range e.m.inputs(ev) {
				if c.Enabled(f.w.L[i], ev, in...) {
					ms = append(ms, e.pureSends(i, f.w.L[i], ev, in)...)
				}
			}
		}
		send(e.m.out[i], e.m.sentBy(i, f.w, ms))
	}
	out.world = e.number(f.w)
	return out
}

// answered are the answers to what can come again for nothing on a channel and leaves its receiver as it is, without
// those that are dead.
func (e *blockEngine) answered(s blockState, ch, back int) uint32 {
	k := uint64(s.world)<<32 | uint64(s.c[ch])
	offers, ok := e.memo.offers[ch][k]
	if !ok {
		offers = e.set(e.offers(s, ch))
		e.memo.offers[ch][k] = offers
		e.remembers()
	}
	if offers == 0 {
		return 0
	}
	a := keyed{s.world, offers, e.words[back].list[s.c[back]].present, e.words[ch].list[s.c[ch]].present}
	set, ok := e.memo.answers[ch][a]
	if !ok {
		f := e.front(s)
		var ms []Msg
		for _, x := range e.sets.list[offers] {
			if !e.dead(f, back, x) {
				ms = append(ms, x)
			}
		}
		set = e.set(ms)
		e.memo.answers[ch][a] = set
		e.remembers()
	}
	return set
}

func (e *blockEngine) offers(s blockState, ch int) (out []Msg) {
	to := e.m.to[ch]
	l := e.all[s.world].L[to]
	c := &e.words[ch].list[s.c[ch]]
	for j, m := range c.values {
		ev := e.m.receive(to, m)
		if ev == nil || !c.free[j] || !e.m.Code[to].Enabled(l, ev, e.m.fields(m)...) {
			continue
		}
		for _, x := range e.m.sentBy(to, e.all[s.world], e.pureSends(to, l, ev, e.m.fields(m))) {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return
}
