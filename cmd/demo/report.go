package main

import (
	"fmt"
	"io"
	"strings"

	"sprocketc/compile"
	"sprocketc/conform"
	"sprocketc/faultlink"
	"sprocketc/ir"
)

// What a declaration without a number means for the link of this demonstration.
const (
	repeats  = 0.10
	corrupts = 0.01
)

// faults of a link that is as bad as the channel declares.
func faults(c *ir.Channel) faultlink.Faults {
	var f faultlink.Faults
	if c.Loses != nil {
		f.Lose = c.Loses.P
	}
	if c.Repeats != nil {
		f.Repeat = repeats
	}
	if c.Reorders != nil {
		f.Overtake = max(c.Reorders.Within, faultlink.Unbounded)
	}
	if c.Corrupts != nil {
		f.Corrupt = corrupts
	}
	if c.Delays != nil {
		f.DelayMin, f.DelayMax = c.Delays.Min, c.Delays.Max
	}
	return f
}

// column of the table: its head, and what stands there for a kind of call.
type column struct {
	head  string
	value func(k kind, t tally) string
}

func number(f func(tally) int) func(kind, tally) string {
	return func(_ kind, t tally) string { return compile.Count(f(t)) }
}

func columns(v *verdict) []column {
	out := []column{
		{"made", number(func(t tally) int { return t.made })},
		{"answered", number(func(t tally) int { return t.answered })},
		{"timed out", number(func(t tally) int { return t.timedOut })},
		{"unknown", number(func(t tally) int { return t.unknown })},
		{"restarted", number(func(t tally) int { return t.restarted })},
		{"refused", number(func(t tally) int { return t.refused })},
		{"died with its gateway", number(func(t tally) int { return t.died })},
		{"ran", number(func(t tally) int { return t.ran })},
		{"ran twice", func(k kind, t tally) string {
			if k != water {
				return "-"
			}
			return compile.Count(t.ranTwice)
		}},
		{"wrong answers", number(func(t tally) int { return t.wrong })},
	}
	if v.kinds[sample].refused+v.kinds[schedule].refused+v.kinds[water].refused == 0 {
		out = append(out[:5], out[6:]...) // it needs a caller without numbers or memory
	}
	return out
}

// print writes the table of a run, what befell the datagrams, and what did not hold.
func (v *verdict) print(w io.Writer, r *compile.Result, rec *record) error {
	b := &strings.Builder{}
	cols := columns(v)
	fmt.Fprintf(b, "  %-9s", "call")
	for _, c := range cols {
		fmt.Fprintf(b, " %*s ", max(len(c.head), 5), c.head)
	}
	for k, t := range v.kinds {
		fmt.Fprintf(b, "\n  %-9v", kind(k))
		for _, c := range cols {
			text, mark := c.value(kind(k), t), " "
			if k == int(sample) && c.head == "ran" && v.remembered > 0 {
				mark = "*"
			}
			fmt.Fprintf(b, " %*s%s", max(len(c.head), 5), text, mark)
		}
	}
	b.WriteString("\n")
	if v.remembered > 0 {
		fmt.Fprintf(b, "  * %s came from the memo\n", compile.Plural(v.remembered, "answer"))
	}
	out, in := rec.toProbe, rec.toGateway
	altered, passed := alteredPassed(r, rec.trace)
	fmt.Fprintf(b, "  datagrams   %s sent, %s lost, %s repeated, %s overtaken, %s altered of which %s dropped      mean %.1f B a call\n",
		count(out.Sent+in.Sent), count(out.Lost+in.Lost), count(out.Repeated+in.Repeated), count(out.Overtaken+in.Overtaken),
		compile.Count(altered), compile.Count(altered-passed), float64(sentBytes(rec.trace))/float64(max(len(v.fates), 1)))
	fmt.Fprintf(b, "  undisturbed %s of %s calls that no kill touched were answered: %s, at least %s asked\n",
		compile.Count(v.answered), compile.Count(v.untouched), compile.Percent(v.share()), compile.Percent(demanded))
	if list := v.breaches(); len(list) > 0 {
		fmt.Fprintf(b, "\nbroken       %s\n", strings.Join(list, "; "))
	} else {
		b.WriteString("\nheld         no effect ran twice, nothing ran after a later call, every answer and every outcome was true, every call ended\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func count(n uint64) string { return compile.Count(int(n)) }

// alteredPassed counts the copies that the link altered on the way and, of these, those that no check would find.
func alteredPassed(r *compile.Result, trace []faultlink.Event) (altered, passed int) {
	for _, e := range trace {
		if e.What != faultlink.Arrived || !e.Altered {
			continue
		}
		altered++
		if _, _, _, reason := conform.Decode(r.System, wire(r, e.AtoB), e.Datagram); reason == "" {
			passed++
		}
	}
	return altered, passed
}

// wire is what goes over the link in a direction.
func wire(r *compile.Result, aToB bool) []*ir.WireMessage {
	var out []*ir.WireMessage
	for i := range r.Plan.Wire {
		m := &r.Plan.Wire[i]
		if (r.System.Message(m.Message).From == "caller") == aToB {
			out = append(out, m)
		}
	}
	return out
}
