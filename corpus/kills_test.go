package corpus

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sprocketc/compile"
	"sprocketc/conform/runtest"
	"sprocketc/diag"
)

// What becomes of conversations whose peers are killed, in both languages: TestRandomRuns compares what the Go peers say.
const killsFile = "testdata/kills.txt"

// The emitted C peers of every accepted program go through the same conversations as those in Go, and are killed at every visible
// action, with every write torn at every byte: they come to the same ends. Those of programs that do not survive it are seen to break.
func TestKilledInC(t *testing.T) {
	root := t.TempDir()
	made := func(program string) (*runtest.Output, string) {
		text := read(t, program+".sprocket")
		r, err := compile.Run(context.Background(), &diag.File{Name: filepath.Base(program) + ".sprocket", Text: []byte(text)}, compile.Compose, compile.Options{})
		if err != nil {
			t.Fatal(program, err)
		}
		out, err := runtest.Files(runtest.Input{Plan: r.Plan, System: r.System, Source: r.Source()})
		if err != nil {
			t.Fatal(program, err)
		}
		dir := filepath.Join(root, filepath.Base(program))
		put(t, dir, out.Code)
		return out, filepath.Join(dir, "c")
	}
	flags := []string{"-std=c99", "-O0", "-Wall", "-Wextra", "-Werror"}
	driver := "" // where what is the same for every program is compiled
	killed := func(program string) (string, error) {
		_, dir := made(program)
		if driver == "" {
			driver = dir
			cc(t, dir, append(flags[:len(flags):len(flags)], "-c", "runtest.c", "runtest_kills.c"))
		}
		sources, err := filepath.Glob(filepath.Join(dir, "*.c"))
		if err != nil {
			t.Fatal(err)
		}
		args := append(flags[:len(flags):len(flags)], "-o", "kills", filepath.Join(driver, "runtest.o"), filepath.Join(driver, "runtest_kills.o"))
		for _, f := range sources {
			if base := filepath.Base(f); base != "runtest.c" && base != "runtest_kills.c" {
				args = append(args, base)
			}
		}
		cc(t, dir, args)
		c := exec.Command(filepath.Join(dir, "kills"))
		if os.Getenv("SPROCKET_ALL") != "" {
			c.Args = append(c.Args, "pairs")
		}
		text, err := c.CombinedOutput()
		return string(text), err
	}
	var b strings.Builder
	for _, name := range append(programs(t, "accepted"), "soil") {
		folder := "accepted/"
		if name == "soil" {
			folder = "examples/"
		}
		text, err := killed(folder + name)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		fmt.Fprintf(&b, "%s: %s", name, text)
	}
	if os.Getenv("SPROCKET_ALL") == "" {
		golden(t, killsFile, b.String())
	}
	for _, name := range fragile {
		if text, err := killed("broken/" + name); err == nil || !strings.Contains(text, " is broken: ") {
			t.Errorf("%s survives: %v\n%s", name, err, text)
		}
	}
}

// killedLines are what tests in Go say of kills, as killsFile has it.
func killedLines(text string) string {
	var b strings.Builder
	for _, m := range regexp.MustCompile(`(?ms)^=== RUN   TestKilled/(\S+)$.*?: (killed at [^\n]*)$`).FindAllStringSubmatch(text, -1) {
		fmt.Fprintf(&b, "%s: %s\n", m[1], m[2])
	}
	return b.String()
}
