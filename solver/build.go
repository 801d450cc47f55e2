package solver

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"sprocketc/ir"
	"sprocketc/schema"
)

// Widths where nothing else is said: a caller's identity has 32 bits, and an epoch outlasts the 10^5 writes that a memory
// endures.
const (
	identityBits = 32
	epochBits    = 17
	mostReused   = 16
	runBits      = 20 // of runs of calls, where the caller never crashes: each call without an answer ends one
)

// build makes the plan of a choice: widths, wire, memory, schedules, costs. Where it breaks a budget or a deadline the
// conflict says so. An error is unmade.
func build(p *ir.Program, c choice, s settings) (*ir.Plan, *conflict, error) {
	in := p.Interfaces[0]
	plan := &ir.Plan{Program: p, Interface: in, Widths: widths(in, c, s)}
	for _, f := range in.Force {
		f.Feature = canonical(f.Feature)
		plan.Forced = append(plan.Forced, f)
	}
	// A number of that width that is forced is used again when it runs out; a wider one is taken to last.
	if n := s.width[schema.CallNumber]; n > 0 && n <= mostReused {
		plan.Wraps = 1 << n
	}
	for _, d := range schema.Declarations {
		w, on := c[d.Name]
		if !on {
			if !s.off[d.Name] {
				plan.NotNeeded = append(plan.NotNeeded, d.Name)
			}
			continue
		}
		x := ir.Choice{Name: d.Name, Sentence: d.Sentence, Parameters: map[string]string{}}
		if w.Source != "" {
			x.Parameters["source"] = w.Source
		}
		if w.Variant != "" {
			x.Parameters["variant"] = w.Variant
		}
		if w.Width > 0 {
			x.Parameters["width"] = strconv.Itoa(w.Width)
		}
		plan.Features = append(plan.Features, x)
	}
	if plan.Has(schema.QuietStart) && in.Channel.Lives != nil {
		plan.Quiet = in.To.AtLeast(in.Channel.Lives.T + lastEnd(in))
		if milliseconds(plan.Quiet) > longest {
			return plan, &conflict{message: fmt.Sprintf("`%s` cannot wait so long after a start", in.To.Name),
				why: fmt.Sprintf("until a datagram is gone that was sent by a call made before, %s pass, and a timer runs at most %s", spell(plan.Quiet), spell(span(longest)))}, nil
		}
	}
	if n, most := in.Lanes(), schema.MaxLanes; plan.Has(schema.Window) {
		if c[schema.Window].Variant == schema.Selective {
			most = schema.MaxKept
		}
		if n > most {
			return plan, &conflict{message: fmt.Sprintf("so many calls cannot be outstanding on `%s`", in.Channel.Name),
				why: fmt.Sprintf("%d are asked for, and this version has lanes for %d", n, schema.MaxLanes)}, nil
		}
	}
	system, err := schema.System(plan)
	if err != nil {
		return nil, nil, &unmade{plan, err}
	}
	schema.Layout(plan, system)
	if bad := budgets(plan); bad != nil {
		return plan, bad, nil
	}
	if bad := times(plan, !s.off[schema.Retransmission]); bad != nil {
		return plan, bad, nil
	}
	writes(plan, c)
	schema.Measure(plan, system)
	return plan, budgets(plan), nil
}

// lastEnd is how long after it was made every call is over.
func lastEnd(in *ir.Interface) time.Duration {
	t := time.Duration(0)
	for _, c := range in.Calls {
		t = max(t, timeOf(in, c))
	}
	return t
}

func widths(in *ir.Interface, c choice, s settings) map[string]int {
	out := map[string]int{"num": identityBits, "cepoch": epochBits, "kepoch": epochBits}
	random := func(peer *ir.Peer) int {
		if !enough(peer.Entropy) {
			return epochBits
		}
		return int(min(peer.Entropy.N, identityBits))
	}
	switch w, on := c[schema.CallerEpoch]; {
	case on && w.Source == "entropy": // nothing renews the numbers
		out["cepoch"] = random(in.From)
	case on && c[schema.CallNumber].Variant != schema.Wide:
		out["num"] = identityBits - epochBits
	}
	if _, lanes := c[schema.Window]; lanes && c[schema.CallerEpoch].Source == "" {
		out["num"], out["cepoch"] = identityBits-runBits, runBits
	}
	if c[schema.CalleeEpoch].Source == "entropy" {
		out["kepoch"] = random(in.To)
	}
	for sort, feature := range map[string]string{"num": schema.CallNumber, "cepoch": schema.CallerEpoch, "kepoch": schema.CalleeEpoch} {
		if n := s.width[feature]; n > 0 {
			out[sort] = n
		}
	}
	return out
}

