package verify

import "sprocketc/fsm"

// useful: while the marked call is pending and the callee has not restarted since its handler ended, a request that
// comes again while no handler runs is answered again, with an answer that ends the call. It depends on the endpoints
// alone.
func (e *blockEngine) useful(w World) {
	m := e.m
	if !m.checks["useful"] || w.Env.Phase != pending || w.Env.Done == 0 || w.Env.Run != 0 || m.Caller < 0 || m.Callee < 0 {
		return
	}
	c := m.Code[m.Caller]
	var requests []Msg
	for _, ev := range c.M.Events {
		if ev.Kind == fsm.OnTimer && c.Enabled(w.L[m.Caller], ev) {
			requests = append(requests, e.pureSends(m.Caller, w.L[m.Caller], ev, nil)...)
		}
	}
	for _, q := range requests {
		if m.lanes && !e.coloured(q, marked) || !m.asks(q) {
			continue
		}
		ok := false
		for _, st := range m.Deliver(w, m.out[m.Caller], q, true) {
			if st.After >= 0 {
				continue
			}
			ok = ok || e.answers(st)
			if st.Next.Env.Run == marked { // it runs again, where it may, and is answered then
				back := Action{Kind: HandlerReturns, Machine: m.Callee, Event: m.Code[m.Callee].M.Event(fsm.OnReturn, "return"), In: []uint32{marked}, After: -1}
				for _, end := range m.Steps(st.Next, back, m.watchReturn) {
					ok = ok || end.After < 0 && e.answers(end)
				}
			}
		}
		if !ok {
			e.broke("useful", "a request whose handler has ended is not answered again")
			return
		}
	}
}

// asks reports whether a datagram's receiver ever says or runs anything at its arrival. What only brings a piece of a value is
// no request.
func (m *Model) asks(q Msg) bool {
	to := m.Sys.Machines[m.Callee]
	var reacts func(body []*fsm.Stage) bool
	reacts = func(body []*fsm.Stage) bool {
		found := false
		fsm.WalkStages(body, func(s *fsm.Stage) {
			switch x := s.Stmt.(type) {
			case *fsm.Send, *fsm.Invoke:
				found = true
			case *fsm.Do:
				found = found || reacts(to.Tail(x.Tail).Body)
			}
		})
		return found
	}
	e := m.receive(m.Callee, q)
	return e == nil || reacts(e.Body)
}

// answers reports whether something that a step of the callee sent ends the call.
func (e *blockEngine) answers(st Step) bool {
	for _, s := range st.Sent {
		for _, end := range e.m.Deliver(st.Next, s.Channel, s.Msg, false) {
			if end.After < 0 && completes(end) >= 0 && end.Next.Env.Phase != pending {
				return true
			}
		}
	}
	return false
}

// completes is the outcome with which a step ends the call, or -1.
func completes(s Step) int {
	for _, f := range s.Effects {
		if f.Kind == fsm.DidComplete {
			return int(f.Outcome)
		}
	}
	return -1
}

// findDeadlocks checks that something is possible in every state, with everything in flight lost.
func (e *blockEngine) findDeadlocks() {
	for _, w := range e.list {
		if e.m.checks[noDeadlock] && !e.m.canMove(w) {
			e.broke(noDeadlock, "no step is possible")
		}
	}
}

// canMove reports whether anything but a crash can happen.
func (m *Model) canMove(w World) bool {
	for _, s := range m.Local(w) {
		if s.Kind != Crashes && s.After < 0 {
			return true
		}
	}
	return false
}
