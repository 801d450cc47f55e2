package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sprocketc/codegen"
	"sprocketc/compile"
	"sprocketc/diag"
)

// errFound says that something was found, which has been told.
var errFound = errors.New("something was found")

func main() {
	each := flag.Duration("time", 20*time.Second, "how long a peer is fuzzed")
	only := flag.String("only", "", "peers whose name holds this")
	keep := flag.String("keep", "", "folder in which inputs are kept that came to something new, for the next run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case flag.NArg() == 1 && flag.Arg(0) == "fuzz":
		err = fuzz(ctx, *each, *only, *keep)
	case flag.NArg() == 1 && flag.Arg(0) == "coverage":
		err = coverage(ctx, *each, *only)
	default:
		fmt.Fprintln(os.Stderr, "trials: fuzz or coverage")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "trials:", err)
		os.Exit(1)
	}
}

// peers are those in C of the programs of the corpus, and of the examples that compile.
func peers(only string) ([]codegen.Input, error) {
	var files []string
	for _, folder := range []string{"accepted", "examples"} {
		list, err := filepath.Glob("corpus/" + folder + "/*.sprocket")
		if err != nil {
			return nil, err
		}
		files = append(files, list...)
	}
	if len(files) == 0 {
		return nil, errors.New("no programs in corpus/: run it from the root of the repository")
	}
	var out []codegen.Input
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		r, err := compile.Run(context.Background(), &diag.File{Name: filepath.Base(file), Text: text}, compile.Compose, compile.Options{})
		if compile.Status(err) == compile.StatusRejected && strings.Contains(file, "/examples/") {
			continue // some examples speak of what there is not yet
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, in := range compile.InC(r) {
			if strings.Contains(codegen.CName(in.Plan.Program.Name, in.Peer.Name), only) {
				out = append(out, in)
			}
		}
	}
	return out, nil
}

// write puts files into a folder.
func write(dir string, files []codegen.File) error {
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// in runs a command in a folder, and gives what it prints.
func in(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return string(out), nil
}
