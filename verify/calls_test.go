package verify

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/verify/markov"
)

// lone is one run of a call: machines and datagrams in continuous time, every delay drawn, and what may not be overtaken
// waited for as faultlink's lanes do.
type lone struct {
	*Model
	r      *rand.Rand
	now    float64
	l      []fsm.State
	timers [][]float64
	ch     [][]loneDatagram
	sent   [2]float64
	ended  bool
	end    float64
	how    uint32
}

type loneDatagram struct {
	put
	at     float64
	passed int
}

func (x *lone) take(machine int, r reaction) {
	x.l[machine] = r.state
	for _, c := range r.clocks {
		x.timers[machine][c.timer] = x.now + float64(c.after)
		if c.stop {
			x.timers[machine][c.timer] = math.Inf(1)
		}
	}
	for _, e := range r.ended {
		if !x.ended {
			x.ended, x.end, x.how = true, x.now, e.outcome
		}
	}
	for _, d := range r.sent {
		c := x.Sys.Channels[d.channel]
		x.sent[machine]++
		if x.r.Float64()*float64(c.Loss.Den) < float64(c.Loss.Num) {
			continue
		}
		delay := float64(c.Delay.First) + x.r.Float64()*float64(c.Delay.Cap-c.Delay.First)
		x.ch[d.channel] = append(x.ch[d.channel], loneDatagram{d, x.now + delay, 0})
	}
}