// budgets holds the sizes of a plan against what the program allows.
func budgets(plan *ir.Plan) *conflict {
	in := plan.Interface
	unit := int64(schema.DefaultUnit)
	if in.Channel.Unit != nil {
		unit = in.Channel.Unit.N
	}
	for _, w := range plan.Wire {
		if int64(w.Max) > unit {
			what := map[string]string{"REQ": "the request of `" + w.Fn + "`", "NEXT": "the request of `" + w.Fn + "`", "ANS": "the answer of `" + w.Fn + "`"}[w.Message]
			if what == "" {
				what = "a datagram of the protocol's own"
			}
			return &conflict{message: fmt.Sprintf("%s does not fit into a datagram", what),
				why: fmt.Sprintf("it takes up to %d bytes, %d of them the protocol's, and a datagram %d; values are not cut up in this version", w.Max, w.Header+w.Sum, unit), over: w.Max - int(unit)}
		}
	}
	for _, peer := range []*ir.Peer{in.From, in.To} {
		m := plan.Peers[peer.Name]
		if peer.Stable != nil && int64(m.Stable) > peer.Stable.N {
			return &conflict{message: fmt.Sprintf("`%s` has too little stable memory", peer.Name),
				why: fmt.Sprintf("the records of %s take %d bytes, and %d survive a crash", peer.Name, m.Stable, peer.Stable.N), over: m.Stable - int(peer.Stable.N)}
		}
		if peer.RAM != nil && int64(m.RAM) > peer.RAM.N {
			return &conflict{message: fmt.Sprintf("`%s` has too little memory", peer.Name),
				why: fmt.Sprintf("state and buffers of %s take %d bytes, of %d", peer.Name, m.RAM, peer.RAM.N), over: m.RAM - int(peer.RAM.N)}
		}
		if peer.Flash != nil && inC(peer) && int64(m.Flash) > peer.Flash.N {
			return &conflict{message: fmt.Sprintf("`%s` has too little flash", peer.Name),
				why: fmt.Sprintf("the code of %s takes about %d bytes of %d, on a Cortex-M0+ with -Os", peer.Name, m.Flash, peer.Flash.N), over: m.Flash - int(peer.Flash.N)}
		}
	}
	return nil
}

