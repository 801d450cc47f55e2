package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sprocketc/fsm"
	"sprocketc/schema"
)

func check(t *testing.T, text string, opt Options) *Report {
	t.Helper()
	return decide(t, load(t, text), opt)
}

func decide(t *testing.T, sys *fsm.System, opt Options) *Report {
	t.Helper()
	r, err := Check(sys, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// brief is a report in lines: the verdict, then each property with its verdict and the length of its run.
func brief(r *Report) []string {
	out := []string{r.Verdict + " by " + r.Engine}
	for _, p := range r.Properties {
		line := p.Name + " " + p.Verdict
		if p.Run != nil {
			line += fmt.Sprintf(" in %d", len(p.Run.Steps))
		}
		out = append(out, line)
	}
	return out
}

func TestCheckKnownModels(t *testing.T) {
	for name, want := range map[string][]string{
		"lamport_alternating_bit": {"holds by exact words", "types holds", "accepted holds"},
		"lamport_ab_correctness":  {"holds by exact words", "types holds"},
		"pingpong":                {"holds by exact words", "in_step holds"},
		"stop_and_wait":           {"holds by block words", "own_answer holds", "at_most_once holds"},
	} {
		if d := cmp.Diff(want, brief(check(t, modelText(t, name), Options{}))); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// With a capacity asked for, the verdict holds for every capacity where no send met the end of a channel, and is
// undecided where one did.
func TestCheckWithinACapacity(t *testing.T) {
	r := check(t, modelText(t, "stop_and_wait"), Options{Channels: "fifo:2"})
	if r.Verdict != Holds || len(r.Assumptions) != 1 || !strings.Contains(r.Assumptions[0], "proved: channels of any capacity do the same, since no send finds one of 2 full") {
		t.Errorf("%s, %v", r.Verdict, r.Assumptions)
	}
	r = check(t, stopAndWait(t, 3, 1), Options{Channels: "fifo:1"})
	if r.Verdict != Undecided || !strings.HasPrefix(r.Why, "no violation up to capacity 1: a send found channel request full") {
		t.Errorf("%s: %s", r.Verdict, r.Why)
	}
	r = check(t, stopAndWait(t, 2, 1), Options{Channels: "fifo:2"})
	if r.Verdict != Violated {
		t.Errorf("%s: %s", r.Verdict, r.Why)
	}
	for _, p := range r.Properties {
		if p.Name == "at_most_once" && (p.Run == nil || p.Run.Steps[len(p.Run.Steps)-1].Bad != p.Name) {
			t.Errorf("at_most_once: %s, run %v", p.Verdict, p.Run)
		}
	}
	if _, err := Check(load(t, modelText(t, "pingpong")), Options{Channels: "fifo:0"}); err == nil {
		t.Error("a capacity of 0 was taken")
	}
}

// A broken system whose block words grow without end is reported as broken all the same.
func TestCheckEndsOnWhatBreaks(t *testing.T) {
	r := check(t, stopAndWait(t, 2, 1), Options{})
	if r.Verdict != Violated {
		t.Fatalf("%s: %s", r.Verdict, r.Why)
	}
	for _, p := range r.Properties {
		if p.Verdict == Violated && p.Run == nil {
			t.Errorf("%s has no run", p.Name)
		}
	}
}

func TestCheckStopsAtLimits(t *testing.T) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	text := modelText(t, "pingpong")
	for name, opt := range map[string]Options{
		"limit of 100 states": {MaxStates: 100}, "limit of 1000 bytes": {MaxMemory: 1000}, "was interrupted": {Context: done},
	} {
		r := check(t, text, opt)
		if r.Verdict != Undecided || !strings.Contains(r.Why, name) {
			t.Errorf("%s: %s, %q", name, r.Verdict, r.Why)
		}
	}
}

// Each property has a verdict of its own: the search goes on behind what breaks first.
func TestCheckGoesOnBehindAViolation(t *testing.T) {
	text := `system two;
machine one {
    var x: 0..3;
    free up when x < 3 {
        x = x + 1;
        when x == 2 { breach early; }
        when x == 3 { breach late; }
    }
    free down when x == 3 { x = 0; }
}
invariant small: one.x < 2;
invariant always: one.x < 4;
`
	want := []string{"violated by exact words", "small violated in 2", "always holds", "early violated in 2", "late violated in 3"}
	if d := cmp.Diff(want, brief(check(t, text, Options{}))); d != "" {
		t.Error(d)
	}
}

func TestCheckFindsDeadlocks(t *testing.T) {
	// each waits for the other's channel to drain
	text := `system stuck;
message A from one { }
message B from two { }
channel ab from one to two capacity 1;
channel ba from two to one capacity 1;
machine one {
    free start { send A { }; }
    on B(m) { send A { }; }
}
machine two {
    free start { send B { }; }
    on A(m) { send B { }; }
}
check no_deadlock useful;
`
	r := check(t, text, Options{})
	if d := cmp.Diff([]string{"violated by exact words", "no_deadlock violated in 2"}, brief(r)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]NotChecked{{"useful", "it is decided only for channels that lose and repeat"}}, r.NotChecked); d != "" {
		t.Error(d)
	}
}

// An altered number is a number of another call; an altered payload is nobody's.
func TestCheckCorruption(t *testing.T) {
	text := stopAndWait(t, 3, 1)
	if r := check(t, strings.ReplaceAll(text, "overtaking 1;", "overtaking 1 corrupts;"), Options{Channels: "fifo:2"}); r.Verdict != Violated {
		t.Errorf("with corruption: %s, %s", r.Verdict, r.Why)
	}
	if r := check(t, text, Options{}); r.Verdict != Holds {
		t.Errorf("without: %s, %s", r.Verdict, r.Why)
	}
}

// What a search proves of its own reductions stands beside the verdict, and only beside one that is complete.
func TestProvedAssumptions(t *testing.T) {
	s := composed(t, agreeCase{calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch}}.plan())
	r := decide(t, s, Options{})
	for _, want := range []string{"proved: one marked call speaks for every call", "proved: numbers count by their order alone"} {
		if !slices.ContainsFunc(r.Assumptions, func(a string) bool { return strings.HasPrefix(a, want) }) || r.Verdict != Holds {
			t.Errorf("%s, without %q: %q", r.Verdict, want, r.Assumptions)
		}
	}
	for _, a := range decide(t, s, Options{MaxStates: 10}).Assumptions {
		if strings.HasPrefix(a, "proved") {
			t.Errorf("after 10 states %q", a)
		}
	}
	for _, a := range check(t, modelText(t, "pingpong"), Options{}).Assumptions {
		if strings.HasPrefix(a, "proved") {
			t.Errorf("a system without calls and numbers: %q", a)
		}
	}
}

// A reliable channel whose text states no capacity, and a sender that is never stopped: every capacity is met, and no
// search says more than that. With an answer to each datagram two are enough, and that is proved.
func TestCapacityThatIsNotStated(t *testing.T) {
	text := `system s; message A from one { } message B from two { }
channel up from one to two; channel down from two to one;
machine one { var out: 0..1; free go when WHEN { out = 1; send A { }; } on B(m) { out = 0; } free odd when out == 1 && never { out = 0; } var never: bool; free no when never { never = true; } }
machine two { var n: 0..1; on A(m) { n = 1 - n; send B { }; } }
invariant small: two.n < 2;
`
	r := check(t, strings.Replace(text, "WHEN", "true", 1), Options{Engine: "explicit"})
	if r.Verdict != Undecided || !strings.HasPrefix(r.Why, "no violation up to capacity 8: a send found channel") {
		t.Errorf("%s: %s", r.Verdict, r.Why)
	}
	r = check(t, strings.Replace(text, "WHEN", "out == 0", 1), Options{Engine: "explicit"})
	if r.Verdict != Holds || !slices.Contains(r.Assumptions, "proved: channels of any capacity do the same, since no send finds one of 2 full") {
		t.Errorf("%s: %s, %q", r.Verdict, r.Why, r.Assumptions)
	}
}
