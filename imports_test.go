package sprocketc_test

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "sprocketc"

// allowed states every edge between the packages of the module: key imports values. A package below cmd/ stands
// under "cmd/*" and one below runtime/ under "runtime/*". Imports of tests are exempt.
//
// Imports run with the pipeline, so that a phase can be read knowing only the values it takes and gives.
// The two emitters do not know each other, nor the language, nor the checker.
var allowed = map[string][]string{
	"":                   {}, // no code, only these tests
	"diag":               {},
	"diag/sequence":      {}, // copied beside tests of emitted code, which depend on nothing
	"lang":               {"diag"},
	"ir":                 {"diag", "lang"},
	"fsm":                {"diag"},
	"fsm/graph":          {"fsm"},
	"verify":             {"fsm", "diag", "verify/mdd", "verify/markov", "verify/zone"},
	"verify/mdd":         {}, // sets of sequences; it knows nothing of machines
	"verify/zone":        {}, // sets of clock valuations; it knows nothing of machines
	"verify/markov":      {}, // Markov chains; it knows nothing of machines
	"verify/chart":       {"verify", "fsm", "diag/sequence"},
	"verify/export":      {"fsm"},
	"verify/random":      {}, // systems for tests
	"schema":             {"ir", "fsm", "diag"},
	"solver":             {"ir", "schema", "diag", "fsm"},
	"codegen":            {"ir", "fsm"},
	"codegen/go":         {"codegen", "codegen/go/drive", "diag/sequence", "ir", "fsm"},
	"codegen/c":          {"codegen", "ir", "fsm"},
	"codegen/go/drive":   {"diag/sequence"}, // copied beside tests of runs, likewise
	"codegen/go/support": {},                // copied into emitted packages, which depend on nothing
	"conform":            {"ir", "fsm", "verify", "codegen", "codegen/go", "codegen/c"},
	"conform/runtest":    {"ir", "fsm", "verify", "verify/chart", "codegen", "codegen/go", "codegen/go/drive", "codegen/c"},
	"compile": {
		"diag", "lang", "ir", "fsm", "fsm/graph", "schema", "solver", "verify", "verify/chart", "verify/export",
		"codegen", "codegen/go", "codegen/c", "conform", "conform/runtest", "compile/simulate", "compile/target", "compile/versions",
	},
	"compile/simulate": {"ir", "fsm", "codegen", "conform", "faultlink"},
	"compile/target":   {}, // compilers of chips; it knows nothing of programs
	"compile/versions": {"ir", "fsm", "schema", "verify", "diag"},
	"cmd/*": {
		"compile", "diag", // and what it prints:
		"lang", "ir", "fsm", "verify", "codegen", "conform",
		"faultlink", "compile/simulate", "compile/target",
	},

	"runtime/*":     {}, // emitted code links to it, so it knows nothing of the compiler
	"faultlink":     {},
	"corpus":        {},
	"corpus/models": {},
	"spec":          {},
}

// goPackage is what `go list -json` says of a package, as far as it is used here.
type goPackage struct {
	Dir            string
	ImportPath     string
	GoFiles        []string
	CgoFiles       []string
	IgnoredGoFiles []string
	Imports        []string // of the files above; those of tests are in other fields
}

// name is the path inside the module, "" for its root; false if p is of another module.
func name(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// entry is the line of the table that speaks for a package.
func entry(name string) string {
	for _, group := range []string{"cmd", "runtime"} {
		if strings.HasPrefix(name, group+"/") {
			return group + "/*"
		}
	}
	return name
}

func (p goPackage) files() []string {
	return slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles)
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-json=Dir,ImportPath,GoFiles,CgoFiles,IgnoredGoFiles,Imports", "./...")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
	if len(all) < 2 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}

// importErrors says what is wrong with the edges of the packages.
func importErrors(all []goPackage) []string {
	var wrong []string
	for _, p := range all {
		from, _ := name(p.ImportPath)
		edges, known := allowed[entry(from)]
		if !known {
			wrong = append(wrong, "package "+p.ImportPath+" is not in the table of imports_test.go")
			continue
		}
		for _, imported := range p.Imports {
			if to, ours := name(imported); ours && !slices.Contains(edges, to) {
				wrong = append(wrong, "package "+p.ImportPath+" may not import "+imported)
			}
		}
	}
	return wrong
}

