package sequence

import (
	"fmt"
	"strings"
)

// Kind says what a row shows.
type Kind int

// The kinds of rows.
const (
	Calls   Kind = iota // the program calls
	Ends                // a call ends
	Arrives             // a datagram arrives
	Lost                // a datagram does not
	Starts              // a handler starts
	Returns             // a handler returns
	Fires               // a timer
	Happens             // something of the environment's own
	Writes              // stable memory
	Crashes             // a peer crashes or is replaced
	Nothing             // a step of which nothing is to be seen
)

// Row is one thing that is to be seen in a run.
type Row struct {
	What     Kind
	Step     int // from 1
	At, From int // peers, from 0; From is the sender of a datagram, and At its receiver
	Label    string
	Note     string // of a datagram what befell it; of a handler that starts, that it runs
}

// Heading names the columns.
type Heading struct {
	Peers            []string
	Program, Handler string // of the columns beside the peers; "" for none
}

// Drawing is a chart in the making. Lines are those that stand.
type Drawing struct {
	Lines []string
	names []string
	x     []int // column of each peer's line
	step  int   // of the row before
	fresh bool  // its number is to be printed
}

// Margin is how many columns the numbers of steps take.
const Margin = 5

// New begins a chart of rows with its heading. The rows are drawn by Draw; here they, and the labels of further datagrams, say
// how much room is needed.
func New(h Heading, rows []Row, labels []string) *Drawing {
	gap, left := 26, 0
	for _, l := range labels {
		gap = max(gap, len([]rune(l))+14)
	}
	for _, r := range rows {
		switch r.What {
		case Arrives, Lost:
			gap = max(gap, len([]rune(strings.TrimSuffix(r.Label, " again")))+14)
		case Calls, Ends:
			left = max(left, len(r.Label)+6)
		}
	}
	if h.Program != "" {
		left = max(left, 12)
	}
	d := &Drawing{names: h.Peers}
	for i := range h.Peers {
		d.x = append(d.x, Margin+left+1+i*min(gap, 60))
	}
	row := []rune{}
	if h.Program != "" {
		row = Put(row, Margin, h.Program)
	}
	for i, x := range d.x {
		row = Put(row, max(x-len(d.names[i])/2, len(row)+1), d.names[i])
	}
	if h.Handler != "" {
		row = Put(row, max(d.x[len(d.x)-1]+8, len(row)+2), h.Handler)
	}
	d.Lines = append(d.Lines, string(row))
	return d
}

// Put writes a text at a column, over what is there.
func Put(row []rune, at int, text string) []rune {
	t := []rune(text)
	for len(row) < at+len(t) {
		row = append(row, ' ')
	}
	copy(row[at:], t)
	return row
}

// row is a new line with every peer's line in it, and the step's number if it is its first.
func (d *Drawing) row() []rune {
	var row []rune
	if d.fresh {
		row = Put(row, 0, fmt.Sprintf("%3d", d.step))
		d.fresh = false
	}
	for _, x := range d.x {
		row = Put(row, x, "│")
	}
	return row
}

func (d *Drawing) add(row []rune) {
	d.Lines = append(d.Lines, strings.TrimRight(string(row), " "))
}

// note adds a remark to the right of everything.
func (d *Drawing) note(row []rune, text string) []rune {
	if text == "" {
		return row
	}
	return Put(row, max(d.x[len(d.x)-1]+3, len(row)+2), text)
}

// Remark adds a line with a remark to the right of everything.
func (d *Drawing) Remark(text string) { d.add(d.note(d.row(), text)) }

// beside writes a remark next to a peer's line.
func (d *Drawing) beside(peer int, text string) {
	row := d.row()
	if d.x[peer]+1+len([]rune(text)) > d.x[len(d.x)-1] && peer < len(d.x)-1 {
		row = d.note(row, d.names[peer]+": "+text)
	} else {
		row = Put(row, d.x[peer]+1, text)
	}
	d.add(row)
}

// arrow draws a datagram that arrives.
func (d *Drawing) arrow(from, to int, label, note string) {
	row := d.row()
	a, b := d.x[from], d.x[to]
	lo, hi := min(a, b), max(a, b)
	row = Put(row, lo+1, strings.Repeat("─", hi-lo-1))
	if to > from {
		row = Put(row, hi-1, "▶")
	} else {
		row = Put(row, lo+1, "◀")
	}
	row = Put(row, lo+3, d.clip(" "+label+" ", hi-lo-6))
	d.add(d.note(row, note))
}

// lost draws a datagram that does not arrive.
func (d *Drawing) lost(from, to int, label, note string) {
	row := d.row()
	a, b := d.x[from], d.x[to]
	t := d.clip(" "+label+" ", max(a-b, b-a)-8)
	if to > from {
		row = Put(row, a+1, "──"+t+"──✗")
	} else {
		t = "✗──" + t + "──"
		row = Put(row, a-len([]rune(t)), t)
	}
	d.add(d.note(row, note))
}

func (d *Drawing) clip(s string, n int) string {
	r := []rune(s)
	if len(r) > n && n > 1 {
		return string(r[:n-1]) + " "
	}
	return s
}

// Draw draws a row; the first of a step has its number.
func (d *Drawing) Draw(r Row) {
	if r.Step != d.step {
		d.step, d.fresh = r.Step, true
	}
	x := d.x[min(r.At, len(d.x)-1)]
	switch r.What {
	case Calls:
		d.add(Put(d.row(), Margin, r.Label+" "+strings.Repeat("─", max(x-Margin-len(r.Label)-3, 1))+"▶"))
	case Ends:
		d.add(Put(d.row(), Margin, r.Label+" ◀"+strings.Repeat("─", max(x-Margin-len(r.Label)-3, 1))))
	case Arrives:
		d.arrow(r.From, r.At, r.Label, r.Note)
	case Lost:
		d.lost(r.From, r.At, r.Label, r.Note)
	case Starts:
		d.beside(r.At, "──"+r.Label+"─▶ "+r.Note)
	case Returns:
		d.beside(r.At, "◀── "+r.Label)
	case Fires:
		d.beside(r.At, "⏱ "+r.Label)
	case Happens:
		d.beside(r.At, "• "+r.Label)
	case Writes:
		d.beside(r.At, "■ "+r.Label)
	case Crashes:
		d.beside(r.At, "╳ "+r.Label)
	default:
		d.add(d.row())
	}
}

// Mark writes a remark behind the last line, such as the property that is broken.
func (d *Drawing) Mark(text string) {
	if text == "" {
		return
	}
	last := &d.Lines[len(d.Lines)-1]
	*last = string(d.note([]rune(*last), " ◀── "+text))
}
