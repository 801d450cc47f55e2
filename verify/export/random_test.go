package export_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/verify"
	"sprocketc/verify/export"
	"sprocketc/verify/random"
)

// Random small systems, through SPIN: as many states where none breaks anything, and everything that breaks breaks in
// both. SPROCKET_RANDOM is how many, from which seed on SPROCKET_SEED.
func TestRandom(t *testing.T) {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return otherwise
	}
	want, seed := number("SPROCKET_RANDOM", 10), number("SPROCKET_SEED", int(rand.Uint32()>>8))
	kinds := []*rapid.Generator[string]{
		rapid.Custom(func(t *rapid.T) string { return random.System(t, rapid.IntRange(1, 2).Draw(t, "capacity")) }),
		rapid.Custom(func(t *rapid.T) string { return random.Separate(t, rapid.IntRange(0, 2).Draw(t, "capacity")) }),
	}
	compared, violated := 0, 0
	for ; compared < want; seed++ {
		text := kinds[seed%len(kinds)].Example(seed)
		sys, ds := fsm.Load(&diag.File{Name: "random.fsm", Text: []byte(text)})
		if len(ds) > 0 {
			t.Fatalf("%s\n%s", ds[0].Message, text)
		}
		r, err := verify.Check(sys, verify.Options{Channels: "fifo:2", NoReduction: true, MaxStates: 30_000})
		if err != nil {
			t.Fatal(err)
		}
		a, err := verify.Abstract(sys)
		if err != nil || a.Unranked != "" || r.Verdict == verify.Undecided && !full(r.Why) || r.States < 10 {
			continue // nothing to compare
		}
		compared++
		broken := violations(r)
		if len(broken) > 0 {
			violated++
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			o := spin(t, sys, export.Options{Source: "random", Capacity: 2, Functions: a.Functions, OneOrder: a.OneOrder}, false)
			if !slices.Equal(broken, o.broken) || len(broken) == 0 && r.States != o.states || !o.complete {
				t.Errorf("%d states, %v (%s); SPIN %d, %v\n%s\n%s", r.States, broken, r.Why, o.states, o.broken, text, o.out)
			}
		})
	}
	t.Logf("%d systems compared, %d of them violated", compared, violated)
}
