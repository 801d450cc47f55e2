package compile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sprocketc/compile/target"
	"sprocketc/diag"
	"sprocketc/schema"
)

// budgeted is a program of the corpus whose peers in C have a budget.
func budgeted(t *testing.T, name, budget string) *diag.File {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "corpus", "accepted", name+".sprocket"))
	if err != nil {
		t.Fatal(err)
	}
	return &diag.File{Name: name + ".sprocket", Text: []byte(strings.Replace(string(text), "emit c", "emit c; "+budget, 1))}
}

// A plan whose estimate keeps a budget of flash, and whose code does not, is rejected where the budget stands, with what takes the
// bytes: the parts of the table are all that was measured.
func TestBudgetIsMeasured(t *testing.T) {
	chip, _ := target.Of(schema.FlashTarget)
	if !chip.Installed() {
		t.Fatalf("%s is not installed: make setup", chip.Compiler())
	}
	for _, name := range []string{"lossless", "quiet", "unordered", "recorded"} { // in most of them the estimate is a little low
		o := Options{Unproven: true, Measure: true}
		wide := built(t, budgeted(t, name, "flash max 16KiB"), o)
		if len(wide.Measured) != 1 || wide.Measured[0].RAM != wide.Plan.Peers[wide.Measured[0].Peer].RAM {
			t.Fatalf("%s: measured %+v", name, wide.Measured)
		}
		m := wide.Measured[0]
		estimate := wide.Plan.Peers[m.Peer].Flash
		if m.Flash <= estimate {
			continue
		}
		clause := fmt.Sprintf("flash max %dB", estimate)
		r, err := Run(t.Context(), budgeted(t, name, clause), Emit, o)
		if !errors.Is(err, ErrRejected) || len(r.Diagnostics) != 1 {
			t.Fatalf("%s: %d bytes are measured of %d: %v, %v", name, m.Flash, estimate, err, r.Diagnostics)
		}
		d := r.Diagnostics[0]
		if d.Code != "over-budget" || d.Primary().Text() != clause {
			t.Errorf("%s at %q", d.Code, d.Primary().Text())
		}
		if got := d.Repairs[0].Edits[0].Text; got != fmt.Sprintf("flash max %dB", m.Flash) {
			t.Errorf("the repair is %q", got)
		}
		if sum := tableSum(t, d.Notes[0]); sum != m.Flash {
			t.Errorf("the parts are %d bytes, not %d:\n%s", sum, m.Flash, d.Notes[0])
		}
		if built(t, budgeted(t, name, d.Repairs[0].Edits[0].Text), o).Measured[0].Flash != m.Flash {
			t.Error("with the repair something else is measured")
		}
		return
	}
	t.Error("no program takes more than was estimated: name others")
}

// tableSum adds up the lines of a table in a note.
func tableSum(t *testing.T, note string) int {
	t.Helper()
	sum := 0
	for _, line := range strings.Split(note, "\n")[1:] {
		n := 0
		if _, err := fmt.Sscan(line, &n); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		sum += n
	}
	return sum
}

// A context that is larger than its budget, as on a target that aligns more, is told before its code is compiled, which would fail.
func TestContextOverBudgetIsToldAsSuch(t *testing.T) {
	r := built(t, budgeted(t, "quiet", "ram max 4KiB"), Options{Unproven: true})
	for _, p := range r.Program.Peers {
		if p.RAM != nil {
			p.RAM.N = int64(r.Plan.Peers[p.Name].RAM) - 1 // which no plan of the solver would have kept
		}
	}
	if err := r.measure(t.Context(), Options{}); !errors.Is(err, ErrRejected) || len(r.Diagnostics) != 1 {
		t.Fatal(err, r.Diagnostics)
	}
	d := r.Diagnostics[0]
	if d.Primary().Text() != "ram max 4KiB" || tableSum(t, d.Notes[0]) != r.Measured[0].RAM {
		t.Errorf("%q, %d bytes\n%s", d.Primary().Text(), r.Measured[0].RAM, d.Notes[0])
	}
}

// Where no compiler of the target is installed, the build says so and goes on.
func TestNothingIsMeasuredWithoutACompiler(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r := built(t, budgeted(t, "quiet", "flash max 16KiB; ram max 1KiB"), Options{Unproven: true, Measure: true})
	if len(r.Measured) != 1 || r.Measured[0].Flash != 0 || r.Measured[0].Text() != "flash max 16384 B, ram max 1024 B" {
		t.Errorf("%+v", r.Measured)
	}
}

// What a peer's context consists of is all of it.
func TestSharesOfRAMAreAllOfIt(t *testing.T) {
	names, err := filepath.Glob("../corpus/accepted/*.sprocket")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, n := range append(names, "../corpus/examples/soil.sprocket") {
		text, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(t.Context(), &diag.File{Name: n, Text: text}, Compose, Options{})
		if err != nil {
			t.Fatal(n, err)
		}
		for _, m := range r.System.Machines {
			peer, sum := r.Plan.Interface.From.Name, 0
			if m.Name == "callee" {
				peer = r.Plan.Interface.To.Name
			}
			for _, s := range schema.RAMShares(r.Plan, r.System, m) {
				sum += s.Bytes
			}
			if sum != r.Plan.Peers[peer].RAM {
				t.Errorf("%s, %s: the parts are %d bytes, not %d", n, peer, sum, r.Plan.Peers[peer].RAM)
			}
		}
	}
}

// Where a budget takes part in several contradictions, what takes how much is told once, and adds up.
func TestRefusedBudgetIsToldOnce(t *testing.T) {
	text, err := os.ReadFile("../corpus/examples/soil.sprocket")
	if err != nil {
		t.Fatal(err)
	}
	for clause, tight := range map[string]string{"flash  max 6KiB": "flash  max 1KiB", "ram    max 1KiB": "ram    max 100B"} {
		if !strings.Contains(string(text), clause) {
			t.Fatalf("soil has no %q", clause)
		}
		r, err := Run(t.Context(), &diag.File{Name: "soil.sprocket", Text: []byte(strings.Replace(string(text), clause, tight, 1))}, Solve, Options{})
		if !errors.Is(err, ErrRejected) {
			t.Fatalf("%s: %v", tight, err)
		}
		var tables []string
		for _, d := range r.Diagnostics {
			for _, n := range d.Notes {
				if strings.HasPrefix(n, "without that budget") {
					tables = append(tables, n)
				}
			}
		}
		if len(tables) != 1 {
			t.Fatalf("%s: %d tables in %d contradictions", tight, len(tables), len(r.Diagnostics))
		}
		total := 0
		for _, w := range strings.Fields(tables[0]) {
			if _, err := fmt.Sscan(w, &total); err == nil {
				break
			}
		}
		sum := tableSum(t, tables[0])
		if sum < total-3 || sum > total+3 { // parts of an estimate are rounded
			t.Errorf("the parts are %d bytes: %s", sum, tables[0])
		}
	}
}
