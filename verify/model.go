package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// Msg is a datagram in the model: the message's index, then its fields; the last byte says which timers outlive it
// (outlive.go), a bit each. It is comparable, and orders bytewise.
type Msg [10]uint8

const maxFields = oldAt - 1

// Sent is a datagram that a step put into a channel.
type Sent struct {
	Channel int
	Msg     Msg
}

// World is everything but the channels: the machines' local states and the monitor.
type World struct {
	L   []fsm.State
	Env Monitor
}

func (w World) clone() World {
	k := World{L: make([]fsm.State, len(w.L)), Env: w.Env}
	for i, l := range w.L {
		k.L[i] = slices.Clone(l)
	}
	return k
}

// ActionKind says who moved.
type ActionKind int

const (
	ProgramCalls ActionKind = iota
	HandlerReturns
	Delivers
	TimerFires
	FreeEvent
	Crashes
	Replaces // a peer is replaced by a blank one, no datagram being in flight
	Loses    // the network drops a datagram
)

// Action is one choice of the environment.
type Action struct {
	Kind    ActionKind
	Machine int
	Event   *fsm.Event
	In      []uint32
	Choices []bool
	Colour  uint8 // of ProgramCalls
	Msg     Msg   // of Delivers and Loses
	Channel int
	Again   bool  // of Delivers: it was delivered before
	Altered bool  // of Delivers: the network changed it
	After   int   // the peer crashes after this many visible actions of the event; -1: it does not
	Torn    bool  // and the last of them, a stable write, was torn
	Deep    int   // crashes within the start that follows
	Cuts    []Cut // where these came, in their order
}

// Cut is a crash within a start: after so many visible actions, the last of which, a stable write, may be torn.
type Cut struct {
	After int
	Torn  bool
}

// Step is an action and what came of it.
type Step struct {
	Action
	Next    World
	Effects []fsm.Effect // of the event, as far as it got
	Sent    []Sent
	Nexts   []fsm.Next // applications of next, for the check that ranks are exact
	Ageing  Ageing
	Awaited bool   // before it, a timer that outlives calls waited for the pending one to end
	Bad     string // the property that it breaks; ""
	Why     string
}

// Model is a system made ready to explore.
type Model struct {
	Sys    *fsm.System
	source *fsm.System // that it was made of
	Code   []*fsm.Code
	Caller int // index of the machine with a call event; -1
	Callee int // index of the machine with a return event; -1
	Fns    []uint32
	// Unmarked are the functions that unmarked calls try; nil: all.
	Unmarked []uint32
	lanes    bool    // several calls may be outstanding: each tells by its arguments which it is
	commits  bool    // the callee commits what handlers do, with a record
	plain    bool    // no call is marked, and only whether a call and a handler are under way is told
	layers   [][]int // by machine: the slots of layers, of a model in which they are not hidden
	outlive  []outliving
	ageless  bool  // datagrams do not get old, so that none is ever gone for that
	out      []int // machine to the channel that leads away from it; -1
	to       []int // channel to its receiver
	from     []int // channel to its sender
	checks   map[string]bool
	epoch    [2]int   // the caller's copy of the callee's epoch, and that; -1 where there is none
	blind    bool     // a call may end by a restart of the peer before its caller has heard of any epoch
	runs     [][]bool // by machine and slot: what is there may come to an invocation
	set      map[string]*fsm.Set
	fn       *fsm.Enum
	draws    uint32                     // tokens drawn by machines that run for real
	want     func(property string) bool // others are passed over; nil: none is

	// of assertions
	latches  []latch
	moments  []*fsm.Invariant // held against each start of an unmarked call's handler
	keeps    bool             // the marked call is never forgotten
	outcomes bool             // its outcome is remembered
}

// NewModel slices the system and prepares it. An error says what the checker cannot represent.
func NewModel(sys *fsm.System) (*Model, error) {
	m, err := prepare(fsm.Slice(sys))
	if err == nil {
		m.source = sys
	}
	return m, err
}

