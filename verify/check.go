package verify

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sprocketc/fsm"
)

// Engines by the names that reports give.
const (
	engineBlock = "block words"
	engineExact = "exact words"

	engineSymbolic = "exact words, symbolic"
	engineBoth     = "exact words, explicit and symbolic"
)

// Properties that every step of an exact search is watched for, as far as the system checks them.
var safety = []string{"own_answer", "serial", "at_most_once", "honest_outcome", "final", "exactly_once", "no_stale", "ordered", "no_spurious_restart", "bounded", noDeadlock}

// Properties that the block engine decides beside those, as it goes. What must come about is decided behind a search, see
// awaited.
var progress = []string{"useful"}

// defaultMemory bounds a search to which the options give no limit at all: some systems have no end.
const defaultMemory = 4 << 30

// Some systems have no end in either representation, broken ones above all. Where the options bound no states, block words
// go on to blockStates (ten times what the largest program of the corpus needs), and exact words that are asked because
// block words do not fit to fallbackStates.
const (
	blockStates    = 400_000
	fallbackStates = 1_500_000
)

// Check decides the properties of a sane system: those it names in check, its invariants and its breaches. An error
// says what the checker cannot represent at all; a limit that is reached is a verdict, undecided.
func Check(sys *fsm.System, opt Options) (*Report, error) {
	begun := time.Now()
	m, err := NewModel(sys)
	if err != nil {
		return nil, err
	}
	capacity, err := fifo(opt.Channels)
	if err != nil {
		return nil, err
	}
	if opt.MaxStates == 0 && opt.MaxMemory == 0 && opt.Context == nil {
		opt.MaxMemory = defaultMemory
	}
	r := &Report{Protocol: sys.Name}
	if why := m.unlisted(opt); why != "" {
		m.undecided(r, why)
		r.sum()
		r.Elapsed = time.Since(begun)
		return r, nil
	}
	blocks, precise := m.blockFits()
	blocks = blocks && (opt.Engine == "" || opt.Engine == Auto)
	if blocks && capacity == 0 && !opt.NoReduction {
		o := opt
		if o.MaxStates == 0 {
			o.MaxStates = blockStates
		}
		m.byBlocks(r, o, precise)
	}
	if r.Engine == "" {
		why := r.Why // block words cannot represent it
		if blocks && opt.MaxStates == 0 {
			opt.MaxStates = fallbackStates
		}
		if err := m.byWords(r, opt, capacity); err != nil {
			return nil, err
		}
		for i, p := range r.Properties {
			if p.Verdict == Undecided && why != "" {
				r.Properties[i].Why += " (block words: " + why + ")"
			}
		}
	}
	timely, err := demands(sys, opt)
	if err != nil {
		return nil, err
	}
	whole, err := intact(sys, opt)
	if err != nil {
		return nil, err
	}
	r.Properties = append(r.Properties, whole...)
	r.Properties = append(r.Properties, timely...)
	m.assumeClocks(r)
	r.Chain = m.Chain()
	r.sum()
	r.Elapsed = time.Since(begun)
	return r, nil
}

// fifo reads Options.Channels: "" is 0, "fifo:3" is 3. An error where it is neither.
func fifo(channels string) (int, error) {
	if channels == "" {
		return 0, nil
	}
	c, ok := strings.CutPrefix(channels, "fifo:")
	n, err := strconv.Atoi(c)
	if !ok || err != nil || n < 1 || n > 16 {
		return 0, fmt.Errorf("channels are \"fifo:\" and a capacity of 1 to 16, not %q", channels)
	}
	return n, nil
}

// properties lists what is to be decided, sorted into what the exact search watches and what it does not.
func (m *Model) properties() (watched, other []string) {
	for _, c := range m.Sys.Checks {
		if c == fsm.Intact { // of one machine alone
			continue
		}
		if slices.Contains(safety, c) {
			watched = append(watched, c)
		} else {
			other = append(other, c)
		}
	}
	for _, inv := range m.Sys.Invariants {
		if !inv.Start {
			watched = append(watched, inv.Name)
		}
	}
	watched = append(watched, m.asserted()...)
	for _, a := range m.Sys.Assertions {
		if a.Mode == fsm.Eventually {
			other = append(other, a.Name)
		}
	}
	for _, x := range m.Sys.Machines {
		x.Stages(func(s *fsm.Stage) {
			if b, ok := s.Stmt.(*fsm.Breach); ok {
				watched = append(watched, b.Name)
				other = slices.DeleteFunc(other, func(o string) bool { return o == b.Name })
			}
		})
	}
	var unique []string
	for _, p := range watched {
		if !slices.Contains(unique, p) {
			unique = append(unique, p)
		}
	}
	return unique, other
}

