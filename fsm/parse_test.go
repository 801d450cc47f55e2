package fsm

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sprocketc/diag"
)

func parseText(t *testing.T, name string, text []byte) *System {
	t.Helper()
	s, ds := Parse(&diag.File{Name: name, Text: text})
	for _, d := range ds {
		sp := d.Labels[0].Span
		t.Fatalf("%s: %s at %d: %.40q", d.Code, d.Message, sp.Start, text[sp.Start:])
	}
	return s
}

func TestPrintReadsBack(t *testing.T) {
	text, err := os.ReadFile("../schema/call.fsm")
	if err != nil {
		t.Fatal(err)
	}
	a := parseText(t, "call.fsm", text)
	printed := a.String()
	b := parseText(t, "printed", []byte(printed))
	if d := cmp.Diff(a, b, cmpopts.IgnoreTypes(diag.Span{})); d != "" {
		t.Errorf("printed text reads back differently:\n%s", d)
	}
	if again := b.String(); again != printed {
		t.Error("printing is not stable")
	}
}
