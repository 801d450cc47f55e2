package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"sprocketc/compile"
)

// options of a run.
type options struct {
	seed         uint64
	calls, kills int
	speed        int
	jobs         int
	programs     []string // nil: all
	boards       []string // nil: all
	parts        []string
	root         string // of the repository
}

var errBroken = errors.New("it did not come out as it must")

func main() {
	debug.SetGCPercent(400)
	o := options{root: "."}
	flag.Uint64Var(&o.seed, "seed", 1, "decides faults and deaths")
	flag.IntVar(&o.calls, "calls", 60, "calls of each trial at least; they go on until the firmware has been killed often enough")
	flag.IntVar(&o.kills, "kills", 20, "times that each firmware is killed")
	flag.IntVar(&o.speed, "speed", 10, "how many times faster than real the peers' time runs")
	flag.IntVar(&o.jobs, "jobs", 4, "trials at once: they mostly wait")
	programs := flag.String("programs", "", "of corpus/accepted, with commas between; all where nothing is said")
	on := flag.String("boards", "", "with commas between; all where nothing is said")
	parts := flag.String("parts", "control,calls,torn,replay", "what is done: a flash that forgets, which must show; calls whose firmware dies; torn writes to flash; the replay of vectors")
	flag.Parse()
	o.programs, o.boards, o.parts = list(*programs), list(*on), list(*parts)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := o.run(ctx, os.Stdout)
	switch {
	case errors.Is(err, errBroken):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "targets:", err)
		os.Exit(2)
	}
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// chosen are the boards and programs that were asked for.
func (o *options) chosen(ctx context.Context) (programs []*program, on []*board, err error) {
	for i, b := range boards {
		if o.boards == nil || slices.Contains(o.boards, b.name) {
			on = append(on, &boards[i])
		}
	}
	for _, name := range o.boards {
		if findBoard(name) == nil {
			return nil, nil, fmt.Errorf("there is no board %s", name)
		}
	}
	names := o.programs
	if names == nil {
		files, err := filepath.Glob(filepath.Join(o.root, "corpus/accepted/*.sprocket"))
		if err != nil {
			return nil, nil, err
		}
		for _, f := range files {
			names = append(names, strings.TrimSuffix(filepath.Base(f), ".sprocket"))
		}
		names = append(names, inExamples...)
		slices.Sort(names)
	}
	for _, name := range names {
		p, err := load(ctx, o.root, name)
		if err != nil {
			return nil, nil, err
		}
		if p != nil {
			programs = append(programs, p)
		} else if o.programs != nil {
			return nil, nil, fmt.Errorf("%s: no callee in C with a caller in Go, or types that are not made here", name)
		}
	}
	if len(programs) == 0 {
		return nil, nil, errors.New("there is no program")
	}
	return programs, on, nil
}

// control lets a firmware with a promise in its flash be called, whose flash forgets: effects must run twice, and be counted. The error is
// errBroken where they are not.
func (o *options) control(ctx context.Context, w io.Writer, dir, caller string, programs []*program, on []*board) error {
	for _, p := range programs {
		if p.name != "burn" {
			continue
		}
		b := on[0]
		r := &row{t: &trial{p: p, b: b, caller: caller, dir: dir + "/control", seed: o.seed, speed: o.speed, calls: o.calls, kills: o.kills}}
		if err := r.try(ctx, dir, "-DFORGETFUL"); err != nil {
			return err
		}
		fmt.Fprintf(w, "where flash forgets, %s on %s: %d of %d effects ran twice\n\n", p.name, b.name, r.tally.twice, r.tally.ran)
		if r.tally.twice == 0 {
			fmt.Fprintln(w, "BROKEN: it must show")
			return errBroken
		}
	}
	return nil
}

// row is what a trial came to.
type row struct {
	t     *trial
	size  sizes
	o     outcome
	tally *tally
	said  []string // what did not hold
}

func (o *options) run(ctx context.Context, w io.Writer) error {
	programs, on, err := o.chosen(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "targets-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := unpack(dir, programs); err != nil {
		return err
	}
	caller, err := buildCaller(ctx, dir)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(on, func(b *board) bool { return b.keeps == inEEPROM }) {
		if err := buildRunner(ctx, dir); err != nil {
			return err
		}
	}
	var broken error
	for _, part := range o.parts {
		switch part {
		case "control":
			err = o.control(ctx, w, dir, caller, programs, on)
		case "calls":
			err = o.trials(ctx, w, dir, caller, programs, on)
		case "torn":
			err = o.torn(ctx, w, dir, caller, programs, among(on, tornOn))
		case "replay":
			err = o.replays(ctx, w, dir, programs, among(on, replayOn))
		default:
			return fmt.Errorf("there is no part %q", part)
		}
		if errors.Is(err, errBroken) {
			broken = err
		} else if err != nil {
			return err
		}
	}
	if broken != nil {
		fmt.Fprintln(w, "\nbroken: see above")
	} else {
		fmt.Fprintf(w, "\nheld (%s): no effect ran twice, nothing ran after a later call, every answer and every outcome was true, every call ended, every vector agreed\n",
			strings.Join(o.parts, ", "))
	}
	return broken
}

