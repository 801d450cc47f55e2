package cgen

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// Datagrams: the header's fields bit by bit, the payload, the checksum.

// seeds prints the start values of the checksums by kind.
func (g *gen) seeds(t *text) {
	if g.sum() == 0 {
		return
	}
	last := 0
	for i := range g.in.Plan.Wire {
		last = max(last, g.in.Plan.Wire[i].Kind)
	}
	vals := make([]string, last+1)
	for i := range vals {
		vals[i] = "0"
	}
	for i := range g.in.Plan.Wire {
		w := &g.in.Plan.Wire[i]
		vals[w.Kind] = fmt.Sprintf("0x%0*x", 2*g.sum(), uint64(w.Seed)&(1<<(8*g.sum())-1))
	}
	t.doc("Start values of the checksums by kind of datagram: a hash of the protocol's name and of the layout.")
	t.p("static const uint%d_t seeds[%d] = {%s};", 8*g.sum(), len(vals), strings.Join(vals, ", "))
	t.p("")
}

func (g *gen) sumOf(kind, bytes, n string) string {
	return fmt.Sprintf("crc%d(%s < %du ? seeds[%s] : 0u, %s, %s)", 8*g.sum(), kind, g.kindCount(), kind, bytes, n)
}

func (g *gen) kindCount() int {
	n := 0
	for i := range g.in.Plan.Wire {
		n = max(n, g.in.Plan.Wire[i].Kind+1)
	}
	return n
}

// fieldsByName is the wire fields of all kinds of a message, in order, without the kind.
func (g *gen) fieldNames(msg *fsm.Message) []string {
	var out []string
	seen := map[string]bool{}
	for _, w := range g.byMessage[msg.Name] {
		for _, f := range w.Fields[1:] {
			if !seen[f.Name] {
				seen[f.Name] = true
			}
		}
	}
	for _, f := range msg.Fields {
		if seen[f.Name] {
			out = append(out, f.Name)
		}
	}
	return out
}

// carriers are the indices of the calls whose kind of a message has a field; all is true where every kind has it.
func (g *gen) carriers(msg *fsm.Message, field string) (fns []int, all bool) {
	list := g.byMessage[msg.Name]
	for i, w := range list {
		for _, f := range w.Fields[1:] {
			if f.Name == field {
				fns = append(fns, i)
			}
		}
	}
	return fns, len(fns) == len(list)
}

// oneOf is the condition that a call's index is among some.
func (g *gen) oneOf(fn string, fns []int) string {
	n := len(g.calls)
	switch {
	case len(fns) == 0:
		return "false"
	case len(fns) == n:
		return "true"
	case len(fns) == n-1 && n > 2:
		for i := range n {
			if !contains(fns, i) {
				return fmt.Sprintf("%s != %s", fn, g.fnConst(i))
			}
		}
	}
	parts := make([]string, len(fns))
	for i, f := range fns {
		parts[i] = fmt.Sprintf("%s == %s", fn, g.fnConst(f))
	}
	return strings.Join(parts, " || ")
}

func contains(list []int, x int) bool {
	for _, v := range list {
		if v == x {
			return true
		}
	}
	return false
}

func (g *gen) fnConst(i int) string { return codegen.CMacro("fn", g.calls[i].Name) }

