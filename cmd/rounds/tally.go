package main

import (
	"fmt"
	"strings"

	"sprocketc/compile"
)

// fate is what became of a round's call.
type fate struct {
	started, ended, died bool // died: the gateway died while it was under way
	outcome, answer      string
	runs                 int
	late                 bool // it ran after a later one
}

// tally is what a course comes to.
type tally struct {
	rounds                                                  int
	answered, failed, unknown, timedOut, restarted, refused int
	died, open                                              int
	ran, ranTwice, ranLate                                  int // executions, and rounds whose call ran more than once or after a later one
	most                                                    int // executions of one call
	wrong                                                   int // answers that are not that of the call, or of a call that never ran
	lied                                                    int // calls that ended for sure without having run, and had
	torn, cut                                               int // writes to stable memory, and frames, of which half was written
	asked, misled                                           int // answers to the question after a call, and of these, wrong ones
}

// judge reads the events of so many rounds. The error is of a line that makes no sense.
func (s *show) judge(rounds int, events []string) (*tally, error) {
	t := &tally{rounds: rounds}
	fates := make([]fate, rounds)
	latest := map[int]int{} // by argument: the last round that began with it
	current, newest := -1, -1
	for n, line := range events {
		bad := fmt.Errorf("line %d of the events: %q", n+1, line)
		var i int
		var a, b, c string
		switch {
		case line == "node boot":
		case line == "node torn" || line == "gateway torn":
			t.torn++
		case line == "node cut" || line == "gateway cut":
			t.cut++
		case line == "gateway boot":
			if current >= 0 && !fates[current].ended {
				fates[current].died = true
			}
		case scan(line, "gateway start %d", &i):
			if i != current+1 || i >= rounds {
				return nil, bad
			}
			current = i
			fates[i].started = true
			latest[s.argument(i)] = i
		case scan(line, "gateway end %d %s %s", &i, &a, &b):
			if i != current || fates[i].ended || fates[i].died {
				return nil, bad
			}
			fates[i].ended, fates[i].outcome, fates[i].answer = true, a, b
		case scan(line, "gateway told %d %s %s %s", &i, &a, &b, &c):
			if a == "answered" {
				t.asked++
				if b != c {
					t.misled++
				}
			}
		case scan(line, "node run %d", &i):
			round, known := latest[i]
			if !known {
				return nil, bad
			}
			f := &fates[round]
			f.runs++
			f.late = f.late || round < newest
			newest = max(newest, round)
		default:
			return nil, bad
		}
	}
	for i := range fates {
		t.count(&fates[i], s.answer(i))
	}
	return t, nil
}

func scan(line, format string, to ...any) bool {
	n, err := fmt.Sscanf(line, format, to...)
	return err == nil && n == len(to)
}

func (t *tally) count(f *fate, answer string) {
	one := func(n *int, counts bool) {
		if counts {
			*n++
		}
	}
	for outcome, n := range map[string]*int{"answered": &t.answered, "failed": &t.failed, "unknown": &t.unknown,
		"timed_out": &t.timedOut, "restarted": &t.restarted, "refused": &t.refused} {
		one(n, f.outcome == outcome)
	}
	one(&t.died, f.died)
	one(&t.open, !f.ended && !f.died)
	one(&t.ranTwice, f.runs > 1)
	one(&t.ranLate, f.late)
	one(&t.wrong, f.outcome == "answered" && (f.answer != answer || f.runs == 0))
	one(&t.lied, (f.outcome == "timed_out" || f.outcome == "refused") && f.runs > 0)
	t.ran += f.runs
	t.most = max(t.most, f.runs)
}

// breaches lists what did not hold.
func (t *tally) breaches(effect string) []string {
	var out []string
	add := func(n int, what string) {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s %s", compile.Count(n), what))
		}
	}
	add(t.ranTwice, fmt.Sprintf("calls %s more than once, one of them %d times", effect, t.most))
	add(t.ranLate, effect+" after a later call")
	add(t.wrong, "wrong answers")
	add(t.lied, "said not to have run, and had")
	add(t.misled, "wrong answers to what ran last")
	add(t.open, "without an end")
	if t.failed > t.rounds/4 {
		add(t.failed, "given up, though the node was there")
	}
	return out
}

// column of the table.
type column struct {
	head  string
	value func(*tally) int
}

var columns = []column{
	{"rounds", func(t *tally) int { return t.rounds }},
	{"answered", func(t *tally) int { return t.answered }},
	{"gave up", func(t *tally) int { return t.failed }},
	{"unknown", func(t *tally) int { return t.unknown }},
	{"peer restarted", func(t *tally) int { return t.restarted }},
	{"not run", func(t *tally) int { return t.timedOut + t.refused }},
	{"died with gateway", func(t *tally) int { return t.died }},
	{"ran", func(t *tally) int { return t.ran }},
	{"ran twice", func(t *tally) int { return t.ranTwice }},
	{"wrong answers", func(t *tally) int { return t.wrong + t.misled }},
	{"no end", func(t *tally) int { return t.open }},
}

// head and row of the table. A column without a figure in any of the tallies is left out, but for the last four.
func table(names []string, all []*tally) string {
	var b strings.Builder
	shown := func(k int) bool {
		if k >= len(columns)-4 {
			return true
		}
		for _, t := range all {
			if columns[k].value(t) > 0 {
				return true
			}
		}
		return false
	}
	fmt.Fprintf(&b, "  %-8s", "")
	for k, c := range columns {
		if shown(k) {
			fmt.Fprintf(&b, "  %*s", max(len(c.head), 5), c.head)
		}
	}
	for i, t := range all {
		fmt.Fprintf(&b, "\n  %-8s", names[i])
		for k, c := range columns {
			if shown(k) {
				fmt.Fprintf(&b, "  %*s", max(len(c.head), 5), compile.Count(c.value(t)))
			}
		}
	}
	return b.String() + "\n"
}
