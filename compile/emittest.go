package compile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/conform/runtest"
	"sprocketc/verify/chart"
)

// EmittedTests says what EmitTests wrote.
type EmittedTests struct {
	*Written
	Tests []string       // those of this verification's runs, by their names below the directory
	Kept  []string       // those of earlier runs, which are there
	Left  []runtest.Left // violated properties without a test
}

// EmitTests writes the emitted peers of a program into a directory, with a test for the run of each violated property.
// The code that is there is renewed; tests of earlier runs stay. A file in the way that is not ours is an error. The result must have a plan and a report. Errors are a
// Usage, or an error of the compiler's own.
func EmitTests(dir string, r *Result) (*EmittedTests, error) {
	if r.Plan == nil {
		return nil, usagef("%s holds machines: only programs have emitted code to test", r.File.Name)
	}
	var made *runtest.Output
	err := Guard("emit-test", r.File.Name, func() (err error) {
		made, err = runtest.Files(runtest.Input{Plan: r.Plan, System: r.System, Source: r.Source(), Properties: r.Report.Properties, Chart: chart.Chart{Names: peers(r)}})
		if clash := new(codegen.NameError); errors.As(err, &clash) {
			return r.clash(clash)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &EmittedTests{Left: made.Left}
	for _, f := range made.Tests {
		out.Tests = append(out.Tests, f.Name)
	}
	files := slices.Concat(made.Code, made.Tests)
	if _, err := os.Lstat(filepath.Join(dir, ManifestName)); err == nil {
		return nil, usagef("%s holds the output of a build: tests need a directory of their own", dir)
	}
	present, err := present(dir)
	if err != nil {
		return nil, err
	}
	var stale []string
	for _, name := range present {
		switch {
		case slices.ContainsFunc(files, func(f codegen.File) bool { return f.Name == name }):
		case aRun(name):
			out.Kept = append(out.Kept, name)
		default:
			stale = append(stale, name)
		}
	}
	if out.Written, err = writeOver(dir, files, ours); err != nil {
		return nil, err
	}
	for _, name := range stale {
		if err := os.Remove(place(dir, name)); err != nil {
			return nil, usagef("%s cannot be written: %v", dir, err)
		}
		out.Deleted = append(out.Deleted, name)
	}
	return out, nil
}

// Print writes for people what was done.
func (e *EmittedTests) Print(w io.Writer, dir string) error {
	var b strings.Builder
	field(&b, nil, "written", fmt.Sprintf("%s   %s, %s; `make` there runs them, README.md says more", dir, Plural(len(e.Tests), "test"), Plural(len(e.Written.Written), "file")))
	if len(e.Kept) > 0 {
		field(&b, nil, "", fmt.Sprintf("%s of earlier runs stay", Plural(len(e.Kept), "test")))
	}
	var left []string
	for _, x := range e.Left {
		left = append(left, x.Property+": "+x.Reason)
	}
	list(&b, "no test", left)
	_, err := io.WriteString(w, b.String())
	return err
}

// present lists the files of ours in the directories of a test's code.
func present(dir string) ([]string, error) {
	var out []string
	for _, sub := range []string{"go", "c"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, usagef("%s cannot be read: %v", dir, err)
		}
		for _, e := range entries {
			if !e.Type().IsRegular() {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, sub, e.Name()))
			if err != nil {
				return nil, usagef("%s cannot be read: %v", dir, err)
			}
			if ours(text) {
				out = append(out, sub+"/"+e.Name())
			}
		}
	}
	return out, nil
}

// aRun reports whether a file is the test of a run, and not a part of the driver.
func aRun(name string) bool {
	sub, base, _ := strings.Cut(name, "/")
	if !strings.HasPrefix(base, "run_") || slices.Contains([]string{"run_chart_test.go", "run_driver_test.go", "run_observer_test.go", "run_program_test.go", "run_sequence_test.go", "run_time_test.go", "run_world_test.go"}, base) {
		return false
	}
	return sub == "c" || strings.HasSuffix(base, "_test.go")
}
