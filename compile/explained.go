package compile

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"sprocketc/ir"
	"sprocketc/solver"
	"sprocketc/verify/chart"
)

// Explained is what features of a plan are there for. The witnesses are in the order of the plan.
type Explained struct {
	r         *Result
	witnesses []*Witness
	narrowed  map[string][]*Narrowed // of a feature that was asked for alone
}

// Telling is told what is worked at, as it begins.
type Telling func(what string)

// Explain takes features out of the plan of a result, each alone, and looks for what breaks; all of them where no name is
// given. The error is a Usage where the plan has no such feature, a Defect, or that the context ended.
func Explain(ctx context.Context, r *Result, feature string, tell Telling) (*Explained, error) {
	if r.Plan == nil {
		return nil, usagef("%s holds machines: only the features of a program's plan are explained", r.File.Name)
	}
	var names []string
	for _, f := range r.Plan.Features {
		names = append(names, f.Name)
	}
	if feature != "" && !slices.Contains(names, feature) {
		return nil, usagef("the plan of %s has no %q: it has %s", r.Name(), feature, strings.Join(names, ", "))
	}
	if feature != "" {
		names = []string{feature}
	}
	x := &Explained{r: r}
	for i, name := range names {
		tell(without(name, i, len(names)))
		w, err := WitnessOf(ctx, r, name)
		if err != nil {
			return nil, err
		}
		x.witnesses = append(x.witnesses, w)
	}
	if feature != "" {
		tell(feature + ", its parameters a step narrower")
		err := Guard("explain", r.File.Name, func() error {
			less, err := narrow(ctx, r, feature)
			x.narrowed = map[string][]*Narrowed{feature: less}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return x, nil
}

// without tells which feature is taken out, of how many.
func without(name string, i, of int) string {
	if of == 1 {
		return "without " + name
	}
	return fmt.Sprintf("without %s (%d of %d)", name, i+1, of)
}

// Witnesses are those of the features, in the order of the plan.
func (x *Explained) Witnesses() []*Witness { return x.witnesses }

// ExplainAnswer is the answer of `explain` for programs.
type ExplainAnswer struct {
	Version  int             `json:"version"`
	Protocol string          `json:"protocol"`
	Features []FeatureAnswer `json:"features"`
}

// FeatureAnswer is a feature, the clauses that asked for it, what the plan costs more than the cheapest without it, and what
// goes wrong without it.
type FeatureAnswer struct {
	Name    string           `json:"name"`
	Chosen  string           `json:"chosen"`
	Because []solver.Because `json:"because"`
	Price   *solver.More     `json:"price,omitempty"` // missing where there are no machines without it
	Witness WitnessAnswer    `json:"witness"`

	Narrowed []NarrowedAnswer `json:"narrowed,omitempty"` // its parameters a step less, where it was asked for alone
}

// WitnessAnswer is a property that breaks with its run, or a figure. Kind is "property", "figure", or where none was found
// "none" (nothing breaks, proved), "undecided" or "no machine", with the reason in Why.
type WitnessAnswer struct {
	Kind     string       `json:"kind"`
	Property string       `json:"property,omitempty"`
	Why      string       `json:"why,omitempty"`
	Faults   string       `json:"faults,omitempty"` // all that happens in the run besides calls and timers
	Steps    int          `json:"steps,omitempty"`
	Run      []chart.Step `json:"run,omitempty"`
	Figure   *Figure      `json:"figure,omitempty"`
}

func (x *Explained) choice(w *Witness) ir.Choice {
	return x.r.Plan.Features[slices.IndexFunc(x.r.Plan.Features, func(f ir.Choice) bool { return f.Name == w.Feature })]
}

// of is the result that the plan without a feature would have, for drawing its runs.
func (x *Explained) of(w *Witness) *Result {
	return &Result{File: x.r.File, Program: x.r.Program, Plan: w.Without, System: w.System}
}

// JSON is the answer for programs.
func (x *Explained) JSON() ExplainAnswer {
	out := ExplainAnswer{Version: 1, Protocol: x.r.Name(), Features: []FeatureAnswer{}}
	for _, w := range x.witnesses {
		f := x.choice(w)
		a := FeatureAnswer{Name: f.Name, Chosen: f.Chosen, Because: []solver.Because{}, Witness: WitnessAnswer{Kind: "property", Why: w.Why, Faults: w.Faults, Figure: w.Figure}}
		for _, b := range f.Because {
			a.Because = append(a.Because, solver.Because{Line: b.Line, Text: b.Text})
		}
		if w.Without != nil {
			price := solver.Price(x.r.Plan, w.Without)
			a.Price = &price
		}
		switch {
		case w.Figure != nil:
			a.Witness.Kind = "figure"
		case w.Property != nil:
			a.Witness.Property, a.Witness.Why = w.Property.Name, w.Property.Why
			if run := w.Property.Run; run != nil {
				a.Witness.Steps, a.Witness.Run = len(run.Steps), drawn(x.of(w), *w.Property).List(run)
			}
		case w.Holds:
			a.Witness.Kind = "none"
		case w.Without == nil:
			a.Witness.Kind = "no machine"
		default:
			a.Witness.Kind = "undecided"
		}
		for _, n := range x.narrowed[w.Feature] {
			a.Narrowed = append(a.Narrowed, n.JSON())
		}
		out.Features = append(out.Features, a)
	}
	return out
}

// said is a witness in a line.
func (w *Witness) said() string {
	switch {
	case w.Figure != nil:
		return w.Figure.said()
	case w.Property == nil:
		return w.Why
	case w.Property.Run == nil:
		return w.Property.Name + ": " + w.Property.Why
	case w.Property.Run.Loop >= 0:
		n := len(w.Property.Run.Steps)
		if n == w.Property.Run.Loop {
			return fmt.Sprintf("%s never comes about after %s", w.Property.Name, Plural(n, "step"))
		}
		return fmt.Sprintf("%s never comes about: %s, then %s for ever", w.Property.Name, Plural(w.Property.Run.Loop, "step"), Plural(n-w.Property.Run.Loop, "step"))
	}
	return fmt.Sprintf("%s in %s", w.Property.Name, Plural(len(w.Property.Run.Steps), "step"))
}

func (f *Figure) said() string {
	number := func(x float64) string { return strings.TrimRight(trim(fmt.Sprintf("%.1f", x))+" "+f.Unit, " ") }
	return fmt.Sprintf("%s: %s, without it %s", f.Name, number(f.With), number(f.Without))
}

// Print writes a table of the features, with what asked for each, its price and its witness.
func (x *Explained) Print(w io.Writer, colour bool) error {
	b := &strings.Builder{}
	table := [][]string{{"feature", "asked for by", "price, one call of each kind", "without it"}}
	for _, k := range x.witnesses {
		price := "there are no machines without it"
		if k.Without != nil {
			price = solver.Price(x.r.Plan, k.Without).Text(x.r.Plan.Interface)
		}
		table = append(table, []string{k.Feature, solver.Reasons(x.r.Plan, x.choice(k)), price, k.said()})
	}
	solver.Table(b, table, []int{24, 30, 28, 32}, paint(colour, color.Bold))
	_, err := io.WriteString(w, b.String())
	return err
}

// PrintRuns writes each feature on its own, with the run that breaks without it.
func (x *Explained) PrintRuns(w io.Writer, style Style) error {
	b := &strings.Builder{}
	for i, k := range x.witnesses {
		if i > 0 {
			b.WriteByte('\n')
		}
		f := x.choice(k)
		field(b, paint(style.Colour, color.Bold), "feature", f.Name+": "+f.Sentence)
		field(b, nil, "chosen", f.Chosen)
		field(b, nil, "asked for", solver.Reasons(x.r.Plan, f))
		if k.Without != nil {
			field(b, nil, "price", solver.Price(x.r.Plan, k.Without).Text(x.r.Plan.Interface)+", of one call of each kind")
		}
		switch p := k.Property; {
		case k.Figure != nil:
			field(b, nil, "without it", k.Figure.said())
		case p == nil:
			field(b, paint(style.Colour, color.FgYellow), "without it", k.Why)
		default:
			field(b, paint(style.Colour, color.FgRed), "without it", k.said()+ended(k))
			if p.Run != nil {
				charted := drawn(x.of(k), *p)
				charted.ASCII, charted.Values = style.ASCII, style.Values
				fmt.Fprintf(b, "\n%s\n", charted.Text(p.Run, p.Name))
			}
		}
		for _, n := range x.narrowed[k.Feature] {
			field(b, nil, "narrowed", n.Says)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ended tells why a property is broken, and what the run needs.
func ended(w *Witness) string {
	p := w.Property
	t := ""
	if p.Run != nil && p.Why != "" {
		t += ": " + p.Why
	}
	if w.Faults != "" {
		t += " (with nothing but " + w.Faults + ")"
	}
	return t
}
