package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// The colours of payloads. One call among any number is marked; since no machine tests a payload (fsm's types see to
// it), what holds for the marked call holds for every call (Wolper 1986). The calls of lasting effect that are made
// after its end are told apart as late, and where executions keep an order those that are made while it is outstanding.
const (
	white  = 1
	marked = 2
	late   = 3
	after  = 5 // made while the marked call was outstanding; 4 is garbage
)

// How far the marked call is.
const (
	notMade  = iota
	pending  // made, no outcome yet
	open     // ended; nothing was promised about its executions
	notRun   // ended as not run: it must never run
	finished // ended for good: it must not start any more
)

// maxBudgets is how many machines, from the first on, may crash a limited number of times.
const maxBudgets = 4

// Monitor watches the properties. It is part of the state.
type Monitor struct {
	Run       uint8 // colour of the running handler; 0: none runs
	Call      uint8 // colour of the pending call; 0: none is pending
	Phase     uint8
	Fn        uint8             // function of the marked call
	Starts    uint8             // of the marked call's handler: 0, 1, 2
	Commits   uint8             // of the marked call's effect, where it must commit once and only once: 0, 1, 2
	Others    [2]uint8          // unmarked calls that are outstanding, where several may be: white ones, and those made after the marked one
	Late      uint8             // what has started of what was made after the marked call: lateStarted, orderedStarted
	Restarted uint8             // 1: the callee has restarted since the marked call was made
	Done      uint8             // 1: the marked call's handler ended, and the callee has not restarted since
	Crashed   [maxBudgets]uint8 // crashes so far by machine, counted only where it has a budget
	Outcome   uint8             // of the marked call, from 1; 0: none yet. Only where an assertion asks for it
	Seen      uint8             // the latches that have closed, a bit each
	Old       uint8             // the timers at whose start the pending call was pending, and that run, a bit each
	Starting  uint8             // the function of an unmarked call, from 1, in the moment in which its handler starts; 0 in every state
}

// Bits of Monitor.Late.
const (
	lateStarted    = 1 << iota // a call after which the marked one must not start, since it had ended when that was made
	orderedStarted             // a call after which the marked one must not start, since both keep the order of the calls
)

// append the monitor to bytes that are equal for equal ones only.
func (e Monitor) append(b []byte) []byte {
	return append(b, e.Run, e.Call, e.Phase, e.Fn, e.Starts, e.Commits, e.Others[0], e.Others[1], e.Late, e.Restarted, e.Done,
		e.Crashed[0], e.Crashed[1], e.Crashed[2], e.Crashed[3], e.Outcome, e.Seen, e.Old)
}

// calls lists the steps of a call by the program, for every function and colour.
func (m *Model) calls(w World, a Action) []Step {
	if w.Env.Call != 0 && !m.lanes {
		return nil
	}
	a.Kind = ProgramCalls
	var out []Step
	for _, fn := range m.Fns {
		colours := []uint8{white}
		switch {
		case m.plain:
		case w.Env.Phase == notMade:
			colours = []uint8{white, marked}
		case w.Env.Phase == pending && m.keepOrder(fn, w.Env):
			colours = []uint8{after}
		case m.comesLate(fn, w.Env):
			colours = []uint8{late}
		}
		for _, col := range colours {
			if col != marked && m.Unmarked != nil && !slices.Contains(m.Unmarked, fn) {
				continue
			}
			a.In, a.Colour = []uint32{fn, uint32(col)}, col
			if !m.Code[a.Machine].Enabled(w.L[a.Machine], a.Event, a.In...) {
				continue
			}
			out = append(out, m.Steps(w, a, func(s *Step) {
				e := &s.Next.Env
				e.Call = max(e.Call, white)
				switch {
				case !m.lanes || col == marked:
					e.Call = col
				case int(e.Others[0])+int(e.Others[1]) == maxOutstanding:
					s.Bad, s.Why = tooLarge, fmt.Sprintf("more than %d calls are outstanding", maxOutstanding)
				case col == white:
					e.Others[0]++
				default:
					e.Others[1]++
				}
				if col == marked {
					e.Phase, e.Fn = pending, uint8(fn)
				}
			})...)
		}
	}
	return out
}

func (m *Model) effect(e *Monitor) bool { return m.in(uint32(e.Fn), "effect") }

// staleAfter reports whether the marked call must not start any more once one of a function has that is made after its end.
func (m *Model) staleAfter(fn uint32, e Monitor) bool {
	return m.checks["no_stale"] && !m.in(fn, "pure") && !m.in(uint32(e.Fn), "pure") && !m.in(uint32(e.Fn), "commutes")
}

