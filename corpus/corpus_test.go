package corpus

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sprocketc/compile"
	"sprocketc/diag"
	"sprocketc/solver"
	"sprocketc/verify"
)

// update tells that golden files are to be rewritten; a test whose file was rewritten fails all the same.
var update = os.Getenv("SPROCKET_UPDATE") == "1"

func golden(t *testing.T, name, got string) {
	t.Helper()
	want, err := os.ReadFile(name)
	if err == nil && string(want) == got {
		return
	}
	if update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s was rewritten", name)
		return
	}
	t.Errorf("%s differs (SPROCKET_UPDATE=1 rewrites it):\n%s", name, cmp.Diff(string(want), got))
}

// programs of a folder, by name.
func programs(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.sprocket"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no programs: %v", folder, err)
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".sprocket"))
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// verified are results of checked without options, which several tests look at.
var verified = map[string]func() (*compile.Result, error){}

// checked takes a program through the pipeline as `sprocketc verify` does, and gives its exit status too. What it gave for
// the same text without limits it gives again.
func checked(t *testing.T, name, text string, o compile.Options) (*compile.Result, int) {
	t.Helper()
	once := verified[name+text]
	if once == nil || o.Search.MaxStates > 0 {
		once = sync.OnceValues(func() (*compile.Result, error) {
			return compile.Run(context.Background(), &diag.File{Name: name, Text: []byte(text)}, compile.Verify, o)
		})
		if o.Search.MaxStates == 0 {
			verified[name+text] = once
		}
	}
	r, err := once()
	var defect *compile.Defect
	if errors.As(err, &defect) {
		t.Fatalf("%s: %v\n%s", name, err, defect.Stack)
	}
	if r.Report == nil {
		var b bytes.Buffer
		diag.Render(&b, r.Diagnostics, diag.Options{})
		t.Fatalf("%s: %v\n%s", name, err, b.String())
	}
	return r, compile.Status(err)
}

var (
	figures = regexp.MustCompile(`(?m)^( {13}[\d,]+ states?, [\d,]+ transitions?, depth [\d,]+), .*, ([a-z ]+ words)$`)
	covered = regexp.MustCompile(`(?m)^ {13}[\d,]+ states?, .*\n`)
	limit   = regexp.MustCompile(`(?m)^because .*\n( {13}.*\n)*`)
)

// said is what `sprocketc verify` says, without times and bytes.
func said(t *testing.T, r *compile.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := compile.PrintVerdict(&b, r, compile.Style{}); err != nil {
		t.Fatal(err)
	}
	if n := len(figures.FindAllString(b.String(), -1)); n != 1 {
		t.Fatalf("%d lines of figures in\n%s", n, b.String())
	}
	return figures.ReplaceAllString(b.String(), "$1, $2")
}

// broken are the programs of broken/: the property that is to break, and the length of the shortest run; 0 where the
// property is one of progress that no finite run breaks.
var broken = []struct {
	name, property string
	steps          int
}{
	{"altered", "own_answer", 6},
	{"amnesic_callee", "at_most_once", 5},
	{"amnesic_caller", "own_answer", 5},
	{"burnt_twice", "at_most_once", 6},
	{"credulous", "no_spurious_restart", 6},
	{"dishonest", "honest_outcome", 7},
	{"early", "delivered", 7},
	{"forgetful_gateway", "own_answer", 5},
	{"forgotten", "no_stale", 6},
	{"half_open", "at_most_once", 6},
	{"hasty", "at_most_once", 3},
	{"late_intent", "at_most_once", 5},
	{"mismatched", "own_answer", 9},
	{"mute", "useful", 8},
	{"overlapping", "serial", 9},
	{"random_epoch", "no_stale", 9},
	{"rebooted_twice", "at_most_once", 5},
	{"renewed", "at_most_once", 11},
	{"retried", "at_most_once", 9},
	{"reused", "at_most_once", 16},
	{"silent", "delivered", 1},
	{"silent_paced", "delivered", 4},
	{"torn", "at_most_once", 5},
	{"twice", "at_most_once", 8},
	{"uncommitted", "exactly_once", 7},
	{"volatile_callee", "at_most_once", 7},
	{"wrapped", "own_answer", 12},
}