// prepare makes a model of a system as it is.
func prepare(sys *fsm.System) (*Model, error) {
	m := &Model{Sys: sys, source: sys, Caller: -1, Callee: -1, checks: map[string]bool{}, set: map[string]*fsm.Set{}}
	for _, c := range m.Sys.Checks {
		m.checks[c] = true
	}
	for _, s := range m.Sys.Sets {
		m.set[s.Name] = s
	}
	m.fn = m.Sys.Enum("fn")
	for i, x := range m.Sys.Machines {
		m.Code = append(m.Code, fsm.Compile(m.Sys, x))
		if x.Budget > 0 && i >= maxBudgets {
			return nil, fmt.Errorf("machine %s, the %d. of the text, crashes a limited number of times: only the first %d may", x.Name, i+1, maxBudgets)
		}
		if x.Event(fsm.OnCall, "call") != nil {
			m.Caller, m.lanes = i, x.Lanes()
		}
		if x.Event(fsm.OnReturn, "return") != nil {
			m.Callee, m.commits = i, x.Commits()
		}
		m.out = append(m.out, -1)
	}
	for i, ch := range m.Sys.Channels {
		m.from = append(m.from, m.index(ch.From))
		m.to = append(m.to, m.index(ch.To))
		m.out[m.index(ch.From)] = i
	}
	for _, x := range m.Sys.Messages {
		if len(x.Fields) > maxFields {
			return nil, fmt.Errorf("message %s has more than %d fields that a machine reads", x.Name, maxFields)
		}
	}
	if err := m.assertions(); err != nil {
		return nil, err
	}
	m.outlive = m.outlivings()
	if m.lanes && slices.ContainsFunc(m.outlive, func(o outliving) bool { return o.calls }) {
		return nil, fmt.Errorf("machine %s may have several calls outstanding, and a timer outlives calls: which of them it waits for has no meaning yet", m.Code[m.Caller].M.Name)
	}
	m.Fns = m.representatives()
	m.epoch = m.epochSlots()
	m.runs = m.runnable()
	m.blind = m.endsBlind()
	return m, nil
}

// Commits reports whether the callee commits what handlers do, with a record.
func (m *Model) Commits() bool { return m.commits }

func (m *Model) index(machine string) int {
	return slices.IndexFunc(m.Sys.Machines, func(x *fsm.Machine) bool { return x.Name == machine })
}

// in reports whether a function is in a set of the system; an undeclared set is empty.
func (m *Model) in(fn uint32, set string) bool {
	s := m.set[set]
	return s != nil && m.fn != nil && s.Has(m.fn, fn)
}

// freshValue equals no value that is in use: ranks stay far below it.
const freshValue = 250

// exec runs an event for every answer that the world may give to what layers and widths ask.
func (m *Model) exec(i int, l fsm.State, e *fsm.Event, in []uint32, f func(choices []bool, r fsm.Result)) {
	m.execFresh(i, l, e, in, freshValue, f)
}

// execFresh is exec with the first of the tokens that are drawn: those of a start differ from those of the event that was cut.
func (m *Model) execFresh(i int, l fsm.State, e *fsm.Event, in []uint32, fresh uint32, f func(choices []bool, r fsm.Result)) {
	var rec func(prefix []bool)
	rec = func(prefix []bool) {
		env := fsm.Env{Choices: prefix, Fresh: fresh}
		r := m.Code[i].Exec(l, e, in, &env)
		all := append(slices.Clone(prefix), make([]bool, env.Asked-min(env.Asked, len(prefix)))...)
		f(all, r)
		for k := len(prefix); k < env.Asked; k++ {
			next := append(slices.Clone(all[:k]), true)
			rec(next)
		}
	}
	rec(nil)
}

// msg packs a send; ok is false where a value does not fit.
func (m *Model) msg(f fsm.Effect) (Msg, bool) {
	var x Msg
	x[0] = uint8(f.Index)
	for i, v := range f.Fields {
		if v > 255 {
			return x, false
		}
		x[1+i] = uint8(v)
	}
	return x, true
}

// fields unpacks a message for the interpreter.
func (m *Model) fields(x Msg) []uint32 {
	n := len(m.Sys.Messages[x[0]].Fields)
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(x[1+i])
	}
	return out
}

// receive is the event by which a machine takes a message, or nil: then the datagram is ignored.
func (m *Model) receive(machine int, x Msg) *fsm.Event {
	return m.Sys.Machines[machine].Event(fsm.OnMessage, m.Sys.Messages[x[0]].Name)
}

// sends collects what effects put into channels.
func (m *Model) sends(i int, fx []fsm.Effect) (out []Sent, fits bool) {
	fits = true
	for _, f := range fx {
		if f.Kind == fsm.DidSend {
			x, ok := m.msg(f)
			fits = fits && ok
			out = append(out, Sent{m.out[i], x})
		}
	}
	return
}

// Steps lists everything that one event at one machine can lead to, with a crash after each visible action.
func (m *Model) Steps(w World, a Action, pre func(*Step)) []Step {
	var out []Step
	c := m.Code[a.Machine]
	m.exec(a.Machine, w.L[a.Machine], a.Event, a.In, func(choices []bool, r fsm.Result) {
		a := a
		a.Choices, a.After = choices, -1
		whole := m.finish(w, a, r.State, r.Effects, pre)
		whole.Nexts = r.Nexts
		if r.Fault != "" && whole.Bad == "" {
			whole.Bad, whole.Why = "bounded", r.Fault
		}
		out = append(out, whole)
		if !m.mayCrash(w, a.Machine) {
			return
		}
		for k, f := range r.Effects {
			if f.After == nil {
				continue
			}
			a.After, a.Torn = k+1, false
			cut := m.finish(w, a, f.After, r.Effects[:k+1], pre)
			cut.Nexts = r.Nexts
			out = append(out, m.crash(cut, a)...)
			if f.Kind == fsm.DidPersist && c.M.Records[f.Index].Slots == 1 {
				a.Torn = true
				cut := m.finish(w, a, slices.Clone(f.After), r.Effects[:k+1], pre)
				cut.Nexts = r.Nexts
				c.Tear(cut.Next.L[a.Machine], f.Index)
				out = append(out, m.crash(cut, a)...)
			}
		}
	})
	return out
}

