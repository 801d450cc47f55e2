package verify

import (
	"testing"
	"time"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
)

// soil is the soil program's system over a radio that overtakes within k, with variants forced on and features taken
// away; the plan is made by hand.
func soil(t testing.TB, k int, on, off []string) *fsm.System {
	t.Helper()
	cl := &ir.Clause{}
	gw := &ir.Peer{Name: "gateway", Crashes: cl, Stable: &ir.Amount{N: 1024}}
	pr := &ir.Peer{Name: "probe", Crashes: cl, Stable: &ir.Amount{N: 32}}
	ch := &ir.Channel{Name: "radio", A: gw, B: pr, Loses: &ir.Probability{P: 0.2}, Repeats: cl, Reorders: &ir.Reorders{Within: k}, Corrupts: &ir.Corrupts{}}
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
	s, err := schema.System(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What goes wrong with the soil program where a feature is missing or done wrong: the property that breaks first, and
// the length of the shortest run, which is replayed on the naive semantics.
func TestShortestRunsOfBrokenPlans(t *testing.T) {
	for _, c := range []struct {
		name     string
		on, off  []string
		property string
		k, steps int
	}{
		{"no callee epoch", nil, []string{schema.CalleeEpoch}, "at_most_once", 1, 5},
		{"no unknown", nil, []string{schema.OutcomeUnknown}, "honest_outcome", 0, 7},
		{"volatile caller epoch", []string{"volatile caller epoch"}, []string{schema.CallerChallenge}, "own_answer", 1, 5},
		{"no answer matching", nil, []string{schema.AnswerMatching}, "own_answer", 0, 7},
		{"any epoch", []string{"any epoch"}, []string{schema.ChallengeEcho}, "no_spurious_restart", 0, 6},
		{"no duplicate suppression", nil, []string{schema.DupSuppression}, "at_most_once", 1, 8},
		{"no restart outcome", nil, []string{schema.OutcomeRestart}, "at_most_once", 1, 9},
		{"random caller epoch", []string{"random caller epoch"}, []string{schema.CallerChallenge}, "at_most_once", 1, 9},
		{"intent after start", []string{"intent after start"}, []string{schema.IntentRecord, schema.CalleeEpoch}, "at_most_once", 0, 5},
	} {
		m, err := NewModel(soil(t, c.k, c.on, c.off))
		if err != nil {
			t.Fatal(err)
		}
		run, err := m.ShortestRun(c.property, Options{MaxStates: 200_000})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		last := run.Steps[len(run.Steps)-1]
		if len(run.Steps) != c.steps || last.Bad != c.property {
			t.Errorf("%s: %d steps to %q, want %d to %s", c.name, len(run.Steps), last.Bad, c.steps, c.property)
		}
		for i, s := range run.Steps[:len(run.Steps)-1] {
			if s.Bad == c.property {
				t.Errorf("%s: broken in step %d already", c.name, i+1)
			}
		}
	}
}

// Datagrams that are ignored for ever make no run longer or shorter.
func TestBuriedDatagramsDoNotMatter(t *testing.T) {
	for _, c := range []struct {
		on, off  []string
		property string
	}{
		{nil, []string{schema.CalleeEpoch}, "at_most_once"},
		{nil, []string{schema.OutcomeUnknown}, "honest_outcome"},
		{[]string{"volatile caller epoch"}, []string{schema.CallerChallenge}, "own_answer"},
		{[]string{"any epoch"}, []string{schema.ChallengeEcho}, "no_spurious_restart"},
	} {
		m, err := NewModel(soil(t, 1, c.on, c.off))
		if err != nil {
			t.Fatal(err)
		}
		var length, states [2]int
		for i, bury := range []bool{false, true} {
			x := m.newExact(Options{MaxStates: 100_000}, 2)
			if bury {
				x.dead = m.newBlock(x.opt)
			}
			x.want = func(p string) bool { return p == c.property }
			r := x.run()
			length[i], states[i] = len(r.path), r.states
		}
		if length[0] == 0 || length[0] != length[1] || states[1] > states[0] {
			t.Errorf("%v %v: %d steps and %d states, without them %d and %d", c.on, c.off, length[0], states[0], length[1], states[1])
		}
	}
}
