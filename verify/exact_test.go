package verify

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sprocketc/diag"
	"sprocketc/fsm"
)

func load(t testing.TB, text string) *fsm.System {
	t.Helper()
	s, ds := fsm.Load(&diag.File{Name: "test.fsm", Text: []byte(text)})
	for _, d := range ds {
		sp := d.Labels[0].Span
		t.Fatalf("%s: %s at %.40q", d.Code, d.Message, text[sp.Start:])
	}
	return s
}

func modelText(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("../corpus/models/" + name + ".fsm")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func newModel(t testing.TB, text string) *Model {
	t.Helper()
	m, err := NewModel(load(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

type counts struct{ Distinct, Generated, Depth int }

// tlc counts as TLC prints it: every state that a step generates, initial ones and repeats included, also where a
// constraint on the length of a queue keeps it from being entered; the depth counts states, not steps.
func tlc(m *Model) counts {
	x := m.newExact(Options{NoReduction: true}, 0)
	r := x.run()
	if r.property != "" || r.limit != "" {
		return counts{}
	}
	return counts{r.states, r.transitions + r.held, r.depth + 1}
}

// The figures that TLC gives for the modules of Specifying Systems, chapter 14.
func TestLamportsAlternatingBit(t *testing.T) {
	text := modelText(t, "lamport_alternating_bit")
	for queue, want := range map[int]counts{1: {80, 352, 7}, 2: {240, 1392, 10}, 3: {528, 3740, 12}} {
		m := newModel(t, strings.ReplaceAll(text, "capacity 2", fmt.Sprint("capacity ", queue)))
		if d := cmp.Diff(want, tlc(m)); d != "" {
			t.Errorf("queues of %d (-want +got):\n%s", queue, d)
		}
	}
	if d := cmp.Diff(counts{20, 36, 3}, tlc(newModel(t, modelText(t, "lamport_ab_correctness")))); d != "" {
		t.Errorf("ABCorrectness (-want +got):\n%s", d)
	}
}

// The figures of Stateright's own tests.
func TestStaterightsPingPong(t *testing.T) {
	text := modelText(t, "pingpong")
	upTo := func(text string, n int) string {
		return strings.NewReplacer("0..5", fmt.Sprint("0..", n), "n < 5", fmt.Sprint("n < ", n)).Replace(text)
	}
	lossless := strings.ReplaceAll(text, " loses repeats", "")
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"up to 1, loses and repeats", upTo(text, 1), 14},
		{"up to 5, loses and repeats", text, 4094},
		{"up to 5, reliable", lossless, 11},
	} {
		for _, thorough := range []bool{false, true} {
			r := newModel(t, c.text).newExact(Options{NoReduction: thorough}, 0).run()
			if r.states != c.want || r.property != "" || r.limit != "" {
				t.Errorf("%s: %d states, %q %q, want %d", c.name, r.states, r.property, r.limit, c.want)
			}
		}
	}
}

// stopAndWait is the model of a call at a time with a modulus and an overtaking bound.
func stopAndWait(t testing.TB, modulus, overtaking int) string {
	return strings.NewReplacer(
		"0..1", fmt.Sprint("0..", modulus-1),
		"% 2", fmt.Sprint("% ", modulus),
		"loses repeats;", fmt.Sprintf("loses repeats overtaking %d;", overtaking),
	).Replace(modelText(t, "stop_and_wait"))
}

// A callee that remembers the last call needs the modulus k+2 over channels that overtake up to k, and one less breaks
// in 4(k+1) steps: found by search before, with another engine and another model.
func TestMinimalModulus(t *testing.T) {
	for k := range 4 {
		bad := newModel(t, stopAndWait(t, k+1, k))
		for _, capacity := range []int{2, 3} {
			r := bad.newExact(Options{}, capacity).run()
			if r.property == "" || len(r.path) != 4*(k+1) {
				t.Errorf("k=%d, modulus %d, capacity %d: %q after %d steps, want a violation after %d", k, k+1, capacity, r.property, len(r.path), 4*(k+1))
			}
		}
		run, err := bad.ShortestRun(bad.newExact(Options{}, 2).run().property, Options{})
		if err != nil || len(run.Steps) != 4*(k+1) {
			t.Errorf("k=%d: run %v, error %v", k, run, err)
		}
		for _, capacity := range []int{2, 3} {
			if r := newModel(t, stopAndWait(t, k+2, k)).newExact(Options{}, capacity).run(); r.property != "" {
				t.Errorf("k=%d, modulus %d, capacity %d: %s after %d steps", k, k+2, capacity, r.property, len(r.path))
			}
		}
	}
}
