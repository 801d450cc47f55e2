package versions

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/diag"
	"sprocketc/fsm"
)

// pair is the caller of one version and the callee of another, in a world: the version whose channel and crashes hold.
type pair struct {
	caller, callee, world *fsm.System
	promised              map[string][]string // what the calls promise in either version: the members of pure, idempotent, …
	foreign               map[string][]string // by message of calls: the calls whose datagrams the receiver does not understand
	deaf                  []string            // messages of no call that the receiver does not understand
	safe                  bool                // that a call is answered is not asked
}

// Sets of calls that the properties look at.
var kinds = []string{"pure", "idempotent", "effect", "commutes", "lasting"}

// mix composes the two machines over some of the caller's calls. Where a receiver does not understand a datagram it drops
// it: that is a stage before all others, as a decoder's refusal is in emitted code. The error says why the two do not make
// one system, such as an epoch that is counted in one and drawn in the other.
func (p pair) mix(functions []string) (*fsm.System, error) {
	a, err := p.half(p.caller, "caller", functions)
	if err != nil {
		return nil, err
	}
	b, err := p.half(p.callee, "callee", functions)
	if err != nil {
		return nil, err
	}
	out := &fsm.System{Name: p.world.Name, Channels: p.world.Channels, Machines: []*fsm.Machine{a.Machine("caller"), b.Machine("callee")}}
	out.Sorts = a.Sorts
	for _, s := range b.Sorts {
		known := a.Sort(s.Name)
		switch {
		case known == nil:
			out.Sorts = append(out.Sorts, s)
		case known.Token != s.Token || known.Wrap != s.Wrap:
			return nil, fmt.Errorf("%s is counted in one version and drawn or reused in the other", s.Name)
		}
	}
	out.Enums = []*fsm.Enum{{Name: "fn", Members: functions}}
	for _, e := range append(slices.Clone(a.Enums), b.Enums...) {
		switch known := out.Enum(e.Name); {
		case e.Name == "fn":
		case known == nil:
			out.Enums = append(out.Enums, e)
		case !slices.Equal(known.Members, e.Members):
			return nil, fmt.Errorf("%s has other members", e.Name)
		}
	}
	out.Sets = append(slices.Clone(a.Sets), b.Sets...)
	for _, k := range kinds {
		out.Sets = append(out.Sets, &fsm.Set{Name: k, Enum: "fn", Members: among(p.promised[k], functions)})
	}
	for _, c := range append(slices.Clone(a.Checks), b.Checks...) {
		if p.safe && slices.Contains([]string{"delivered", "useful", "answered", "responsive"}, c) {
			continue
		}
		if !slices.Contains(out.Checks, c) {
			out.Checks = append(out.Checks, c)
		}
	}
	for _, d := range a.Demands {
		if d.Kind == fsm.Within { // a quiet start rests on when calls have ended
			out.Demands = append(out.Demands, d)
		}
	}
	if err := p.messages(out, a, b, functions); err != nil {
		return nil, err
	}
	for _, m := range out.Machines {
		w := p.world.Machine(m.Name)
		m.Crashes, m.Drift = w.Crashes, w.Drift
	}
	mixed, found := fsm.Load(&diag.File{Name: "mixed.fsm", Text: []byte(out.String())})
	if len(found) > 0 {
		return nil, fmt.Errorf("the machines do not make one system: %s", found[0].Message)
	}
	return mixed, nil
}

// half is a copy of a system whose machine is of use, with some calls only and its sets under names of their own.
func (p pair) half(s *fsm.System, machine string, functions []string) (*fsm.System, error) {
	s, found := fsm.Parse(&diag.File{Name: machine + ".fsm", Text: []byte(s.String())})
	if len(found) > 0 {
		return nil, fmt.Errorf("the %s: %s", machine, found[0].Message)
	}
	all := s.Enum("fn").Members
	m := s.Machine(machine)
	for _, t := range m.Timers {
		if t.Per != "fn" {
			continue
		}
		var spans []fsm.Interval
		for _, f := range functions {
			if i := slices.Index(all, f); i >= 0 && len(t.Spans) == len(all) {
				spans = append(spans, t.Spans[i])
			} else {
				spans = append(spans, t.Spans[0])
			}
		}
		t.Spans = spans
	}
	for _, d := range s.Demands {
		var spans []uint32
		for _, f := range functions {
			n := uint32(0)
			if i := slices.Index(all, f); i >= 0 && i < len(d.Spans) {
				n = d.Spans[i]
			}
			spans = append(spans, n)
		}
		if len(d.Spans) > 0 {
			d.Spans = spans
		}
	}
	for _, memo := range m.Memos {
		var entries []fsm.MemoEntry
		for _, f := range functions {
			e := fsm.MemoEntry{}
			if i := slices.Index(all, f); i >= 0 && i < len(memo.Entries) {
				e = memo.Entries[i]
			}
			entries = append(entries, e)
		}
		memo.Entries = entries
	}
	for _, set := range s.Sets {
		if set.Enum == "fn" {
			set.Members = among(set.Members, functions)
		}
		set.Name = machine + "_" + set.Name
	}
	for _, x := range s.Messages {
		for _, f := range x.Fields {
			if f.For != "" {
				f.For = machine + "_" + f.For
			}
		}
	}
	rename := func(e fsm.Expr) {
		if in, ok := e.(*fsm.In); ok && !strings.HasPrefix(in.Set, machine+"_") {
			in.Set = machine + "_" + in.Set
		}
	}
	m.Stages(func(st *fsm.Stage) {
		for _, e := range fsm.Reads(st.Stmt) {
			fsm.WalkExpr(e, rename)
		}
	})
	for _, e := range m.Events {
		if e.When != nil {
			fsm.WalkExpr(e.When, rename)
		}
	}
	for _, v := range m.Vars {
		if v.While != nil {
			fsm.WalkExpr(v.While, rename)
		}
	}
	return s, nil
}

