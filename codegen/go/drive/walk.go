package drive

import (
	"slices"
)

// runWalk is a random run: each of its actions is a step that the channel and the peers may take, chosen by draw. An action
// that is not possible now is skipped.
type runWalk struct {
	*run
	draw func(what string, n int) int // from 0 to n-1, the simplest first
	skip func()                       // does not return
}

// runQuiet is a test without its remarks on steps: the chart has them.
type runQuiet struct{ runT }

func (runQuiet) Logf(string, ...any) {}

// newRunWalk begins a random run where both peers start with blank memory.
func newRunWalk(t runT, draw func(string, int) int, skip func()) *runWalk {
	return &runWalk{newRun(runQuiet{t}, ""), draw, skip}
}

// check fails where one of the program's properties is broken, and draws the run.
func (w *runWalk) check() {
	w.t.Helper()
	if p, why := w.breaks(); why != "" {
		w.broken(p, why, w.step)
	}
}

func (w *runWalk) broken(property, why string, steps int) {
	w.t.Helper()
	w.t.(runQuiet).runT.Logf("the run:\n%s", w.chart(property, steps))
	w.t.Fatalf("%s is broken: %s", property, why)
}

// settle fails where an outstanding call does not end although nothing is lost any more, no peer crashes and no timer gives up. Whether
// that breaks another property is not looked at: it cannot be made shorter.
func (w *runWalk) settle() {
	w.t.Helper()
	w.property = "delivered"
	if !slices.Contains(runProperties, w.property) {
		return
	}
	steps := w.step
	w.next("nothing is lost any more")
	w.settles(runGivingUp...)
	if why := w.seen.Broken(w.property); why != "" {
		w.broken(w.property, why, steps)
	}
}

// begins begins a step of a peer: what layers answer in it, and whether it crashes.
func (w *runWalk) begins(side int, what string) {
	w.next(what)
	vars, names := w.caller.layers(), w.caller.layerTimers()
	if side == runCalleeSide {
		vars, names = w.callee.layers(), w.callee.layerTimers()
	}
	for name := range vars {
		names = append(slices.Clone(names), name)
	}
	slices.Sort(names)
	for _, name := range names {
		if w.draw("layer "+name+" answers", 8) == 7 {
			w.layer(name)
		}
	}
	if w.mayCrash(side) {
		if n := w.draw("crash", 24) - 20; n > 0 {
			w.crashAfter(n)
			w.fate(side)
		}
	}
}

func (w *runWalk) mayCrash(side int) bool { return w.ports[side].mayCrash() }

// fate of a peer that crashes.
func (w *runWalk) fate(side int) {
	if len(runRecords[side]) == 0 {
		return
	}
	if w.draw("torn", 2) == 1 {
		w.tear()
	}
	if n := w.draw("crash in start", 4); n > 1 {
		w.crashInStart(n-1, w.draw("torn in start", 2) == 1)
	}
}

// calls: the program makes any call, mostly with arguments that no other call has, and never with those of one that is outstanding.
func (w *runWalk) calls() {
	if w.seen.Pending() >= 0 && !runSeveral || !w.caller.free() {
		w.skip()
	}
	fn := w.draw("function", len(runFunctions))
	n := len(runFunctions[fn].args)
	number := w.seen.Next() % n
	if w.draw("arguments of their own", 8) == 7 {
		number = w.draw("arguments", n)
	}
	if w.seen.Outstanding(fn, number) {
		w.skip()
	}
	w.begins(runCallerSide, "call")
	w.make(fn, number)
}

// returns: the handler ends.
func (w *runWalk) handlerReturns() {
	if w.handler.number < 0 {
		w.skip()
	}
	w.begins(runCalleeSide, "return")
	w.returns()
}

// arrives: a datagram of a peer arrives that has not, or one that has.
func (w *runWalk) arrives(from int, again bool) {
	if again && !runRepeats {
		w.skip()
	}
	var ready []*runFlight // the newest first
	for i, f := range slices.Backward(w.flights) {
		if f.from == from && f.delivered == again && w.ready(i) {
			ready = append(ready, f)
		}
	}
	if len(ready) == 0 {
		w.skip()
	}
	f := ready[w.draw("datagram", len(ready))]
	var changed runAlter
	altered := runCorrupts && w.draw("altered", 8) == 7
	if altered {
		changed = w.bit(f)
	}
	w.begins(1-f.from, "arrival")
	if altered {
		w.altered(changed.field, changed.value)
	}
	if f.from == runCallerSide && w.seen.Waits(f.call) {
		w.layers = nil // an answer is not held back
	}
	w.deliver(f.step, f.place)
}

// ready reports whether the channel lets a datagram arrive. Where nothing is lost, those before it must still be able to.
func (w *runWalk) ready(at int) bool {
	f := w.flights[at]
	if runOvertaking < 0 {
		return true
	}
	if f.later > runOvertaking {
		return false
	}
	for _, e := range w.flights[:at] {
		if !runLoses && !f.delivered && !e.delivered && e.from == f.from && e.later+1 > runOvertaking {
			return false
		}
	}
	return true
}

// bit chooses a bit of a datagram, which every checksum notices.
func (w *runWalk) bit(f *runFlight) runAlter {
	kind := runBits(f.bytes, 0, runKindBits)
	at := slices.IndexFunc(runLayouts, func(l runLayout) bool { return l.kind == kind })
	if at < 0 {
		w.skip()
	}
	l := runLayouts[at]
	n := w.draw("altered field", len(l.fields))
	if n == 0 { // the kind
		if l.header >= len(f.bytes) {
			w.skip()
		}
		return runAlter{"payload", 0}
	}
	x := l.fields[n]
	if x.bits == 0 {
		w.skip()
	}
	return runAlter{x.name, runBits(f.bytes, x.at, x.bits) ^ 1<<w.draw("altered bit", x.bits)}
}

// fires: a timer fires that runs.
func (w *runWalk) fires() {
	type choice struct {
		side int
		name string
	}
	var ready []choice
	for side := range w.ports {
		names := w.running(side)
		if side == runCallerSide {
			names = append(names, w.caller.layerTimers()...)
		} else {
			names = append(names, w.callee.layerTimers()...)
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if w.ports[side].mayFire(name) {
				ready = append(ready, choice{side, name})
			}
		}
	}
	if len(ready) == 0 {
		w.skip()
	}
	slices.SortStableFunc(ready, func(a, b choice) int { // those that give a call up come last
		return slices.Index(runGivingUp, a.name) - slices.Index(runGivingUp, b.name)
	})
	x := ready[w.draw("timer", len(ready))]
	w.begins(x.side, "timer "+x.name)
	w.timer(x.side, x.name)
}

// crash: a peer crashes between two events.
func (w *runWalk) crash() {
	var may []int
	for side := range w.ports {
		if w.mayCrash(side) {
			may = append(may, side)
		}
	}
	if len(may) == 0 {
		w.skip()
	}
	side := may[w.draw("peer", len(may))]
	w.next("crash")
	w.fate(side)
	w.torn = false // nothing was being written
	w.crashes(side)
}