// times fills in schedules, pace and costs but for the latency; again: whether a call may be sent again, without which no probability is held.
func times(plan *ir.Plan, again bool) *conflict {
	in := plan.Interface
	largest := 0
	size := map[[2]string]int{}
	for _, w := range plan.Wire {
		n := in.Channel.Carried(w.Max)
		largest = max(largest, n)
		size[[2]string{w.Message, w.Fn}] = n
	}
	gap := 0.0
	plan.Spacing = span(pace(in.Channel.Rate, largest))
	if plan.Has(schema.Pacing) {
		plan.Pace = span(milliseconds(max(in.From.AtLeast(plan.Spacing), in.To.AtLeast(plan.Spacing))))
		gap = milliseconds(plan.Pace)
	}
	plan.Schedules = map[string]*ir.Schedule{}
	plan.Costs = ir.Costs{BytesPerCall: map[string]float64{}, DatagramsPerCall: map[string]float64{}, EnergyPerCall: map[string]float64{},
		Latency: map[string]time.Duration{}}
	how := parameter(plan, schema.Retransmission, "variant")
	l := linkOf(in.Channel)
	type demand struct {
		t time.Duration
		p float64
	}
	type met struct {
		s        *ir.Schedule
		ok       bool
		requests float64
	}
	same := map[demand]met{} // calls with one demand have one schedule
	for _, call := range in.Calls {
		key := demand{t: timeOf(in, call)}
		if call.Within != nil {
			key.p = call.Within.P
		}
		found, known := same[key]
		if !known {
			found.s, found.ok = schedule(in, call, gap, again, how)
			found.requests = l.datagrams(sendsOf(found.s))
			same[key] = found
		}
		s, met := found.s, found.ok
		plan.Schedules[call.Name] = s
		if !met && again {
			bound := "at most one each ms"
			if gap > 0 {
				bound = "at most one each " + spell(plan.Pace)
			}
			return &conflict{message: fmt.Sprintf("`%s` cannot be answered within %s at %s", call.Name, spell(call.Within.T), percent(call.Within.P)),
				why: fmt.Sprintf("%d sends, %s, and an answer to each that arrives give %s", s.Sends, bound, percent(math.Floor(s.Chance*1e6)/1e6))}
		}
		requests := found.requests
		if parameter(plan, schema.Window, "variant") == schema.GoBackN {
			// What is lost takes with it the calls behind it, which come before their turn: as many as are outstanding.
			requests *= 1 + l.loss*float64(in.Lanes()-1)
		}
		answers := requests * (1 - l.loss)
		there, back := size[[2]string{"REQ", call.Name}], size[[2]string{"ANS", call.Name}]
		if plan.Has(schema.Window) { // of those that do not open a run
			there = size[[2]string{"NEXT", call.Name}]
		}
		plan.Costs.DatagramsPerCall[call.Name] = requests + answers
		if plan.Has(schema.AskingFirst) && schema.Fenced(call) { // a question and its answer, under the same losses
			plan.Costs.DatagramsPerCall[call.Name] *= 2
			there, back = there+size[[2]string{"ASK", ""}], back+size[[2]string{"READY", ""}]
		}
		plan.Costs.BytesPerCall[call.Name] = requests*float64(there) + answers*float64(back)
		plan.Costs.EnergyPerCall[call.Name] = energy(in, requests*float64(there), answers*float64(back), l.loss)
	}
	return nil
}

// byCounting is the source of what follows from the program's own figures.
const byCounting = "by counting; spec/refusals.md, 2"

// hopeless is why no protocol answers the calls of an interface in time, or nil. defaults tells for which calls the time
// that they did not state counts.
func hopeless(in *ir.Interface, defaults func(call int) bool) *conflict {
	l := linkOf(in.Channel)
	for i, c := range in.Calls {
		if c.Within == nil && in.DefaultAt == nil && !defaults(i) {
			continue
		}
		t := timeOf(in, c)
		if in.From.AtMost(t) < time.Millisecond {
			return &conflict{message: fmt.Sprintf("`%s` cannot be over within %s", c.Name, spell(t)),
				why: fmt.Sprintf("the clock of %s counts whole milliseconds, and may run %s slow", in.From.Name, percent(in.From.Drift)), source: byCounting}
		}
		if end := milliseconds(t); end < 2*l.lo {
			return &conflict{message: fmt.Sprintf("`%s` cannot be answered within %s", c.Name, spell(t)),
				why: fmt.Sprintf("a request and its answer take at least %s each, %s together", spell(in.Channel.Delays.Min), spell(2*in.Channel.Delays.Min)), source: byCounting}
		}
		if c.Within == nil || c.Within.P == 0 {
			continue
		}
		gap := 0.0
		if r := in.Channel.Rate; r != nil && r.Datagrams > 0 {
			gap = 1000 / r.Datagrams
		} else if r != nil && r.Bytes > 0 {
			gap = 1000 / r.Bytes // of the smallest datagram that says anything
		}
		if top := l.ceiling(milliseconds(t), gap); top < c.Within.P {
			why := "nothing ever arrives"
			if l.loss < 1 {
				n := math.Floor((milliseconds(t)-2*l.lo)/gap) + 1
				why = fmt.Sprintf("%s fit each way, and with a loss of %s each no more than %s can be had: (1 - a^m)(1 - b^n)", count(int(n), "datagram"), percent(l.loss), percent(math.Floor(top*1e6)/1e6))
			}
			return &conflict{message: fmt.Sprintf("`%s` cannot be answered within %s at %s", c.Name, spell(t), percent(c.Within.P)), why: why, source: byCounting}
		}
	}
	return nil
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// percent prints a probability with as many digits as it needs, at most six.
func percent(p float64) string { return strconv.FormatFloat(math.Round(p*1e8)/1e6, 'f', -1, 64) + " %" }
