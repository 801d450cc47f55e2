package solver

import (
	"fmt"
	"strings"
	"testing"

	"sprocketc/schema"
)

// forced is the soil program with overrides.
func forced(t *testing.T, overrides string) string {
	t.Helper()
	source := example(t, "soil")
	at := strings.LastIndex(source, "}")
	return source[:at] + "    force { " + overrides + " }\n}\n"
}

func TestForce(t *testing.T) {
	for _, f := range schema.Features {
		p := plan(t, "soil", forced(t, f.Name+" off"))
		if p.Has(f.Name) || len(p.Forced) != 1 || p.Forced[0].Feature != f.Name {
			t.Errorf("%s is there although it is forced off", f.Name)
		}
		for _, name := range p.NotNeeded {
			if name == f.Name {
				t.Errorf("%s is called not needed", name)
			}
		}
	}
	for _, v := range schema.Variants {
		if v.Name == schema.EpochOfCaller { // of windows, which soil's calls have none of: corpus/broken/renewed
			continue
		}
		p := plan(t, "soil", forced(t, v.Name+" on"))
		if tags := schema.Tags(p); !tags[v.Name] && v.Name != schema.AnyEpoch {
			t.Errorf("%s is not composed", v.Name)
		}
		if v.Name == schema.AnyEpoch && p.Has(schema.ChallengeEcho) {
			t.Errorf("%s is without effect", v.Name)
		}
		if v.Name == schema.IntentAfterStart && !p.Has(schema.IntentRecord) {
			t.Errorf("%s without a record", v.Name)
		}
	}
	for _, width := range []int{1, 3, 16, 17, 32} {
		for _, name := range []string{"number", schema.CallNumber} {
			p := plan(t, "soil", forced(t, fmt.Sprintf("%s width %d", name, width)))
			if p.Widths["num"] != width || p.Wraps != map[int]int{1: 2, 3: 8, 16: 65536}[width] || p.Wire[0].Fields[2].Bits != width {
				t.Errorf("%s width %d: %+v", name, width, p.Wire[0])
			}
		}
	}
	if p := plan(t, "soil", forced(t, "callee epoch width 9; caller epoch width 5")); p.Widths["kepoch"] != 9 || p.Widths["cepoch"] != 5 {
		t.Errorf("%v", p.Widths)
	}
	for width, sum := range map[int]int{8: 1, 16: 2, 32: 4} {
		p := plan(t, "soil", forced(t, fmt.Sprintf("checksum width %d", width)))
		for _, w := range p.Wire {
			if w.Sum != sum {
				t.Errorf("checksum of %d bits: %+v", width, w)
			}
		}
	}
	if p := plan(t, "soil", forced(t, "intent record on")); !p.Has(schema.IntentRecord) || !p.Has(schema.CalleeEpoch) {
		t.Error("an intent record that is forced replaces the epoch that schedule needs")
	}
	// A forced plan goes to the checker, which shows the run: not even a theorem holds it up.
	source := strings.Replace(example(t, "impossible/amnesia"), "effect }\n}", "effect }\nforce { %s }\n}", 1)
	for override, want := range map[string]string{"volatile callee epoch on": "volatile", "callee epoch off; intent record off": ""} {
		p, found := Solve(program(t, "amnesia", strings.Replace(source, "%s", override, 1)))
		if p == nil {
			t.Errorf("%s: %s", override, render(found))
			continue
		}
		if sourceOf(p, schema.CalleeEpoch) != want {
			t.Errorf("%s: %s", override, text(t, p))
		}
	}
}
