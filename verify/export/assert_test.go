package export_test

import (
	"slices"
	"strings"
	"testing"

	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/verify"
	"sprocketc/verify/export"
)

// lamp is one call at a time over a line that loses and repeats, with two functions; the caller gives up.
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
    timer expire 5000;
    on call(c) when !wait { wait = true; n = next(n); fn = c.fn; args = c.args; start expire; do transmit(); }
    on timer expire { do finish(unknown, none); }
    on ANS(m) { when !wait || m.n != n { end; } do finish(answer, m.ans); }
    tail transmit() { send REQ { fn: fn, n: n, args: args }; }
    tail finish(o: outcome, answer: payload) { cancel expire; wait = false; complete o fn(answer); }
}
machine callee {
    var last: num;
    var done: bool;
    var ans: payload while done;
    on REQ(m) {
        when before(m.n, last) { end; }
        when m.n == last { when done { send ANS { n: last, ans: ans }; } end; }
        when last != none && !done { end; }
        done = false;
        invoke m.fn(m.args);
        last = m.n;
    }
    on return(r) { ans = r.ans; done = true; send ANS { n: last, ans: r.ans }; }
}
assert once: never call.fn == toggle && call.starts == 2;
assert told: never call.outcome == unknown;
assert in_time: never call.outcome == timed_out;
assert over: after call.outcome == answer never call.running;
assert gone: after call.outcome == unknown never call.running;
assert ends: after call.ended && call.outcome != unknown always !call.pending;
assert alone: never call.running && other.starts == toggle;
assert unseen: never call.pending && call.starts == 0 && other.starts == look;
assert idle: always caller.wait || calls.pending == 0;
assert fitting: after call.made always call.fn in effect || call.fn == look;
assert any: always caller.fn == toggle || callee.done;
assert later: after callee.done never caller.fn == look && caller.wait;
assert opened: after caller.wait never callee.done && calls.pending > 1;
assert early: never other.starts == look && callee.last == caller.n;
assert either: after call.running || calls.pending == 1 never other.starts in pure && call.starts > 1;
check own_answer;
`

// variants of the lamp: as it is, and with something wrong.
var variants = []struct {
	name    string
	changes []string // old, new, ...
}{
	{"whole", nil},
	{"without the marked call", []string{"assert once", "//", "assert told", "//", "assert in_time", "//", "assert over", "//", "assert gone", "//", "assert ends", "//",
		"assert alone", "//", "assert unseen", "//", "assert fitting", "//", "assert either", "//"}},
	{"careless", []string{"when last != none && !done { end; }", ""}},
	{"forgetful", []string{"when m.n == last { when done {", "when m.n == last && !done { when done {"}},
	{"restarting caller", []string{"machine caller {", "machine caller crashes 1 {", "var n: num;", "record id 2 slots { n: num; }", "n = next(n);", "persist id { n: next(n) };", "loses repeats", "loses"}},
	{"restarting callee", []string{"machine callee {", "machine callee crashes 1 {", "loses repeats", "loses"}},
}

// What comes about eventually is refused, and says so.
func TestEventually(t *testing.T) {
	sys, ds := fsm.Load(&diag.File{Name: "lamp.fsm", Text: []byte(lamp + "assert some_day: after call.pending eventually call.ended;\n")})
	if len(ds) > 0 {
		t.Fatal(ds[0].Message)
	}
	for _, to := range export.Targets() {
		if _, err := export.Export(sys, to, export.Options{Capacity: 1}); err == nil || !strings.Contains(err.Error(), "some_day") {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// What a system asserts of its own: SPIN, the TLA+ text and the checker find the same assertions broken, every one of them,
// and as many states where none is.
func TestAssertions(t *testing.T) {
	total := map[string]int{}
	for _, v := range variants {
		name := v.name
		if !all && (name == "careless" || name == "restarting caller") {
			continue
		}
		sys, ds := fsm.Load(&diag.File{Name: "lamp.fsm", Text: []byte(strings.NewReplacer(v.changes...).Replace(lamp))})
		if len(ds) > 0 {
			t.Fatal(name, ds[0].Message)
		}
		all := sys.Assertions
		for _, broken := range []bool{true, false} {
			states, bad, r := ours(t, sys, 1)
			if r.Verdict == verify.Undecided && !full(r.Why) {
				t.Fatal(name, r.Why)
			}
			o := spin(t, sys, options(t, name, sys, 1), 0, patience(), plenty)
			t.Logf("%s: %d states, %v; SPIN %d, %v", name, states, bad, o.states, o.broken)
			if !slices.Equal(bad, o.broken) || len(bad) == 0 && states != o.states || !o.complete || len(bad) > 0 != broken {
				t.Errorf("%s: %v (%s), SPIN %v\n%s", name, bad, r.Why, o.broken, o.out)
			}
			agreeTLA(t, name, sys, 1, 1600)
			for _, p := range bad {
				total[p]++
			}
			sys.Checks = slices.DeleteFunc(sys.Checks, func(c string) bool { return slices.Contains(bad, c) })
			sys.Assertions = slices.DeleteFunc(sys.Assertions, func(a *fsm.Assertion) bool { return slices.Contains(bad, a.Name) })
		}
		if len(sys.Assertions) == 0 || len(sys.Assertions) == len(all) {
			t.Errorf("%s: %d of %d assertions are left", name, len(sys.Assertions), len(all))
		}
	}
	t.Log(total)
}

// What asserted.sprocket asserts, of its machines and of some that lack a stage: SPIN finds the same broken.
func TestAsserted(t *testing.T) {
	for _, v := range []struct {
		name, stage string
		quick       bool
		broken      []string // of the assertions, those that break
	}{
		{"whole", "", false, nil},
		{"not serial", "[serial] when phase == running {\n            end;\n        }", true, []string{"never_open_runs_while_state_runs"}},
		{"no record", "[intent record] when m.fn in effect {\n            persist intent { rec_ce: m.ce, rec_n: m.n };\n        }", false, []string{"at_most_once_Door_open"}},
		{"no suspicion", "[may have run] do suspect();", true, []string{"after_open_timed_out_never_open_runs"}},
		{"any answer", "[answer matching] when !(m.ce == ce && m.n == n) {\n            end;\n        }", true, []string{"after_open_answered_always_not_open_pending_and_open_ran"}},
	} {
		if !all && !v.quick {
			continue
		}
		text := compose(t, "../../corpus/accepted/asserted.sprocket").String()
		if !strings.Contains(text, v.stage) {
			t.Fatal(v.name, text)
		}
		sys, ds := fsm.Load(&diag.File{Name: "asserted.fsm", Text: []byte(strings.Replace(text, v.stage, "", 1))})
		if len(ds) > 0 {
			t.Fatal(v.name, ds[0].Message)
		}
		sys.Checks = nil // it is about what the program asserts
		states, bad, r := ours(t, sys, 1)
		if r.Verdict == verify.Undecided && !full(r.Why) {
			t.Fatal(v.name, r.Why)
		}
		wanted := len(v.broken)
		if all {
			wanted = 0
		}
		o := spin(t, sys, options(t, v.name, sys, 1), wanted, patience(), plenty)
		t.Logf("%s: %d states, %v; SPIN %d, %v", v.name, states, bad, o.states, o.broken)
		if !slices.Equal(bad, v.broken) || !slices.Equal(o.broken, v.broken) || len(bad) == 0 && (states != o.states || !o.complete) {
			t.Errorf("%s: %v, SPIN %v, want %v\n%s", v.name, bad, o.broken, v.broken, o.out)
		}
		judge(t, v.name, sys, 1, byDefault(t, sys, limit()), o.broken, wanted > 0)
	}
}
