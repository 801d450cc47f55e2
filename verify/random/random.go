package random

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// gen draws the parts.
type gen struct{ t *rapid.T }

func (g gen) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(g.t, label)
}

func (g gen) yes(label string) bool { return rapid.Bool().Draw(g.t, label) }

func (g gen) cond(caller, msg bool) string {
	conds := []string{"y == 1", "b", "!b", "last == none"}
	if caller {
		conds = []string{"x == 1", "b", "!b", "n == none", "t == none"}
	}
	if msg {
		conds = append(conds, "m.v == 1", "m.v == 0")
		if caller {
			conds = append(conds, "m.n == n", "m.t == t", "before(m.n, n)")
		} else {
			conds = append(conds, "m.n == last", "before(last, m.n)", "before(m.n, last)", "m.k == seen")
		}
	}
	return g.pick("cond", conds...)
}

func (g gen) stmts(caller, msg bool, depth int) string {
	var out []string
	for range rapid.IntRange(1, 3).Draw(g.t, "stmts") {
		kinds := []string{"set", "send", "send", "flip"}
		if depth > 0 {
			kinds = append(kinds, "when", "when")
		}
		if msg {
			kinds = append(kinds, "copy")
		}
		if depth < 2 && msg {
			kinds = append(kinds, "breach")
		}
		switch g.pick("stmt", kinds...) {
		case "set":
			if caller {
				out = append(out, g.pick("set", "x = (x + 1) % 3;", "x = 0;", "x = 1;"))
			} else {
				out = append(out, g.pick("set", "y = (y + 1) % 3;", "y = 0;", "y = 1;"))
			}
		case "flip":
			out = append(out, g.pick("flip", "b = true;", "b = false;"))
		case "send":
			if caller {
				out = append(out, "send REQ { v: "+g.pick("v", "0", "1")+", n: n, t: t, k: k };")
			} else {
				n := "last"
				if msg {
					n = g.pick("n", "m.n", "last")
				}
				tok := "tok"
				if msg {
					tok = g.pick("tok", "m.t", "tok")
				}
				out = append(out, "send ANS { v: "+g.pick("v", "0", "1")+", n: "+n+", t: "+tok+" };")
			}
		case "copy":
			if caller {
				out = append(out, "b = m.n == n && m.t == t;")
			} else {
				out = append(out, g.pick("copy", "last = m.n;", "tok = m.t;", "seen = m.k;", "last = m.n; tok = m.t;"))
			}
		case "when":
			out = append(out, "when "+g.cond(caller, msg)+" { "+g.stmts(caller, msg, depth-1)+" }")
		case "breach":
			out = append(out, "breach wrong;")
		}
	}
	return strings.Join(out, " ")
}

// System draws the text of a small system: a caller that acts a few times, a callee, crashes, numbers, tokens, a breach.
// The channels hold as many datagrams as their text states; with capacity 0 it states none.
func System(t *rapid.T, capacity int) string {
	g := gen{t}
	channel := func() string { return g.channel(capacity) }
	crashes := func(who string) string { return g.pick(who, "", "", " crashes 1") }
	check := g.pick("check", "", "check no_deadlock;\n")
	return "system random;\nnumber num; number boot; token tag;\n" +
		"message REQ from caller { v: 0..1; n: num; t: tag; k: boot; }\nmessage ANS from callee { v: 0..1; n: num; t: tag; }\n" +
		"channel up from caller to callee" + channel() + ";\nchannel down from callee to caller" + channel() + ";\n" +
		"machine caller" + crashes("caller crashes") + " {\n var x: 0..2; var b: bool; var left: 0..2 = 2; var n: num; var t: tag;\n" +
		" record life 2 slots { k: boot; used: num; }\n on restart { persist life { k: next(k), used: used }; n = used; left = 2; }\n" +
		" free go when left > 0 && " + g.cond(true, false) + " { left = left - 1; " +
		g.pick("new", "n = next(n);", "t = fresh(tag);", "n = next(n); t = fresh(tag);", "n = next(n); persist life { used: n };") + " " + g.stmts(true, false, 1) + " }\n" +
		" on ANS(m) { " + g.stmts(true, true, 2) + " }\n" +
		" free never when b && !b && x == 0 && n == none && t == none { b = false; }\n}\n" + // every variable is read
		"machine callee" + crashes("callee crashes") + " {\n var y: 0..2; var b: bool; var last: num; var tok: tag; var seen: boot;\n" +
		" on REQ(m) { " + g.stmts(false, true, 2) + " }\n" +
		" free never when b && !b && y == 0 && last == none && tok == none && seen == none { b = false; }\n}\n" + check
}

