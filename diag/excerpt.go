package diag

import "strings"

// mark is a label in terminal columns of the excerpt: carets in [from, to).
type mark struct {
	from, to int
	text     string
}

// window lays out a source line and its labels; a long line is cut around its first label.
func window(lines *Lines, w row) (string, []mark) {
	line := lines.Text(w.line)
	start := lines.starts[w.line-1]
	cells, columns := layout(line)
	at := func(offset int) int { return columns[max(0, min(offset-start, len(line)))] }

	marks := make([]mark, 0, len(w.labels))
	for _, l := range w.labels {
		m := mark{from: at(l.Span.Start), to: at(l.Span.End), text: oneLine(l.Text)}
		m.to = max(m.to, m.from+1) // an empty span still gets a caret
		marks = append(marks, m)
	}
	left, right := 0, columns[len(line)]
	if right > maxColumns && len(marks) > 0 {
		left = max(0, min(marks[0].from-leadIn, right-maxColumns))
		right = min(right, left+maxColumns)
	}
	var b strings.Builder
	shift := left
	if left > 0 {
		b.WriteString("…")
		shift--
	}
	for _, c := range cells {
		if left <= c.column && c.column < right {
			b.WriteString(c.text)
		}
	}
	if right < columns[len(line)] {
		b.WriteString("…")
	}
	for i := range marks {
		marks[i].from = min(marks[i].from, right) - shift
		marks[i].to = max(min(marks[i].to, right)-shift, marks[i].from+1)
	}
	return b.String(), marks
}

// underline draws the carets of a line, the last label's text behind them, and the other texts below, each under its
// own caret, from right to left.
func underline(marks []mark) []string {
	if len(marks) == 0 {
		return nil
	}
	var carets canvas
	for _, m := range marks {
		for c := m.from; c < m.to; c++ {
			carets.put(c, "^")
		}
	}
	last := marks[len(marks)-1]
	rest := marks[:len(marks)-1]
	first := carets.String()
	if last.text != "" {
		first += " " + last.text
	}
	out := []string{first}
	var below []mark
	for _, m := range rest {
		if m.text != "" {
			below = append(below, m)
		}
	}
	for i := len(below) - 1; i >= 0; i-- {
		var c canvas
		for _, m := range below[:i] {
			c.put(m.from, "|")
		}
		c.put(below[i].from, below[i].text)
		out = append(out, c.String())
	}
	return out
}

// canvas is a line that is drawn by column.
type canvas []string

func (c *canvas) put(column int, text string) {
	for len(*c) <= column {
		*c = append(*c, " ")
	}
	(*c)[column] = text
}

func (c canvas) String() string { return strings.TrimRight(strings.Join(c, ""), " ") }
