package verify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"sprocketc/fsm"
	"sprocketc/verify/markov"
)

// Chain is what the queries of a system come to: the probabilities and the expected numbers that its text asks for.
type Chain struct {
	States, Transitions int // a state where the chain ends has one transition, to itself
	Figures             []Figure
	Given               []string // how the choices of the environment are resolved
	Refused             string   // why there are no figures; "" where there are
}

// Figure is the answer to a query.
type Figure struct {
	Name  string
	Kind  fsm.QueryKind
	Value markov.Value
}

// The scheduler of a text's chain.
var scheduler = []string{
	"what can happen at once does: events of the environment, arrivals in order and once each, handlers; time passes where nothing can",
	"whether a datagram is lost is drawn when it is sent; time that passes ends what is lost",
	"nobody crashes",
}

// mostChain bounds the states of a text's chain.
var mostChain = 300_000

// errChoice is a choice that the scheduler leaves open: then there is no chain.
type errChoice struct{ a, b string }

func (e errChoice) Error() string {
	return fmt.Sprintf("two things can happen at once, and no figure says which comes first: %s, and %s", e.a, e.b)
}

// flown is a datagram in a channel of the chain; what is lost stays until time passes.
type flown struct {
	message int
	fields  []uint32
	lost    bool
}

// link is a state of the chain: the machines, how long each of their timers still runs (-1: not), and what is in flight.
type link struct {
	l      []fsm.State
	timers [][]int64
	ch     [][]flown
}

func (s link) clone() link {
	k := link{l: slices.Clone(s.l)}
	for _, t := range s.timers {
		k.timers = append(k.timers, slices.Clone(t))
	}
	for _, c := range s.ch {
		k.ch = append(k.ch, slices.Clone(c))
	}
	return k
}

// key tells states apart, with or without the time that timers still run.
func (s link) key(clocks bool) string {
	var b []byte
	for _, l := range s.l {
		b = appendState(b, l)
	}
	for _, c := range s.ch {
		b = binary.AppendUvarint(b, uint64(len(c)))
		for _, d := range c {
			b = binary.AppendUvarint(b, uint64(d.message)<<1)
			if d.lost {
				b[len(b)-1] |= 1
			}
			b = appendState(b, d.fields)
		}
	}
	if clocks {
		for _, t := range s.timers {
			for _, v := range t {
				b = binary.AppendVarint(b, v)
			}
		}
	}
	return string(b)
}

// turn is an outcome of a step.
type turn struct {
	p  *big.Rat
	to int
}

// chainOf is the chain under construction.
type chainOf struct {
	*Model
	states []link
	index  map[string]int
	turns  [][]turn
	sends  []map[int]int // by state: how many of each message its step sends
}

// Chain resolves the choices of a system's environment by the scheduler, and answers its queries. nil where it has none.
func (m *Model) Chain() *Chain {
	if !slices.ContainsFunc(m.Sys.Queries, func(q *fsm.Query) bool { return q.Kind != fsm.Final }) {
		return nil
	}
	out := &Chain{Given: slices.Clone(scheduler)}
	x := &chainOf{Model: m, index: map[string]int{}}
	if err := x.explore(); err != nil {
		out.Refused = err.Error()
		return out
	}
	class, n := x.lump()
	chain, first, sends := x.quotient(class, n)
	if n < len(x.states) {
		out.Given = append(out.Given, "timers count down; how far they are decides nothing that the rest of the state does not: checked, and left out of it")
	}
	out.States = n
	for _, row := range chain.Rows {
		out.Transitions += max(1, len(row))
	}
	for _, q := range m.Sys.Queries {
		f := Figure{Name: q.Name, Kind: q.Kind}
		var err error
		switch q.Kind {
		case fsm.Final:
			continue
		case fsm.Reaches:
			goal := make([]bool, n)
			for c, s := range first {
				goal[c] = x.holds(q.Cond, x.states[s])
			}
			f.Value, err = chain.Reach(class[0], goal)
		case fsm.Counts:
			gives := make([]*big.Rat, n)
			msg := slices.IndexFunc(m.Sys.Messages, func(y *fsm.Message) bool { return y.Name == q.Message })
			for c := range gives {
				gives[c] = big.NewRat(int64(sends[c][msg]), 1)
			}
			f.Value, err = chain.Expect(class[0], gives)
		}
		if err != nil && !errors.Is(err, markov.ErrIterations) {
			out.Refused = err.Error()
			return out
		}
		out.Figures = append(out.Figures, f)
	}
	return out
}

