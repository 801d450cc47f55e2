package corpus

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/compile"
	"sprocketc/conform/runtest"
	"sprocketc/diag"
	"sprocketc/verify"
	"sprocketc/verify/chart"
)

// unseen are the violated properties of broken programs that have no test of the emitted code, with what is said of it.
var unseen = map[string]string{
	"altered own_answer":       "it cannot be seen from outside that the run breaks it", // the answer carries no value that could be altered
	"torn no_spurious_restart": "it cannot be seen from outside that the run breaks it", // the callee did restart; its epoch came again
	"credulous useful":         "there is no run",
	"early delivered":          "a call is given up by more than one timer",
	"renewed at_most_once":     "it cannot be seen from outside that the run breaks it", // two calls are outstanding in it
	"renewed ordered":          "it cannot be seen from outside that the run breaks it",
	"reused useful":            "there is no run",
	"wrapped useful":           "there is no run",
}

// trial is emitted code with tests of runs beside it, and what is to come of them.
type trial struct {
	name  string
	dir   string // of the trials with the same code
	tests []string
	fails bool
}

// What the checker says of the machines holds of the emitted code: along the run of a violated property the broken
// program's code breaks it, in Go and in C, and the repaired program's code does not.
func TestRunsOfTheEmittedCode(t *testing.T) {
	root := t.TempDir()
	var trials []*trial
	dirs := map[[32]byte]string{} // of code that is there
	place := func(name string, out *runtest.Output, tests []codegen.File, fails bool) {
		all := append(append([]codegen.File{}, out.Code...), tests...)
		sum := sha256.Sum256(fmt.Append(nil, all))
		dir, there := dirs[sum]
		if !there {
			dir = fmt.Sprintf("t%d", len(dirs))
			dirs[sum] = dir
			put(t, filepath.Join(root, dir), all)
		}
		x := &trial{name: name, dir: dir, fails: fails}
		for _, f := range tests {
			if base, ok := strings.CutSuffix(strings.TrimPrefix(f.Name, "c/run_"), ".c"); ok {
				x.tests = append(x.tests, base)
			}
		}
		trials = append(trials, x)
	}
	left := map[string]string{}
	for _, c := range broken {
		text := read(t, filepath.Join("broken", c.name+".sprocket"))
		r, _ := checked(t, c.name+".sprocket", text, compile.Options{})
		bad := tests(t, r, r.Report.Properties)
		for _, l := range bad.Left {
			left[c.name+" "+l.Property] = l.Reason
		}
		if len(bad.Tests) == 0 {
			continue
		}
		repaired, err := compile.Run(context.Background(), &diag.File{Name: c.name + ".sprocket", Text: []byte(forceClause.ReplaceAllString(text, ""))}, compile.Compose, compile.Options{})
		if err != nil {
			t.Fatal(c.name, err)
		}
		place(c.name, bad, bad.Tests, true)
		place(c.name+", repaired", tests(t, repaired, nil), bad.Tests, false)
		if c.name != "mute" {
			continue
		}
		// The request that is not answered comes again for ever: so no call ever is.
		for _, p := range r.Report.Properties {
			if p.Name == c.property {
				run := *p.Run
				run.Loop = len(run.Steps) - 1
				p.Name, p.Run = "delivered", &run
				loop := tests(t, r, []verify.Property{p})
				place("mute for ever", loop, loop.Tests, true)
				place("mute for ever, repaired", tests(t, repaired, nil), loop.Tests, false)
			}
		}
	}
	for name, reason := range left {
		if unseen[name] != reason {
			t.Errorf("%s has no test: %s", name, reason)
		}
	}
	t.Run("go", func(t *testing.T) { inGo(t, root, trials) })
	t.Run("c", func(t *testing.T) { inC(t, root, trials) })
}