// How far the search of a broken program went beyond the first violation says nothing about the program, and is left
// out of the golden file.
func TestBroken(t *testing.T) {
	var names []string
	for _, c := range broken {
		names = append(names, c.name)
	}
	if found := programs(t, "broken"); !slices.Equal(found, names) {
		t.Errorf("broken/ has %q", found)
	}
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join("broken", c.name)
			r, status := checked(t, c.name+".sprocket", read(t, file+".sprocket"), compile.Options{})
			golden(t, file+".verdict.txt", limit.ReplaceAllString(covered.ReplaceAllString(said(t, r), ""), ""))
			if status != compile.StatusViolated {
				t.Errorf("exit status %d", status)
			}
			at := slices.IndexFunc(r.Report.Properties, func(p verify.Property) bool { return p.Name == c.property })
			if at < 0 || r.Report.Properties[at].Verdict != verify.Violated {
				t.Fatalf("%s is not violated", c.property)
			}
			run := r.Report.Properties[at].Run
			switch {
			case run == nil && c.steps > 0:
				t.Errorf("%s has no run", c.property)
			case run != nil && len(run.Steps) != c.steps:
				t.Errorf("%s: %d steps, not %d", c.property, len(run.Steps), c.steps)
			}
		})
	}
}

var (
	forceClause = regexp.MustCompile(`(?m)\n *force \{[^}]*\}\n`)
	comments    = regexp.MustCompile(`(?m)^ *//.*\n`)
)

// Without the force each broken program holds.
func TestRepaired(t *testing.T) {
	held := map[string]bool{} // programs that differ in their comments only are one
	for _, name := range programs(t, "broken") {
		text := read(t, filepath.Join("broken", name+".sprocket"))
		repaired := forceClause.ReplaceAllString(text, "")
		if repaired == text {
			t.Errorf("%s forces nothing", name)
		}
		repaired = comments.ReplaceAllString(repaired, "")
		if held[repaired] {
			continue
		}
		held[repaired] = true
		t.Run(name, func(t *testing.T) {
			if r, status := checked(t, name+".sprocket", repaired, compile.Options{}); status != compile.StatusHolds {
				t.Errorf("exit status %d:\n%s", status, said(t, r))
			}
		})
	}
}

// What broken/random_epoch says of itself: it breaks where two datagrams may be overtaken, and not where one may.
func TestOvertakingMatters(t *testing.T) {
	text := read(t, filepath.Join("broken", "random_epoch.sprocket"))
	narrow := strings.Replace(text, "reorders within 2", "reorders within 1", 1)
	if narrow == text {
		t.Fatal("the program does not reorder within 2")
	}
	if r, status := checked(t, "random_epoch.sprocket", narrow, compile.Options{}); status != compile.StatusHolds {
		t.Errorf("exit status %d:\n%s", status, said(t, r))
	}
}

// undecided are the accepted programs that a search does not come to the end of, with the states after which it is ended.
var undecided = map[string]int{}

func TestAccepted(t *testing.T) {
	for _, name := range programs(t, "accepted") {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("accepted", name)
			accepted(t, file, read(t, file+".sprocket"), undecided[name])
		})
	}
}

// The example with everything, over a radio that overtakes within 4.
func TestSoil(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	accepted(t, filepath.Join("accepted", "soil"), read(t, filepath.Join("examples", "soil.sprocket")), 0)
}

// The example with four calls outstanding, whose proof takes minutes: of it only the plan is held where not all is wanted.
func TestInorder(t *testing.T) {
	file, text := filepath.Join("accepted", "inorder"), read(t, filepath.Join("examples", "inorder.sprocket"))
	if os.Getenv("SPROCKET_ALL") != "" {
		accepted(t, file, text, 0)
		return
	}
	r, err := compile.Run(context.Background(), &diag.File{Name: "inorder.sprocket", Text: []byte(text)}, compile.Compose, compile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var plan bytes.Buffer
	if err := solver.Print(&plan, r.Plan, false); err != nil {
		t.Fatal(err)
	}
	golden(t, file+".plan.txt", plan.String())
}

func accepted(t *testing.T, file, text string, most int) {
	t.Helper()
	name := filepath.Base(file)
	r, status := checked(t, name+".sprocket", text, compile.Options{Search: verify.Options{MaxStates: most}})
	var plan bytes.Buffer
	if err := solver.Print(&plan, r.Plan, false); err != nil {
		t.Fatal(err)
	}
	golden(t, file+".plan.txt", plan.String())
	golden(t, file+".verdict.txt", said(t, r))
	want := compile.StatusHolds
	if most > 0 {
		want = compile.StatusUndecided
	}
	if status != want {
		t.Errorf("exit status %d:\n%s", status, said(t, r))
	}
}

// laborious are programs whose witnesses take from ten seconds to some minutes to find: they are sought where all is wanted.
// Otherwise the table that is there has to have a row for each feature of the plan.
var laborious = []string{"asked_after_restart", "asserted", "burn", "drawn_callee", "kept", "lossless", "minted", "moves", "reboot", "recorded", "settings", "sleepy", "soil", "steady_callee", "steady_caller",
	"unordered"}

// Every feature of a plan has a property that breaks without it, or a figure, that says what it is for.
func TestExplained(t *testing.T) {
	for _, name := range append(programs(t, "accepted"), "soil") {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("accepted", name)
			folder := "accepted"
			if name == "soil" {
				folder = "examples"
			}
			text := read(t, filepath.Join(folder, name+".sprocket"))
			if slices.Contains(laborious, name) && os.Getenv("SPROCKET_ALL") == "" {
				hasRows(t, file, text)
				return
			}
			explained(t, file, text)
		})
	}
}

