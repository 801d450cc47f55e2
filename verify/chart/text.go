package chart

import (
	"strings"

	"sprocketc/diag/sequence"
	"sprocketc/verify"
)

// Text draws a run as a message sequence chart, a numbered row for each step: who called, what arrived, was lost or came
// again, timers, crashes, stable writes and outcomes. An arrow stands where a datagram arrives; one that never does
// stands where it was sent. The row that breaks the property names it; where a run has a loop instead, a bracket in the
// gutter holds the rows that repeat for ever, and the line below it names the property.
func (c Chart) Text(run *verify.Run, property string) string {
	d := begin(c.scene(run))
	from := 0
	for i, r := range d.rows {
		if i == 0 || d.rows[i-1].step != r.step {
			from = len(d.Lines)
		}
		d.Draw(r.drawn())
		if i+1 < len(d.rows) && d.rows[i+1].step == r.step {
			continue
		}
		if d.Values {
			d.values(r.step)
		}
		if r.step-1 == run.Doomed {
			d.Mark(doomed)
		}
		if run.Loop >= 0 && r.step > run.Loop {
			d.bracket(from, r.step-1 == run.Loop)
		}
	}
	if run.Loop >= 0 {
		d.forever()
	}
	d.Mark(property)
	out := strings.Join(d.Lines, "\n") + "\n"
	if c.ASCII {
		out = strings.NewReplacer("│", "|", "─", "-", "▶", ">", "◀", "<", "✗", "x", "╳", "X", "⏱", "*", "■", "*", "•", "*", "┌", "/", "└", "\\").Replace(out)
	}
	return out
}

type drawing struct {
	*scene
	*sequence.Drawing
}

// begin begins the drawing of a scene with its heading.
func begin(s *scene) *drawing {
	h := sequence.Heading{Peers: s.names}
	if s.caller >= 0 {
		h.Program = s.Program
	}
	if s.callee >= 0 {
		h.Handler = s.Handler
	}
	var rows []sequence.Row
	for _, r := range s.rows {
		rows = append(rows, r.drawn())
	}
	var labels []string
	for i, x := range s.run.Steps {
		for j := range s.run.Sent[i] {
			labels = append(labels, messageText(s.sys, x.Sent[j].Msg))
		}
	}
	return &drawing{s, sequence.New(h, rows, labels)}
}

func (r row) drawn() sequence.Row {
	return sequence.Row{What: r.kind, Step: r.step, At: r.at, From: r.from, Label: r.label, Note: r.note}
}

// values writes what a step changed to the right of everything, a line a peer.
func (d *drawing) values(step int) {
	for _, line := range perPeer(d.changes[step-1]) {
		d.Remark(line)
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
	for i := from; i < len(d.Lines); i++ {
		sign := "│"
		if first && i == from {
			sign = "┌"
		}
		d.Lines[i] = string(sequence.Put([]rune(d.Lines[i]), sequence.Margin-2, sign))
	}
}

// forever closes the bracket.
func (d *drawing) forever() {
	text := repeats
	if d.run.Loop == len(d.run.Steps) {
		text = stays
	}
	d.Lines = append(d.Lines, string(sequence.Put(nil, sequence.Margin-2, "└ "+text)))
}
