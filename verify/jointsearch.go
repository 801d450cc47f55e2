package verify

import (
	"fmt"
	"math/big"
	"slices"

	"sprocketc/verify/mdd"
)

// add unites a key's set with more.
func (y *layer) add(d *diagram, k jointKey, n mdd.Node) {
	old, known := y.sets[k]
	if !known {
		y.keys = append(y.keys, k)
	}
	y.sets[k] = d.Union(old, n)
}

// run explores until a wanted property breaks, a limit is reached or everything was seen.
func (j *joint) run() {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case overLimit:
			j.limit, j.stopped = string(e), true
		default:
			panic(e)
		}
		if why := j.p.tooNarrow(); why != "" {
			j.stop(why)
		}
		j.Peak = max(j.Peak, j.Bytes())
	}()
	next := &layer{sets: map[jointKey]mdd.Node{}}
	j.begin = true
	for _, st := range j.p.starts() {
		if j.breaks(st.bad, st.why) {
			if j.property != "" {
				return
			}
			continue
		}
		words := j.after(&partMove{sent: st.sent}, j.Single(make([]uint32, len(j.order)), mdd.Unit))
		j.spread(st.states[0], words, func(k jointKey, n mdd.Node) { next.add(j.diagram, k, n) })
	}
	j.begin = false
	for {
		found := j.enter(next)
		if len(found.keys) == 0 {
			return
		}
		j.layers = append(j.layers, found)
		for _, k := range found.keys {
			j.total.Add(&j.total, j.Count(found.sets[k]))
		}
		if most := big.NewInt(int64(j.opt.MaxStates)); most.Sign() > 0 && j.total.Cmp(most) > 0 {
			panic(overLimit(fmt.Sprintf("the limit of %d states was reached", j.opt.MaxStates)))
		}
		for _, k := range found.keys {
			if why := j.p.broken([]uint32{k.end}, j.want); why != "" {
				j.property, j.why = why, "it does not hold in this state"
				j.at = j.pick(k, found.sets[k], func(mdd.Node) bool { return true })
				return
			}
		}
		next = &layer{sets: map[jointKey]mdd.Node{}}
		for _, k := range found.keys {
			n := found.sets[k]
			j.tick(next)
			j.images(k, n, j.breaks, func(k jointKey, n mdd.Node) { next.add(j.diagram, k, n) })
			if j.property != "" {
				j.at = j.pick(k, n, func(n mdd.Node) (hit bool) {
					j.images(k, n, func(bad, _ string) bool { hit = hit || bad == j.property; return true }, func(jointKey, mdd.Node) {})
					return
				})
				return
			}
			if j.p.m.checks[noDeadlock] && j.want(noDeadlock) {
				if s := j.stuck(k, n); s != nil {
					j.property, j.why, j.at = noDeadlock, "no step is possible", s
					return
				}
			}
		}
	}
}

// enter adds what is new of a layer to what was reached.
func (j *joint) enter(y *layer) *layer {
	out := &layer{sets: map[jointKey]mdd.Node{}}
	for _, k := range y.keys {
		old, known := j.reached[k]
		fresh := j.Minus(y.sets[k], old)
		if fresh == mdd.Empty {
			continue
		}
		if !known {
			j.keys = append(j.keys, k)
		}
		j.reached[k] = j.Union(old, fresh)
		out.keys = append(out.keys, k)
		out.sets[k] = fresh
	}
	return out
}

// breaks notes what breaks a property, and reports whether the search does not go on behind it.
func (j *joint) breaks(bad, why string) bool {
	switch {
	case bad == "":
		return false
	case bad == tooLarge:
		j.stop(why)
		return true
	case j.want(bad):
		if j.property == "" {
			j.property, j.why = bad, why
		}
		return true
	}
	return bad == "bounded"
}

// tick looks after memory and limits.
func (j *joint) tick(next *layer) {
	collect := func() {
		var roots []mdd.Node
		for _, k := range j.keys {
			roots = append(roots, j.reached[k])
		}
		for _, y := range append(slices.Clone(j.layers), next) {
			for _, k := range y.keys {
				roots = append(roots, y.sets[k])
			}
		}
		j.Collect(roots...)
	}
	j.tell(&j.opt, Progress{States: int(j.total.Int64()), Frontier: len(next.keys), Depth: len(j.layers), Memory: j.bytes()})
	if j.Full() {
		collect()
	}
	if j.ticks++; j.ticks%64 != 0 {
		return
	}
	if j.opt.MaxMemory > 0 && j.bytes() > j.opt.MaxMemory {
		if collect(); j.bytes() > j.opt.MaxMemory {
			panic(overLimit(fmt.Sprintf("the limit of %d bytes was reached", j.opt.MaxMemory)))
		}
	}
	if j.opt.Context != nil && j.opt.Context.Err() != nil {
		panic(overLimit(ended(j.opt.Context)))
	}
}

