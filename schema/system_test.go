package schema

import (
	"testing"
	"time"

	"sprocketc/ir"
)

// soilPlan is a plan as the solver makes it for the soil program, by hand: the schema's tests do not need the solver.
func soilPlan(off ...string) *ir.Plan {
	cl := &ir.Clause{}
	gw := &ir.Peer{Name: "gateway", Crashes: cl, Stable: &ir.Amount{N: 1024}}
	pr := &ir.Peer{Name: "probe", Crashes: cl, Stable: &ir.Amount{N: 32}}
	ch := &ir.Channel{Name: "radio", A: gw, B: pr, Loses: &ir.Probability{P: 0.2}, Repeats: cl, Reorders: &ir.Reorders{Within: 4}, Corrupts: &ir.Corrupts{}, Lives: &ir.Lifetime{T: 5 * time.Second}}
	in := &ir.Interface{Name: "Field", From: gw, To: pr, Channel: ch, Default: ir.DefaultWithin, Calls: []*ir.Call{
		{Name: "sample", Kind: ir.Pure, Cache: &ir.Cache{N: 16, For: 30 * time.Second}},
		{Name: "schedule", Kind: ir.Idempotent},
		{Name: "water", Kind: ir.Effect, Log: &ir.Amount{N: 8}},
	}}
	p := &ir.Plan{Program: &ir.Program{Name: "soil"}, Interface: in, Widths: map[string]int{"num": 15, "cepoch": 17, "kepoch": 17}, Pace: 50 * time.Millisecond, Quiet: 5*time.Second + ir.DefaultWithin,
		Schedules: map[string]*ir.Schedule{"sample": {First: 200 * time.Millisecond, Cap: 200 * time.Millisecond, Time: 2 * time.Second}}}
	drop := map[string]bool{IntentRecord: true, AskingFirst: true, QuietStart: true, PendingRecord: true, CommitRecord: true, GoingOn: true}
	for _, f := range off {
		drop[f] = !drop[f]
	}
	for _, f := range Features {
		if !drop[f.Name] {
			p.Features = append(p.Features, ir.Choice{Name: f.Name, Parameters: map[string]string{"source": "stable"}})
		}
	}
	return p
}

func TestSoilComposes(t *testing.T) {
	s, err := System(soilPlan())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(s)
}

// Every subset of one or two features taken away still makes a machine, or says why not.
func TestEveryRemovalComposes(t *testing.T) {
	for i, f := range Features {
		for _, g := range Features[i:] {
			if _, err := System(soilPlan(f.Name, g.Name)); err != nil {
				t.Errorf("without %s and %s: %v", f.Name, g.Name, err)
			}
		}
	}
}
