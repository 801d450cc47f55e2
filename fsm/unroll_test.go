package fsm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sprocketc/diag"
)

func unrolled(t *testing.T, text string, lanes int) string {
	t.Helper()
	f, found := Unroll(&diag.File{Name: "lanes.fsm", Text: []byte(text)}, lanes)
	if len(found) > 0 {
		t.Fatalf("%.40q: %s", text, found[0].Message)
	}
	return string(f.Text)
}

// What is said of each lane is written out for each.
func TestUnroll(t *testing.T) {
	for _, c := range []struct {
		lanes      int
		text, want string
	}{
		{3, "each i { var n[i]: num; }", " var n0: num; var n1: num; var n2: num;"},
		{2, "var turn: lane; send A { lane: i };", "var turn: 0..1; send A { lane: i };"},
		{2, "each i { send A { lane: i, next: after(i) }; }", " send A { lane: 0, next: 1 }; send A { lane: 1, next: 0 };"},
		{3, "each i { each j after i { do f(i, j); } }", " do f(0, 1); do f(0, 2); do f(1, 2); do f(1, 0); do f(2, 0); do f(2, 1);"},
		{2, "when !any i (wait[i] && turn == i) { }", "when ! ((wait0 && turn == 0) || (wait1 && turn == 1)) { }"},
		{1, "each i { when any j after i (wait[j]) { } }", " when (false) { }"},
		{1, "each i { each j after i { do f(j); } do g(i); }", " do g(0);"},
		{2, "x = y[k]; when any { z[1] = i; }", "x = y[k]; when any { z[1] = i; }"}, // no words for lanes
		{2, "each i { on M(m) { when m.lane == i && wait[i] { i: x; } } }", " on M(m) { when m.lane == 0 && wait0 { i: x; } } on M(m) { when m.lane == 1 && wait1 { i: x; } }"},
		{2, "// each i { of them }\neach i { // one\n do f[i](); }", "// each i { of them }\n // one\n do f0(); // one\n do f1();"},
	} {
		got := strings.Join(strings.Fields(unrolled(t, c.text, c.lanes)), " ")
		if want := strings.Join(strings.Fields(c.want), " "); got != want {
			t.Errorf("%q for %d lanes is\n%s, not\n%s", c.text, c.lanes, got, want)
		}
	}
}

func TestUnrollRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"each i { var n[i];":              "unexpected end of the text, expected `}`",
		"any i (a":                        "unexpected end of the text, expected `)`",
		"each i after k { }":              "unexpected `k`, expected a word for a lane",
		"each i { x = after(k); }":        "unexpected `k`, expected a word for a lane",
		"each i { each i { } }":           "unexpected `i`, expected a word that does not stand for a lane yet",
		"each i { each j after i { f(j)":  "unexpected end of the text, expected `}`",
		"each i { x = after(i; }":         "unexpected `;`, expected `)`",
		"each i { when any i (a) { } }":   "unexpected `i`, expected a word that does not stand for a lane yet",
		"each i { any j after i (b) each": "unexpected end of the text, expected `}`",
	} {
		for lanes := 1; lanes <= 3; lanes++ {
			_, found := Unroll(&diag.File{Name: "lanes.fsm", Text: []byte(text)}, lanes)
			if len(found) != 1 || found[0].Message != want {
				t.Errorf("%q for %d lanes: %v, not %q", text, lanes, found, want)
			}
		}
	}
}

// A text without lanes is as it was, but for the spaces at its end.
func TestUnrollOfNothing(t *testing.T) {
	names, err := filepath.Glob("../corpus/models/*.fsm")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range append(names, "../schema/call.fsm") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := unrolled(t, string(text), 3); strings.TrimSpace(got) != strings.TrimSpace(string(text)) {
			t.Errorf("%s is changed", name)
		}
	}
}

func FuzzUnroll(f *testing.F) {
	text, err := os.ReadFile("../schema/window.fsm")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text), 2)
	f.Add("each i { each j after i { x[j] = after(i); } any k (wait[k]) }", 3)
	f.Fuzz(func(t *testing.T, text string, lanes int) {
		if len(text) > 2000 || lanes < 1 || lanes > 3 {
			return
		}
		file, found := Unroll(&diag.File{Name: "lanes.fsm", Text: []byte(text)}, lanes)
		if (file == nil) != (len(found) > 0) {
			t.Fatal("neither a text nor a mistake")
		}
		if file != nil {
			Parse(file)
		}
	})
}
