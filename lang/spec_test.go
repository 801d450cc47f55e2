package lang

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sprocketc/diag"
)

var (
	codeHeading = regexp.MustCompile("^## `([a-z-]+)`\n\n([^\n]+)\n")
	program     = regexp.MustCompile("(?s)```sprocket\n(.*?)```")
)

func readSpec(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../spec/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Each code has a section in spec/diagnostics.md, in order and with its sentence, whose example gives that code.
func TestDiagnosticsSpec(t *testing.T) {
	text := readSpec(t, "diagnostics.md")
	var documented []Code
	for i, section := range strings.Split(text, "\n## ")[1:] {
		section = "## " + section
		m := codeHeading.FindStringSubmatch(section)
		if m == nil {
			t.Fatalf("section %d: %.40q", i, section)
		}
		documented = append(documented, Code{Name: m[1], Says: m[2]})
		examples := program.FindAllStringSubmatch(section, -1)
		if len(examples) == 0 {
			t.Errorf("%s has no example", m[1])
		}
		for _, example := range examples {
			if m[1] == "too-large" { // found by the lowering, whose tests run it; here it is without fault
				_, clean := expectations(t, example[1])
				if found := loadAll(&diag.File{Name: m[1], Text: []byte(clean)}); len(found) > 0 {
					t.Errorf("%s: %v", m[1], found)
				}
				continue
			}
			example[1] = strings.NewReplacer("␀", "\x00", "⟨1 MiB⟩", strings.Repeat(" ", MaxFile)).Replace(example[1])
			if codes := compare(t, m[1], example[1], loadAll); !slices.Contains(codes, m[1]) {
				t.Errorf("the example of %s gives %v", m[1], codes)
			}
		}
	}
	if !slices.Equal(documented, Codes) {
		t.Errorf("the codes are %v\ndocumented are %v", Codes, documented)
	}
	if !slices.IsSortedFunc(Codes, func(a, b Code) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the codes are not sorted")
	}
}

// Each word has a row in the section of its context in spec/language.md, each row is of a word, and the programs of
// the page are accepted.
func TestLanguageSpec(t *testing.T) {
	text := readSpec(t, "language.md")
	headings := map[context]string{inFile: "At the top", inPeer: "In a peer", inChannel: "In a channel", inInterface: "In an interface", inCall: "In a call"}
	row := regexp.MustCompile("(?m)^\\| `([^`]*)` \\|")
	for in, heading := range headings {
		_, section, ok := strings.Cut(text, "\n## "+heading+"\n")
		if !ok {
			t.Fatalf("no section %q", heading)
		}
		section, _, _ = strings.Cut(section, "\n## ")
		var got, want []string
		for _, m := range row.FindAllStringSubmatch(section, -1) {
			got = append(got, m[1])
		}
		for _, w := range words {
			if w.in == in {
				want = append(want, w.form)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s documents\n%q\nthe words are\n%q", heading, got, want)
		}
	}
	programs := program.FindAllStringSubmatch(text, -1)
	if len(programs) == 0 {
		t.Error("no program")
	}
	for _, m := range programs {
		if found := loadAll(&diag.File{Name: "language.md", Text: []byte(m[1])}); len(found) > 0 {
			t.Error(found)
		}
		if formatted, _ := Format([]byte(m[1])); string(formatted) != m[1] {
			t.Errorf("the program is not in canonical layout:\n%s", formatted)
		}
	}
}

// The types of the table in spec/language.md are accepted.
func TestLanguageSpecTypes(t *testing.T) {
	text := readSpec(t, "language.md")
	_, section, _ := strings.Cut(text, "\n## Types\n")
	section, _, _ = strings.Cut(section, "\n## ")
	code := regexp.MustCompile("`([^`]+)`")
	n := 0
	for line := range strings.SplitSeq(section, "\n") {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, m := range code.FindAllStringSubmatch(first, -1) {
			n++
			typ := strings.NewReplacer("T", "u8", "N", "7").Replace(m[1])
			p := "protocol p\npeer a { emit go }\npeer b { emit c }\nchannel n { between a and b }\ninterface I from a to b on n { call f(x " + typ + ") " + typ + " }"
			if found := loadAll(&diag.File{Name: typ, Text: []byte(p)}); len(found) > 0 {
				t.Errorf("%s: %v", typ, found)
			}
		}
	}
	if n < 18 {
		t.Errorf("%d types", n)
	}
}
