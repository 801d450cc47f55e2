package verify

import (
	"slices"

	"sprocketc/verify/mdd"
)

// The rules of a lane (flight.go) on sets of words: a node stands for all words of a channel that lead on from it, with
// what is below their ends. Nothing here looks below an end.

// arrivals of a channel is a fan: for each label of what may arrive, the words that stay behind.
func (d *diagram) arrivals(ch int, n mdd.Node) mdd.Node {
	op := operation(opArrivals, uint32(ch), 0)
	if r, ok := d.cache.Get(op, n, 0); ok {
		return r
	}
	f := d.newFan()
	if d.whole {
		for i := range d.degree(n) {
			e := d.edge(n, i)
			for _, a := range d.p.moves(ch, e.Value).arrivals {
				for _, w := range a.after {
					f.add(a.msg<<1, w, e.To)
				}
			}
		}
		r := d.collect(f, nil)
		d.cache.Put(op, n, 0, r)
		return r
	}
	deep := d.arriving(ch, n)
	for i := range d.degree(deep) {
		e := d.edge(deep, i)
		d.addAll(f, e.Value, d.tidy(ch, e.To))
	}
	r := d.collect(f, nil)
	d.cache.Put(op, n, 0, r)
	return r
}

// arriving is arrivals from a place in the words on, not tidied.
func (d *diagram) arriving(ch int, n mdd.Node) mdd.Node {
	op := operation(opArriving, uint32(ch), 0)
	if r, ok := d.cache.Get(op, n, 0); ok {
		return r
	}
	f := d.newFan()
	l := d.p.chans[ch].lane
	for i := range d.degree(n) {
		e := d.edge(n, i)
		if e.Value == end {
			continue
		}
		msg, age, done := flightMsg(e.Value), flightAge(e.Value), flightDone(e.Value)
		if l.Repeats {
			f.add(arrived(e.Value), flightOf(msg, age, done || l.Within >= 0), e.To)
		}
		if !(l.Repeats && l.Loses) || l.thorough {
			d.addAll(f, arrived(e.Value), e.To)
		}
		deeper := d.arriving(ch, e.To)
		for j := range d.degree(deeper) {
			a := d.edge(deeper, j)
			switch again := a.Value&1 == 1; {
			case l.merge && a.Value>>1 == msg: // the older copy can do all that the younger can
			case again || l.Within < 0:
				f.add(a.Value, e.Value, a.To)
			case int(age) < l.Within:
				f.add(a.Value, flightOf(msg, age+1, done), a.To)
			case l.Loses && l.implicit || !l.Loses && done: // overtaken too often, it is gone
				d.addAll(f, a.Value, a.To)
			}
		}
	}
	r := d.collect(f, nil)
	d.cache.Put(op, n, 0, r)
	return r
}

// tidy gives words that can do the same one form, after datagrams have gone from them or aged.
func (d *diagram) tidy(ch int, n mdd.Node) mdd.Node {
	switch l := d.p.chans[ch].lane; {
	case l.Within < 0 || !l.Loses:
		return n
	case l.merge:
		return d.tidyAfter(n, end)
	}
	return d.each(operation(opHead, 0, 0), n, func(e mdd.Edge, b *mdd.Buffer) {
		if e.Value != end && flightDone(e.Value) {
			e.Value = flightOf(flightMsg(e.Value), flightAge(e.Value), false)
		}
		lead(b, e.Value, e.To)
	})
}

