package simulate_test

import (
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"sprocketc/compile/simulate"
	"sprocketc/diag"
	"sprocketc/faultlink"
	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/lang"
	"sprocketc/schema"
	"sprocketc/solver"
)

func load(t *testing.T, text string) (*ir.Plan, *fsm.System) {
	t.Helper()
	tree, found := lang.Parse(&diag.File{Name: "test.sprocket", Text: []byte(text)})
	if diag.HasErrors(found) {
		t.Fatal(found[0].Message)
	}
	program, found := ir.Lower(tree)
	if program == nil {
		t.Fatal(found[0].Message)
	}
	plan, found := solver.Solve(program)
	if plan == nil {
		t.Fatal(found[0].Message)
	}
	sys, err := schema.System(plan)
	if err != nil {
		t.Fatal(err)
	}
	return plan, sys
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const soil, sensor = "../../corpus/examples/soil.sprocket", "../testdata/sensor.sprocket"

func run(t *testing.T, text string, change func(*simulate.Config)) *simulate.Summary {
	t.Helper()
	plan, sys := load(t, text)
	c := simulate.Defaults(plan)
	change(&c)
	sum, err := simulate.Run(plan, sys, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// What the program demands holds under the faults that it declares, crashes included, and every call is accounted for.
func TestSoilKeepsItsPromises(t *testing.T) {
	for seed := range uint64(4) {
		s := run(t, read(t, soil), func(c *simulate.Config) { c.Seed, c.Calls, c.Crash = seed, 1000, 0.01 })
		if s.Broken() > 0 {
			t.Errorf("seed %d: %d promises broken: %+v", seed, s.Broken(), s)
		}
		made := 0
		for _, c := range s.Calls {
			made += c.Made
			if sum := c.Answered + c.Refused + c.TimedOut + c.Unknown + c.Restarted + c.Cut; sum != c.Made {
				t.Errorf("%s: made %d, ended %d", c.Name, c.Made, sum)
			}
			if c.Answered < c.Made*6/10 {
				t.Errorf("%s: only %d of %d were answered", c.Name, c.Answered, c.Made)
			}
		}
		if made != 1000 {
			t.Errorf("seed %d: %d calls made", seed, made)
		}
		if s.Crashes[0].Crashes == 0 || s.Crashes[1].Crashes == 0 || s.Datagrams.Lost == 0 || s.Datagrams.Repeated == 0 || s.Datagrams.Overtaken == 0 || s.Datagrams.Altered == 0 {
			t.Errorf("seed %d: a fault did not occur: %+v", seed, s)
		}
		if s.Calls[0].Remembered == 0 {
			t.Error("no answer came from the memo")
		}
	}
}

func TestPerfectLinkAnswersEverythingOnce(t *testing.T) {
	s := run(t, read(t, sensor), func(c *simulate.Config) {
		c.Faults = faultlink.Faults{}
		c.Calls = 300
	})
	for _, c := range s.Calls {
		if c.Answered != c.Made || c.Ran != c.Made {
			t.Errorf("%+v", c)
		}
	}
	if s.Datagrams.Sent != 600 {
		t.Errorf("%d datagrams for 300 calls", s.Datagrams.Sent)
	}
}

// The solver's expectation and what is measured are two computations of one figure.
func TestBytesAreWhatTheSolverExpects(t *testing.T) {
	plan, sys := load(t, read(t, sensor))
	c := simulate.Defaults(plan)
	c.Calls, c.Faults.Repeat = 20000, 0
	s, err := simulate.Run(plan, sys, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for _, x := range s.Calls {
		want += plan.Costs.BytesPerCall[x.Name] * float64(x.Made) / float64(c.Calls)
	}
	if got := float64(s.Datagrams.Bytes) / float64(c.Calls); math.Abs(got-want) > 0.03*want {
		t.Errorf("mean %.2f B a call, expected %.2f", got, want)
	}
}

// Without a feature that the plan needs, the simulation sees what then goes wrong.
func TestBrokenPlansAreSeen(t *testing.T) {
	force := func(what string) string {
		return strings.Replace(read(t, sensor), "\n    call read", "\n    force { "+what+" }\n    call read", 1)
	}
	for _, c := range []struct {
		what string
		seen func(simulate.CallSummary) int
	}{
		{"duplicate suppression off", func(c simulate.CallSummary) int { return c.RanTwice }},
		{"answer matching off", func(c simulate.CallSummary) int { return c.Wrong }},
	} {
		s := run(t, force(c.what), func(c *simulate.Config) { c.Calls, c.Faults.Overtake = 3000, 4 })
		n := 0
		for _, x := range s.Calls {
			n += c.seen(x)
		}
		if n == 0 {
			t.Errorf("%s: nothing was seen: %+v", c.what, s.Calls)
		}
	}
}

func TestSameSeedSameRun(t *testing.T) {
	steps := func(seed uint64) (out []simulate.Step) {
		plan, sys := load(t, read(t, soil))
		c := simulate.Defaults(plan)
		c.Seed, c.Calls = seed, 50
		if _, err := simulate.Run(plan, sys, c, func(s simulate.Step) { out = append(out, s) }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if a, b := steps(7), steps(7); !reflect.DeepEqual(a, b) {
		t.Error("two runs of one seed differ")
	}
	if reflect.DeepEqual(steps(7), steps(8)) {
		t.Error("runs of two seeds are the same")
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"loss=0.2", ""}, {"loss=20%", ""}, {"repeat=1", ""}, {"reorder=any", ""}, {"reorder=4", ""}, {"corrupt=0.01", ""},
		{"delay=10ms..400ms", ""}, {"delay=5ms", ""}, {"crash=0.5", ""},
		{"loss", "a fault is written as loss=0.2"}, {"loss=2", "probability"}, {"loss=-1", "probability"}, {"loss=NaN", "probability"},
		{"reorder=x", "number of datagrams"}, {"reorder=-2", "number of datagrams"}, {"delay=x", "is a time"}, {"delay=5ms..1ms", "not a range"},
		{"fire=1", "there is no fault"},
	} {
		err := (&simulate.Config{}).Set(c.text)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}
