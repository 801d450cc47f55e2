package fsm

import (
	"os"
	"strings"
	"testing"

	"sprocketc/diag"
)

func pieces(t *testing.T) string {
	text, err := os.ReadFile("../corpus/models/pieces.fsm")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Nothing looks into what is known of pieces but what is made for it.
func TestPiecesAreHidden(t *testing.T) {
	for _, c := range []struct{ old, new, code string }{
		{"", "", ""},
		{"on PART(m) {", "on PART(m) when takes(got, m.at, size) {", "hidden-condition"},
		{"on PART(m) {", "on PART(m) when m.of == of {", "hidden-condition"},
		{"var ans: payload while done;", "var ans: payload while of == none;", "hidden-condition"},
		{"when !whole(got, size) {", "when got == size {", "type-mismatch"},
		{"when !whole(got, size) {", "when size < size {", "type-mismatch"},
		{"when !whole(got, size) {", "when of == 3 {", "type-mismatch"},
		{"when !whole(got, size) {", "when !whole(size, got) {", "type-mismatch"},
		{"when !whole(got, size) {", "when !whole(got) {", "unknown-name"},
		{"got = with(got, m.at);", "got = with(got, m.of);", "type-mismatch"},
		{"got = with(got, m.at);", "running = with(got, m.at);", "type-mismatch"},
		{"stage m.at = m.data of m.of;", "stage m.of = m.data of m.of;", "type-mismatch"},
		{"    var got: pieces;\n", "    var got: pieces[2];\n", "unknown-type"},
		{"    var got: pieces;\n", "    var got: pieces = 1;\n", "type-mismatch"},
		{"tail transmit() {", "tail transmit(p: piece) {", "type-mismatch"},
		{"check ", "invariant i: callee.got == callee.kept;\ncheck ", "hidden-condition"},
	} {
		_, ds := Load(&diag.File{Name: "pieces.fsm", Text: []byte(strings.Replace(pieces(t), c.old, c.new, 1))})
		found := c.code == "" && len(ds) == 0
		for _, d := range ds {
			found = found || d.Code == c.code
		}
		if !found {
			t.Errorf("%q: %v", c.new, ds)
		}
	}
}

// What marks a piece has names that nothing of the system has.
func TestMarkedIsNamedApart(t *testing.T) {
	text := strings.NewReplacer("record newest", "record staged", "persist newest", "persist staged", "unreadable(newest)", "unreadable(staged)",
		"var running: bool", "var staged_marked: bool", "when running {", "when staged_marked {", "running = ", "staged_marked = ").Replace(pieces(t))
	sys, ds := Load(&diag.File{Name: "pieces.fsm", Text: []byte(text)})
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	if _, ds := Load(&diag.File{Name: "marked", Text: []byte(Marked(sys).String())}); len(ds) > 0 {
		t.Error(ds[0].Message)
	}
}

// What the proof of the system sees has nothing of pieces left, and what that of intact sees is an ordinary system; neither
// changes the system that they are of.
func TestPiecesInProofs(t *testing.T) {
	sys, ds := Load(&diag.File{Name: "pieces.fsm", Text: []byte(pieces(t))})
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	before := sys.String()
	for name, k := range map[string]*System{"Slice": Slice(sys), "Hidden": Hidden(sys), "Marked": Marked(sys)} {
		again, ds := Load(&diag.File{Name: name, Text: []byte(k.String())})
		if len(ds) > 0 {
			t.Fatalf("%s: %s\n%s", name, ds[0].Message, k)
		}
		for _, word := range []string{"digest", "extent", "pieces", "stage m", "takes(", "whole(", "assembled("} {
			if strings.Contains(again.String(), word) {
				t.Errorf("%s has %s left", name, word)
			}
		}
	}
	if sys.String() != before {
		t.Error("the system was changed")
	}
	if plain := Slice(Hidden(sys)).String(); plain != Slice(sys).String() {
		t.Error("what is hidden twice differs")
	}
}
