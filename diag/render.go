package diag

import (
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/fatih/color"
)

// Options of a rendering. The zero value is plain text with the usual cap.
type Options struct {
	Color bool // ANSI colours; the caller knows whether it writes to a terminal
	Max   int  // how many diagnostics are printed; 0: 50, negative: all
}

const (
	defaultMax = 50
	maxColumns = 160 // of an excerpt's line; longer lines are cut around the first label
	leadIn     = 40  // columns kept before the label in a line that is cut
)

// Render writes diagnostics for people, in the order given. Where there are more than o.Max, errors go before
// warnings, and the last line says how many were left out.
func Render(w io.Writer, list []Diagnostic, o Options) error {
	limit := o.Max
	if limit == 0 {
		limit = defaultMax
	}
	shown := selectShown(list, limit)
	r := &renderer{index: lineCache{}, paint: newPaint(o.Color)}
	errors, warnings := 0, 0
	for i, d := range list {
		switch {
		case shown[i]:
			if r.out.Len() > 0 {
				r.out.WriteString("\n")
			}
			r.diagnostic(d)
		case d.Severity == Error:
			errors++
		default:
			warnings++
		}
	}
	if left := leftOut(errors, warnings); left != "" {
		r.out.WriteString("\n... and " + left + "\n")
	}
	_, err := io.WriteString(w, r.out.String())
	return err
}

func selectShown(list []Diagnostic, limit int) []bool {
	shown := make([]bool, len(list))
	if limit < 0 {
		limit = len(list)
	}
	for _, severity := range []Severity{Error, Warning} {
		for i, d := range list {
			if d.Severity == severity && limit > 0 {
				shown[i] = true
				limit--
			}
		}
	}
	return shown
}

func leftOut(errors, warnings int) string {
	var parts []string
	if errors > 0 {
		parts = append(parts, fmt.Sprintf("%d more %s", errors, plural(errors, "error")))
	}
	if warnings > 0 {
		parts = append(parts, fmt.Sprintf("%d more %s", warnings, plural(warnings, "warning")))
	}
	return strings.Join(parts, " and ")
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

type paint struct {
	error, warning, bold, gutter *color.Color
}

func newPaint(on bool) paint {
	p := paint{error: color.New(color.FgRed, color.Bold), warning: color.New(color.FgYellow, color.Bold),
		bold: color.New(color.Bold), gutter: color.New(color.FgBlue)}
	for _, c := range []*color.Color{p.error, p.warning, p.bold, p.gutter} {
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
	}
	return p
}

type renderer struct {
	out   strings.Builder
	index lineCache
	paint paint
}

func (r *renderer) diagnostic(d Diagnostic) {
	tone := r.paint.error
	if d.Severity == Warning {
		tone = r.paint.warning
	}
	head := d.Severity.String()
	if d.Code != "" {
		head += "[" + d.Code + "]"
	}
	fmt.Fprintf(&r.out, "%s: %s\n", tone.Sprint(head), r.paint.bold.Sprint(oneLine(d.Message)))

	groups := r.groups(d)
	width := 1
	for _, g := range groups {
		for _, l := range g.rows {
			width = max(width, len(strconv.Itoa(l.line)))
		}
	}
	for i, g := range groups {
		arrow := "-->"
		if i > 0 {
			arrow = ":::"
		}
		fmt.Fprintf(&r.out, "%*s%s %s:%d:%d\n", width+1, "", r.paint.gutter.Sprint(arrow), oneLine(g.file.Name), g.at.Line, g.at.Column)
		r.excerpt(g, width, tone)
	}
	if len(d.Notes)+len(d.Repairs) == 0 {
		return
	}
	if len(groups) > 0 {
		r.gutter(width, "|", "")
	}
	for _, n := range d.Notes {
		r.note(width, n)
	}
	r.repairs(width, d)
}

// group is the part of an excerpt that shows one file.
type group struct {
	file *File
	at   Position
	rows []row
}

// row is a source line with the labels that begin on it, from left to right.
type row struct {
	line   int
	labels []Label
}

// groups sorts labels by file, the primary label's first, then by line.
func (r *renderer) groups(d Diagnostic) []group {
	var groups []group
	for _, label := range d.Labels {
		if label.Span.File == nil {
			continue
		}
		lines := r.index.lines(label.Span.File)
		g := slices.IndexFunc(groups, func(g group) bool { return g.file == label.Span.File })
		if g < 0 {
			groups = append(groups, group{file: label.Span.File, at: lines.Position(label.Span.Start)})
			g = len(groups) - 1
		}
		line := lines.Line(label.Span.Start)
		k := slices.IndexFunc(groups[g].rows, func(w row) bool { return w.line == line })
		if k < 0 {
			groups[g].rows = append(groups[g].rows, row{line: line})
			k = len(groups[g].rows) - 1
		}
		groups[g].rows[k].labels = append(groups[g].rows[k].labels, label)
	}
	for _, g := range groups {
		sort.Slice(g.rows, func(i, j int) bool { return g.rows[i].line < g.rows[j].line })
		for _, w := range g.rows {
			sort.SliceStable(w.labels, func(i, j int) bool { return w.labels[i].Span.Start < w.labels[j].Span.Start })
		}
	}
	return groups
}

func (r *renderer) excerpt(g group, width int, tone *color.Color) {
	r.gutter(width, "|", "")
	lines := r.index.lines(g.file)
	for i, w := range g.rows {
		if i > 0 && w.line-g.rows[i-1].line > 2 {
			r.gutter(width, ":", "")
		}
		text, marks := window(lines, w)
		line := " " + r.paint.gutter.Sprintf("%*d |", width, w.line) + " " + text
		r.out.WriteString(strings.TrimRight(line, " ") + "\n")
		for _, m := range underline(marks) {
			r.gutter(width, "|", tone.Sprint(m))
		}
	}
}

func (r *renderer) gutter(width int, mark, rest string) {
	fmt.Fprintf(&r.out, "%*s%s", width+2, "", r.paint.gutter.Sprint(mark))
	if rest != "" {
		r.out.WriteString(" " + rest)
	}
	r.out.WriteString("\n")
}

func (r *renderer) note(width int, text string) {
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i == 0 {
			fmt.Fprintf(&r.out, "%*s%s %s\n", width+2, "", r.paint.gutter.Sprint("="), line)
		} else {
			fmt.Fprintf(&r.out, "%*s%s\n", width+6, "", line)
		}
	}
}

