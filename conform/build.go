package conform

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sprocketc/codegen"
	cgen "sprocketc/codegen/c"
	gogen "sprocketc/codegen/go"
)

// Languages that the emitters know.
var Languages = []string{"go", "c"}

// Compilers by language: commands that must be on the path where anything is replayed.
var Compilers = map[string]string{"go": "go", "c": "cc"}

// goModule makes the emitted commands a module of their own, which needs nothing but the standard library.
var goModule = codegen.File{Name: "go.mod", Data: []byte("module replay\n\ngo 1.24\n")}

// cFlags are the flags under which emitted C must compile without a word, and run without a finding.
var cFlags = []string{"-std=c99", "-g", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror",
	"-fsanitize=address,undefined", "-fno-sanitize-recover=all"}

// harness gives the replay program of a peer.
func harness(in codegen.Input, language string) ([]codegen.File, error) {
	switch language {
	case "go":
		return gogen.EmitReplay(in)
	case "c":
		return cgen.EmitReplay(in)
	}
	return nil, fmt.Errorf("there is no emitter for %q", language)
}

// emit gives the sources of a peer.
func emit(in codegen.Input, language string) ([]codegen.File, error) {
	if language == "go" {
		return gogen.Emit(in)
	}
	return cgen.Emit(in)
}

// cSource is the file of an emitted C harness that is compiled.
func cSource(files []codegen.File) string {
	for _, f := range files {
		if strings.HasSuffix(f.Name, "_replay.c") {
			return f.Name
		}
	}
	return ""
}

// goPackage is the directory of an emitted Go harness.
func goPackage(files []codegen.File) string {
	for _, f := range files {
		if dir, name, ok := strings.Cut(f.Name, "/"); ok && name == "main.go" {
			return dir
		}
	}
	return ""
}

// writeFiles writes files below a directory.
func writeFiles(dir string, files []codegen.File) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// build writes a harness into an empty directory and compiles it; the result is the program's path.
func build(ctx context.Context, dir, language string, files []codegen.File) (string, error) {
	program, compiler := filepath.Join(dir, "replay"), Compilers[language]
	switch language {
	case "go":
		if err := writeFiles(dir, append([]codegen.File{goModule}, files...)); err != nil {
			return "", err
		}
		return program, run(ctx, dir, goEnvironment(), compiler, "build", "-o", program, "./"+goPackage(files))
	default:
		if err := writeFiles(dir, files); err != nil {
			return "", err
		}
		return program, run(ctx, dir, os.Environ(), compiler, append(append([]string{}, cFlags...), "-o", program, cSource(files))...)
	}
}

// goEnvironment keeps the Go command within the directory and off the network.
func goEnvironment() []string {
	return append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=", "GOTOOLCHAIN=local", "CGO_ENABLED=0", "GO111MODULE=on")
}

func run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = dir, env
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(firstLines(out, 12)))
	}
	return nil
}

func firstLines(b []byte, n int) []byte {
	lines := bytes.SplitAfterN(b, []byte("\n"), n+1)
	return bytes.Join(lines[:min(n, len(lines))], nil)
}

// feed gives a harness its lines and returns its answers. An error tells how the program ended; the answers up to there
// are returned with it.
func feed(ctx context.Context, vs []Vector, program string, args ...string) ([]string, error) {
	var in strings.Builder
	for _, v := range vs {
		in.WriteString(v.In)
		in.WriteByte('\n')
	}
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, program, args...)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in.String()), &out, &errs
	err := c.Run()
	if err != nil {
		err = fmt.Errorf("the replay stopped: %w: %s", err, bytes.TrimSpace(firstLines(errs.Bytes(), 12)))
	}
	text := strings.TrimSuffix(out.String(), "\n")
	if text == "" {
		return nil, err
	}
	return strings.Split(text, "\n"), err
}
