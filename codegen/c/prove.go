package cgen

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// EmitProof prints <protocol>_<peer>_prove.c, from which Frama-C's Eva analyses the core that Emit printed: a program and a
// port that do whatever the header allows them, for ever. Over a serial line <protocol>_<peer>_serial_prove.c does so for the framing,
// with a core that does anything. They are C that compiles, and no part of a program.
func EmitProof(in codegen.Input) ([]codegen.File, error) {
	g, err := newGen(in)
	if err != nil {
		return nil, err
	}
	files := []codegen.File{{Name: g.name + "_prove.c", Data: []byte(g.proof())}}
	if g.serial() {
		files = append(files, codegen.File{Name: g.name + "_serial_prove.c", Data: []byte(g.proofOfLine())})
	}
	return files, g.err()
}

// eva is how Frama-C is called on the files of a harness. What is no number is allowed in f32 and f64, and the cells of an array are told
// apart up to 500 of them: with ten, as precision 0 has it, what is written to one of more spoils the booleans of all.
const eva = "frama-c -machdep gcc_x86_32 -c11 -eva -eva-precision 0 -eva-plevel 500 -warn-special-float none -eva-warn-key alarm=error"

// proof prints the harness of the core. Everything of its own is called prove_….
func (g *gen) proof() string {
	var body text
	g.proofHooks(&body, false)
	g.proofReceive(&body)
	g.proofMain(&body)
	var t text
	t.p("%s", g.firstLine())
	t.p("//")
	t.doc(fmt.Sprintf("Whatever a program may do with %s, for ever: any call, any datagram, any time, any result of the port. Frama-C's Eva", g.name),
		"goes through all of it, and through every byte that the core hands out; it reports what could be undefined behaviour.")
	g.proofHead(&t, g.name, body.String())
	t.p("static %s prove_peer;", g.name)
	t.p("static uint8_t prove_datagram[%s];", g.macro("datagram"))
	t.p("")
	t.b.WriteString(proofRead(body.String()) + proofFill(body.String()))
	t.b.WriteString(body.String())
	return layout(t.String())
}

// proofOfLine prints the harness of the framing.
func (g *gen) proofOfLine() string {
	ctx, n := g.ctxParam(), g.name
	var t, body text
	hook := func(returns, name string, lines string, params ...string) {
		var b text
		b.p("%s", lines)
		g.function(&body, returns, name, &b, params...)
	}
	hook("void", n+"_port_put", "prove_read(bytes, n);", ctx, "const uint8_t *bytes", "size_t n")
	hook("void", n+"_start", "prove_seen = now;", ctx, "uint32_t now")
	hook("void", n+"_receive", "prove_read(bytes, n);", ctx, "const uint8_t *bytes", "size_t n", "uint32_t now")
	body.p("int main(void)")
	body.p("{")
	body.p("%s_serial_start(&prove_line, (uint32_t)prove_any);", n)
	body.p("while (prove_any != 0u) {")
	body.p("%s_serial_take(&prove_line, (uint8_t)prove_any, (uint32_t)prove_any);", n)
	if g.sendsAny() {
		body.p("prove_fill(prove_frame, sizeof prove_frame);")
		body.p("//@ loop unroll %d;", g.frameMax()+1)
		body.p("for (size_t n = 0; n <= sizeof prove_frame; n++) {")
		body.p("%s_port_send(&prove_line.core, prove_frame + (sizeof prove_frame - n), n);", n)
		body.p("}")
	}
	body.p("if (prove_any == 0u) {")
	body.p("%s_serial_start(&prove_line, (uint32_t)prove_any);", n)
	body.p("}")
	body.p("}")
	body.p("return 0;")
	body.p("}")
	t.p("%s", g.firstLine())
	t.p("//")
	t.doc(fmt.Sprintf("Whatever may come over the line of %s and whatever its core may send, for ever, without the core.", g.name))
	g.proofHead(&t, g.name+"_serial", body.String())
	t.p("static %s_serial prove_line;", n)
	if g.sendsAny() {
		t.p("static uint8_t prove_frame[%d]; // the largest datagram that is sent", g.frameMax())
	}
	t.p("")
	t.b.WriteString(proofRead(body.String()) + proofFill(body.String()))
	t.b.WriteString(body.String())
	return layout(t.String())
}

