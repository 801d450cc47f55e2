package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Report collects the findings of a phase in the order they are made.
type Report struct {
	List []Diagnostic
}

// Errorf adds an error with one label at span; the returned diagnostic may be completed until the next Add.
func (r *Report) Errorf(code string, span Span, label, format string, args ...any) *Diagnostic {
	return r.Add(Diagnostic{Code: code, Message: fmt.Sprintf(format, args...), Labels: []Label{{Span: span, Text: label}}})
}

// Add appends a diagnostic and returns the stored copy.
func (r *Report) Add(d Diagnostic) *Diagnostic {
	r.List = append(r.List, d)
	return &r.List[len(r.List)-1]
}

// And adds a further label, the cause or the place of an earlier declaration, and returns d.
func (d *Diagnostic) And(span Span, text string) *Diagnostic {
	d.Labels = append(d.Labels, Label{Span: span, Text: text})
	return d
}

// Note adds a note and returns d.
func (d *Diagnostic) Note(format string, args ...any) *Diagnostic {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
	return d
}

// Repair adds a repair of one edit and returns d.
func (d *Diagnostic) Repair(message string, edits ...Edit) *Diagnostic {
	d.Repairs = append(d.Repairs, Repair{Message: message, Edits: edits})
	return d
}

// HasErrors tells whether any diagnostic is an error.
func HasErrors(list []Diagnostic) bool {
	return slices.ContainsFunc(list, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders diagnostics by file, by position of the primary label, by code and by message, so that output does not
// depend on the order in which checks run.
func Sort(list []Diagnostic) {
	if slices.IsSortedFunc(list, compare) {
		return
	}
	slices.SortStableFunc(list, compare)
}

func compare(a, b Diagnostic) int {
	sa, sb := a.Primary(), b.Primary()
	return cmp.Or(
		strings.Compare(sa.fileName(), sb.fileName()),
		cmp.Compare(sa.Start, sb.Start),
		cmp.Compare(sa.End, sb.End),
		strings.Compare(a.Code, b.Code),
		strings.Compare(a.Message, b.Message))
}

// Primary is the span of the first label, or the zero Span.
func (d Diagnostic) Primary() Span {
	if len(d.Labels) == 0 {
		return Span{}
	}
	return d.Labels[0].Span
}

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Text is what stands in the span; the empty string where the span points nowhere or outside its file.
func (s Span) Text() string {
	if s.File == nil || s.Start < 0 || s.Start > s.End || s.End > len(s.File.Text) {
		return ""
	}
	return string(s.File.Text[s.Start:s.End])
}

// To is the span from the start of s to the end of t, which must be of the same file.
func (s Span) To(t Span) Span {
	if s.File == nil {
		return t
	}
	return Span{File: s.File, Start: min(s.Start, t.Start), End: max(s.End, t.End)}
}

func (s Span) fileName() string {
	if s.File == nil {
		return ""
	}
	return s.File.Name
}
