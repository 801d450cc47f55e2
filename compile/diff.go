package compile

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/fatih/color"

	"sprocketc/compile/versions"
	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/verify/chart"
)

// Difference is what a change of a program means for peers of its old version.
type Difference struct {
	*versions.Diff
	old, new *Result
}

// Diff compares two versions that were composed. The error is a Usage where one is no program.
func Diff(ctx context.Context, old, new *Result, o Options) (*Difference, error) {
	for _, r := range []*Result{old, new} {
		if r.Plan == nil {
			return nil, usagef("%s holds machines: only programs can be compared", r.File.Name)
		}
	}
	if o.Timeout > 0 {
		limited, stop := context.WithTimeout(ctx, o.Timeout)
		defer stop()
		ctx = limited
	}
	o.Search.Context = ctx
	version := func(r *Result) versions.Version {
		return versions.Version{Program: r.Program, Plan: r.Plan, System: r.System}
	}
	return &Difference{versions.Compare(version(old), version(new), o.Search), old, new}, nil
}

// Verdict is ErrViolated where something breaks that is deployed, and ErrUndecided where that is not known.
func (d *Difference) Verdict() error {
	switch d.Worst() {
	case versions.Breaks:
		return ErrViolated
	case versions.Undecided:
		return ErrUndecided
	}
	return nil
}

// DiffAnswer is the answer of `diff` for programs.
type DiffAnswer struct {
	Version    int            `json:"version"`
	Protocol   string         `json:"protocol"`
	Verdict    string         `json:"verdict"` // compatible; compatible, but; undecided; breaks
	Functions  []DiffFunction `json:"functions"`
	Upgrades   []DiffUpgrade  `json:"upgrades"` // of the peers' stable memory
	Explored   []DiffExplored `json:"explored"`
	NotChecked []string       `json:"not_checked"`
}

// DiffFunction is a function with its verdicts; Kept is of one that is marked `keep` in either version.
type DiffFunction struct {
	Name       string          `json:"name"`
	Kept       bool            `json:"keep"`
	Directions []DiffDirection `json:"directions"`
}

// DiffDirection is a verdict on a caller of one version and a callee of the other: each is "old" or "new". Run is of a property
// that does not hold.
type DiffDirection struct {
	Caller  string       `json:"caller"`
	Callee  string       `json:"callee"`
	Verdict string       `json:"verdict"`
	Reasons []DiffReason `json:"reasons"`
	Run     []chart.Step `json:"run"`
}

// DiffReason points at the clauses of both programs.
type DiffReason struct {
	Message string          `json:"message"`
	Spans   []diag.JSONSpan `json:"spans"`
}

// DiffUpgrade is a verdict on a peer whose stable memory the new version reads.
type DiffUpgrade struct {
	Peer    string       `json:"peer"`
	Verdict string       `json:"verdict"`
	Reasons []DiffReason `json:"reasons"`
}

// DiffExplored is an exploration; without a verdict, both versions have the same machines.
type DiffExplored struct {
	Caller    string   `json:"caller"`
	Callee    string   `json:"callee"`
	Functions []string `json:"functions"`
	Verdict   string   `json:"verdict"`
	States    int      `json:"states"`
}

var sides = [2][2]string{{"old", "new"}, {"new", "old"}}

// JSON is the comparison for programs.
func (d *Difference) JSON() *DiffAnswer {
	a := &DiffAnswer{Version: 1, Protocol: d.new.Name(), Verdict: d.Worst().String(), Functions: []DiffFunction{}, Upgrades: []DiffUpgrade{},
		Explored: []DiffExplored{}, NotChecked: append([]string{}, d.NotChecked...)}
	for _, f := range d.Functions {
		x := DiffFunction{Name: f.Name, Kept: f.Keep}
		for way, o := range f.Way {
			to := DiffDirection{Caller: sides[way][0], Callee: sides[way][1], Verdict: o.Verdict.String(), Reasons: reasonsJSON(o.Reasons), Run: []chart.Step{}}
			if o.Property != nil && o.Property.Run != nil {
				to.Run = drawn(d.new, *o.Property).List(o.Property.Run)
			}
			x.Directions = append(x.Directions, to)
		}
		a.Functions = append(a.Functions, x)
	}
	for _, u := range d.Upgrades {
		a.Upgrades = append(a.Upgrades, DiffUpgrade{u.Peer, u.Verdict.String(), reasonsJSON(u.Reasons)})
	}
	for _, e := range d.Explored {
		x := DiffExplored{Caller: sides[e.Way][0], Callee: sides[e.Way][1], Functions: e.Functions}
		if e.Report != nil {
			x.Verdict, x.States = e.Report.Verdict, e.Report.States
		}
		a.Explored = append(a.Explored, x)
	}
	return a
}

