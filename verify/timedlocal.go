package verify

import (
	"errors"

	"sprocketc/fsm"
)

// local knows what machines do to events, each worked out once, and which datagrams do nothing any more.
type local struct {
	m      *Model
	states []map[string]int // by machine
	list   [][]fsm.State
	msgs   []letter
	index  map[string]int
	done   map[doing]*kept
	single []bool // by message: after one arrives, an equal one does nothing any more
	final  []bool // by message: one that is not ignored makes all of its channel nothing
	drops  []bool // by channel: some of its datagrams may be dropped before the call ends
	ignore map[ignoring]bool
}

// letter is a datagram's content.
type letter struct {
	channel, message int
	fields           []uint32
}

// kept is a reaction by numbers.
type kept struct {
	to     int
	sent   []int
	clocks []clock
	ended  []callEnd
}

// doing is an event at a machine in a state: a message's arrival, or, message -1, a timer.
type doing struct{ machine, state, message, timer int }

type ignoring struct{ machine, state, message int }

func newLocal(m *Model) *local {
	return &local{m: m, states: []map[string]int{{}, {}}, list: make([][]fsm.State, 2), index: map[string]int{}, done: map[doing]*kept{}, ignore: map[ignoring]bool{}}
}

func (x *local) intern(machine int, l fsm.State) int {
	k := string(appendState(nil, l))
	i, ok := x.states[machine][k]
	if !ok {
		i = len(x.list[machine])
		x.states[machine][k] = i
		x.list[machine] = append(x.list[machine], l)
	}
	return i
}

func (x *local) letter(d put) int {
	k := string(appendState([]byte{byte(d.channel), byte(d.message)}, d.fields))
	i, ok := x.index[k]
	if !ok {
		i = len(x.msgs)
		x.index[k] = i
		x.msgs = append(x.msgs, letter(d))
		x.single, x.final = append(x.single, false), append(x.final, false)
	}
	return i
}

func (x *local) keep(machine int, r reaction) *kept {
	k := &kept{to: x.intern(machine, r.state), clocks: r.clocks, ended: r.ended}
	for _, d := range r.sent {
		k.sent = append(k.sent, x.letter(d))
	}
	return k
}

// arrives is what a message does that arrives at a machine.
func (x *local) arrives(machine, state, message int) (*kept, error) {
	return x.once(doing{machine, state, message, -1}, func() (reaction, error) {
		l, d := x.list[machine][state], x.msgs[message]
		e := x.m.Code[machine].M.Event(fsm.OnMessage, x.m.Sys.Messages[d.message].Name)
		if e == nil {
			return reaction{state: l}, nil
		}
		if !x.m.Code[machine].Enabled(l, e, d.fields...) {
			return reaction{}, errors.New("a machine lets a datagram wait")
		}
		return x.m.react(machine, l, e, d.fields)
	})
}

// fires is what a timer does that is over.
func (x *local) fires(machine, state, timer int) (*kept, error) {
	return x.once(doing{machine, state, -1, timer}, func() (reaction, error) {
		return x.m.timeout(machine, x.list[machine][state], timer)
	})
}

func (x *local) once(d doing, f func() (reaction, error)) (*kept, error) {
	if k, ok := x.done[d]; ok {
		return k, nil
	}
	r, err := f()
	if err != nil {
		return nil, err
	}
	k := x.keep(d.machine, r)
	x.done[d] = k
	return k, nil
}

// runs reports whether a timer does, in a machine's state.
func (x *local) runs(machine, state, timer int) bool {
	c := x.m.Code[machine]
	return x.list[machine][state][c.Running(c.M.Timers[timer].Name)] != 0
}

// idle reports whether an event changed nothing.
func (k *kept) idle(state int) bool {
	return k.to == state && len(k.sent)+len(k.clocks)+len(k.ended) == 0
}

// mostLocal bounds the local states that are looked at, of both machines.
const mostLocal = 20_000

// discover finds every local state and every datagram that can come up before the next call, in whatever order and
// however often events happen, and then which datagrams make equal ones nothing.
func (x *local) discover(l []int, caller int, first reaction) error {
	x.keep(caller, first)
	type at struct{ machine, state int }
	list, seen := []at{}, map[at]bool{}
	add := func(machine, state int) {
		if a := (at{machine, state}); !seen[a] {
			seen[a] = true
			list = append(list, a)
		}
	}
	for i, s := range l {
		add(i, s)
	}
	add(caller, x.intern(caller, first.state))
	for states, letters := 0, 0; states < len(list) || letters < len(x.msgs); {
		states, letters = len(list), len(x.msgs)
		for _, a := range list[:states] {
			for m := range letters {
				if x.m.to[x.msgs[m].channel] != a.machine {
					continue
				}
				k, err := x.arrives(a.machine, a.state, m)
				if err != nil {
					return err
				}
				add(a.machine, k.to)
			}
			for t := range x.m.Code[a.machine].M.Timers {
				if !x.runs(a.machine, a.state, t) {
					continue
				}
				k, err := x.fires(a.machine, a.state, t)
				if err != nil {
					return err
				}
				add(a.machine, k.to)
			}
		}
		if len(list) > mostLocal {
			return errors.New("the machines have too many states of their own")
		}
	}
	x.drops = make([]bool, len(x.m.Sys.Channels))
	for m := range x.msgs {
		to := x.m.to[x.msgs[m].channel]
		x.single[m], x.final[m] = true, true
		for _, a := range list {
			if a.machine != to {
				continue
			}
			if x.dead(to, a.state, m) {
				x.drops[x.msgs[m].channel] = true
				continue
			}
			k, err := x.arrives(to, a.state, m)
			if err != nil {
				return err
			}
			x.single[m] = x.single[m] && x.dead(to, k.to, m)
			x.final[m] = x.final[m] && x.allDead(x.msgs[m].channel, k.to)
		}
		if x.single[m] {
			x.drops[x.msgs[m].channel] = true
		}
	}
	return nil
}

// dead reports whether a datagram does nothing at a machine, in its present state and in every one that it can come to
// before the next call, by its timers and by any datagrams in any order.
func (x *local) dead(machine, state, message int) bool {
	if d, ok := x.ignore[ignoring{machine, state, message}]; ok {
		return d
	}
	todo, seen, dead := []int{state}, map[int]bool{state: true}, true
	for n := 0; n < len(todo) && dead; n++ {
		s := todo[n]
		step := func(k *kept, err error) {
			if err != nil {
				dead = false
				return
			}
			if !seen[k.to] {
				seen[k.to] = true
				todo = append(todo, k.to)
			}
		}
		k, err := x.arrives(machine, s, message)
		if err != nil || !k.idle(s) {
			dead = false
			break
		}
		for m := range x.msgs {
			if x.m.to[x.msgs[m].channel] == machine {
				step(x.arrives(machine, s, m))
			}
		}
		for t := range x.m.Code[machine].M.Timers {
			if x.runs(machine, s, t) {
				step(x.fires(machine, s, t))
			}
		}
	}
	x.ignore[ignoring{machine, state, message}] = dead
	return dead
}

// allDead reports whether no datagram of a channel does anything any more.
func (x *local) allDead(ch, state int) bool {
	for m, d := range x.msgs {
		if d.channel == ch && !x.dead(x.m.to[ch], state, m) {
			return false
		}
	}
	return true
}
