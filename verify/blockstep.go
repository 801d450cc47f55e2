package verify

import "slices"

// blockStep is a step from a world, with what is the same whatever is in flight.
type blockStep struct {
	Step
	next   uint32 // the world that it leads to, not yet in its normal form
	same   bool   // it leaves everything as it is but for what it sends
	sends  []sentSet
	nexts  []nextOf // applications of next to be held against what is in flight
	refuse string   // why the search cannot go on with it
}

// nextOf is an application of next: to a value of a group.
type nextOf struct {
	group
	from uint32
	sort string
}

// arriving of a datagram in a world: what it leads to is computed once.
type arriving struct {
	world   uint32
	channel int
	m       Msg
}

// prepared makes steps ready to be taken from a world.
func (e *blockEngine) prepared(world uint32, steps []Step) []blockStep {
	w := e.all[world]
	out := make([]blockStep, 0, len(steps))
	for _, st := range steps {
		b := blockStep{Step: st}
		b.same = st.Bad == "" && st.Ageing.none() && st.Next.Env == w.Env && sameLocals(st.Next, w)
		for _, x := range st.Sent {
			b.sends = append(b.sends, sentSet{x.Channel, e.set([]Msg{x.Msg})})
		}
		if st.Bad == "" {
			b.next = e.number(st.Next)
		}
		if st.Kind != Replaces {
			e.watchNumbers(w, &b)
		}
		out = append(out, b)
		e.bytes += 200
	}
	return out
}

// expand takes every step from a state.
func (e *blockEngine) expand(i uint32) {
	s := e.states[i]
	local, known := e.local[s.world]
	if !known {
		w := e.all[s.world]
		local = e.prepared(s.world, undominated(e.m.Local(w)))
		e.local[s.world] = local
		var replace []Step
		for j, mc := range e.m.Sys.Machines {
			if mc.Erased {
				replace = append(replace, e.m.Replace(w, j)...)
			}
		}
		e.replace[s.world] = e.prepared(s.world, replace)
	}
	for k := range local {
		e.take(s, &local[k], s.c, i, local[k].Kind == TimerFires)
	}
	for k, steps := 0, e.replace[s.world]; k < len(steps); k++ {
		e.take(s, &steps[k], [2]uint32{}, i, false)
	}
	for ch := range s.c {
		for j := range e.words[ch].list[s.c[ch]].values {
			msg, free := e.words[ch].list[s.c[ch]].values[j], e.words[ch].list[s.c[ch]].free[j]
			c := s.c
			c[ch] = e.words[ch].deliver(s.c[ch], j)
			k := arriving{s.world, ch, msg}
			steps, known := e.arrive[k]
			if !known {
				steps = e.prepared(s.world, undominated(e.m.Deliver(e.all[s.world], ch, msg, false)))
				e.arrive[k] = steps
			}
			for n := range steps {
				e.take(s, &steps[n], c, i, free)
			}
		}
	}
}

// take a step, unless it leaves everything as it is. eager says that nothing was delivered but for free, so that this is
// so as well where what it sends is there already, as it is once the state was closed.
func (e *blockEngine) take(s blockState, st *blockStep, c [2]uint32, from uint32, eager bool) {
	if st.same && len(st.sends) == 0 {
		return
	}
	n := blockState{st.next, c}
	if !st.Ageing.none() {
		for ch := range n.c {
			n.c[ch] = e.words[ch].agedBy(&st.Ageing, n.c[ch])
		}
	}
	for _, x := range st.sends {
		n.c[x.channel] = e.words[x.channel].send(n.c[x.channel], x.set)
	}
	if st.same && eager && n.c == s.c {
		return
	}
	e.trans++
	if st.Bad != "" {
		e.broke(st.Bad, st.Why)
		return
	}
	if st.refuse != "" {
		e.refuse(st.refuse)
	}
	e.checkRanks(s, n, st)
	e.emit(n, e.depth[from]+1)
}

// undominated leaves out a step that leads where another does and sends less: the network can lose the rest.
func undominated(steps []Step) []Step {
	byNext := map[string][]int{}
	drop := make([]bool, len(steps))
	for i, s := range steps {
		if s.Bad != "" {
			continue
		}
		k := worldKey(s.Next) + string([]byte{s.Ageing.Gone, s.Ageing.Marks, s.Ageing.Young})
		for _, j := range byNext[k] {
			switch t := steps[j]; {
			case drop[j]:
			case sendsLess(s.Sent, t.Sent):
				drop[i] = true
			case sendsLess(t.Sent, s.Sent):
				drop[j] = true
			}
		}
		byNext[k] = append(byNext[k], i)
	}
	var out []Step
	for i, s := range steps {
		if !drop[i] {
			out = append(out, s)
		}
	}
	return out
}

// sendsLess reports whether a is a subsequence of b.
func sendsLess(a, b []Sent) bool {
	i := 0
	for _, x := range b {
		if i < len(a) && a[i] == x {
			i++
		}
	}
	return i == len(a)
}

func sameLocals(a, b World) bool {
	for i := range a.L {
		if !slices.Equal(a.L[i], b.L[i]) {
			return false
		}
	}
	return true
}

// watchNumbers: next may be applied to the largest live value of its group only, or ranks would hide that a number is
// used twice; and what is thought to grow only does. It notes what the machines alone show, and what is left to ask of
// each state.
func (e *blockEngine) watchNumbers(before World, b *blockStep) {
	for i, bars := range e.bars {
		for _, x := range bars {
			if b.Next.L[i][x.slot] < before.L[i][x.slot] {
				b.refuse = "a number that was thought to grow only begins again: " + e.m.Code[i].Layout[x.slot].Name
			}
		}
	}
	for _, x := range b.Nexts {
		k := group{slices.Index(e.num.sorts, x.Sort), x.Scope}
		if k.sort < 0 {
			continue
		}
		if g := e.num.groups(before.L, nil).of(k); g != nil && slices.Max(append([]uint32{0}, g.local...)) > x.From {
			b.refuse = usedTwice(x.Sort)
		}
		b.nexts = append(b.nexts, nextOf{k, x.From, x.Sort})
	}
}

func usedTwice(sort string) string {
	return "a number may be used twice: " + sort + " was counted up from a value that is not the largest alive"
}

// checkRanks holds what a step counted up against what is in flight. A value that only dead datagrams carry is not alive.
func (e *blockEngine) checkRanks(before, after blockState, st *blockStep) {
	for _, x := range st.nexts {
		for ch := range before.c {
			c := &e.words[ch].list[before.c[ch]]
			above := func(n number) bool { return n.group == x.group && n.v > x.from }
			if !slices.ContainsFunc(e.supports.list[c.numbers], above) {
				continue
			}
			f := e.front(after)
			for _, m := range c.values {
				for _, p := range e.num.field[m[0]] {
					if above(number{p.carried(m), uint32(m[p.at])}) && !e.dead(f, ch, m) {
						e.refuse(usedTwice(x.sort))
					}
				}
			}
		}
	}
}
