package fsm

import (
	"slices"

	"sprocketc/diag"
)

// Slice is a copy of the system without what no machine reads, fields that only the codec needs included: the smallest
// system with the same behaviour for everything that a proof can observe. What is known of values in pieces is hidden (see pieces.go).
func Slice(s *System) *System {
	k := reread(s)
	hide(k)
	for _, m := range k.Machines { // what layers keep for the program changes nothing that a proof can see
		silent := func(st *Stage) bool {
			switch st.Stmt.(type) {
			case *Note, *Ask, *Remember, *Forget:
				return false
			}
			return true
		}
		for _, e := range m.Events {
			e.Body = filter(e.Body, silent)
		}
		for _, t := range m.Tails {
			t.Body = filter(t.Body, silent)
		}
	}
	prune(k, false)
	return k
}

// reread is a copy of a system that has been resolved.
func reread(s *System) *System {
	k, _ := Parse(&diag.File{Name: s.Name, Text: []byte(s.String())})
	resolve(k)
	return k
}

// prune drops, until nothing changes, what nothing reads: variables, message fields, timers, tails, handlers of
// messages that nobody sends. With codec, fields that tell kinds of messages apart stay.
func prune(s *System, codec bool) {
	for {
		n := size(s)
		pruneMessages(s, codec)
		for _, m := range s.Machines {
			pruneMachine(s, m)
		}
		if size(s) == n {
			break
		}
	}
	used := map[string]bool{}
	note := func(t Type) { used[t.Name] = true }
	for _, m := range s.Messages {
		for _, f := range m.Fields {
			note(f.Type)
		}
	}
	for _, m := range s.Machines {
		for _, v := range m.Vars {
			note(v.Type)
		}
		for _, r := range m.Records {
			for _, f := range r.Fields {
				note(f.Type)
			}
		}
	}
	s.Sorts = slices.DeleteFunc(s.Sorts, func(x *Sort) bool { return !used[x.Name] })
}

// size counts what prune may drop.
func size(s *System) int {
	n := len(s.Messages)
	for _, m := range s.Messages {
		n += len(m.Fields)
	}
	for _, m := range s.Machines {
		n += len(m.Vars) + len(m.Timers) + len(m.Memos) + len(m.Events) + len(m.Tails)
		m.Stages(func(*Stage) { n++ })
	}
	return n
}

func pruneMessages(s *System, codec bool) {
	sent, read := map[string]bool{}, map[string]bool{} // "REQ", "REQ.fn"
	for _, m := range s.Machines {
		m.Stages(func(st *Stage) {
			if x, ok := st.Stmt.(*Send); ok {
				sent[x.Message] = true
			}
		})
		for _, e := range m.Events {
			if e.Kind != OnMessage {
				continue
			}
			see := func(x Expr) {
				if f, ok := x.(*Select); ok && f.Base == e.Param {
					read[e.Name+"."+f.Field] = true
				}
			}
			WalkExpr(e.When, see)
			WalkStages(e.Body, func(st *Stage) {
				for _, x := range Reads(st.Stmt) {
					WalkExpr(x, see)
				}
			})
		}
	}
	s.Messages = slices.DeleteFunc(s.Messages, func(m *Message) bool { return !sent[m.Name] })
	for _, m := range s.Messages {
		m.Fields = slices.DeleteFunc(m.Fields, func(f *Field) bool {
			if set := s.Set(f.For); f.For != "" && set != nil {
				if len(set.Members) == 0 {
					return true
				}
				if e := s.Enum(set.Enum); e != nil && len(e.Members) == len(set.Members) {
					f.For = ""
				}
			}
			return !(codec && f.Wire) && !read[m.Name+"."+f.Name]
		})
		for _, f := range m.Fields {
			if m.Index(f.Type.Scope) < 0 {
				f.Type.Scope = ""
			}
		}
	}
	for _, m := range s.Machines {
		m.Events = slices.DeleteFunc(m.Events, func(e *Event) bool { return e.Kind == OnMessage && s.Message(e.Name) == nil })
		m.Stages(func(st *Stage) {
			if x, ok := st.Stmt.(*Send); ok {
				msg := s.Message(x.Message)
				x.Fields = slices.DeleteFunc(x.Fields, func(f FieldValue) bool { return msg != nil && msg.Index(f.Name) < 0 })
			}
		})
	}
}

