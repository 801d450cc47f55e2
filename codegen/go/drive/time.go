package drive

import "slices"

// loops: from here on the steps repeat, so often as the test has them.
func (r *run) loops() { r.loopLeft, r.loopAnswers = r.left, r.seen.Answers() }

// sends: the step sends so many datagrams, or it is not the run's.
func (r *run) sends(n int) {
	if r.place != n {
		r.leftOut("it sends otherwise")
	}
}

// repeats: the steps that repeat were taken. Where each was as in the run, and no call was answered, none ever is.
func (r *run) repeats() {
	if r.left == r.loopLeft && r.seen.Answers() == r.loopAnswers {
		r.seen.Unfulfilled(r.property, "what repeats can go on for ever, and no call is answered")
	}
}

// settles: what is in flight is lost, if the channel loses, and from then on nothing is: all that can arrive does; handlers return; timers fire, but for some by which a call
// is given up. Where the outstanding calls do not end so, the oldest first, one never does.
func (r *run) settles(givingUp ...string) {
	if runLoses {
		r.flights = nil
	}
	for r.seen.Pending() >= 0 {
		call := r.seen.Pending()
		for n := 0; n < 40 && r.seen.Pending() == call; n++ {
			r.turn(givingUp)
		}
		if r.seen.Pending() == call {
			r.seen.Unfulfilled(r.property, "the outstanding call never ends, whatever arrives and returns and however often timers fire")
			return
		}
	}
}

// turn lets all arrive that can, the handler return, and timers fire, but for those by which a call can end.
func (r *run) turn(givingUp []string) {
	for _, f := range slices.Clone(r.flights) {
		if !f.delivered && (runOvertaking < 0 || f.later <= runOvertaking) {
			r.next("what is in flight arrives")
			r.deliver(f.step, f.place)
		}
	}
	if r.handler.number >= 0 {
		r.next("the handler returns")
		r.returns()
	}
	for side := range r.ports {
		for _, name := range r.running(side) {
			if !slices.Contains(givingUp, name) {
				r.next("timer " + name)
				r.timer(side, name)
			}
		}
	}
}

// runOld is what a timer that outlives datagrams waits for: those that were in flight at its start, and where it outlives
// calls that which was outstanding then, with all that is sent for it.
type runOld struct {
	flights []*runFlight
	call    int // -1
}

// ages: a timer is started.
func (p *runWorld) ages(timer string) {
	calls, outlives := runOutlives[p.side][timer]
	if !outlives {
		return
	}
	x := runOld{slices.Clone(p.r.flights), -1}
	if calls {
		x.call = p.r.seen.Pending()
	}
	if p.old == nil {
		p.old = map[string]runOld{}
	}
	p.old[timer] = x
}

// mayFire reports whether nothing holds a timer back that runs.
func (p *runWorld) mayFire(timer string) bool {
	x, aged := p.old[timer]
	return !aged || x.call < 0 || p.r.seen.Pending() != x.call
}

// outlives reports whether a timer may fire that runs, and takes away what is gone when it does.
func (p *runWorld) outlives(timer string) bool {
	x, aged := p.old[timer]
	switch {
	case !p.mayFire(timer):
		return false
	case aged:
		p.r.flights = slices.DeleteFunc(p.r.flights, func(f *runFlight) bool {
			return slices.Contains(x.flights, f) || x.call >= 0 && f.call == x.call
		})
		delete(p.old, timer)
	}
	return true
}
