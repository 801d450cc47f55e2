package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"sprocketc/compile"
)

var (
	//go:embed programs/_gateway/main.go
	gatewayProgram string
	//go:embed programs/probe/main.c
	probeProgram string
)

// binaries of the two peers.
type binaries struct {
	gateway, probe string
	took           time.Duration // to build them
}

// build writes what the compiler emitted into a directory, with the programs of the two peers, and builds both.
func build(ctx context.Context, dir string, r *compile.Result) (*binaries, error) {
	begun := time.Now()
	if _, err := compile.Write(dir, []*compile.Result{r}, ""); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{
		"go.mod":          "module demo\n\ngo 1.26\n",
		"gateway/main.go": gatewayProgram,
		"probe/main.c":    probeProgram,
	} {
		place := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(place, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "cc"
	}
	b := &binaries{gateway: filepath.Join(dir, "bin", "gateway"), probe: filepath.Join(dir, "bin", "probe")}
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		return nil, err
	}
	for _, command := range [][]string{
		{"go", "build", "-o", b.gateway, "./gateway"},
		{cc, "-std=c99", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-Ic",
			"-o", b.probe, "probe/main.c", "c/soil_probe.c", "c/soil_probe_posix.c"},
	} {
		c := exec.CommandContext(ctx, command[0], command[1:]...)
		c.Dir = dir
		// The emitted code is a module of its own, and links to no library of the system.
		c.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", command[0], err, out)
		}
	}
	b.took = time.Since(begun)
	return b, nil
}
