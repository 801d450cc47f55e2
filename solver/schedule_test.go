package solver

import (
	"math"
	"math/rand"
	"testing"
	"time"

	"sprocketc/ir"
)

// simulate makes calls over a link, datagram by datagram, and gives the fraction that was answered by the end, the mean
// number of requests and the mean time to the end in ms. What has waited for its predecessors may block its successors.
func simulate(l link, s sends, calls int, r *rand.Rand) (chance, datagrams, latency float64) {
	delay := func() float64 { return l.lo + r.Float64()*(l.hi-l.lo) }
	// deliver turns the times at which datagrams leave, in order, into those at which they arrive; +Inf: lost.
	// One arrives when at most `within` later-sent ones have arrived before it, hence not before the earlier ones that
	// would otherwise have been passed too often.
	deliver := func(leave []float64) []float64 {
		arrive := make([]float64, len(leave))
		for i, t := range leave {
			if math.IsInf(t, 1) || r.Float64() < l.loss {
				arrive[i] = math.Inf(1)
				continue
			}
			arrive[i] = t + delay()
			if l.within < 0 {
				continue
			}
			for j := range i {
				if math.IsInf(arrive[j], 1) {
					continue
				}
				passed := 0 // by those between the two
				for k := j + 1; k < i; k++ {
					if arrive[k] < arrive[j] {
						passed++
					}
				}
				if passed >= l.within {
					arrive[i] = max(arrive[i], arrive[j])
				}
			}
		}
		return arrive
	}
	n := s.count()
	for range calls {
		leave := make([]float64, n)
		for k := range leave {
			leave[k] = s.at(k)
		}
		at := deliver(leave)
		// Answers leave in the order in which the requests arrived.
		order := append([]float64(nil), at...)
		for i := range order {
			for j := i; j > 0 && order[j] < order[j-1]; j-- {
				order[j], order[j-1] = order[j-1], order[j]
			}
		}
		first := math.Inf(1)
		for _, t := range deliver(order) {
			first = min(first, t)
		}
		if first <= s.end {
			chance++
		}
		latency += min(first, s.end)
		for _, t := range leave {
			if t <= first {
				datagrams++
			}
		}
	}
	c := float64(calls)
	return chance / c, datagrams / c, latency / c
}

func TestChanceAgreesWithSimulation(t *testing.T) {
	const calls = 40000
	for i, c := range []struct {
		l link
		s sends
	}{
		{link{0, 40, 90, -1}, sends{200, 200, 130}},
		{link{0.2, 10, 400, -1}, sends{200, 200, 2000}},
		{link{0.2, 10, 400, 4}, sends{200, 200, 1000}},
		{link{0.5, 0, 0, 0}, sends{100, 100, 1000}},
		{link{0.3, 50, 50, 0}, sends{30, 240, 600}},
		{link{0.1, 0, 100, -1}, sends{5, 5, 120}},
	} {
		l, s := c.l, c.s
		if l.blocked(s.first) {
			t.Fatalf("%d: blocked", i)
		}
		chance, datagrams, latency := simulate(l, s, calls, rand.New(rand.NewSource(int64(i))))
		if d := math.Abs(chance - l.chance(s)); d > 4*math.Sqrt(chance*(1-chance)/calls)+1e-4 {
			t.Errorf("%d: chance %.4f, simulated %.4f", i, l.chance(s), chance)
		}
		if d := math.Abs(datagrams/l.datagrams(s) - 1); d > 0.02 {
			t.Errorf("%d: %.3f datagrams, simulated %.3f", i, l.datagrams(s), datagrams)
		}
		if d := math.Abs(latency/milliseconds(l.latency(s)) - 1); d > 0.03 {
			t.Errorf("%d: latency %v, simulated %.1f ms", i, l.latency(s), latency)
		}
	}
}

// On channels where datagrams wait for each other the chance is a lower bound.
func TestChanceIsNeverTooHigh(t *testing.T) {
	const calls = 10000
	r := rand.New(rand.NewSource(7))
	blocked := 0
	for i := range 60 {
		l := link{loss: r.Float64() * 0.6, lo: float64(r.Intn(50)), within: r.Intn(3)}
		l.hi = l.lo + float64(r.Intn(100))
		first := float64(5 + r.Intn(100))
		s := sends{first, first * float64(1+r.Intn(4)), float64(100 + r.Intn(400))}
		if l.blocked(s.first) {
			blocked++
		}
		chance, _, _ := simulate(l, s, calls, r)
		if said := l.chance(s); said > chance+4*math.Sqrt(chance*(1-chance)/calls)+1e-3 {
			t.Errorf("%d: %+v %+v: chance %.4f, simulated %.4f", i, l, s, said, chance)
		}
	}
	if blocked < 15 {
		t.Errorf("only %d with blocking", blocked)
	}
}

// The interval is the largest: one more millisecond misses the probability.
func TestScheduleIsSlowest(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	met := 0
	for range 200 {
		lo := time.Duration(r.Intn(100)) * time.Millisecond
		ch := &ir.Channel{Loses: &ir.Probability{P: r.Float64() * 0.5}, Reorders: &ir.Reorders{Within: r.Intn(6) - 1},
			Delays: &ir.Delays{Min: lo, Max: lo + time.Duration(r.Intn(200))*time.Millisecond}}
		in := &ir.Interface{From: &ir.Peer{}, Channel: ch, Default: time.Minute}
		call := &ir.Call{Within: &ir.Within{T: time.Duration(100+r.Intn(3000)) * time.Millisecond, P: 0.5 + r.Float64()/2}}
		pace := float64(r.Intn(100))
		s, ok := schedule(in, call, pace, true, "")
		l, end := linkOf(ch), milliseconds(call.Within.T)
		usable := max(end-2*pace, 1)
		for i := max(pace, 1); i <= usable; i++ {
			meets := l.chance(sends{i, i, usable}) >= call.Within.P
			if meets && (!ok || i > milliseconds(s.First)) {
				t.Fatalf("%+v, within %v at %v: %+v, %v but every %v ms meets it", l, call.Within.T, call.Within.P, s, ok, i)
			}
		}
		if ok {
			met++
			if s.Chance < call.Within.P || milliseconds(s.First) < pace {
				t.Fatalf("%+v for %v with a pace of %v", s, call.Within, pace)
			}
		}
	}
	if met < 50 || met > 190 {
		t.Errorf("%d of 200 can be met", met)
	}
}

// Nothing that a program may say makes the sums long.
func TestScheduleIsFast(t *testing.T) {
	begin := time.Now()
	for _, loss := range []float64{0, 1e-9, 0.5, 0.99999999, 1} {
		ch := &ir.Channel{Loses: &ir.Probability{P: loss}, Delays: &ir.Delays{Max: 300 * time.Hour}, Reorders: &ir.Reorders{Within: -1}}
		in := &ir.Interface{From: &ir.Peer{}, Channel: ch, Default: time.Minute}
		for _, c := range []*ir.Call{{}, {Within: &ir.Within{T: 590 * time.Hour, P: 0.999999}}} {
			s, _ := schedule(in, c, 1, true, "")
			l, x := linkOf(ch), sends{milliseconds(s.First), milliseconds(s.Cap), milliseconds(s.Time) - 2} // the pace
			if n := l.datagrams(x); n < 0.999 || n > float64(s.Sends)+0.001 || math.IsNaN(s.Chance) || s.Chance < 0 || s.Chance > 1 {
				t.Errorf("loss %v: %+v, %v datagrams", loss, s, n)
			}
			l.latency(x)
		}
	}
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}
