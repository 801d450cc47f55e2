package conform

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// Report is what a replay found.
type Report struct{ Peers []PeerReport }

// PeerReport is about one peer.
type PeerReport struct {
	Peer    string
	Locals  int // abstract local states
	Vectors int
	Left    int // vectors that were left out, see Set
	Every   int // likewise
	Results []Result
}

// Result is what one language's harness answered.
type Result struct {
	Language   string
	Mismatches int
	First      []Mismatch // the first 20
	Stopped    string     // how the program ended early; ""
}

// Mismatch is a line that was answered otherwise than expected.
type Mismatch struct {
	Line int // from 1
	Vector
	Got string
}

// shown is how many mismatches a report tells in full.
const shown = 20

// Holds reports whether every language answered every line as expected.
func (r *Report) Holds() bool {
	for _, p := range r.Peers {
		for _, x := range p.Results {
			if x.Mismatches > 0 || x.Stopped != "" {
				return false
			}
		}
	}
	return true
}

// Write prints the report for people: a line for each peer and language, and the mismatches below it.
func (r *Report) Write(w io.Writer) error {
	var b strings.Builder
	for _, p := range r.Peers {
		fmt.Fprintf(&b, "%s: %d vectors from %d local states", p.Peer, p.Vectors, p.Locals)
		if p.Every > 1 {
			fmt.Fprintf(&b, ", one in %d of the events there", p.Every)
		}
		if p.Left > 0 {
			fmt.Fprintf(&b, ", %d left out", p.Left)
		}
		b.WriteByte('\n')
		for _, x := range p.Results {
			verdict := "all equal"
			if x.Mismatches > 0 {
				verdict = fmt.Sprintf("%d differ", x.Mismatches)
			}
			fmt.Fprintf(&b, "  %-3s %s\n", x.Language, verdict)
			if x.Stopped != "" {
				fmt.Fprintf(&b, "      %s\n", x.Stopped)
			}
			for _, m := range x.First {
				fmt.Fprintf(&b, "      line %d: %s\n        expected %s\n        answered %s\n", m.Line, m.In, m.Want, m.Got)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Run makes the vectors of both peers of a plan, emits both in some languages, builds them and holds them against the
// vectors. An error means that something could not be emitted, built or run at all; what differs stands in the report.
// It needs the go command for "go" and cc for "c".
func Run(ctx context.Context, p *ir.Plan, sys *fsm.System, languages []string) (*Report, error) {
	r := &Report{}
	for _, in := range requests(p, sys) {
		set, err := Of(in)
		if err != nil {
			return nil, err
		}
		one := PeerReport{Peer: set.Peer, Locals: set.Locals, Vectors: len(set.Vectors), Left: set.Left, Every: set.Every}
		for _, language := range languages {
			x, err := Replay(ctx, set, in, language)
			if err != nil {
				return nil, fmt.Errorf("%s in %s: %w", set.Peer, language, err)
			}
			one.Results = append(one.Results, x)
		}
		r.Peers = append(r.Peers, one)
	}
	return r, nil
}

// requests are those for both peers of a plan.
func requests(p *ir.Plan, sys *fsm.System) []codegen.Input {
	var out []codegen.Input
	for _, peer := range []*ir.Peer{p.Interface.From, p.Interface.To} {
		out = append(out, codegen.Input{Plan: p, System: sys, Source: filepath.Base(p.Program.File), Peer: peer})
	}
	return out
}

// Replay emits a peer in a language, builds its harness in a temporary directory and holds it against vectors, which may
// come from another system.
func Replay(ctx context.Context, set *Set, in codegen.Input, language string) (Result, error) {
	files, err := harness(in, language)
	if err != nil {
		return Result{}, err
	}
	dir, err := os.MkdirTemp("", "conform")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	program, err := build(ctx, dir, language, files)
	if err != nil {
		return Result{}, err
	}
	return compare(ctx, set, language, program)
}

// compare runs a built harness. A program that stops early leaves the rest of its lines unanswered.
func compare(ctx context.Context, set *Set, language, program string, args ...string) (Result, error) {
	answers, err := feed(ctx, set.Vectors, program, args...)
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	x := Result{Language: language}
	if err != nil {
		x.Stopped = err.Error()
	}
	for i, v := range set.Vectors {
		got := "(nothing)"
		if i < len(answers) {
			got = answers[i]
		}
		if got == v.Want {
			continue
		}
		x.Mismatches++
		if len(x.First) < shown {
			x.First = append(x.First, Mismatch{i + 1, v, got})
		}
	}
	if extra := len(answers) - len(set.Vectors); extra > 0 && x.Stopped == "" {
		x.Stopped = fmt.Sprintf("%d lines more were answered than asked", extra)
	}
	return x, nil
}
