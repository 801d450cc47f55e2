package drive

import (
	"fmt"
	"slices"
)

// Kinds of functions, as the observer is told them.
const (
	runPure     = 1 << iota // any number of times
	runEffect               // at most once
	runCommutes             // an execution may come late
	runOnce                 // its effect is committed, and once only
	runOrdered              // executions keep the order of the calls
)

// Outcomes, as the emitted enumeration has them.
const (
	runAnswered      = 0
	runRefused       = 1
	runTimedOut      = 2
	runUnknown       = 3
	runPeerRestarted = 4
)

// Observer sees what the two programs see, and says which properties that breaks: calls and their ends at the caller,
// handlers at the callee, crashes. It knows a call by its arguments and an execution by its answer; where several have
// the same it believes whatever breaks nothing. It never finds fault with what the properties allow.
type Observer struct {
	kinds    []int // by function
	calls    []seenCall
	runs     []seenRun
	pending  []int // calls that are outstanding, in the order in which they were made
	handling int   // execution, or -1
	callee   int   // starts of the callee
	heard    int   // the oldest start of the callee that the caller has heard from since its own start; -1: none
	ignored  int   // requests in a row that were not answered
	broken   map[string]string

	returned int // the execution that returned last, or -1
	// Commits: the callee commits what a handler did, and says so; else it is there when the handler has returned.
	Commits bool
}

type seenCall struct {
	fn, args int
	ended    bool // with an outcome, or by the caller's crash
	outcome  int  // -1: none
	starts   int
	commits  int
	callee   int   // starts of the callee when it was made
	heard    int   // as of Observer, when it was made
	behind   []int // calls that were outstanding then
}

type seenRun struct {
	fn, call, answer int
	start            int // of the callee
	returned         bool
}

// NewObserver knows the kind of each function.
func NewObserver(kinds []int) *Observer {
	return &Observer{kinds: kinds, handling: -1, heard: -1, returned: -1, broken: map[string]string{}}
}

// Kind is the kind of a function for NewObserver.
func Kind(pure, effect, once, commutes, ordered bool) int {
	k := 0
	if pure {
		k |= runPure
	}
	if effect {
		k |= runEffect
	}
	if once {
		k |= runOnce
	}
	if commutes {
		k |= runCommutes
	}
	if ordered {
		k |= runOrdered
	}
	return k
}

// Broken says how a property was broken first, in words; "" where it was not.
func (o *Observer) Broken(property string) string { return o.broken[property] }

func (o *Observer) bad(property, format string, args ...any) {
	if o.broken[property] == "" {
		o.broken[property] = fmt.Sprintf(format, args...)
	}
}

func (o *Observer) is(fn, kind int) bool {
	return fn >= 0 && fn < len(o.kinds) && o.kinds[fn]&kind != 0
}

// Pending is the oldest call that is outstanding, or -1.
func (o *Observer) Pending() int {
	if len(o.pending) == 0 {
		return -1
	}
	return o.pending[0]
}

// Alone is the call that is outstanding, or -1 where there is none, or more than one.
func (o *Observer) Alone() int {
	if len(o.pending) != 1 {
		return -1
	}
	return o.pending[0]
}

// Outstanding reports whether a call is outstanding that was made with arguments of a number.
func (o *Observer) Outstanding(fn, args int) bool {
	return slices.ContainsFunc(o.pending, func(i int) bool { return o.calls[i].fn == fn && o.calls[i].args == args })
}

// Of is the outstanding call that was made with arguments of a number, or -1 where that may be several, or none.
func (o *Observer) Of(fn, args int) int {
	call := -1
	for _, i := range o.pending {
		if c := o.calls[i]; c.fn == fn && c.args == args {
			if call >= 0 {
				return -1
			}
			call = i
		}
	}
	return call
}

// Next is the number of the next call, from 0.
func (o *Observer) Next() int { return len(o.calls) }

