package verify

import (
	"math/big"
	"slices"

	"sprocketc/verify/markov"
)

// What becomes of a datagram: lost or not, how long it takes, and whether it still matters.

// part is the probability num/den.
func part(num, den int64) markov.Interval {
	if num >= den {
		return markov.Interval{Lo: 1, Hi: 1}
	}
	p := float64(num) / float64(den)
	return markov.Interval{Lo: markov.Down(p), Hi: markov.Up(p)}
}

// overlap of two spans of time.
func overlap(a, b, c, d int64) int64 { return max(0, min(b, d)-max(a, c)) }

// add puts p*v to a sum.
func (v *vector) add(p markov.Interval, w *vector) {
	for i := range v {
		v[i] = v[i].Add(p.Mul(w[i]))
	}
}

// launch sends datagrams at a time in ms, or at one within the tick, sometime or evenly so.
func (x *timed) launch(c *moment, sent []int, ms int64) (*vector, error) {
	if len(sent) == 0 {
		return x.value(c)
	}
	ch := x.msgs[sent[0]].channel
	channel := x.Sys.Channels[ch]
	if c.ended && x.allDead(ch, c.l[x.to[ch]]) {
		return x.launch(c, sent[1:], ms) // it makes no difference
	}
	loss := channel.Loss.Rat()
	var out vector
	if loss.Sign() > 0 {
		v, err := x.launch(c.clone(), sent[1:], ms)
		if err != nil {
			return nil, err
		}
		out.add(markov.Around(loss), v)
	}
	arrives := markov.Around(loss.Sub(big.NewRat(1, 1), loss))
	if arrives.Hi == 0 {
		return &out, nil
	}
	d := dgram{msg: sent[0], sent: ms, exact: ms >= 0}
	if !d.exact {
		d.sent = c.tick
	}
	lo, hi := x.units(channel.Delay.First), x.units(channel.Delay.Cap)
	place := func(p markov.Interval, d dgram) error {
		k := c.clone()
		x.enter(k, ch, d)
		v, err := x.launch(k, sent[1:], ms)
		if err == nil {
			out.add(arrives.Mul(p), v)
		}
		return err
	}
	certain := markov.Interval{Lo: 1, Hi: 1}
	switch {
	case lo == hi: // it takes a known time
		w := x.later(c.tick, lo, 0)
		if d.exact {
			w = window{(ms + lo) / x.delta, 0, ms + lo}
		}
		return &out, place(certain, dgram{msg: d.msg, drawn: true, w: w})
	case x.single[d.msg] && channel.Within != 0:
		return &out, x.spread(c, ch, d, ms == evenly, place)
	case x.first(ch, d) <= c.tick: // it may arrive in this tick
		n, last := x.falls(ch, d, c.tick)
		den := x.left(ch, d, c.tick)
		if n > 0 {
			if err := place(part(n, den), dgram{msg: d.msg, drawn: true, w: d.due(c.tick, n == x.delta)}); err != nil {
				return nil, err
			}
		}
		if last {
			return &out, nil
		}
		return &out, place(part(den-n, den), d)
	}
	return &out, place(certain, d)
}

// spread draws the whole of an arrival. What was sent evenly within its tick takes a tick more with probability 1/2 exactly,
// as long as its part of the range fills a tick: the sum of two even times. Parts behind the arrival of an equal one that
// is on its way are one.
func (x *timed) spread(c *moment, ch int, d dgram, even bool, place func(markov.Interval, dgram) error) error {
	lo, hi := x.units(x.Sys.Channels[ch].Delay.First), x.units(x.Sys.Channels[ch].Delay.Cap)
	beyond := int64(1) << 60 // the last tick of an equal one
	for _, y := range c.ch[ch] {
		if y.msg == d.msg && y.drawn && y.w.slack == 0 {
			beyond = y.w.tick
		}
	}
	var ticks []int64 // 2*ms*delta by tick from first, as whole numbers
	first := x.first(ch, d)
	loose := map[int64]int64{} // where the next tick is not excluded
	put := func(t, n int64) {
		for int64(len(ticks)) <= t-first {
			ticks = append(ticks, 0)
		}
		ticks[t-first] += n
	}
	for t := first; ; t++ {
		n, last := x.falls(ch, d, t)
		switch {
		case d.exact:
			put(t, 2*n)
		case even && n == x.delta:
			put(t, n)
			put(t+1, n)
		default:
			loose[t] = 2 * n
		}
		if last {
			break
		}
	}
	rest := int64(0)
	send := func(n int64, w window) error {
		if n == 0 {
			return nil
		}
		if w.tick >= beyond {
			rest += n
			return nil
		}
		return place(part(n, 2*(hi-lo)), dgram{msg: d.msg, drawn: true, w: w})
	}
	for i, n := range ticks {
		w := window{tick: first + int64(i), ms: sometime}
		if d.exact && n == 2*x.delta {
			w.ms = evenly
		}
		if err := send(n, w); err != nil {
			return err
		}
	}
	for i := int64(0); len(loose) > 0; i++ {
		if n, ok := loose[first+i]; ok {
			delete(loose, first+i)
			if err := send(n, d.due(first+i, false)); err != nil {
				return err
			}
		}
	}
	if rest == 0 {
		return nil
	}
	return place(part(rest, 2*(hi-lo)), dgram{msg: d.msg, drawn: true, w: window{tick: beyond, ms: sometime}})
}

// due is the window of a datagram whose part of the range was drawn to begin with a tick, which it may fill.
func (d dgram) due(tick int64, full bool) window {
	if d.exact && full {
		return window{tick: tick, ms: evenly}
	}
	if d.exact {
		return window{tick: tick, ms: sometime}
	}
	return window{tick: tick, slack: 1, ms: sometime} // what it was sent after the tick began adds to its delay
}