func reasonsJSON(list []versions.Reason) []DiffReason {
	out := []DiffReason{}
	for _, r := range list {
		var labels []diag.Label
		for _, c := range []*ir.Clause{r.New, r.Old} {
			if c != nil && c.Span.File != nil {
				labels = append(labels, diag.Label{Span: c.Span, Text: c.Text})
			}
		}
		x := DiffReason{r.Text, []diag.JSONSpan{}}
		if len(labels) > 0 {
			x.Spans = diag.JSON([]diag.Diagnostic{{Labels: labels}})[0].Spans
		}
		out = append(out, x)
	}
	return out
}

// Print writes the comparison for people; with runs, that of each function that breaks by what the machines do. The error is
// the writer's.
func (d *Difference) Print(w io.Writer, style Style, runs bool) error {
	b := &strings.Builder{}
	tone := map[versions.Verdict]*color.Color{
		versions.Compatible: paint(style.Colour, color.FgGreen), versions.Breaks: paint(style.Colour, color.FgRed),
		versions.But: paint(style.Colour, color.FgYellow), versions.Undecided: paint(style.Colour, color.FgYellow), versions.None: nil,
	}
	in := d.New.Plan.Interface
	fmt.Fprintf(b, "%s: %s calls %s; deployed is %s, new is %s\n", d.new.Name(), in.From.Name, in.To.Name, d.named(d.old), d.named(d.new))
	for _, f := range d.Functions {
		keep := ""
		if f.Keep {
			keep = ", keep"
		}
		fmt.Fprintf(b, "\n%s%s\n", f.Name, keep)
		for way, o := range f.Way {
			if o.Verdict == versions.None {
				continue
			}
			field(b, tone[o.Verdict], word(o.Verdict), sides[way][0]+" "+in.From.Name+" with "+sides[way][1]+" "+in.To.Name)
			d.reasons(b, o.Reasons)
			if runs && o.Property != nil && o.Property.Run != nil {
				charted := drawn(d.new, *o.Property)
				charted.ASCII, charted.Values = style.ASCII, style.Values
				fmt.Fprintf(b, "\n%s\n", charted.Text(o.Property.Run, o.Property.Name))
			}
		}
	}
	b.WriteString("\n")
	for _, u := range d.Upgrades {
		text := "stable memory of " + u.Peer + " is read after an upgrade"
		if u.Verdict != versions.Compatible {
			text = "stable memory of " + u.Peer + " after an upgrade"
		}
		field(b, tone[u.Verdict], word(u.Verdict), text)
		d.reasons(b, u.Reasons)
	}
	for _, e := range d.Explored {
		text := fmt.Sprintf("%s %s with %s %s over %s: ", sides[e.Way][0], in.From.Name, sides[e.Way][1], in.To.Name, strings.Join(e.Functions, ", "))
		if e.Report == nil {
			text += "both versions have the same machines; verify says what holds for them"
		} else {
			text += fmt.Sprintf("%s, %s", e.Report.Verdict, Plural(e.Report.States, "state"))
		}
		field(b, nil, "explored", text)
	}
	list(b, "not checked", d.NotChecked)
	d.conclusion(b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (d *Difference) named(r *Result) string { return filepath.Base(r.File.Name) }

func (d *Difference) reasons(b *strings.Builder, list []versions.Reason) {
	for _, r := range list {
		var at []string
		for i, c := range []*ir.Clause{r.New, r.Old} {
			if c != nil {
				at = append(at, fmt.Sprintf("%s line %d", d.named([]*Result{d.new, d.old}[i]), c.Line))
			}
		}
		text := r.Text
		if len(at) > 0 {
			text += " (" + strings.Join(at, ", ") + ")"
		}
		field(b, nil, "", text)
	}
}

func (d *Difference) conclusion(b *strings.Builder) {
	for _, f := range d.Functions {
		if f.Keep && max(f.Way[0].Verdict, f.Way[1].Verdict) >= versions.Undecided {
			field(b, nil, "keep", f.Name+" is to work with every deployed version, and that is not so")
		}
	}
	switch d.Worst() {
	case versions.Breaks:
		field(b, nil, "so", "something that is deployed breaks")
	case versions.Undecided:
		field(b, nil, "so", "undecided: a limit was reached")
	case versions.But:
		field(b, nil, "so", "what is deployed goes on working, but for what is said above")
	default:
		field(b, nil, "so", "what is deployed goes on working")
	}
}

// word of a verdict that fits beside a text.
func word(v versions.Verdict) string {
	if v == versions.But {
		return "but"
	}
	return v.String()
}
