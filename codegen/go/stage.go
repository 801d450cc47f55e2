package gogen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// stages prints a list of stages. Last says that nothing follows it in its function, so that an end there needs no
// return.
func (g *gen) stages(body []*fsm.Stage, sc scope, last bool) []jen.Code {
	var out []jen.Code
	for i, s := range body {
		final := last && i == len(body)-1
		out = append(out, comments(s.Doc...)...)
		if _, ok := s.Stmt.(*fsm.End); ok {
			if !final {
				out = append(out, jen.Return())
			}
			break
		}
		if i > 0 && resets(body[i-1].Stmt, s.Stmt) {
			out = append(out, g.assign(s.Stmt.(*fsm.Assign), sc))
			continue
		}
		out = append(out, g.stmt(s.Stmt, sc, final || last && endsAt(body, i+1))...)
	}
	return out
}

// resets reports whether a number has just been set to none where its next is taken: that one is not used up.
func resets(before, s fsm.Stmt) bool {
	a, ok := before.(*fsm.Assign)
	b, ok2 := s.(*fsm.Assign)
	if !ok || !ok2 {
		return false
	}
	x, ok := a.Target.(*fsm.Name)
	y, ok2 := b.Target.(*fsm.Name)
	c, ok3 := b.Value.(*fsm.Call)
	if _, none := a.Value.(*fsm.None); !none || !ok || !ok2 || !ok3 || c.Fn != "next" {
		return false
	}
	return x.Name == y.Name && nameOf(c, 0) == x.Name
}

// endsAt reports whether the list's next stage is its end.
func endsAt(body []*fsm.Stage, i int) bool {
	if i >= len(body) {
		return false
	}
	_, ok := body[i].Stmt.(*fsm.End)
	return ok
}

