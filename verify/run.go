package verify

import (
	"errors"
	"fmt"
)

// Capacities at which a run is sought in channels whose text states none: with the first most orders of arrival can
// happen, since what is never delivered needs no room for long.
var runCapacities = []int{2, 3, 4}

// runStates bounds the search for a run at each capacity where the options give no bound.
const runStates = 2_000_000

// errNoRun says that no run was found within the limits.
var errNoRun = errors.New("no run that breaks it was found within the limits of the search")

// ShortestRun searches for a shortest run that breaks a property, by its name. Where channels state no capacity it is
// shortest within a small one, and the run's note says so. The run is one of the naive semantics, with numbers as they
// are. An error where none was found within the options' limits.
func (m *Model) ShortestRun(property string, opt Options) (*Run, error) {
	if property == "useful" { // of progress, and yet broken by a step
		return m.usefulRun(usefulStates)
	}
	if opt.MaxStates == 0 {
		opt.MaxStates = runStates
	}
	opt.Save, opt.Resume = nil, nil
	// without datagrams that are ignored for ever it is quick; if nothing is found so, all are kept
	if fits, precise := m.blockFits(); fits && precise {
		if run, err := m.shortestRun(property, opt, true); err == nil {
			return run, nil
		}
	}
	return m.shortestRun(property, opt, false)
}

// shortestRun searches at one capacity after the other until the length stops falling.
func (m *Model) shortestRun(property string, opt Options, bury bool) (*Run, error) {
	capacities := runCapacities
	if m.stated() {
		capacities = []int{0}
	}
	var best *Run
	var dead *blockEngine // what it has found out serves every capacity
	if bury {
		dead = m.newBlock(opt)
	}
	o := opt
	o.shortest = true
	for _, c := range capacities {
		want := func(p string) bool { return p == property }
		x := m.watching(want).newExact(o, c)
		x.dead, x.want = dead, want
		r := x.run()
		if r.property == "" {
			if best != nil || r.limit == "" || opt.Context != nil && opt.Context.Err() != nil {
				break
			}
			continue
		}
		run, err := x.replay(r)
		if err != nil {
			return nil, err
		}
		shorter := best == nil || len(run.Steps) < len(best.Steps)
		if shorter {
			best = run
		}
		if c > 0 {
			best.Note = fmt.Sprintf("shortest within %d datagrams in flight each way", c)
		}
		if !shorter {
			break
		}
		// a wider channel is worth a look, not the whole memory
		o.MaxStates = min(opt.MaxStates, 10*r.states+20_000)
	}
	if best == nil {
		return nil, errNoRun
	}
	return best, nil
}

// stated reports whether the text gives every channel its capacity.
func (m *Model) stated() bool {
	for _, c := range m.Sys.Channels {
		if c.Capacity == 0 {
			return false
		}
	}
	return true
}

// replay repeats a path on the naive semantics. Where the search did without steps of loss, the datagrams stay in
// flight there until they can be left out.
func (x *exact) replay(r exactResult) (*Run, error) {
	room := func(ch int) int { return x.m.Sys.Channels[ch].Capacity }
	if r.path == nil {
		return nil, fmt.Errorf("the run breaks %s before its first step", r.property)
	}
	var cur *refState
	for _, s := range x.m.refStarts(room) {
		if k, ok := x.matches(s, r.path[0]); ok {
			cur = &k
			break
		}
	}
	if cur == nil {
		return nil, errors.New("the run's first state was not found again")
	}
	run := &Run{Sys: x.m.Sys, Start: cur.w, Loop: -1, Doomed: -1}
	add := func(t refStep) {
		run.Steps = append(run.Steps, t.Step)
		run.Sent = append(run.Sent, t.sent)
		run.Taken = append(run.Taken, t.taken)
	}
	for _, at := range r.path[1:] {
		found := false
		for _, t := range x.m.refNext(*cur, room) {
			if t.Bad != "" && x.want(t.Bad) {
				continue
			}
			if k, ok := x.matches(t.next, at); ok {
				add(t)
				cur, found = &k, true
				break
			}
		}
		if !found {
			return nil, fmt.Errorf("step %d of the run cannot be repeated", len(run.Steps)+1)
		}
	}
	if r.property == noDeadlock || x.m.violates(cur.w, r.property) {
		return run, nil
	}
	for _, t := range x.m.refNext(*cur, room) {
		if t.Bad == r.property {
			add(t)
			return run, nil
		}
	}
	return nil, errors.New("the last step of the run cannot be repeated")
}

// matches tells whether a naive state, without some of its datagrams, is the one of a waypoint, and gives it without
// them.
func (x *exact) matches(s refState, at waypoint) (refState, bool) {
	var try func(k refState, ch int) (refState, bool)
	try = func(k refState, ch int) (refState, bool) {
		if ch == len(at.hold) {
			got, ok := x.formOf(k)
			return k, ok && got == at.form
		}
		var out refState
		ok := false
		choose(len(k.ch[ch]), at.hold[ch], func(kept []int) bool {
			c := k.clone()
			c.ch[ch] = nil
			for _, i := range kept {
				c.ch[ch] = append(c.ch[ch], k.ch[ch][i])
			}
			out, ok = try(c, ch+1)
			return ok
		})
		return out, ok
	}
	return try(s, 0)
}

// choose calls f for every choice of k of n places, in order, until it returns true.
func choose(n, k int, f func([]int) bool) bool {
	if k > n {
		return false
	}
	at := make([]int, 0, k)
	var rec func(from int) bool
	rec = func(from int) bool {
		if len(at) == k {
			return f(at)
		}
		for i := from; i <= n-(k-len(at)); i++ {
			at = append(at, i)
			if rec(i + 1) {
				return true
			}
			at = at[:len(at)-1]
		}
		return false
	}
	return rec(0)
}
