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
	if opt.MaxStates == 0 {
		opt.MaxStates = runStates
	}
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
	for _, c := range capacities {
		x := m.newExact(o, c)
		for i, l := range x.lanes {
			if l.Loses && !l.implicit { // to take a datagram for good is one step, to keep and to lose it are two
				x.lanes[i] = newLane(l.Channel, c, true)
			}
		}
		x.dead = dead
		x.want = func(p string) bool { return p == property }
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
	for _, key := range r.path[1:] {
		found := false
		for _, t := range x.m.refNext(*cur, room) {
			if t.Bad != "" && x.want(t.Bad) {
				continue
			}
			if k, ok := x.matches(t.next, key); ok {
				add(t)
				cur, found = &k, true
				break
			}
		}
		if !found {
			return nil, fmt.Errorf("step %d of the run cannot be repeated", len(run.Steps)+1)
		}
	}
	if r.property == noDeadlock || x.m.broken(cur.w) == r.property {
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

// matches tells whether a naive state, without some of its datagrams, is the one of a key, and gives it without them.
func (x *exact) matches(s refState, key uint64) (refState, bool) {
	ws := make([]uint32, len(x.lanes))
	x.unpack(uint32(key), ws)
	var try func(k refState, ch int) (refState, bool)
	try = func(k refState, ch int) (refState, bool) {
		if ch == len(x.lanes) {
			got, ok := x.keyOf(k)
			return k, ok && got == key
		}
		n := len(x.words[ws[ch]])
		var out refState
		ok := false
		choose(len(k.ch[ch]), n, func(kept []int) bool {
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

// keyOf is the key of a naive state; ok is false where it cannot be represented.
func (x *exact) keyOf(s refState) (key uint64, ok bool) {
	w := s.w.clone()
	words := make([][]flying, len(s.ch))
	ws := make([]uint32, len(s.ch))
	for i, c := range s.ch {
		for _, d := range c {
			words[i] = append(words[i], flying{d.msg, uint8(d.overtaken), d.delivered})
		}
	}
	if x.canonical(&w, words, true) != "" {
		return 0, false
	}
	for i, word := range words {
		ws[i] = x.wordID(word)
	}
	return uint64(x.endID(w))<<32 | uint64(x.pack(ws)), true
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
