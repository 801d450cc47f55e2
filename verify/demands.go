package verify

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"sprocketc/fsm"
	"sprocketc/verify/zone"
)

// What machines have to keep in real time: `within`, `fresh`, `paced`. Each speaks of one machine, so that machine is
// explored alone, against everything that the world may do to it at any moment: calls, returns, crashes, datagrams with
// any values, and every timer that the demand does not rest on. Its clock runs wrong by its drift; layers are real, not an
// oracle. Time is dense: a state is what the machine holds and a zone of clocks (timed automata, Alur and Dill 1994), so no
// length of a tick has to be chosen, and drift costs nothing.
//
// What holds so holds in the system. What breaks without a datagram breaks in it too; where a datagram takes part, the
// peer may never send it, and the verdict is undecided.

// aloneStates bounds the search for one demand.
const aloneStates = 200_000

// perMs is how many units of time a millisecond has.
const perMs = 1_000_000

const million = 1_000_000

// alone explores one machine for one demand.
type alone struct {
	m     *Model
	i     int // the machine
	c     *fsm.Code
	g     *ignorer
	d     *fsm.Demand
	bases []bool   // by timer: the demand rests on it, so it fires when it is due
	clock []int    // by timer: its clock; 0 where it has none
	since int      // the clock of what the demand measures
	asked int      // of Fresh: since the answer was asked for
	most  []int64  // by clock: what it is compared with at most
	lasts []uint32 // functions after whose call an older answer may be wrong

	seen   map[string][]*aloneState
	todo   []*aloneState
	broken *aloneState
	why    string
	limit  string
}

// aloneState is a local state, what of the demand is under way, and a zone.
type aloneState struct {
	l       fsm.State
	call    bool      // one is pending
	run     bool      // a handler runs
	fn      uint32    // of the call that is measured
	memo    memoPhase // of Fresh
	sent    bool      // of Paced: something was sent before
	spans   []span64  // by timer that the demand rests on: when it is due
	z       *zone.Zone
	from    *aloneState
	event   string
	arrived bool // a datagram took part
}

// span64 is when a running timer is due, in units of time after its start; zero where it does not run.
type span64 struct{ lo, hi int64 }

// memoPhase is how far the answer is whose age is watched.
type memoPhase uint8

const (
	noAnswer  memoPhase = iota
	awaited             // asked for, and nothing sent yet
	requested           // sent for
	remembered
)

