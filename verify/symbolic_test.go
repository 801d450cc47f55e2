package verify

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// Known figures by every engine.
func TestEnginesOnKnownModels(t *testing.T) {
	for _, c := range []struct {
		name, text string
		states     int
	}{
		{"alternating bit", modelText(t, "lamport_alternating_bit"), 240},
		{"correctness", modelText(t, "lamport_ab_correctness"), 20},
		{"ping-pong", modelText(t, "pingpong"), 4094},
		{"ping-pong, reliable", strings.ReplaceAll(modelText(t, "pingpong"), " loses repeats", ""), 11},
		{"selective repeat", selectiveRepeat(t, 1, 1, 1), 164},
		{"selective repeat of 2", selectiveRepeat(t, 2, 2, 2), 64_100},
	} {
		for _, engine := range Engines() {
			r := check(t, c.text, Options{Engine: engine})
			if r.Verdict != Holds || r.States != c.states || r.Sets != (engine == Symbolic) {
				t.Errorf("%s, %s: %s, %d states, %s; want %d", c.name, engine, r.Verdict, r.States, r.Why, c.states)
			}
		}
	}
}

// The symbolic engine tells of its progress, by saturation and by layers.
func TestSymbolicProgress(t *testing.T) {
	for name, text := range map[string]string{"by saturation": selectiveRepeat(t, 2, 2, 2), "by layers": composed(t, planFor(0, nil)).String()} {
		var told []Progress
		r := check(t, text, Options{Engine: Symbolic, Channels: "fifo:2", MaxStates: 20_000, Progress: func(p Progress) { told = append(told, p) }})
		if len(told) == 0 || told[0].Nodes == 0 || told[0].Memory == 0 || told[0].States > r.States {
			t.Errorf("%s: %+v of %d states", name, told, r.States)
		}
	}
}

// A call at a time whose modulus is one too small breaks in 4(k+1) steps, by either engine.
func TestEnginesFindRunsOfOneLength(t *testing.T) {
	for k := range 3 {
		text := stopAndWait(t, k+1, k)
		lengths := map[string]int{}
		for _, engine := range []string{Explicit, Symbolic, Both} {
			broken := 0
			for _, p := range check(t, text, Options{Engine: engine, Channels: "fifo:2"}).Properties {
				if p.Verdict != Violated {
					continue
				}
				broken++
				if p.Run == nil {
					t.Errorf("k=%d, %s: no run for %s", k, engine, p.Name)
				} else if n := len(p.Run.Steps); lengths[p.Name] == 0 {
					lengths[p.Name] = n
				} else if n != lengths[p.Name] {
					t.Errorf("k=%d, %s: %s after %d steps, by another engine %d", k, engine, p.Name, n, lengths[p.Name])
				}
			}
			if broken != len(lengths) || lengths["at_most_once"] != 4*(k+1) {
				t.Errorf("k=%d, %s: %d broken of %v; want at_most_once after %d steps", k, engine, broken, lengths, 4*(k+1))
			}
		}
	}
}

// A limit leaves the verdict open, in every engine.
func TestSymbolicLimits(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, text := range map[string]string{"apart": selectiveRepeat(t, 2, 3, 2), "together": composed(t, planFor(0, nil)).String()} {
		for limit, o := range map[string]Options{
			"states": {MaxStates: 1000},
			"memory": {MaxMemory: 1 << 20},
			"time":   {Context: gone},
		} {
			for _, engine := range []string{Symbolic, Both} {
				o.Engine, o.Channels = engine, "fifo:2"
				if r := check(t, text, o); r.Verdict != Undecided || r.Why == "" {
					t.Errorf("%s, %s, %s: %s %q", name, limit, engine, r.Verdict, r.Why)
				}
			}
		}
	}
}

// What grows large goes to the symbolic engine by itself.
func TestAutoEngine(t *testing.T) {
	defer func(n int) { autoStates = n }(autoStates)
	autoStates = 1000
	if r := check(t, selectiveRepeat(t, 2, 2, 2), Options{Engine: Auto}); r.Engine != engineSymbolic || r.States != 64_100 {
		t.Errorf("%s, %d states", r.Engine, r.States)
	}
	if r := check(t, selectiveRepeat(t, 1, 1, 1), Options{Engine: Auto}); r.Engine != engineExact || r.States != 164 {
		t.Errorf("%s, %d states", r.Engine, r.States)
	}
}

// Results that differ are an error, and those of a search that was stopped are not compared.
func TestDisagreement(t *testing.T) {
	e := exactResult{states: 10}
	for _, c := range []struct {
		s    exactResult
		what string
	}{
		{exactResult{states: 10}, ""},
		{exactResult{states: 11}, "10 states"},
		{exactResult{states: 10, property: "serial"}, "symbolic one serial"},
		{exactResult{states: 10, limit: "full"}, "full"},
		{exactResult{states: 3, limit: "memory", stopped: true}, ""},
	} {
		err := compare(e, c.s)
		var d *Disagreement
		if (err != nil) != (c.what != "") || err != nil && (!errors.As(err, &d) || !strings.Contains(err.Error(), c.what)) {
			t.Errorf("%+v: %v, want %q", c.s, err, c.what)
		}
	}
}

// On channels that keep the order the symbolic engine takes few bytes a state: pinned, so that a change of the order of
// levels, of the diagram or of the order of steps shows.
func TestDiagramSizes(t *testing.T) {
	for _, c := range []struct{ w, c, e, nodes, edges, made int }{{2, 2, 2, 486, 4755, 11842}, {2, 3, 2, 1002, 8610, 21917}} {
		p := newModel(t, selectiveRepeat(t, c.w, c.c, c.e)).newParts(0, false)
		s := p.newSaturation(p.orderOf(), true, Options{}, anyProperty)
		if nodes, edges := s.Size(s.run()); nodes != c.nodes || edges != c.edges || s.Made != c.made {
			t.Errorf("%v: %d nodes, %d edges, %d nodes made", c, nodes, edges, s.Made)
		}
	}
}
