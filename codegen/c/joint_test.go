package cgen

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sprocketc/codegen"
	"sprocketc/schema"
)

// joint builds the harness in testdata/joint.c around both emitted peers of soil.
func joint(t *testing.T, cc string, s setting) (exe string) {
	t.Helper()
	need(t, cc)
	p, sys := handPlan(t, example(t, "soil.sprocket"), s)
	a, b := inputs(p, sys, "soil.sprocket")
	dir := t.TempDir()
	write(t, dir, emit(t, a)...)
	write(t, dir, emit(t, b)...)
	main, err := os.ReadFile(filepath.Join("testdata", "joint.c"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, codegen.File{Name: "joint.c", Data: main})
	exe = filepath.Join(dir, "joint")
	run(t, dir, "", cc, "-std=c99", "-Wall", "-Wextra", "-Werror", "-O1", "-g",
		"-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o", exe, "soil_gateway.c", "soil_probe.c", "joint.c")
	return exe
}

// Both emitted peers of soil in one process, under everything that the program's network and peers may do: the
// harness says what must hold, and that everything that can happen did.
func TestJointSoil(t *testing.T) {
	for _, cc := range []string{"gcc", "clang"} {
		t.Run(cc, func(t *testing.T) {
			exe := joint(t, cc, soil())
			var sum [10]int
			for seed := range 6 {
				out := run(t, ".", "", exe, fmt.Sprint(seed+1), fmt.Sprint(255*(seed%2)))
				var n [10]int
				if _, err := fmt.Sscanf(out, "crashed %d and %d, torn %d, altered %d, executed %d, remembered %d, answered %d, timed out %d, unknown %d, restarted %d",
					&n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8], &n[9]); err != nil {
					t.Fatal(out, err)
				}
				for i := range n {
					sum[i] += n[i]
				}
				t.Log(out)
			}
			for i, n := range sum {
				if n == 0 {
					t.Errorf("figure %d is 0 in all runs", i)
				}
			}
		})
	}
}

// The harness is no decoration: plans that lack what soil needs break it.
func TestJointSeesWrongPlans(t *testing.T) {
	for _, feature := range []string{schema.DupSuppression, schema.AnswerMatching, schema.Pacing, schema.OutcomeUnknown} {
		t.Run(feature, func(t *testing.T) {
			exe := joint(t, "gcc", soil().without(feature))
			for seed := range 6 {
				if err := exec.Command(exe, fmt.Sprint(seed+1)).Run(); err != nil {
					return
				}
			}
			t.Errorf("without %s everything holds", feature)
		})
	}
}
