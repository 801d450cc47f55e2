package compile

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/verify"
)

// Findings are an answer with a verdict as systems that read the results of tests and analyses want it: one for each thing that was
// looked at, whether it held or not.
type Findings struct {
	Command string // that the answer is of
	List    []Finding
}

// Outcome of what was looked at.
type Outcome int

const (
	Passed Outcome = iota
	Failed
	Unknown // a limit was reached
	Skipped // it was not looked at, by its nature; the verdict does not wait for it
)

// Finding is one thing that was looked at.
type Finding struct {
	Group   string // the program, or the file where there is none
	Name    string // "at_most_once", "ping: new caller, old callee"
	Rule    string // what kind of thing it is, of words with hyphens or underscores
	Outcome Outcome
	Warning bool   // of a diagnostic that stops nothing
	Message string // why, in a line; "" where it passed
	Detail  string // the run that shows it, or the diagnostic as a person reads it
	Spans   []diag.JSONSpan
	Steps   []string // of the run, a line each
}

// Add appends the findings of others.
func (f *Findings) Add(others []Finding) { f.List = append(f.List, others...) }

// Rejected are the findings of a program that is not accepted.
func Rejected(group string, list []diag.Diagnostic) []Finding {
	var out []Finding
	for i, d := range diag.JSON(list) {
		x := Finding{Group: group, Name: d.Code, Rule: d.Code, Outcome: Failed, Message: d.Message, Spans: d.Spans}
		if list[i].Severity == diag.Warning {
			x.Outcome, x.Warning = Passed, true
		}
		if len(d.Spans) > 0 {
			x.Name = fmt.Sprintf("line %d: %s", d.Spans[0].Line, d.Code)
		}
		b := &strings.Builder{}
		diag.Render(b, list[i:i+1], diag.Options{})
		x.Detail = b.String()
		out = append(out, x)
	}
	return out
}

// Verified are the findings of a verification: one a property.
func Verified(r *Result) []Finding {
	out := Rejected(r.Name(), r.Diagnostics)
	for _, p := range r.Report.Properties {
		x := Finding{Group: r.Name(), Name: p.Name, Rule: ruleOf(p.Name), Spans: aboutProperty(r, p.Name)}
		switch p.Verdict {
		case verify.Violated:
			x.Outcome, x.Message = Failed, p.Why
			if p.Run != nil {
				c := drawn(r, p)
				x.Detail = c.Text(p.Run, p.Name)
				for _, s := range c.List(p.Run) {
					x.Steps = append(x.Steps, strings.TrimSpace(s.Actor+": "+s.Event+" "+s.Message))
				}
			}
		case verify.Undecided:
			x.Outcome, x.Message = Unknown, p.Why
			if x.Message == "" {
				x.Message = r.Report.Why
			}
		}
		out = append(out, x)
	}
	for _, n := range r.Report.NotChecked {
		out = append(out, Finding{Group: r.Name(), Name: n.Name, Rule: ruleOf(n.Name), Outcome: Skipped, Message: n.Reason, Spans: aboutProperty(r, n.Name)})
	}
	if len(r.Report.Properties) == 0 && r.Report.Verdict == verify.Undecided {
		out = append(out, Finding{Group: r.Name(), Name: "verification", Rule: "verification", Outcome: Unknown, Message: r.Report.Why, Spans: aboutProperty(r, "")})
	}
	return out
}

// ruleOf a property: its name without what it is of.
func ruleOf(property string) string {
	name, _, _ := strings.Cut(property, "(")
	return strings.TrimSpace(name)
}

