package chart

import (
	"fmt"
	"strings"

	"sprocketc/verify"
)

// Mermaid gives a run as a sequenceDiagram. An arrow stands where a datagram arrives; one that never does ends in a
// cross. Notes hold what changed.
func (c Chart) Mermaid(run *verify.Run, property string) string {
	s := c.scene(run)
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	peer := func(i int) string { return fmt.Sprintf("M%d", i+1) }
	p("sequenceDiagram")
	if s.caller >= 0 {
		p("    participant P as %s", mermaidText(s.Program))
	}
	for i, n := range s.names {
		p("    participant %s as %s", peer(i), mermaidText(n))
	}
	if s.callee >= 0 {
		p("    participant H as %s", mermaidText(s.Handler))
	}
	for i, r := range s.rows {
		begins := i == 0 || s.rows[i-1].step != r.step
		last := i+1 == len(s.rows) || s.rows[i+1].step != r.step
		breaks := r.step == len(run.Steps) && property != "" && run.Loop < 0
		if begins && run.Loop == r.step-1 {
			p("    loop for ever")
		}
		if begins && breaks {
			p("    rect rgba(207, 34, 46, 0.15)")
		}
		label := mermaidText(join(r.label, r.note))
		number := ""
		if begins {
			number = fmt.Sprintf("%d. ", r.step)
		}
		switch at := peer(r.at); r.kind {
		case calls:
			p("    P->>%s: %s%s", at, number, label)
		case ends:
			p("    %s-->>P: %s%s", at, number, label)
		case arrives:
			p("    %s->>%s: %s%s", peer(r.from), at, number, label)
		case lost:
			p("    %s-x%s: %s%s", peer(r.from), at, number, label)
		case starts:
			p("    %s->>H: %s%s", at, number, label)
		case returns:
			p("    H-->>%s: %s%s", at, number, label)
		case fires:
			p("    Note over %s: %stimer %s", at, number, label)
		case nothing:
			p("    Note over M1: %snothing is to be seen", number)
		default:
			p("    Note over %s: %s%s", at, number, label)
		}
		if !last {
			continue
		}
		for k, name := range s.names {
			for _, l := range perPeer(s.changes[r.step-1]) {
				if of, what, ok := strings.Cut(l, ": "); ok && of == name && c.Values {
					p("    Note over %s: %s", peer(k), mermaidText(what))
				}
			}
		}
		if r.step-1 == run.Doomed {
			p("    Note over %s: %s", peer(s.run.Steps[r.step-1].Machine), doomed)
		}
		if breaks {
			p("    Note over %s: %s", peer(max(0, s.run.Steps[r.step-1].Machine)), mermaidText(join(property+" is broken", c.Why)))
			p("    end")
		}
	}
	if run.Loop >= 0 {
		over := "M1"
		if n := len(s.names); n > 1 {
			over = "M1," + peer(n-1)
		}
		if run.Loop < len(run.Steps) {
			p("    end")
			p("    Note over %s: %s: it %s", over, mermaidText(property), repeats)
		} else {
			p("    Note over %s: %s: %s", over, mermaidText(property), stays)
		}
	}
	return b.String()
}

// mermaidText keeps a text from being read as Mermaid: an entity stands for what ends or begins something there.
func mermaidText(s string) string {
	return strings.NewReplacer("#", "#35;", ";", "#59;", "\n", " ", "<", "#lt;", ">", "#gt;").Replace(s)
}
