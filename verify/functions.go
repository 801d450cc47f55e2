package verify

import (
	"fmt"

	"sprocketc/fsm"
)

// representatives merges functions that no machine can tell apart and of which the properties ask the same: they are in
// the same sets, the same memos keep their answers, no expression names one, no two are compared, and no array has an
// element for each. Sets that only layers test do not count.
func (m *Model) representatives() []uint32 {
	if m.fn == nil {
		return nil
	}
	used := map[string]bool{"pure": true, "idempotent": true, "effect": true, "once": true, "commutes": true, "lasting": true, "ordered": true}
	apart := false
	is := func(t fsm.Type, known bool) bool { return known && m.isFn(t) }
	see := func(e fsm.Expr, typeOf func(fsm.Expr) (fsm.Type, bool)) {
		switch e := e.(type) {
		case *fsm.In:
			used[e.Set] = true
		case *fsm.Name:
			_, known := typeOf(e)
			apart = apart || !known && contains(m.fn, e.Name)
		case *fsm.Binary:
			apart = apart || is(typeOf(e.X)) && is(typeOf(e.Y))
		case *fsm.Index:
			apart = apart || is(typeOf(e.At))
		}
	}
	for i := range m.Code {
		m.expressions(i, see)
	}
	for _, inv := range m.Sys.Invariants {
		fsm.WalkExpr(inv.Cond, func(e fsm.Expr) { see(e, m.typeInInvariant) })
	}
	m.assertedConditions(func(e fsm.Expr) { see(e, m.typeInInvariant) })
	for _, x := range m.Sys.Messages {
		for _, f := range x.Fields {
			used[f.For] = true
		}
	}
	var out []uint32
	seen := map[string]bool{}
	for f := range m.fn.Members {
		key := ""
		for _, s := range m.Sys.Sets {
			if used[s.Name] {
				key += fmt.Sprint(m.in(uint32(f), s.Name))
			}
		}
		for _, c := range m.Code {
			for _, x := range c.M.Memos {
				key += fmt.Sprint(f < len(x.Entries) && x.Entries[f].N > 0)
			}
		}
		if apart || !seen[key] {
			seen[key] = true
			out = append(out, uint32(f))
		}
	}
	return out
}

// isFn reports whether a type is that of functions.
func (m *Model) isFn(t fsm.Type) bool {
	return m.fn != nil && t.Kind == fsm.EnumKind && t.Name == m.fn.Name
}

// fnField is the first field of a message that holds a function, or -1.
func (m *Model) fnField(x *fsm.Message) int {
	for i, f := range x.Fields {
		if m.isFn(f.Type) {
			return i
		}
	}
	return -1
}

func contains(e *fsm.Enum, member string) bool {
	for _, x := range e.Members {
		if x == member {
			return true
		}
	}
	return false
}

// typeInInvariant is the type of a variable or a fact that an invariant names; ok is false for anything else.
func (m *Model) typeInInvariant(e fsm.Expr) (t fsm.Type, ok bool) {
	if x, is := e.(*fsm.Select); is {
		if i := m.index(x.Base); i >= 0 && m.Code[i].Slot(x.Field) >= 0 {
			return m.Code[i].Layout[m.Code[i].Slot(x.Field)].Type, true
		}
		return m.Sys.FactOf(x)
	}
	return
}

// expressions calls f for every expression that a machine reads or writes to, outermost first, with what tells the type
// of an expression where it stands.
func (m *Model) expressions(machine int, f func(e fsm.Expr, typeOf func(fsm.Expr) (fsm.Type, bool))) {
	c := m.Code[machine]
	walk := func(ev *fsm.Event, tail *fsm.Tail, e fsm.Expr) {
		typeOf := func(e fsm.Expr) (fsm.Type, bool) { return c.TypeOf(e, ev, tail) }
		fsm.WalkExpr(e, func(e fsm.Expr) { f(e, typeOf) })
	}
	body := func(ev *fsm.Event, tail *fsm.Tail, body []*fsm.Stage) {
		fsm.WalkStages(body, func(s *fsm.Stage) {
			for _, e := range fsm.Reads(s.Stmt) {
				walk(ev, tail, e)
			}
			if a, ok := s.Stmt.(*fsm.Assign); ok {
				if x, ok := a.Target.(*fsm.Index); ok {
					f(x, func(e fsm.Expr) (fsm.Type, bool) { return c.TypeOf(e, ev, tail) })
				}
			}
		})
	}
	for _, v := range c.M.Vars {
		walk(nil, nil, v.While)
	}
	for _, ev := range c.M.Events {
		walk(ev, nil, ev.When)
		body(ev, nil, ev.Body)
	}
	for _, t := range c.M.Tails {
		body(nil, t, t.Body)
	}
}
