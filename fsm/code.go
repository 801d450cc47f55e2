package fsm

import "fmt"

// State is the local state of a machine: one word for each slot of its layout.
type State []uint32

// Slot describes one word of a State.
type Slot struct {
	Name  string // of the variable, record or timer; fields of records by their own name
	Kind  SlotKind
	Type  Type // of VarSlot and FieldSlot
	Elem  int  // index within an array
	Layer bool // hidden from the proof; zero there
	Index int  // of the variable, record or timer in its list
}

// SlotKind says what a word of a State holds.
type SlotKind int

const (
	VarSlot     SlotKind = iota
	SoundSlot            // of a record: 1 where it is readable
	FieldSlot            // of a record
	RunningSlot          // of a timer: 1 while it runs
	StepSlot             // of a timer that doubles: how often it has
)

// Code is a machine made ready to run.
type Code struct {
	Sys    *System
	M      *Machine
	Layout []Slot
	// Watched notes which stages fire, for Unfired. Not while several goroutines run events of one Code.
	Watched bool

	at      map[string]int // variable or record field to its slot
	sound   []int          // record to slot
	running []int          // timer to slot
	step    []int          // timer to slot, -1 where it does not double
	frames  int            // words for the parameters of tails
	tails   map[string]*tailCode
	events  map[*Event]func(*run) bool
	whens   map[*Event]func(*run) uint32
	whiles  []whileCode
	stages  []*Stage
	fired   []bool // by stage
}

// Unfired lists the stages that no event reached while the code was watched.
func (c *Code) Unfired() []*Stage {
	var out []*Stage
	for i, s := range c.stages {
		if !c.fired[i] {
			out = append(out, s)
		}
	}
	return out
}

type tailCode struct {
	base int
	body func(*run) bool
}

type whileCode struct {
	slot, n int
	cond    func(*run) uint32
}

// EffectKind tells the visible actions apart.
type EffectKind int

const (
	DidSend EffectKind = iota
	DidPersist
	DidInvoke
	DidComplete
	DidReport
	DidStart
	DidCancel
	DidNote
	DidBreach
)

// Effect is one action of an event.
type Effect struct {
	Kind     EffectKind
	Index    int      // of the message, record or timer
	Fields   []uint32 // of the message, in declared order
	Old      []uint32 // of the record before it was written: sound, then the fields
	Fn, Slot uint32   // of invoke, complete and report
	Args     uint32   // of report: the arguments of the call
	Outcome  uint32   // of complete and report
	Commit   bool     // of a persist: with what the handler did
	Memo     bool     // of complete: the answer comes from a memo
	Again    bool     // of start
	Interval uint32   // of start, in milliseconds
	Name     string   // of note and breach
	After    State    // the local state right after a persist, send, invoke or complete: a crash may come here
}

// Env is what an event may ask of its surroundings.
type Env struct {
	// Choices are the answers to the questions that only the world can answer, in the order in which they are asked;
	// a missing one is no. Asked counts them after the event. Only where Concrete is nil.
	Choices []bool
	Asked   int
	// Ask, where it is not nil, hears what each question is about: the variable or timer of a layer, "full" or "hit".
	Ask func(about string)
	// Fresh is what fresh(sort) gives first, and one more each time: values that equal none that is in use.
	Fresh uint32
	// Concrete runs the machine as emitted code does: real widths, real layers.
	Concrete *Concrete
}

// Concrete is the world of a machine that runs for real.
type Concrete struct {
	Entropy func(bits int) uint32
	Hit     func(memo int, fn, args uint32) bool
	Recall  func(memo int) uint32
	Memo    func(memo int, op string, fn, args, answer uint32)
	Either  func() bool // what either() gives; nil: no
}

// Result of an event.
type Result struct {
	State   State
	Effects []Effect
	Nexts   []Next
	Halted  bool   // a number that is never reused ran out
	Fault   string // a value left its range: "callee.last = 9 outside 0..7"; "" where none did
}

// Next is one application of next to a number that is never reused. Renaming values to ranks is exact only if it is the
// largest of its group.
type Next struct {
	Sort  string
	From  uint32
	Scope uint32 // value of its scope; 0 without one
	Own   bool   // of a variable of the machine, not of a message's field
}

type run struct {
	c      *Code
	s      State
	in     []uint32
	frame  []uint32
	env    *Env
	fx     []Effect
	nexts  []Next
	halted bool
	fault  string
	drawn  uint32 // tokens so far
	memo   bool   // the last expression was recalled(…)
}

// choose answers a question about a layer.
func (r *run) choose(about string) bool {
	r.env.Asked++
	if r.env.Ask != nil {
		r.env.Ask(about)
	}
	if n := r.env.Asked - 1; n < len(r.env.Choices) {
		return r.env.Choices[n]
	}
	return false
}