// proofHead says how the harness of a file is analysed, and declares where anything comes from.
func (g *gen) proofHead(t *text, file, body string) {
	t.p("//")
	t.p("//     %s %s.c %s_prove.c", eva, file, file)
	t.p("//")
	t.doc("gcc_x86_32 stands for every target with an int and pointers of 32 bits; gcc_x86_16 is one with 16.")
	t.p(`#include "%s.h"`, file)
	t.p("")
	t.p("#include <string.h> // what Frama-C knows of the functions that are declared again in the other file")
	t.p("")
	t.doc("A volatile variable holds anything whenever it is read.")
	t.p("static volatile uint64_t prove_any;")
	if mentions(body, "prove_any_float") {
		t.p("static volatile double prove_any_float;")
	}
	t.p("static volatile uint64_t prove_seen;")
	t.p("")
}

// proofRead prints what reads bytes, as far as it is used.
func proofRead(body string) string {
	if !mentions(body, "prove_read") {
		return ""
	}
	var t text
	t.doc("What is handed out can be read.")
	t.p("static void prove_read(const uint8_t *bytes, size_t n)")
	t.p("{")
	t.p("for (size_t i = 0; i < n; i++) {")
	t.p("prove_seen = bytes[i];")
	t.p("}")
	t.p("}")
	t.p("")
	return t.String()
}

// proofFill prints what fills bytes, as far as it is used.
func proofFill(body string) string {
	if !mentions(body, "prove_fill") {
		return ""
	}
	var t text
	t.doc("What is to be filled can be written.")
	t.p("static void prove_fill(uint8_t *bytes, size_t n)")
	t.p("{")
	t.p("for (size_t i = 0; i < n; i++) {")
	t.p("bytes[i] = (uint8_t)prove_any;")
	t.p("}")
	t.p("}")
	t.p("")
	return t.String()
}

// proofHooks prints the port and the program's hooks. Stable memory may hold anything whenever it is read; where they are fuzzed it is
// fuzz_store, which keeps what is written, or half of it where a write fails, unless something else is drawn; and over a serial line
// the framing has the port's place.
func (g *gen) proofHooks(t *text, fuzzed bool) {
	ctx, n := g.ctxParam(), g.name
	hook := func(sig string, body ...string) { g.hook(t, sig, body) }
	switch {
	case fuzzed && g.serial():
		hook("void "+n+"_port_put("+ctx+", const uint8_t *bytes, size_t n)", "prove_read(bytes, n);")
	case g.sendsAny():
		hook("void "+n+"_port_send("+ctx+", const uint8_t *bytes, size_t n)", "prove_read(bytes, n);")
	}
	read, write := []string{"memset(bytes, 0, n);"}, []string{"prove_read(bytes, n);", "return prove_any == 0u;"}
	if fuzzed {
		read = []string{"if (prove_any == 0u) {", "memcpy(bytes, fuzz_store + offset, n);", "return true;", "}"}
		write = []string{"bool done = prove_any == 0u;", "prove_read(bytes, n);", "memcpy(fuzz_store + offset, bytes, done ? n : n / 2u);", "return done;"}
	}
	if len(g.m.Records) > 0 {
		hook("bool "+n+"_port_read("+ctx+", uint32_t offset, uint8_t *bytes, size_t n)", append(read, "prove_fill(bytes, n);", "return prove_any == 0u;")...)
		hook("bool "+n+"_port_write("+ctx+", uint32_t offset, const uint8_t *bytes, size_t n)", write...)
	}
	if g.commits() {
		hook("bool "+n+"_port_commit("+ctx+", uint32_t offset, const uint8_t *bytes, size_t n)", write...)
	}
	if g.drawsEntropy() {
		hook("void "+n+"_port_entropy("+ctx+", uint8_t *bytes, size_t n)", "memset(bytes, 0, n);", "prove_fill(bytes, n);")
	}
	for _, b := range g.breachNames() {
		hook("void " + codegen.CName(n, "on", "breach", b) + "(" + ctx + ")")
	}
	for _, c := range g.calls {
		if !g.caller {
			g.proofReturn(t, c, "prove_return_")
			lines := g.seenParams(c)
			if g.hasEvent(fsm.OnReturn) {
				lines = append(lines, "prove_return_"+codegen.CName(c.Name)+"(c);")
			}
			hook(g.handlerSignature(c), lines...)
			continue
		}
		done := g.seenResult(c)
		if g.m.Lanes() {
			done = append(g.seenParams(c), done...)
		}
		hook(g.doneSignature(c), done...)
		if c.Kind == ir.ExactlyOnce && g.reports() {
			hook(g.lateSignature(c), append(g.seenParams(c), g.seenResult(c)...)...)
		}
	}
}

