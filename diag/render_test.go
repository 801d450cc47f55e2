package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// at is the span of the n-th occurrence (from 0) of words in a file.
func at(t *testing.T, f *File, words string, n int) Span {
	t.Helper()
	from := 0
	for ; ; n-- {
		i := strings.Index(string(f.Text[from:]), words)
		if i < 0 {
			t.Fatalf("%q is not in %s", words, f.Name)
		}
		if n == 0 {
			return Span{File: f, Start: from + i, End: from + i + len(words)}
		}
		from += i + len(words)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	want, err := os.ReadFile("testdata/" + name)
	if err == nil && bytes.Equal(want, got) {
		return
	}
	if os.Getenv("SPROCKET_UPDATE") == "1" {
		if err := os.WriteFile("testdata/"+name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Errorf("testdata/%s differs; got:\n%s\nwant:\n%s", name, got, want)
}

func amnesia() *File {
	return &File{Name: "amnesia.sprocket", Text: []byte(`// At most once across a crash, where old requests may arrive again and at any time, needs something that
// survives the crash, and this callee has nothing: no stable memory, no entropy, no lifetime to wait out.
protocol amnesia

peer a { emit go }
peer b { emit c; crashes }
channel net { between a and b; over udp; unit max 64B; repeats; reorders }
interface I from a to b on net {
    call open() u8 { effect }
}
`)}
}

// contradiction is the example of the design, at the same lines.
func contradiction(t *testing.T) Diagnostic {
	f := amnesia()
	return Diagnostic{
		Code: "unsatisfiable", Ground: "impossible",
		Message: "`open` cannot run at most once here: impossible, not only for us",
		Labels: []Label{
			{at(t, f, "crashes", 0), "b may forget everything,"},
			{at(t, f, "repeats", 0), ""},
			{at(t, f, "reorders", 0), "an old request may arrive after that,"},
			{at(t, f, "effect", 0), "and must not run again"},
		},
		Notes: []string{"why: without anything that survives the crash, b cannot tell the old request from a new one (Fekete, Lynch, Mansour, Spinelli 1993)"},
		Repairs: []Repair{
			{Message: "an epoch counter in two slots, written once a boot", Edits: []Edit{{Span{f, at(t, f, "crashes", 0).End, at(t, f, "crashes", 0).End}, "; stable 12B"}}},
			{Message: "a random epoch; wrong once in 4 billion crashes", Edits: []Edit{{Span{f, at(t, f, "crashes", 0).End, at(t, f, "crashes", 0).End}, "; entropy 32 bits"}}},
			{Message: "if it may run twice, and late", Edits: []Edit{{at(t, f, "effect", 0), "idempotent; commutes"}}},
		},
	}
}

func cases(t *testing.T) map[string][]Diagnostic {
	f := &File{Name: "wide.sprocket", Text: []byte("a\tb\tcc\n\n\nfür 日本 ｘ e\u0301x \x1b[31mred\nline five\nsix\r\n\n\n\nline ten one two three\n" +
		strings.Repeat("x", 300) + " HERE " + strings.Repeat("y", 300) + "\nlast")}
	g := &File{Name: "other.sprocket", Text: []byte("one\ntwo\n")}
	one := func(d Diagnostic) []Diagnostic { return []Diagnostic{d} }
	return map[string][]Diagnostic{
		"contradiction.txt": one(contradiction(t)),
		"tabs.txt": one(Diagnostic{Code: "x-tabs", Message: "columns behind tabs", Labels: []Label{
			{at(t, f, "cc", 0), "two columns wide"}, {at(t, f, "b", 0), "after one tab"}}}),
		"runes.txt": one(Diagnostic{Code: "x-runes", Message: "carets under wide and combining characters\n\tand \x1b[31m no control", Labels: []Label{
			{at(t, f, "日本", 0), "four columns"}, {at(t, f, "x \x1b", 0), "behind an accent"}, {at(t, f, "red", 0), "no colour from a program"}}}),
		"lines.txt": one(Diagnostic{Code: "x-lines", Message: "distant lines", Labels: []Label{
			{at(t, f, "ten", 0), "here"}, {at(t, f, "five", 0), "and here"}, {at(t, f, "a\tb", 0), "and there"}, {at(t, f, "six", 0), ""}}}),
		"one_line.txt": one(Diagnostic{Code: "x-line", Message: "several labels on one line", Labels: []Label{
			{at(t, f, "one", 0), "first"}, {at(t, f, "two", 0), "second"}, {at(t, f, "three", 0), "third"}, {at(t, f, "line", 1), "zeroth"}}}),
		"overlap.txt": one(Diagnostic{Code: "x-overlap", Message: "spans that overlap", Labels: []Label{
			{at(t, f, "line ten", 0), "outer"}, {at(t, f, "ten", 0), "inner"}}}),
		"long.txt": one(Diagnostic{Code: "x-long", Message: "a long line is cut", Labels: []Label{{at(t, f, "HERE", 0), "in the middle"}}}),
		"multi_line.txt": one(Diagnostic{Code: "x-multi", Message: "a span of several lines", Labels: []Label{
			{Span{f, at(t, f, "five", 0).Start, at(t, f, "ten", 0).End}, "its first line is shown"}}}),
		"end.txt":  one(Diagnostic{Code: "x-end", Message: "at the end of the file", Labels: []Label{{Span{f, len(f.Text), len(f.Text)}, "expected more"}}}),
		"bare.txt": {{Message: "no span and no code"}, {Severity: Warning, Code: "x-note", Message: "no span", Notes: []string{"a note\nof two lines"}}},
		"files.txt": one(Diagnostic{Severity: Warning, Code: "x-files", Message: "two files", Labels: []Label{
			{at(t, g, "two", 0), "this one"}, {at(t, f, "five", 0), "and that one"}, {at(t, g, "one", 0), ""}},
			Repairs: []Repair{{Message: "did you mean `three`?", Edits: []Edit{{at(t, g, "two", 0), "three"}}}}}),
		"swap.txt": one(Diagnostic{Code: "x-swap", Message: "help with an edit", Labels: []Label{{at(t, g, "one", 0), ""}},
			Repairs: []Repair{{Message: "the other way round", Edits: []Edit{{at(t, g, "one", 0), "eno"}}}}}),
		"help.txt": one(Diagnostic{Code: "x-help", Message: "help without an edit", Labels: []Label{{at(t, g, "one", 0), ""}},
			Repairs: []Repair{{Message: "add a peer"}}}),
	}
}

func TestRender(t *testing.T) {
	for name, list := range cases(t) {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Render(&b, list, Options{}); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.Bytes())
			for line := range strings.SplitSeq(b.String(), "\n") {
				if strings.TrimRight(line, " ") != line || strings.ContainsAny(line, "\x1b\r\t") {
					t.Errorf("line %q ends in blanks or holds controls", line)
				}
			}
		})
	}
}

