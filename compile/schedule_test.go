package compile

import (
	"strings"
	"testing"
	"time"

	"sprocketc/diag"
	"sprocketc/schema"
	"sprocketc/verify/markov"
)

const asksFor = `protocol meter
peer reader { emit go }
peer node { emit c }
channel line { between reader and node; unit max 32B; loses 20%; repeats; reorders; delays 100ms..100ms }
interface Meter from reader to node on line { call read(plot u8) u16 { pure; within 2s at PERCENT } }
`

// Of a higher probability the schedule is closer, and no closer than it has to be: what the machines come to is not below
// what was asked, and it is where requests are sent a little less often.
func TestSchedulesMeetWhatIsAskedAndNoMore(t *testing.T) {
	type asked struct {
		percent string
		p       float64
	}
	var intervals []time.Duration
	var datagrams []float64
	for _, a := range []asked{{"99%", 0.99}, {"99.9%", 0.999}, {"99.99%", 0.9999}} {
		r, err := Run(t.Context(), &diag.File{Name: "meter.sprocket", Text: []byte(strings.ReplaceAll(asksFor, "PERCENT", a.percent))}, Compose, Options{})
		if err != nil {
			t.Fatal(err, r.Diagnostics)
		}
		s := r.Plan.Schedules["read"]
		met := answered(t, r)
		if met.Lo < a.p-1e-12 || s.Chance < met.Lo-1e-9 || s.Chance > met.Hi+1e-9 {
			t.Errorf("%s: the machines say %v, and solve %v", a.percent, met, s.Chance)
		}
		sample := caseOf(t, r, "read", false)
		intervals, datagrams = append(intervals, s.First), append(datagrams, sample.Datagrams[0].Lo)
		// A millisecond later the last answer comes as the time ends, which may be too late; two later it is.
		for by := range 2 {
			slower := *s
			slower.First += time.Duration(by+1) * time.Millisecond
			slower.Cap = slower.First
			r.Plan.Schedules["read"] = &slower
			if r.System, err = schema.System(r.Plan); err != nil {
				t.Fatal(err)
			}
			if missed := answered(t, r); missed.Lo >= a.p || by > 0 && missed.Hi >= a.p {
				t.Errorf("%s: %v every %v, and still %v every %v", a.percent, met, s.First, missed, slower.First)
			}
		}
	}
	for i := range intervals[1:] {
		if intervals[i+1] >= intervals[i] || datagrams[i+1] <= datagrams[i] {
			t.Errorf("intervals %v, requests %v: more was asked, and it is no closer or costs no more", intervals, datagrams)
		}
	}
}

// answered is the probability that the machines answer in time, from idle.
func answered(t *testing.T, r *Result) markov.Interval {
	t.Helper()
	if err := Chances(t.Context(), r, 0); err != nil {
		t.Fatal(err)
	}
	c := caseOf(t, r, "read", false)
	if c.Refused != "" || c.Outcomes[0].Outcome != "answer" {
		t.Fatalf("%+v", c)
	}
	return c.Outcomes[0].P
}
