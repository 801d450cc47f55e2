package compile

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/solver"
	"sprocketc/verify"
)

// Narrowed is what becomes of a plan in which a parameter of a feature is a step less: a figure, or a property that breaks.
type Narrowed struct {
	Parameter string
	From, To  string
	Figure    *Figure          // what is asked, with the parameter as it is, and as it is narrowed
	Property  *verify.Property // that breaks
	Says      string           // in a sentence
}

// NarrowedAnswer is the same for programs.
type NarrowedAnswer struct {
	Parameter string  `json:"parameter"`
	From      string  `json:"from"`
	To        string  `json:"to"`
	Says      string  `json:"says"`
	Figure    *Figure `json:"figure,omitempty"`
	Property  string  `json:"property,omitempty"` // that breaks
}

// narrow makes the parameters of a feature a step less, each alone. Where the narrower machines have neither a run nor a figure
// there is nothing.
func narrow(ctx context.Context, r *Result, feature string) ([]*Narrowed, error) {
	p, in := r.Plan, r.Plan.Interface
	asks := "asked"
	figure := func(parameter, from, to string, f Figure) []*Narrowed {
		text := func(x float64) string { return fmt.Sprintf("%.3g", x) }
		if f.With == math.Trunc(f.With) && f.Without == math.Trunc(f.Without) {
			text = func(x float64) string { return Count(int(x)) }
		}
		says := fmt.Sprintf("%s %s instead of %s: %s %s, and not %s", parameter, to, from, f.Name, text(f.Without), text(f.With))
		if f.Asked > 0 {
			says += fmt.Sprintf("; %s %s", text(f.Asked), asks)
		}
		return []*Narrowed{{Parameter: parameter, From: from, To: to, Figure: &f, Says: says}}
	}
	width := func(bits int, f Figure) []*Narrowed {
		return figure("width", fmt.Sprint(bits), fmt.Sprint(bits-1), f)
	}
	epoch := func(bits int, peer *ir.Peer, source string) []*Narrowed {
		if bits < 2 {
			return nil
		}
		if source == "entropy" {
			return width(bits, Figure{Name: "chance that two starts of " + peer.Name + " are alike", With: collision(bits), Without: collision(bits - 1)})
		}
		asks = "writes are what its memory is assumed to take"
		return width(bits, Figure{Name: "starts of " + peer.Name + " that are told apart", With: math.Pow(2, float64(bits)) - 1, Without: math.Pow(2, float64(bits-1)) - 1, Asked: endurance})
	}
	switch feature {
	case schema.CallNumber:
		bits := p.Widths["num"]
		if bits < 2 || p.Wraps > 0 {
			return nil, nil
		}
		name := "calls until the numbers are used up"
		if sourceOf(p, schema.CallerEpoch) == "stable" {
			name = "calls until the caller epoch is renewed"
		}
		return width(bits, Figure{Name: name, With: math.Pow(2, float64(bits)), Without: math.Pow(2, float64(bits-1))}), nil
	case schema.CallerEpoch:
		return epoch(p.Widths["cepoch"], in.From, sourceOf(p, feature)), nil
	case schema.CalleeEpoch:
		return epoch(p.Widths["kepoch"], in.To, sourceOf(p, feature)), nil
	case schema.Checksum:
		less := map[int]int{32: 16, 16: 8}[8*p.Wire[0].Sum]
		if less == 0 || in.Channel.Corrupts == nil {
			return nil, nil
		}
		return figure("width", fmt.Sprint(8*p.Wire[0].Sum), fmt.Sprint(less), Figure{Name: "share of altered datagrams that is not seen",
			With: math.Pow(2, -8*float64(p.Wire[0].Sum)), Without: math.Pow(2, -float64(less)), Asked: in.Channel.Corrupts.Unseen}), nil
	case schema.Window:
		n := in.Lanes()
		return figure("lanes", fmt.Sprint(n), fmt.Sprint(n-1), Figure{Name: outstanding, With: float64(n), Without: float64(n - 1), Asked: float64(n)}), nil
	case schema.Memo, schema.Log:
		return kept(feature, in, figure), nil
	case schema.Retransmission:
		return fewer(ctx, r)
	case schema.Pacing:
		return paced(ctx, r)
	case schema.QuietStart:
		return hasty(r), nil
	}
	return nil, nil
}

// sourceOf is the source of a feature of the plan, "" where it has none.
func sourceOf(p *ir.Plan, feature string) string {
	for _, f := range p.Features {
		if f.Name == feature {
			return f.Parameters["source"]
		}
	}
	return ""
}

// kept are the answers and the events of which one less is kept.
func kept(feature string, in *ir.Interface, figure func(parameter, from, to string, f Figure) []*Narrowed) []*Narrowed {
	var out []*Narrowed
	for _, c := range in.Calls {
		n, what := int64(0), ""
		switch {
		case feature == schema.Memo && c.Cache != nil:
			n, what = int64(c.Cache.N), "answers of "+c.Name+" that serve again"
		case feature == schema.Log && c.Log != nil:
			n, what = c.Log.N, "events of "+c.Name+" that can be read"
		default:
			continue
		}
		out = append(out, figure("entries", fmt.Sprint(n), fmt.Sprint(n-1), Figure{Name: what, With: float64(n), Without: float64(n - 1), Asked: float64(n)})...)
	}
	return out
}

