package fsm

// WalkExpr calls f for every expression in e, outermost first.
func WalkExpr(e Expr, f func(Expr)) {
	if e == nil {
		return
	}
	f(e)
	switch x := e.(type) {
	case *Index:
		WalkExpr(x.At, f)
	case *Not:
		WalkExpr(x.X, f)
	case *Binary:
		WalkExpr(x.X, f)
		WalkExpr(x.Y, f)
	case *In:
		WalkExpr(x.X, f)
	case *Call:
		for _, a := range x.Args {
			WalkExpr(a, f)
		}
	}
}

// WalkStages calls f for every stage in the list, outermost first.
func WalkStages(body []*Stage, f func(*Stage)) {
	for _, s := range body {
		f(s)
		if w, ok := s.Stmt.(*When); ok {
			WalkStages(w.Then, f)
			WalkStages(w.Else, f)
		}
	}
}

// Reads lists the expressions that a statement reads; of an Assign the value and an index, not the target.
func Reads(s Stmt) []Expr {
	var out []Expr
	add := func(es ...Expr) {
		for _, e := range es {
			if e != nil {
				out = append(out, e)
			}
		}
	}
	switch x := s.(type) {
	case *When:
		add(x.Cond)
	case *Assign:
		add(x.Value)
		if i, ok := x.Target.(*Index); ok {
			add(i.At)
		}
	case *Send:
		for _, f := range x.Fields {
			add(f.Value)
		}
	case *Persist:
		for _, f := range x.Fields {
			add(f.Value)
		}
	case *Start:
		add(x.Per)
	case *Invoke:
		add(x.Fn, x.Args)
	case *Complete:
		add(x.Outcome, x.Fn, x.Answer, x.Args)
	case *Report:
		add(x.Outcome, x.Fn, x.Answer, x.Args)
	case *Do:
		add(x.Args...)
	case *Note:
		add(x.Fn)
	case *Remember:
		add(x.Fn, x.Args, x.Answer)
	case *Place:
		add(x.Piece, x.Data, x.Of)
	}
	return out
}

// Bodies calls f for the stage list of every event and tail of the machine.
func (m *Machine) Bodies(f func(body []*Stage)) {
	for _, e := range m.Events {
		f(e.Body)
	}
	for _, t := range m.Tails {
		f(t.Body)
	}
}

// Stages calls f for every stage of the machine.
func (m *Machine) Stages(f func(*Stage)) {
	m.Bodies(func(b []*Stage) { WalkStages(b, f) })
}

// exprs calls f for every expression that the machine reads.
func (m *Machine) exprs(f func(Expr)) {
	for _, e := range m.Events {
		WalkExpr(e.When, f)
	}
	for _, v := range m.Vars {
		WalkExpr(v.While, f)
	}
	m.Stages(func(s *Stage) {
		for _, e := range Reads(s.Stmt) {
			WalkExpr(e, f)
		}
	})
}

// Uses reports whether the machine applies the built-in function to anything.
func (m *Machine) Uses(builtin string) bool {
	found := false
	m.exprs(func(e Expr) {
		if c, ok := e.(*Call); ok && c.Fn == builtin {
			found = true
		}
	})
	return found
}

// Commits reports whether the machine writes a record together with what a handler did.
func (m *Machine) Commits() bool {
	return m.does(func(s Stmt) bool { p, is := s.(*Persist); return is && p.Commit })
}

// Reports reports whether the machine tells of calls for which the program does not wait any more.
func (m *Machine) Reports() bool {
	return m.does(func(s Stmt) bool { _, is := s.(*Report); return is })
}

func (m *Machine) does(f func(Stmt) bool) bool {
	found := false
	m.Stages(func(s *Stage) { found = found || f(s.Stmt) })
	return found
}

// Lanes reports whether several calls of the machine may be outstanding, each of which ends by itself.
func (m *Machine) Lanes() bool {
	return m.does(func(s Stmt) bool { c, is := s.(*Complete); return is && c.Args != nil })
}
