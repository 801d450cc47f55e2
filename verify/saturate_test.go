package verify

import (
	"testing"

	"pgregory.net/rapid"

	"sprocketc/verify/random"
)

// everyOrder lists all orders of n levels.
func everyOrder(n int) (out [][]int) {
	var rec func(o []int)
	rec = func(o []int) {
		if len(o) == n {
			out = append(out, append([]int{}, o...))
			return
		}
		for c := range n {
			used := false
			for _, x := range o {
				used = used || x == c
			}
			if !used {
				rec(append(o, c))
			}
		}
	}
	rec(nil)
	return
}

func anyProperty(string) bool { return true }

// The symbolic search against the explicit one on systems with known figures, whatever the order of the levels and however
// a channel is kept.
func TestSaturation(t *testing.T) {
	for name, text := range map[string]string{
		"alternating bit": modelText(t, "lamport_alternating_bit"),
		"correctness":     modelText(t, "lamport_ab_correctness"),
		"ping-pong":       modelText(t, "pingpong"),
		"selective":       selectiveRepeat(t, 1, 1, 1),
		"stop and wait":   stopAndWait(t, 3, 1),
	} {
		m := newModel(t, text)
		want := m.newExact(Options{}, 2).run()
		for _, order := range everyOrder(len(m.Code) + len(m.Sys.Channels)) {
			for _, whole := range []bool{false, true} {
				s := m.newParts(2, false).newSaturation(order, whole, Options{}, anyProperty)
				root := s.run()
				if n := s.Count(root).Int64(); n != int64(want.states) || s.property != want.property || (s.p.full >= 0) != (want.limit != "") {
					t.Errorf("%s, order %v, whole %v: %d states, %q, full %v; want %d, %q, %q", name, order, whole, n, s.property, s.p.full, want.states, want.property, want.limit)
				}
			}
		}
	}
	for _, c := range []struct{ w, c, e, states int }{{2, 2, 2, 64_100}, {2, 3, 2, 327_928}, {2, 4, 2, 1_405_344}} {
		p := newModel(t, selectiveRepeat(t, c.w, c.c, c.e)).newParts(0, false)
		s := p.newSaturation(p.orderOf(), true, Options{}, anyProperty)
		if root := s.run(); s.Count(root).Int64() != int64(c.states) || s.property != "" {
			t.Errorf("%v: %v states, %q, order %v", c, s.Count(root), s.property, s.order)
		}
	}
}

// A step whose datagrams the channel above does not take leads nowhere: that the other machine breaks something behind it
// is no violation, whatever the order of the levels.
func TestSaturationBehindRefusal(t *testing.T) {
	for capacity, text := range map[int]string{2: "", 0: "capacity 1"} {
		m := newModel(t, `system refusal;
message A from one { v: 0..1; }
message B from two { v: 0..1; }
channel up from one to two;
channel down from two to one `+text+`;
machine one { var x: bool; free go when !x { x = true; send A { v: 0 }; } }
machine two {
    var b: bool;
    free go when !b { b = true; send B { v: 0 }; send B { v: 0 }; send B { v: 0 }; }
    on A(m) { when b { breach wrong; } }
}`)
		want := m.newExact(Options{}, capacity).run()
		if want.property != "" || want.states != 3 {
			t.Fatalf("capacity %q: explicit %q, %d states", text, want.property, want.states)
		}
		for _, order := range everyOrder(4) {
			for _, whole := range []bool{false, true} {
				s := m.newParts(capacity, false).newSaturation(order, whole, Options{}, anyProperty)
				root := s.run()
				if s.property != "" || s.unsure == "" && s.Count(root).Int64() != int64(want.states) {
					t.Errorf("capacity %q, order %v, whole %v: %q, unsure %q, %v states", text, order, whole, s.property, s.unsure, s.Count(root))
				}
			}
		}
	}
}

// Random systems whose machines can be told apart.
func TestSaturationAgainstExplicit(t *testing.T) {
	compared, violated := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		text := random.Separate(rt, rapid.IntRange(0, 2).Draw(rt, "capacity"))
		m := drawn(rt, text)
		thorough := rapid.Bool().Draw(rt, "thorough")
		want := m.newExact(Options{NoReduction: thorough, MaxStates: 20_000}, 2).run()
		if want.stopped {
			return
		}
		compared++
		order := rapid.Permutation([]int{0, 1, 2, 3}).Draw(rt, "order")
		s := m.newParts(2, thorough).newSaturation(order, rapid.Bool().Draw(rt, "whole"), Options{}, anyProperty)
		root := s.run()
		if s.unsure != "" && s.property == "" {
			return
		}
		if (s.property == "") != (want.property == "") {
			rt.Fatalf("%q, explicit %q\n%s", s.property, want.property, text)
		}
		if want.property != "" {
			violated++
			return
		}
		if n := s.Count(root).Int64(); n != int64(want.states) || (s.p.full >= 0) != (want.limit != "") {
			rt.Fatalf("order %v, whole %v: %d states, full %v; explicit %d, %q\n%s", order, s.whole, n, s.p.full, want.states, want.limit, text)
		}
	})
	t.Logf("%d systems compared, %d of them violated", compared, violated)
	if compared < 20 || violated < 5 {
		t.Errorf("only %d systems compared, %d of them violated", compared, violated)
	}
}
