package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sprocketc/fsm"
	"sprocketc/verify/markov"
)

// CallOptions steer the computation of what becomes of a call.
type CallOptions struct {
	Size      func(message, fn string) int // bytes of a datagram, of which both may be told apart; nil: 0
	MaxStates int                          // of one case, all its refinements together; 0: 80,000
	Context   context.Context              // its end is a limit; nil: none
}

// defaultMoments bounds the states of a case.
const defaultMoments = 80_000

// CallCase is what becomes of one call of a function: one at a time, from idle, with nobody crashing, the network losing and
// delaying as the channels say and repeating nothing, and a handler that takes no time. Each figure lies within its
// interval, which is as narrow as the states allowed.
type CallCase struct {
	Fn        string
	Fresh     bool // the caller has just started; else each function was called before
	Outcomes  []OutcomeChance
	Datagrams [2]markov.Interval // sent by the caller, by the callee
	Bytes     [2]markov.Interval
	Latency   markov.Interval // ms to the end of the call
	Tick      float64         // ms of the shortest ticks; 0: time is exact
	States    int
	Refused   string // why there are no figures; "" where there are
}

// OutcomeChance is the probability of an outcome.
type OutcomeChance struct {
	Outcome string
	P       markov.Interval
}

// Calls computes what becomes of a call of each function of a system, when the caller has called before, and when it has
// just started. An error says why there is nothing to compute for any.
func Calls(sys *fsm.System, opt CallOptions) ([]CallCase, error) {
	m, err := NewModel(sys)
	if err != nil {
		return nil, err
	}
	if m.Caller < 0 || m.Callee < 0 || len(m.Code) != 2 {
		return nil, errors.New("there is no caller with one callee")
	}
	for i, c := range m.Sys.Channels {
		switch {
		case slices.Index(m.out, i) < 0:
			return nil, fmt.Errorf("two channels lead away from %s", c.From)
		case c.Loses && !c.Loss.Stated():
			return nil, fmt.Errorf("channel %s does not say how often it loses", c.Name)
		case c.Corrupts:
			return nil, fmt.Errorf("channel %s does not say how often it corrupts", c.Name)
		case c.Capacity > 0:
			return nil, fmt.Errorf("channel %s has a capacity", c.Name)
		}
	}
	if opt.MaxStates == 0 {
		opt.MaxStates = defaultMoments
	}
	if opt.Context == nil {
		opt.Context = context.Background()
	}
	var out []CallCase
	for f, name := range m.fn.Members {
		for _, fresh := range []bool{false, true} {
			k := CallCase{Fn: name, Fresh: fresh}
			l, err := m.idle(fresh)
			if err == nil {
				err = m.refine(&k, l, uint32(f), opt)
			}
			if err != nil {
				k.Refused = err.Error()
			}
			out = append(out, k)
		}
	}
	return out, nil
}

// settling is the two machines over a link that loses nothing and takes no time.
type settling struct {
	*Model
	l      []fsm.State
	timers []map[int]int64 // when each that runs is over
	now    int64
	queue  []put
	ended  int
}

// Bounds of what machines do before they are idle.
const (
	settleSteps = 20_000
	settleTime  = 1 << 40 // ms
)

// idle is a state in which nothing is in flight and no timer runs: after a start, and a call of each function; or, fresh,
// after the start of the caller that follows that. Where the caller never crashes, fresh is its first start.
func (m *Model) idle(fresh bool) ([]fsm.State, error) {
	x := &settling{Model: m}
	for i := range m.Code {
		x.l, x.timers = append(x.l, nil), append(x.timers, map[int]int64{})
		r, err := m.boot(i)
		if err != nil {
			return nil, err
		}
		x.take(i, r)
	}
	if err := x.settle(); err != nil {
		return nil, err
	}
	crashes := m.Code[m.Caller].M.Crashes
	if fresh && !crashes {
		return x.l, nil
	}
	for f := range m.fn.Members {
		e := m.Code[m.Caller].M.Event(fsm.OnCall, "call")
		if !m.Code[m.Caller].Enabled(x.l[m.Caller], e, uint32(f), 1) {
			return nil, errors.New("an idle caller does not take a call")
		}
		r, err := m.react(m.Caller, x.l[m.Caller], e, []uint32{uint32(f), 1})
		if err != nil {
			return nil, err
		}
		x.take(m.Caller, r)
		if err := x.settle(); err != nil {
			return nil, err
		}
	}
	if fresh {
		l := slices.Clone(x.l[m.Caller])
		m.Code[m.Caller].Boot(l)
		r := reaction{state: l}
		if e := m.Code[m.Caller].M.Event(fsm.OnRestart, "restart"); e != nil {
			var err error
			if r, err = m.react(m.Caller, l, e, nil); err != nil {
				return nil, err
			}
		}
		clear(x.timers[m.Caller])
		x.take(m.Caller, r)
	}
	return x.l, x.settle()
}

