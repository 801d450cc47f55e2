package solver

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/diag"
	"sprocketc/ir"
)

// removal takes a clause away, where the program can be without: for a contradiction that no smaller change mends.
func (m *mender) removal(c clause) []change {
	peerOf := func(in *ir.Interface) *ir.Peer {
		if c.peer == m.in.To {
			return in.To
		}
		return in.From
	}
	var message string
	var apply func(*ir.Interface)
	switch c.kind {
	case loses:
		message, apply = "if nothing is lost", func(in *ir.Interface) { in.Channel.Loses = nil }
	case reorders:
		message, apply = "if nothing is overtaken", func(in *ir.Interface) { in.Channel.Reorders = nil }
	case repeats:
		message, apply = "if nothing arrives twice", func(in *ir.Interface) { in.Channel.Repeats = nil }
	case corrupts:
		message, apply = "if nothing is altered", func(in *ir.Interface) { in.Channel.Corrupts = nil }
	case delays:
		message, apply = "if it takes no time", func(in *ir.Interface) { in.Channel.Delays = nil }
	case rate:
		message, apply = "if more may be sent", func(in *ir.Interface) { in.Channel.Rate = nil }
	case unit:
		message, apply = "if datagrams may be as large as usual", func(in *ir.Interface) { in.Channel.Unit = nil }
	case crashes:
		message, apply = fmt.Sprintf("if %s never crashes", c.peer.Name), func(in *ir.Interface) { peerOf(in).Crashes = nil }
	case ram:
		message, apply = fmt.Sprintf("if %s has memory enough", c.peer.Name), func(in *ir.Interface) { peerOf(in).RAM = nil }
	case serial:
		message, apply = "if executions may overlap", func(in *ir.Interface) { in.Calls[c.call].Serial = nil }
	case pipelined:
		message, apply = "if each call waits for the one before", func(in *ir.Interface) { in.Calls[c.call].Pipelined = nil }
	case cache:
		message, apply = "if no answers are kept", func(in *ir.Interface) { in.Calls[c.call].Cache = nil }
	case log:
		message, apply = "if no events are kept", func(in *ir.Interface) { in.Calls[c.call].Log = nil }
	case within:
		message = fmt.Sprintf("if %s is soon enough", spell(ir.DefaultWithin))
		apply = func(in *ir.Interface) {
			if c.call < 0 {
				in.Default, in.DefaultAt = ir.DefaultWithin, nil
				return
			}
			in.Calls[c.call].Within = nil
		}
	default:
		return nil
	}
	return []change{{message: message, edit: diag.Edit{Span: c.text.Span}, apply: apply}}
}

// mostTries bounds the search for changes that mend several contradictions together.
const mostTries = 60

// together adds a repair of several changes to the first contradiction, where no single change mends the program.
func (q *problem) together(found []diag.Diagnostic) {
	for _, d := range found {
		if slices.ContainsFunc(d.Repairs, func(r diag.Repair) bool { return !strings.HasSuffix(r.Message, stillMore) }) {
			return
		}
	}
	if len(found) == 0 {
		return
	}
	tries := mostTries
	if changes := q.jointly(q.program, nil, &tries); changes != nil {
		var said []string
		var edits []diag.Edit
		for _, x := range changes {
			line, text := 0, ""
			if x.edit.Span.File != nil {
				line, text = diag.NewLines(x.edit.Span.File).Line(x.edit.Span.Start), x.edit.Text
			}
			if text = strings.Trim(text, " {};"); text == "" {
				said = append(said, fmt.Sprintf("without `%s` in line %d (%s)", short(x.edit.Span.Text(), 40), line, x.message))
			} else {
				said = append(said, fmt.Sprintf("`%s` in line %d (%s)", text, line, x.message))
			}
			edits = append(edits, x.edit)
		}
		found[0].Repairs = append([]diag.Repair{{Message: "all of these: " + strings.Join(said, ", "), Edits: edits}}, found[0].Repairs...)
	}
}

// jointly finds changes after which a program is possible, one for each contradiction that is met on the way; nil where none
// are found in time.
func (q *problem) jointly(p *ir.Program, so []change, tries *int) []change {
	r := q.again(p)
	c, _, err := r.conflictWithout(nil, nil)
	if err != nil {
		return nil
	}
	if c == nil {
		return so
	}
	m := &mender{r, r.ordered(c.members), itself}
	for _, try := range []func(clause) []change{m.changes, m.removal} {
		for _, member := range m.members {
			if member.text.Span.File == nil {
				continue // what an earlier change brought
			}
			for _, x := range try(member) {
				another := func(y change) bool { return x.figure && y.figure && x.edit.Span == y.edit.Span }
				meets := func(y change) bool {
					a, b := x.edit.Span, y.edit.Span
					return !another(y) && (a.Start == b.Start || a.Start < b.End && b.Start < a.End)
				}
				if *tries--; *tries < 0 {
					return nil
				}
				if slices.ContainsFunc(so, meets) || !m.mends(x.apply) {
					continue
				}
				next := copyOf(p)
				x.apply(next.Interfaces[0])
				if out := q.jointly(next, append(slices.DeleteFunc(slices.Clone(so), another), x), tries); out != nil {
					return out
				}
			}
		}
	}
	return nil
}
