package cgen

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/schema"
)

const provenProgram = `protocol small

peer hub  { emit c }
peer node { emit c }

channel wire { between hub and node; over udp; loses 10%; repeats }

interface Small from hub to node on wire {
    call add(a u8, b u16 in 0..900) u16 { idempotent; log 4 }
    call level(tank u8 in 0..11) u8 { pure }
}
`

// harness gives the files of a peer of the program above, and those from which they are proved.
func harness(t *testing.T, callee bool, sum int) (files []codegen.File) {
	t.Helper()
	s := soil()
	p, sys := handPlan(t, []byte(provenProgram), setting{widths: s.widths, schedule: s.schedule, sum: sum, features: []string{schema.Log}})
	in, to := inputs(p, sys, "small.sprocket")
	if callee {
		in = to
	}
	files, err := EmitProof(in)
	if err != nil {
		t.Fatal(err)
	}
	return append(emit(t, in), files...)
}

// The harness of every plan compiles, with the code that it is for and nothing else: the linker misses no hook.
func TestHarnessesCompile(t *testing.T) {
	need(t, "gcc")
	for _, program := range []string{"soil", "kinds"} {
		src := kindsProgram(t)
		if program == "soil" {
			src = example(t, "soil.sprocket")
		}
		for name, s := range plans() {
			t.Run(program+" "+name, func(t *testing.T) {
				p, sys := handPlan(t, src, s)
				a, b := inputs(p, sys, program+".sprocket")
				for _, in := range []codegen.Input{a, b} {
					dir := t.TempDir()
					files := emit(t, in)
					proof, err := EmitProof(in)
					if err != nil {
						t.Fatal(err)
					}
					write(t, dir, append(files, proof...)...)
					name := strings.TrimSuffix(files[0].Name, ".h")
					fuzzed, err := EmitFuzz(in)
					if err != nil {
						t.Fatal(err)
					}
					if write(t, dir, fuzzed); program == "kinds" { // which has every type
						run(t, dir, "", "clang", append(append([]string{}, warnings...), "-Wno-unused-but-set-variable", "-Wno-unused-function", "-fsyntax-only", fuzzed.Name)...)
					}
					run(t, dir, "", "gcc", append(append([]string{}, warnings...), "-Wno-unused-but-set-variable", "-o", "out", name+".c", name+"_prove.c")...)
				}
			})
		}
	}
}

// analyse runs the command of a harness; how many alarms it has, and what it says.
func analyse(t *testing.T, files []codegen.File) (alarms string, log string) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files...)
	harness := string(files[len(files)-1].Data)
	command := regexp.MustCompile(`(?m)^// *(frama-c .*)$`).FindStringSubmatch(harness)
	if command == nil {
		t.Fatalf("the harness does not say how it is analysed:\n%s", harness)
	}
	words := strings.Fields(command[1])
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	found := regexp.MustCompile(`(?m)^ *(\d+) alarms? generated`).FindSubmatch(out)
	if found == nil {
		t.Fatalf("the analysis did not come to its end: %v\n%s", err, out)
	}
	if (string(found[1]) == "0") != (err == nil) {
		t.Errorf("%s alarms, and the command says %v", found[1], err)
	}
	return string(found[1]), string(out)
}

// Eva finds nothing in what is emitted, and each fault that is planted there: two seconds each. `make prove` asks it about every peer of
// the corpus.
func TestEvaFindsPlantedFaults(t *testing.T) {
	need(t, "frama-c")
	for _, x := range []struct {
		name, of, to string
		callee       bool
		sum          int // bytes of checksum: without, what stands behind a payload is out of bounds
	}{
		{"nothing", "", "", true, 2},
		{"nothing at the caller", "", "", false, 0},
		{"an off-by-one in the reader", "if (i >= r->size) {", "if (i > r->size) {", true, 0},
		{"an off-by-one in the journal", "c->notes_next < 4u ?", "c->notes_next <= 4u ?", false, 0},
		{"a dropped length check", "if (n < kinds[row].min || n > kinds[row].max) {", "if (false) {", true, 2},
		{"a dropped check of the shortest", "if (n < 1u || n > ", "if (n > ", true, 0},
		{"a missing guard of a table", "row >= 2u || ", "", true, 0},
		{"a missing guard of the writer", "if (i < w->size) {", "if (true) {", false, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			files := harness(t, x.callee, x.sum)
			if x.of != "" {
				core := string(files[1].Data)
				if strings.Count(core, x.of) != 1 {
					t.Fatalf("the core has %q %d times", x.of, strings.Count(core, x.of))
				}
				files[1].Data = []byte(strings.Replace(core, x.of, x.to, 1))
			}
			alarms, log := analyse(t, files)
			if (alarms == "0") != (x.of == "") {
				t.Errorf("%s alarms\n%s", alarms, log)
			}
			t.Logf("%s alarms", alarms)
		})
	}
}
