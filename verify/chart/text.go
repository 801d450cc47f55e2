package chart

import (
	"fmt"
	"strings"

	"sprocketc/verify"
)

// Text draws a run as a message sequence chart, a numbered row for each step: who called, what arrived, was lost or came
// again, timers, crashes, stable writes and outcomes. An arrow stands where a datagram arrives; one that never does
// stands where it was sent. The row that breaks the property names it; where a run has a loop instead, a bracket in the
// gutter holds the rows that repeat for ever, and the line below it names the property.
func (c Chart) Text(run *verify.Run, property string) string {
	d := &drawing{scene: c.scene(run)}
	d.room()
	d.heading()
	from := 0
	for i, r := range d.rows {
		if i == 0 || d.rows[i-1].step != r.step {
			d.number, from = r.step, len(d.lines)
		}
		d.draw(r)
		if i+1 < len(d.rows) && d.rows[i+1].step == r.step {
			continue
		}
		if d.Values {
			d.values(r.step)
		}
		if r.step-1 == run.Doomed {
			d.mark(doomed)
		}
		if run.Loop >= 0 && r.step > run.Loop {
			d.bracket(from, r.step-1 == run.Loop)
		}
	}
	if run.Loop >= 0 {
		d.forever()
	}
	d.mark(property)
	out := strings.Join(d.lines, "\n") + "\n"
	if c.ASCII {
		out = strings.NewReplacer("│", "|", "─", "-", "▶", ">", "◀", "<", "✗", "x", "╳", "X", "⏱", "*", "■", "*", "•", "*", "┌", "/", "└", "\\").Replace(out)
	}
	return out
}

const gutter = 5 // columns of the step's number

type drawing struct {
	*scene
	lines  []string
	x      []int // column of each machine's line
	number int   // of the step to print; 0 once it is printed
}

// room finds out how much the labels need.
func (d *drawing) room() {
	gap, left := 26, 0
	for i, s := range d.run.Steps {
		for j := range d.run.Sent[i] {
			gap = max(gap, len([]rune(messageText(d.sys, s.Sent[j].Msg)))+14)
		}
	}
	for _, r := range d.rows {
		switch r.kind {
		case arrives, lost:
			gap = max(gap, len([]rune(strings.TrimSuffix(r.label, " again")))+14)
		case calls, ends:
			left = max(left, len(r.label)+6)
		}
	}
	if d.caller >= 0 {
		left = max(left, 12)
	}
	for i := range d.sys.Machines {
		d.x = append(d.x, gutter+left+1+i*min(gap, 60))
	}
}

func (d *drawing) heading() {
	row := []rune{}
	if d.caller >= 0 {
		row = put(row, gutter, d.Program)
	}
	for i, x := range d.x {
		row = put(row, max(x-len(d.names[i])/2, len(row)+1), d.names[i])
	}
	if d.callee >= 0 {
		row = put(row, max(d.x[len(d.x)-1]+8, len(row)+2), d.Handler)
	}
	d.lines = append(d.lines, string(row))
}

// put writes a text at a column, over what is there.
func put(row []rune, at int, text string) []rune {
	t := []rune(text)
	for len(row) < at+len(t) {
		row = append(row, ' ')
	}
	copy(row[at:], t)
	return row
}

// row is a new line with every machine's line in it, and the step's number if it is its first.
func (d *drawing) row() []rune {
	var row []rune
	if d.number > 0 {
		row = put(row, 0, fmt.Sprintf("%3d", d.number))
		d.number = 0
	}
	for _, x := range d.x {
		row = put(row, x, "│")
	}
	return row
}

func (d *drawing) add(row []rune) {
	d.lines = append(d.lines, strings.TrimRight(string(row), " "))
}

// note adds a remark to the right of everything.
func (d *drawing) note(row []rune, text string) []rune {
	if text == "" {
		return row
	}
	return put(row, max(d.x[len(d.x)-1]+3, len(row)+2), text)
}

