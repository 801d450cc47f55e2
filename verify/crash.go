package verify

import (
	"slices"

	"sprocketc/fsm"
)

// crash ends a step that was cut: the peer starts again at once, since a peer that is down is one whose datagrams are
// lost; and it may crash again while it starts.
func (m *Model) crash(s Step, a Action) []Step {
	if s.Bad != "" {
		return []Step{s}
	}
	w := s.Next.clone()
	return m.restart(w, a.Machine, s.Action, &s, 2)
}

// mayCrash reports whether a machine crashes at all, and has crashes left.
func (m *Model) mayCrash(w World, i int) bool {
	x := m.Sys.Machines[i]
	return x.Crashes && (x.Budget == 0 || int(w.Env.Crashed[i]) < x.Budget)
}

// Crash lists what a crash between two events leads to.
func (m *Model) Crash(w World, i int) []Step {
	return m.restart(w.clone(), i, Action{Kind: Crashes, Machine: i, After: -1}, nil, 2)
}

// Replace lists what it leads to that a peer is replaced by a blank one. That takes longer than a datagram lives, a handler
// runs or the other peers have anything to send of their own accord.
func (m *Model) Replace(w World, i int) []Step {
	if w.Env.Run != 0 || !m.atRest(w, i) {
		return nil
	}
	k := w.clone()
	k.L[i] = m.Code[i].Blank()
	return m.restart(k, i, Action{Kind: Replaces, Machine: i, After: -1}, nil, 0)
}

// restart boots a peer and runs its restart event, with further crashes inside it up to a depth. A crash after its last
// action is a crash of its own later.
func (m *Model) restart(w World, i int, a Action, cut *Step, depth int) []Step {
	m.Code[i].Boot(w.L[i])
	m.watchCrash(&w.Env, i)
	k := Step{Next: w}
	if cut != nil {
		k = *cut
		k.Next = w
	}
	if m.young(&k, i); cut != nil {
		cut = &k
	}
	w = k.Next
	var out []Step
	for _, l := range m.withAny(m.Code[i], w.L[i]) {
		k := w.clone()
		k.L[i] = l
		out = append(out, m.start(k, i, a, cut, depth)...)
	}
	return out
}

// start runs the restart event of a peer that has booted. before is the step that it belongs to as far as it got, or nil.
func (m *Model) start(w World, i int, a Action, before *Step, depth int) []Step {
	c := m.Code[i]
	l := w.L[i]
	step := func(l fsm.State, fx []fsm.Effect, nexts []fsm.Next) Step {
		s := Step{Action: a, Next: World{L: slices.Clone(w.L), Env: w.Env}}
		if before != nil {
			s.Effects, s.Sent, s.Nexts, s.Bad, s.Why, s.Ageing = before.Effects, before.Sent, before.Nexts, before.Bad, before.Why, before.Ageing
		}
		s.Next.L[i] = l
		sent, fits := m.sends(i, fx)
		if !fits && s.Bad == "" {
			s.Bad, s.Why = tooLarge, "a value above 255 was sent"
		}
		was := len(s.Sent)
		s.Sent, s.Nexts = append(slices.Clone(s.Sent), sent...), append(slices.Clip(s.Nexts), nexts...)
		m.age(&s, nil, fx, was)
		m.watchEffects(&s, fx, w.L)
		m.close(&s.Next)
		return s
	}
	e := c.M.Event(fsm.OnRestart, "restart")
	if e == nil {
		return []Step{step(l, nil, nil)}
	}
	var out []Step
	m.execFresh(i, l, e, nil, freshValue+2+uint32(2-depth), func(choices []bool, r fsm.Result) {
		s := step(r.State, r.Effects, r.Nexts)
		if r.Fault != "" && s.Bad == "" {
			s.Bad, s.Why = "bounded", r.Fault
		}
		out = append(out, s)
		if !m.mayCrash(w, i) || depth == 0 {
			return
		}
		for k, f := range r.Effects {
			if f.After == nil {
				continue
			}
			again := func(torn bool) {
				cut := step(slices.Clone(f.After), r.Effects[:k+1], r.Nexts)
				if cut.Bad != "" {
					out = append(out, cut)
					return
				}
				if torn {
					c.Tear(cut.Next.L[i], f.Index)
				}
				b := a
				b.Deep++
				b.Cuts = append(slices.Clip(b.Cuts), Cut{Visible(r.Effects[:k+1]), torn})
				out = append(out, m.restart(cut.Next.clone(), i, b, &cut, depth-1)...)
			}
			if k+1 < len(r.Effects) { // after the last one it is a crash of its own
				again(false)
			}
			if f.Kind == fsm.DidPersist && c.M.Records[f.Index].Slots == 1 {
				again(true)
			}
		}
	})
	return out
}

// Visible counts the actions among some after which a crash may come.
func Visible(fx []fsm.Effect) int {
	n := 0
	for _, f := range fx {
		if f.After != nil {
			n++
		}
	}
	return n
}

// atRest reports whether none of the peers but one sends anything when a timer fires.
func (m *Model) atRest(w World, but int) bool {
	rest := true
	for i, c := range m.Code {
		if i == but {
			continue
		}
		for _, e := range c.M.Events {
			if e.Kind != fsm.OnTimer || !c.Enabled(w.L[i], e) {
				continue
			}
			m.exec(i, w.L[i], e, nil, func(_ []bool, r fsm.Result) {
				rest = rest && !slices.ContainsFunc(r.Effects, func(f fsm.Effect) bool { return f.Kind == fsm.DidSend })
			})
		}
	}
	return rest
}
