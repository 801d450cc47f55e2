package verify

import (
	"fmt"
	"slices"

	"sprocketc/fsm"
)

// Whether a handler is given what its call was given, where that came in pieces. It depends on the machine that stages them
// alone, so that is explored alone, with a marked piece of a marked value (fsm.Marked), against everything that the world may
// do to it at any moment: calls, datagrams with any values, returns, timers and crashes. What holds so holds in the system.
// What breaks is looked for in the system, where the other machine has to send what it takes.

// intactStates bounds the local states that are explored for it, intactRun the states of the system among which a run is
// looked for that breaks it.
const intactStates, intactRun = 50_000, 100_000

// intact decides the property of that name, where a machine hands on what was staged.
func intact(sys *fsm.System, opt Options) ([]Property, error) {
	if !slices.Contains(sys.Checks, fsm.Intact) || !slices.ContainsFunc(sys.Machines, (*fsm.Machine).Staged) {
		return nil, nil
	}
	m, err := prepare(fsm.Slice(fsm.Marked(sys)))
	if err != nil {
		return nil, err
	}
	p := Property{Name: fsm.Intact, Verdict: Holds}
	for i, x := range sys.Machines {
		if !x.Staged() {
			continue
		}
		states, broken, limit := m.stagesIntact(i, opt)
		switch {
		case limit != "":
			p.Verdict, p.Why = Undecided, limit
		case broken != "":
			p.Verdict, p.Why = Undecided, fmt.Sprintf("among %d states of %s some give a handler what its call was not given (%s), and no run of the system was found that comes to one", states, x.Name, broken)
			if opt.MaxStates == 0 {
				opt.MaxStates = intactRun
			}
			if run, err := m.ShortestRun(fsm.Intact, opt); err == nil {
				p.Verdict, p.Why, p.Run = Violated, "a handler is given what its call was not given", run
				return []Property{p}, nil
			}
		}
	}
	return []Property{p}, nil
}

// stagesIntact explores one machine against its world. Broken names the events that lead to a breach, "" where there is none.
func (m *Model) stagesIntact(machine int, opt Options) (states int, broken, limit string) {
	g := m.ignorer(machine, m.numbers(), nil, false)
	g.m = m.watching(func(property string) bool { return property == fsm.Intact })
	g.ctx = opt.Context
	var none Msg
	type reached struct {
		node
		events string
	}
	seen := map[string]bool{}
	var todo []reached
	add := func(l fsm.State, events string) {
		n := g.ranked(l, none)
		if k := n.key(0); !seen[k] {
			seen[k] = true
			todo = append(todo, reached{n, events})
		}
	}
	for _, w := range m.Initial() {
		add(w.L[machine], "")
	}
	g.begin()
	for ; states < len(todo) && broken == "" && limit == ""; states++ {
		switch {
		case states >= intactStates:
			limit = fmt.Sprintf("%d states of %s were seen, and there are more", states, m.Sys.Machines[machine].Name)
		case g.wide:
			limit = "a datagram to " + m.Sys.Machines[machine].Name + " may have more values than can be listed"
		case g.ended():
			limit = ended(opt.Context)
		}
		from := todo[states]
		g.steps(&from.node, nil, 0, func(s Step) {
			events := from.events
			if events != "" {
				events += ", "
			}
			if events += m.happens(s); s.Bad == fsm.Intact && broken == "" {
				broken = events
			}
			add(s.Next.L[machine], events)
		})
	}
	return states, broken, limit
}

// happens names what a step of a machine begins with, and whether a crash ends it.
func (m *Model) happens(s Step) string {
	what := "crash"
	if s.Event != nil {
		what = s.Event.Name
		if s.Kind == Crashes || s.After >= 0 {
			what += " and a crash in its midst"
		}
	}
	return what
}
