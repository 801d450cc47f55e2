package drive

import (
	"bytes"
	"slices"

	"sprocketc/diag/sequence"
)

// run lets the two emitted cores take the steps of a run, one after the other. What a step asks for may not be possible
// in the code at hand, when it was repaired: no such datagram was sent, the timer does not run, the call is not taken. Then
// the step is left out, and the log says so. Nothing is done that the channel and the peers may not do.
//
// Time stands still: a timer fires because the run says so. What a layer knows (the pace, say) is set before each step to
// what the run says, as it is in the proof.
type run struct {
	t        runT
	property string
	seen     *Observer
	caller   runCaller
	callee   runCallee
	ports    [2]*runWorld
	flights  []*runFlight
	step     int
	what     string
	left     int // steps that were left out

	rows    []runRow // of the chart
	undrawn bool     // there are none

	// Of a run whose peers are killed (kills.go).
	acted    []runActed // visible actions of both
	kills    []runKill  // those to come, in order
	restarts int        // actions when the last start was over
	lost     [2]int     // by side, the so-manieth datagram is lost, from 1; 0: none is
	sent     [2]int     // datagrams by side

	// Of the step at hand.
	place   int             // datagrams sent in it
	crash   int             // the peer crashes after so many visible actions; 0: it does not
	torn    bool            // and the last of them, a write, is torn
	tore    bool            // it was
	visible int             // actions so far
	starts  []runCut        // crashes in the start that follows
	alter   []runAlter      // of the datagram that arrives
	layers  map[string]bool // what layers answer, where it is yes
	calling bool
	silent  bool // what is sent is lost at once
	arrived *runFlight

	handler struct{ fn, number int } // the one that runs; -1

	// Of a run that never ends: when it came to the steps that repeat.
	loopLeft, loopAnswers int
}

// runT is what is wanted of a test: *testing.T and *rapid.T have it.
type runT interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

const (
	runCallerSide = iota
	runCalleeSide
)

type runCut struct {
	after int
	torn  bool
}

type runAlter struct {
	field string
	value uint32
}

// runFlight is a datagram that was sent, and may arrive as often as the channel lets it.
type runFlight struct {
	step, place int
	from        int // side
	bytes       []byte
	call        int  // for which it was sent; -1
	start       int  // of the callee, when it was sent
	later       int  // datagrams that were sent after it and have arrived
	again       bool // an equal one was sent before it
	delivered   bool
}

// runFunction is a function of the program: its kind, and encodings of arguments and answers by their number.
type runFunction struct {
	name          string
	kind          int
	args, answers [][]byte
}

// runCrash ends an event in its middle.
type runCrash struct{}

// runNow is the time, which stands still.
const runNow = 1_000_000

// newRun starts both peers with blank memory.
func newRun(t runT, property string) *run {
	r := blankRun(t, property)
	r.start(runCallerSide)
	r.start(runCalleeSide)
	return r
}

func blankRun(t runT, property string) *run {
	var kinds []int
	for _, f := range runFunctions {
		kinds = append(kinds, f.kind)
	}
	runTokens = 0
	r := &run{t: t, property: property, seen: NewObserver(kinds)}
	r.seen.Commits = runCommits
	r.handler.number = -1
	for side := range r.ports {
		r.ports[side] = &runWorld{r: r, side: side}
	}
	r.caller, r.callee = newRunCaller(r.ports[runCallerSide]), newRunCallee(r.ports[runCalleeSide])
	return r
}

// next begins a step, and says what is to happen in it.
func (r *run) next(what string) {
	r.step++
	r.what = what
	r.place, r.crash, r.torn, r.tore, r.visible, r.starts, r.alter, r.layers, r.arrived = 0, 0, false, false, 0, nil, nil, nil, nil
}

// crashAfter: the peer crashes after so many visible actions of the step: datagrams, writes, starts of handlers, ends of
// calls. Where it has fewer it crashes at its end.
func (r *run) crashAfter(actions int) { r.crash = actions }

// tear: the last action before the crash is a write that is torn.
func (r *run) tear() { r.torn = true }

// crashInStart: the peer crashes once more while it starts.
func (r *run) crashInStart(actions int, torn bool) {
	r.starts = append(r.starts, runCut{actions, torn})
}

// altered: the datagram arrives with another value in a field; "payload" with another payload.
func (r *run) altered(field string, value uint32) { r.alter = append(r.alter, runAlter{field, value}) }

// layer: what a layer answers is yes; it is no for those that are not named.
func (r *run) layer(name string) {
	if r.layers == nil {
		r.layers = map[string]bool{}
	}
	r.layers[name] = true
}

