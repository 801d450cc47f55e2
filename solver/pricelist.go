package solver

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"sprocketc/ir"
)

// PriceLine is a clause with its price, as JSON.
type PriceLine struct {
	Line    int    `json:"line"`
	Text    string `json:"text"`
	Of      string `json:"of"`      // the call, the peer or the struct whose clause it is; "" of the channel and the interface
	Instead string `json:"instead"` // what stands in its place; "" nothing
	Plan    string `json:"plan"`    // "cheapest"; "tried", where the search for one side ended early; "none" without the clause; "unknown"

	Price *More    `json:"price"` // how much more the plan costs; null where there is none to compare with
	For   []string `json:"for"`   // features that the plan has for it
}

// PriceList is a price list for programs, in its order.
func PriceList(p *ir.Plan, prices []Priced) []PriceLine {
	out := []PriceLine{}
	for _, x := range prices {
		line := PriceLine{Line: x.Clause.Line, Text: x.Clause.Text, Of: x.Of, Instead: x.Instead, Plan: "cheapest", For: []string{}}
		switch {
		case x.Unknown:
			line.Plan = "unknown"
		case x.Without == nil:
			line.Plan = "none"
		default:
			price := Price(p, x.Without)
			line.Price, line.For = &price, lacks(x.Without, p)
			if !p.Optimal || !x.Without.Optimal {
				line.Plan = "tried"
			}
		}
		out = append(out, line)
	}
	return out
}

// name tells a clause: whose it is, and what it is compared with.
func (l PriceLine) name(longest int) string {
	text := short(l.Text, longest)
	if l.Of != "" {
		text += " of " + l.Of
	}
	if l.Instead != "" {
		text += " rather than " + l.Instead
	}
	return text
}

// sorted takes a price list apart: what costs or saves something, what costs nothing, and the clauses without which there is no
// plan, or none is known. The last three are names behind their lines.
func sorted(p *ir.Plan, list []PriceLine) (priced []PriceLine, free, needed, unknown []string) {
	for _, l := range list {
		name := fmt.Sprintf("line %d %s", l.Line, l.name(clauseLetters))
		switch {
		case l.Plan == "unknown":
			unknown = append(unknown, name)
		case l.Price == nil:
			needed = append(needed, name)
		case l.Price.nothing(p.Interface):
			free = append(free, name)
		default:
			priced = append(priced, l)
		}
	}
	return priced, free, needed, unknown
}

// clauseLetters is how much of a clause's text is shown.
const clauseLetters = 40

// priceHead says what the figures are.
const priceHead = "what each clause costs, for one call of each kind: how much less it would be without the clause"

// PrintPrices writes a price list for people, with the features that each clause is the reason of. Lines have at most 120
// columns, but for long names. The error is the writer's.
func PrintPrices(w io.Writer, p *ir.Plan, prices []Priced, colour bool) error {
	head := color.New(color.Bold)
	head.DisableColor()
	if colour {
		head.EnableColor()
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "\n  %s\n", head.Sprint(priceHead))
	priced, free, needed, unknown := sorted(p, PriceList(p, prices))
	table := [][]string{{"line", "clause", "price", "for it"}}
	for _, l := range priced {
		price := l.Price.told(p.Interface)
		if l.Plan == "tried" {
			price += " (the search ended early)"
		}
		table = append(table, []string{fmt.Sprint(l.Line), l.name(clauseLetters), price, nobreaks(l.For)})
	}
	if len(priced) > 0 {
		rows(b, table, []int{5, 34, 46, 26}, head)
	}
	for _, x := range []struct {
		what string
		of   []string
	}{{"cost nothing", free}, {"no plan without", needed}, {"not known, the search took too long", unknown}} {
		if len(x.of) == 0 {
			continue
		}
		for i, line := range wrap(x.what+": "+nobreaks(x.of), 114) {
			if i > 0 {
				line = "  " + line
			}
			fmt.Fprintf(b, "  %s\n", line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// told is the text of a price that is not nothing: figures that all round to nothing are told with more digits.
func (m More) told(in *ir.Interface) string {
	var fine []string
	for _, x := range m.measures(in) {
		if x.text() != "" {
			return m.text(in)
		}
		if x.value != 0 {
			fine = append(fine, nobreak(strings.TrimSpace(x.short()+" "+x.what)))
		}
	}
	return strings.Join(fine, ", ")
}

// nobreaks joins texts none of which is broken.
func nobreaks(of []string) string {
	var out []string
	for _, x := range of {
		out = append(out, nobreak(x))
	}
	return strings.Join(out, ", ")
}
