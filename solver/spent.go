package solver

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fatih/color"

	"sprocketc/ir"
	"sprocketc/schema"
)

// objective tells what is optimised, for people and programs: "bytes", "wear, ram".
func objective(in *ir.Interface) string {
	if len(in.Optimise) == 0 {
		return ir.Objectives[0]
	}
	return strings.Join(in.Optimise, ", ")
}

// spent prints what wears out and what a battery gives, where there is either.
func spent(b *strings.Builder, p *ir.Plan, head *color.Color) {
	in := p.Interface
	var table [][]string
	var starts, calls []string
	for _, peer := range []*ir.Peer{in.From, in.To} {
		if n := p.Costs.WritesPerStart[peer.Name]; n > 0 {
			starts = append(starts, nobreak(fmt.Sprintf("%s %d", peer.Name, n)))
		}
	}
	for _, c := range in.Calls {
		if n := p.Costs.WritesPerCall[c.Name]; n > 0 {
			calls = append(calls, nobreak(c.Name+" "+few(n)))
		}
	}
	if len(starts) > 0 {
		table = append(table, []string{"a start", strings.Join(starts, ", ")})
	}
	if len(calls) > 0 {
		table = append(table, []string{"a call", strings.Join(calls, ", ")})
	}
	if len(table) > 0 {
		fmt.Fprintf(b, "\n  %s\n", head.Sprint("writes to stable memory"))
		rows(b, table, []int{24, 90}, nil)
	}
	if !slices.ContainsFunc([]*ir.Peer{in.From, in.To}, func(p *ir.Peer) bool { return p.Battery != nil }) {
		return
	}
	table = nil
	for _, c := range in.Calls {
		table = append(table, []string{c.Name, fmt.Sprintf("%.1f B", p.Costs.EnergyPerCall[c.Name])})
	}
	var who []string
	for _, peer := range fed(in) {
		who = append(who, peer.Name)
	}
	fmt.Fprintf(b, "\n  %s\n", head.Sprint("sent and received on the battery of "+strings.Join(who, " and ")))
	rows(b, table, []int{24, 12}, nil)
}

// code prints what the code of the peers in C takes.
func code(b *strings.Builder, p *ir.Plan) {
	for _, peer := range []*ir.Peer{p.Interface.From, p.Interface.To} {
		if !inC(peer) {
			continue
		}
		m := p.Peers[peer.Name]
		var on []string
		for _, t := range schema.FlashTargets() {
			text := fmt.Sprintf("%s %d B", schema.Target(t), m.FlashOn[t])
			if t == schema.FlashTarget && peer.Flash != nil {
				text = fmt.Sprintf("%s %d of %d B", schema.Target(t), m.Flash, peer.Flash.N)
			}
			on = append(on, text)
		}
		fmt.Fprintf(b, "  flash of %s, about (-Os)  %s\n", peer.Name, strings.Join(on, ", "))
	}
}

func nobreak(text string) string { return strings.ReplaceAll(text, " ", unbroken) }

// few prints an expected number: "1", or "1 in 32768".
func few(x float64) string {
	if x < 0.5 {
		return fmt.Sprintf("1 in %.0f", 1/x)
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}
