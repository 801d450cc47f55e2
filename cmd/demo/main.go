package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"sprocketc/compile"
	"sprocketc/diag"
	"sprocketc/verify"
)

// demo is what a run is asked to show.
type demo struct {
	program            string
	seed               uint64
	calls, speed, kill int
	keep               string // directory to work in; "": one that is removed
	unproven           bool

	stdout, stderr io.Writer
	terminal       bool // stderr is one
	ascii          bool // the terminal has nothing else
}

var errBroken = errors.New("a guarantee was broken")

func main() {
	debug.SetGCPercent(400) // the checker's tables live to the end
	d := demo{stdout: os.Stdout, stderr: os.Stderr, terminal: isatty.IsTerminal(os.Stderr.Fd())}
	if os.Getenv("TERM") == "dumb" || os.Getenv("LC_ALL") == "C" || os.Getenv("LC_ALL") == "POSIX" {
		d.ascii = isatty.IsTerminal(os.Stdout.Fd())
	}
	flag.StringVar(&d.program, "program", "corpus/examples/soil.sprocket", "program with the calls of soil")
	flag.Uint64Var(&d.seed, "seed", 1, "decides the calls, the kills and what befalls datagrams")
	flag.IntVar(&d.calls, "calls", 2000, "how many calls to make")
	flag.IntVar(&d.speed, "speed", 30, "how many times faster than real the peers and the link run")
	flag.IntVar(&d.kill, "kills", 26, "how many kills; one in five is of the gateway")
	flag.StringVar(&d.keep, "keep", "", "work in this directory and leave the files there")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := d.run(ctx)
	stop()
	switch {
	case errors.Is(err, errBroken):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(2)
	}
}

func (d *demo) run(ctx context.Context) error {
	if d.calls < 1 || d.calls > maxCalls || d.speed < 1 || d.speed > 1000 || d.kill < 0 || d.kill > d.calls || flag.NArg() > 0 {
		return fmt.Errorf("usage: 1 to %d calls, speed 1 to 1000, 0 to as many kills as calls, and no further argument", maxCalls)
	}
	r, err := d.compile(ctx)
	if err != nil {
		return err
	}
	dir := d.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "sprocketc-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	} else if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	rec, v, err := d.soak(ctx, dir, r)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.stdout, "killed %d times: probe %d, gateway %d; %s\n\n", rec.killedProbe+rec.killedGateway, rec.killedProbe,
		rec.killedGateway, compile.Seconds(rec.took.Round(100*time.Millisecond)))
	if err := v.print(d.stdout, r, rec); err != nil {
		return err
	}
	c := &chart{r: r, rec: rec, v: v, calls: mix(d.seed, d.calls), speed: d.speed, ascii: d.ascii}
	if err := c.print(d.stdout); err != nil {
		return err
	}
	if len(v.breaches()) > 0 || v.share() < demanded {
		return errBroken
	}
	return nil
}

// compile takes the program through the pipeline, and shows its plan and the checker's verdict.
func (d *demo) compile(ctx context.Context) (*compile.Result, error) {
	file, err := compile.ReadFile(d.program, nil)
	if err != nil {
		return nil, err
	}
	plan, err := compile.Run(ctx, file, compile.Solve, compile.Options{})
	diag.Render(d.stderr, plan.Diagnostics, diag.Options{})
	if err != nil {
		return nil, err
	}
	if plan.Name() != "soil" {
		return nil, fmt.Errorf("%s is the program %s: this shows programs with the name and the calls of soil", d.program, plan.Name())
	}
	dump, err := compile.FindDump("plan")
	if err == nil {
		err = compile.PrintDump(d.stdout, plan, dump, false)
	}
	if err != nil {
		return nil, err
	}
	progress := &progress{w: d.stderr, terminal: d.terminal}
	o := compile.Options{Unproven: d.unproven}
	o.Search.Progress = func(s verify.Progress) { progress.show("proof: " + compile.ProgressLine(s)) }
	progress.show("proof")
	r, err := compile.Run(ctx, file, compile.Emit, o)
	progress.clear()
	fmt.Fprintln(d.stdout)
	if r.Report != nil {
		if err := compile.PrintVerdict(d.stdout, r, compile.Style{ASCII: d.ascii}); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	times := map[compile.Phase]time.Duration{}
	for _, t := range r.Took {
		times[t.Phase] += t.Time
	}
	fmt.Fprintf(d.stdout, "\n%s   plan %s   proof %s   Go and C %s\n", file.Name, compile.Seconds(times[compile.Solve]),
		compile.Seconds(times[compile.Verify]), compile.Seconds(times[compile.Emit]))
	return r, nil
}

// soak builds the peers in a directory, lets them work, and judges what they did.
func (d *demo) soak(ctx context.Context, dir string, r *compile.Result) (*record, *verdict, error) {
	progress := &progress{w: d.stderr, terminal: d.terminal}
	progress.show("building both peers")
	bin, err := build(ctx, dir, r)
	progress.clear()
	if err != nil {
		return nil, nil, err
	}
	channel := r.Plan.Interface.Channel
	s := &soak{
		dir: dir, bin: bin, calls: mix(d.seed, d.calls), kills: planKills(d.seed, d.calls, d.kill),
		speed: d.speed, seed: d.seed, faults: faults(channel),
		show: func(done, kills int) {
			progress.show(fmt.Sprintf("%s/%s calls   killed %d times", compile.Count(done), compile.Count(d.calls), kills))
		},
	}
	fmt.Fprintf(d.stdout, "gateway (Go) and probe (C) built in %s: %s calls over a link that %v, %d times faster than real, seed %d\n",
		compile.Seconds(bin.took), compile.Count(d.calls), s.faults, d.speed, d.seed)
	rec, err := s.run(ctx)
	progress.clear()
	if err != nil {
		return nil, nil, err
	}
	v, err := judge(s.calls, rec)
	return rec, v, err
}
