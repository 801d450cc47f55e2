package verify

import (
	"slices"
	"strconv"

	"sprocketc/fsm"
)

// usefulStates bounds the search for a run that ends with a request that is not answered.
const usefulStates = 100_000

// usefulRun searches for a shortest run without crashes, losses or other calls at whose end a request of the pending
// call, whose handler has ended, arrives again and is not answered, whatever layers answer. An error where there is none.
func (m *Model) usefulRun(states int) (*Run, error) {
	run := m.nearRun(states, 2, m.unanswered, func(t refStep) bool {
		other := t.Kind == ProgramCalls && t.Colour != marked || t.Kind == Crashes || t.Kind == Replaces || t.Kind == Loses
		return !other && !t.Altered && t.After < 0 && t.Bad == ""
	})
	if run == nil {
		return nil, errNoRun
	}
	run.Note = "of one call without a crash"
	end := &run.Steps[len(run.Steps)-1]
	end.Bad, end.Why = "useful", "a request whose handler has ended is not answered again"
	return run, nil
}

// nearRun is a shortest run among the first states of the naive semantics, with a capacity for channels whose text states
// less: last picks the step that ends it among those from a world, goesOn says which others are taken. nil where there is none.
func (m *Model) nearRun(states, capacity int, last func(World, []refStep) *refStep, goesOn func(refStep) bool) *Run {
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
		steps := m.refNext(nodes[at].s, room)
		if end := last(nodes[at].s.w, steps); end != nil {
			path := []refStep{*end}
			k := at
			for ; nodes[k].from >= 0; k = nodes[k].from {
				path = append(path, nodes[k].step)
			}
			run := &Run{Sys: m.Sys, Start: nodes[k].s.w, Loop: -1, Doomed: -1}
			for _, t := range slices.Backward(path) {
				run.Steps = append(run.Steps, t.Step)
				run.Sent = append(run.Sent, t.sent)
				run.Taken = append(run.Taken, t.taken)
			}
			return run
		}
		for _, t := range steps {
			if goesOn(t) {
				add(node{t.next, at, t})
			}
		}
	}
	return nil
}

// unanswered finds among the steps from a world the arrival of a request of the marked call to which the callee says
// nothing, whatever layers answer, though its handler has ended.
func (m *Model) unanswered(w World, steps []refStep) *refStep {
	if w.Env.Phase != pending || w.Env.Done == 0 || w.Env.Run != 0 {
		return nil
	}
	arrival := func(t refStep) bool {
		return t.Kind == Delivers && t.Machine == m.Callee && t.After < 0 && !t.Altered && m.ofMarked(t.Msg)
	}
	for i, t := range steps {
		if !arrival(t) {
			continue
		}
		silent := true
		for _, o := range steps {
			if arrival(o) && o.taken == t.taken {
				silent = silent && len(o.Sent) == 0 && o.Next.Env.Run == 0
			}
		}
		if silent {
			return &steps[i]
		}
	}
	return nil
}

// ofMarked reports whether a message carries a payload of the marked call.
func (m *Model) ofMarked(x Msg) bool {
	for k, f := range m.Sys.Messages[x[0]].Fields {
		if f.Type.Kind == fsm.Payload && x[1+k] == marked {
			return true
		}
	}
	return false
}

// refKey is a naive state as a text; datagrams go by what they are, and not by their numbers.
func refKey(s refState) string {
	key := worldKey(s.w)
	for _, c := range s.ch {
		key += "|"
		for _, d := range c {
			key += string(d.msg[:]) + strconv.Itoa(d.overtaken)
			if d.delivered {
				key += "d"
			}
		}
	}
	return key
}