func (x *chainOf) holds(cond fsm.Expr, s link) bool { return x.value(cond, World{L: s.l}, nil) != 0 }

// explore finds the states, timers and all.
func (x *chainOf) explore() error {
	for i, c := range x.Sys.Channels {
		switch {
		case c.Loses && !c.Loss.Stated():
			return fmt.Errorf("channel %s does not say how often it loses: `loses 20%%`", c.Name)
		case c.Corrupts:
			return fmt.Errorf("channel %s does not say how often it corrupts", c.Name)
		case c.Delay.Cap > 0:
			return fmt.Errorf("channel %s delays: chains of texts know arrivals at once only", c.Name)
		case slices.Index(x.out, i) < 0:
			return fmt.Errorf("two channels lead away from %s", c.From)
		}
	}
	start := link{ch: make([][]flown, len(x.Sys.Channels))}
	var queue []reaction
	for i, c := range x.Code {
		if slices.ContainsFunc(c.M.Vars, func(v *fsm.Var) bool { return v.Any }) {
			return fmt.Errorf("%s has variables that start with any value", c.M.Name)
		}
		r, err := x.boot(i)
		if err != nil {
			return err
		}
		queue = append(queue, r)
		start.l = append(start.l, r.state)
		t := make([]int64, len(c.M.Timers))
		for k := range t {
			t[k] = -1
		}
		start.timers = append(start.timers, t)
	}
	for i, r := range queue {
		if len(r.sent) > 0 {
			return fmt.Errorf("%s sends when it starts: chains of texts begin with nothing in flight", x.Code[i].M.Name)
		}
		start.take(i, r)
	}
	x.add(start)
	for s := 0; s < len(x.states); s++ {
		if len(x.states) > mostChain {
			return fmt.Errorf("the chain has more than %d states", mostChain)
		}
		if err := x.step(s); err != nil {
			return err
		}
	}
	return nil
}

func (x *chainOf) add(s link) int {
	k := s.key(true)
	if i, ok := x.index[k]; ok {
		return i
	}
	i := len(x.states)
	x.index[k] = i
	x.states, x.turns, x.sends = append(x.states, s), append(x.turns, nil), append(x.sends, nil)
	return i
}

// take puts a reaction of a machine into a state, without what it sends.
func (s *link) take(machine int, r reaction) {
	s.l[machine] = r.state
	for _, c := range r.clocks {
		s.timers[machine][c.timer] = int64(c.after)
		if c.stop {
			s.timers[machine][c.timer] = -1
		}
	}
}

// possible is something that can happen in a state.
type possible struct {
	text    string
	machine int
	react   func() (reaction, error)
	channel int // whose first datagram that arrives is taken; -1
}

// step finds what comes of a state.
func (x *chainOf) step(i int) error {
	s := x.states[i]
	for _, q := range x.Sys.Queries {
		if q.Kind == fsm.Final && x.holds(q.Cond, s) {
			return nil
		}
	}
	now := x.now(s)
	if len(now) > 1 {
		return errChoice{now[0].text, now[1].text}
	}
	s = s.clone()
	if len(now) == 0 {
		p, err := x.wait(&s)
		if err != nil || p == nil {
			return err
		}
		now = []possible{*p}
	}
	p := now[0]
	if p.channel >= 0 {
		c := s.ch[p.channel]
		at := slices.IndexFunc(c, func(d flown) bool { return !d.lost })
		s.ch[p.channel] = slices.Delete(c, at, at+1)
	}
	r, err := p.react()
	if err != nil {
		return err
	}
	s.take(p.machine, r)
	x.sends[i] = map[int]int{}
	for _, d := range r.sent {
		x.sends[i][d.message]++
	}
	return x.fates(i, s, r.sent, big.NewRat(1, 1))
}