// comesLate reports whether a call of a function that is made now is told apart as late.
func (m *Model) comesLate(fn uint32, e Monitor) bool {
	return e.Phase >= open && (m.staleAfter(fn, e) || m.keepOrder(fn, e))
}

// distinct reports whether a colour tells a call from the white ones.
func distinct(colour uint32) bool { return colour == marked || colour == late || colour == after }

// keepOrder reports whether executions of the marked call and of one of a function keep the order of the calls.
func (m *Model) keepOrder(fn uint32, e Monitor) bool {
	return m.checks["ordered"] && m.in(fn, "ordered") && m.in(uint32(e.Fn), "ordered")
}

func (m *Model) once(e *Monitor) bool { return m.in(uint32(e.Fn), "once") }

// watching is the model with an eye on some properties only. A step that breaks another one goes on as if it did not, so
// that no property hides another.
func (m *Model) watching(want func(property string) bool) *Model {
	k := *m
	k.want = want
	return &k
}

func (m *Model) watches(property string) bool { return m.want == nil || m.want(property) }

// bad notes the first property that a step breaks, if it is one to check.
func (m *Model) bad(s *Step, property, format string, args ...any) {
	if s.Bad == "" && m.checks[property] && m.watches(property) {
		s.Bad, s.Why = property, fmt.Sprintf(format, args...)
	}
}

// watch lets the monitor see the effects of a step, in order.
func (m *Model) watch(s *Step, before []fsm.State) { m.watchEffects(s, s.Effects, before) }

// watchEffects is watch of some effects.
func (m *Model) watchEffects(s *Step, fx []fsm.Effect, before []fsm.State) {
	for _, f := range fx {
		switch f.Kind {
		case fsm.DidInvoke:
			m.watchStart(s, f)
		case fsm.DidComplete:
			m.watchEnd(s, f, before)
		case fsm.DidReport:
			m.watchReport(s, f)
		case fsm.DidPersist:
			if f.Commit && s.Kind == HandlerReturns {
				m.watchCommit(s, uint8(s.In[0]))
			}
		case fsm.DidBreach:
			if s.Bad == "" && m.watches(f.Name) {
				s.Bad, s.Why = f.Name, "reported by "+m.Sys.Machines[s.Machine].Name
			}
		}
	}
}

func (m *Model) watchStart(s *Step, f fsm.Effect) {
	colour := max(uint8(f.Slot), white) // one that was given none runs as well
	if colour != marked {
		m.startsOther(s, f)
	}
	e := &s.Next.Env
	if e.Run != 0 {
		m.bad(s, "serial", "a handler starts while another runs")
	}
	e.Run = colour
	if colour == after && e.Starts == 0 {
		m.bad(s, "ordered", "a call starts that was made while this one was outstanding, and this one has not")
	}
	if colour == late && m.staleAfter(f.Fn, *e) {
		e.Late |= lateStarted
	}
	if (colour == late || colour == after) && m.keepOrder(f.Fn, *e) {
		e.Late |= orderedStarted
	}
	if colour != marked {
		return
	}
	e.Done = 0
	if e.Starts < 2 {
		e.Starts++
	}
	if m.effect(e) && e.Starts == 2 {
		m.bad(s, "at_most_once", "it runs a second time")
	}
	if m.effect(e) || m.once(e) {
		switch e.Phase {
		case notRun:
			m.bad(s, "honest_outcome", "it runs after it was reported as not run")
		case finished:
			m.bad(s, "final", "it starts after its call had ended for good")
		}
	}
	if e.Late&lateStarted != 0 {
		m.bad(s, "no_stale", "it starts after a call that was made later has started")
	}
	if e.Late&orderedStarted != 0 {
		m.bad(s, "ordered", "it starts after a call that was made after it")
	}
}

func (m *Model) watchEnd(s *Step, f fsm.Effect, before []fsm.State) {
	e := &s.Next.Env
	whose := e.Call
	if m.lanes {
		whose = uint8(f.Args)
	}
	if !e.outstanding(whose, m.lanes) {
		m.bad(s, "own_answer", "a call ends that was not made")
		return
	}
	if f.Outcome == fsm.Answer && !f.Memo && uint8(f.Slot) != whose {
		m.bad(s, "own_answer", "a call ends with the answer to another")
	}
	if whose == marked {
		m.answeredUncommitted(s, f)
		effect := m.effect(e)
		e.Phase = open
		if m.outcomes {
			e.Outcome = uint8(f.Outcome) + 1
		}
		switch f.Outcome {
		case fsm.TimedOut, fsm.Refused:
			if effect && e.Starts > 0 {
				m.bad(s, "honest_outcome", "it is reported as not run, and it ran")
			}
			if effect {
				e.Phase = notRun
			}
		case fsm.Answer:
			if effect || m.once(e) {
				e.Phase = finished
			}
		case fsm.PeerRestarted:
			if !m.restarted(e, before) {
				m.bad(s, "no_spurious_restart", "the incarnation of the peer that the call was sent to is still there")
			}
			if effect {
				e.Phase = finished
			}
		}
	}
	e.Call, e.Old = 0, 0
	if m.lanes {
		e.ends(whose)
	}
}