// aboutProperty is where a program says what a property is about: its assertion, what was forced against it, or its interface.
func aboutProperty(r *Result, property string) []diag.JSONSpan {
	var labels []diag.Label
	add := func(c ir.Clause) {
		if c.Span.File != nil {
			labels = append(labels, diag.Label{Span: c.Span, Text: c.Text})
		}
	}
	if _, own := assertionOf(r, property); own != nil {
		add(own.Clause)
	} else if r.Plan != nil {
		for _, f := range r.Plan.Forced {
			add(f.Clause)
		}
		if len(labels) == 0 {
			add(r.Plan.Interface.Clause)
		}
	}
	if len(labels) == 0 {
		labels = []diag.Label{{Span: diag.Span{File: r.File, End: min(1, len(r.File.Text))}}}
	}
	return diag.JSON([]diag.Diagnostic{{Labels: labels}})[0].Spans
}

// Findings of a comparison: one for each function and direction, and for the stable memory of each peer.
func (d *Difference) Findings() []Finding {
	answer := d.JSON()
	outcome := func(verdict string) Outcome {
		switch verdict {
		case "breaks":
			return Failed
		case "undecided":
			return Unknown
		}
		return Passed
	}
	finding := func(rule, name, verdict string, reasons []DiffReason) Finding {
		x := Finding{Group: answer.Protocol, Name: name, Rule: rule, Outcome: outcome(verdict)}
		var why []string
		for _, r := range reasons {
			why = append(why, r.Message)
			x.Spans = append(x.Spans, r.Spans...)
		}
		x.Message = strings.Join(why, "; ")
		if x.Message == "" && x.Outcome != Passed {
			x.Message = verdict
		}
		return x
	}
	var out []Finding
	for i, f := range answer.Functions {
		for way, to := range f.Directions {
			x := finding("wire", fmt.Sprintf("%s: %s caller, %s callee", f.Name, to.Caller, to.Callee), to.Verdict, to.Reasons)
			if f.Kept {
				x.Rule = "keep"
			}
			for _, s := range to.Run {
				x.Steps = append(x.Steps, strings.TrimSpace(s.Actor+": "+s.Event+" "+s.Message))
			}
			if p := d.Functions[i].Way[way].Property; p != nil && p.Run != nil {
				x.Detail = drawn(d.new, *p).Text(p.Run, p.Name)
			}
			out = append(out, x)
		}
	}
	for _, u := range answer.Upgrades {
		out = append(out, finding("stable-memory", "stable memory of "+u.Peer, u.Verdict, u.Reasons))
	}
	return out
}

// Findings of a replay: one for each peer and language. There are none where the vectors were only written.
func (c *Conformity) Findings() []Finding {
	var out []Finding
	if c.report == nil {
		return out
	}
	for _, p := range c.report.Peers {
		for _, r := range p.Results {
			x := Finding{Group: c.r.Name(), Name: p.Peer + " in " + r.Language, Rule: "conformity", Spans: aboutProperty(c.r, "")}
			switch {
			case r.Mismatches > 0:
				x.Outcome, x.Message = Failed, fmt.Sprintf("%s of %s differ from the machine's", Count(r.Mismatches), Plural(p.Vectors, "vector"))
				for _, m := range r.First {
					x.Detail += fmt.Sprintf("line %d: %s\n  expected %s\n  answered %s\n", m.Line, m.In, m.Want, m.Got)
				}
			case r.Stopped != "":
				x.Outcome, x.Message = Failed, r.Stopped
			}
			out = append(out, x)
		}
	}
	return out
}

// Findings of a check: the diagnostics of each program, and one that it is accepted where there is no error.
func (c *Checked) Findings() []Finding {
	var out []Finding
	for i, r := range c.list {
		if r == nil { // the file could not be read
			out = append(out, Finding{Group: c.names[i], Name: "read", Rule: "unreadable", Outcome: Failed, Message: c.errs[i].Error()})
			continue
		}
		list := Rejected(r.Name(), r.Diagnostics)
		if !slices.ContainsFunc(list, func(f Finding) bool { return f.Outcome == Failed }) {
			list = append(list, Finding{Group: r.Name(), Name: "accepted", Rule: "accepted"})
		}
		out = append(out, list...)
	}
	return out
}
