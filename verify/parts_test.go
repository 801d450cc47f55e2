package verify

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// partsResult is what a plain search over the components of a separable system finds.
type partsResult struct {
	states, transitions int
	broken              string
	full                bool // a capacity that is not stated made a difference
}

// searchParts explores with the components' numbers in a map.
func searchParts(p *parts, limit int) (r partsResult) {
	n := len(p.actors)
	seen := map[string]bool{}
	var todo [][]uint32
	add := func(g []uint32) {
		if k := fmt.Sprint(g); !seen[k] {
			seen[k] = true
			todo = append(todo, g)
		}
	}
	var sends func(g []uint32, sent []partSent, f func([]uint32))
	sends = func(g []uint32, sent []partSent, f func([]uint32)) {
		if len(sent) == 0 {
			f(g)
			return
		}
		s := sent[0]
		words, full := p.send(s.ch, g[n+s.ch], s.msg)
		r.full = r.full || full
		for _, w := range words {
			k := append([]uint32{}, g...)
			k[n+s.ch] = w
			sends(k, sent[1:], f)
		}
	}
	for _, s := range p.starts() {
		if s.bad != "" {
			r.broken = s.bad
			return
		}
		sends(append(append([]uint32{}, s.states...), make([]uint32, len(p.chans))...), s.sent, add)
	}
	r.transitions = len(seen)
	for len(todo) > 0 && len(seen) < limit {
		g := todo[0]
		todo = todo[1:]
		if r.broken = p.broken(g[:n], func(string) bool { return true }); r.broken != "" {
			break
		}
		moved := false
		take := func(a int, moves []partMove, g []uint32) {
			for _, m := range moves {
				k := append([]uint32{}, g...)
				k[a] = m.to
				sends(k, m.sent, func(k []uint32) {
					r.transitions++
					moved = moved || !m.crash
					if m.bad != "" && r.broken == "" {
						r.broken = m.bad
					}
					add(k)
				})
			}
		}
		for a := range p.actors {
			take(a, p.spontaneous(a, g[a]), g)
		}
		for ch := range p.chans {
			m := p.moves(ch, g[n+ch])
			for _, x := range m.arrivals {
				for _, after := range x.after {
					k := append([]uint32{}, g...)
					k[n+ch] = after
					for _, msg := range append([]uint32{x.msg}, p.altered(g[:n], g[n:], ch, x.msg)...) {
						take(p.takes[ch], p.receive(ch, g[p.takes[ch]], msg), k)
					}
				}
			}
			for _, w := range m.drops {
				k := append([]uint32{}, g...)
				k[n+ch] = w
				r.transitions++
				moved = true
				add(k)
			}
		}
		if r.broken == "" && !moved && p.m.checks[noDeadlock] {
			r.broken = noDeadlock
		}
		if r.broken != "" {
			break
		}
	}
	r.states = len(seen)
	return
}

// What depends on the whole state keeps the machines together.
func TestPartsThatStayTogether(t *testing.T) {
	m := newModel(t, composed(t, planFor(0, nil)).String())
	if p := m.newParts(2, false); p.joint != "calls are watched" || len(p.actors) != 1 {
		t.Errorf("%d actors, %q", len(p.actors), p.joint)
	}
	rapid.Check(t, func(rt *rapid.T) {
		g := gen{rt}
		text := g.system(1)
		if p := g.model(text).newParts(1, false); p.joint == "" && p.num.any() {
			rt.Fatalf("taken apart, though numbers are renamed:\n%s", text)
		}
	})
}

// any reports whether anything is renamed.
func (n *numbers) any() bool {
	for _, ps := range append(append([][]place{}, n.slots...), n.field...) {
		if len(ps) > 0 {
			return true
		}
	}
	return false
}

// A system taken apart behaves as the whole one does.
func TestPartsOfKnownModels(t *testing.T) {
	for _, name := range []string{"lamport_alternating_bit", "lamport_ab_correctness", "pingpong", "stop_and_wait"} {
		m := newModel(t, modelText(t, name))
		p := m.newParts(2, true)
		if p.joint != "" {
			t.Errorf("%s: inseparable because %s", name, p.joint)
		}
		want := m.newExact(Options{NoReduction: true}, 2).run()
		got := searchParts(p, 1e6)
		if got.states != want.states || got.transitions != want.transitions || got.broken != want.property {
			t.Errorf("%s: %+v, want %d states, %d transitions, %q", name, got, want.states, want.transitions, want.property)
		}
	}
}

// separate draws a system without numbers, whose machines can be told apart.
func (g gen) separate(capacity int) string {
	channel := func() string {
		t := ""
		if capacity > 0 {
			t = fmt.Sprint(" capacity ", capacity)
		}
		for _, w := range []string{"loses", "repeats"} {
			if g.yes(w) {
				t += " " + w
			}
		}
		if capacity > 0 && g.yes("waits") {
			t += " waits"
		}
		t += g.pick("overtaking", "", "", " overtaking 1", " overtaking any")
		if rapid.IntRange(0, 5).Draw(g.t, "corrupts") == 0 {
			t += " corrupts"
		}
		return t
	}
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

// The search, its tables and its keys against a search in a map over the same components, and both against the naive
// semantics.
func TestSeparateMachines(t *testing.T) {
	compared, violated, naive := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		g := gen{rt}
		capacity := rapid.IntRange(0, 2).Draw(rt, "capacity")
		text := g.separate(capacity)
		m := g.model(text)
		thorough := g.yes("thorough")
		p := m.newParts(2, thorough)
		if p.joint != "" {
			rt.Fatalf("%s\n%s", p.joint, text)
		}
		want := searchParts(p, 10_000)
		if want.states >= 10_000 {
			return
		}
		compared++
		x := m.newExact(Options{NoReduction: thorough}, 2)
		got := x.run()
		if (got.property == "") != (want.broken == "") {
			rt.Fatalf("%q, in a map %q\n%s", got.property, want.broken, text)
		}
		if want.broken == "" && (got.states != want.states || thorough && got.transitions != want.transitions || got.transitions > want.transitions || want.full != (got.limit != "")) {
			rt.Fatalf("%d states, %d transitions, %q, in a map %+v\n%s", got.states, got.transitions, got.limit, want, text)
		}
		if want.broken != "" {
			violated++
			if _, err := x.replay(got); err != nil {
				rt.Fatalf("%v\n%s", err, text)
			}
		}
		if capacity == 0 {
			return
		}
		room := func(ch int) int { return m.Sys.Channels[ch].Capacity }
		ref := refSearch(m, room, 1000)
		if ref.full {
			return
		}
		naive++
		if (got.property == "") != (ref.broken == "") {
			rt.Fatalf("%q, the reference %q\n%s", got.property, ref.broken, text)
		}
		if n := forms(m, ref.states, 0); ref.broken == "" && n != got.states {
			rt.Fatalf("%d states, the reference %d\n%s", got.states, n, text)
		}
	})
	t.Logf("%d systems compared, %d of them violated, %d with the naive semantics", compared, violated, naive)
	if compared < 20 || violated < 5 || naive < 20 {
		t.Errorf("only %d systems compared, %d of them violated, %d with the naive semantics", compared, violated, naive)
	}
}