func TestRenderColor(t *testing.T) {
	var plain, colored bytes.Buffer
	list := []Diagnostic{contradiction(t)}
	_ = Render(&plain, list, Options{})
	_ = Render(&colored, list, Options{Color: true})
	golden(t, "color.txt", colored.Bytes())
	var stripped strings.Builder
	inside := false
	for _, r := range colored.String() {
		switch {
		case r == '\x1b':
			inside = true
		case inside && r == 'm':
			inside = false
		case !inside:
			stripped.WriteRune(r)
		}
	}
	if stripped.String() != plain.String() {
		t.Errorf("colour changes the text:\n%s", stripped.String())
	}
}

func TestRenderCap(t *testing.T) {
	var list []Diagnostic
	for i := range 70 {
		list = append(list, Diagnostic{Severity: Warning, Code: "w", Message: fmt.Sprintf("warning %d", i)}, Diagnostic{Code: "e", Message: fmt.Sprintf("error %d", i)})
	}
	var b strings.Builder
	_ = Render(&b, list, Options{})
	out := b.String()
	if strings.Count(out, "error[e]") != 50 || strings.Contains(out, "warning[") || !strings.HasSuffix(out, "\n... and 20 more errors and 70 more warnings\n") {
		t.Error("warnings push out errors, or the count is wrong:", out[max(0, len(out)-200):])
	}
	b.Reset()
	_ = Render(&b, list, Options{Max: 71})
	if out := b.String(); strings.Count(out, "error[e]") != 70 || strings.Count(out, "warning[w]") != 1 || !strings.HasPrefix(out, "warning[w]: warning 0\n\nerror[e]: error 0\n") {
		t.Error("the order changes:", out[:100])
	}
	b.Reset()
	_ = Render(&b, list, Options{Max: -1})
	if strings.Contains(b.String(), "...") || strings.Count(b.String(), ": ") != 140 {
		t.Error("not all are shown")
	}
	b.Reset()
	_ = Render(&b, nil, Options{})
	if b.Len() != 0 {
		t.Error("nothing gives", b.String())
	}
}

