package graph

import (
	"fmt"
	"strings"
)

// Sizes in pixels.
const (
	letter   = 6.7 // the width of one, a little more than any monospaced font of 11 has
	line     = 15
	margin   = 60 // at the sides, for arrows within a machine
	between  = 190
	headroom = 84
	gap      = 16
)

const style = `<style>
text { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328; white-space: pre }
.page { fill: #ffffff } .title { font: 600 16px system-ui, "DejaVu Sans", sans-serif } .machine { font-weight: 700; font-size: 13px }
.box { fill: #f6f8fa; stroke: #d1d9e0 } .head { font-weight: 700 }
.message { fill: none; stroke: #0969da; stroke-width: 1.4 } .tip { fill: #0969da }
.within { fill: none; stroke: #818b98 } .timer { stroke-dasharray: 2 3 } .small { fill: #818b98 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .page { fill: #0d1117 } .box { fill: #151b23; stroke: #3d444d }
.message { stroke: #4493f8 } .tip { fill: #4493f8 } .within { stroke: #656c76 } .small { fill: #656c76 }
}
</style>
`

type place struct{ x, y, w, h float64 }

// SVG is the graph as a picture: a column a machine, its events and tails below each other. Blue arrows are datagrams, from
// the line that sends one to the event that takes it; grey ones stay within a machine.
func (g *Graph) SVG() string {
	at := map[*Box]place{}
	x, bottom := float64(margin), 0.0
	var columns []float64
	for _, m := range g.Machines {
		wide := letter * float64(len(m.Name))
		for _, b := range m.Boxes {
			for _, l := range append([]string{b.Head}, indented(b.Lines)...) {
				wide = max(wide, letter*float64(len([]rune(l))))
			}
		}
		wide += 20
		y := float64(headroom)
		for _, b := range m.Boxes {
			h := float64(line*(1+len(b.Lines)) + 12)
			at[b] = place{x, y, wide, h}
			y += h + gap
		}
		columns = append(columns, x)
		x, bottom = x+wide+between, max(bottom, y)
	}
	width := x - between + margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img">`+"\n", width, bottom, width, bottom)
	fmt.Fprintf(&b, "<title>%s</title>\n%s<rect width=\"%.0f\" height=\"%.0f\" class=\"page\"/>\n", escaped(g.Name), style, width, bottom)
	fmt.Fprintf(&b, `<text x="%d" y="30" class="title">%s</text>`+"\n", margin, escaped(g.Name))
	for i, m := range g.Machines {
		fmt.Fprintf(&b, `<text x="%.0f" y="%d" class="machine">%s</text>`+"\n", columns[i], headroom-14, escaped(m.Name))
		for _, x := range m.Boxes {
			p := at[x]
			fmt.Fprintf(&b, `<rect x="%.0f" y="%.0f" width="%.0f" height="%.0f" rx="5" class="box"/>`+"\n", p.x, p.y, p.w, p.h)
			for k, l := range append([]string{x.Head}, indented(x.Lines)...) {
				class := ""
				if k == 0 {
					class = ` class="head"`
				}
				fmt.Fprintf(&b, `<text x="%.0f" y="%.0f"%s xml:space="preserve">%s</text>`+"\n", p.x+10, p.y+float64(line*(k+1))+2, class, escaped(l))
			}
		}
	}
	for i, a := range g.Arrows {
		g.draw(&b, a, at, i)
	}
	return b.String() + "</svg>\n"
}

func indented(lines []string) []string {
	var out []string
	for _, l := range lines {
		out = append(out, "  "+strings.ReplaceAll(l, "    ", "  "))
	}
	return out
}

// draw an arrow from its line to the head of the box it leads to. Arrows within a machine run at its outer side.
func (g *Graph) draw(b *strings.Builder, a Arrow, at map[*Box]place, n int) {
	p, q := at[a.From], at[a.To]
	y1, y2 := p.y+float64(line*(a.Line+2))-2, q.y+line-2
	if a.Kind == Message {
		x1, x2, bend := p.x+p.w, q.x, 80.0
		if q.x < p.x {
			x1, x2, bend = p.x, q.x+q.w, -80
		}
		fmt.Fprintf(b, `<path d="M%.0f %.0f C%.0f %.0f %.0f %.0f %.0f %.0f" class="message"/>`+"\n", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)
		tip := 8.0
		if bend < 0 {
			tip = -8
		}
		fmt.Fprintf(b, `<path d="M%.0f %.0f l%.0f -4 v8 Z" class="tip"/>`+"\n", x2, y2, -tip)
		return
	}
	class := "within"
	if a.Kind == Timer {
		class += " timer"
	}
	x, out, tip := p.x, -14-float64(n%6)*6, -7.0
	if a.From.Machine > 0 && a.From.Machine == len(g.Machines)-1 {
		x, out, tip = p.x+p.w, -out, 7
	}
	fmt.Fprintf(b, `<path d="M%.0f %.0f C%.0f %.0f %.0f %.0f %.0f %.0f" class="%s"/>`+"\n", x, y1, x+out, y1, x+out, y2, x, y2, class)
	fmt.Fprintf(b, `<path d="M%.0f %.0f l%.0f -3.5 v7 Z" class="small"/>`+"\n", x, y2, tip)
}

// escaped is a text within XML.
func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
