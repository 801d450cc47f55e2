package verify

import (
	"slices"

	"sprocketc/fsm"
)

// witnessCapacity is how many datagrams are in flight each way in a search for a run and not for a verdict, where the text
// states none. What a full channel keeps back is no step, or a loss, so each run is one of wider channels too.
const witnessCapacity = 2

// BreakingStep searches for a step that breaks what a system has to keep, whatever that is, and for a shortest run to it; then
// for a request that is not answered. It decides nothing: nil says that among the first opt.MaxStates states of the search there is
// none. The run is one of the naive semantics. An error says what the checker cannot represent.
func BreakingStep(sys *fsm.System, opt Options) (*Property, error) {
	m, err := NewModel(sys)
	if err != nil {
		return nil, err
	}
	return m.breakingStep(opt), nil
}

// Endless searches likewise for a fair run in which what has to come about never does.
func Endless(sys *fsm.System, opt Options) (*Property, error) {
	m, err := NewModel(sys)
	if err != nil {
		return nil, err
	}
	for _, name := range m.awaited() {
		if run, err := m.EndlessRun(name, opt); err == nil {
			return &Property{Name: name, Verdict: Violated, Run: run}, nil
		}
	}
	return nil, nil
}

func (m *Model) breakingStep(opt Options) *Property {
	capacity := witnessCapacity
	if m.stated() {
		capacity = 0
	}
	o := opt
	o.shortest = true
	want := func(string) bool { return true }
	x := m.watching(want).newExact(o, capacity)
	x.want = want
	if r := x.run(); r.property != "" {
		if run, err := x.replay(r); err == nil {
			if !m.stated() {
				run.Note = shortestWithin(witnessCapacity)
			}
			return &Property{Name: r.property, Verdict: Violated, Why: r.why, Run: run}
		}
	}
	if x.reserve != "" { // numbers that are used again, which naive states hold as they are
		for _, fn := range m.Fns { // a run with one of the calls alone is shorter to find, and mostly there is one
			alone := *m
			alone.Fns, alone.Unmarked = []uint32{fn}, nil
			if p := alone.nearStep(o.MaxStates, capacity); p != nil {
				return p
			}
		}
		if len(m.Fns) > 1 {
			if p := m.nearStep(o.MaxStates, capacity); p != nil {
				return p
			}
		}
	}
	if slices.Contains(m.Sys.Checks, "useful") && m.benign() { // it looks at no other faults than losses
		if run, err := m.usefulRun(min(o.MaxStates, usefulStates)); err == nil {
			return &Property{Name: "useful", Verdict: Violated, Why: run.Steps[len(run.Steps)-1].Why, Run: run}
		}
	}
	return nil
}

// Demands decides what machines have to keep in time, and nothing else.
func Demands(sys *fsm.System, opt Options) ([]Property, error) { return demands(sys, opt) }

// nearStep searches for a step that breaks something among the first states of the naive semantics.
func (m *Model) nearStep(states, capacity int) *Property {
	breaks := func(t refStep) bool { return t.Bad != "" }
	run := m.nearRun(states, capacity, func(_ World, steps []refStep) *refStep {
		if i := slices.IndexFunc(steps, breaks); i >= 0 {
			return &steps[i]
		}
		return nil
	}, func(refStep) bool { return true })
	if run == nil {
		return nil
	}
	run.Note = shortestWithin(witnessCapacity)
	end := run.Steps[len(run.Steps)-1]
	return &Property{Name: end.Bad, Verdict: Violated, Why: end.Why, Run: run}
}

// benign reports whether nothing but losses can happen.
func (m *Model) benign() bool {
	return !slices.ContainsFunc(m.Sys.Machines, func(x *fsm.Machine) bool { return x.Crashes || x.Erased }) &&
		!slices.ContainsFunc(m.Sys.Channels, func(c *fsm.Channel) bool { return c.Repeats || c.Within != 0 || c.Corrupts })
}
