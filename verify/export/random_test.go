package export_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/verify"
	"sprocketc/verify/random"
)

// randomly calls f for random small systems that are worth a look: so many, or SPROCKET_RANDOM of them, from SPROCKET_SEED
// on.
func randomly(t *testing.T, many int, f func(t *testing.T, name string, sys *fsm.System) (compared bool)) {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return otherwise
	}
	many, seed := number("SPROCKET_RANDOM", many), 3 // the same ones each time, but where more are wanted
	if os.Getenv("SPROCKET_RANDOM") != "" {
		seed = int(rand.Uint32() >> 8)
	}
	seed = number("SPROCKET_SEED", seed)
	kinds := []*rapid.Generator[string]{
		rapid.Custom(func(t *rapid.T) string { return random.System(t, rapid.IntRange(1, 2).Draw(t, "capacity")) }),
		rapid.Custom(func(t *rapid.T) string { return random.Separate(t, rapid.IntRange(0, 2).Draw(t, "capacity")) }),
		rapid.Custom(func(t *rapid.T) string {
			return random.Calls(t, rapid.IntRange(0, 1).Draw(t, "capacity"), rapid.Bool().Draw(t, "few"))
		}),
	}
	n, stopped := 0, 0
	for ; n < many; seed++ {
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
		name := fmt.Sprint("seed ", seed)
		t.Run(name, func(t *testing.T) {
			if f(t, name, sys) {
				n++
			} else if stopped++; stopped > many {
				t.Errorf("%d systems were not compared, %d were", stopped, n)
				n = many
			}
		})
	}
	t.Logf("%d systems compared, %d not", n, stopped)
}

// Random small systems, through SPIN: as many states where none breaks anything, and everything that breaks breaks in
// both, in the default mode too.
func TestRandom(t *testing.T) {
	randomly(t, 10, func(t *testing.T, name string, sys *fsm.System) bool {
		states, broken, r := ours(t, sys, 2)
		room := 24 // it may be larger for SPIN than for us
		if all {
			room = plenty
		}
		o := spin(t, sys, options(t, name, sys, 2), 0, 20*time.Second, room)
		if o.stopped || o.large {
			return false
		}
		if !slices.Equal(broken, o.broken) || len(broken) == 0 && states != o.states || !o.complete {
			t.Errorf("%d states, %v (%s); SPIN %d, %v\n%s\n%s", states, broken, r.Why, o.states, o.broken, sys, o.out)
		}
		judge(t, name, sys, 2, byDefault(t, sys, 30_000), o.broken, false)
		return true
	})
}
