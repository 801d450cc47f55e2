package fsm

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// What cannot be read is said with what was expected, and at the token where it was.
func TestSyntaxIsRefused(t *testing.T) {
	const text = "system s;\nenum fn { f }\nmessage M from a { wire: bool; x: 0..3; }\nchannel c from a to b loses 1/3 overtaking 2;\n" +
		"machine a crashes 1 {\n var end: 0..3;\n free go { end = 1; send M { wire: true, x: end }; }\n}\nmachine b { on M(m) when m.x in low { } }\n" +
		"assert one: after b.x == 1 never call.starts == 2;\n"
	for _, c := range []struct{ old, new, at, says string }{
		{"0..3;\n", "0..3 // why\n;", "// why", "unexpected comment: it can stand above a declaration, a field or a stage, expected `;`"},
		{"system s", "system", ";", "unexpected `;`, expected a name"},
		{"system", "systen", "systen", "unexpected `systen`, expected `system`"},
		{"message M", "massage M", "massage", "unexpected `massage`, expected a declaration"},
		{"0..3; }", "0..; }", "; }", "unexpected `;`, expected a number"},
		{"0..3; }", "0..4294967296; }", "4294967296", "unexpected `4294967296`: the number is too large"},
		{"loses", "looses", "looses", "unexpected `looses`, expected what the channel does, or `;`"},
		{"1/3", "1", "overtaking", "unexpected `overtaking`, expected `/`"},
		{"free go", "fre go", "fre", "unexpected `fre`, expected a variable"},
		{"end = 1;", "ende;", "ende", "unexpected `ende`, expected an action, or `}`"},
		{"end = 1;", "end = ;", ";", "unexpected `;`, expected a value"},
		{"end = 1", "end ~ 1", "~", "unexpected `~`, expected `;`"},
		{"end = 1", "end é 1", "é", "unexpected `é`, expected `;`"},
		{"end = 1", "end \x01 1", "\x01", "unexpected character U+0001, expected `;`"},
		{"end = 1", "end \xff 1", "\xff", "unexpected character U+FFFD, expected `;`"},
		{"never", "seldom", "seldom", "unexpected `seldom`, expected `always`, `never` or `eventually`"},
		{"== 2;\n", "== 2", "", "unexpected end of the text, expected `;`"},
	} {
		if _, ds := Parse(&diag.File{Name: "s", Text: []byte(text)}); len(ds) > 0 || !strings.Contains(text, c.old) {
			t.Fatal(c.old, ds)
		}
		bad := strings.Replace(text, c.old, c.new, 1)
		_, ds := Parse(&diag.File{Name: "s", Text: []byte(bad)})
		if len(ds) != 1 || ds[0].Code != "machine-syntax" || !strings.HasPrefix(ds[0].Message, c.says) || !strings.HasPrefix(bad[ds[0].Labels[0].Span.Start:], c.at) {
			t.Errorf("%q instead of %q: %v", c.new, c.old, ds)
		}
	}
}

// FuzzParse: no text makes the parser or the checks panic, a diagnostic is within the text, and what is read prints as what
// reads back.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("../corpus/models/*.fsm")
	for _, name := range append(files, "../schema/call.fsm") {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := &diag.File{Name: "fuzz", Text: text}
		s, ds := Load(file)
		for _, d := range ds {
			for _, l := range d.Labels {
				if l.Span.Start < 0 || l.Span.End < l.Span.Start || l.Span.End > len(text) {
					t.Fatalf("%s is at %d..%d of %d bytes", d.Message, l.Span.Start, l.Span.End, len(text))
				}
			}
		}
		if s == nil {
			if len(ds) == 0 {
				t.Fatal("nothing is read and nothing said")
			}
			return
		}
		Slice(s)
		Slice(Hidden(s))
		Slice(Marked(s))
		printed := s.String()
		again, ds := Parse(&diag.File{Name: "printed", Text: []byte(printed)})
		if again == nil {
			t.Fatal(fmt.Sprint(ds) + "\n" + printed)
		}
		if twice := again.String(); twice != printed {
			t.Fatalf("printing is not stable:\n%s\n%s", printed, twice)
		}
	})
}
