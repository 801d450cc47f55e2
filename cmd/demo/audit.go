package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sprocketc/compile"
)

// fate is what became of a call.
type fate struct {
	started, ended, died bool // died: the gateway was killed while it was in flight
	outcome, result      string
	startLine, endLine   int       // of the gateway's file
	begun, over          time.Time // for drawing only
	runs                 []int     // lines of the probe's file; of calls that have arguments of their own
	ranAt                []time.Time
	touched              bool   // by a kill of either peer
	wrong                string // what is wrong with its answer; "" for nothing
	lied                 string // what is wrong with its outcome; "" for nothing
	late                 bool   // it ran after a later call
}

// tally counts the fates of a kind of call.
type tally struct {
	made, answered, timedOut, unknown, restarted, refused, died int
	ran, ranTwice, ranLate, wrong, lied, open                   int
}

// verdict is what a run comes to.
type verdict struct {
	fates      []fate
	kinds      [3]tally
	remembered int // samples that the memo answered: with the reading of an earlier one
	untouched  int // calls that no kill touched and, of these, those that were answered
	answered   int
}

// demanded part of the calls that no kill touched.
const demanded = 0.95

// judge works out what became of each call. The error is of a line that makes no sense.
func judge(calls []call, r *record) (*verdict, error) {
	v := &verdict{fates: make([]fate, len(calls))}
	if err := v.gateway(calls, r.gateway); err != nil {
		return nil, err
	}
	notes, err := v.probe(calls, r.probe)
	if err != nil {
		return nil, err
	}
	v.touch(calls, r.outages)
	given := map[string]bool{}
	horizon := -1 // the last execution of an answered call that ends what is remembered of samples
	for i := range v.fates {
		f, c := &v.fates[i], calls[i]
		if f.outcome == "answered" {
			f.wrong = wrong(c, f, notes, horizon)
			switch {
			case !c.kind.fenced() && given[f.result]:
				v.remembered++
			case !c.kind.fenced():
				given[f.result] = true
			case len(f.runs) > 0:
				horizon = max(horizon, f.runs[0])
			}
		}
		if c.kind == water && (f.outcome == "timed_out" || f.outcome == "refused") && len(f.runs) > 0 {
			f.lied = f.outcome + ", and it ran"
		}
		v.count(c, f)
	}
	return v, nil
}

// gateway reads the gateway's file.
func (v *verdict) gateway(calls []call, lines []string) error {
	inFlight := -1
	for n, line := range lines {
		w := strings.Fields(line)
		if len(w) == 1 && w[0] == "boot" {
			if inFlight >= 0 {
				v.fates[inFlight].died = true
			}
			inFlight = -1
			continue
		}
		if len(w) < 3 {
			return fmt.Errorf("line %d of the gateway: %q", n+1, line)
		}
		i, err := strconv.Atoi(w[1])
		nanos, err2 := strconv.ParseInt(w[2], 10, 64)
		if err != nil || err2 != nil || i < 0 || i >= len(calls) {
			return fmt.Errorf("line %d of the gateway: %q", n+1, line)
		}
		f := &v.fates[i]
		switch {
		case w[0] == "start" && len(w) == 3 && !f.started && inFlight < 0:
			f.started, f.startLine, f.begun, inFlight = true, n, time.Unix(0, nanos), i
		case w[0] == "end" && len(w) == 5 && inFlight == i:
			f.ended, f.endLine, f.over, inFlight = true, n, time.Unix(0, nanos), -1
			f.outcome, f.result = w[3], w[4]
		default:
			return fmt.Errorf("line %d of the gateway: %q", n+1, line)
		}
	}
	return nil
}

