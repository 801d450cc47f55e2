package verify

import (
	"math"
	"math/big"
	"os"
	"strings"
	"testing"

	"sprocketc/diag"
	"sprocketc/fsm"
)

func chainOfText(t *testing.T, name, text string) *Chain {
	t.Helper()
	s, ds := fsm.Load(&diag.File{Name: name, Text: []byte(text)})
	for _, d := range ds {
		t.Fatalf("%s: %s: %s", name, d.Code, d.Message)
	}
	m, err := NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	return m.Chain()
}

func figureOf(t *testing.T, c *Chain, name string) *big.Rat {
	t.Helper()
	for _, f := range c.Figures {
		if f.Name == name {
			if f.Value.Exact == nil {
				t.Fatalf("%s is not exact: %+v", name, f.Value)
			}
			return f.Value.Exact
		}
	}
	t.Fatalf("no figure %s: %s", name, c.Refused)
	return nil
}

// The bounded retransmission protocol against the figures of PRISM 4's benchmark suite: states, transitions (with a loop
// at each end) and probabilities.
func TestBoundedRetransmission(t *testing.T) {
	for _, c := range []struct {
		name                string
		states, transitions int
		figures             map[string]float64
	}{
		{"brp", 677, 867, map[string]float64{"no_success": 4.233334437734179e-4, "dont_know": 2.6453089120221642e-5, "got_nothing": 8e-6}},
		{"brp_3", 886, 1155, map[string]float64{"got_nothing": 1.6e-7}},
	} {
		text, err := os.ReadFile("../corpus/models/" + c.name + ".fsm")
		if err != nil {
			t.Fatal(err)
		}
		x := chainOfText(t, c.name, string(text))
		if x.States != c.states || x.Transitions != c.transitions {
			t.Errorf("%s: %d states, %d transitions; PRISM has %d and %d", c.name, x.States, x.Transitions, c.states, c.transitions)
		}
		for name, want := range c.figures {
			if got, _ := figureOf(t, x, name).Float64(); math.Abs(got/want-1) > 1e-12 {
				t.Errorf("%s: %s is %v, PRISM says %v", c.name, name, got, want)
			}
		}
	}
}

// A frame of the file of 16 fails where all of its attempts do: the closed form of the whole transfer, as a fraction.
func TestBoundedRetransmissionClosedForm(t *testing.T) {
	for name, attempts := range map[string]int{"brp": 3, "brp_3": 4} {
		text, err := os.ReadFile("../corpus/models/" + name + ".fsm")
		if err != nil {
			t.Fatal(err)
		}
		x := chainOfText(t, name, string(text))
		one := big.NewRat(1, 1)
		miss := new(big.Rat).Sub(one, new(big.Rat).Mul(big.NewRat(98, 100), big.NewRat(99, 100)))
		fails := big.NewRat(1, 1)
		for range attempts {
			fails.Mul(fails, miss)
		}
		all := big.NewRat(1, 1)
		for range 16 {
			all.Mul(all, new(big.Rat).Sub(one, fails))
		}
		if got, want := figureOf(t, x, "no_success"), all.Sub(one, all); got.Cmp(want) != 0 {
			t.Errorf("%s: %v, the closed form says %v", name, got, want)
		}
	}
}

const tosses = `system tosses;
message TOSS from a { }
message SEEN from b { }
channel there from a to b loses 1/4;
channel back from b to a loses 1/3;
machine a {
    var done: bool;
    timer again 10;
    on restart { start again; }
    on timer again { send TOSS {}; start again; }
    on SEEN { done = true; }
}
machine b {
    var n: 0..1;
    on TOSS { n = 1 - n; send SEEN {}; }
}
final: a.done;
probability sees: a.done;
probability even: a.done && b.n == 0;
expected tosses: TOSS;
expected seen: SEEN;
check bounded;
`

// What goes round in circles: attempts until one is answered, with probability 1/2 each.
func TestChainWithCircles(t *testing.T) {
	x := chainOfText(t, "tosses", tosses)
	// even: b's count at success; each attempt arrives and is not seen with 1/4, arrives and is seen with 1/2.
	// E = 1/4 E + 1/4 O + 0 (seen with n = 1), O = 1/4 O + 1/4 E + 1/2 (seen with n = 0): E = 1/4.
	for name, want := range map[string]string{"sees": "1", "even": "1/4", "tosses": "2", "seen": "3/2"} {
		if got := figureOf(t, x, name).RatString(); got != want {
			t.Errorf("%s is %s, not %s", name, got, want)
		}
	}
}

func TestChainIsRefused(t *testing.T) {
	defer func(n int) { mostChain = n }(mostChain)
	mostChain = 3000
	for _, c := range []struct{ old, new, why string }{
		{"loses 1/4", "loses", "how often it loses"},
		{"loses 1/4", "loses 1/4 delays 1..2", "at once only"},
		{"loses 1/4", "loses 1/4 corrupts", "how often it corrupts"},
		{"var done: bool;", "var done: bool = any;", "any value"},
		{"    timer again 10;", "    timer again 10;\n    free left when !done { done = true; }\n    free right when !done { done = true; }", "a's left, and a's right"},
		{"{ start again; }", "{ start again; start other; }\n    timer other 10;\n    on timer other { done = true; }", "timer again, and a's timer other"},
		{"on restart { start again; }", "on restart { start again; send TOSS {}; }", "when it starts"},
		{"var n: 0..1;\n    on TOSS { n = 1 - n;", "var n: 0..1000000;\n    on TOSS { n = n + 1;", "more than 3000 states"},
	} {
		text := strings.Replace(tosses, c.old, c.new, 1)
		if text == tosses {
			t.Fatalf("%q is not in the text", c.old)
		}
		if x := chainOfText(t, "tosses", text); !strings.Contains(x.Refused, c.why) || len(x.Figures) > 0 {
			t.Errorf("%s: %q, not %q", c.new, x.Refused, c.why)
		}
	}
}

// Two timers of which each starts itself again: which is next depends on nothing but how long they still run, so that
// is kept. The third of their firings is two's.
func TestClocksThatDecideAreKept(t *testing.T) {
	x := chainOfText(t, "clocks", `system clocks;
message NOTE from a { }
channel there from a to b loses 1/2;
machine a {
    var last: 0..2;
    timer one 100;
    timer two 170;
    on restart { start one; start two; }
    on timer one { last = 1; start one; send NOTE {}; }
    on timer two { last = 2; }
}
machine b {
    var heard: 0..3;
    on NOTE when heard < 3 { heard = heard + 1; }
}
final: a.last == 2;
probability one_heard: a.last == 2 && b.heard == 1;
expected notes: NOTE;
check bounded;
`)
	if strings.Contains(strings.Join(x.Given, "\n"), "left out") {
		t.Error("the clocks were left out")
	}
	if p, n := figureOf(t, x, "one_heard").RatString(), figureOf(t, x, "notes").RatString(); p != "1/2" || n != "1" {
		t.Errorf("heard once with %s, %s notes", p, n)
	}
}