// guard prints the halt that comes before a statement which takes the next number:
//
//	if g.n == maxNum {
//		g.halt(errUsedUp)
//		return
//	}
func (g *gen) guard(sc scope, exprs ...fsm.Expr) []jen.Code {
	var found []string
	for _, e := range exprs {
		if e != nil {
			g.exhaustible(e, sc, &found)
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) == 0 {
		return nil
	}
	return []jen.Code{jen.If(line("%s", strings.Join(found, " || "))).Block(
		line("%s.halt(errUsedUp)", g.recv),
		jen.Return(),
	)}
}

// stmt prints a statement; final says that nothing follows it in its function.
func (g *gen) stmt(s fsm.Stmt, sc scope, final bool) []jen.Code {
	switch x := s.(type) {
	case *fsm.When:
		return g.when(x, sc, final)
	case *fsm.Assign:
		return append(g.guard(sc, x.Value), g.assign(x, sc))
	case *fsm.Send:
		return g.send(x, sc)
	case *fsm.Persist:
		return g.persist(x, sc, final)
	case *fsm.Start:
		return []jen.Code{g.startTimer(x, sc)}
	case *fsm.Cancel:
		return []jen.Code{line("%s.%s()", g.recv, codegen.GoLocal("cancel", x.Timer))}
	case *fsm.Invoke:
		return []jen.Code{line("%s.port.invoke(%s, %s)", g.recv, g.fn(x.Fn, sc), g.slot(x.Args, sc))}
	case *fsm.Complete:
		o := g.expr(x.Outcome, fsm.Type{Kind: fsm.EnumKind, Name: fsm.OutcomeEnum.Name}, sc)
		args := ""
		if x.Args != nil {
			args = ", " + g.slot(x.Args, sc)
		}
		return []jen.Code{line("%s.port.complete(%s, %s, %s%s)", g.recv, o, g.fn(x.Fn, sc), g.slot(x.Answer, sc), args)}
	case *fsm.Report:
		o := g.expr(x.Outcome, fsm.Type{Kind: fsm.EnumKind, Name: fsm.OutcomeEnum.Name}, sc)
		return []jen.Code{line("%s.port.report(%s, %s, %s, %s)", g.recv, o, g.fn(x.Fn, sc), g.slot(x.Answer, sc), g.slot(x.Args, sc))}
	case *fsm.Do:
		return g.do(x, sc, final)
	case *fsm.Note:
		return []jen.Code{line("%s.note(%s, %s)", g.recv, strconv.Quote(x.What), g.fn(x.Fn, sc))}
	case *fsm.Breach:
		return []jen.Code{line("%s.port.breached(%s)", g.recv, strconv.Quote(x.Name))}
	case *fsm.Ask:
		return []jen.Code{line("%s.ask(%s.now)", g.field(x.Memo), g.recv)}
	case *fsm.Remember:
		return []jen.Code{line("%s.remember(%s, %s, %s)", g.field(x.Memo), g.fn(x.Fn, sc), g.slot(x.Args, sc), g.slot(x.Answer, sc))}
	case *fsm.Forget:
		return []jen.Code{line("%s.forget()", g.field(x.Memo))}
	}
	g.fail("a statement that Go has no form for: %T", s)
	return nil
}

func (g *gen) fn(e fsm.Expr, sc scope) string {
	if e == nil {
		return "0"
	}
	return g.expr(e, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, sc)
}

func (g *gen) slot(e fsm.Expr, sc scope) string { return g.expr(e, fsm.Type{Kind: fsm.Payload}, sc) }

func (g *gen) when(x *fsm.When, sc scope, final bool) []jen.Code {
	var found []string
	g.exhaustible(x.Cond, sc, &found)
	if len(found) > 0 {
		g.fail("a condition of %s takes the next number", g.m.Name)
	}
	if len(x.Then) == 0 {
		return []jen.Code{jen.If(line("%s", g.negated(x.Cond, sc))).Block(g.stages(x.Else, sc, final)...)}
	}
	s := jen.If(line("%s", g.cond(x.Cond, sc))).Block(g.branch(x.Then, sc, final)...)
	switch {
	case len(x.Else) == 0:
	case len(x.Else) == 1 && len(x.Else[0].Doc) == 0 && isWhen(x.Else[0].Stmt):
		s.Else().Add(g.stmt(x.Else[0].Stmt, sc, final)...)
	default:
		s.Else().Block(g.branch(x.Else, sc, final)...)
	}
	return []jen.Code{s}
}

func isWhen(s fsm.Stmt) bool {
	w, ok := s.(*fsm.When)
	return ok && len(w.Then) > 0
}

// branch prints a guarded list. An end that is all of it is printed, since an empty block says nothing.
func (g *gen) branch(body []*fsm.Stage, sc scope, final bool) []jen.Code {
	if len(body) == 1 && endsAt(body, 0) {
		final = false
	}
	return g.stages(body, sc, final)
}

func (g *gen) assign(x *fsm.Assign, sc scope) jen.Code {
	t, ok := g.typeOf(x.Target, sc)
	if !ok {
		g.fail("an assignment to what is no variable of %s", g.m.Name)
	}
	target := g.expr(x.Target, t, sc)
	value := g.expr(x.Value, t, sc)
	if value == target+" + 1" {
		return line("%s++", target)
	}
	return line("%s = %s", target, value)
}

// send prints g.port.transmit(encodeReq(reqMessage{fn: g.fn, …})). A field that is on the wire for some calls only is
// left out of the others by the codec.
func (g *gen) send(x *fsm.Send, sc scope) []jen.Code {
	msg := g.sys.Message(x.Message)
	if msg == nil {
		g.fail("there is no message %s", x.Message)
		return nil
	}
	var values []fsm.Expr
	var fields []string
	for _, v := range x.Fields {
		i := msg.Index(v.Name)
		if i < 0 {
			g.fail("message %s has no field %s", x.Message, v.Name)
			return nil
		}
		values = append(values, v.Value)
		fields = append(fields, codegen.GoLocal(v.Name)+": "+g.expr(v.Value, msg.Fields[i].Type, sc))
	}
	return append(g.guard(sc, values...),
		line("%s.port.transmit(%s(%s{%s}))", g.recv, encoder(x.Message), messageType(x.Message), strings.Join(fields, ", ")))
}

func encoder(message string) string { return codegen.GoLocal("encode", message) }

// persist prints
//
//	if !g.persistIdentity(g.ce + 1) {
//		return
//	}
func (g *gen) persist(x *fsm.Persist, sc scope, final bool) []jen.Code {
	rec := g.record(x.Record)
	if rec == nil {
		return nil
	}
	var values []fsm.Expr
	var args []string
	for _, f := range rec.Fields {
		arg := g.field(f.Name)
		for _, v := range x.Fields {
			if v.Name == f.Name {
				values = append(values, v.Value)
				arg = g.expr(v.Value, f.Type, sc)
			}
		}
		args = append(args, arg)
	}
	call := fmt.Sprintf("%s.%s(%s)", g.recv, codegen.GoLocal(x.Verb(), x.Record), strings.Join(args, ", "))
	out := g.guard(sc, values...)
	if final {
		return append(out, line("%s", call))
	}
	return append(out, jen.If(line("!%s", call)).Block(jen.Return()))
}

func (g *gen) record(name string) *fsm.Record {
	for _, r := range g.m.Records {
		if r.Name == name {
			return r
		}
	}
	g.fail("there is no record %s", name)
	return nil
}

func (g *gen) timer(name string) *fsm.Timer {
	for _, t := range g.m.Timers {
		if t.Name == name {
			return t
		}
	}
	g.fail("there is no timer %s", name)
	return nil
}

func (g *gen) startTimer(x *fsm.Start, sc scope) jen.Code {
	t := g.timer(x.Timer)
	if t == nil {
		return jen.Null()
	}
	verb, arg := "start", ""
	if x.Again && t.Doubles() {
		verb = "again"
	}
	if len(t.Spans) > 1 {
		if x.Per == nil {
			g.fail("timer %s has several intervals and is started for none", x.Timer)
			return jen.Null()
		}
		arg = g.expr(x.Per, fsm.Type{Kind: fsm.EnumKind, Name: t.Per}, sc)
	}
	return line("%s.%s(%s)", g.recv, codegen.GoLocal(verb, x.Timer), arg)
}

func (g *gen) do(x *fsm.Do, sc scope, final bool) []jen.Code {
	t := g.m.Tail(x.Tail)
	if t == nil || len(t.Params) != len(x.Args) {
		g.fail("there is no tail %s of %d parameters", x.Tail, len(x.Args))
		return nil
	}
	var args []string
	for i, a := range x.Args {
		args = append(args, g.expr(a, t.Params[i].Type, sc))
	}
	out := append(g.guard(sc, x.Args...), line("%s.%s(%s)", g.recv, codegen.GoLocal(x.Tail), strings.Join(args, ", ")))
	if !final && g.mayHalt(t.Body, 0) {
		out = append(out, jen.If(line("%s.stopped != nil", g.recv)).Block(jen.Return()))
	}
	return out
}

// mayHalt reports whether a list of stages can stop the machine: it writes a record or takes the next number.
func (g *gen) mayHalt(body []*fsm.Stage, depth int) bool {
	if depth > len(g.m.Tails) {
		g.fail("a tail of %s runs itself", g.m.Name)
		return false
	}
	halts := false
	walk(body, func(s fsm.Stmt) {
		switch x := s.(type) {
		case *fsm.Persist:
			halts = true
		case *fsm.Do:
			if t := g.m.Tail(x.Tail); t != nil {
				halts = halts || g.mayHalt(t.Body, depth+1)
			}
		}
		for _, e := range exprs(s) {
			walkExpr(e, func(e fsm.Expr) {
				if c, ok := e.(*fsm.Call); ok && c.Fn == "next" {
					halts = true
				}
			})
		}
	})
	return halts
}

// walk calls f for every statement, the guarded ones too.
func walk(body []*fsm.Stage, f func(fsm.Stmt)) {
	for _, s := range body {
		f(s.Stmt)
		if w, ok := s.Stmt.(*fsm.When); ok {
			walk(w.Then, f)
			walk(w.Else, f)
		}
	}
}

// exprs are the expressions of a statement, those of guarded statements aside.
func exprs(s fsm.Stmt) []fsm.Expr {
	var out []fsm.Expr
	values := func(vs []fsm.FieldValue) {
		for _, v := range vs {
			out = append(out, v.Value)
		}
	}
	switch x := s.(type) {
	case *fsm.When:
		out = append(out, x.Cond)
	case *fsm.Assign:
		out = append(out, x.Target, x.Value)
	case *fsm.Send:
		values(x.Fields)
	case *fsm.Persist:
		values(x.Fields)
	case *fsm.Start:
		out = append(out, x.Per)
	case *fsm.Invoke:
		out = append(out, x.Fn, x.Args)
	case *fsm.Complete:
		out = append(out, x.Outcome, x.Fn, x.Answer, x.Args)
	case *fsm.Report:
		out = append(out, x.Outcome, x.Fn, x.Answer, x.Args)
	case *fsm.Do:
		out = append(out, x.Args...)
	case *fsm.Note:
		out = append(out, x.Fn)
	case *fsm.Remember:
		out = append(out, x.Fn, x.Args, x.Answer)
	}
	return out
}

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

// all calls f for every statement of the machine.
func (g *gen) all(f func(fsm.Stmt)) {
	for _, e := range g.m.Events {
		walk(e.Body, f)
	}
	for _, t := range g.m.Tails {
		walk(t.Body, f)
	}
}

// uses reports whether some statement of the machine is as asked.
func (g *gen) uses(f func(fsm.Stmt) bool) bool {
	found := false
	g.all(func(s fsm.Stmt) { found = found || f(s) })
	return found
}

func (g *gen) usesFresh() bool {
	return g.uses(func(s fsm.Stmt) bool {
		found := false
		for _, e := range exprs(s) {
			walkExpr(e, func(e fsm.Expr) {
				c, ok := e.(*fsm.Call)
				found = found || ok && c.Fn == "fresh"
			})
		}
		return found
	})
}