// probe reads the probe's file. It gives the executions of sample: what they answered, with their lines.
func (v *verdict) probe(calls []call, lines []string) (map[string]int, error) {
	byArgs := map[call]int{}
	for i, c := range calls {
		if c.kind.fenced() {
			byArgs[c] = i
		}
	}
	notes := map[string]int{}
	newest := -1
	for n, line := range lines {
		if line == "boot" {
			continue
		}
		var name, note string
		var c call
		var nanos int64
		if _, err := fmt.Sscanf(line, "run %s %d %d %s %d", &name, &c.a, &c.b, &note, &nanos); err != nil {
			return nil, fmt.Errorf("line %d of the probe: %q", n+1, line)
		}
		for k := range kinds {
			if kinds[k] == name {
				c.kind = kind(k)
			}
		}
		if c.kind == sample {
			notes[fmt.Sprintf("%d/%s", c.a, note)] = n
			v.kinds[sample].ran++
			continue
		}
		i, known := byArgs[c]
		if !known {
			return nil, fmt.Errorf("line %d of the probe: %v was never called", n+1, c)
		}
		v.fates[i].runs = append(v.fates[i].runs, n)
		v.fates[i].ranAt = append(v.fates[i].ranAt, time.Unix(0, nanos))
		v.fates[i].late = v.fates[i].late || i < newest
		newest = max(newest, i)
	}
	return notes, nil
}

// touch marks the calls that a kill may have disturbed: those that were in flight or began between the kill and the
// restart, and the first call after it that carries the probe's epoch, which has to learn the new one.
func (v *verdict) touch(calls []call, outages []outage) {
	for _, o := range outages {
		for i := range v.fates {
			f := &v.fates[i]
			if !f.started {
				continue
			}
			if f.startLine < o.to && (!f.ended || f.endLine >= o.from) {
				f.touched = true
			}
			if f.startLine >= o.to && calls[i].kind.fenced() {
				f.touched = true
				break
			}
		}
	}
}

// wrong says what is wrong with an answer. An execution of sample that lies before the horizon is one that a later call
// should have made forgotten.
func wrong(c call, f *fate, notes map[string]int, horizon int) string {
	if c.kind.fenced() {
		switch {
		case len(f.runs) == 0:
			return "answered, and it never ran"
		case c.kind == water && f.result != outcome(c.a, c.b):
			return "the answer is not that of this call"
		}
		return ""
	}
	w := strings.SplitN(f.result, "/", 4)
	if len(w) != 4 || w[0] != strconv.Itoa(c.a) || w[1] != strconv.Itoa(moisture(c.a)) || w[2] != strconv.Itoa(battery(c.a)) {
		return "the answer is not that of this call"
	}
	line, ran := notes[w[0]+"/"+w[3]]
	switch {
	case !ran:
		return "the answer is of no execution"
	case line < horizon:
		return "the answer is older than an effect before the call"
	}
	return ""
}

func (v *verdict) count(c call, f *fate) {
	t := &v.kinds[c.kind]
	one := func(n *int, counts bool) {
		if counts {
			*n++
		}
	}
	one(&t.made, f.started)
	one(&t.answered, f.outcome == "answered")
	one(&t.timedOut, f.outcome == "timed_out")
	one(&t.unknown, f.outcome == "unknown")
	one(&t.restarted, f.outcome == "restarted")
	one(&t.refused, f.outcome == "refused")
	one(&t.died, f.died)
	one(&t.open, !f.ended && !f.died)
	one(&t.ranTwice, len(f.runs) > 1)
	one(&t.ranLate, f.late)
	one(&t.wrong, f.wrong != "")
	one(&t.lied, f.lied != "")
	t.ran += len(f.runs)
	if f.ended && !f.touched {
		v.untouched++
		one(&v.answered, f.outcome == "answered")
	}
}

// breaches lists what did not hold.
func (v *verdict) breaches() []string {
	var out []string
	add := func(n int, what string) {
		if n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, what))
		}
	}
	if n := v.kinds[water].ranTwice; n > 0 {
		out = append(out, compile.Plural(n, "effect")+" ran twice")
	}
	for k, t := range v.kinds {
		add(t.wrong, kind(k).String()+" with a wrong answer")
		add(t.lied, kind(k).String()+" with a wrong outcome")
		add(t.ranLate, kind(k).String()+" ran after a later call")
		add(t.open, kind(k).String()+" neither ended nor died with its gateway")
	}
	return out
}

// share of the calls that no kill touched that were answered; 1 where there are none.
func (v *verdict) share() float64 {
	if v.untouched == 0 {
		return 1
	}
	return float64(v.answered) / float64(v.untouched)
}