var rows = regexp.MustCompile(`(?m)^  ([a-z][a-z ]*?)  .*$`)

// hasRows holds a table to have a row for each feature of the plan, and no other.
func hasRows(t *testing.T, file, text string) {
	t.Helper()
	r, err := compile.Run(context.Background(), &diag.File{Name: filepath.Base(file) + ".sprocket", Text: []byte(text)}, compile.Compose, compile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, got := []string{"feature"}, []string(nil)
	for _, f := range r.Plan.Features {
		want = append(want, f.Name)
	}
	for _, m := range rows.FindAllStringSubmatch(read(t, file+".explain.txt"), -1) {
		got = append(got, m[1])
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s has rows for %q, and the plan has %q: SPROCKET_ALL=1 SPROCKET_UPDATE=1 go test ./corpus -run TestExplained", file, got, want)
	}
}

func explained(t *testing.T, file, text string) {
	t.Helper()
	name := filepath.Base(file)
	r, err := compile.Run(context.Background(), &diag.File{Name: name + ".sprocket", Text: []byte(text)}, compile.Compose, compile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := compile.Explain(context.Background(), r, "", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := x.Print(&b, false); err != nil {
		t.Fatal(err)
	}
	golden(t, file+".explain.txt", b.String())
	for _, f := range x.JSON().Features {
		if kind := f.Witness.Kind; kind != "property" && kind != "figure" {
			t.Errorf("%s: %q instead of a witness; %s", f.Name, kind, f.Witness.Why)
		}
	}
}

// models of models/, those that are wrong each followed by its repair: most have a run that never ends, a stem of so many
// steps and a loop; one that ends, which is a loop of no step (-1), has one step less.
var models = []struct {
	name, property string // "": it holds
	stem, loop     int
}{
	{"sent_once", "delivered", 1, 0},
	{"sent_again", "", 0, 0},
	{"stale_memo", "fresh", 4, 1},
	{"fresh_memo", "", 0, 0},
	{"half_open", "recovers", 3, 0},
	{"reset_open", "", 0, 0},
	{"fair_loss", "", 0, 0},
	{"hasty_start", "at_most_once", -1, 7},
	{"quiet_start", "", 0, 0},
	{"window", "", 0, 0},
	{"pieces_early", "intact", -1, 7},
	{"pieces", "", 0, 0},
}

func TestModels(t *testing.T) {
	for _, c := range models {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join("models", c.name)
			r, status := checked(t, c.name+".fsm", read(t, file+".fsm"), compile.Options{})
			golden(t, file+".verdict.txt", said(t, r))
			want := compile.StatusHolds
			if c.property != "" {
				want = compile.StatusViolated
			}
			if status != want {
				t.Errorf("exit status %d", status)
			}
			for _, p := range r.Report.Properties {
				switch {
				case p.Verdict == verify.Violated && p.Name != c.property:
					t.Errorf("%s is violated", p.Name)
				case p.Name == c.property && (p.Run == nil || p.Run.Loop != c.stem || len(p.Run.Steps) != c.stem+c.loop):
					t.Errorf("the run of %s is another: %+v", p.Name, p.Run)
				}
			}
		})
	}
}

// No golden file stands without its program.
func TestNothingIsLeftOver(t *testing.T) {
	for _, folder := range []string{"broken", "accepted"} {
		names := append(programs(t, folder), "soil", "inorder")
		files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name, _, _ := strings.Cut(filepath.Base(f), ".")
			if !slices.Contains(names, name) {
				t.Errorf("%s has no program", f)
			}
		}
	}
}
