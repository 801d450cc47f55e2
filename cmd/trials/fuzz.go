package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sprocketc/compile"
)

var (
	command = regexp.MustCompile(`(?m)^// *(clang .*)$`)
	runs    = regexp.MustCompile(`stat::number_of_executed_units: (\d+)`)
	edges   = regexp.MustCompile(`\((\d+) inline 8-bit counters\)`)
	reached = regexp.MustCompile(`cov: (\d+) ft: (\d+) corp: (\d+)`)
)

// longest is the length of an input in bytes, beside what two datagrams need.
const longest = 2048

// fuzz drives every peer for a while, and goes on to the next where it has found something.
func fuzz(ctx context.Context, each time.Duration, only, keep string) error {
	list, err := peers(only)
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %7s %12s %9s %9s\n", "peer", "seeds", "runs", "edges", "inputs")
	found, all := 0, 0
	for _, p := range list {
		f, err := compile.FuzzC(p)
		if err != nil {
			return err
		}
		n, clean, err := drive(ctx, f, each, keep)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if all += n; !clean {
			found++
		}
	}
	fmt.Printf("%d peers, %d runs, %d with a finding\n", len(list), all, found)
	if found > 0 {
		return errFound
	}
	return nil
}

// drive compiles a target and runs it. Not clean: it found something, whose input is left where the answer says.
func drive(ctx context.Context, f *compile.Fuzzed, each time.Duration, keep string) (n int, clean bool, err error) {
	dir, err := os.MkdirTemp("", "fuzz-")
	if err != nil {
		return 0, false, err
	}
	defer func() {
		if clean || err != nil {
			os.RemoveAll(dir)
		}
	}()
	if err := write(dir, f.Files); err != nil {
		return 0, false, err
	}
	how := command.FindSubmatch(f.Files[len(f.Files)-1].Data)
	if how == nil {
		return 0, false, fmt.Errorf("%s does not say how it is compiled", f.Files[len(f.Files)-1].Name)
	}
	words := strings.Fields(string(how[1]))
	if _, err := in(ctx, dir, words[0], words[1:]...); err != nil {
		return 0, false, err
	}
	inputs := filepath.Join(dir, "inputs")
	if keep != "" {
		if inputs, err = filepath.Abs(filepath.Join(keep, f.Name)); err != nil {
			return 0, false, err
		}
	}
	seeds := filepath.Join(dir, "seeds")
	for _, d := range []string{inputs, seeds} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return 0, false, err
		}
	}
	size := longest
	for i, s := range f.Seeds {
		size = max(size, min(len(s), 16*longest))
		if err := os.WriteFile(filepath.Join(seeds, fmt.Sprintf("%04d", i)), s, 0o644); err != nil {
			return 0, false, err
		}
	}
	// Exit statuses other than 0 are findings; the output says which. The limit of memory is off: a process begins with the largest size
	// that this one had, as the system counts it.
	out, failed := in(ctx, dir, "./"+f.Name+"_fuzz", fmt.Sprintf("-max_total_time=%d", int(each.Seconds())), "-print_final_stats=1", "-use_value_profile=1",
		"-seed=1", "-timeout=10", "-rss_limit_mb=0", fmt.Sprintf("-max_len=%d", size), inputs, seeds)
	if ctx.Err() != nil {
		return 0, false, ctx.Err()
	}
	if m := runs.FindStringSubmatch(out); m != nil {
		if n, err = strconv.Atoi(m[1]); err != nil {
			return 0, false, err
		}
	}
	ways, kept := "?", "?"
	if all, whole := reached.FindAllStringSubmatch(out, -1), edges.FindStringSubmatch(out); len(all) > 0 && whole != nil {
		ways, kept = all[len(all)-1][1]+"/"+whole[1], all[len(all)-1][3]
	}
	if n == 0 && !strings.Contains(out, "artifact_prefix") { // it says so where it writes down an input
		return 0, false, fmt.Errorf("it did not run: %v\n%s", failed, out)
	}
	verdict := ""
	if failed != nil {
		verdict = "   FOUND: " + dir
	}
	fmt.Printf("%-34s %7d %12d %9s %9s%s\n", f.Name, len(f.Seeds), n, ways, kept, verdict)
	if failed != nil {
		os.Stderr.WriteString(out)
		return n, false, nil
	}
	return n, true, nil
}
