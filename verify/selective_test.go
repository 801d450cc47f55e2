package verify

import (
	"fmt"
	"strings"
	"testing"

	"sprocketc/diag"
	"sprocketc/fsm"
)

// selectiveRepeat is the model of the corpus with a window of w, channels of capacity c and e epochs.
func selectiveRepeat(t testing.TB, w, c, e int) string {
	t.Helper()
	shift, clear, more, last := "", "", "", "window[0] = 0;"
	for i := range w {
		if i > 0 {
			shift += fmt.Sprintf("window[%d] = window[%d];\n", i-1, i)
		}
		clear += fmt.Sprintf("window[%d] = 0;\n", i)
		more += fmt.Sprintf("when by > %d { do shift(); }\n", i)
		last = fmt.Sprintf("window[%d] = 0;\n", i)
	}
	text := modelText(t, "selective_repeat")
	for _, r := range [][2]string{
		{"        window[0] = window[1];\n        window[1] = 0;\n", shift + last},
		{"        window[0] = 0;\n        window[1] = 0;\n", clear},
		{"            window[0] = 0;\n            window[1] = 0;\n", clear},
		{"        when by > 0 {\n            do shift();\n        }\n        when by > 1 {\n            do shift();\n        }\n", more},
		{"        do deliver();\n        do deliver();\n", strings.Repeat("do deliver();\n", w)},
		{"capacity 2", fmt.Sprint("capacity ", c)},
		{"epoch: 0..1", fmt.Sprint("epoch: 0..", e-1)},
		{"epoch < 1", fmt.Sprint("epoch < ", e-1)},
		{"i: 0..1", fmt.Sprint("i: 0..", w-1)},
		{"0..3[2]", fmt.Sprintf("0..3[%d]", w)},
		{"0..2[2]", fmt.Sprintf("0..2[%d]", w)},
		{"count: 0..2", fmt.Sprint("count: 0..", w)},
		{"count < 2", fmt.Sprint("count < ", w)},
		{"at < 2", fmt.Sprint("at < ", w)},
		{"seq: 0..3", fmt.Sprint("seq: 0..", 2*w-1)},
		{"base: 0..3", fmt.Sprint("base: 0..", 2*w-1)},
		{"next: 0..3", fmt.Sprint("next: 0..", 2*w-1)},
		{"at: 0..3", fmt.Sprint("at: 0..", 2*w-1)},
		{"by: 0..3", fmt.Sprint("by: 0..", 2*w-1)},
		{"% 4", fmt.Sprint("% ", 2*w)},
		{"+ 4 -", fmt.Sprintf("+ %d -", 2*w)},
	} {
		if !strings.Contains(text, r[0]) {
			t.Fatalf("the model has no %q", r[0])
		}
		text = strings.ReplaceAll(text, r[0], r[1])
	}
	return text
}

// The figures of SPIN 6.5.2 for the same model in Promela; it counts the entry into the first state as a transition.
func TestSelectiveRepeat(t *testing.T) {
	for _, c := range []struct{ w, c, e, states, transitions int }{{1, 1, 1, 164, 0}, {2, 2, 2, 64_100, 406_329}} {
		for _, thorough := range []bool{true, false} {
			x := newModel(t, selectiveRepeat(t, c.w, c.c, c.e)).newExact(Options{NoReduction: thorough}, 0)
			r := x.run()
			if n := r.transitions; r.states != c.states || thorough && c.transitions > 0 && n != c.transitions || r.property != "" || r.limit != "" {
				t.Errorf("%d %d %d, redundant transitions %v: %d states, %d transitions, %q %q; want %d and %d", c.w, c.c, c.e, thorough, r.states, n, r.property, r.limit, c.states, c.transitions)
			}
		}
	}
}

// The model finds what it is there to find: a window that is too large for its modulus delivers twice.
func TestSelectiveRepeatBreaks(t *testing.T) {
	text := strings.NewReplacer("% 4", "% 3", "+ 4 -", "+ 3 -").Replace(selectiveRepeat(t, 2, 2, 2))
	r := check(t, text, Options{})
	if r.Verdict != Violated {
		t.Fatalf("%s: %s", r.Verdict, r.Why)
	}
}

// Only what would arrive next is lost: fewer steps, and the same deliveries.
func TestLosesOldest(t *testing.T) {
	text := selectiveRepeat(t, 1, 2, 1)
	few := newModel(t, text).newExact(Options{NoReduction: true}, 0).run()
	all := newModel(t, strings.ReplaceAll(text, "loses oldest", "loses")).newExact(Options{NoReduction: true}, 0).run()
	if few.states == 0 || few.states > all.states || few.transitions >= all.transitions {
		t.Errorf("%d states and %d transitions, with any loss %d and %d", few.states, few.transitions, all.states, all.transitions)
	}
	wrong := strings.ReplaceAll(text, "loses oldest", "loses oldest overtaking 1")
	if _, ds := fsm.Load(&diag.File{Name: "t.fsm", Text: []byte(wrong)}); len(ds) == 0 || ds[0].Code != "no-oldest" {
		t.Errorf("with overtaking: %v", ds)
	}
}
