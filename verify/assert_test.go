package verify

import (
	"fmt"
	"strings"
	"testing"
)

// lamp is one call at a time over a line that loses and repeats, with two functions.
const lamp = `system lamp;
number num;
enum fn { toggle, look }
set effect of fn { toggle }
set pure of fn { look }
message REQ from caller { fn: fn; n: num; args: payload; }
message ANS from callee { n: num; ans: payload; }
channel request from caller to callee loses repeats;
channel reply from callee to caller loses repeats;
machine caller {
    var wait: bool;
    var n: num;
    var fn: fn while wait;
    var args: payload while wait;
    timer retry 200;
    timer expire 5000;
    on call(c) when !wait { wait = true; n = next(n); fn = c.fn; args = c.args; start expire; start retry; do transmit(); }
    on timer retry { again retry; do transmit(); }
    on timer expire { do finish(unknown, none); }
    on ANS(m) { when !wait || m.n != n { end; } do finish(answer, m.ans); }
    tail transmit() { send REQ { fn: fn, n: n, args: args }; }
    tail finish(o: outcome, answer: payload) { cancel expire; cancel retry; wait = false; complete o fn(answer); }
}
machine callee {
    var last: num;
    var done: bool;
    var ans: payload while done;
    on REQ(m) {
        when before(m.n, last) { end; }
        when m.n == last { when done { send ANS { n: last, ans: ans }; } end; }
        when last != none && !done { end; }
        last = m.n;
        done = false;
        invoke m.fn(m.args);
    }
    on return(r) { ans = r.ans; done = true; send ANS { n: last, ans: r.ans }; }
}
check own_answer;
`

// asserting checks a text with one assertion, in both engines, and gives the verdict on it.
func asserting(t *testing.T, text, assertion string) string {
	t.Helper()
	verdicts := map[string]bool{}
	for _, channels := range []string{"", "fifo:2"} {
		r, err := Check(load(t, text+"assert mine: "+assertion+";\n"), Options{Channels: channels, MaxStates: 400_000})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range r.Properties {
			if p.Name != "mine" {
				continue
			}
			verdict := p.Verdict
			if verdict == Undecided && channels != "" {
				verdict = Holds // up to that capacity
			}
			verdicts[verdict] = true
			if p.Verdict == Violated && (p.Run == nil || len(p.Run.Steps) == 0) {
				t.Errorf("%s: no run", assertion)
			}
			if p.Verdict == Holds && channels == "" && r.Engine != engineBlock {
				t.Errorf("%s: by %s", assertion, r.Engine)
			}
		}
	}
	if len(verdicts) != 1 {
		t.Fatalf("%s: the engines say %v", assertion, verdicts)
	}
	for v := range verdicts {
		return v
	}
	return ""
}

func TestAssertions(t *testing.T) {
	careless := strings.Replace(lamp, "when last != none && !done { end; }", "", 1)
	forgetful := strings.Replace(lamp, "when m.n == last { when done {", "when m.n == last && !done { when done {", 1)
	for _, c := range []struct{ text, assertion, want string }{
		{lamp, "never call.fn == toggle && call.starts == 2", Holds},
		{lamp, "always call.starts < 2", Holds},
		{forgetful, "always call.starts < 2 || call.fn == look", Violated},
		{lamp, "never call.outcome == unknown", Violated},
		{lamp, "never call.outcome == timed_out", Holds},
		{lamp, "after call.outcome == answer never call.running", Holds},
		{forgetful, "after call.outcome == answer never call.running", Violated},
		{lamp, "after call.outcome == unknown never call.running", Violated}, // its request is still under way
		{lamp, "after call.ended && call.outcome != unknown always !call.pending", Holds},
		{lamp, "never call.running && other.starts == toggle", Holds},
		{careless, "never call.running && call.fn == look && other.starts == toggle", Violated},
		{careless, "never call.pending && call.starts == 0 && other.starts == look", Violated},
		{lamp, "always caller.wait || calls.pending == 0", Holds},
		{lamp, "always caller.fn == toggle || callee.done", Violated},
	} {
		if got := asserting(t, c.text, c.assertion); got != c.want {
			t.Errorf("%s: %s, want %s", c.assertion, got, c.want)
		}
	}
}

func TestTooManyLatches(t *testing.T) {
	text := lamp
	for i := range maxLatches + 1 {
		text += fmt.Sprintf("assert a%d: after call.made never call.starts == 2;\n", i)
	}
	if _, err := NewModel(load(t, text)); err == nil {
		t.Error("no error")
	}
}
