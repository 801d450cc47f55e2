package fsm

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sprocketc/diag"
)

// A timer that outlives calls, of a callee whose clock may run 1 % fast: 1.01 times 5 s and 30 s.
const outlivingText = `system quiet;
enum fn { open, shut }

message REQ from caller {
    x: bool;
}

channel up from caller to callee loses lives 5000;
channel down from callee to caller lives 4000;

machine caller {
    var wait: bool;
    timer expire 29000;

    on call(c) when !wait {
        wait = true;
        start expire;
        send REQ { x: true };
    }

    on timer expire {
        wait = false;
        complete timed_out open(none);
    }
}

machine callee crashes drift 10000 ppm {
    var got: bool;
    timer quiet 35350 outlives calls;
    timer rest 5050 outlives datagrams;

    on restart {
        start quiet;
        start rest;
    }

    on REQ(m) {
        when !running(quiet) {
            got = m.x;
        }
    }

    on timer quiet {
    }

    on timer rest {
        got = !got;
    }
}

within caller for fn { open: 30000, shut: 2000 };
check bounded;
`

func TestOutlivingReadsBack(t *testing.T) {
	s, ds := Load(&diag.File{Name: "quiet", Text: []byte(outlivingText)})
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	if got := s.String(); got != outlivingText {
		t.Error(cmp.Diff(outlivingText, got))
	}
	callee := s.Machine("callee")
	for i, want := range []Bound{{5000, 30000}, {5000, 0}} {
		if got, missing := s.Outliving(callee, callee.Timers[i]); got != want || missing != "" {
			t.Errorf("%s: %+v %s, want %+v", callee.Timers[i].Name, got, missing, want)
		}
	}
	// that it fires is an event, whatever it does
	if k := Slice(s).Machine("callee"); k.Event(OnTimer, "quiet") == nil || k.Timers[0].Outlives != OutlivesCalls {
		t.Errorf("sliced:\n%s", Slice(s))
	}
}

func TestOutlivingIsRefused(t *testing.T) {
	for _, c := range []struct{ old, new, code, says string }{
		{"quiet 35350", "quiet 35349", "too-short", "35349 ms: it has to be at least 35350 ms (5000 ms that a datagram lives, and 30000 ms until a call has ended, on a clock that may run 10000 parts in a million fast)"},
		{"rest 5050", "rest 5049..9000", "too-short", "5049 ms: it has to be at least 5050 ms (5000 ms that a datagram lives, on"},
		{" lives 4000", "", "too-short", "how long a datagram on channel `down` lives is not stated"},
		{" lives 4000", " lives 4000 delays 1..4001", "out-of-range", "takes up to 4001 ms to arrive, and lives 4000 ms"},
		{" lives 4000", " lives 4294967295", "too-short", "longer than a timer can run"},
		{", shut: 2000", "", "too-short", "when a call of `shut` has ended is not stated"},
		{"within caller for fn { open: 30000, shut: 2000 };", "", "too-short", "when a call of `open` has ended is not stated"},
		{"timer quiet 35350", "timer quiet", "out-of-range", "it needs one interval"},
		{"timer quiet 35350", "layer timer quiet 35350", "layer-type", "it cannot be a layer"},
		{"    on timer quiet {\n    }\n", "", "unknown-name", "there is no `on timer quiet`"},
		{"on REQ(m) {", "on REQ(m) when !got {", "may-wait", "`on REQ` has a condition"},
		{"outlives datagrams", "outlives everything", "machine-syntax", ""},
		{"    timer rest", strings.Repeat("    timer rest 5050 outlives datagrams;\n", MaxOutliving) + "    timer rest", "too-large", "at most 8 timers"},
	} {
		if !strings.Contains(outlivingText, c.old) {
			t.Fatalf("%q is not there", c.old)
		}
		_, ds := Load(&diag.File{Name: "quiet", Text: []byte(strings.Replace(outlivingText, c.old, c.new, 1))})
		if !slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return d.Code == c.code && strings.Contains(d.Message, c.says) }) {
			t.Errorf("%s instead of %s: %v", c.new, c.old, ds)
		}
	}
	alone := "system s;\nmachine m { timer t 10 outlives calls; on restart { start t; } on timer t { } }\n"
	if _, ds := Load(&diag.File{Name: "s", Text: []byte(alone)}); len(ds) != 1 || !strings.Contains(ds[0].Message, "no channel leads") {
		t.Error(ds)
	}
}

// The least interval that takes long enough in any case, to the millisecond.
func TestStretched(t *testing.T) {
	for _, c := range []struct {
		ms    uint64
		drift int
		want  uint32
		ok    bool
	}{{0, 0, 0, true}, {35000, 0, 35000, true}, {35000, 10000, 35350, true}, {1, 1, 2, true}, {1 << 31, 0, 0, false}, {1<<31 - 1, 0, 1<<31 - 1, true}, {1 << 60, 10000, 0, false}} {
		if got, ok := Stretched(c.ms, c.drift); got != c.want || ok != c.ok {
			t.Errorf("%d ms, %d ppm: %d %v, want %d %v", c.ms, c.drift, got, ok, c.want, c.ok)
		}
	}
}
