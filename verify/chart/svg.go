package chart

import (
	"fmt"
	"math"
	"strings"

	"sprocketc/verify"
)

// Sizes in pixels.
const (
	letter    = 7.3 // the width of one letter of a label, a little more than any monospaced font of 12 has
	rowHeight = 38
	headroom  = 96 // above the first row
	margin    = 24
	fine      = 15 // between two lines of values
	valueWide = 46 // letters in a line of values
)

// The colours of a bright page, and of a dark one where the reader's surroundings are dark. Nothing else differs.
const svgStyle = `<style>
text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328 }
.page { fill: #ffffff } .band { fill: #f6f8fa } .bad { fill: #ffebe9 }
.title { font: 600 16px system-ui, "DejaVu Sans", sans-serif } .why { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #59636e }
.end { text-anchor: end } .middle { text-anchor: middle }
.name { font-weight: 700; text-anchor: middle } .step { fill: #59636e; text-anchor: end } .values { font-size: 11px; fill: #59636e }
.halo { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
.peer { stroke: #59636e; stroke-width: 1.5 } .outside { stroke: #818b98; stroke-dasharray: 2 4 }
.line { fill: none; stroke: #0969da; stroke-width: 1.5 } .head { fill: #0969da }
.local { fill: none; stroke: #59636e; stroke-width: 1.5 } .localhead { fill: #59636e }
.again { stroke-dasharray: 6 4 } .red { fill: #cf222e } .redline { fill: none; stroke: #cf222e; stroke-width: 2 }
.amber { fill: #9a6700 } .amberline { stroke: #9a6700; stroke-dasharray: 8 3 2 3 } .green { fill: #1a7f37 } .violet { fill: #8250df }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .page { fill: #0d1117 } .band { fill: #151b23 } .bad { fill: #3c1618 }
.why, .step, .values { fill: #9198a1 } .halo { stroke: #0d1117 } .peer { stroke: #9198a1 } .outside { stroke: #656c76 }
.line { stroke: #4493f8 } .head { fill: #4493f8 } .local { stroke: #9198a1 } .localhead { fill: #9198a1 }
.red { fill: #ff7b72 } .redline { stroke: #ff7b72 } .amber { fill: #d29922 } .amberline { stroke: #d29922 } .green { fill: #3fb950 } .violet { fill: #ab7df8 }
}
</style>
`

// SVG draws a run as a message sequence chart: time goes down, an arrow begins where its datagram was sent and ends where
// it arrives, so that one which overtakes crosses another. To the right stand the values that each step changed. The
// step that breaks the property is highlighted, and a loop is bracketed.
func (c Chart) SVG(run *verify.Run, property string) string {
	p := &picture{scene: c.scene(run), property: property}
	p.columns()
	p.steps()
	p.bands()
	p.lifelines()
	for i, r := range p.rows {
		if r.sent == 0 || r.kind != arrives && r.kind != lost {
			p.draw(r, p.y[i])
			continue
		}
		p.datagram(r, p.y[i])
	}
	p.loop()
	return p.document()
}

type picture struct {
	*scene
	property string
	b        strings.Builder
	labels   strings.Builder // above every line
	x        []float64       // of the machines' lines
	program  float64         // of the program's line
	handler  float64         // of the handler's line
	right    float64         // of the values
	width    float64
	y        []float64 // of rows
	top      []float64 // of steps, and the end
	lines    [][]string
}

// columns finds out how much room the labels need.
func (p *picture) columns() {
	left, gap, last := 60.0, 250.0, 90.0
	wide := func(s string) float64 { return letter * float64(len([]rune(s))) }
	for _, r := range p.rows {
		switch r.kind {
		case calls, ends:
			left = max(left, wide(r.label)+30)
		case arrives, lost:
			gap = max(gap, wide(r.label)+70, wide(r.note)+70)
		case fires, happens, writes, crashes:
			if r.at == len(p.sys.Machines)-1 {
				last = max(last, min(wide(r.label)+30, 300))
			} else {
				gap = max(gap, wide(r.label)+50)
			}
		case starts, returns:
			last = max(last, wide(r.label)+40)
		}
	}
	x := 76.0
	if p.caller >= 0 {
		p.program = x
		x += left
	}
	for range p.sys.Machines {
		p.x = append(p.x, x)
		x += gap
	}
	x -= gap
	if p.callee >= 0 {
		p.handler = x + last
		x = p.handler
	} else {
		x += last
	}
	p.right = x + 150
	p.width = p.right + valueWide*letter*11/12 + margin
}

// steps places the rows: a step is as high as its rows, or as the list of what it changed.
func (p *picture) steps() {
	y := float64(headroom)
	at := 0
	for i := range p.run.Steps {
		p.top = append(p.top, y)
		n := 0
		for ; at < len(p.rows) && p.rows[at].step == i+1; at++ {
			p.y = append(p.y, y+rowHeight*float64(n)+24)
			n++
		}
		var lines []string
		for _, l := range perPeer(p.changes[i]) {
			lines = append(lines, folded(l, valueWide)...)
		}
		p.lines = append(p.lines, lines)
		y += max(rowHeight*float64(n), fine*float64(len(lines))+16)
	}
	p.top = append(p.top, y)
}

