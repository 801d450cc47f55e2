package compile

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/ir"
	"sprocketc/schema"
)

// meaning is what a property of the failure model says, in a program's own terms (spec/semantics.md has the same in terms of any).
type meaning struct {
	of   func(*ir.Call) bool // the calls that it is about; nil: it is about the machines
	says string              // with {calls}, {caller}, {callee}
	none string              // why it says nothing, where there are no such calls
}

func anyCall(*ir.Call) bool      { return true }
func effects(c *ir.Call) bool    { return c.Kind == ir.Effect }
func once(c *ir.Call) bool       { return c.Kind == ir.ExactlyOnce }
func remembered(c *ir.Call) bool { return c.Cache != nil }

// meanings by the names that verify prints, of time without what stands in brackets.
var meanings = map[string]meaning{
	"own_answer": {anyCall, "a call of {calls} ends with the handler's answer to that very call: {caller} takes for it neither the answer to another call nor one to a call before its own crash", ""},
	"serial":     {anyCall, "{callee} runs one handler at a time: none of {calls} starts while another runs", ""},
	"at_most_once": {effects, "the handler of {calls} starts at most once for each call that {caller} makes",
		"no call has an effect, so each may run again"},
	"honest_outcome": {effects, "where {caller} reports a call of {calls} as `timed out`, its handler has not started, and never will",
		"no call has an effect, so `timed out` promises nothing about what ran"},
	"final": {effects, "a call of {calls} that ended with an answer, or as `peer restarted`, does not start after that",
		"no call has an effect, so a late run does no harm"},
	"exactly_once": {once, "what the handler of {calls} does is committed at most once for each call, and is committed before the call ends with an answer",
		"no call is to run exactly once"},
	"committed": {once, "once {caller} has accepted a call of {calls}, and crashes are over, its effect is committed and its answer heard of, in every fair run",
		"no call is to run exactly once"},
	"no_stale": {func(c *ir.Call) bool { return !schema.Harmless(c) }, "a call of {calls} does not start once a later one has started: one that is not pure, made after the first had ended or {caller} had crashed",
		"every call is pure or commutes, so it may run late"},
	"ordered": {func(c *ir.Call) bool { return c.Ordered != nil }, "the handlers of {calls} start in the order in which the calls are made: none starts after that of a later one has, and none is left out but where its call ended without an answer before the next was made",
		"no call is `ordered`"},
	"no_spurious_restart": {effects, "a call of {calls} ends as `peer restarted` only where {callee} did restart, and the start that the request was sent to is over",
		"no call has an effect, or {callee} does not crash, so none ends as `peer restarted`"},
	"intact": {func(*ir.Call) bool { return false }, "the handler of {calls} is given what {caller} gave, though it came in pieces and {callee} may have crashed between them",
		"no call's arguments come in pieces"},
	"useful":     {anyCall, "while a call of {calls} is pending whose handler has ended, and {callee} has not restarted since, the request that is sent again brings a datagram that ends the call", ""},
	"delivered":  {anyCall, "once crashes are over, a call of {calls} that is made then ends with its handler's answer, in every fair run in which nobody gives up", ""},
	"answered":   {anyCall, "every call of {calls} ends, in every fair run in which {caller} does not crash", ""},
	"responsive": {anyCall, "when no call of {calls} is made any more and nobody crashes, {caller} and {callee} come to rest: no call stays pending, and no handler runs for ever", ""},
	"bounded":    {nil, "no variable of {caller} or {callee} leaves its bounds: what the emitted code keeps never overflows", ""},
	"no_deadlock": {nil, "{caller} and {callee} never come to a state in which no call is pending and nothing but a crash is possible",
		""},
	"within": {anyCall, "a call of {calls} has ended by its time after it was made, whatever {callee} and the channel do, though the clock of {caller} may run {drift} wrong", ""},
	"fresh": {remembered, "an answer to {calls} that {caller} remembered is no older than was asked, from the first transmission of the call that fetched it, and was fetched after the last call that changes something",
		"no call has `cache`, so no answer is remembered"},
	"paced": {nil, "{caller} and {callee} each leave the time that the channel's `rate` asks for between two datagrams, though their clocks may run wrong",
		"the channel has no `rate`"},
}

// mayHappen are the clauses by which something may happen that can break a property, and what that is.
func mayHappen(p *ir.Plan, property string) []FaultLine {
	in := p.Interface
	ch := in.Channel
	var out []FaultLine
	add := func(c *ir.Clause, format string, args ...any) {
		out = append(out, FaultLine{c.Line, c.Text, fmt.Sprintf(format, args...)})
	}
	if property == "within" || property == "fresh" || property == "paced" { // of its peer alone
		for _, peer := range []*ir.Peer{in.From, in.To} {
			if peer.DriftAt != nil && (peer == in.From || property == "paced") {
				add(peer.DriftAt, "the clock of %s may run that much wrong", peer.Name)
			}
			if peer.Crashes != nil && (peer == in.From || property == "paced") {
				add(peer.Crashes, "%s may stop at any step, and its timers with it", peer.Name)
			}
		}
		return out
	}
	if ch.Loses != nil {
		add(&ch.Loses.Clause, "a request or an answer may never arrive, so it is sent again")
	}
	if ch.Repeats != nil {
		add(ch.Repeats, "what was sent once may arrive again")
	}
	if r := ch.Reorders; r != nil {
		how := "any number of later ones"
		if r.Within >= 0 {
			how = fmt.Sprintf("at most %s", Plural(r.Within, "later one"))
		}
		add(&r.Clause, "a datagram may arrive after %s", how)
	}
	if ch.Corrupts != nil {
		if p.Has(schema.Checksum) {
			add(&ch.Corrupts.Clause, "a datagram may arrive altered; the checksum makes a loss of it")
		} else {
			add(&ch.Corrupts.Clause, "a datagram may arrive altered, and is believed")
		}
	}
	for _, peer := range []*ir.Peer{in.From, in.To} {
		switch {
		case peer.Crashes == nil:
		case peer.Stable != nil:
			add(peer.Crashes, "%s may stop at any step and start again with what stands in its stable memory", peer.Name)
		default:
			add(peer.Crashes, "%s may stop at any step and start again with nothing", peer.Name)
		}
	}
	return out
}

// spelled tells names of calls in a sentence: "`a`, `b` and `c`".
func spelled(calls []*ir.Call) string {
	var names []string
	for _, c := range calls {
		names = append(names, "`"+c.Name+"`")
	}
	if n := len(names); n > 1 {
		names = append(names[:n-2:n-2], names[n-2]+" and "+names[n-1])
	}
	return strings.Join(names, ", ")
}

// fill puts a program's names into a sentence.
func fill(text string, in *ir.Interface, calls []*ir.Call) string {
	return strings.NewReplacer("{calls}", spelled(calls), "{drift}", Percent(in.From.Drift), "{caller}", in.From.Name, "{callee}", in.To.Name).Replace(text)
}

// kindOf is the clause of a call that a property rests on.
func kindOf(property string, c *ir.Call) ir.Clause {
	switch {
	case property == "within" && c.Within != nil:
		return c.Within.Clause
	case property == "fresh":
		return c.Cache.Clause
	case property == "ordered":
		return *c.Ordered
	case slices.Contains([]string{"at_most_once", "honest_outcome", "final", "no_stale", "no_spurious_restart", "exactly_once", "committed"}, property):
		return c.KindAt
	}
	return c.Clause
}
