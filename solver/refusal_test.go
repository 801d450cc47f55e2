package solver

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/verify"
)

// tight are clauses for want of which many a random program is refused.
var tight = regexp.MustCompile(`(?m)^(unit max|ram max|within 60ms|within 100ms|from a to b).*\n`)

// vocabulary are programs over all words but force; half of them have room and time enough.
var vocabulary = rapid.Custom(func(t *rapid.T) string {
	text := randomProgram(drawn{t})
	if at := strings.Index(text, "force {"); at >= 0 {
		text = text[:at] + "}\n"
	}
	if rapid.Bool().Draw(t, "roomy") {
		text = tight.ReplaceAllStringFunc(text, func(line string) string {
			if strings.HasPrefix(line, "from") {
				return "between a and b\n"
			}
			return ""
		})
	}
	return text
})

// checkedStates bounds the search of one random plan; few are not decided by then.
const checkedStates = 15_000

// Of a random program the plan is the optimum of a search through all plans, and the checker holds it; or each contradiction
// is a smallest one, and at least one repair makes the program possible. SPROCKET_ALL=1: 200 of them.
func TestRandomVocabulary(t *testing.T) {
	programs, states := 40, checkedStates
	if os.Getenv("SPROCKET_ALL") != "" {
		programs, states = 200, 20*checkedStates
	}
	held, undecided, refused, several, repairs := 0, 0, 0, 0, 0
	for i := range programs {
		text := vocabulary.Example(i)
		p, found := lower("random.sprocket", text)
		if p == nil {
			t.Fatalf("%s\n%s", render(found), text)
		}
		plan, found := Solve(p)
		want, ok := bySearch(t, p)
		if ok != (plan != nil) {
			t.Errorf("%d: a plan: %v, by search %v\n%s\n%s", i, plan != nil, ok, render(found), text)
			continue
		}
		if plan == nil {
			refused++
			if len(found) > 1 {
				several++
			}
			repairs += checkRefusal(t, text, p, found)
			continue
		}
		if got := costOf(plan, choiceOf(plan)); got.compare(want) != 0 || !plan.Optimal {
			t.Errorf("%d: %+v (proven: %v), by search %+v\n%s", i, got, plan.Optimal, want, text)
		}
		sys, err := schema.System(plan)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		report, err := verify.Check(sys, verify.Options{MaxStates: states})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		switch report.Verdict {
		case verify.Holds:
			held++
		case verify.Undecided:
			undecided++
			t.Logf("%d: undecided: %s", i, report.Why)
			if !strings.Contains(report.Why, "the limit of") {
				t.Errorf("%d: and not for want of states\n%s", i, text)
			}
		default:
			for _, x := range report.Properties {
				if x.Verdict == verify.Violated {
					t.Errorf("%d: %s is violated: %s\n%s", i, x.Name, x.Why, text)
				}
			}
		}
	}
	t.Logf("%d hold, %d undecided; %d refused, %d of them for several reasons, %d repairs tried", held, undecided, refused, several, repairs)
	if held < programs/8 || undecided > programs/20 || refused < programs/8 || several == 0 {
		t.Error("too few, or too many, of a kind")
	}
}

// Whatever a callee says of calls that it recorded before it crashed keeps the pace too.
func TestLostCallsKeepThePace(t *testing.T) {
	p := program(t, "tank", `protocol tank
peer hub  { emit c }
peer tank { emit c; crashes; stable 24B }
channel radio { between hub and tank; repeats; delays 1ms..5ms; rate max 100B/s }
interface Tank from hub to tank on radio {
    call fill(litres u8) { effect }
}
`)
	plan, found := Solve(p)
	if plan == nil || !plan.Has(schema.IntentRecord) || !plan.Has(schema.Pacing) {
		t.Fatal(render(found))
	}
	sys, err := schema.System(plan)
	if err != nil {
		t.Fatal(err)
	}
	if report, err := verify.Check(sys, verify.Options{}); err != nil || report.Verdict != verify.Holds {
		t.Errorf("%v, %s: %s", err, report.Verdict, report.Why)
	}
}

// checkRefusal holds the contradictions of a program against searches of their own, and applies its repairs.
func checkRefusal(t *testing.T, text string, p *ir.Program, found []diag.Diagnostic) (tried int) {
	t.Helper()
	possible := 0
	for _, d := range found {
		if d.Code != "unsatisfiable" {
			t.Errorf("%s\n%s", render(found), text)
			continue
		}
		checkContradiction(t, text, p, d)
		for _, r := range d.Repairs {
			if strings.HasSuffix(r.Message, stillMore) {
				continue
			}
			tried++
			mended := apply(text, r.Edits)
			q, bad := lower("random.sprocket", mended)
			if q == nil {
				t.Errorf("%s: %s\n%s", r.Message, render(bad), mended)
				continue
			}
			if plan, bad := Solve(q); plan == nil {
				t.Errorf("after %s:\n%s\n%s", r.Message, render(bad), mended)
				continue
			}
			possible++
		}
	}
	if possible == 0 {
		t.Errorf("no repair makes it possible:\n%s\n%s", render(found), text)
	}
	return tried
}
