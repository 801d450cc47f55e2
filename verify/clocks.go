package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
	"sprocketc/verify/zone"
)

// The steps of a machine alone, with what they do to the clocks.

// restart boots the machine and runs its restart event, with crashes inside it up to a depth.
func (x *alone) restart(s *aloneState, event string, fn uint32, depth int) {
	k := s.follow(event)
	k.l = slices.Clone(s.l)
	x.c.Boot(k.l)
	k.call, k.run, k.memo = false, false, noAnswer
	for i := range k.spans {
		k.spans[i] = span64{}
		if c := x.clock[i]; c > 0 {
			k.z.Free(c)
		}
	}
	e := x.c.M.Event(fsm.OnRestart, "restart")
	if e == nil {
		x.add(k, fn)
		return
	}
	x.run(k, e, nil, fn, depth)
}

// follow is a copy of a state that an event leads on from.
func (s *aloneState) follow(event string) *aloneState {
	k := *s
	k.spans, k.z = slices.Clone(s.spans), s.z.Clone()
	if event != "" {
		k.from, k.event = s, event
	}
	return &k
}

// ops are what an event does to the memo.
type ops struct {
	hit, ask, remember, forget bool
	asked                      int // how often it was asked what only the world knows
}

// exec runs an event with real layers; choices answer whether a memo has an answer, and what is either.
func (x *alone) exec(l fsm.State, e *fsm.Event, in []uint32, choices []bool) (fsm.Result, ops) {
	var o ops
	next := func() bool {
		o.asked++
		return o.asked <= len(choices) && choices[o.asked-1]
	}
	r := x.c.Exec(l, e, in, &fsm.Env{Fresh: freshValue, Concrete: &fsm.Concrete{
		Entropy: func(int) uint32 { return freshValue },
		Hit:     func(int, uint32, uint32) bool { o.hit = next(); return o.hit },
		Either:  next,
		Recall:  func(int) uint32 { return white },
		Memo: func(_ int, op string, _, _, _ uint32) {
			o.ask, o.remember, o.forget = o.ask || op == "ask", o.remember || op == "remember", o.forget || op == "forget"
		},
	}})
	return r, o
}

// run takes an event from a state, whatever the world answers, and with a crash after each visible action.
func (x *alone) run(s *aloneState, e *fsm.Event, in []uint32, fn uint32, depth int) {
	x.choose(s, e, in, nil, fn, depth)
}

// choose runs the event with some answers to what is asked, the rest no, and then with every other answer to the rest.
func (x *alone) choose(s *aloneState, e *fsm.Event, in []uint32, answers []bool, fn uint32, depth int) {
	r, o := x.exec(s.l, e, in, answers)
	x.ran(s, e, in, r, o, fn, depth)
	all := append(slices.Clone(answers), make([]bool, o.asked-min(o.asked, len(answers)))...)
	for k := len(answers); k < o.asked && x.broken == nil; k++ {
		x.choose(s, e, in, append(slices.Clone(all[:k]), true), fn, depth)
	}
}

// ran goes on with what an event did, and cuts it short by a crash after each visible action.
func (x *alone) ran(s *aloneState, e *fsm.Event, in []uint32, r fsm.Result, o ops, fn uint32, depth int) {
	if r.Halted || r.Fault != "" {
		return
	}
	x.after(s, e, in, r.State, r.Effects, o, fn)
	if !x.c.M.Crashes || depth == 0 {
		return
	}
	for k, f := range r.Effects {
		if f.After == nil || x.broken != nil {
			continue
		}
		cut := s.follow("")
		if !x.sends(cut, r.Effects[:k+1], fn) {
			return
		}
		cut.l = slices.Clone(f.After)
		x.restart(cut, "crash", fn, depth-1)
	}
}

// sends lets the clocks see what was sent, and reports whether the demand still holds.
func (x *alone) sends(s *aloneState, fx []fsm.Effect, fn uint32) bool {
	n := 0
	for _, f := range fx {
		if f.Kind == fsm.DidSend {
			n++
		}
	}
	if n == 0 {
		return true
	}
	switch x.d.Kind {
	case fsm.Paced:
		if n > 1 || s.sent && s.z.Meets(x.since, 0, zone.Less(x.demanded(fn))) {
			x.fail(s, fmt.Sprintf("two datagrams of %s may be less than %d ms apart", x.c.M.Name, x.d.Span))
			return false
		}
		s.sent = true
		s.z.Reset(x.since)
	case fsm.Fresh:
		if s.memo == awaited {
			s.memo = requested
			s.z.Reset(x.since)
		}
	}
	return true
}

func (x *alone) fail(s *aloneState, why string) {
	if x.broken == nil {
		x.broken, x.why = s, why
	}
}

// after is the state that a whole event leads to.
func (x *alone) after(s *aloneState, e *fsm.Event, in []uint32, l fsm.State, fx []fsm.Effect, o ops, fn uint32) {
	k := s.follow("")
	k.l = l
	called := e.Kind == fsm.OnCall && in[0] == fn
	if e.Kind == fsm.OnCall {
		k.call, k.fn = true, in[0]
		if x.d.Kind == fsm.Within {
			k.z.Reset(x.since)
		}
	}
	if x.d.Kind == fsm.Fresh && !x.remembers(k, e, in, o, called, fn) {
		return
	}
	if !x.sends(k, fx, fn) {
		return
	}
	for _, f := range fx {
		switch f.Kind {
		case fsm.DidInvoke:
			k.run = true
		case fsm.DidComplete:
			k.call = false
			switch {
			case k.memo == requested && o.remember:
				k.memo = remembered
			case k.memo != remembered:
				k.memo = noAnswer // none, or one that nobody asked for
			}
		case fsm.DidStart:
			if c := x.clock[f.Index]; c > 0 {
				k.spans[f.Index] = x.real(f.Interval)
				k.z.Reset(c)
			}
		case fsm.DidCancel:
			if c := x.clock[f.Index]; c > 0 {
				k.spans[f.Index] = span64{}
				k.z.Free(c)
			}
		}
	}
	x.add(k, fn)
	if x.d.Kind == fsm.Fresh && called && o.ask && k.call {
		w := *k
		w.z = k.z.Clone()
		w.memo = awaited // the age of this one's answer is watched
		w.z.Reset(x.asked)
		if !x.sends(&w, fx, fn) {
			return
		}
		x.add(&w, fn)
	}
}