// seenParams reads all that a hook is given of a call's arguments.
func (g *gen) seenParams(c *ir.Call) []string {
	var b text
	for _, p := range c.Params {
		g.seen(&b, p.Type, valueOf(p.Type, local(p.Name)), 0)
	}
	return strings.Split(strings.TrimSuffix(tidy(b.String()), "\n"), "\n")
}

// seenResult reads the result, where there is one.
func (g *gen) seenResult(c *ir.Call) []string {
	lines := []string{"prove_seen = outcome;"}
	if c.Result == nil {
		return lines
	}
	var b text
	v := valueOf(c.Result, "result")
	if scalar(c.Result) {
		v = "*result"
	}
	b.p("if (result != NULL) {")
	g.seen(&b, c.Result, v, 0)
	b.p("}")
	return append(lines, strings.Split(strings.TrimSuffix(tidy(b.String()), "\n"), "\n")...)
}

// proofReturn prints the end of a handler with any result, any number of times, as a function whose name begins with prefix.
func (g *gen) proofReturn(t *text, c *ir.Call, prefix string) {
	if !g.hasEvent(fsm.OnReturn) {
		return
	}
	var b text
	args := "c, "
	b.p("while (prove_any != 0u) {")
	if c.Result != nil {
		args += g.anyArgument(&b, c, ir.Field{Name: "result", Type: c.Result}) + ", "
	}
	b.p("prove_seen = %s(%s(uint32_t)prove_any);", codegen.CName(g.name, "return", c.Name), args)
	b.p("}")
	t.doc("Within the hook or later.")
	g.function(t, "static void", prefix+codegen.CName(c.Name), &b, g.ctxParam())
}

// anyArgument declares a variable with any value and gives what is passed for it.
func (g *gen) anyArgument(b *text, c *ir.Call, f ir.Field) string {
	name := local(f.Name)
	ctype, pointer := g.passed(c, f.Type, f.Name)
	if !pointer {
		return g.anyScalar(f.Type)
	}
	b.p("%s %s;", ctype, name)
	at := name
	switch {
	case f.Type.Kind == ir.Array:
		at += ".items"
	case f.Type.Kind == ir.Bytes && f.Type.Fixed:
		at += ".bytes"
	}
	b.p("memset(&%s, 0, sizeof %s);", name, name)
	g.any(b, f.Type, at, 0)
	return "&" + name
}

// anyScalar is an expression for any value of a scalar's C type.
func (g *gen) anyScalar(t *ir.Type) string {
	switch t.Kind {
	case ir.Bool:
		return "prove_any == 0u"
	case ir.Float:
		return "(" + g.scalarType(t) + ")prove_any_float"
	}
	return "(" + g.scalarType(t) + ")prove_any"
}

