package fsm

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sprocketc/diag"
)

// What a text says of chances reads back, in lowest terms.
func TestChancesReadBack(t *testing.T) {
	const text = `system coin;

message TOSS from a {
}

channel there from a to b loses 1/300 overtaking any delays 5..70;
channel back from b to a loses 2%;
channel may from b to a loses oldest 1/7;

machine a {
    var n: 0..3;
}

machine b {
}

// The end.
final: a.n == 3;
probability three: a.n == 3 || a.n == 2;
expected tosses: TOSS;
`
	s := parseText(t, "coin", []byte(text))
	if got := s.String(); got != text {
		t.Error(cmp.Diff(text, got))
	}
	for _, c := range []struct{ said, want string }{{"20%", "20%"}, {"1/5", "20%"}, {"3/200", "3/200"}, {"50/100", "50%"}, {"100%", "100%"}, {"0%", "0%"}} {
		s := parseText(t, "coin", []byte(strings.Replace(text, "1/300", c.said, 1)))
		if got := s.Channels[0].Loss.String(); got != c.want {
			t.Errorf("%s is %s, not %s", c.said, got, c.want)
		}
	}
	for p, want := range map[float64]string{0.2: "20%", 0.07: "7%", 0.001: "1/1000", 0.29: "29%", 1e-9: "1/1000000000", 1e-300: "1/1000000000000000000"} {
		if got := OddsOf(p).String(); got != want {
			t.Errorf("%v is %s, not %s", p, got, want)
		}
	}
}

func TestChancesAreRefused(t *testing.T) {
	const text = "system coin;\nmessage TOSS from a { x: bool; }\nchannel there from a to b loses 1/300 delays 5..70;\n" +
		"machine a { free go { send TOSS { x: true }; } }\nmachine b { var n: 0..3; on TOSS(m) when m.x { n = 1; } }\nprobability one: b.n == 1;\nexpected tosses: TOSS;\n"
	for _, c := range []struct{ old, new, code string }{
		{"", "", ""},
		{"1/300", "3/2", "out-of-range"},
		{"1/300", "1/0", "out-of-range"},
		{"1/300", "101%", "out-of-range"},
		{"5..70", "70..5", "empty-range"},
		{"b.n == 1", "b.m == 1", "unknown-name"},
		{": TOSS", ": TOS", "unknown-name"},
		{"expected tosses", "expected one", "duplicate-name"},
		{"1/300", "1/", "machine-syntax"},
	} {
		_, ds := Load(&diag.File{Name: "coin", Text: []byte(strings.Replace(text, c.old, c.new, 1))})
		if c.code == "" && len(ds) > 0 || c.code != "" && !slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return d.Code == c.code }) {
			t.Errorf("%s instead of %s: %v", c.new, c.old, ds)
		}
	}
}
