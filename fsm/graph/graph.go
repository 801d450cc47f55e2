package graph

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"sprocketc/fsm"
)

// Graph is a system as boxes with arrows between them.
type Graph struct {
	Name     string
	Machines []Machine
	Arrows   []Arrow
}

// Machine is a column of boxes; the first holds its variables, if it has any.
type Machine struct {
	Name  string
	Boxes []*Box
}

// Box is an event, a tail, or a machine's variables.
type Box struct {
	ID      string // "n1", …
	Machine int
	Head    string
	Lines   []string // indented by fours
}

// Kind says what an arrow is.
type Kind int

const (
	Message Kind = iota // a datagram, to the event that takes it
	Tail                // stages that several events share
	Timer               // that is started, to its event
	Handler             // that is started, to its return
)

// Arrow leads from a line of a box to another box.
type Arrow struct {
	Kind     Kind
	From, To *Box
	Line     int // of From, from 0
	Label    string
}

// pattern is compiled where a graph is asked for: a command that draws none starts without it.
type pattern func() *regexp.Regexp

func lazily(expr string) pattern {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var (
	begins  = lazily(`^machine (\S+)`)
	tag     = lazily(`^( *)\[[^\]]*\] `)
	opens   = lazily(`^    ((?:on|tail|free) .*?) \{(?: *\})?$`)
	targets = []struct {
		kind  Kind
		line  pattern
		head  string // how the head of the target begins, for the name in the line
		other bool   // it is a box of another machine
	}{
		{Message, lazily(`^ *send (\w+)\b`), "on %s(", true},
		{Tail, lazily(`^ *do (\w+)\(`), "tail %s(", false},
		{Timer, lazily(`^ *(?:start|again) (\w+)\b`), "on timer %s", false},
		{Handler, lazily(`^ *invoke (\S+)\(`), "on return(", false},
	}
)

// Of takes a system apart. names are what machines are called; one without goes by its own.
func Of(sys *fsm.System, names map[string]string) *Graph {
	g := &Graph{Name: sys.Name}
	n := 0
	add := func(head string) *Box {
		n++
		m := &g.Machines[len(g.Machines)-1]
		b := &Box{ID: fmt.Sprintf("n%d", n), Machine: len(g.Machines) - 1, Head: head}
		m.Boxes = append(m.Boxes, b)
		return b
	}
	var box, state *Box
	inside := false
	for _, line := range strings.Split(sys.String(), "\n") {
		line = tag().ReplaceAllString(line, "$1")
		if m := begins().FindStringSubmatch(line); m != nil {
			name := m[1]
			if n := names[name]; n != "" {
				name = n
			}
			g.Machines = append(g.Machines, Machine{Name: name})
			inside, box, state = true, nil, nil
			continue
		}
		switch trimmed := strings.TrimSpace(line); {
		case line == "}":
			inside = false
		case !inside || trimmed == "" || strings.HasPrefix(trimmed, "//"):
		case box != nil && line == "    }":
			box = nil
		case box != nil:
			box.Lines = append(box.Lines, strings.TrimPrefix(line, "        "))
		default:
			if m := opens().FindStringSubmatch(line); m != nil {
				if box = add(m[1]); strings.HasSuffix(line, "}") {
					box = nil
				}
				continue
			}
			if state == nil {
				state = add("keeps")
			}
			state.Lines = append(state.Lines, strings.TrimPrefix(line, "    "))
		}
	}
	g.arrows()
	return g
}

func (g *Graph) arrows() {
	for _, m := range g.Machines {
		for _, b := range m.Boxes {
			for i, line := range b.Lines {
				for _, t := range targets {
					if m := t.line().FindStringSubmatch(line); m != nil && b.Head != "keeps" {
						g.arrow(Arrow{Kind: t.kind, From: b, Line: i, Label: m[1]}, t.head, t.other)
					}
				}
			}
		}
	}
}

// arrow adds an arrow where there is a box for it to lead to.
func (g *Graph) arrow(a Arrow, head string, other bool) {
	if strings.Contains(head, "%s") {
		head = fmt.Sprintf(head, a.Label)
	}
	for i, m := range g.Machines {
		for _, b := range m.Boxes {
			whole := b.Head == head || strings.HasPrefix(b.Head, head) && (strings.HasSuffix(head, "(") || b.Head[len(head)] == ' ')
			if whole && (i != a.From.Machine) == other {
				a.To = b
				g.Arrows = append(g.Arrows, a)
			}
		}
	}
}
