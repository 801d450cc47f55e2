package verify

import (
	"strings"
	"testing"
)

// clockwork keeps time: a call is given up, answers are remembered, and datagrams of both peers keep apart.
const clockwork = `system clockwork;
number num;
enum fn { toggle, look }
set effect of fn { toggle }
set pure of fn { look }
set lasting of fn { toggle }
set kept of fn { look }
message REQ from caller { fn: fn; n: num; args: payload; }
message ANS from callee { n: num; ans: payload; }
channel request from caller to callee loses repeats;
channel reply from callee to caller loses repeats;
machine caller crashes drift 10000 ppm {
    var wait: bool;
    var n: num;
    var fn: fn while wait;
    var args: payload while wait;
    layer var held: bool;
    record used 2 slots { boot: num; }
    timer retry for fn { toggle: 200..800, look: 100 }
    timer expire for fn { toggle: 4950, look: 1980 }
    layer timer pace 51;
    memo answers for fn { toggle: 0 for 0, look: 4 for 29700 }
    on restart { when unreadable(used) { persist used { boot: none }; } persist used { boot: next(boot) }; n = boot; start pace; }
    on call(c) when !wait {
        when hit(answers, c.fn, c.args) { complete answer c.fn(recalled(answers)); end; }
        when c.fn in lasting { forget answers; }
        n = next(n);
        wait = true;
        fn = c.fn;
        args = c.args;
        ask answers;
        start expire for fn;
        start retry for fn;
        do transmit();
    }
    on timer retry { again retry for fn; do transmit(); }
    on timer expire { do finish(unknown, none); }
    on timer pace { when held && wait { held = false; do transmit(); } }
    on ANS(m) {
        when !wait || m.n != n { end; }
        when fn in kept { remember answers fn(args) = m.ans; }
        do finish(answer, m.ans);
    }
    tail transmit() {
        when running(pace) { held = true; end; }
        send REQ { fn: fn, n: n, args: args };
        start pace;
    }
    tail finish(o: outcome, answer: payload) {
        cancel expire;
        cancel retry;
        held = false;
        wait = false;
        complete o fn(answer);
    }
}
machine callee drift 10000 ppm {
    var n: num;
    layer timer pace 51;
    on restart { start pace; }
    on REQ(m) { when before(m.n, n) { end; } n = m.n; invoke m.fn(m.args); }
    on return(r) { when running(pace) { end; } send ANS { n: n, ans: r.ans }; start pace; }
    on timer pace { }
}
within caller for fn { toggle: 5000, look: 2000 };
fresh caller for fn { look: 30000 };
paced caller 50;
paced callee 50;
`

// timely gives the verdicts of the demands in time, those that hold left out, and what is wrong.
func timely(t *testing.T, text string) string {
	t.Helper()
	ps, err := demands(load(t, text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(ps) < 4 {
		t.Fatalf("only %d demands were decided", len(ps))
	}
	var out []string
	for _, p := range ps {
		if p.Verdict != Holds {
			out = append(out, p.Verdict+" "+p.Name+": "+p.Why)
		}
	}
	return strings.Join(out, "\n")
}

func TestDemandsInTime(t *testing.T) {
	if got := timely(t, clockwork); got != "" {
		t.Errorf("it holds to the last unit, but %s", got)
	}
	for _, c := range []struct{ old, new, want string }{
		{"toggle: 4950, look: 1980", "toggle: 4950, look: 1981", "violated within(look): a call of look may still be pending after 2000 ms: call of look"},
		{"within caller for fn { toggle: 5000,", "within caller for fn { toggle: 4999,", "violated within(toggle): a call of toggle may still be pending after 4999 ms: call of toggle"},
		{"start expire for fn;", "", "violated within"},
		{"look: 4 for 29700", "look: 4 for 29701", "undecided fresh(look): an answer may be given that is more than 30000 ms old, if callee can send what it takes: call of look, timer pace, arrival of ANS, call of look"},
		{"when c.fn in lasting { forget answers; }", "", "undecided fresh(look): an answer is kept beyond a call of toggle, after which it may be wrong, if callee can send"},
		{"layer timer pace 51;\n    memo", "layer timer pace 50;\n    memo", "violated paced(caller): two datagrams of caller may be less than 50 ms apart: call of"},
		{"n = boot; start pace; }", "n = boot; }", "violated paced(caller): two datagrams of caller may be less than 50 ms apart: call of toggle, crash, call of toggle"},
		{"send REQ { fn: fn, n: n, args: args };", "send REQ { fn: fn, n: n, args: args }; send REQ { fn: fn, n: n, args: args };", "violated paced(caller)"},
		{"layer timer pace 51;\n    on restart { start pace; }\n    on REQ", "layer timer pace 49;\n    on restart { start pace; }\n    on REQ", "undecided paced(callee): two datagrams of callee may be less than 50 ms apart, if caller can send"},
		{"drift 10000 ppm {\n    var wait", "{\n    var wait", ""},
		{"drift 10000 ppm {\n    var wait", "drift 10001 ppm {\n    var wait", "violated within(toggle)"},
	} {
		text := strings.Replace(clockwork, c.old, c.new, 1)
		if text == clockwork {
			t.Fatalf("%q is not there", c.old)
		}
		if got := timely(t, text); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s for %s:\n%s\nwant %s", c.new, c.old, got, c.want)
		}
	}
}