// leftOut says why a step is not taken.
func (r *run) leftOut(why string) {
	r.t.Helper()
	r.left++
	r.t.Logf("step %d (%s) is left out: %s", r.step, r.what, why)
}

// event lets a peer act, up to where it crashes.
func (r *run) event(side int, act func()) {
	r.setLayers(side)
	if r.cut(act) || r.crash > 0 {
		r.showCrash(side)
		r.down(side)
		r.start(side)
	}
}

// cut reports whether a crash ended what a peer did.
func (r *run) cut(act func()) (crashed bool) {
	defer func() {
		switch cause := recover(); cause.(type) {
		case nil:
		case runCrash:
			crashed = true
		default:
			panic(cause)
		}
	}()
	act()
	return false
}

// setLayers makes layers answer as the run says.
func (r *run) setLayers(side int) {
	vars, timers, names := r.caller.layers(), r.caller.timers(), r.caller.layerTimers()
	if side == runCalleeSide {
		vars, timers, names = r.callee.layers(), r.callee.timers(), r.callee.layerTimers()
	}
	for name, v := range vars {
		*v = r.layers[name]
	}
	for _, name := range names {
		timers[name].running = r.layers[name]
		timers[name].due = runNow + 1
	}
}

// down: everything volatile is gone.
func (r *run) down(side int) {
	r.ports[side].old = nil
	if side == runCallerSide {
		r.seen.CallerCrashed()
		return
	}
	r.seen.CalleeCrashed()
	r.handler.number = -1
}

// start lets a peer start, and crash in its start as often as the run says.
func (r *run) start(side int) {
	r.crash, r.torn, r.tore, r.visible = 0, false, false, 0
	cuts := r.starts
	r.starts = nil
	if len(cuts) > 0 {
		r.crash, r.torn, r.starts = cuts[0].after, cuts[0].torn, cuts[1:]
	}
	var err error
	crashed := r.cut(func() {
		if side == runCallerSide {
			err = r.caller.start(runNow)
		} else {
			err = r.callee.start(runNow)
		}
	})
	if err != nil {
		r.t.Fatalf("the memory cannot be read: %v", err)
	}
	if crashed {
		r.showCrash(side)
		r.down(side)
		r.start(side)
		return
	}
	r.restarts = len(r.acted)
}

// call: the program makes a call.
func (r *run) call(name string) {
	fn := r.function(name)
	if r.caller.halted() != nil {
		r.leftOut("the caller has stopped for good")
		return
	}
	if r.seen.Pending() >= 0 {
		r.leftOut("another call is outstanding")
		return
	}
	if !r.caller.free() {
		r.leftOut("a call goes on that has ended for the program")
		return
	}
	r.make(fn, r.seen.Next()%len(runFunctions[fn].args))
}

// make makes a call with arguments that have a number.
func (r *run) make(fn, number int) {
	r.show(sequence.Calls, runCallerSide, runFunctions[fn].name+"()", "")
	r.event(runCallerSide, func() {
		r.seen.Made(fn, number)
		r.calling = true
		defer func() { r.calling = false }()
		if !r.caller.call(function(fn), bytes.Clone(runFunctions[fn].args[number]), runNow) {
			r.t.Fatalf("step %d (%s): the call is not taken", r.step, r.what)
		}
	})
}

func (r *run) function(name string) int {
	fn := slices.IndexFunc(runFunctions, func(f runFunction) bool { return f.name == name })
	if fn < 0 {
		r.t.Fatalf("the program has no call %s any more", name)
	}
	return fn
}

// returns: the handler that runs ends.
func (r *run) returns() {
	if r.handler.number < 0 {
		r.leftOut("no handler runs")
		return
	}
	answers := runFunctions[r.handler.fn].answers
	number := r.handler.number % len(answers)
	r.handler.number = -1
	r.show(sequence.Returns, runCalleeSide, "returns", "")
	r.event(runCalleeSide, func() {
		r.seen.Returned(number)
		r.callee.answer(bytes.Clone(answers[number]), runNow)
	})
}