// remembers watches the memo in an event, and reports whether the demand still holds and the event can be.
func (x *alone) remembers(k *aloneState, e *fsm.Event, in []uint32, o ops, called bool, fn uint32) bool {
	if o.hit && called && k.memo == remembered {
		age := x.real(x.age(fn)).hi
		if !k.z.And(x.asked, 0, zone.AtMost(age)) {
			return true // it is too old to be given: the answer is another's
		}
		if k.z.Meets(0, x.since, zone.Less(-x.demanded(fn))) {
			x.fail(k, fmt.Sprintf("an answer may be given that is more than %d ms old", x.d.Spans[fn]))
			return false
		}
	}
	if o.forget && k.memo == remembered {
		k.memo = noAnswer
	}
	if e.Kind == fsm.OnCall && slices.Contains(x.lasts, in[0]) && k.memo == remembered && k.call {
		x.fail(k, "an answer is kept beyond a call of "+x.m.fn.Members[in[0]]+", after which it may be wrong")
		return false
	}
	return true
}

// age is how long a memo keeps an answer, in ms of the machine's own clock.
func (x *alone) age(fn uint32) (age uint32) {
	for _, m := range x.c.M.Memos {
		if int(fn) < len(m.Entries) {
			age = max(age, m.Entries[fn].Age)
		}
	}
	return
}

// add lets time pass in a state, as far as timers that are due allow, and keeps it unless one that holds more is known.
func (x *alone) add(s *aloneState, fn uint32) {
	n := x.g.ranked(s.l, Msg{})
	s.l = n.l
	s.z.Up()
	for i, sp := range s.spans {
		if sp.hi > 0 && !s.z.And(x.clock[i], 0, zone.AtMost(sp.hi)) {
			return
		}
	}
	if x.d.Kind == fsm.Within && s.call && s.fn == fn && s.z.Meets(0, x.since, zone.Less(-x.demanded(fn))) {
		x.fail(s, fmt.Sprintf("a call of %s may still be pending after %d ms", x.m.fn.Members[fn], x.d.Spans[fn]))
		return
	}
	if !s.call && x.d.Kind == fsm.Within {
		s.z.Free(x.since)
		s.fn = 0
	}
	s.z.Widen(x.most)
	flag := func(b bool) byte {
		if b {
			return 1
		}
		return 0
	}
	key := n.key(0) + string([]byte{flag(s.call), flag(s.run), byte(s.fn), byte(s.memo), flag(s.sent), flag(s.arrived)}) + fmt.Sprint(s.spans)
	for _, o := range x.seen[key] {
		if s.z.Within(o.z) {
			return
		}
	}
	x.seen[key] = append(slices.DeleteFunc(x.seen[key], func(o *aloneState) bool { return o.z.Within(s.z) }), s)
	x.todo = append(x.todo, s)
}

// expand takes every event from a state.
func (x *alone) expand(s *aloneState, fn uint32) {
	m := x.c.M
	for _, e := range m.Events {
		if x.broken != nil {
			return
		}
		switch e.Kind {
		case fsm.OnCall:
			if !s.call && x.c.Enabled(s.l, e) {
				for f := range x.m.fn.Members {
					x.run(s.follow("call of "+x.m.fn.Members[f]), e, []uint32{uint32(f), white}, fn, 2)
				}
			}
		case fsm.OnReturn:
			if s.run {
				k := s.follow("return")
				k.run = false
				x.run(k, e, []uint32{white}, fn, 2)
			}
		case fsm.OnTimer:
			x.fires(s, e, fn)
		case fsm.OnFree:
			for _, in := range x.m.inputs(e) {
				if x.c.Enabled(s.l, e, in...) {
					x.run(s.follow(e.Name), e, in, fn, 2)
				}
			}
		case fsm.OnMessage:
			n := x.g.ranked(s.l, Msg{})
			for _, msg := range x.g.messages(&n, e.Name, nil, 0) {
				if in := x.m.fields(msg); x.c.Enabled(s.l, e, in...) {
					k := s.follow("arrival of " + e.Name)
					k.arrived = true
					x.run(k, e, in, fn, 2)
				}
			}
		}
	}
	if m.Crashes && x.broken == nil {
		x.restart(s, "crash", fn, 2)
	}
}

// fires a timer: one that the demand rests on when it is due, any other at any time while it runs.
func (x *alone) fires(s *aloneState, e *fsm.Event, fn uint32) {
	at := x.c.Running(e.Name)
	if at < 0 || s.l[at] == 0 || e.When != nil && !x.c.Enabled(s.l, e) {
		return
	}
	k := s.follow("timer " + e.Name)
	for i, t := range x.c.M.Timers {
		if t.Name != e.Name || x.clock[i] == 0 {
			continue
		}
		if !k.z.And(0, x.clock[i], zone.AtMost(-k.spans[i].lo)) {
			return
		}
		k.spans[i] = span64{}
		k.z.Free(x.clock[i])
	}
	x.run(k, e, nil, fn, 2)
}
