package verify

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"sprocketc/fsm"
	"sprocketc/verify/markov"
)

// A call in time. Time goes in ticks. Of each event it is known in which ticks it may happen, and of some to the
// millisecond when: those that follow from the call by timers alone. Which tick it is, and what comes first within a
// tick, is left to an adversary; a delay's part of the range is drawn. So every run of the real time is one of some
// adversary, whatever the machines do, and the least and the greatest mean over all adversaries are bounds (a Markov
// decision process without circles, solved backwards; the delays' distribution is split into its whole ticks, as in Kwiatkowska,
// Norman, Segala and Sproston 2000). Sums are rounded outwards.

// window is when something happens: in one of slack+1 ticks from tick on; ms is the time where that is known, and else
// sometime, or evenly where it is equally likely anywhere in its tick.
type window struct{ tick, slack, ms int64 }

const (
	sometime = -1
	evenly   = -2
)

var notRunning = window{tick: -1, ms: sometime}

// dgram is a datagram on its way. Where its arrival is not drawn yet, that is done tick by tick, from what is left of its
// delay's range.
type dgram struct {
	msg    int
	drawn  bool
	w      window // of the arrival, where drawn
	sent   int64  // else: ms where exact, and else the tick
	exact  bool
	passed int64 // datagrams that were sent later and arrived, where the channel counts them
	held   bool  // its window was widened, since dropped datagrams may hold it up
}

// moment is a state of the process.
type moment struct {
	tick   int64
	in     bool // within the tick: what arrives in it is drawn
	first  bool // and nothing has happened in it yet
	ended  bool // the call has
	l      []int
	timers [][]window
	ch     [][]dgram
	count  []int64 // by channel that bounds overtaking and has datagrams dropped: how many may have arrived, up to the bound
}

func (c *moment) clone() *moment {
	k := &moment{tick: c.tick, in: c.in, first: c.first, ended: c.ended, l: slices.Clone(c.l), count: slices.Clone(c.count)}
	for _, t := range c.timers {
		k.timers = append(k.timers, slices.Clone(t))
	}
	for _, d := range c.ch {
		k.ch = append(k.ch, slices.Clone(d))
	}
	return k
}

func (c *moment) key(b []byte) []byte {
	flags := uint64(c.tick) << 3
	for i, v := range []bool{c.in, c.first, c.ended} {
		if v {
			flags |= 1 << i
		}
	}
	b = binary.AppendUvarint(b, flags)
	for _, l := range c.l {
		b = binary.AppendUvarint(b, uint64(l))
	}
	win := func(w window) {
		b = binary.AppendVarint(b, w.tick)
		b = binary.AppendVarint(b, w.slack)
		b = binary.AppendVarint(b, w.ms)
	}
	bit := func(v bool) {
		x := byte(0)
		if v {
			x = 1
		}
		b = append(b, x)
	}
	for _, t := range c.timers {
		for _, w := range t {
			win(w)
		}
	}
	for i, ds := range c.ch {
		b = binary.AppendUvarint(b, uint64(len(ds)))
		for _, d := range ds {
			b = binary.AppendUvarint(b, uint64(d.msg))
			bit(d.drawn)
			if d.drawn {
				win(d.w)
			} else {
				b = binary.AppendVarint(b, d.sent)
			}
			bit(d.exact)
			bit(d.held)
			b = binary.AppendUvarint(b, uint64(d.passed))
		}
		b = binary.AppendVarint(b, c.count[i])
	}
	return b
}

// What is summed up.
const (
	outcomesAt  = 0 // five of them
	datagramsAt = 5 // by the caller, by the callee
	bytesAt     = 7
	latencyAt   = 9
	sums        = 10
)

// vector has a lower and an upper bound of each sum that is still to come.
type vector [sums]markov.Interval

var (
	errMoments     = errors.New("too many states for the limit")
	errInterrupted = errors.New("interrupted")
	errAtOnce      = errors.New("the machines go round in a circle that takes no time")
)

// timed computes one case at one length of ticks.
type timed struct {
	*Model
	of     uint32 // the function
	delta  int64  // of a tick, in units of 1/scale ms; so are all times
	scale  int64
	size   func(message, fn string) int
	limit  int
	ctx    context.Context
	values map[string]*vector // nil: under way
	*local
	buf []byte
}

func newTimed(m *Model, fn uint32, g grid, opt CallOptions, limit int) *timed {
	return &timed{Model: m, of: fn, delta: g.delta, scale: g.scale, size: opt.Size, ctx: opt.Context, limit: limit, values: map[string]*vector{}, local: newLocal(m)}
}