// first is the first tick of a datagram's range.
func (x *timed) first(ch int, d dgram) int64 {
	lo := x.units(x.Sys.Channels[ch].Delay.First)
	if d.exact {
		return (d.sent + lo) / x.delta
	}
	return d.sent + lo/x.delta
}

// falls is how much of a datagram's range, in ms, lies in a tick, and whether that is its end.
func (x *timed) falls(ch int, d dgram, tick int64) (ms int64, last bool) {
	r := x.Sys.Channels[ch].Delay
	lo, hi, from := x.units(r.First), x.units(r.Cap), (tick-d.sent)*x.delta
	if d.exact {
		from = tick*x.delta - d.sent
	}
	return overlap(from, from+x.delta, lo, hi), from+x.delta >= hi
}

// left is how much of the range lies in a tick or after it.
func (x *timed) left(ch int, d dgram, tick int64) int64 {
	r := x.Sys.Channels[ch].Delay
	lo, hi, from := x.units(r.First), x.units(r.Cap), (tick-d.sent)*x.delta
	if d.exact {
		from = tick*x.delta - d.sent
	}
	return hi - max(from, lo)
}

// draw tells for each datagram that may arrive in the tick whether it does.
func (x *timed) draw(c *moment, ch, at int) (*vector, error) {
	for ; ch < len(c.ch); ch, at = ch+1, 0 {
		for ; at < len(c.ch[ch]); at++ {
			d := c.ch[ch][at]
			if d.drawn || x.first(ch, d) > c.tick {
				continue
			}
			n, last := x.falls(ch, d, c.tick)
			den := x.left(ch, d, c.tick)
			var out vector
			if n > 0 {
				k := c.clone()
				k.ch[ch][at] = dgram{msg: d.msg, drawn: true, w: d.due(c.tick, n == x.delta), passed: d.passed}
				v, err := x.draw(k, ch, at+1)
				if err != nil {
					return nil, err
				}
				out.add(part(n, den), v)
			}
			if !last {
				v, err := x.draw(c.clone(), ch, at+1)
				if err != nil {
					return nil, err
				}
				out.add(part(den-n, den), v)
			}
			return &out, nil
		}
	}
	return x.value(c)
}

// enter puts a datagram into a channel. Of equal ones of which the first to arrive makes the others nothing, one is
// kept, and stands for whichever comes first.
func (x *timed) enter(c *moment, ch int, d dgram) {
	channel := x.Sys.Channels[ch]
	if d.drawn && x.single[d.msg] && channel.Within != 0 {
		for i, y := range c.ch[ch] {
			if y.msg != d.msg || !y.drawn {
				continue
			}
			tick, end := min(y.w.tick, d.w.tick), min(y.w.tick+y.w.slack, d.w.tick+d.w.slack)
			w := window{tick, end - tick, sometime}
			for _, z := range []window{y.w, d.w} {
				if z.ms >= 0 && z.tick == tick && (y.w.tick != d.w.tick || y.w.ms >= 0 && d.w.ms >= 0 && z.ms == min(y.w.ms, d.w.ms)) {
					w.ms = z.ms
				}
			}
			d.w, d.held = w, y.held || d.held
			c.ch[ch] = slices.Delete(c.ch[ch], i, i+1)
			if bound := int64(channel.Within); bound > 0 && !x.final[d.msg] {
				c.count[ch] = bound // the dropped one may come at any time after the other
			}
			break
		}
	}
	c.ch[ch] = append(c.ch[ch], d)
}

// tidy drops datagrams that no longer matter, and gives moments that are alike one form.
func (x *timed) tidy(c *moment) {
	even := false
	for _, ds := range c.ch {
		for i := range ds {
			if d := &ds[i]; d.w.ms == evenly && c.in && d.w.tick <= c.tick {
				if !c.first {
					d.w.ms = sometime
				}
				even = true
			}
		}
	}
	c.first = c.first && even
	for ch, channel := range x.Sys.Channels {
		to := c.l[x.to[ch]]
		if c.ended && x.allDead(ch, to) {
			c.ch[ch], c.count[ch] = nil, 0
			continue
		}
		bound := int64(channel.Within)
		if channel.Within != 0 {
			before := len(c.ch[ch])
			c.ch[ch] = slices.DeleteFunc(c.ch[ch], func(d dgram) bool { return x.dead(x.to[ch], to, d.msg) })
			if gone := int64(before - len(c.ch[ch])); gone > 0 && bound > 0 {
				c.count[ch] = min(bound, c.count[ch]+gone)
			}
		}
		if bound < 0 {
			slices.SortFunc(c.ch[ch], dgram.compare)
		}
		if x.drops[ch] && bound > 0 && c.count[ch] >= bound && channel.Delay.Cap > channel.Delay.First {
			// a dropped datagram may have been overtaken as often as it may: what comes behind it can be held up until it arrives
			for i := range c.ch[ch] {
				if d := &c.ch[ch][i]; d.drawn && !d.held {
					d.held = true
					d.w.slack += x.units(channel.Delay.Cap-channel.Delay.First)/x.delta + 1
					d.w.ms = sometime
				}
			}
		}
	}
}

func (d dgram) compare(e dgram) int {
	b := func(v bool) int64 {
		if v {
			return 1
		}
		return 0
	}
	return slices.Compare([]int64{int64(d.msg), b(d.drawn), d.w.tick, d.w.slack, d.w.ms, d.sent, b(d.exact)}, []int64{int64(e.msg), b(e.drawn), e.w.tick, e.w.slack, e.w.ms, e.sent, b(e.exact)})
}