// maxOutstanding bounds the calls that may be outstanding beside the marked one.
const maxOutstanding = 100

// outstanding reports whether a call of this colour is; without lanes any is that has not ended.
func (e *Monitor) outstanding(colour uint8, lanes bool) bool {
	switch {
	case !lanes:
		return e.Call != 0
	case colour == marked:
		return e.Phase == pending
	case colour <= white:
		return e.Others[0] > 0
	}
	return e.Others[1] > 0
}

// ends takes a call of a colour from those that are outstanding; Call says whether any is left, and the marked one.
func (e *Monitor) ends(colour uint8) {
	switch {
	case colour <= white:
		e.Others[0]--
	case colour != marked:
		e.Others[1]--
	}
	switch {
	case e.Phase == pending:
		e.Call = marked
	case e.Others != [2]uint8{}:
		e.Call = white
	}
}

// watchReport: a call is over for which no program waits any more. It tells whose it is by its arguments.
func (m *Model) watchReport(s *Step, f fsm.Effect) {
	if f.Outcome != fsm.Answer {
		return
	}
	if f.Slot != f.Args {
		m.bad(s, "own_answer", "a call is reported with the answer to another")
	}
	if uint8(f.Args) != marked {
		return
	}
	m.answeredUncommitted(s, f)
	s.Next.Env.Phase = finished
}

// answeredUncommitted: the marked call has its answer, so its effect has to be there.
func (m *Model) answeredUncommitted(s *Step, f fsm.Effect) {
	if e := &s.Next.Env; f.Outcome == fsm.Answer && m.once(e) && e.Commits == 0 {
		m.bad(s, "exactly_once", "it is answered, and its effect has not been committed")
	}
}

// watchReturn: a handler is over. Where its machine commits nothing, what the handler did is there from now on.
func (m *Model) watchReturn(s *Step) {
	e := &s.Next.Env
	was := e.Run
	if was == marked {
		e.Done = 1
	}
	e.Run = 0
	if !m.commits {
		m.watchCommit(s, was)
	}
}

// watchCommit: what the handler of a call of this colour did becomes durable.
func (m *Model) watchCommit(s *Step, colour uint8) {
	e := &s.Next.Env
	if colour != marked || !m.once(e) {
		return
	}
	if e.Commits < 2 {
		e.Commits++
	}
	if e.Commits == 2 {
		m.bad(s, "exactly_once", "its effect is committed a second time")
	}
}

// watchCrash: volatile state is gone, and with it a running handler or a waiting program.
func (m *Model) watchCrash(e *Monitor, machine int) {
	if b := m.Sys.Machines[machine].Budget; b > 0 && int(e.Crashed[machine]) < b {
		e.Crashed[machine]++
	}
	if machine == m.Callee {
		e.Run, e.Done = 0, 0
		if e.Phase == pending && (m.epoch[0] < 0 || m.blind) {
			e.Restarted = 1
		}
	}
	if machine == m.Caller {
		if e.Phase == pending {
			e.Phase = open
		}
		e.Call, e.Old, e.Others = 0, 0, [2]uint8{}
	}
}

// settle forgets what no property can ask any more. mayArrive says whether a datagram of the marked call is in flight.
// A marked call that has ended, runs no more and cannot be delivered is as good as never marked: the state is one that
// was reached without the mark, since machines do not see colours. It reports whether colours are to be washed out.
func (m *Model) settle(e *Monitor, mayArrive bool) (wash bool) {
	if e.Phase != pending {
		e.Restarted, e.Done = 0, 0
	}
	if e.Phase >= open && !mayArrive && e.Run != marked && !m.keeps {
		e.Others[0], e.Others[1] = e.Others[0]+e.Others[1], 0
		*e = Monitor{Run: e.Run, Call: e.Call, Others: e.Others, Crashed: e.Crashed, Seen: e.Seen, Old: e.Old}
		if e.Run >= late {
			e.Run = white
		}
		if e.Call >= late {
			e.Call = white
		}
		return true
	}
	return false
}

// alive reports whether a payload of this colour can still show something of the marked call: its own, or one of a call made
// while it was outstanding, which must not run unless it did.
func (m *Model) alive(e Monitor, colour uint32) bool {
	return colour == marked || colour == after && e.Starts == 0
}
