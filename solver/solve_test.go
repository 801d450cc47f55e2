package solver

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/lang"
	"sprocketc/schema"
)

// program reads a program's text; the test fails where it is none.
func program(t *testing.T, name, text string) *ir.Program {
	t.Helper()
	p, found := lower(name, text)
	if p == nil {
		t.Fatalf("%s: %s\n%s", name, render(found), text)
	}
	return p
}

func lower(name, text string) (*ir.Program, []diag.Diagnostic) {
	f, found := lang.Parse(&diag.File{Name: name, Text: []byte(text)})
	if diag.HasErrors(found) {
		return nil, found
	}
	return ir.Lower(f)
}

func render(list []diag.Diagnostic) string {
	var b bytes.Buffer
	if err := diag.Render(&b, list, diag.Options{}); err != nil {
		return err.Error()
	}
	return b.String()
}

func example(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../corpus/examples", name+".sprocket"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// plan solves a program that has a plan, and composes its system.
func plan(t *testing.T, name, text string) *ir.Plan {
	t.Helper()
	p, found := Solve(program(t, name, text))
	if p == nil {
		t.Fatalf("%s", render(found))
	}
	if _, err := schema.System(p); err != nil {
		t.Fatal(err)
	}
	return p
}

func text(t *testing.T, p *ir.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := Print(&b, p, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares with a file of the corpus. With SPROCKET_UPDATE=1 it rewrites the file, and fails if that changed it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("../corpus", name)
	want, err := os.ReadFile(path)
	if err == nil && string(want) == got {
		return
	}
	if os.Getenv("SPROCKET_UPDATE") != "1" {
		t.Fatalf("%s: SPROCKET_UPDATE=1 rewrites it\ngot:\n%s\nwant:\n%s", path, got, want)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Errorf("%s was rewritten", path)
}

func TestSoilPlan(t *testing.T) {
	golden(t, "plans/soil.plan.txt", text(t, plan(t, "soil.sprocket", example(t, "soil"))))
}

func TestImpossible(t *testing.T) {
	for _, name := range []string{"amnesia", "deadline", "oneway"} {
		p, found := Solve(program(t, name+".sprocket", example(t, "impossible/"+name)))
		if p != nil {
			t.Errorf("%s has a plan", name)
		}
		golden(t, "plans/impossible/"+name+".txt", render(found))
	}
}
