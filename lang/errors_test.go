package lang

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sprocketc/diag"
)

// annotation is an expectation in a comment on the line of a diagnostic's primary span: `//~ code: pattern`.
var annotation = regexp.MustCompile(`//~ ([a-z-]+): (.*)$`)

type expectation struct {
	code    string
	message *regexp.Regexp
	met     bool
}

// expectations reads the annotations of a program by line and gives the program without them. Each annotation is cut
// off together with the blanks before it.
func expectations(t *testing.T, text string) (map[int][]*expectation, string) {
	t.Helper()
	wanted := map[int][]*expectation{}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		program, notes, ok := strings.Cut(l, "//~")
		if !ok {
			continue
		}
		for note := range strings.SplitSeq("//~"+notes, "//~") {
			if note == "" {
				continue
			}
			m := annotation.FindStringSubmatch("//~" + strings.TrimRight(note, " "))
			if m == nil {
				t.Fatalf("line %d: malformed annotation %q", i+1, note)
			}
			wanted[i+1] = append(wanted[i+1], &expectation{code: m[1], message: regexp.MustCompile("^" + m[2] + "$")})
		}
		lines[i] = strings.TrimRight(program, " ")
	}
	return wanted, strings.Join(lines, "\n")
}

// compare holds the diagnostics of a program against its annotations, both ways, and gives the codes that were seen.
func compare(t *testing.T, name, text string, load func(*diag.File) []diag.Diagnostic) []string {
	t.Helper()
	wanted, program := expectations(t, text)
	file := &diag.File{Name: name, Text: []byte(program)}
	var codes []string
	found := load(file)
	lines := diag.NewLines(file)
	for _, d := range found {
		codes = append(codes, d.Code)
		line := lines.Line(d.Primary().Start)
		i := slices.IndexFunc(wanted[line], func(e *expectation) bool {
			return !e.met && e.code == d.Code && e.message.MatchString(d.Message)
		})
		if i < 0 {
			t.Errorf("%s:%d: unexpected %s: %s", name, line, d.Code, d.Message)
			continue
		}
		wanted[line][i].met = true
		if d.Primary().File != file {
			t.Errorf("%s:%d: %s points into no file", name, line, d.Code)
		}
	}
	for line := range lines.Count() {
		for _, e := range wanted[line+1] {
			if !e.met {
				t.Errorf("%s:%d: missing %s: %s", name, line+1, e.code, e.message)
			}
		}
	}
	return codes
}

func loadAll(f *diag.File) []diag.Diagnostic {
	_, found := Load(f)
	return found
}

// errorChunks are the annotated programs of corpus/errors by name.
func errorChunks(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../corpus/errors/*.sprocket")
	if err != nil || len(files) == 0 {
		t.Fatal("no error corpus", err)
	}
	chunks := map[string]string{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, chunk := range strings.Split(string(text), "=====\n") {
			chunks[fmt.Sprintf("%s/%d", strings.TrimSuffix(filepath.Base(name), ".sprocket"), i+1)] = chunk
		}
	}
	return chunks
}

func TestErrorCorpus(t *testing.T) {
	for name, text := range errorChunks(t) {
		t.Run(name, func(t *testing.T) {
			if codes := compare(t, name, text, loadAll); len(codes) == 0 {
				t.Error("no diagnostics")
			}
		})
	}
}

func TestAcceptedExamples(t *testing.T) {
	for _, name := range []string{"soil", "impossible/deadline", "impossible/oneway", "impossible/amnesia"} {
		text, err := os.ReadFile("../corpus/examples/" + name + ".sprocket")
		if err != nil {
			t.Fatal(err)
		}
		if _, found := Load(&diag.File{Name: name, Text: text}); len(found) > 0 {
			var b bytes.Buffer
			_ = diag.Render(&b, found, diag.Options{})
			t.Errorf("%s is not accepted:\n%s", name, b.String())
		}
	}
}

// How the errors of whole programs look: corpus/errors/NAME.stderr, for those where the spans matter most.
func TestErrorRendering(t *testing.T) {
	for _, name := range []string{"names", "types", "clauses", "words"} {
		_, program := expectations(t, errorChunks(t)[name+"/1"])
		var b bytes.Buffer
		if err := diag.Render(&b, loadAll(&diag.File{Name: name + ".sprocket", Text: []byte(program)}), diag.Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, "../corpus/errors/"+name+".stderr", b.Bytes())
	}
}