// deliver: a datagram arrives, which was sent in a step as the so-manieth of it, from 0; step 0 is the first start.
func (r *run) deliver(step, place int) {
	at := slices.IndexFunc(r.flights, func(f *runFlight) bool { return f.step == step && f.place == place })
	if at < 0 {
		r.leftOut("no such datagram was sent")
		return
	}
	f := r.flights[at]
	switch {
	case runOvertaking >= 0 && f.later > runOvertaking:
		r.leftOut("the datagram was overtaken by too many others")
		return
	case f.delivered && !runRepeats:
		r.leftOut("the datagram has arrived, and the channel does not repeat")
		return
	}
	b, ok := r.change(f)
	if !ok {
		r.leftOut("the datagram has nothing that could be altered so")
		return
	}
	r.showArrival(f, b)
	if !f.delivered {
		f.delivered = true
		for _, e := range r.flights[:at] {
			if e.from == f.from {
				e.later++
			}
		}
	}
	r.arrived = f
	if f.from == runCalleeSide {
		r.seen.Heard(f.start)
		r.event(runCallerSide, func() { r.receive(r.caller.receive, b) })
		return
	}
	waits := len(r.alter) == 0 && r.crash == 0 && r.seen.Waits(f.call)
	r.event(runCalleeSide, func() { r.receive(r.callee.receive, b) })
	if waits {
		r.seen.Asked(r.place)
	}
}

func (r *run) receive(take func([]byte, uint32) drop, b []byte) {
	if why := take(b, runNow); why != kept {
		r.t.Logf("step %d (%s): the datagram is dropped: %v", r.step, r.what, why)
	}
}

// change gives the bytes that arrive, which the network may have altered; ok is false where they cannot be altered so.
func (r *run) change(f *runFlight) (b []byte, ok bool) {
	b = bytes.Clone(f.bytes)
	if len(r.alter) == 0 {
		return b, true
	}
	kind := runBits(b, 0, runKindBits)
	at := slices.IndexFunc(runLayouts, func(l runLayout) bool { return l.kind == kind })
	if at < 0 {
		return nil, false
	}
	l := runLayouts[at]
	for _, a := range r.alter {
		if a.field == "payload" {
			if l.header >= len(f.bytes) {
				return nil, false
			}
			b[l.header] ^= 0x80
			continue
		}
		i := slices.IndexFunc(l.fields, func(x runField) bool { return x.name == a.field })
		if i < 0 {
			return nil, false
		}
		runSetBits(b, l.fields[i].at, l.fields[i].bits, a.value)
	}
	return b, !bytes.Equal(b, f.bytes)
}

// timer: a timer of a peer fires.
func (r *run) timer(side int, name string) {
	timers, poll := r.caller.timers(), r.caller.poll
	if side == runCalleeSide {
		timers, poll = r.callee.timers(), r.callee.poll
	}
	layer := slices.Contains(r.caller.layerTimers(), name)
	if side == runCalleeSide {
		layer = slices.Contains(r.callee.layerTimers(), name)
	}
	t := timers[name]
	if t == nil || !t.running && !layer {
		r.leftOut("the timer does not run")
		return
	}
	if !r.ports[side].outlives(name) {
		r.leftOut("a call is outstanding that the timer outlives")
		return
	}
	r.show(sequence.Fires, side, name, "")
	r.event(side, func() {
		t.running, t.due = true, runNow
		poll(runNow)
	})
}

// crashes: a peer crashes between two events.
func (r *run) crashes(side int) {
	r.showCrash(side)
	r.down(side)
	r.start(side)
}

// replaced: a blank caller takes the place of another, when nothing of it is in flight, runs or waits to be sent.
func (r *run) replaced(side int) {
	if r.handler.number >= 0 {
		r.leftOut("a handler runs")
		return
	}
	r.silent = true
	other, poll := r.callee.timers(), r.callee.poll
	if side == runCalleeSide {
		other, poll = r.caller.timers(), r.caller.poll
	}
	for _, t := range other {
		if t.running {
			t.due = runNow
			poll(runNow)
		}
	}
	r.silent = false
	r.flights = nil
	r.ports[side].memory = nil
	r.show(sequence.Crashes, side, "is replaced by a blank one", "")
	r.down(side)
	r.start(side)
}

// running are the timers of a peer that run, by name.
func (r *run) running(side int) []string {
	timers := r.caller.timers()
	if side == runCalleeSide {
		timers = r.callee.timers()
	}
	var out []string
	for name, t := range timers {
		if t.running {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// ends is the verdict: the property is broken, or it is not.
func (r *run) ends() {
	r.t.Helper()
	if why := r.seen.Broken(r.property); why != "" {
		r.t.Errorf("%s is broken: %s\n%s", r.property, why, r.chart(r.property, r.step))
		return
	}
	if r.left > 0 {
		r.t.Logf("%s is kept; %d of the run's %d steps are not possible in this code", r.property, r.left, r.step)
	}
}
