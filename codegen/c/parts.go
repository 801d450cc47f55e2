package cgen

import (
	"fmt"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// Timers, records, memo and journal: what the stages' actions come down to.

// timerFunctions prints start_<timer>, and again_<timer> where the interval grows.
func (g *gen) timerFunctions(t *text) {
	started := map[string]bool{}
	g.everyStage(func(s fsm.Stmt) {
		if x, ok := s.(*fsm.Start); ok {
			verb := "start "
			if tm := g.timer(x.Timer); x.Again && tm != nil && tm.Doubles() {
				verb = "again "
			}
			started[verb+x.Timer] = true
		}
	})
	for _, tm := range g.m.Timers {
		start, again := started["start "+tm.Name], started["again "+tm.Name]
		if !start && !again {
			continue
		}
		if len(tm.Spans) == 0 {
			g.fail("the timer %s has no interval", tm.Name)
			continue
		}
		g.timerSpans(t, tm, again)
		n := codegen.CName(tm.Name)
		params := []string{g.ctxParam()}
		if g.perCall(tm) {
			params = append(params, "uint8_t fn")
		}
		arm := func(b *text) {
			if g.trace {
				b.p("replay_start(%q, ms);", tm.Name)
			}
			b.p("c->%s_on = true;", n)
			b.p("c->%s_at = c->now + ms;", n)
		}
		if start {
			var b text
			b.p("uint32_t ms = %s;", g.first(tm))
			if tm.Doubles() {
				b.p("c->%s_step = 0;", n)
			}
			arm(&b)
			t.doc(g.spanDoc(tm)...)
			g.function(t, "static void", "start_"+n, &b, params...)
		}
		if again {
			var b text
			b.p("uint32_t ms = %s;", g.first(tm))
			b.p("uint32_t cap = %s;", g.capOf(tm))
			b.p("uint32_t before = ms;")
			b.p("for (uint32_t i = 0; i <= c->%s_step; i++) {", n)
			b.p("before = ms;")
			b.p("ms = ms <= cap / 2u ? ms * 2u : cap;")
			b.p("}")
			b.p("if (ms != before) {")
			b.p("c->%s_step++; // counts no further once the cap is reached", n)
			b.p("}")
			arm(&b)
			t.doc("After the next interval: doubled, up to its cap.")
			g.function(t, "static void", "again_"+n, &b, params...)
		}
	}
}

func (g *gen) spanDoc(tm *fsm.Timer) []string {
	if len(tm.Doc) > 0 {
		return tm.Doc
	}
	if g.perCall(tm) {
		return []string{"In ms, by call."}
	}
	return []string{fmt.Sprintf("After %d ms.", tm.Spans[0].First)}
}

// timerSpans prints the intervals where they differ by call.
func (g *gen) timerSpans(t *text, tm *fsm.Timer, again bool) {
	if !g.perCall(tm) {
		return
	}
	var first, cap []string
	for _, s := range tm.Spans {
		first = append(first, fmt.Sprint(s.First))
		cap = append(cap, fmt.Sprint(max(s.First, s.Cap)))
	}
	n := codegen.CName(tm.Name)
	t.p("static const uint32_t %s_ms[%d] = {%s};", n, len(first), strings.Join(first, ", "))
	if again {
		t.p("static const uint32_t %s_cap_ms[%d] = {%s};", n, len(cap), strings.Join(cap, ", "))
	}
	t.p("")
}

func (g *gen) first(tm *fsm.Timer) string {
	if g.perCall(tm) {
		return fmt.Sprintf("%s_ms[fn < %du ? fn : 0u]", codegen.CName(tm.Name), len(tm.Spans))
	}
	return fmt.Sprintf("%du", tm.Spans[0].First)
}

func (g *gen) capOf(tm *fsm.Timer) string {
	if g.perCall(tm) {
		return fmt.Sprintf("%s_cap_ms[fn < %du ? fn : 0u]", codegen.CName(tm.Name), len(tm.Spans))
	}
	return fmt.Sprintf("%du", max(tm.Spans[0].First, tm.Spans[0].Cap))
}

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
	persisted := map[string]bool{}
	g.everyStage(func(s fsm.Stmt) {
		if p, ok := s.(*fsm.Persist); ok {
			persisted[p.Record] = true
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
			if l.Fields[i].Name != f.Name || l.Fields[i].Bits != g.bits(f.Type) {
				g.fail("the plan lays the field %s.%s out otherwise than the machine", r.Name, f.Name)
			}
			bits += l.Fields[i].Bits
		}
		if l.SlotSize != 1+(bits+7)/8+2 {
			g.fail("the slots of %s are %d bytes and should be %d", r.Name, l.SlotSize, 1+(bits+7)/8+2)
			return
		}
		g.loadRecord(t, r, l.Offset, l.SlotSize, uint16(l.Seed))
		if persisted[r.Name] {
			g.persistRecord(t, r, l.Offset, l.SlotSize, uint16(l.Seed))
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

func (g *gen) persistRecord(t *text, r *fsm.Record, offset, size int, seed uint16) {
	n := codegen.CName(r.Name)
	params := []string{g.ctxParam()}
	var b, trace []string
	two := r.Slots > 1
	var body text
	body.p("uint8_t slot[%d];", size)
	body.p("struct writer to_slot = {slot, sizeof slot, 0};")
	at := fmt.Sprintf("%du", offset)
	if two {
		body.p("uint8_t to = c->%s_sound ? (uint8_t)(c->%s_slot ^ 1u) : 0u;", n, n)
		at = offsetOf(offset, size, "to")
		body.p("put(&to_slot, c->%s_sequence + 1u, 8);", n)
	} else {
		body.p("put(&to_slot, 0, 8);")
	}
	for _, f := range r.Fields {
		p := local(f.Name)
		params = append(params, g.ctype(f.Type)+" "+p)
		v := p
		if f.Type.Kind == fsm.Bool {
			v += " ? 1u : 0u"
		}
		b = append(b, fmt.Sprintf("put(&to_slot, %s, %d);", v, g.bits(f.Type)))
		trace = append(trace, p)
	}
	for _, l := range b {
		body.p("%s", l)
	}
	body.p("align_out(&to_slot);")
	body.p("put(&to_slot, crc16(0x%04x, slot, sizeof slot - 2u), 16);", seed)
	body.p("if (!%s_port_write(c, %s, slot, sizeof slot)) {", g.name, at)
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
	for _, f := range r.Fields {
		body.p("c->%s = %s;", g.member(f.Name), local(f.Name))
	}
	if g.trace {
		body.p("replay_persist(%q, %d, (const uint32_t[]){%s});", r.Name, len(trace), strings.Join(append(trace, "0"), ", "))
	}
	body.p("return true;")
	t.doc("Writes the record whole" + pick(two, ", to the slot that is not in use", "") + "; it is durable when this returns true.")
	g.function(t, "static bool", "persist_"+n, &body, params...)
}

// memoFunctions prints the memo: what is hit, recalled, remembered and forgotten.
func (g *gen) memoFunctions(t *text) {
	if !g.hasMemo() {
		return
	}
	m := g.m.Memos[0]
	n := codegen.CName(m.Name)
	total := g.memoEntries(m)
	var first, age []string
	at := 0
	for _, e := range m.Entries {
		first = append(first, fmt.Sprint(at))
		age = append(age, fmt.Sprint(e.Age))
		at += int(e.N)
	}
	first = append(first, fmt.Sprint(at))
	fns := len(m.Entries)
	uses := map[string]bool{}
	g.everyStage(func(s fsm.Stmt) {
		switch s.(type) {
		case *fsm.Remember:
			uses["remember"] = true
		case *fsm.Forget:
			uses["forget"] = true
		}
		for _, e := range fsm.Reads(s) {
			walkExpr(e, func(e fsm.Expr) {
				if c, ok := e.(*fsm.Call); ok {
					uses[c.Fn] = true
				}
			})
		}
	})
	t.doc("The entries of a call stand from the first of its own to the first of the next call's.")
	t.p("static const uint16_t %s_first[%d] = {%s};", n, fns+1, strings.Join(first, ", "))
	t.p("static const uint32_t %s_age_ms[%d] = {%s};", n, fns, strings.Join(age, ", "))
	t.p("")
	entry := "struct " + g.name + "_" + n + "_entry"
	t.p("static bool %s_same(const %s *e, struct view args)", n, entry)
	t.p("{")
	t.p("return e->args_size == args.size && (args.size == 0u || memcmp(e->args, args.bytes, args.size) == 0);")
	t.p("}")
	t.p("")
	t.doc("Drops what is older than it may be, so that ages never wrap.")
	t.p("static void %s_expire(%s *c)", n, g.name)
	t.p("{")
	t.p("for (uint32_t fn = 0; fn < %du; fn++) {", fns)
	t.p("for (uint32_t i = %s_first[fn]; i < %s_first[fn + 1u] && i < %du; i++) {", n, n, total)
	t.p("if (c->now - c->%s[i].asked > %s_age_ms[fn]) {", n, n)
	t.p("c->%s[i].used = false;", n)
	t.p("}")
	t.p("}")
	t.p("}")
	t.p("}")
	t.p("")
	if uses["hit"] {
		t.doc("Whether a fresh answer to the same question is kept.")
		t.p("static bool %s_hit(%s *c, uint8_t fn, struct view args)", n, g.name)
		t.p("{")
		t.p("%s_expire(c);", n)
		t.p("if (fn >= %du) {", fns)
		t.p("return false;")
		t.p("}")
		t.p("for (uint16_t i = %s_first[fn]; i < %s_first[fn + 1u] && i < %du; i++) {", n, n, total)
		t.p("if (c->%s[i].used && %s_same(&c->%s[i], args)) {", n, n, n)
		t.p("c->%s_found = i;", n)
		t.p("return true;")
		t.p("}")
		t.p("}")
		t.p("return false;")
		t.p("}")
		t.p("")
	}
	if uses["recalled"] {
		t.p("static struct view %s_recalled(const %s *c)", n, g.name)
		t.p("{")
		t.p("const %s *e = &c->%s[c->%s_found < %du ? c->%s_found : 0u];", entry, n, n, total, n)
		t.p("return (struct view){e->ans, e->ans_size};")
		t.p("}")
		t.p("")
	}
	if uses["remember"] {
		g.memoRemember(t, n, fns, total)
	}
	if uses["forget"] {
		t.p("static void %s_forget(%s *c)", n, g.name)
		t.p("{")
		t.p("for (uint32_t i = 0; i < %du; i++) {", total)
		t.p("c->%s[i].used = false;", n)
		t.p("}")
		t.p("}")
		t.p("")
	}
}

func (g *gen) memoRemember(t *text, n string, fns, total int) {
	args, ans := g.memoMax()
	entry := "struct " + g.name + "_" + n + "_entry"
	t.doc("Keeps an answer: in the place of an older one to the same question, in a free place, or in that of the oldest.")
	t.p("static void %s_remember(%s *c, uint8_t fn, struct view args, struct view ans)", n, g.name)
	t.p("{")
	t.p("uint32_t best = %du;", total)
	t.p("uint32_t best_age = 0;")
	t.p("if (fn >= %du || args.size > sizeof c->%s[0].args || ans.size > sizeof c->%s[0].ans) {", fns, n, n)
	t.p("return;")
	t.p("}")
	t.p("for (uint32_t i = %s_first[fn]; i < %s_first[fn + 1u] && i < %du; i++) {", n, n, total)
	t.p("const %s *e = &c->%s[i];", entry, n)
	t.p("uint32_t age = e->used ? c->now - e->asked : UINT32_MAX;")
	t.p("if (e->used && %s_same(e, args)) {", n)
	t.p("best = i;")
	t.p("break;")
	t.p("}")
	t.p("if (best == %du || age > best_age) {", total)
	t.p("best = i;")
	t.p("best_age = age;")
	t.p("}")
	t.p("}")
	t.p("if (best < %du) {", total)
	t.p("%s *e = &c->%s[best];", entry, n)
	t.p("e->used = true;")
	t.p("e->asked = c->%s_asked;", n)
	for _, p := range []struct {
		name string
		max  int
	}{{"args", args}, {"ans", ans}} {
		t.p("e->%s_size = (%s)%s.size;", p.name, uintFor(bitsFor(uint64(p.max))), p.name)
		t.p("if (%s.size > 0u) {", p.name)
		t.p("memcpy(e->%s, %s.bytes, %s.size);", p.name, p.name, p.name)
		t.p("}")
	}
	t.p("}")
	t.p("}")
	t.p("")
}

// journalFunctions prints note, and what the program reads the journal with.
func (g *gen) journalFunctions(t *text) {
	n := g.notes()
	if n == 0 || len(g.noteKinds()) == 0 {
		return
	}
	t.p("static void note(%s *c, uint8_t what, uint8_t fn)", g.name)
	t.p("{")
	t.p("uint32_t at = c->notes_next < %du ? c->notes_next : 0u;", n)
	t.p("c->notes[at].at = c->now;")
	t.p("c->notes[at].what = what;")
	t.p("c->notes[at].call = fn;")
	size := uintFor(bitsFor(uint64(n)))
	t.p("c->notes_next = %s;", pick(size == "uint32_t", "at + 1u", "("+size+")(at + 1u)"))
	t.p("if (c->notes_kept < %du) {", n)
	t.p("c->notes_kept++;")
	t.p("}")
	t.p("}")
	t.p("")
}
