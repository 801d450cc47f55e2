package graph

import (
	"fmt"
	"strings"
)

// DOT is the graph for Graphviz.
func (g *Graph) DOT() string {
	var b strings.Builder
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	fmt.Fprintf(&b, "digraph \"%s\" {\n    rankdir=LR\n    node [shape=box, fontname=monospace, fontsize=10]\n    edge [fontname=monospace, fontsize=9]\n", quote.Replace(g.Name))
	for i, m := range g.Machines {
		fmt.Fprintf(&b, "    subgraph cluster_%d {\n        label=\"%s\"\n", i, quote.Replace(m.Name))
		for _, x := range m.Boxes {
			text := quote.Replace(x.Head) + `\l`
			for _, l := range x.Lines {
				text += quote.Replace("    "+l) + `\l`
			}
			fmt.Fprintf(&b, "        %s [label=\"%s\"]\n", x.ID, text)
		}
		b.WriteString("    }\n")
	}
	style := [...]string{Message: "", Tail: ", style=dashed, color=gray", Timer: ", style=dotted", Handler: ", style=bold, color=gray"}
	for _, a := range g.once() {
		label := ""
		if a.Kind == Message {
			label = a.Label
		}
		fmt.Fprintf(&b, "    %s -> %s [label=\"%s\"%s]\n", a.From.ID, a.To.ID, quote.Replace(label), style[a.Kind])
	}
	return b.String() + "}\n"
}

// once are the arrows without those that differ only in the line from which they lead.
func (g *Graph) once() []Arrow {
	var out []Arrow
	seen := map[Arrow]bool{}
	for _, a := range g.Arrows {
		a.Line = 0
		if !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out
}

// Mermaid is the graph as a flowchart.
func (g *Graph) Mermaid() string {
	var b strings.Builder
	text := strings.NewReplacer("&", "#amp;", "\"", "#quot;", "<", "#lt;", ">", "#gt;", "`", "#96;")
	b.WriteString("flowchart LR\n")
	for i, m := range g.Machines {
		fmt.Fprintf(&b, "    subgraph m%d [\"%s\"]\n", i, text.Replace(m.Name))
		for _, x := range m.Boxes {
			lines := []string{"<b>" + text.Replace(x.Head) + "</b>"}
			for _, l := range x.Lines {
				in := len(l) - len(strings.TrimLeft(l, " "))
				lines = append(lines, strings.Repeat("&nbsp;", in)+text.Replace(strings.TrimLeft(l, " ")))
			}
			fmt.Fprintf(&b, "        %s[\"<div style='text-align:left'>%s</div>\"]\n", x.ID, strings.Join(lines, "<br/>"))
		}
		b.WriteString("    end\n")
	}
	for _, a := range g.once() {
		switch a.Kind {
		case Message:
			fmt.Fprintf(&b, "    %s -- \"%s\" --> %s\n", a.From.ID, text.Replace(a.Label), a.To.ID)
		default:
			fmt.Fprintf(&b, "    %s -.-> %s\n", a.From.ID, a.To.ID)
		}
	}
	return b.String()
}