// pick a state of a set that passes a test which one of them does.
func (j *joint) pick(k jointKey, n mdd.Node, test func(mdd.Node) bool) *jointState {
	s := &jointState{key: k}
	for n != mdd.Unit {
		found := false
		for _, e := range slices.Clone(j.Edges(n)) {
			path := append(slices.Clip(s.path), e.Value)
			if test(j.Single(path, e.To)) {
				s.path, n, found = path, e.To, true
				break
			}
		}
		if !found {
			return nil
		}
	}
	return s
}

// stuck looks for a state of a set in which no step but a crash is possible.
func (j *joint) stuck(k jointKey, n mdd.Node) *jointState {
	moves := func(moves []partMove, n mdd.Node) bool {
		return slices.ContainsFunc(moves, func(m partMove) bool { return !m.crash && j.after(&m, n) != mdd.Empty })
	}
	own := slices.DeleteFunc(slices.Clone(j.p.spontaneous(0, k.end)), func(m partMove) bool { return m.crash })
	if slices.ContainsFunc(own, func(m partMove) bool {
		return !slices.ContainsFunc(m.sent, func(x partSent) bool { l := j.p.lanes[x.ch]; return l.capacity > 0 && (!l.Loses || l.Waits) })
	}) {
		return nil // whatever the channels hold
	}
	tries := 0
	var walk func(l level, n mdd.Node, path []uint32) *jointState
	walk = func(l level, n mdd.Node, path []uint32) *jointState {
		if n == mdd.Unit {
			if tries++; tries > deadlockTries {
				panic(overLimit(fmt.Sprintf("more than %d states would have to be looked at for a deadlock", deadlockTries)))
			}
			one := j.Single(path, mdd.Unit)
			if moves(own, one) {
				return nil
			}
			for ch := range j.p.chans {
				if j.p.lanes[ch].implicit {
					continue // all of it may be lost
				}
				a := j.arrivalsBelow(ch, 0, one)
				for i := range j.degree(a) {
					e := j.edge(a, i)
					for _, x := range append([]uint32{e.Value >> 1}, j.alteredIn(k, ch, e.Value>>1)...) {
						if moves(j.p.receive(ch, k.end, x), e.To) {
							return nil
						}
					}
				}
			}
			return &jointState{k, path}
		}
		l0 := j.p.lanes[j.channelAt(l)]
		for _, e := range slices.Clone(j.Edges(n)) {
			if e.Value != end && l0.Loses && !l0.implicit {
				continue // it may be lost
			}
			if s := walk(j.below(l, e.Value), e.To, append(slices.Clip(path), e.Value)); s != nil {
				return s
			}
		}
		return nil
	}
	return walk(0, n, nil)
}

// trace leads from a state in which a run begins to the one where it breaks, both included: of each layer before, a
// state is sought that leads to the next one.
func (j *joint) trace() []waypoint {
	if j.at == nil {
		return nil
	}
	out := []waypoint{j.waypoint(j.at)}
	to := j.at
	for d := len(j.layers) - 2; d >= 0; d-- {
		var from *jointState
		for _, k := range j.layers[d].keys {
			leads := func(n mdd.Node) (hit bool) {
				j.images(k, n, func(bad, _ string) bool { return bad == tooLarge || bad == "bounded" || j.want(bad) }, func(k jointKey, n mdd.Node) {
					hit = hit || k == to.key && j.Has(n, to.path)
				})
				return
			}
			if n := j.layers[d].sets[k]; leads(n) {
				from = j.pick(k, n, leads)
				break
			}
		}
		if from == nil {
			return nil
		}
		to = from
		out = append(out, j.waypoint(to))
	}
	slices.Reverse(out)
	return out
}

// waypoint of a state.
func (j *joint) waypoint(s *jointState) waypoint {
	words := make([][]flying, len(j.p.chans))
	ch := 0
	for _, v := range s.path {
		if v == end {
			ch++
			continue
		}
		words[ch] = append(words[ch], flying{j.p.msgs[flightMsg(v)], flightAge(v), flightDone(v)})
	}
	w := waypoint{form: form(j.p.actors[0].states[s.key.end], words)}
	for _, f := range words {
		w.hold = append(w.hold, len(f))
	}
	return w
}
