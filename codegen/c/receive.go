package cgen

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// What comes in is taken apart and checked completely before the machine sees it.

// readFields are the fields of received messages that any event looks at; the payload is always among them where it is.
func (g *gen) readFields() map[string]bool {
	used := map[string]bool{}
	for _, e := range g.m.Events {
		if e.Kind != fsm.OnMessage {
			continue
		}
		fsm.WalkStages(e.Body, func(s *fsm.Stage) {
			for _, x := range fsm.Reads(s.Stmt) {
				walkExpr(x, func(x fsm.Expr) {
					if sel, ok := x.(*fsm.Select); ok && sel.Base == e.Param {
						used[e.Name+"."+sel.Field] = true
					}
				})
			}
		})
	}
	return used
}

// received lists the messages that come to this peer.
func (g *gen) received() []*fsm.Message {
	var out []*fsm.Message
	for _, msg := range g.sys.Messages {
		if msg.From != g.m.Name {
			out = append(out, msg)
		}
	}
	return out
}

func messageConst(name string) string { return "MESSAGE_" + codegen.CMacro(name) }

// memberName is where a field of a received message stands in the struct message.
func (g *gen) memberName(msg *fsm.Message, field string) string {
	f := msg.Fields[msg.Index(field)]
	for _, other := range g.received() {
		if i := other.Index(field); i >= 0 && g.ctype(other.Fields[i].Type) != g.ctype(f.Type) {
			return codegen.CName(msg.Name, field)
		}
	}
	return codegen.CName(field) // "message" and "kind" are not fields of machines' messages: checked by the machine language
}

// messageTypes prints the struct message and the table of kinds.
func (g *gen) messageTypes(t *text) {
	used := g.readFields()
	t.p("enum {")
	t.p("MESSAGE_NONE,")
	for _, msg := range g.received() {
		t.p("%s,", messageConst(msg.Name))
	}
	t.p("};")
	t.p("")
	t.doc("A sound datagram. Fields that it does not carry are zero.")
	t.p("struct message {")
	t.p("uint8_t message;")
	t.p("uint8_t fn;")
	seen := map[string]bool{}
	for _, msg := range g.received() {
		for _, f := range msg.Fields {
			n := g.memberName(msg, f.Name)
			if f.Name == "fn" || seen[n] || !used[msg.Name+"."+f.Name] {
				continue
			}
			seen[n] = true
			t.p("%s %s;", g.ctype(f.Type), n)
		}
	}
	t.p("};")
	t.p("")
	first, last := 0, -1
	if len(g.got) > 0 {
		first, last = g.got[0].Kind, g.got[len(g.got)-1].Kind
	}
	byKind := map[int]*ir.WireMessage{}
	for _, w := range g.got {
		byKind[w.Kind] = w
	}
	size := uintFor(bitsFor(uint64(g.datagramMax())))
	payload := g.anyPayload()
	t.doc("What comes to this peer, from the first of its kinds on, and the sizes of the whole datagram" + pick(payload, " and of what stands before its payload.", "."))
	t.p("static const struct {")
	t.p("uint8_t message;")
	t.p("uint8_t fn;")
	t.p("%s min;", size)
	t.p("%s max;", size)
	if g.anyPayload() {
		t.p("uint8_t header;")
	}
	t.p("} kinds[%d] = {", max(1, last-first+1))
	for k := first; k <= last; k++ {
		w := byKind[k]
		if w == nil {
			t.p("{MESSAGE_NONE, 0, 0, 0%s},", pick(payload, ", 0", ""))
			continue
		}
		fn := "0"
		for i, c := range g.calls {
			if c.Name == w.Fn {
				fn = g.fnConst(i)
			}
		}
		t.p("{%s, %s, %d, %d%s},", messageConst(w.Message), fn, w.Min, w.Max, pick(payload, fmt.Sprintf(", %d", w.Header), ""))
	}
	if last < first {
		t.p("{MESSAGE_NONE, 0, 0, 0%s},", pick(payload, ", 0", ""))
	}
	t.p("};")
	t.p("")
}

