package solver

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"sprocketc/ir"
	"sprocketc/schema"
)

// cost is what a plan costs in each objective, and what comes first.
type cost struct {
	bytes, energy float64 // of one call of each kind
	writes        float64 // to stable memory, the same
	starts        int     // of one start of each peer
	ram, flash    int
	latency       func() float64 // ms, of one call of each kind; worked out when it is first asked for
	order         string         // of plans that cost the same in everything
	first         []string       // objectives
}

// compare is negative where c is the cheaper of two plans of one program. Sums of floats that differ by rounding only are equal.
func (c cost) compare(d cost) int {
	for _, objective := range c.first {
		if n := c.compareBy(d, objective); n != 0 {
			return n
		}
	}
	return strings.Compare(c.order, d.order)
}

func (c cost) compareBy(d cost, objective string) int {
	switch objective {
	case "bytes":
		return about(c.bytes, d.bytes, 1e-9)
	case "wear":
		return cmp.Or(about(c.writes, d.writes, 1e-15), cmp.Compare(c.starts, d.starts))
	case "ram":
		return cmp.Compare(c.ram, d.ram)
	case "flash":
		return cmp.Compare(c.flash, d.flash)
	case "latency":
		return about(c.latency(), d.latency(), 1e-6)
	}
	return about(c.energy, d.energy, 1e-9)
}

func about(a, b, within float64) int {
	if math.Abs(a-b) > within {
		return cmp.Compare(a, b)
	}
	return 0
}

// objectives of an interface, the most important first: all of them, since those that it does not name break ties.
func objectives(in *ir.Interface) []string {
	out := slices.Clone(in.Optimise)
	for _, o := range ir.Objectives {
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

func costOf(p *ir.Plan, c choice) cost {
	in := p.Interface
	k := cost{order: c.String(), first: objectives(in)}
	for _, call := range in.Calls { // in a fixed order: sums of floats depend on it
		k.bytes += p.Costs.BytesPerCall[call.Name]
		k.energy += p.Costs.EnergyPerCall[call.Name]
		k.writes += p.Costs.WritesPerCall[call.Name]
	}
	for _, n := range p.Costs.WritesPerStart {
		k.starts += n
	}
	for _, peer := range counted(in) {
		k.ram += p.Peers[peer.Name].RAM
		k.flash += p.Peers[peer.Name].Flash
	}
	known, sum := false, 0.0
	k.latency = func() float64 {
		if !known {
			known = true
			latencies(p)
			for _, call := range in.Calls {
				sum += float64(p.Costs.Latency[call.Name])
			}
		}
		return sum / 1e6
	}
	return k
}

// counted are the peers whose RAM and flash are optimised: those that are emitted as C, or both where none is.
func counted(in *ir.Interface) []*ir.Peer { return those(in, inC) }

// inC reports whether a peer is emitted as C.
func inC(p *ir.Peer) bool {
	return slices.ContainsFunc(p.Emit, func(e ir.Emit) bool { return e.Language == "c" })
}

// fed are the peers whose bytes cost energy: those with a battery, or both where none has one.
func fed(in *ir.Interface) []*ir.Peer {
	return those(in, func(p *ir.Peer) bool { return p.Battery != nil })
}

func those(in *ir.Interface, matter func(*ir.Peer) bool) []*ir.Peer {
	both := []*ir.Peer{in.From, in.To}
	if out := slices.DeleteFunc(slices.Clone(both), func(p *ir.Peer) bool { return !matter(p) }); len(out) > 0 {
		return out
	}
	return both
}

// energy is how many bytes the peers that are fed by a battery send and get in a call, of so many sent each way.
func energy(in *ir.Interface, requests, answers, loss float64) float64 {
	sum := 0.0
	for _, peer := range fed(in) {
		if peer == in.From {
			sum += requests + answers*(1-loss)
		} else {
			sum += answers + requests*(1-loss)
		}
	}
	return sum
}

// writes fills in the expected writes to stable memory of calls and of starts.
func writes(p *ir.Plan, c choice) {
	in := p.Interface
	p.Costs.WritesPerCall, p.Costs.WritesPerStart = map[string]float64{}, map[string]int{in.From.Name: 0, in.To.Name: 0}
	renewal := 0.0 // the caller's epoch is renewed when the numbers are used up
	if sourceOf(p, schema.CallerEpoch) == "stable" && p.Has(schema.CallNumber) && p.Wraps == 0 {
		renewal = math.Pow(2, -float64(p.Widths["num"]))
	}
	for _, call := range in.Calls {
		p.Costs.WritesPerCall[call.Name] = renewal
	}
	for name, w := range c {
		peer := in.From
		if slices.Contains(w.Needs, schema.CalleeStable) {
			peer = in.To
		}
		p.Costs.WritesPerStart[peer.Name] += w.Starts
		for _, fact := range schema.Declare(name).Writes {
			for _, x := range instances(in, nil, fact) {
				p.Costs.WritesPerCall[x.call.Name]++
			}
		}
	}
}

// latencies fills in the expected times of calls.
func latencies(p *ir.Plan) {
	for _, c := range p.Interface.Calls {
		p.Costs.Latency[c.Name] = linkOf(p.Interface.Channel).latency(sendsOf(p.Schedules[c.Name]))
		if p.Has(schema.AskingFirst) && schema.Fenced(c) {
			p.Costs.Latency[c.Name] *= 2
		}
	}
}
