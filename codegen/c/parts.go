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
		t.p("(void)memcpy(e->%s, %s.bytes, %s.size);", p.name, p.name, p.name)
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
