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
				run.Note = "shortest within 2 datagrams in flight each way"
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
	room := func(ch int) int { return max(m.Sys.Channels[ch].Capacity, capacity) }
	type node struct {
		s    refState
		from int
		step refStep
	}
	var nodes []node
	seen := map[string]bool{}
	add := func(n node) {
		if key := refKey(n.s); !seen[key] {
			seen[key] = true
			nodes = append(nodes, n)
		}
	}
	for _, s := range m.refStarts(room) {
		add(node{s: s, from: -1})
	}
	for at := 0; at < len(nodes) && len(nodes) < states; at++ {
		for _, t := range m.refNext(nodes[at].s, room) {
			if t.Bad == "" {
				add(node{t.next, at, t})
				continue
			}
			run := &Run{Sys: m.Sys, Loop: -1, Doomed: -1, Note: "shortest within 2 datagrams in flight each way"}
			path := []refStep{t}
			k := at
			for ; nodes[k].from >= 0; k = nodes[k].from {
				path = append(path, nodes[k].step)
			}
			run.Start = nodes[k].s.w
			for _, t := range slices.Backward(path) {
				run.Steps = append(run.Steps, t.Step)
				run.Sent = append(run.Sent, t.sent)
				run.Taken = append(run.Taken, t.taken)
			}
			return &Property{Name: t.Bad, Verdict: Violated, Why: t.Why, Run: run}
		}
	}
	return nil
}

// benign reports whether nothing but losses can happen.
func (m *Model) benign() bool {
	return !slices.ContainsFunc(m.Sys.Machines, func(x *fsm.Machine) bool { return x.Crashes || x.Erased }) &&
		!slices.ContainsFunc(m.Sys.Channels, func(c *fsm.Channel) bool { return c.Repeats || c.Within != 0 || c.Corrupts })
}
