package conform

import (
	"context"
	"strings"
	"testing"
	"time"

	"sprocketc/schema"
	"sprocketc/solver"
)

// The plans that the solver makes.
func TestSolvedPlans(t *testing.T) {
	for _, name := range []string{"soil", "kinds", "plain"} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			p, ds := solver.Solve(program(t, name+".sprocket"))
			if p == nil {
				t.Fatal(ds)
			}
			sys, err := schema.System(p)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("solved in %v", time.Since(start))
			r, err := Run(context.Background(), p, sys, Languages)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			r.Write(&b)
			t.Logf("%v\n%s", time.Since(start), b.String())
			if !r.Holds() {
				t.Error("emitted code and machine differ")
			}
		})
	}
}
