package solver

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fatih/color"

	"sprocketc/ir"
)

// Columns of a plan's table at most; what is longer goes on in the next line of its cell.
const (
	chosenColumn  = 32
	becauseColumn = 34
	costColumn    = 24
	mostReasons   = 3
	unbroken      = "\u00a0" // a blank at which no line is broken
)

// Print writes a plan for people: what was chosen, which clause asked for it, what it costs; the wire to the bit; memory;
// what a call costs. Lines have at most 120 columns, but for long names. The error is the writer's.
func Print(w io.Writer, p *ir.Plan, colour bool) error {
	head, dim := color.New(color.Bold), color.New(color.Faint)
	for _, c := range []*color.Color{head, dim} {
		c.DisableColor()
		if colour {
			c.EnableColor()
		}
	}
	b := &strings.Builder{}
	in := p.Interface
	how := "cheapest by " + objective(in) + ", proven"
	if !p.Optimal {
		how = "cheapest by " + objective(in) + " of those that were tried"
	}
	if len(p.Forced) > 0 {
		how += ", with force"
	}
	fmt.Fprintf(b, "%s: %s, %s calls %s over %s    %s\n\n", head.Sprint(p.Program.Name), in.Name, in.From.Name, in.To.Name, in.Channel.Name, how)
	table := [][]string{{"feature", "chosen", "because", "costs"}}
	for _, f := range p.Features {
		table = append(table, []string{f.Name, f.Chosen, reasons(f.Because, in), f.Cost})
	}
	rows(b, table, []int{24, chosenColumn, becauseColumn, costColumn}, head)
	if len(p.NotNeeded) > 0 {
		for i, line := range wrap("not needed: "+strings.Join(p.NotNeeded, ", "), 116) {
			if i > 0 {
				line = "  " + line
			}
			fmt.Fprintf(b, "  %s\n", dim.Sprint(line))
		}
	}
	for _, f := range p.Forced {
		fmt.Fprintf(b, "  forced: %s %s, line %d\n", f.Feature, f.Value, f.Clause.Line)
	}

	fmt.Fprintf(b, "\n  %s\n", head.Sprint("on the wire"))
	table = nil
	for _, m := range p.Wire {
		name := m.Message
		if m.Fn != "" {
			name += " " + m.Fn
		}
		var parts []string
		for i, f := range m.Fields {
			if i == 0 {
				parts = append(parts, fmt.Sprintf("%s=%d:%d", f.Name, m.Kind, f.Bits))
				continue
			}
			parts = append(parts, fmt.Sprintf("%s:%d", f.Name, f.Bits))
		}
		text := fmt.Sprintf("%s (%d B)", strings.Join(parts, " "), m.Header)
		if lo, hi := m.Min-m.Header-m.Sum, m.Max-m.Header-m.Sum; hi > 0 {
			text += " + " + sizes(lo, hi) + " " + payloadName(m)
		}
		if m.Sum > 0 {
			text += fmt.Sprintf(" + %d B checksum", m.Sum)
		}
		table = append(table, []string{name, sizes(m.Min, m.Max), text})
	}
	rows(b, table, []int{24, 12, 90}, nil)
	framing(b, p)

	fmt.Fprintf(b, "\n  %s\n", head.Sprint("memory"))
	table = nil
	for _, peer := range []*ir.Peer{in.From, in.To} {
		m := p.Peers[peer.Name]
		ram, stable := fmt.Sprintf("ram %d B", m.RAM), fmt.Sprintf("stable %d B", m.Stable)
		if peer.RAM != nil {
			ram = fmt.Sprintf("ram %d of %d B", m.RAM, peer.RAM.N)
		}
		if peer.Stable != nil {
			stable = fmt.Sprintf("stable %d of %d B", m.Stable, peer.Stable.N)
		}
		var records []string
		for _, r := range m.Records {
			var fields []string
			for _, f := range r.Fields {
				fields = append(fields, fmt.Sprintf("%s:%d", f.Name, f.Bits))
			}
			records = append(records, fmt.Sprintf("%s: %s of %d B at %d, sequence:8 %s crc:16", r.Name, count(r.Slots, "slot"), r.SlotSize, r.Offset, strings.Join(fields, " ")))
		}
		table = append(table, []string{peer.Name, ram, stable, strings.Join(records, "; ")})
	}
	rows(b, table, []int{24, 28, 22, 60}, nil)
	code(b, p)
	spent(b, p, head)

	fmt.Fprintf(b, "\n  %s\n", head.Sprint("a call, at the declared loss and with the largest values"))
	table = nil
	for _, c := range in.Calls {
		table = append(table, []string{c.Name, fmt.Sprintf("%.1f B", p.Costs.BytesPerCall[c.Name]), fmt.Sprintf("%.2f datagrams", p.Costs.DatagramsPerCall[c.Name]),
			spell(p.Costs.Latency[c.Name]) + " expected", promise(c, p.Schedules[c.Name])})
	}
	rows(b, table, []int{24, 12, 16, 20, 50}, nil)
	_, err := io.WriteString(w, b.String())
	return err
}

