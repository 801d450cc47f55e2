package verify

import (
	"strings"
	"testing"
)

// What begins in more states than the limits allow is undecided before any of them is listed, and a search that came to a
// limit is never taken to have decided anything.
func TestManyStarts(t *testing.T) {
	const text = `system s; machine a { var x: 0..%; var y: 0..% = any; var z: 0..% = any; free f() when x == y && y == z { x = 1; } }`
	for _, c := range []struct {
		high string
		opt  Options
		why  string
	}{
		{"1000000", Options{}, "more than 1048576 states in which a run can begin"},
		{"500", Options{MaxMemory: 1 << 20}, "the limit of 1048576 bytes was reached by the 251001 states"},
		{"500", Options{MaxStates: 1000}, "the limit of 1000 states is below the 251001"},
		{"9", Options{MaxStates: 100}, "the limit of 100 states was reached"},
	} {
		r := check(t, strings.ReplaceAll(text, "%", c.high), c.opt)
		if r.Verdict != Undecided || !strings.Contains(r.Why, c.why) {
			t.Errorf("%s: %s, %s", c.high, r.Verdict, r.Why)
		}
	}
	r := check(t, `system s; machine a { var b: bool; free f(x: 0..1000000) when x == 1 && !b { b = true; } }`, Options{})
	if r.Verdict != Undecided || !strings.Contains(r.Why, "inputs") {
		t.Errorf("%s, %s", r.Verdict, r.Why)
	}
}
