package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sprocketc/codegen"
	"sprocketc/compile"
)

// A branch of emitted code: its function, its place among that function's branches, and the line where it stands.
type branch struct {
	function string
	place    int
	text     string
	vectors  bool // the vectors take it, replayed into the stages
	entries  bool // their events take it, given to the functions of the header
	fuzzed   bool // libFuzzer takes it, in some seconds from there on
}

// covered is what became of a peer's branches.
type covered struct {
	name     string
	branches []branch
	every    int // of the events of its local states every so many-th is a vector
}

// cover counts which branches of a peer's core, and of its framing, are taken: by its vectors, which a harness replays into the stages of
// the core; by their events where they come through the functions that a program calls, as the fuzz target has them at first; and by what
// libFuzzer comes to from there in a while, none for 0.
func cover(ctx context.Context, p codegen.Input, fuzzed time.Duration) (*covered, error) {
	dir, err := os.MkdirTemp("", "coverage-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	replay, err := compile.ReplayC(p)
	if err != nil {
		return nil, err
	}
	target, err := compile.FuzzC(p)
	if err != nil {
		return nil, err
	}
	stages, err := replayed(ctx, dir, replay)
	if err != nil {
		return nil, err
	}
	entries, err := seeded(ctx, dir, target, "")
	if err != nil {
		return nil, err
	}
	out := &covered{target.Name, union(stages, entries), replay.Every}
	if fuzzed == 0 {
		return out, nil
	}
	if _, clean, err := drive(ctx, target, fuzzed, dir); err != nil || !clean {
		return nil, errors.Join(err, errFound)
	}
	more, err := seeded(ctx, dir, target, target.Name)
	if err != nil {
		return nil, err
	}
	if len(more) != len(out.branches) {
		return nil, fmt.Errorf("%s has %d branches, and then %d", target.Name, len(out.branches), len(more))
	}
	for i := range out.branches {
		out.branches[i].fuzzed = more[i].vectors
	}
	return out, nil
}

// replayed are the branches that vectors take.
func replayed(ctx context.Context, dir string, r *compile.Replayed) ([]branch, error) {
	if err := write(dir, r.Files); err != nil {
		return nil, err
	}
	source := r.Name + "_replay.c"
	if err := build(ctx, dir, "replay", source); err != nil {
		return nil, err
	}
	var lines strings.Builder
	for _, v := range r.Vectors {
		lines.WriteString(v.In + "\n")
	}
	cmd := exec.CommandContext(ctx, "./replay")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(lines.String())
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("the vectors of %s: %w", r.Name, err)
	}
	if n := strings.Count(string(out), "\n"); n != len(r.Vectors) {
		return nil, fmt.Errorf("the vectors of %s: %d answers to %d lines", r.Name, n, len(r.Vectors))
	}
	return counts(ctx, dir, source)
}

// feeder gives each file that it is called with to the fuzz target.
const feeder = `#include <stdint.h>
#include <stdio.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int main(int n, char **names)
{
    static uint8_t data[1 << 20];
    for (int i = 1; i < n; i++) {
        FILE *f = fopen(names[i], "rb");
        if (f == NULL) {
            return 1;
        }
        size_t size = fread(data, 1, sizeof data, f);
        fclose(f);
        LLVMFuzzerTestOneInput(data, size);
    }
    return 0;
}
`

// seeded are the branches that the inputs take with which a fuzz target begins, and with them those of a folder, where one is named.
func seeded(ctx context.Context, dir string, f *compile.Fuzzed, more string) ([]branch, error) {
	if err := write(dir, append(slices.Clone(f.Files), codegen.File{Name: "feeder.c", Data: []byte(feeder)})); err != nil {
		return nil, err
	}
	sources := []string{f.Name + ".c"}
	if _, err := os.Stat(filepath.Join(dir, f.Name+"_serial.c")); err == nil {
		sources = append(sources, f.Name+"_serial.c")
	}
	if err := build(ctx, dir, "seeds", append(slices.Clone(sources), f.Name+"_fuzz.c", "feeder.c")...); err != nil {
		return nil, err
	}
	var names []string
	for i, s := range f.Seeds {
		name := fmt.Sprintf("seed%04d", i)
		if err := os.WriteFile(filepath.Join(dir, name), s, 0o644); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if more != "" {
		kept, err := os.ReadDir(filepath.Join(dir, more))
		if err != nil {
			return nil, err
		}
		for _, k := range kept {
			names = append(names, filepath.Join(more, k.Name()))
		}
	}
	if _, err := in(ctx, dir, "./seeds", names...); err != nil {
		return nil, err
	}
	var out []branch
	for _, s := range sources {
		list, err := counts(ctx, dir, s)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// build compiles and links so that branches are counted.
func build(ctx context.Context, dir, program string, sources ...string) error {
	var objects []string
	for _, s := range sources {
		o := strings.TrimSuffix(s, ".c") + ".o"
		if _, err := in(ctx, dir, "gcc", "-std=c99", "-O0", "--coverage", "-c", "-o", o, s); err != nil {
			return err
		}
		objects = append(objects, o)
	}
	_, err := in(ctx, dir, "gcc", append([]string{"--coverage", "-o", program}, objects...)...)
	return err
}

// counts reads what gcov tells of a source: every branch, and whether it was taken. Functions that begin as what is no core's are left out.
func counts(ctx context.Context, dir, source string) ([]branch, error) {
	out, err := in(ctx, dir, "gcov", "-b", "-t", "--json-format", strings.TrimSuffix(source, ".c")+".gcda")
	if err != nil {
		return nil, err
	}
	var said struct {
		Files []struct {
			File  string
			Lines []struct {
				Branches []struct{ Count uint64 }
				Number   int    `json:"line_number"`
				Function string `json:"function_name"`
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		return nil, fmt.Errorf("gcov: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, source))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	places := map[string]int{}
	var list []branch
	for _, f := range said.Files {
		if filepath.Base(f.File) != source {
			continue
		}
		for _, l := range f.Lines {
			for _, b := range l.Branches {
				x := branch{function: l.Function, place: places[l.Function], vectors: b.Count > 0}
				if l.Number >= 1 && l.Number <= len(lines) {
					x.text = strings.TrimSpace(lines[l.Number-1])
				}
				places[l.Function]++
				list = append(list, x)
			}
		}
	}
	return list, nil
}

// union puts what the two ways take onto the branches of the core: those of the second list. The harness of the first has the same
// functions, with lines that tell of actions and do not branch, and others of its own, which do not count.
func union(stages, entries []branch) []branch {
	type key struct {
		function string
		place    int
	}
	taken, size := map[key]bool{}, map[string]int{}
	for _, b := range stages {
		taken[key{b.function, b.place}] = b.vectors
		size[b.function]++
	}
	own := map[string]int{}
	for _, b := range entries {
		own[b.function]++
	}
	var out []branch
	for _, b := range entries {
		b.entries = b.vectors
		b.vectors = size[b.function] == own[b.function] && taken[key{b.function, b.place}]
		out = append(out, b)
	}
	return out
}