// framing tells what a serial line adds to datagrams, and what it is trusted with. The bytes of calls count it.
func framing(b *strings.Builder, p *ir.Plan) {
	ch := p.Interface.Channel
	more, largest := frames(p)
	if largest == 0 {
		return
	}
	fmt.Fprintf(b, "  over serial each in a frame of %d B more at most, its codes (COBS) and a zero: up to %d B\n", more, largest)
	if ch.Corrupts == nil {
		fmt.Fprintf(b, "  no checksum, since %s does not say `corrupts`: should the line lose, add or alter a byte, what is left of a\n  datagram, or of two, may be taken for another one\n", ch.Name)
	}
}

// frames gives the bytes that a frame has more than its datagram at most, and those of the largest frame; 0 where the channel
// has no frames.
func frames(p *ir.Plan) (more, largest int) {
	if p.Interface.Channel.Over != "serial" {
		return 0, 0
	}
	longest := 0
	for _, m := range p.Wire {
		longest = max(longest, m.Max)
	}
	largest = p.Interface.Channel.Carried(longest)
	return largest - longest, largest
}

// promise tells the probability of an answer in a call's time, and what was asked.
func promise(c *ir.Call, s *ir.Schedule) string {
	text := fmt.Sprintf("answered by %s: %s", spell(s.Time), percent(floor(s.Chance, 6)))
	if c.Within != nil && c.Within.P > 0 {
		text += fmt.Sprintf(" of %s asked", percent(c.Within.P))
	}
	return text
}

// reasons names clauses by their lines.
func reasons(because []ir.Clause, in *ir.Interface) string {
	var out []string
	if len(because) > 0 && slices.ContainsFunc(in.Calls, func(c *ir.Call) bool { return c.Clause == because[0] }) {
		return "every call"
	}
	for i, c := range because {
		if i == mostReasons && len(because) > mostReasons+1 {
			out = append(out, fmt.Sprintf("and %d more", len(because)-i))
			break
		}
		out = append(out, strings.ReplaceAll(fmt.Sprintf("line %d %s", c.Line, short(c.Text, 24)), " ", unbroken))
	}
	return strings.Join(out, ", ")
}

// spell tells a time with its unit apart: "246 ms", "1.219 s".
func spell(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	}
	return strconv.FormatFloat(float64(d/time.Millisecond)/1000, 'f', -1, 64) + " s"
}

func sizes(lo, hi int) string {
	if lo == hi {
		return fmt.Sprintf("%d B", lo)
	}
	return fmt.Sprintf("%d..%d B", lo, hi)
}

func payloadName(m ir.WireMessage) string {
	if m.Message == "ANS" {
		return "value"
	}
	return "arguments"
}

// Table writes rows as a table with columns of at most so many runes; heading, if any, is for the first row.
func Table(b *strings.Builder, table [][]string, most []int, heading *color.Color) {
	rows(b, table, most, heading)
}

// rows prints a table; cells that are wider than their column are broken at blanks. heading, if any, is for the first row.
func rows(b *strings.Builder, table [][]string, most []int, heading *color.Color) {
	cells := make([][][]string, len(table))
	width := make([]int, len(most))
	for i, row := range table {
		for j, text := range row {
			lines := wrap(text, most[j])
			cells[i] = append(cells[i], lines)
			for _, l := range lines {
				width[j] = max(width[j], utf8.RuneCountInString(l))
			}
		}
	}
	for i := range cells {
		height := 0
		for _, lines := range cells[i] {
			height = max(height, len(lines))
		}
		for k := range height {
			line := "  "
			for j, lines := range cells[i] {
				text := ""
				if k < len(lines) {
					text = lines[k]
				}
				line += text
				if j < len(cells[i])-1 {
					line += strings.Repeat(" ", width[j]-utf8.RuneCountInString(text)+2)
				}
			}
			line = strings.TrimRight(line, " ")
			if i == 0 && heading != nil {
				line = heading.Sprint(line)
			}
			b.WriteString(line + "\n")
		}
	}
}

// wrap breaks a text at blanks into lines of at most n runes; a longer word stays whole.
func wrap(text string, n int) []string {
	var out []string
	line := ""
	for _, word := range strings.Split(text, " ") {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > n {
			out = append(out, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += strings.ReplaceAll(word, unbroken, " ")
	}
	return append(out, line)
}