func (x *settling) take(machine int, r reaction) {
	x.l[machine] = r.state
	for _, c := range r.clocks {
		x.timers[machine][c.timer] = x.now + int64(c.after)
		if c.stop {
			delete(x.timers[machine], c.timer)
		}
	}
	x.queue = append(x.queue, r.sent...)
	x.ended += len(r.ended)
}

// settle lets everything happen until nothing is left to: datagrams at once, then the timer that is over first.
func (x *settling) settle() error {
	for range settleSteps {
		if len(x.queue) > 0 {
			d := x.queue[0]
			x.queue = x.queue[1:]
			i := x.to[d.channel]
			e := x.Code[i].M.Event(fsm.OnMessage, x.Sys.Messages[d.message].Name)
			if e == nil {
				continue
			}
			r, err := x.react(i, x.l[i], e, d.fields)
			if err != nil {
				return err
			}
			x.take(i, r)
			continue
		}
		machine, timer, at := -1, 0, int64(settleTime)
		for i, ts := range x.timers {
			for k := range x.Code[i].M.Timers {
				if t, on := ts[k]; on && t < at {
					machine, timer, at = i, k, t
				}
			}
		}
		if machine < 0 {
			return nil
		}
		x.now = at
		delete(x.timers[machine], timer)
		r, err := x.timeout(machine, x.l[machine], timer)
		if err != nil {
			return err
		}
		x.take(machine, r)
	}
	return errors.New("the machines never come to rest, though nothing is lost")
}

// grid divides time into ticks of delta/scale ms.
type grid struct{ delta, scale int64 }

func (g grid) ms() float64 { return float64(g.delta) / float64(g.scale) }

// refine computes a case with shorter and shorter ticks, as long as the states last. All give intervals that hold, so
// what holds is what they have in common.
func (m *Model) refine(k *CallCase, l []fsm.State, fn uint32, opt CallOptions) error {
	left := opt.MaxStates
	last, was := 0, 1.0
	for _, g := range m.grids(l, fn) {
		if last > 0 && float64(last)*was*was > float64(left)*g.ms()*g.ms() {
			break // the states grow with the square
		}
		x := newTimed(m, fn, g, opt, left)
		v, err := x.call(l)
		left -= len(x.values)
		k.States += len(x.values)
		if err != nil {
			if last > 0 && (errors.Is(err, errMoments) || errors.Is(err, errInterrupted)) {
				break
			}
			if errors.Is(err, errAtOnce) && g.ms() > 1 {
				continue // a timer goes round within a tick
			}
			return err
		}
		last, was = len(x.values), g.ms()
		x.figures(k, v, k.Outcomes == nil)
		k.Tick = g.ms()
		if m.exactTime() {
			k.Tick = 0
			break
		}
	}
	return nil
}

// grids are divisions of time to try, the coarsest first: ticks of whole ms and, where those do not divide the shortest
// interval that the call itself starts, a little shorter ones that do. What happens as a tick begins is known to come
// first in it, so one grid is better for the schedule of sends and the other for delays and the end of the call.
func (m *Model) grids(l []fsm.State, fn uint32) []grid {
	shortest := int64(0)
	if r, err := m.react(m.Caller, l[m.Caller], m.Code[m.Caller].M.Event(fsm.OnCall, "call"), []uint32{fn, 1}); err == nil {
		for _, c := range r.clocks {
			layer := m.Code[m.Caller].M.Timers[c.timer].Layer // it holds up what others send
			if t := int64(c.after); !c.stop && !layer && t > 0 && (shortest == 0 || t < shortest) {
				shortest = t
			}
		}
	}
	var out []grid
	for _, t := range m.ticks() {
		out = append(out, grid{t, 1})
		if t < shortest && shortest%t != 0 {
			out = append(out, grid{shortest, (shortest + t - 1) / t})
		}
	}
	return out
}

// exactTime reports whether no delivery takes a time at random.
func (m *Model) exactTime() bool {
	return !slices.ContainsFunc(m.Sys.Channels, func(c *fsm.Channel) bool { return c.Delay.Cap > c.Delay.First })
}

// ticks are steps of time to try, in ms, the coarsest first: 1, 2 and 5 times a power of 10, which divide the intervals
// that people write. Where one divides all intervals, what is known of time stays as it is.
func (m *Model) ticks() []int64 {
	if m.exactTime() {
		return []int64{1}
	}
	spread := int64(1)
	for _, c := range m.Sys.Channels {
		spread = max(spread, int64(c.Delay.Cap-c.Delay.First))
	}
	var out []int64
	for p := int64(1); p <= max(1, spread/2); p *= 10 {
		for _, k := range []int64{1, 2, 5} {
			if k*p <= max(1, spread/2) {
				out = append(out, k*p)
			}
		}
	}
	slices.Reverse(out)
	return out
}
