package cgen

import (
	"fmt"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// static is a tail's function: its own name, unless the printer has a function of that name.
func static(name string) string {
	n := codegen.CName(name)
	switch n {
	case "crc8", "crc16", "crc32", "decode_datagram", "read_slot", "writer", "reader", "view", "message", "kinds", "seeds":
		return n + "_"
	}
	return local(name)
}

// eventName is the function of an event.
func eventName(e *fsm.Event) string {
	switch e.Kind {
	case fsm.OnCall:
		return "on_call"
	case fsm.OnReturn:
		return "on_return"
	case fsm.OnTimer:
		return "on_timer_" + codegen.CName(e.Name)
	case fsm.OnRestart:
		return "on_restart"
	}
	return "on_message_" + codegen.CName(e.Name)
}

// eventParams are the C parameters of an event's function.
func (g *gen) eventParams(e *fsm.Event) []string {
	params := []string{g.ctxParam()}
	switch e.Kind {
	case fsm.OnCall:
		params = append(params, "uint8_t fn", "struct view args")
	case fsm.OnReturn:
		params = append(params, "struct view ans")
	case fsm.OnMessage:
		params = append(params, "const struct message *m")
	}
	return params
}

// machineFunctions prints the tails that are run and all events.
func (g *gen) machineFunctions(t *text) {
	for _, tail := range g.tailsInOrder() {
		params := []string{g.ctxParam()}
		for _, p := range tail.Params {
			params = append(params, g.ctype(p.Type)+" "+local(p.Name))
		}
		var b text
		g.body(&b, tail.Body, &scope{tail: tail}, false)
		g.docOf(t, tail.Doc)
		g.function(t, "static void", static(tail.Name), &b, params...)
	}
	for _, e := range g.m.Events {
		if len(e.Body) == 0 {
			continue
		}
		sc := &scope{event: e}
		var b text
		if e.When != nil && e.Kind != fsm.OnCall {
			b.p("if (!%s) {", g.expr(e.When, sc, precUnary))
			b.p("return;")
			b.p("}")
		}
		g.body(&b, e.Body, sc, false)
		g.docOf(t, e.Doc)
		g.function(t, "static void", eventName(e), &b, g.eventParams(e)...)
	}
}

// tailsInOrder lists the tails that are run, each behind those that it runs itself: C declares before it uses.
func (g *gen) tailsInOrder() []*fsm.Tail {
	var out []*fsm.Tail
	seen := map[string]bool{}
	var visit func(body []*fsm.Stage)
	visit = func(body []*fsm.Stage) {
		fsm.WalkStages(body, func(s *fsm.Stage) {
			d, ok := s.Stmt.(*fsm.Do)
			if !ok || seen[d.Tail] {
				return
			}
			seen[d.Tail] = true
			if tail := g.m.Tail(d.Tail); tail != nil {
				visit(tail.Body)
				out = append(out, tail)
			}
		})
	}
	for _, e := range g.m.Events {
		visit(e.Body)
	}
	return out
}

func (g *gen) docOf(t *text, doc []string) {
	if len(doc) > 0 {
		t.doc(doc...)
	}
}

// canHalt reports whether a list of stages may stop the peer.
func (g *gen) canHalt(body []*fsm.Stage, sc *scope, depth int) bool {
	found := false
	fsm.WalkStages(body, func(s *fsm.Stage) {
		if _, ok := s.Stmt.(*fsm.Persist); ok {
			found = true
		}
		if d, ok := s.Stmt.(*fsm.Do); ok && depth <= len(g.m.Tails) {
			if tail := g.m.Tail(d.Tail); tail != nil && g.canHalt(tail.Body, &scope{tail: tail}, depth+1) {
				found = true
			}
		}
		for _, e := range fsm.Reads(s.Stmt) {
			walkExpr(e, func(e fsm.Expr) {
				if c, ok := e.(*fsm.Call); ok && c.Fn == "next" {
					if x := g.sortOf(c, sc); x != nil && x.Wrap == 0 {
						found = true
					}
				}
			})
		}
	})
	return found
}

// body prints a list of stages; more says that stages follow behind it in the same function.
func (g *gen) body(t *text, body []*fsm.Stage, sc *scope, more bool) {
	for i, s := range body {
		g.docOf(t, s.Doc)
		_, isEnd := s.Stmt.(*fsm.End)
		last := i == len(body)-1
		if isEnd {
			// Where nothing follows, the end of the function is the end of the event.
			if more {
				t.p("return;")
			}
			return
		}
		after := more
		if !last {
			_, ending := body[i+1].Stmt.(*fsm.End)
			after = !ending || i+1 < len(body)-1
		} else if ends(body) {
			after = false
		}
		g.stmt(t, s.Stmt, sc, after)
	}
}

// stop prints what ends the function when the peer is halted.
func (g *gen) stop(t *text, sc *scope, exprs ...fsm.Expr) {
	for _, cond := range g.halts(exprs, sc) {
		t.p("if (%s) {", cond)
		t.p("c->state = STATE_HALTED; // the numbers have run out, and none is ever used twice")
		if g.trace {
			t.p(`replay_action("halt");`)
		}
		t.p("return;")
		t.p("}")
	}
}

func (g *gen) stmt(t *text, s fsm.Stmt, sc *scope, more bool) {
	switch x := s.(type) {
	case *fsm.When:
		g.stop(t, sc, x.Cond)
		t.p("if (%s) {", g.expr(x.Cond, sc, 0))
		g.body(t, x.Then, sc, more)
		if len(x.Else) > 0 {
			t.p("} else {")
			g.body(t, x.Else, sc, more)
		}
		t.p("}")
	case *fsm.Assign:
		g.stop(t, sc, x.Value)
		g.assign(t, x, sc)
	case *fsm.Send:
		g.sendStmt(t, x, sc)
	case *fsm.Persist:
		g.persistStmt(t, x, sc, more)
	case *fsm.Start:
		g.startStmt(t, x, sc)
	case *fsm.Cancel:
		if g.trace {
			t.p("replay_cancel(%q);", x.Timer)
		}
		t.p("c->%s_on = false;", codegen.CName(x.Timer))
	case *fsm.Invoke:
		t.p("invoke(c, %s, %s);", g.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, sc), g.typed(x.Args, fsm.Type{Kind: fsm.Payload}, sc))
	case *fsm.Complete:
		args := ""
		if x.Args != nil {
			args = ", " + g.typed(x.Args, fsm.Type{Kind: fsm.Payload}, sc)
		}
		t.p("complete(c, %s, %s, %s%s);", g.typed(x.Outcome, fsm.Type{Kind: fsm.EnumKind, Name: fsm.OutcomeEnum.Name}, sc),
			g.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, sc), g.typed(x.Answer, fsm.Type{Kind: fsm.Payload}, sc), args)
	case *fsm.Report:
		t.p("report(c, %s, %s, %s, %s);", g.typed(x.Outcome, fsm.Type{Kind: fsm.EnumKind, Name: fsm.OutcomeEnum.Name}, sc),
			g.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, sc), g.typed(x.Answer, fsm.Type{Kind: fsm.Payload}, sc), g.typed(x.Args, fsm.Type{Kind: fsm.Payload}, sc))
	case *fsm.Do:
		g.doStmt(t, x, sc, more)
	case *fsm.Note:
		if g.notes() > 0 {
			if g.trace {
				t.p("replay_note(%q, %s);", x.What, g.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, sc))
			}
			t.p("note(c, %s, %s);", g.macro("note", x.What), g.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, sc))
		}
	case *fsm.Breach:
		if g.trace {
			t.p("replay_action(%q);", "breach "+x.Name)
		}
		t.p("%s(c);", codegen.CName(g.name, "on", "breach", x.Name))
	case *fsm.Ask:
		if g.hasMemo() {
			t.p("c->%s_asked = c->now;", codegen.CName(x.Memo))
		}
	case *fsm.Remember:
		if g.hasMemo() {
			t.p("%s_remember(c, %s, %s, %s);", codegen.CName(x.Memo), g.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, sc),
				g.typed(x.Args, fsm.Type{Kind: fsm.Payload}, sc), g.typed(x.Answer, fsm.Type{Kind: fsm.Payload}, sc))
		}
	case *fsm.Forget:
		if g.hasMemo() {
			t.p("%s_forget(c);", codegen.CName(x.Memo))
		}
	case *fsm.End:
		t.p("return;")
	default:
		g.fail("a stage is missing")
	}
}