func pruneMachine(s *System, m *Machine) {
	read, started, called, noted, asked := map[string]bool{}, map[string]bool{}, map[string]bool{}, false, map[string]bool{}
	ends, layers := map[string]bool{}, map[string]bool{} // timers of which it matters that they have fired, whatever they do then; layers
	for _, t := range m.Timers {
		ends[t.Name], layers[t.Name] = t.Outlives != OutlivesNothing, t.Layer
	}
	m.exprs(func(e Expr) {
		switch x := e.(type) {
		case *Name:
			read[x.Name] = true
		case *Index:
			read[x.Name] = true
		case *Call:
			if len(x.Args) == 0 {
				break
			}
			if n, ok := x.Args[0].(*Name); ok {
				switch x.Fn {
				case "hit":
					asked[n.Name] = true
				case "running":
					ends[n.Name] = ends[n.Name] || !layers[n.Name]
				}
			}
		}
	})
	for _, q := range s.conditions() {
		WalkExpr(q, func(e Expr) {
			if x, ok := e.(*Select); ok && x.Base == m.Name {
				read[x.Field] = true
			}
		})
	}
	m.Stages(func(st *Stage) {
		switch x := st.Stmt.(type) {
		case *Start:
			started[x.Timer] = true
		case *Do:
			called[x.Tail] = true
		case *Note:
			noted = true
		}
	})
	m.Vars = slices.DeleteFunc(m.Vars, func(v *Var) bool { return !read[v.Name] })
	declared := map[string]bool{}
	for _, v := range m.Vars {
		declared[v.Name] = true
	}
	for _, r := range m.Records {
		for _, f := range r.Fields {
			declared[f.Name] = true
		}
	}
	for _, v := range m.Vars {
		if !declared[v.Type.Scope] {
			v.Type.Scope = ""
		}
	}
	m.Timers = slices.DeleteFunc(m.Timers, func(t *Timer) bool { return !started[t.Name] })
	m.Memos = slices.DeleteFunc(m.Memos, func(x *Memo) bool { return !asked[x.Name] })
	m.Tails = slices.DeleteFunc(m.Tails, func(t *Tail) bool { return !called[t.Name] || len(t.Body) == 0 })
	if !noted {
		m.Journal = nil
	}
	m.Events = slices.DeleteFunc(m.Events, func(e *Event) bool {
		if e.Kind == OnTimer && (!started[e.Name] || ends[e.Name]) {
			return !started[e.Name]
		}
		return len(e.Body) == 0 && e.Kind != OnCall && e.Kind != OnReturn && e.Kind != OnMessage
	})
	alive := func(st *Stage) bool {
		switch x := st.Stmt.(type) {
		case *Assign:
			switch t := x.Target.(type) {
			case *Name:
				return declared[t.Name]
			case *Index:
				return declared[t.Name]
			}
		case *Cancel:
			return started[x.Timer]
		case *Do:
			return m.Tail(x.Tail) != nil
		case *Ask:
			return asked[x.Memo]
		case *Remember:
			return asked[x.Memo]
		case *Forget:
			return asked[x.Memo]
		}
		return true
	}
	for _, e := range m.Events {
		e.Body = filter(e.Body, alive)
	}
	for _, t := range m.Tails {
		t.Body = filter(t.Body, alive)
	}
}

func filter(body []*Stage, alive func(*Stage) bool) []*Stage {
	var out []*Stage
	for _, s := range body {
		if w, ok := s.Stmt.(*When); ok {
			k := *s
			x := &When{w.Cond, filter(w.Then, alive), filter(w.Else, alive)}
			if len(x.Then) == 0 && len(x.Else) == 0 {
				continue
			}
			k.Stmt = x
			out = append(out, &k)
		} else if alive(s) {
			out = append(out, s)
		}
	}
	return out
}