func TestJSON(t *testing.T) {
	list := append([]Diagnostic{contradiction(t)}, cases(t)["runes.txt"]...)
	out, err := json.MarshalIndent(JSON(list), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "diagnostics.json", append(out, '\n'))
	if none, _ := json.Marshal(JSON(nil)); string(none) != "[]" {
		t.Errorf("no diagnostics give %s", none)
	}
}

func TestPositions(t *testing.T) {
	l := NewLines(&File{Text: []byte("a\nüx\r\n\nend")})
	for offset, want := range map[int]Position{-1: {1, 1}, 0: {1, 1}, 1: {1, 2}, 2: {2, 1}, 4: {2, 2}, 5: {2, 3}, 7: {3, 1}, 8: {4, 1}, 11: {4, 4}, 99: {4, 4}} {
		if got := l.Position(offset); got != want {
			t.Errorf("offset %d is at %v, want %v", offset, got, want)
		}
	}
	if got := string(l.Text(2)); got != "üx" {
		t.Errorf("line 2 is %q", got)
	}
	if l.Count() != 4 || l.Text(5) != nil || l.Text(0) != nil {
		t.Error("lines outside the file")
	}
}

func TestSort(t *testing.T) {
	f := amnesia()
	mk := func(start int, code string) Diagnostic {
		return Diagnostic{Code: code, Labels: []Label{{Span: Span{f, start, start + 1}}}}
	}
	list := []Diagnostic{mk(5, "b"), mk(5, "a"), mk(1, "z"), {Code: "nowhere"}}
	Sort(list)
	var got []string
	for _, d := range list {
		got = append(got, d.Code)
	}
	if strings.Join(got, " ") != "nowhere z a b" {
		t.Error(got)
	}
}

// Spans that a defect of a phase could make: the report still comes out.
func TestRenderOddSpans(t *testing.T) {
	for _, text := range []string{"", "one\ntwo", "\n\n", "\xff\xfe"} {
		f := &File{Name: "odd\n\x1b[2J", Text: []byte(text)}
		for _, s := range []Span{{f, -5, -1}, {f, 3, 1}, {f, 100, 200}, {f, 0, 1 << 40}, {nil, 0, 5}} {
			var b strings.Builder
			d := Diagnostic{Code: "odd", Message: "m", Labels: []Label{{s, "label"}, {Span{f, 0, 0}, "other"}}, Repairs: []Repair{{Message: "r", Edits: []Edit{{s, "x"}}}}}
			if err := Render(&b, []Diagnostic{d}, Options{}); err != nil || !strings.Contains(b.String(), "other") || strings.Contains(b.String(), "\x1b") {
				t.Errorf("%q: %v", b.String(), err)
			}
			if j := JSON([]Diagnostic{d}); len(j) != 1 || j[0].Spans[0].Line < 1 || j[0].Spans[0].EndColumn < 1 {
				t.Errorf("%+v", j)
			}
			_ = s.Text()
		}
	}
}
