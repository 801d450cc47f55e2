package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

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
		ok := false
		for _, st := range m.Deliver(w, m.out[m.Caller], q, true) {
			if st.After >= 0 {
				continue
			}
			ok = ok || e.answers(st)
			if st.Next.Env.Run == marked { // it runs again, where it may, and is answered then
				back := Action{Kind: HandlerReturns, Machine: m.Callee, Event: m.Code[m.Callee].M.Event(fsm.OnReturn, "return"), In: []uint32{marked}, After: -1}
				for _, end := range m.Steps(st.Next, back, func(e *Monitor) { m.watchReturn(e) }) {
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

// answers reports whether something that a step of the callee sent ends the call.
func (e *blockEngine) answers(st Step) bool {
	for _, s := range st.Sent {
		for _, end := range e.m.Deliver(st.Next, s.Channel, s.Msg, false) {
			if end.After < 0 && completes(end) >= 0 {
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

// reachAnswers checks `delivered`, read as: from every state, without a further crash and without giving up, an end
// stays reachable; and from every state in which no call is outstanding, a new call can get its answer, or ends as it
// does where the peer had restarted before, and then the call after it can. The worst that
// a network that loses can do is to have lost everything, and more in flight only adds possibilities, so it is enough
// to start each pair of local states with empty channels.
func (e *blockEngine) reachAnswers() {
	m := e.m
	for _, w := range e.list {
		if m.checks[noDeadlock] && !m.canMove(w) { // with everything in flight lost
			e.broke(noDeadlock, "no step is possible")
		}
	}
	if m.Caller < 0 || m.Callee < 0 {
		return
	}
	type start struct {
		key  string
		call bool
	}
	done := map[start]bool{}
	for _, w := range e.list {
		if e.over() {
			return
		}
		w = w.clone()
		w.Env = Monitor{Run: min(w.Env.Run, white), Call: min(w.Env.Call, white)}
		f := front{w, make([]word, len(e.k))}
		e.wash(&f.w)
		if _, err := e.num.rename(f.w.L, nil); err != nil {
			e.refuse(err.Error())
			return
		}
		k := start{worldKey(f.w), f.w.Env.Call != 0}
		if done[k] {
			continue
		}
		done[k] = true
		if !m.checks["delivered"] {
			continue
		}
		if k.call {
			if !e.canEnd(f, 0, false) {
				e.broke("delivered", "a call that is outstanding can no longer end but by giving up")
			}
			continue
		}
		i := m.Caller
		call := m.Code[i].M.Event(fsm.OnCall, "call")
		for _, fn := range m.Fns {
			if !m.Code[i].Enabled(f.w.L[i], call, fn, white) {
				continue // the program makes none
			}
			st := m.finishCall(f.w, Action{Kind: ProgramCalls, Machine: i, Event: call, In: []uint32{fn, white}, After: -1})
			n := front{st.Next, make([]word, len(e.k))}
			for _, s := range st.Sent {
				n.c[s.Channel] = n.c[s.Channel].send(e.k[s.Channel], s.Msg)
			}
			if !e.canEnd(n, fn, true) {
				e.broke("delivered", "after the last crash no call of "+m.fn.Members[fn]+" can get its answer any more")
			}
		}
	}
}

// finishCall makes a call with every question of the layers answered by no.
func (m *Model) finishCall(w World, a Action) Step {
	r := m.Code[a.Machine].Exec(w.L[a.Machine], a.Event, a.In, &fsm.Env{Fresh: freshValue})
	return m.finish(w, a, r.State, r.Effects, func(e *Monitor) { e.Call = white })
}

// layerTimer reports whether a timer is hidden from the proof. That it may fire at any time is right for what must never
// happen, and says nothing about what can.
func (m *Model) layerTimer(a Action) bool {
	for _, t := range m.Sys.Machines[a.Machine].Timers {
		if t.Name == a.Event.Name {
			return t.Layer
		}
	}
	return false
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

// maxEnd bounds one search for the end of a call.
const maxEnd = 20_000

// canEnd searches for an end of the pending call by a datagram (with the handler's answer, where answer says so),
// without crashes, new calls, and giving up.
func (e *blockEngine) canEnd(start front, fn uint32, answer bool) bool {
	key := func(f front) string {
		k := worldKey(f.w)
		for _, c := range f.c {
			k += "|" + c.key()
		}
		return k
	}
	seen := map[string]bool{key(start): true}
	todo := []front{start}
	for len(todo) > 0 {
		if len(seen) > maxEnd {
			e.limit = fmt.Sprintf("whether a call can end was not found within %d states", maxEnd)
			return true // not shown to be broken
		}
		f := todo[0]
		todo = todo[1:]
		var steps []Step
		var after [][]word
		if call := e.m.Code[e.m.Caller].M.Event(fsm.OnCall, "call"); f.w.Env.Call == 0 && e.m.Code[e.m.Caller].Enabled(f.w.L[e.m.Caller], call, fn, white) {
			// it ended otherwise, as it may where the peer had restarted before: then the next call counts
			steps = append(steps, e.m.finishCall(f.w, Action{Kind: ProgramCalls, Machine: e.m.Caller, Event: call, In: []uint32{fn, white}, After: -1}))
			after = append(after, f.c)
		}
		for _, s := range e.m.Local(f.w) {
			if s.Kind == TimerFires && completes(s) < 0 && !e.m.layerTimer(s.Action) || s.Kind == HandlerReturns || s.Kind == FreeEvent {
				steps, after = append(steps, s), append(after, f.c)
			}
		}
		for ch := range f.c {
			for _, x := range f.c[ch].values() {
				c := slices.Clone(f.c)
				c[ch] = f.c[ch].deliver(e.k[ch], x)
				for _, s := range e.m.Deliver(f.w, ch, x, false) {
					steps, after = append(steps, s), append(after, c)
				}
			}
		}
		for i, s := range steps {
			if s.After >= 0 {
				continue
			}
			if o := completes(s); o == fsm.Answer || o >= 0 && !answer {
				return true
			}
			n := front{s.Next, slices.Clone(after[i])}
			for _, x := range s.Sent {
				n.c[x.Channel] = n.c[x.Channel].send(e.k[x.Channel], x.Msg)
			}
			if k := key(n); !seen[k] {
				seen[k] = true
				todo = append(todo, n)
			}
		}
	}
	return false
}