// repairs prints the lines as they would read, with what each change does beside them.
func (r *renderer) repairs(width int, d Diagnostic) {
	if len(d.Repairs) == 0 {
		return
	}
	title := "help:"
	switch {
	case d.Code == "unsatisfiable" && len(d.Repairs) == 1:
		title = "this makes it possible:"
	case d.Code == "unsatisfiable":
		title = "any one of these makes it possible:"
	case len(d.Repairs) > 1:
		title = "any one of these mends it:"
	}
	if len(d.Repairs) == 1 && title == "help:" {
		text, preview := oneLine(d.Repairs[0].Message), r.preview(d.Repairs[0])
		if preview != "" && !says(d.Repairs[0]) {
			text += "\n" + preview
		}
		r.note(width, "help: "+text)
		return
	}
	previews, column := make([]string, len(d.Repairs)), 0
	for i, p := range d.Repairs {
		previews[i] = r.preview(p)
		if n := len([]rune(previews[i])); n <= 60 {
			column = max(column, n)
		}
	}
	r.note(width, title)
	for i, p := range d.Repairs {
		line := previews[i]
		if line != "" && p.Message != "" {
			line += strings.Repeat(" ", max(0, column-len([]rune(line)))+3)
		}
		fmt.Fprintf(&r.out, "%*s%s\n", width+6, "", line+oneLine(p.Message))
	}
}

// says tells whether the message quotes the new text, so that a preview adds nothing.
func says(p Repair) bool {
	return len(p.Edits) == 1 && strings.Contains(p.Message, "`"+p.Edits[0].Text+"`")
}

// preview is the first edited line as it would read; the empty string where there is no edit in a file.
func (r *renderer) preview(p Repair) string {
	var edits []Edit
	for _, e := range p.Edits {
		if e.Span.File != nil && e.Span.Start >= 0 && e.Span.Start <= e.Span.End && e.Span.End <= len(e.Span.File.Text) {
			edits = append(edits, e)
		}
	}
	if len(edits) == 0 {
		return ""
	}
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].Span.Start < edits[j].Span.Start })
	file := edits[0].Span.File
	lines := r.index.lines(file)
	line := lines.Line(edits[0].Span.Start)
	at := lines.starts[line-1]
	end := at + len(lines.Text(line))
	var b strings.Builder
	for _, e := range edits {
		if e.Span.File != file || e.Span.Start < at || e.Span.Start > end {
			continue
		}
		b.Write(file.Text[at:e.Span.Start])
		b.WriteString(e.Text)
		at = e.Span.End
	}
	if at < end {
		b.Write(file.Text[at:end])
	}
	text := oneLine(b.String())
	if runes := []rune(text); len(runes) > maxColumns {
		text = string(runes[:maxColumns]) + "…"
	}
	return text
}

// oneLine collapses white space and drops what a terminal would interpret.
func oneLine(s string) string {
	cells, _ := layout([]byte(strings.Join(strings.Fields(s), " ")))
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(c.text)
	}
	return b.String()
}
