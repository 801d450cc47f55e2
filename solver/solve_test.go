package solver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

func TestSoilJSON(t *testing.T) {
	b, err := json.MarshalIndent(JSON(plan(t, "soil.sprocket", example(t, "soil"))), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "plans/soil.plan.json", string(b)+"\n")
	// What scripts rely on.
	var answer struct {
		Version    int
		Protocol   string
		Interfaces []struct {
			Name     string
			Features []struct {
				Name       string
				Parameters map[string]string
				Because    []struct {
					Line int
					Text string
				}
				Cost string
			}
			Wire []struct {
				Message string
				Fields  []struct {
					Name string
					Bits int
				}
				Bytes int
			}
		}
		Costs struct {
			Bytes   map[string]float64 `json:"bytes_per_call"`
			RAM     map[string]int
			Stable  map[string]int
			Latency map[string]float64
		}
		Objective string
		Optimal   bool
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		t.Fatal(err)
	}
	in := answer.Interfaces[0]
	if answer.Version != 1 || answer.Protocol != "soil" || !answer.Optimal || answer.Objective != "bytes" || in.Name != "Field" || len(in.Wire) != 8 ||
		in.Wire[0].Fields[0].Name != "kind" || in.Wire[3].Bytes != 35 || answer.Costs.RAM["probe"] == 0 || answer.Costs.Stable["probe"] != 12 ||
		answer.Costs.Bytes["sample"] == 0 || answer.Costs.Latency["sample"] == 0 {
		t.Errorf("%+v", answer)
	}
	for _, f := range in.Features {
		if f.Name == schema.CalleeEpoch && (f.Parameters["source"] != "stable" || f.Parameters["width"] != "17" || f.Because[0].Text != "crashes" || f.Because[0].Line != 21) {
			t.Errorf("%+v", f)
		}
	}
}

// What contradicts the same clauses in the same way is told once, with the reason that is at hand: a source of randomness is
// there and does not do.
func TestAlikeContradictions(t *testing.T) {
	_, found := Solve(program(t, "alike", `protocol p
peer a { emit c; crashes; entropy 64 bits }
peer b { emit c; crashes; stable 64B }
channel c { between a and b; loses 10%; reorders }
interface i from a to b on c {
    call burn() bool { effect }
    call ask() bool { pure }
    call arm() bool { effect }
    call set(x u8) { idempotent }
}
`))
	text := render(found)
	if len(found) != 1 || !strings.Contains(text, "the same holds for `arm` and `set`\n") || !strings.Contains(found[0].Message, "`burn`") {
		t.Errorf("%s", text)
	}
	if !strings.Contains(text, "stable memory of a would prevent it; the entropy of a does not do: random epochs have no order") {
		t.Errorf("%s", text)
	}
}

// Many calls that contradict the same clauses are told in time, and not all of them.
func TestManyContradictions(t *testing.T) {
	var b strings.Builder
	b.WriteString("protocol p\npeer a { emit c }\npeer b { emit c; crashes }\nchannel c { between a and b; reorders; delays 10ms..400ms; loses 20% }\ninterface i from a to b on c {\n")
	for i := range 80 {
		fmt.Fprintf(&b, "call f%d(x u32) u32 { effect; within 2s at 99%% }\n", i)
	}
	b.WriteString("}\n")
	begin := time.Now()
	p, found := Solve(program(t, "many", b.String()))
	if p != nil || len(found) != 1 {
		t.Fatalf("%d contradictions", len(found))
	}
	if n := len(found[0].Notes); n < 2 || !strings.Contains(found[0].Notes[n-2], "the same holds for `f71`, `f72`") || !strings.Contains(found[0].Notes[n-1], "there may be more: after 10 the search ends") {
		t.Errorf("%s", render(found))
	}
	for _, d := range found {
		if d.Code != "unsatisfiable" || d.Ground != "impossible" || len(d.Labels) != 3 {
			t.Errorf("%s", render([]diag.Diagnostic{d}))
		}
	}
	if d := time.Since(begin); d > patience {
		t.Errorf("took %v", d)
	}
}
