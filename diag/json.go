package diag

// JSON forms of diagnostics, as spec/diagnostics.md documents them: names stay, fields may be added.

// JSONDiagnostic is one finding for programs.
type JSONDiagnostic struct {
	Code     string       `json:"code"`
	Severity string       `json:"severity"` // "error" or "warning"
	Message  string       `json:"message"`
	Ground   string       `json:"ground,omitempty"`
	Spans    []JSONSpan   `json:"spans"` // the primary one first
	Notes    []string     `json:"notes"`
	Repairs  []JSONRepair `json:"repairs"`
}

// JSONSpan is a half-open range of a file; lines and columns from 1, columns in Unicode code points.
type JSONSpan struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Label     string `json:"label"`
}

// JSONRepair is a change that is known to mend the program.
type JSONRepair struct {
	Message string     `json:"message"`
	Edits   []JSONEdit `json:"edits"`
}

// JSONEdit replaces a range by a text.
type JSONEdit struct {
	JSONSpan
	Text string `json:"text"`
}

// JSON converts every diagnostic, in order; none is left out. The result is never nil.
func JSON(list []Diagnostic) []JSONDiagnostic {
	index := lineCache{}
	out := make([]JSONDiagnostic, 0, len(list))
	for _, d := range list {
		j := JSONDiagnostic{Code: d.Code, Severity: d.Severity.String(), Message: d.Message, Ground: d.Ground,
			Spans: []JSONSpan{}, Notes: append([]string{}, d.Notes...), Repairs: []JSONRepair{}}
		for _, l := range d.Labels {
			if l.Span.File != nil {
				j.Spans = append(j.Spans, index.span(l.Span, l.Text))
			}
		}
		for _, r := range d.Repairs {
			jr := JSONRepair{Message: r.Message, Edits: []JSONEdit{}}
			for _, e := range r.Edits {
				jr.Edits = append(jr.Edits, JSONEdit{JSONSpan: index.span(e.Span, ""), Text: e.Text})
			}
			j.Repairs = append(j.Repairs, jr)
		}
		out = append(out, j)
	}
	return out
}

// lineCache indexes each file once in a rendering.
type lineCache map[*File]*Lines

func (c lineCache) lines(f *File) *Lines {
	l, ok := c[f]
	if !ok {
		l = NewLines(f)
		c[f] = l
	}
	return l
}

func (c lineCache) span(s Span, label string) JSONSpan {
	l := c.lines(s.File)
	from, to := l.Position(s.Start), l.Position(max(s.Start, s.End))
	return JSONSpan{File: s.fileName(), Line: from.Line, Column: from.Column, EndLine: to.Line, EndColumn: to.Column, Label: label}
}
