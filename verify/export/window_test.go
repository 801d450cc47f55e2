package export_test

import (
	"os"
	"strings"
	"testing"

	"sprocketc/diag"
	"sprocketc/fsm"
)

// Of windows that are wrong SPIN says the same: which property of calls that are outstanding together breaks.
func TestWrongWindows(t *testing.T) {
	file := "../../corpus/models/window.fsm"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, was, is, property string }{
		{"a further call starts out of its turn", "when phase == running || m.lane != turn {", "when phase == running {", "ordered"},
		{"answers are not matched by number", "m.lane == 0 && wait0 && m.ce == ce && m.n == n0 {\n            do finish0(answer", "m.lane == 0 && wait0 {\n            do finish0(answer", "own_answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inParallel(t)
			wrong := strings.Replace(string(text), c.was, c.is, 1)
			if wrong == string(text) {
				t.Fatalf("there is no %q", c.was)
			}
			sys, found := fsm.Load(&diag.File{Name: file, Text: []byte(wrong)})
			if len(found) > 0 {
				t.Fatal(found[0].Message)
			}
			o := spin(t, sys, options(t, c.name, sys, 1), 1, patience(), plenty)
			if len(o.broken) != 1 || o.broken[0] != c.property {
				t.Errorf("SPIN finds %v broken, not %s, in %d states", o.broken, c.property, o.states)
			}
		})
	}
}