// tidyAfter is tidy behind a datagram; end: at the beginning.
func (d *diagram) tidyAfter(n mdd.Node, last uint32) mdd.Node {
	if n <= mdd.Unit {
		return n
	}
	op := operation(opTidy, 0, last)
	if r, ok := d.cache.Get(op, n, 0); ok {
		return r
	}
	b := d.Take()
	for i := range d.degree(n) {
		e := d.edge(n, i)
		switch {
		case e.Value == end:
			b.Edges = append(b.Edges, e)
		case last == end: // nothing is left to be aged by it
			v := flightOf(flightMsg(e.Value), flightAge(e.Value), false)
			lead(b, v, d.tidyAfter(e.To, v))
		case flightMsg(e.Value) == flightMsg(last) && flightAge(e.Value) == flightAge(last) && !flightDone(e.Value):
			b.Edges = append(b.Edges, d.Edges(d.tidyAfter(e.To, last))...)
		default:
			lead(b, e.Value, d.tidyAfter(e.To, e.Value))
		}
	}
	r := d.Make(b.Edges)
	d.Give(b)
	d.cache.Put(op, n, 0, r)
	return r
}

// each makes a node of what f gives for each edge of n, under an operation's number.
func (d *diagram) each(op uint64, n mdd.Node, f func(e mdd.Edge, b *mdd.Buffer)) mdd.Node {
	if n == mdd.Empty {
		return n
	}
	if r, ok := d.cache.Get(op, n, 0); ok {
		return r
	}
	b := d.Take()
	for i := range d.degree(n) {
		f(d.edge(n, i), b)
	}
	r := d.Make(b.Edges)
	d.Give(b)
	d.cache.Put(op, n, 0, r)
	return r
}

// lead adds an edge to a node in the making.
func lead(b *mdd.Buffer, v uint32, n mdd.Node) { b.Edges = append(b.Edges, mdd.Edge{Value: v, To: n}) }

// send puts a message into the words of a channel, as far as they take it.
func (d *diagram) send(ch int, msg uint32, n mdd.Node) mdd.Node {
	op := operation(opSend, uint32(ch), msg)
	if d.whole {
		return d.each(op, n, func(e mdd.Edge, b *mdd.Buffer) {
			words, _ := d.p.send(ch, e.Value, msg)
			for _, w := range words {
				lead(b, w, e.To)
			}
		})
	}
	if r, ok := d.cache.Get(op, n, 0); ok {
		return r
	}
	l := d.p.chans[ch].lane
	longer := d.longer(ch, msg, n)
	out := longer
	if over := d.filled(ch, msg, n, l.capacity); l.capacity > 0 && over != mdd.Empty {
		d.p.overfull(ch)
		out = d.short(longer, l.capacity)
		d.p.refused[ch] = d.p.refused[ch] || !l.Loses || l.Waits
		if l.Loses && !l.Waits {
			out = d.Union(out, over)
			if l.implicit {
				out = d.Union(out, d.longer(ch, msg, d.tidy(ch, d.without(over))))
			}
		}
	}
	d.cache.Put(op, n, 0, out)
	return out
}

// joins reports whether a datagram that is sent behind another one is as good as not sent.
func (l *lane) joins(v, msg uint32) bool { return l.merge && flightMsg(v) == msg && flightAge(v) == 0 }

// longer appends a message to every word, whatever its length.
func (d *diagram) longer(ch int, msg uint32, n mdd.Node) mdd.Node {
	l := d.p.chans[ch].lane
	v := flightOf(msg, 0, false)
	if l.Within < 0 {
		return d.insert(n, v, l.Repeats)
	}
	op := operation(opAppend, uint32(ch), msg)
	return d.each(op, n, func(e mdd.Edge, b *mdd.Buffer) {
		switch {
		case e.Value == end:
			lead(b, v, d.Single([]uint32{end}, e.To))
		case l.joins(e.Value, msg):
			more, done := d.open(e.To)
			r := d.longer(ch, msg, more)
			if done != mdd.Empty {
				r = d.Union(r, d.Single([]uint32{end}, done))
			}
			lead(b, e.Value, r)
		default:
			lead(b, e.Value, d.longer(ch, msg, e.To))
		}
	})
}

