package compile

import (
	"bytes"
	"context"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"sprocketc/diag"
	"sprocketc/verify"
)

// soil with its machines, unexplored.
func composed(t *testing.T, name string) *Result {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), &diag.File{Name: name, Text: text}, Compose, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func caseOf(t *testing.T, r *Result, fn string, fresh bool) verify.CallCase {
	t.Helper()
	i := slices.IndexFunc(r.Calls.Cases, func(c verify.CallCase) bool { return c.Fn == fn && c.Fresh == fresh })
	if i < 0 || r.Calls.Cases[i].Refused != "" {
		t.Fatalf("no figures of %s: %+v", fn, r.Calls)
	}
	return r.Calls.Cases[i]
}

// What the solver computes in closed form and what the machines do, of soil: where nothing waits for the pace they agree;
// where the solver takes the pace off the time, it says less, and the report says so.
func TestSoilsFiguresBesideTheSolvers(t *testing.T) {
	r := composed(t, "../corpus/examples/soil.sprocket")
	if err := Chances(t.Context(), r, 0); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"schedule", "water"} {
		p := caseOf(t, r, name, false).Outcomes[0].P
		if s := r.Plan.Schedules[name].Chance; s < p.Lo-1e-9 || s > p.Hi+1e-9 {
			t.Errorf("%s: solve says %v, the machines %v", name, s, p)
		}
	}
	sample, fresh := caseOf(t, r, "sample", false), caseOf(t, r, "sample", true)
	if !alike(sample, fresh) {
		t.Error("sample is not fenced, and differs after a start")
	}
	if water := caseOf(t, r, "water", true); water.Outcomes[0].P.Hi > 0.9 || water.Outcomes[3].P.Lo < 0.05 {
		t.Errorf("water after a start: %+v", water.Outcomes)
	}
	r.Report = &verify.Report{Verdict: verify.Holds}
	var b bytes.Buffer
	if err := PrintVerdict(&b, r, Style{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"sample: answered by 2 s 99.921 to 99.946 % of 99.9 % asked, met", "sample, just after a start of gateway: the same",
		"water: answered by 5 s 95.3344 %; unknown 4.6656 %", "solve says   sample: answered with 99.9007 %, by", "less than the machines do at least",
		"an altered datagram is not seen: 1.526e-05", "2.6813 datagrams", "gateway sends 16.3856 B and receives 7.6268 B",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	v := VerdictJSON(r)
	for _, p := range v.Probability {
		if p.Name == "Field.sample" && !(p.Value >= p.Target && p.Upper > p.Value && p.ClosedForm < p.Value && p.Target == 0.999) {
			t.Errorf("%+v", p)
		}
	}
	if b := v.Expected.Bounds; b.Bytes["water"][0] > v.Expected.Bytes["water"] || b.Bytes["water"][1] < v.Expected.Bytes["water"]-1e-9 || len(b.Latency) != 3 {
		t.Errorf("%+v beside %+v", b, v.Expected)
	}
	if len(v.Calls) != 6 || v.Calls[5].From != "start" || v.Calls[4].Received["probe"][0] < 13.1 || v.Calls[4].Received["probe"][1] > 13.2 {
		t.Errorf("%+v", v.Calls)
	}
}

// Two starts draw the same epoch: counted over all pairs of draws of 8 bits, of which 0 becomes 1.
func TestCollision(t *testing.T) {
	count := map[int]int{}
	for x := range 256 {
		count[max(x, 1)]++
	}
	same := 0
	for _, n := range count {
		same += n * n
	}
	if got, want := collision(8), float64(same)/65536; math.Abs(got-want) > 1e-15 {
		t.Errorf("%v, counted %v", got, want)
	}
}

func TestBetween(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		unit   string
		want   string
	}{
		{95.3344, 95.3344, " %", "95.3344 %"},
		{99.93062, 99.94098, " %", "99.930 to 99.941 %"},
		{99.99999999, 100, " %", "over 99.9999 %"},
		{100, 100, " %", "100 %"},
		{1e-7, 1e-7, " %", "1e-07 %"},
		{0, 0, " B", "0 B"},
		{488.2, 566.7, " ms", "488 to 567 ms"},
	} {
		if got := between(c.lo, c.hi, c.unit); got != c.want {
			t.Errorf("%v to %v: %q, not %q", c.lo, c.hi, got, c.want)
		}
	}
}
