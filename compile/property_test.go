package compile

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sprocketc/diag"
)

// Every property of the failure model has a meaning, and nothing else has.
func TestEveryPropertyHasAMeaning(t *testing.T) {
	text, err := os.ReadFile("../spec/semantics.md")
	if err != nil {
		t.Fatal(err)
	}
	var spec []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)(?:\\([^)]*\\))?` \\| ").FindAllStringSubmatch(string(text), -1) {
		if m[1] == strings.ToLower(m[1]) {
			spec = append(spec, m[1])
		}
	}
	for name, m := range meanings {
		if !slices.Contains(spec, name) {
			t.Errorf("%s is no property of the specification", name)
		}
		if strings.Contains(m.says, "{calls}") != (m.of != nil) {
			t.Errorf("%s: which calls is it about?", name)
		}
	}
	others := []string{"loses", "corrupts", "crashes", "stable", "lives", "rate", "repeats", "answer", "unknown"} // declared, and outcomes
	for _, name := range spec {
		if _, ok := meanings[name]; !ok && !slices.Contains(others, name) {
			t.Errorf("%s has no meaning", name)
		}
	}
}

func meant(t *testing.T, file, property string) *Meaning {
	t.Helper()
	text, err := os.ReadFile("../corpus/accepted/" + file + ".sprocket")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), &diag.File{Name: file + ".sprocket", Text: text}, Compose, Options{})
	if err != nil {
		t.Fatal(err, r.Diagnostics)
	}
	m, err := Means(t.Context(), r, property, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What a property is about, and what keeps it, is what the program and its plan come to.
func TestWhatPropertiesMean(t *testing.T) {
	for _, c := range []struct {
		file, property string
		calls, kept    []string
		faults         int
	}{
		{"quiet", "at_most_once", []string{"water"}, []string{"duplicate suppression"}, 1},
		{"quiet", "serial", []string{"schedule", "water"}, []string{"serial"}, 1},
		{"quiet", "honest_outcome", []string{"water"}, []string{"outcome unknown"}, 1},
		{"quiet", "delivered", []string{"schedule", "water"}, []string{"call number", "retransmission", "reply cache"}, 1},
		{"readings", "fresh", []string{"sample"}, nil, 1},
		{"asserted", "never_open_runs_while_state_runs", nil, []string{"serial"}, 4},
	} {
		if os.Getenv("SPROCKET_ALL") == "" && (c.file == "asserted" || c.property == "serial" || c.property == "honest_outcome") {
			continue // take two minutes, and six seconds each
		}
		m := meant(t, c.file, c.property)
		a := m.JSON()
		var calls, kept []string
		for _, x := range a.Of {
			calls = append(calls, x.Call)
		}
		for _, f := range a.KeptBy {
			kept = append(kept, f.Name)
			if f.Witness.Property != c.property || f.Witness.Steps == 0 {
				t.Errorf("%s of %s: without %s: %+v", c.property, c.file, f.Name, f.Witness)
			}
		}
		if !slices.Equal(calls, c.calls) || !slices.Equal(kept, c.kept) || len(a.Faults) != c.faults || !a.Asked {
			t.Errorf("%s of %s is about %q, kept by %q, and %d things may happen", c.property, c.file, calls, kept, len(a.Faults))
		}
		if n := len(a.KeptBy) + len(a.Spare) + len(a.Other); n != len(m.r.Plan.Features) && c.property != "fresh" {
			t.Errorf("%s of %s: %d features of %d", c.property, c.file, n, len(m.r.Plan.Features))
		}
		var b bytes.Buffer
		if err := m.Print(&b, Style{}, true); err != nil {
			t.Fatal(err)
		}
		for _, name := range append(kept, calls...) {
			if !strings.Contains(b.String(), name) {
				t.Errorf("%s is not told:\n%s", name, b.String())
			}
		}
		if strings.ContainsAny(a.Says, "{}") {
			t.Error(a.Says)
		}
	}
}

// A property of the failure model that nothing in a program asks for says why; another word is a mistake of the command line.
func TestPropertiesThatAreNotAsked(t *testing.T) {
	for _, property := range []string{"at_most_once", "honest_outcome", "final", "no_stale", "no_spurious_restart", "paced"} {
		if m := meant(t, "readings", property); m.asked || m.says == "" || len(m.JSON().KeptBy) > 0 {
			t.Errorf("%s: %q, and asked: %v", property, m.says, m.asked)
		}
	}
	r := meant(t, "quiet", "paced").r
	for _, property := range []string{"", "at_most_twice", "at_most_once(water)", "within(sample)", "paced(gateway)"} {
		var wrong *Usage
		if _, err := Means(t.Context(), r, property, func(string) {}); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", property, err)
		}
	}
}