// byBlocks lets the block engine decide, and exact words find the runs. Where block words only cover the channels from
// above, what they find broken is left to exact words.
func (m *Model) byBlocks(r *Report, opt Options, precise bool) {
	b, unbounded := m.blockWidely(opt)
	if len(b.broken) > 0 && !precise || len(b.broken) == 0 && b.unfit {
		r.Why = b.limit
		return
	}
	r.Engine, r.States, r.Transitions, r.Depth, r.Bytes = engineBlock, b.states, b.transitions, b.depth, b.bytes
	r.Limits, r.Unfired = append(r.Limits, b.notes...), b.unfired
	watched, other := m.properties()
	awaited := m.awaited()
	for _, p := range append(watched, other...) {
		v := Property{Name: p, Verdict: Holds}
		found := slices.IndexFunc(b.progress, func(d decided) bool { return d.property == p })
		switch {
		case found >= 0:
			r.add(m.behind(b.progress[found], opt, precise && len(m.outlive) == 0))
			continue
		case slices.Contains(b.broken, p):
			v.Verdict, v.Why = Violated, b.why[p]
			if slices.Contains(watched, p) || p == "useful" {
				v.Run, _ = m.ShortestRun(p, opt)
			}
		case !slices.Contains(watched, p) && !slices.Contains(progress, p) && !slices.Contains(awaited, p):
			r.NotChecked = append(r.NotChecked, NotChecked{p, "no engine decides it"})
			continue
		case b.limit != "":
			v.Verdict, v.Why = Undecided, b.limit
		case len(b.broken) > 0 && !b.complete:
			v.Verdict, v.Why = Undecided, "the search did not go on behind the violation of "+b.broken[0]
		}
		r.Properties = append(r.Properties, v)
	}
	for _, p := range b.broken { // such as bounded, which is always watched
		if !slices.ContainsFunc(r.Properties, func(v Property) bool { return v.Name == p }) {
			v := Property{Name: p, Verdict: Violated, Why: b.why[p]}
			v.Run, _ = m.ShortestRun(p, opt)
			r.Properties = append(r.Properties, v)
		}
	}
	r.limited(b.limit)
	faults := "losses, repeats, crashes"
	if unbounded {
		faults = "losses, repeats, overtaking, crashes"
	}
	r.Assumptions = append(r.Assumptions, "no bound on calls, "+faults+" or datagrams in flight")
	m.assume(r, b.limit == "" && len(b.broken) == 0)
}

// growing capacities for channels whose text states none, until no send finds a channel full.
var growing = []int{2, 3, 4, 6, 8}

// enough states that a wider channel is not tried after a search of so many.
const enough = 1_000_000

// byWords decides with exact words.
func (m *Model) byWords(r *Report, opt Options, capacity int) error {
	capacities := []int{capacity}
	if capacity == 0 && !m.stated() {
		capacities = growing
	}
	if c := opt.Resume; c != nil {
		purpose := m.purpose(opt)
		i := slices.Index(capacities, c.capacity)
		if i < 0 || !bytes.Equal(c.purpose, purpose[:]) {
			return refuse("it is of another system, or of other options")
		}
		capacities = capacities[i:]
	}
	watched, other := m.properties()
	awaited := m.awaited()
	for _, p := range other {
		switch {
		case slices.Contains(progress, p):
			r.NotChecked = append(r.NotChecked, NotChecked{p, "it is decided only for channels that lose and repeat"})
		case !slices.Contains(awaited, p):
			r.NotChecked = append(r.NotChecked, NotChecked{p, "no engine decides it"})
		}
	}
	broken := map[string]Property{}
	limit := ""
	for i, c := range capacities {
		var first exactResult
		if first, limit = m.decide(opt, c, broken); first.err != nil {
			return first.err
		}
		opt.Resume = nil // of the first capacity
		r.Engine, r.States, r.Transitions, r.Depth, r.Bytes = first.engine, first.states, first.transitions, first.depth, first.bytes
		r.Sets, capacity = first.sets, c
		if limit == "" || len(broken) > 0 || first.stopped || first.states > enough || i+1 == len(capacities) {
			break
		}
	}
	for _, p := range watched {
		v, bad := broken[p]
		switch {
		case bad:
		case limit != "":
			v = Property{Name: p, Verdict: Undecided, Why: limit}
		default:
			v = Property{Name: p, Verdict: Holds}
		}
		r.Properties = append(r.Properties, v)
		delete(broken, p)
	}
	for _, p := range slices.Sorted(maps.Keys(broken)) {
		r.Properties = append(r.Properties, broken[p])
	}
	for _, p := range awaited {
		d := decided{property: p, verdict: Undecided, why: limit}
		if limit == "" {
			d = m.pursueWords(p, opt, capacity)
		}
		r.add(m.withRun(d, opt))
	}
	r.limited(limit)
	for _, c := range m.Sys.Channels {
		if c.Capacity > 0 {
			r.Assumptions = append(r.Assumptions, fmt.Sprintf("channel %s holds at most %d datagrams, as its text states", c.Name, c.Capacity))
		}
	}
	if limit == "" && !m.stated() {
		r.Assumptions = append(r.Assumptions, fmt.Sprintf("proved: channels of any capacity do the same, since no send finds one of %d full", capacity))
	}
	m.assume(r, limit == "" && len(broken) == 0)
	return nil
}

