package solver

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"sprocketc/ir"
	"sprocketc/schema"
)

// explain fills in what a person reads: of each choice how, why, and what it costs; and the expected latencies.
func (q *problem) explain(p *ir.Plan) {
	latencies(p)
	for i := range p.Features {
		f := &p.Features[i]
		f.Because = q.becauseOf(f.Name, p, nil)
		f.Chosen, f.Cost = chosenText(f, p), costText(f.Name, p)
	}
}

// becauseOf are the clauses that asked for a feature, or for those that need it; where only the fact that there are
// calls did, the calls.
func (q *problem) becauseOf(name string, p *ir.Plan, seen []string) []ir.Clause {
	out := slices.Clone(q.reason[name])
	for _, d := range schema.Declarations {
		for _, n := range d.Needs {
			if n.Feature != name || !p.Has(d.Name) || slices.Contains(seen, d.Name) || n.Source != "" && n.Source != sourceOf(p, d.Name) {
				continue
			}
			why := q.becauseOf(d.Name, p, append(seen, name))
			if len(n.When) > 0 { // of its owner's calls only those that these facts hold for
				why = slices.DeleteFunc(why, func(c ir.Clause) bool {
					return slices.ContainsFunc(q.clauses, func(x clause) bool { return x.call >= 0 && x.text == c })
				})
				combinations(q.in, q.clauses, n.When, func(of []int, _ *ir.Call) {
					for _, c := range of {
						why = append(why, q.clauses[c].text)
					}
				})
			}
			for _, c := range why {
				if !slices.Contains(out, c) {
					out = append(out, c)
				}
			}
		}
	}
	if len(out) == 0 && len(seen) == 0 {
		for _, c := range p.Interface.Calls {
			out = append(out, c.Clause)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Span.Start < out[j].Span.Start })
	return out
}

// sourceOf is the source of a feature of the plan, "" where it has none.
func sourceOf(p *ir.Plan, feature string) string { return parameter(p, feature, "source") }

func parameter(p *ir.Plan, feature, name string) string {
	for _, f := range p.Features {
		if f.Name == feature {
			return f.Parameters[name]
		}
	}
	return ""
}

func chosenText(f *ir.Choice, p *ir.Plan) string {
	bits := func(sort, feature string) string {
		f.Parameters["width"] = strconv.Itoa(p.Widths[sort])
		return count(p.Widths[sort], "bit")
	}
	in := p.Interface
	switch f.Name {
	case schema.CallNumber:
		text := bits("num", f.Name)
		if p.Wraps > 0 {
			f.Parameters["modulus"] = strconv.Itoa(p.Wraps)
			return text + ", reused"
		}
		rate, at := callRate(p)
		life := math.Pow(2, float64(p.Widths["num"])) / rate
		f.Parameters["lasts_seconds"] = strconv.FormatFloat(math.Floor(life), 'f', 0, 64)
		if sourceOf(p, schema.CallerEpoch) == "stable" || p.Has(schema.Window) {
			return text + ", renewed after " + age(life) + at
		}
		return text + ", lasts " + age(life) + at
	case schema.CallerEpoch:
		return epochText(f, p, "cepoch")
	case schema.CalleeEpoch:
		return epochText(f, p, "kepoch")
	case schema.Retransmission:
		return schedules(p)
	case schema.DupSuppression:
		return "last number"
	case schema.ReplyCache:
		if p.Has(schema.Window) {
			return count(in.Lanes(), "answer")
		}
		return "1 answer"
	case schema.Window:
		f.Parameters["lanes"] = strconv.Itoa(in.Lanes())
		return fmt.Sprintf("%s, %s", count(in.Lanes(), "lane"), f.Parameters["variant"])
	case schema.Serial:
		return "1 at a time"
	case schema.TwoSlots:
		return "old or new, never torn"
	case schema.IntentRecord:
		return "last effect, before it runs"
	case schema.PendingRecord:
		return "the call at hand, before it is sent"
	case schema.CommitRecord:
		return "last call and its answer, with its effect"
	case schema.GoingOn:
		return "until it is answered"
	case schema.AskingFirst:
		return "a question before each request"
	case schema.QuietStart:
		f.Parameters["ms"] = strconv.FormatFloat(milliseconds(p.Quiet), 'f', 0, 64)
		return fmt.Sprintf("%s: a datagram lives %s, a call %s", spell(p.Quiet), spell(in.Channel.Lives.T), spell(lastEnd(in)))
	case schema.Checksum:
		return "CRC-" + f.Parameters["width"]
	case schema.Pacing:
		return "1 each " + spell(p.Pace)
	case schema.Memo:
		n, age := 0, time.Duration(0)
		for _, c := range in.Calls {
			if c.Cache != nil {
				n, age = n+c.Cache.N, max(age, c.Cache.For)
			}
		}
		return fmt.Sprintf("%s, %s", count(n, "answer"), spell(age))
	case schema.Log:
		n := int64(0)
		for _, c := range in.Calls {
			if c.Log != nil {
				n = max(n, c.Log.N)
			}
		}
		return count(int(n), "event")
	}
	return "yes"
}

func epochText(f *ir.Choice, p *ir.Plan, sort string) string {
	n := p.Widths[sort]
	f.Parameters["width"] = strconv.Itoa(n)
	switch f.Parameters["source"] {
	case "entropy":
		return fmt.Sprintf("%s, random: equal once in %.3g starts", count(n, "bit"), math.Pow(2, float64(n)))
	case "volatile":
		return fmt.Sprintf("%s, volatile counter", count(n, "bit"))
	}
	return fmt.Sprintf("%s, stable counter", count(n, "bit"))
}

