package verify

import (
	"slices"
	"testing"
	"time"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
)

// planFor is a plan by hand, so that the checker's tests do not need the solver.
// notByHand are the features that a plan of the tests has only where it says so.
func notByHand() map[string]bool {
	return map[string]bool{schema.IntentRecord: true, schema.AskingFirst: true, schema.QuietStart: true,
		schema.PendingRecord: true, schema.CommitRecord: true, schema.GoingOn: true}
}

func planFor(within int, on []string, off ...string) *ir.Plan {
	cl := &ir.Clause{}
	gw := &ir.Peer{Name: "gateway", Crashes: cl, Stable: &ir.Amount{N: 1024}}
	pr := &ir.Peer{Name: "probe", Crashes: cl, Stable: &ir.Amount{N: 32}}
	ch := &ir.Channel{Name: "radio", A: gw, B: pr, Loses: &ir.Probability{P: 0.2}, Repeats: cl, Reorders: &ir.Reorders{Within: within}, Corrupts: &ir.Corrupts{}}
	in := &ir.Interface{Name: "Field", From: gw, To: pr, Channel: ch, Calls: []*ir.Call{
		{Name: "sample", Kind: ir.Pure, Cache: &ir.Cache{N: 16, For: 30 * time.Second}},
		{Name: "schedule", Kind: ir.Idempotent},
		{Name: "water", Kind: ir.Effect, Log: &ir.Amount{N: 8}},
	}}
	p := &ir.Plan{Program: &ir.Program{Name: "soil"}, Interface: in, Widths: map[string]int{"num": 15, "cepoch": 17, "kepoch": 17}, Pace: 50 * time.Millisecond}
	drop := notByHand()
	for _, f := range off {
		drop[f] = !drop[f]
	}
	for _, f := range schema.Features {
		if !drop[f.Name] {
			p.Features = append(p.Features, ir.Choice{Name: f.Name, Parameters: map[string]string{"source": "stable"}})
		}
	}
	for _, f := range on {
		p.Forced = append(p.Forced, ir.Force{Feature: f, Value: "on"})
	}
	return p
}

func composed(t testing.TB, p *ir.Plan) *fsm.System {
	t.Helper()
	s, err := schema.System(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Unmarked calls try the functions that cover the others: an effect is covered by an idempotent call, which gives up after
// a rejection where the effect ends by it.
func TestUnmarked(t *testing.T) {
	m, err := NewModel(composed(t, planFor(0, nil)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, fn := range m.newBlock(Options{}).unmarked() {
		got = append(got, m.fn.Members[fn])
	}
	if !slices.Equal(got, []string{"sample", "schedule"}) {
		t.Errorf("%v", got)
	}
}