func tests(t *testing.T, r *compile.Result, properties []verify.Property) *runtest.Output {
	t.Helper()
	out, err := runtest.Files(runtest.Input{Plan: r.Plan, System: r.System, Source: "valve.sprocket", Properties: properties,
		Chart: chart.Chart{Names: map[string]string{"caller": "gateway", "callee": "probe"}}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func put(t *testing.T, dir string, files []codegen.File) {
	t.Helper()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// inGo runs all tests as one program, since linking one a program takes the longest: the test files are made plain ones,
// and a test calls what they hold.
func inGo(t *testing.T, root string, trials []*trial) {
	var imports, runs strings.Builder
	seen := map[string]bool{}
	for _, x := range trials {
		if !seen[x.dir] {
			seen[x.dir] = true
			fmt.Fprintf(&imports, "\t%s \"runs/%s/go\"\n", x.dir, x.dir)
			files, err := filepath.Glob(filepath.Join(root, x.dir, "go", "*_test.go"))
			if err != nil || len(files) == 0 {
				t.Fatal(err)
			}
			for _, f := range files {
				if err := os.Rename(f, strings.TrimSuffix(f, "_test.go")+".go"); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Remove(filepath.Join(root, x.dir, "go.mod")); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range x.tests {
			fmt.Fprintf(&runs, "\tt.Run(%q, %s.%s)\n", x.name+" "+p, x.dir, codegen.GoName("test run", p))
		}
	}
	put(t, root, []codegen.File{
		{Name: "go.mod", Data: []byte("module runs\n\ngo 1.24\n")},
		{Name: "all_test.go", Data: []byte("package runs\n\nimport (\n\t\"testing\"\n\n" + imports.String() + ")\n\nfunc TestAll(t *testing.T) {\n" + runs.String() + "}\n")},
	})
	c := exec.Command("go", "test", "-vet=off", "-v", ".")
	c.Dir, c.Env = root, append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=")
	text, _ := c.CombinedOutput() // it fails, as most of the tests are to
	for _, x := range trials {
		for _, p := range x.tests {
			verdict := "--- PASS: "
			if x.fails {
				verdict = "--- FAIL: "
			}
			if line := verdict + "TestAll/" + strings.ReplaceAll(x.name+" "+p, " ", "_") + " "; !bytes.Contains(text, []byte(line)) {
				t.Errorf("no %q in\n%s", line, text)
				return
			}
		}
	}
}

// inC compiles the peers of each program once, and what is the same for all of them: what drives them.
func inC(t *testing.T, root string, trials []*trial) {
	flags := []string{"-std=c99", "-O0", "-Wall", "-Wextra", "-Werror"}
	built := map[string]bool{}
	driver := ""
	for _, x := range trials {
		dir := filepath.Join(root, x.dir, "c")
		sources, err := filepath.Glob(filepath.Join(dir, "*.c"))
		if err != nil {
			t.Fatal(err)
		}
		var objects []string // all but the programs
		for _, f := range sources {
			if o := strings.TrimSuffix(filepath.Base(f), ".c"); !strings.HasPrefix(o, "run_") && o != "runtest_kills" && o != "runtest" {
				objects = append(objects, o)
			}
		}
		if !built[dir] {
			built[dir] = true
			args := append(append([]string{}, flags...), "-c")
			for _, o := range objects {
				args = append(args, o+".c")
			}
			cc(t, dir, args)
		}
		if driver == "" {
			driver = filepath.Join(dir, "runtest.o")
			cc(t, dir, append(append([]string{}, flags...), "-c", "runtest.c"))
		}
		for _, p := range x.tests {
			program := filepath.Join(dir, "run_"+p)
			args := append(append([]string{}, flags...), "-o", program, program+".c", driver)
			for _, o := range objects {
				args = append(args, o+".o")
			}
			cc(t, dir, args)
			text, err := exec.Command(program).CombinedOutput()
			want := "ok: " + p + " is kept"
			if x.fails {
				want = "FAIL: " + p + " is broken"
			}
			if (err != nil) != x.fails || !bytes.Contains(text, []byte(want)) {
				t.Errorf("%s %s: %v, and no %q in\n%s", x.name, p, err, want, text)
			}
		}
	}
}

func cc(t *testing.T, dir string, args []string) {
	t.Helper()
	c := exec.Command("cc", args...)
	c.Dir = dir
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: cc %s: %v\n%s", dir, strings.Join(args, " "), err, text)
	}
}