// folded breaks a text at blanks into lines of at most n letters, where it can; the lines after the first are indented.
func folded(text string, n int) []string {
	var out []string
	line := ""
	for _, w := range strings.Fields(text) {
		switch {
		case line == "":
			line = w
		case len([]rune(line))+1+len([]rune(w)) > n:
			out, line = append(out, line), "  "+w
		default:
			line += " " + w
		}
	}
	return append(out, line)
}

func (p *picture) p(format string, args ...any) {
	fmt.Fprintf(&p.b, format+"\n", args...)
}

func (p *picture) text(x, y float64, class, s string) {
	fmt.Fprintf(&p.labels, `<text x="%.0f" y="%.0f" class="%s">%s</text>`+"\n", x, y, class, escaped(s))
}

// textEnd is a text that ends at x.
func (p *picture) textEnd(x, y float64, class, s string) {
	p.text(x, y, class+" end", s)
}

// escaped is a text within XML; what XML cannot hold is replaced.
func escaped(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xfffe || r == 0xffff {
			return '?'
		}
		return r
	}, s)
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

// bands are the grounds on which the steps stand, with their numbers and values.
func (p *picture) bands() {
	for i := range p.run.Steps {
		class := ""
		switch {
		case i == len(p.run.Steps)-1 && p.property != "" && p.run.Loop < 0:
			class = "bad"
		case i%2 == 1:
			class = "band"
		}
		if class != "" {
			p.p(`<rect x="%d" y="%.0f" width="%.0f" height="%.0f" rx="6" class="%s"/>`, margin, p.top[i], p.width-2*margin, p.top[i+1]-p.top[i], class)
		}
		step := "step"
		if class == "bad" {
			step = "step red"
		}
		p.text(56, p.top[i]+24+4, step, fmt.Sprint(i+1))
		if i == p.run.Doomed {
			p.p(`<line x1="%d" y1="%.0f" x2="%.0f" y2="%.0f" class="redline again"/>`, margin, p.top[i+1], p.width-margin, p.top[i+1])
			p.textEnd(p.width-margin-6, p.top[i+1]-5, "red values", doomed)
		}
		for k, l := range p.lines[i] {
			p.p(`<text x="%.0f" y="%.0f" class="values" xml:space="preserve">%s</text>`, p.right, p.top[i]+20+fine*float64(k), escaped(l))
		}
	}
}

func (p *picture) lifelines() {
	end := p.top[len(p.top)-1] + 8
	line := func(x float64, class, name string) {
		p.p(`<line x1="%.0f" y1="%d" x2="%.0f" y2="%.0f" class="%s"/>`, x, headroom-10, x, end, class)
		p.text(x, headroom-18, "name", name)
	}
	if p.caller >= 0 {
		line(p.program, "outside", p.Program)
	}
	for i, x := range p.x {
		line(x, "peer", p.names[i])
	}
	if p.callee >= 0 {
		line(p.handler, "outside", p.Handler)
	}
	p.p(`<text x="%.0f" y="%d" class="values">changes</text>`, p.right, headroom-18)
}

// arrow draws a line with a head at its end.
func (p *picture) arrow(x1, y1, x2, y2 float64, line, head string) {
	p.p(`<line x1="%.0f" y1="%.0f" x2="%.0f" y2="%.0f" class="%s"/>`, x1, y1, x2, y2, line)
	n := math.Hypot(x2-x1, y2-y1)
	u, v := (x2-x1)/n, (y2-y1)/n // the direction
	x, y := x2-9*u, y2-9*v
	p.p(`<path d="M%.0f %.0f L%.1f %.1f L%.1f %.1f Z" class="%s"/>`, x2, y2, x-4.5*v, y+4.5*u, x+4.5*v, y-4.5*u, head)
}

func (p *picture) cross(x, y float64) {
	p.p(`<path d="M%.0f %.0f l10 10 m0 -10 l-10 10" class="redline"/>`, x-5, y-5)
}