func TestImports(t *testing.T) {
	for _, wrong := range importErrors(packages(t)) {
		t.Error(wrong)
	}
}

// A test of the test: the edges that matter most are refused.
func TestImportErrors(t *testing.T) {
	for _, c := range []struct {
		from, imported, want string
	}{
		{"diag", "fmt", ""},
		{"lang", "sprocketc/diag", ""},
		{"cmd/sprocketc", "sprocketc/compile", ""},
		{"diag", "sprocketc/lang", "package sprocketc/diag may not import sprocketc/lang"},
		{"codegen/c", "sprocketc/codegen/go", "package sprocketc/codegen/c may not import sprocketc/codegen/go"},
		{"codegen/go", "sprocketc/lang", "package sprocketc/codegen/go may not import sprocketc/lang"},
		{"codegen", "sprocketc/verify", "package sprocketc/codegen may not import sprocketc/verify"},
		{"fsm", "sprocketc", "package sprocketc/fsm may not import sprocketc"},
		{"runtime/udp", "sprocketc/diag", "package sprocketc/runtime/udp may not import sprocketc/diag"},
		{"util", "fmt", "package sprocketc/util is not in the table of imports_test.go"},
	} {
		got := strings.Join(importErrors([]goPackage{{ImportPath: module + "/" + c.from, Imports: []string{c.imported}}}), "; ")
		if got != c.want {
			t.Errorf("%s imports %s: got %q, want %q", c.from, c.imported, got, c.want)
		}
	}
}

// A cycle in the table would let two packages depend on each other through a third.
func TestImportTableHasNoCycle(t *testing.T) {
	const visiting, done = 1, 2
	state := map[string]int{}
	var visit func(string)
	visit = func(from string) {
		state[from] = visiting
		for _, to := range allowed[from] {
			if _, known := allowed[to]; !known {
				t.Errorf("%s may import %s, which is not in the table", from, to)
			}
			switch state[to] {
			case visiting:
				t.Errorf("the table has a cycle through %s and %s", from, to)
			case 0:
				visit(to)
			}
		}
		state[from] = done
	}
	for from := range allowed {
		if state[from] == 0 {
			visit(from)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.files()) == 0 {
			continue // tests only
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, "doc.go"), nil, parser.ParseComments|parser.PackageClauseOnly)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			t.Errorf("package %s has no doc.go", p.ImportPath)
		case err != nil:
			t.Errorf("package %s: %v", p.ImportPath, err)
		case file.Doc == nil:
			t.Errorf("doc.go of package %s has no package comment", p.ImportPath)
		}
	}
}

const (
	longFile    = 500 // lines: time to split it
	tooLongFile = 600
)

func TestFilesAreShort(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range p.files() {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Count(string(text), "\n")
			where := p.ImportPath + ": " + name
			switch {
			case lines > tooLongFile:
				t.Errorf("%s has %d lines, more than %d", where, lines, tooLongFile)
			case lines > longFile:
				t.Logf("%s has %d lines, more than %d: split it soon", where, lines, longFile)
			}
		}
	}
}

// CI runs one command, and it is the one that the README gives for the tests.
func TestCIRunsWhatTheReadmeSays(t *testing.T) {
	const ci = ".ci/run"
	info, err := os.Stat(ci)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode()&0o111 == 0 {
		t.Errorf("%s is not executable", ci)
	}
	script, err := os.ReadFile(ci)
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for line := range strings.Lines(string(script)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "set ") && !strings.HasPrefix(line, "cd ") {
			commands = append(commands, line)
		}
	}
	if len(commands) != 1 {
		t.Fatalf("%s runs %q, not one command", ci, commands)
	}
	readme, err := os.ReadFile("README.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatal("no README.md")
	}
	if err != nil {
		t.Fatal(err)
	}
	// As a line of its own in a code block (a prompt and a comment may stand around it), or in back quotes.
	command := regexp.QuoteMeta(commands[0])
	if !regexp.MustCompile("(?m)^\\s*(\\$ )?" + command + "\\s*(#.*)?$|`" + command + "`").Match(readme) {
		t.Errorf("%s runs %q, which README.md does not tell", ci, commands[0])
	}
}
