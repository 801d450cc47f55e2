package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sprocketc/compile"
	"sprocketc/conform"
	"sprocketc/faultlink"
)

// chart draws one call of a run from what the link saw, what the peers wrote, and the kills.
type chart struct {
	r     *compile.Result
	rec   *record
	v     *verdict
	calls []call
	speed int
	ascii bool // no characters beyond ASCII

	labels map[datagram]string
}

// datagram is named by its direction and its number there.
type datagram struct {
	aToB   bool
	number uint64
}

// Columns: behind the times, the program's text, the gateway's line, the probe's line, and where remarks begin.
const (
	timeWidth = 7
	programAt = 8
	gatewayAt = 34
	probeAt   = 82
	remarkAt  = 86
)

const mostRows = 26 // of a chart that fits a screen

// row is something that happened during a call. Its text begins behind the column of times.
type row struct {
	at   time.Time
	text string
}

// print draws the call that has most to tell, if one has.
func (c *chart) print(w io.Writer) error {
	c.label()
	best, most := -1, 0
	for i := range c.calls {
		if n := c.tells(i); n > most && len(c.rows(i)) <= mostRows {
			best, most = i, n
		}
	}
	if best < 0 {
		return nil
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "\ncall %d of %d, as the link saw it; times are the peers' own\n\n", best+1, len(c.calls))
	in := c.r.Plan.Interface
	head := put(nil, 5, "ms")
	head = put(head, programAt, "program")
	head = put(head, gatewayAt-len(in.From.Name)/2, in.From.Name)
	head = put(head, probeAt-len(in.To.Name)/2, in.To.Name)
	b.WriteString(string(put(head, remarkAt+6, "handler")) + "\n")
	for _, x := range c.rows(best) {
		since := x.at.Sub(c.v.fates[best].begun) * time.Duration(c.speed)
		fmt.Fprintf(b, "%*d%s\n", timeWidth, since.Milliseconds(), x.text)
	}
	text := b.String()
	if c.ascii {
		text = strings.NewReplacer("│", "|", "─", "-", "▶", ">", "◀", "<", "✗", "x", "╳", "X").Replace(text)
	}
	_, err := io.WriteString(w, text)
	return err
}

// label names every datagram by its kind and its identity; again where equal bytes went the same way before.
func (c *chart) label() {
	c.labels = map[datagram]string{}
	seen := map[string]bool{}
	for _, e := range c.rec.trace {
		if e.What != faultlink.Sent {
			continue
		}
		w, fields, _, reason := conform.Decode(c.r.System, wire(c.r, e.AtoB), e.Datagram)
		if reason != "" {
			c.labels[datagram{e.AtoB, e.Number}] = "not a datagram of the plan: " + reason
			continue
		}
		words := []string{w.Message}
		if w.Fn != "" {
			words = append(words, w.Fn)
		}
		msg := c.r.System.Message(w.Message)
		for _, f := range w.Fields[1:] { // the first is the kind
			words = append(words, fmt.Sprintf("%s=%d", f.Name, fields[msg.Index(f.Name)]))
		}
		key := fmt.Sprint(e.AtoB, e.Datagram)
		if seen[key] {
			words = append(words, "again")
		}
		seen[key] = true
		c.labels[datagram{e.AtoB, e.Number}] = strings.Join(words, " ")
	}
}

// during lists what befell datagrams while a call was in flight.
func (c *chart) during(f *fate) []faultlink.Event {
	from, _ := slices.BinarySearchFunc(c.rec.trace, f.begun, func(e faultlink.Event, t time.Time) int { return e.At.Compare(t) })
	to := from
	for to < len(c.rec.trace) && !c.rec.trace[to].At.After(f.over) {
		to++
	}
	return c.rec.trace[from:to]
}