// decoder prints decode_datagram: everything is checked before the machine sees anything.
func (g *gen) decoder(t *text) {
	used := g.readFields()
	g.payloadCheck(t)
	first, count := 0, 1
	if len(g.got) > 0 {
		first, count = g.got[0].Kind, g.got[len(g.got)-1].Kind-g.got[0].Kind+1
	}
	t.doc("Takes a datagram apart and checks all of it: its size, kind" + pick(g.sum() > 0, ", checksum", "") + " and values.")
	t.p("static uint8_t decode_datagram(const uint8_t *bytes, size_t n, struct message *m)")
	t.p("{")
	g.decodeKind(t)
	if first > 0 {
		t.p("uint32_t row = kind - %du;", first)
	} else {
		t.p("uint32_t row = kind;")
	}
	t.p("if (row >= %du || kinds[row].message == MESSAGE_NONE) {", count)
	t.p("return FAULT_KIND;")
	t.p("}")
	t.p("m->message = kinds[row].message;")
	t.p("m->fn = kinds[row].fn;")
	t.p("if (n < kinds[row].min || n > kinds[row].max) {")
	t.p("return FAULT_LENGTH;")
	t.p("}")
	s := g.sum()
	t.p("struct reader from_start = {bytes, (uint32_t)n%s, %d, FAULT_NONE};", pick(s > 0, fmt.Sprintf(" - %du", s), ""), g.kindBits())
	t.p("struct reader *r = &from_start;")
	if g.anyPayload() {
		t.p("struct view payload = {bytes + kinds[row].header, (uint16_t)(r->size - kinds[row].header)};")
	}
	for _, m := range g.payloadMembers() {
		t.p("m->%s = payload;", m)
	}
	if s > 0 {
		var parts []string
		for i := range s {
			part := fmt.Sprintf("bytes[r->size%s]", pick(i > 0, fmt.Sprintf(" + %du", i), ""))
			if i < s-1 {
				part = fmt.Sprintf("(uint32_t)%s << %d", part, 8*(s-1-i))
			}
			parts = append(parts, part)
		}
		sum := strings.Join(parts, " | ")
		if s > 1 {
			sum = "(" + sum + ")"
		}
		t.p("if (%s != %s) {", sum, g.sumOf("kind", "bytes", "r->size"))
		t.p("return FAULT_CHECKSUM;")
		t.p("}")
	}
	t.p("switch (m->message) {")
	for _, msg := range g.received() {
		t.p("case %s:", messageConst(msg.Name))
		for _, name := range g.fieldNames(msg) {
			f := msg.Fields[msg.Index(name)]
			fns, all := g.carriers(msg, name)
			if !all {
				t.p("if (%s) {", g.oneOf("m->fn", fns))
			}
			g.decodeField(t, msg, f, used[msg.Name+"."+name])
			if !all {
				t.p("}")
			}
		}
		t.p("break;")
	}
	t.p("default:")
	t.p("break;")
	t.p("}")
	if !g.anyPayload() {
		t.p("return close_in(r);")
	} else {
		t.p("align_in(r);")
		t.p("if (r->fault != FAULT_NONE) {")
		t.p("return r->fault;")
		t.p("}")
		t.p("return check_payload(m, payload);")
	}
	t.p("}")
	t.p("")
}

// decodeKind prints the reading of a datagram's kind, which stands in its first bits.
func (g *gen) decodeKind(t *text) {
	bits := g.kindBits()
	if bits == 0 {
		t.p("uint32_t kind = 0;")
		t.p("if (n > %du) {", g.datagramMax())
		t.p("return FAULT_LENGTH;")
		t.p("}")
		return
	}
	var parts []string
	bytes := (bits + 7) / 8
	for i := range bytes {
		part := fmt.Sprintf("(uint32_t)bytes[%d]", i)
		if i < bytes-1 {
			part += fmt.Sprintf(" << %d", 8*(bytes-1-i))
		}
		parts = append(parts, part)
	}
	kind := strings.Join(parts, " | ")
	if bytes > 1 {
		kind = "(" + kind + ")"
	}
	if 8*bytes > bits {
		kind += fmt.Sprintf(" >> %d", 8*bytes-bits)
	}
	t.p("uint32_t kind;")
	t.p("if (n < %du || n > %du) {", bytes, g.datagramMax())
	t.p("return FAULT_LENGTH;")
	t.p("}")
	t.p("kind = %s;", kind)
}

func (g *gen) anyPayload() bool {
	for _, msg := range g.received() {
		if payloadField(msg) != nil {
			return true
		}
	}
	return false
}

