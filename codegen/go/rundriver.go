package gogen

import (
	"bytes"
	"embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/diag/sequence"
	"sprocketc/ir"
)

//go:embed drive/drive.go drive/observer.go drive/world.go drive/chart.go drive/time.go drive/walk.go drive/kills.go
var driveFiles embed.FS

// EmitDriver prints what tests of runs need beside the package that Emit prints for both peers: the files of package drive
// as run_driver_test.go and so on, and run_program_test.go, which tells them of this program and of this plan's machines.
func EmitDriver(caller, callee codegen.Input) ([]codegen.File, error) {
	return emitDriver(caller, callee, "drive", "observer", "world", "chart", "time")
}

// EmitRandom prints, beside the package that Emit prints for one peer or for both, a test that lets both cores make random runs: random_runs_test.go, what EmitDriver
// prints, and the core of a peer that is not among those emitted, as files of tests. It needs pgregory.net/rapid.
func EmitRandom(caller, callee codegen.Input, emitted func(*ir.Peer) bool) ([]codegen.File, error) {
	out, err := emitDriver(caller, callee, "drive", "observer", "world", "chart", "time", "walk", "kills")
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, in := range []codegen.Input{caller, callee} {
		if !emitted(in.Peer) {
			continue
		}
		files, err := Emit(in)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			have[f.Name] = true
		}
	}
	for _, in := range []codegen.Input{caller, callee} {
		g, err := newGen(in)
		if err != nil {
			return nil, err
		}
		g.pkg = codegen.GoPackage(in.Plan.Program.Name)
		g.machineFiles()
		files, err := g.done()
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if have[f.Name] {
				continue
			}
			have[f.Name] = true
			f.Name = strings.TrimSuffix(f.Name, ".go") + "_test.go"
			out = append(out, f)
		}
	}
	g, err := newGen(caller)
	if err != nil {
		return nil, err
	}
	pkg := codegen.GoPackage(caller.Plan.Program.Name)
	about := fmt.Sprintf(randomAbout, caller.Peer.Name, callee.Peer.Name, strings.Join(codegen.Watched(g.sys), ", "))
	text, err := format.Source([]byte("// " + g.header() + "\n\n" + fmt.Sprintf(randomTest, pkg, "// "+strings.Join(wrap(about), "\n// "))))
	if err != nil {
		return nil, fmt.Errorf("random_runs_test.go: %w", err)
	}
	return append(out, codegen.File{Name: "random_runs_test.go", Data: text}), nil
}

// drawing is the source of package sequence as that of a test: what it declares and exports begins with "chart" there.
func drawing() ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "draw.go", sequence.Source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					names = append(names, s.Names[0].Name)
				}
			}
		}
	}
	return regexp.MustCompile(`\b(`+strings.Join(names, "|")+`)\b`).ReplaceAll(sequence.Source, []byte("chart$1")), nil
}