// open separates the words that end at a node from the longer ones; done is what is below the end.
func (d *diagram) open(n mdd.Node) (more, done mdd.Node) {
	e := d.Edges(n)
	if len(e) == 0 || e[0].Value != end {
		return n, mdd.Empty
	}
	done = e[0].To
	b := d.Take()
	b.Edges = append(b.Edges, e[1:]...)
	more = d.Make(b.Edges)
	d.Give(b)
	return more, done
}

// insert puts a datagram at its place into sorted words; once: not where it is there already.
func (d *diagram) insert(n mdd.Node, v uint32, once bool) mdd.Node {
	label := v << 1
	if once {
		label |= 1
	}
	return d.each(operation(opInsert, 0, label), n, func(e mdd.Edge, b *mdd.Buffer) {
		switch {
		case e.Value == v && once:
			lead(b, v, e.To)
		case e.Value != end && d.sooner(e.Value, v):
			lead(b, e.Value, d.insert(e.To, v, once))
		default:
			lead(b, v, d.Single([]uint32{e.Value}, e.To))
		}
	})
}

// sooner is the order of datagrams in a channel that keeps none, as tidy has it.
func (d *diagram) sooner(a, b uint32) bool {
	x, y := d.p.msgs[flightMsg(a)], d.p.msgs[flightMsg(b)]
	return slices.Compare(x[:], y[:]) < 0
}

// short keeps the words of at most so many datagrams.
func (d *diagram) short(n mdd.Node, most int) mdd.Node {
	return d.each(operation(opShort, 0, uint32(most)), n, func(e mdd.Edge, b *mdd.Buffer) {
		if e.Value == end {
			lead(b, end, e.To)
		} else if most > 0 {
			lead(b, e.Value, d.short(e.To, most-1))
		}
	})
}

// filled keeps the words of so many datagrams that a message would make longer.
func (d *diagram) filled(ch int, msg uint32, n mdd.Node, length int) mdd.Node {
	l := d.p.chans[ch].lane
	label := uint32(length)
	if l.merge || l.Within < 0 {
		label |= (msg + 1) << 16
	}
	return d.each(operation(opFull, uint32(ch), label), n, func(e mdd.Edge, b *mdd.Buffer) {
		switch {
		case e.Value == end && length == 0:
			lead(b, end, e.To)
		case e.Value == end || length == 0:
		case l.Within < 0 && l.Repeats && flightMsg(e.Value) == msg:
		case l.Within >= 0 && l.joins(e.Value, msg):
			more, _ := d.open(e.To)
			lead(b, e.Value, d.filled(ch, msg, more, length-1))
		default:
			lead(b, e.Value, d.filled(ch, msg, e.To, length-1))
		}
	})
}

// without lists what the loss of one datagram leaves.
func (d *diagram) without(n mdd.Node) mdd.Node {
	return d.each(operation(opDrop, 0, 0), n, func(e mdd.Edge, b *mdd.Buffer) {
		if e.Value != end {
			b.Edges = append(b.Edges, d.Edges(e.To)...)
			lead(b, e.Value, d.without(e.To))
		}
	})
}

// drops is without, where loss is a step of its own.
func (d *diagram) drops(ch int, n mdd.Node) mdd.Node {
	switch l := d.p.chans[ch].lane; {
	case !l.Loses || l.implicit:
		return mdd.Empty
	case l.Oldest:
		more, _ := d.open(n)
		r := mdd.Empty
		for i := range d.degree(more) {
			r = d.Union(r, d.edge(more, i).To)
		}
		return d.tidy(ch, r)
	}
	return d.tidy(ch, d.without(n))
}

// emptied keeps of every word what is below its end.
func (d *diagram) emptied(n mdd.Node) mdd.Node {
	op := operation(opClear, 0, 0)
	if r, ok := d.cache.Get(op, n, 0); ok {
		return r
	}
	r := mdd.Empty
	for i := range d.degree(n) {
		e := d.edge(n, i)
		if e.Value != end {
			e.To = d.emptied(e.To)
		}
		r = d.Union(r, e.To)
	}
	d.cache.Put(op, n, 0, r)
	return r
}
