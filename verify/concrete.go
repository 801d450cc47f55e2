package verify

import (
	"encoding/binary"
	"errors"
	"fmt"

	"sprocketc/fsm"
)

// Machines that run as emitted code does: real layers, real widths, timers with their intervals. It is what the chains of
// probabilities are made of. Memos are empty and a handler takes no time.

// put is a datagram that a step sends.
type put struct {
	channel int
	message int
	fields  []uint32
}

// clock is what a step does to a timer.
type clock struct {
	timer int
	stop  bool
	after uint32 // ms
}

// callEnd is the end of a call.
type callEnd struct{ outcome, fn uint32 }

// reaction is what an event at a machine comes to.
type reaction struct {
	state  fsm.State
	sent   []put
	clocks []clock
	ended  []callEnd
}

// errCircle: a handler's return starts a handler, without end.
var errCircle = errors.New("a handler's return starts a handler, and so on without end")

// errEither: a machine goes one way or another, and nothing says how often.
var errEither = errors.New("what is known of pieces, and what is either, has no probability")

// react runs an event on a machine, and the return of the handler that it starts: handlers take no time, and give
// the payload 1.
func (m *Model) react(machine int, l fsm.State, e *fsm.Event, in []uint32) (reaction, error) {
	var out reaction
	out.state = l
	c := m.Code[machine]
	for n := 0; e != nil; n++ {
		if n > 8 {
			return out, errCircle
		}
		drawn, asked := uint32(0), false
		env := &fsm.Env{Concrete: &fsm.Concrete{
			// Epochs that are drawn are taken to differ: what it means that they do not is another figure.
			Entropy: func(int) uint32 { drawn++; return 1_000_000 + m.draws + drawn },
			Hit:     func(int, uint32, uint32) bool { return false },
			Recall:  func(int) uint32 { return 0 },
			Memo:    func(int, string, uint32, uint32, uint32) {},
			Either:  func() bool { asked = true; return false },
		}}
		r := c.Exec(out.state, e, in, env)
		if asked {
			return out, errEither
		}
		m.draws += drawn
		switch {
		case r.Fault != "":
			return out, errors.New(r.Fault)
		case r.Halted:
			return out, fmt.Errorf("%s stops for good: a number has run out", c.M.Name)
		}
		out.state, e = r.State, nil
		for _, f := range r.Effects {
			switch f.Kind {
			case fsm.DidSend:
				if m.out[machine] < 0 {
					return out, fmt.Errorf("no channel leads away from %s", c.M.Name)
				}
				out.sent = append(out.sent, put{m.out[machine], f.Index, f.Fields})
			case fsm.DidStart:
				out.clocks = append(out.clocks, clock{timer: f.Index, after: f.Interval})
			case fsm.DidCancel:
				out.clocks = append(out.clocks, clock{timer: f.Index, stop: true})
			case fsm.DidComplete:
				out.ended = append(out.ended, callEnd{f.Outcome, f.Fn})
			case fsm.DidInvoke:
				e, in = c.M.Event(fsm.OnReturn, "return"), []uint32{1}
			}
		}
	}
	return out, nil
}

// timeout runs the event of a timer that is over; where it has none, its stages only ask whether it runs.
func (m *Model) timeout(machine int, l fsm.State, timer int) (reaction, error) {
	t := m.Code[machine].M.Timers[timer]
	if e := m.Code[machine].M.Event(fsm.OnTimer, t.Name); e != nil {
		return m.react(machine, l, e, nil)
	}
	l = append(fsm.State(nil), l...)
	l[m.Code[machine].Running(t.Name)] = 0
	return reaction{state: l}, nil
}

// boot is the state of a blank machine that has started.
func (m *Model) boot(machine int) (reaction, error) {
	c := m.Code[machine]
	l := c.Blank()
	if e := c.M.Event(fsm.OnRestart, "restart"); e != nil {
		return m.react(machine, l, e, nil)
	}
	return reaction{state: l}, nil
}

// appendState appends bytes that are equal for equal states of one machine only.
func appendState(b []byte, l fsm.State) []byte {
	for _, v := range l {
		b = binary.AppendUvarint(b, uint64(v))
	}
	return b
}
