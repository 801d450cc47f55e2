package corpus

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/compile"
	"sprocketc/diag"
)

// plants are faults that the emitted test of random runs is to find: programs of broken/, and an edit of emitted code.
var plants = []struct {
	name, program string
	file          string // that is edited; ""
	from, to      string
}{
	{"twice", "broken/twice", "", "", ""},
	{"amnesic_callee", "broken/amnesic_callee", "", "", ""},
	{"mismatched", "broken/mismatched", "", "", ""},
	{"silent", "broken/silent", "", "", ""},
	{"edited", "accepted/recorded", "gateway_core.go", "\tif g.maybe {\n", "\tif g.maybe && g.n > 1 {\n"},
}

// fragile are programs of broken/ that do not survive it to be killed at every action.
var fragile = []string{"amnesic_caller", "late_intent", "torn", "uncommitted"}

var drawnRun = regexp.MustCompile(`(?ms)^=== RUN   TestBroken/(\w+)$.*?: the run:\n(.*?)^ *\w+\.go:\d+: (\w+ is broken: [^\n]*)`)

// The emitted test of random runs passes for every accepted program, and finds planted faults from fixed seeds, with a
// run that is short and drawn as the checker draws it.
func TestRandomRuns(t *testing.T) {
	root := t.TempDir()
	var imports, accepted, broken, killed, twice strings.Builder
	n := 0
	add := func(list *strings.Builder, name, program, edited, from, to string) {
		n++
		dir := fmt.Sprintf("p%d", n)
		text := read(t, program+".sprocket")
		r, err := compile.Run(context.Background(), &diag.File{Name: filepath.Base(program) + ".sprocket", Text: []byte(text)}, compile.Emit,
			compile.Options{Unproven: true, Tests: true, Languages: []string{"go"}})
		if err != nil {
			t.Fatal(program, err)
		}
		found := false
		for _, f := range r.Files {
			base := filepath.Base(f.Name)
			if base == edited && strings.Count(string(f.Data), from) == 1 {
				found = true
				f.Data = []byte(strings.Replace(string(f.Data), from, to, 1))
			}
			// They are made plain files, so that all tests are one program: linking one a program takes the longest.
			put(t, filepath.Join(root, dir), []codegen.File{{Name: strings.Replace(base, "_test.go", ".go", 1), Data: f.Data}})
		}
		if edited != "" && !found {
			t.Fatalf("%s of %s has no %q to edit", edited, program, from)
		}
		fmt.Fprintf(&imports, "\t%s \"runs/%s\"\n", dir, dir)
		fmt.Fprintf(list, "\tt.Run(%q, %s.TestRandomRuns)\n", name, dir)
		fmt.Fprintf(&killed, "\tt.Run(%q, %s.TestKilledAtEveryAction)\n", name, dir)
		fmt.Fprintf(&twice, "\tt.Run(%q, %s.TestKilledTwice)\n", name, dir)
	}
	for _, name := range programs(t, "accepted") {
		add(&accepted, name, "accepted/"+name, "", "", "")
	}
	add(&accepted, "soil", "examples/soil", "", "", "")
	survives, survivesTwo := killed.String(), twice.String()
	killed.Reset()
	for _, p := range plants {
		add(&broken, p.name, p.program, p.file, p.from, p.to)
	}
	killed.Reset()
	for _, name := range fragile {
		add(new(strings.Builder), name, "broken/"+name, "", "", "")
	}
	put(t, root, []codegen.File{
		{Name: "go.mod", Data: []byte("module runs\n\ngo 1.24\n\nrequire pgregory.net/rapid " + rapidVersion(t) + "\n")},
		{Name: "go.sum", Data: []byte(read(t, "../go.sum"))},
		{Name: "all_test.go", Data: []byte("package runs\n\nimport (\n\t\"testing\"\n\n" + imports.String() + ")\n\nfunc TestAccepted(t *testing.T) {\n" + accepted.String() +
			"}\n\nfunc TestBroken(t *testing.T) {\n" + broken.String() + "}\n\nfunc TestKilled(t *testing.T) {\n" + survives +
			"}\n\nfunc TestTwice(t *testing.T) {\n" + survivesTwo + "}\n\nfunc TestFragile(t *testing.T) {\n" + killed.String() + "}\n")},
	})
	run := func(name string, args ...string) (string, error) {
		c := exec.Command(name, args...)
		c.Dir, c.Env = root, append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-mod=mod")
		text, err := c.CombinedOutput()
		return string(text), err
	}
	if text, err := run("go", "test", "-c", "-vet=off", "-o", "all", "."); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	checks := "150"
	if os.Getenv("SPROCKET_ALL") != "" {
		checks = "20000"
	}
	if text, err := run("./all", "-test.run=TestAccepted", "-rapid.nofailfile", "-rapid.seed=1", "-rapid.steps=40", "-rapid.checks="+checks); err != nil {
		t.Errorf("accepted programs: %v\n%s", err, text)
	}
	if text, err := run("./all", "-test.run=TestKilled$", "-test.v"); err != nil {
		t.Errorf("accepted programs, killed at every action: %v\n%s", err, text)
	} else {
		golden(t, killsFile, killedLines(text))
	}
	if os.Getenv("SPROCKET_ALL") != "" {
		if text, err := run("./all", "-test.run=TestTwice"); err != nil {
			t.Errorf("accepted programs, killed at every two actions: %v\n%s", err, text)
		}
	}
	if text, err := run("./all", "-test.run=TestFragile", "-test.v"); err == nil || strings.Count(text, "--- FAIL: TestFragile/") != len(fragile) {
		t.Errorf("not all of %q break where they are killed:\n%s", fragile, text)
	}
	// Making a run short is to end by itself: then it depends on the seed alone.
	text, err := run("./all", "-test.run=TestBroken", "-test.v", "-rapid.nofailfile", "-rapid.seed=1", "-rapid.steps=40", "-rapid.checks=3000", "-rapid.shrinktime=10m")
	if err == nil {
		t.Errorf("no fault is found:\n%s", text)
	}
	var b strings.Builder
	for _, m := range drawnRun.FindAllStringSubmatch(text, -1) {
		fmt.Fprintf(&b, "%s: %s\n%s\n", m[1], m[3], regexp.MustCompile(`(?m)^ {8}`).ReplaceAllString(m[2], ""))
	}
	for _, p := range plants {
		if !strings.Contains(b.String(), p.name+": ") {
			t.Errorf("%s is not found:\n%s", p.name, text)
		}
	}
	golden(t, "testdata/random_runs.txt", b.String())
}

// rapidVersion is the version of rapid that this module has.
func rapidVersion(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`pgregory\.net/rapid (v\S+)`).FindStringSubmatch(read(t, "../go.mod"))
	if m == nil {
		t.Fatal("go.mod has no rapid")
	}
	return m[1]
}