// draw shows a row that is no datagram, or one of which nothing is known but that it came.
func (p *picture) draw(r row, y float64) {
	x := p.x[r.at]
	switch r.kind {
	case calls:
		p.arrow(p.program, y, x, y, "local", "localhead")
		p.text(p.program+8, y-6, "halo", r.label)
	case ends:
		p.arrow(x, y, p.program, y, "local", "localhead")
		p.textEnd(x-10, y-6, "halo green", r.label)
	case starts:
		p.arrow(x, y, p.handler, y, "local", "localhead")
		p.text(x+8, y-6, "halo", r.label)
		class := ""
		if r.repeated {
			class = "red"
		}
		p.text(p.handler+8, y+4, class, r.note)
	case returns:
		p.arrow(p.handler, y, x, y, "local", "localhead")
		p.text(x+14, y-6, "halo", r.label)
	case fires:
		p.p(`<circle cx="%.0f" cy="%.0f" r="7" class="page"/><circle cx="%.0f" cy="%.0f" r="6" class="local"/><path d="M%.0f %.0f v-4 m0 4 h3" class="local"/>`, x, y, x, y, x, y)
		p.text(x+13, y+4, "halo", "timer "+r.label)
	case happens:
		p.p(`<circle cx="%.0f" cy="%.0f" r="4" class="localhead"/>`, x, y)
		p.text(x+13, y+4, "halo", r.label)
	case writes:
		p.p(`<rect x="%.0f" y="%.0f" width="10" height="10" class="violet"/>`, x-5, y-5)
		p.text(x+13, y+4, "halo violet", r.label)
	case crashes:
		p.p(`<circle cx="%.0f" cy="%.0f" r="10" class="page"/>`, x, y)
		p.cross(x, y)
		p.text(x+13, y+4, "halo red", r.label)
	case arrives, lost:
		p.datagram(r, y)
	}
}

// datagram draws an arrow from where it was sent, or a little above its end where that is not known or was just before.
func (p *picture) datagram(r row, y float64) {
	from, to := p.x[r.from], p.x[r.at]
	begin := y - 8
	if r.sent > 0 && r.sent < r.step-1 {
		begin = p.sendingPoint(r)
	}
	line, head, note := "line", "head", "amber"
	switch {
	case r.altered:
		line, head = "line amberline", "amber"
	case r.again:
		line = "line again"
	}
	p.p(`<circle cx="%.0f" cy="%.0f" r="2.5" class="%s"/>`, from, begin, head)
	if r.kind == lost {
		to = from + (to-from)*0.55
		p.p(`<line x1="%.0f" y1="%.0f" x2="%.0f" y2="%.0f" class="%s"/>`, from, begin, to, y, line)
		p.cross(to, y)
		note = "red"
	} else {
		p.arrow(from, begin, to, y, line, head)
	}
	if r.kind == lost { // its label would stand on the line
		y -= 5
	}
	// The label stands at the arrow's end, where the time is.
	if r.at > r.from == (r.kind == arrives) {
		p.textEnd(max(to, from)-14, y-7, "halo", r.label)
		p.textEnd(max(to, from)-14, y+13, "halo "+note, r.note)
		return
	}
	p.text(min(to, from)+14, y-7, "halo", r.label)
	p.text(min(to, from)+14, y+13, "halo "+note, r.note)
}

// sendingPoint is the height of the last row of the step in which a datagram was sent.
func (p *picture) sendingPoint(r row) float64 {
	y := p.top[r.sent-1] + 24
	for i, x := range p.rows {
		if x.step == r.sent && x.at == r.from {
			y = p.y[i]
		}
	}
	return y + 6
}

// loop brackets the steps that repeat for ever; of a run that stays as it is nothing repeats.
func (p *picture) loop() {
	if p.run.Loop < 0 || p.run.Loop >= len(p.run.Steps) {
		return
	}
	a, b := p.top[p.run.Loop]+6, p.top[len(p.top)-1]-6
	p.p(`<path d="M36 %.0f h-14 v%.0f h14 m-5 -5 l5 5 l-5 5" class="redline"/>`, b, a-b)
	p.p(`<text x="16" y="%.0f" class="red middle" transform="rotate(-90 16 %.0f)">for ever</text>`, (a+b)/2, (a+b)/2)
}

// document puts the head around what was drawn.
func (p *picture) document() string {
	end := p.top[len(p.top)-1]
	title := p.sys.Name + ": a run"
	if p.property != "" {
		title = fmt.Sprintf("%s: %s is violated", p.sys.Name, p.property)
	}
	why := join(p.Why, p.run.Note)
	height := end + margin
	if p.property != "" {
		height += 20
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img">`+"\n", p.width, height, p.width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n%s", escaped(title), svgStyle)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" class="page"/>`+"\n", p.width, height)
	fmt.Fprintf(&b, `<text x="%d" y="30" class="title">%s</text>`+"\n", margin, escaped(title))
	fmt.Fprintf(&b, `<text x="%d" y="50" class="why">%s</text>`+"\n", margin, escaped(why))
	b.WriteString(p.b.String())
	b.WriteString(p.labels.String())
	if p.property != "" {
		mark := "▲ " + p.property + ": " + cmpOr(p.Why, "broken here")
		if p.run.Loop >= 0 {
			end := stays
			if p.run.Loop < len(p.run.Steps) {
				end = fmt.Sprintf("what begins with step %d %s", p.run.Loop+1, repeats)
			}
			mark = join("▲ "+p.property+": "+end, p.Why)
		}
		fmt.Fprintf(&b, `<text x="%d" y="%.0f" class="red">%s</text>`+"\n", 44, end+18, escaped(mark))
	}
	return b.String() + "</svg>\n"
}