func (x *lone) run(t *testing.T, l []fsm.State, fn uint32) {
	x.now, x.ended, x.sent = 0, false, [2]float64{}
	x.l = slices.Clone(l)
	x.timers, x.ch = nil, make([][]loneDatagram, len(x.Sys.Channels))
	for _, c := range x.Code {
		ts := make([]float64, len(c.M.Timers))
		for k := range ts {
			ts[k] = math.Inf(1)
		}
		x.timers = append(x.timers, ts)
	}
	must := func(r reaction, err error) reaction {
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	x.take(x.Caller, must(x.react(x.Caller, l[x.Caller], x.Code[x.Caller].M.Event(fsm.OnCall, "call"), []uint32{fn, 1})))
	for {
		at, do := math.Inf(1), func() {}
		for i, ts := range x.timers {
			for k, due := range ts {
				if due < at {
					at, do = due, func() {
						x.timers[i][k] = math.Inf(1)
						x.take(i, must(x.timeout(i, x.l[i], k)))
					}
				}
			}
		}
		for ch, ds := range x.ch {
			bound := x.Sys.Channels[ch].Within
			for i, d := range ds {
				if bound >= 0 && slices.ContainsFunc(ds[:i], func(y loneDatagram) bool { return y.passed >= bound }) {
					continue
				}
				if due := max(d.at, x.now); due < at {
					at, do = due, func() {
						for j := range i {
							x.ch[ch][j].passed++
						}
						x.ch[ch] = slices.Delete(x.ch[ch], i, i+1)
						to := x.to[ch]
						if e := x.Code[to].M.Event(fsm.OnMessage, x.Sys.Messages[d.message].Name); e != nil {
							x.take(to, must(x.react(to, x.l[to], e, d.fields)))
						}
					}
				}
			}
		}
		if math.IsInf(at, 1) {
			return
		}
		x.now = at
		do()
	}
}

// world of a call in tests.
type callWorld struct {
	name    string
	loss    float64
	lo, hi  int // ms
	within  int
	pace    int
	first   int
	most    int
	end     int
	on, off []string
	narrow  float64 // at most, of the interval of being answered, with plenty of states
	refused int     // cases with too many states
	crowded bool    // one case only, with more states and more calls
}

func (c callWorld) system(t *testing.T) *fsm.System {
	t.Helper()
	a := agreeCase{calls: mixed, caller: true, callee: true, within: c.within, on: c.on, off: c.off, all: c.pace > 0}
	p := a.plan()
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	ch := p.Interface.Channel
	ch.Loses = &ir.Probability{P: c.loss}
	ch.Delays = &ir.Delays{Min: ms(c.lo), Max: ms(c.hi)}
	p.Pace = ms(c.pace)
	p.Interface.Default = ms(c.end)
	p.Schedules = map[string]*ir.Schedule{}
	for _, call := range p.Interface.Calls {
		p.Schedules[call.Name] = &ir.Schedule{First: ms(c.first), Cap: ms(c.most), Time: ms(c.end)}
	}
	sys, err := schema.System(p)
	if err != nil {
		t.Fatal(err)
	}
	return sys
}

var callWorlds = []callWorld{
	{name: "paced", loss: 0.2, lo: 10, hi: 90, within: 4, pace: 50, first: 100, most: 200, end: 500, narrow: 0.004, refused: 2},
	{name: "unpaced", loss: 0.3, lo: 0, hi: 100, within: -1, first: 60, most: 60, end: 300, narrow: 0.004},
	{name: "first in, first out", loss: 0.3, lo: 0, hi: 100, within: 0, first: 60, most: 60, end: 200, narrow: 0.03},
	{name: "first in, first out, crowded", loss: 0.2, lo: 0, hi: 100, within: 0, first: 25, most: 25, end: 100, narrow: 0.2, crowded: true},
	{name: "overtaking 1, crowded", loss: 0.2, lo: 0, hi: 100, within: 1, first: 25, most: 25, end: 100, narrow: 0.3, crowded: true},
	{name: "overtaking 1", loss: 0.1, lo: 5, hi: 85, within: 1, first: 40, most: 40, end: 200, narrow: 0.03},
	{name: "odd intervals", loss: 0.25, lo: 7, hi: 61, within: 3, pace: 13, first: 37, most: 37, end: 181, narrow: 0.03, refused: 2},
	{name: "known delay", loss: 0.4, lo: 20, hi: 20, within: 0, pace: 30, first: 50, most: 100, end: 400, narrow: 1e-9},
	{name: "no delay", loss: 0.4, within: 2, first: 50, most: 400, end: 1000, narrow: 1e-9},
	{name: "lossless", loss: 0, lo: 10, hi: 20, within: 2, first: 50, most: 50, end: 200, narrow: 1e-9},
	{name: "intent", loss: 0.2, lo: 10, hi: 50, within: 0, first: 70, most: 70, end: 300, off: []string{schema.IntentRecord, schema.CalleeEpoch}, narrow: 0.03},
}

// What happens to calls that are drawn one by one lies within the intervals, up to 4.5 times the standard error.
func TestCallsAgreeWithDrawnCalls(t *testing.T) {
	for _, c := range callWorlds {
		t.Run(c.name, func(t *testing.T) {
			sys := c.system(t)
			m, err := NewModel(sys)
			if err != nil {
				t.Fatal(err)
			}
			calls := 4000
			var cases []CallCase
			if c.crowded {
				calls = 20_000
				l, err := m.idle(false)
				k := CallCase{Fn: m.fn.Members[0]}
				if err == nil {
					err = m.refine(&k, l, 0, CallOptions{MaxStates: 100_000, Context: context.Background()})
				}
				if err != nil {
					t.Fatal(err)
				}
				cases = []CallCase{k}
			} else if cases, err = Calls(sys, CallOptions{MaxStates: 30_000}); err != nil {
				t.Fatal(err)
			}
			refused := 0
			x := &lone{Model: m, r: rand.New(rand.NewPCG(1, 2))}
			for _, k := range cases {
				of := fmt.Sprintf("%s, fresh %v", k.Fn, k.Fresh)
				if k.Refused != "" {
					if refused++; refused > c.refused || k.Refused != errMoments.Error() {
						t.Errorf("%s: %s", of, k.Refused)
					}
					continue
				}
				l, err := m.idle(k.Fresh)
				if err != nil {
					t.Fatal(err)
				}
				var s sample
				for range calls {
					x.run(t, l, uint32(slices.Index(m.fn.Members, k.Fn)))
					s.add(0, x.sent[0])
					s.add(1, x.sent[1])
					s.add(2, x.end)
					for i := range fsm.OutcomeEnum.Members {
						hit := 0.0
						if uint32(i) == x.how {
							hit = 1
						}
						s.add(3+i, hit)
					}
				}
				s.within(t, of+": sent by the caller", 0, k.Datagrams[0])
				s.within(t, of+": sent by the callee", 1, k.Datagrams[1])
				s.within(t, of+": ms to the end", 2, k.Latency)
				for i, o := range k.Outcomes {
					s.within(t, of+": "+o.Outcome, 3+i, o.P)
				}
				if w := k.Outcomes[0].P; w.Hi-w.Lo > c.narrow && !k.Fresh {
					t.Errorf("%s: %v..%v is wide", of, w.Lo, w.Hi)
				}
			}
		})
	}
}

// sample sums up drawn values.
type sample [8]struct{ n, sum, squares float64 }

func (s *sample) add(i int, v float64) {
	s[i].n++
	s[i].sum += v
	s[i].squares += v * v
}

func (s *sample) within(t *testing.T, what string, i int, k markov.Interval) {
	t.Helper()
	n := s[i].n
	mean := s[i].sum / n
	sigma := math.Sqrt(max(s[i].squares/n-mean*mean, 1/n) / n)
	if mean < k.Lo-4.5*sigma || mean > k.Hi+4.5*sigma {
		t.Errorf("%s: %v drawn, standard error %v; the interval is %v..%v", what, mean, sigma, k.Lo, k.Hi)
	}
}

// One request and its answer: the closed form for the sum of two uniform delays.
func TestOneRoundTrip(t *testing.T) {
	for _, end := range []int{80, 100, 130, 135, 170, 200} {
		c := callWorld{loss: 0.2, lo: 40, hi: 90, within: -1, first: 1000, most: 1000, end: end}
		cases, err := Calls(c.system(t), CallOptions{MaxStates: 30_000})
		if err != nil || cases[0].Refused != "" {
			t.Fatal(err, cases)
		}
		x := math.Min(math.Max(float64(end)-80, 0), 100) // beyond the shortest, of a width of twice 50
		want := 0.64 * x * x / 5000
		if x > 50 {
			want = 0.64 * (1 - (100-x)*(100-x)/5000)
		}
		p, n := cases[0].Outcomes[0].P, cases[0].Datagrams
		if p.Lo > want+1e-12 || p.Hi < want-1e-12 || p.Hi-p.Lo > 1e-9 {
			t.Errorf("answered within %d ms with %v..%v; it is %v", end, p.Lo, p.Hi, want)
		}
		if math.Abs(n[0].Lo-1) > 1e-9 || math.Abs(n[1].Hi-0.8) > 1e-9 || n[1].Hi-n[1].Lo > 1e-9 {
			t.Errorf("%v datagrams", n)
		}
		// The mean time to the end: the integral of what is not answered yet.
		mean := float64(end)
		for ms := 80.0; ms < float64(end); ms += 0.01 {
			x := math.Min(ms+0.005-80, 100)
			f := 0.64 * x * x / 5000
			if x > 50 {
				f = 0.64 * (1 - (100-x)*(100-x)/5000)
			}
			mean -= 0.01 * f
		}
		if l := cases[0].Latency; mean < l.Lo-1e-3 || mean > l.Hi+1e-3 {
			t.Errorf("ends after %v..%v; it is %v", l.Lo, l.Hi, mean)
		}
	}
}

// Nothing takes a random time: the figures are those of the attempts.
func TestAttempts(t *testing.T) {
	c := callWorld{loss: 0.5, lo: 10, hi: 10, within: 1, first: 100, most: 200, end: 1000}
	cases, err := Calls(c.system(t), CallOptions{})
	if err != nil || cases[0].Refused != "" {
		t.Fatal(err, cases)
	}
	// Sends at 0, 100, 300, 500, 700 and 900 ms, each answered 20 ms later with 1/4.
	miss, mean, sends := 1.0, 0.0, 0.0
	for _, at := range []float64{0, 100, 300, 500, 700, 900} {
		sends += miss
		mean += miss * 0.25 * (at + 20)
		miss *= 0.75
	}
	mean += miss * 1000
	k := cases[0]
	near := func(what string, i markov.Interval, want float64) {
		if math.Abs(i.Lo-want) > 1e-9 || math.Abs(i.Hi-want) > 1e-9 {
			t.Errorf("%s: %v..%v, not %v", what, i.Lo, i.Hi, want)
		}
	}
	near("answered", k.Outcomes[0].P, 1-miss)
	near("timed out", k.Outcomes[2].P, miss)
	near("requests", k.Datagrams[0], sends)
	near("answers", k.Datagrams[1], sends/2)
	near("latency", k.Latency, mean)
}

func TestCallsAreRefused(t *testing.T) {
	c := callWorlds[0]
	for _, change := range []func(*fsm.Channel){
		func(ch *fsm.Channel) { ch.Loss = fsm.Odds{} },
		func(ch *fsm.Channel) { ch.Corrupts = true },
		func(ch *fsm.Channel) { ch.Capacity = 2 },
	} {
		sys := c.system(t)
		change(sys.Channels[1])
		if cases, err := Calls(sys, CallOptions{}); err == nil {
			t.Errorf("%+v: %v", sys.Channels[1], cases)
		}
	}
	over, end := context.WithCancel(context.Background())
	end()
	cases, err := Calls(c.system(t), CallOptions{Context: over})
	if err != nil || cases[0].Refused != errInterrupted.Error() {
		t.Errorf("%v, %+v", err, cases[0])
	}
	cases, err = Calls(c.system(t), CallOptions{MaxStates: 50})
	if err != nil || cases[0].Refused != errMoments.Error() || cases[0].Outcomes != nil {
		t.Errorf("%v, %+v", err, cases[0])
	}
}
