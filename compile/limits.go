package compile

import (
	"fmt"
	"math"

	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/verify"
)

// endurance is how many writes a stable memory is assumed to take; nothing in a program declares it.
const endurance = 100_000

// limits are what stands beside a verdict on a plan: the widths of what is unbounded in the proof, and what a checksum
// misses.
func limits(p *ir.Plan) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, f := range p.Features {
		switch f.Name {
		case schema.CallNumber:
			if p.Wraps == 0 && p.Widths["num"] > 0 {
				add("call number: %s", f.Chosen)
			}
		case schema.Window:
			add("window: %s runs of calls, of which each start of %s begins one, and each call that ends without an answer", Count(int(uint64(1)<<p.Widths["cepoch"]-1)), p.Interface.From.Name)
		case schema.CallerEpoch:
			if p.Has(schema.Window) {
				continue // its runs are counted so
			}
			epoch(add, "caller epoch", p.Interface.From.Name, f, p.Widths["cepoch"])
		case schema.CalleeEpoch:
			epoch(add, "callee epoch", p.Interface.To.Name, f, p.Widths["kepoch"])
		case schema.IntentRecord:
			add("intent record: %s effects, one write each, if the memory of %s takes so many (assumed)", Count(endurance), p.Interface.To.Name)
		case schema.PendingRecord:
			add("pending record: %s calls, two writes each, if the memory of %s takes so many (assumed)", Count(endurance/2), p.Interface.From.Name)
		case schema.CommitRecord:
			add("commit record: %s calls, one write each, if the memory of %s takes so many (assumed)", Count(endurance), p.Interface.To.Name)
			add("the program of %s makes the effect of a handler durable in one step with the record, as its hook asks (assumed)", p.Interface.To.Name)
		case schema.Checksum:
			if c := p.Interface.Channel.Corrupts; c != nil && len(p.Wire) > 0 {
				add("checksum: of the datagrams that were altered, %s pass (2^-%d)", share(math.Pow(2, -8*float64(p.Wire[0].Sum))), 8*p.Wire[0].Sum)
			}
		}
	}
	for _, peer := range []*ir.Peer{p.Interface.From, p.Interface.To} {
		if m := p.Peers[peer.Name]; m != nil && len(m.Records) > 0 {
			add("stable memory of %s is not erased behind its back", peer.Name)
		}
	}
	return out
}

func epoch(add func(string, ...any), name, peer string, f ir.Choice, bits int) {
	switch {
	case bits == 0:
	case f.Parameters["source"] == "entropy":
		add("%s: two starts of %s have the same one with probability 2^-%d", name, peer, bits)
	default:
		add("%s: %s starts of %s", name, Count(int(uint64(1)<<bits-1)), peer)
	}
}

// share tells a small probability as one in so many.
func share(p float64) string { return "1 in " + Count(int(math.Round(1/p))) }

// unchecked lists the demands of a program that the exploration says nothing about: time, amounts and probabilities.
func unchecked(p *ir.Plan) []verify.NotChecked {
	var out []verify.NotChecked
	add := func(reason, format string, args ...any) {
		out = append(out, verify.NotChecked{Name: fmt.Sprintf(format, args...), Reason: reason})
	}
	in := p.Interface
	for _, c := range in.Calls {
		call := in.Name + "." + c.Name
		if c.Within != nil && c.Within.P > 0 {
			add("a probability is a figure beside the verdict, with its bounds, and no verdict", "within(%s, %s at %s)", call, Seconds(c.Within.T), Percent(c.Within.P))
		}
	}
	for _, c := range in.Calls {
		if c.Log != nil {
			add("the journal is hidden from the proof", "log(%s.%s, %d)", in.Name, c.Name, c.Log.N)
		}
	}
	for _, peer := range []*ir.Peer{in.From, in.To} {
		if peer.RAM != nil {
			add(fmt.Sprintf("not explored: the context takes %d B, which the compiler of emitted C checks; its stack is not counted", p.Peers[peer.Name].RAM),
				"ram(%s, %d B)", peer.Name, peer.RAM.N)
		}
		if peer.Flash != nil {
			add("code is measured by a compiler of the target", "flash(%s, %d B)", peer.Name, peer.Flash.N)
		}
	}
	return out
}
