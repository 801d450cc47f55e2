package cgen

import (
	"fmt"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// header prints the .h file: the program's types, the context, what can be asked of the peer, and the hooks that the
// program supplies.
func (g *gen) header() string {
	t := &text{}
	p := g.in.Plan
	guard := g.macro("h")
	t.p("%s", g.firstLine())
	if p.Program.Doc != "" {
		t.p("//")
		t.doc(p.Program.Doc)
	}
	t.p("//")
	t.doc(fmt.Sprintf("The peer %s of the protocol %s, which %s %s.", g.in.Peer.Name, p.Program.Name,
		pick(g.caller, "makes the calls of", "answers the calls of"), p.Interface.Name))
	if g.in.Peer.Doc != "" {
		t.doc(g.in.Peer.Doc)
	}
	t.p("//")
	t.doc(
		"The program owns the context, starts the peer, hands it the datagrams that arrive and polls it when its next",
		"deadline has come. Time is a count of milliseconds that may wrap. Nothing here waits, allocates or keeps a",
		"pointer that it was given. The functions of one context may not interrupt each other.")
	t.p("#ifndef %s", guard)
	t.p("#define %s", guard)
	t.p("")
	t.p("#include <stdbool.h>")
	t.p("#include <stddef.h>")
	t.p("#include <stdint.h>")
	t.p("")
	t.p("#ifdef __cplusplus")
	t.p(`extern "C" {`)
	t.p("#endif")
	t.p("")
	g.typesSection(t)
	g.sizes(t)
	g.statuses(t)
	g.contextStruct(t)
	g.functions(t)
	g.hooks(t)
	t.p("#ifdef __cplusplus")
	t.p("}")
	t.p("#endif")
	t.p("")
	t.p("#endif")
	// The braces of the C++ linkage do not indent what stands in them.
	s := strings.Replace(t.String(), "extern \"C\" {\n", "extern \"C\" \x00\n", 1)
	s = strings.Replace(s, "#ifdef __cplusplus\n}\n", "#ifdef __cplusplus\n\x01\n", 1)
	s = layout(s)
	return strings.NewReplacer("\x00", "{", "\x01", "}").Replace(s)
}

func (g *gen) sizes(t *text) {
	stable := 0
	for _, l := range g.layouts() {
		stable = max(stable, l.Offset+l.Slots*l.SlotSize)
	}
	t.doc("Sizes in bytes: the context, the largest datagram either way" + pick(stable > 0, ", and the stable memory.", "."))
	t.p("#define %s %d", g.macro("ram"), ramBytes(g.fields()))
	t.p("#define %s %d", g.macro("datagram"), g.datagramMax())
	if stable > 0 {
		t.p("#define %s %d", g.macro("stable"), stable)
	}
	t.p("")
	if stable == 0 {
		return
	}
	t.doc("Where the slots of the records lie in stable memory, one behind the other. Every read and write is of one slot.")
	for _, l := range g.layouts() {
		t.p("#define %s %d", g.macro(l.Name, "offset"), l.Offset)
		t.p("#define %s %d", g.macro(l.Name, "slots"), l.Slots)
		t.p("#define %s %d", g.macro(l.Name, "slot_size"), l.SlotSize)
	}
	t.p("")
}

func (g *gen) statuses(t *text) {
	t.doc("Whether a request was taken.")
	t.p("typedef uint8_t %s_status;", g.name)
	t.p("enum {")
	t.p("%s, // taken", g.macro("ok"))
	if g.caller {
		t.p("%s, // not now: a call is under way, or this is inside a hook", g.macro("busy"))
	} else {
		t.p("%s, // no handler of this call runs, or this is inside another hook than its own", g.macro("busy"))
	}
	t.p("%s, // a value is out of its range; %s", g.macro("bad", "argument"),
		pick(g.caller, "nothing was done", "the handler has ended and its answer is lost"))
	t.p("%s, // not started, or stopped for good", g.macro("halted"))
	t.p("};")
	t.p("")
	if g.caller {
		t.doc("How a call ended.")
		t.p("typedef uint8_t %s_outcome;", g.name)
		t.p("enum {")
		notes := map[string]string{
			"answer":         "with its result",
			"refused":        "it will not run",
			"timed_out":      "no answer in time; an effect has not run and will not",
			"unknown":        "no answer in time; it may have run, and may still run",
			"peer_restarted": "it may have run before the other peer restarted, and will not run any more",
		}
		for _, m := range fsm.OutcomeEnum.Members {
			t.p("%s, // %s", g.macro(outcomeWord(m)), notes[m])
		}
		t.p("};")
		t.p("")
	}
	t.doc("Why datagrams were dropped: places in the context's member dropped.")
	t.p("enum {")
	t.p("%s, // of a size that its kind cannot have", g.macro("dropped", "length"))
	t.p("%s, // of a kind that this peer does not receive", g.macro("dropped", "kind"))
	t.p("%s, // altered on the way", g.macro("dropped", "checksum"))
	t.p("%s, // with a value out of its range, or padding that is not zero", g.macro("dropped", "value"))
	t.p("};")
	t.p("")
	if g.notes() > 0 {
		t.doc("What the journal says, about which call, and when.")
		t.p("enum {")
		for _, n := range g.noteKinds() {
			t.p("%s,", g.macro("note", n))
		}
		t.p("};")
		t.p("")
		t.p("enum {")
		for _, c := range g.calls {
			t.p("%s,", g.macro("about", c.Name))
		}
		t.p("};")
		t.p("")
		t.p("typedef struct %s_note {", g.name)
		t.p("uint32_t at; // ms")
		t.p("uint8_t what;")
		t.p("uint8_t call;")
		t.p("} %s_note;", g.name)
		t.p("")
	}
}

func (g *gen) contextStruct(t *text) {
	if g.hasMemo() {
		args, ans := g.memoMax()
		m := g.m.Memos[0]
		fs := uintFor(bitsFor(uint64(args)))
		as := uintFor(bitsFor(uint64(ans)))
		t.doc("An answer that is kept.")
		t.p("struct %s_%s_entry {", g.name, codegen.CName(m.Name))
		t.p("uint32_t asked; // ms")
		t.p("bool used;")
		t.p("%s args_size;", fs)
		t.p("%s ans_size;", as)
		t.p("uint8_t args[%d];", atLeastOne(args))
		t.p("uint8_t ans[%d];", atLeastOne(ans))
		t.p("};")
		t.p("")
	}
	t.doc("The peer's whole state, of a size that is known. Its members are the peer's own; a program may read dropped.")
	t.p("typedef struct %s {", g.name)
	for _, f := range g.fields() {
		t.p("%s;%s", f.decl, pick(f.doc != "", " // "+f.doc, ""))
	}
	t.p("} %s;", g.name)
	t.p("")
}

func (g *gen) functions(t *text) {
	n, ctx := g.name, g.ctxParam()
	what := "Starts the peer"
	if len(g.m.Records) > 0 {
		what += ": reads its stable memory, and may write it"
	}
	t.doc(what + ". Nothing is kept of what the context held before.")
	t.p("void %s_start(%s, uint32_t now);", n, ctx)
	t.p("")
	t.doc("Hands over a datagram that came from the other peer. What is not sound is counted and has no other effect.")
	t.p("void %s_receive(%s, const uint8_t *bytes, size_t n, uint32_t now);", n, ctx)
	t.p("")
	poll := []string{"Runs the timers that are due. Call it when the time that next told is over; extra calls are harmless."}
	if g.hasMemo() {
		poll = append(poll, "Call it at least every three weeks, so that the ages of kept answers do not wrap.")
	}
	t.doc(poll...)
	t.p("void %s_poll(%s, uint32_t now);", n, ctx)
	t.p("")
	t.doc("Milliseconds until poll has something to do: 0 when it has now, UINT32_MAX when no timer runs.",
		"Ask again after every other call.")
	t.p("uint32_t %s_next(const %s, uint32_t now);", n, ctx)
	t.p("")
	t.doc("Whether the peer has stopped for good: its numbers have run out" +
		pick(len(g.m.Records) > 0, ", or its stable memory could not be read or written", "") + ". It does nothing any more.")
	t.p("bool %s_halted(const %s);", n, ctx)
	t.p("")
	if g.notes() > 0 {
		t.doc(fmt.Sprintf("Copies the last notes of the journal, at most max and at most %d, oldest first; returns how many.", g.notes()))
		t.p("uint32_t %s_notes(const %s, %s_note *to, uint32_t max);", n, ctx, n)
		t.p("")
	}
	for _, c := range g.calls {
		if g.caller {
			if c.Doc != "" {
				t.doc(codegen.Sentence(c.Doc))
			}
			t.doc(fmt.Sprintf("Makes the call; it ends with %s_done_%s, once, where this returns %s and the peer does not halt.", n, codegen.CName(c.Name), g.macro("ok")))
			t.p("%s;", g.callSignature(c))
			t.p("")
		} else if g.hasEvent(fsm.OnReturn) {
			t.doc(fmt.Sprintf("Ends the handler of %s.", c.Name))
			if g.mayNotFit(c) {
				if c.Kind == ir.ExactlyOnce {
					t.doc(fmt.Sprintf("A result out of its range gives %s: the handler still runs, and may end with another.", g.macro("bad", "argument")))
				} else {
					t.doc(fmt.Sprintf("A result out of its range gives %s and is not sent:", g.macro("bad", "argument")),
						"the handler has ended, and the call ends when its caller's time is over.")
				}
			}
			t.p("%s;", g.returnSignature(c))
			t.p("")
		}
	}
}

// hooks declares the port and what the program supplies beside it; the linker binds them.
func (g *gen) hooks(t *text) {
	n, ctx := g.name, g.ctxParam()
	t.doc("The port: what the program, or a driver, supplies. Within a hook no function of this peer may be called on the",
		"same context"+pick(!g.caller && g.hasEvent(fsm.OnReturn), ", but for the end of the handler that was just started.", "."))
	t.p("")
	if g.sendsAny() {
		t.doc("Sends a datagram to the other peer, or loses it. The bytes are the peer's own again when this returns.")
		t.p("void %s_port_send(%s, const uint8_t *bytes, size_t n);", n, ctx)
		t.p("")
	}
	if len(g.m.Records) > 0 {
		t.doc("Reads one slot of stable memory, blank where nothing was ever written. False where it cannot be read: the peer",
			"halts then, since it cannot know what it has promised. Reading again is the port's to do.")
		t.p("bool %s_port_read(%s, uint32_t offset, uint8_t *bytes, size_t n);", n, ctx)
		t.p("")
		t.doc("Writes one slot of stable memory, and returns true when that is durable. A crash may leave any part of these bytes",
			"written, and leaves every other byte as it was: raw flash needs an erase page for each slot.")
		t.p("bool %s_port_write(%s, uint32_t offset, const uint8_t *bytes, size_t n);", n, ctx)
		t.p("")
		if g.commits() {
			t.doc("As write, of a slot that says that a call is done: what its handler did, which has just returned, becomes durable in the",
				"same step. After a crash both are there, or neither. False stops the peer; neither may be there then.")
			t.p("bool %s_port_commit(%s, uint32_t offset, const uint8_t *bytes, size_t n);", n, ctx)
			t.p("")
		}
	}
	if g.drawsEntropy() {
		t.doc("Fills the bytes from a source of randomness. Values that come twice break the protocol's promises.")
		t.p("void %s_port_entropy(%s, uint8_t *bytes, size_t n);", n, ctx)
		t.p("")
	}
	for _, b := range g.breachNames() {
		t.doc(fmt.Sprintf("The assertion %s failed.", b))
		t.p("void %s(%s);", codegen.CName(g.name, "on", "breach", b), ctx)
		t.p("")
	}
	for _, c := range g.calls {
		if c.Doc != "" {
			t.doc(codegen.Sentence(c.Doc))
		}
		if g.caller {
			t.doc(fmt.Sprintf("The call %s ended.%s", c.Name, pick(c.Result != nil, " The result is NULL unless it was answered, and is gone when this returns.", "")))
			if g.m.Lanes() {
				t.doc("The arguments are those with which it was made, and are gone too.")
			}
			t.p("%s;", g.doneSignature(c))
			if c.Kind == ir.ExactlyOnce && g.reports() {
				t.p("")
				t.doc(fmt.Sprintf("A call of %s was answered for which the program does not wait any more: its outcome was unknown, or this peer has", c.Name),
					"restarted. It is told once or, where this peer restarts meanwhile, again. The arguments are those of the call.")
				t.p("%s;", g.lateSignature(c))
			}
		} else {
			t.doc(fmt.Sprintf("Starts the handler of %s. It ends with %s_return_%s, at once or later.", c.Name, n, codegen.CName(c.Name)))
			if c.Kind == ir.ExactlyOnce && g.commits() {
				t.doc(fmt.Sprintf("What it does becomes durable in %s_port_commit, and nowhere else: a crash before that cuts it, and it runs again.", n))
			}
			t.p("%s;", g.handlerSignature(c))
		}
		t.p("")
	}
}

// drawsEntropy reports whether any stage asks for a fresh token.
func (g *gen) drawsEntropy() bool {
	found := false
	g.everyStage(func(s fsm.Stmt) {
		for _, e := range fsm.Reads(s) {
			walkExpr(e, func(e fsm.Expr) {
				if c, ok := e.(*fsm.Call); ok && c.Fn == "fresh" {
					found = true
				}
			})
		}
	})
	return found
}