// fates draws what becomes of the datagrams that a step sends.
func (x *chainOf) fates(from int, s link, sent []put, p *big.Rat) error {
	if p.Sign() == 0 {
		return nil
	}
	if len(sent) == 0 {
		x.turns[from] = append(x.turns[from], turn{p, x.add(s)})
		return nil
	}
	d := sent[0]
	c := x.Sys.Channels[d.channel]
	if c.Capacity > 0 && len(s.ch[d.channel]) >= c.Capacity {
		return fmt.Errorf("channel %s is full when a datagram is sent, and what comes of that is open", c.Name)
	}
	for _, lost := range []bool{false, true} {
		k := s.clone()
		k.ch[d.channel] = append(k.ch[d.channel], flown{d.message, d.fields, lost})
		q := c.Loss.Rat()
		if !lost {
			q.Sub(big.NewRat(1, 1), q)
		}
		if err := x.fates(from, k, sent[1:], q.Mul(q, p)); err != nil {
			return err
		}
	}
	return nil
}

// now lists what can happen without time passing.
func (x *chainOf) now(s link) []possible {
	var out []possible
	for i, c := range x.Code {
		for _, e := range c.M.Events {
			ins := [][]uint32{nil}
			switch e.Kind {
			case fsm.OnFree:
				ins = x.inputs(e)
			case fsm.OnCall:
				ins = nil
				for f := range x.fn.Members {
					ins = append(ins, []uint32{uint32(f), 1})
				}
			default:
				continue
			}
			for _, in := range ins {
				if c.Enabled(s.l[i], e, in...) {
					out = append(out, possible{c.M.Name + "'s " + strings.TrimPrefix(e.Name, "on "), i, func() (reaction, error) { return x.react(i, s.l[i], e, in) }, -1})
				}
			}
		}
	}
	for ch, c := range s.ch {
		at := slices.IndexFunc(c, func(d flown) bool { return !d.lost })
		if at < 0 {
			continue
		}
		d, to := c[at], x.to[ch]
		name := x.Sys.Messages[d.message].Name
		e := x.Code[to].M.Event(fsm.OnMessage, name)
		if e != nil && !x.Code[to].Enabled(s.l[to], e, d.fields...) {
			continue // it waits
		}
		out = append(out, possible{"the arrival of " + name + " at " + x.Code[to].M.Name, to, func() (reaction, error) {
			if e == nil {
				return reaction{state: s.l[to]}, nil
			}
			return x.react(to, s.l[to], e, d.fields)
		}, ch})
	}
	return out
}

// wait lets time pass to the next timer; nil where none runs. What was lost is gone by then.
func (x *chainOf) wait(s *link) (*possible, error) {
	next := int64(-1)
	var due []possible
	for i, ts := range s.timers {
		for k, t := range ts {
			if t < 0 || next >= 0 && t > next {
				continue
			}
			if t < next || next < 0 {
				next, due = t, nil
			}
			due = append(due, possible{x.Code[i].M.Name + "'s timer " + x.Code[i].M.Timers[k].Name, i, func() (reaction, error) { return x.timeout(i, s.l[i], k) }, -1})
		}
	}
	if len(due) == 0 {
		return nil, nil
	}
	if len(due) > 1 {
		return nil, errChoice{due[0].text, due[1].text}
	}
	for i, ts := range s.timers {
		for k, t := range ts {
			if t >= 0 {
				ts[k] -= next
			}
			if t == next {
				s.timers[i][k] = -1
			}
		}
	}
	for ch, c := range s.ch {
		s.ch[ch] = slices.DeleteFunc(c, func(d flown) bool { return d.lost })
	}
	return &due[0], nil
}