// channel draws what a channel may do.
func (g gen) channel(capacity int) string {
	t := ""
	if capacity > 0 {
		t = fmt.Sprint(" capacity ", capacity)
	}
	overtaking := g.pick("overtaking", "", "", " overtaking 1", " overtaking any")
	if g.yes("loses") {
		t += " loses"
		if capacity > 0 && overtaking == "" {
			t += g.pick("oldest", "", " oldest")
		}
	}
	if g.yes("repeats") {
		t += " repeats"
	}
	if capacity > 0 && g.yes("waits") {
		t += " waits"
	}
	t += overtaking
	if rapid.IntRange(0, 5).Draw(g.t, "corrupts") == 0 {
		t += " corrupts"
	}
	return t
}

// Separate draws a system without numbers, whose machines can be told apart.
func Separate(t *rapid.T, capacity int) string {
	g := gen{t}
	channel := func() string { return g.channel(capacity) }
	var body func(msg bool, depth int) string
	body = func(msg bool, depth int) string {
		conds := []string{"x == 1", "b", "!b", "kept == 1"}
		kinds := []string{"x = (x + 1) % 3;", "x = 0;", "b = !b;", "send %s { v: 0, w: b };", "send %s { v: 1, w: true };", "persist life { kept: x };", "persist life { kept: 0 };"}
		if msg {
			conds = append(conds, "m.v == 1", "m.w", "m.v == x")
			kinds = append(kinds, "x = m.v;", "b = m.w;", "send %s { v: m.v, w: !m.w };", "breach wrong;")
		}
		var out []string
		for range rapid.IntRange(1, 3).Draw(g.t, "stmts") {
			if depth > 0 && g.yes("when") {
				out = append(out, "when "+g.pick("cond", conds...)+" { "+body(msg, depth-1)+" }")
			} else {
				out = append(out, g.pick("stmt", kinds...))
			}
		}
		return strings.Join(out, " ")
	}
	machine := func(name, out, in string) string {
		return "machine " + name + g.pick("crashes", "", " crashes", " crashes 2") + " {\n var x: 0..2; var b: bool" + g.pick("any", "", " = any") + "; record life " + g.pick("slots", "1 slot", "2 slots") +
			" { kept: 0..2; }\n on restart { when unreadable(life) { persist life { kept: 0 }; } x = kept; }\n free go when " +
			g.pick("cond", "x == 0", "!b", "kept == 1") + " { " + strings.ReplaceAll(body(false, 1), "%s", out) + " }\n on " + in + "(m) { " + strings.ReplaceAll(body(true, 2), "%s", out) +
			" }\n free never when b && !b && x == 0 && kept == 0 { b = false; }\n}\n"
	}
	return "system random;\nmessage A from one { v: 0..2; w: bool; }\nmessage B from two { v: 0..2; w: bool; }\n" +
		"channel up from one to two" + channel() + ";\nchannel down from two to one" + channel() + ";\n" +
		machine("one", "A", "B") + machine("two", "B", "A") +
		g.pick("invariant", "", "invariant both: one.x != 2 || two.x != 2;\n", "invariant own: one.x < 2;\n") + g.pick("check", "", "check no_deadlock;\n")
}
