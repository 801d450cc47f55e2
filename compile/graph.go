package compile

import (
	"slices"
	"strings"

	"sprocketc/fsm/graph"
)

// GraphFormats are the formats of Graph.
var GraphFormats = []string{"svg", "dot", "mermaid"}

// Graph is the machines of a result in one of the formats. The error is a Usage.
func Graph(r *Result, format string) (string, error) {
	g := graph.Of(r.System, peers(r))
	switch format {
	case "svg":
		return g.SVG(), nil
	case "dot":
		return g.DOT(), nil
	case "mermaid":
		return g.Mermaid(), nil
	}
	return "", usagef("--to is %s, not %q", strings.Join(GraphFormats, " or "), format)
}

// GraphAnswer is the answer of `graph` for programs.
type GraphAnswer struct {
	Version  int            `json:"version"`
	Protocol string         `json:"protocol"`
	Machines []GraphMachine `json:"machines"`
	Arrows   []GraphArrow   `json:"arrows"`
}

// GraphMachine is a machine with its events, tails and variables.
type GraphMachine struct {
	Name  string     `json:"name"`
	Boxes []GraphBox `json:"boxes"`
}

// GraphBox is an event, a tail, or what the machine keeps.
type GraphBox struct {
	ID    string   `json:"id"`
	Head  string   `json:"head"`
	Lines []string `json:"lines"`
}

// GraphArrow leads from a line of a box, from 1, to another box.
type GraphArrow struct {
	Kind  string `json:"kind"` // message, tail, timer, handler
	From  string `json:"from"`
	Line  int    `json:"line"`
	To    string `json:"to"`
	Label string `json:"label"`
}

// GraphJSON is the machines of a result for programs.
func GraphJSON(r *Result) GraphAnswer {
	g := graph.Of(r.System, peers(r))
	out := GraphAnswer{Version: 1, Protocol: r.Name(), Machines: []GraphMachine{}, Arrows: []GraphArrow{}}
	for _, m := range g.Machines {
		x := GraphMachine{m.Name, []GraphBox{}}
		for _, b := range m.Boxes {
			x.Boxes = append(x.Boxes, GraphBox{b.ID, b.Head, slices.Concat([]string{}, b.Lines)})
		}
		out.Machines = append(out.Machines, x)
	}
	for _, a := range g.Arrows {
		kind := [...]string{graph.Message: "message", graph.Tail: "tail", graph.Timer: "timer", graph.Handler: "handler"}[a.Kind]
		out.Arrows = append(out.Arrows, GraphArrow{kind, a.From.ID, a.Line + 1, a.To.ID, a.Label})
	}
	return out
}
