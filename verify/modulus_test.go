package verify

import (
	"testing"

	"sprocketc/diag"
	"sprocketc/fsm"
)

// The modulus k+2 is not only without a violation up to some capacity: without any capacity it holds.
func TestSafeModulus(t *testing.T) {
	states := []int{27, 55, 92, 138}
	for k, want := range states {
		sys, ds := fsm.Load(&diag.File{Name: "stop_and_wait.fsm", Text: []byte(stopAndWait(t, k+2, k))})
		if len(ds) > 0 {
			t.Fatal(ds)
		}
		r, err := Check(sys, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != Holds || r.Engine != engineBlock || r.States != want {
			t.Errorf("k=%d, modulus %d: %s by %s, %d states, want %d", k, k+2, r.Verdict, r.Engine, r.States, want)
		}
	}
}
