package verify

import "sprocketc/verify/mdd"

// event is a kind of step of an actor: without a datagram (ch is -1), by the arrival of a message, or of any (msg is -1).
type event struct {
	actor, ch, msg int
}

func (e event) label() uint32 {
	return uint32(e.actor+1)<<28 | uint32(e.ch+1)<<20 | uint32(e.msg+1)
}

// steps takes the steps of an event from a node below the level that they belong to. The result is a fan by what was sent
// into a channel above; 0 is nothing. Its sets are saturated.
func (s *saturation) steps(ev event, l level, n mdd.Node) mdd.Node {
	if n == mdd.Empty {
		return n
	}
	op := operation(opSteps, uint32(l), ev.label())
	if r, ok := s.cache.Get(op, n, 0); ok {
		return r
	}
	held := s.Hold(n)
	var r mdd.Node
	out := s.outOf(ev.actor)
	switch c := s.order[l.pos()]; {
	case c == ev.actor:
		r = s.stepsOf(ev, l, n)
	case ev.ch >= 0 && ev.msg < 0 && c == len(s.p.actors)+ev.ch:
		f := s.arrivals(ev.ch, n)
		s.Hold(f)
		for i := range s.degree(f) {
			k := s.edge(f, i)
			mark := s.Hold(r)
			r = s.Union(s.through(event{ev.actor, ev.ch, int(k.Value >> 1)}, l, k.To), r)
			s.Drop(mark)
		}
	case out >= 0 && c == len(s.p.actors)+out && l.depth() == 0:
		// what is sent goes into this channel
		f := s.through(ev, l, n)
		s.Hold(f)
		all := mdd.Empty
		for i := range s.degree(f) {
			k := s.edge(f, i)
			all = s.Union(all, s.sendAll(k.Value, l, k.To))
		}
		b := s.Take()
		lead(b, 0, all)
		r = s.Make(b.Edges)
		s.Give(b)
	default:
		r = s.through(ev, l, n)
	}
	s.Drop(held)
	s.cache.Put(op, n, 0, r)
	return r
}

// stepsOf takes the steps at the actor's own level.
func (s *saturation) stepsOf(ev event, l level, n mdd.Node) mdd.Node {
	f := s.newFan()
	below := levelOf(l.pos() + 1)
	out := s.outOf(ev.actor)
	take := func(moves []satMove, n mdd.Node, silent bool) {
		for _, m := range moves {
			switch {
			case m.sent == 0:
				if silent {
					f.add(0, m.to, n)
				}
			case s.channelBelow(out, l.pos()):
				f.add(0, m.to, s.sendAll(m.sent, below, n))
			default:
				f.add(m.sent, m.to, n)
			}
		}
	}
	for i := range s.degree(n) {
		e := s.edge(n, i)
		switch {
		case ev.ch < 0:
			take(s.spontaneous(ev.actor, e.Value), e.To, false)
		case ev.msg >= 0:
			take(s.receive(ev.ch, e.Value, uint32(ev.msg)), e.To, true)
		default:
			k := s.arrivalsBelow(ev.ch, below, e.To)
			mark := s.Hold(k)
			for j := range s.degree(k) {
				a := s.edge(k, j)
				take(s.receive(ev.ch, e.Value, a.Value>>1), a.To, false)
			}
			s.Drop(mark)
		}
	}
	return s.collect(f, func(n mdd.Node) mdd.Node { return s.saturate(l, n) })
}

// through passes a level that an event does not touch, or that of its own channels where they do not take part any more.
func (s *saturation) through(ev event, l level, n mdd.Node) mdd.Node {
	op := operation(opThrough, uint32(l), ev.label())
	if r, ok := s.cache.Get(op, n, 0); ok {
		return r
	}
	f := s.newFan()
	held := s.Hold(n)
	c := s.order[l.pos()] - len(s.p.actors)
	own := c >= 0 && c == s.outOf(ev.actor)
	for i := range s.degree(n) {
		e := s.edge(n, i)
		var k mdd.Node
		if below := s.below(l, e.Value); own && below.pos() == l.pos() {
			k = s.through(ev, below, e.To)
		} else {
			k = s.steps(ev, below, e.To)
		}
		for j := range s.degree(k) {
			g := s.edge(k, j)
			f.add(g.Value, e.Value, g.To)
		}
	}
	last := func(n mdd.Node) mdd.Node { return s.saturate(l, n) }
	if own || l.depth() == 0 && c == ev.ch {
		last = nil
	}
	r := s.collect(f, last)
	s.Drop(held)
	s.cache.Put(op, n, 0, r)
	return r
}

// sendAll puts what a label stands for into its channel, at or below a level.
func (s *saturation) sendAll(label uint32, l level, n mdd.Node) mdd.Node {
	for _, x := range s.sents[label] {
		n = s.sendBelow(x.ch, x.msg, l, n)
	}
	return n
}

// sendBelow puts a message into a channel at or below a level.
func (d *diagram) sendBelow(ch int, msg uint32, l level, n mdd.Node) mdd.Node {
	if l.pos() == d.pos[len(d.p.actors)+ch] {
		return d.send(ch, msg, n)
	}
	op := operation(opLift, uint32(l), uint32(ch)<<20|msg)
	return d.each(op, n, func(e mdd.Edge, b *mdd.Buffer) { lead(b, e.Value, d.sendBelow(ch, msg, d.below(l, e.Value), e.To)) })
}

// arrivalsBelow is arrivals of a channel at or below a level.
func (d *diagram) arrivalsBelow(ch int, l level, n mdd.Node) mdd.Node {
	if n == mdd.Empty || l.pos() == d.pos[len(d.p.actors)+ch] {
		return d.arrivals(ch, n)
	}
	op := operation(opArrivalsBelow, uint32(l), uint32(ch))
	if r, ok := d.cache.Get(op, n, 0); ok {
		return r
	}
	f := d.newFan()
	for i := range d.degree(n) {
		e := d.edge(n, i)
		k := d.arrivalsBelow(ch, d.below(l, e.Value), e.To)
		for j := range d.degree(k) {
			g := d.edge(k, j)
			f.add(g.Value, e.Value, g.To)
		}
	}
	r := d.collect(f, nil)
	d.cache.Put(op, n, 0, r)
	return r
}
