package compile

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/verify"
)

// CallFigures is what a program's calls come to, made from its machines.
type CallFigures struct {
	Cases   []verify.CallCase
	Refused string // why there are none; "" where there are
}

// Chances computes what becomes of the calls of a program: of one each, from idle. The result must have a plan and machines.
// maxStates bounds the states of each of the cases; 0 is a default that takes a fraction of a second.
func Chances(ctx context.Context, r *Result, maxStates int) error {
	return Guard("chances", r.File.Name, func() error {
		cases, err := verify.Calls(r.System, verify.CallOptions{Context: ctx, MaxStates: maxStates, Size: func(message, fn string) int { return largest(r.Plan, message, fn) }})
		r.Calls = &CallFigures{Cases: cases}
		if err != nil {
			r.Calls.Refused = err.Error()
		}
		return nil
	})
}

// largest is how many bytes a datagram with its largest values takes on what carries it.
func largest(p *ir.Plan, message, fn string) int {
	for _, w := range p.Wire {
		if w.Message == message && (w.Fn == fn || w.Fn == "") {
			return p.Interface.Channel.Carried(w.Max)
		}
	}
	return 0
}

// CallAnswer is a case for programs. Each pair is a lower and an upper bound.
type CallAnswer struct {
	Call      string                `json:"call"`
	From      string                `json:"from"`               // "idle", or "start": the caller has just started
	Outcomes  map[string][2]float64 `json:"outcomes,omitempty"` // probability by outcome
	Datagrams map[string][2]float64 `json:"datagrams_sent,omitempty"`
	Sent      map[string][2]float64 `json:"bytes_sent,omitempty"`
	Received  map[string][2]float64 `json:"bytes_received,omitempty"`
	Latency   *[2]float64           `json:"latency,omitempty"` // milliseconds to the end of the call
	Tick      float64               `json:"tick_ms,omitempty"`
	States    int                   `json:"states"`
	Refused   string                `json:"refused,omitempty"`
}

// callsJSON gives the cases, and puts those from idle into the probabilities.
func callsJSON(r *Result, v *Verdict) {
	v.Probability = append(v.Probability, accidents(r.Plan)...)
	if r.Calls == nil {
		return
	}
	in := r.Plan.Interface
	v.Calls = []CallAnswer{}
	if r.Calls.Refused == "" {
		v.Expected.Bounds = &ExpectedBounds{map[string][2]float64{}, map[string][2]float64{}, map[string][2]float64{}}
	}
	for _, c := range r.Calls.Cases {
		a := CallAnswer{Call: in.Name + "." + c.Fn, From: "idle", Tick: c.Tick, States: c.States, Refused: c.Refused}
		if c.Fresh {
			a.From = "start"
		}
		if c.Refused == "" {
			a.Outcomes = map[string][2]float64{}
			for _, o := range c.Outcomes {
				if o.P.Hi > 0 {
					a.Outcomes[o.Outcome] = [2]float64{o.P.Lo, o.P.Hi}
				}
			}
			a.Latency = &[2]float64{c.Latency.Lo, c.Latency.Hi}
			a.Datagrams, a.Sent, a.Received = map[string][2]float64{}, map[string][2]float64{}, map[string][2]float64{}
			for i, peer := range []*ir.Peer{in.From, in.To} {
				got := received(in.Channel, c.Bytes[1-i].Lo, c.Bytes[1-i].Hi)
				a.Datagrams[peer.Name] = [2]float64{c.Datagrams[i].Lo, c.Datagrams[i].Hi}
				a.Sent[peer.Name] = [2]float64{c.Bytes[i].Lo, c.Bytes[i].Hi}
				a.Received[peer.Name] = got
			}
			if b := v.Expected.Bounds; !c.Fresh {
				b.Datagrams[c.Fn] = [2]float64{c.Datagrams[0].Lo + c.Datagrams[1].Lo, c.Datagrams[0].Hi + c.Datagrams[1].Hi}
				b.Bytes[c.Fn] = [2]float64{c.Bytes[0].Lo + c.Bytes[1].Lo, c.Bytes[0].Hi + c.Bytes[1].Hi}
				b.Latency[c.Fn] = *a.Latency
			}
			for i := range v.Probability {
				if p := &v.Probability[i]; !c.Fresh && p.Name == a.Call {
					p.ClosedForm, p.Value, p.Upper = p.Value, c.Outcomes[0].P.Lo, c.Outcomes[0].P.Hi
				}
			}
		}
		v.Calls = append(v.Calls, a)
	}
}

