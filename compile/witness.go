package compile

import (
	"context"
	"fmt"
	"slices"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/solver"
	"sprocketc/verify"
)

// Witness is what goes wrong, or what it comes to, where a feature is taken out of a plan.
type Witness struct {
	Feature string
	Without *ir.Plan // the cheapest plan that the program has without it; nil where there are no machines
	System  *fsm.System

	Property *verify.Property // that breaks, with its run where it has one; nil where Figure says it, or nothing was found
	Faults   string           // what may happen in the world of the run
	Figure   *Figure
	Why      string // there is no witness: that nothing breaks, or the limit of the search, or why there are no machines
	Holds    bool   // nothing breaks, proved
}

// Found reports whether there is a witness.
func (w *Witness) Found() bool { return w.Property != nil || w.Figure != nil }

// Figure is what a plan does not come to any more.
type Figure struct {
	Name          string  `json:"name"`
	With, Without float64 // of the plan, and of that without the feature
	Asked         float64 // by the program; 0: nothing
	Unit          string
}

// world is some of what a program lets happen. A run of it is one of the program's.
type world struct {
	name              string
	caller, callee    bool // crash, at most so often that a start is cut short
	once              bool // and not more than once
	replaced          bool // a caller is
	network, altering bool
	sure              bool // nothing is lost
	still             bool // no timer fires, so that much more is explored of what numbers that come again lead to
}

const worldCrashes = 2

// worlds, those with the fewest kinds of faults first: what breaks there needs no other, and is found soonest.
var worlds = []world{
	{name: "losses"},
	{name: "a replacement of the caller", replaced: true, still: true, sure: true},
	{name: "losses and a replacement of the caller", replaced: true},
	{name: "losses and crashes of the caller", caller: true},
	{name: "losses and crashes of the callee", callee: true},
	{name: "losses, repeats and overtaking", network: true},
	{name: "losses and alterations", altering: true},
	{name: "repeats, overtaking and crashes of the caller", network: true, caller: true, sure: true, still: true},
	{name: "repeats, overtaking and a crash of the caller", network: true, caller: true, once: true, sure: true, still: true},
	{name: "repeats, overtaking and crashes of the callee", network: true, callee: true, sure: true, still: true},
	{name: "losses, repeats, overtaking and crashes of the caller", network: true, caller: true, replaced: true},
	{name: "losses, repeats, overtaking and crashes of the callee", network: true, callee: true},
	// A record that tears while answers to what was asked before it are under way: long, and no loss is needed.
	{name: "crashes of the caller", caller: true, sure: true},
}

// narrowed is a system in a world.
func (w world) narrowed(sys *fsm.System) *fsm.System {
	out := *sys
	out.Machines, out.Channels = nil, nil
	if w.still || w.sure { // what waits for a timer, or for a loss, is no fault
		out.Checks = slices.DeleteFunc(slices.Clone(sys.Checks), func(c string) bool { return c == "no_deadlock" || w.still && c == "useful" })
	}
	for _, m := range sys.Machines {
		n := *m
		n.Crashes = n.Crashes && (m.Name == "caller" && w.caller || m.Name == "callee" && w.callee)
		if n.Crashes && n.Budget == 0 {
			n.Budget = worldCrashes
			if w.once {
				n.Budget = 1
			}
		}
		n.Erased = n.Erased && w.replaced
		if w.still {
			n.Events = slices.DeleteFunc(slices.Clone(m.Events), func(e *fsm.Event) bool { return e.Kind == fsm.OnTimer })
		}
		out.Machines = append(out.Machines, &n)
	}
	for _, c := range sys.Channels {
		n := *c
		n.Corrupts = n.Corrupts && w.altering
		if w.sure {
			n.Loses, n.Loss = false, fsm.Odds{}
		}
		if !w.network {
			n.Repeats, n.Within = false, 0
		}
		out.Channels = append(out.Channels, &n)
	}
	return &out
}

// effort is how many states a search for a witness may take in each world, in rounds: most witnesses are near.
var effort = []int{2_000, 20_000, 60_000}

// stillEffort is from how many states on only still worlds are searched.
const stillEffort = 60_000

// provedWith bounds the states of the search that shows that nothing breaks.
const provedWith = 20_000

// WitnessOf takes a feature out of a plan and looks for what breaks. The result must have a plan that has the feature. The
// error is a Defect, or that the context ended.
func WitnessOf(ctx context.Context, r *Result, feature string) (w *Witness, err error) {
	err = Guard("explain", r.File.Name, func() (err error) {
		w, err = witness(ctx, r, feature)
		return err
	})
	return w, err
}

func witness(ctx context.Context, r *Result, feature string) (*Witness, error) {
	w := &Witness{Feature: feature}
	plan, err := solver.Without(r.Program, feature)
	if err != nil {
		w.Why = err.Error()
		return w, nil
	}
	w.Without = plan
	if w.System, err = schema.System(plan); err != nil {
		return nil, err
	}
	if w.Figure = missed(r.Plan, plan, feature); w.Figure != nil {
		return w, nil
	}
	found, err := verify.Demands(w.System, verify.Options{Context: ctx})
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].Verdict == verify.Violated {
			w.Property = &found[i]
			return w, nil
		}
	}
	for _, states := range effort {
		o := verify.Options{Context: ctx, MaxStates: states}
		endless := func() (err error) {
			o := o
			o.MaxStates /= 20 // of what follows each
			w.Property, err = verify.Endless(w.System, o)
			return err
		}
		tried := map[string]bool{}
		for i, x := range worlds {
			if i == 1 && states < stillEffort {
				if err := endless(); err != nil || w.Property != nil {
					return w, err
				}
			}
			if states >= stillEffort && !x.still {
				continue
			}
			sys := x.narrowed(w.System)
			text := sys.String()
			if tried[text] { // the program lets nothing of it happen
				continue
			}
			tried[text] = true
			p, err := verify.BreakingStep(sys, o)
			if err != nil {
				return nil, err
			}
			if p != nil {
				w.Property, w.Faults = p, x.name
				return w, nil
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	report, err := verify.Check(w.System, verify.Options{Context: ctx, MaxStates: provedWith})
	switch {
	case err != nil:
		w.Why = err.Error()
	case report.Verdict == verify.Holds:
		w.Holds, w.Why = true, "nothing that was asked breaks without it"
	case report.Verdict == verify.Undecided:
		w.Why = "undecided: " + report.Why
	default:
		for i, p := range report.Properties {
			if p.Verdict == verify.Violated {
				w.Property = &report.Properties[i]
				return w, nil
			}
		}
	}
	return w, nil
}

// outstanding is what lanes are there for.
const outstanding = "calls outstanding at once"

// missed is the witness of a feature whose absence breaks no property: the figure that the program asked for, or pays. nil of
// others.
func missed(with, without *ir.Plan, feature string) *Figure {
	if n := float64(with.Interface.Lanes()); feature == schema.Window {
		return &Figure{Name: outstanding, With: n, Without: 1, Asked: n}
	}
	for _, c := range with.Interface.Calls {
		switch {
		case feature == schema.Memo && c.Cache != nil: // a call that is remembered ends without a datagram
			return &Figure{Name: fmt.Sprintf("bytes of a %s that equals one of the last %s", c.Name, Seconds(c.Cache.For)), Without: without.Costs.BytesPerCall[c.Name], Unit: "B"}
		case feature == schema.Log && c.Log != nil:
			return &Figure{Name: fmt.Sprintf("events of %s that the program can read", c.Name), With: float64(c.Log.N), Asked: float64(c.Log.N), Unit: ""}
		}
	}
	return nil
}
