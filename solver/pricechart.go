package solver

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"sprocketc/ir"
)

// Sizes in pixels.
const (
	letter    = 6.7 // the width of one, a little more than any monospaced font of 11 has
	barHeight = 18
	barWide   = 360
	edge      = 24
	notesWide = 90 // letters in a line of notes at least
)

const priceStyle = `<style>
text { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328 }
.page { fill: #ffffff } .title { font: 600 16px system-ui, "DejaVu Sans", sans-serif } .why { fill: #59636e }
.head { font-weight: 700; font-size: 13px } .end { text-anchor: end }
.more { fill: #0969da } .less { fill: #1a7f37 } .axis { stroke: #818b98 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .page { fill: #0d1117 } .why { fill: #9198a1 }
.more { fill: #4493f8 } .less { fill: #3fb950 } .axis { stroke: #656c76 }
}
</style>
`

// bar is a clause in a panel of the chart.
type bar struct {
	label, full string
	measure
}

// PricesSVG draws a price list as bars: a panel for each of the figures that some clause changes, the dearest clause first. Each
// figure stands beside its bar, what a clause saves goes to the left, and the whole is told in words in the picture's description.
func PricesSVG(p *ir.Plan, prices []Priced) string {
	in := p.Interface
	priced, free, needed, unknown := sorted(p, PriceList(p, prices))
	var panels [][]bar
	labels, figures := 0, 0
	for i := range (More{}).measures(in) {
		var panel []bar
		for _, l := range priced {
			if m := l.Price.measures(in)[i]; m.value != 0 {
				b := bar{fmt.Sprintf("%d %s", l.Line, l.name(clauseLetters)), fmt.Sprintf("line %d %s: %s", l.Line, l.name(len(l.Text)), l.Price.told(in)), m}
				labels, figures = max(labels, utf8.RuneCountInString(b.label)), max(figures, utf8.RuneCountInString(b.short()))
				panel = append(panel, b)
			}
		}
		if len(panel) > 0 {
			slices.SortStableFunc(panel, func(a, b bar) int { return cmp.Compare(b.value, a.value) })
			panels = append(panels, panel)
		}
	}
	left := edge + letter*float64(labels+3+figures)
	width := left + 16 + barWide + edge
	letters := max(notesWide, int((width-2*edge)/letter))
	width = max(width, 2*edge+letter*float64(letters), 2*edge+10*float64(utf8.RuneCountInString(p.Program.Name)))
	title := p.Program.Name + ": " + priceHead

	var body, told strings.Builder
	y := 78.0
	for _, panel := range panels {
		heading := panel[0].title
		fmt.Fprintf(&body, `<text x="%d" y="%.0f" class="head">%s</text>`+"\n", edge, y, escaped(heading))
		fmt.Fprintf(&told, "%s: ", heading)
		y += 8
		lo, hi := 0.0, 0.0
		for _, b := range panel {
			lo, hi = min(lo, b.value), max(hi, b.value)
		}
		scale := barWide / (hi - lo)
		zero := left + 16 - lo*scale
		for i, b := range panel {
			class, from, wide := "more", zero, max(1, b.value*scale)
			if b.value < 0 {
				class, wide = "less", max(1, -b.value*scale)
				from = zero - wide
			}
			text := b.short()
			fmt.Fprintf(&body, `<g><title>%s</title><text x="%d" y="%.0f">%s</text><text x="%.0f" y="%.0f" class="end">%s</text><rect x="%.1f" y="%.0f" width="%.1f" height="%d" rx="2" class="%s"/></g>`+"\n",
				escaped(b.full), edge, y+13, escaped(b.label), left, y+13, escaped(text), from, y+3, wide, barHeight-6, class)
			if i > 0 {
				told.WriteString(", ")
			}
			fmt.Fprintf(&told, "line %s %s", b.label, text)
			y += barHeight
		}
		fmt.Fprintf(&body, `<path d="M%.1f %.0f V%.0f" class="axis"/>`+"\n", zero, y-barHeight*float64(len(panel)), y)
		told.WriteString(". ")
		y += 30
	}
	for _, x := range []struct {
		what string
		of   []string
	}{{"cost nothing", free}, {"no plan without", needed}, {"not known", unknown}} {
		if len(x.of) == 0 {
			continue
		}
		for _, line := range wrap(x.what+": "+nobreaks(x.of), letters) {
			fmt.Fprintf(&body, `<text x="%d" y="%.0f" class="why">%s</text>`+"\n", edge, y, escaped(line))
			y += barHeight - 2
		}
		fmt.Fprintf(&told, "%s: %s. ", x.what, strings.Join(x.of, ", "))
		y += 6
	}
	height := math.Ceil(y)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="title told">`+"\n", width, height, width, height) +
		fmt.Sprintf("<title id=\"title\">%s</title>\n<desc id=\"told\">%s</desc>\n%s<rect width=\"%.0f\" height=\"%.0f\" class=\"page\"/>\n", escaped(title), escaped(strings.ReplaceAll(strings.TrimSpace(told.String()), unbroken, " ")), priceStyle, width, height) +
		fmt.Sprintf(`<text x="%d" y="30" class="title">%s</text>`+"\n", edge, escaped(p.Program.Name)) +
		fmt.Sprintf(`<text x="%d" y="50" class="why">%s</text>`+"\n", edge, escaped(priceHead)) +
		body.String() + "</svg>\n"
}

// short is a figure without what it counts, with more digits where it rounds to nothing.
func (x measure) short() string {
	number := fmt.Sprintf("%+.*f", x.decimals, x.value)
	if math.Abs(x.value) < math.Pow10(-x.decimals)/2 {
		number = fmt.Sprintf("%+.2g", x.value)
	}
	return strings.TrimSpace(number + " " + x.unit)
}

// escaped is a text within XML; what XML cannot hold is replaced.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
