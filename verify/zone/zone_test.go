package zone

import (
	"testing"

	"pgregory.net/rapid"
)

// Against valuations by hand: two clocks and zero, on a grid. Less than c is at most one step of the grid below c: that leaves out
// no valuation in halves, nor makes a set empty, since what leads there is one system of bounds of differences, and no cycle
// of it has more strict bounds than there are steps to a half. Such a system has a solution on the grid, if it has one, in
// which no two times are further apart than all bounds together.
func TestAgainstValuations(t *testing.T) {
	const clocks, top, most, steps, half = 2, 14, 3, 8, 8
	const far = half * (top + 2*most*steps + 1)
	type valuations [(far + 1) * (far + 1)]bool // by the first clock and the second
	rapid.Check(t, func(rt *rapid.T) {
		z := New(clocks)
		set := &valuations{0: true}
		each := func(f func(v [clocks + 1]int, at int)) {
			for at, in := range set {
				if in {
					f([...]int{0, at / (far + 1), at % (far + 1)}, at)
				}
			}
		}
		for range rapid.IntRange(1, steps).Draw(rt, "steps") {
			next := &valuations{}
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				z.Up()
				*next = *set
				for at := far + 2; at < len(next); at++ {
					next[at] = next[at] || at%(far+1) > 0 && next[at-far-2]
				}
			case 1:
				x := rapid.IntRange(1, clocks).Draw(rt, "clock")
				z.Reset(x)
				each(func(v [clocks + 1]int, _ int) {
					v[x] = 0
					next[v[1]*(far+1)+v[2]] = true
				})
			default:
				i, j := rapid.IntRange(0, clocks).Draw(rt, "i"), rapid.IntRange(0, clocks).Draw(rt, "j")
				if i == j {
					continue
				}
				c := rapid.IntRange(-most, most).Draw(rt, "c")
				strict := rapid.Bool().Draw(rt, "strict")
				b := AtMost(int64(c))
				if strict {
					b = Less(int64(c))
				}
				left := 0
				each(func(v [clocks + 1]int, at int) {
					if d := v[i] - v[j]; d < 2*half*c || d == 2*half*c && !strict {
						next[at] = true
						left++
					}
				})
				meets := z.Meets(i, j, b)
				some := z.And(i, j, b)
				if some != meets {
					rt.Fatalf("And %v, Meets %v", some, meets)
				}
				if some != (left > 0) {
					rt.Fatalf("And %v, and %d valuations are left", some, left)
				}
				if !some {
					return
				}
			}
			set = next
		}
		// the valuations that the bounds of the canonical form allow are there, and no others
		for a := range top + 1 {
			for b := range top + 1 {
				v := [...]int{0, a, b}
				in := true
				for i := range clocks + 1 {
					for j := range clocks + 1 {
						x := *z.at(i, j)
						d := v[i] - v[j]
						in = in && (x == None || int64(d) < 2*(int64(x)>>1) || int64(d) == 2*(int64(x)>>1) && x&1 == 1)
					}
				}
				if in != set[half*(a*(far+1)+b)] {
					rt.Fatalf("%v: zone %v, valuations %v", v, in, !in)
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
