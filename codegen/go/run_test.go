package gogen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sprocketc/codegen"
)

// tool runs the go command in a module that was emitted.
func tool(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// copyInto copies the Go files of a folder that pass the filter.
func copyInto(t testing.TB, dir, from, to string, tests bool) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(from, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no Go files, %v", from, err)
	}
	for _, n := range names {
		if strings.HasSuffix(n, "_test.go") && !tests {
			continue
		}
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, codegen.File{Name: to + "/" + filepath.Base(n), Data: b})
	}
}

// The tests in testdata/soil run in the emitted package, both peers on the loopback.
func TestEmittedSoilRuns(t *testing.T) {
	p, sys := handPlan(t, example(t, "soil.sprocket"), soil())
	dir := emit(t, p, sys)
	copyInto(t, dir, filepath.Join("..", "..", "faultlink"), "faultlink", false)
	copyInto(t, dir, filepath.Join("testdata", "soil"), "proto", true)
	tool(t, dir, "vet", "./...")
	args := []string{"test", "-count=1", "-timeout=180s", "./proto"}
	if !testing.Short() {
		args = append([]string{"test", "-race"}, args[1:]...)
	}
	t.Log(tool(t, dir, args...))
}