// messages puts the messages of both together: as their sender has them, and with what the receiver looks for besides.
func (p pair) messages(out, a, b *fsm.System, functions []string) error {
	sides := map[string][2]*fsm.System{"caller": {a, b}, "callee": {b, a}}
	for _, from := range []string{"caller", "callee"} {
		sender, receiver := sides[from][0], sides[from][1]
		to := receiver.Machine("callee")
		if from == "callee" {
			to = receiver.Machine("caller")
		}
		for _, m := range sender.Messages {
			if m.From != from {
				continue
			}
			out.Messages = append(out.Messages, m)
			known := receiver.Message(m.Name)
			e := to.Event(fsm.OnMessage, m.Name)
			if e == nil {
				e = &fsm.Event{Kind: fsm.OnMessage, Name: m.Name, Param: "m"}
				to.Events = append(to.Events, e)
			}
			if known == nil || slices.Contains(p.deaf, m.Name) {
				e.Body = nil
				continue
			}
			if err := p.fieldsOf(m, known, sender.Machine(from)); err != nil {
				return err
			}
			if dropped := among(p.foreign[m.Name], functions); len(dropped) > 0 {
				set := &fsm.Set{Name: "foreign_" + m.Name, Enum: "fn", Members: dropped}
				out.Sets = append(out.Sets, set)
				if e.Param == "" {
					e.Param = "m"
				}
				is := &fsm.In{X: &fsm.Select{Base: e.Param, Field: "fn"}, Set: set.Name}
				e.Body = append([]*fsm.Stage{{Stmt: &fsm.When{Cond: is, Then: []*fsm.Stage{{Stmt: &fsm.End{}}}}}}, e.Body...)
			}
		}
		for _, m := range receiver.Messages { // what nobody sends
			if m.From == from && sender.Message(m.Name) == nil {
				to.Events = slices.DeleteFunc(to.Events, func(e *fsm.Event) bool { return e.Kind == fsm.OnMessage && e.Name == m.Name })
			}
		}
	}
	return nil
}

// fieldsOf adds what a receiver looks for in a message and its sender does not send: only in datagrams that are dropped.
func (p pair) fieldsOf(m, known *fsm.Message, sender *fsm.Machine) error {
	for _, f := range known.Fields {
		i := m.Index(f.Name)
		if i >= 0 {
			if t := m.Fields[i].Type; t.Name != f.Type.Name || (t.Kind == fsm.Payload) != (f.Type.Kind == fsm.Payload) {
				return fmt.Errorf("%s.%s is of another type", m.Name, f.Name)
			}
			continue
		}
		m.Fields = append(m.Fields, f)
		sender.Stages(func(st *fsm.Stage) {
			if send, ok := st.Stmt.(*fsm.Send); ok && send.Message == m.Name {
				send.Fields = append(send.Fields, fsm.FieldValue{Name: f.Name, Value: &fsm.None{}})
			}
		})
	}
	return nil
}

// among are the members that are among others, in the order of these.
func among(members, others []string) []string {
	out := []string{}
	for _, o := range others {
		if slices.Contains(members, o) {
			out = append(out, o)
		}
	}
	return out
}

// untimed is the text of a system without the intervals of its timers, on which a proof does not rest.
func untimed(s *fsm.System) string {
	c, found := fsm.Parse(&diag.File{Name: "mixed.fsm", Text: []byte(s.String())})
	if len(found) > 0 {
		return s.String()
	}
	for _, m := range c.Machines {
		for _, t := range m.Timers {
			for i := range t.Spans {
				if t.Outlives == fsm.OutlivesNothing {
					t.Spans[i] = fsm.Interval{First: 1, Cap: 1}
				}
			}
		}
	}
	for _, ch := range c.Channels {
		ch.Delay, ch.Loss = fsm.Interval{}, fsm.Odds{}
	}
	return c.String()
}
