package verify

import (
	"slices"
	"strings"
	"testing"

	"sprocketc/schema"
)

// attack fails where the engine is taken in: what exact words break must not hold in block words.
func attack(t *testing.T, text, property string, capacity int) {
	t.Helper()
	m := newModel(t, text)
	if fits, _ := m.blockFits(); !fits {
		t.Log("block words do not fit")
		return
	}
	if property == noDeadlock { // a loss is no step of exact words
		if r := refSearch(m, func(int) int { return capacity }, 20_000); r.broken != property {
			t.Fatalf("the naive semantics does not break %s: %q after %d states", property, r.broken, len(r.states))
		}
	} else {
		x := m.newExact(Options{MaxStates: 200_000}, capacity)
		x.want = func(p string) bool { return p == property }
		if r := x.run(); r.property != property {
			t.Fatalf("exact words do not break %s: %q %q after %d states", property, r.property, r.limit, r.states)
		}
	}
	b := m.block(Options{MaxStates: 20_000})
	t.Logf("broken %v, limit %q, %d states", b.broken, b.limit, b.states)
	if !slices.Contains(b.broken, property) && b.limit == "" {
		t.Errorf("%s is broken and was not found: broken %v", property, b.broken)
	}
}

const twoChannels = `
channel up from a to b loses repeats overtaking 1;
channel down from b to a loses repeats overtaking 1;
`

// A start may send.
func TestStartSends(t *testing.T) {
	attack(t, `system s; message HELLO from a { x: 0..1; } message BACK from b { x: 0..1; }`+twoChannels+`
machine a { var got: bool; on restart { send HELLO { x: 1 }; } on BACK(m) { when !got && m.x == 1 { got = true; } } }
machine b { on HELLO(m) { when m.x == 1 { breach wrong; } } free idle() { send BACK { x: 1 }; } }
`, "wrong", 2)
}

// An event of the environment may depend on its parameters.
func TestFreeEventsWithConditions(t *testing.T) {
	attack(t, `system s; message GO from a { x: 0..1; } message BACK from b { x: 0..1; }`+twoChannels+`
machine a { var got: bool; free go() { send GO { x: 1 }; } on BACK(m) { when !got && m.x == 1 { got = true; } } }
machine b { var armed: bool; free arm(on: bool) when on { armed = true; }
 on GO(m) { when armed && m.x == 1 { breach wrong; } } free idle() { send BACK { x: 1 }; } }
`, "wrong", 2)
}

// An event that its condition forbids sends nothing.
func TestNoAnswerAgainstACondition(t *testing.T) {
	m := newModel(t, `system s; message GO from a { x: 0..1; } message BACK from b { x: 0..1; }`+twoChannels+`
machine a { free go() { send GO { x: 1 }; } on BACK(m) { when m.x <= 1 { breach wrong; } } }
machine b { var armed: bool; on GO(m) when armed { send BACK { x: m.x }; } free idle(x: bool) when x && !x { armed = true; send BACK { x: 0 }; } }
`)
	if b := m.block(Options{MaxStates: 1000}); len(b.broken) > 0 || b.limit != "" {
		t.Errorf("broken %v, limit %q", b.broken, b.limit)
	}
}

// An invariant is checked in every state.
func TestInvariantsOverBlockWords(t *testing.T) {
	attack(t, `system s; message GO from a { x: 0..1; } message BACK from b { x: 0..1; }`+twoChannels+`
machine a { var got: bool; free go() { send GO { x: 1 }; } on BACK(m) { when !got && m.x == 1 { got = true; } } }
machine b { var y: 0..1; on GO(m) { y = m.x; } free idle() { send BACK { x: 0 }; } }
invariant low: b.y == 0;
`, "low", 2)
}

// A payload that a machine still holds can be sent after the call has ended.
func TestAPayloadThatIsKept(t *testing.T) {
	attack(t, `system s; enum fn { water } set effect of fn { water } set pure of fn { } set lasting of fn { water }
message REQ from a { args: payload; } message ANS from b { ans: payload; }`+twoChannels+`
machine a {
 var wait: bool; var args: payload; timer expire; timer later;
 on call(c) when !wait { wait = true; args = c.args; start expire; start later; }
 on timer expire { wait = false; complete timed_out water(none); }
 on timer later { when !wait { send REQ { args: args }; end; } start later; }
 on ANS(m) { when wait { wait = false; cancel expire; complete answer water(m.ans); } }
}
machine b {
 var ans: payload; var busy: bool;
 on REQ(m) { when busy { end; } busy = true; invoke water(m.args); }
 on return(r) { busy = false; ans = r.ans; send ANS { ans: ans }; }
}
check honest_outcome;
`, "honest_outcome", 2)
}

