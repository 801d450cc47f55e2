package verify

import (
	"slices"

	"sprocketc/fsm"
)

// idleLoop is what an idle caller can send by making calls and giving them up.
type idleLoop struct {
	ok    bool
	sends []Msg
	next  fsm.State // the caller afterwards
}

// pureSends lists what an event sends where sending is all that it does.
func (e *blockEngine) pureSends(i int, l fsm.State, ev *fsm.Event, in []uint32) (out []Msg) {
	key := pureKey{i, ev, worldKey(World{L: []fsm.State{l, in}})}
	out, known := e.pure[key]
	if !known {
		out = e.runPureSends(i, l, ev, in)
		e.pure[key] = out
	}
	return
}

type pureKey struct {
	machine int
	event   *fsm.Event
	state   string
}

func (e *blockEngine) runPureSends(i int, l fsm.State, ev *fsm.Event, in []uint32) (out []Msg) {
	e.m.exec(i, l, ev, in, func(_ []bool, r fsm.Result) {
		if !slices.Equal(r.State, l) || r.Fault != "" {
			return
		}
		var set []Msg
		for _, x := range r.Effects {
			switch x.Kind {
			case fsm.DidSend:
				if m, ok := e.m.msg(x); ok {
					set = append(set, m)
				}
			case fsm.DidStart, fsm.DidCancel, fsm.DidNote:
			default:
				return
			}
		}
		out = append(out, set...)
	})
	return
}

// idleLoop runs every closed cycle of an idle caller that needs no datagram: a call, then timers until it is given up.
// It must come back to where it was but for its number.
func (e *blockEngine) idleLoop(f *front) idleLoop {
	l := f.w.L[e.m.Caller]
	key := worldKey(World{L: []fsm.State{l}})
	for _, fn := range e.m.Fns {
		if e.m.comesLate(fn, f.w.Env) {
			key += string(rune(fn))
		}
	}
	if x, ok := e.idle[key]; ok {
		return x
	}
	x := e.runIdleLoop(l, f.w.Env)
	e.idle[key] = x
	return x
}

func (e *blockEngine) runIdleLoop(l fsm.State, env Monitor) (out idleLoop) {
	m, c := e.m, e.m.Code[e.m.Caller]
	call := c.M.Event(fsm.OnCall, "call")
	if call == nil {
		return
	}
	out.ok = true
	fns := m.Fns
	if m.Unmarked != nil {
		fns = m.Unmarked
	}
	for _, fn := range fns {
		colour := uint32(white)
		if m.comesLate(fn, env) {
			colour = late
		}
		if !c.Enabled(l, call, fn, colour) {
			continue
		}
		r := c.Exec(l, call, []uint32{fn, colour}, &fsm.Env{Fresh: freshValue})
		sent, only := e.onlySends(r.Effects)
		end, sent2, back := e.giveUp(c, r.State)
		if !only || !back {
			return idleLoop{}
		}
		a, b := slices.Clone(end), slices.Clone(l)
		at := e.id.own[len(e.id.own)-1]
		if a[at] < b[at] {
			return idleLoop{}
		}
		out.next = slices.Clone(end)
		a[at], b[at] = 0, 0
		if !slices.Equal(a, b) {
			return idleLoop{}
		}
		out.sends = append(append(out.sends, sent...), sent2...)
	}
	return out
}

// onlySends collects sends, and reports whether nothing else that the world sees was done.
func (e *blockEngine) onlySends(fx []fsm.Effect) (out []Msg, only bool) {
	only = true
	for _, f := range fx {
		switch f.Kind {
		case fsm.DidSend:
			m, ok := e.m.msg(f)
			out, only = append(out, m), only && ok
		case fsm.DidStart, fsm.DidCancel, fsm.DidNote:
		default:
			only = false
		}
	}
	return
}

// giveUp lets timers fire until the call ends; the shortest way.
func (e *blockEngine) giveUp(c *fsm.Code, l fsm.State) (end fsm.State, sent []Msg, ok bool) {
	type at struct {
		l    fsm.State
		sent []Msg
	}
	todo := []at{{l, nil}}
	seen := map[string]bool{}
	for n := 0; len(todo) > 0 && n < 64; n++ {
		x := todo[0]
		todo = todo[1:]
		for _, ev := range c.M.Events {
			if ev.Kind != fsm.OnTimer || !c.Enabled(x.l, ev) {
				continue
			}
			r := c.Exec(x.l, ev, nil, &fsm.Env{Fresh: freshValue})
			more := slices.Clone(x.sent)
			done := false
			for _, f := range r.Effects {
				switch f.Kind {
				case fsm.DidSend:
					if m, fits := e.m.msg(f); fits {
						more = append(more, m)
					}
				case fsm.DidComplete:
					done = true
				}
			}
			if done {
				return r.State, more, true
			}
			k := worldKey(World{L: []fsm.State{r.State}})
			if !seen[k] {
				seen[k] = true
				todo = append(todo, at{r.State, more})
			}
		}
	}
	return nil, nil, false
}