func emitDriver(caller, callee codegen.Input, parts ...string) ([]codegen.File, error) {
	a, err := newGen(caller)
	if err != nil {
		return nil, err
	}
	b, err := newGen(callee)
	if err != nil {
		return nil, err
	}
	pkg := codegen.GoPackage(caller.Plan.Program.Name)
	begin := []byte("// " + a.header() + "\n\npackage " + pkg)
	draw, err := drawing()
	if err != nil {
		return nil, err
	}
	if draw, err = format.Source(bytes.Replace(draw, []byte("package sequence"), begin, 1)); err != nil {
		return nil, err
	}
	out := []codegen.File{{Name: "run_sequence_test.go", Data: draw}}
	for _, part := range parts {
		text, err := driveFiles.ReadFile("drive/" + part + ".go")
		if err != nil {
			return nil, err
		}
		text = bytes.Replace(text, []byte("package drive"), begin, 1)
		text = bytes.Replace(text, []byte("\n\n\t\"sprocketc/diag/sequence\"\n"), []byte("\n"), 1)
		for _, r := range [][2]string{{"Observer{", "runObserver{"}, {"*Observer", "*runObserver"}, {"type Observer", "type runObserver"}, {"// Observer", "// runObserver"},
			{"NewObserver", "newRunObserver"}, {"func Kind(", "func runKind("}, {"// Kind is", "// runKind is"}, {"sequence.", "chart"}} {
			text = bytes.ReplaceAll(text, []byte(r[0]), []byte(r[1]))
		}
		name := part
		if name == "drive" {
			name = "driver"
		}
		if text, err = format.Source(text); err != nil {
			return nil, fmt.Errorf("%s: %w", part, err)
		}
		out = append(out, codegen.File{Name: "run_" + name + "_test.go", Data: text})
	}
	slices.SortFunc(out, func(x, y codegen.File) int { return strings.Compare(x.Name, y.Name) })
	var t strings.Builder
	fmt.Fprintf(&t, "// %s\n\npackage %s\n\n", a.header(), pkg)
	a.runPeer(&t, "runCaller", "newRunCaller")
	b.runPeer(&t, "runCallee", "newRunCallee")
	a.runFunctions(&t)
	a.runLayouts(&t)
	runProgram(&t, a, b)
	fmt.Fprintf(&t, "// runCommits: %s commits what a handler did with a record.\nconst runCommits = %v\n", b.in.Peer.Name, b.commits())
	text, err := format.Source([]byte(t.String()))
	if err != nil {
		return nil, fmt.Errorf("run_program_test.go: %w", err)
	}
	return append(out, codegen.File{Name: "run_program_test.go", Data: text}), nil
}

// randomAbout is what random_runs_test.go says of itself.
const randomAbout = `TestRandomRuns lets the cores of %s and %s make random runs: calls, datagrams that are lost, repeated, overtaken or
altered as the program's channel may do and not otherwise, timers in any order, handlers that return, and crashes of the
peers that may, after any visible action, with torn writes; they start again from what their stable memory holds. There is no
clock and no socket. What it watches, from outside: %s. A run that breaks one of them is made short and drawn. The test needs
rapid in the module that holds this package:`

// randomTest is random_runs_test.go behind its first line.
const randomTest = `package %s

import (
	"testing"

	"pgregory.net/rapid"
)

%s
//
//	go get pgregory.net/rapid
//	go test -run TestRandomRuns -rapid.checks=10000 -rapid.steps=60 -rapid.seed=1
func TestRandomRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newRunWalk(t, func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(t, what) }, func() { t.Skip() })
		t.Repeat(map[string]func(*rapid.T){
			"":                     func(*rapid.T) { w.check() },
			"answer arrives":       func(*rapid.T) { w.arrives(runCalleeSide, false) },
			"answer arrives again": func(*rapid.T) { w.arrives(runCalleeSide, true) },
			"call":                 func(*rapid.T) { w.calls() },
			"crash":                func(*rapid.T) { w.crash() },
			"handler returns":      func(*rapid.T) { w.handlerReturns() },
			"request arrives":      func(*rapid.T) { w.arrives(runCallerSide, false) },
			"request arrives again": func(*rapid.T) { w.arrives(runCallerSide, true) },
			"timer fires":          func(*rapid.T) { w.fires() },
		})
		w.settle()
	})
}

// TestKilledAtEveryAction lets the program make its calls, and each time kills the peer that acts after another of its visible
// actions: a datagram, a write, the start of a handler, the end of a call. A write is torn at each of its bytes too. The peer starts
// from what its stable memory holds then, and everything must come to a good end.
func TestKilledAtEveryAction(t *testing.T) {
	t.Log(runKilled(t, false))
}

// TestKilledTwice kills at every two actions. It takes up to half a minute.
func TestKilledTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes up to half a minute")
	}
	t.Log(runKilled(t, true))
}
`
