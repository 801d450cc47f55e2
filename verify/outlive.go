package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
	"sprocketc/verify/mdd"
)

// Timers that outlive datagrams. When such a timer is started, what is in flight on the channels to and from its machine
// becomes old; where it outlives calls too, so does what a call sends that is pending then. When it fires, all that is old for
// it is gone: its interval is longer than that lives (fsm.System.Outliving has the numbers), so this is what time does, and
// everything else about time stays open. A timer that outlives calls fires only when those that were pending at its start
// have ended, for the same reason. What was sent later stays. Once the timer is cancelled, or its machine crashes, nothing
// is old for it any more: less is gone then than could be, which only lets the network do more.

// oldAt is the byte of a datagram that says for which timers it is old, a bit each.
const oldAt = len(Msg{}) - 1

// Plain is a datagram whatever its age.
func (x Msg) Plain() Msg {
	x[oldAt] = 0
	return x
}

// outliving is a timer that outlives something.
type outliving struct {
	machine int
	event   *fsm.Event // that it fires
	timer   int        // of the machine
	bit     uint8
	calls   bool
	on      []bool // by channel: it outlives what is on it
	slot    int    // of the machine: it runs
	bound   fsm.Bound
}

// Ageing is what a step does to the age of datagrams: first those that are gone go, then what is in flight gets its marks
// and loses those of timers that do not run any more. What the step sends has its marks already.
type Ageing struct {
	Gone   uint8     // the timers that fire
	Marks  uint8     // those that were started, and run
	Young  uint8     // those that do not run
	Starts []Started // in their order
}

// Started is a start of a timer that outlives something.
type Started struct {
	Timer int // among those of the model
	Sent  int // how much the step had sent before
}

// none reports whether a step leaves the age of everything in flight as it is.
func (a *Ageing) none() bool { return a.Gone == 0 && a.Marks == 0 && a.Young == 0 }

// same reports whether two steps do the same to what is in flight.
func (a *Ageing) same(b *Ageing) bool {
	return a.Gone == b.Gone && a.Marks == b.Marks && a.Young == b.Young
}

// aged is what a datagram becomes that was in flight on a channel before a step; ok is false where it is gone.
func (m *Model) aged(a *Ageing, ch int, x Msg) (_ Msg, ok bool) {
	if x[oldAt]&a.Gone != 0 {
		return x, false
	}
	x[oldAt] = (x[oldAt] | a.Marks&m.outlived(ch)) &^ a.Young
	return x, true
}

// outlived are the timers that outlive what is on a channel.
func (m *Model) outlived(ch int) (bits uint8) {
	for _, o := range m.outlive {
		if o.on[ch] {
			bits |= o.bit
		}
	}
	return
}

// outlivings finds the timers. At most fsm.MaxOutliving of them are in a sane system.
func (m *Model) outlivings() []outliving {
	var out []outliving
	for i, x := range m.Sys.Machines {
		for k, t := range x.Timers {
			if t.Outlives == fsm.OutlivesNothing {
				continue
			}
			o := outliving{machine: i, event: x.Event(fsm.OnTimer, t.Name), timer: k, bit: 1 << len(out), calls: t.Outlives == fsm.OutlivesCalls, slot: m.Code[i].Running(t.Name)}
			o.bound, _ = m.Sys.Outliving(x, t)
			for ch := range m.Sys.Channels {
				o.on = append(o.on, m.from[ch] == i || m.to[ch] == i)
			}
			out = append(out, o)
		}
	}
	return out
}

// held reports whether a timer cannot fire yet, because a call that it outlives is still pending.
func (m *Model) held(w World, machine int, e *fsm.Event) bool {
	return slices.ContainsFunc(m.outlive, func(o outliving) bool {
		return o.machine == machine && o.event == e && w.Env.Old&o.bit != 0
	})
}