// call makes the call at time 0 from an idle state.
func (x *timed) call(l []fsm.State) (*vector, error) {
	e := x.Code[x.Caller].M.Event(fsm.OnCall, "call")
	if !x.Code[x.Caller].Enabled(l[x.Caller], e, x.of, 1) {
		return nil, errors.New("an idle caller does not take a call")
	}
	c := &moment{in: true, count: make([]int64, len(x.Sys.Channels)), ch: make([][]dgram, len(x.Sys.Channels))}
	for i, code := range x.Code {
		c.l = append(c.l, x.intern(i, l[i]))
		t := make([]window, len(code.M.Timers))
		for k := range t {
			t[k] = notRunning
		}
		c.timers = append(c.timers, t)
	}
	r, err := x.react(x.Caller, l[x.Caller], e, []uint32{x.of, 1})
	if err != nil {
		return nil, err
	}
	if err := x.discover(c.l, x.Caller, r); err != nil {
		return nil, err
	}
	return x.apply(c, x.Caller, x.keep(x.Caller, r), 0)
}

// figures puts the sums into a case: the first time as they are, then what they have in common with what is there.
func (x *timed) figures(k *CallCase, v *vector, first bool) {
	meet := func(a *markov.Interval, b markov.Interval) {
		if first {
			*a = b
			return
		}
		a.Lo, a.Hi = max(a.Lo, b.Lo), min(a.Hi, b.Hi)
	}
	if first {
		for i, name := range fsm.OutcomeEnum.Members {
			k.Outcomes = append(k.Outcomes, OutcomeChance{Outcome: name, P: v[outcomesAt+i]})
		}
	}
	for i := range k.Outcomes {
		p := v[outcomesAt+i]
		p.Hi = min(p.Hi, 1)
		meet(&k.Outcomes[i].P, p)
	}
	for i := range 2 {
		meet(&k.Datagrams[i], v[datagramsAt+i])
		meet(&k.Bytes[i], v[bytesAt+i])
	}
	meet(&k.Latency, v[latencyAt])
}

// value gives the sums that are still to come, each with its least and its greatest mean.
func (x *timed) value(c *moment) (*vector, error) {
	x.tidy(c)
	x.buf = c.key(x.buf[:0])
	if v, ok := x.values[string(x.buf)]; ok {
		if v == nil {
			return nil, errAtOnce
		}
		return v, nil
	}
	if len(x.values) >= x.limit {
		return nil, errMoments
	}
	if len(x.values)%1024 == 0 && x.ctx.Err() != nil {
		return nil, errInterrupted
	}
	key := string(x.buf)
	x.values[key] = nil
	v, err := x.within(c)
	if err != nil {
		return nil, err
	}
	x.values[key] = v
	return v, nil
}

func (x *timed) within(c *moment) (*vector, error) {
	if !c.in {
		tick, any := x.next(c)
		if !any {
			return &vector{}, nil
		}
		k := c.clone()
		k.tick, k.in, k.first = tick, true, true
		return x.draw(k, 0, 0)
	}
	acts, must, err := x.ready(c)
	if err != nil {
		return nil, err
	}
	var best *vector
	choose := func(v *vector) {
		if best == nil {
			k := *v
			best = &k
			return
		}
		for i := range best {
			best[i].Lo, best[i].Hi = min(best[i].Lo, v[i].Lo), max(best[i].Hi, v[i].Hi)
		}
	}
	begins := acts != nil && acts[0].ms == c.tick*x.delta
	if !begins && (!c.first || len(acts) > 1 || !must) {
		for i := range acts { // that it is this one's turn tells when it happens
			if acts[i].ms == evenly {
				acts[i].ms = sometime
			}
		}
	}
	for _, a := range acts {
		v, err := x.perform(c, a)
		if err != nil {
			return nil, err
		}
		choose(v)
	}
	if !must && !begins {
		k := c.clone()
		k.tick, k.in, k.first = c.tick+1, false, false
		v, err := x.value(k)
		if err != nil {
			return nil, err
		}
		choose(v)
	}
	return best, nil
}

// next is the first tick from the moment's on in which something may happen.
func (x *timed) next(c *moment) (int64, bool) {
	tick, any := int64(0), false
	see := func(t int64) {
		t = max(t, c.tick)
		if !any || t < tick {
			tick, any = t, true
		}
	}
	for _, ts := range c.timers {
		for _, w := range ts {
			if w.tick >= 0 {
				see(w.tick)
			}
		}
	}
	for i, ds := range c.ch {
		for _, d := range ds {
			if d.drawn {
				see(d.w.tick)
			} else {
				see(x.first(i, d))
			}
		}
	}
	return tick, any
}

// act is something that may happen next: a timer or an arrival.
type act struct {
	machine, timer int // timer -1: an arrival
	ch, at         int
	ms             int64
}

