package solver

import (
	"bytes"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"sprocketc/ir"
	"sprocketc/schema"
)

// The alternatives of random programs are those that a search finds without the schema's rules, in the same order.
func TestAlternativesAgreeWithBruteForce(t *testing.T) {
	r := rand.New(rand.NewSource(17))
	const most = 7
	lists, longest := 0, 0
	for range 90 {
		text := optimising(r, randomProgram(r))
		p, found := lower("random.sprocket", text)
		if p == nil {
			t.Fatal(render(found))
		}
		if len(p.Interfaces[0].Force) > 0 {
			continue
		}
		best, _ := Solve(p)
		if best == nil {
			continue
		}
		got, err := Alternatives(best, most)
		if err != nil {
			t.Fatal(err)
		}
		all := everyPlan(t, p, ir.Objectives)
		slices.SortFunc(all, func(a, b candidate) int {
			if x, y := a.plan.Has(schema.QuietStart), b.plan.Has(schema.QuietStart); x != y {
				if x {
					return 1
				}
				return -1
			}
			return a.cost.compare(b.cost)
		})
		q := newProblem(p, settings{}, time.Time{})
		seen := []string{chosenOf(best)}
		for _, x := range all {
			q.explain(x.plan)
			if text := chosenOf(x.plan); !slices.Contains(seen, text) {
				seen = append(seen, text)
			}
		}
		want := seen[1:min(len(seen), most+1)]
		if len(got) != len(want) {
			t.Fatalf("%d alternatives, by search %d\n%s", len(got), len(want), text)
		}
		for i := range got {
			if chosenOf(got[i]) != want[i] {
				t.Errorf("alternative %d is\n%s\nby search\n%s\n%s", i, chosenOf(got[i]), want[i], text)
			}
		}
		lists++
		longest = max(longest, len(got))
		var b bytes.Buffer
		if err := PrintAlternatives(&b, best, got, false); err != nil || strings.Count(b.String(), "\n") <= len(got) {
			t.Errorf("%v\n%s", err, b.String())
		}
	}
	if lists < 10 || longest < most {
		t.Errorf("%d lists, the longest of %d", lists, longest)
	}
}

// What an alternative costs more is the difference of what the two cost.
func TestDifferencesAreTrue(t *testing.T) {
	p, _ := Solve(program(t, "soil", example(t, "soil")))
	found, err := Alternatives(p, 5)
	if err != nil || len(found) != 5 {
		t.Fatal(len(found), err)
	}
	a := JSONWith(p, found)
	for i, x := range a.Alternatives {
		bytes := 0.0
		for call, n := range x.Costs.BytesPerCall {
			bytes += n - a.Costs.BytesPerCall[call]
		}
		if d := bytes - x.Difference.Bytes; d < -0.002 || d > 0.002 || x.Difference.RAM["probe"] != x.Costs.RAM["probe"]-a.Costs.RAM["probe"] {
			t.Errorf("%d: %+v", i, x.Difference)
		}
		if i > 0 && x.Difference.Bytes < a.Alternatives[i-1].Difference.Bytes-0.01 {
			t.Errorf("%d costs %v, and the one before more", i, x.Difference.Bytes)
		}
		if x.Difference.Bytes < 0 || len(x.Has)+len(x.HasNot) == 0 {
			t.Errorf("%d: %+v", i, x)
		}
	}
}
