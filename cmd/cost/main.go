package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"sprocketc/compile"
	"sprocketc/compile/target"
	"sprocketc/diag"
)

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
	var there []target.Target
	for _, t := range target.All {
		if !t.Installed() {
			fmt.Printf("%s: %s is not installed: its column stays as it is\n", t.Name, t.Compiler())
			continue
		}
		if only == "" || only == t.Name {
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
			fit(samples, t.Name, role, table, kept, was)
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

func measureAll(texts [][2]string, there []target.Target) ([]sample, error) {
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

// measure gives both peers of a program, none where it has no plan.
func measure(name, text string, there []target.Target) ([]sample, error) {
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
			n, err := compile.MeasureFlash(context.Background(), t, r, dir, peer)
			if err != nil {
				return nil, err
			}
			s.bytes[t.Name] = float64(n)
		}
		out = append(out, s)
	}
	return out, nil
}
