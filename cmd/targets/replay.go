package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sprocketc/codegen"
	"sprocketc/compile"
	"sprocketc/conform"
	"sprocketc/ir"
)

// replay is the vectors of one peer, replayed by a board.
type replay struct {
	p       *program
	b       *board
	peer    *ir.Peer
	vectors int
	differ  int
	first   string // what differs first
}

// Boards whose memory is large enough for the harness.
var replayOn = []string{"mps2-an385", "virt"}

// The harness is compiled as it is for the host, but for warnings about what this small library lacks.
func (r *replay) try(ctx context.Context, dir string) error {
	where := fmt.Sprintf("%s %s on %s", r.p.name, r.peer.Name, r.b.name)
	name, from := codegen.CName(r.p.name, r.peer.Name), r.p.name+"-conform/"+codegen.CName(r.peer.Name)
	elf := fmt.Sprintf("%s/%s-%s-replay.elf", dir, name, r.b.name)
	if _, err := r.b.link(ctx, dir, elf, []string{"-DSPEED=1u", "-Iboard/replay", "-I" + from + "/c"}, from+"/c/"+name+"_replay.c", "board/replay/libc.c"); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	answers := elf + ".answers"
	host := fmt.Sprintf("enable=on,target=native,arg=replay,arg=%s,arg=%s", filepath.Join(dir, from, "vectors.txt"), answers)
	args := []string{"-M", r.b.name, "-display", "none", "-monitor", "none", "-serial", "null", "-semihosting-config", host, "-kernel", elf}
	if r.b.keeps == inChip {
		args = append(args, "-bios", "none")
	}
	cmd := exec.CommandContext(ctx, r.b.emulator, args...)
	own(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", where, err, strings.TrimSpace(string(out)))
	}
	got, err := lines(answers)
	if err != nil {
		return err
	}
	want, err := lines(filepath.Join(dir, from, "expected.txt"))
	if err != nil {
		return err
	}
	r.vectors = len(want)
	for i := range max(len(got), len(want)) {
		if i < len(got) && i < len(want) && got[i] == want[i] {
			continue
		}
		if r.differ++; r.differ == 1 {
			r.first = fmt.Sprintf("line %d", i+1)
			if i < len(got) && i < len(want) {
				r.first += fmt.Sprintf(": %q, not %q", got[i], want[i])
			}
		}
	}
	return nil
}

func lines(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), nil
}

const replayHead = "program              peer        board       core           vectors  differ"

func (r *replay) String() string {
	line := fmt.Sprintf("%-20s %-11s %-11s %-11s  %10d  %6d", r.p.name, r.peer.Name, r.b.name, r.b.core, r.vectors, r.differ)
	if r.differ > 0 {
		line += "  BROKEN: " + r.first
	}
	return line
}

// replays holds the emitted C of both peers of each program against the vectors of its machines, on the boards. The error is
// errBroken where one differs.
func (o *options) replays(ctx context.Context, w io.Writer, dir string, programs []*program, on []*board) error {
	var rows []*replay
	for _, p := range programs {
		if err := conform.Write(filepath.Join(dir, p.name+"-conform"), p.r.Plan, p.r.System); err != nil {
			return err
		}
		for _, peer := range []*ir.Peer{p.in.From, p.in.To} {
			for _, b := range on {
				rows = append(rows, &replay{p: p, b: b, peer: peer})
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\nvectors of the machines, replayed by the emitted C on the board itself\n\n%s\n", replayHead)
	begun := time.Now()
	err := all(rows, o.jobs, func(r *replay) error { return r.try(ctx, dir) }, func(r *replay) { fmt.Fprintln(w, r) })
	if err != nil {
		return err
	}
	vectors := 0
	for _, r := range rows {
		vectors += r.vectors
		if r.differ > 0 || r.vectors == 0 {
			err = errBroken
		}
	}
	fmt.Fprintf(w, "\n%s; %s\n", compile.Plural(vectors, "vector"), compile.Seconds(time.Since(begun).Round(time.Second)))
	return err
}
