package cgen

import "sprocketc/fsm"

// slotSizes finds, for every payload variable, the most bytes that are ever assigned to it: arguments or an answer. Those of
// records the plan says.
func (g *gen) slotSizes() {
	g.slots = map[string]int{}
	for _, l := range g.layouts() {
		for _, f := range l.Fields {
			g.slots[f.Name] = f.Max
		}
	}
	var sizeOf func(e fsm.Expr, ev *fsm.Event) int
	sizeOf = func(e fsm.Expr, ev *fsm.Event) int {
		switch e := e.(type) {
		case *fsm.None:
			return 0
		case *fsm.Name:
			if v := g.variable(e.Name); v != nil {
				return g.slots[e.Name]
			}
			if _, f := g.recordField(e.Name); f != nil {
				return g.slots[e.Name]
			}
		case *fsm.Select:
			if ev != nil {
				switch ev.Kind {
				case fsm.OnCall:
					return g.argsMax()
				case fsm.OnReturn:
					return g.resultMax()
				case fsm.OnMessage:
					if m := g.sys.Message(ev.Name); m != nil {
						return g.payloadMax(m.From, -1)
					}
				}
			}
		case *fsm.Call:
			if e.Fn == "recalled" {
				return g.resultMax()
			}
		}
		return max(g.argsMax(), g.resultMax())
	}
	for range len(g.m.Vars) + 1 {
		visit := func(body []*fsm.Stage, ev *fsm.Event) {
			fsm.WalkStages(body, func(s *fsm.Stage) {
				a, ok := s.Stmt.(*fsm.Assign)
				if !ok {
					return
				}
				n, ok := a.Target.(*fsm.Name)
				if !ok {
					return
				}
				if v := g.variable(n.Name); v != nil && v.Type.Kind == fsm.Payload {
					g.slots[n.Name] = max(g.slots[n.Name], sizeOf(a.Value, ev))
				}
			})
		}
		for _, e := range g.m.Events {
			visit(e.Body, e)
		}
		for _, t := range g.m.Tails {
			visit(t.Body, nil)
		}
	}
}

// checkBorrowed refuses a machine that looks at a call's arguments or a handler's answer after a send of the same event:
// until the event's end they stand in the buffer from which datagrams are sent. For the same reason nothing is sent
// after invoke, since a handler that returns at once leaves its answer there.
func (g *gen) checkBorrowed() {
	var walk func(body []*fsm.Stage, ev *fsm.Event, sent, invoked *bool, depth int)
	walk = func(body []*fsm.Stage, ev *fsm.Event, sent, invoked *bool, depth int) {
		if depth > len(g.m.Tails)+1 {
			g.fail("a tail of %s runs itself", g.m.Name)
			return
		}
		for _, s := range body {
			staged := ev.Kind == fsm.OnCall || ev.Kind == fsm.OnReturn
			if *sent && staged && usesPayloadOf(s.Stmt, ev) {
				g.fail("an event of %s reads its payload after a send", g.m.Name)
			}
			switch x := s.Stmt.(type) {
			case *fsm.When:
				// What one branch does by its end may not count for the stages after it, but it is safe to say so.
				before := *sent
				walk(x.Then, ev, sent, invoked, depth)
				if ends(x.Then) {
					*sent = before
				}
				walk(x.Else, ev, sent, invoked, depth)
			case *fsm.Do:
				if staged && usesPayloadOf(s.Stmt, ev) {
					g.fail("an event of %s hands its payload to a tail", g.m.Name)
				}
				if t := g.m.Tail(x.Tail); t != nil {
					walk(t.Body, ev, sent, invoked, depth+1)
				} else {
					g.fail("there is no tail %s", x.Tail)
				}
			case *fsm.Send:
				if *invoked {
					g.fail("%s sends after it has invoked a handler", g.m.Name)
				}
				if staged && usesPayloadOf(s.Stmt, ev) {
					g.fail("an event of %s sends its payload without keeping it", g.m.Name)
				}
				*sent = true
			case *fsm.Invoke:
				if ev.Kind != fsm.OnMessage && ev.Kind != fsm.OnReturn {
					g.fail("%s invokes a handler neither when a datagram arrives nor when one has ended", g.m.Name)
				}
				*invoked = true
			}
		}
	}
	for _, e := range g.m.Events {
		var sent, invoked bool
		walk(e.Body, e, &sent, &invoked, 0)
	}
}

// ends reports whether a list of stages ends its event whenever it is reached.
func ends(body []*fsm.Stage) bool {
	if len(body) == 0 {
		return false
	}
	_, ok := body[len(body)-1].Stmt.(*fsm.End)
	return ok
}

// usesPayloadOf reports whether a statement, its guarded ones aside, reads the event's own payload.
func usesPayloadOf(s fsm.Stmt, ev *fsm.Event) bool {
	used := false
	for _, e := range fsm.Reads(s) {
		walkExpr(e, func(e fsm.Expr) {
			if x, ok := e.(*fsm.Select); ok && x.Base == ev.Param && (x.Field == "args" || x.Field == "ans") {
				used = true
			}
		})
	}
	return used
}

// walkExpr calls f for an expression and all its parts.
func walkExpr(e fsm.Expr, f func(fsm.Expr)) {
	if e == nil {
		return
	}
	f(e)
	switch x := e.(type) {
	case *fsm.Index:
		walkExpr(x.At, f)
	case *fsm.Not:
		walkExpr(x.X, f)
	case *fsm.Binary:
		walkExpr(x.X, f)
		walkExpr(x.Y, f)
	case *fsm.In:
		walkExpr(x.X, f)
	case *fsm.Call:
		for _, a := range x.Args {
			walkExpr(a, f)
		}
	}
}
