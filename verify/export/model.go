package export

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// The colours of payloads: those of the marked call, of calls that are made after its end, of all others, and of a
// payload that the network altered.
const (
	white   = 1
	marked  = 2
	late    = 3
	garbage = 4
	after   = 5 // made while the marked call was outstanding
)

// The values of numbers. A rank is a multiple of gap, so that what next makes of one, also several times in a step, is
// seen to be new. fresh is what a token is when it was just drawn; ranks stay below it.
const (
	gap      = 8
	fresh    = 250
	farApart = 4 // distances are kept up to here, where counting may begin again below values in use
)

// restarts is how often a peer may crash while it starts.
const restarts = 2

// Representation is the property that the values of a state could not be ranked: nothing is known beyond.
const Representation = "representation"

const bounded, noDeadlock = "bounded", "no_deadlock"

// model is a system with what the printers ask about it.
type model struct {
	sys            *fsm.System
	opt            Options
	machines       []*machine
	caller, callee int // machines with a call and a return event; -1
	checks         map[string]bool
	props          []string
	sorts          []*sort
	width          int     // fields of the widest message
	epoch          [2]int  // the caller's copy of the callee's epoch, and that; -1 where there is none
	pays, arrive   [][]int // by machine, slots of payloads; and those of which one may come to an invocation again
	assertions     []assertion
	latches        []fsm.Expr // what has to happen before an assertion holds
	keeps          bool       // the marked call is never forgotten
	outcomes       bool       // its outcome is remembered
}

type machine struct {
	*fsm.Machine
	index int
	code  *fsm.Code // of which only the layout is used
	out   int       // channel that leads away; -1
}

// inOrder lists the tails of a machine, each behind those that it runs.
func (x *machine) inOrder() []*fsm.Tail {
	var out []*fsm.Tail
	var add func(t *fsm.Tail)
	add = func(t *fsm.Tail) {
		if slices.Contains(out, t) {
			return
		}
		fsm.WalkStages(t.Body, func(s *fsm.Stage) {
			if d, ok := s.Stmt.(*fsm.Do); ok {
				add(x.Tail(d.Tail))
			}
		})
		out = append(out, t)
	}
	for _, t := range x.Tails {
		add(t)
	}
	return out
}

// sort is a sort of values that are renamed.
type sort struct {
	*fsm.Sort
	scoped  bool // every place has a scope
	restart restart
	slots   []place
	fields  []place
}

// place is a slot of a machine or a field of a message; scope is the slot or field within whose value it counts, or -1.
type place struct{ of, at, scope int }

// restart says where counting may begin again below values that are still in use.
type restart int

const (
	never    restart = iota
	unscoped         // only while there is no scope yet
	always
)

func newModel(sys *fsm.System, opt Options) (*model, error) {
	m := &model{sys: fsm.Slice(sys), opt: opt, caller: -1, callee: -1, checks: map[string]bool{}}
	if opt.Capacity < 1 || opt.Capacity > 16 {
		return nil, fmt.Errorf("a channel holds 1 to 16 datagrams, not %d", opt.Capacity)
	}
	for _, c := range m.sys.Checks {
		m.checks[c] = true
	}
	for i, x := range m.sys.Machines {
		k := &machine{Machine: x, index: i, code: fsm.Compile(m.sys, x), out: -1}
		for j, c := range m.sys.Channels {
			if c.From == x.Name {
				k.out = j
			}
		}
		m.machines = append(m.machines, k)
		if x.Event(fsm.OnCall, "call") != nil {
			m.caller = i
		}
		if x.Event(fsm.OnReturn, "return") != nil {
			m.callee = i
		}
	}
	for _, x := range m.sys.Messages {
		m.width = max(m.width, len(x.Fields))
	}
	m.width = max(m.width, 1)
	if fn := m.sys.Enum("fn"); fn != nil && m.opt.Functions == nil {
		for i := range fn.Members {
			m.opt.Functions = append(m.opt.Functions, uint32(i))
		}
	}
	if err := m.findAssertions(); err != nil {
		return nil, err
	}
	m.properties()
	m.findSorts()
	m.findEpoch()
	m.findPayloads()
	return m, m.fits()
}

// lanes reports whether several calls may be outstanding.
func (m *model) lanes() bool { return m.caller >= 0 && m.machines[m.caller].Lanes() }

// ordered reports whether the order of executions is watched.
func (m *model) ordered() bool { return m.checks["ordered"] && m.sys.Set("ordered") != nil }

