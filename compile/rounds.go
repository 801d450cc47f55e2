package compile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/solver"
	"sprocketc/verify"
)

// Bounds of the loop between solver and checker. A probe asks of a plan beside the broken one whether it breaks too; one that
// is not decided by then counts as not broken.
const (
	mostRounds  = 12
	probeStates = 20_000
)

// Round is a plan of the solver's own and what the checker said of it.
type Round struct {
	Plan   *ir.Plan
	System *fsm.System
	Report *verify.Report
	Learnt *solver.Combination // of a plan that broke, or was not decided; nil: it holds, or the loop ended with it
}

// Broken are the properties that follow from the demands and do not hold; what the program asserted beyond that is not among
// them.
func (d Round) Broken(r *Result) []verify.Property {
	return slices.DeleteFunc(slices.Clone(d.Report.Properties), func(p verify.Property) bool {
		return p.Verdict != verify.Violated || asserted(r, p.Name) != ""
	})
}

// rounds goes on after a plan of the solver's own broke what follows from the demands: what broke it is learnt, and the
// cheapest plan without that is checked, until one holds, none is left, or a bound is reached. A plan that is not decided is
// passed over, and is never taken as fine. Where none holds, the result stays that of the first plan. first is what the
// verification of the first plan ended with, and the error is the last one's where it holds.
func (r *Result) rounds(ctx context.Context, o Options, first error) error {
	o.Checkpoint, o.Resume = "", ""
	if o.Timeout > 0 { // it is of all rounds
		limited, stop := context.WithTimeout(ctx, o.Timeout)
		defer stop()
		ctx = limited
	}
	r.Rounds = []Round{{Plan: r.Plan, System: r.System, Report: r.Report}}
	broken := map[string]bool{r.System.String(): true} // by the text of the machines
	var learnt []solver.Combination
	for ctx.Err() == nil {
		last := &r.Rounds[len(r.Rounds)-1]
		c := solver.Exactly(last.Plan)
		if last.Report.Verdict == verify.Violated {
			var err error
			if c, err = solver.Learn(last.Plan, func(p *ir.Plan) bool { return r.breaks(ctx, o, p, broken) }); err != nil {
				return r.ended(err, first)
			}
		}
		last.Learnt, learnt = &c, append(learnt, c)
		if len(r.Rounds) == mostRounds {
			return first
		}
		plan, err := solver.Next(r.Program, learnt)
		if plan == nil || err != nil {
			return r.ended(err, first)
		}
		next := &Result{File: r.File, Program: r.Program, Plan: plan}
		if next.System, err = schema.System(plan); err != nil {
			return err
		}
		err = next.verify(ctx, o)
		if next.Report == nil {
			return err
		}
		r.Rounds = append(r.Rounds, Round{Plan: plan, System: next.System, Report: next.Report})
		if err == nil || errors.Is(err, ErrViolated) && !schemaDefect(next) {
			if slices.ContainsFunc(r.Rounds, func(d Round) bool { return d.Report.Verdict == verify.Undecided }) {
				plan.Optimal = false // one that was passed over may hold
			}
			r.Plan, r.System, r.Report = plan, next.System, next.Report
			return err
		}
		broken[next.System.String()] = errors.Is(err, ErrViolated)
	}
	return first
}

// ended is how the loop ends without a plan that holds.
func (r *Result) ended(err, first error) error {
	if err == nil {
		return first
	}
	d := solver.Failure(r.Program, err)
	if d.Code == "internal" {
		return err
	}
	d.Severity = diag.Warning
	r.Diagnostics = append(r.Diagnostics, d)
	return first
}

// breaks reports whether a plan's machines break what follows from the demands. known are the answers so far.
func (r *Result) breaks(ctx context.Context, o Options, plan *ir.Plan, known map[string]bool) bool {
	sys, err := schema.System(plan)
	if err != nil {
		return false
	}
	text := sys.String()
	if yes, asked := known[text]; asked {
		return yes
	}
	if o.Search.MaxStates == 0 || o.Search.MaxStates > probeStates {
		o.Search.MaxStates = probeStates
	}
	o.Search.Progress, o.Timeout = nil, 0
	probe := &Result{File: r.File, Program: r.Program, Plan: plan, System: sys}
	_ = probe.verify(ctx, o) // its report says it
	known[text] = probe.Report != nil && schemaDefect(probe)
	return known[text]
}

// Defects are the rounds whose plan the schema calls fine and the checker broke.
func (r *Result) Defects() []Round {
	return slices.DeleteFunc(slices.Clone(r.Rounds), func(d Round) bool { return d.Report.Verdict != verify.Violated || len(d.Broken(r)) == 0 })
}

// outcome tells in a line what the checker said of a round's plan.
func (d Round) outcome(r *Result) string {
	took := fmt.Sprintf("%s, %s", Plural(d.Report.States, "state"), Seconds(d.Report.Elapsed.Round(time.Millisecond)))
	switch d.Report.Verdict {
	case verify.Undecided:
		return "undecided, and not taken as fine: " + d.Report.Why
	case verify.Holds:
		return "every property holds: " + took
	}
	var out []string
	for _, p := range d.Broken(r) {
		text := "`" + p.Name + "` broken"
		if p.Run != nil {
			text += " in " + Plural(len(p.Run.Steps), "step")
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return "what the program itself asserts is broken: " + took
	}
	return strings.Join(out, ", ")
}