// any prints what puts anything into a variable: sizes too, which need not be in their range.
func (g *gen) any(b *text, t *ir.Type, at string, depth int) {
	i := loopVar(depth)
	loop := func(f func()) {
		b.p("for (uint32_t %s = 0; %s < %du; %s++) {", i, i, t.Max, i)
		f()
		b.p("}")
	}
	switch t.Kind {
	case ir.Text, ir.Bytes:
		if t.Kind == ir.Bytes && t.Fixed {
			b.p("prove_fill(%s, %d);", at, t.Max)
			return
		}
		b.p("%s.size = (%s)prove_any;", at, uintFor(bitsFor(uint64(t.Max))))
		b.p("prove_fill(%s.bytes, %d);", at, t.Max)
	case ir.Array:
		loop(func() { g.any(b, t.Elem, fmt.Sprintf("%s[%s]", at, i), depth+1) })
	case ir.List:
		b.p("%s.size = (%s)prove_any;", at, uintFor(bitsFor(uint64(t.Max))))
		loop(func() { g.any(b, t.Elem, fmt.Sprintf("%s.items[%s]", at, i), depth+1) })
	case ir.Option:
		b.p("%s.present = prove_any == 0u;", at)
		g.any(b, t.Elem, at+".value", depth)
	case ir.StructType:
		for _, f := range t.Struct.Fields {
			g.any(b, f.Type, at+"."+codegen.CName(f.Name), depth)
		}
	default:
		b.p("%s = %s;", at, g.anyScalar(t))
	}
}

// seen prints the reading of all that a value has.
func (g *gen) seen(b *text, t *ir.Type, at string, depth int) {
	i := loopVar(depth)
	loop := func(n string, f func()) {
		b.p("for (uint32_t %s = 0; %s < %s; %s++) {", i, i, n, i)
		f()
		b.p("}")
	}
	switch t.Kind {
	case ir.Bool:
		b.p("prove_seen = %s ? 1u : 0u;", at)
	case ir.Float:
		b.p("prove_seen = %s > 0 ? 1u : 0u;", at)
	case ir.Text, ir.Bytes:
		if t.Kind == ir.Bytes && t.Fixed {
			b.p("prove_read(%s, %d);", at, t.Max)
			return
		}
		b.p("prove_read(%s.bytes, %s.size);", at, at)
	case ir.Array:
		loop(fmt.Sprintf("%du", t.Max), func() { g.seen(b, t.Elem, fmt.Sprintf("%s[%s]", at, i), depth+1) })
	case ir.List:
		loop(at+".size", func() { g.seen(b, t.Elem, fmt.Sprintf("%s.items[%s]", at, i), depth+1) })
	case ir.Option:
		b.p("if (%s.present) {", at)
		g.seen(b, t.Elem, at+".value", depth)
		b.p("}")
	case ir.StructType:
		for _, f := range t.Struct.Fields {
			g.seen(b, f.Type, at+"."+codegen.CName(f.Name), depth)
		}
	default:
		b.p("prove_seen = (uint64_t)%s;", at)
	}
}

// A proofStep is one thing that a program may do with a peer.
type proofStep struct {
	name  string   // "start", "receive", "poll", "next", "halted", "notes", "call NAME", "return NAME"
	lines []string // where there are several, the first declare something
}