// age finds what some effects of a step, whose sends stand from a place on, do to the age of datagrams. The monitor has
// not seen them yet. before is the machine's state before the step; nil where it has crashed.
func (m *Model) age(s *Step, before fsm.State, fx []fsm.Effect, at int) {
	if len(m.outlive) == 0 {
		return
	}
	defer func() {
		if m.ageless {
			s.Ageing = Ageing{}
			for i := range s.Sent {
				s.Sent[i].Msg[oldAt] = 0
			}
		}
	}()
	a, e := &s.Ageing, &s.Next.Env
	if s.Kind == TimerFires && at == 0 {
		for _, o := range m.outlive {
			if o.machine == s.Machine && o.event == s.Event {
				a.Gone |= o.bit
			}
		}
	}
	pending := e.Call != 0
	for _, f := range fx {
		switch f.Kind {
		case fsm.DidSend:
			if at < len(s.Sent) {
				if x := &s.Sent[at]; s.Machine == m.Caller {
					x.Msg[oldAt] |= e.Old & m.outlived(x.Channel)
				}
				at++
			}
		case fsm.DidComplete:
			pending, e.Old = false, 0
		case fsm.DidStart:
			for i, o := range m.outlive {
				if o.machine != s.Machine || o.timer != f.Index {
					continue
				}
				a.Marks |= o.bit
				a.Starts = append(slices.Clip(a.Starts), Started{i, at})
				for j := range s.Sent[:at] {
					if x := &s.Sent[j]; o.on[x.Channel] {
						x.Msg[oldAt] |= o.bit
					}
				}
				if o.calls && pending {
					e.Old |= o.bit
				}
			}
		}
	}
	stopped, never := uint8(0), uint8(0)
	for _, o := range m.outlive {
		switch {
		case o.machine != s.Machine:
		case s.Next.L[o.machine][o.slot] != 0: // also one that a crash within the step had stopped
			a.Young &^= o.bit
		case before != nil && before[o.slot] == 0:
			never |= o.bit
		default:
			stopped |= o.bit
		}
	}
	s.forget(never)
	a.Young = a.Young&^never | stopped
	s.forget(stopped)
}

// young is the crash of a machine: its timers do not run any more, whatever the step before had done with them.
func (m *Model) young(s *Step, machine int) {
	stopped := uint8(0)
	for _, o := range m.outlive {
		if o.machine == machine {
			stopped |= o.bit
		}
	}
	if stopped != 0 {
		s.Sent = slices.Clone(s.Sent)
		s.forget(stopped)
	}
}

// forget what is old for timers that stopped.
func (s *Step) forget(stopped uint8) {
	a := &s.Ageing
	a.Marks &^= stopped
	a.Young |= stopped
	s.Next.Env.Old &^= stopped
	for i := range s.Sent {
		s.Sent[i].Msg[oldAt] &^= stopped
	}
}

// arrivesFirst reports whether a datagram on a channel must have arrived before it is gone: where nothing is lost. (Where it is
// not known what has arrived, it need not.)
func arrivesFirst(c *fsm.Channel, done bool) bool { return !c.Loses && !done && !forgetsArrivals(c) }

// agedWord is a word after a step has aged it; ok is false where the step has to wait for an arrival.
func (m *Model) agedWord(a *Ageing, l *lane, ch int, w []flying) (out []flying, ok bool) {
	out = make([]flying, 0, len(w))
	for _, f := range w {
		if f.msg, ok = m.aged(a, ch, f.msg); ok {
			out = append(out, f)
		} else if arrivesFirst(l.Channel, f.done) {
			return nil, false
		}
	}
	return l.tidy(out), true
}

// aged are contents of all channels after a step has aged them, in place; false where the step has to wait for an arrival.
func (p *parts) aged(a *Ageing, words []uint32) bool {
	if a.none() {
		return true
	}
	for ch, id := range words {
		if w := p.chans[ch].words[id]; len(w) > 0 {
			to, ok := p.m.agedWord(a, p.lanes[ch], ch, w)
			if !ok {
				return false
			}
			words[ch] = p.wordID(ch, to)
		}
	}
	return true
}

