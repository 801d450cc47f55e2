package cgen

import (
	"embed"
	"fmt"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// The parts of the replay harness that are the same for every peer.
//
//go:embed rt/replay/*.c
var replayRT embed.FS

// traces are the functions that trace lines call, in the order in which they are printed.
var traces = []string{"replay_start", "replay_cancel", "replay_note", "replay_invoke", "replay_complete", "replay_persist"}

// replay wraps the traced core: what records actions before it, and the hooks and the main behind it.
func (g *gen) replay(core string) string {
	piece := func(name string) string {
		b, err := replayRT.ReadFile("rt/replay/" + name + ".c")
		if err != nil {
			g.fail("the replay piece %s is missing", name)
		}
		return string(b) + "\n"
	}
	core = strings.TrimPrefix(core, g.firstLine()+"\n")
	var t text
	t.p("%s", g.firstLine())
	t.p("//")
	t.doc("Replays events through the core of "+g.name+": each line of standard input is a state and an event, each line of",
		"standard output the state after it and the actions. The core is that of "+g.name+".c with trace lines added.")
	t.p(`#include "%s.h"`, g.name)
	t.p("")
	t.p("#include <inttypes.h>")
	t.p("#include <stdarg.h>")
	t.p("#include <stdio.h>")
	t.p("#include <stdlib.h>")
	t.p("#include <string.h>")
	t.p("")
	t.p("enum { LONGEST = %d };", 65536+64*(g.datagramMax()+g.argsMax()+g.resultMax()))
	t.p("")
	t.b.WriteString(piece("actions"))
	for _, f := range traces {
		if strings.Contains(core, f+"(") {
			t.b.WriteString(piece(f))
		}
	}
	before := layout(t.String())
	t = text{}
	g.replayHooks(&t)
	t.b.WriteString(piece("input"))
	g.replayState(&t)
	g.replayEvents(&t)
	t.b.WriteString(strings.ReplaceAll(piece("main"), "struct peer", g.name))
	return before + "\n" + core + "\n" + layout(t.String())
}

// hook prints a function by its signature, with the lines of its body; what it does not use of its parameters it says so.
func (g *gen) hook(t *text, sig string, body []string) {
	var b text
	for _, l := range body {
		b.p("%s", l)
	}
	open := strings.Index(sig, "(")
	space := strings.LastIndex(sig[:open], " ")
	g.function(t, sig[:space], sig[space+1:open], &b, strings.Split(strings.TrimSuffix(sig[open+1:], ")"), ", ")...)
}

// replayHooks prints the port and the program's hooks: datagrams are recorded, writes succeed, the rest is ignored.
func (g *gen) replayHooks(t *text) {
	ctx, n := g.ctxParam(), g.name
	hook := func(sig string, body ...string) { g.hook(t, sig, body) }
	if g.sendsAny() {
		hook("void "+n+"_port_send("+ctx+", const uint8_t *bytes, size_t n)", `replay_action("send ");`, "replay_hex(bytes, n);")
	}
	if len(g.m.Records) > 0 {
		hook("bool "+n+"_port_read("+ctx+", uint32_t offset, uint8_t *bytes, size_t n)", "return false;")
		hook("bool "+n+"_port_write("+ctx+", uint32_t offset, const uint8_t *bytes, size_t n)", "return true;")
	}
	if g.commits() {
		hook("bool "+n+"_port_commit("+ctx+", uint32_t offset, const uint8_t *bytes, size_t n)", "return true;")
	}
	if g.drawsEntropy() {
		hook("void "+n+"_port_entropy("+ctx+", uint8_t *bytes, size_t n)", "memset(bytes, 0x5a, n);")
	}
	for _, b := range g.breachNames() {
		hook("void " + codegen.CName(n, "on", "breach", b) + "(" + ctx + ")")
	}
	for _, c := range g.calls {
		if g.caller {
			hook(g.doneSignature(c))
			if c.Kind == ir.ExactlyOnce && g.reports() {
				hook(g.lateSignature(c))
			}
		} else {
			hook(g.handlerSignature(c))
		}
	}
}

// replayState prints the reading and the printing of a state, in the order of the machine's variables, records and timers.
func (g *gen) replayState(t *text) {
	var in, out text
	number := func(t fsm.Type, member string) {
		if t.Kind == fsm.Bool {
			in.p("c->%s = number() != 0u;", member)
		} else {
			in.p("c->%s = %snumber();", member, g.narrow(t))
		}
		out.p("word_out(c->%s);", member)
	}
	payload := func(name string) {
		n := g.member(name)
		if g.slots[name] == 0 {
			in.p("(void)bytes_in(NULL, 0);")
			out.p("bytes_out(NULL, 0);")
			return
		}
		in.p("c->%s_size = (%s)bytes_in(c->%s, sizeof c->%s);", n, uintFor(bitsFor(uint64(g.slots[name]))), n, n)
		out.p("bytes_out(c->%s, c->%s_size);", n, n)
	}
	for _, v := range g.m.Vars {
		n := g.member(v.Name)
		switch {
		case v.Type.Kind == fsm.Payload:
			payload(v.Name)
		default:
			for i := range max(1, v.Type.Len) {
				elem, m := v.Type, n
				if v.Type.Len > 0 {
					elem.Len = 0
					m = fmt.Sprintf("%s[%d]", n, i)
				}
				number(elem, m)
			}
		}
	}
	for _, r := range g.m.Records {
		n := codegen.CName(r.Name)
		in.p("c->%s_sound = number() != 0u;", n)
		out.p("word_out(c->%s_sound);", n)
		for _, f := range r.Fields {
			if f.Type.Kind == fsm.Payload {
				payload(f.Name)
			} else {
				number(f.Type, g.member(f.Name))
			}
		}
	}
	for _, tm := range g.m.Timers {
		n := codegen.CName(tm.Name)
		in.p("c->%s_on = number() != 0u;", n)
		out.p("word_out(c->%s_on);", n)
		if tm.Doubles() {
			in.p("c->%s_step = (uint8_t)number();", n)
			out.p("word_out(c->%s_step);", n)
		} else {
			in.p("(void)number();")
			out.p("word_out(0);")
		}
	}
	g.function(t, "static void", "load_state", &in, g.ctxParam())
	g.function(t, "static void", "print_state", &out, g.ctxParam())
	var b text
	b.p("%s old = *c;", g.name)
	b.p("memset(c, 0, sizeof *c);")
	b.p("c->state = old.state;")
	b.p("c->now = old.now;")
	g.initial(&b)
	for _, r := range g.m.Records {
		n := codegen.CName(r.Name)
		b.p("if (old.%s_sound) {", n)
		b.p("c->%s_sound = true;", n)
		for _, f := range r.Fields {
			n := g.member(f.Name)
			switch {
			case f.Type.Kind != fsm.Payload:
				b.p("c->%s = old.%s;", n, n)
			case g.slots[f.Name] > 0:
				b.p("c->%s_size = old.%s_size;", n, n)
				b.p("memcpy(c->%s, old.%s, sizeof c->%s);", n, n, n)
			}
		}
		b.p("}")
	}
	if e := g.event(fsm.OnRestart); e != nil && len(e.Body) > 0 {
		b.p("on_restart(c);")
	}
	t.doc("What start does, with the records of the line instead of those in stable memory.")
	g.function(t, "static void", "restart", &b, g.ctxParam())
}

// replayEvents prints what one line does.
func (g *gen) replayEvents(t *text) {
	var b text
	b.p("size_t n;")
	if e := g.event(fsm.OnCall); e != nil {
		b.p(`if (strcmp(event, "call") == 0) {`)
		b.p("uint8_t fn = (uint8_t)number();")
		b.p("n = bytes_in(input, sizeof input);")
		call := pick(len(e.Body) > 0, "on_call(c, fn, (struct view){input, (uint16_t)n});", "(void)fn;")
		if e.When != nil {
			b.p("if (%s) {", g.expr(e.When, &scope{event: e}, 0))
			b.p("%s", call)
			b.p("}")
		} else {
			b.p("%s", call)
		}
		b.p("return true;")
		b.p("}")
	}
	if e := g.event(fsm.OnReturn); e != nil {
		b.p(`if (strcmp(event, "return") == 0) {`)
		b.p("n = bytes_in(input, sizeof input);")
		if len(e.Body) > 0 {
			b.p("on_return(c, (struct view){input, (uint16_t)n});")
		}
		b.p("return true;")
		b.p("}")
	}
	b.p(`if (strcmp(event, "restart") == 0) {`)
	b.p("restart(c);")
	b.p("return true;")
	b.p("}")
	for _, tm := range g.m.Timers {
		n := codegen.CName(tm.Name)
		b.p(`if (strcmp(event, "timer:%s") == 0) {`, tm.Name)
		b.p("c->%s_on = false;", n)
		if e := g.m.Event(fsm.OnTimer, tm.Name); e != nil && len(e.Body) > 0 {
			b.p("%s(c);", eventName(e))
		}
		b.p("return true;")
		b.p("}")
	}
	b.p(`if (strcmp(event, "datagram") == 0) {`)
	b.p("static const char *const reasons[5] = {\"\", \"length\", \"kind\", \"checksum\", \"value\"};")
	b.p("struct message m = {0};")
	b.p("uint8_t fault;")
	b.p("n = bytes_in(input, sizeof input);")
	b.p("fault = decode_datagram(input, n, &m);")
	b.p("if (fault != FAULT_NONE) {")
	b.p(`replay_action("dropped %%s", reasons[fault <= 4u ? fault : 0u]);`)
	b.p("return true;")
	b.p("}")
	b.p("switch (m.message) {")
	for _, msg := range g.received() {
		if e := g.m.Event(fsm.OnMessage, msg.Name); e != nil && len(e.Body) > 0 {
			b.p("case %s:", messageConst(msg.Name))
			b.p("%s(c, &m);", eventName(e))
			b.p("break;")
		}
	}
	b.p("default:")
	b.p("break;")
	b.p("}")
	b.p("return true;")
	b.p("}")
	b.p("return false;")
	t.doc("Applies an event; false where there is none of that name.")
	g.function(t, "static bool", "apply", &b, g.ctxParam(), "const char *event")
}
