package compile

import (
	"strings"
	"testing"
	"time"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/solver"
	"sprocketc/verify"
)

func narrowedOf(t *testing.T, r *Result, feature string) []*Narrowed {
	t.Helper()
	out, err := narrow(t.Context(), r, feature)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is asked lies between the figure of a plan and that of one whose parameter is a step less.
func TestAParameterAStepLess(t *testing.T) {
	for _, c := range []struct {
		file, feature, parameter, from, to string
		more                               bool // the figure grows
	}{
		{"../corpus/examples/soil.sprocket", schema.Retransmission, "sends", "9", "7", false},
		{"../corpus/examples/soil.sprocket", schema.CallerEpoch, "width", "17", "16", false},
		{"../corpus/examples/soil.sprocket", schema.CalleeEpoch, "width", "17", "16", false},
		{"../corpus/examples/soil.sprocket", schema.Checksum, "width", "16", "8", true},
		{"../corpus/examples/soil.sprocket", schema.Memo, "entries", "16", "15", false},
		{"../corpus/examples/soil.sprocket", schema.Log, "entries", "8", "7", false},
		{"../corpus/accepted/drawn.sprocket", schema.Retransmission, "sends", "3", "1", false},
		{"../corpus/accepted/waited_out.sprocket", schema.QuietStart, "ms", "35350", "35349", false},
	} {
		found := narrowedOf(t, composed(t, c.file), c.feature)
		if len(found) != 1 || found[0].Figure == nil {
			t.Errorf("%s of %s: %+v", c.feature, c.file, found)
			continue
		}
		n, f := found[0], found[0].Figure
		if n.Parameter != c.parameter || n.From != c.from || n.To != c.to || n.Says == "" {
			t.Errorf("%s of %s: %+v", c.feature, c.file, n)
		}
		kept, missed := f.With >= f.Asked, f.Without < f.Asked
		if c.more {
			kept, missed = f.With <= f.Asked, f.Without > f.Asked
		}
		if !kept || !missed {
			t.Errorf("%s of %s: asked %v, with it %v, narrowed %v", c.feature, c.file, f.Asked, f.With, f.Without)
		}
	}
}

// Of what nobody asks a figure for there is the figure alone, and of what has no parameter nothing.
func TestAParameterThatNothingAsksFor(t *testing.T) {
	r := composed(t, "../corpus/examples/soil.sprocket")
	if n := narrowedOf(t, r, schema.CallNumber); len(n) != 1 || n[0].Figure.With != 2*n[0].Figure.Without || n[0].Figure.Asked != 0 || !strings.Contains(n[0].Says, "renewed") {
		t.Errorf("%+v", n)
	}
	if n := narrowedOf(t, composed(t, "../corpus/accepted/drawn.sprocket"), schema.CallerEpoch); len(n) != 1 || n[0].Figure.Without < 1.9*n[0].Figure.With {
		t.Errorf("%+v", n)
	}
	for _, feature := range []string{schema.AnswerMatching, schema.Serial, schema.TwoSlots, schema.OutcomeUnknown} {
		if n := narrowedOf(t, r, feature); n != nil {
			t.Errorf("%s: %+v", feature, n)
		}
	}
}

// The pace is the least that keeps the rate on a clock that runs fast: a millisecond less is too soon, and it itself is not.
func TestThePaceAMillisecondLess(t *testing.T) {
	r := composed(t, "../corpus/examples/soil.sprocket")
	n := narrowedOf(t, r, schema.Pacing)
	if len(n) != 1 || n[0].Property == nil || !strings.HasPrefix(n[0].Property.Name, "paced") || n[0].From != "51" || n[0].To != "50" {
		t.Fatalf("%+v", n)
	}
	only := *r.System
	only.Demands = nil
	for _, d := range r.System.Demands {
		if d.Kind == fsm.Paced {
			only.Demands = append(only.Demands, d)
		}
	}
	found, err := verify.Demands(&only, verify.Options{})
	if err != nil || len(found) != 2 || found[0].Verdict != verify.Holds || found[1].Verdict != verify.Holds {
		t.Errorf("%+v %v", found, err)
	}
}

// Fewer sends are as close as they can be: a millisecond closer there is one more.
func TestFewerSends(t *testing.T) {
	r := composed(t, "../corpus/examples/soil.sprocket")
	plan := *r.Plan
	c := plan.Interface.Calls[0]
	for n := plan.Schedules[c.Name].Sends; n > 1; n-- {
		was := plan.Schedules[c.Name]
		less := solver.Fewer(&plan, c)
		if less == nil || less.Sends >= was.Sends || less.First <= was.First || less.Cap != less.First || less.Chance >= was.Chance {
			t.Fatalf("%+v after %+v", less, was)
		}
		end := was.Expires - 2*plan.Pace
		sends := func(every time.Duration) int { return int((end + every - 1) / every) }
		if sends(less.First) != less.Sends || sends(less.First-time.Millisecond) != was.Sends {
			t.Errorf("%d sends every %v, and %d a millisecond closer: %+v", sends(less.First), less.First, sends(less.First-time.Millisecond), less)
		}
		plan.Schedules = map[string]*ir.Schedule{c.Name: less}
	}
	if less := solver.Fewer(&plan, c); less != nil {
		t.Errorf("one send, and fewer: %+v", less)
	}
	if less := solver.Fewer(r.Plan, r.Plan.Interface.Calls[1]); less != nil { // its intervals double
		t.Errorf("%+v", less)
	}
}
