package conform

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/solver"
)

func holds(t *testing.T, p *ir.Plan, sys *fsm.System) {
	t.Helper()
	r, err := Run(context.Background(), p, sys, Languages)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	t.Log(b.String())
	if !r.Holds() {
		t.Error("emitted code and machine differ")
	}
	for _, p := range r.Peers {
		if p.Vectors < 100 || p.Left > p.Vectors/10 {
			t.Errorf("%s: only %d vectors, and %d left out", p.Peer, p.Vectors, p.Left)
		}
	}
}

// The plans that the solver makes.
func TestSolvedPlans(t *testing.T) {
	for _, name := range []string{"soil", "kinds", "plain"} {
		t.Run(name, func(t *testing.T) {
			p, ds := solver.Solve(program(t, name+".sprocket"))
			if p == nil {
				t.Fatal(ds)
			}
			sys, err := schema.System(p)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, p, sys)
		})
	}
}

// A callee that is quiet after a start, until its timer fires.
func TestQuietStart(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "corpus", "accepted", "waited_out.sprocket"))
	if err != nil {
		t.Fatal(err)
	}
	p, ds := solver.Solve(lowered(t, "waited_out.sprocket", text))
	if p == nil || !p.Has(schema.QuietStart) {
		t.Fatal("it is not quiet", ds)
	}
	sys, err := schema.System(p)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, p, sys)
}

// Plans made by hand: what the solver would not choose here, and the wrong ways that the schema carries. All of them
// where everything is asked for, and a few where not.
func TestPlansByHand(t *testing.T) {
	type plan struct {
		bits, wraps int
		source      string
		switched    []string
	}
	plans := []plan{
		{15, 0, "entropy", []string{schema.IntentRecord}},
		{3, 8, "stable", []string{schema.IntentRecord, schema.TwoSlots, schema.CallerChallenge}},
		{1, 0, "stable", []string{schema.IntentRecord, schema.IntentAfterStart, schema.Checksum, schema.Pacing}},
		{32, 0, "stable", nil},
		{4, 11, "entropy", []string{schema.Memo, schema.Log}},
	}
	for _, f := range schema.Features {
		if f.Name != schema.IntentRecord && f.Name != schema.AskingFirst && f.Name != schema.QuietStart && !slices.Contains([]string{schema.PendingRecord, schema.CommitRecord, schema.GoingOn}, f.Name) {
			plans = append(plans, plan{15, 0, "stable", []string{f.Name}})
		}
	}
	for _, f := range schema.Variants {
		plans = append(plans, plan{15, 0, "stable", []string{f.Name}})
	}
	for _, x := range some(plans, 2) {
		t.Run(fmt.Sprint(x), func(t *testing.T) {
			p, sys := soilWrapped(t, x.bits, x.wraps, x.source, x.switched...)
			holds(t, p, sys)
		})
	}
}
