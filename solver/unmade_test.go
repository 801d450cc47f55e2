package solver

import (
	"slices"
	"strings"
	"testing"

	"sprocketc/diag"
	"sprocketc/schema"
)

const fenced = `protocol valve
peer gateway { emit go }
peer probe   { emit c; crashes; entropy 32 bits }
channel radio { between gateway and probe; loses 20%; repeats; reorders within 2 }
interface Field from gateway to probe on radio {
    call schedule(every u16) { idempotent }
}
`

// lawless takes a rule away, for the time of a test: that random epochs of a callee, which have no order, need the echo.
func lawless(t *testing.T) *schema.Declaration {
	t.Helper()
	was := schema.Declarations
	schema.Declarations = slices.Clone(was)
	t.Cleanup(func() { schema.Declarations = was })
	d := schema.Declare(schema.CalleeEpoch)
	d.Needs = slices.DeleteFunc(slices.Clone(d.Needs), func(n schema.Need) bool { return n.Feature == schema.ChallengeEcho })
	return d
}

// Where the rules of the schema allow a plan whose machines cannot be composed, the plan of the whole schema is found, and the
// rule that is missing is named.
func TestUnmadePlansAreLearnt(t *testing.T) {
	p := program(t, "valve", fenced)
	whole, found := Solve(p)
	if whole == nil || len(found) > 0 {
		t.Fatal(render(found))
	}
	lawless(t)
	plan, found := Solve(p)
	if plan == nil || chosenOf(plan) != chosenOf(whole) {
		t.Fatalf("another plan:\n%s", render(found))
	}
	if len(found) != 1 || found[0].Code != "schema-defect" || found[0].Severity != diag.Warning || !strings.Contains(found[0].Message, schema.ChallengeEcho) {
		t.Errorf("it is not said, or another is:\n%s", render(found))
	}
	t.Log(render(found))
	next, err := Next(p, []Combination{{Literals: []Literal{{Feature: schema.Retransmission, Absent: true}}}})
	if err != nil || next == nil || chosenOf(next) != chosenOf(whole) {
		t.Errorf("%v: the next plan is none, or another", err)
	}
}

// Where no plan is left, it is a failure of the compiler, and not a contradiction in the program.
func TestNoPlanComposes(t *testing.T) {
	d := lawless(t)
	d.Needs = nil
	echo := schema.Declare(schema.ChallengeEcho)
	echo.Ways = []schema.Way{{Forbids: [][]schema.Fact{{schema.AnyCall}}}}
	plan, found := Solve(program(t, "valve", fenced))
	if plan != nil || len(found) != 1 || found[0].Code != "internal" || found[0].Severity == diag.Warning {
		t.Errorf("%v\n%s", plan, render(found))
	}
	t.Log(render(found))
}
