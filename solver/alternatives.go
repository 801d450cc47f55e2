package solver

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"

	"sprocketc/ir"
)

// Alternatives gives up to n plans beside the one that Solve gave for the same program, the cheapest first, those with a
// last resort behind all others. Ways that are open only where something else is optimised are among them. The plan's own
// choices are not. An error is a defect of the schema, or the search took too long.
func Alternatives(best *ir.Plan, n int) ([]*ir.Plan, error) {
	settings, _ := readForces(best.Interface)
	settings.variants = true
	q := newProblem(best.Program, settings, time.Now().Add(patience))
	without, only := q.frugal(), q.frugal()
	last := q.lastResorts()
	for _, v := range last {
		without.add(-v)
	}
	only.add(last...)
	seen := []string{chosenOf(best)}
	var out []*ir.Plan
	for _, f := range []*formula{without, only} {
		found, _, err := q.ranked(f, same*(n+1))
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			q.explain(c.plan)
			if text := chosenOf(c.plan); !slices.Contains(seen, text) && len(out) < n {
				seen = append(seen, text)
				out = append(out, c.plan)
			}
		}
	}
	return out, nil
}

// same is in how many ways a plan can be told at most: numbers that need no renewal are wide too, and one schedule can be all three.
const same = 6

// chosenOf tells what a plan has.
func chosenOf(p *ir.Plan) string {
	var b strings.Builder
	for _, f := range p.Features {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Chosen)
	}
	return b.String()
}

// NextBest is an alternative as JSON: what it has that the plan has not, or has otherwise; what it has not; what it costs,
// and how much more than the plan.
type NextBest struct {
	Has        []Difference `json:"has"`
	HasNot     []string     `json:"has_not"`
	Costs      Costs        `json:"costs"`
	Difference More         `json:"difference"`
}

// Difference is a feature of an alternative.
type Difference struct {
	Name   string `json:"name"`
	Chosen string `json:"chosen"`
}

// More is how much more an alternative costs; what it costs less is negative. Figures of calls are sums of one call of each
// kind.
type More struct {
	Bytes     float64        `json:"bytes"`
	Datagrams float64        `json:"datagrams"`
	Energy    float64        `json:"energy_bytes"`
	Latency   float64        `json:"latency"`
	Writes    float64        `json:"stable_writes"`
	Starts    map[string]int `json:"stable_writes_per_start"`
	RAM       map[string]int `json:"ram"`
	Stable    map[string]int `json:"stable"`
	Flash     map[string]int `json:"flash"`
}

// JSONWith is JSON with alternatives.
func JSONWith(p *ir.Plan, alternatives []*ir.Plan) Answer {
	a := JSON(p)
	a.Alternatives = []NextBest{}
	for _, x := range alternatives {
		n := NextBest{Has: []Difference{}, HasNot: lacks(x, p), Costs: costsOf(x), Difference: more(p, x)}
		for _, f := range x.Features {
			if !slices.ContainsFunc(p.Features, func(g ir.Choice) bool { return g.Name == f.Name && g.Chosen == f.Chosen }) {
				n.Has = append(n.Has, Difference{f.Name, f.Chosen})
			}
		}
		a.Alternatives = append(a.Alternatives, n)
	}
	return a
}

// lacks are the features of a plan that another has not.
func lacks(other, p *ir.Plan) []string {
	out := []string{}
	for _, f := range p.Features {
		if !other.Has(f.Name) {
			out = append(out, f.Name)
		}
	}
	return out
}

