package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"sprocketc/compile"
	"sprocketc/diag"
	"sprocketc/verify"
)

// options of a demonstration.
type options struct {
	seed           uint64
	rounds, byHand int    // with the emitted code, and with the one that was written by hand
	root           string // of the repository
	unproven       bool
	ascii          bool
}

var errBroken = errors.New("it did not come out as it must")

func main() {
	debug.SetGCPercent(400)
	o := options{root: "."}
	o.ascii = isatty.IsTerminal(os.Stdout.Fd()) && (os.Getenv("TERM") == "dumb" || os.Getenv("LC_ALL") == "C" || os.Getenv("LC_ALL") == "POSIX")
	flag.Uint64Var(&o.seed, "seed", 1, "decides the lives and the faults")
	flag.IntVar(&o.rounds, "rounds", 1000, "rounds with the emitted code")
	flag.IntVar(&o.byHand, "by-hand", 200, "rounds with the code that was written by hand")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := find(flag.Arg(0))
	if s == nil || flag.NArg() != 1 || o.rounds < 1 || o.byHand < 1 || max(o.rounds, o.byHand) > 60_000 {
		fmt.Fprintln(os.Stderr, "rounds: burn, reboot or gateway; 1 to 60000 rounds")
		os.Exit(2)
	}
	err := s.play(ctx, os.Stdout, o)
	switch {
	case errors.Is(err, errBroken):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "rounds:", err)
		os.Exit(2)
	}
}

func find(name string) *show {
	for _, s := range shows {
		if s.name == name {
			return s
		}
	}
	return nil
}

// play shows all of a demonstration.
func (s *show) play(ctx context.Context, w io.Writer, o options) error {
	fmt.Fprintf(w, "%s: %s\n\n", s.name, s.title)
	if err := s.shortest(ctx, w, o); err != nil {
		return err
	}
	r, err := s.proven(ctx, w, o)
	if err != nil {
		return err
	}
	_, _, err = s.work(ctx, w, o, r)
	return err
}

// work lets all the pairs of programs go through their rounds. The tallies are there where the error is errBroken.
func (s *show) work(ctx context.Context, w io.Writer, o options, r *compile.Result) (emitted *tally, byHand []*tally, err error) {
	dir, err := os.MkdirTemp("", "sprocketc-rounds-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	own, hands, err := s.build(ctx, dir, r)
	if err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(w, "node in C, gateway in Go, time %d times faster than real; a life of the node ends at its step 1 to %d, one of the gateway at 1 to %d: seed %d\n",
		s.speed, s.life.node, s.life.gateway, o.seed)
	var names []string
	var courses []*course
	for i, h := range s.byHand {
		names = append(names, h.name)
		courses = append(courses, &course{show: s, bin: hands[i], dir: filepath.Join(dir, "by-hand-"+strconv.Itoa(i)), seed: o.seed, rounds: o.byHand, drawn: h.drawn})
		fmt.Fprintf(w, "%s: %s\n", h.name, h.what)
	}
	names = append(names, "emitted")
	courses = append(courses, &course{show: s, bin: own, dir: filepath.Join(dir, "run"), seed: o.seed, rounds: o.rounds})
	var all []*tally
	var notes strings.Builder
	for i, c := range courses {
		events, err := c.run(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", names[i], err)
		}
		t, err := s.judge(c.rounds, events)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", names[i], err)
		}
		all = append(all, t)
		fmt.Fprintf(&notes, "  %-8s  %s%s; %s\n            the node died %d times, the gateway %d; of these deaths %d tore a write to stable memory, %d cut a frame\n",
			names[i], c.line.said(), asked(t), compile.Seconds(c.took.Round(100*time.Millisecond)), c.deaths["node"], c.deaths["gateway"], t.torn, t.cut)
	}
	fmt.Fprintf(w, "\n%s%s\n", table(names, all), notes.String())
	for i, t := range all {
		list := t.breaches(s.effect)
		fmt.Fprintf(w, "%-8s  %s\n", names[i], said(list))
		if own := i == len(all)-1; own != (len(list) == 0) {
			err = errBroken
		}
	}
	return all[len(all)-1], all[:len(all)-1], err
}

// asked is what the question after each call came to.
func asked(t *tally) string {
	if t.asked == 0 {
		return ""
	}
	return fmt.Sprintf("; asked %s times after a call what ran last", compile.Count(t.asked))
}

func said(breaches []string) string {
	if len(breaches) == 0 {
		return "held: no effect ran twice, nothing ran after a later call, every answer and every outcome was true, every call ended"
	}
	return "broken: " + strings.Join(breaches, "; ")
}

func (s *show) read(ctx context.Context, o options, program string, to compile.Phase, c compile.Options) (*compile.Result, error) {
	file, err := compile.ReadFile(filepath.Join(o.root, program), nil)
	if err != nil {
		return nil, err
	}
	r, err := compile.Run(ctx, file, to, c)
	if r == nil || r.Report == nil && err != nil {
		if r != nil {
			diag.Render(os.Stderr, r.Diagnostics, diag.Options{})
		}
		return nil, err
	}
	return r, nil
}

// shortest draws the checker's run that breaks what people write by hand.
func (s *show) shortest(ctx context.Context, w io.Writer, o options) error {
	r, err := s.read(ctx, o, s.naive, compile.Verify, compile.Options{})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "what people write by hand, as a plan (%s): its shortest run that breaks %s\n\n", s.naive, s.property)
	drawn, err := compile.PrintRun(w, r, s.property, compile.Style{ASCII: o.ascii})
	if err == nil && !drawn {
		err = fmt.Errorf("%s: %s is not violated", s.naive, s.property)
	}
	return err
}

// proven takes the program through the pipeline, and says what was chosen and what the checker found.
func (s *show) proven(ctx context.Context, w io.Writer, o options) (*compile.Result, error) {
	r, err := s.read(ctx, o, s.program, compile.Emit, compile.Options{Unproven: o.unproven})
	if err != nil {
		return nil, err
	}
	var features []string
	for _, f := range r.Plan.Features {
		features = append(features, f.Name)
	}
	fmt.Fprintf(w, "what the compiler chose for %s: %s\n", s.program, strings.Join(features, ", "))
	if o.unproven {
		return r, nil
	}
	if r.Report.Verdict != verify.Holds {
		return nil, fmt.Errorf("%s: %v", s.program, r.Report.Verdict)
	}
	var held []string
	for _, p := range r.Report.Properties {
		held = append(held, p.Name)
	}
	fmt.Fprintf(w, "proven: %s, for any number of calls, losses and crashes (%s)\n\n", strings.Join(held, " "), compile.Plural(r.Report.States, "state"))
	return r, nil
}
