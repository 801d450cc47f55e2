package lang

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"sprocketc/diag"
)

func TestEmittedNames(t *testing.T) {
	for _, c := range []struct{ name, exported, local, snake string }{
		{"plot", "Plot", "plot", "plot"},
		{"watt_hours", "WattHours", "wattHours", "watt_hours"},
		{"wattHours", "WattHours", "wattHours", "watt_hours"},
		{"WattHours", "WattHours", "wattHours", "watt_hours"},
		{"HTTPPort", "HTTPPort", "httpPort", "http_port"},
		{"ID", "ID", "id", "id"},
		{"x2_y", "X2Y", "x2Y", "x2_y"},
		{"a1B", "A1B", "a1B", "a1_b"},
		{"", "", "", ""},
	} {
		if GoName(c.name) != c.exported || GoLocal(c.name) != c.local || CName(c.name) != c.snake {
			t.Errorf("%s: %s %s %s, want %s %s %s", c.name, GoName(c.name), GoLocal(c.name), CName(c.name), c.exported, c.local, c.snake)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ name, candidates, want string }{
		{"emti", "emit crashes", "emit"},
		{"idempotnet", "idempotent pure", "idempotent"},
		{"crashs", "crashes", "crashes"},
		{"log", "lag leg", ""},        // two are as near
		{"x", "y", ""},                // nothing is alike
		{"stream", "stable", ""},      // too far
		{"ab", "ba", "ba"},            // neighbours swapped
		{"within", "within", ""},      // no hint at itself
		{"chann", "channel peer", ""}, // five letters allow one slip
	} {
		if got := nearest(c.name, strings.Fields(c.candidates)); got != c.want {
			t.Errorf("%s among %s: %q, want %q", c.name, c.candidates, got, c.want)
		}
	}
}

// Programs with a few tokens taken out, doubled, swapped or replaced: nothing panics, what still parses formats to the
// same tree, and what is reported lies in the text and in order.
func TestMutatedPrograms(t *testing.T) {
	var texts []string
	for _, name := range []string{"../corpus/examples/soil.sprocket", "testdata/format.in.sprocket"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	r := rand.New(rand.NewPCG(1, 2))
	accepted, rejected := 0, 0
	for range 600 {
		text := texts[r.IntN(len(texts))]
		tokens := lex(&diag.File{Text: []byte(text)})
		for range 1 + r.IntN(2) {
			i, j := r.IntN(len(tokens)), r.IntN(len(tokens))
			a, b := tokens[min(i, j)], tokens[max(i, j)]
			if tokenEnd(a) > len(text) || tokenEnd(b) > len(text) {
				continue
			}
			switch r.IntN(4) {
			case 0:
				text = text[:a.Pos.Offset] + text[tokenEnd(a):]
			case 1:
				text = text[:tokenEnd(a)] + " " + a.Value + text[tokenEnd(a):]
			case 2:
				text = text[:a.Pos.Offset] + b.Value + text[tokenEnd(a):]
			case 3:
				if tokenEnd(a) <= b.Pos.Offset {
					text = text[:a.Pos.Offset] + b.Value + text[tokenEnd(a):b.Pos.Offset] + a.Value + text[tokenEnd(b):]
				}
			}
		}
		_, found := Load(&diag.File{Text: []byte(text)})
		before := 0
		for _, d := range found {
			at := d.Primary()
			if at.File == nil || at.Start < before || at.End > len(text) {
				t.Fatalf("%s at %d..%d after %d\n%s", d.Code, at.Start, at.End, before, text)
			}
			before = at.Start
		}
		if len(found) > 0 {
			rejected++
		} else {
			accepted++
		}
		checkFormat(t, []byte(text))
	}
	if accepted < 20 || rejected < 200 {
		t.Errorf("%d accepted, %d rejected", accepted, rejected)
	}
}
