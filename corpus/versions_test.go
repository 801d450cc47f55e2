package corpus

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sprocketc/compile"
	"sprocketc/compile/versions"
	"sprocketc/diag"
	"sprocketc/lang"
	"sprocketc/verify"
)

// compared are two texts of a program.
func compared(t interface{ Fatalf(string, ...any) }, old, new string) *compile.Difference {
	var list [2]*compile.Result
	for i, text := range []string{old, new} {
		r, err := compile.Run(context.Background(), &diag.File{Name: []string{"old", "new"}[i] + ".sprocket", Text: []byte(text)}, compile.Compose, compile.Options{})
		if err != nil {
			t.Fatalf("%v: %v\n%s", err, r.Diagnostics, text)
		}
		list[i] = r
	}
	d, err := compile.Diff(context.Background(), list[0], list[1], compile.Options{Search: verify.Options{MaxStates: 200_000}})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return d
}

// What each change means for a peer that is deployed.
func TestVersions(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("versions", "*", "old.sprocket"))
	if err != nil || len(dirs) < 20 {
		t.Fatalf("%d pairs: %v", len(dirs), err)
	}
	for i, old := range dirs {
		if (i%2 == 1 || filepath.Base(filepath.Dir(old)) == "rate") && os.Getenv("SPROCKET_ALL") == "" { // each takes some seconds; all where all is wanted
			continue
		}
		dir := filepath.Dir(old)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			d := compared(t, read(t, old), read(t, filepath.Join(dir, "new.sprocket")))
			var text bytes.Buffer
			if err := d.Print(&text, compile.Style{}, false); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(dir, "verdict.txt"), text.String())
		})
	}
}

// A program is compatible with itself, however it is laid out and whatever its parameters are called.
func TestVersionsThatDoNotDiffer(t *testing.T) {
	names := programs(t, "accepted")
	rapid.Check(t, func(t *rapid.T) {
		source, err := os.ReadFile(filepath.Join("accepted", rapid.SampledFrom(names).Draw(t, "program")+".sprocket"))
		if err != nil {
			t.Fatalf("%v", err)
		}
		text := string(source)
		tree, _ := lang.Parse(&diag.File{Name: "p.sprocket", Text: []byte(text)})
		other := text
		switch rapid.SampledFrom([]string{"same", "spaced", "renamed"}).Draw(t, "change") {
		case "spaced":
			other = strings.ReplaceAll(text, "\n", "\n\n ") + "// the end\n"
		case "renamed":
			var spans []diag.Span
			for _, i := range tree.Interfaces {
				for _, c := range i.Calls {
					for _, p := range c.Params {
						spans = append(spans, p.Name.Span)
					}
				}
			}
			slices.SortFunc(spans, func(a, b diag.Span) int { return b.Start - a.Start })
			for _, s := range spans {
				other = other[:s.Start] + "renamed_" + other[s.Start:]
			}
		}
		if d := compared(t, text, other); d.Worst() != versions.Compatible || d.Verdict() != nil {
			var b bytes.Buffer
			_ = d.Print(&b, compile.Style{}, false)
			t.Fatalf("%s\n%s", &b, other)
		}
	})
}