// Compile makes a machine of a sane system ready to run.
func Compile(s *System, m *Machine) *Code {
	c := &Code{Sys: s, M: m, at: map[string]int{}, tails: map[string]*tailCode{}, events: map[*Event]func(*run) bool{}, whens: map[*Event]func(*run) uint32{}}
	add := func(x Slot) int { c.Layout = append(c.Layout, x); return len(c.Layout) - 1 }
	for i, v := range m.Vars {
		for k := range max(1, v.Type.Len) {
			at := add(Slot{v.Name, VarSlot, v.Type, k, v.Layer, i})
			if k == 0 {
				c.at[v.Name] = at
			}
		}
	}
	for i, r := range m.Records {
		c.sound = append(c.sound, add(Slot{r.Name, SoundSlot, Type{}, 0, false, i}))
		for _, f := range r.Fields {
			c.at[f.Name] = add(Slot{f.Name, FieldSlot, f.Type, 0, false, i})
		}
	}
	for i, t := range m.Timers {
		c.running = append(c.running, add(Slot{t.Name, RunningSlot, Type{}, 0, t.Layer, i}))
		c.step = append(c.step, -1)
		if t.Doubles() {
			c.step[i] = add(Slot{t.Name, StepSlot, Type{}, 0, true, i})
		}
	}
	// tails call only tails that were declared, and never themselves (Sanity), so bodies are compiled on demand
	for _, t := range m.Tails {
		c.tails[t.Name] = &tailCode{base: c.frames}
		c.frames += len(t.Params)
	}
	for _, t := range m.Tails {
		c.tails[t.Name].body = c.block(t.Body, &scope{c: c, tail: t})
	}
	for _, e := range m.Events {
		c.events[e], c.whens[e] = c.block(e.Body, &scope{c: c, event: e}), c.expr(e.When, &scope{c: c, event: e})
	}
	for _, v := range m.Vars {
		if v.While != nil {
			c.whiles = append(c.whiles, whileCode{c.at[v.Name], max(1, v.Type.Len), c.expr(v.While, &scope{c: c})})
		}
	}
	return c
}

// Blank is the state of a peer that has never run: no record is readable.
func (c *Code) Blank() State {
	s := make(State, len(c.Layout))
	c.Boot(s)
	return s
}

// Boot makes everything volatile what it is after a start; records stay. The restart event is still to run.
func (c *Code) Boot(s State) {
	for i, x := range c.Layout {
		switch x.Kind {
		case VarSlot:
			s[i] = c.M.Vars[x.Index].Init
		case RunningSlot, StepSlot:
			s[i] = 0
		case FieldSlot:
			if s[c.sound[x.Index]] == 0 {
				s[i] = 0
			}
		}
	}
}

// Tear makes the record of a persist unreadable, as a crash within the write does where it has one slot.
func (c *Code) Tear(s State, record int) {
	s[c.sound[record]] = 0
	for _, f := range c.M.Records[record].Fields {
		s[c.at[f.Name]] = 0
	}
}

// Settle zeroes the variables that are dead, so that equal states look equal.
func (c *Code) Settle(s State) {
	if len(c.whiles) == 0 {
		return
	}
	r := &run{c: c, s: s, env: &Env{}}
	for _, w := range c.whiles {
		if w.cond(r) == 0 {
			clear(s[w.slot : w.slot+w.n])
		}
	}
}

// Slot of a variable or record field, or -1.
func (c *Code) Slot(name string) int {
	if i, ok := c.at[name]; ok {
		return i
	}
	return -1
}

// TypeOf is the type of an expression where it stands: in an event, in a tail, or in neither. It is not known of a literal,
// which fits several, and of a member of an enumeration.
func (c *Code) TypeOf(e Expr, event *Event, tail *Tail) (Type, bool) {
	return (&scope{c: c, event: event, tail: tail}).typeOf(e)
}

// Sound is the slot that says whether a record is readable.
func (c *Code) Sound(record int) int { return c.sound[record] }

// Running is the slot that says whether a timer runs, by the timer's name; -1 where there is none.
func (c *Code) Running(timer string) int {
	for i, t := range c.M.Timers {
		if t.Name == timer {
			return c.running[i]
		}
	}
	return -1
}

// mostFields of an event that a condition may read.
const mostFields = 16

// Enabled reports whether the environment may make the event happen: its condition holds, and a timer runs.
// A layer timer may fire at any time. The input has the event's fields, as of Exec; what is missing of it reads as 0.
func (c *Code) Enabled(s State, e *Event, in ...uint32) bool {
	if e.Kind == OnTimer {
		for i, t := range c.M.Timers {
			if t.Name == e.Name && !t.Layer && s[c.running[i]] == 0 {
				return false
			}
		}
	}
	if e.When == nil {
		return true
	}
	if len(in) < mostFields {
		in = append(make([]uint32, 0, mostFields), in...)[:mostFields]
	}
	return c.whens[e](&run{c: c, s: s, in: in, env: &Env{}}) != 0
}

// Exec runs one event on a copy of the local state. The input has the event's fields: of a call fn and args, of a
// return ans, of a message its fields, of a free event its parameters.
func (c *Code) Exec(s State, e *Event, in []uint32, env *Env) Result {
	r := &run{c: c, s: append(State(nil), s...), in: in, env: env}
	env.Asked = 0
	if c.frames > 0 {
		r.frame = make([]uint32, c.frames)
	}
	if e.Kind == OnTimer {
		for i, t := range c.M.Timers {
			if t.Name == e.Name {
				r.s[c.running[i]] = 0
			}
		}
	}
	c.events[e](r)
	c.Settle(r.s)
	return Result{r.s, r.fx, r.nexts, r.halted, r.fault}
}

func (r *run) emit(f Effect) {
	switch f.Kind {
	case DidPersist, DidSend, DidInvoke, DidComplete, DidReport:
		f.After = append(State(nil), r.s...)
	}
	r.fx = append(r.fx, f)
}

// check notes a value that its type does not have.
func (r *run) check(name string, t Type, v uint32) {
	bad := false
	switch t.Kind {
	case Bool:
		bad = v > 1
	case Range:
		bad = v < t.Lo || v > t.Hi
	case EnumKind:
		bad = int(v) >= len(r.c.Sys.Enum(t.Name).Members)
	}
	if bad && r.fault == "" {
		r.fault = fmt.Sprintf("%s.%s = %d is outside %s", r.c.M.Name, name, v, t)
	}
}