// proofSteps lists all that a program may do; what ends a handler is called as returns begins.
func (g *gen) proofSteps(returns string) []proofStep {
	now := "(uint32_t)prove_any"
	var out []proofStep
	add := func(name string, lines ...string) { out = append(out, proofStep{name, lines}) }
	add("start", fmt.Sprintf("%s_start(&prove_peer, %s);", g.name, now))
	add("receive", "prove_receive();")
	add("poll", fmt.Sprintf("%s_poll(&prove_peer, %s);", g.name, now))
	add("next", fmt.Sprintf("prove_seen = %s_next(&prove_peer, %s);", g.name, now))
	add("halted", fmt.Sprintf("prove_seen = %s_halted(&prove_peer) ? 1u : 0u;", g.name))
	if k := g.notes(); k > 0 {
		add("notes", fmt.Sprintf("%s_note notes[%d] = {{0}};", g.name, k), fmt.Sprintf("uint32_t kept = %s_notes(&prove_peer, notes, (uint32_t)prove_any);", g.name),
			"for (uint32_t i = 0; i < kept; i++) {", "prove_seen = notes[i].at + notes[i].what + notes[i].call;", "}")
	}
	for _, c := range g.calls {
		if !g.caller {
			if g.hasEvent(fsm.OnReturn) {
				add("return "+c.Name, fmt.Sprintf("%s%s(&prove_peer);", returns, codegen.CName(c.Name)))
			}
			continue
		}
		var b text
		args := "&prove_peer, "
		for _, p := range c.Params {
			args += g.anyArgument(&b, c, p) + ", "
		}
		b.p("prove_seen = %s(%s%s);", codegen.CName(g.name, "call", c.Name), args, now)
		add("call "+c.Name, strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")...)
	}
	return out
}

// proofSwitch prints what takes one of the steps.
func (g *gen) proofSwitch(t *text, steps []proofStep) {
	t.p("switch ((uint8_t)prove_any) {")
	for i, s := range steps {
		declares := len(s.lines) > 1
		t.p("case %d:%s", i, pick(declares, " {", ""))
		for _, l := range s.lines {
			t.p("%s", l)
		}
		t.p("break;")
		if declares {
			t.p("}")
		}
	}
	t.p("default:")
	t.p("break;")
	t.p("}")
}

// proofMain prints the program: it starts the peer, and then does anything, in any order.
func (g *gen) proofMain(t *text) {
	steps := g.proofSteps("prove_return_")
	t.p("int main(void)")
	t.p("{")
	t.p("%s", steps[0].lines[0])
	t.p("while (prove_any != 0u) {")
	g.proofSwitch(t, steps)
	t.p("}")
	t.p("return 0;")
	t.p("}")
}

// proofReceive prints the arrival of a datagram of each kind in each size: the analysis is told both apart, since where the payload
// stands depends on them. Large ones come in those sizes only at which the core decides something.
func (g *gen) proofReceive(t *text) {
	most, bits := g.macro("datagram"), g.kindBits()
	low := max(0, 8-bits)
	arrives := func() {
		t.p("uint8_t *datagram = prove_datagram + (%s - n);", most)
		t.p("//@ loop unroll %d;", 1<<(8-low))
		t.p("for (uint32_t kind = 0; kind < %du; kind++) {", 1<<(8-low))
		t.p("datagram[0] = (uint8_t)(kind << %d%s);", low, pick(low > 0, fmt.Sprintf(" | (prove_any & %du)", 1<<low-1), ""))
		t.p("%s_receive(&prove_peer, datagram, n, (uint32_t)prove_any);", g.name)
		t.p("}")
		t.p("datagram[0] = (uint8_t)prove_any;")
	}
	sizes := g.proofSizes()
	all := len(sizes) == g.datagramMax()
	t.doc(pick(all, "A datagram of each kind and size", "A datagram of each kind, in the sizes where one begins or ends to be sound") +
		", at the end of its array: nothing behind it can be read. And one that is too long.")
	t.p("static void prove_receive(void)")
	t.p("{")
	if !all {
		var list []string
		for _, n := range sizes {
			list = append(list, fmt.Sprint(n))
		}
		t.p("static const uint16_t sizes[%d] = {%s};", len(sizes), strings.Join(list, ", "))
	}
	t.p("prove_fill(prove_datagram, sizeof prove_datagram);")
	t.p("%s_receive(&prove_peer, prove_datagram + sizeof prove_datagram, 0, (uint32_t)prove_any);", g.name)
	t.p("%s_receive(&prove_peer, prove_datagram, %s + 1u + (uint16_t)prove_any, (uint32_t)prove_any);", g.name, most)
	t.p("//@ loop unroll %d;", len(sizes))
	if all {
		t.p("for (size_t n = 1; n <= %s; n++) {", most)
		arrives()
	} else {
		t.p("for (uint32_t i = 0; i < %du; i++) {", len(sizes))
		t.p("size_t n = sizes[i];")
		arrives()
	}
	t.p("}")
	t.p("}")
	t.p("")
}

// proofSizes are the sizes in which datagrams arrive, from 1 on.
func (g *gen) proofSizes() []int {
	const few = 48
	var out []int
	for n := 1; n <= g.datagramMax(); n++ {
		near := slices.ContainsFunc(g.got, func(w *ir.WireMessage) bool { return n >= w.Min-1 && n <= w.Min+1 || n >= w.Max-1 && n <= w.Max+1 })
		if g.datagramMax() <= few || near || n == 1 {
			out = append(out, n)
		}
	}
	return out
}
