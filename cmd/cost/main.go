package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"sprocketc/compile"
	"sprocketc/diag"
)

// A target is a compiler for which code is measured.
type target struct {
	name  string // column of the table
	tools string // prefix of gcc and size
	flags []string
}

var targets = []target{
	{"cortex-m0plus", "arm-none-eabi-", []string{"-mcpu=cortex-m0plus", "-mthumb"}},
	{"cortex-m4", "arm-none-eabi-", []string{"-mcpu=cortex-m4", "-mthumb"}},
	{"rv32", "riscv64-unknown-elf-", []string{"-march=rv32imc", "-mabi=ilp32"}},
	{"avr", "avr-", []string{"-mmcu=atmega328p"}},
}

// sample is one peer of one program: what its code consists of, and its bytes by target.
type sample struct {
	name  string
	role  string
	terms map[string]float64
	bytes map[string]float64
}

func main() {
	n := flag.Int("programs", 300, "random programs beside the corpus")
	only := flag.String("only", "", "measure this target only, and write nothing")
	out := flag.String("o", "schema/flash.csv", "the table")
	keep := flag.Bool("keep", false, "leave the terms that the table has as they are, and measure those that are new only: what is known of other programs stays")
	flag.Parse()
	if err := run(*n, *only, *out, *keep); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(n int, only, out string, keep bool) error {
	var there []target
	for _, t := range targets {
		if _, err := exec.LookPath(t.tools + "gcc"); err != nil {
			fmt.Printf("%s: %sgcc is not installed: its column stays as it is\n", t.name, t.tools)
			continue
		}
		if only == "" || only == t.name {
			there = append(there, t)
		}
	}
	texts, err := corpus()
	if err != nil {
		return err
	}
	r := rand.New(rand.NewSource(1))
	for i := range n {
		texts = append(texts, [2]string{fmt.Sprintf("random%d.sprocket", i), program(r, false)})
	}
	for i := range n / 3 {
		texts = append(texts, [2]string{fmt.Sprintf("random_lanes%d.sprocket", i), program(r, true)})
	}
	samples, err := measureAll(texts, there)
	if err != nil {
		return err
	}
	table, kept, was := map[string]map[string]float64{}, map[string]map[string]float64{}, compile.FlashTable()
	if keep {
		kept = was
	}
	for _, t := range there {
		for _, role := range []string{"caller", "callee"} {
			fit(samples, t.name, role, table, kept, was)
		}
	}
	if only != "" {
		return nil
	}
	return write(out, table, there)
}

// corpus are the accepted programs of the corpus, and soil.
func corpus() ([][2]string, error) {
	files, err := filepath.Glob("corpus/accepted/*.sprocket")
	if err != nil {
		return nil, err
	}
	var out [][2]string
	for _, f := range append(files, "corpus/examples/soil.sprocket") {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		out = append(out, [2]string{filepath.Base(f), string(text)})
	}
	return out, nil
}

func measureAll(texts [][2]string, there []target) ([]sample, error) {
	results := make([][]sample, len(texts))
	errs := make([]error, len(texts))
	var wg sync.WaitGroup
	slots := make(chan bool, runtime.NumCPU())
	for i, t := range texts {
		wg.Add(1)
		slots <- true
		go func() {
			defer func() { <-slots; wg.Done() }()
			results[i], errs[i] = measure(t[0], t[1], there)
		}()
	}
	wg.Wait()
	var out []sample
	for i := range results {
		if errs[i] != nil {
			return nil, fmt.Errorf("%s: %w", texts[i][0], errs[i])
		}
		out = append(out, results[i]...)
	}
	return out, nil
}

// flash is what a peer takes on a target: its core, and what finds its datagrams in the bytes of a line.
func (t target) flash(r *compile.Result, dir, peer string) (int, error) {
	core := r.Program.Name + "_" + peer
	n, err := t.size(dir, core+".c")
	if err == nil && r.Plan.Interface.Channel.Over == "serial" {
		var framing int
		framing, err = t.size(dir, core+"_serial.c")
		n += framing
	}
	return n, err
}

// measure gives both peers of a program, none where it has no plan.
func measure(name, text string, there []target) ([]sample, error) {
	r, err := compile.Run(context.Background(), &diag.File{Name: name, Text: []byte(text)}, compile.Emit, compile.Options{Unproven: true, Languages: []string{"c"}})
	if compile.Status(err) == compile.StatusRejected && strings.HasPrefix(name, "random") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cost")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for _, f := range r.Files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f.Name)), f.Data, 0o644); err != nil {
			return nil, err
		}
	}
	var out []sample
	for _, m := range r.System.Machines {
		peer := r.Plan.Interface.From.Name
		if m.Name == "callee" {
			peer = r.Plan.Interface.To.Name
		}
		s := sample{name: name, role: m.Name, terms: compile.CodeTerms(r, m), bytes: map[string]float64{}}
		for _, t := range there {
			n, err := t.flash(r, dir, peer)
			if err != nil {
				return nil, err
			}
			s.bytes[t.name] = float64(n)
		}
		out = append(out, s)
	}
	return out, nil
}

// size is the bytes of code and constants of a file.
func (t target) size(dir, file string) (int, error) {
	object := file + "." + t.name + ".o"
	args := append([]string{"-std=c99", "-Os", "-ffreestanding", "-c", "-o", object, file}, t.flags...)
	if _, err := in(dir, t.tools+"gcc", args...); err != nil {
		return 0, err
	}
	text, err := in(dir, t.tools+"size", object)
	if err != nil {
		return 0, err
	}
	var code, data int
	if _, err := fmt.Sscan(strings.SplitN(text, "\n", 2)[1], &code, &data); err != nil {
		return 0, err
	}
	return code + data, nil
}

func in(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, said.String())
	}
	return string(out), nil
}