// Made: the program makes a call, with arguments that have a number.
func (o *Observer) Made(fn, args int) {
	o.calls = append(o.calls, seenCall{fn: fn, args: args, outcome: -1, callee: o.callee, heard: o.heard, behind: slices.Clone(o.pending)})
	o.pending, o.ignored = append(o.pending, len(o.calls)-1), 0
}

// Started: a handler starts, with arguments of a number, or -1 where they are no call's. The datagram that brought it was
// sent for a call, or -1 where that is not known. It returns the number of the execution.
func (o *Observer) Started(fn, args, sentFor int) int {
	if o.handling >= 0 {
		o.bad("serial", "a handler starts while another runs")
	}
	call, alike := -1, 0
	for i, c := range o.calls {
		if c.fn == fn && c.args == args {
			alike++
			if call < 0 || i == sentFor {
				call = i
			}
		}
	}
	if alike > 1 && call != sentFor {
		call = -1 // it may be any of them
	}
	o.handling = len(o.runs)
	o.runs = append(o.runs, seenRun{fn: fn, call: call, answer: -1, start: o.callee})
	if call < 0 {
		return o.handling
	}
	c := &o.calls[call]
	c.starts++
	if o.is(fn, runEffect) && c.starts > 1 {
		o.bad("at_most_once", "call %d runs a second time", call+1)
	}
	if o.is(fn, runEffect|runOnce) {
		if c.ended {
			switch c.outcome {
			case runTimedOut, runRefused:
				o.bad("honest_outcome", "call %d runs after it was reported as not run", call+1)
			case runAnswered, runPeerRestarted:
				o.bad("final", "call %d runs after it had ended for good", call+1)
			}
		}
	}
	if o.is(fn, runOrdered) {
		o.inOrder(call)
	}
	if o.is(fn, runPure) || o.is(fn, runCommutes) {
		return o.handling
	}
	for i, later := range o.calls {
		if i > call && c.ended && later.starts > 0 && !o.is(later.fn, runPure) {
			o.bad("no_stale", "call %d runs after call %d, which was made after its end", call+1, i+1)
		}
	}
	return o.handling
}

// inOrder: an ordered call starts. None that was made after it has, nor is one skipped that was outstanding when it was made.
func (o *Observer) inOrder(call int) {
	for i, later := range o.calls {
		if i > call && later.starts > 0 && o.is(later.fn, runOrdered) {
			o.bad("ordered", "call %d runs after call %d, which was made after it", call+1, i+1)
		}
	}
	for _, i := range o.calls[call].behind {
		if o.calls[i].starts == 0 && o.is(o.calls[i].fn, runOrdered) {
			o.bad("ordered", "call %d runs, and call %d, which was made before it, has not", call+1, i+1)
		}
	}
}

// Returned: the handler that runs returns an answer that has a number.
func (o *Observer) Returned(answer int) {
	if o.handling >= 0 {
		o.runs[o.handling].returned, o.runs[o.handling].answer = true, answer
	}
	o.returned, o.handling = o.handling, -1
	if !o.Commits {
		o.Committed()
	}
}

// Committed: what the handler that returned last did is durable.
func (o *Observer) Committed() {
	if o.returned < 0 || o.runs[o.returned].call < 0 {
		return
	}
	call := o.runs[o.returned].call
	c := &o.calls[call]
	if c.commits++; c.commits > 1 && o.is(c.fn, runOnce) {
		o.bad("exactly_once", "the effect of call %d is committed a second time", call+1)
	}
}

// Reported: the caller tells of a call for which the program does not wait that it was answered; the arguments and the answer
// have numbers, or -1.
func (o *Observer) Reported(fn, args, answer int) {
	call, own := -1, false
	for i, c := range o.calls {
		if c.fn != fn || c.args != args {
			continue
		}
		for _, r := range o.runs {
			if r.returned && r.answer == answer && (r.call == i || r.call < 0 && r.fn == fn) {
				call, own = max(call, min(r.call, i)), true
			}
		}
	}
	if !own {
		o.bad("own_answer", "a call is reported with an answer that is not its own")
	}
	if call < 0 {
		return
	}
	c := &o.calls[call]
	c.ended, c.outcome = true, runAnswered
	o.uncommitted(call)
}