// aged are words of all channels from a level on after a step has aged them, without those in which it has to wait.
func (j *joint) aged(a *Ageing, l level, n mdd.Node) mdd.Node {
	if a.none() || n == mdd.Empty || l.pos() == len(j.order) {
		return n
	}
	first := uint32(0)
	if l.depth() == 0 {
		first = 1
	}
	op := operation(opAge, uint32(l.pos())<<1|first, uint32(a.Gone)<<16|uint32(a.Marks)<<8|uint32(a.Young))
	if r, ok := j.cache.Get(op, n, 0); ok {
		return r
	}
	ch := j.channelAt(l)
	lane := j.p.lanes[ch]
	b := j.Take()
	r := mdd.Empty
	for i := range j.degree(n) {
		e := j.edge(n, i)
		k := j.aged(a, j.below(l, e.Value), e.To)
		if e.Value == end {
			lead(b, end, k)
			continue
		}
		m, ok := j.p.m.aged(a, ch, j.p.msgs[flightMsg(e.Value)])
		v := flightOf(j.p.msgID(m), flightAge(e.Value), flightDone(e.Value))
		switch {
		case !ok && arrivesFirst(lane.Channel, flightDone(e.Value)): // the step has to wait
		case !ok:
			b.Edges = append(b.Edges, j.Edges(k)...)
		case lane.Within < 0:
			r = j.Union(r, j.insert(k, v, lane.Repeats))
		default:
			lead(b, v, k)
		}
	}
	r = j.Union(r, j.Make(b.Edges))
	j.Give(b)
	if first == 1 {
		r = j.tidy(ch, r)
	}
	j.cache.Put(op, n, 0, r)
	return r
}

// agesElsewhere reports whether a timer that outlives something is started by more than a start of its machine. Block words
// take it that no event of a running system which only sends changes what is old.
func (m *Model) agesElsewhere() bool {
	return slices.ContainsFunc(m.outlive, func(o outliving) bool {
		x := m.Sys.Machines[o.machine]
		return slices.ContainsFunc(x.Events, func(e *fsm.Event) bool {
			return e.Kind != fsm.OnRestart && startsTimer(x, e.Body, x.Timers[o.timer].Name)
		})
	})
}

// startsTimer reports whether stages may start a timer.
func startsTimer(x *fsm.Machine, body []*fsm.Stage, timer string) (found bool) {
	fsm.WalkStages(body, func(s *fsm.Stage) {
		switch y := s.Stmt.(type) {
		case *fsm.Start:
			found = found || y.Timer == timer
		case *fsm.Do:
			found = found || startsTimer(x, x.Tail(y.Tail).Body, timer) // tails do not recurse
		}
	})
	return
}

// agedBy is the word of a channel after a step has aged it.
func (s *blockWords) agedBy(a *Ageing, w uint32) uint32 {
	if w == 0 {
		return w
	}
	k := uint64(w)<<24 | uint64(a.Gone)<<16 | uint64(a.Marks)<<8 | uint64(a.Young)
	if r, ok := s.aged[k]; ok {
		return r
	}
	r := s.id(s.list[w].rename(s.e.k[s.ch], func(x Msg) (Msg, bool) { return s.e.m.aged(a, s.ch, x) }))
	s.aged[k] = r
	s.e.bytes += bytesOfMemo
	return r
}

// sentBy gives datagrams that a machine sends in a world, while its call is pending, their age.
func (m *Model) sentBy(machine int, w World, ms []Msg) []Msg {
	if machine != m.Caller || w.Env.Old == 0 || m.ageless {
		return ms
	}
	out := slices.Clone(ms)
	for i := range out {
		out[i][oldAt] |= w.Env.Old & m.outlived(m.out[machine])
	}
	return out
}

// givenUp says of which calls `delivered` promises no answer: those that a timer outlives.
func (m *Model) givenUp() (out []string) {
	for _, o := range m.outlive {
		if x := m.Sys.Machines[o.machine]; o.calls {
			out = append(out, fmt.Sprintf("a call that is pending when %s of %s is started may be given up: it ends before that fires", x.Timers[o.timer].Name, x.Name))
		}
	}
	return
}

// assumeLifetimes adds to a report what timers that outlive something rest on: the numbers.
func (m *Model) assumeLifetimes(r *Report) {
	for _, o := range m.outlive {
		x := m.Sys.Machines[o.machine]
		t := x.Timers[o.timer]
		text := fmt.Sprintf("when %s of %s fires, after at least %d ms, no datagram is left that was in flight at its start", t.Name, x.Name, t.Spans[0].First)
		why := fmt.Sprintf("datagrams live at most %d ms", o.bound.Lives)
		if o.calls {
			text += " or belongs to a call that was pending then"
			why += fmt.Sprintf(", calls end within %d ms", o.bound.Calls)
		}
		if x.Drift > 0 {
			why += fmt.Sprintf(", and the clock of %s runs at most %s wrong", x.Name, percent(x.Drift))
		}
		r.Assumptions = append(r.Assumptions, text+": "+why)
	}
}