func (g *gen) assign(t *text, x *fsm.Assign, sc *scope) {
	switch to := x.Target.(type) {
	case *fsm.Name:
		v := g.variable(to.Name)
		if v == nil {
			g.fail("%s is not a variable", to.Name)
			return
		}
		n := g.member(to.Name)
		if v.Type.Kind == fsm.Payload {
			if _, none := x.Value.(*fsm.None); g.slots[to.Name] == 0 {
				return
			} else if none {
				t.p("c->%s_size = 0;", n)
				return
			}
			g.keepHelper(n, g.slots[to.Name])
			t.p("keep_%s(c, %s);", n, g.typed(x.Value, v.Type, sc))
			return
		}
		t.p("c->%s = %s;", n, g.typed(x.Value, v.Type, sc))
	case *fsm.Index:
		v := g.variable(to.Name)
		if v == nil || v.Type.Len == 0 {
			g.fail("%s is not an array", to.Name)
			return
		}
		elem := v.Type
		elem.Len = 0
		at := g.expr(to.At, sc, precCompare+1)
		t.p("if (%s < %du) {", at, v.Type.Len)
		t.p("c->%s[%s] = %s;", g.member(to.Name), at, g.typed(x.Value, elem, sc))
		t.p("}")
	default:
		g.fail("an assignment has no target")
	}
}