// finish puts the new local state into the world and lets the monitor see the effects.
func (m *Model) finish(w World, a Action, l fsm.State, fx []fsm.Effect, pre func(*Step)) Step {
	s := Step{Action: a, Effects: fx, Next: World{L: slices.Clone(w.L), Env: w.Env}}
	if pre != nil {
		pre(&s)
	}
	s.Next.L[a.Machine] = l
	ok := true
	s.Sent, ok = m.sends(a.Machine, fx)
	if !ok {
		s.Bad, s.Why = tooLarge, "a value above 255 was sent"
	}
	s.Awaited = w.Env.Old != 0
	m.age(&s, w.L[a.Machine], fx, 0)
	m.watch(&s, w.L)
	m.close(&s.Next)
	return s
}

// tooLarge is the pseudo property of a value that the checker cannot represent: the verdict is undecided.
const tooLarge = "representation"

// Local lists the steps that need no datagram: calls, returns, timers, free events and crashes.
func (m *Model) Local(w World) []Step {
	var out []Step
	for i := range m.Code {
		out = append(out, m.localAt(w, i)...)
	}
	return out
}

// localAt is Local of one machine.
func (m *Model) localAt(w World, i int) []Step {
	var out []Step
	c := m.Code[i]
	for _, e := range c.M.Events {
		a := Action{Machine: i, Event: e, After: -1}
		switch e.Kind {
		case fsm.OnCall:
			out = append(out, m.calls(w, a)...)
		case fsm.OnReturn:
			if w.Env.Run != 0 && c.Enabled(w.L[i], e, uint32(w.Env.Run)) {
				a.Kind, a.In = HandlerReturns, []uint32{uint32(w.Env.Run)}
				out = append(out, m.Steps(w, a, m.watchReturn)...)
			}
		case fsm.OnTimer:
			if c.Enabled(w.L[i], e) && !m.held(w, i, e) {
				a.Kind = TimerFires
				out = append(out, m.Steps(w, a, nil)...)
			}
		case fsm.OnFree:
			a.Kind = FreeEvent
			for _, in := range m.inputs(e) {
				if c.Enabled(w.L[i], e, in...) {
					a.In = in
					out = append(out, m.Steps(w, a, nil)...)
				}
			}
		}
	}
	if m.mayCrash(w, i) {
		out = append(out, m.Crash(w, i)...)
	}
	return out
}

// inputs of a free event: every value of its parameters.
func (m *Model) inputs(e *fsm.Event) [][]uint32 {
	out := [][]uint32{nil}
	for _, p := range e.Params {
		lo, hi := m.bounds(p.Type)
		var next [][]uint32
		for _, v := range out {
			for x := lo; x <= hi; x++ {
				next = append(next, append(slices.Clone(v), x))
			}
		}
		out = next
	}
	return out
}

// Deliver lists what the arrival of a message at its receiver leads to.
func (m *Model) Deliver(w World, channel int, x Msg, again bool) []Step {
	i := m.to[channel]
	e := m.receive(i, x)
	if e == nil {
		return nil
	}
	a := Action{Kind: Delivers, Machine: i, Event: e, In: m.fields(x), Msg: x, Channel: channel, Again: again, After: -1}
	if !m.Code[i].Enabled(w.L[i], e, a.In...) {
		return nil
	}
	return m.Steps(w, a, nil)
}

// spontaneous lists the steps that need no datagram, replacing a peer included.
func (m *Model) spontaneous(w World) []Step {
	out := m.Local(w)
	for i, c := range m.Code {
		if c.M.Erased {
			out = append(out, m.Replace(w, i)...)
		}
	}
	return out
}

// arrival is Deliver, with a datagram that its receiver has no event for taken from the channel all the same.
func (m *Model) arrival(w World, ch int, msg Msg, again bool) []Step {
	if m.receive(m.to[ch], msg) == nil {
		a := Action{Kind: Delivers, Machine: m.to[ch], Msg: msg, Channel: ch, Again: again, After: -1}
		return []Step{{Action: a, Next: w.clone()}}
	}
	return m.Deliver(w, ch, msg, again)
}
