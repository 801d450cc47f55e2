package verify

import (
	"slices"

	"sprocketc/fsm"
)

// A scoped number means something only together with its scope: 3 of one epoch is neither 3 of another nor before its 4.
// Ranks are kept by scope, so a comparison of two scoped numbers must stand behind the one that finds their scopes equal.

// outside gives a comparison of scoped numbers whose scopes were not found equal before, as its text; "" for none.
func (m *Model) outside() string {
	for i, c := range m.Code {
		s := scopes{m: m, machine: i}
		for _, v := range c.M.Vars {
			s.expr(v.While, nil)
		}
		for _, e := range c.M.Events {
			s.event, s.params = e, e.Params
			s.body(e.Body, s.expr(e.When, nil))
		}
		for _, t := range c.M.Tails {
			s.event, s.params = nil, t.Params
			s.body(t.Body, nil)
		}
		if s.found != "" {
			return s.found
		}
	}
	s := scopes{m: m, machine: -1}
	for _, inv := range m.Sys.Invariants {
		s.expr(inv.Cond, nil)
	}
	return s.found
}

// equality is a pair of places that were found equal, as texts.
type equality [2]string

type scopes struct {
	m       *Model
	machine int // -1: of an invariant
	event   *fsm.Event
	params  []*fsm.Param
	found   string
}

// body checks stages in order, from what is known to be equal; what an assignment may change is known no more.
func (s *scopes) body(stages []*fsm.Stage, known []equality) {
	known = slices.Clone(known)
	forget := func(name string) {
		known = slices.DeleteFunc(known, func(e equality) bool { return e[0] == name || e[1] == name })
	}
	for _, st := range stages {
		if w, ok := st.Stmt.(*fsm.When); ok {
			more := s.expr(w.Cond, known)
			s.body(w.Then, append(slices.Clone(known), more...))
			s.body(w.Else, known)
			known = slices.DeleteFunc(known, func(equality) bool { return changes(w) })
			continue
		}
		for _, e := range fsm.Reads(st.Stmt) {
			s.expr(e, known)
		}
		switch x := st.Stmt.(type) {
		case *fsm.Assign:
			forget(fsm.Text(x.Target))
		case *fsm.Persist:
			for _, f := range x.Fields {
				forget(f.Name)
			}
		case *fsm.Do:
			known = nil
		}
	}
}

// changes reports whether a guarded list may assign anything.
func changes(w *fsm.When) bool {
	found := false
	for _, b := range [][]*fsm.Stage{w.Then, w.Else} {
		fsm.WalkStages(b, func(st *fsm.Stage) {
			switch st.Stmt.(type) {
			case *fsm.Assign, *fsm.Persist, *fsm.Do:
				found = true
			}
		})
	}
	return found
}

// expr checks an expression, and gives the equalities that hold where it is true.
func (s *scopes) expr(e fsm.Expr, known []equality) []equality {
	switch x := e.(type) {
	case *fsm.Not:
		s.expr(x.X, known)
	case *fsm.In:
		s.expr(x.X, known)
	case *fsm.Index:
		s.expr(x.At, known)
	case *fsm.Call:
		for _, a := range x.Args {
			s.expr(a, known)
		}
		if x.Fn == "before" {
			s.compare(x, x.Args[0], x.Args[1], known)
		}
	case *fsm.Binary:
		a := s.expr(x.X, known)
		if x.Op != "&&" {
			s.expr(x.Y, known)
		}
		switch x.Op {
		case "&&":
			return append(a, s.expr(x.Y, append(slices.Clone(known), a...))...)
		case "==":
			s.compare(x, x.X, x.Y, known)
			return []equality{{fsm.Text(x.X), fsm.Text(x.Y)}}
		case "!=", "<", "<=", ">", ">=":
			s.compare(x, x.X, x.Y, known)
		}
	}
	return nil
}

// compare notes a comparison whose sides count in scopes that are not known to be equal.
func (s *scopes) compare(e, a, b fsm.Expr, known []equality) {
	x, okX := s.scope(a)
	y, okY := s.scope(b)
	if !okX || !okY || x == y || s.found != "" {
		return
	}
	if !slices.Contains(known, equality{x, y}) && !slices.Contains(known, equality{y, x}) {
		s.found = fsm.Text(e)
	}
}

// scope of a number that is never reused, as the text by which it is compared; ok is false for anything else.
func (s *scopes) scope(e fsm.Expr) (text string, ok bool) {
	number := func(t fsm.Type, prefix string) (string, bool) {
		if x := s.m.Sys.Sort(t.Name); x == nil || x.Token || x.Wrap > 0 {
			return "", false
		}
		if t.Scope == "" {
			return "", true
		}
		return prefix + t.Scope, true
	}
	switch x := e.(type) {
	case *fsm.Call:
		if x.Fn == "next" {
			return s.scope(x.Args[0])
		}
	case *fsm.Index:
		return s.scope(&fsm.Name{Name: x.Name})
	case *fsm.Name:
		for _, p := range s.params {
			if p.Name == x.Name {
				return number(p.Type, "")
			}
		}
		if s.machine >= 0 {
			if at := s.m.Code[s.machine].Slot(x.Name); at >= 0 {
				return number(s.m.Code[s.machine].Layout[at].Type, "")
			}
		}
	case *fsm.Select:
		if s.machine < 0 {
			if i := s.m.index(x.Base); i >= 0 {
				if at := s.m.Code[i].Slot(x.Field); at >= 0 {
					return number(s.m.Code[i].Layout[at].Type, x.Base+".")
				}
			}
		} else if s.event != nil && s.event.Kind == fsm.OnMessage {
			if msg := s.m.Sys.Message(s.event.Name); msg != nil && msg.Index(x.Field) >= 0 {
				return number(msg.Fields[msg.Index(x.Field)].Type, x.Base+".")
			}
		}
	}
	return "", false
}
