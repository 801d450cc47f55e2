package verify

import (
	"strings"
	"testing"

	"sprocketc/corpus/models"
	"sprocketc/diag"
	"sprocketc/fsm"
)

func selectiveRepeat(_ testing.TB, w, c, e int) string { return models.SelectiveRepeat(w, c, e) }

// The figures of SPIN 6.5.2 for the same model in Promela; it counts the entry into the first state as a transition.
func TestSelectiveRepeat(t *testing.T) {
	for _, c := range []struct{ w, c, e, states, transitions int }{{1, 1, 1, 164, 0}, {2, 2, 2, 64_100, 406_329}, {2, 3, 2, 327_928, 2_195_685}} {
		for _, thorough := range []bool{true, false} {
			x := newModel(t, selectiveRepeat(t, c.w, c.c, c.e)).newExact(Options{NoReduction: thorough}, 0)
			r := x.run()
			if n := r.transitions; r.states != c.states || thorough && c.transitions > 0 && n != c.transitions || r.property != "" || r.limit != "" {
				t.Errorf("%d %d %d, redundant transitions %v: %d states, %d transitions, %q %q; want %d and %d", c.w, c.c, c.e, thorough, r.states, n, r.property, r.limit, c.states, c.transitions)
			}
		}
	}
}

// Short slots, keys that outgrow their layout, tables that grow and workers that share one change nothing. (Slots are
// short from the start here; a table that was taken over with keys of another layout lost states.)
func TestTables(t *testing.T) {
	for _, opt := range []Options{{short: 12}, {short: 12, Workers: 2}, {short: 15, Workers: 3}, {short: 64, Workers: 2}} {
		opt.NoReduction = true
		for _, c := range []struct{ w, c, e, states, transitions int }{{2, 2, 2, 64_100, 406_329}, {2, 3, 2, 327_928, 2_195_685}} {
			x := newModel(t, selectiveRepeat(t, c.w, c.c, c.e)).newExact(opt, 0)
			if r := x.run(); r.states != c.states || r.transitions != c.transitions {
				t.Errorf("%+v: %d states, %d transitions, %q; want %d and %d", opt, r.states, r.transitions, r.limit, c.states, c.transitions)
			}
		}
	}
}

// A permuted key comes back.
func TestPermutations(t *testing.T) {
	for n := uint(14); n <= wordBits; n++ {
		for i := range uint64(1000) {
			k := mix(i) & (1<<n - 1)
			if p := permute(k, n); p >= 1<<n || back(p, n) != k {
				t.Fatalf("%d bits: %x becomes %x and %x", n, k, p, back(p, n))
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
