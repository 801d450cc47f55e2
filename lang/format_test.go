package lang

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sprocketc/diag"
)

// sameTree compares trees but for where things stand in the text.
var sameTree = []cmp.Option{
	cmpopts.IgnoreTypes(diag.Span{}),
	cmpopts.IgnoreFields(File{}, "Source"),
	cmpopts.IgnoreUnexported(File{}),
}

// reporter is what testing and rapid share.
type reporter interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkFormat demands that formatting changes nothing but the layout, and that it is done after one time.
func checkFormat(t reporter, text []byte) {
	t.Helper()
	before, found := Parse(&diag.File{Text: text})
	once, rejected := Format(text)
	if diag.HasErrors(found) {
		if once != nil || !diag.HasErrors(rejected) {
			t.Fatalf("formatted a text with errors: %v", found)
		}
		return
	}
	after, found := Parse(&diag.File{Text: once})
	if len(found) > 0 {
		t.Fatalf("the formatted text does not parse: %v\n%s", found, once)
	}
	if diff := cmp.Diff(before, after, sameTree...); diff != "" {
		t.Fatalf("formatting changed the tree:\n%s\n%s\n---\n%s", diff, text, once)
	}
	if again, _ := Format(once); !bytes.Equal(once, again) {
		t.Fatalf("formatting again changes the text:\n%s\n---\n%s", once, again)
	}
	if a, b := comments(text), comments(once); a != b {
		t.Fatalf("comments changed:\n%s\n---\n%s", a, b)
	}
}

func comments(text []byte) string {
	var out []string
	for _, tok := range lex(&diag.File{Text: text}) {
		if tok.Type == kinds().comment {
			out = append(out, tok.Value)
		}
	}
	return strings.Join(out, "\n")
}

func TestFormatKeepsExamples(t *testing.T) {
	for _, name := range []string{"impossible/deadline", "impossible/oneway", "impossible/amnesia"} {
		text, err := os.ReadFile("../corpus/examples/" + name + ".sprocket")
		if err != nil {
			t.Fatal(err)
		}
		got, found := Format(text)
		if diff := cmp.Diff(string(text), string(got)); diff != "" || len(found) > 0 {
			t.Errorf("%s: %v\n%s", name, found, diff)
		}
	}
	// In soil.sprocket one block leaves a word of its own out of the alignment; all else stays.
	text, err := os.ReadFile("../corpus/examples/soil.sprocket")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("    emit   c\n", "    emit    c\n", "    stable 32B\n", "    stable  32B\n",
		"    ram    max 1KiB\n", "    ram     max 1KiB\n", "    flash  max 6KiB\n", "    flash   max 6KiB\n").Replace(string(text))
	got, _ := Format(text)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestFormatGolden(t *testing.T) {
	in, err := os.ReadFile("testdata/format.in.sprocket")
	if err != nil {
		t.Fatal(err)
	}
	got, found := Format(in)
	if len(found) > 0 {
		t.Fatal(found)
	}
	golden(t, "testdata/format.out.sprocket", got)
	checkFormat(t, in)
}

// golden compares with a stored file; with SPROCKET_UPDATE=1 it writes the file and fails where that changes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(name)
	if err == nil && bytes.Equal(want, got) {
		return
	}
	if os.Getenv("SPROCKET_UPDATE") == "1" {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Errorf("%s differs:\n%s", name, cmp.Diff(string(want), string(got)))
}

func TestFormatCorpus(t *testing.T) {
	files, _ := filepath.Glob("../corpus/*/*.sprocket")
	deeper, _ := filepath.Glob("../corpus/*/*/*.sprocket")
	files = append(files, deeper...)
	if len(files) < 11 {
		t.Fatal("the corpus is missing")
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		checkFormat(t, text)
	}
}

// layouts are ways to write the same program: whatever blanks, newlines and comments a person puts between clauses.
func TestFormatAnyLayout(t *testing.T) {
	clauses := map[string][]string{
		"peer a":                           {"emit go", "crashes", "stable 1 KiB", "ram max 2KiB", "entropy 32 bits"},
		"peer bb":                          {"emit c", "stable 32B", "crashes"},
		"struct S":                         {"a u8 in 0 .. 7", "bb list of u8[3] max 4?", "c i16 in -4..- 1", "d E?", "eee text max 20"},
		"enum E":                           {"x", "y, z", "w ,"},
		"channel net":                      {"between a and bb", "loses 20%", "repeats", "delays 1ms .. 20ms", "rate max 5 / s"},
		"channel wire":                     {"between a and bb", "over serial", "repeats"},
		"interface I from a to bb on net":  {"within 5 s", "call f ( x S , y u8 ) E { pure; cache 3 for 5s }", "call g()", "call h(\nx u8, // x\n\n y u8,\n) u8 {}", "force { number width 3 ; x off }"},
		"interface J from bb to a on wire": {"call f() u8? { idempotent\n commutes }", "call g(z S)"},
	}
	order := []string{"struct S", "enum E", "peer a", "peer bb", "channel net", "channel wire", "interface I from a to bb on net", "interface J from bb to a on wire"}
	rapid.Check(t, func(t *rapid.T) {
		gap := func(must bool) string {
			gaps := []string{"\n", "\n\n", "\n\n\n", " ; ", ";\n", "\n// c\n", " // d\n", "\n\n  // e\n\n// f\n", "; // g\n", "\r\n"}
			if !must {
				gaps = append(gaps, "", " ", "\t")
			}
			return rapid.SampledFrom(gaps).Draw(t, "gap")
		}
		var b strings.Builder
		b.WriteString("// top\nprotocol p" + gap(true))
		for _, head := range order {
			b.WriteString(head + rapid.SampledFrom([]string{"{", " {", "  {"}).Draw(t, "brace") + gap(false))
			for i, c := range clauses[head] {
				b.WriteString(c + gap(i < len(clauses[head])-1))
			}
			b.WriteString("}" + gap(true))
		}
		if _, found := Load(&diag.File{Text: []byte(b.String())}); len(found) > 0 {
			t.Fatalf("%v\n%s", found, b.String())
		}
		checkFormat(t, []byte(b.String()))
	})
}