// A datagram that a machine has stored already changes it again once another was stored.
func TestAPayloadThatIsOverwritten(t *testing.T) {
	attack(t, `system s; enum fn { get } set pure of fn { get }
number num;
message REQ from a { args: payload; } message GO from a { n: num; } message ANS from b { n: num; ans: payload; }`+twoChannels+`
machine a {
 var wait: bool; var args: payload while wait; var n: num; timer retry;
 on call(c) when !wait { wait = true; args = c.args; n = next(n); start retry; send REQ { args: args }; }
 on timer retry { start retry; send REQ { args: args }; send GO { n: n }; }
 on ANS(m) { when wait && m.n == n { wait = false; cancel retry; complete answer get(m.ans); } }
}
machine b { var slot: payload; on REQ(m) { slot = m.args; } on GO(m) { send ANS { n: m.n, ans: slot }; } }
check own_answer;
`, "own_answer", 3)
}

// Values above 255 are told apart.
func TestLargeValues(t *testing.T) {
	attack(t, `system s; message GO from a { x: 0..1; } message BACK from b { x: 0..1; }`+twoChannels+`
machine a { var got: bool; free go() { send GO { x: 1 }; } on BACK(m) { when !got && m.x == 1 { got = true; } } }
machine b { var y: 0..600 = 44; on GO(m) { when y == 300 { breach wrong; } y = y + 256; } free idle() { send BACK { x: 1 }; } }
`, "wrong", 2)
}

// A caller without a call that reads its number is not taken on to its next one.
func TestAnIdleCallerThatHeedsItsNumber(t *testing.T) {
	text := composed(t, agreeCase{calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch}, within: 1}.plan()).String()
	edited := strings.Replace(text, "on ANS(m) {\n        when !wait {\n            end;\n        }", "on ANS(m) {", 1)
	if edited == text {
		t.Fatal(text)
	}
	attack(t, edited, "own_answer", 2)
}

// A callee that does not order epochs takes requests of several, which must not count as one.
func TestEpochsThatAreNotOrdered(t *testing.T) {
	text := composed(t, agreeCase{calls: effect, caller: true, off: []string{schema.CalleeEpoch}, within: 1}.plan()).String()
	edited := strings.Replace(text, "before(m.ce, last_ce) || ", "", 1)
	if edited == text {
		t.Fatal(text)
	}
	attack(t, edited, "at_most_once", 2)
}

// A callee that remembers its last three calls without an order forgets one only after three others.
func TestMemoryOfThree(t *testing.T) {
	text := composed(t, agreeCase{calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch}, within: -1}.plan()).String()
	r := strings.NewReplacer("when before(m.n, last_n) {\n            end;\n        }", "when m.n == n2 || m.n == n3 { end; }",
		"last_n = m.n;", "n3 = n2; n2 = last_n; last_n = m.n;",
		"var phase: phase;", "var phase: phase; var n2: num; var n3: num;",
		"var wait: bool;", "var wait: bool; var stop: bool;", "on call(c) when !wait {", "on call(c) when !wait && !stop {",
		"when maybe {", "when maybe {\n stop = true;")
	edited := r.Replace(text)
	attack(t, edited, "at_most_once", 4)
}

// A state in which nothing can happen once everything in flight is lost is a deadlock, whether or not there are calls.
func TestDeadlocksInBlockWords(t *testing.T) {
	attack(t, `system s; message GO from a { x: 0..1; } message BACK from b { x: 0..1; }`+twoChannels+`
machine a { var left: 0..2 = 2; free go() when left > 0 { left = left - 1; send GO { x: 1 }; } on BACK(m) { when m.x == 1 { left = 2; } } }
machine b { on GO(m) { send BACK { x: m.x }; } }
check no_deadlock;
`, "no_deadlock", 2)
	text := composed(t, agreeCase{calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch}}.plan()).String()
	edited := strings.Replace(strings.Replace(text, "start expire for fn;", "", 1), "start retry for fn;", "", 1)
	for _, timer := range []string{"expire", "retry"} {
		edited = strings.ReplaceAll(edited, "cancel "+timer+";", "")
	}
	attack(t, edited, "no_deadlock", 2)
}
