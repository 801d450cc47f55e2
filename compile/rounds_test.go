package compile

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"sprocketc/diag"
	"sprocketc/schema"
	"sprocketc/verify"
)

const valve = `protocol valve
peer gateway { emit go%s }
peer probe   { emit c; crashes; stable 64B }
channel radio { between gateway and probe; loses 20%%; repeats; reorders within 2 }
interface Field from gateway to probe on radio {
%s
}
`

// declared changes a copy of a feature's declaration, for the time of a test.
func declared(t *testing.T, name string, change func(*schema.Declaration)) {
	t.Helper()
	was := schema.Declarations
	schema.Declarations = slices.Clone(was)
	t.Cleanup(func() { schema.Declarations = was })
	d := schema.Declare(name)
	change(d)
}

// noGoal takes a rule away: that a goal is raised.
func noGoal(t *testing.T, name string) {
	t.Helper()
	was := schema.Goals
	schema.Goals = slices.DeleteFunc(slices.Clone(was), func(g schema.Goal) bool { return g.Name == name })
	t.Cleanup(func() { schema.Goals = was })
	if len(schema.Goals) != len(was)-1 {
		t.Fatalf("no goal %q", name)
	}
}

// noNeed takes a rule away: that a feature needs another.
func noNeed(feature, of string) func(*testing.T) {
	return func(t *testing.T) {
		declared(t, of, func(d *schema.Declaration) {
			n := len(d.Needs)
			d.Needs = slices.DeleteFunc(slices.Clone(d.Needs), func(n schema.Need) bool { return n.Feature == feature })
			if len(d.Needs) == n {
				t.Fatalf("%s does not need %s", of, feature)
			}
		})
	}
}

// Where a rule of the schema is missing, the checker breaks the plan, the loop finds the plan that the whole schema has, and
// the rule that is missing is named.
func TestMissingRules(t *testing.T) {
	const water, schedule = "call water(litres u8) u8 { effect }", "call schedule(every u16) { idempotent }"
	for _, c := range []struct {
		name      string
		gateway   string
		calls     string
		remove    func(*testing.T)
		broken    string // by the first plan
		has       string // the feature that the missing rule would have brought
		otherwise string // what the rule lists beside it
	}{
		{"fence of effects", "", water, func(t *testing.T) { noGoal(t, "effects fenced") }, "at_most_once", schema.IntentRecord, schema.CalleeEpoch},
		{"fence of late runs", "", schedule, func(t *testing.T) { noGoal(t, "late runs fenced") }, "no_stale", schema.CalleeEpoch, ""},
		{"suppression", "", schedule + "\n" + water, func(t *testing.T) { noGoal(t, "runs once") }, "at_most_once", schema.DupSuppression, ""},
		{"identities of a caller", "; crashes; stable 64B", "call sample() u16 { pure }", func(t *testing.T) { noGoal(t, "new identities") }, "own_answer", schema.CallerEpoch, ""},
		{"honesty", "", water, func(t *testing.T) { noGoal(t, "honest") }, "honest_outcome", schema.OutcomeUnknown, ""},
		{"slots of a record", "", water, noNeed(schema.TwoSlots, schema.IntentRecord), "at_most_once", schema.TwoSlots, ""},
		{"answers kept", "", water, noNeed(schema.ReplyCache, schema.DupSuppression), "useful", schema.ReplyCache, ""},
		{"records beside calls that are not recorded", "", water + "\ncall schedule(every u16) { idempotent; commutes }", func(t *testing.T) {
			declared(t, schema.IntentRecord, func(d *schema.Declaration) {
				d.Ways = slices.Clone(d.Ways)
				d.Ways[0].Forbids = nil
			})
		}, "", schema.CalleeEpoch, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(strings.Replace(strings.Replace(valve, "%s", c.gateway, 1), "%s", c.calls, 1), "%%", "%", 1)
			file := &diag.File{Name: "valve.sprocket", Text: []byte(text)}
			whole, err := Run(context.Background(), file, Verify, Options{})
			if err != nil || len(whole.Rounds) > 0 {
				t.Fatalf("with every rule: %v, %d rounds", err, len(whole.Rounds))
			}
			c.remove(t)
			r, err := Run(context.Background(), file, Verify, Options{})
			if r.Report == nil {
				t.Fatal(err, r.Diagnostics)
			}
			var b bytes.Buffer
			if err := PrintStory(&b, r, Style{}); err != nil {
				t.Fatal(err)
			}
			t.Log(b.String())
			if err != nil || r.Report.Verdict != verify.Holds || len(r.Rounds) < 2 {
				t.Fatalf("%v, %s, %d rounds", err, r.Report.Verdict, len(r.Rounds))
			}
			if !slices.ContainsFunc(r.Rounds[0].Broken(r), func(p verify.Property) bool {
				return p.Run != nil && (p.Name == c.broken || c.broken == "")
			}) {
				t.Errorf("the first plan does not break %s", c.broken)
			}
			if r.Rounds[0].Plan.Has(c.has) || !r.Plan.Has(c.has) {
				t.Errorf("%s is not what was missing", c.has)
			}
			if got, want := r.System.String(), whole.System.String(); got != want {
				t.Errorf("the loop found other machines than the whole schema: %s, not %s", strings.Join(Round{Plan: r.Plan}.features(), ", "),
					strings.Join(Round{Plan: whole.Plan}.features(), ", "))
			}
			for _, want := range []string{c.has, c.otherwise} {
				if rule := r.Rounds[0].Learnt.Rule(); !strings.Contains(rule, want) {
					t.Errorf("%q does not name %q", rule, want)
				}
			}
			b.Reset()
			if err := PrintVerdict(&b, r, Style{}); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"the schema allows a plan in which this breaks", "a rule is missing", "please report"} {
				if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), want) {
					t.Errorf("no %q in\n%s", want, b.String())
				}
			}
			if v := VerdictJSON(r); !v.Defect || len(v.Rounds) != len(r.Rounds) || len(v.Rounds[0].Broken[0].Run) == 0 || v.Rounds[0].Rule == "" {
				t.Errorf("the answer for programs lacks the defect")
			}
		})
	}
}

