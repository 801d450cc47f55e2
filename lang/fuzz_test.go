package lang

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sprocketc/diag"
)

func seed(f *testing.F) {
	for _, pattern := range []string{"../corpus/examples/*.sprocket", "../corpus/examples/impossible/*.sprocket"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal("no seeds", err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	for _, chunk := range errorChunks(f) {
		f.Add([]byte(chunk))
	}
	text, err := os.ReadFile("testdata/format.in.sprocket")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
}

// FuzzParse: no text makes the parser or the checks panic; every diagnostic has a code that is documented, a message
// in the house's style, and spans within the text; and it can be rendered.
func FuzzParse(f *testing.F) {
	seed(f)
	known := map[string]bool{}
	for _, c := range Codes {
		known[c.Name] = true
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, found := Load(&diag.File{Name: "x", Text: text})
		for _, d := range found {
			if !known[d.Code] {
				t.Errorf("code %q is not documented", d.Code)
			}
			if d.Message == "" || d.Message[len(d.Message)-1] == '.' || d.Message[0] >= 'A' && d.Message[0] <= 'Z' {
				t.Errorf("message %q", d.Message)
			}
			if len(d.Labels) == 0 {
				t.Errorf("%s has no span", d.Code)
			}
			for _, l := range d.Labels {
				if l.Span.File == nil || l.Span.Start < 0 || l.Span.Start > l.Span.End || l.Span.End > len(text) {
					t.Errorf("%s: span %d..%d of %d", d.Code, l.Span.Start, l.Span.End, len(text))
				}
			}
		}
		var b bytes.Buffer
		if err := diag.Render(&b, found, diag.Options{}); err != nil || len(found) > 0 && b.Len() == 0 {
			t.Error("no rendering", err)
		}
	})
}

// FuzzFormat: what parses keeps its meaning and its comments through the formatter, which is idempotent.
func FuzzFormat(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) { checkFormat(t, text) })
}