// keepHelper copies a payload into its slot.
func (g *gen) keepHelper(n string, max int) {
	cast := "(" + uintFor(bitsFor(uint64(max))) + ")"
	if widthFor(bitsFor(uint64(max))) == 16 {
		cast = ""
	}
	g.helpers["keep_"+n] = fmt.Sprintf("static void keep_%s(%s *c, struct view from)\n{\nc->%s_size = 0;\nif (from.size > 0u && from.size <= sizeof c->%s) {\n(void)memcpy(c->%s, from.bytes, from.size);\nc->%s_size = %sfrom.size;\n}\n}\n\n",
		n, g.name, n, n, n, n, cast)
}

func (g *gen) sendStmt(t *text, x *fsm.Send, sc *scope) {
	msg := g.sys.Message(x.Message)
	if msg == nil {
		g.fail("there is no message %s", x.Message)
		return
	}
	value := func(name string) string {
		f := msg.Fields[msg.Index(name)]
		for _, v := range x.Fields {
			if v.Name == name {
				g.stop(t, sc, v.Value)
				return g.typed(v.Value, f.Type, sc)
			}
		}
		switch f.Type.Kind {
		case fsm.Payload:
			return "no_payload"
		case fsm.Bool:
			return "false"
		}
		return "0"
	}
	args := []string{"c"}
	if msg.Index("fn") >= 0 {
		args = append(args, value("fn"))
	}
	for _, name := range g.fieldNames(msg) {
		args = append(args, value(name))
	}
	if p := payloadField(msg); p != nil && g.payloadMax(g.m.Name, -1) > 0 {
		args = append(args, value(p.Name))
	}
	t.p("send_%s(%s);", codegen.CName(msg.Name), strings.Join(args, ", "))
}

func (g *gen) doStmt(t *text, x *fsm.Do, sc *scope, more bool) {
	tail := g.m.Tail(x.Tail)
	if tail == nil || len(tail.Params) != len(x.Args) {
		g.fail("there is no tail %s of %d parameters", x.Tail, len(x.Args))
		return
	}
	args := []string{"c"}
	for i, a := range x.Args {
		g.stop(t, sc, a)
		args = append(args, g.typed(a, tail.Params[i].Type, sc))
	}
	t.p("%s(%s);", static(x.Tail), strings.Join(args, ", "))
	if more && g.canHalt(tail.Body, &scope{tail: tail}, 0) {
		t.p("if (c->state == STATE_HALTED) {")
		t.p("return;")
		t.p("}")
	}
}

func (g *gen) persistStmt(t *text, x *fsm.Persist, sc *scope, more bool) {
	var rec *fsm.Record
	for _, r := range g.m.Records {
		if r.Name == x.Record {
			rec = r
		}
	}
	if rec == nil {
		g.fail("there is no record %s", x.Record)
		return
	}
	args := []string{"c"}
	for _, f := range rec.Fields {
		arg := g.recorded(f)
		for _, v := range x.Fields {
			if v.Name == f.Name {
				g.stop(t, sc, v.Value)
				arg = g.typed(v.Value, f.Type, sc)
			}
		}
		args = append(args, arg)
	}
	call := fmt.Sprintf(x.Verb()+"_%s(%s)", codegen.CName(rec.Name), strings.Join(args, ", "))
	if more {
		t.p("if (!%s) {", call)
		t.p("return;")
		t.p("}")
	} else {
		t.p("(void)%s;", call)
	}
}

func (g *gen) startStmt(t *text, x *fsm.Start, sc *scope) {
	timer := g.timer(x.Timer)
	if timer == nil {
		g.fail("there is no timer %s", x.Timer)
		return
	}
	args := "c"
	if g.perCall(timer) {
		if x.Per == nil {
			g.fail("the timer %s is started without saying for what", x.Timer)
			return
		}
		args += ", " + g.typed(x.Per, fsm.Type{Kind: fsm.EnumKind, Name: timer.Per}, sc)
	}
	verb := "start"
	if x.Again && timer.Doubles() {
		verb = "again"
	}
	t.p("%s_%s(%s);", verb, codegen.CName(x.Timer), args)
}

func (g *gen) timer(name string) *fsm.Timer {
	for _, t := range g.m.Timers {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// perCall reports whether a timer's interval depends on what it is started for.
func (g *gen) perCall(t *fsm.Timer) bool {
	for _, s := range t.Spans {
		if s != t.Spans[0] {
			return true
		}
	}
	return false
}
