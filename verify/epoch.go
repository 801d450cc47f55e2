package verify

import (
	"slices"

	"sprocketc/fsm"
)

// restarted reports whether the incarnation of the callee to which the marked call was sent is over. Where the caller
// sends the callee's epoch with every request, that is so when it is not the callee's present one: a caller that has not
// heard of a restart sends to an incarnation that is over, and cannot tell whether it ran the call before its end. One that
// has not heard of any epoch, or sends none, must have made the call before a restart.
func (m *Model) restarted(e *Monitor, before []fsm.State) bool {
	if x := m.Sys.Machines[m.Callee]; !x.Crashes && !x.Erased {
		return false
	}
	if m.epoch[0] < 0 || before[m.Caller][m.epoch[0]] == 0 || !m.carries(uint32(e.Fn)) {
		return e.Restarted == 1
	}
	return before[m.Caller][m.epoch[0]] != before[m.Callee][m.epoch[1]]
}

// epochSlots finds the caller's copy of the callee's epoch and the epoch itself: variables of one sort, of which the
// callee's is given another value by each start and by nothing else, and the caller's is sent with every payload.
func (m *Model) epochSlots() [2]int {
	none := [2]int{-1, -1}
	if m.Caller < 0 || m.Callee < 0 {
		return none
	}
	for i, x := range m.Code[m.Callee].Layout {
		if s := m.Sys.Sort(x.Type.Name); s == nil || x.Type.Scope != "" || !m.setByStart(m.Code[m.Callee], x) {
			continue
		}
		for j, y := range m.Code[m.Caller].Layout {
			if y.Type.Name == x.Type.Name && y.Kind == fsm.VarSlot && m.sentWithPayloads(m.Code[m.Caller], y.Name) {
				return [2]int{j, i}
			}
		}
	}
	return none
}

// setByStart reports whether a variable only ever grows, is set by the restart event alone, and does not begin again: it is
// drawn at random or kept in stable memory.
func (m *Model) setByStart(c *fsm.Code, x fsm.Slot) bool {
	if !grows(c, x.Name) || x.Kind != fsm.FieldSlot && !m.Sys.Sort(x.Type.Name).Token {
		return false
	}
	sets := func(body []*fsm.Stage) (found bool) {
		fsm.WalkStages(body, func(s *fsm.Stage) {
			switch s := s.Stmt.(type) {
			case *fsm.Assign:
				n, is := s.Target.(*fsm.Name)
				found = found || is && n.Name == x.Name
			case *fsm.Persist:
				found = found || slices.ContainsFunc(s.Fields, func(f fsm.FieldValue) bool { return f.Name == x.Name })
			}
		})
		return
	}
	start := false
	for _, e := range c.M.Events {
		if is := sets(e.Body); is && e.Kind != fsm.OnRestart {
			return false
		} else if is {
			start = true
		}
	}
	return start && !slices.ContainsFunc(c.M.Tails, func(t *fsm.Tail) bool { return sets(t.Body) })
}

// carries reports whether the requests for a function carry the epoch.
func (m *Model) carries(fn uint32) bool {
	name := m.Code[m.Caller].Layout[m.epoch[0]].Name
	every := true
	m.Code[m.Caller].M.Stages(func(s *fsm.Stage) {
		if x, is := s.Stmt.(*fsm.Send); is {
			msg := m.Sys.Message(x.Message)
			for _, f := range x.Fields {
				if n, is := f.Value.(*fsm.Name); is && n.Name == name {
					set := msg.Fields[msg.Index(f.Name)].For
					every = every && (set == "" || m.in(fn, set))
				}
			}
		}
	})
	return every
}

// sentWithPayloads reports whether a machine sends a variable with every payload, whatever the function.
func (m *Model) sentWithPayloads(c *fsm.Code, name string) bool {
	some, every := false, true
	c.M.Stages(func(s *fsm.Stage) {
		x, is := s.Stmt.(*fsm.Send)
		if !is || !slices.ContainsFunc(m.Sys.Message(x.Message).Fields, func(f *fsm.Field) bool { return f.Type.Kind == fsm.Payload }) {
			return
		}
		some = true
		every = every && slices.ContainsFunc(x.Fields, func(f fsm.FieldValue) bool {
			n, is := f.Value.(*fsm.Name)
			return is && n.Name == name
		})
	})
	return some && every
}

// endsBlind runs the caller, in every local state that any input leads to, to see whether a call may end by a restart of the
// peer that was sent without an epoch. Only then has the monitor to remember restarts beside the epochs.
func (m *Model) endsBlind() bool {
	if m.epoch[0] < 0 || !m.checks["no_spurious_restart"] {
		return false
	}
	g := m.ignorer(m.Caller, m.numbers(), m.identityOf(), false)
	nodes, ok := g.reachable(maxCover)
	if !ok {
		return true // what it costs is states
	}
	blind := false
	c := m.Code[m.Caller]
	for i := range nodes {
		n := &nodes[i]
		look := func(ev *fsm.Event, in []uint32) {
			m.exec(m.Caller, n.l, ev, in, func(_ []bool, r fsm.Result) {
				blind = blind || slices.ContainsFunc(r.Effects, func(f fsm.Effect) bool {
					return f.Kind == fsm.DidComplete && f.Outcome == fsm.PeerRestarted && (n.l[m.epoch[0]] == 0 || !m.carries(f.Fn))
				})
			})
		}
		for _, ev := range c.M.Events {
			switch ev.Kind {
			case fsm.OnCall:
				for _, fn := range m.Fns {
					look(ev, []uint32{fn, white})
				}
			case fsm.OnMessage:
				for _, x := range g.messages(n, ev.Name, nil, 0) {
					look(ev, m.fields(x))
				}
			case fsm.OnReturn:
				look(ev, []uint32{white})
			case fsm.OnTimer, fsm.OnFree:
				for _, in := range m.inputs(ev) {
					look(ev, in)
				}
			}
		}
	}
	return blind
}
