package cgen

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// recordFunctions prints load_<record> and persist_<record>.
func (g *gen) recordFunctions(t *text) {
	if len(g.m.Records) == 0 {
		return
	}
	t.doc("Whether a slot of stable memory holds what was once written there, whole.")
	t.p("static bool read_slot(%s *c, uint32_t offset, uint8_t *slot, size_t n, uint16_t seed)", g.name)
	t.p("{")
	t.p("if (!%s_port_read(c, offset, slot, n)) {", g.name)
	t.p("c->state = STATE_HALTED; // what it may have promised is not known")
	t.p("return false;")
	t.p("}")
	t.p("return ((uint32_t)slot[n - 2u] << 8 | slot[n - 1u]) == crc16(seed, slot, n - 2u);")
	t.p("}")
	t.p("")
	written := map[string][]string{} // by record: the ways in which it is
	g.everyStage(func(s fsm.Stmt) {
		if p, ok := s.(*fsm.Persist); ok && !slices.Contains(written[p.Record], p.Verb()) {
			written[p.Record] = append(written[p.Record], p.Verb())
		}
	})
	for _, r := range g.m.Records {
		l := g.layoutOf(r.Name)
		if l == nil || l.Slots != r.Slots || len(l.Fields) != len(r.Fields) {
			g.fail("the plan lays the record %s out otherwise than the machine", r.Name)
			return
		}
		bits := 0
		for i, f := range r.Fields {
			if l.Fields[i].Name != f.Name || f.Type.Kind != fsm.Payload && l.Fields[i].Bits != g.bits(f.Type) {
				g.fail("the plan lays the field %s.%s out otherwise than the machine", r.Name, f.Name)
			}
			bits += l.Fields[i].Bits
		}
		if l.SlotSize != 1+(bits+7)/8+2 {
			g.fail("the slots of %s are %d bytes and should be %d", r.Name, l.SlotSize, 1+(bits+7)/8+2)
			return
		}
		g.loadRecord(t, r, l.Offset, l.SlotSize, uint16(l.Seed))
		for _, verb := range written[r.Name] {
			g.writeRecord(t, verb, r, l.Offset, l.SlotSize, uint16(l.Seed))
		}
	}
}

func (g *gen) loadRecord(t *text, r *fsm.Record, offset, size int, seed uint16) {
	n := codegen.CName(r.Name)
	var b text
	b.p("uint8_t slot[%d];", size)
	if r.Slots > 1 {
		b.p("for (uint8_t i = 0; i < %du; i++) {", r.Slots)
		b.p("if (!read_slot(c, %s, slot, sizeof slot, 0x%04x)) {", offsetOf(offset, size, "i"), seed)
		b.p("continue;")
		b.p("}")
		b.doc("The newer of two sound slots counts; sequence numbers wrap.")
		b.p("if (c->%s_sound && (uint8_t)(slot[0] - c->%s_sequence - 1u) >= 127u) {", n, n)
		b.p("continue;")
		b.p("}")
	} else {
		b.p("if (read_slot(c, %du, slot, sizeof slot, 0x%04x)) {", offset, seed)
	}
	b.p("struct reader from_slot = {slot, sizeof slot, 8, FAULT_NONE};")
	for _, f := range r.Fields {
		if f.Type.Kind == fsm.Payload {
			g.loadPayload(&b, f)
			continue
		}
		get := fmt.Sprintf("get(&from_slot, %d)", g.bits(f.Type))
		if f.Type.Kind == fsm.Bool {
			b.p("c->%s = %s != 0u;", g.member(f.Name), get)
		} else {
			b.p("c->%s = %s%s;", g.member(f.Name), g.narrow(f.Type), get)
		}
	}
	if r.Slots > 1 {
		b.p("c->%s_slot = i;", n)
		b.p("c->%s_sequence = slot[0];", n)
	}
	b.p("c->%s_sound = true;", n)
	b.p("}")
	g.docOf(t, r.Doc)
	g.function(t, "static void", "load_"+n, &b, g.ctxParam())
}

func offsetOf(offset, size int, slot string) string {
	if offset == 0 {
		return fmt.Sprintf("%du * %s", size, slot)
	}
	return fmt.Sprintf("%du + %du * %s", offset, size, slot)
}