// more is how much more x costs than p. A call that only one of them has costs the other nothing.
func more(p, x *ir.Plan) More {
	in := p.Interface
	m := More{Starts: map[string]int{}, RAM: map[string]int{}, Stable: map[string]int{}, Flash: map[string]int{}}
	a, b := costsOf(p), costsOf(x)
	calls := map[string]bool{}
	for _, c := range slices.Concat(in.Calls, x.Interface.Calls) {
		if calls[c.Name] {
			continue
		}
		calls[c.Name] = true
		m.Bytes += b.BytesPerCall[c.Name] - a.BytesPerCall[c.Name]
		m.Datagrams += b.DatagramsPerCall[c.Name] - a.DatagramsPerCall[c.Name]
		m.Energy += b.EnergyPerCall[c.Name] - a.EnergyPerCall[c.Name]
		m.Latency += b.Latency[c.Name] - a.Latency[c.Name]
		m.Writes += b.WritesPerCall[c.Name] - a.WritesPerCall[c.Name]
	}
	m.Bytes, m.Datagrams, m.Energy = thousandths(m.Bytes), thousandths(m.Datagrams), thousandths(m.Energy)
	for _, peer := range []*ir.Peer{in.From, in.To} {
		m.Starts[peer.Name] = b.WritesPerStart[peer.Name] - a.WritesPerStart[peer.Name]
		m.RAM[peer.Name] = b.RAM[peer.Name] - a.RAM[peer.Name]
		m.Stable[peer.Name] = b.Stable[peer.Name] - a.Stable[peer.Name]
		if flash, ok := b.Flash[peer.Name]; ok {
			m.Flash[peer.Name] = flash - a.Flash[peer.Name]
		}
	}
	return m
}

func thousandths(x float64) float64 { return math.Round(x*1000) / 1000 }

// PrintAlternatives writes them for people, each with what it has otherwise than the plan and how its price differs. The
// error is the writer's.
func PrintAlternatives(w io.Writer, p *ir.Plan, alternatives []*ir.Plan, colour bool) error {
	head := color.New(color.Bold)
	head.DisableColor()
	if colour {
		head.EnableColor()
	}
	b := &strings.Builder{}
	if len(alternatives) == 0 {
		fmt.Fprintf(b, "\n  no other plan gives what the program asks for\n")
	} else {
		fmt.Fprintf(b, "\n  %s\n", head.Sprint("next best, and the difference for one call of each kind"))
	}
	var table [][]string
	answer := JSONWith(p, alternatives)
	for i, x := range answer.Alternatives {
		var what []string
		for _, f := range x.Has {
			what = append(what, f.Name+": "+f.Chosen)
		}
		for _, f := range x.HasNot {
			what = append(what, "no "+f)
		}
		table = append(table, []string{fmt.Sprint(i + 1), strings.Join(what, "; "), x.Difference.text(p.Interface)})
	}
	rows(b, table, []int{3, 58, 50}, nil)
	_, err := io.WriteString(w, b.String())
	return err
}

// measure is one figure of a price: a number with its unit, and what it counts.
type measure struct {
	value      float64
	decimals   int
	unit, what string // "B", "RAM in probe"
	title      string // what it counts, where it stands alone
}

// measures are the figures of a price, in the order in which they are told.
func (m More) measures(in *ir.Interface) []measure {
	out := []measure{{m.Bytes, 1, "B", "", "bytes"}, {m.Datagrams, 2, "", "datagrams", "datagrams"}, {m.Latency, 0, "ms", "", "time"},
		{m.Writes, 0, "", "writes", "stable writes"}}
	if slices.Contains(in.Optimise, "energy") {
		out = slices.Insert(out, 1, measure{m.Energy, 1, "B", "of energy", "energy"})
	}
	for _, peer := range []*ir.Peer{in.From, in.To} {
		for _, x := range []struct {
			of         map[string]int
			unit, what string
		}{{m.Starts, "", "writes a start of "}, {m.RAM, "B", "RAM in "}, {m.Stable, "B", "stable in "}, {m.Flash, "B", "flash in "}} {
			what := x.what + peer.Name
			out = append(out, measure{float64(x.of[peer.Name]), 0, x.unit, what, what})
		}
	}
	return out
}

// text tells a figure with its sign; "" where it rounds to nothing. Writes by calls that are less than one are renewals.
func (x measure) text() string {
	if renewals := x.what == "writes" && x.value != 0; renewals && math.Abs(x.value) < 0.5 {
		if x.value < 0 {
			return nobreak("fewer renewals")
		}
		return nobreak("more renewals")
	}
	if math.Abs(x.value) < math.Pow10(-x.decimals)/2 {
		return ""
	}
	return nobreak(strings.Join(strings.Fields(fmt.Sprintf("%+.*f %s %s", x.decimals, x.value, x.unit, x.what)), " "))
}

// text tells what differs, with signs.
func (m More) text(in *ir.Interface) string {
	var out []string
	for _, x := range m.measures(in) {
		if t := x.text(); t != "" {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return "costs the same"
	}
	return strings.Join(out, ", ")
}
