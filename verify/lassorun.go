package verify

import (
	"errors"
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// errNotRepeated says that a run without end does not happen in the naive semantics.
var errNotRepeated = errors.New("the run cannot be repeated on the naive semantics")

// replayed is a run on the naive semantics as it grows.
type replayed struct {
	l    *lasso
	room func(ch int) int
	run  *Run
	cur  refState
	past []refState // before each step
}

// run repeats a lasso on the naive semantics, with a capacity for channels whose text states none.
func (l *lasso) run(capacity int) (*Run, error) {
	room := func(ch int) int {
		if c := l.k.m.Sys.Channels[ch].Capacity; c > 0 {
			return c
		}
		return capacity
	}
	r := &replayed{l: l, room: room}
	path := l.k.path(l.from)
	found := false
	for _, s := range l.k.m.refStarts(room) {
		if !found && l.walkForm(s) == l.stateForm(path[0]) {
			r.cur, found = s, true
		}
	}
	if !found {
		return nil, errNotRepeated
	}
	r.run = &Run{Sys: l.k.m.Sys, Start: r.cur.w, Loop: -1, Doomed: -1}
	if capacity > 0 {
		r.run.Note = "within 1 datagram in flight each way"
		if capacity > 1 {
			r.run.Note = fmt.Sprintf("within %d datagrams in flight each way", capacity)
		}
	}
	for _, i := range path[1:] {
		want := l.stateForm(i)
		if !r.follow(func(t refStep) bool { return l.walkForm(t.next) == want }) {
			return nil, errNotRepeated
		}
	}
	stem := len(r.run.Steps) // up to where the aim is taken up
	for i, h := range l.path {
		if i == l.loop {
			r.run.Loop = len(r.run.Steps)
		}
		if !r.hop(h) {
			return nil, errNotRepeated
		}
	}
	if l.loop == len(l.path) {
		r.run.Loop = len(r.run.Steps)
	}
	once := *r.run
	once.Steps, once.Sent, once.Taken = slices.Clone(r.run.Steps), slices.Clone(r.run.Sent), slices.Clone(r.run.Taken)
	states := append(slices.Clone(r.past), r.cur)
	if l.loop >= 0 { // a second round tells which datagrams of the first arrive in it
		for _, h := range l.path[l.loop:] {
			if !r.hop(h) {
				return nil, errNotRepeated
			}
		}
		for _, sent := range once.Sent[once.Loop:] {
			for _, n := range sent {
				if slices.Contains(r.run.Taken[len(once.Taken):], n) {
					once.Carried = append(once.Carried, n)
				}
			}
		}
		once.Doomed = l.doomed(states, r.run.Taken, stem)
	}
	return &once, nil
}

// follow takes the first step that fits.
func (r *replayed) follow(fits func(refStep) bool) bool {
	for _, t := range r.l.k.m.refNext(r.cur, r.room) {
		if t.Bad == "" && fits(t) {
			r.past = append(r.past, r.cur)
			r.run.Steps = append(r.run.Steps, t.Step)
			r.run.Sent = append(r.run.Sent, t.sent)
			r.run.Taken = append(r.run.Taken, t.taken)
			r.cur = t.next
			return true
		}
	}
	return false
}

func (r *replayed) hop(h hop) bool {
	return r.follow(func(t refStep) bool {
		if t.Kind != h.step.Kind || !sameEvent(t.Event, h.step.Event) || t.Channel != h.step.Channel || t.Machine != h.step.Machine && t.Kind != Loses ||
			t.After >= 0 || t.Kind == Delivers && (t.Again != h.step.Again && r.l.p.air.forced(t.Channel) || !r.l.sameDatagram(t.Msg, h.step.Msg)) {
			return false
		}
		if h.node == none {
			return completes(t.Step) == completes(*h.step) && r.l.worldForm(t.next, nil) == r.l.worldForm(refState{w: h.step.Next}, h.step)
		}
		return r.l.form(t.next) == r.l.nodeForm(h.node)
	})
}

// sameEvent compares events of two models of one system.
func sameEvent(a, b *fsm.Event) bool {
	return a == b || a != nil && b != nil && a.Kind == b.Kind && a.Name == b.Name
}

// sameDatagram compares a datagram of a naive step with one of a pursuit but for the names of numbers. Another one may lead
// to the same state, and what it pays is not what the loop owes.
func (l *lasso) sameDatagram(x, y Msg) bool {
	x, y = l.p.m.washedMsg(x), l.p.m.washedMsg(y)
	if x[0] == y[0] {
		for _, f := range l.p.num.field[x[0]] {
			x[f.at], y[f.at] = 0, 0
		}
	}
	return x == y
}

// walkForm of a naive state is that of a state of the walk.
func (l *lasso) walkForm(s refState) string { return l.canonical(s.w.clone(), flyingOf(s), true) }

func (l *lasso) stateForm(i uint32) string {
	s := l.k.states[i]
	return formText(l.k.list[s.world], l.k.air.contents(s.ids))
}

// flyingOf is what is in flight in a naive state.
func flyingOf(s refState) [][]flying {
	words := make([][]flying, len(s.ch))
	for i, c := range s.ch {
		for _, d := range c {
			words[i] = append(words[i], flying{d.msg, uint8(d.overtaken), d.delivered})
		}
	}
	return words
}

// washedWords are contents without what only the properties of safety ask about.
func (l *lasso) washedWords(words [][]flying) [][]flying {
	for _, w := range words {
		for j := range w {
			w[j].msg = l.p.m.washedMsg(w[j].msg)
		}
	}
	return words
}

// form of a naive state without what only safety asks about and without the names of numbers, as a text.
func (l *lasso) form(s refState) string {
	return l.canonical(l.p.m.washed(s.w), l.washedWords(flyingOf(s)), true)
}

// nodeForm is the form of a node.
func (l *lasso) nodeForm(n uint32) string {
	ids := make([]uint32, len(l.k.air.lanes))
	world, _ := l.p.at(n, ids)
	return l.canonical(l.p.m.washed(l.p.list[world]), l.k.air.contents(ids), false)
}

func (l *lasso) canonical(w World, words [][]flying, absolute bool) string {
	if l.k.air.canonical(&w, words, absolute) != "" {
		return ""
	}
	return formText(w, words)
}

// worldForm of the end of a step that fails the aim: what is in flight does not matter.
func (l *lasso) worldForm(s refState, step *Step) string {
	s.ch = make([][]refDatagram, len(s.ch))
	if step != nil {
		return l.canonical(l.p.m.washed(s.w), make([][]flying, len(l.k.air.lanes)), false)
	}
	return l.form(s)
}

// doomed is the index of the last step before which the aim could still be met, if what the run loses is lost, and after
// which it cannot; -1 where there is none. States are those before each step from the first, and after the last; taken
// are the datagrams taken by each step, the loop's a second time.
func (l *lasso) doomed(states []refState, taken []int, stem int) int {
	possible := true
	at := -1
	for i := range states {
		s := states[i].clone()
		for ch := range s.ch {
			s.ch[ch] = slices.DeleteFunc(s.ch[ch], func(d refDatagram) bool { return !slices.Contains(taken[i:], d.number) })
		}
		w := l.p.m.washed(s.w)
		tags := l.p.aim.tags(w)
		if i >= stem {
			tags = []uint8{l.tag(i - stem)}
		}
		now := len(tags) == 0 || l.canMeet(s, tags[0])
		if possible && !now {
			at = i - 1
		}
		if !possible && now {
			at = -1
		}
		possible = now
	}
	return at
}

// canMeet reports whether the aim can be met from a naive state with a tag.
func (l *lasso) canMeet(s refState, tag uint8) bool {
	w, words := l.p.m.washed(s.w), l.washedWords(flyingOf(s))
	if l.k.air.canonical(&w, words, true) != "" {
		return true // not shown
	}
	ids := make([]uint32, len(words))
	for i, x := range words {
		ids[i] = l.k.air.id(x)
	}
	q := newPursuit(l.p.m, l.p.aim, l.p.air, Options{MaxStates: 20_000})
	q.node(q.world(w), tag, ids)
	for len(q.todo) > 0 && q.limit == "" {
		n := q.todo[len(q.todo)-1]
		q.todo = q.todo[:len(q.todo)-1]
		q.expand(n)
		if q.meets[n] {
			return true
		}
		if len(q.table.keys) > q.opt.MaxStates {
			return true // not shown
		}
	}
	return q.limit != ""
}

// tag of waiting after some hops.
func (l *lasso) tag(hops int) uint8 {
	ids := make([]uint32, len(l.k.air.lanes))
	if hops == 0 {
		return l.begin
	}
	_, tag := l.p.at(l.path[hops-1].node, ids)
	return tag
}