// received is what arrives of what is sent: each datagram is lost for itself, whenever it is sent.
func received(ch *ir.Channel, lo, hi float64) [2]float64 {
	arrives := 1.0
	if ch.Loses != nil {
		arrives -= ch.Loses.P
	}
	return [2]float64{lo * arrives, hi * arrives}
}

// accidents are the probabilities that a plan owes to what it draws at random and to what a checksum sees.
func accidents(p *ir.Plan) []Probability {
	var out []Probability
	for _, f := range p.Features {
		bits := map[string]int{schema.CallerEpoch: p.Widths["cepoch"], schema.CalleeEpoch: p.Widths["kepoch"]}[f.Name]
		if f.Parameters["source"] == "entropy" && bits > 0 {
			out = append(out, Probability{Name: "two starts with the same " + f.Name, Value: collision(bits)})
		}
		if c := p.Interface.Channel.Corrupts; f.Name == schema.Checksum && c != nil && len(p.Wire) > 0 {
			out = append(out, Probability{Name: "an altered datagram is not seen", Value: math.Pow(2, -8*float64(p.Wire[0].Sum)), Target: c.Unseen})
		}
	}
	return out
}

// collision is the probability that two draws of an epoch are equal: emitted code draws so many bits, and makes 1 of 0.
func collision(bits int) float64 {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	p, _ := new(big.Rat).SetFrac(new(big.Int).Add(n, big.NewInt(2)), new(big.Int).Mul(n, n)).Float64()
	return p
}

// between tells an interval in as many digits as it is worth, rounded outwards.
func between(lo, hi float64, unit string) string {
	switch {
	case unit == " %" && lo < 100 && hi > 99.99995:
		return "over " + trim(fmt.Sprintf("%.4f", math.Floor(min(lo, 99.9999)*1e4)/1e4)) + unit
	case hi-lo <= 1e-9*hi && hi > 0 && hi < 0.001:
		return fmt.Sprintf("%.3g", hi) + unit
	case hi-lo <= 1e-9*hi:
		return trim(fmt.Sprintf("%.4f", (lo+hi)/2)) + unit
	}
	d := 0
	for d < 9 && math.Pow(10, -float64(d)) > (hi-lo)/3 {
		d++
	}
	f := math.Pow(10, float64(d))
	return fmt.Sprintf("%.*f to %.*f%s", d, math.Floor(lo*f)/f, d, math.Ceil(hi*f)/f, unit)
}

func printCalls(b *strings.Builder, r *Result) {
	if r.Calls == nil {
		return
	}
	if r.Calls.Refused != "" {
		field(b, nil, "no chances", r.Calls.Refused)
		return
	}
	in := r.Plan.Interface
	var chances, sums, beside []string
	for i, c := range r.Calls.Cases {
		of := c.Fn
		if c.Fresh {
			of += ", just after a start of " + in.From.Name
			if i > 0 && alike(c, r.Calls.Cases[i-1]) {
				chances = append(chances, of+": the same")
				continue
			}
		}
		if c.Refused != "" {
			why := c.Refused
			if strings.HasSuffix(why, "limit") {
				why += "; --chance-states raises it"
			}
			chances = append(chances, of+": "+why)
			continue
		}
		call := in.Calls[slices.IndexFunc(in.Calls, func(x *ir.Call) bool { return x.Name == c.Fn })]
		chances = append(chances, of+": "+outcomes(r.Plan, call, c))
		sums = append(sums, of+": "+expectation(in, c))
		if !c.Fresh {
			beside = append(beside, closedForm(r.Plan, call, c)...)
		}
	}
	for _, a := range accidents(r.Plan) {
		chances = append(chances, fmt.Sprintf("%s: %.4g", a.Name, a.Value))
	}
	list(b, "probability", chances)
	list(b, "expected", sums)
	list(b, "solve says", beside)
	list(b, "figures for", []string{"one call at a time, from idle; nobody crashes, nothing is repeated, clocks run true, a handler takes no time; datagrams with their largest values"})
}