// senders prints send_<message> for each message of this peer.
func (g *gen) senders(t *text) {
	for _, msg := range g.sys.Messages {
		if msg.From != g.m.Name || !g.sends(msg.Name) {
			continue
		}
		list := g.byMessage[msg.Name]
		perFn := msg.Index("fn") >= 0
		params := []string{g.ctxParam()}
		kind := fmt.Sprint(list[0].Kind)
		var b text
		if perFn {
			params = append(params, "uint8_t fn")
			kind = fmt.Sprintf("%du + (uint32_t)fn", list[0].Kind)
			if d := stride(list); d != 1 {
				kind = fmt.Sprintf("%du + %du * (uint32_t)fn", list[0].Kind, d)
			} else if list[0].Kind == 0 {
				kind = "fn"
			}
		}
		if p := payloadField(msg); p != nil && !g.caller && slices.ContainsFunc(g.calls, g.mayNotFit) {
			b.p("if (%s.size == 0u%s) {", local(p.Name), g.neverEmpty())
			b.p("return; // the handler's answer was out of its range: it is lost")
			b.p("}")
		}
		b.p("struct writer to_frame = {c->frame, sizeof c->frame, 0};")
		b.p("struct writer *w = &to_frame;")
		b.p("uint32_t kind = %s;", kind)
		if g.kindBits() > 0 {
			b.p("put(w, kind, %d);", g.kindBits())
		}
		for _, name := range g.fieldNames(msg) {
			f := msg.Fields[msg.Index(name)]
			n := local(name)
			params = append(params, g.ctype(f.Type)+" "+n)
			fns, all := g.carriers(msg, name)
			if !all {
				b.p("if (%s) {", g.oneOf("fn", fns))
			}
			if f.Type.Kind == fsm.Bool {
				b.p("put(w, %s ? 1u : 0u, 1);", n)
			} else if bits := g.bits(f.Type); bits > 0 {
				b.p("put(w, %s, %d);", n, bits)
			}
			if !all {
				b.p("}")
			}
		}
		if p := payloadField(msg); p != nil && g.payloadMax(g.m.Name, -1) > 0 {
			n := local(p.Name)
			params = append(params, "struct view "+n)
			b.p("put_bytes(w, %s.bytes, %s.size);", n, n)
		}
		b.p("seal_and_send(c, w, kind);")
		g.docOf(t, msg.Doc)
		g.function(t, "static void", "send_"+codegen.CName(msg.Name), &b, params...)
	}
}

// neverEmpty limits a condition to the calls whose answers always take a byte; "" where all do.
func (g *gen) neverEmpty() string {
	var fns []int
	for i, c := range g.calls {
		if least, _ := c.Result.Bounds(); least > 0 {
			fns = append(fns, i)
		}
	}
	switch cond := g.oneOf("fn", fns); {
	case cond == "true":
		return ""
	case strings.Contains(cond, "||"):
		return " && (" + cond + ")"
	default:
		return " && " + cond
	}
}

// sealer prints what every datagram ends with.
func (g *gen) sealer(t *text) {
	if !g.sendsAny() {
		return
	}
	t.doc("Pads the datagram to whole bytes" + pick(g.sum() > 0, ", seals it with its checksum", "") + " and sends it.")
	var b text
	b.p("size_t n;")
	b.p("align_out(w);")
	if g.sum() > 0 {
		b.p("n = w->at >> 3;")
		b.p("put(w, %s, %d);", g.sumOf("kind", "w->bytes", "n <= w->size ? n : 0u"), 8*g.sum())
	}
	b.p("n = w->at >> 3;")
	b.p("if (n <= w->size) {")
	b.p("%s_port_send(c, w->bytes, n);", g.name)
	b.p("}")
	g.function(t, "static void", "seal_and_send", &b, g.ctxParam(), "struct writer *w", "uint32_t kind")
}

func pick(cond bool, a, b string) string {
	if cond {
		return a
	}
	return b
}

// sends reports whether any stage sends the message.
func (g *gen) sends(message string) bool {
	found := false
	g.everyStage(func(s fsm.Stmt) {
		if x, ok := s.(*fsm.Send); ok && (x.Message == message || message == "") {
			found = true
		}
	})
	return found
}

func (g *gen) sendsAny() bool { return g.sends("") }

func (g *gen) everyStage(f func(fsm.Stmt)) {
	visit := func(s *fsm.Stage) { f(s.Stmt) }
	for _, e := range g.m.Events {
		fsm.WalkStages(e.Body, visit)
	}
	for _, t := range g.m.Tails {
		fsm.WalkStages(t.Body, visit)
	}
}
