package compile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sprocketc/codegen"
	"sprocketc/diag"
	"sprocketc/verify"
)

func file(t *testing.T, name string) *diag.File {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return &diag.File{Name: name, Text: text}
}

const sensor = "testdata/sensor.sprocket"

func built(t *testing.T, f *diag.File, o Options) *Result {
	t.Helper()
	r, err := Run(context.Background(), f, Emit, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A panic of a phase ends at its border, and an error that nothing stands for is a defect too.
func TestPhasesAreGuarded(t *testing.T) {
	r := &Result{File: &diag.File{Name: "x.sprocket"}}
	p := &pipe{r: r, last: Emit}
	later := false
	p.do(Solve, func() error {
		var m map[string]int
		m["x"]++
		return nil
	})
	p.do(Verify, func() error { later = true; return nil })
	var d *Defect
	if !errors.As(p.err, &d) || d.Phase != "solve" || d.File != "x.sprocket" || !strings.Contains(d.Cause, "nil map") || len(d.Stack) == 0 {
		t.Errorf("got %#v", p.err)
	}
	if later {
		t.Error("a phase ran after a panic")
	}
	if len(r.Took) != 1 || r.Took[0].Phase != Solve {
		t.Errorf("took %v", r.Took)
	}
	if err := Guard("emit", "x", func() error { return errors.New("two names are one") }); Status(err) != StatusDefect || !errors.As(err, &d) || d.Phase != "emit" {
		t.Errorf("got %#v", err)
	}
	for _, known := range []error{ErrRejected, ErrViolated, ErrUndecided, usagef("x"), nil} {
		if err := Guard("emit", "x", func() error { return known }); err != known {
			t.Errorf("%v became %v", known, err)
		}
	}
}

func TestStatus(t *testing.T) {
	order := []error{nil, ErrUndecided, ErrViolated, ErrRejected, usagef("x"), &Defect{}}
	for i, want := range []int{0, 4, 3, 1, 2, 5} {
		if got := Status(order[i]); got != want {
			t.Errorf("%v: %d, want %d", order[i], got, want)
		}
		for j := range order {
			if Worse(order[i], order[j]) != order[max(i, j)] {
				t.Errorf("worse of %v and %v is %v", order[i], order[j], Worse(order[i], order[j]))
			}
		}
	}
}

func TestUnchangedFilesKeepTheirTimes(t *testing.T) {
	dir := t.TempDir()
	r := built(t, file(t, sensor), Options{})
	if _, err := Write(dir, []*Result{r}, ""); err != nil {
		t.Fatal(err)
	}
	old := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	var names []string
	for _, f := range r.Files {
		names = append(names, f.Name)
		if err := os.Chtimes(filepath.Join(dir, f.Name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(filepath.Join(dir, ManifestName), old, old); err != nil {
		t.Fatal(err)
	}
	changed := *r
	changed.Files = append([]codegen.File{}, r.Files...)
	changed.Files[3].Data = append([]byte{}, r.Files[3].Data...)
	changed.Files[3].Data[len(changed.Files[3].Data)-1] ^= 1
	w, err := Write(dir, []*Result{&changed}, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Written) != 1 || w.Written[0] != names[3] {
		t.Errorf("written %v", w.Written)
	}
	for i, name := range append(names, ManifestName) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if kept := info.ModTime().Equal(old); kept == (i == 3 || name == ManifestName) {
			t.Errorf("%s: its time was kept: %v", name, kept)
		}
	}
}

// Where one file cannot be staged none is written, and no directory stays that was made for it.
func TestNothingIsLeftOfAFailure(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "out")
	r := &Result{File: &diag.File{Name: "a.sprocket"}, Files: []codegen.File{{Name: "c/a.c", Data: []byte("// x")}, {Name: "c/a.c/b.c", Data: []byte("// y")}, {Name: "go/" + strings.Repeat("n", 300), Data: []byte("// z")}}}
	if _, err := Write(dir, []*Result{r}, ""); Status(err) != StatusUsage {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(filepath.Dir(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
}

// A checker that breaks a plan of the solver's own has found a defect of the schema.
func TestSchemaDefectIsSaid(t *testing.T) {
	r, err := Run(context.Background(), file(t, sensor), Verify, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.Report = &verify.Report{Verdict: verify.Violated, Properties: []verify.Property{{Name: "final", Verdict: verify.Violated, Why: "it starts again"}}}
	var b strings.Builder
	if err := PrintVerdict(&b, r, Style{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "defect       the plan is the compiler's own") || !VerdictJSON(r).Defect {
		t.Error(b.String())
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(-1000), "-1,000"}, {Count(1234567), "1,234,567"},
		{Bytes(512), "512 B"}, {Bytes(1536), "1.5 KiB"}, {Bytes(4 << 30), "4 GiB"},
		{Seconds(4 * time.Millisecond), "0.004 s"}, {Seconds(12 * time.Second), "12 s"}, {Seconds(2000 * time.Second), "2,000 s"},
		{Percent(0.999), "99.9 %"}, {Percent(0.2), "20 %"}, {Plural(1, "file"), "1 file"}, {Plural(2000, "file"), "2,000 files"},
		{ProgressLine(verify.Progress{Nodes: 1_300_000, Memory: 214748365, Elapsed: 2 * time.Second}), "1.3 M nodes of a diagram   204.8 MiB"},
		{ProgressLine(verify.Progress{States: 12_400_000, Frontier: 310_000, Depth: 41, Memory: 214748365, Elapsed: 2 * time.Second}), "12.4 M states   6.2 M/s   frontier 310 k   204.8 MiB   level 41"},
		{strings.Join(fold("one two  three four", 10), "|"), "one two|three four"}, {strings.Join(fold("a verylongword b", 5), "|"), "a|verylongword|b"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	for text, want := range map[string]int64{"64MiB": 64 << 20, "1KiB": 1024, "7B": 7, "7": 7, "2GiB": 2 << 30, "0": -1, "-1B": -1, "x": -1, "": -1, "9999999TiB": -1, "64MB": -1} {
		if got, err := ReadBytes(text); got != want && (want != -1 || err == nil) {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
}