// alike reports whether two cases have the same figures.
func alike(a, b verify.CallCase) bool {
	return a.Fn == b.Fn && a.Refused == b.Refused && slices.Equal(a.Outcomes, b.Outcomes) && a.Datagrams == b.Datagrams && a.Bytes == b.Bytes && a.Latency == b.Latency
}

func outcomes(p *ir.Plan, call *ir.Call, c verify.CallCase) string {
	var parts []string
	for i, o := range c.Outcomes {
		switch {
		case i == 0:
			t := "answered by " + Seconds(p.Schedules[call.Name].Time) + " " + between(100*o.P.Lo, 100*o.P.Hi, " %")
			if w := call.Within; w != nil && w.P > 0 {
				t += fmt.Sprintf(" of %s asked, %s", Percent(w.P), met(o.P.Lo, o.P.Hi, w.P))
			}
			parts = append(parts, t)
		case o.P.Hi > 1e-9:
			parts = append(parts, strings.ReplaceAll(o.Outcome, "_", " ")+" "+between(100*o.P.Lo, 100*o.P.Hi, " %"))
		}
	}
	return strings.Join(parts, "; ")
}

func met(lo, hi, asked float64) string {
	switch {
	case lo >= asked:
		return "met"
	case hi < asked:
		return "not met"
	}
	return "open"
}

func expectation(in *ir.Interface, c verify.CallCase) string {
	n := c.Datagrams
	t := between(n[0].Lo+n[1].Lo, n[0].Hi+n[1].Hi, " datagrams, ") + between(c.Latency.Lo, c.Latency.Hi, " ms to the end")
	for i, peer := range []*ir.Peer{in.From, in.To} {
		got := received(in.Channel, c.Bytes[1-i].Lo, c.Bytes[1-i].Hi)
		t += fmt.Sprintf("; %s sends %s and receives %s", peer.Name, between(c.Bytes[i].Lo, c.Bytes[i].Hi, " B"), between(got[0], got[1], " B"))
	}
	return t
}

// closedForm lists the figures of solve that lie outside the intervals.
func closedForm(p *ir.Plan, call *ir.Call, c verify.CallCase) []string {
	var out []string
	say := func(what string, x, lo, hi float64, unit string) {
		slack := 1e-9 * (math.Abs(x) + hi)
		switch {
		case x < lo-slack:
			out = append(out, fmt.Sprintf("%s: %s, by %s less than the machines do at least", call.Name, what, trim(fmt.Sprintf("%.3g", lo-x))+unit))
		case x > hi+slack:
			out = append(out, fmt.Sprintf("%s: %s, by %s more than the machines do at most", call.Name, what, trim(fmt.Sprintf("%.3g", x-hi))+unit))
		}
	}
	s := p.Schedules[call.Name]
	say("answered with "+Percent(math.Floor(s.Chance*1e6)/1e6), 100*s.Chance, 100*c.Outcomes[0].P.Lo, 100*c.Outcomes[0].P.Hi, " points")
	n := p.Costs.DatagramsPerCall[call.Name]
	say(trim(fmt.Sprintf("%.4f", n))+" datagrams", n, c.Datagrams[0].Lo+c.Datagrams[1].Lo, c.Datagrams[0].Hi+c.Datagrams[1].Hi, "")
	bytes := p.Costs.BytesPerCall[call.Name]
	say(trim(fmt.Sprintf("%.2f", bytes))+" B", bytes, c.Bytes[0].Lo+c.Bytes[1].Lo, c.Bytes[0].Hi+c.Bytes[1].Hi, " B")
	ms := float64(p.Costs.Latency[call.Name]) / float64(time.Millisecond)
	say(trim(fmt.Sprintf("%.0f", ms))+" ms to the end", ms, c.Latency.Lo-1, c.Latency.Hi+1, " ms") // solve rounds to the millisecond
	return out
}
