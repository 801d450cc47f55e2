package verify

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

// Engines by the names that Options take.
const (
	Auto     = "auto"     // what fits: block words; else exact words, explicit, and symbolic where that grows large
	Explicit = "explicit" // exact words, whatever the channels: every state on its own
	Symbolic = "symbolic" // sets of states as decision diagrams
	Both     = "both"     // the two held against each other
)

// Engines lists them.
func Engines() []string { return []string{Auto, Explicit, Symbolic, Both} }

// autoStates is the number of states from which on auto asks the symbolic engine, where the machines can be told apart:
// from about a million on it was quicker on selective repeat, by 3 times at 30 million; where they cannot, it is not.
var autoStates = 1_000_000

// Disagreement says that two engines do not find the same: at least one of them is wrong, and no verdict is given.
type Disagreement struct{ What string }

func (d *Disagreement) Error() string { return "the engines disagree: " + d.What }

// search explores exact words with the engine of the options.
func (m *Model) search(opt Options, capacity int, want func(string) bool) exactResult {
	switch opt.Engine {
	case Symbolic:
		return m.symbolic(opt, capacity, want)
	case Both:
		e, s := m.explicit(opt, capacity, want), m.symbolic(opt, capacity, want)
		if e.err == nil {
			e.err = compare(e, s)
		}
		e.engine, s.engine = engineBoth, engineBoth
		switch {
		case e.err != nil:
		case e.stopped && !s.stopped: // the symbolic one went on to the end
			return s
		case s.stopped && !e.stopped:
			e.limit, e.stopped = s.limit, true
		}
		return e
	case Explicit:
		return m.explicit(opt, capacity, want)
	}
	o := opt
	if m.inseparable() != "" || opt.Save != nil || opt.Resume != nil || opt.MaxStates > 0 && opt.MaxStates <= autoStates {
		return m.explicit(opt, capacity, want)
	}
	o.MaxStates = autoStates
	e := m.explicit(o, capacity, want)
	if !e.stopped || e.states < autoStates {
		return e
	}
	return m.symbolic(opt, capacity, want)
}

// compare results of the explicit and the symbolic engine, as far as neither was stopped.
func compare(e, s exactResult) error {
	switch {
	case e.stopped || s.stopped:
	case (e.property == "") != (s.property == ""):
		name := func(p string) string {
			if p == "" {
				return "nothing"
			}
			return p
		}
		return &Disagreement{fmt.Sprintf("the explicit one finds %s broken, the symbolic one %s", name(e.property), name(s.property))}
	case e.property == "" && e.states != s.states:
		return &Disagreement{fmt.Sprintf("the explicit one has %d states, the symbolic one %d", e.states, s.states)}
	case e.property == "" && (e.limit == "") != (s.limit == ""):
		return &Disagreement{fmt.Sprintf("the explicit one says %q, the symbolic one %q", e.limit, s.limit)}
	}
	return nil
}

func (m *Model) explicit(opt Options, capacity int, want func(string) bool) exactResult {
	x := m.newExact(opt, capacity)
	x.want = want
	if x.whole != nil {
		if why := x.whole.canon.unranked(); why != "" {
			x.stop(why)
		}
	}
	r := x.run()
	r.engine = engineExact
	return r
}

// symbolic explores with decision diagrams: by saturation where the machines can be told apart, else by layers. It counts
// no steps; by saturation it knows no depth either, and goes on behind what breaks as far as that is not watched.
func (m *Model) symbolic(opt Options, capacity int, want func(string) bool) exactResult {
	r := exactResult{engine: engineSymbolic, sets: true}
	var states *big.Int
	separate := m.inseparable() == ""
	if separate {
		p := m.newParts(capacity, opt.NoReduction)
		s := p.newSaturation(p.orderOf(), true, opt, want)
		states = s.Count(s.run())
		r.property, r.why, r.limit, r.stopped, r.bytes = s.property, s.why, s.limit, s.stopped, s.Peak+p.bytes
		if r.limit == "" {
			r.limit = p.tooNarrow()
		}
		separate = s.property != "" || s.unsure == "" || s.stopped
	}
	if !separate {
		j := m.newJoint(capacity, opt, want)
		if why := j.canon.unranked(); why != "" {
			j.stop(why)
		}
		j.run()
		states = &j.total
		r.property, r.why, r.limit, r.stopped, r.bytes, r.depth = j.property, j.why, j.limit, j.stopped, j.Peak+j.bytes()-j.Bytes(), max(0, len(j.layers)-1)
	}
	switch {
	case !states.IsInt64() || states.Int64() > math.MaxInt:
		r.states = math.MaxInt
		r.limit, r.stopped = fmt.Sprintf("there are more states than a report can tell: %v", states), true
	default:
		r.states = int(states.Int64())
	}
	if opt.MaxStates > 0 && r.states > opt.MaxStates && !r.stopped {
		r.limit, r.stopped = fmt.Sprintf("the limit of %d states was reached", opt.MaxStates), true
	}
	return r
}

// symbolicRun is ShortestRun by a symbolic search by layers.
func (m *Model) symbolicRun(property string, opt Options) (*Run, error) {
	capacities := runCapacities
	if m.stated() {
		capacities = []int{0}
	}
	opt.shortest, opt.Workers = true, 1
	var best *Run
	for _, c := range capacities {
		want := func(p string) bool { return p == property }
		m := m.watching(want)
		j := m.newJoint(c, opt, want)
		if j.run(); j.property == "" {
			if best != nil || j.limit == "" || j.stopped {
				break
			}
			continue
		}
		x := m.newExact(opt, c)
		x.want = want
		run, err := x.replay(exactResult{property: property, why: j.why, path: j.trace()})
		if err != nil {
			return nil, err
		}
		if best != nil && len(run.Steps) >= len(best.Steps) {
			best.Note = shortestWithin(c)
			break
		}
		if best = run; c > 0 {
			best.Note = shortestWithin(c)
		}
	}
	if best == nil {
		return nil, errNoRun
	}
	return best, nil
}

func shortestWithin(capacity int) string {
	return fmt.Sprintf("shortest within %d datagrams in flight each way", capacity)
}

// runOf finds a run that breaks a property with the engine of the options; where the explicit one finds none within its
// limits, with the symbolic one.
func (m *Model) runOf(property string, opt Options) (*Run, error) {
	if opt.Engine == Symbolic {
		return m.symbolicRun(property, opt)
	}
	run, err := m.ShortestRun(property, opt)
	if errors.Is(err, errNoRun) && opt.Engine != Explicit {
		return m.symbolicRun(property, opt)
	}
	return run, err
}