// Where no plan is left that holds, the verdict is that of the first: violated, with its run, and a defect.
func TestNoPlanIsLeft(t *testing.T) {
	declared(t, schema.AskingFirst, func(d *schema.Declaration) { d.Ways = nil })
	text := strings.Replace(strings.Replace(valve, "%s", "", 1), "%s", "call water(litres u8) u8 { effect }", 1)
	text = strings.Replace(text, "; stable 64B", "", 1)
	r, err := Run(context.Background(), &diag.File{Name: "valve.sprocket", Text: []byte(strings.Replace(text, "%%", "%", 1))}, Verify, Options{})
	if Status(err) != StatusViolated || r.Report == nil || r.Report.Verdict != verify.Violated || r.Report != r.Rounds[0].Report {
		t.Fatalf("%v", err)
	}
	var b bytes.Buffer
	if err := PrintStory(&b, r, Style{}); err != nil {
		t.Fatal(err)
	}
	t.Log(b.String())
	if l := r.Rounds[len(r.Rounds)-1].Learnt; l == nil || len(l.Literals) > 0 || !strings.Contains(b.String(), "by which the program is refused") {
		t.Errorf("learnt: %v", l)
	}
	b.Reset()
	if err := PrintVerdict(&b, r, Style{}); err != nil || !strings.Contains(b.String(), "defect       the plan is the compiler's own") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// A plan that is not decided is never taken as fine: the loop passes it over, and ends with the first verdict.
func TestUndecidedIsNotFine(t *testing.T) {
	noGoal(t, "new identities")
	text := strings.Replace(strings.Replace(valve, "%s", "; crashes; stable 64B", 1), "%s", "call sample() u16 { pure }", 1)
	file := &diag.File{Name: "valve.sprocket", Text: []byte(strings.Replace(text, "%%", "%", 1))}
	r, err := Run(context.Background(), file, Verify, Options{Search: verify.Options{MaxStates: 300}})
	if Status(err) != StatusViolated || r.Report != r.Rounds[0].Report || len(r.Rounds) < 2 || len(r.Rounds) > mostRounds {
		t.Fatalf("%v, %d rounds", err, len(r.Rounds))
	}
	passed := 0
	for _, d := range r.Rounds {
		if d.Report.Verdict == verify.Undecided {
			passed++
		}
	}
	if passed == 0 {
		t.Error("no plan was undecided")
	}
}
