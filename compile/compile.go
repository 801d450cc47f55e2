package compile

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"sprocketc/codegen"
	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/lang"
	"sprocketc/schema"
	"sprocketc/solver"
	"sprocketc/verify"
)

// Phase is a step of the pipeline.
type Phase int

// The phases, in their order.
const (
	Parse   Phase = iota // text to tree
	Lower                // names, types, units: tree to demands
	Solve                // demands to plan
	Compose              // plan to machines
	Verify               // machines to verdicts
	Emit                 // plan and machines to files
)

var phases = []string{"parse", "lower", "solve", "compose", "verify", "emit"}

func (p Phase) String() string {
	if p < 0 || int(p) >= len(phases) {
		return "unknown"
	}
	return phases[p]
}

// Options of a run of the pipeline. The zero value verifies without limits and emits what the program asks for.
type Options struct {
	Search    verify.Options
	Timeout   time.Duration // of the verification; 0: none
	Peer      string        // emit this peer only; "": both
	Languages []string      // emit in these, "go", "c" or "both", instead of what `emit` says; nil: what it says
	Unproven  bool          // emit without verification
	Tests     bool          // emit a test of random runs beside the Go code
	Prove     bool          // emit what Frama-C analyses the C code from, beside it
	Port      string        // emit a driver for this port beside the C code, one of Ports; "": only the one for POSIX
	Measure   bool          // hold budgets of memory against a compiler of the target, where it is installed

	Checkpoint string // file to which a search in exact words is saved that a limit ends; ""
	Resume     string // file of such a search that goes on; ""
}

// Result holds what the phases gave, as far as they were reached. A machine in text form begins at System.
type Result struct {
	File        *diag.File
	Tree        *lang.File
	Program     *ir.Program
	Plan        *ir.Plan
	System      *fsm.System
	Report      *verify.Report
	Rounds      []Round        // plans that were checked, where the first broke; the last is Plan if it holds
	Saved       string         // file to which the search was saved; ""
	Calls       *CallFigures   // where Chances was asked for
	Files       []codegen.File // names below the output directory, in order
	Measured    []*Measured    // where Measure was asked for: of the peers in C with a budget
	Diagnostics []diag.Diagnostic
	Took        []Took
}

// Took is how long a phase took.
type Took struct {
	Phase Phase
	Time  time.Duration
}

// Name is the protocol's name; "" where it is not known.
func (r *Result) Name() string {
	switch {
	case r.Program != nil:
		return r.Program.Name
	case r.System != nil:
		return r.System.Name
	case r.Tree != nil && r.Tree.Protocol != nil:
		return r.Tree.Protocol.Name.Name
	}
	return ""
}

// Source is the base name of the program's file, as it may stand in emitted files.
func (r *Result) Source() string {
	if r.File.Name == Stdin {
		return "stdin"
	}
	return filepath.Base(r.File.Name)
}

// Machine reports whether a file holds machines in text form and not a program.
func Machine(file *diag.File) bool {
	return strings.HasSuffix(file.Name, ".fsm")
}

// Run takes a file through the pipeline up to a phase. The result is never nil. The error is nil, or one that Status
// knows.
func Run(ctx context.Context, file *diag.File, last Phase, o Options) (*Result, error) {
	r := &Result{File: file}
	p := &pipe{r: r, last: last}
	if o.Port != "" && !slices.Contains(Ports(), o.Port) {
		p.err = usagef("there is no driver for the port %q: the ports are %s", o.Port, strings.Join(Ports(), ", "))
	} else if o.Languages != nil {
		o.Languages, p.err = chosenLanguages(o.Languages)
	}
	if Machine(file) {
		p.do(Compose, func() (err error) { r.System, r.Diagnostics = fsm.Load(file); return rejected(r) })
		p.do(Verify, func() error { return r.verify(ctx, o) })
		return r, p.err
	}
	p.do(Parse, func() error { r.Tree, r.Diagnostics = lang.Parse(file); return nil })
	p.do(Lower, func() error { return r.lower(o) })
	p.do(Solve, func() error { return r.solve() })
	p.do(Compose, func() (err error) { r.System, err = schema.System(r.Plan); return err })
	p.do(Verify, func() error {
		if o.Unproven {
			return nil
		}
		err := r.verify(ctx, o)
		if errors.Is(err, ErrViolated) && schemaDefect(r) {
			err = r.rounds(ctx, o, err)
		}
		return err
	})
	p.do(Emit, func() (err error) {
		if r.Files, err = emit(r, o); err != nil || !o.Measure {
			return err
		}
		return r.measure(ctx, o)
	})
	return r, p.err
}

