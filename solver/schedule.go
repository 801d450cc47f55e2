package solver

import (
	"math"
	"time"

	"sprocketc/ir"
	"sprocketc/schema"
)

const (
	leastInterval   = 20  // ms, of a retransmission without a probability to meet
	unknownInterval = 200 // ms, where no delay is declared
	backOff         = 8   // times the first interval
	longest         = 1<<31 - 1
)

// linkOf is the channel as the failure model has it. What `corrupts` spoils is counted within `loses`.
func linkOf(ch *ir.Channel) link {
	l := link{}
	if ch.Loses != nil {
		l.loss = ch.Loses.P
	}
	if ch.Delays != nil {
		l.lo, l.hi = milliseconds(ch.Delays.Min), milliseconds(ch.Delays.Max)
	}
	if ch.Reorders != nil {
		l.within = ch.Reorders.Within
	}
	return l
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func span(ms float64) time.Duration {
	return time.Duration(min(ms, longest)) * time.Millisecond
}

// timeOf is when a call is over at the latest.
func timeOf(in *ir.Interface, c *ir.Call) time.Duration {
	if c.Within != nil {
		return c.Within.T
	}
	return in.Default
}

// schedule is when a call is sent again: where a probability is to be met the largest fixed interval that meets it, which
// costs the fewest datagrams; else twice the longest delay, doubled up to eight times. The variant Steady does not double,
// Eager takes what makes the expected latency the least. pace is the least interval of sends, in ms; again: whether
// anything is sent again. Where the probability cannot be met, the schedule that comes
// nearest is returned with false.
func schedule(in *ir.Interface, c *ir.Call, pace float64, again bool, variant string) (*ir.Schedule, bool) {
	l := linkOf(in.Channel)
	end := milliseconds(in.From.AtMost(timeOf(in, c)))
	wanted := 0.0
	if c.Within != nil {
		wanted = c.Within.P
	}
	// The first request may wait for the pace, since the call before has just sent, and so may the answer.
	usable := max(end-2*pace, 1)
	s := sends{end: usable}
	switch {
	case !again:
		s.first, s.most = end, end
	case wanted > 0:
		s = l.slowest(usable, max(pace, 1), wanted)
	default:
		first := 2 * l.hi
		if in.Channel.Delays == nil {
			first = unknownInterval
		}
		s.first = min(max(first, leastInterval, pace), longest)
		s.most = min(backOff*s.first, longest)
		if variant == schema.Steady {
			s.most = s.first
		}
	}
	if again && variant == schema.Eager {
		s = l.soonest(s, max(pace, leastInterval), wanted)
	}
	chance := l.chance(s)
	return &ir.Schedule{First: span(s.first), Cap: span(s.most), Time: timeOf(in, c), Expires: span(end), Sends: sends{s.first, s.most, usable}.count(), Chance: chance}, wanted == 0 || chance >= wanted
}

// slowest is the schedule with the largest fixed interval, in whole ms from least on, that meets the probability; the
// one with the least interval where none does. Where sends come so close that they block each other the probability is
// lower; on either side of that edge it falls as the interval grows.
func (l link) slowest(end, least, wanted float64) sends {
	fixed := func(i float64) sends { return sends{i, i, end} }
	search := func(lo, hi float64) (float64, bool) { // in lo..hi
		if lo > hi || l.chance(fixed(lo)) < wanted {
			return 0, false
		}
		for lo < hi {
			mid := math.Ceil((lo + hi) / 2)
			if l.chance(fixed(mid)) >= wanted {
				lo = mid
			} else {
				hi = mid - 1
			}
		}
		return lo, true
	}
	edge := l.edge(least)
	most := max(end, least)
	if i, ok := search(edge, most); ok {
		return fixed(i)
	}
	if i, ok := search(least, min(edge-1, most)); ok {
		return fixed(i)
	}
	if l.chance(fixed(min(edge, most))) > l.chance(fixed(least)) {
		return fixed(min(edge, most))
	}
	return fixed(least)
}

// edge is the least interval, in whole ms from least on, of sends that do not block each other.
func (l link) edge(least float64) float64 {
	if l.within < 0 {
		return least
	}
	return max(least, math.Ceil(2*(l.hi-l.lo)/float64(l.within+1)))
}

// soonest is the schedule with the least expected latency: s, or one with a fixed interval of whole ms from least on that meets
// the probability. Sending earlier makes an answer come sooner, but where sends begin to block each other; so the least
// interval is on one side of that edge or the other.
func (l link) soonest(s sends, least, wanted float64) sends {
	best, latency := s, l.latency(s)
	for _, i := range []float64{least, l.edge(least)} {
		x := sends{i, i, s.end}
		if l.chance(x) < wanted {
			continue
		}
		if t := l.latency(x); t < latency {
			best, latency = x, t
		}
	}
	return best
}

// pace is the least time between two datagrams of one sender, in ms; largest is that of a datagram, in bytes.
func pace(r *ir.Rate, largest int) float64 {
	switch {
	case r == nil:
		return 0
	case r.Datagrams > 0:
		return min(math.Ceil(1000/r.Datagrams), longest)
	case r.Bytes > 0:
		return min(math.Ceil(1000*float64(largest)/r.Bytes), longest)
	}
	return longest
}

func sendsOf(s *ir.Schedule) sends {
	return sends{milliseconds(s.First), milliseconds(s.Cap), milliseconds(s.Expires)}
}
