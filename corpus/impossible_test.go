package corpus

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sprocketc/compile"
	"sprocketc/diag"
)

// refused are the programs of impossible/ with the case of spec/refusals.md that they are, and the ground of each
// contradiction, in the order of the text.
var refused = []struct {
	name    string
	is      int
	grounds []string
}{
	{"beacon", 1, []string{"impossible"}},
	{"confused", 3, []string{"no plan", "impossible"}}, // what this schema wants is less: a crash alone
	{"cramped", 9, []string{"no plan"}},
	{"distant", 2, []string{"impossible"}},
	{"hoard", 9, []string{"no plan"}},
	{"large_answers", 9, []string{"no plan"}},
	{"late", 3, []string{"impossible"}},
	{"photograph", 8, []string{"no plan"}},
	{"separate", 4, []string{"impossible"}},
	{"stateless", 4, []string{"impossible"}},
	{"thin", 13, []string{"no plan"}},
	{"thin_callee", 13, []string{"no plan"}},
	{"tiny", 8, []string{"no plan"}},
	{"unkept", 4, []string{"impossible"}},
	{"unlikely", 2, []string{"impossible"}},
}

// What is impossible says so with its source, and what this schema has no plan for is never called that.
func TestImpossible(t *testing.T) {
	var names []string
	for _, c := range refused {
		names = append(names, c.name)
	}
	if found := programs(t, "impossible"); !slices.Equal(found, names) {
		t.Errorf("impossible/ has %q", found)
	}
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join("impossible", c.name)
			text := read(t, file+".sprocket")
			if !strings.HasPrefix(text, "// Case "+strconv.Itoa(c.is)) {
				t.Errorf("it does not begin with its case, %d", c.is)
			}
			r, err := compile.Run(context.Background(), &diag.File{Name: c.name + ".sprocket", Text: []byte(text)}, compile.Emit, compile.Options{})
			if !errors.Is(err, compile.ErrRejected) || r.Plan != nil {
				t.Fatalf("not refused: %v", err)
			}
			var b bytes.Buffer
			if err := diag.Render(&b, r.Diagnostics, diag.Options{}); err != nil {
				t.Fatal(err)
			}
			golden(t, file+".txt", b.String())
			var grounds []string
			for _, d := range r.Diagnostics {
				grounds = append(grounds, d.Ground)
				if says := strings.Contains(d.Message, "impossible, not only for us"); says != (d.Ground == "impossible") {
					t.Errorf("%s: %s", d.Ground, d.Message)
				}
				sourced := slices.ContainsFunc(d.Notes, func(n string) bool {
					return strings.HasPrefix(n, "why: ") && strings.HasSuffix(n, ")") && (strings.Contains(n, " 19") || strings.Contains(n, "spec/refusals.md"))
				})
				if sourced != (d.Ground == "impossible") {
					t.Errorf("%s, and its source: %v\n%s", d.Ground, sourced, d.Notes)
				}
				if len(d.Repairs) == 0 {
					t.Errorf("no repair of %s", d.Message)
				}
			}
			if !slices.Equal(grounds, c.grounds) {
				t.Errorf("grounds: %q", grounds)
			}
		})
	}
}