// tells measures how much a call shows: one that ran once although its request came again, its answer was lost, or the
// probe was killed.
func (c *chart) tells(i int) int {
	f := &c.v.fates[i]
	if c.calls[i].kind != water || !f.ended || len(f.ranAt) != 1 {
		return 0
	}
	n := 0
	for _, e := range c.during(f) {
		after := e.At.After(f.ranAt[0])
		switch {
		case e.What == faultlink.Lost && !e.AtoB && after:
			n += 4 // an answer
		case e.What == faultlink.Arrived && e.AtoB && after && !e.Altered:
			n += 3 // a request that must not run again
		case e.What == faultlink.Arrived && e.Altered:
			n += 2
		case e.What == faultlink.Lost:
			n++
		}
	}
	for _, o := range c.rec.outages {
		if o.probe && o.began.After(f.begun) && o.over.Before(f.over) {
			n += 8
		}
	}
	return n
}

// rows of a call's chart, in order of time.
func (c *chart) rows(i int) []row {
	f, call := &c.v.fates[i], c.calls[i]
	rows := []row{{f.begun, c.beside(programAt, call.String()+" "+strings.Repeat("─", max(gatewayAt-programAt-len(call.String())-3, 1))+"▶")}}
	for _, e := range c.during(f) {
		switch e.What {
		case faultlink.Lost:
			rows = append(rows, row{e.At, c.arrow(e, "lost")})
		case faultlink.Arrived:
			rows = append(rows, row{e.At, c.arrow(e, c.remark(e))})
		}
	}
	for k, at := range f.ranAt {
		text := "──" + call.String() + "─▶ runs"
		if k > 0 {
			text += " again"
		}
		rows = append(rows, row{at, c.beside(probeAt+1, text)})
	}
	for _, o := range c.rec.outages {
		for _, peer := range []struct {
			killed bool
			at     int
		}{{o.gateway, gatewayAt}, {o.probe, probeAt}} {
			if peer.killed && o.began.After(f.begun) && o.began.Before(f.over) {
				rows = append(rows, row{o.began, c.beside(peer.at+1, "╳ killed")})
			}
			if peer.killed && o.over.After(f.begun) && o.over.Before(f.over) {
				rows = append(rows, row{o.over, c.beside(peer.at+1, "starts again")})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	end := strings.ReplaceAll(f.outcome, "_", " ")
	switch f.outcome {
	case "answered":
		end = f.result
	case "restarted":
		end = "peer restarted"
	}
	return append(rows, row{f.over, c.beside(programAt, end+" ◀"+strings.Repeat("─", max(gatewayAt-programAt-len(end)-3, 1)))})
}

// remark on a copy that arrives.
func (c *chart) remark(e faultlink.Event) string {
	var words []string
	if e.Again {
		words = append(words, "repeated")
	}
	if e.Altered {
		words = append(words, "altered")
		if _, _, _, reason := conform.Decode(c.r.System, wire(c.r, e.AtoB), e.Datagram); reason != "" {
			words = append(words, "dropped: "+reason)
		}
	}
	for _, o := range c.rec.outages {
		if (e.AtoB && o.probe || !e.AtoB && o.gateway) && e.At.After(o.began) && e.At.Before(o.over) {
			words = append(words, "nobody there")
		}
	}
	return strings.Join(words, ", ")
}

// beside is a row with both lines and a text.
func (c *chart) beside(at int, text string) string {
	x := put(put(nil, gatewayAt, "│"), probeAt, "│")
	return strings.TrimRight(string(put(x, at, text)[timeWidth:]), " ")
}

// arrow is a row with a datagram: to the other peer or, where it is lost, not all the way.
func (c *chart) arrow(e faultlink.Event, remark string) string {
	const room = probeAt - gatewayAt - 1
	label := c.labels[datagram{e.AtoB, e.Number}]
	text := []rune("── " + label + " ")
	tip, length := "▶", room
	if e.What == faultlink.Lost {
		tip, length = "✗", room*3/4
	}
	if len(text) > length-3 {
		length = min(len(text)+3, room)
	}
	if len(text) > length-1 {
		text = text[:length-1]
	}
	at := gatewayAt + 1
	line := string(text) + strings.Repeat("─", length-1-len(text)) + tip
	if !e.AtoB {
		if tip == "▶" {
			tip = "◀"
		}
		at = probeAt - length
		line = tip + string(text) + strings.Repeat("─", length-1-len(text))
	}
	x := []rune(strings.Repeat(" ", timeWidth) + c.beside(at, line))
	return strings.TrimRight(string(put(x, remarkAt, remark)[timeWidth:]), " ")
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
