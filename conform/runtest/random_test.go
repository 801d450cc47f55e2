package runtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/lang"
	"sprocketc/schema"
	"sprocketc/solver"
)

// plan of a program, with a line added to its interface.
func plan(t *testing.T, file, force string) Input {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.LastIndexByte(text, '}'); force != "" {
		text = slices.Insert(text, i, []byte("    force { "+force+" }\n")...)
	}
	f, found := lang.Load(&diag.File{Name: filepath.Base(file), Text: text})
	if diag.HasErrors(found) {
		t.Fatal(found)
	}
	prog, found := ir.Lower(f)
	if diag.HasErrors(found) {
		t.Fatal(found)
	}
	p, found := solver.Solve(prog)
	if p == nil {
		t.Fatal(found)
	}
	sys, err := schema.System(p)
	if err != nil {
		t.Fatal(err)
	}
	return Input{Plan: p, System: sys, Source: filepath.Base(file)}
}

var properties = []string{"own_answer", "serial", "at_most_once", "honest_outcome", "final", "no_stale", "no_spurious_restart"}

// random is a script of steps that the environment might take, many of them impossible.
func random(in Input, seed uint64, property string, steps int) *script {
	rng := rand.New(rand.NewPCG(seed, 7))
	s := &script{property: property}
	ch := in.Plan.Interface.Channel
	fns := in.System.Enum("fn").Members
	for n := 1; n <= steps; n++ {
		st := step{what: "at random"}
		add := func(name string, args ...any) { st.calls = append(st.calls, call{name, args}) }
		crashes := func(p *ir.Peer) bool { return p.Crashes != nil }
		who := side(rng.IntN(2))
		peer := [2]*ir.Peer{in.Plan.Interface.From, in.Plan.Interface.To}[who]
		both := crashes(in.Plan.Interface.From) && crashes(in.Plan.Interface.To)
		if both && rng.IntN(40) == 0 {
			add("crash after", 1+rng.IntN(3))
			if rng.IntN(3) == 0 {
				add("tear")
			}
			if rng.IntN(3) == 0 {
				add("crash in start", 1+rng.IntN(2), rng.IntN(2) == 0)
			}
		}
		for _, l := range []string{"pace", "held"} {
			if rng.IntN(15) == 0 {
				add("layer", l)
			}
		}
		switch k := rng.IntN(100); {
		case k < 12:
			add("call", fns[rng.IntN(len(fns))])
		case k < 24:
			add("returns")
		case k < 32:
			add("timer", caller, "retry")
		case k < 34:
			add("timer", caller, "expire")
		case k < 36:
			add("timer", who, "pace")
		case k < 37 && crashes(peer):
			add("crashes", who)
		case k < 38 && rng.IntN(4) == 0 && in.System.Machine("caller").Erased:
			add("replaced", caller)
		default:
			if ch.Corrupts != nil && rng.IntN(12) == 0 {
				add("altered", []string{"n", "ke", "ce", "last", "payload"}[rng.IntN(5)], rng.IntN(3))
			}
			back := 1
			if rng.IntN(2) == 0 {
				back += rng.IntN(9)
			}
			add("deliver", max(0, n-back), rng.IntN(8)/7)
		}
		s.steps = append(s.steps, st)
	}
	return s
}

var said = regexp.MustCompile(`(?m)(step \d+ \(at random\) is left out: .*|\w+ is broken: .*)$`)

// Whatever the channel and the peers do, the code of what is proven is not found broken, that of what is wrong may be,
// and both languages' drivers say the same of every step.
func TestBothLanguagesSayTheSame(t *testing.T) {
	for _, c := range []struct {
		file, force string
		proven      bool
	}{
		{"../testdata/kinds.sprocket", "", true},
		{"../../corpus/examples/soil.sprocket", "", true},
		{"../../corpus/accepted/drawn.sprocket", "", true},
		{"../../corpus/accepted/unordered.sprocket", "", true},
		{"../../corpus/examples/soil.sprocket", "duplicate suppression off; outcome unknown off; serial off; answer matching off; checksum off", false},
	} {
		t.Run(filepath.Base(c.file)+" "+c.force, func(t *testing.T) {
			in := plan(t, c.file, c.force)
			out, err := Files(in)
			if err != nil {
				t.Fatal(err)
			}
			protocol := in.Plan.Program.Name
			for i, p := range properties {
				s := random(in, uint64(i), p, 600)
				g, err := goTest(s, protocol, in.Source)
				if err != nil {
					t.Fatal(err)
				}
				c99 := cTest(s, in.Source)
				g.Name, c99.Name = "go/"+g.Name, "c/"+c99.Name
				out.Code = append(out.Code, g, c99)
			}
			dir := t.TempDir()
			for _, f := range out.Code {
				name := filepath.Join(dir, filepath.FromSlash(f.Name))
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			broken := 0
			logs := output(t, dir, "go", "test", "-vet=off", "-v", "./go")
			for _, p := range properties {
				_, inGo, _ := strings.Cut(logs, "=== RUN   "+codegen.GoName("test run", p)+"\n")
				inGo, _, _ = strings.Cut(inGo, "=== RUN")
				inC := output(t, dir, "make", "-s", "CFLAGS=-std=c99 -O0 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all", "run_"+codegen.CName(p))
				for _, bad := range []string{"panic", "step 0", "Sanitizer", "runtime error", "error:", "is not taken"} {
					if strings.Contains(inGo+inC, bad) {
						t.Fatalf("%s\n%s", inGo, inC)
					}
				}
				a, b := said.FindAllString(inGo, -1), said.FindAllString(inC, -1)
				if !slices.Equal(a, b) {
					t.Fatalf("%s: Go says\n%s\nand C\n%s", p, strings.Join(a, "\n"), strings.Join(b, "\n"))
				}
				if len(a) < 50 || len(a) > 550 {
					t.Errorf("%s: %d of 600 steps are left out", p, len(a))
				}
				if strings.Contains(inC, "FAIL: "+p) {
					broken++
				}
			}
			if c.proven && broken > 0 || !c.proven && broken == 0 {
				t.Errorf("%d properties are found broken", broken)
			}
		})
	}
}

func output(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=")
	text, err := c.CombinedOutput()
	if len(text) == 0 {
		t.Fatal(fmt.Errorf("%s %v: %w", name, args, err))
	}
	return string(text)
}