func (g *gen) decodeField(t *text, msg *fsm.Message, f *fsm.Field, used bool) {
	bits := g.bits(f.Type)
	if bits == 0 {
		return
	}
	get := fmt.Sprintf("get(r, %d)", bits)
	limit := uint64(1)<<bits - 1
	switch f.Type.Kind {
	case fsm.EnumKind:
		limit = uint64(len(g.sys.Enum(f.Type.Name).Members) - 1)
	case fsm.Range:
		limit = uint64(f.Type.Hi)
	case fsm.Number:
		if s := g.sys.Sort(f.Type.Name); s != nil && s.Wrap > 0 {
			limit = uint64(s.Wrap) - 1
		}
	}
	checked := limit != 1<<bits-1 || f.Type.Kind == fsm.Range && f.Type.Lo > 0
	to := "m->" + g.memberName(msg, f.Name)
	switch {
	case !used && !checked:
		t.p("(void)%s;", get)
	case !checked && f.Type.Kind == fsm.Bool:
		t.p("%s = %s != 0u;", to, get)
	case !checked:
		t.p("%s = %s%s;", to, g.narrow(f.Type), get)
	default:
		t.p("{")
		t.p("uint32_t value = %s;", get)
		low := ""
		if f.Type.Kind == fsm.Range && f.Type.Lo > 0 {
			low = fmt.Sprintf("value < %du || ", f.Type.Lo)
		}
		t.p("if (%svalue > %du) {", low, limit)
		t.p("refuse(r, FAULT_VALUE);")
		t.p("}")
		if used {
			t.p("%s = %svalue;", to, g.narrow(f.Type))
		}
		t.p("}")
	}
}

// narrow is the cast from uint32_t to a variable's type; "" where there is none.
func (g *gen) narrow(ty fsm.Type) string {
	if c := g.ctype(ty); c != "uint32_t" {
		return "(" + c + ")"
	}
	return ""
}

// payloadCheck prints check_payload: what stands behind the header is decoded once to be refused or believed as a whole.
func (g *gen) payloadCheck(t *text) {
	if !g.anyPayload() {
		return
	}
	var b text
	b.p("switch (m->message) {")
	for _, msg := range g.received() {
		if payloadField(msg) == nil {
			continue
		}
		b.p("case %s:", messageConst(msg.Name))
		b.p("return check_%s(m->fn, payload);", pick(g.caller, "result", "args"))
	}
	b.p("default:")
	b.p("return payload.size == 0u ? FAULT_NONE : FAULT_LENGTH;")
	b.p("}")
	g.function(t, "static uint8_t", "check_payload", &b, "const struct message *m", "struct view payload")
}

// payloadMembers are the members of struct message where the payload is kept for the machine.
func (g *gen) payloadMembers() []string {
	var out []string
	used := g.readFields()
	for _, msg := range g.received() {
		if p := payloadField(msg); p != nil && used[msg.Name+"."+p.Name] && !slices.Contains(out, g.memberName(msg, p.Name)) {
			out = append(out, g.memberName(msg, p.Name))
		}
	}
	return out
}

// payloadChecks prints check_args or check_result, which decode a payload only to see whether it is sound.
func (g *gen) payloadChecks(t *text) {
	if !g.anyPayload() {
		return
	}
	what := pick(g.caller, "result", "args")
	t.p("static uint8_t check_%s(uint8_t fn, struct view payload)", what)
	t.p("{")
	t.p("switch (fn) {")
	for i, c := range g.calls {
		dec := codegen.CName("decode", c.Name, what)
		if g.caller && c.Result == nil || !g.caller && len(c.Params) == 0 {
			t.p("case %s:", g.fnConst(i))
			t.p("return %s(payload);", dec)
			continue
		}
		t.p("case %s: {", g.fnConst(i))
		if g.caller {
			ctype, _ := g.passed(c, c.Result, "result")
			t.p("%s result%s;", ctype, cleared(resultFields(c)))
			t.p("return %s(payload, &result);", dec)
		} else {
			t.p("struct %s args%s;", paramStruct(c), cleared(c.Params))
			t.p("return %s(payload, &args);", dec)
		}
		t.p("}")
	}
	t.p("default:")
	t.p("return FAULT_KIND;")
	t.p("}")
	t.p("}")
	t.p("")
}