// demands decides what the system's machines have to keep in time.
func demands(sys *fsm.System, opt Options) ([]Property, error) {
	if len(sys.Demands) == 0 {
		return nil, nil
	}
	whole := *fsm.Hidden(sys)
	whole.Assertions = nil
	m, err := prepare(&whole)
	if err != nil {
		return nil, err
	}
	var out []Property
	for _, d := range sys.Demands {
		i := m.index(d.Machine)
		if d.Kind == fsm.Paced {
			p := m.demand(d, i, 0, opt)
			p.Name = "paced(" + d.Machine + ")"
			out = append(out, p)
			continue
		}
		for fn, ms := range d.Spans {
			if ms > 0 {
				p := m.demand(d, i, uint32(fn), opt)
				p.Name = fmt.Sprintf("%s(%s)", d.Kind, m.fn.Members[fn])
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// demand decides a demand on a machine, for one function.
func (m *Model) demand(d *fsm.Demand, machine int, fn uint32, opt Options) Property {
	x := &alone{m: m, i: machine, c: m.Code[machine], d: d, seen: map[string][]*aloneState{}}
	x.g = m.ignorer(machine, m.numbers(), nil, false)
	x.prepare(fn)
	x.begin(fn)
	for n := 0; len(x.todo) > 0 && x.broken == nil && x.limit == ""; n++ {
		s := x.todo[0]
		x.todo = x.todo[1:]
		switch {
		case n >= aloneStates:
			x.limit = fmt.Sprintf("%d states of %s and its clocks were seen, and there are more", aloneStates, x.c.M.Name)
		case x.g.wide:
			x.limit = "a datagram to " + x.c.M.Name + " may have more values than can be listed"
		case opt.Context != nil && opt.Context.Err() != nil:
			x.limit = ended(opt.Context)
		default:
			x.expand(s, fn)
		}
	}
	switch {
	case x.broken == nil && x.limit == "":
		return Property{Verdict: Holds}
	case x.broken == nil:
		return Property{Verdict: Undecided, Why: x.limit}
	case x.broken.arrived:
		return Property{Verdict: Undecided, Why: x.why + ", if " + x.peer() + " can send what it takes: " + x.broken.trace()}
	}
	return Property{Verdict: Violated, Why: x.why + ": " + x.broken.trace()}
}

func (x *alone) peer() string {
	if len(x.m.Sys.Machines) == 2 {
		return x.m.Sys.Machines[1-x.i].Name
	}
	return "its peers"
}

// trace names the events that lead to a state.
func (s *aloneState) trace() string {
	var out []string
	for ; s != nil && s.event != ""; s = s.from {
		out = append(out, s.event)
	}
	slices.Reverse(out)
	return strings.Join(out, ", ")
}

// prepare finds the clocks that a demand needs.
func (x *alone) prepare(fn uint32) {
	m := x.c.M
	clocks := 0
	for _, t := range m.Timers {
		rests := x.d.Kind == fsm.Paced && t.Layer
		if e := m.Event(fsm.OnTimer, t.Name); e != nil && x.d.Kind == fsm.Within {
			rests = x.completes(e.Body, map[string]bool{})
		}
		x.bases = append(x.bases, rests)
		x.clock = append(x.clock, 0)
		if rests {
			clocks++
			x.clock[len(x.clock)-1] = clocks
		}
	}
	clocks++
	x.since = clocks
	if x.d.Kind == fsm.Fresh {
		clocks++
		x.asked = clocks
		for f := range x.m.fn.Members {
			if !x.m.in(uint32(f), "pure") && !x.m.in(uint32(f), "commutes") {
				x.lasts = append(x.lasts, uint32(f))
			}
		}
	}
	x.most = make([]int64, clocks+1)
	for i, t := range m.Timers {
		for _, s := range t.Spans {
			if k := x.clock[i]; k > 0 {
				x.most[k] = max(x.most[k], x.real(max(s.First, s.Cap)).hi)
			}
		}
	}
	for _, memo := range m.Memos {
		if int(fn) < len(memo.Entries) && x.asked > 0 {
			x.most[x.asked] = max(x.most[x.asked], x.real(memo.Entries[fn].Age).hi)
		}
	}
	x.most[x.since] = x.demanded(fn)
}

// completes reports whether stages may end a call.
func (x *alone) completes(stages []*fsm.Stage, seen map[string]bool) (found bool) {
	fsm.WalkStages(stages, func(s *fsm.Stage) {
		switch y := s.Stmt.(type) {
		case *fsm.Complete:
			found = true
		case *fsm.Do:
			if !seen[y.Tail] {
				seen[y.Tail] = true
				found = found || x.completes(x.c.M.Tail(y.Tail).Body, seen)
			}
		}
	})
	return
}

// demanded is the bound of the demand, in units of time.
func (x *alone) demanded(fn uint32) int64 {
	if x.d.Kind == fsm.Paced {
		return int64(x.d.Span) * perMs
	}
	return int64(x.d.Spans[fn]) * perMs
}

// real is how long so many milliseconds of the machine's own clock may take.
func (x *alone) real(ms uint32) span64 {
	scale := func(by uint64, up bool) int64 { // ms * perMs * million / by
		hi, lo := bits.Mul64(uint64(ms)*perMs, million)
		q, r := bits.Div64(hi, lo, by)
		if up && r > 0 {
			q++
		}
		return int64(q)
	}
	drift := uint64(x.c.M.Drift)
	return span64{scale(million+drift, false), scale(million-drift, true)}
}

// begin starts the machine with blank memory.
func (x *alone) begin(fn uint32) {
	z := zone.New(len(x.most) - 1)
	if x.d.Kind == fsm.Paced {
		z.Free(x.since) // it may have sent something before its memory was erased, or nothing
	}
	s := &aloneState{l: x.c.Blank(), spans: make([]span64, len(x.bases)), z: z}
	x.restart(s, "", fn, 2)
}

// assumeClocks adds to a report what verdicts in time rest on.
func (m *Model) assumeClocks(r *Report) {
	for _, x := range m.Sys.Machines {
		if slices.ContainsFunc(m.Sys.Demands, func(d *fsm.Demand) bool { return d.Machine == x.Name }) {
			r.Assumptions = append(r.Assumptions, fmt.Sprintf("the clock of %s runs at most %s wrong, and its timers fire when they are due", x.Name, percent(x.Drift)))
		}
	}
	slices.Sort(r.Assumptions)
}

// percent writes parts in a million.
func percent(ppm int) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%04d", ppm/10_000, ppm%10_000), "0"), ".") + " %"
}
