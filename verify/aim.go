package verify

import "sprocketc/fsm"

// aim is something that must come about in every fair run in which no peer crashes any more, and what counts as that.
// Tags are the stages of waiting for it, 0 the first.
type aim interface {
	// tags with which a reachable world is taken up after the last crash; none where nothing is to come about.
	tags(w World) []uint8
	// waits reports whether something is to come about; where not, a run may stay for ever.
	waits(tag uint8) bool
	// judge a step that is no crash: what it comes to, and the tag after it.
	judge(tag uint8, s *Step) (verdict, uint8)
}

// verdict of an aim on a step.
type verdict uint8

const (
	goesOn   verdict = iota
	switched         // off: it is not taken in what the aim speaks of
	met              // what was to come about has
	failed           // and with this step it cannot any more
)

// leadsTo is the aim that from a state in which the trigger holds the goal comes about, at once or later: in every fair
// run in which from then on no peer crashes and the program makes no further call, and unless giveUp says otherwise no
// timer ends a call. Both are predicates over the machines' variables, and over Env.Call and Env.Run alone of the
// monitor. A trigger that a crash does not undo, such as that a call is pending, is judged from after the crash.
func leadsTo(trigger, goal func(World) bool, giveUp bool) aim { return &leads{trigger, goal, giveUp} }

type leads struct {
	trigger, goal func(World) bool
	giveUp        bool
}

func (a *leads) tags(w World) []uint8 {
	if a.trigger(w) && !a.goal(w) {
		return []uint8{0}
	}
	return nil
}

func (a *leads) waits(uint8) bool { return true }

func (a *leads) judge(_ uint8, s *Step) (verdict, uint8) {
	switch {
	case s.Kind == ProgramCalls || !a.giveUp && givesUp(s):
		return switched, 0
	case a.goal(s.Next):
		return met, 0
	}
	return goesOn, 0
}

// givesUp reports whether a timer ends the call, though no timer waits for its end: nobody takes back a promise to be quiet
// until then.
func givesUp(s *Step) bool { return s.Kind == TimerFires && completes(*s) >= 0 && !s.Awaited }

// delivered is the aim that a call that is made after the last crash ends with the handler's answer, where nobody gives
// up; if it ends as `peer restarted`, as it does where the caller had not heard yet of an earlier restart, the next one
// does. A call that was outstanding then ends.
type delivered struct {
	first bool // a call ended as `peer restarted`, and the next one counted
}

// Tags of delivered.
const (
	outstanding = iota // at the last crash
	callNow            // none is: one is to be made
	callMade
	callAgain // it ended as `peer restarted`
	madeAgain
)

func (a *delivered) tags(w World) []uint8 {
	if w.Env.Call != 0 {
		return []uint8{outstanding}
	}
	return []uint8{callNow}
}

func (a *delivered) waits(tag uint8) bool {
	return tag == outstanding || tag == callMade || tag == madeAgain
}

func (a *delivered) judge(tag uint8, s *Step) (verdict, uint8) {
	made := s.Kind == ProgramCalls
	switch {
	case givesUp(s) || made && a.waits(tag) || !made && tag == callNow:
		return switched, 0
	case made:
		tag++
	}
	switch o := completes(*s); {
	case o < 0:
		return goesOn, tag
	case o == fsm.Answer || tag == outstanding:
		return met, 0
	case o == fsm.PeerRestarted && tag == callMade:
		a.first = true
		return goesOn, callAgain
	}
	return failed, 0
}
