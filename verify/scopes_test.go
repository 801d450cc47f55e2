package verify

import (
	"strings"
	"testing"

	"sprocketc/schema"
)

// Scoped numbers may be compared only once their scopes were found equal; else ranks say nothing, and neither does the
// block engine.
func TestScopesComeFirst(t *testing.T) {
	text := composed(t, agreeCase{calls: effect, caller: true, callee: true, off: []string{schema.CalleeEpoch}}.plan()).String()
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"when !(m.ce == ce && m.n == n)", "when !(m.n == n)", "m.n == n"},
		{"when !(m.ce == ce && m.n == n)", "when !(m.n == n && m.ce == ce)", "m.n == n"},
		{"when !(m.ce == ce && m.n == n)", "when m.ce != ce || m.n != n", "m.n != n"},
		{"|| m.ce == last_ce && before(m.n, last_n)", "|| before(m.n, last_n)", "before(m.n, last_n)"},
		{"when m.ce == last_ce && m.n == last_n {", "when m.ce == last_ce { when m.n == last_n { end; } }\n when m.ce == last_ce && m.n == last_n {", ""},
		{"when m.ce == last_ce && m.n == last_n {", "when m.ce == last_ce { last_ce = m.ce; when m.n == last_n { end; } }\n when m.ce == last_ce && m.n == last_n {", "last_ce = m.ce without last_n"},
		{"last_ce = m.ce;", "", "last_n = m.n"},
		{"last_n = m.n;", "", "last_ce = m.ce without last_n"},
		{"send ANS { fn: doing, ce: last_ce, n: last_n, ans: ans };", "send ANS { fn: doing, ce: none, n: last_n, ans: ans };", "send ANS with last_n"},
		{"when phase == running {", "when m.n == none || phase == running {", ""},
	} {
		if !strings.Contains(text, c.from) {
			t.Fatalf("%q is not there", c.from)
		}
		m := newModel(t, strings.ReplaceAll(text, c.from, c.to))
		if c.from == "" {
			m = newModel(t, text)
		}
		if got := m.outside(); got != c.want {
			t.Errorf("%q for %q: %q, want %q", c.to, c.from, got, c.want)
		}
		b := m.block(Options{MaxStates: 50})
		if (c.want != "") != (b.unfit && strings.Contains(b.limit, "outside their scope: ")) {
			t.Errorf("%q: unfit %v, %q", c.to, b.unfit, b.limit)
		}
	}
}
