package cgen

import (
	"embed"
	"fmt"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

//go:embed rt/drive/*
var driveRT embed.FS

// EmitDriver prints what tests of runs need beside the files that Emit prints for both peers: runtest.h, runtest.c, and
// runtest_program.c, which has the peers' hooks and tells of this program and of this plan's machines; and runtest_kills.c, a
// program that kills the peers at every visible action.
func EmitDriver(caller, callee codegen.Input) ([]codegen.File, error) {
	a, err := newGen(caller)
	if err != nil {
		return nil, err
	}
	b, err := newGen(callee)
	if err != nil {
		return nil, err
	}
	var out []codegen.File
	for _, name := range []string{"runtest.c", "runtest.h", "runtest_kills.c"} {
		text, err := driveRT.ReadFile("rt/drive/" + name)
		if err != nil {
			return nil, err
		}
		out = append(out, codegen.File{Name: name, Data: append([]byte(a.firstLine()+"\n"), text...)})
	}
	var t text
	t.p("%s", a.firstLine())
	t.p(`#include "%s.h"`, a.name)
	t.p(`#include "%s.h"`, b.name)
	t.p(`#include "runtest.h"`)
	t.p("")
	t.p("#include <string.h>")
	t.p("")
	t.p("static %s caller;", a.name)
	t.p("static %s callee;", b.name)
	t.p("")
	a.runFunctions(&t)
	a.runLayouts(&t)
	t.p("const bool runtest_commits = %v;", b.commits())
	t.p("const bool runtest_crashing[2] = {%v, %v};", a.m.Crashes, b.m.Crashes)
	names(&t, "properties", "property_count", codegen.Watched(a.sys))
	names(&t, "giving_up", "giving_up_count", codegen.GivingUp(a.m))
	t.p("")
	runState(&t, a, b)
	runEvents(&t, a, b)
	runRecords(&t, a, b)
	a.runFree(&t)
	a.runCalls(&t)
	b.runReturns(&t)
	a.runHooks(&t, "CALLER")
	b.runHooks(&t, "CALLEE")
	for _, g := range []*gen{a, b} {
		if err := g.err(); err != nil {
			return nil, err
		}
	}
	return append(out, codegen.File{Name: "runtest_program.c", Data: []byte(layout(t.String()))}), nil
}

// names prints an array of strings, which C does not let be empty, and how many there are.
func names(t *text, array, count string, list []string) {
	t.p("const char *const runtest_%s[] = {", array)
	for _, x := range list {
		t.p("%q,", x)
	}
	t.p("NULL,")
	t.p("};")
	t.p("const size_t runtest_%s = %d;", count, len(list))
}

func (g *gen) runFunctions(t *text) {
	t.p("const struct runtest_function runtest_functions[] = {")
	for _, c := range g.calls {
		kinds := []string{}
		if c.Kind == ir.Pure {
			kinds = append(kinds, "RUNTEST_PURE")
		}
		if c.Kind == ir.Effect {
			kinds = append(kinds, "RUNTEST_EFFECT")
		}
		if c.Kind == ir.ExactlyOnce {
			kinds = append(kinds, "RUNTEST_ONCE")
		}
		if c.Commutes != nil {
			kinds = append(kinds, "RUNTEST_COMMUTES")
		}
		kind := "0"
		if len(kinds) > 0 {
			kind = strings.Join(kinds, " + ")
		}
		t.p(`{"%s", %s, %d, %d},`, c.Name, kind, codegen.LeafOf(c.Params).N, codegen.LeafOf(resultFields(c)).N)
	}
	t.p("};")
	t.p("const size_t runtest_function_count = %d;", len(g.calls))
	t.p("")
}

func (g *gen) runLayouts(t *text) {
	kindBits, overtaking := 0, 0
	for i, w := range g.in.Plan.Wire {
		t.p("static const struct runtest_field fields_%d[] = {", i)
		at := 0
		for _, f := range w.Fields {
			t.p(`{"%s", %d, %d},`, f.Name, at, f.Bits)
			at += f.Bits
		}
		t.p("};")
		kindBits = w.Fields[0].Bits
	}
	t.p("const struct runtest_layout runtest_layouts[] = {")
	for i, w := range g.in.Plan.Wire {
		t.p("{%d, %d, %d, fields_%d}, // %s", w.Kind, w.Header, len(w.Fields), i, strings.TrimSpace(w.Message+" "+w.Fn))
	}
	t.p("};")
	t.p("const size_t runtest_layout_count = %d;", len(g.in.Plan.Wire))
	t.p("const uint32_t runtest_kind_bits = %d;", kindBits)
	ch := g.in.Plan.Interface.Channel
	if ch.Reorders != nil {
		overtaking = ch.Reorders.Within
	}
	t.p("const int runtest_overtaking = %d;", overtaking)
	t.p("const bool runtest_repeating = %v;", ch.Repeats != nil)
	t.p("const bool runtest_losing = %v;", ch.Loses != nil)
	t.p("")
}

var outlives = map[fsm.Outlived]string{fsm.OutlivesNothing: "RUNTEST_OUTLIVES_NOTHING", fsm.OutlivesDatagrams: "RUNTEST_OUTLIVES_DATAGRAMS", fsm.OutlivesCalls: "RUNTEST_OUTLIVES_CALLS"}

// runState prints where the timers and the variables of layers are.
func runState(t *text, a, b *gen) {
	var timers, layers [2][]string
	for side, g := range []*gen{a, b} {
		context := [2]string{"caller", "callee"}[side]
		for _, x := range g.m.Timers {
			n := codegen.CName(x.Name)
			timers[side] = append(timers[side], fmt.Sprintf(`{"%s", &%s.%s_on, &%s.%s_at, %v, %s},`, x.Name, context, n, context, n, x.Layer, outlives[x.Outlives]))
		}
		for _, v := range g.m.Vars {
			if v.Layer && v.Type.Kind == fsm.Bool && v.Type.Len == 0 {
				layers[side] = append(layers[side], fmt.Sprintf(`{"%s", &%s.%s},`, v.Name, context, g.member(v.Name)))
			}
		}
	}
	list := func(kind, name string, lists [2][]string) {
		for side, l := range lists {
			if len(l) == 0 {
				continue
			}
			t.p("static const struct runtest_%s %s_%s[] = {", kind, [2]string{"caller", "callee"}[side], name)
			for _, x := range l {
				t.p("%s", x)
			}
			t.p("};")
		}
		t.p("const struct runtest_%s *program_%s(int side, size_t *n)", kind, name)
		t.p("{")
		t.p("*n = side == CALLER ? %d : %d;", len(lists[0]), len(lists[1]))
		pointer := func(side int) string {
			if len(lists[side]) == 0 {
				return "NULL"
			}
			return [2]string{"caller_", "callee_"}[side] + name
		}
		t.p("return side == CALLER ? %s : %s;", pointer(0), pointer(1))
		t.p("}")
		t.p("")
	}
	list("timer", "timers", timers)
	list("var", "layers", layers)
}

// runEvents prints what either peer can be asked.
func runEvents(t *text, a, b *gen) {
	either := func(signature, caller, callee string) {
		t.p("%s", signature)
		t.p("{")
		t.p("if (side == CALLER) {")
		t.p("%s", caller)
		t.p("} else {")
		t.p("%s", callee)
		t.p("}")
		t.p("}")
		t.p("")
	}
	for _, x := range []struct{ signature, function, args string }{
		{"void program_start(int side)", "start", ", RUNTEST_NOW"},
		{"void program_receive(int side, const uint8_t *bytes, size_t n)", "receive", ", bytes, n, RUNTEST_NOW"},
		{"void program_poll(int side)", "poll", ", RUNTEST_NOW"},
	} {
		either(x.signature, fmt.Sprintf("%s_%s(&caller%s);", a.name, x.function, x.args), fmt.Sprintf("%s_%s(&callee%s);", b.name, x.function, x.args))
	}
	t.p("bool program_halted(int side)")
	t.p("{")
	t.p("return side == CALLER ? %s_halted(&caller) : %s_halted(&callee);", a.name, b.name)
	t.p("}")
	t.p("")
}

// runRecords prints which slots of stable memory have another one.
func runRecords(t *text, a, b *gen) {
	t.p("bool program_has_other_slot(int side, uint32_t offset)")
	t.p("{")
	t.p("(void)side;")
	t.p("(void)offset;")
	for side, g := range []*gen{a, b} {
		for _, r := range g.m.Records {
			if l := g.layoutOf(r.Name); l != nil && l.Slots > 1 {
				t.p("if (side == %s && offset - %du < %du) {", [2]string{"CALLER", "CALLEE"}[side], l.Offset, l.Slots*l.SlotSize)
				t.p("return true;")
				t.p("}")
			}
		}
	}
	t.p("return false;")
	t.p("}")
	t.p("")
}

// runFree prints whether the machine takes a call.
func (g *gen) runFree(t *text) {
	t.p("bool program_free(void)")
	t.p("{")
	e := g.event(fsm.OnCall)
	switch {
	case e == nil || e.When == nil:
		t.p("return !%s_halted(&caller);", g.name)
	default:
		t.p("const %s *c = &caller;", g.name)
		t.p("return !%s_halted(c) && (%s);", g.name, g.expr(e.When, &scope{event: e}, 0))
	}
	t.p("}")
	t.p("")
}

// runCalls prints the making of a call with arguments of a number.
func (g *gen) runCalls(t *text) {
	t.p("bool program_call(int fn, int number)")
	t.p("{")
	t.p("(void)number;")
	t.p("switch (fn) {")
	for i, c := range g.calls {
		t.p("case %d: {", i)
		args := g.runValues(t, c, c.Params)
		t.p("return %s(%s) == %s;", codegen.CName(g.name, "call", c.Name), strings.Join(append(append([]string{"&caller"}, args...), "RUNTEST_NOW"), ", "), g.macro("ok"))
		t.p("}")
	}
	t.p("default:")
	t.p("return false;")
	t.p("}")
	t.p("}")
	t.p("")
}

// runReturns prints the end of a handler with an answer of a number.
func (g *gen) runReturns(t *text) {
	t.p("void program_return(int fn, int number)")
	t.p("{")
	t.p("(void)number;")
	t.p("switch (fn) {")
	for i, c := range g.calls {
		t.p("case %d: {", i)
		args := g.runValues(t, c, resultFields(c))
		t.p("(void)%s(%s);", codegen.CName(g.name, "return", c.Name), strings.Join(append(append([]string{"&callee"}, args...), "RUNTEST_NOW"), ", "))
		t.p("break;")
		t.p("}")
	}
	t.p("default:")
	t.p("break;")
	t.p("}")
	t.p("}")
	t.p("")
}

// runValues declares variables with the sample of a number, and gives them as arguments.
func (g *gen) runValues(t *text, c *ir.Call, fields []ir.Field) []string {
	l := codegen.LeafOf(fields)
	var args []string
	for i, f := range fields {
		ctype, pointer := g.passed(c, f.Type, f.Name)
		v := fmt.Sprintf("value_%d", i)
		t.p("%s %s;", ctype, v)
		t.p("memset(&%s, 0, sizeof %s);", v, v)
		g.runLeast(t, f.Type, v, true, 0)
		if len(l.Path) > 0 && l.Path[0] == i {
			g.runLeaf(t, l, g.runPath(f.Type, l.Path[1:], v, true))
		}
		args = append(args, pick(pointer, "&"+v, v))
	}
	return args
}

// inside is the expression of an array's elements, a text's bytes, or a list's, which are members of a struct of their
// own where they are a whole parameter.
func inside(t *ir.Type, at string, whole bool) string {
	switch {
	case t.Kind == ir.Array && whole:
		return at + ".items"
	case t.Kind == ir.Bytes && t.Fixed && !whole:
		return at
	case t.Kind == ir.Text || t.Kind == ir.Bytes:
		return at + ".bytes"
	}
	return at
}

// runLeast sets what of a value may not be zero.
func (g *gen) runLeast(t *text, x *ir.Type, at string, whole bool, depth int) {
	whole = whole && depth == 0
	switch x.Kind {
	case ir.Uint, ir.Int:
		if x.Refined && x.Lo != 0 {
			t.p("%s = (%s)%s;", at, g.scalarType(x), integer(x.Lo))
		}
	case ir.StructType:
		for _, f := range x.Struct.Fields {
			g.runLeast(t, f.Type, at+"."+codegen.CName(f.Name), false, depth+1)
		}
	case ir.Array:
		var inner text
		i := fmt.Sprintf("i%d", depth)
		g.runLeast(&inner, x.Elem, inside(x, at, whole)+"["+i+"]", false, depth+1)
		if inner.String() != "" {
			t.p("for (size_t %s = 0; %s < %du; %s++) {", i, i, x.Max, i)
			t.b.WriteString(inner.String())
			t.p("}")
		}
	}
}

// integer is a constant of 64 bits at most.
func integer(v int64) string {
	if v == -1<<63 {
		return "INT64_MIN"
	}
	return fmt.Sprintf("INT64_C(%d)", v)
}

// runPath is the expression of the scalar that tells samples apart; of a text or bytes the whole of it.
func (g *gen) runPath(x *ir.Type, path []int, at string, whole bool) leafAt {
	for _, i := range path {
		if x.Kind == ir.StructType {
			f := x.Struct.Fields[i]
			x, at = f.Type, at+"."+codegen.CName(f.Name)
		} else {
			at = fmt.Sprintf("%s[%d]", inside(x, at, whole), i)
			x = x.Elem
		}
		whole = false
	}
	return leafAt{x, at, inside(x, at, whole)}
}

// leafAt is where the scalar is; of a text its bytes too.
type leafAt struct {
	t         *ir.Type
	at, bytes string
}

func (g *gen) runLeaf(t *text, l codegen.Leaf, at leafAt) {
	place := fmt.Sprintf("(number + 1) %% %d", l.N)
	switch at.t.Kind {
	case ir.Bool:
		t.p("%s = %s != 0;", at.at, place)
	case ir.Text, ir.Bytes:
		if !(at.t.Kind == ir.Bytes && at.t.Fixed) {
			t.p("%s.size = 1;", at.at)
		}
		t.p("%s[0] = (uint8_t)('a' + %s);", at.bytes, place)
	case ir.Uint, ir.Int:
		t.p("%s = (%s)(%s + %s);", at.at, g.scalarType(at.t), integer(l.Lo), place)
	default:
		t.p("%s = (%s)(%s);", at.at, g.scalarType(at.t), place)
	}
}

// runNumber is the expression for the number of a sample; 0 where all are alike.
func (g *gen) runNumber(fields []ir.Field, base func(i int) (at string)) string {
	l := codegen.LeafOf(fields)
	if len(l.Path) == 0 {
		return "0"
	}
	f := fields[l.Path[0]]
	at := g.runPath(f.Type, l.Path[1:], base(l.Path[0]), true)
	place := "(int64_t)" + at.at
	switch at.t.Kind {
	case ir.Bool:
		place = at.at + " ? 1 : 0"
	case ir.Text, ir.Bytes:
		place = fmt.Sprintf("(int64_t)%s[0] - 'a'", at.bytes)
		if !(at.t.Kind == ir.Bytes && at.t.Fixed) {
			place = fmt.Sprintf("%s.size != 1u ? -1 : %s", at.at, place)
		}
	case ir.Uint, ir.Int:
		if l.Lo != 0 {
			place = fmt.Sprintf("(int64_t)%s - %s", at.at, integer(l.Lo))
		}
	case ir.Float:
		place = fmt.Sprintf("%s >= 0 && %s < %d ? (int64_t)%s : -1", at.at, at.at, l.N, at.at)
	}
	return fmt.Sprintf("runtest_number(%s, %d)", place, l.N)
}

// runHooks prints the port and the program's hooks of a peer.
func (g *gen) runHooks(t *text, side string) {
	ctx, n := g.ctxParam(), g.name
	hook := func(signature string, body ...string) {
		t.p("%s", signature)
		t.p("{")
		t.p("(void)c;")
		for _, l := range body {
			t.p("%s", l)
		}
		t.p("}")
		t.p("")
	}
	if g.sendsAny() {
		hook("void "+n+"_port_send("+ctx+", const uint8_t *bytes, size_t n)", "runtest_sent("+side+", bytes, n);")
	}
	if len(g.m.Records) > 0 {
		hook("bool "+n+"_port_read("+ctx+", uint32_t offset, uint8_t *bytes, size_t n)", "return runtest_read("+side+", offset, bytes, n);")
		hook("bool "+n+"_port_write("+ctx+", uint32_t offset, const uint8_t *bytes, size_t n)", "return runtest_write("+side+", offset, bytes, n);")
	}
	if g.commits() {
		hook("bool "+n+"_port_commit("+ctx+", uint32_t offset, const uint8_t *bytes, size_t n)", "return runtest_commit("+side+", offset, bytes, n);")
	}
	if g.drawsEntropy() {
		hook("void "+n+"_port_entropy("+ctx+", uint8_t *bytes, size_t n)", "runtest_entropy(bytes, n);")
	}
	for _, b := range g.breachNames() {
		hook("void "+codegen.CName(n, "on", "breach", b)+"("+ctx+")", fmt.Sprintf("runtest_breach(%q);", b))
	}
	for i, c := range g.calls {
		if !g.caller {
			var unused []string
			for _, p := range c.Params {
				unused = append(unused, "(void)"+local(p.Name)+";")
			}
			number := g.runArgs(c)
			hook(g.handlerSignature(c), append(unused, fmt.Sprintf("runtest_invoked(%d, %s);", i, number))...)
			continue
		}
		number := g.runNumber(resultFields(c), func(int) string { return "(*result)" })
		if c.Kind == ir.ExactlyOnce && g.reports() {
			g.runReport(hook, i, c, number)
		}
		var unused []string
		if g.m.Lanes() { // the driver has one call outstanding at a time
			for _, p := range c.Params {
				unused = append(unused, "(void)"+local(p.Name)+";")
			}
		}
		if c.Result == nil {
			hook(g.doneSignature(c), append(unused, "runtest_completed(outcome, 0);")...)
			continue
		}
		hook(g.doneSignature(c), append(unused, fmt.Sprintf("runtest_completed(outcome, result == NULL ? -1 : %s);", number))...)
	}
}

// runArgs is the number of the arguments of a call, as they are passed to a hook.
func (g *gen) runArgs(c *ir.Call) string {
	return g.runNumber(c.Params, func(k int) string {
		p := c.Params[k]
		if _, pointer := g.passed(c, p.Type, p.Name); pointer {
			return "(*" + local(p.Name) + ")"
		}
		return local(p.Name)
	})
}

// runReport prints the hook of a late answer.
func (g *gen) runReport(hook func(string, ...string), i int, c *ir.Call, number string) {
	body := []string{"(void)outcome;"}
	for _, p := range c.Params {
		body = append(body, "(void)"+local(p.Name)+";")
	}
	if c.Result == nil {
		number = "0"
	} else {
		number = "result == NULL ? -1 : " + number
	}
	hook(g.lateSignature(c), append(body, fmt.Sprintf("runtest_reported(%d, %s, %s);", i, g.runArgs(c), number))...)
}