// decide searches at a capacity until nothing further breaks, and adds what does to broken. It gives the first search's
// figures, and the limit that leaves the properties that are not broken undecided.
func (m *Model) decide(opt Options, capacity int, broken map[string]Property) (first exactResult, limit string) {
	o := opt
	for n := 0; ; n++ {
		if n > 0 {
			o.Save, o.Resume = nil, nil // what breaks first is what a checkpoint is for
		}
		want := func(p string) bool { _, known := broken[p]; return !known }
		r := m.watching(want).search(o, capacity, want)
		if n == 0 {
			first = r
		}
		if r.property == "" || r.err != nil {
			return first, r.limit
		}
		v := Property{Name: r.property, Verdict: Violated, Why: r.why}
		if run, err := m.runOf(r.property, opt); err == nil {
			v.Run = run
		} else if !errors.Is(err, errNoRun) {
			v.Why += " (" + err.Error() + ")"
		}
		broken[r.property] = v
		// what else breaks is worth a search of the same order, not one without end
		o.MaxStates = 2*first.states + 50_000
		if opt.MaxStates > 0 {
			o.MaxStates = min(o.MaxStates, opt.MaxStates)
		}
	}
}

// assume adds to a report what every verdict rests on; with complete also what the search has proved of its own
// reductions: each state that it met was checked.
func (m *Model) assume(r *Report, complete bool) {
	if looks := m.looks(); complete && looks == "" && m.Caller >= 0 {
		r.Assumptions = append(r.Assumptions, "proved: one marked call speaks for every call, since no machine looks into a payload")
	}
	if num := m.numbers(); complete && num.ordered(m) {
		r.Assumptions = append(r.Assumptions, "proved: numbers count by their order alone, since next was applied to none but the largest in use")
	}
	for _, x := range m.Sys.Machines {
		if x.Crashes && x.Budget > 0 {
			r.Assumptions = append(r.Assumptions, fmt.Sprintf("%s crashes at most %d times", x.Name, x.Budget))
		}
		if x.Erased {
			r.Assumptions = append(r.Assumptions, x.Name+" is replaced only when nothing of it is in flight, runs or waits to be sent, and never returns")
		}
	}
	for _, c := range m.Sys.Channels {
		if c.Corrupts {
			r.Assumptions = append(r.Assumptions, "on channel "+c.Name+" one field of a datagram is altered at a time, to a value of its range or one that occurs; never its kind")
		}
	}
	m.assumeLifetimes(r)
	if len(m.awaited()) > 0 && slices.ContainsFunc(m.Sys.Machines, func(x *fsm.Machine) bool { return x.Uses("either") }) {
		r.Assumptions = append(r.Assumptions, "what is asked of pieces again and again is answered either way again and again")
	}
	slices.Sort(r.Assumptions)
}

// looks is the first expression that looks into a payload, or "". The machine language refuses them; a verdict on one
// call among any number rests on it, so it is looked at again.
func (m *Model) looks() string {
	for _, c := range m.Code {
		if e := c.Looks(); e != "" {
			return e
		}
	}
	return ""
}

// ordered reports whether anything lives in a sort that is renamed by its order.
func (n *numbers) ordered(m *Model) bool {
	for _, places := range [][][]place{n.slots, n.field} {
		for _, ps := range places {
			for _, p := range ps {
				if !m.Sys.Sort(n.sorts[p.sort]).Token {
					return true
				}
			}
		}
	}
	return false
}

// sum makes the verdict of a report from those of its properties.
func (r *Report) sum() {
	r.Verdict = Holds
	for _, p := range r.Properties {
		switch {
		case p.Verdict == Violated:
			r.Verdict, r.Why = Violated, ""
			return
		case p.Verdict == Undecided && r.Verdict == Holds:
			r.Verdict, r.Why = Undecided, p.Why
		}
	}
}
