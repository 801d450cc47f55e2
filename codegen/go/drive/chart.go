package drive

import (
	"bytes"
	"fmt"
	"strings"

	"sprocketc/diag/sequence"
)

// runRow is a row of the chart. Of a datagram that is sent: it is drawn where it never arrives.
type runRow struct {
	row  sequence.Row
	sent *runFlight
}

// How a field of a message is shown in charts; those that are hidden are payloads, say.
const (
	runHidden   = iota
	runIdentity // as #scope.number
	runFlag     // by its name, where it is true
	runNonzero  // with its value, where that is not 0
	runAlways   // with its value
)

// runRecord is a record in stable memory.
type runRecord struct {
	name                string
	offset, slots, size int // of the first slot; bytes of each
	fields              []runField
}

// show adds a row to the chart.
func (r *run) show(what sequence.Kind, side int, label, note string) {
	if r.silent || r.undrawn {
		return
	}
	r.rows = append(r.rows, runRow{row: sequence.Row{What: what, Step: r.step, At: side, Label: label, Note: note}})
}

// showSent remembers a datagram: what becomes of it is known later.
func (r *run) showSent(f *runFlight) {
	if r.undrawn {
		return
	}
	label := runLabel(f.bytes)
	for _, e := range r.rows {
		f.again = f.again || e.sent != nil && e.sent.from == f.from && bytes.Equal(e.sent.bytes, f.bytes)
	}
	if f.again {
		label += " again"
	}
	r.rows = append(r.rows, runRow{sequence.Row{What: sequence.Lost, Step: r.step, At: 1 - f.from, From: f.from, Label: label, Note: "lost"}, f})
}

// showArrival shows a datagram that arrives, with the bytes that do.
func (r *run) showArrival(f *runFlight, b []byte) {
	if r.undrawn {
		return
	}
	var notes []string
	label := runLabel(b)
	switch {
	case !bytes.Equal(b, f.bytes):
		notes = append(notes, "altered")
	case f.again:
		label += " again"
	}
	if f.delivered && len(notes) == 0 {
		notes = append(notes, "repeated")
	}
	if f.step != r.step-1 && f.step > 0 {
		notes = append(notes, fmt.Sprintf("sent in step %d", f.step))
	}
	r.rows = append(r.rows, runRow{row: sequence.Row{What: sequence.Arrives, Step: r.step, At: 1 - f.from, From: f.from, Label: label, Note: strings.Join(notes, ", ")}})
}

// showHandler shows the handler that has started.
func (r *run) showHandler() {
	note := "runs"
	if e := r.seen.runs[r.handler.number]; e.call >= 0 {
		switch n := r.seen.calls[e.call].starts; {
		case n == 2:
			note = "runs a second time"
		case n > 2:
			note = "runs once more"
		}
	}
	r.show(sequence.Starts, runCalleeSide, runFunctions[r.handler.fn].name+"()", note)
}

func (r *run) showCrash(side int) {
	text := "crashes"
	if r.tore {
		text += ", the write is torn"
	}
	r.show(sequence.Crashes, side, text+"; starts again", "")
}

// showWrite shows a write of a record: a sequence number, its fields, a checksum.
func (r *run) showWrite(side int, verb string, offset int, b []byte) {
	if r.undrawn {
		return
	}
	for _, x := range runRecords[side] {
		if offset < x.offset || offset >= x.offset+x.slots*x.size || len(b) == 0 {
			continue
		}
		text := verb + x.name
		for _, f := range x.fields {
			text += " " + f.name + " " + f.value(b[1:])
		}
		r.show(sequence.Writes, side, text, "")
	}
}

// value is what a field has in bytes, for people.
func (f *runField) value(b []byte) string {
	v := runBits(b, f.at, f.bits)
	switch {
	case f.shown == runFlag:
		return fmt.Sprint(v != 0)
	case int(v) < len(f.members):
		return f.members[v]
	case v == 0 && (f.shown == runNonzero || f.shown == runIdentity):
		return "none"
	}
	return fmt.Sprint(v)
}

// runLabel is a datagram's label: its message, its function, its identity as #scope.number, then its other fields that
// are not zero. "REQ water #1.3 ke 2".
func runLabel(b []byte) string {
	kind := runBits(b, 0, runKindBits)
	for _, l := range runLayouts {
		if l.kind == kind {
			return l.label(b)
		}
	}
	return "?"
}

func (l *runLayout) label(b []byte) string {
	out := []string{l.message}
	if l.fn != "" {
		out = append(out, l.fn)
	}
	identity := func(v uint32) string {
		if v == 0 {
			return "-"
		}
		return fmt.Sprint(v)
	}
	scopes := map[string]bool{}
	for _, f := range l.fields {
		if f.shown != runIdentity {
			continue
		}
		v := runBits(b, f.at, f.bits)
		text := "#" + identity(v)
		for _, s := range l.fields {
			if s.name == f.scope {
				scopes[s.name] = true
				if within := runBits(b, s.at, s.bits); within|v != 0 {
					text = "#" + identity(within) + "." + identity(v)
				}
			}
		}
		out = append(out, text)
	}
	for _, f := range l.fields {
		v := runBits(b, f.at, f.bits)
		switch {
		case scopes[f.name]:
		case f.shown == runFlag && v != 0:
			out = append(out, f.name)
		case f.shown == runAlways, f.shown == runNonzero && v != 0:
			out = append(out, f.name+" "+f.value(b))
		}
	}
	return strings.Join(out, " ")
}

// chart draws the first steps of what happened, as the checker draws a run. The last row names the property that it breaks.
func (r *run) chart(property string, last int) string {
	var rows []sequence.Row
	for step := 1; step <= last; step++ {
		for _, never := range []bool{false, true} { // datagrams that never arrive come last
			for _, x := range r.rows {
				if x.row.Step == step && (x.sent != nil) == never && (!never || !x.sent.delivered && (step < last || last < r.step)) {
					rows = append(rows, x.row)
				}
			}
		}
	}
	d := sequence.New(sequence.Heading{Peers: runPeers, Program: "program", Handler: "handler"}, rows, nil)
	for _, x := range rows {
		d.Draw(x)
	}
	d.Mark(property)
	return strings.Join(d.Lines, "\n") + "\n"
}
