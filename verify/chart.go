package verify

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/fsm"
)

// Chart says how a run is drawn.
type Chart struct {
	Names   map[string]string // a peer's name by machine; a machine without one goes by its own
	Program string            // heading of the calling program's column; "" for "program"
	Handler string            // heading of the handler's column; "" for "handler"
	ASCII   bool              // without characters beyond ASCII
}

// Text draws a run as a message sequence chart, a numbered row for each step: who called, what arrived, was lost or came
// again, timers, crashes, stable writes and outcomes. An arrow stands where a datagram arrives; one that never does
// stands where it was sent. The row that breaks the property names it; where a run has a loop instead, a bracket in the
// gutter holds the rows that repeat for ever, and the line below it names the property.
func (c Chart) Text(run *Run, property string) string {
	d := &drawing{Chart: c, run: run, sys: run.Sys, sentIn: map[int]int{}, arrives: map[int]bool{}, sentAs: map[int]Sent{}}
	d.survey()
	d.heading()
	for i := range run.Steps {
		from := len(d.lines)
		d.step(i)
		if i == run.Doomed {
			d.mark("from here on there is no way back")
		}
		if run.Loop >= 0 && i >= run.Loop {
			d.bracket(from, i == run.Loop)
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
	Chart
	run   *Run
	sys   *fsm.System
	lines []string
	x     []int // column of each machine's line

	caller, callee int // machines; -1
	sentIn         map[int]int
	sentAs         map[int]Sent
	arrives        map[int]bool
	starts         int // of the marked call's handler
	number         int // of the step to print; 0 once it is printed
}

func (d *drawing) name(machine int) string {
	m := d.sys.Machines[machine].Name
	if n := d.Names[m]; n != "" {
		return n
	}
	return m
}

// survey finds out when datagrams were sent and whether they arrive, and how much room the labels need.
func (d *drawing) survey() {
	d.caller, d.callee = -1, -1
	for i, m := range d.sys.Machines {
		if m.Event(fsm.OnCall, "call") != nil {
			d.caller = i
		}
		m.Stages(func(s *fsm.Stage) {
			if _, ok := s.Stmt.(*fsm.Invoke); ok {
				d.callee = i
			}
		})
	}
	gap, left := 26, 0
	for i, s := range d.run.Steps {
		for j, n := range d.run.Sent[i] {
			d.sentIn[n], d.sentAs[n] = i, s.Sent[j]
			gap = max(gap, len([]rune(messageText(d.sys, s.Sent[j].Msg)))+14)
		}
		if s.Kind == Delivers {
			d.arrives[d.run.Taken[i]] = true
		}
		if s.Kind == Delivers || s.Kind == Loses {
			gap = max(gap, len([]rune(messageText(d.sys, s.Msg)))+14)
		}
		if s.Kind == ProgramCalls {
			left = max(left, len(d.call(s))+6)
		}
		for _, f := range s.Effects {
			if f.Kind == fsm.DidComplete {
				left = max(left, len(outcomeText(f.Outcome))+6)
			}
		}
	}
	if d.caller >= 0 {
		left = max(left, 12)
	}
	for i := range d.sys.Machines {
		d.x = append(d.x, gutter+left+1+i*min(gap, 60))
	}
}

func (d *drawing) call(s Step) string {
	fn := uint32(0)
	if len(s.In) > 0 {
		fn = s.In[0]
	}
	return applied(function(d.sys, fn), nil)
}

func (d *drawing) heading() {
	row := []rune{}
	if d.caller >= 0 {
		row = put(row, gutter, cmpOr(d.Program, "program"))
	}
	for i, x := range d.x {
		n := d.name(i)
		row = put(row, max(x-len(n)/2, len(row)+1), n)
	}
	if d.callee >= 0 {
		row = put(row, max(d.x[len(d.x)-1]+8, len(row)+2), cmpOr(d.Handler, "handler"))
	}
	d.lines = append(d.lines, string(row))
}

func cmpOr(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
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
		row = d.note(row, d.name(machine)+": "+text)
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

func (d *drawing) step(i int) {
	s := d.run.Steps[i]
	d.number = i + 1
	switch s.Kind {
	case ProgramCalls:
		row := d.row()
		t := d.call(s)
		x := d.x[s.Machine]
		row = put(row, gutter, t+" "+strings.Repeat("─", max(x-gutter-len(t)-3, 1))+"▶")
		d.add(row)
	case HandlerReturns:
		d.beside(s.Machine, "◀── returns")
	case Delivers:
		d.delivery(i)
	case TimerFires:
		d.beside(s.Machine, "⏱ "+s.Event.Name)
	case FreeEvent:
		var args []string
		for k, v := range s.In {
			args = append(args, valueText(d.sys, s.Event.Params[k].Type, v))
		}
		t := s.Event.Name
		if len(args) > 0 {
			t = applied(t, args)
		}
		d.beside(s.Machine, "• "+t)
	case Replaces:
		d.beside(s.Machine, "╳ is replaced by a blank one")
	case Loses:
		from, to := d.ends(s.Channel)
		d.lost(from, to, messageText(d.sys, s.Msg), "lost"+d.since(i))
	}
	for _, f := range s.Effects {
		d.effect(s, f)
	}
	d.crash(s)
	if i+1 < len(d.run.Steps) || d.run.Loop >= 0 {
		for j, n := range d.run.Sent[i] {
			x := s.Sent[j]
			if !d.arrives[n] && !d.takenLater(n, i) && !slices.Contains(d.run.Carried, n) {
				from, to := d.ends(x.Channel)
				d.lost(from, to, d.label(n), "lost")
			}
		}
	}
	if d.number > 0 {
		d.add(d.row())
	}
}

// takenLater reports whether a datagram is lost in a step of its own.
func (d *drawing) takenLater(number, after int) bool {
	return slices.Contains(d.run.Taken[after:], number)
}

func (d *drawing) ends(channel int) (from, to int) {
	c := d.sys.Channels[channel]
	for i, m := range d.sys.Machines {
		if m.Name == c.From {
			from = i
		}
		if m.Name == c.To {
			to = i
		}
	}
	return
}

// label of a datagram; again where an equal one was sent before it.
func (d *drawing) label(number int) string {
	x := d.sentAs[number]
	t := messageText(d.sys, x.Msg)
	for n := range number {
		if o, ok := d.sentAs[n]; ok && o == x {
			return t + " again"
		}
	}
	return t
}

// since tells when the datagram of a step was sent, where that is not the step before.
func (d *drawing) since(i int) string {
	if k, ok := d.sentIn[d.run.Taken[i]]; ok && k != i-1 {
		return fmt.Sprintf(", sent in step %d", k+1)
	}
	return ""
}

func (d *drawing) delivery(i int) {
	s := d.run.Steps[i]
	from, to := d.ends(s.Channel)
	label := messageText(d.sys, s.Msg)
	if _, known := d.sentAs[d.run.Taken[i]]; known && !s.Altered {
		label = d.label(d.run.Taken[i])
	}
	note := ""
	switch {
	case s.Altered:
		note = "altered" + d.since(i)
	case s.Again:
		note = "repeated" + d.since(i)
	default:
		note = strings.TrimPrefix(d.since(i), ", ")
	}
	d.arrow(from, to, label, note)
}

func (d *drawing) effect(s Step, f fsm.Effect) {
	switch f.Kind {
	case fsm.DidPersist:
		text := "■ writes " + d.sys.Machines[s.Machine].Records[f.Index].Name
		if f.After != nil {
			c := fsm.Compile(d.sys, d.sys.Machines[s.Machine])
			for _, x := range d.sys.Machines[s.Machine].Records[f.Index].Fields {
				text += " " + x.Name + " " + valueText(d.sys, x.Type, f.After[c.Slot(x.Name)])
			}
		}
		d.beside(s.Machine, text)
	case fsm.DidInvoke:
		runs := "runs"
		if f.Slot == marked {
			if d.starts++; d.starts == 2 {
				runs = "runs a second time"
			} else if d.starts > 2 {
				runs = "runs once more"
			}
		}
		d.beside(s.Machine, "──"+applied(function(d.sys, f.Fn), nil)+"─▶ "+runs)
	case fsm.DidComplete:
		row := d.row()
		t := outcomeText(f.Outcome)
		d.add(put(row, gutter, t+" ◀"+strings.Repeat("─", max(d.x[s.Machine]-gutter-len(t)-3, 1))))
	}
}

func (d *drawing) crash(s Step) {
	if s.Kind != Crashes && s.After < 0 {
		return
	}
	text := "╳ crashes"
	if s.Torn {
		text += ", the write is torn"
	}
	if s.Deep > 0 {
		text += ", again in its start"
	}
	d.beside(s.Machine, text+"; starts again")
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
	text := "└ repeats for ever"
	if d.run.Loop == len(d.run.Steps) {
		text = "└ and so it stays for ever"
	}
	d.lines = append(d.lines, string(put(nil, gutter-2, text)))
}

// mark writes a remark behind the last line, such as the property that is broken.
func (d *drawing) mark(text string) {
	if text == "" {
		return
	}
	last := &d.lines[len(d.lines)-1]
	*last = string(d.note([]rune(*last), " ◀── "+text))
}
