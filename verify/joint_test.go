package verify

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sprocketc/verify/random"
)

// The symbolic search by layers against the explicit one on random systems with numbers, tokens and crashes: the same
// states, and runs as long as the shortest.
func TestJointAgainstExplicit(t *testing.T) {
	compared, violated := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		capacity, text := rapid.IntRange(0, 2).Draw(rt, "capacity"), ""
		if rapid.IntRange(0, 2).Draw(rt, "calls") == 0 {
			text = random.Calls(rt, min(capacity, 1), rapid.Bool().Draw(rt, "few"))
		} else {
			text = random.System(rt, capacity)
		}
		if rapid.IntRange(0, 2).Draw(rt, "no order") == 0 {
			text = keepNoOrder(text)
		}
		m := drawn(rt, text)
		opt := Options{NoReduction: rapid.Bool().Draw(rt, "thorough"), MaxStates: 20_000}
		x := m.newExact(opt, 2)
		want := x.run()
		if want.stopped {
			return
		}
		compared++
		j := m.newJoint(2, opt, anyProperty)
		j.run()
		if want.property != "" {
			violated++
		}
		if (j.property == "") != (want.property == "") {
			rt.Fatalf("%q, explicit %q\n%s", j.property, want.property, text)
		}
		if want.property != "" {
			r := exactResult{property: j.property, why: j.why, path: j.trace()}
			late := j.property != want.property && len(r.path)+1 == len(want.path)
			if len(r.path) != len(want.path) && !late {
				rt.Fatalf("%d states to %s, explicit %d to %s\n%s", len(r.path), j.property, len(want.path), want.property, text)
			}
			if _, err := x.replay(r); err != nil {
				rt.Fatalf("%v\n%s", err, text)
			}
			return
		}
		if n := j.total.Int64(); n != int64(want.states) || (j.limit == "") != (want.limit == "") || len(j.layers) != want.depth+1 {
			rt.Fatalf("%d states, %q, %d layers; explicit %d, %q, depth %d\n%s", n, j.limit, len(j.layers), want.states, want.limit, want.depth, text)
		}
	})
	t.Logf("%d systems compared, %d of them violated", compared, violated)
	if compared < 20 || violated < 5 {
		t.Errorf("only %d systems compared, %d of them violated", compared, violated)
	}
}

var channelLine = regexp.MustCompile(`(?m)^channel .*;$`)

// keepNoOrder lets the channels of a system keep no order.
func keepNoOrder(text string) string {
	return channelLine.ReplaceAllStringFunc(text, func(c string) string {
		return strings.TrimSuffix(strings.NewReplacer(" overtaking 1", "", " overtaking any", "", " oldest", "").Replace(c), ";") + " overtaking any;"
	})
}

// What a channel that keeps no order holds is sorted, and sorted anew where tokens are numbered as they first occur: that
// must not make two states of one.
func TestTokensInChannelsThatKeepNoOrder(t *testing.T) {
	const text = `system tokens;
token tag;
message REQ from caller { v: 0..1; t: tag; }
channel up from caller to callee capacity %d%s overtaking any;
machine caller {
    var x: 0..1;
    var t: tag;
    free go when x == 0 { x = 1; t = fresh(tag); send REQ { v: 1, t: t }; }
    free on when x == 1 { x = 0; t = fresh(tag); send REQ { v: 0, t: t }; }
    free never when t == none && x == 0 && x == 1 { x = 0; }
}
machine callee {
    var tok: tag;
    on REQ(m) { when m.v == 0 { end; } tok = m.t; }
    free never when tok == none && tok != none { tok = none; }
}
`
	for capacity := 1; capacity <= 3; capacity++ {
		for _, does := range []string{"", " loses", " repeats", " loses repeats", " waits", " loses waits", " corrupts", " repeats corrupts"} {
			r := check(t, fmt.Sprintf(text, capacity, does), Options{Engine: Both})
			if r.Verdict != Holds {
				t.Errorf("capacity %d%s: %s %s", capacity, does, r.Verdict, r.Why)
			}
		}
	}
}