// uncommitted: a call has its answer, so its effect has to be there.
func (o *Observer) uncommitted(call int) {
	if c := &o.calls[call]; o.is(c.fn, runOnce) && c.commits == 0 {
		o.bad("exactly_once", "call %d is answered, and its effect is not there", call+1)
	}
}

// Ended: the caller reports the outcome of an outstanding call; of an answer its number, or -1 where it is no handler's. At
// once: within the call itself, which only a remembered answer can do.
func (o *Observer) Ended(call, outcome, answer int, atOnce bool) {
	at := slices.Index(o.pending, call)
	if at < 0 {
		o.bad("own_answer", "a call ends that was not made")
		return
	}
	c := &o.calls[call]
	o.pending = slices.Delete(o.pending, at, at+1)
	c.ended, c.outcome = true, outcome
	switch outcome {
	case runAnswered:
		own := atOnce
		for _, r := range o.runs {
			own = own || r.returned && r.call == call && r.answer == answer
		}
		o.uncommitted(call)
		if !own {
			o.bad("own_answer", "call %d ends with an answer that is not its own", call+1)
		}
	case runTimedOut, runRefused:
		if c.starts > 0 && o.is(c.fn, runEffect) {
			o.bad("honest_outcome", "call %d is reported as not run, and it ran", call+1)
		}
	case runPeerRestarted:
		// The incarnation that the call was sent to is over where there was a start since, or where the caller knew only
		// of an earlier one.
		if o.callee == c.callee && (c.heard < 0 || c.heard == o.callee) {
			o.bad("no_spurious_restart", "call %d ends as if the callee had restarted", call+1)
		}
	}
}

// Heard: a datagram reaches the caller that the callee sent after so many starts.
func (o *Observer) Heard(start int) {
	if o.heard < 0 || start < o.heard {
		o.heard = start
	}
}

// CalleeStarts counts the starts of the callee after its first.
func (o *Observer) CalleeStarts() int { return o.callee }

// CallerCrashed: outstanding calls have no outcome any more, and what was heard is forgotten.
func (o *Observer) CallerCrashed() {
	for _, call := range o.pending {
		o.calls[call].ended = true
	}
	o.pending, o.heard = nil, -1
}

// CalleeCrashed: no handler runs any more.
func (o *Observer) CalleeCrashed() {
	o.callee++
	o.handling = -1
}

// Waits reports whether a call is outstanding whose handler has returned in the present incarnation of the callee, and
// none runs: then a request for it is to be answered.
func (o *Observer) Waits(call int) bool {
	if call < 0 || !slices.Contains(o.pending, call) || o.handling >= 0 {
		return false
	}
	for _, r := range o.runs {
		if r.returned && r.call == call && r.start == o.callee {
			return true
		}
	}
	return false
}

// Asked: a request has arrived for a call that waited, and the callee sent so many datagrams upon it. One that is not
// answered may have been held back; of two in a row none was.
func (o *Observer) Asked(sent int) {
	if sent > 0 || o.handling >= 0 {
		o.ignored = 0
		return
	}
	if o.ignored++; o.ignored > 1 {
		o.bad("useful", "call %d is asked about again and again, and the callee says nothing", o.Pending()+1)
	}
}

// Answers counts the calls that were answered.
func (o *Observer) Answers() int {
	n := 0
	for _, c := range o.calls {
		if c.outcome == runAnswered {
			n++
		}
	}
	return n
}

// Unfulfilled: what a property of progress asks for does not come about.
func (o *Observer) Unfulfilled(property, how string) { o.bad(property, "%s", how) }
