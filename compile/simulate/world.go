package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// none stands for no call.
const none = -1

// slot is a payload, and the call that it belongs to.
type slot struct {
	bytes []byte
	call  int // none: of no call, as after an alteration that nothing noticed
}

// call is one that the program made.
type call struct {
	fn      int
	args    uint32 // slot
	made    time.Duration
	starts  int // of its handler
	commits int // of its effect, where it must run exactly once
	closed  bool
}

// world is both peers, the link between them, and the programs on them.
type world struct {
	plan   *ir.Plan
	sys    *fsm.System
	config Config
	rng    *rand.Rand
	listen func(Step)

	now            time.Duration
	calls          []*ir.Call // in the order of the machines' functions
	caller, callee *peer
	slots          []slot
	log            []call
	pools          [][][]byte // by function: arguments of calls whose answers are kept

	pending  int           // index of the call that is outstanding, or none
	nextCall time.Duration // when the program makes the next one
	running  int           // the call whose handler runs, or none
	serving  int           // the function whose handler runs
	returned int           // the call whose handler returned last, or none
	commits  bool          // the callee commits what handlers do, with a record
	returns  time.Duration // when it returns
	latest   int           // the newest lasting call that has started, or none
	sum      *Summary
}

// Run makes the calls of a plan one after the other and tells what became of them. listen, where it is not nil, hears
// every step. An error means that a machine left its bounds, a layout is missing, or a call did not end.
func Run(plan *ir.Plan, sys *fsm.System, c Config, listen func(Step)) (*Summary, error) {
	if err := c.Faults.Validate(); err != nil {
		return nil, err
	}
	w := &world{plan: plan, sys: sys, config: c, rng: rand.New(rand.NewPCG(c.Seed, 0x5eed)), listen: listen,
		slots: []slot{{nil, none}}, pending: none, running: none, returned: none, returns: never, latest: none,
		sum: &Summary{Protocol: plan.Program.Name, Seed: c.Seed, Faults: c.Faults, Crash: c.Crash}}
	in := plan.Interface
	for _, name := range sys.Enum("fn").Members {
		i := slices.IndexFunc(in.Calls, func(x *ir.Call) bool { return x.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%s has no call %s", in.Name, name)
		}
		w.calls = append(w.calls, in.Calls[i])
		w.sum.Calls = append(w.sum.Calls, CallSummary{Name: name, Kind: in.Calls[i].Kind.Words()})
		w.pools = append(w.pools, nil)
	}
	for _, m := range sys.Machines {
		w.commits = w.commits || m.Commits()
	}
	w.caller, w.callee = newPeer(w, in.From.Name, "caller"), newPeer(w, in.To.Name, "callee")
	var err error
	if w.caller.lane, err = newLane(w, w.callee, 2*c.Seed+1); err != nil {
		return nil, err
	}
	if w.callee.lane, err = newLane(w, w.caller, 2*c.Seed+2); err != nil {
		return nil, err
	}
	if w.caller.on(fsm.OnCall) == nil || w.callee.on(fsm.OnReturn) == nil {
		return nil, fmt.Errorf("the machines take no calls")
	}
	for _, p := range []*peer{w.callee, w.caller} {
		if err := p.restart(); err != nil {
			return nil, err
		}
	}
	err = w.run()
	w.finish()
	return w.sum, err
}

// most events between two calls' ends: many more than any schedule has.
const most = 200_000

// run takes one event after the other, the earliest first, until all calls have ended.
func (w *world) run() error {
	idle := 0
	for ended := 0; ended < w.config.Calls || w.pending != none; {
		if idle++; idle > most {
			return fmt.Errorf("call %d does not end: %d events since the last one did", len(w.log), most)
		}
		before := w.sum.ended()
		if err := w.step(ended < w.config.Calls); err != nil {
			return err
		}
		if now := w.sum.ended(); now > before {
			ended, idle = now, 0
		}
		if w.caller.halted {
			return nil
		}
	}
	return nil
}

// step takes the earliest event; of several at a time, the first in this order.
func (w *world) step(more bool) error {
	at, do := never, func() error { return fmt.Errorf("nothing is left to happen, and a call has not ended") }
	earlier := func(t time.Duration, f func() error) {
		if t < at {
			at, do = t, f
		}
	}
	for _, p := range []*peer{w.callee, w.caller} {
		if p.up > 0 {
			earlier(p.up, p.restart)
		}
		if p.running() {
			for i, t := range p.timers {
				earlier(t, func() error { return p.fire(i) })
			}
		}
		earlier(p.lane.next(), func() error {
			for _, d := range p.lane.due() {
				if err := p.lane.to.receive(d); err != nil {
					return err
				}
			}
			return nil
		})
	}
	earlier(w.returns, w.answer)
	if more && w.pending == none && w.caller.running() && w.free() {
		earlier(max(w.nextCall, w.now), w.call)
	}
	if at != never {
		w.now = at
	}
	return do()
}

// free reports whether the caller takes a call: one that goes on though it has ended for the program keeps it from that.
func (w *world) free() bool {
	return w.caller.code.Enabled(w.caller.state, w.caller.on(fsm.OnCall), 0, 0)
}

func (w *world) slot(b []byte, call int) uint32 {
	w.slots = append(w.slots, slot{b, call})
	return uint32(len(w.slots) - 1)
}

// call is made by the program.
func (w *world) call() error {
	e := w.caller.on(fsm.OnCall)
	fn := w.rng.IntN(len(w.calls))
	c := w.calls[fn]
	args := w.arguments(fn, c)
	w.pending = len(w.log)
	s := w.slot(args, w.pending)
	w.log = append(w.log, call{fn: fn, args: s, made: w.now})
	w.sum.Calls[fn].Made++
	w.tell(Step{Actor: w.caller.name, Kind: Made, Text: c.Name})
	in := []uint32{uint32(fn), s}
	if !w.caller.code.Enabled(w.caller.state, e, in...) {
		return fmt.Errorf("%s does not take a call though none is outstanding", w.caller.name)
	}
	return w.caller.event(e, in)
}

// arguments are at random; where answers are kept, from a few, so that some are asked for again.
func (w *world) arguments(fn int, c *ir.Call) []byte {
	fresh := func() []byte { return ir.Encode(c.Params, values(w.rng, c.Params)) }
	if c.Cache == nil {
		return fresh()
	}
	if len(w.pools[fn]) == 0 {
		for range 2 * min(c.Cache.N, 16) {
			w.pools[fn] = append(w.pools[fn], fresh())
		}
	}
	return w.pools[fn][w.rng.IntN(len(w.pools[fn]))]
}

// invoked is told by the callee: a handler starts.
func (w *world) invoked(f fsm.Effect) {
	c, fn := w.slots[f.Slot].call, int(f.Fn)
	sum := &w.sum.Calls[fn]
	sum.Ran++
	text := "handler of " + w.calls[fn].Name
	w.serving, w.running = fn, c
	w.returns = w.now + time.Duration(w.rng.IntN(5_000))*time.Microsecond
	switch {
	case c == none || w.log[c].fn != fn:
		sum.Forged++
		text += ", though nobody asked"
	default:
		x := &w.log[c]
		x.starts++
		kind := w.calls[fn].Kind
		if x.starts == 2 && kind == ir.Effect {
			sum.RanTwice++
		}
		if x.starts > 1 {
			text += " again"
		}
		if kind != ir.Pure && w.calls[fn].Commutes == nil && w.latest > c {
			sum.RanLate++
			text += ", late"
		}
		if kind != ir.Pure {
			w.latest = max(w.latest, c)
		}
	}
	w.tell(Step{Actor: w.callee.name, Kind: Ran, Text: text})
}

// answer is the end of a handler.
func (w *world) answer() error {
	w.returns = never
	c := w.calls[w.serving]
	var b []byte
	if c.Result != nil {
		fields := []ir.Field{{Name: "value", Type: c.Result}}
		b = ir.Encode(fields, values(w.rng, fields))
	} else {
		b = ir.Encode(nil, nil)
	}
	w.tell(Step{Actor: w.callee.name, Kind: Noted, Text: c.Name + " returns"})
	w.returned = w.running
	if !w.commits {
		w.committed()
	}
	return w.callee.event(w.callee.on(fsm.OnReturn), []uint32{w.slot(b, w.running)})
}

// committed: what the handler that returned last did is durable.
func (w *world) committed() {
	c := w.returned
	if c == none || w.calls[w.log[c].fn].Kind != ir.ExactlyOnce {
		return
	}
	x := &w.log[c]
	if x.commits++; x.commits == 2 {
		w.sum.Calls[x.fn].RanTwice++
	}
}

// completed is told by the caller: the outstanding call has ended.
func (w *world) completed(f fsm.Effect) {
	if w.pending == none {
		w.sum.Spurious++
		return
	}
	x := &w.log[w.pending]
	sum := &w.sum.Calls[x.fn]
	text := w.calls[x.fn].Name + ": "
	switch f.Outcome {
	case fsm.Answer:
		sum.Answered++
		text += "answered"
		if f.Memo {
			sum.Remembered++
			text += " from the memo"
		}
		if !w.right(f, x) {
			sum.Wrong++
			text += ", wrongly"
		}
	case fsm.Refused:
		sum.Refused++
		text += "refused"
	case fsm.TimedOut:
		sum.TimedOut++
		text += "timed out"
	case fsm.Unknown:
		sum.Unknown++
		text += "unknown"
	case fsm.PeerRestarted:
		sum.Restarted++
		text += "peer restarted"
	}
	w.sum.Waited += w.now - x.made
	w.end(text)
}

// right reports whether an answer is one to the outstanding call: of its own execution, or a kept one of a call with the
// same arguments that was made no longer ago than answers are kept.
func (w *world) right(f fsm.Effect, x *call) bool {
	from := w.slots[f.Slot].call
	if from == w.pending {
		return true
	}
	if !f.Memo || from == none {
		return false
	}
	y := w.log[from]
	cache := w.calls[x.fn].Cache
	return y.fn == x.fn && cache != nil && string(w.slots[y.args].bytes) == string(w.slots[x.args].bytes) && w.now-y.made <= cache.For+time.Millisecond
}

func (w *world) end(text string) {
	w.log[w.pending].closed = true
	w.pending = none
	w.nextCall = w.now + time.Duration(w.rng.IntN(40))*time.Millisecond
	w.tell(Step{Actor: w.caller.name, Kind: Ended, Text: text})
}

// fell is told by a peer that crashes: what ran on it is gone.
func (w *world) fell(p *peer) {
	if p == w.callee {
		w.returns, w.running = never, none
		return
	}
	if w.pending != none {
		w.sum.Calls[w.log[w.pending].fn].Cut++
		w.end(w.calls[w.log[w.pending].fn].Name + ": its program is gone")
	}
}

func (w *world) tell(s Step) {
	if w.listen != nil {
		s.At = w.now
		s.Call = w.pending + 1
		w.listen(s)
	}
}

func (w *world) finish() {
	s := w.sum
	s.Virtual = w.now
	for _, p := range []*peer{w.caller, w.callee} {
		c := p.lane.link.Counters()
		s.Datagrams.Sent += c.Sent
		s.Datagrams.Lost += c.Lost
		s.Datagrams.Repeated += c.Repeated
		s.Datagrams.Overtaken += c.Overtaken
		s.Datagrams.Altered += p.lane.altered
		s.Datagrams.Bytes += p.lane.bytes
		s.Crashes = append(s.Crashes, PeerCrashes{p.name, p.crash, p.halted})
	}
}