// beside writes a remark next to a machine's line.
func (d *drawing) beside(machine int, text string) {
	row := d.row()
	if d.x[machine]+1+len([]rune(text)) > d.x[len(d.x)-1] && machine < len(d.x)-1 {
		row = d.note(row, d.names[machine]+": "+text)
	} else {
		row = put(row, d.x[machine]+1, text)
	}
	d.add(row)
}

// arrow draws a datagram that arrives.
func (d *drawing) arrow(from, to int, label, note string) {
	row := d.row()
	a, b := d.x[from], d.x[to]
	lo, hi := min(a, b), max(a, b)
	row = put(row, lo+1, strings.Repeat("─", hi-lo-1))
	if to > from {
		row = put(row, hi-1, "▶")
	} else {
		row = put(row, lo+1, "◀")
	}
	row = put(row, lo+3, clip(" "+label+" ", hi-lo-6))
	d.add(d.note(row, note))
}

// lost draws a datagram that does not arrive.
func (d *drawing) lost(from, to int, label, note string) {
	row := d.row()
	a, b := d.x[from], d.x[to]
	t := clip(" "+label+" ", max(a-b, b-a)-8)
	if to > from {
		row = put(row, a+1, "──"+t+"──✗")
	} else {
		t = "✗──" + t + "──"
		row = put(row, a-len([]rune(t)), t)
	}
	d.add(d.note(row, note))
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) > n && n > 1 {
		return string(r[:n-1]) + " "
	}
	return s
}

func (d *drawing) draw(r row) {
	x := d.x[min(r.at, len(d.x)-1)]
	switch r.kind {
	case calls:
		d.add(put(d.row(), gutter, r.label+" "+strings.Repeat("─", max(x-gutter-len(r.label)-3, 1))+"▶"))
	case ends:
		d.add(put(d.row(), gutter, r.label+" ◀"+strings.Repeat("─", max(x-gutter-len(r.label)-3, 1))))
	case arrives:
		d.arrow(r.from, r.at, r.label, r.note)
	case lost:
		d.lost(r.from, r.at, r.label, r.note)
	case starts:
		d.beside(r.at, "──"+r.label+"─▶ "+r.note)
	case returns:
		d.beside(r.at, "◀── "+r.label)
	case fires:
		d.beside(r.at, "⏱ "+r.label)
	case happens:
		d.beside(r.at, "• "+r.label)
	case writes:
		d.beside(r.at, "■ "+r.label)
	case crashes:
		d.beside(r.at, "╳ "+r.label)
	default:
		d.add(d.row())
	}
}

// values writes what a step changed to the right of everything, a line a peer.
func (d *drawing) values(step int) {
	for _, line := range perPeer(d.changes[step-1]) {
		d.add(d.note(d.row(), line))
	}
}

// perPeer writes changes as one line a peer: "gateway: wait true, n 1".
func perPeer(list []change) []string {
	var out []string
	for i, c := range list {
		if i == 0 || list[i-1].machine != c.machine {
			out = append(out, c.machine+": ")
		} else {
			out[len(out)-1] += ", "
		}
		out[len(out)-1] += c.name + " " + c.value
	}
	return out
}

// bracket marks the lines of a step that repeats, from a line on.
func (d *drawing) bracket(from int, first bool) {
	for i := from; i < len(d.lines); i++ {
		sign := "│"
		if first && i == from {
			sign = "┌"
		}
		d.lines[i] = string(put([]rune(d.lines[i]), gutter-2, sign))
	}
}

// forever closes the bracket.
func (d *drawing) forever() {
	text := repeats
	if d.run.Loop == len(d.run.Steps) {
		text = stays
	}
	d.lines = append(d.lines, string(put(nil, gutter-2, "└ "+text)))
}

// mark writes a remark behind the last line, such as the property that is broken.
func (d *drawing) mark(text string) {
	if text == "" {
		return
	}
	last := &d.lines[len(d.lines)-1]
	*last = string(d.note([]rune(*last), " ◀── "+text))
}
