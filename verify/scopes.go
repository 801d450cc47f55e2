package verify

import (
	"slices"

	"sprocketc/fsm"
)

// A scoped number means something only together with its scope: 3 of one epoch is neither 3 of another nor before its 4.
// Ranks are kept by scope, so a comparison of two scoped numbers must stand behind the one that finds their scopes equal,
// and a scoped number is copied together with its scope.

// outside gives a comparison or a copy of scoped numbers whose scopes are not known to be equal, as its text; "" for
// none.
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
	set := assigned(stages)
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
		s.copies(st.Stmt, set, known)
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

// assigned lists what a list of stages sets, by the name of the variable or the record's field.
func assigned(stages []*fsm.Stage) map[string]fsm.Expr {
	out := map[string]fsm.Expr{}
	for _, st := range stages {
		switch x := st.Stmt.(type) {
		case *fsm.Assign:
			out[fsm.Text(x.Target)] = x.Value
		case *fsm.Persist:
			for _, f := range x.Fields {
				out[f.Name] = f.Value
			}
		}
	}
	return out
}

// copies checks that numbers are set and sent together with their scopes.
func (s *scopes) copies(st fsm.Stmt, set map[string]fsm.Expr, known []equality) {
	if s.machine < 0 || s.found != "" {
		return
	}
	c := s.m.Code[s.machine]
	switch x := st.(type) {
	case *fsm.Assign:
		if n, ok := x.Target.(*fsm.Name); ok {
			s.set(n.Name, x.Value, set, known)
		}
	case *fsm.Persist:
		for _, f := range x.Fields {
			s.set(f.Name, f.Value, set, known)
		}
	case *fsm.Send:
		msg := s.m.Sys.Message(x.Message)
		values := map[string]fsm.Expr{}
		for _, f := range x.Fields {
			values[f.Name] = f.Value
		}
		for _, f := range msg.Fields {
			if v := values[f.Name]; v != nil && f.Type.Scope != "" {
				if at, ok := s.scope(v); ok && (values[f.Type.Scope] == nil || !same(at, fsm.Text(values[f.Type.Scope]), known)) {
					s.found = "send " + x.Message + " with " + fsm.Text(v)
				}
			}
		}
	case *fsm.Do:
		for i, p := range c.M.Tail(x.Tail).Params {
			if at, ok := s.scope(x.Args[i]); ok && at != p.Type.Scope {
				s.found = "do " + x.Tail + " with " + fsm.Text(x.Args[i])
			}
		}
	}
}

// set checks one assignment, in a list that sets others beside it.
func (s *scopes) set(name string, value fsm.Expr, set map[string]fsm.Expr, known []equality) {
	c := s.m.Code[s.machine]
	t := c.Layout[c.Slot(name)].Type
	if at, ok := s.scope(value); ok && at != t.Scope {
		if with := set[t.Scope]; t.Scope == "" || !(with != nil && fsm.Text(with) == at || same(at, t.Scope, known)) {
			s.found = name + " = " + fsm.Text(value)
		}
	}
	// what counts within this one begins again, or comes along; a value that is new has nothing counted in it yet
	if call, ok := value.(*fsm.Call); ok && (call.Fn == "next" || call.Fn == "fresh") {
		return
	}
	if s.event != nil && s.event.Kind == fsm.OnRestart {
		return
	}
	for _, l := range c.Layout {
		if l.Type.Scope == name && set[l.Name] == nil {
			s.found = name + " = " + fsm.Text(value) + " without " + l.Name
		}
	}
}

func same(a, b string, known []equality) bool {
	return a == b || slices.Contains(known, equality{a, b}) || slices.Contains(known, equality{b, a})
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
	if !same(x, y, known) {
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
