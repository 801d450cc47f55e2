package verify

import (
	"slices"

	"sprocketc/verify/mdd"
)

// What is asked of the set of reachable states once it is known: invariants, and whether one of its states has no step.

// project keeps of a set the levels of some actors, those of a bit mask.
func (s *saturation) project(l level, n mdd.Node, mask uint32) mdd.Node {
	if n <= mdd.Unit || l.pos() == len(s.order) {
		return n
	}
	op := operation(opProject, uint32(l), mask)
	if r, ok := s.cache.Get(op, n, 0); ok {
		return r
	}
	b := s.Take()
	r := mdd.Empty
	c := s.order[l.pos()]
	kept := c < len(s.p.actors) && mask>>c&1 == 1
	for i := range s.degree(n) {
		e := s.edge(n, i)
		if k := s.project(s.below(l, e.Value), e.To, mask); kept {
			lead(b, e.Value, k)
		} else {
			r = s.Union(r, k)
		}
	}
	if kept {
		r = s.Make(b.Edges)
	}
	s.Give(b)
	s.cache.Put(op, n, 0, r)
	return r
}

// brokenIn names the first of the wanted invariants that does not hold in a state of a set; "" for none.
func (s *saturation) brokenIn(root mdd.Node) string {
	for _, c := range s.p.conds {
		if !s.want(c.Name) {
			continue
		}
		mask := uint32(0)
		for _, a := range c.reads {
			mask |= 1 << a
		}
		var kept []int // actors in the order of the levels
		for _, a := range s.order {
			if a < len(s.p.actors) && slices.Contains(c.reads, a) {
				kept = append(kept, a)
			}
		}
		states := make([]uint32, len(s.p.actors))
		var walk func(n mdd.Node, i int) bool
		walk = func(n mdd.Node, i int) bool {
			if i == len(kept) {
				return !s.p.check(c, states)
			}
			for _, e := range s.Edges(n) {
				states[kept[i]] = e.Value
				if walk(e.To, i+1) {
					return true
				}
			}
			return false
		}
		if n := s.project(0, root, mask); n != mdd.Empty && walk(n, 0) {
			return c.Name
		}
	}
	return ""
}

// deadlockTries bounds the states that are looked at one by one for a deadlock.
const deadlockTries = 2_000_000

// deadlock looks for a state in which no step but a crash is possible. Only states of which no component moves by itself
// are looked at; sure is false where there are too many of them.
func (s *saturation) deadlock(root mdd.Node) (found, sure bool) {
	n := len(s.p.actors)
	states := make([]uint32, n+len(s.p.chans)) // of a channel its word's number
	tries := 0
	var walk func(l level, n mdd.Node, word []flying) bool
	walk = func(l level, node mdd.Node, word []flying) bool {
		if tries > deadlockTries {
			return false
		}
		if l.pos() == len(s.order) {
			tries++
			return s.stuck(states)
		}
		c := s.order[l.pos()]
		for i := range s.degree(node) {
			e := s.edge(node, i)
			below := s.below(l, e.Value)
			switch {
			case c < n:
				if s.movesAlone(c, e.Value) {
					continue
				}
				states[c] = e.Value
			case s.whole:
				if len(s.p.moves(c-n, e.Value).drops) > 0 {
					continue
				}
				states[c] = e.Value
			case e.Value == end:
				states[c] = s.p.wordID(c-n, word)
			default:
				f := flying{s.p.msgs[flightMsg(e.Value)], flightAge(e.Value), flightDone(e.Value)}
				if walk(below, e.To, append(slices.Clip(word), f)) {
					return true
				}
				continue
			}
			if walk(below, e.To, nil) {
				return true
			}
		}
		return false
	}
	found = walk(0, root, nil)
	return found, found || tries <= deadlockTries
}

// movesAlone reports whether an actor has a step in a state that nothing can refuse, other than a crash.
func (s *saturation) movesAlone(a int, state uint32) bool {
	return slices.ContainsFunc(s.p.spontaneous(a, state), func(m partMove) bool {
		return !m.crash && !slices.ContainsFunc(m.sent, func(x partSent) bool {
			l := s.p.lanes[x.ch]
			return l.capacity > 0 && (!l.Loses || l.Waits)
		})
	})
}

// stuck reports whether no step but a crash is possible in a state.
func (s *saturation) stuck(states []uint32) bool {
	n := len(s.p.actors)
	words := slices.Clone(states[n:])
	possible := func(moves []partMove) bool {
		return slices.ContainsFunc(moves, func(m partMove) bool {
			if m.crash {
				return false
			}
			w := slices.Clone(words)
			for _, x := range m.sent {
				to, _ := s.p.send(x.ch, w[x.ch], x.msg)
				if len(to) == 0 {
					return false
				}
				w[x.ch] = to[len(to)-1]
			}
			return true
		})
	}
	for a := range n {
		if possible(s.p.spontaneous(a, states[a])) {
			return false
		}
	}
	for ch := range s.p.chans {
		if s.p.lanes[ch].implicit {
			continue // all of it may be lost
		}
		m := s.p.moves(ch, states[n+ch])
		if len(m.drops) > 0 {
			return false
		}
		for _, x := range m.arrivals {
			for _, w := range x.after {
				words[ch] = w
				for _, msg := range append([]uint32{x.msg}, s.p.altered(nil, nil, ch, x.msg)...) {
					if possible(s.p.receive(ch, states[s.p.takes[ch]], msg)) {
						return false
					}
				}
			}
		}
		words[ch] = states[n+ch]
	}
	return true
}
