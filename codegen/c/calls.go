package cgen

import (
	"fmt"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// The program's side: calls that it makes and handlers that it ends.

// resultFields is the result as a list of fields, so that it can be walked like the parameters.
func resultFields(c *ir.Call) []ir.Field {
	if c.Result == nil {
		return nil
	}
	return []ir.Field{{Name: "result", Type: c.Result}}
}

// mayNotFit reports whether a call's result can be out of its range, as far as its C type goes.
func (g *gen) mayNotFit(c *ir.Call) bool { return unfit(c.Result, 0) }

func unfit(t *ir.Type, depth int) bool {
	if t == nil || depth > 64 {
		return false
	}
	switch t.Kind {
	case ir.Uint, ir.Int:
		lo, hi := limits(t)
		return t.Refined && (t.Lo > lo || t.Hi < hi || t.Kind == ir.Uint && t.Bits == 64)
	case ir.EnumType:
		return len(t.Enum.Members) < 256
	case ir.Text, ir.Bytes, ir.List:
		if !t.Fixed && uint64(t.Max) < 1<<widthFor(bitsFor(uint64(t.Max)))-1 {
			return true
		}
	case ir.StructType:
		for _, f := range t.Struct.Fields {
			if unfit(f.Type, depth+1) {
				return true
			}
		}
	}
	return unfit(t.Elem, depth+1)
}

func usesDouble(t *ir.Type, depth int) bool {
	if t == nil || depth > 64 {
		return false
	}
	if t.Kind == ir.Float && t.Bits == 64 || usesDouble(t.Elem, depth+1) {
		return true
	}
	if t.Struct != nil {
		for _, f := range t.Struct.Fields {
			if usesDouble(f.Type, depth+1) {
				return true
			}
		}
	}
	return false
}

// callSignature is the C declaration of a call, without the semicolon.
func (g *gen) callSignature(c *ir.Call) string {
	params := []string{g.ctxParam()}
	for _, p := range c.Params {
		params = append(params, g.param(c, p))
	}
	params = append(params, "uint32_t now")
	return g.name + "_status " + codegen.CName(g.name, "call", c.Name) + "(" + strings.Join(params, ", ") + ")"
}

func (g *gen) param(c *ir.Call, p ir.Field) string {
	ctype, pointer := g.passed(c, p.Type, p.Name)
	if pointer {
		return "const " + ctype + " *" + local(p.Name)
	}
	return ctype + " " + local(p.Name)
}

func (g *gen) returnSignature(c *ir.Call) string {
	params := []string{g.ctxParam()}
	if c.Result != nil {
		ctype, pointer := g.passed(c, c.Result, "result")
		if pointer {
			params = append(params, "const "+ctype+" *result")
		} else {
			params = append(params, ctype+" result")
		}
	}
	params = append(params, "uint32_t now")
	return g.name + "_status " + codegen.CName(g.name, "return", c.Name) + "(" + strings.Join(params, ", ") + ")"
}

// handlerSignature is the hook that starts the handler of a call.
func (g *gen) handlerSignature(c *ir.Call) string {
	params := []string{g.ctxParam()}
	for _, p := range c.Params {
		params = append(params, g.param(c, p))
	}
	return "void " + codegen.CName(g.name, "on", c.Name) + "(" + strings.Join(params, ", ") + ")"
}

// doneSignature is the hook that ends a call; where several may be outstanding, it is told which.
func (g *gen) doneSignature(c *ir.Call) string { return g.endSignature(c, "done", g.m.Lanes()) }

// callGuard prints may_call and begin_call, which all calls share.
func (g *gen) callGuard(t *text) {
	e := g.event(fsm.OnCall)
	var b text
	b.p("if (c->state == STATE_OFF || c->state == STATE_HALTED) {")
	b.p("return %s;", g.macro("halted"))
	b.p("}")
	cond := "c->state != STATE_READY"
	if e == nil {
		cond = "true"
	} else if e.When != nil {
		when := g.expr(&fsm.Not{X: e.When}, &scope{event: e}, precAnd)
		if n, ok := e.When.(*fsm.Not); ok {
			when = g.expr(n.X, &scope{event: e}, precAnd)
		}
		cond += " || " + when
	}
	b.p("if (%s) {", cond)
	b.p("return %s;", g.macro("busy"))
	b.p("}")
	b.p("return %s;", g.macro("ok"))
	t.doc("Whether a call can be made now.")
	params := []string{"const " + g.ctxParam()}
	if mentions(cond, "fn") {
		params = append(params, "uint8_t fn")
	}
	g.function(t, "static "+g.name+"_status", "may_call", &b, params...)
	if e == nil || len(e.Body) == 0 {
		return
	}
	b = text{}
	b.p("struct view args = {c->frame, (uint16_t)n};")
	b.p("if (!enter(c, now)) {")
	b.p("return %s;", g.macro("busy"))
	b.p("}")
	b.p("on_call(c, fn, args);")
	b.p("leave(c);")
	b.p("return c->state == STATE_HALTED ? %s : %s;", g.macro("halted"), g.macro("ok"))
	t.doc("Hands a call to the machine, with the arguments encoded at the start of frame: so many bytes.")
	g.function(t, "static "+g.name+"_status", "begin_call", &b, g.ctxParam(), "uint8_t fn", "uint32_t n", "uint32_t now")
}

func (g *gen) callFunction(t *text, i int) {
	c := g.calls[i]
	e := g.event(fsm.OnCall)
	fnArg := ""
	if e != nil && e.When != nil && mentions(g.expr(e.When, &scope{event: e}, 0), "fn") {
		fnArg = ", " + g.fnConst(i)
	}
	t.p("%s", g.callSignature(c))
	t.p("{")
	if e == nil || len(e.Body) == 0 {
		for _, p := range c.Params {
			t.p("(void)%s;", local(p.Name))
		}
		t.p("(void)now;")
		t.p("return may_call(c%s);", fnArg)
		t.p("}")
		t.p("")
		return
	}
	if len(c.Params) > 0 {
		t.p("struct writer w = {c->frame, sizeof c->frame, 0};")
	}
	t.p("%s_status status = may_call(c%s);", g.name, fnArg)
	t.p("if (status != %s) {", g.macro("ok"))
	t.p("return status;")
	t.p("}")
	if len(c.Params) > 0 {
		args := []string{"&w"}
		for _, p := range c.Params {
			args = append(args, local(p.Name))
		}
		t.p("if (!%s(%s)) {", codegen.CName("encode", c.Name, "args"), strings.Join(args, ", "))
		t.p("return %s;", g.macro("bad", "argument"))
		t.p("}")
	}
	t.p("return begin_call(c, %s, %s, now);", g.fnConst(i), encoded(c.Params))
	t.p("}")
	t.p("")
}

// returnGuard prints may_return and end_handler, which all handlers' ends share.
func (g *gen) returnGuard(t *text) {
	t.doc("Whether the handler of a call runs, and may be ended here.")
	t.p("static %s_status may_return(const %s, uint8_t fn)", g.name, g.ctxParam())
	t.p("{")
	t.p("if (c->state == STATE_OFF || c->state == STATE_HALTED) {")
	t.p("return %s;", g.macro("halted"))
	t.p("}")
	t.p("if (c->state == STATE_INSIDE || c->serving != fn + 1u) {")
	t.p("return %s;", g.macro("busy"))
	t.p("}")
	t.p("return %s;", g.macro("ok"))
	t.p("}")
	t.p("")
	var b text
	size := uintFor(bitsFor(uint64(g.frameMax())))
	b.p("c->serving = 0;")
	b.p("c->returned = true;")
	b.p("c->returned_size = (%s)n;", size)
	b.p("if (enter(c, now)) {")
	b.p("leave(c);")
	b.p("}")
	b.p("return c->state == STATE_HALTED ? %s : %s;", g.macro("halted"), g.macro("ok"))
	t.doc("Hands a handler's answer, encoded at the start of frame, to the machine: at once, or when its hook is over.")
	g.function(t, "static "+g.name+"_status", "end_handler", &b, g.ctxParam(), "uint32_t n", "uint32_t now")
}

func (g *gen) returnFunction(t *text, i int) {
	c := g.calls[i]
	t.p("%s", g.returnSignature(c))
	t.p("{")
	if c.Result != nil {
		t.p("struct writer w = {c->frame, sizeof c->frame, 0};")
	}
	t.p("%s_status status = may_return(c, %s);", g.name, g.fnConst(i))
	t.p("if (status != %s) {", g.macro("ok"))
	t.p("return status;")
	t.p("}")
	encode := codegen.CName("encode", c.Name, "result")
	switch {
	case g.mayNotFit(c):
		t.p("if (!%s(&w, result)) {", encode)
		if c.Kind == ir.ExactlyOnce {
			t.p("// The handler still runs: what must run exactly once does not end without an answer.")
		} else {
			t.p("(void)end_handler(c, 0, now); // no answer, which is not sent")
		}
		t.p("return %s;", g.macro("bad", "argument"))
		t.p("}")
	case c.Result != nil:
		t.p("(void)%s(&w, result);", encode)
	}
	t.p("return end_handler(c, %s, now);", encoded(resultFields(c)))
	t.p("}")
	t.p("")
}

// encoded is how many bytes the values take that were put into w: a constant where it does not depend on them.
func encoded(fields []ir.Field) string {
	least, most := ir.PayloadBounds(fields)
	if least == most {
		return fmt.Sprint(most)
	}
	return "filled(&w)"
}

// cleared initialises a variable into which values are decoded that need not fill it, so that the program finds nothing there that was
// left on the stack: "" where they do.
func cleared(fields []ir.Field) string {
	for _, f := range fields {
		if partly(f.Type, 0) {
			return " = {0}"
		}
	}
	return ""
}

// partly reports whether a type has a list, an array, a text or an option in it.
func partly(t *ir.Type, depth int) bool {
	if t == nil || depth > 64 {
		return false
	}
	switch t.Kind {
	case ir.Text, ir.Bytes, ir.Array, ir.List, ir.Option:
		return true
	case ir.StructType:
		for _, f := range t.Struct.Fields {
			if partly(f.Type, depth+1) {
				return true
			}
		}
	}
	return false
}
