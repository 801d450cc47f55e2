package compile

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"sprocketc/schema"
	"sprocketc/solver"
	"sprocketc/verify"
	"sprocketc/verify/chart"
)

// RoundAnswer is a plan that was checked, for programs.
type RoundAnswer struct {
	Features []string         `json:"features"`
	Verdict  string           `json:"verdict"`
	Broken   []PropertyLine   `json:"broken"`
	Learnt   []solver.Literal `json:"learnt"` // that together break; plans with all of them were passed over
	Rule     string           `json:"rule"`   // that the schema lacks; "" where nothing was learnt
}

// RoundsJSON are the rounds of the loop between solver and checker; none where the first plan was not broken.
func RoundsJSON(r *Result) []RoundAnswer {
	var out []RoundAnswer
	for _, d := range r.Rounds {
		x := RoundAnswer{Features: d.features(), Verdict: d.Report.Verdict, Broken: []PropertyLine{}, Learnt: []solver.Literal{}}
		for _, p := range d.Broken(r) {
			line := PropertyLine{Name: p.Name, Verdict: p.Verdict, Why: p.Why, Run: []chart.Step{}}
			if p.Run != nil {
				line.Run = drawn(r, p).List(p.Run)
			}
			x.Broken = append(x.Broken, line)
		}
		if d.Learnt != nil {
			x.Learnt = d.Learnt.Literals
			if d.Report.Verdict == verify.Violated {
				x.Rule = d.Learnt.Rule()
			}
		}
		out = append(out, x)
	}
	return out
}

// Story is the answer of `solve -v` for programs: the plan, the verdict on it, and the plans that were checked.
type Story struct {
	solver.Answer
	Verdict string        `json:"verdict"`
	Rounds  []RoundAnswer `json:"rounds"`
}

// PlanStory is the plan of a result that has a report, and how it came about.
func PlanStory(r *Result) Story {
	return Story{Answer: solver.JSON(r.Plan), Verdict: r.Report.Verdict, Rounds: RoundsJSON(told(r))}
}

// told is a result with its rounds: where the first plan was not broken, it is the only one.
func told(r *Result) *Result {
	if len(r.Rounds) > 0 {
		return r
	}
	with := *r
	with.Rounds = []Round{{Plan: r.Plan, System: r.System, Report: r.Report}}
	return &with
}

func (d Round) features() []string {
	out := []string{}
	for _, f := range d.Plan.Features {
		text := f.Name
		if s := f.Parameters["source"]; s != "" {
			text = s + " " + text
		}
		if v := f.Parameters["variant"]; v != "" {
			text = v + " " + text
		}
		if f.Name == schema.Checksum {
			text += " of " + f.Parameters["width"] + " bits"
		}
		out = append(out, text)
	}
	return out
}

// what a round's plan is: all of its features, or how they differ from those of the round before.
func (d Round) what(before *Round) string {
	now := d.features()
	if before == nil {
		return strings.Join(now, ", ")
	}
	was := before.features()
	var out []string
	for _, f := range now {
		if !slices.Contains(was, f) {
			out = append(out, "with "+f)
		}
	}
	for _, f := range was {
		if !slices.Contains(now, f) {
			out = append(out, "without "+f)
		}
	}
	return strings.Join(out, ", ")
}

// PrintStory tells how the plan came about: each plan that was checked, what the checker said, and what was learnt. A result
// without a report has no story. The error is the writer's.
func PrintStory(w io.Writer, r *Result, style Style) error {
	if r.Report == nil {
		return nil
	}
	rounds := told(r).Rounds
	b := &strings.Builder{}
	b.WriteString("\n")
	for i, d := range rounds {
		var before *Round
		if i > 0 {
			before = &rounds[i-1]
		}
		field(b, nil, fmt.Sprintf("plan %d", i+1), d.what(before))
		if len(r.Plan.Forced) > 0 && d.Report.Verdict == verify.Violated {
			field(b, nil, "verify", "violated, as it was forced: sprocketc verify shows the run")
			continue
		}
		field(b, nil, "verify", d.outcome(r))
		if d.Learnt != nil {
			field(b, nil, "learnt", d.Learnt.String())
		}
	}
	printMissing(b, r, style)
	_, err := io.WriteString(w, b.String())
	return err
}

// printDefects shows where the schema called a plan fine that breaks, with the runs, above the verdict on the plan that was
// taken instead.
func printDefects(b *strings.Builder, r *Result, style Style) {
	if r.Report.Verdict == verify.Violated {
		return // its own lines show the first of them
	}
	red := paint(style.Colour, color.FgRed)
	for _, d := range r.Defects() {
		for _, p := range d.Broken(r) {
			head := p.Name
			if p.Run != nil {
				head += "      " + runLength(p.Run)
			}
			field(b, red, "defect", head)
			field(b, nil, "", "the schema allows a plan in which this breaks; it was not taken")
			if p.Why != "" {
				field(b, nil, "", p.Why)
			}
			if p.Run != nil {
				charted := drawn(r, p)
				charted.ASCII, charted.Values = style.ASCII, style.Values
				fmt.Fprintf(b, "\n%s\n", charted.Text(p.Run, p.Name))
			}
		}
	}
	printMissing(b, r, style)
}

// printMissing names the rules that the schema lacks.
func printMissing(b *strings.Builder, r *Result, style Style) {
	var rules []string
	for _, d := range r.Defects() {
		if d.Learnt != nil && !slices.Contains(rules, d.Learnt.Rule()) {
			rules = append(rules, d.Learnt.Rule())
		}
	}
	if len(rules) == 0 {
		return
	}
	red := paint(style.Colour, color.FgRed)
	field(b, red, "defect", "a rule is missing in the compiler's schema, by which "+strings.Join(rules, "; and one by which ")+": please report the program with the run")
}