// callRate is how many calls a second there can be, and how that is told: no more than datagrams, and since one is under
// way at a time, no more than round trips. Where neither is bounded a thousand are assumed, and the text says so.
func callRate(p *ir.Plan) (rate float64, at string) {
	least := milliseconds(p.Pace)
	if d := p.Interface.Channel.Delays; d != nil {
		least = max(least, 2*milliseconds(d.Min))
	}
	if least > 0 {
		rate = 1000 / least
		return rate, fmt.Sprintf(" at %s/s", strconv.FormatFloat(rate, 'g', 3, 64))
	}
	return 1000, " at 1000/s (assumed)"
}

// age prints a time with two digits.
func age(seconds float64) string {
	for _, u := range []struct {
		length float64
		name   string
	}{{365.25 * 86400, "year"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}} {
		n := seconds / u.length
		switch {
		case n >= 1e4:
			return fmt.Sprintf("%.1g %ss", n, u.name)
		case n >= 10 || n >= 1 && n == math.Floor(n):
			return count(int(n), u.name)
		case n >= 1:
			return fmt.Sprintf("%.1f %ss", math.Floor(n*10)/10, u.name)
		}
	}
	return "under a second"
}

// schedules tells when calls are sent again, those with one schedule together.
func schedules(p *ir.Plan) string {
	var order []string
	names := map[string][]string{}
	for _, c := range p.Interface.Calls {
		s := p.Schedules[c.Name]
		text := fmt.Sprintf("%s, every %s", count(s.Sends, "send"), spell(s.First))
		switch {
		case s.Sends == 1:
			text = "1 send"
		case s.Cap > s.First:
			text = fmt.Sprintf("after %s, doubling to %s", spell(s.First), spell(s.Cap))
		}
		if names[text] == nil {
			order = append(order, text)
		}
		names[text] = append(names[text], c.Name)
	}
	if len(order) == 1 {
		return order[0]
	}
	for i, text := range order {
		order[i] = strings.Join(names[text], ", ") + ": " + text
	}
	return strings.Join(order, "; ")
}

func costText(name string, p *ir.Plan) string {
	in := p.Interface
	wire := func(sort string) string { return inBytes(p.Widths[sort]) + " a datagram" }
	record := func(peer *ir.Peer, name string) int {
		for _, r := range p.Peers[peer.Name].Records {
			if r.Name == name {
				return r.Slots * r.SlotSize
			}
		}
		return 0
	}
	switch name {
	case schema.CallNumber:
		return wire("num")
	case schema.CallerEpoch:
		if sourceOf(p, name) == "stable" {
			return fmt.Sprintf("%s, 1 write a start, %d B stable in %s", wire("cepoch"), record(in.From, "identity"), in.From.Name)
		}
		return wire("cepoch")
	case schema.CalleeEpoch:
		text := inBytes(p.Widths["kepoch"]) + " a fenced request"
		if sourceOf(p, name) == "stable" {
			text += fmt.Sprintf(", 1 write a start, %d B stable in %s", record(in.To, "epoch"), in.To.Name)
		}
		return text
	case schema.ChallengeEcho:
		return inBytes(p.Widths["kepoch"]) + " a rejection"
	case schema.CallerChallenge:
		return "1 round trip with blank memory"
	case schema.Retransmission:
		worst, chance := "", 2.0
		for _, c := range in.Calls {
			if s := p.Schedules[c.Name]; c.Within != nil && s.Chance < chance {
				chance, worst = s.Chance, fmt.Sprintf("%s by %s", percent(floor(s.Chance, 4)), spell(s.Time))
			}
		}
		if worst == "" {
			return "only what is lost"
		}
		return worst
	case schema.DupSuppression:
		n := schema.ScalarBytes(p.Widths["num"])
		if p.Has(schema.CallerEpoch) {
			n += schema.ScalarBytes(p.Widths["cepoch"])
		}
		return fmt.Sprintf("%d B RAM in %s", n, in.To.Name)
	case schema.ReplyCache:
		n := 0
		for _, c := range in.Calls {
			_, b := c.Result.Bounds()
			n = max(n, b)
		}
		return fmt.Sprintf("%d B RAM in %s", n, in.To.Name)
	case schema.AskingFirst:
		return "1 round trip a fenced call"
	case schema.QuietStart:
		return fmt.Sprintf("%s of silence after a start of %s", spell(p.Quiet), in.To.Name)
	case schema.IntentRecord:
		return fmt.Sprintf("1 write an effect, %d B stable in %s", record(in.To, "intent"), in.To.Name)
	case schema.PendingRecord:
		return fmt.Sprintf("2 writes a call, %d B stable in %s", record(in.From, "identity"), in.From.Name)
	case schema.CommitRecord:
		return fmt.Sprintf("1 write a call, %d B stable in %s", record(in.To, "done"), in.To.Name)
	case schema.TwoSlots:
		n := 0
		for _, peer := range []*ir.Peer{in.From, in.To} {
			for _, r := range p.Peers[peer.Name].Records {
				n += (r.Slots - 1) * r.SlotSize
			}
		}
		return fmt.Sprintf("%d B stable", n)
	case schema.Checksum:
		for _, w := range p.Wire {
			return fmt.Sprintf("%d B a datagram", w.Sum)
		}
	case schema.Memo:
		return fmt.Sprintf("%d B RAM in %s", schema.MemoBytes(p), in.From.Name)
	case schema.Log:
		n := int64(0)
		for _, c := range in.Calls {
			if c.Log != nil {
				n = max(n, c.Log.N)
			}
		}
		return fmt.Sprintf("%d B RAM in each peer", 4+8*n)
	}
	return "nothing"
}

// inBytes tells a number of bits in bytes, to a tenth.
func inBytes(bits int) string {
	return strconv.FormatFloat(math.Round(float64(bits)/8*10)/10, 'f', -1, 64) + " B"
}
