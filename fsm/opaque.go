package fsm

// Looks returns the first expression of the machine that looks into a payload, printed, or "". A payload may be copied,
// sent and handed on; compared, counted with or branched on it may not be. What a memo is asked is a layer's business.
func (c *Code) Looks() (found string) {
	look := func(sc *scope, e Expr) {
		WalkExpr(e, func(e Expr) {
			payload := func(e Expr) bool {
				t, ok := sc.typeOf(e)
				return ok && t.Kind == Payload
			}
			bad := false
			switch x := e.(type) {
			case *Binary:
				bad = payload(x.X) || payload(x.Y)
			case *Not:
				bad = payload(x.X)
			case *In:
				bad = payload(x.X)
			case *Index:
				bad = payload(x.At)
			case *Call:
				for _, a := range x.Args {
					bad = bad || x.Fn != "hit" && payload(a)
				}
			}
			if bad && found == "" {
				found = Text(e)
			}
		})
	}
	body := func(sc *scope, stages []*Stage) {
		WalkStages(stages, func(s *Stage) {
			for _, e := range Reads(s.Stmt) {
				look(sc, e)
			}
			if w, ok := s.Stmt.(*When); ok {
				if t, known := sc.typeOf(w.Cond); known && t.Kind == Payload && found == "" {
					found = Text(w.Cond)
				}
			}
		})
	}
	for _, v := range c.M.Vars {
		look(&scope{c: c}, v.While)
	}
	for _, e := range c.M.Events {
		sc := &scope{c: c, event: e}
		look(sc, e.When)
		body(sc, e.Body)
	}
	for _, t := range c.M.Tails {
		body(&scope{c: c, tail: t}, t.Body)
	}
	return found
}