// loadPayload prints the reading of a value: its size, and as many bytes as the largest has.
func (g *gen) loadPayload(b *text, f *fsm.Field) {
	most, m := g.slots[f.Name], g.member(f.Name)
	if most == 0 {
		return
	}
	b.p("uint32_t %s_n = get(&from_slot, %d);", m, bitsFor(uint64(most)))
	b.p("c->%s_size = %s(%s_n <= %du ? %s_n : %du);", m, castTo(most), m, most, m, most)
	b.p("for (uint32_t k = 0; k < %du; k++) {", most)
	b.p("c->%s[k] = (uint8_t)get(&from_slot, 8);", m)
	b.p("}")
}

// castTo converts to the integer that holds the size of a value of at most so many bytes.
func castTo(most int) string {
	if u := uintFor(bitsFor(uint64(most))); u != "uint32_t" {
		return "(" + u + ")"
	}
	return ""
}

// writeRecord prints persist_<record> or commit_<record>.
func (g *gen) writeRecord(t *text, verb string, r *fsm.Record, offset, size int, seed uint16) {
	n, two := codegen.CName(r.Name), r.Slots > 1
	params := []string{g.ctxParam()}
	var body, keep, trace text
	body.p("uint8_t slot[%d] = {0};", size)
	body.p("struct writer to_slot = {slot, sizeof slot, 0};")
	at := fmt.Sprintf("%du", offset)
	if two {
		body.p("uint8_t to = c->%s_sound ? (uint8_t)(c->%s_slot ^ 1u) : 0u;", n, n)
		at = offsetOf(offset, size, "to")
		body.p("put(&to_slot, c->%s_sequence + 1u, 8);", n)
	} else {
		body.p("put(&to_slot, 0, 8);")
	}
	var numbers []string
	plain := verb == "persist" // numbers only
	for _, f := range r.Fields {
		p, m := local(f.Name), g.member(f.Name)
		if f.Type.Kind == fsm.Payload {
			params = append(params, "struct view "+p)
			g.writePayload(&body, &keep, f)
			trace.p(`replay_more(" ");`)
			trace.p("replay_hex(%s.bytes, %s.size);", p, p)
			plain = false
			continue
		}
		params = append(params, g.ctype(f.Type)+" "+p)
		body.p("put(&to_slot, %s, %d);", pick(f.Type.Kind == fsm.Bool, p+" ? 1u : 0u", p), g.bits(f.Type))
		keep.p("c->%s = %s;", m, p)
		trace.p(`replay_more(" %%" PRIu32, (uint32_t)%s);`, p)
		numbers = append(numbers, p)
	}
	body.p("align_out(&to_slot);")
	body.p("put(&to_slot, crc16(0x%04x, slot, sizeof slot - 2u), 16);", seed)
	body.p("if (!%s_port_%s(c, %s, slot, sizeof slot)) {", g.name, pick(verb == "commit", "commit", "write"), at)
	body.p("c->state = STATE_HALTED; // without its memory it must not go on")
	if g.trace {
		body.p(`replay_action("halt");`)
	}
	body.p("return false;")
	body.p("}")
	if two {
		body.p("c->%s_slot = to;", n)
		body.p("c->%s_sequence++;", n)
	}
	body.p("c->%s_sound = true;", n)
	body.b.WriteString(keep.b.String())
	switch {
	case g.trace && plain:
		body.p("replay_persist(%q, %d, (const uint32_t[]){%s});", r.Name, len(numbers), strings.Join(append(numbers, "0"), ", "))
	case g.trace:
		body.p("replay_action(%q);", verb+" "+r.Name)
		body.b.WriteString(trace.b.String())
	}
	body.p("return true;")
	t.doc("Writes the record whole" + pick(two, ", to the slot that is not in use", "") + pick(verb == "commit", ", together with what the handler did", "") +
		"; it is durable when this returns true.")
	g.function(t, "static bool", verb+"_"+n, &body, params...)
}

// writePayload prints the writing of a value, as loadPayload reads it, and its keeping in the context.
func (g *gen) writePayload(body, keep *text, f *fsm.Field) {
	p, m, most := local(f.Name), g.member(f.Name), g.slots[f.Name]
	if most == 0 {
		keep.p("(void)%s;", p)
		return
	}
	body.p("uint32_t %s_n = %s.size <= %du ? %s.size : %du;", m, p, most, p, most)
	body.p("put(&to_slot, %s_n, %d);", m, bitsFor(uint64(most)))
	body.p("for (uint32_t k = 0; k < %du; k++) {", most)
	body.p("put(&to_slot, k < %s_n ? %s.bytes[k] : 0u, 8);", m, p)
	body.p("}")
	g.keepHelper(m, most)
	keep.p("if (%s.bytes != c->%s) {", p, m)
	keep.p("keep_%s(c, %s);", m, p)
	keep.p("}")
}
