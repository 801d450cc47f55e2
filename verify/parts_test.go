package verify

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sprocketc/verify/random"
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
			m, before := p.moves(ch, g[n+ch]), moved
			for _, x := range m.arrivals {
				for _, after := range x.after {
					k := append([]uint32{}, g...)
					k[n+ch] = after
					for _, msg := range append([]uint32{x.msg}, p.altered(g[:n], g[n:], ch, x.msg)...) {
						take(p.takes[ch], p.receive(ch, g[p.takes[ch]], msg), k)
					}
				}
			}
			if p.lanes[ch].implicit { // all of it may be lost instead
				moved = before
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
		text := random.System(rt, 1)
		if p := drawn(rt, text).newParts(1, false); p.joint == "" && p.num.any() {
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

// The search, its tables and its keys against a search in a map over the same components, and both against the naive
// semantics.
func TestSeparateMachines(t *testing.T) {
	compared, violated, naive, commuted := 0, 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		capacity := rapid.IntRange(0, 3).Draw(rt, "capacity")
		text := random.Separate(rt, capacity)
		m := drawn(rt, text)
		thorough := rapid.Bool().Draw(rt, "thorough")
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
		if got.commuted > 0 {
			commuted++
		}
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
	t.Logf("%d systems compared, %d of them violated, %d with the naive semantics, %d with steps in one order only", compared, violated, naive, commuted)
	if compared < 20 || violated < 5 || naive < 20 || commuted < 2 {
		t.Errorf("only %d systems compared, %d of them violated, %d with the naive semantics, %d with steps in one order only", compared, violated, naive, commuted)
	}
}

// A chain of machines, each of which counts to seven and then tells the next, has keys of two words.
func TestKeysOfTwoWords(t *testing.T) {
	const n = 22
	text := "system chain;\n"
	for i := range n {
		text += fmt.Sprintf("machine m%d {\n var n: 0..7; var go: bool%s;\n free up when go && n < 7 { n = n + 1; when n == 7 { go = false;", i, map[bool]string{true: " = any"}[i == 0])
		if i+1 < n {
			text += fmt.Sprintf(" send M%d { };", i)
		}
		text += " } }\n"
		if i > 0 {
			text += fmt.Sprintf(" on M%d(m) { go = true; }\n", i-1)
		}
		text += "}\n"
		if i+1 < n {
			text += fmt.Sprintf("message M%d from m%d { }\nchannel c%d from m%d to m%d capacity 1 loses;\n", i, i, i, i, i+1)
		}
	}
	text += "invariant last: m0.n < 7 || m21.n < 8;\ncheck no_deadlock;\n"
	for _, check := range []string{"", "check no_deadlock;\n"} {
		m := newModel(t, strings.ReplaceAll(text, "check no_deadlock;\n", check))
		want := searchParts(m.newParts(0, true), 10_000)
		x := m.newExact(Options{NoReduction: true, Workers: 2}, 0)
		got := x.run()
		if got.states != want.states || got.property != want.broken || check == "" && (got.transitions != want.transitions || x.lay.words != 2) {
			t.Errorf("%d states, %d transitions, %q %q in %d words; in a map %+v", got.states, got.transitions, got.property, got.limit, x.lay.words, want)
		}
		if got.property != "" {
			if _, err := x.replay(got); err != nil {
				t.Error(err)
			}
		}
	}
}
