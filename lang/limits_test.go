package lang

import (
	"strings"
	"sync"
	"testing"
	"time"

	"sprocketc/diag"
)

// Absurd texts end soon and say something. The bound on time is far above what they take, and far below what a
// quadratic step would take.
func TestAbsurdTexts(t *testing.T) {
	const size = MaxFile / 16 // what is linear here is linear up to MaxFile
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	head := "protocol p\npeer a { emit go }\npeer b { emit c }\nchannel net { between a and b }\n"
	wrap := head + "interface I from a to b on net {\n call f("
	var structs, chain strings.Builder
	for i := range 2000 {
		structs.WriteString("struct S" + num(i) + " { a T" + num(i) + "; a u9 }\n")
		chain.WriteString("struct S" + num(i) + " { a S" + num(i+1) + "; b S" + num(i+1) + " }\n")
	}
	for name, c := range map[string]struct {
		text   string
		errors int // at least
	}{
		"braces":          {fill("{"), 1},
		"closing braces":  {fill("}"), 4_000},
		"parentheses":     {wrap + fill("("), 1},
		"newlines inside": {wrap + "x u8," + fill("\n") + ")\n}", 0},
		"newlines":        {head + fill("\n"), 1},
		"words":           {fill("a "), 1},
		"lines":           {fill("a\n"), 4_000},
		"clauses":         {head + "peer c { " + fill("crashes;") + " }", 4_000},
		"lists":           {wrap + "x " + fill("list of ") + "u8)\n}", 1},
		"options":         {wrap + "x u8" + fill("?") + ")\n}", 1},
		"arrays":          {wrap + "x u8" + fill("[1]") + ")\n}", 1},
		"digits":          {wrap + "x u8 in 0.." + fill("9") + ")\n}", 1},
		"name":            {"protocol " + fill("a"), 1},
		"params":          {wrap + fill("x u8, ") + "y u8)\n}", 2_000},
		"comments":        {head + fill("// c\n"), 1},
		"one comment":     {head + "//" + fill("c"), 1},
		"members":         {head + "enum E { " + fill("a, ") + " }", 2_000},
		"blocks":          {head + fill("peer x { } "), 2_000},
		"strings":         {fill("\"x\" "), 1},
		"marks":           {fill("# \n"), 2_000},
		"unknown types":   {head + structs.String(), 6000},
		"long chain":      {head + chain.String() + "struct S2000 { a S0 }\n", 1},
		"unclosed":        {head + fill("peer x {\n"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			_, found := Load(&diag.File{Name: "x", Text: []byte(c.text)})
			_ = diag.Render(&strings.Builder{}, found, diag.Options{})
			if len(found) < c.errors {
				t.Errorf("%d diagnostics, want %d", len(found), c.errors)
			}
			took := time.Since(begin)
			t.Logf("%d diagnostics in %v", len(found), took)
			if took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func num(i int) string {
	s := ""
	for ; i > 0 || s == ""; i /= 10 {
		s = string(rune('0'+i%10)) + s
	}
	return s
}

func TestUnreadableFiles(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		code string
		at   int
	}{
		"nul":   {"protocol p\x00", "binary-file", 10},
		"utf-8": {"protocol \xff\xfe", "binary-file", 9},
		"large": {strings.Repeat("{", MaxFile+1), "file-too-large", 0},
		"empty": {"", "empty-file", 0},
		"blank": {" \r\n\t// a comment\n", "empty-file", 0},
	} {
		_, found := Load(&diag.File{Name: "x", Text: []byte(c.text)})
		if len(found) != 1 || found[0].Code != c.code || found[0].Primary().Start != c.at {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestByteOrderMarkAndCarriageReturns(t *testing.T) {
	text := "\uFEFFprotocol p\r\npeer a { emit go }\r\npeer b { emit go }\r\nchannel c { between a and b }\r\ninterface I from a to b on c {\r\n call f()\r\n}\r\n"
	if _, found := Load(&diag.File{Name: "x", Text: []byte(text)}); len(found) > 0 {
		t.Error(found)
	}
	checkFormat(t, []byte(text))
}

// Parsers and tables are shared and never written: programs may be loaded at the same time, with the same result.
func TestLoadConcurrently(t *testing.T) {
	chunks := errorChunks(t)
	var wg sync.WaitGroup
	for name, text := range chunks {
		for range 4 {
			wg.Go(func() {
				_, program := expectations(t, text)
				var first string
				for range 3 {
					var b strings.Builder
					_ = diag.Render(&b, loadAll(&diag.File{Name: name, Text: []byte(program)}), diag.Options{Max: -1})
					if first != "" && b.String() != first {
						t.Errorf("%s: the diagnostics vary", name)
					}
					first = b.String()
				}
			})
		}
	}
	wg.Wait()
}