// fewer sends each call with a probability fewer times, until what was asked is missed. The probabilities are bounds that hold of
// the machines; the solver, which takes the pace off the time, may have asked for more than is needed.
func fewer(ctx context.Context, r *Result) ([]*Narrowed, error) {
	var out []*Narrowed
	before := &Result{File: r.File, Program: r.Program, Plan: r.Plan, System: r.System}
	for _, c := range r.Plan.Interface.Calls {
		if c.Within == nil || c.Within.P == 0 {
			continue
		}
		if before.Calls == nil {
			if err := Chances(ctx, before, 0); err != nil {
				return nil, err
			}
		}
		n, err := missing(ctx, before, c)
		if err != nil {
			return nil, err
		}
		if n != nil {
			out = append(out, n)
		}
	}
	return out, nil
}

// missing is a call with the most sends with which it is not answered in time as surely as was asked; nil where there are none, or
// nothing is known of its machines.
func missing(ctx context.Context, before *Result, c *ir.Call) (*Narrowed, error) {
	with, ok := answeredIn(before, c.Name)
	plan := before.Plan
	also := ""
	for ok {
		less := solver.Fewer(plan, c)
		if less == nil {
			break
		}
		next := *plan
		next.Schedules = maps.Clone(plan.Schedules)
		next.Schedules[c.Name] = less
		plan = &next
		after, err := before.with(plan)
		if err != nil {
			return nil, err
		}
		if err := Chances(ctx, after, 0); err != nil {
			return nil, err
		}
		without, known := answeredIn(after, c.Name)
		if !known {
			break
		}
		if without[1] >= c.Within.P { // met, or not known to be missed
			also = fmt.Sprintf("%s with %d, ", between(100*without[0], 100*without[1], " %"), less.Sends)
			continue
		}
		was := before.Plan.Schedules[c.Name].Sends
		return &Narrowed{Parameter: "sends", From: fmt.Sprint(was), To: fmt.Sprint(less.Sends),
			Figure: &Figure{Name: fmt.Sprintf("chance that %s is answered in %s", c.Name, Seconds(c.Within.T)), With: with[0], Without: without[1], Asked: c.Within.P},
			Says: fmt.Sprintf("answered by %s: %s with %s of %s, every %s, not met of %s asked; %s%s with %d, as planned", Seconds(c.Within.T), between(100*without[0], 100*without[1], " %"),
				Plural(less.Sends, "send"), c.Name, Seconds(less.First), Percent(c.Within.P), also, between(100*with[0], 100*with[1], " %"), was)}, nil
	}
	return nil, nil
}

// with is a result with another plan of the same program, and its machines.
func (r *Result) with(plan *ir.Plan) (*Result, error) {
	sys, err := schema.System(plan)
	return &Result{File: r.File, Program: r.Program, Plan: plan, System: sys}, err
}

// answeredIn are the bounds of the probability of an answer in time, of a call from idle; false where there are none.
func answeredIn(r *Result, call string) ([2]float64, bool) {
	if r.Calls.Refused != "" {
		return [2]float64{}, false
	}
	for _, c := range r.Calls.Cases {
		if c.Fn == call && !c.Fresh && c.Refused == "" {
			return [2]float64{c.Outcomes[0].P.Lo, c.Outcomes[0].P.Hi}, true
		}
	}
	return [2]float64{}, false
}

// paced sends a millisecond sooner than the pace.
func paced(ctx context.Context, r *Result) ([]*Narrowed, error) {
	plan := *r.Plan
	plan.Pace -= time.Millisecond
	after, err := r.with(&plan)
	if err != nil {
		return nil, err
	}
	only := *after.System
	only.Demands = slices.DeleteFunc(slices.Clone(only.Demands), func(d *fsm.Demand) bool { return d.Kind != fsm.Paced })
	found, err := verify.Demands(&only, verify.Options{Context: ctx})
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].Verdict == verify.Violated {
			from, to := r.Plan.Pace.Milliseconds(), plan.Pace.Milliseconds()
			return []*Narrowed{{Parameter: "ms", From: fmt.Sprint(from), To: fmt.Sprint(to), Property: &found[i],
				Says: fmt.Sprintf("%d ms instead of %d: %s", to, from, found[i].Why)}}, nil
		}
	}
	return nil, nil
}

// hasty ends the silence after a start a millisecond sooner, of which no machine is made: the sanity of machines says why.
func hasty(r *Result) []*Narrowed {
	plan := *r.Plan
	plan.Quiet -= time.Millisecond
	_, err := r.with(&plan)
	if err == nil {
		return nil
	}
	from, to := r.Plan.Quiet.Milliseconds(), plan.Quiet.Milliseconds()
	why := err.Error()
	if _, after, found := strings.Cut(why, "it has to be "); found {
		why = "it has to be " + after
	}
	return []*Narrowed{{Parameter: "ms", From: fmt.Sprint(from), To: fmt.Sprint(to), Says: fmt.Sprintf("%d ms instead of %d: %s", to, from, why),
		Figure: &Figure{Name: "silence after a start", With: float64(from), Without: float64(to), Asked: float64(from), Unit: "ms"}}}
}

// JSON is a narrowed parameter for programs.
func (n *Narrowed) JSON() NarrowedAnswer {
	a := NarrowedAnswer{Parameter: n.Parameter, From: n.From, To: n.To, Says: n.Says, Figure: n.Figure}
	if n.Property != nil {
		a.Property = n.Property.Name
	}
	return a
}