// fits says what of a system cannot be exported.
func (m *model) fits() error {
	for _, x := range m.machines {
		for _, t := range x.Timers {
			if t.Outlives != fsm.OutlivesNothing {
				return fmt.Errorf("timer %s of %s outlives %s, which has no counterpart yet", t.Name, x.Name, t.Outlives)
			}
		}
		var err error
		x.Stages(func(s *fsm.Stage) {
			if !known(s.Stmt) {
				err = fmt.Errorf("machine %s: no other checker has a word for %T", x.Name, s.Stmt)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// known reports whether the printers print a statement.
func known(s fsm.Stmt) bool {
	switch s.(type) {
	case *fsm.When, *fsm.End, *fsm.Assign, *fsm.Send, *fsm.Persist, *fsm.Start, *fsm.Cancel, *fsm.Invoke, *fsm.Complete, *fsm.Report, *fsm.Do,
		*fsm.Breach, *fsm.Note, *fsm.Ask, *fsm.Remember, *fsm.Forget:
		return true
	}
	return false
}

// once reports whether commits of effects are counted: a call is to run exactly once, or a machine has words for that.
func (m *model) once() bool {
	s := m.sys.Set("once")
	return s != nil && len(s.Members) > 0 || m.commits() ||
		slices.ContainsFunc(m.machines, func(x *machine) bool { return x.Reports() })
}

// commits reports whether the callee commits what a handler did with a record; else it is there when the handler has returned.
func (m *model) commits() bool {
	return slices.ContainsFunc(m.machines, func(x *machine) bool { return x.Commits() })
}

// watched are the properties of calls that no run of finite length is needed for.
var watched = []string{"own_answer", "serial", "at_most_once", "honest_outcome", "final", "exactly_once", "no_stale", "ordered", "no_spurious_restart"}

// properties lists what is asserted: what check names, invariants, breaches, and what always is.
func (m *model) properties() {
	add := func(p string) {
		if !slices.Contains(m.props, p) {
			m.props = append(m.props, p)
		}
	}
	for _, c := range m.sys.Checks {
		if slices.Contains(watched, c) || c == noDeadlock {
			add(c)
		}
	}
	for _, inv := range m.sys.Invariants {
		if !inv.Start {
			add(inv.Name)
		}
	}
	for _, a := range m.assertions {
		add(a.name)
	}
	for _, x := range m.machines {
		x.Stages(func(s *fsm.Stage) {
			if b, ok := s.Stmt.(*fsm.Breach); ok {
				add(b.Name)
			}
		})
	}
	add(bounded)
	add(Representation)
}

// slotsOf calls f for the slots of a machine that hold values of its own.
func (x *machine) slotsOf(f func(i int, s fsm.Slot)) {
	for i, s := range x.code.Layout {
		if (s.Kind == fsm.VarSlot || s.Kind == fsm.FieldSlot) && !s.Layer {
			f(i, s)
		}
	}
}

func (m *model) findSorts() {
	var all []*sort
	for _, s := range m.sys.Sorts {
		if s.Wrap > 0 {
			continue
		}
		k := &sort{Sort: s, scoped: !m.opt.OneOrder}
		for i, x := range m.machines {
			x.slotsOf(func(at int, sl fsm.Slot) {
				if sl.Type.Name != s.Name {
					return
				}
				p := place{i, at, -1}
				if sl.Type.Scope != "" {
					p.scope = x.code.Slot(sl.Type.Scope)
				}
				k.slots = append(k.slots, p)
				k.scoped = k.scoped && p.scope >= 0
			})
		}
		for i, msg := range m.sys.Messages {
			for at, f := range msg.Fields {
				if f.Type.Name != s.Name {
					continue
				}
				p := place{i, at, -1}
				if f.Type.Scope != "" {
					p.scope = msg.Index(f.Type.Scope)
				}
				k.fields = append(k.fields, p)
				k.scoped = k.scoped && p.scope >= 0
			}
		}
		all = append(all, k)
	}
	for _, x := range m.machines {
		x.findRestarts(all)
	}
	for _, scoped := range []bool{false, true} { // scopes are renamed before what counts within them
		for _, s := range all {
			if s.scoped == scoped {
				m.sorts = append(m.sorts, s)
			}
		}
	}
}

// findRestarts looks for numbers that count up from nothing after a crash: in volatile variables, and in records of one
// slot, which can be torn. Within a scope that is a new one after a crash the count begins anew without harm.
func (x *machine) findRestarts(all []*sort) {
	if !x.Crashes && !x.Erased {
		return
	}
	stable := func(at int) bool {
		l := x.code.Layout[at]
		return l.Kind == fsm.FieldSlot && x.Records[l.Index].Slots > 1
	}
	x.Stages(func(s *fsm.Stage) {
		for _, e := range fsm.Reads(s.Stmt) {
			fsm.WalkExpr(e, func(e fsm.Expr) {
				c, ok := e.(*fsm.Call)
				if !ok || c.Fn != "next" {
					return
				}
				n, ok := c.Args[0].(*fsm.Name)
				if !ok || x.code.Slot(n.Name) < 0 || stable(x.code.Slot(n.Name)) {
					return
				}
				t := x.code.Layout[x.code.Slot(n.Name)].Type
				i := slices.IndexFunc(all, func(k *sort) bool { return k.Name == t.Name })
				if i < 0 {
					return
				}
				mode := always
				if at := x.code.Slot(t.Scope); t.Scope != "" && at >= 0 && all[i].scoped {
					if l := x.code.Layout[at]; l.Kind == fsm.FieldSlot || l.Type.Kind == fsm.Token {
						mode = unscoped
					}
				}
				all[i].restart = max(all[i].restart, mode)
			})
		}
	})
}

// findEpoch finds the slots of the epoch.
func (m *model) findEpoch() {
	m.epoch = [2]int{-1, -1}
	if e := m.opt.Epoch; e != nil && m.caller >= 0 && m.callee >= 0 {
		m.epoch = [2]int{m.machines[m.caller].code.Slot(e.Caller), m.machines[m.callee].code.Slot(e.Callee)}
	}
}

// remembers reports whether a restart of the callee is noted.
func (m *model) remembers() bool { return m.epoch[0] < 0 || m.opt.Epoch.Blind }

// mortal reports whether the callee ever starts again.
func (m *model) mortal() bool {
	return m.callee < 0 || m.machines[m.callee].Crashes || m.machines[m.callee].Erased
}

// findPayloads finds the slots of each machine that hold a payload, and of those of the callee what may come to an
// invocation again: directly, or by variables, records, tails and datagrams.
func (m *model) findPayloads() {
	type thing struct{ of, in, name string } // of a machine or message; in a tail
	runs := map[thing]bool{{}: true}         // an invocation is the thing without a name
	for grew := true; grew; {
		grew = false
		for _, x := range m.machines {
			x.flows(func(e *fsm.Event, tail string, of, in, name string, v fsm.Expr) {
				if !runs[thing{of, in, name}] {
					return
				}
				from := func(t thing) {
					grew = grew || !runs[t]
					runs[t] = true
				}
				fsm.WalkExpr(v, func(v fsm.Expr) {
					switch v := v.(type) {
					case *fsm.Name:
						from(thing{x.Name, "", v.Name})
						from(thing{x.Name, tail, v.Name})
					case *fsm.Index:
						from(thing{x.Name, "", v.Name})
					case *fsm.Select:
						if e != nil && e.Kind == fsm.OnMessage {
							from(thing{"", e.Name, v.Field})
						}
					}
				})
			})
		}
	}
	for i, x := range m.machines {
		var all, may []int
		x.slotsOf(func(at int, s fsm.Slot) {
			if s.Type.Kind != fsm.Payload {
				return
			}
			all = append(all, at)
			if i != m.callee || runs[thing{x.Name, "", s.Name}] {
				may = append(may, at)
			}
		})
		m.pays, m.arrive = append(m.pays, all), append(m.arrive, may)
	}
}

// flows calls f for every value that goes somewhere: to a variable or field of a machine, to a tail's parameter, to a field
// of a message ("", message, field), or to an invocation ("", "", "").
func (x *machine) flows(f func(e *fsm.Event, tail, of, in, name string, v fsm.Expr)) {
	body := func(e *fsm.Event, tail string, b []*fsm.Stage) {
		fsm.WalkStages(b, func(s *fsm.Stage) {
			switch k := s.Stmt.(type) {
			case *fsm.Assign:
				if n, ok := k.Target.(*fsm.Name); ok {
					f(e, tail, x.Name, "", n.Name, k.Value)
				} else if n, ok := k.Target.(*fsm.Index); ok {
					f(e, tail, x.Name, "", n.Name, k.Value)
				}
			case *fsm.Persist:
				for _, v := range k.Fields {
					f(e, tail, x.Name, "", v.Name, v.Value)
				}
			case *fsm.Send:
				for _, v := range k.Fields {
					f(e, tail, "", k.Message, v.Name, v.Value)
				}
			case *fsm.Do:
				for i, p := range x.Tail(k.Tail).Params {
					f(e, tail, x.Name, k.Tail, p.Name, k.Args[i])
				}
			case *fsm.Invoke:
				f(e, tail, "", "", "", k.Args)
			}
		})
	}
	for _, e := range x.Events {
		body(e, "", e.Body)
	}
	for _, t := range x.Tails {
		body(nil, t.Name, t.Body)
	}
}

// span of the values of a type that the environment may choose.
func (m *model) span(t fsm.Type) (lo, hi uint32) {
	switch t.Kind {
	case fsm.Bool:
		return 0, 1
	case fsm.EnumKind:
		return 0, uint32(len(m.sys.Enum(t.Name).Members) - 1)
	}
	return t.Lo, t.Hi
}
