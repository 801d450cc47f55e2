package zone

import (
	"testing"

	"pgregory.net/rapid"
)

// Against valuations by hand: two clocks and zero, values 0 to 6 in halves, so that strict bounds are told from others.
func TestAgainstValuations(t *testing.T) {
	const clocks, top = 2, 14
	type valuation [clocks + 1]int // in halves; the first is zero
	rapid.Check(t, func(rt *rapid.T) {
		z := New(clocks)
		set := map[valuation]bool{{}: true}
		up := func() {
			next := map[valuation]bool{}
			for v := range set {
				for d := range top + 1 {
					k := valuation{0, v[1] + d, v[2] + d}
					if k[1] <= top && k[2] <= top {
						next[k] = true
					}
				}
			}
			set = next
		}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				z.Up()
				up()
			case 1:
				x := rapid.IntRange(1, clocks).Draw(rt, "clock")
				z.Reset(x)
				next := map[valuation]bool{}
				for v := range set {
					v[x] = 0
					next[v] = true
				}
				set = next
			default:
				i, j := rapid.IntRange(0, clocks).Draw(rt, "i"), rapid.IntRange(0, clocks).Draw(rt, "j")
				if i == j {
					continue
				}
				c := rapid.IntRange(-3, 3).Draw(rt, "c")
				strict := rapid.Bool().Draw(rt, "strict")
				b := AtMost(int64(c))
				if strict {
					b = Less(int64(c))
				}
				next := map[valuation]bool{}
				for v := range set {
					if d := v[i] - v[j]; d < 2*c || d == 2*c && !strict {
						next[v] = true
					}
				}
				meets := z.Meets(i, j, b)
				some := z.And(i, j, b)
				if some != meets {
					rt.Fatalf("And %v, Meets %v", some, meets)
				}
				if !some {
					if len(next) > 0 {
						rt.Fatalf("empty, but %v", next)
					}
					return
				}
				set = next
			}
		}
		// every valuation that the bounds of the canonical form allow is there, up to the top
		for a := range top + 1 {
			for b := range top + 1 {
				v := valuation{0, a, b}
				in := true
				for i := range clocks + 1 {
					for j := range clocks + 1 {
						x := *z.at(i, j)
						d := v[i] - v[j]
						in = in && (x == None || int64(d) < 2*(int64(x)>>1) || int64(d) == 2*(int64(x)>>1) && x&1 == 1)
					}
				}
				if in != set[v] && a < top && b < top {
					rt.Fatalf("%v: zone %v, valuations %v", v, in, set[v])
				}
			}
		}
	})
}

func TestWidenHolds(t *testing.T) {
	z := New(2)
	z.Up()
	z.And(0, 1, AtMost(-7)) // the first is 7 or more
	z.Reset(2)
	w := z.Clone()
	w.Widen([]int64{0, 5, 5})
	if !z.Within(w) {
		t.Error("widening lost valuations")
	}
	if w.Meets(1, 0, AtMost(5)) {
		t.Error("the clock is above what it is compared with, and that was forgotten")
	}
	if w.Max(2) != AtMost(0) {
		t.Error("the other clock is known")
	}
	z.Free(1)
	if !z.Meets(1, 0, AtMost(0)) || z.Max(1) != None {
		t.Error("a free clock has any value")
	}
}
