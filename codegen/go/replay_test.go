package gogen

import (
	"bytes"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// The emitted core does what the interpreter does, from any state, for any event.
func TestReplayAgreesWithTheInterpreter(t *testing.T) {
	chosen := []string{"soil", "intent", "drawn", "sum1", "sum4", "wraps5", "volatile", "bare"}
	dir := t.TempDir()
	write(t, dir, codegen.File{Name: "go.mod", Data: []byte("module emitted\n\ngo 1.26\n")})
	v := variants()
	type run struct {
		in codegen.Input
		at string
	}
	var runs []run
	for _, n := range chosen {
		p, sys := handPlan(t, example(t, "soil.sprocket"), v[n])
		a, b := inputs(p, sys)
		for _, in := range []codegen.Input{a, b} {
			files, err := EmitReplay(in)
			if err != nil {
				t.Fatalf("%s: %v", n, err)
			}
			for _, f := range files {
				f.Name = n + "/" + f.Name
				write(t, dir, f)
			}
			runs = append(runs, run{in, n + "/replay_" + in.Peer.Name})
		}
	}
	tool(t, dir, "vet", "./...")
	for _, r := range runs {
		bin := filepath.Join(dir, "bin", r.at)
		tool(t, dir, "build", "-o", bin, "./"+r.at)
		m := r.in.Machine()
		x := &reference{t, r.in.Plan, r.in.System, fsm.Compile(r.in.System, m), rand.New(rand.NewPCG(1, 2)), [][]byte{nil, {1}, {2, 3}}}
		replayed(t, x, r.at, bin)
	}
}

func replayed(t *testing.T, x *reference, name, bin string) {
	t.Helper()
	var lines []string
	var states []fsm.State
	var actions [][]string
	seen := map[string]bool{}
	for range 20000 {
		l, s, a, ok := x.one()
		if !ok {
			continue
		}
		lines, states, actions = append(lines, l), append(states, s), append(actions, a)
		for _, act := range a {
			seen[strings.Fields(act)[0]] = true
		}
		if len(lines) == 5000 {
			break
		}
	}
	cmd := exec.Command(bin)
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v %s", name, err, stderr.String())
	}
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(answers) != len(lines) || len(lines) < 1000 {
		t.Fatalf("%s: %d answers to %d lines", name, len(answers), len(lines))
	}
	for i, got := range answers {
		parts := strings.Split(got, " ; ")
		s := x.parse(parts[0])
		x.code.Settle(s)
		want := strings.Join(actions[i], " ; ")
		if !slices.Equal(s, states[i]) || strings.Join(parts[1:], " ; ") != want {
			t.Fatalf("%s: the answer to\n%s\nis\n%s\nand not\n%s ; %s", name, lines[i], got, x.text(states[i]), want)
		}
	}
	if !seen["send"] {
		t.Errorf("%s: no event led to a datagram", name)
	}
}