func among(on []*board, names []string) (out []*board) {
	for _, b := range on {
		if slices.Contains(names, b.name) {
			out = append(out, b)
		}
	}
	return out
}

// trials lets every program be called on every board. The error is errBroken where something did not hold.
func (o *options) trials(ctx context.Context, w io.Writer, dir, caller string, programs []*program, on []*board) error {
	var rows []*row
	for i, p := range programs {
		for k, b := range on {
			if !b.runs(p) {
				continue
			}
			t := &trial{p: p, b: b, caller: caller, dir: fmt.Sprintf("%s/%d-%d", dir, i, k), seed: o.seed + uint64(i*len(boards)+k), speed: o.speed, calls: o.calls}
			if p.in.To.Crashes != nil {
				t.kills = o.kills
			}
			rows = append(rows, &row{t: t})
		}
	}
	fmt.Fprintf(w, "%s of corpus/accepted on %s; the caller in Go; time %d times faster than real; seed %d\n\n%s\n",
		compile.Plural(len(programs), "program"), compile.Plural(len(on), "board"), o.speed, o.seed, head)
	begun := time.Now()
	if err := all(rows, o.jobs, func(r *row) error { return r.try(ctx, dir) }, func(r *row) { fmt.Fprintln(w, r) }); err != nil {
		return err
	}
	return sum(w, rows, time.Since(begun))
}

// all does something to each row, some at once, and then tells each in its order.
func all[R any](rows []R, jobs int, do func(R) error, tell func(R)) error {
	errs := make([]chan error, len(rows))
	turns := make(chan struct{}, max(jobs, 1))
	var workers sync.WaitGroup
	defer workers.Wait()
	for i := range rows {
		errs[i] = make(chan error, 1)
	}
	workers.Go(func() {
		for i, r := range rows {
			turns <- struct{}{}
			workers.Go(func() {
				errs[i] <- do(r)
				<-turns
			})
		}
	})
	var failed error
	for i, r := range rows {
		if err := <-errs[i]; err != nil {
			failed = cmp.Or(failed, err)
		} else if failed == nil {
			tell(r)
		}
	}
	return failed
}

// try builds a firmware, and runs a trial. The error is that it could not be begun.
func (r *row) try(ctx context.Context, dir string, define ...string) (err error) {
	where := r.t.p.name + " on " + r.t.b.name
	if r.t.elf, r.size, err = r.t.b.build(ctx, dir, r.t.p, r.t.speed, define...); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	r.tally = &tally{}
	o, events, err := r.t.run(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.o = o
	if err == nil {
		r.tally, err = r.t.p.judge(events, o.kept)
	}
	if err != nil {
		r.tally, r.said = &tally{}, []string{fmt.Sprintf("%v; the last events:\n%s", err, strings.Join(events[max(0, len(events)-12):], "\n"))}
		return nil
	}
	r.said = r.tally.breaches()
	return os.RemoveAll(r.t.dir)
}

const head = "program              board       core         calls  answered  killed  power failed  ran   effects twice  wrong answers   text  data    bss"

func (r *row) String() string {
	t := r.tally
	line := fmt.Sprintf("%-20s %-11s %-11s %6d  %8d  %6d  %12d  %4d  %13d  %13d  %5d  %4d  %5d", r.t.p.name, r.t.b.name, r.t.b.core, t.calls, t.answered,
		r.o.killed, r.o.failed, t.ran, t.twice, t.wrong, r.size.text, r.size.data, r.size.bss)
	if len(r.said) > 0 {
		line += "  BROKEN: " + strings.Join(r.said, "; ")
	}
	return line
}

// sum says what all came to. The error is errBroken where something did not hold.
func sum(w io.Writer, rows []*row, took time.Duration) error {
	var calls, killed, failed, broken int
	var all harm
	// Where peers have little time between two deaths a board may see no call through; then another of the program's must.
	of, programs := map[string]*tally{}, []string{}
	for _, r := range rows {
		if of[r.t.p.name] == nil {
			of[r.t.p.name] = &tally{}
			programs = append(programs, r.t.p.name)
		}
		x := of[r.t.p.name]
		x.calls, x.answered, x.ran = x.calls+r.tally.calls, x.answered+r.tally.answered, x.ran+r.tally.ran
		all = all.plus(r.o.harm)
		calls, killed, failed = calls+r.tally.calls, killed+r.o.killed, failed+r.o.failed
		if len(r.said) > 0 {
			broken++
		}
	}
	fmt.Fprintf(w, "\n%s, %s, %s of power; %s\n", compile.Plural(calls, "call"), compile.Plural(killed, "kill"), compile.Plural(failed, "failure"),
		compile.Seconds(took.Round(time.Second)))
	fmt.Fprintln(w, all)
	for _, name := range programs {
		if idle := of[name].idle(); idle != "" {
			broken++
			fmt.Fprintf(w, "%s  BROKEN: %s\n", name, idle)
		}
	}
	if broken > 0 {
		return errBroken
	}
	return nil
}
