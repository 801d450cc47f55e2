package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sprocketc/ir"
)

// fate is what became of a call.
type fate struct {
	call               *ir.Call
	key                string // the call's number and its arguments
	outcome, got, want string // outcome "": it has no end
	runs               int
	late               bool // it ran after a later one
	after              bool // it ran after its end, which said that it would not
	told               bool // what it did was reported behind its end
}

// tally is what a trial's events come to.
type tally struct {
	calls, answered, unknown, timedOut, restarted, refused, open int
	ran, twice, late, wrong, lied                                int
}

// judge reads the events. The error is of a line that makes no sense, or of the firmware's own words that something is wrong.
func (p *program) judge(events []string, kept []int) (*tally, error) {
	var fates []*fate
	latest := map[string]int{} // by key: the last call that began with it
	newest := -1               // the last call that ran, of those that keep their order
	for n, line := range events {
		bad := fmt.Errorf("line %d of the events: %q, behind\n%s", n+1, line, strings.Join(events[max(0, n-12):n], "\n"))
		words := strings.Fields(line)
		if len(words) < 2 {
			return nil, bad
		}
		what, rest := words[0]+" "+words[1], words[2:]
		switch what {
		case "node boot", "node kept":
		case "caller start":
			call, err := strconv.Atoi(rest[1])
			if err != nil || rest[0] != strconv.Itoa(len(fates)) || call >= len(p.in.Calls) {
				return nil, bad
			}
			key := strings.Join(rest[1:], " ")
			latest[key] = len(fates)
			fates = append(fates, &fate{call: p.in.Calls[call], key: key})
		case "caller end":
			i, err := strconv.Atoi(rest[0])
			if err != nil || i >= len(fates) || fates[i].outcome != "" || len(rest) != 4 {
				return nil, bad
			}
			fates[i].outcome, fates[i].got, fates[i].want = rest[1], rest[2], rest[3]
		case "caller late":
			i, known := latest["0 "+rest[0]]
			if !known || fates[i].told {
				return nil, bad
			}
			fates[i].told, fates[i].got = true, rest[1]
		case "node run":
			i, known := latest[strings.Join(rest, " ")]
			if !known {
				return nil, bad
			}
			f := fates[i]
			f.runs++
			f.after = f.after || f.call.Kind == ir.Effect && f.outcome == "restarted"
			if f.call.Kind != ir.Pure && f.call.Commutes == nil {
				f.late = f.late || i < newest
				newest = max(newest, i)
			}
		default:
			return nil, bad
		}
	}
	t := &tally{calls: len(fates)}
	for _, f := range fates {
		t.count(f, kept)
	}
	return t, nil
}

func (t *tally) count(f *fate, kept []int) {
	one := func(n *int, counts bool) {
		if counts {
			*n++
		}
	}
	for outcome, n := range map[string]*int{"answered": &t.answered, "unknown": &t.unknown, "timed_out": &t.timedOut, "restarted": &t.restarted,
		"refused": &t.refused, "": &t.open} {
		one(n, f.outcome == outcome)
	}
	answered, never := f.outcome == "answered" || f.told, f.outcome == "timed_out" || f.outcome == "refused"
	if f.call.Kind == ir.ExactlyOnce {
		// What counts is what the ledger has: a run that a death cut has left nothing.
		serial, err := strconv.Atoi(strings.Fields(f.key)[1])
		place := slices.Index(kept, serial)
		has := place >= 0
		one(&t.ran, has)
		one(&t.twice, has && slices.Contains(kept[place+1:], serial))
		one(&t.wrong, err != nil || answered && f.got != strconv.Itoa(place+1) || !has && answered)
		one(&t.lied, never && !f.told && has)
		return
	}
	t.ran += f.runs
	effect := f.call.Kind == ir.Effect
	one(&t.twice, effect && f.runs > 1)
	one(&t.late, f.late)
	one(&t.wrong, answered && (f.got != f.want || f.runs == 0 && f.call.Cache == nil))
	one(&t.lied, effect && never && f.runs > 0 || f.after)
}

// breaches lists what did not hold.
func (t *tally) breaches() []string {
	var out []string
	add := func(n int, what string) {
		if n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(t.twice, "effects ran twice")
	add(t.late, "ran after a later call")
	add(t.wrong, "wrong answers")
	add(t.lied, "said not to have run, or not to run any more, and did")
	add(t.open, "without an end")
	return out
}

// idle says that nothing was seen to work, where nothing can break; "" where something was.
func (t *tally) idle() string {
	if t.answered > 0 && t.ran > 0 {
		return ""
	}
	return fmt.Sprintf("of %d calls %d were answered, and %d ran", t.calls, t.answered, t.ran)
}