// ready lists what may happen next in a tick. must: something that is ready cannot wait for the next tick.
func (x *timed) ready(c *moment) (acts []act, must bool, err error) {
	earliest := int64(-1)
	add := func(w window, a act) {
		a.ms = w.ms
		must = must || c.tick >= w.tick+w.slack
		if w.ms >= 0 && (earliest < 0 || w.ms < earliest) {
			earliest = w.ms
		}
		acts = append(acts, a)
	}
	for i, ts := range c.timers {
		for k, w := range ts {
			if w.tick >= 0 && w.tick <= c.tick {
				add(w, act{machine: i, timer: k})
			}
		}
	}
	for i, ds := range c.ch {
		bound := int64(x.Sys.Channels[i].Within)
		for at, d := range ds {
			blocked := bound >= 0 && slices.ContainsFunc(ds[:at], func(y dgram) bool { return y.passed >= bound })
			if d.drawn && d.w.tick <= c.tick && !blocked {
				add(d.w, act{machine: x.to[i], timer: -1, ch: i, at: at})
			}
		}
	}
	// What is known to the millisecond comes in its order; and what is as the tick begins, before all that is drawn: for
	// two to be at once has probability 0.
	acts = slices.DeleteFunc(acts, func(a act) bool {
		return a.ms > earliest && a.ms >= 0 || earliest == c.tick*x.delta && a.ms != earliest
	})
	if len(acts) == 0 && must {
		return nil, false, fmt.Errorf("nothing is left to happen in tick %d", c.tick)
	}
	return acts, must, nil
}

// perform lets an event happen.
func (x *timed) perform(c *moment, a act) (*vector, error) {
	k := c.clone()
	k.first = c.first && a.ms == c.tick*x.delta
	var r *kept
	var err error
	if a.timer >= 0 {
		k.timers[a.machine][a.timer] = notRunning
		r, err = x.fires(a.machine, c.l[a.machine], a.timer)
	} else {
		d := k.ch[a.ch][a.at]
		bound := int64(x.Sys.Channels[a.ch].Within)
		if bound >= 0 {
			for i := range a.at {
				k.ch[a.ch][i].passed = min(bound, k.ch[a.ch][i].passed+1)
			}
			if x.drops[a.ch] {
				k.count[a.ch] = min(bound, k.count[a.ch]+1)
			}
		}
		k.ch[a.ch] = slices.Delete(k.ch[a.ch], a.at, a.at+1)
		r, err = x.arrives(a.machine, c.l[a.machine], d.msg)
	}
	if err != nil {
		return nil, err
	}
	return x.apply(k, a.machine, r, a.ms)
}

// apply puts a reaction into a moment: at a time in ms, or at one within the tick, sometime or evenly so.
func (x *timed) apply(c *moment, machine int, r *kept, ms int64) (*vector, error) {
	c.l[machine] = r.to
	for _, t := range r.clocks {
		w := notRunning
		switch {
		case t.stop:
		case ms >= 0:
			w = window{(ms + x.units(t.after)) / x.delta, 0, ms + x.units(t.after)}
		default:
			w = x.later(c.tick, x.units(t.after), x.early())
		}
		c.timers[machine][t.timer] = w
	}
	var gain vector
	for _, e := range r.ended {
		if c.ended {
			continue
		}
		c.ended = true
		gain[outcomesAt+int(e.outcome)] = markov.Interval{Lo: 1, Hi: 1}
		gain[latencyAt] = x.span(c.tick*x.delta, (c.tick+1)*x.delta)
		if ms >= 0 {
			gain[latencyAt] = x.span(ms, ms)
		}
	}
	side := 0
	if machine == x.Callee {
		side = 1
	}
	for _, m := range r.sent {
		n := 0
		if x.size != nil {
			n = x.size(x.Sys.Messages[x.msgs[m].message].Name, x.fn.Members[x.of])
		}
		gain[datagramsAt+side] = gain[datagramsAt+side].Add(markov.Interval{Lo: 1, Hi: 1})
		gain[bytesAt+side] = gain[bytesAt+side].Add(markov.Interval{Lo: float64(n), Hi: float64(n)})
	}
	v, err := x.launch(c, r.sent, ms)
	if err != nil {
		return nil, err
	}
	for i := range gain {
		gain[i] = gain[i].Add(v[i])
	}
	return &gain, nil
}

// span of two times, in ms.
func (x *timed) span(a, b int64) markov.Interval {
	if x.scale == 1 {
		return markov.Interval{Lo: float64(a), Hi: float64(b)}
	}
	return markov.Interval{Lo: max(0, markov.Down(float64(a)/float64(x.scale))), Hi: markov.Up(float64(b) / float64(x.scale))}
}

// units are ms in the units of time.
func (x *timed) units(ms uint32) int64 { return int64(ms) * x.scale }

// early is how much before its time a timer of emitted code may be over: its clock counts whole ms, and a tick that begins
// within one does not know the difference.
func (x *timed) early() int64 {
	if x.scale == 1 {
		return 0
	}
	return x.scale - 1
}

// later is when something happens that comes so long after a time within a tick, or a little earlier.
func (x *timed) later(tick, after, early int64) window {
	lo, hi := max(tick*x.delta, tick*x.delta+after-early), (tick+1)*x.delta+after-1
	return window{lo / x.delta, hi/x.delta - lo/x.delta, sometime}
}