// pipe runs phases until one fails.
type pipe struct {
	r    *Result
	last Phase
	err  error
}

func (p *pipe) do(phase Phase, f func() error) {
	if p.err != nil || phase > p.last {
		return
	}
	begun := time.Now()
	defer func() {
		p.r.Took = append(p.r.Took, Took{phase, time.Since(begun)})
	}()
	p.err = Guard(phase.String(), p.r.File.Name, f)
}

// Guard runs f and turns a panic, and every error that Status does not know, into a Defect.
func Guard(phase, file string, f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &Defect{Phase: phase, File: file, Cause: fmt.Sprint(cause), Stack: debug.Stack()}
		}
	}()
	err = f()
	if err != nil && Status(err) == StatusDefect {
		var known *Defect
		if !errors.As(err, &known) {
			err = &Defect{Phase: phase, File: file, Cause: err.Error()}
		}
	}
	return err
}

func rejected(r *Result) error {
	if diag.HasErrors(r.Diagnostics) {
		return ErrRejected
	}
	return nil
}

// lower goes on after errors of syntax, since names and types can be wrong too; what could not be read is left out of
// account there.
func (r *Result) lower(o Options) error {
	if diag.HasErrors(r.Diagnostics) {
		r.Diagnostics = append(r.Diagnostics, lang.Check(r.Tree)...)
		diag.Sort(r.Diagnostics)
		return ErrRejected
	}
	p, found := ir.Lower(r.Tree)
	r.Diagnostics = append(r.Diagnostics, found...)
	diag.Sort(r.Diagnostics)
	if err := rejected(r); err != nil {
		return err
	}
	if p == nil {
		return errors.New("no program, and nothing says why")
	}
	r.Program = p
	if o.Peer != "" && !slices.ContainsFunc(p.Peers, func(x *ir.Peer) bool { return x.Name == o.Peer }) {
		var names []string
		for _, x := range p.Peers {
			names = append(names, x.Name)
		}
		return usagef("%s has no peer %q: its peers are %s", p.Name, o.Peer, strings.Join(names, " and "))
	}
	return nil
}

func (r *Result) solve() error {
	plan, found := solver.Solve(r.Program)
	if i := slices.IndexFunc(found, func(d diag.Diagnostic) bool { return d.Code == "internal" }); i >= 0 {
		return errors.New(found[i].Message)
	}
	if i := slices.IndexFunc(found, func(d diag.Diagnostic) bool { return d.Code == "search-limit" }); i >= 0 && plan == nil {
		r.Diagnostics = append(r.Diagnostics, found...)
		return ErrUndecided
	}
	r.Diagnostics = append(r.Diagnostics, found...)
	diag.Sort(r.Diagnostics)
	if err := rejected(r); err != nil {
		return err
	}
	if plan == nil {
		return errors.New("no plan, and nothing says why")
	}
	r.Plan = plan
	return nil
}

func (r *Result) verify(ctx context.Context, o Options) error {
	search := o.Search
	search.Context = ctx
	if o.Timeout > 0 {
		limited, stop := context.WithTimeout(ctx, o.Timeout)
		defer stop()
		search.Context = limited
	}
	done, err := r.interrupted(o, &search)
	if err != nil {
		return err
	}
	defer done()
	report, err := verify.Check(r.System, search)
	if errors.Is(err, verify.ErrCheckpoint) {
		return usagef("--resume %s: %v", o.Resume, err)
	}
	if wrong := (*verify.Disagreement)(nil); errors.As(err, &wrong) {
		return wrong // one of the engines is wrong: no verdict, and a defect of the compiler
	}
	if err != nil {
		// What cannot be represented is not shown to hold, and not shown to be broken.
		report = &verify.Report{Protocol: r.System.Name, Verdict: verify.Undecided, Why: err.Error()}
	}
	if r.Plan != nil {
		report.Limits = append(report.Limits, limits(r.Plan)...)
		report.NotChecked = append(report.NotChecked, unchecked(r.Plan)...)
	}
	r.Report = report
	r.nameDemands()
	switch report.Verdict {
	case verify.Holds:
		return nil
	case verify.Violated:
		return ErrViolated
	case verify.Undecided:
		return ErrUndecided
	}
	return fmt.Errorf("the checker's verdict is %q", report.Verdict)
}
